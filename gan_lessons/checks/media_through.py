"""Checker of exercise 12: one-hot draws with the gradient of a soft draw."""

import torch

from gan_lessons.checks.core import Mistake, attempted
from gan_lessons.checks.deepfakes_calls import call
from gan_lessons.checks.media_draws import NEAR, WRONG_NOISE, shares, with_noise

ROWS = 20_000
TERNARY = torch.tensor([1.2, 0.0, -0.8])


def soft_gradient(softness, noise=True):
    """Mean, and mean square, of d soft_0 / d logits over many Gumbel draws."""
    draw = torch.Generator().manual_seed(1)
    u = torch.rand(400_000, 3, generator=draw).clamp(1e-9, 1 - 1e-7)
    g = -(-u.log()).log() if noise else 0 * u
    s = ((TERNARY + g) / softness).softmax(dim=1).double()
    own = s[:, :1] * (torch.tensor([1.0, 0.0, 0.0]) - s) / softness
    return own.mean(dim=0), own.square().mean(dim=0)


GRADIENTS = {
    "gradient_of_the_identity": (
        lambda t: torch.tensor([1.0, 0.0, 0.0]).double(),
        "The gradient passes as if the output were the logits themselves. It should be that of the "
        "soft draw.",
    ),
    "no_noise_in_the_gradient": (
        lambda t: soft_gradient(t, noise=False)[0],
        "The gradient is that of a softmax without noise, the same in each row. Use the noisy "
        "logits that made the draw.",
    ),
    "softness_ignored": (
        lambda t: soft_gradient(1.0)[0],
        "The softness does not enter the gradient: divide the noisy logits by it.",
    ),
    "softness_multiplied": (
        lambda t: soft_gradient(1 / t)[0],
        "You multiply by the softness; divide the noisy logits by it.",
    ),
    "sign_of_the_gradient": (
        lambda t: -soft_gradient(t)[0],
        "The gradient has the wrong sign: hard + soft - soft.detach(), not hard - soft + ….",
    ),
    "softness_twice": (
        lambda t: t * soft_gradient(t)[0],
        "The gradient is too large or too small by the softness: it is multiplied once more.",
    ),
    "half_softness": (
        lambda t: soft_gradient(t)[0] / t,
        "The gradient is divided by the softness once more than the softmax does.",
    ),
    "twice_the_gradient": (
        lambda t: 2 * soft_gradient(t)[0],
        "The gradient passes twice: `hard` should have none, soft passes it once.",
    ),
}


def passed(answer, softness):
    """The draws and the gradients of the first entry, for many rows of the same logits."""
    logits = TERNARY.repeat(ROWS, 1).requires_grad_(True)
    given = logits * 1.0  # an answer may not write into a leaf
    output = attempted(
        call(answer, (given, softness), ("logits", "softness")), "straight_through(...)"
    )
    if not isinstance(output, torch.Tensor):
        kind = type(output).__name__
        raise Mistake(
            "wrong_type", f"Return a tensor, through which a gradient passes: not {kind}."
        )
    if output.shape != logits.shape:
        raise Mistake(
            "shape",
            f"Return one-hot rows of the shape of the logits, {tuple(logits.shape)}; yours has "
            f"{tuple(output.shape)}.",
        )
    hard = output.detach().double()
    first = [round(x, 2) for x in hard[0].tolist()]
    if not hard.isfinite().all():
        raise Mistake("not_finite", "Your output holds nan or infinity: log(0) in the noise?")
    if (hard.sum(dim=1) - 1).abs().max() < 1e-3 and hard.max(dim=1).values.min() < 0.99:
        raise Mistake(
            "soft",
            f"Your rows are mixtures of words, the first {first}. "
            "Return one-hot rows; only their gradient is that of the soft draw.",
        )
    if ((hard - torch.nn.functional.one_hot(hard.argmax(1), 3)).abs() > 1e-3).any():
        raise Mistake(
            "not_one_hot",
            f"A row must be a 1 and zeros; your first is {first}.",
        )
    if not output.requires_grad:
        raise Mistake(
            "no_gradient",
            "No gradient passes: argmax and one_hot cut it. hard + soft - soft.detach() has the "
            "value of hard and the gradient of soft.",
        )
    (gradient,) = torch.autograd.grad(output[:, 0].sum(), logits, allow_unused=True)
    if gradient is None or gradient.abs().max() == 0:
        raise Mistake("no_gradient", "The gradient in the logits is 0: is soft detached, too?")
    return hard.argmax(dim=1), gradient.double()


