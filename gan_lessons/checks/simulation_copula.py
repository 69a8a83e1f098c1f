"""Checker of exercise 13: the Gaussian copula, by its margins, correlations and tails."""

import time

import numpy as np
import torch
from scipy import stats

from gan_lessons.checks.core import Mistake
from gan_lessons.checks.deepfakes_calls import call
from gan_lessons.checks.simulation_sampling import drawn


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


FEW, MANY = 6000, 120_000
SOON = 0.25  # seconds for FEW rows; code that loops over rows is not asked for MANY


def rows_of(answer, table, n):
    """New rows as an array (n, C)."""
    given = torch.tensor(table)
    try:
        output = call(answer, (given, n), ("table", "n"))
    except (ValueError, RuntimeError, np.linalg.LinAlgError) as error:
        text = str(error)
        if any(sign in text for sign in ("positive", "infs or NaNs", "SVD", "nan")):
            raise Mistake(
                "no_correlation_matrix",
                f"Your code stops: {text} Are all scores finite? The normal quantile of 0 or of 1 "
                "is infinite, and then no correlation is a number: (rank + 0.5) / N stays inside, "
                "rank / N and (rank + 1) / N do not.",
            ) from None
        raise
    return drawn(output, (n, table.shape[1]), "The rows")


def examine_gaussian_copula(answer):
    """Margins of the table, correlations of its normal scores, and rows of its own."""
    table = mixed_table()
    started = time.perf_counter()
    made = rows_of(answer, table, FEW)
    soon = time.perf_counter() - started < SOON
    judge_margins(made, table, 0.06)
    judge_correlation(made, table)
    judge_rows(made, table)
    judge_tails(made, table)
    made = rows_of(answer, table, 1000)
    judge_margins(made, table, 0.09)
    judge_rows(made, table)
    if (made == rows_of(answer, table, 1000)).all():
        raise Mistake("fixed_seed", "Two calls give the same rows: set no seed inside.")
    other = mixed_table(400, seed=1)
    noise = 6 * np.random.default_rng(2).random(len(other))
    other = np.column_stack([other, other[:, 1] + noise])
    judge_margins(rows_of(answer, other, 1000), other, 0.09)
    if soon:
        judge_ranks(rows_of(answer, table, MANY), table)


def judge_margins(made, table, most):
    """Each column must keep its distribution."""
    for j in range(table.shape[1]):
        gap = stats.ks_2samp(made[:, j], table[:, j]).statistic
        if gap < most:
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
        others = [
            k for k in range(table.shape[1]) if stats.ks_2samp(column, table[:, k]).statistic < 0.05
        ]
        if others:
            raise Mistake("columns_mixed_up", said + f"It has the values of column {others[0]}.")
        name_column(column, table[:, j], said)
        place = np.searchsorted(np.sort(table[:, j]), column).clip(1, len(table) - 1)
        back = stats.norm.ppf(place / len(table))
        mean, spread = back.mean(), back.std()
        bell = stats.kstest((back - mean) / spread, "norm").statistic < 0.05
        if np.isin(column, table[:, j]).all() and bell:
            raise Mistake(
                "spread_of_the_normals",
                f"{said}Its values are the table's, as if your normal numbers had a mean of about "
                f"{mean:.1f} and a standard deviation of about {spread:.1f}; they must be 0 and 1. "
                "From independent z with a Cholesky root L of the correlations, z @ L.T has that.",
            )
        raise Mistake("margins", said + "Take the table's values by rank.")


def name_column(column, own, said):
    """Ways back to the table that miss a step."""
    gap = stats.ks_2samp
    if (column == column.round()).all() and column.min() >= 0 and column.max() <= len(own):
        raise Mistake(
            "ranks_returned",
            said + f"Yours are whole numbers from {column.min():.0f} to {column.max():.0f}, so "
            "ranks: return the sorted column's values at these ranks.",
        )
    if gap(column, (own - own.mean()) / own.std()).statistic < 0.06:
        raise Mistake(
            "standardised", said + "Its mean is 0 and its spread 1; return the table's own values."
        )
    if gap(-column, own).statistic < 0.06:
        raise Mistake("sign_turned", said + "The sign of its values is turned.")
    width = own.max() - own.min()
    if stats.kstest(column, stats.uniform(own.min(), width).cdf).statistic < 0.03:
        raise Mistake(
            "uniform_between",
            said + "Yours is uniform between its smallest and largest value. Take the value at "
            "the rank, not at the share of the way.",
        )
    if column.min() < own.min() - 1e-6 * width or column.max() > own.max() + 1e-6 * width:
        raise Mistake(
            "beyond_the_table",
            f"{said}Yours goes from {column.min():.4g} to {column.max():.4g}, the table's from "
            f"{own.min():.4g} to {own.max():.4g}. Return values of the column.",
        )
    middle = np.median(own)
    for side, share in (("below", (column < middle).mean()), ("above", (column > middle).mean())):
        if share < 0.02:
            raise Mistake(
                "one_half_only",
                f"{said}Only {share:.0%} of your values are {side} its median, 50% should be. "
                "Normal numbers have both signs, and ranks go from 0 to N - 1.",
            )


