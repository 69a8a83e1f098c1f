"""Checkers of exercise 13: value at risk and expected shortfall."""

import math
from statistics import NormalDist

import numpy as np
import torch

from gan_lessons.checks.core import Mistake, attempted
from gan_lessons.checks.deepfakes_calls import call, first_difference, name, number, same

ROUNDED = "That is rounded. Return the number itself, and round where you print."
CASES = ((200, 0.05, 0), (400, 0.01, 1), (150, 0.1, 2))


def daily(n, seed):
    """Returns (n,) with a mean above 0, and worse losses than gains."""
    x = torch.randn(n, generator=torch.Generator().manual_seed(seed))
    return 0.4 + x - 0.5 * (x < -1) * x.square()


def worst(returns, level):
    """All losses, the largest first, and how many of them count."""
    return (-returns).sort(descending=True).values, round(level * len(returns))


def pair(var, es):
    return lambda r, level: torch.stack([torch.as_tensor(f(r, level)).double() for f in (var, es)])


def right_var(r, level):
    losses, k = worst(r, level)
    return losses[k - 1]


def right_es(r, level):
    losses, k = worst(r, level)
    return losses[:k].mean()


def at(level_of, sign=-1):
    return lambda r, level: sign * torch.quantile(r, level_of(level))


VAR = {
    "sign": (lambda r, q: -right_var(r, q), "A loss counts positive: turn the sign."),
    "wrong_tail": (
        lambda r, q: r.sort(descending=True).values[worst(r, q)[1] - 1],
        "That is the tail of the gains. Losses are the negative returns.",
    ),
    "wrong_tail_sign": (
        lambda r, q: -r.sort(descending=True).values[worst(r, q)[1] - 1],
        "That is minus a large gain. Losses are the negative returns: look at the smallest ones.",
    ),
    "absolute": (
        lambda r, q: r.abs().sort(descending=True).values[worst(r, q)[1] - 1],
        "You sort absolute returns, so gains count as losses.",
    ),
    "normal": (
        lambda r, q: 2.3263 * r.std() - r.mean(),
        "That is the VaR of a normal distribution at 1 %. Take the losses themselves.",
    ),
    "largest": (
        lambda r, q: (-r).max(),
        "That is the largest loss of all. Asked for is the k-th largest.",
    ),
    "level_ignored": (
        at(lambda q: 0.02),
        "The argument level does not enter.",
    ),
    "level_ignored_one_per_cent": (at(lambda q: 0.01), "The argument level does not enter."),
    "level_ignored_five_per_cent": (at(lambda q: 0.05), "The argument level does not enter."),
    "half_the_level": (
        lambda r, q: worst(r, q / 2)[0][max(worst(r, q / 2)[1], 1) - 1],
        "You use half the level: VaR has one tail, that of the losses.",
    ),
    "mean_taken_off": (
        lambda r, q: right_var(r - r.mean(), q),
        "The mean is taken off first; use the returns as they are.",
    ),
    "per_cent": (lambda r, q: 100 * right_var(r, q), "The result is 100 times as large."),
    "hundredth": (lambda r, q: right_var(r, q) / 100, "The result is divided by 100."),
    "sign_of_the_quantile": (at(lambda q: q, sign=1), "A loss counts positive: turn the sign."),
    "quantile_of_gains": (
        at(lambda q: 1 - q, sign=1),
        "That is the quantile of the returns at 1 - level, so a large gain.",
    ),
    "quantile_of_gains_sign": (
        at(lambda q: 1 - q),
        "That is minus the quantile of the returns at 1 - level, so minus a large gain.",
    ),
    "normal_at_level": (
        lambda r, q: -r.mean() - r.std() * torch.special.ndtri(torch.tensor(q).double()),
        "That is the VaR of a normal distribution with this mean and spread. Take the losses "
        "themselves.",
    ),
    "losing_days_only": (
        lambda r, q: right_var(r[r < 0], q),
        "You count only the losing days: k is level times the number of *all* days.",
    ),
    "place": (
        lambda r, q: r.argsort()[worst(r, q)[1] - 1],
        "That is the place of the k-th largest loss in the returns, not the loss.",
    ),
    "unsorted": (
        lambda r, q: -r[worst(r, q)[1] - 1],
        "That is the k-th return as it comes. Sort first.",
    ),
    "es_sign": (
        lambda r, q: -right_es(r, q),
        "That is minus ES, in the place of VaR: return (var, es), losses positive.",
    ),
    "rounded": (lambda r, q: right_var(r, q).round(), ROUNDED),
    "rounded_to_a_tenth": (lambda r, q: right_var(r, q).round(decimals=1), ROUNDED),
    "rounded_to_a_hundredth": (lambda r, q: right_var(r, q).round(decimals=2), ROUNDED),
}
ES = {
    "var_again": (right_var, "That is VaR again. ES is the mean of the k largest losses."),
    "sign": (lambda r, q: -right_es(r, q), "A loss counts positive: turn the sign."),
    "divided_by_all": (
        lambda r, q: right_es(r, q) * worst(r, q)[1] / len(r),
        "The sum of the largest losses is divided by all N days; divide by k.",
    ),
    "excess": (
        lambda r, q: right_es(r, q) - right_var(r, q),
        "That is how far the losses lie beyond VaR. Return their mean itself.",
    ),
    "median": (
        lambda r, q: torch.quantile(worst(r, q)[0][: worst(r, q)[1]], 0.5),
        "That is the median of the k largest losses; ES is their mean.",
    ),
    "other_side": (
        lambda r, q: worst(r, q)[0][worst(r, q)[1] :].mean(),
        "That is the mean of all the other days. Take the k largest losses.",
    ),
    "all_losses": (
        lambda r, q: -r[r < 0].mean(),
        "That is the mean of all losing days. Take the k largest losses.",
    ),
    "all_days": (lambda r, q: -r.mean(), "That is the mean of all days."),
    "largest": (lambda r, q: (-r).max(), "That is the largest loss of all."),
    "without_the_kth": (
        lambda r, q: worst(r, q)[0][: max(worst(r, q)[1] - 1, 1)].mean(),
        "One of the k largest losses is left out: the k-th itself belongs to them (≥, not >).",
    ),
    "one_more": (
        lambda r, q: worst(r, q)[0][: worst(r, q)[1] + 1].mean(),
        "One loss too many: k is level · N, and the mean is over the k largest.",
    ),
    "per_cent": (lambda r, q: 100 * right_es(r, q), "The result is 100 times as large."),
    "hundredth": (lambda r, q: right_es(r, q) / 100, "The result is divided by 100."),
    "sum": (
        lambda r, q: right_es(r, q) * worst(r, q)[1],
        "That is the sum of the k largest losses; divide by k.",
    ),
    "middle": (
        lambda r, q: worst(r, q)[0][: worst(r, q)[1]].median(),
        "That is a median of the k largest losses; ES is their mean.",
    ),
    "normal": (
        lambda r, q: (
            -r.mean()
            + r.std() * math.exp(-(NormalDist().inv_cdf(q) ** 2) / 2) / math.sqrt(2 * math.pi) / q
        ),
        "That is the ES of a normal distribution with this mean and spread. Take the losses "
        "themselves.",
    ),
    "rounded": (lambda r, q: right_es(r, q).round(), ROUNDED),
    "rounded_to_a_tenth": (lambda r, q: right_es(r, q).round(decimals=1), ROUNDED),
    "rounded_to_a_hundredth": (lambda r, q: right_es(r, q).round(decimals=2), ROUNDED),
}


