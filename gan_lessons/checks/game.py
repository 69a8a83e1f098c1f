"""Checkers of exercise 01: the value, the best discriminator, the divergence, the two losses.

Each answer is compared with the right one and with wrong twins on the same seeded inputs.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F

from gan_lessons.checks.core import (
    Exercise,
    Mistake,
    attempted,
    close,
    describe,
    name_twin,
    scalar,
    untouched,
)
from gan_lessons.data import mixture_1d
from gan_lessons.losses import discriminator_loss, generator_loss


def numbers(n, seed, low=-3.0, high=3.0):
    """Uniform numbers (n, 1), the same on every machine."""
    generator = torch.Generator().manual_seed(seed)
    return low + (high - low) * torch.rand(n, 1, generator=generator)


def say(value):
    """A number for a message."""
    return f"{float(value):.3f}"


# ---- p / (p + q)


def tensor(output, shape):
    """A learner's output as float64 of the given shape."""
    output = attempted(output)
    if isinstance(output, np.ndarray | np.generic | int | float | list):
        output = torch.as_tensor(np.asarray(output))
    if not isinstance(output, torch.Tensor):
        raise Mistake(
            "wrong_type", f"The result must be a tensor, but it is a {type(output).__name__}."
        )
    if output.shape != shape:
        raise Mistake(
            "wrong_shape",
            f"For densities of shape {tuple(shape)} the result has shape {tuple(output.shape)}. "
            "Each place has its own answer: no mean, no sum over the places.",
        )
    return output.detach().double()


def examine_optimal_discriminator(answer):
    p = torch.tensor([0.4, 0.1, 0.3, 0.05, 0.0, 0.2])
    q = torch.tensor([0.1, 0.3, 0.3, 0.2, 0.5, 0.0])
    before = p.clone(), q.clone()
    try:
        output = tensor(answer(p, q), p.shape)
    except RuntimeError as error:
        if "Boolean value of Tensor" in str(error) or "bool value of Tensor" in str(error):
            raise Mistake(
                "if_on_a_tensor",
                "An `if` needs one yes or no, but the densities are many numbers at once. "
                "torch.where(condition, a, b) chooses place by place.",
            ) from None
        raise
    for x, y, name in ((before[0], p, "p_real"), (before[1], q, "p_fake")):
        untouched(x, y, name)
    p, q = p.double(), q.double()
    right = p / (p + q)
    twins = {
        "swapped": (
            [q / (p + q)],
            "You give the probability of *fake*. At a place where only real samples occur, D "
            "should "
            "say 1, but yours says 0. Which density belongs on top?",
        ),
        "ratio_of_densities": (
            [p / q],
            "p_real / p_fake is the ratio of the densities. It runs from 0 to infinity; a "
            "probability compares p_real with *both* together.",
        ),
        "logit": (
            [(p / q).log()],
            "That is the logit of the best D, log p_real - log p_fake. Here its probability is "
            "asked for: the sigmoid of that.",
        ),
        "difference": ([p - q], "p_real - p_fake is no probability: it can be negative."),
        "sigmoid_of_difference": (
            [torch.sigmoid(p - q)],
            "sigmoid(p_real - p_fake) lies between 0 and 1, but it is not the best answer: at a "
            f"place with densities 0.4 and 0.1 D should say 0.800, yours says "
            f"{say(torch.sigmoid(p - q)[0])}. Put the *logarithms* of the densities there.",
        ),
        "sigmoid_of_ratio": (
            [torch.sigmoid(p / q)],
            "sigmoid(p_real / p_fake) is never below one half. The sigmoid wants the logarithm "
            "of the ratio.",
        ),
        "hard_decision": (
            [(p > q).double()],
            "You decide for the denser side, yes or no. The best D says *how likely* real is.",
        ),
        "normalised_over_places": (
            [p / (p + q).sum()],
            "You divide by the sum over all places. Each place has its own sum, p_real + p_fake.",
        ),
        "only_p_real": ([p], "That is p_real itself. A density is no probability of real."),
        "half_the_mixture": (
            [p / ((p + q) / 2)],
            "You divide by the mean of the densities, so the result goes up to 2. Divide by the "
            "sum.",
        ),
    }
    if not output.isfinite().all():
        bad = int((~output.isfinite()).nonzero()[0])
        if bad in (4, 5):
            name_twin([output], {k: v for k, v in twins.items() if k in ("logit",)})
            name_twin(
                [output[:4]], {k: ([v[0][0][:4]], v[1]) for k, v in twins.items() if v[0] != []}
            )
        raise Mistake(
            "not_finite",
            f"At densities {before[0][bad]:.2g} and {before[1][bad]:.2g} the result is "
            f"{output[bad].item()}. One density may be 0.",
        )
    name_twin([output], twins)
    if not close(output, right):
        bad = int((output - right).abs().argmax())
        raise Mistake(
            "other_formula",
            f"At densities p_real = {p[bad]:.2g} and p_fake = {q[bad]:.2g} the best D says "
            f"{right[bad]:.3f}, yours says {output[bad]:.3f}. Which share of the samples at this "
            "place is real?",
        )
    empty = tensor(answer(torch.zeros(3), torch.zeros(3)), torch.Size([3]))
    if empty.isnan().any():
        raise Mistake(
            "empty_places",
            "Where both densities are 0, your result is nan (0 / 0). No sample ever comes from "
            "there; "
            "let D say 0.5.",
        )
    if not close(empty, torch.full((3,), 0.5)):
        raise Mistake(
            "empty_places",
            f"Where both densities are 0, your result is {empty[0]:.3g}; it should be 0.5. A small "
            "number added to the denominator avoids nan, but does not give one half.",
        )
    grid = torch.rand(3, 4, generator=torch.Generator().manual_seed(0))
    if not close(tensor(answer(grid, 1 - grid), grid.shape), grid):
        raise Mistake("one_axis_only", "For densities of shape (3, 4) the result is another one.")


