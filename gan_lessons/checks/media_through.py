"""Checker of exercise 15: one-hot draws with the gradient of a soft draw."""

import torch

from gan_lessons.checks.core import Mistake, attempted
from gan_lessons.checks.deepfakes_calls import call
from gan_lessons.checks.media_draws import NEAR, WRONG_NOISE, shares, with_noise

ROWS = 20_000
TERNARY = torch.tensor([1.2, 0.0, -0.8])
FIRST = torch.tensor([1.0, 0.0, 0.0]).double()


def soft_draws(softness, noise=True):
    """Many soft draws, of Gumbel noise by another generator."""
    draw = torch.Generator().manual_seed(1)
    u = torch.rand(400_000, 3, generator=draw).clamp(1e-9, 1 - 1e-7)
    g = -(-u.log()).log() if noise else 0 * u
    return ((TERNARY + g) / softness).softmax(dim=1).double()


def soft_gradient(softness, noise=True):
    """d soft_0 / d logits for each of many soft draws."""
    s = soft_draws(softness, noise)
    return s[:, :1] * (FIRST - s) / softness


def log_gradient(softness):
    return (FIRST - soft_draws(softness)) / softness


def first_drawn(softness):
    """1 where the first word is the one that was drawn, (N, 1)."""
    return (soft_draws(softness).argmax(dim=1, keepdim=True) == 0).double()


GRADIENTS = {
    "gradient_of_the_identity": (
        lambda t: FIRST.expand(2, 3),
        "The gradient passes as if the output were the logits themselves. It should be that of the "
        "soft draw.",
    ),
    "no_noise_in_the_gradient": (
        lambda t: soft_gradient(t, noise=False),
        "The gradient is that of a softmax without noise, the same in each row. Use the noisy "
        "logits that made the draw.",
    ),
    "softness_ignored": (
        lambda t: soft_gradient(1.0),
        "The softness does not enter the gradient: divide the noisy logits by it.",
    ),
    "softness_multiplied": (
        lambda t: soft_gradient(1 / t),
        "You multiply by the softness; divide the noisy logits by it.",
    ),
    "sign_of_the_gradient": (
        lambda t: -soft_gradient(t),
        "The gradient has the wrong sign: hard + soft - soft.detach(), not hard - soft + ….",
    ),
    "softness_twice": (
        lambda t: t * soft_gradient(t),
        "The gradient is too large or too small by the softness: it is multiplied once more.",
    ),
    "half_softness": (
        lambda t: soft_gradient(t) / t,
        "The gradient is divided by the softness once more than the softmax does.",
    ),
    "twice_the_gradient": (
        lambda t: 2 * soft_gradient(t),
        "The gradient passes twice: `hard` should have none, soft passes it once.",
    ),
    "softness_squared": (
        lambda t: soft_gradient(t**2),
        "The softness divides twice. Divide the noisy logits by it once.",
    ),
    "root_of_softness": (
        lambda t: soft_gradient(t**0.5),
        "You divide by the root of the softness.",
    ),
    "gradient_of_the_noisy_logits": (
        lambda t: FIRST.expand(2, 3) / t,
        "The gradient is that of the noisy logits over the softness. The softmax is missing.",
    ),
    "gradient_of_the_logarithm": (
        log_gradient,
        "The gradient is that of the log of the soft draw (log_softmax). Use softmax.",
    ),
    "only_where_drawn": (
        lambda t: soft_gradient(t) * first_drawn(t),
        "Only the drawn word has a gradient: you multiply hard by soft. Add soft - soft.detach().",
    ),
    "log_where_drawn": (
        lambda t: log_gradient(t) * first_drawn(t),
        "Only the drawn word has a gradient, divided by its own chance. Add soft - soft.detach().",
    ),
}


