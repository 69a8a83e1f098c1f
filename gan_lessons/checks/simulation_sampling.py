"""Checkers of exercise 10: what is drawn at random, judged by what it must keep."""

import numpy as np
import torch
from scipy import stats

from gan_lessons.checks.core import Mistake, attempted
from gan_lessons.checks.deepfakes_calls import call


def drawn(output, shape, what):
    """A random table of a shape as a float64 array."""
    output = attempted(output)
    if isinstance(output, torch.Tensor):
        output = output.detach().cpu().numpy()
    if isinstance(output, (list, tuple)):
        output = np.asarray(output, dtype=float)
    if not isinstance(output, np.ndarray):
        raise Mistake("wrong_type", f"{what} must be a tensor, not a {type(output).__name__}.")
    if output.shape != shape:
        turned = " Are the axes exchanged?" if output.shape == shape[::-1] else ""
        raise Mistake("shape", f"{what} must have shape {shape}; yours has {output.shape}.{turned}")
    if not np.isfinite(output.astype(float)).all():
        raise Mistake(
            "not_finite",
            f"{what} hold nan or infinity. The normal quantile of 0 or of 1 is infinite: divide "
            "ranks so that they stay inside.",
        )
    return output.astype(float)


HISTORY = 61


def places(answer, n, days, block):
    """Which day of history stands where, (n, days): the history is coded by its own numbers."""
    days_of_history = torch.arange(HISTORY, dtype=torch.float32) * 3 - 50
    names = ("returns", "n", "days", "block")
    made = drawn(call(answer, (days_of_history, n, days, block), names), (n, days), "The windows")
    at = (made + 50) / 3
    if np.abs(at - at.round()).max() > 1e-3 or at.min() < 0 or at.max() > HISTORY - 1:
        raise Mistake(
            "not_from_history", "Your windows hold values that are not in the returns given."
        )
    return at.round().astype(int)


def examine_block_bootstrap(answer):
    """Blocks of consecutive days, from places that are uniform and independent."""
    for n, days, block in ((3000, 12, 4), (3000, 10, 4), (1500, 6, 1), (1500, 5, 8)):
        at = places(answer, n, days, block)
        step = np.diff(at, axis=1)
        inner = [t for t in range(days - 1) if (t + 1) % block]
        seams = [t for t in range(days - 1) if (t + 1) % block == 0]
        judge_inside(step, inner, seams, n, days, block)
        judge_starts(at[:, ::block], block, days)
    again = places(answer, 3000, 12, 4)
    if (again == places(answer, 3000, 12, 4)).all():
        raise Mistake(
            "fixed_seed", "Two calls give the same windows: set no seed inside the function."
        )


def judge_inside(step, inner, seams, n, days, block):
    """Within a block a day follows the day before; between blocks it does not."""
    said = f"With days={days} and block={block}, "
    if inner and (step[:, inner] != 1).any():
        share = (step[:, inner] == 1).mean()
        if share < 0.1:
            if (step[:, inner] == -1).mean() > 0.9:
                raise Mistake("backwards", said + "the days of a block run backwards.")
            raise Mistake(
                "single_days",
                said + "neighbours inside a block are not neighbours in history: single days are "
                "drawn. Draw starts, and add 0, 1, … block - 1.",
            )
        others = step[:, inner][step[:, inner] != 1]
        if (others == 1 - HISTORY).all():
            raise Mistake(
                "wraps_around",
                said + "some blocks run over the end and go on at the beginning. Starts lie in "
                "0 … N - block.",
            )
        if (others == 0).all():
            raise Mistake(
                "clamped", said + "some blocks repeat a day: starts lie in 0 … N - block."
            )
        raise Mistake(
            "seams_elsewhere",
            said + f"{1 - share:.0%} of the steps inside a block leave it. A new block begins on "
            f"days 0, {block}, {2 * block}, …",
        )
    if seams and (step[:, seams] == 1).mean() > 0.5:
        raise Mistake(
            "one_long_block",
            said + "the windows are single runs of history: a new start is needed after each "
            "block.",
        )


