"""Checker of exercise 15: how far samples are from copies of the training clips."""

import torch

from gan_lessons.checks.core import Mistake
from gan_lessons.checks.deepfakes_calls import call, first_difference, name, number, same
from gan_lessons.checks.media_decay import factor_mistake, random_mistake


def to_nearest(samples, train, power=2.0):
    return torch.cdist(samples.flatten(1).double(), train.flatten(1).double(), p=power).amin(dim=1)


def ratio(samples, train, fresh, reduce=torch.median, of=to_nearest):
    return reduce(of(samples, train)) / reduce(of(fresh, train))


def unit(clips):
    flat = clips.flatten(1).double()
    return flat / flat.norm(dim=1, keepdim=True)


def pairwise_ratio(a, b):
    k = min(len(a), len(b))
    return (a[:k] / b[:k]).median()


def all_pairs(a, b):
    return torch.cdist(a.flatten(1).double(), b.flatten(1).double())


NOVELTY = {
    "mean_for_median": (
        lambda s, t, f: ratio(s, t, f, torch.mean),
        "That is the ratio of means; the median is asked for, which a few odd clips can't move.",
    ),
    "smallest": (
        lambda s, t, f: ratio(s, t, f, torch.amin),
        "That compares the smallest distances of all; take the median over the clips.",
    ),
    "largest": (
        lambda s, t, f: ratio(s, t, f, torch.amax),
        "That compares the largest distances; take the median over the clips.",
    ),
    "turned_over": (
        lambda s, t, f: 1 / ratio(s, t, f),
        "The ratio is turned over: the samples' median belongs above, that of fresh clips below.",
    ),
    "not_divided": (
        lambda s, t, f: to_nearest(s, t).median(),
        "That is the median distance of the samples. Divide by that of the fresh clips.",
    ),
    "difference": (
        lambda s, t, f: to_nearest(s, t).median() - to_nearest(f, t).median(),
        "That is a difference; divide.",
    ),
    "squared": (
        lambda s, t, f: ratio(s, t, f) ** 2,
        "The distances are squared: the root is missing.",
    ),
    "mean_squared_then_root": (
        lambda s, t, f: ratio(s, t, f, lambda d: d.square().mean().sqrt()),
        "That is a root mean square over the clips; take the median.",
    ),
    "absolute_differences": (
        lambda s, t, f: ratio(s, t, f, of=lambda a, b: to_nearest(a, b, 1.0)),
        "You add absolute differences; the Euclidean distance is the root of the squares' sum.",
    ),
    "wrong_axis": (
        lambda s, t, f: ratio(s, t, f, of=lambda a, b: to_nearest(b, a)),
        "You search the nearest sample for each training clip. Search the nearest training clip "
        "for each sample: the minimum over the other axis.",
    ),
    "all_pairs": (
        lambda s, t, f: ratio(s, t, f, of=lambda a, b: all_pairs(a, b).flatten()),
        "That is over all pairs. First the nearest training clip of each, then the median.",
    ),
    "mean_distance": (
        lambda s, t, f: ratio(s, t, f, of=lambda a, b: all_pairs(a, b).mean(dim=1)),
        "You take the mean distance to all training clips; take that to the nearest one.",
    ),
    "to_the_mean_clip": (
        lambda s, t, f: ratio(s, t, f, of=lambda a, b: to_nearest(a, b.mean(0, keepdim=True))),
        "You measure the distance to the mean of the training clips; take the nearest clip.",
    ),
    "same_place": (
        lambda s, t, f: ratio(
            s,
            t,
            f,
            of=lambda a, b: (a.flatten(1) - b[: len(a)].flatten(1)).double().norm(dim=1),
        ),
        "You compare the first sample with the first training clip, the second with the second. "
        "Compare each with all.",
    ),
    "to_fresh": (
        lambda s, t, f: to_nearest(s, f).median() / to_nearest(f, t).median(),
        "You measure the samples against the fresh clips; measure them against the training clips.",
    ),
    "fresh_and_samples_swapped": (
        lambda s, t, f: to_nearest(s, t).median() / to_nearest(s, f).median(),
        "Below, you measure the samples against the fresh clips; it is the fresh clips against "
        "the training clips.",
    ),
    "farthest": (
        lambda s, t, f: ratio(s, t, f, of=lambda a, b: all_pairs(a, b).amax(dim=1)),
        "You take the farthest training clip; take the nearest one.",
    ),
    "logarithm": (
        lambda s, t, f: ratio(s, t, f).log(),
        "That is the logarithm of the ratio; the ratio itself is asked for.",
    ),
    "against_the_fresh": (
        lambda s, t, f: to_nearest(s, f).median() / to_nearest(t, f).median(),
        "You look for the nearest *fresh* clip. Both sets are compared with `train`.",
    ),
    "per_cent": (
        lambda s, t, f: 100 * ratio(s, t, f),
        "That is in per cent; the ratio itself is asked for.",
    ),
    "median_distance": (
        lambda s, t, f: ratio(s, t, f, of=lambda a, b: all_pairs(a, b).median(dim=1).values),
        "You take the median distance to the training clips; take that to the nearest one.",
    ),
    "second_nearest": (
        lambda s, t, f: ratio(s, t, f, of=lambda a, b: all_pairs(a, b).kthvalue(2, dim=1).values),
        "You take the second nearest training clip. Samples are no training clips: take the first.",
    ),
    "number_of_the_clip": (
        lambda s, t, f: ratio(s, t, f, of=lambda a, b: all_pairs(a, b).argmin(1).double()),
        "You use the number of the nearest clip (argmin). Take its distance (amin).",
    ),
    "sums": (
        lambda s, t, f: ratio(s, t, f, torch.sum),
        "That compares sums over the clips, which grow with their number; take the medians.",
    ),
    "quarter": (
        lambda s, t, f: ratio(s, t, f, lambda d: d.quantile(0.25)),
        "That compares the lower quartiles; take the medians.",
    ),
    "squared_means": (
        lambda s, t, f: ratio(s, t, f, lambda d: d.square().mean()),
        "You take the mean of squared distances. Take the root of each, and the median of them.",
    ),
    "squared_turned_over": (
        lambda s, t, f: ratio(s, t, f) ** -2,
        "The ratio is turned over, and its distances are squared.",
    ),
    "root_of_the_root": (
        lambda s, t, f: ratio(s, t, f) ** 0.5,
        "You take the root once too often: a distance has one already.",
    ),
    "share": (
        lambda s, t, f: 1 / (1 + 1 / ratio(s, t, f)),
        "You divide by the sum of both medians. Divide by that of the fresh clips.",
    ),
    "largest_difference": (
        lambda s, t, f: ratio(s, t, f, of=lambda a, b: to_nearest(a, b, float("inf"))),
        "You take the largest difference between two clips; the Euclidean distance is the root of "
        "the squares' sum.",
    ),
    "angle": (
        lambda s, t, f: ratio(s, t, f, of=lambda a, b: to_nearest(unit(a), unit(b)).square()),
        "You compare directions (a cosine). The Euclidean distance counts the size, too.",
    ),
    "unit_clips": (
        lambda s, t, f: ratio(unit(s), unit(t), unit(f)),
        "You scale each clip to length 1 first. Use the clips as they are.",
    ),
    "standardised": (
        lambda s, t, f: ratio(*((x - x.mean()) / x.std() for x in (s, t, f))),
        "You standardise each set first. Use the clips as they are.",
    ),
    "means_of_clips": (
        lambda s, t, f: ratio(*(x.flatten(1).mean(1, keepdim=True) for x in (s, t, f))),
        "You compare the means of the clips. Compare all their numbers.",
    ),
    "to_the_median_clip": (
        lambda s, t, f: ratio(s, t.median(0, keepdim=True).values, f),
        "You measure the distance to the median of the training clips; take the nearest clip.",
    ),
    "samples_and_train_swapped": (
        lambda s, t, f: ratio(t, s, f),
        "samples and train are exchanged: all distances go to the training clips.",
    ),
    "fresh_to_samples": (
        lambda s, t, f: to_nearest(s, t).median() / to_nearest(f, s).median(),
        "Below, you measure the fresh clips against the samples; measure them against the "
        "training clips.",
    ),
    "fresh_unused": (
        lambda s, t, f: to_nearest(s, t).median() / all_pairs(t, t).kthvalue(2, 1).values.median(),
        "You divide by the distances between training clips. Divide by those of the fresh clips.",
    ),
    "ratios_first": (
        lambda s, t, f: pairwise_ratio(to_nearest(s, t), to_nearest(f, t)),
        "You divide clip by clip, then take the median. Take both medians first.",
    ),
    "capped": (lambda s, t, f: ratio(s, t, f).clamp(max=1), "Yours never exceeds 1. It may."),
    "whole": (lambda s, t, f: ratio(s, t, f).floor(), "You cut off the fraction (int?)."),
} | {
    f"rounded_{k}": (
        lambda s, t, f, k=k: ratio(s, t, f).round(decimals=k),
        "Yours is rounded. Return the number itself.",
    )
    for k in (0, 1, 2)
}


