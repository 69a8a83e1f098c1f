"""Wrong losses of exercise 07, each with what to say about it."""

import torch
import torch.nn.functional as F

SUM = "You sum over the batch. Take the mean, or the loss grows with the batch size."
BOUNDED = (
    "You bound the scores first (a sigmoid or tanh). A critic gives no probabilities: its scores "
    "are used as they are."
)
LOGARITHM = (
    "That is binary cross-entropy, or a part of it: there is a sigmoid and a logarithm inside. "
    "Here no probability is involved."
)
FIRST = "You use the first sample only; the mean over the batch is asked for."
HALF = "That is half of it: nothing is to be halved here."
DOUBLE = "That is twice as much: nothing is to be doubled here."
SQUARED = "You square. The scores enter as they are here."
ONE_REAL = "The fake batch is missing."
ONE_FAKE = "The real batch is missing."
LARGEST = "You take the largest or smallest of the batch; the mean is asked for."
RELATIVE = (
    "You compare each real score with one fake score before the mean. Here each batch has a term "
    "of its own."
)


def sp(x):
    """Mean softplus."""
    return F.softplus(x).mean()


def up(x):
    """Mean of the positive part."""
    return F.relu(x).mean()


CRITIC_TWINS = {
    "sign": (
        lambda r, f: r.mean() - f.mean(),
        "The sign is turned. Real minus fake is the estimate of the distance, which the critic "
        "wants large; a loss is made small. (Or are the two arguments swapped? real_scores comes "
        "first.)",
    ),
    "sum_over_batch": (lambda r, f: f.sum() - r.sum(), SUM),
    "sum_over_batch_and_sign": (lambda r, f: r.sum() - f.sum(), SUM + " And the sign is turned."),
    "absolute": (
        lambda r, f: (f.mean() - r.mean()).abs(),
        "You take the absolute value. The loss may be negative, and must be: that is how the "
        "critic tells that it scores real samples higher.",
    ),
    "minus_absolute": (
        lambda r, f: -(f.mean() - r.mean()).abs(),
        "You take the absolute value, so a critic that scores fakes higher would be rewarded, too.",
    ),
    "absolute_scores": (
        lambda r, f: f.abs().mean() - r.abs().mean(),
        "You take the absolute value of the scores; use them with their sign.",
    ),
    "clipped_at_0": (
        lambda r, f: F.relu(f.mean() - r.mean()),
        "You cut negative values off. The loss may be negative: it then says that real samples "
        "score higher.",
    ),
    "clipped_each": (
        lambda r, f: up(f) - up(r),
        "You cut negative scores off; use the scores as they are.",
    ),
    "squared": (lambda r, f: (f.mean() - r.mean()).square(), SQUARED),
    "squared_differences": (lambda r, f: (f - r).square().mean(), SQUARED),
    "squared_scores": (lambda r, f: f.square().mean() - r.square().mean(), SQUARED),
    "real_only": (lambda r, f: -r.mean(), ONE_REAL + " The critic would score everything high."),
    "real_only_sign": (lambda r, f: r.mean(), ONE_REAL + " And the sign of real is turned."),
    "fake_only": (lambda r, f: f.mean(), ONE_FAKE + " The critic would score everything low."),
    "generators_loss": (lambda r, f: -f.mean(), "That is the generator's loss. " + ONE_FAKE),
    "added": (
        lambda r, f: f.mean() + r.mean(),
        "You add both means. The critic wants a difference between the two: mean fake minus mean "
        "real.",
    ),
    "both_raised": (
        lambda r, f: -f.mean() - r.mean(),
        "Both means have a minus: the critic would score fakes high as well.",
    ),
    "averaged": (lambda r, f: (f.mean() - r.mean()) / 2, HALF),
    "doubled": (lambda r, f: 2 * (f.mean() - r.mean()), DOUBLE),
    "sigmoid": (lambda r, f: f.sigmoid().mean() - r.sigmoid().mean(), BOUNDED),
    "sigmoid_and_sign": (lambda r, f: r.sigmoid().mean() - f.sigmoid().mean(), BOUNDED),
    "tanh": (lambda r, f: f.tanh().mean() - r.tanh().mean(), BOUNDED),
    "clamped": (lambda r, f: f.clamp(-1, 1).mean() - r.clamp(-1, 1).mean(), BOUNDED),
    "loss_clamped": (
        lambda r, f: (f.mean() - r.mean()).clamp(-1, 1),
        "You keep the loss between -1 and 1. It may be any number.",
    ),
    "cross_entropy": (lambda r, f: sp(-r) + sp(f), LOGARITHM),
    "cross_entropy_swapped": (lambda r, f: sp(r) + sp(-f), LOGARITHM),
    "half_cross_entropy": (lambda r, f: (sp(-r) + sp(f)) / 2, LOGARITHM),
    "value": (lambda r, f: -sp(-r) - sp(f), LOGARITHM),
    "log_probabilities": (lambda r, f: sp(-r) - sp(-f), LOGARITHM),
    "softplus": (lambda r, f: sp(f) - sp(r), LOGARITHM),
    "cross_entropy_real": (lambda r, f: sp(-r), LOGARITHM + " " + ONE_REAL),
    "cross_entropy_fake": (lambda r, f: sp(-f), LOGARITHM + " " + ONE_FAKE),
    "hinge": (
        lambda r, f: up(1 - r) + up(1 + f),
        "That is the hinge loss, the next task. The critic's loss has no margin.",
    ),
    "least_squares": (
        lambda r, f: (r - 1).square().mean() + f.square().mean(),
        "That is a squared error (least-squares GAN). The difference of two means is asked for.",
    ),
    "half_least_squares": (
        lambda r, f: ((r - 1).square().mean() + f.square().mean()) / 2,
        "That is a squared error (least-squares GAN). The difference of two means is asked for.",
    ),
    "relativistic": (lambda r, f: sp(f - r), LOGARITHM + " " + RELATIVE),
    "absolute_differences": (lambda r, f: (f - r).abs().mean(), RELATIVE),
    "positive_differences": (lambda r, f: up(f - r), RELATIVE),
    "drift": (
        lambda r, f: f.mean() - r.mean() + 1e-3 * r.square().mean(),
        "There is a small term more: 0.001 times the mean square of the real scores (the drift "
        "term of Karras et al. 2018). It is not asked for here.",
    ),
    "largest": (lambda r, f: f.max() - r.max(), LARGEST),
    "extremes": (lambda r, f: f.max() - r.min(), LARGEST),
    "median": (
        lambda r, f: f.median() - r.median(),
        "You take the median; the mean is asked for.",
    ),
    "ratio": (
        lambda r, f: f.mean() / r.mean(),
        "You divide the two means; their difference is asked for.",
    ),
    "product": (
        lambda r, f: -f.mean() * r.mean(),
        "You multiply the two means; their difference is asked for.",
    ),
    "first_sample": (lambda r, f: f[0].mean() - r[0].mean(), FIRST),
    "standardised": (
        lambda r, f: (f.mean() - r.mean()) / torch.cat([r, f]).std(),
        "You divide by the spread of the scores. Use them as they are.",
    ),
    "fakes_twice": (lambda r, f: 0 * r.mean(), "Your loss is always 0. Is one batch used twice?"),
}
MARGIN = "The margin is missing: real logits below 1 cost something, and fake ones above -1."
LABELS = (
    "Real and fake are swapped: real logits should be above 1, fake ones below -1. (Or are the "
    "two arguments swapped? real_logits comes first.)"
)
TURNED = (
    "The sign inside the relu is turned: it rewards what is wrong. A real logit of 3 keeps its "
    "margin and costs 0; one of 0 costs 1."
)
NO_RELU = (
    "Without the relu a logit far on the right side gets a reward. Beyond its margin a sample "
    "costs 0."
)
ORDER = "You average before the relu. First the cost of every sample, then the mean."
SOFT = "That is a softplus, a round relu. The hinge has a corner: F.relu."
HINGE_D_TWINS = {
    "swapped_labels": (lambda r, f: up(1 + r) + up(1 - f), LABELS),
    "minimum": (
        lambda r, f: -up(r - 1) - up(-1 - f),
        "You keep what is below 0 (a minimum), which rewards what is beyond the margin. The hinge "
        "keeps what is above 0: max(0, …).",
    ),
    "relu_of_logits": (
        lambda r, f: (1 - F.relu(r)).mean() + (1 + F.relu(f)).mean(),
        "The relu stands around the logit. It goes around the whole cost: relu(1 - real).",
    ),
    "relu_of_pairs": (
        lambda r, f: up(1 - r + 1 + f),
        "You add the costs of a real and a fake sample before the relu. Each batch has a relu of "
        "its own.",
    ),
    "capped": (
        lambda r, f: (1 - r).clamp(0, 1).mean() + (1 + f).clamp(0, 1).mean(),
        "You cut the cost off at 1. The hinge goes on growing: a worse answer costs more.",
    ),
    "relu_sign": (lambda r, f: up(r - 1) + up(-1 - f), TURNED),
    "relu_sign_real": (lambda r, f: up(r - 1) + up(1 + f), "In the real half: " + TURNED),
    "relu_sign_fake": (lambda r, f: up(1 - r) + up(-1 - f), "In the fake half: " + TURNED),
    "no_margin": (lambda r, f: up(-r) + up(f), MARGIN),
    "no_margin_swapped": (lambda r, f: up(r) + up(-f), MARGIN + " And the signs are turned."),
    "no_margin_real": (lambda r, f: up(-r) + up(1 + f), "In the real half: " + MARGIN),
    "no_margin_fake": (lambda r, f: up(1 - r) + up(f), "In the fake half: " + MARGIN),
    "margin_at_the_wrong_place": (
        lambda r, f: up(1 - r) + up(f - 1),
        "The margin of the fakes lies at +1. They should be below -1.",
    ),
    "all_real": (
        lambda r, f: up(1 - r) + up(1 - f),
        "Both batches are pushed above 1. Fakes should go below -1: relu(1 + fake).",
    ),
    "all_fake": (
        lambda r, f: up(1 + r) + up(1 + f),
        "Both batches are pushed below -1. Real logits should go above 1: relu(1 - real).",
    ),
    "real_only": (lambda r, f: up(1 - r), ONE_REAL),
    "fake_only": (lambda r, f: up(1 + f), ONE_FAKE),
    "sum_over_batch": (lambda r, f: F.relu(1 - r).sum() + F.relu(1 + f).sum(), SUM),
    "averaged": (lambda r, f: (up(1 - r) + up(1 + f)) / 2, HALF),
    "sign": (
        lambda r, f: -up(1 - r) - up(1 + f),
        "The sign is turned. That is what papers write when D makes it large; a loss is made "
        "small.",
    ),
    "difference": (
        lambda r, f: up(1 - r) - up(1 + f),
        "One of the two terms has the wrong sign: both errors of D cost something.",
    ),
    "other_difference": (
        lambda r, f: up(1 + f) - up(1 - r),
        "One of the two terms has the wrong sign: both errors of D cost something.",
    ),
    "product": (lambda r, f: up(1 - r) * up(1 + f), "You multiply the terms; add them."),
    "no_relu": (lambda r, f: (1 - r).mean() + (1 + f).mean(), NO_RELU),
    "relu_after_mean": (lambda r, f: F.relu(1 - r.mean()) + F.relu(1 + f.mean()), ORDER),
    "relu_of_all": (lambda r, f: F.relu((1 - r).mean() + (1 + f).mean()), ORDER),
    "squared": (
        lambda r, f: F.relu(1 - r).square().mean() + F.relu(1 + f).square().mean(),
        "You square the costs. The hinge grows in a straight line.",
    ),
    "absolute": (
        lambda r, f: (1 - r).abs().mean() + (1 + f).abs().mean(),
        "You take the absolute value, so a logit beyond its margin costs as well. F.relu cuts "
        "that off.",
    ),
    "leaky": (
        lambda r, f: F.leaky_relu(1 - r, 0.2).mean() + F.leaky_relu(1 + f, 0.2).mean(),
        "A leaky relu rewards logits beyond the margin. Use F.relu.",
    ),
    "leaky_a_little": (
        lambda r, f: F.leaky_relu(1 - r).mean() + F.leaky_relu(1 + f).mean(),
        "A leaky relu rewards logits beyond the margin. Use F.relu.",
    ),
    "softplus": (lambda r, f: sp(1 - r) + sp(1 + f), SOFT),
    "sigmoid": (lambda r, f: up(1 - r.sigmoid()) + up(1 + f.sigmoid()), BOUNDED),
    "tanh": (lambda r, f: up(1 - r.tanh()) + up(1 + f.tanh()), BOUNDED),
    "relativistic": (lambda r, f: up(1 - (r - f)), RELATIVE),
    "relativistic_mean": (
        lambda r, f: up(1 - (r - f.mean())) + up(1 + (f - r.mean())),
        "You compare with the mean of the other batch (a relativistic hinge). Here each batch has "
        "a term of its own.",
    ),
    "margin_2": (lambda r, f: up(2 - r) + up(2 + f), "Your margin is 2; it should be 1."),
    "margin_half": (lambda r, f: up(0.5 - r) + up(0.5 + f), "Your margin is 0.5; it should be 1."),
    "wasserstein": (
        lambda r, f: f.mean() - r.mean(),
        "That is the critic's loss of the first task. The hinge has a margin and a relu.",
    ),
    "cross_entropy": (lambda r, f: sp(-r) + sp(f), LOGARITHM),
    "least_squares": (
        lambda r, f: (r - 1).square().mean() + (f + 1).square().mean(),
        "That is a squared error, which also punishes logits beyond the margin.",
    ),
    "larger_one": (lambda r, f: torch.maximum(up(1 - r), up(1 + f)), "Add the two terms."),
    "first_sample": (lambda r, f: up(1 - r[0]) + up(1 + f[0]), FIRST),
    "largest": (lambda r, f: F.relu(1 - r).max() + F.relu(1 + f).max(), LARGEST),
    "accuracy": (
        lambda r, f: (r < 1).double().mean() + (f > -1).double().mean(),
        "You count the samples that miss their margin. A count has no slope.",
    ),
}
IN_G = (
    "There is a hinge in G's loss. The margin is D's business: G just wants high logits, so that "
    "its gradient never ends."
)
HINGE_G_TWINS = {
    "hinge_in_g": (lambda f: up(1 - f), IN_G),
    "relu_in_g": (lambda f: up(-f), IN_G),
    "minus_relu": (lambda f: -up(f), IN_G),
    "hinge_of_d": (lambda f: up(1 + f), IN_G + " And this one lowers them: it is D's term."),
    "minus_hinge_of_d": (lambda f: -up(1 + f), IN_G + " This is minus D's term."),
    "other_hinge": (lambda f: -up(1 - f), IN_G + " And this one lowers them."),
    "sign": (
        lambda f: f.mean(),
        "The sign is turned: made small, this makes the logits of the fakes small.",
    ),
    "sum_over_batch": (lambda f: -f.sum(), SUM),
    "averaged": (lambda f: -f.mean() / 2, HALF),
    "doubled": (lambda f: -2 * f.mean(), DOUBLE),
    "one_minus": (
        lambda f: 1 - f.mean(),
        "There is a constant 1 too many. The gradient is right, the number is not.",
    ),
    "minus_one_minus": (
        lambda f: -1 - f.mean(),
        "There is a constant -1 too many. The gradient is right, the number is not.",
    ),
    "absolute": (lambda f: -f.abs().mean(), "You take the absolute value; keep the sign."),
    "absolute_up": (lambda f: f.abs().mean(), "You take the absolute value; keep the sign."),
    "absolute_mean": (lambda f: f.mean().abs(), "You take the absolute value; keep the sign."),
    "squared": (lambda f: (f - 1).square().mean(), SQUARED),
    "squared_0": (lambda f: f.square().mean(), SQUARED),
    "cross_entropy": (lambda f: sp(-f), LOGARITHM),
    "saturating": (lambda f: -sp(f), LOGARITHM),
    "cross_entropy_fake": (lambda f: sp(f), LOGARITHM),
    "sigmoid": (lambda f: -f.sigmoid().mean(), BOUNDED),
    "tanh": (lambda f: -f.tanh().mean(), BOUNDED),
    "clamped": (lambda f: -f.clamp(-1, 1).mean(), BOUNDED),
    "largest": (lambda f: -f.max(), LARGEST),
    "smallest": (lambda f: -f.min(), LARGEST),
    "median": (lambda f: -f.median(), "You take the median; the mean is asked for."),
    "first_sample": (lambda f: -f[0].mean(), FIRST),
    "constant": (lambda f: 0 * f.mean(), "Your loss is always 0, so G learns nothing."),
}
