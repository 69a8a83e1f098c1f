"""Checkers of exercise 01, tasks 1 and 3: the value of the game, and the divergence."""

import math

import torch
import torch.nn.functional as F

from gan_lessons.checks.core import Mistake, close, name_twin, scalar, untouched
from gan_lessons.checks.game_calls import call, say
from gan_lessons.data import mixture_1d


def examine_value_function(answer):
    outputs, batches = [], []
    for n, seed in ((7, 1), (10, 2)):
        noise = torch.randn(2, n, 1, generator=torch.Generator().manual_seed(seed))
        real, fake = torch.sigmoid(noise + torch.tensor([1.0, -0.5])[:, None, None])
        before = real.clone(), fake.clone()
        output = call(answer, (real, fake), ("d_real", "d_fake"))
        outputs.append(scalar(output, "the value").detach())
        for a, b, name in zip(before, (real, fake), ("d_real", "d_fake"), strict=True):
            untouched(a, b, name)
        batches.append((real.double(), fake.double()))
    expected = [r.log().mean() + (1 - f).log().mean() for r, f in batches]
    said = f"For the first test batch V is {say(expected[0])}, yours is {say(outputs[0])}. "
    twins = {
        id: ([twin(r, f) for r, f in batches], said + text)
        for id, (twin, text) in VALUE_TWINS.items()
    }
    name_twin(outputs, twins)
    if not all(close(a, b) for a, b in zip(outputs, expected, strict=True)):
        raise Mistake("other_formula", said + "V = mean of log d_real + mean of log(1 - d_fake).")


VALUE_TWINS = {
    "sign": (
        lambda r, f: -(r.log().mean() + (1 - f).log().mean()),
        "That is the value with its sign turned: the loss of D. V is what D wants large, and it is "
        "never positive.",
    ),
    "no_one_minus": (
        lambda r, f: r.log().mean() + f.log().mean(),
        "Your second term rewards D for calling fakes real. It is log(1 - D(fake)).",
    ),
    "one_minus_log": (
        lambda r, f: r.log().mean() + (1 - f.log()).mean(),
        "A bracket stands wrong: log(1 - d_fake), not 1 - log(d_fake).",
    ),
    "one_plus": (
        lambda r, f: r.log1p().mean() + (-f).log1p().mean(),
        "log1p(x) is log(1 + x): right for the fakes with x = -d_fake, but the real term is log.",
    ),
    "real_only": (
        lambda r, f: r.log().mean(),
        "The fakes have no term yet: mean of log(1 - D(fake)).",
    ),
    "fake_only": (
        lambda r, f: (1 - f).log().mean(),
        "The real samples have no term yet: mean of log D(real).",
    ),
    "wish_of_G": (lambda r, f: f.log().mean(), "That is what G wishes for; V belongs to both."),
    "real_twice": (
        lambda r, f: r.log().mean() + (1 - r).log().mean(),
        "The second term uses d_real again; d_fake belongs there.",
    ),
    "fake_twice": (
        lambda r, f: f.log().mean() + (1 - f).log().mean(),
        "The first term uses d_fake; d_real belongs there.",
    ),
    "swapped": (
        lambda r, f: f.log().mean() + (1 - r).log().mean(),
        "The two batches have changed places.",
    ),
    "difference": (
        lambda r, f: r.log().mean() - (1 - f).log().mean(),
        "The two terms are added: D wants both of them large.",
    ),
    "other_difference": (
        lambda r, f: (1 - f).log().mean() - r.log().mean(),
        "The two terms are added: D wants both of them large.",
    ),
    "sum": (
        lambda r, f: r.log().sum() + (1 - f).log().sum(),
        "You take sums, so the value depends on the batch size. V is made of means.",
    ),
    "log_of_mean": (
        lambda r, f: r.mean().log() + (1 - f).mean().log(),
        "You take the logarithm of the mean. V is the mean of the logarithms: the order matters.",
    ),
    "averaged": (
        lambda r, f: (r.log().mean() + (1 - f).log().mean()) / 2,
        "V is the sum of the two means, not the mean of all.",
    ),
    "product": (
        lambda r, f: (r.log() * (1 - f).log()).mean(),
        "You multiply the two terms; they are added.",
    ),
    "base_2": (
        lambda r, f: r.log2().mean() + (1 - f).log2().mean(),
        "Your logarithm has base 2; the natural one is meant: torch.log.",
    ),
    "base_10": (
        lambda r, f: r.log10().mean() + (1 - f).log10().mean(),
        "Your logarithm has base 10; the natural one is meant: torch.log.",
    ),
    "no_log": (lambda r, f: r.mean() + (1 - f).mean(), "The logarithms are missing."),
    "takes_logits": (
        lambda r, f: F.logsigmoid(r).mean() + F.logsigmoid(-f).mean(),
        "You apply a sigmoid, but d_real and d_fake are probabilities already.",
    ),
}


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