# ---- V(D, G) and the divergence


def examine_value_function(answer):
    d_real, d_fake = torch.sigmoid(numbers(7, 1)), torch.sigmoid(numbers(7, 2))
    before = d_real.clone(), d_fake.clone()
    output = scalar(answer(d_real, d_fake), "the value")
    untouched(before[0], d_real, "d_real")
    untouched(before[1], d_fake, "d_fake")
    r, f = d_real.double(), d_fake.double()
    real, fake = r.log().mean(), (1 - f).log().mean()
    swapped = f.log().mean() + (1 - r).log().mean()
    twins = {
        "sign": (
            [-(real + fake)],
            "That is the value with its sign turned: the loss of D. V itself is what D wants "
            "large, "
            f"and it is never positive: {say(real + fake)} here.",
        ),
        "no_one_minus": (
            [real + f.log().mean()],
            "Your second term rewards D for calling fakes real. It is log(1 - D(fake)).",
        ),
        "real_only": ([real], "The fakes have no term yet: mean of log(1 - D(fake))."),
        "fake_only": ([fake], "The real samples have no term yet: mean of log D(real)."),
        "swapped": ([swapped], "The two batches have changed places."),
        "sum": (
            [r.log().sum() + (1 - f).log().sum()],
            "You take sums, so the value depends on the batch size. V is made of means.",
        ),
        "log_of_mean": (
            [r.mean().log() + (1 - f).mean().log()],
            "You take the logarithm of the mean. V is the mean of the logarithms, and the order "
            "matters: the logarithm is not linear.",
        ),
        "averaged": ([(real + fake) / 2], "V is the sum of the two terms, not their mean."),
        "base_2": (
            [(real + fake) / math.log(2)],
            "Your logarithm has base 2; the natural one is meant.",
        ),
        "base_10": (
            [(real + fake) / math.log(10)],
            "Your logarithm has base 10; the natural one is meant: torch.log.",
        ),
        "no_log": ([r.mean() + (1 - f).mean()], "The logarithms are missing."),
        "takes_logits": (
            [F.logsigmoid(r).mean() + F.logsigmoid(-f).mean()],
            "You apply a sigmoid, but d_real and d_fake are probabilities already.",
        ),
    }
    said = f"For these probabilities V is {say(real + fake)}, yours is {say(output)}. "
    name_twin([output], {id: (values, said + text) for id, (values, text) in twins.items()})
    if not close(output, real + fake):
        raise Mistake(
            "other_formula",
            said + "V = mean of log d_real + mean of log(1 - d_fake).",
        )


