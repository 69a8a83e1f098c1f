"""Checker of exercise 13: does turbulence last?"""

import torch

from gan_lessons.checks.core import Mistake, close
from gan_lessons.checks.deepfakes_calls import call, first_difference, name, number, same

ROUNDED = "That is rounded. Return the number itself, and round where you print."


def autocorrelation(x, lag, size=torch.abs, centre=True, per_window=False):
    """The right answer, with parts exchanged."""
    a = size(x)
    if centre:
        a = a - (a.mean(dim=1, keepdim=True) if per_window else a.mean())
    return (a[:, lag:] * a[:, : a.shape[1] - lag]).mean() / a.square().mean()


def centred(x):
    return x.abs() - x.abs().mean()


def variance(x):
    return x.var(unbiased=False)


def pairs_over(a, lag, below=lambda a: a):
    """Pairs of numbers that are not centred by the right mean, or not divided by all."""
    return (a[:, lag:] * a[:, : a.shape[1] - lag]).mean() / below(a).square().mean()


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
    "spread_around_the_mean_return": (
        lambda x, k: autocorrelation(x, k, size=lambda r: (r - r.mean()).abs(), centre=False),
        "a is |r - mean of r| here. Take |r| first, then take off the mean of |r|.",
    ),
    "mean_of_each_day": (
        lambda x, k: pairs_over(x.abs() - x.abs().mean(0), k),
        "You take off a mean for each day of the window. Take off one mean over all days of all "
        "windows.",
    ),
    "median": (
        lambda x, k: pairs_over(x.abs() - x.abs().median(), k),
        "The median of |r| is taken off; take off its mean.",
    ),
    "logarithms": (
        lambda x, k: autocorrelation(x, k, size=lambda r: r.abs().log()),
        "That is for the logarithm of |r|; take |r| itself.",
    ),
    "rolled_over_everything": (
        lambda x, k: ((a := x.abs() - x.abs().mean()) * a.roll(k)).mean() / a.square().mean(),
        "torch.roll without an axis runs over the border from one window into the next. Use "
        "a[:, lag:] and a[:, :-lag].",
    ),
    "rolled_over_windows": (
        lambda x, k: ((a := x.abs() - x.abs().mean()) * a.roll(k, 0)).mean() / a.square().mean(),
        "torch.roll moves along axis 0, so other windows are compared. Days are the second axis.",
    ),
    "variance_of_the_returns": (
        lambda x, k: autocorrelation(x, k) * variance(x.abs()) / variance(x),
        "Below stands the variance of the returns; divide by the mean of a², so that of |r|.",
    ),
    "sample_variance": (
        lambda x, k: autocorrelation(x, k) * (x.numel() - 1) / x.numel(),
        "You divide by the sample variance (sum over n - 1, torch's default). Take the mean of "
        "a²: unbiased=False.",
    ),
    "early_days_below": (
        lambda x, k: pairs_over(centred(x), k, below=lambda a: a[:, : a.shape[1] - k]),
        "The mean below is over the earlier days of the pairs only. Take all days.",
    ),
    "late_days_below": (
        lambda x, k: pairs_over(centred(x), k, below=lambda a: a[:, k:]),
        "The mean below is over the later days of the pairs only. Take all days.",
    ),
    "means_of_their_own": (
        lambda x, k: (
            (centred(x[:, k:]) * centred(x[:, : x.shape[1] - k])).mean() / variance(x.abs())
        ),
        "Earlier and later days have means of their own. Take off one mean over all days.",
    ),
    "mean_of_quotients": (
        lambda x, k: torch.stack(
            [(a[k:] * a[: len(a) - k]).mean() / a.square().mean() for a in centred(x)]
        ).mean(),
        "You divide in each window and average the quotients. Take both means over all windows, "
        "then divide.",
    ),
    "one_pair_less": (
        lambda x, k: autocorrelation(x, k) * (x.shape[1] - k) / (x.shape[1] - k - 1),
        "The sum is divided by T - lag - 1 for each window; there are T - lag pairs.",
    ),
    "first_days_only": (
        lambda x, k: (centred(x)[:, 0] * centred(x)[:, k]).mean() / variance(x.abs()),
        "Only the first day of each window is paired. Take all days that are lag apart.",
    ),
    "first_window_only": (
        lambda x, k: autocorrelation(x[:1], k),
        "Only the first window enters.",
    ),
    "last_window_only": (
        lambda x, k: autocorrelation(x[-1:], k),
        "Only the last window enters.",
    ),
    "ranks": (
        lambda x, k: torch.corrcoef(
            torch.stack(
                [
                    part.abs().flatten().argsort().argsort().double()
                    for part in (x[:, k:], x[:, : x.shape[1] - k])
                ]
            )
        )[0, 1],
        "That is the correlation of ranks (Spearman's). Take the values.",
    ),
    "sign_lost": (
        lambda x, k: autocorrelation(x, k).abs(),
        "An autocorrelation can be negative. Take the absolute value of the returns only.",
    ),
    "sign": (lambda x, k: -autocorrelation(x, k), "The sign of the result is turned."),
    "differences": (
        lambda x, k: (
            (centred(x)[:, k:] - centred(x)[:, : x.shape[1] - k]).square().mean()
            / variance(x.abs())
        ),
        "That is the mean square of differences; take products.",
    ),
    "joined_correlation": (
        lambda x, k: torch.corrcoef(
            torch.stack([x.abs().flatten()[k:], x.abs().flatten()[: x.numel() - k]])
        )[0, 1],
        "All windows are joined to one series, so pairs run over their borders.",
    ),
    "rounded_to_a_tenth": (lambda x, k: autocorrelation(x, k).round(decimals=1), ROUNDED),
    "rounded_to_a_hundredth": (lambda x, k: autocorrelation(x, k).round(decimals=2), ROUNDED),
}


