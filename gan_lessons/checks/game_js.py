"""Checker of exercise 01, task 3: the Jensen-Shannon divergence of two densities."""

import math

import torch

from gan_lessons.checks.core import Mistake, close, name_twin, scalar, untouched
from gan_lessons.checks.game_calls import call, say
from gan_lessons.data import mixture_1d


def examine_js_divergence(answer):
    outputs, pairs = [], []
    for means, dx in (((-1.0, 2.0), 0.02), ((-2.0, 0.0), 0.04)):
        x = torch.arange(-8, 8, dx)[:, None]
        p, q = mixture_1d(means, 0.8).density(x), mixture_1d((0.5,), 1.1).density(x)
        p, q = p.double(), q.double()
        before = p.clone(), q.clone()
        output = call(answer, (p, q, dx), ("p", "q", "dx"))
        outputs.append(scalar(output, "the divergence").detach())
        for a, b, name in zip(before, (p, q), ("p", "q"), strict=True):
            untouched(a, b, name)
        pairs.append((p, q, dx))
    expected = [js(*pair) for pair in pairs]
    said = (
        f"The divergence of the first two densities is {say(expected[0])}, yours is "
        f"{say(outputs[0])}. "
    )
    twins = {
        id: ([twin(*pair) for pair in pairs], said + text) for id, (twin, text) in JS_TWINS.items()
    }
    name_twin(outputs, twins)
    if not all(close(a, b) for a, b in zip(outputs, expected, strict=True)):
        if all(abs(a / b - 1) < 0.1 for a, b in zip(outputs, expected, strict=True)):
            raise Mistake(
                "not_exact",
                said + "Near, but not it: is a number added inside a logarithm, or a density "
                "clipped? A density of 0 needs help, all others are used as they come.",
            )
        raise Mistake(
            "other_formula", said + "Is it (KL(p, m) + KL(q, m)) / 2 with m = (p + q) / 2?"
        )
    examine_js_zeros(answer)


def examine_js_zeros(answer):
    """Two triangles that touch: each density is 0 where the other is not."""
    x = (torch.arange(400) + 0.5) / 100
    p, q = ((1 - (x - centre).abs()).clamp(min=0) for centre in (1.0, 3.0))
    result = float(call(answer, (p, q, 0.01), ("p", "q", "dx")))
    if not math.isfinite(result):
        raise Mistake(
            "zero_density",
            "Where a density is 0, your result is nan or infinite: 0 · log 0 counts as 0. "
            "torch.xlogy(p, r) is p · log r with that rule, or leave those places out.",
        )
    if abs(result - math.log(2)) > 2e-3:
        raise Mistake(
            "zero_density",
            f"For two densities that never meet JS is log 2 = 0.693, yours is {say(result)}. What "
            "happens in your sum where one of them is 0?",
        )


def kl(p, q, dx):
    """Kullback-Leibler divergence of densities on a grid."""
    return (p * (p / q).log()).sum() * dx


def js(p, q, dx):
    """Jensen-Shannon divergence of positive densities on a grid."""
    m = (p + q) / 2
    return (kl(p, m, dx) + kl(q, m, dx)) / 2


