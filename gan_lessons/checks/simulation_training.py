"""Checker of training-by-sampling: which rows are picked, and how often."""

import numpy as np
import torch
from scipy import stats

from gan_lessons.checks.core import Mistake, attempted
from gan_lessons.checks.deepfakes_calls import call

COUNTS = {0: 1000, 3: 100, 7: 10, 8: 1}  # gaps, a rare one, a single one
PICKS = 40_000
NEVER = 1e-9  # a right answer is refused less often than once in 10^8 checks
LIKELY = 1e-4


def mixed(counts, seed=0):
    """Labels (N,), int64, in random order."""
    labels = torch.cat([torch.full((n,), k) for k, n in counts.items()])
    return labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))]


def chances(labels, weight=lambda n, total: np.log1p(n)):
    """The chance of each row (N,), with a weight for a category of n rows among `total`."""
    _, which, counts = np.unique(labels.numpy(), return_inverse=True, return_counts=True)
    row = (weight(counts, len(labels)) / counts)[which]
    return row / row.sum()


def place_in_category(labels):
    """Places within a category, taken for rows of the table."""
    counts = np.unique(labels.numpy(), return_counts=True)[1]
    share = np.log1p(counts) / np.log1p(counts).sum()
    return sum(p / n * (np.arange(len(labels)) < n) for p, n in zip(share, counts, strict=True))


def weighing(weight):
    return lambda labels: chances(labels, weight)


TWINS = {
    "uniform_over_rows": (
        weighing(lambda n, N: n),
        "That is what drawing rows uniformly gives, the logarithm does nothing: a frequent "
        "category stays as frequent as it is.",
    ),
    "uniform_over_categories": (
        weighing(lambda n, N: n**0.0),
        "All categories are equally likely. Weigh them by log(1 + count).",
    ),
    "log_of_count": (
        weighing(lambda n, N: np.log(n)),
        "That is log(count), which is 0 for a category with one row. Add 1: log(1 + count).",
    ),
    "log_of_share": (
        weighing(lambda n, N: np.log1p(n / N)),
        "That is log(1 + share). The logarithm is of 1 + the *number* of rows.",
    ),
    "log_for_each_row": (
        weighing(lambda n, N: n * np.log1p(n)),
        "Each *row* has the weight log(1 + count), so that a category gets it count times. First "
        "draw the category, then a row; or divide the weight by count.",
    ),
    "inverse_log": (
        weighing(lambda n, N: 1 / np.log1p(n)),
        "The chances are turned round: rare categories come most often.",
    ),
    "minus_log_of_share": (
        weighing(lambda n, N: -np.log(n / N)),
        "That is -log(share): rare categories come most often. Take log(1 + count).",
    ),
    "inverse_count": (
        weighing(lambda n, N: 1 / n),
        "The chances are turned round: a category gets 1 / count.",
    ),
    "root": (weighing(lambda n, N: n**0.5), "That is the root of the count, not the logarithm."),
    "softmax_of_share": (
        weighing(lambda n, N: np.exp(n / N)),
        "That is a softmax of shares. Divide log(1 + count) by its sum.",
    ),
    "one_and_log_of_count": (
        weighing(lambda n, N: 1 + np.log(n)),
        "That is 1 + log(count). The 1 belongs inside: log(1 + count).",
    ),
    "softmax_of_logs": (
        weighing(lambda n, N: 1.0 + n),
        "That is a softmax of log(1 + count), which is 1 + count again. Divide log(1 + count) by "
        "its sum instead.",
    ),
    "category_of_one_row_missing": (
        weighing(lambda n, N: np.log1p(n) * ((n > 1) | (N == 1))),
        "A category with a single row never comes.",
    ),
    "rows_of_sorted_labels": (
        lambda labels: chances(labels.sort().values),
        "These are rows of the *sorted* labels. Go back to the table's order: order = "
        "labels.argsort(), then order[rows].",
    ),
    "place_in_category": (
        place_in_category,
        "Your numbers are places *within* a category. Go back to rows of the table: "
        "torch.where(labels == k)[0][place].",
    ),
}