def judge_tails(made, table):
    """Normal numbers of small correlation are seldom far out together."""
    far, r = 1.96, np.corrcoef(scores_of(table)[:, 1:].T)[0, 1]
    share = (np.abs(scores_of(made)[:, 1:]) > far).all(axis=1).mean()
    right = 2 * sum(
        stats.multivariate_normal([0, 0], [[1, x], [x, 1]]).cdf([-far, -far]) for x in (r, -r)
    )
    if share > 2 * right + 0.002:
        raise Mistake(
            "tails_together",
            f"Columns 1 and 2 are both among their most extreme 5% in {share:.1%} of your rows; "
            f"normal numbers of their correlation give {right:.1%}. Do your rows share a factor, "
            "as those of Student's t? Draw from a normal distribution.",
        )


def judge_ranks(made, table):
    """Correlations of ranks are a little smaller than those of normal scores."""
    places = np.triu_indices(3, 1)
    found, right = (np.corrcoef(scores_of(x).T)[places] for x in (made, table))
    ranks = stats.spearmanr(table).statistic[places]
    way = (found - right) @ (ranks - right) / ((ranks - right) @ (ranks - right))
    if way > 0.6 and np.abs(found - ranks).max() < 0.015:
        raise Mistake(
            "rank_correlation",
            f"The correlations of normal scores are {', '.join(f'{x:.3f}' for x in found)}; they "
            f"should be {', '.join(f'{x:.3f}' for x in right)}. Yours are those of the ranks "
            "(Spearman's). Take the correlations after the normal quantile function.",
        )


def judge_rows(made, table):
    """Whole rows of the table would be a bootstrap."""
    known = {tuple(np.round(row, 6)) for row in table}
    share = np.mean([tuple(np.round(row, 6)) in known for row in made])
    if share > 0.5:
        raise Mistake(
            "rows_of_the_table",
            f"{share:.0%} of your rows are rows of the table. A copula makes new combinations.",
        )
    new = len({tuple(np.round(row, 9)) for row in made})
    if new < 0.9 * len(made):
        raise Mistake(
            "repeated_rows",
            f"Among your {len(made)} rows only {new} differ: draw normal numbers for each row.",
        )
    order = stats.rankdata(made, axis=0)
    for j in range(table.shape[1]):
        ahead = np.corrcoef(order[1:, j], order[:-1, j])[0, 1]
        if abs(ahead) > 0.3:
            raise Mistake(
                "rows_depend",
                f"In column {j} a row foretells the next one (rank correlation {ahead:.2f}; it "
                "should be near 0). Draw each row for itself, and do not sort the rows.",
            )


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
        "sign_lost": (
            np.abs(right),
            "Negative correlations have become positive: is an absolute value taken?",
        ),
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
    if np.abs(np.abs(found) - np.abs(right)).max() < 0.06:
        raise Mistake(
            "signs",
            said + "The sizes are right, signs are not: is a column sorted from large to small?",
        )
    near, known = np.abs(found - right) < 0.06, np.abs(found) < 0.05
    if (near | known).all():
        pairs = [f"{i} and {j}" for i, j, k in zip(*places, known, strict=True) if k]
        raise Mistake(
            "some_independent",
            f"{said}Columns {', '.join(pairs)} are independent. Use one normal draw for all "
            "columns of a row.",
        )
    if np.ptp(found / right) < 0.15:
        raise Mistake(
            "correlations_scaled",
            f"{said}Yours are about {np.mean(found / right):.2f} times as large: something "
            "weakens all of them alike.",
        )
    raise Mistake(
        "other_correlation",
        said + "Draw from a normal distribution whose correlations are those of the normal scores.",
    )
