"""Checker of exercise 15: speed and wobble of something that moves."""

import numpy as np
import torch

from gan_lessons.checks.core import Mistake, attempted
from gan_lessons.checks.deepfakes_calls import call, name, same
from gan_lessons.checks.media_decay import factor_mistake, random_mistake, vector, worst


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
    "first_axis": (
        lambda c: steps(c)[..., 0].abs().mean(dim=1),
        "Only the first of the two coordinates enters.",
    ),
    "longer_axis": (
        lambda c: steps(c).abs().amax(dim=2).mean(dim=1),
        "You take the larger of the two coordinates. The length is the root of the squares' sum.",
    ),
    "longest_step": (
        lambda c: steps(c).norm(dim=2).amax(dim=1),
        "That is the longest step; take the mean of all.",
    ),
    "median_step": (
        lambda c: steps(c).norm(dim=2).median(dim=1).values,
        "That is the median length; take the mean.",
    ),
    "signs_cancel": (
        lambda c: steps(c).mean(dim=(1, 2)),
        "You take the mean of steps with their signs. First the length of each step.",
    ),
    "one_divisor_less": (
        lambda c: steps(c).norm(dim=2).sum(dim=1) / (c.shape[1] - 2),
        "You divide by T - 2; there are T - 1 steps.",
    ),
    "round_trip": (
        lambda c: (c.roll(-1, 1) - c).double().norm(dim=2).mean(dim=1),
        "The way from the last frame back to the first counts as a step (torch.roll?).",
    ),
    "two_frames_apart": (
        lambda c: (c[:, 2:] - c[:, :-2]).double().norm(dim=2).mean(dim=1),
        "You subtract places two frames apart. A step goes from one frame to the next.",
    ),
    "from_the_first_place": (
        lambda c: (c - c[:, :1]).double().norm(dim=2).mean(dim=1),
        "You measure from the first place. A step goes from one frame to the next.",
    ),
    "last_step_left_out": (
        lambda c: speeds(c[:, :-1]),
        "The last step is missing.",
    ),
    "first_step_left_out": (
        lambda c: speeds(c[:, 1:]),
        "The first step is missing.",
    ),
    "length_over_time": (
        lambda c: steps(c).norm(dim=1).mean(dim=1),
        "You take the norm over the frames (dim=1). The length of a step is over its two "
        "coordinates, dim=2.",
    ),
    "one_norm": (
        lambda c: steps(c).flatten(1).norm(dim=1),
        "You take one norm over all steps and coordinates. Take the length of each step, then the "
        "mean.",
    ),
    "over_all_clips": (
        lambda c: speeds(c).mean().expand(len(c)),
        "That is the mean over all clips; each clip has its own.",
    ),
    "sorted": (lambda c: speeds(c).sort().values, "Your numbers are right, but sorted."),
    "eight_frames": (
        lambda c: steps(c).norm(dim=2).sum(dim=1) / 7,
        "You always divide by 7. There are T - 1 steps, and T may differ.",
    ),
    "cut_to_eight": (
        lambda c: speeds(c[:, :8]),
        "Only the first 8 frames enter. T may differ.",
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
    "one_mean_for_both_axes": (
        lambda c: (steps(c) - steps(c).mean((1, 2), keepdim=True)).square().sum(2).mean(1).sqrt(),
        "You take one mean over both coordinates. The mean step is a vector: mean over dim=1 only.",
    ),
    "roots_added": (
        lambda c: steps(c).std(1, correction=0).sum(1),
        "You add the spreads of the two coordinates. Add their squares, then take the root.",
    ),
    "roots_averaged": (
        lambda c: steps(c).std(1, correction=0).mean(1),
        "You average the spreads of the two coordinates. Add their squares, then take the root.",
    ),
    "sample_spreads_averaged": (
        lambda c: steps(c).std(1).mean(1),
        "You average the sample spreads of the two coordinates. Add their squares, over T - 1.",
    ),
    "sample_spread_of_lengths": (
        lambda c: steps(c).norm(dim=2).std(dim=1),
        "That is the spread of the steps' lengths, divided by one less. Compare the steps as "
        "vectors, and divide by their number.",
    ),
    "divided_by_frames": (
        lambda c: spread(c, lambda x: (x.square().sum((1, 2)) / (x.shape[1] + 1)).sqrt()),
        "You divide by the number of frames; there is one step less.",
    ),
    "neighbouring_steps": (
        lambda c: steps(c).diff(dim=1).norm(dim=2).mean(1),
        "You compare each step with the next one. Compare each with the mean step.",
    ),
    "neighbouring_steps_squared": (
        lambda c: steps(c).diff(dim=1).square().sum(2).mean(1).sqrt(),
        "You compare each step with the next one. Compare each with the mean step.",
    ),
    "from_the_median": (
        lambda c: (
            (steps(c) - steps(c).median(1, keepdim=True).values).square().sum(2).mean(1).sqrt()
        ),
        "You compare with the median step; compare with the mean step.",
    ),
    "from_the_mean_length": (
        lambda c: (steps(c) - speeds(c)[:, None, None]).square().sum(2).mean(1).sqrt(),
        "You take the mean length away from each coordinate. Take the mean step away, a vector.",
    ),
    "deviation_of_lengths": (
        lambda c: (steps(c).norm(dim=2) - speeds(c)[:, None]).abs().mean(1),
        "You compare the steps' lengths with their mean. Compare the steps as vectors.",
    ),
    "first_axis": (
        lambda c: spread(c, lambda x: x[..., 0].square().mean(1).sqrt()),
        "Only the first of the two coordinates enters.",
    ),
    "second_axis": (
        lambda c: spread(c, lambda x: x[..., 1].square().mean(1).sqrt()),
        "Only the second of the two coordinates enters.",
    ),
    "signs_cancel": (
        lambda c: torch.zeros(len(c)),
        "It is always 0: differences from the mean cancel. Square them before you add.",
    ),
    "over_speed": (
        lambda c: wobbles(c) / speeds(c),
        "You divide by the speed. Wobble is in pixels.",
    ),
    "one_for_all": (
        lambda c: wobbles(c).square().mean().sqrt().expand(len(c)),
        "That is one wobble for all clips; each clip has its own.",
    ),
    "speed_again": (lambda c: speeds(c), "That is the speed once more."),
    "sorted": (lambda c: wobbles(c).sort().values, "Your numbers are right, but sorted."),
    "cut_to_eight": (lambda c: wobbles(c[:, :8]), "Only the first 8 frames enter. T may differ."),
}