def rows_of(answer, labels, n):
    """The picked rows as an int64 array; names other forms."""
    try:
        output = attempted(call(answer, (labels, n), ("labels", "n")))
    except (RuntimeError, ValueError) as error:
        explain(error, n, len(labels))
        raise
    if isinstance(output, torch.Tensor):
        output = output.detach().cpu().numpy()
    try:
        picked = np.asarray(output)
    except (ValueError, RuntimeError):
        picked = np.asarray(None)
    if picked.dtype.kind not in "iufb":
        raise Mistake(
            "wrong_type",
            f"Return {n} row numbers, a tensor (n,) or a list; yours is a {type(output).__name__} "
            "of something else.",
        )
    if picked.shape != (n,):
        whole = np.issubdtype(picked.dtype, np.integer)
        if whole and picked.ndim == 1 and len(picked) <= len(labels) < n:
            if len(np.unique(picked)) == len(picked):
                explain(ValueError("larger sample"), n, len(labels))
        number = " That is the number of labels: draw n." if picked.shape == labels.shape else ""
        raise Mistake("shape", f"Return {n} rows, shape ({n},); yours has {picked.shape}.{number}")
    if not np.issubdtype(picked.dtype, np.integer):
        raise Mistake(
            "not_whole_numbers",
            f"Row numbers are int64; yours have the type {picked.dtype}. They must serve as an "
            "index.",
        )
    if picked.min() < 0 or picked.max() >= len(labels):
        raise Mistake(
            "out_of_range",
            f"Rows go from 0 to {len(labels) - 1}; yours go from {picked.min()} to {picked.max()}.",
        )
    return picked


def explain(error, n, rows):
    """Name the exceptions that sampling meets most."""
    text = str(error)
    too_few = ("arger sample", "larger than", "n_sample", "without replacement")
    if any(sign in text for sign in too_few):
        raise Mistake(
            "without_replacement",
            f"{n} picks from {rows} rows are asked for, so rows come again: draw *with* "
            "replacement (torch.multinomial needs replacement=True).",
        ) from None
    if "sum to 1" in text:
        raise Mistake(
            "not_normalised",
            "numpy wants chances that add up to 1. Divide the weights log(1 + count) by their sum.",
        ) from None
    signs = ("non-negative", "inf, nan", "infinity", "NaN", "not allowed", "Simplex", "probabilit")
    if any(sign in text for sign in signs):
        raise Mistake(
            "impossible_chances",
            "A chance is negative, infinite or nan. Does a number without rows get log(0), or a "
            "share its negative logarithm? Take log(1 + count).",
        ) from None


def examine_training_by_sampling(answer):
    """Categories by log(1 + count), rows uniform within them, every pick for itself."""
    labels = mixed(COUNTS)
    torch.manual_seed(0)
    np.random.seed(0)
    picked = rows_of(answer, labels, PICKS)
    judge_rows(picked, labels)
    judge_order(labels.numpy()[picked])
    few = rows_of(answer, labels, 500)
    if (labels.numpy()[few] == 8).sum() < 3:  # about 24 are expected
        raise Mistake(
            "without_replacement",
            "Among 500 picks the only row of a category should come about 24 times; yours comes "
            "less than 3 times. Draw with replacement, also where n is smaller than N.",
        )
    if np.array_equal(few, rows_of(answer, labels, 500)):
        raise Mistake("fixed_seed", "Two calls pick the same rows: set no seed inside.")
    again = [np.bincount(labels.numpy()[rows_of(answer, labels, PICKS)]) for _ in range(2)]
    if all(np.array_equal(np.bincount(labels.numpy()[picked]), counts) for counts in again):
        raise Mistake(
            "fixed_shares",
            "Each category comes exactly as often in every call. Its number is random, too: every "
            "pick draws its category for itself.",
        )
    for counts in ({5: 40}, {2: 30, 4: 30, 11: 200}):
        other = mixed(counts, seed=1)
        judge_rows(rows_of(answer, other, 20_000), other)


def fits(picked, groups, chance):
    """Chi-square p of the picks in groups of rows; 0 where an impossible row is picked."""
    seen = np.bincount(groups[picked], minlength=groups.max() + 1)
    expected = np.bincount(groups, weights=chance) * len(picked)
    if (seen[expected < 1e-9] > 0).any():
        return 0.0
    seen, expected = seen[expected > 1e-9], expected[expected > 1e-9]
    return stats.chisquare(seen, expected).pvalue if len(seen) > 1 else 1.0


