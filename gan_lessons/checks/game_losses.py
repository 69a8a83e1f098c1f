"""Checkers of the two losses of exercise 01.

Right and wrong losses are compared on several batches. What no wrong twin explains is taken apart:
labels, factors, and the share of each batch.
"""

import math

import torch

from gan_lessons import losses
from gan_lessons.checks.core import Mistake, close, name_twin, scalar, untouched
from gan_lessons.checks.game_calls import call, say
from gan_lessons.checks.game_loss_twins import DISCRIMINATOR_TWINS, GENERATOR_TWINS, HINT

NAMES = {1: ("fake_logits",), 2: ("real_logits", "fake_logits")}


def batch(n, seed, arguments):
    """Logits (n, 1) of a D that is right more often than not: real first, fake last."""
    generator = torch.Generator().manual_seed(seed)
    noise = 1.6 * torch.randn(2, n, 1, generator=generator)
    return [noise[0] + 0.9, noise[1] - 0.6][-arguments:]


def examine_discriminator_loss(answer):
    return examine(answer, losses.discriminator_loss, DISCRIMINATOR_TWINS, 2)


def examine_generator_loss(answer):
    return examine(answer, losses.generator_loss, GENERATOR_TWINS, 1)


def examine(answer, right, twins, arguments):
    """Shape, finite, closed form, gradient; returns a remark to praise with, or None."""
    batches = [batch(n, seed, arguments) for seed, n in enumerate((6, 9, 6, 9, 12))]
    outputs = [value(answer, logits, first=i == 0) for i, logits in enumerate(batches)]
    torch.manual_seed(99)
    if not close(value(answer, batches[0]), outputs[0]):
        raise Mistake(
            "not_repeatable",
            "The same logits gave two different losses: there is chance in your function (noisy "
            "labels, dropout?). Labels are exactly 1 and 0 here.",
        )
    batches = [[x.double() for x in logits] for logits in batches]
    expected = [right(*logits) for logits in batches]
    if all(close(a, b) for a, b in zip(outputs, expected, strict=True)):
        check_gradient(answer, right, arguments)
        return remark_on_large_logits(answer, arguments)
    said = (
        f"On the first test batch your loss is {say(outputs[0])}, it should be {say(expected[0])}. "
    )
    made = {id: ([twin(*x) for x in batches], said + text) for id, (twin, text) in twins.items()}
    name_twin(outputs, made)
    remark = other_labels(outputs, expected, batches, said)
    if remark:
        check_gradient(answer, None, arguments)
        return remark
    factor(outputs, expected, said)
    one_half(answer, right, arguments, said)
    if all(abs(a / b - 1) < 0.02 for a, b in zip(outputs, expected, strict=True)):
        worst = max(zip(outputs, expected, strict=True), key=lambda pair: abs(pair[0] - pair[1]))
        raise Mistake(
            "not_exact",
            f"Near, but not it: on one test batch your loss is {worst[0]:.5f}, it should be "
            f"{worst[1]:.5f}. Is a number added inside the logarithm, or is something clipped? "
            f"{HINT}",
        )
    undecided = say(right(*[torch.zeros(4, 1)] * arguments))
    raise Mistake(
        "other_formula",
        f"{said}Try logits of 0, where D says one half: the loss should be {undecided} there. "
        f"{HINT}",
    )


def value(answer, logits, first=True):
    """One loss, and the usual exceptions in plain words."""
    before, names = [x.clone() for x in logits], NAMES[len(logits)]
    try:
        output = scalar(call(answer, logits, names)).detach()
    except Mistake as mistake:
        if first or mistake.id in ("not_finite", "fixed_device"):
            raise
        n = len(logits[0])
        raise Mistake(
            "batch_size_fixed",
            f"It works for a batch of 6, but not for one of {n}: a size is fixed somewhere. "
            f"{mistake}",
        ) from None
    for a, b, name in zip(before, logits, names, strict=True):
        untouched(a, b, name)
    return output