MIXTURE = "JS compares p and q with their *mixture* m = (p + q) / 2."
JS_TWINS = {
    "not_halved": (
        lambda p, q, dx: 2 * js(p, q, dx),
        "You add the two divergences; JS is their mean.",
    ),
    "halved_twice": (
        lambda p, q, dx: js(p, q, dx) / 2,
        "That is half of it: the mean of two divergences has one factor 1/2.",
    ),
    "kl_forward": (kl, "That is KL(p, q). " + MIXTURE),
    "kl_backward": (lambda p, q, dx: kl(q, p, dx), "That is KL(q, p). " + MIXTURE),
    "jeffreys": (
        lambda p, q, dx: (kl(p, q, dx) + kl(q, p, dx)) / 2,
        "You compare p with q and q with p. " + MIXTURE,
    ),
    "jeffreys_sum": (
        lambda p, q, dx: kl(p, q, dx) + kl(q, p, dx),
        "You compare p with q and q with p. " + MIXTURE,
    ),
    "mixture_first": (
        lambda p, q, dx: (kl((p + q) / 2, p, dx) + kl((p + q) / 2, q, dx)) / 2,
        "That is KL(m, p) and KL(m, q): the order is turned. (F.kl_div takes the *log of the "
        "second* density first.)",
    ),
    "geometric_mixture": (
        lambda p, q, dx: (kl(p, (p * q).sqrt(), dx) + kl(q, (p * q).sqrt(), dx)) / 2,
        "Your mixture is the root of p · q; it is the mean, (p + q) / 2.",
    ),
    "no_dx": (
        lambda p, q, dx: js(p, q, 1),
        "The sum needs the width dx of a step to become an integral.",
    ),
    "divided_by_dx": (
        lambda p, q, dx: js(p, q, 1) / dx,
        "You divide by dx; an integral is the sum *times* the width of a step.",
    ),
    "mean": (
        lambda p, q, dx: js(p, q, 1) / len(p),
        "You take the mean over the places. The integral is the sum times dx.",
    ),
    "mean_times_dx": (
        lambda p, q, dx: js(p, q, dx) / len(p),
        "You take the mean over the places (F.kl_div does, unless told reduction='sum'). The "
        "integral is the sum times dx.",
    ),
    "mixture_not_halved": (
        lambda p, q, dx: js(p, q, dx) - math.log(2) * (p + q).sum() * dx / 2,
        "Your mixture is p + q, which integrates to 2. Halve it.",
    ),
    "one_side": (
        lambda p, q, dx: kl(p, (p + q) / 2, dx),
        "That is the divergence of p alone; q has one, too.",
    ),
    "half_of_one_side": (
        lambda p, q, dx: kl(p, (p + q) / 2, dx) / 2,
        "That is the half of p alone; q has one, too.",
    ),
    "half_of_other_side": (
        lambda p, q, dx: kl(q, (p + q) / 2, dx) / 2,
        "That is the half of q alone; p has one, too.",
    ),
    "only_p_halved": (
        lambda p, q, dx: js(p, q, dx) + kl(q, (p + q) / 2, dx) / 2,
        "Only the first of the two integrals is halved; each has a factor 1/2.",
    ),
    "only_q_halved": (
        lambda p, q, dx: js(p, q, dx) + kl(p, (p + q) / 2, dx) / 2,
        "Only the second of the two integrals is halved; each has a factor 1/2.",
    ),
    "difference": (
        lambda p, q, dx: (kl(p, (p + q) / 2, dx) - kl(q, (p + q) / 2, dx)) / 2,
        "You take the second integral away; the two are added.",
    ),
    "dx_in_p_only": (
        lambda p, q, dx: (kl(p, (p + q) / 2, dx) + kl(q, (p + q) / 2, 1)) / 2,
        "Only the first of the two sums is multiplied by dx; both are integrals.",
    ),
    "dx_in_q_only": (
        lambda p, q, dx: (kl(p, (p + q) / 2, 1) + kl(q, (p + q) / 2, dx)) / 2,
        "Only the second of the two sums is multiplied by dx; both are integrals.",
    ),
    "dx_twice": (
        lambda p, q, dx: js(p, q, dx) * dx,
        "dx is in there twice; one factor turns the sum into an integral.",
    ),
    "doubled_twice": (
        lambda p, q, dx: 4 * js(p, q, dx),
        "That is four times as much: each of the two integrals has a factor 1/2, not 2.",
    ),
    "no_weight": (
        lambda p, q, dx: ((2 * p / (p + q)).log() + (2 * q / (p + q)).log()).sum() * dx / 2,
        "The logarithm of p / m is not weighted with p, nor that of q / m with q.",
    ),
    "other_side": (
        lambda p, q, dx: kl(q, (p + q) / 2, dx),
        "That is the divergence of q alone; p has one, too.",
    ),
    "value": (
        lambda p, q, dx: 2 * js(p, q, dx) - math.log(2) * (p + q).sum() * dx,
        "That is V at the best D. JS is asked for.",
    ),
    "base_2": (
        lambda p, q, dx: js(p, q, dx) / math.log(2),
        "Your logarithm has base 2; the natural one is meant: torch.log.",
    ),
    "base_10": (
        lambda p, q, dx: js(p, q, dx) / math.log(10),
        "Your logarithm has base 10; the natural one is meant: torch.log.",
    ),
    "root": (
        lambda p, q, dx: js(p, q, dx).sqrt(),
        "You took the square root (the JS *distance*). Leave it out.",
    ),
    "sign": (
        lambda p, q, dx: -js(p, q, dx),
        "The sign is turned: a divergence is never negative.",
    ),
    "total_variation": (
        lambda p, q, dx: (p - q).abs().sum() * dx / 2,
        "That is the total variation, half the area between the densities. " + MIXTURE,
    ),
    "squared_difference": (
        lambda p, q, dx: (p - q).square().sum() * dx,
        "That is the squared difference. " + MIXTURE,
    ),
    "hellinger": (
        lambda p, q, dx: 1 - (p * q).sqrt().sum() * dx,
        "That is the Hellinger distance, squared. " + MIXTURE,
    ),
}