def examine_js_divergence(answer):
    x = torch.linspace(-8, 8, 801, dtype=torch.float64)
    dx = 0.02
    p, q = (mixture_1d(m, 0.8).density(x.float()[:, None]).double() for m in ((-1.0, 2.0), (0.5,)))
    m = (p + q) / 2
    kl = {
        "pm": (p * (p / m).log()).sum() * dx,
        "qm": (q * (q / m).log()).sum() * dx,
        "pq": (p * (p / q).log()).sum() * dx,
        "qp": (q * (q / p).log()).sum() * dx,
    }
    right = (kl["pm"] + kl["qm"]) / 2
    before = p.clone(), q.clone()
    output = scalar(answer(p, q, dx), "the divergence")
    untouched(before[0], p, "p")
    untouched(before[1], q, "q")
    said = f"The divergence of these two densities is {say(right)}, yours is {say(output)}. "
    twins = {
        "not_halved": ([2 * right], "You add the two divergences; JS is their mean."),
        "kl_forward": ([kl["pq"]], "That is KL(p, q). JS compares p and q with their *mixture*."),
        "kl_backward": ([kl["qp"]], "That is KL(q, p). JS compares p and q with their *mixture*."),
        "jeffreys": (
            [(kl["pq"] + kl["qp"]) / 2],
            "You compare p with q and q with p. Both are to be compared with the mixture (p + "
            "q) / 2.",
        ),
        "jeffreys_sum": (
            [kl["pq"] + kl["qp"]],
            "You compare p with q and q with p. Both are to be compared with the mixture (p + "
            "q) / 2.",
        ),
        "no_dx": ([right / dx], "The sum needs the width dx of a step to become an integral."),
        "mean": (
            [right / dx / len(x)],
            "You take the mean over the places. The integral is the sum times dx.",
        ),
        "mixture_not_halved": (
            [right - math.log(2)],
            "Your mixture is p + q, which integrates to 2. Halve it.",
        ),
        "one_side": ([kl["pm"]], "That is the half of p alone; q has one, too."),
        "other_side": ([kl["qm"]], "That is the half of q alone; p has one, too."),
        "value": ([2 * right - math.log(4)], "That is V at the best D. JS is asked for."),
        "base_2": (
            [right / math.log(2)],
            "Your logarithm has base 2; the natural one is meant: torch.log.",
        ),
        "root": ([right.sqrt()], "You took the square root (the JS *distance*). Leave it out."),
        "sign": ([-right], "The sign is turned: a divergence is never negative."),
    }
    name_twin([output], {id: (values, said + text) for id, (values, text) in twins.items()})
    if not close(output, right):
        raise Mistake(
            "other_formula", said + "Is it (KL(p, m) + KL(q, m)) / 2 with m = (p + q) / 2?"
        )
    apart = torch.zeros(100), torch.zeros(100)
    apart[0][:50], apart[1][50:] = 0.2, 0.2
    output = answer(*apart, 0.1)
    if not math.isfinite(float(output)):
        raise Mistake(
            "zero_density",
            "Where a density is 0, your result is nan or infinite: 0 · log 0 counts as 0. "
            "torch.xlogy(p, r) is p · log r with that rule, or leave those places out.",
        )
    if not close(float(output), math.log(2), atol=1e-3):
        raise Mistake(
            "zero_density",
            f"For two densities that never meet JS is log 2 = 0.693, yours is {say(output)}. What "
            "happens in your sum where one of them is 0?",
        )