def judge_rows(picked, labels):
    """Name chances of categories, then chances within them, that are wrong."""
    kinds, which, counts = np.unique(labels.numpy(), return_inverse=True, return_counts=True)
    seen = np.bincount(which[picked], minlength=len(kinds)) / len(picked)
    right = np.log1p(counts) / np.log1p(counts).sum()
    said = (
        f"For categories with {', '.join(map(str, counts))} rows, the shares of your picks are "
        f"{', '.join(f'{x:.3f}' for x in seen)}; they should be near "
        f"{', '.join(f'{x:.3f}' for x in right)}. "
    )
    judge_repeats(picked)
    half = 2 * which + (np.arange(len(which)) > np.median(np.arange(len(which))))
    groups = np.unique(half, return_inverse=True)[1]
    if fits(picked, which, chances(labels)) < NEVER:
        if set(picked) <= set(kinds.tolist()) or set(picked) == set(range(len(kinds))):
            raise Mistake(
                "labels_returned",
                f"Your picks are only {', '.join(map(str, np.unique(picked)))}: those are "
                f"categories. Return the numbers of rows, 0 … {len(labels) - 1}.",
            )
        if (seen == 1).any():
            raise Mistake(
                "one_category_for_all",
                f"All {len(picked)} picks of a call are of category {kinds[seen.argmax()]}. Each "
                "pick draws its category for itself, by log(1 + count).",
            )
        fit = {id: fits(picked, groups, twin(labels)) for id, (twin, _) in TWINS.items()}
        if fit[best := max(fit, key=fit.get)] > LIKELY:
            raise Mistake(best, said + TWINS[best][1])
        if (seen == 0).any():
            raise Mistake(
                "category_missing",
                f"{said}Category {kinds[seen == 0][0]} never comes. Every category that occurs "
                "has the weight log(1 + count), which is above 0.",
            )
        raise Mistake(
            "other_shares",
            said + "The weight of a category is log(1 + its number of rows), and what you return "
            "are places in labels, as they come.",
        )
    for k, kind in enumerate(kinds):
        own = np.bincount(picked, minlength=len(which))[which == k]
        if len(own) == 1:
            continue
        if len(own) > 20 and stats.chisquare(own).pvalue > 1 - 1e-12:
            raise Mistake(
                "rows_in_turn",
                f"The {len(own)} rows of category {kind} were picked between {own.min()} and "
                f"{own.max()} times each, more evenly than by chance: they come in turn. Draw a "
                "row at random for each pick.",
            )
        if stats.chisquare(own).pvalue > NEVER:
            continue
        if (own > 0).sum() == 1:
            raise Mistake(
                "one_row_for_all",
                f"Of the {len(own)} rows of category {kind} only one is ever picked. Draw a row "
                "for each pick.",
            )
        raise Mistake(
            "rows_not_uniform",
            f"The {len(own)} rows of category {kind} were picked between {own.min()} and "
            f"{own.max()} times each. All rows of a category are equally likely.",
        )


def judge_repeats(picked):
    """The same picks again, one by one or as a whole."""
    half = len(picked) // 2
    same = picked[1:] == picked[:-1]
    twice = same[::2].mean() > 0.9 and same[1::2].mean() < 0.5
    again = max((picked[k:] == picked[:-k]).mean() for k in (half, half + 1)) > 0.9
    if len(np.unique(picked)) > 30 and (twice or again):
        raise Mistake(
            "repeated_picks",
            f"Your {len(picked)} picks are {half} picks, each twice. Every pick is drawn for "
            "itself.",
        )


def judge_order(drawn):
    """A pick must not tell the next one's category."""
    share = np.unique(drawn, return_counts=True)[1] / len(drawn)
    pairs = (drawn[1:] == drawn[:-1]).mean()
    if abs(pairs - (share**2).sum()) > 0.05:  # 20 standard deviations
        raise Mistake(
            "picks_depend",
            f"{pairs:.0%} of your picks are of the same category as the pick before, "
            f"{(share**2).sum():.0%} are expected. Draw each for itself, in no order.",
        )