def examine_novelty(answer):
    """A ratio of medians; copies have 0."""
    draw, cases = torch.Generator().manual_seed(6), []
    for sizes, shape, scale in (
        ((31, 150, 21), (2, 12), 0.4),
        ((25, 40, 33), (3, 2, 3, 3), 2.0),
        ((11, 60, 15), (4, 5), 0.7),
    ):
        s, t, f = (torch.randn(n, *shape, generator=draw) for n in sizes)
        cases.append((t[torch.randint(len(t), (len(s),), generator=draw)] + scale * s, t, f))
    names, what = ("samples", "train", "fresh"), "The novelty"
    outputs = [number(call(answer, case, names), what) for case in cases]
    expected = [ratio(*case) for case in cases]
    if not same(outputs, expected, atol=1e-3):
        i = first_difference(outputs, expected)
        shapes = ", ".join(str(tuple(x.shape)) for x in cases[i])
        said = f"For shapes {shapes} yours is {outputs[i]:.3f}; it should be {expected[i]:.3f}. "
        random_mistake(outputs[i], number(call(answer, cases[i], names), what))
        name(outputs, cases, NOVELTY, said)
        name_parts(answer, cases, names, said)
        factor_mistake(outputs, expected, said)
        raise Mistake(
            "other_formula",
            f"{said}For each clip the distance to its nearest training clip, then the median, "
            "that of the samples over that of the fresh clips.",
        )
    s, t, f = cases[0]
    copies = number(call(answer, (t[:21].clone(), t, f), names), what)
    if not -1e-9 <= copies < 2e-2:
        raise Mistake("copies", f"Copies of training clips must have 0; yours have {copies:.3f}.")


def name_parts(answer, cases, names, said):
    """Name training clips, or parts of a clip, that do not enter."""
    for _, t, f in cases[:2]:
        first, last = (number(call(answer, (x.clone(), t, f), names), "") for x in (t[:9], t[-9:]))
        if first.abs() < 0.02 < last:
            raise Mistake(
                "few_training_clips",
                f"{said}Copies of the last training clips should have 0 and have {last:.3f}, those "
                "of the first have 0: only the first training clips enter.",
            )
        other = t[:9].clone()
        other[:, 1:] += 1
        part = number(call(answer, (other, t, f), names), "")
        if max(first.abs(), part.abs()) < 0.02:
            raise Mistake(
                "part_of_a_clip",
                f"{said}Copies whose first row alone is right have {part:.3f}: only the first row "
                "or channel of a clip enters. All its numbers count.",
            )