# ---- the losses


def call_loss(answer, *logits):
    """Call a loss; the usual exception is explained."""
    try:
        return scalar(answer(*logits))
    except (RuntimeError, ValueError) as error:
        text = str(error)
        if "between 0 and 1" in text:
            raise Mistake(
                "bce_of_logits",
                "F.binary_cross_entropy wants probabilities, but D gives logits, which have no "
                "bounds. Use F.binary_cross_entropy_with_logits.",
            ) from None
        if "arget size" in text or "size of tensor" in text:
            raise Mistake(
                "wrong_target_shape",
                f"The labels do not have the shape of the logits ({tuple(logits[0].shape)}): "
                f"{text} "
                "torch.ones_like(logits) always fits.",
            ) from None
        raise


def compare_loss(answer, right, twins, seeds):
    """Values on three batches against the right loss, the twins, and smoothed labels.

    Returns the remark to praise with, or None.
    """
    arguments = len(seeds)
    batches = [[numbers(n, 10 * n + s) for s in seeds] for n in (6, 9)]
    outputs = []
    for batch in batches:
        before = [b.clone() for b in batch]
        try:
            outputs.append(call_loss(answer, *batch).detach())
        except Mistake as mistake:
            if mistake.id != "not_finite" and len(outputs) == 1:
                raise Mistake(
                    "batch_size_fixed",
                    f"It works for a batch of 6 and fails for one of 9. {mistake}",
                ) from None
            raise
        for a, b, name in zip(before, batch, ("the logits", "the fake logits"), strict=False):
            untouched(a, b, name)
    wide = [[b.double() for b in batch] for batch in batches]
    expected = [right(*batch) for batch in wide]
    said = (
        f"On the first test batch your loss is {say(outputs[0])}, it should be {say(expected[0])}. "
    )
    remark = None
    if not all(close(a, b) for a, b in zip(outputs, expected, strict=True)):
        made = {
            id: ([twin(*batch) for batch in wide], said + text)
            for id, (twin, text) in twins.items()
        }
        name_twin(outputs, made)
        remark = smoothing(outputs, expected, wide)
        if remark is None:
            raise Mistake(
                "other_formula",
                said + "For logits 0 D says one half everywhere, and the loss is "
                f"{say(right(*[torch.zeros(4, 1)] * arguments))}.",
            )
    return remark


def smoothing(outputs, expected, batches):
    """Labels a little inside 0 and 1 are a known, right variant: the remark for them, or None.

    Cross-entropy is linear in the label: a label of x moved by e changes the loss by -e · mean(x).
    """
    rows = torch.stack([torch.stack([x.mean() for x in batch]) for batch in batches])
    change = torch.stack([a - b for a, b in zip(outputs, expected, strict=True)])
    moved = torch.linalg.lstsq(rows, -change[:, None]).solution[:, 0]
    if len(batches) > len(moved) and not close(rows @ moved, -change):
        return None
    inward = -0.31 < moved[0] < 0 and (len(moved) == 1 or -1e-3 < moved[1] < 0.31)
    if not inward:
        return None
    return (
        f"Your labels are smoothed: real counts as {1 + moved[0].item():.2f}. That is a known "
        "trick (Salimans et al. 2016), and right; with the label 1 it is the plain loss."
    )