def judge_starts(starts, block, days):
    """Starts are uniform on 0 … N - block, and independent over windows and blocks."""
    n, last = len(starts), HISTORY - block
    said = f"With days={days} and block={block}, "
    if (starts == starts[0]).all():
        raise Mistake("same_blocks", said + "all windows are the same: draw starts for each.")
    if starts.shape[1] > 1 and (starts == starts[:, :1]).all():
        raise Mistake(
            "repeated_block",
            said + "each window repeats one block: draw a start for each block of it.",
        )
    if n > HISTORY and len(np.unique(starts[:, 0])) < 0.6 * (last + 1):
        if (starts % block == 0).all():
            raise Mistake(
                "fixed_grid",
                said + f"blocks start at multiples of {block} only. Every place from 0 to "
                "N - block may be a start.",
            )
        raise Mistake("few_starts", said + "only some places of history are ever a start.")
    counts = np.bincount(starts.ravel(), minlength=HISTORY)[: last + 1]
    if counts[-1] == 0:
        raise Mistake(
            "last_start_missing",
            said + f"no block starts at N - block = {last}, so the last day never comes. "
            "torch.randint(high) leaves high out.",
        )
    if counts[0] == 0:
        raise Mistake("first_start_missing", said + "no block starts on the first day.")
    if stats.chisquare(counts).pvalue < 1e-6:
        if stats.spearmanr(np.arange(last + 1), counts).statistic > 0.5:
            raise Mistake("recent_preferred", said + "late starts come more often than early ones.")
        raise Mistake("not_uniform", said + "not all starts are equally likely.")
    if starts.shape[1] > 1:
        pair = abs(np.corrcoef(starts[:, 0], starts[:, 1])[0, 1])
        if pair > 0.12:
            raise Mistake(
                "blocks_depend", said + "the start of a block tells the start of the next one."
            )
    ahead = abs(np.corrcoef(starts[1:, 0], starts[:-1, 0])[0, 1])
    if ahead > 0.12 or len(np.unique(starts[:, 0])) == n:
        raise Mistake("windows_depend", said + "windows depend on the window before.")


def mixed_table(n=1500, seed=0):
    """A table (n, 3) without ties: heavy-tailed, uniform and bell-shaped columns that belong
    together.
    """
    draw = np.random.default_rng(seed)
    r = np.array([[1, 0.8, -0.6], [0.8, 1, -0.3], [-0.6, -0.3, 1]])
    z = draw.multivariate_normal(np.zeros(3), r, n)
    return np.column_stack([np.exp(1.8 * z[:, 0]), 10 * stats.norm.cdf(z[:, 1]), 50 + z[:, 2]])


def scores_of(table):
    """Normal scores of the ranks in each column."""
    return stats.norm.ppf(stats.rankdata(table, axis=0) / (len(table) + 1))


def from_normal(table, z):
    """Columns of the table at the places that normal numbers say."""
    at = (stats.norm.cdf(z) * len(table)).astype(int).clip(max=len(table) - 1)
    return np.take_along_axis(np.sort(table, axis=0), at, axis=0)


def with_correlation(table, r, n, draw):
    return from_normal(table, draw.multivariate_normal(np.zeros(table.shape[1]), r, n))


def examine_gaussian_copula(answer):
    """Margins of the table, correlations of its normal scores, and rows of its own."""
    table = mixed_table()
    for n in (6000, 1000):
        given = torch.tensor(table)
        made = drawn(call(answer, (given, n), ("table", "n")), (n, 3), "The rows")
        judge_margins(made, table)
        if n > 1000:
            judge_correlation(made, table)
        judge_rows(made, table)
    if (made == drawn(call(answer, (given, n), ("table", "n")), (n, 3), "The rows")).all():
        raise Mistake("fixed_seed", "Two calls give the same rows: set no seed inside.")


