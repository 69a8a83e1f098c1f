"""Checkers of exercise 10: value at risk and expected shortfall, and persistence."""

import numpy as np
import torch

from gan_lessons.checks.core import Mistake, attempted
from gan_lessons.checks.deepfakes_calls import call, first_difference, name, number, same

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
    for i, (r, level) in enumerate(cases):
        losses, k = worst(r.double(), level)
        if losses[k] - 1e-4 <= values[i] <= losses[k - 1] + 1e-4:
            continue
        said = (
            f"For {len(r)} returns and level {level:g} (k = {k}) your VaR is {values[i]:.3f}; it "
            f"should be {losses[k - 1]:.3f}. "
        )
        if same(values, [s.double() for s in map(lambda c: right_es(*c), cases)]):
            raise Mistake("swapped", said + "VaR and ES are exchanged: return (var, es).")
        found = [c[0].double() for c in cases]
        name(values, [(r, c[1]) for r, c in zip(found, cases, strict=True)], VAR, said)
        raise Mistake("other_var", said + "Sort the losses, the largest first; take the k-th.")
    doubled = [(r.double(), level) for r, level in cases]
    expected = [right_es(*case) for case in doubled]
    if not same(shortfalls, expected):
        i = first_difference(shortfalls, expected)
        said = f"VaR is right. Your ES is {shortfalls[i]:.3f}; it should be {expected[i]:.3f}. "
        name(shortfalls, doubled, ES, said)
        raise Mistake("other_es", said + "It is the mean of the k largest losses.")


def autocorrelation(x, lag, size=torch.abs, centre=True, per_window=False):
    """The right answer, with parts exchanged."""
    a = size(x)
    if centre:
        a = a - (a.mean(dim=1, keepdim=True) if per_window else a.mean())
    return (a[:, lag:] * a[:, : a.shape[1] - lag]).mean() / a.square().mean()


def across(x, lag):
    """All windows joined to one series, borders and all."""
    return autocorrelation(x.reshape(1, -1), lag)


def by_windows(x, lag):
    """Mean of the windows' own autocorrelations."""
    return torch.stack([autocorrelation(row[None], lag) for row in x]).mean()


ACF = {
    "returns_themselves": (
        lambda x, k: autocorrelation(x, k, size=lambda r: r),
        "That is the autocorrelation of the returns. Take their absolute values first.",
    ),
    "squares": (
        lambda x, k: autocorrelation(x, k, size=torch.square),
        "That is for squared returns; absolute values are asked for.",
    ),
    "absolute_after_centring": (
        lambda x, k: autocorrelation(x, k, size=lambda r: (r - r.mean()).abs()),
        "The mean of the returns is taken off before the absolute value. Take |r| of the returns "
        "as they are, then take off the mean of |r|.",
    ),
    "not_centred": (
        lambda x, k: autocorrelation(x, k, centre=False),
        "The mean of |r| is not taken off, so that even independent days look alike.",
    ),
    "mean_of_each_window": (
        lambda x, k: autocorrelation(x, k, per_window=True),
        "You take off each window's own mean. That removes just what lasts: a turbulent window "
        "counts as calm. Take off one mean over all windows.",
    ),
    "windows_alone": (
        by_windows,
        "You compute one value for each window and average. Take means over all windows at once.",
    ),
    "across_borders": (
        across,
        "Your pairs run over the border from one window into the next, which is another time.",
    ),
    "rolled": (
        lambda x, k: ((a := x.abs() - x.abs().mean()) * a.roll(k, 1)).mean() / a.square().mean(),
        "torch.roll joins the end of a window to its beginning. Use a[:, lag:] and a[:, :-lag].",
    ),
    "sum_over_all": (
        lambda x, k: autocorrelation(x, k) * (x.shape[1] - k) / x.shape[1],
        "The sum over T - lag pairs is divided by the squares of all T days. Use the mean of each.",
    ),
    "covariance": (
        lambda x, k: autocorrelation(x, k) * (x.abs() - x.abs().mean()).square().mean(),
        "That is the covariance: divide by the mean of a².",
    ),
    "wrong_axis": (
        lambda x, k: autocorrelation(x.T, k),
        "The pairs are made across windows; days are the second axis.",
    ),
    "lag_ignored": (lambda x, k: autocorrelation(x, 1), "The argument lag does not enter."),
    "lag_one_off": (
        lambda x, k: autocorrelation(x, k + 1),
        "That is the autocorrelation at lag + 1.",
    ),
    "lag_one_less": (
        lambda x, k: autocorrelation(x, k - 1),
        "That is the autocorrelation at lag - 1.",
    ),
    "correlation_of_pairs": (
        lambda x, k: torch.corrcoef(
            torch.stack([x.abs()[:, k:].flatten(), x.abs()[:, : x.shape[1] - k].flatten()])
        )[0, 1],
        "That is the correlation of the pairs, with means and spreads of their own. Asked for are "
        "one mean of |r| and one mean of a², over all days.",
    ),
    "spread": (
        lambda x, k: autocorrelation(x, k) * (x.abs() - x.abs().mean()).square().mean().sqrt(),
        "You divide by the standard deviation; divide by the variance.",
    ),
}


def wavy(n, days, seed):
    """Windows (n, days) with calm and turbulent times, and a mean that is not 0."""
    draw = torch.Generator().manual_seed(seed)
    level = torch.randn(n, 1, generator=draw) + torch.randn(n, days, generator=draw).cumsum(1) / 2
    return 0.3 + torch.randn(n, days, generator=draw) * (level / 3).exp()


def examine_absolute_acf(answer):
    """Autocorrelation of absolute returns, within windows."""
    names = ("windows", "lag")
    cases = [(wavy(9, 12, 0), 2), (wavy(14, 8, 1), 3), (wavy(6, 20, 2), 5)]
    outputs = [number(call(answer, case, names), "The autocorrelation") for case in cases]
    doubled = [(x.double(), lag) for x, lag in cases]
    expected = [autocorrelation(*case) for case in doubled]
    if same(outputs, expected):
        return
    i = first_difference(outputs, expected)
    said = (
        f"For {len(cases[i][0])} windows of {cases[i][0].shape[1]} days and lag {cases[i][1]} "
        f"yours is {outputs[i]:.4f}; it should be {expected[i]:.4f}. "
    )
    name(outputs, doubled, ACF, said)
    raise Mistake(
        "other_formula",
        f"{said}a = |r| minus the mean of |r| over all windows; the mean of a[t] · a[t + lag] over "
        "all pairs within windows, over the mean of a².",
    )