def wavy(n, days, seed):
    """Windows (n, days) with calm and turbulent times, and a mean that is not 0."""
    draw = torch.Generator().manual_seed(seed)
    level = torch.randn(n, 1, generator=draw) + torch.randn(n, days, generator=draw).cumsum(1) / 2
    return 0.3 + torch.randn(n, days, generator=draw) * (level / 3).exp()


def outcome(answer, case):
    """The answer's number for one case; a size that is written in gets its own sentence."""
    try:
        return number(call(answer, case, ("windows", "lag")), "The autocorrelation")
    except Mistake as mistake:
        if mistake.id != "sizes_must_agree":
            raise
        shape = tuple(case[0].shape)
        raise Mistake(
            "sizes_must_agree",
            f"Your code stops with windows of shape {shape} and lag {case[1]}: sizes do not agree. "
            "Is a number of days or windows written in? The earlier days are a[:, :-lag], the "
            "later ones a[:, lag:].",
        ) from None


def examine_absolute_acf(answer):
    """Autocorrelation of absolute returns, within windows."""
    cases = [(wavy(9, 12, 0), 2), (wavy(14, 8, 1), 3), (wavy(6, 20, 2), 5), (wavy(8, 10, 8), 6)]
    outputs = [outcome(answer, case) for case in cases]
    doubled = [(x.double(), lag) for x, lag in cases]
    expected = [autocorrelation(*case) for case in doubled]
    if same(outputs, expected):
        judge_ends(answer)
        return
    i = first_difference(outputs, expected)
    said = (
        f"For {len(cases[i][0])} windows of {cases[i][0].shape[1]} days and lag {cases[i][1]} "
        f"yours is {outputs[i]:.4f}; it should be {expected[i]:.4f}. "
    )
    name(outputs, doubled, ACF, said)
    for other in range(1, cases[i][0].shape[1]):
        if close(outputs[i], autocorrelation(doubled[i][0], other)):
            raise Mistake("other_lag", f"{said}Yours is the autocorrelation at lag {other}.")
    raise Mistake(
        "other_formula",
        f"{said}a = |r| minus the mean of |r| over all windows; the mean of a[t] · a[t + lag] over "
        "all pairs within windows, over the mean of a².",
    )


def judge_ends(answer):
    """The smallest and the largest lag, and a single window."""
    for x, lag in ((wavy(7, 9, 3), 1), (wavy(5, 7, 5), 6), (wavy(1, 9, 6), 4)):
        found, right = outcome(answer, (x, lag)), autocorrelation(x.double(), lag)
        if not close(found, right):
            raise Mistake(
                "some_sizes_only",
                f"Your function is right for other sizes, but for windows of shape "
                f"{tuple(x.shape)} and lag {lag} it gives {found:.4f}; it should be {right:.4f}.",
            )