def two_numbers(output):
    """VaR and ES as float64 tensors."""
    output = attempted(output)
    if isinstance(output, (torch.Tensor, np.ndarray)) and output.shape == (2,):
        output = tuple(output)
    if not isinstance(output, (tuple, list)) or len(output) != 2:
        raise Mistake(
            "not_two_numbers",
            f"Return two numbers, (var, es); yours is a {type(output).__name__}.",
        )
    if all(part is None for part in output):
        attempted(None)
    return number(output[0], "VaR"), number(output[1], "ES")


def examine_risk_measures(answer):
    """The k-th largest loss, and the mean of the k largest."""
    names, cases = ("returns", "level"), [(daily(n, seed), level) for n, level, seed in CASES]
    outputs = [two_numbers(call(answer, case, names)) for case in cases]
    values, shortfalls = (list(part) for part in zip(*outputs, strict=True))
    cases = [(r.double(), level) for r, level in cases]
    judge_var(values, shortfalls, cases)
    judge_es(shortfalls, cases)


def judge_var(values, shortfalls, cases):
    """Between the k-th largest loss and the next smaller one, but not that one itself."""
    means = [right_es(*case) for case in cases]
    for i, (r, level) in enumerate(cases):
        losses, k = worst(r, level)
        said = (
            f"For {len(r)} returns and level {level:g} (k = {k}) your VaR is {values[i]:.3f}; it "
            f"should be {losses[k - 1]:.3f}. "
        )
        if losses[k] - 1e-4 <= values[i] <= losses[k - 1] + 1e-4:
            continue
        if same(values, means) and same(shortfalls, means):
            raise Mistake("es_twice", said + "Both of your numbers are ES.")
        if same(values, means):
            raise Mistake("swapped", said + "VaR and ES are exchanged: return (var, es).")
        name(values, cases, VAR, said)
        near = (losses - values[i]).abs()
        if near.min() < 1e-4:
            raise Mistake(
                "other_place",
                f"{said}Yours is number {near.argmin() + 1} of the losses, the largest first; "
                f"asked for is number k = {k}.",
            )
        raise Mistake("other_var", said + "Sort the losses, the largest first; take the k-th.")
    if all(abs(v - worst(*c)[0][worst(*c)[1]]) < 1e-5 for v, c in zip(values, cases, strict=True)):
        losses, k = worst(*cases[0])
        raise Mistake(
            "one_too_far",
            f"With k = {k} your VaR is {values[0]:.3f}, the loss after the k-th; it should be "
            f"{losses[k - 1]:.3f}. Python counts from 0: the k-th is losses[k - 1].",
        )


def judge_es(shortfalls, cases):
    """The mean of the k largest losses."""
    expected = [right_es(*case) for case in cases]
    if same(shortfalls, expected):
        return
    i = first_difference(shortfalls, expected)
    said = f"VaR is right. Your ES is {shortfalls[i]:.3f}; it should be {expected[i]:.3f}. "
    name(shortfalls, cases, ES, said)
    losses, k = worst(*cases[i])
    near = (losses.cumsum(0) / torch.arange(1, len(losses) + 1) - shortfalls[i]).abs()
    if near.min() < 1e-4:
        raise Mistake(
            "other_number_of_losses",
            f"{said}Yours is the mean of the {near.argmin() + 1} largest losses; k is {k} here.",
        )
    raise Mistake("other_es", said + "It is the mean of the k largest losses.")
