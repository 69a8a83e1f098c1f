"""Checkers of the losses of exercise 07: the critic's, and the hinge pair."""

import torch

from gan_lessons import losses
from gan_lessons.checks.core import Mistake, close, name_twin, scalar, untouched
from gan_lessons.checks.critics_twins import CRITIC_TWINS, HINGE_D_TWINS, HINGE_G_TWINS
from gan_lessons.checks.game_calls import call, say

SCORES = ("real_scores", "fake_scores")
LOGITS = ("real_logits", "fake_logits")


def batch(n, seed, arguments):
    """Scores (n, 1) on both sides of both margins; also the means lie on both sides."""
    generator = torch.Generator().manual_seed(seed)
    real, fake = 1.6 * torch.randn(2, n, 1, generator=generator)
    to_real, to_fake = ((0.7, -0.4), (-0.8, 1.1), (1.9, -0.3), (0.2, -2.1), (1.8, -2.2))[seed % 5]
    return [real + to_real, fake + to_fake][-arguments:]


def examine_critic_loss(answer):
    return examine(answer, losses.critic_loss, CRITIC_TWINS, SCORES)


def examine_hinge_discriminator(answer):
    return examine(answer, losses.hinge_discriminator_loss, HINGE_D_TWINS, LOGITS)


def examine_hinge_generator(answer):
    return examine(answer, losses.critic_generator_loss, HINGE_G_TWINS, LOGITS[1:])


def examine(answer, right, twins, names):
    """Shape, finite, closed form, gradient."""
    batches = [batch(n, seed, len(names)) for seed, n in enumerate((6, 9, 6, 9, 12, 7))]
    outputs = [value(answer, x, names, first=i == 0) for i, x in enumerate(batches)]
    torch.manual_seed(99)
    if not close(value(answer, batches[0], names), outputs[0]):
        raise Mistake(
            "not_repeatable",
            "The same inputs gave two different losses: there is chance in your function.",
        )
    batches = [[x.double() for x in part] for part in batches]
    expected = [right(*x) for x in batches]
    if all(close(a, b) for a, b in zip(outputs, expected, strict=True)):
        return check_gradient(answer, right, names)
    pairs = enumerate(zip(outputs, expected, strict=True))
    i = next(i for i, (a, b) in pairs if not close(a, b))
    which = (
        "On the first test batch" if i == 0 else f"Right on the first batch, but on batch {i + 1}"
    )
    said = f"{which} your loss is {say(outputs[i])}, it should be {say(expected[i])}. "
    name_twin(outputs, {id: ([f(*x) for x in batches], said + t) for id, (f, t) in twins.items()})
    blend(outputs, batches, names, said)
    ratio = outputs[0] / expected[0]
    if all(close(a, ratio * b) for a, b in zip(outputs, expected, strict=True)):
        raise Mistake("wrong_factor", f"{said}It is always {ratio:.3f} times the right one.")
    difference = outputs[0] - expected[0]
    if all(close(a, b + difference) for a, b in zip(outputs, expected, strict=True)):
        text = f"{said}The difference is always {difference:.3f}: a constant too many."
        raise Mistake("constant_added", text)
    zero = say(right(*[torch.zeros(4, 1)] * len(names)))
    raise Mistake(
        "other_formula",
        f"{said}Try inputs of 0 everywhere, where the loss should be {zero}, then change one "
        "number at a time.",
    )


def value(answer, scores, names, first=True):
    """One loss, and the usual exceptions in plain words."""
    before = [x.clone() for x in scores]
    try:
        output = scalar(call(answer, scores, names)).detach()
    except Mistake as mistake:
        if mistake.id in ("bce_of_logits", "not_finite"):
            raise Mistake(
                mistake.id,
                "There is a logarithm or a cross-entropy in your loss. These inputs are no "
                f"probabilities: they may be any number, also below 0. ({mistake})",
            ) from None
        if first or mistake.id == "fixed_device":
            raise
        raise Mistake(
            "batch_size_fixed",
            f"It works for a batch of 6, but not for one of {len(scores[0])}: a size is fixed "
            f"somewhere. {mistake}",
        ) from None
    for a, b, name in zip(before, scores, names, strict=True):
        untouched(a, b, name)
    return output


def blend(outputs, batches, names, said):
    """Name a loss that is a weighted sum of the means, with other weights."""
    rows = torch.stack(
        [torch.stack([*(x.mean() for x in part), torch.ones(())]) for part in batches]
    )
    rows, target = rows.double(), torch.stack(outputs)[:, None]
    weights = torch.linalg.lstsq(rows, target).solution
    if close(rows @ weights, target):
        terms = [f"{w:+.2f} · mean({n})" for w, n in zip(weights[:, 0], names, strict=False)]
        terms += [f"{weights[-1, 0]:+.2f}"] if weights[-1].abs() > 1e-3 else []
        raise Mistake("other_weights", f"{said}Your loss is {' '.join(terms)}.")


def check_gradient(answer, right, names):
    """A loss that teaches must carry the right gradient to each input."""
    scores = [x.requires_grad_(True) for x in batch(6, 40, len(names))]
    output = scalar(call(answer, scores, names))
    if not output.requires_grad:
        raise Mistake(
            "no_gradient",
            "The number is right, but it carries no gradient, so nothing could learn from it. Look "
            "for .item(), .detach(), torch.no_grad() or numpy in your function.",
        )
    found = torch.autograd.grad(output, scores, allow_unused=True)
    for mine, good, name in zip(
        found, torch.autograd.grad(right(*scores), scores), names, strict=True
    ):
        if mine is None or not mine.abs().sum() > 0:
            raise Mistake(
                "half_detached",
                f"The number is right, but no gradient reaches {name}: from them nothing is "
                "learned. Is there a .detach() or .data too many?",
            )
        if not close(mine, good):
            raise Mistake(
                "wrong_gradient",
                f"The number is right, but the gradient for {name} is not. Does a part of the "
                "formula go through .detach() or .item()?",
            )
