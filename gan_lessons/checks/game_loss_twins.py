"""Wrong losses that learners write, each with what to say about it.

`s` is the probability of real, `sp` the cross-entropy of logits with the label 0.
"""

import math

import torch
import torch.nn.functional as F

HINT = "Use F.binary_cross_entropy_with_logits."


def sp(x):
    """Mean softplus: cross-entropy of the logits x with the label 0."""
    return F.softplus(x).mean()


def s(x):
    """Probability of real."""
    return torch.sigmoid(x)


TWICE = (
    "A sigmoid is applied twice: ..._with_logits has one inside. Give it the logits as they are."
)
SQUARED = "That is a squared error (least-squares GAN). Binary cross-entropy is asked for."
ORDER = "You average before the loss. First the loss of every sample, then the mean."
NO_LOG = "The logarithm is missing: cross-entropy is minus the log of the probability."
BASE = "Your logarithm has another base; the natural one is meant: torch.log."
SUM = "You sum over the batch. Take the mean, or the loss grows with the batch size."
BRACKET = "A bracket stands wrong: the fakes cost -log(1 - sigmoid(logit))."
ONE_SIGN = "One of the two terms has the wrong sign: both errors of D cost something."
ONE_COLUMN = (
    "Cross-entropy over a single column is always 0: softmax of one number is 1. The *binary* "
    "cross-entropy is asked for. "
)
BOUNDED = "You bound the logits first, so D could never be sure. Use them as they are."
SCALED = "You double the logits first; use them as they are."
LARGEST = "You take the largest of the batch; the mean is asked for."
DISCRIMINATOR_TWINS = {
    "swapped_labels": (
        lambda r, f: sp(r) + sp(-f),
        "The labels are swapped: you teach D to call real images fake. Real is 1, fake is 0. (Or "
        "are the two arguments swapped? real_logits comes first.)",
    ),
    "all_labelled_real": (
        lambda r, f: sp(-r) + sp(-f),
        "Both batches have the label 1. The fakes should be called 0.",
    ),
    "all_labelled_fake": (
        lambda r, f: sp(r) + sp(f),
        "Both batches have the label 0. The real ones should be called 1.",
    ),
    "real_only": (lambda r, f: sp(-r), "The fake batch is missing: D would never see a fake."),
    "fake_only": (lambda r, f: sp(f), "The real batch is missing: D would never see a real image."),
    "real_twice": (
        lambda r, f: sp(-r) + sp(r),
        "The second term uses the real logits again; the fake ones belong there.",
    ),
    "fake_twice": (
        lambda r, f: sp(-f) + sp(f),
        "The first term uses the fake logits; the real ones belong there.",
    ),
    "generators_loss": (
        lambda r, f: sp(-f),
        "That is the generator's loss. D wants the fakes to be called 0.",
    ),
    "averaged": (
        lambda r, f: (sp(-r) + sp(f)) / 2,
        "That is half of it: the two means are added, not averaged. (It would train, too, but its "
        "numbers are not those of the lesson: 2 log 2 for an undecided D.)",
    ),
    "larger_one": (
        lambda r, f: torch.maximum(sp(-r), sp(f)),
        "You take the larger of the two terms; their sum is asked for.",
    ),
    "product": (
        lambda r, f: sp(-r) * sp(f),
        "You multiply the two terms; their sum is asked for.",
    ),
    "sum_over_batch": (lambda r, f: F.softplus(-r).sum() + F.softplus(f).sum(), SUM),
    "sigmoid_twice": (lambda r, f: sp(-s(r)) + sp(s(f)), TWICE),
    "sigmoid_twice_real": (lambda r, f: sp(-s(r)) + sp(f), "In the real half: " + TWICE),
    "sigmoid_twice_fake": (lambda r, f: sp(-r) + sp(s(f)), "In the fake half: " + TWICE),
    "sign": (
        lambda r, f: -sp(-r) - sp(f),
        "The sign is turned. That is the value V, which D wants large; a loss is made small.",
    ),
    "difference": (lambda r, f: sp(-r) - sp(f), ONE_SIGN),
    "other_difference": (lambda r, f: sp(f) - sp(-r), ONE_SIGN),
    "opposite_of_wish": (
        lambda r, f: sp(-r) - sp(-f),
        "The fakes have minus the cross-entropy with the label 1, which has no lower end. It is "
        "plus the cross-entropy with the label 0.",
    ),
    "sigmoid_of_one_minus": (lambda r, f: sp(-r) + sp(f - 1), BRACKET),
    "one_minus_log": (lambda r, f: sp(-r) - 1 - sp(-f), BRACKET),
    "one_minus_loss": (
        lambda r, f: sp(-r) + 1 - sp(-f),
        "One minus a loss is not the loss of the other label. Fakes have the label 0.",
    ),
    "wasserstein": (
        lambda r, f: f.mean() - r.mean(),
        "That is the critic's loss of a Wasserstein GAN (lesson 07). Here binary cross-entropy is "
        "asked for.",
    ),
    "wasserstein_turned": (
        lambda r, f: r.mean() - f.mean(),
        "That is a difference of mean logits. Here binary cross-entropy is asked for.",
    ),
    "hinge": (
        lambda r, f: F.relu(1 - r).mean() + F.relu(1 + f).mean(),
        "That is the hinge loss (lesson 07). Here binary cross-entropy is asked for.",
    ),
    "least_squares": (lambda r, f: (r - 1).square().mean() + f.square().mean(), SQUARED),
    "half_least_squares": (
        lambda r, f: ((r - 1).square().mean() + f.square().mean()) / 2,
        SQUARED,
    ),
    "squared_probabilities": (
        lambda r, f: (s(r) - 1).square().mean() + s(f).square().mean(),
        SQUARED,
    ),
    "absolute_error": (
        lambda r, f: (1 - r).abs().mean() + f.abs().mean(),
        "That is the absolute error. Binary cross-entropy is asked for.",
    ),
    "relativistic": (
        lambda r, f: sp(f - r),
        "You compare each real logit with a fake one (a relativistic GAN). Here each batch has a "
        "term of its own.",
    ),
    "log_of_mean": (lambda r, f: -s(r).mean().log() - (1 - s(f)).mean().log(), ORDER),
    "mean_of_logits": (lambda r, f: sp(-r.mean()) + sp(f.mean()), ORDER),
    "no_log": (lambda r, f: -s(r).mean() + s(f).mean(), NO_LOG),
    "no_log_negative": (lambda r, f: -s(r).mean() - (1 - s(f)).mean(), NO_LOG),
    "no_log_distance": (lambda r, f: (1 - s(r)).mean() + s(f).mean(), NO_LOG),
    "accuracy": (
        lambda r, f: ((r > 0).double().mean() + (f < 0).double().mean()) / 2,
        "That is the share of right answers. It has no slope, so nothing can learn from it.",
    ),
    "base_2": (lambda r, f: (sp(-r) + sp(f)) / math.log(2), BASE),
    "base_10": (lambda r, f: (sp(-r) + sp(f)) / math.log(10), BASE),
    "one_column": (lambda r, f: 0 * r.mean(), ONE_COLUMN + HINT),
    "softmax_over_batch": (
        lambda r, f: -r.log_softmax(0).mean() - (-f).log_softmax(0).mean(),
        "Your softmax runs over the batch: samples compete with each other. Each sample has its "
        "own yes or no. " + HINT,
    ),
    "scaled_logits": (lambda r, f: sp(-2 * r) + sp(2 * f), SCALED),
    "tanh_first": (lambda r, f: sp(-r.tanh()) + sp(f.tanh()), BOUNDED),
    "clamped": (lambda r, f: sp(-r.clamp(-1, 1)) + sp(f.clamp(-1, 1)), BOUNDED),
    "largest": (lambda r, f: F.softplus(-r).max() + F.softplus(f).max(), LARGEST),
    "first_sample": (
        lambda r, f: sp(-r[0]) + sp(f[0]),
        "You use the first sample of each batch only; the mean over the batch is asked for.",
    ),
}
GENERATOR_TWINS = {
    "saturating": (
        lambda f: -sp(f),
        "That is the saturating loss, mean log(1 - D): its gradient fades just where G is worst. "
        "The non-saturating one asks for the label 1.",
    ),
    "labelled_fake": (
        lambda f: sp(f),
        "The label is 0: you reward G when D catches it. G wants its samples called 1.",
    ),
    "sign": (
        lambda f: -sp(-f),
        "The sign is turned: made small, this makes the probability of real small.",
    ),
    "both_labels": (
        lambda f: sp(f) + sp(-f),
        "You ask for the label 1 and the label 0 at once. G wants its samples called 1.",
    ),
    "sum_over_batch": (lambda f: F.softplus(-f).sum(), SUM),
    "sigmoid_twice": (lambda f: sp(-s(f)), TWICE),
    "averaged": (lambda f: sp(-f) / 2, "That is half of it: nothing is to be halved here."),
    "doubled": (lambda f: 2 * sp(-f), "That is twice as much: there is one batch only."),
    "wasserstein": (
        lambda f: -f.mean(),
        "That is the generator's loss of a Wasserstein or hinge GAN (lesson 07). Here binary "
        "cross-entropy with the label 1 is asked for.",
    ),
    "mean_logit": (
        lambda f: f.mean(),
        "That is the mean of the logits: no cross-entropy, and G would make it small, that is "
        "look more fake.",
    ),
    "hinge": (
        lambda f: F.relu(1 - f).mean(),
        "That is a hinge loss. Binary cross-entropy with the label 1 is asked for.",
    ),
    "least_squares": (lambda f: (f - 1).square().mean(), SQUARED),
    "half_least_squares": (lambda f: (f - 1).square().mean() / 2, SQUARED),
    "squared_probabilities": (lambda f: (s(f) - 1).square().mean(), SQUARED),
    "log_of_mean": (lambda f: -s(f).mean().log(), ORDER),
    "mean_of_logits": (lambda f: sp(-f.mean()), ORDER),
    "no_log": (lambda f: -s(f).mean(), NO_LOG),
    "one_minus": (lambda f: 1 - s(f).mean(), NO_LOG),
    "mean_probability": (
        lambda f: s(f).mean(),
        "That is D's mean probability of real. Made small, it makes G worse; " + NO_LOG.lower(),
    ),
    "accuracy": (
        lambda f: (f < 0).double().mean(),
        "That is the share of fakes that D catches. It has no slope, so nothing can learn from it.",
    ),
    "base_2": (lambda f: sp(-f) / math.log(2), BASE),
    "base_10": (lambda f: sp(-f) / math.log(10), BASE),
    "one_column": (lambda f: 0 * f.mean(), ONE_COLUMN + HINT),
    "softmax_over_batch": (
        lambda f: -f.log_softmax(0).mean(),
        "Your softmax runs over the batch: samples compete with each other. Each sample has its "
        "own yes or no. " + HINT,
    ),
    "scaled_logits": (lambda f: sp(-2 * f), SCALED),
    "tanh_first": (lambda f: sp(-f.tanh()), BOUNDED),
    "clamped": (lambda f: sp(-f.clamp(-1, 1)), BOUNDED),
    "largest": (lambda f: F.softplus(-f).max(), LARGEST),
    "first_sample": (
        lambda f: sp(-f[0]),
        "You use the first sample only; the mean over the batch is asked for.",
    ),
}
