"""Checker of the paired difference: closed form against wrong twins."""

from statistics import NormalDist

import torch

from gan_lessons.checks.core import Mistake, attempted, close, untouched
from gan_lessons.checks.game_calls import call


def cases():
    """Accuracies of two arms over 5, 10 and 14 splits that are easy or hard for both."""
    generator = torch.Generator().manual_seed(3)
    made = []
    for m in (5, 10, 14):
        luck = torch.randn(m, generator=generator, dtype=torch.float64)
        noise = torch.randn(2, m, generator=generator, dtype=torch.float64)
        made.append(tuple(0.7 + 0.05 * luck + 0.01 * noise + torch.tensor([[0.02], [0.0]])))
    return made


def student(share, freedom):
    """Quantile of Student's t."""
    from scipy.stats import t  # here, since this import takes a second

    return float(t.ppf(share, freedom))


def interval(d, share=0.975, correction=1, root=True, freedom=None, factor=None):
    """Mean of d and a t-interval, with the places where it goes wrong as arguments."""
    m = len(d)
    factor = factor or student(share, freedom or m - 1)
    reach = factor * d.std(correction=correction).item() / (m**0.5 if root else 1)
    mean = d.mean().item()
    return torch.tensor([mean, mean - reach, mean + reach], dtype=torch.float64)


def unpaired(a, b, freedom):
    """The interval for two independent sets of runs."""
    m, mean = len(a), (a.mean() - b.mean()).item()
    reach = student(0.975, freedom(m)) * ((a.var() + b.var()) / m).sqrt().item()
    return torch.tensor([mean, mean - reach, mean + reach], dtype=torch.float64)


def welch(a, b):
    """The same with Welch's degrees of freedom."""
    u, v = a.var().item(), b.var().item()
    return unpaired(a, b, lambda m: (m - 1) * (u + v) ** 2 / (u**2 + v**2))


UNPAIRED = (
    "That is the interval of two *independent* sets of runs. Entry i of both comes from the same "
    "split: take the differences a - b first, then mean and standard deviation of those."
)
DIFFERENCE = "The differences are b - a: the sign is turned. Asked for is a minus b."
TWINS = {
    "unpaired": (lambda a, b: unpaired(a, b, lambda m: 2 * m - 2), UNPAIRED),
    "unpaired_same_freedom": (lambda a, b: unpaired(a, b, lambda m: m - 1), UNPAIRED),
    "unpaired_welch": (welch, UNPAIRED),
    "sign": (lambda a, b: interval(b - a), DIFFERENCE),
    "normal_quantile": (
        lambda a, b: interval(a - b, factor=NormalDist().inv_cdf(0.975)),
        "1.96 belongs to the normal distribution. The standard deviation of a few splits is itself "
        "uncertain: take Student's t with m - 1 degrees of freedom, scipy.stats.t.ppf(0.975, m-1).",
    ),
    "no_root": (
        lambda a, b: interval(a - b, root=False),
        "The interval is for the *mean* of m differences: divide the standard deviation by the "
        "root of m.",
    ),
    "no_root_of_m": (
        lambda a, b: interval(a - b, factor=student(0.975, len(a) - 1) / len(a) ** 0.5),
        "The standard deviation is divided by m; divide it by the root of m.",
    ),
    "variance": (
        lambda a, b: interval(a - b, factor=student(0.975, len(a) - 1) * (a - b).std().item()),
        "You take the variance of the differences; their standard deviation is its root.",
    ),
    "two_for_t": (
        lambda a, b: interval(a - b, factor=2),
        "2 is a rule of thumb for many splits. For few, take Student's t: "
        "scipy.stats.t.ppf(0.975, m - 1).",
    ),
    "quantiles": (
        lambda a, b: torch.stack(
            [(a - b).mean(), *(a - b).quantile(torch.tensor([0.025, 0.975]).double())]
        ),
        "The ends are quantiles of the differences: where single splits lie. The interval is for "
        "their mean, and it is narrower with more splits.",
    ),
    "divided_by_m": (
        lambda a, b: interval(a - b, correction=0),
        "The standard deviation of a sample divides by m - 1, not by m: numpy's std needs ddof=1.",
    ),
    "wrong_freedom": (
        lambda a, b: interval(a - b, freedom=len(a)),
        "Student's t has m - 1 degrees of freedom here, not m.",
    ),
    "one_sided": (
        lambda a, b: interval(a - b, share=0.95),
        "That is a 90 % interval: ppf(0.95) leaves 5 % on each side. For 95 % between the ends it "
        "must leave 2.5 % on each: ppf(0.975).",
    ),
    "other_level": (
        lambda a, b: interval(a - b, share=0.995),
        "That is a 99 % interval; 95 % is asked for.",
    ),
    "standard_error": (
        lambda a, b: interval(a - b, factor=1),
        "That is the mean plus and minus one standard error: the factor from Student's t is "
        "missing.",
    ),
    "ends_swapped": (
        lambda a, b: interval(a - b)[[0, 2, 1]],
        "The ends are exchanged: return (mean, low, high).",
    ),
    "other_order": (
        lambda a, b: interval(a - b)[[1, 0, 2]],
        "The order is another one: return (mean, low, high).",
    ),
    "relative": (
        lambda a, b: interval(a / b - 1),
        "That is the relative change a / b - 1. Asked for is the difference a - b.",
    ),
    "only_a": (lambda a, b: interval(a), "That is the interval of a alone; b does not enter."),
    "absolute": (
        lambda a, b: interval((a - b).abs()),
        "The absolute values of the differences lose the splits where b was better. Keep the sign.",
    ),
    "percent": (
        lambda a, b: 100 * interval(a - b),
        "It is right but for a factor of 100: stay in the units of a and b.",
    ),
    "half_width": (
        lambda a, b: torch.stack([interval(a - b)[0], *(interval(a - b)[1:] - interval(a - b)[0])]),
        "The ends are given relative to the mean. Return the ends themselves: mean - reach and "
        "mean + reach.",
    ),
}