def examine_motion(answer):
    """Speed and wobble, for three numbers of frames; one clip."""
    draw, cases = torch.Generator().manual_seed(4), []
    for n, frames in ((7, 8), (5, 6), (1, 11)):
        step = torch.randn(n, 1, 2, generator=draw)
        wobble = 0.6 * torch.randn(n, frames, 2, generator=draw)
        cases.append(((step + wobble).cumsum(dim=1) + 5,))
    found = []
    for case in cases:
        output = attempted(call(answer, case, ("centres",)), "motion(...)")
        if isinstance(output, dict):
            raise Mistake("two_results", "Yours is a dict. Return two tensors: speed, wobble.")
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
        i, j = worst(outputs, expected)
        again = call(answer, cases[i], ("centres",))[k]
        random_mistake(outputs[i], vector(again, len(cases[i][0]), what))
        said = (
            f"For {cases[i][0].shape[1]} frames the {what} of clip {j} is "
            f"{outputs[i][j]:.3f}; it should be {expected[i][j]:.3f}. "
        )
        name(outputs, cases, twins, said)
        factor_mistake(outputs, expected, said)
        raise Mistake(f"other_{what}", said + FORMULAS[what])


PAIR = ("speed", "wobble")
FORMULAS = {
    "speed": "It is the mean length of the steps centres[:, t + 1] - centres[:, t].",
    "wobble": "Take the mean step away from each step; square, add the two axes, mean, root.",
}