def judge_margins(made, table):
    """Each column must keep its distribution."""
    for j in range(table.shape[1]):
        gap = stats.ks_2samp(made[:, j], table[:, j]).statistic
        if gap < 0.07:
            continue
        said = f"Column {j} does not keep its distribution (largest gap of shares {gap:.2f}). "
        column, normal = made[:, j], stats.norm(table[:, j].mean(), table[:, j].std()).cdf
        if stats.kstest(column, "norm").statistic < 0.05:
            raise Mistake(
                "normal_scores_returned",
                said + "Yours is a standard normal: go back, from the normal to its rank to the "
                "table's value of that rank.",
            )
        if column.min() > -1e-9 and column.max() < 1 + 1e-9:
            raise Mistake(
                "ranks_returned",
                said + "Yours lies between 0 and 1: take the table's quantiles at these places.",
            )
        if stats.kstest(column, normal).statistic < 0.05:
            raise Mistake(
                "normal_margins",
                said + "Yours is a normal distribution with the column's mean and spread. Only "
                "the dependence is normal; the column's own values come back by rank.",
            )
        others = [k for k in range(3) if stats.ks_2samp(column, table[:, k]).statistic < 0.05]
        if others:
            raise Mistake("columns_mixed_up", said + f"It has the values of column {others[0]}.")
        place = np.searchsorted(np.sort(table[:, j]), column).clip(1, len(table) - 1)
        back = stats.norm.ppf(place / len(table))
        if np.isin(column, table[:, j]).all() and stats.kstest(back / back.std(), "norm")[0] < 0.05:
            raise Mistake(
                "spread_of_the_normals",
                said + "Its values are the table's, as if your normal numbers had a standard "
                f"deviation of about {back.std():.1f}; it must be 1. From independent z with a "
                "Cholesky root L of the correlations, z @ L.T has that.",
            )
        raise Mistake("margins", said + "Take the table's values by rank.")


def judge_rows(made, table):
    """Whole rows of the table would be a bootstrap."""
    known = {tuple(np.round(row, 6)) for row in table}
    share = np.mean([tuple(np.round(row, 6)) in known for row in made])
    if share > 0.5:
        raise Mistake(
            "rows_of_the_table",
            f"{share:.0%} of your rows are rows of the table. A copula makes new combinations.",
        )
    if len({tuple(np.round(row, 9)) for row in made}) < 0.5 * len(made):
        raise Mistake("repeated_rows", "More than half of your rows repeat others.")


def judge_correlation(made, table):
    """Correlations of normal scores must be those of the table."""
    places = np.triu_indices(3, 1)
    found, right = (np.corrcoef(scores_of(x).T)[places] for x in (made, table))
    if np.abs(found - right).max() < 0.06:
        return
    said = (
        "The correlations of normal scores are "
        f"{', '.join(f'{x:.2f}' for x in found)}; they should be "
        f"{', '.join(f'{x:.2f}' for x in right)}. "
    )
    raw = np.corrcoef(table.T)[places]
    kendall = [stats.kendalltau(table[:, i], table[:, j])[0] for i, j in zip(*places, strict=True)]
    options = {
        "independent": (
            0 * right,
            "Your columns know nothing of each other. Do the correlations enter? Are the scores "
            "from ranks (argsort twice; once gives places)? Is each column sorted on the way back?",
        ),
        "comonotone": (
            0 * right + 1,
            "All columns rise together: the same normal numbers are used for each.",
        ),
        "sign_lost": (np.abs(right), "Negative correlations have become positive."),
        "raw_correlation": (
            raw,
            "These are the correlations of the table's values, in which a few large ones decide. "
            "Take normal scores first, then their correlations.",
        ),
        "kendall": (kendall, "These are Kendall's tau. Take correlations of normal scores."),
    }
    for id, (other, text) in options.items():
        if np.abs(found - np.asarray(other)).max() < 0.045:
            raise Mistake(id, said + text)
    raise Mistake(
        "other_correlation",
        said + "Draw from a normal distribution whose correlations are those of the normal scores.",
    )