def three(output):
    """(mean, low, high) as a float64 tensor; names the usual ways to miss it."""
    output = attempted(output)
    if all(hasattr(output, name) for name in ("value", "low", "high")):
        output = output.value, output.low, output.high  # metrics.Interval
    try:
        parts = torch.tensor([float(attempted(part)) for part in output], dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        kind = type(output).__name__
        raise Mistake(
            "not_three_numbers", f"Return three numbers, (mean, low, high); yours is a {kind}."
        ) from None
    if len(parts) != 3:
        raise Mistake(
            "not_three_numbers", f"Return three numbers, (mean, low, high), not {len(parts)}."
        )
    if not parts.isfinite().all():
        raise Mistake("not_finite", f"Yours gives {parts.tolist()} on ordinary accuracies.")
    return parts


def examine_paired_interval(answer):
    """Three numbers, equal to the formula for several m."""
    inputs, outputs = cases(), []
    for a, b in inputs:
        given = a.clone(), b.clone()
        outputs.append(three(call(answer, given, ("a", "b"))))
        for before, after, name in zip((a, b), given, ("a", "b"), strict=True):
            untouched(before, after, name)
    expected = [interval(a - b) for a, b in inputs]
    if all(close(x, y, rtol=1e-4, atol=1e-6) for x, y in zip(outputs, expected, strict=True)):
        return None
    rows = zip(inputs, outputs, expected, strict=True)
    (a, _), *row = next(r for r in rows if not close(r[1], r[2], rtol=1e-4, atol=1e-6))
    mine, right = (", ".join(f"{x:.4f}" for x in numbers) for numbers in row)
    said = f"For two arms over {len(a)} splits yours gives ({mine}); it should be ({right}). "
    twins = {
        id: ([twin(a, b) for a, b in inputs], said + text) for id, (twin, text) in TWINS.items()
    }
    for id, (wrong, text) in twins.items():
        if all(close(x, y, rtol=1e-4, atol=1e-6) for x, y in zip(outputs, wrong, strict=True)):
            raise Mistake(id, text)
    if all(close(x[0], y[0], atol=1e-6) for x, y in zip(outputs, expected, strict=True)):
        raise Mistake(
            "other_reach",
            f"{said}The mean is right. The ends should be t · s / √m away from it, with s the "
            "standard deviation of the differences and t = scipy.stats.t.ppf(0.975, m - 1).",
        )
    raise Mistake(
        "other_formula",
        f"{said}Take d = a - b, its mean, its standard deviation s (divided by m - 1), and "
        "t · s / √m to both sides.",
    )