def passed(answer, softness):
    """The draws and the gradients of the first entry, for many rows of the same logits."""
    logits = TERNARY.repeat(ROWS, 1).requires_grad_(True)
    given = logits * 1.0  # an answer may not write into a leaf
    arguments = (given,) if softness is None else (given, softness)
    output = call(answer, arguments, ("logits", "softness")[: len(arguments)])
    output = attempted(output, "straight_through(...)")
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
    (one,) = torch.autograd.grad(output[0, 0], logits, retain_graph=True, allow_unused=True)
    if one is not None and one[1:].abs().max() > 1e-7:
        raise Mistake(
            "rows_mixed",
            "The gradient of the first row's draw reaches the logits of other rows: is the softmax "
            "along dim=0? Each row has its own draw; take dim=1.",
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
        judge_gradient(gradient, softness, said)
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
    other_calls(answer)


def judge_gradient(gradient, softness, said):
    """Raise the Mistake that explains the gradients of the first entry."""
    mean, square = gradient.mean(dim=0), gradient.square().mean(dim=0)
    right = soft_gradient(softness)
    reach = 5 * (right.square().mean(dim=0) / ROWS).sqrt() + 0.002

    def fits(twin):
        near = ((mean - twin.mean(dim=0)).abs() <= reach).all()
        return near and ((square - twin.square().mean(0)).abs() <= 0.1 * square + 1e-6).all()

    if fits(right):
        return
    said += (
        f"the mean gradient of the first entry is {', '.join(f'{x:.3f}' for x in mean)}; it "
        f"should be {', '.join(f'{x:.3f}' for x in right.mean(dim=0))}. "
    )
    for id, (twin, text) in GRADIENTS.items():
        if fits(twin(softness)):
            raise Mistake(id, said + text)
    if (gradient - mean).abs().max() < 1e-6:
        raise Mistake(
            "same_gradient_everywhere",
            said + "All rows have the same gradient: is the noise of the soft draw one for all "
            "rows, or averaged?",
        )
    factor = float(mean[0] / right.mean(dim=0)[0])
    if fits(factor * right):
        raise Mistake("factor", f"{said}Yours is {factor:.2g} times what it should be.")
    if (mean.sum().abs() > 0.01) and softness == 1.0:
        text = "A softmax's gradients over all logits add up to 0; yours do not."
        raise Mistake("not_a_softmax", said + text)
    raise Mistake(
        "other_gradient",
        f"{said}The mean of its squares is {', '.join(f'{x:.3f}' for x in square)}, for "
        f"{', '.join(f'{x:.3f}' for x in right.square().mean(dim=0))}. "
        "It is that of softmax((logits + g) / softness).",
    )


def other_calls(answer):
    """Names a missing or another default of softness, and sizes that are fixed inside."""
    logits = torch.zeros(1, 5, requires_grad=True)
    output = call(answer, (logits * 1.0, 1.0), ("logits", "softness"))
    if tuple(output.shape) != (1, 5):
        raise Mistake("shape", f"For logits of shape (1, 5) yours has {tuple(output.shape)}.")
    try:
        _, gradient = passed(answer, None)
    except Mistake as mistake:
        if mistake.id != "wrong_arguments":
            raise
        raise Mistake(
            "no_default", "Called without softness, your function stops: write softness=1.0."
        ) from None
    try:
        judge_gradient(gradient, 1.0, "Called without softness, which means 1: ")
    except Mistake as mistake:
        raise Mistake("default", f"{mistake} The default should be softness=1.0.") from None


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
        "noise_divided": (
            (TERNARY * softness).double().softmax(0),
            "The softness divides the noise alone. Divide the sum of logits and noise by it.",
        ),
        "drawn_from_the_soft_draw": (
            soft_draws(softness).mean(dim=0),
            "It looks as if you draw once more from the soft draw. Take its argmax: the noise has "
            "drawn already.",
        ),
        "argmin": (
            shares(soft_draws(softness).argmin(dim=1), 3),
            "You take the smallest entry of the soft draw (argmin); take the largest.",
        ),
    }
    if softness == 1.0:
        del options["noise_divided"], options["noise_outside"]  # those are right at 1
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
    for size in [k / 20 for k in range(2, 81)]:
        if (found - (TERNARY / size).double().softmax(0)).abs().max() < NEAR / 2:
            raise Mistake(
                "size_of_the_noise",
                f"{said}These are the shares of Gumbel noise about {size:.2g} times as large as it "
                "should be: is it scaled, or has it another logarithm?",
            )
    raise Mistake("other_shares", said + "Add Gumbel noise to each logit and take the argmax.")
