"""Checker of exercise 13: the block bootstrap, judged by what it must keep."""

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
TURN = 22  # days in order of their values are not in the order of history


def coded(days):
    """A history (days,) whose values, all different, tell which day they are; and its order."""
    order = torch.arange(days) * TURN % days
    return order * 3.25 - 50.125, order.argsort().numpy()


def places(answer, n, days, block, history=HISTORY):
    """Which day of history stands where, (n, days)."""
    returns, day_of = coded(history)
    try:
        output = call(answer, (returns, n, days, block), ("returns", "n", "days", "block"))
        made = drawn(output, (n, days), "The windows")
    except (IndexError, RuntimeError, ValueError) as error:
        explain(error, history, block)
        raise
    at = (made + 50.125) / 3.25
    if np.abs(at - at.round()).max() > 1e-3 or at.min() < 0 or at.max() > history - 1:
        name_values(made, returns.numpy())
    rank = at.round().astype(int)
    step = np.diff(rank, axis=1)
    if block > 2 and days > 2 and (step == 1).mean() > 0.5:
        raise Mistake(
            "sorted_returns",
            "The days of your blocks are neighbours in the *sorted* returns. Cut blocks from the "
            "returns in their order.",
        )
    return day_of[rank]


def explain(error, history, block):
    """Name what happens where a block begins too late."""
    text = str(error)
    if "out of bounds" in text or "out of range" in text:
        raise Mistake(
            "runs_over_the_end",
            f"With {history} days and block={block} your code stops: {text}. Does a block begin "
            f"so late that it runs over the end? Starts lie in 0 … N - block, here 0 … "
            f"{history - block}.",
        ) from None
    if "equal size" in text or "inhomogeneous" in text or "sequence of length" in text:
        raise Mistake(
            "lengths_differ",
            f"With {history} days and block={block} your windows have different lengths: {text}. "
            "A slice at the end of history is shorter where the block starts too late.",
        ) from None


def name_values(made, returns):
    """Values that are not in the history."""
    strange = made[~np.isclose(made[..., None], returns).any(-1)][0]
    said = (
        f"Your windows hold values that are not in the returns given, as {strange:.4g} (the "
        f"returns go from {returns.min():.4g} to {returns.max():.4g}). "
    )
    if (made == made.round()).all() and made.min() >= 0 and made.max() < len(returns):
        raise Mistake("places_returned", said + "These are places: return returns[places].")
    if np.isin(made, [returns.round(), np.trunc(returns)]).all():
        raise Mistake("rounded", said + "They are rounded to whole numbers.")
    if np.isclose(made[..., None] - (returns - returns.mean()), 0, atol=1e-3).any(-1).all():
        raise Mistake("mean_taken_off", said + "The mean is taken off.")
    if np.isclose(np.abs(made)[..., None], np.abs(returns)).any(-1).all():
        raise Mistake("signs_turned", said + "Some signs are turned.")
    raise Mistake("not_from_history", said + "Blocks are copies of days, nothing is added.")


def examine_block_bootstrap(answer):
    """Blocks of consecutive days, from places that are uniform and independent."""
    for n, days, block in ((3000, 12, 4), (3000, 10, 4), (1500, 6, 1), (1500, 5, 8)):
        at = places(answer, n, days, block)
        inner = [t for t in range(days - 1) if (t + 1) % block]
        seams = [t for t in range(days - 1) if (t + 1) % block == 0]
        judge_inside(at, inner, seams, days, block)
        judge_starts(at[:, ::block], block, days)
    whole = places(answer, 50, 7, 9, history=9)
    if (whole != np.arange(7)).any():
        raise Mistake(
            "block_of_all_days",
            "With 9 days and block=9 there is one block, the whole history: each window must be "
            f"its first days. Your first window begins with day {whole[0, 0]}.",
        )
    again = places(answer, 3000, 12, 4)
    if (again == places(answer, 3000, 12, 4)).all():
        raise Mistake(
            "fixed_seed", "Two calls give the same windows: set no seed inside the function."
        )


def judge_inside(at, inner, seams, days, block):
    """Within a block a day follows the day before; between blocks it does not."""
    said, step = f"With days={days} and block={block}, ", np.diff(at, axis=1)
    if inner and (step[:, inner] != 1).any():
        share = (step[:, inner] == 1).mean()
        if share < 0.1:
            if (step[:, inner] == -1).mean() > 0.9:
                raise Mistake("backwards", said + "the days of a block run backwards.")
            count = -(-days // block)
            if days == count * block and (at[:, count:] - at[:, :-count] == 1).all():
                raise Mistake(
                    "interleaved",
                    said + f"the {count} blocks of a window are mixed: all first days come first, "
                    "then all second days. Keep the day within a block as the last axis before "
                    "you flatten.",
                )
            raise Mistake(
                "single_days",
                said + "neighbours inside a block are not neighbours in history, as if single days "
                "were drawn. Draw starts, and add 0, 1, … block - 1.",
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
        begins = [0, *(t + 1 for t in range(days - 1) if (step[:, t] != 1).mean() > 0.5)]
        fixed = (step[:, [t for t in inner if t + 1 not in begins]] == 1).all()
        where = f"on days {', '.join(map(str, begins))}" if fixed else "at changing places"
        raise Mistake(
            "seams_elsewhere",
            said + f"{1 - share:.0%} of the steps inside a block leave it: your blocks begin "
            f"{where}. They must begin on days {', '.join(map(str, range(0, days, block)))}, and "
            "what is too long is cut off at the end of the window.",
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
    ends = (counts[0] + counts[-1]) / (2 * counts.mean())
    if counts.mean() > 120 and ends < 0.68 and counts[1:-1].min() > 0.6 * counts.mean():
        raise Mistake(
            "ends_rare",
            said + f"the first and the last start come {ends:.1f} times as often as the others. "
            "Does a rounding give them half a step only? torch.randint(N - block + 1, …) is even.",
        )
    if starts.shape[1] > 1:
        pair = abs(np.corrcoef(starts[:, 0], starts[:, 1])[0, 1])
        if pair > 0.12:
            raise Mistake(
                "blocks_depend", said + "the start of a block tells the start of the next one."
            )
    if stats.chisquare(counts).pvalue < 1e-6:
        if stats.spearmanr(np.arange(last + 1), counts).statistic > 0.5:
            raise Mistake("recent_preferred", said + "late starts come more often than early ones.")
        raise Mistake(
            "not_uniform",
            said + f"not all starts are equally likely: {counts.argmax()} comes {counts.max()} "
            f"times, {counts.argmin()} only {counts.min()} times. About {counts.mean():.0f} times "
            "each is right.",
        )
    if starts.shape[1] > 1:
        again = (starts[:, 0] == starts[:, 1]).sum()
        if n / (last + 1) > 40 and again == 0:
            raise Mistake(
                "without_replacement",
                said + f"in {n} windows the second block is never the first one again; by chance "
                f"it is about {n / (last + 1):.0f} times. Draw starts with replacement.",
            )
    ahead = abs(np.corrcoef(starts[1:, 0], starts[:-1, 0])[0, 1])
    if ahead > 0.12 or len(np.unique(starts[:, 0])) == n:
        raise Mistake("windows_depend", said + "windows depend on the window before.")