def examine_straight_through(answer):
    """Whole words with the softmax's shares, and the gradient of the soft draw behind them."""
    torch.manual_seed(0)
    for softness in (1.0, 0.5, 2.0):
        words, gradient = passed(answer, softness)
        found, right = shares(words, 3), TERNARY.double().softmax(0)
        said = f"With softness {softness:g} and logits {[round(x, 1) for x in TERNARY.tolist()]}: "
        drawn = (
            f"the words have shares {', '.join(f'{x:.2f}' for x in found)}; they should be "
            f"{', '.join(f'{x:.2f}' for x in right)}. "
        )
        if (found - right).abs().max() > NEAR:
            judge_shares(found, softness, said + drawn)
        mean = gradient.mean(dim=0)
        expected, square = soft_gradient(softness)
        told = (
            f"the mean gradient of the first entry is {', '.join(f'{x:.3f}' for x in mean)}; it "
            f"should be {', '.join(f'{x:.3f}' for x in expected)}. "
        )
        reach = 5 * (square / ROWS).sqrt() + 0.002
        if ((mean - expected).abs() > reach).any():
            for id, (twin, text) in GRADIENTS.items():
                if ((mean - twin(softness)).abs() <= reach).all():
                    raise Mistake(id, said + told + text)
            if (mean.sum().abs() > 0.01) and softness == 1.0:
                text = "A softmax's gradients over all logits add up to 0; yours do not."
                raise Mistake("not_a_softmax", said + told + text)
            raise Mistake(
                "other_gradient", said + told + "It is that of softmax((logits + g) / softness)."
            )
        if ((gradient.square().mean(dim=0) / square - 1).abs() > 0.1).any():
            raise Mistake(
                "same_gradient_everywhere",
                said + "the gradients are right on average, but not draw by draw: is the noise of "
                "the soft draw one for all rows, or averaged?",
            )
        one, two = (-gradient[words == i][:, 1:] for i in (1, 2))
        if min(
            (one[:, 0] >= one[:, 1]).double().mean(), (two[:, 1] >= two[:, 0]).double().mean()
        ) < (0.99):
            raise Mistake(
                "two_noises",
                said + "the soft draw has other noise than the hard one, so that its largest entry "
                "is often another word. Draw the noise once, and take the argmax of soft.",
            )
    if torch.equal(words, passed(answer, softness)[0]):
        raise Mistake("fixed_seed", "Two calls draw the same words: set no seed inside.")


def judge_shares(found, softness, said):
    """Raise the Mistake that explains the shares of the drawn words."""
    if found.max() > 0.999:
        raise Mistake(
            "no_noise",
            said + "All rows have the same word: the noise is missing, too small (Gumbel noise is "
            "-log(-log(u))), or one for all rows.",
        )
    options = {
        "noise_outside": (
            (TERNARY / softness).double().softmax(0),
            "The softness changes what is drawn: divide the sum of logits and noise by it, not the "
            "logits alone.",
        ),
        "uniform": (torch.full((3,), 1 / 3).double(), "The logits do not enter."),
        "noise_of_softmax": (
            TERNARY.softmax(0).double().softmax(0),
            "The noise is added to the softmax; add it to the logits.",
        ),
    }
    for id, (other, text) in options.items():
        if (found - other).abs().max() < NEAR:
            raise Mistake(id, said + text)
    scaled = TERNARY, TERNARY / softness
    off = {
        id: min(float((found - with_noise(x, noise)).abs().max()) for x in scaled)
        for id, (noise, _) in WRONG_NOISE.items()
    }
    id = min(off, key=off.get)
    if off[id] < NEAR:
        raise Mistake(id, said + WRONG_NOISE[id][1])
    raise Mistake("other_shares", said + "Add Gumbel noise to each logit and take the argmax.")