def other_labels(outputs, expected, batches, said):
    """Name cross-entropy with other constant labels than 1 and 0; a remark where they are smoothed.

    Cross-entropy is linear in the label: a label moved by e moves the loss by -e · mean(logits).
    """
    rows = torch.stack([torch.stack([x.mean() for x in logits]) for logits in batches])
    change = torch.stack(outputs) - torch.stack(expected)
    moved = torch.linalg.lstsq(rows, -change[:, None]).solution[:, 0]
    if not close(rows @ moved, -change):
        return None
    labels = [1 + moved[0].item(), *(m.item() for m in moved[1:])]
    names = ("the real batch", "the fakes") if len(labels) == 2 else ("the fakes",)
    shown = (round(x, 2) + 0.0 for x in labels)  # + 0.0: no -0.00
    text = " and ".join(f"{x:.2f} for {name}" for x, name in zip(shown, names, strict=True))
    if len(labels) == 2 and 0.69 < labels[0] < 1 and all(abs(x) < 1e-3 for x in labels[1:]):
        return (
            f"Right, with one remark: your label for real is smoothed, {text}. That is a known "
            "variant (Salimans et al. 2016); the plain loss has the label 1."
        )
    if len(labels) == 2 and labels[0] > 0.69 and 0 < labels[1] < 0.31:
        wanted = "Smooth the real label only: the fakes keep 0 (Salimans et al. 2016, section 3.4)."
    elif len(labels) == 2:
        wanted = "Asked for is 1 for real and 0 for fake."
    else:
        wanted = "Asked for is 1: G wants to be called real. (Smoothing belongs to D's loss.)"
    raise Mistake("wrong_labels", f"{said}It is a cross-entropy, with the labels {text}. {wanted}")


def factor(outputs, expected, said):
    """Name a constant factor."""
    ratio = outputs[0] / expected[0]
    if all(close(a, ratio * b) for a, b in zip(outputs, expected, strict=True)):
        raise Mistake(
            "wrong_factor",
            f"{said}It is always {ratio:.3f} times the right one: a factor too many, or a "
            "logarithm of another base.",
        )


def one_half(answer, right, arguments, said):
    """Say which of the two batches is treated wrongly, by changing one of them at a time."""
    if arguments == 1:
        return
    (r, f), *others = (batch(6, seed, 2) for seed in (20, 21, 22))

    def moves(loss):
        here = loss(r, f)
        by_real = torch.stack([(loss(other, f) - here).double() for other, _ in others])
        by_fake = torch.stack([(loss(r, other) - here).double() for _, other in others])
        return by_real, by_fake

    mine, wanted = moves(lambda *logits: value(answer, logits)), moves(right)
    fine = [close(a, b, atol=5e-4) for a, b in zip(mine, wanted, strict=True)]
    for part, good, other in (("fake", fine[0], fine[1]), ("real", fine[1], fine[0])):
        if good and not other:
            label = {"real": 1, "fake": 0}[part]
            raise Mistake(
                f"{part}_half_wrong",
                f"{said}One of the two terms is right; the one of the {part} batch is not. "
                f"It is the mean binary cross-entropy of the {part} logits with the label {label}.",
            )


def check_gradient(answer, right, arguments):
    """The loss must carry the right gradient to each batch of logits (right=None: any)."""
    logits = [x.requires_grad_() for x in batch(6, 60, arguments)]
    output = scalar(call(answer, logits, NAMES[arguments]))
    if not output.requires_grad:
        raise Mistake(
            "no_gradient",
            "The number is right, but it carries no gradient, so nothing could learn from it. Look "
            "for .item(), .detach(), torch.no_grad() or numpy in your function.",
        )
    found = torch.autograd.grad(output, logits, allow_unused=True)
    wanted = torch.autograd.grad(right(*logits), logits) if right else found
    for mine, good, name in zip(found, wanted, NAMES[arguments], strict=True):
        if mine is None or not mine.abs().sum() > 0:
            raise Mistake(
                "half_detached",
                f"The number is right, but no gradient reaches {name}: from them nothing is "
                "learned. Is there a .detach(), .data or a new torch.tensor(…) too many?",
            )
        if not close(mine, good):
            raise Mistake(
                "wrong_gradient",
                f"The number is right, but the gradient for {name} is not: it begins "
                f"{mine.flatten()[0]:.3f}, it should begin {good.flatten()[0]:.3f}. Does some part "
                "of the batch, or of the formula, go through .detach() or .item()?",
            )


def remark_on_large_logits(answer, arguments):
    """A remark for a right formula that overflows, else None."""
    large = [torch.tensor([[200.0], [-200.0]])] * arguments
    found, expected = math.nan, 100.0 * arguments
    try:
        found = float(call(answer, large, NAMES[arguments]))
    except Exception:
        pass
    if abs(found - expected) < 1:
        return None
    said = f"{found:.0f} instead of {expected:.0f}" if math.isfinite(found) else "not finite"
    return (
        f"Right, with one remark: for logits of 200 and -200 your loss is {said}, since a sigmoid "
        "rounds to 0 or 1 there. F.softplus and F.binary_cross_entropy_with_logits have no such "
        "limit."
    )
