"""Checker of exercise 12: speed and wobble of something that moves."""

import numpy as np
import torch

from gan_lessons.checks.core import Mistake, attempted
from gan_lessons.checks.deepfakes_calls import call, first_difference, name, same
from gan_lessons.checks.media_decay import vector


def steps(centres):
    return centres.double().diff(dim=1)


def speeds(centres):
    return steps(centres).norm(dim=2).mean(dim=1)


def wobbles(centres):
    d = steps(centres)
    return (d - d.mean(dim=1, keepdim=True)).square().sum(dim=2).mean(dim=1).sqrt()


def spread(centres, what):
    d = steps(centres)
    return what(d - d.mean(dim=1, keepdim=True))


SPEEDS = {
    "net_path": (
        lambda c: (c[:, -1] - c[:, 0]).double().norm(dim=1) / (c.shape[1] - 1),
        "That is the way from the first to the last place. A detour counts, too: take the mean of "
        "the steps' lengths.",
    ),
    "sum_of_steps": (
        lambda c: steps(c).norm(dim=2).sum(dim=1),
        "That is the whole way; divide by the number of steps.",
    ),
    "divided_by_frames": (
        lambda c: steps(c).norm(dim=2).sum(dim=1) / c.shape[1],
        "You divide by the number of frames; there is one step less.",
    ),
    "squared_steps": (
        lambda c: steps(c).square().sum(dim=2).mean(dim=1),
        "The lengths are squared: the root is missing.",
    ),
    "root_mean_square": (
        lambda c: steps(c).square().sum(dim=2).mean(dim=1).sqrt(),
        "That is the root of the mean squared length. Take the mean of the lengths.",
    ),
    "axes_added": (
        lambda c: steps(c).abs().sum(dim=2).mean(dim=1),
        "You add the ways along both axes. The length of a step is the root of its squares' sum.",
    ),
    "axes_averaged": (
        lambda c: steps(c).abs().mean(dim=(1, 2)),
        "You average over both axes. The length of a step is the root of its squares' sum.",
    ),
    "distance_from_centre": (
        lambda c: c.double().norm(dim=2).mean(dim=1),
        "You took the lengths of the places themselves. A step is the difference of two places.",
    ),
    "one_axis": (
        lambda c: steps(c)[..., 1].abs().mean(dim=1),
        "Only one of the two coordinates enters.",
    ),
}
WOBBLES = {
    "spread_of_lengths": (
        lambda c: steps(c).norm(dim=2).std(dim=1, correction=0),
        "That is the spread of the steps' lengths. It does not notice a change of direction: "
        "compare the steps as vectors.",
    ),
    "one_less": (
        lambda c: spread(c, lambda x: (x.square().sum((1, 2)) / (x.shape[1] - 1)).sqrt()),
        "You divide by the number of steps minus 1; the formula takes the mean over all steps.",
    ),
    "no_root": (
        lambda c: spread(c, lambda x: x.square().sum(2).mean(1)),
        "The root is missing.",
    ),
    "mean_of_lengths": (
        lambda c: spread(c, lambda x: x.norm(dim=2).mean(1)),
        "That is the mean distance from the mean step. Square first, then mean, then root.",
    ),
    "axes_averaged": (
        lambda c: spread(c, lambda x: x.square().mean((1, 2)).sqrt()),
        "You take the mean over the two axes; add their squares, and take the mean over steps.",
    ),
    "sum_of_steps": (
        lambda c: spread(c, lambda x: x.square().sum((1, 2)).sqrt()),
        "You add over the steps; take their mean.",
    ),
    "from_the_first_step": (
        lambda c: (steps(c) - steps(c)[:, :1]).square().sum(2).mean(1).sqrt(),
        "You compare with the first step; compare with the mean step.",
    ),
    "not_from_the_mean": (
        lambda c: steps(c).square().sum(2).mean(1).sqrt(),
        "The mean step is not taken away, so that plain motion counts as wobble.",
    ),
    "spread_of_places": (
        lambda c: (c - c.mean(1, keepdim=True)).double().square().sum(2).mean(1).sqrt(),
        "That is the spread of the places. Compare the steps.",
    ),
    "over_all_clips": (
        lambda c: (steps(c) - steps(c).mean((0, 1))).square().sum(2).mean(1).sqrt(),
        "The mean step is that of all clips; each clip has its own.",
    ),
}


def examine_motion(answer):
    """Speed and wobble, for two numbers of frames."""
    draw, cases = torch.Generator().manual_seed(4), []
    for n, frames in ((7, 8), (5, 6)):
        step = torch.randn(n, 1, 2, generator=draw)
        wobble = 0.6 * torch.randn(n, frames, 2, generator=draw)
        cases.append(((step + wobble).cumsum(dim=1) + 5,))
    found = []
    for case in cases:
        output = attempted(call(answer, case, ("centres",)), "motion(...)")
        if isinstance(output, dict):
            output = tuple(output.values())
        if not isinstance(output, (tuple, list, torch.Tensor, np.ndarray)) or len(output) != 2:
            raise Mistake(
                "two_results", "Return two tensors: `return speed, wobble`, each of shape (N,)."
            )
        found.append([vector(x, len(case[0]), w) for x, w in zip(output, PAIR, strict=True)])
    right = [[speeds(*case), wobbles(*case)] for case in cases]
    if all(same(a[::-1], b) for a, b in zip(found, right, strict=True)):
        raise Mistake("order", "Speed and wobble are exchanged: return speed first.")
    for k, (what, twins) in enumerate(zip(PAIR, (SPEEDS, WOBBLES), strict=True)):
        outputs, expected = [x[k] for x in found], [x[k] for x in right]
        if same(outputs, expected):
            continue
        i = first_difference(outputs, expected)
        said = (
            f"For {cases[i][0].shape[1]} frames the {what} of the first clip is "
            f"{outputs[i][0]:.3f}; it should be {expected[i][0]:.3f}. "
        )
        name(outputs, cases, twins, said)
        raise Mistake(f"other_{what}", said + FORMULAS[what])


PAIR = ("speed", "wobble")
FORMULAS = {
    "speed": "It is the mean length of the steps centres[:, t + 1] - centres[:, t].",
    "wobble": "Take the mean step away from each step; square, add the two axes, mean, root.",
}