def check_gradients(answer, right, seeds, names):
    """The loss must carry a gradient to each batch of logits."""
    logits = [numbers(6, 60 + s).requires_grad_() for s in seeds]
    output = scalar(answer(*logits))
    if not output.requires_grad:
        raise Mistake(
            "no_gradient",
            "The number is right, but it carries no gradient, so nothing could learn from it. Look "
            "for .item(), .detach(), torch.no_grad() or numpy in your function.",
        )
    found = torch.autograd.grad(output, logits, allow_unused=True)
    for gradient, name in zip(found, names, strict=True):
        if gradient is None or not gradient.abs().sum() > 0:
            raise Mistake(
                "half_detached",
                f"No gradient reaches the {name}: from that half nothing is learned. Is there a "
                ".detach() or .data too many?",
            )


def remark_on_large_logits(answer, *logits):
    """A hint for a right formula that overflows, or an empty text."""
    try:
        if math.isfinite(float(answer(*logits))):
            return ""
    except Exception:
        pass
    return (
        " One thing: for a logit of 200 yours is not finite, since a sigmoid rounds to 0 or 1 "
        "there. "
        "F.softplus or binary_cross_entropy_with_logits do not have that problem."
    )


def sp(x):
    return F.softplus(x).mean()


DISCRIMINATOR_TWINS = {
    "swapped_labels": (
        lambda r, f: sp(r) + sp(-f),
        "The labels are swapped: you teach D to call real images fake. Real is 1, fake is 0.",
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
    "averaged": (
        lambda r, f: (sp(-r) + sp(f)) / 2,
        "That is half of it: the two means are added, not averaged. (Both would train; half the "
        "loss is half the step for plain gradient descent.)",
    ),
    "sum_over_batch": (
        lambda r, f: F.softplus(-r).sum() + F.softplus(f).sum(),
        "You sum over the batch. Take the mean, or the loss grows with the batch size.",
    ),
    "sigmoid_twice": (
        lambda r, f: sp(-torch.sigmoid(r)) + sp(torch.sigmoid(f)),
        "There is a sigmoid too many: ..._with_logits applies one itself. Give it the logits.",
    ),
    "sign": (
        lambda r, f: -sp(-r) - sp(f),
        "The sign is turned. That is the value V, which D wants large; a loss is made small.",
    ),
    "generators_loss": (
        lambda r, f: sp(-f),
        "That is the generator's loss. D wants the fakes to be called 0.",
    ),
    "difference": (
        lambda r, f: sp(-r) - sp(f),
        "One of the two terms has the wrong sign: both errors of D cost something.",
    ),
    "other_difference": (
        lambda r, f: sp(f) - sp(-r),
        "One of the two terms has the wrong sign: both errors of D cost something.",
    ),
    "wasserstein": (
        lambda r, f: f.mean() - r.mean(),
        "That is the critic's loss of a Wasserstein GAN (lesson 06). Here binary cross-entropy is "
        "asked for.",
    ),
    "hinge": (
        lambda r, f: F.relu(1 - r).mean() + F.relu(1 + f).mean(),
        "That is the hinge loss (lesson 06). Here binary cross-entropy is asked for.",
    ),
    "least_squares": (
        lambda r, f: (r - 1).square().mean() + f.square().mean(),
        "That is the squared error of the logits (LSGAN). Binary cross-entropy is asked for.",
    ),
    "squared_probabilities": (
        lambda r, f: (torch.sigmoid(r) - 1).square().mean() + torch.sigmoid(f).square().mean(),
        "That is the squared error of the probabilities. Binary cross-entropy is asked for.",
    ),
    "log_of_mean": (
        lambda r, f: -torch.sigmoid(r).mean().log() - (1 - torch.sigmoid(f)).mean().log(),
        "You take the logarithm of the mean probability. First the logarithm, then the mean.",
    ),
    "no_log": (
        lambda r, f: -torch.sigmoid(r).mean() + torch.sigmoid(f).mean(),
        "The logarithm is missing: cross-entropy is minus the log of the probability.",
    ),
    "base_2": (
        lambda r, f: (sp(-r) + sp(f)) / math.log(2),
        "Your logarithm has base 2; the natural one is meant.",
    ),
    "swapped_arguments": (
        lambda r, f: sp(-f) + sp(r),
        "Real and fake have changed places.",
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
        "The sign is turned: G would make the probability of real small.",
    ),
    "sum_over_batch": (
        lambda f: F.softplus(-f).sum(),
        "You sum over the batch. Take the mean, or the loss grows with the batch size.",
    ),
    "sigmoid_twice": (
        lambda f: sp(-torch.sigmoid(f)),
        "There is a sigmoid too many: ..._with_logits applies one itself. Give it the logits.",
    ),
    "averaged": (lambda f: sp(-f) / 2, "That is half of it: nothing is to be halved here."),
    "doubled": (lambda f: 2 * sp(-f), "That is twice as much: there is one batch only."),
    "wasserstein": (
        lambda f: -f.mean(),
        "That is the generator's loss of a Wasserstein or hinge GAN (lesson 06). Here binary "
        "cross-entropy with the label 1 is asked for.",
    ),
    "least_squares": (
        lambda f: (f - 1).square().mean(),
        "That is the squared error of the logits (LSGAN). Binary cross-entropy is asked for.",
    ),
    "squared_probabilities": (
        lambda f: (torch.sigmoid(f) - 1).square().mean(),
        "That is the squared error of the probabilities. Binary cross-entropy is asked for.",
    ),
    "log_of_mean": (
        lambda f: -torch.sigmoid(f).mean().log(),
        "You take the logarithm of the mean probability. First the logarithm, then the mean.",
    ),
    "no_log": (
        lambda f: -torch.sigmoid(f).mean(),
        "The logarithm is missing: cross-entropy is minus the log of the probability.",
    ),
    "one_minus": (
        lambda f: 1 - torch.sigmoid(f).mean(),
        "The logarithm is missing: cross-entropy is minus the log of the probability.",
    ),
    "base_2": (
        lambda f: sp(-f) / math.log(2),
        "Your logarithm has base 2; the natural one is meant.",
    ),
}


def examine_discriminator_loss(answer):
    remark = compare_loss(answer, discriminator_loss, DISCRIMINATOR_TWINS, seeds=(1, 2))
    check_gradients(answer, discriminator_loss, (1, 2), ("real logits", "fake logits"))
    large = torch.tensor([[200.0], [-200.0]])
    text = remark or EXERCISES["discriminator_loss"].praise
    return text + remark_on_large_logits(answer, large, large)


def examine_generator_loss(answer):
    remark = compare_loss(answer, generator_loss, GENERATOR_TWINS, seeds=(2,))
    check_gradients(answer, generator_loss, (2,), ("fake logits",))
    text = remark or EXERCISES["generator_loss"].praise
    return text + remark_on_large_logits(answer, torch.tensor([[200.0], [-200.0]]))


# ---- a discriminator, trained

REAL, FAKE = mixture_1d((-1.0, 2.0), 0.5), mixture_1d((0.5,), 1.2)
TOLERANCE = 0.05


def examine_trained_discriminator(answer):
    x = torch.linspace(-4, 5, 400)[:, None]
    p, q = REAL.density(x)[:, None], FAKE.density(x)[:, None]  # (400, 1), as the logits
    best, weight = p / (p + q), (p + q) / (p + q).sum()
    with torch.no_grad():
        try:
            logits = answer(x)
        except TypeError as error:
            raise Mistake(
                "not_callable", f"Pass the trained network itself: {describe(error)}"
            ) from None
    logits = attempted(logits, "Your discriminator")
    if not isinstance(logits, torch.Tensor):
        raise Mistake(
            "wrong_type", f"It returns a {type(logits).__name__}, not a tensor of logits."
        )
    if logits.shape != (400, 1):
        raise Mistake(
            "wrong_shape",
            f"For places of shape (400, 1) it gives {tuple(logits.shape)}, not (400, 1).",
        )
    if not logits.isfinite().all():
        raise Mistake("not_finite", "It gives values that are not finite; was the step too large?")

    def error_of(probability):
        return (weight * (probability - best).abs()).sum().item()

    error = error_of(torch.sigmoid(logits))
    if error <= TOLERANCE:
        return (
            f"On average your D is less than {TOLERANCE} away from p / (p + q). It never saw the "
            "densities: samples were enough."
        )
    said = f"On average it is {error:.2f} away from p / (p + q); {TOLERANCE} is the limit. "
    if 0 <= logits.min() and logits.max() <= 1 and error_of(logits) <= 2 * TOLERANCE:
        raise Mistake(
            "gives_probabilities",
            said + "Its outputs themselves are near: they are probabilities already. D must give "
            "logits, without a sigmoid.",
        )
    if error_of(1 - torch.sigmoid(logits)) <= 2 * TOLERANCE:
        raise Mistake(
            "labels_swapped",
            said + "Turned upside down it would be near: it was trained with the labels swapped.",
        )
    if logits.std() < 0.05:
        raise Mistake(
            "undecided",
            said + f"It says {torch.sigmoid(logits).mean():.2f} everywhere, whatever the place: it "
            "has not learned. Does the optimiser get D's parameters, and does each step call "
            "zero_grad, backward and step?",
        )
    raise Mistake(
        "not_close_enough",
        said + "Train longer, with larger batches, or with a smaller learning rate at the end.",
    )


EXERCISES = {
    "value_function": Exercise(
        examine_value_function,
        (
            "V has two terms: one for the real batch, one for the fakes.",
            "D wants log D(real) large, and log(1 - D(fake)) as well. Take the mean of each.",
            "torch.log(d_real).mean() + …",
        ),
        "That is V(D, G): what D makes large and G makes small.",
    ),
    "optimal_discriminator": Exercise(
        examine_optimal_discriminator,
        (
            "Stand at one place. Of all samples that fall there, which share is real?",
            "The share is the real density over the sum of both. Then care for places with none.",
            "torch.where(total > 0, p_real / total, 0.5) with total = p_real + p_fake",
        ),
        "That is the best answer that any discriminator can give.",
    ),
    "js_divergence": Exercise(
        examine_js_divergence,
        (
            "JS compares both densities with their mixture, m = (p + q) / 2.",
            "KL(p, m) is the integral of p · log(p / m): a sum over the places, times dx.",
            "torch.xlogy(p, p / m) is 0 where p is 0. Where m is 0, divide by something else.",
        ),
        "0 for equal densities, log 2 for densities that never meet.",
    ),
    "discriminator_loss": Exercise(
        examine_discriminator_loss,
        (
            "Two errors are possible: calling a real image fake, and calling a fake real. Add "
            "them.",
            "Binary cross-entropy with logits, once with labels 1 and once with labels 0.",
            "F.binary_cross_entropy_with_logits(real_logits, torch.ones_like(real_logits)) + …",
        ),
        "Binary cross-entropy of both batches: 2 log 2 = 1.386 for an undecided D.",
    ),
    "generator_loss": Exercise(
        examine_generator_loss,
        (
            "G wins when D calls its samples real. Which label does G wish for?",
            "Binary cross-entropy of the fake logits with the label 1.",
            "F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))",
        ),
        "The non-saturating loss: log 2 = 0.693 for an undecided D.",
    ),
    "trained_discriminator": Exercise(
        examine_trained_discriminator,
        (
            "The loop: draw a real and a fake batch, loss, zero_grad, backward, step.",
            "Adam gets there in 800 steps of batch 512: rate 0.01, then 0.001 for the last 300.",
            "The loss is discriminator_loss(D(real), D(fake)); nothing here needs a generator.",
        ),
        "Your D is close to p / (p + q).",
    ),
}
