"""Checkers of exercise 14: the score of an attack, what it finds at few false alarms, and DCR."""

import torch

from gan_lessons.checks.core import Mistake
from gan_lessons.checks.deepfakes_calls import call, first_difference, name, number, same, vector


def nearest(x, y, p=2.0):
    return torch.cdist(x.flatten(1).double(), y.flatten(1).double(), p=p).amin(dim=1)


def calibrated(images, samples, reference):
    return nearest(images, reference).log() - nearest(images, samples).log()


def of_batch(x, y):
    """Distance to the nearest y of the first image, for all."""
    return nearest(x[:1], y).expand(len(x))


SCORE = {
    "not_calibrated": (
        lambda i, s, r: -nearest(i, s).log(),
        "The reference does not enter. That is the plain nearest-sample attack.",
    ),
    "not_calibrated_distance": (
        lambda i, s, r: -nearest(i, s),
        "The reference does not enter, and there is no logarithm.",
    ),
    "sign": (
        lambda i, s, r: -calibrated(i, s, r),
        'The sign is turned round. A high score says "member": close to the samples, far from '
        "the reference.",
    ),
    "no_logarithm": (
        lambda i, s, r: nearest(i, r) - nearest(i, s),
        "The logarithms are missing: you subtract the distances themselves.",
    ),
    "ratio": (
        lambda i, s, r: nearest(i, r) / nearest(i, s),
        "That is the ratio of the distances; take its logarithm.",
    ),
    "other_base": (
        lambda i, s, r: calibrated(i, s, r) / torch.tensor(10.0).double().log(),
        "That is the decimal logarithm; the natural one is asked for.",
    ),
    "squared_distance": (
        lambda i, s, r: 2 * calibrated(i, s, r),
        "It is twice too large: squared distances? Take the distances themselves.",
    ),
    "absolute_differences": (
        lambda i, s, r: nearest(i, r, 1.0).log() - nearest(i, s, 1.0).log(),
        "You sum absolute differences; the Euclidean distance is asked for.",
    ),
    "largest_difference": (
        lambda i, s, r: nearest(i, r, torch.inf).log() - nearest(i, s, torch.inf).log(),
        "You take the largest difference of a pixel; the Euclidean distance is asked for.",
    ),
    "mean_distance": (
        lambda i, s, r: (
            torch.cdist(i.flatten(1), r.flatten(1)).mean(1).log()
            - torch.cdist(i.flatten(1), s.flatten(1)).mean(1).log()
        ),
        "You take the mean distance to all samples; the nearest one is asked for (min).",
    ),
    "farthest": (
        lambda i, s, r: (
            torch.cdist(i.flatten(1), r.flatten(1)).amax(1).log()
            - torch.cdist(i.flatten(1), s.flatten(1)).amax(1).log()
        ),
        "You take the farthest sample; the nearest one is asked for (min).",
    ),
    "samples_and_reference_mixed": (
        lambda i, s, r: nearest(i, torch.cat([r, s])).log() - nearest(i, s).log(),
        "The samples are among the reference.",
    ),
    "first_image": (
        lambda i, s, r: (of_batch(i, r) / of_batch(i, s)).log(),
        "All images get the score of the first one.",
    ),
}


def examine_calibrated_score(answer):
    """One score for each image, for sets of different sizes."""
    draw = torch.Generator().manual_seed(0)
    cases = [
        tuple(torch.rand(n, 1, side, side, generator=draw) * 2 - 1 for n in sizes)
        for side, sizes in ((5, (6, 9, 4)), (4, (3, 5, 8)), (6, (8, 7, 7)))
    ]
    names = ("images", "samples", "reference")
    outputs = [
        vector(call(answer, case, names), (len(case[0]),), "The score of each image")
        for case in cases
    ]
    expected = [calibrated(*case) for case in cases]
    if same(outputs, expected):
        return
    i = first_difference(outputs, expected)
    said = f"Your first score is {outputs[i][0]:.3f}; it should be {expected[i][0]:.3f}. "
    name(outputs, cases, SCORE, said)
    raise Mistake(
        "other_formula",
        said + "log of the distance to the nearest of `reference`, minus log of the distance to "
        "the nearest of `samples`. Each image is one flat vector.",
    )


def found(others, members, rate):
    allowed = int(rate * len(others) + 1e-9)
    return (members > others.sort().values[-allowed - 1]).double().mean()


def above_top(others, members, rate):
    return (members > others.max()).double().mean()


FOUND = {
    "at_the_threshold": (
        lambda o, m, r: (m >= o.sort().values[-int(r * len(o) + 1e-9) - 1]).double().mean(),
        "You count members *at* the threshold, too (>=). Then non-members with that score would "
        "be false alarms as well. Count strictly above it.",
    ),
    "one_too_few": (
        lambda o, m, r: (m > o.sort().values[-max(int(r * len(o) + 1e-9), 1)]).double().mean(),
        "Your threshold is one score too high: k non-members may lie above it, so it is the "
        "(k + 1)-th largest.",
    ),
    "low_scores": (
        lambda o, m, r: (m < o.sort().values[int(r * len(o) + 1e-9)]).double().mean(),
        'You count low scores. A high score says "member".',
    ),
    "quantile_of_members": (
        lambda o, m, r: (o > m.sort().values[-int(r * len(m) + 1e-9) - 1]).double().mean(),
        "Members and non-members are exchanged: the threshold comes from `others`.",
    ),
    "own_threshold": (
        lambda o, m, r: (m > m.sort().values[-int(r * len(m) + 1e-9) - 1]).double().mean(),
        "Your threshold comes from the members; an attacker does not know who they are. Take it "
        "from `others`.",
    ),
    "pooled_threshold": (
        lambda o, m, r: (m > torch.cat([o, m]).quantile(1 - r)).double().mean(),
        "Your threshold comes from both sets together; take `others` alone.",
    ),
    "rate_upside_down": (
        lambda o, m, r: (m > o.sort().values[int(r * len(o) + 1e-9)]).double().mean(),
        "Your threshold is the low quantile: nearly all non-members lie above it.",
    ),
    "share_missed": (
        lambda o, m, r: 1 - found(o, m, r),
        "That is the share of the members that is missed.",
    ),
    "count": (
        lambda o, m, r: found(o, m, r) * len(m),
        "That is a count; divide by the number of members.",
    ),
    "per_cent": (
        lambda o, m, r: 100 * found(o, m, r),
        "That is in per cent; a share from 0 to 1 is asked for.",
    ),
    "false_alarms": (
        lambda o, m, r: found(o, o, r),
        "That is the share of the non-members above the threshold: the false alarms.",
    ),
    "precision": (
        lambda o, m, r: (
            found(o, m, r) * len(m) / (found(o, m, r) * len(m) + found(o, o, r) * len(o))
        ),
        "That is the share of alarms that are right. Divide by the number of members.",
    ),
    "auc": (
        lambda o, m, r: ((m[:, None] > o).double() + (m[:, None] == o).double() / 2).mean(),
        "That is AUC, which ignores the rate.",
    ),
    "rate_ignored": (above_top, "You allow no false alarm at all; the rate does not enter."),
}


def examine_found_at(answer):
    """The share of members above the (k + 1)-th largest score of the others, ties included."""
    draw = torch.Generator().manual_seed(1)
    cases = []
    for n, m, rate, ties in ((200, 60, 0.05, 0), (300, 50, 0.1, 1), (150, 80, 0.04, 1)):
        others, members = (torch.randn(k, generator=draw) for k in (n, m))
        members = members + 1.0
        if ties:
            others, members = (x.mul(3).round() / 3 for x in (others, members))
        cases.append((others, members, rate))
    names, what = ("others", "members", "rate"), "The share"
    outputs = [number(call(answer, case, names), what) for case in cases]
    expected = [found(*case) for case in cases]
    if not same(outputs, expected):
        i = first_difference(outputs, expected)
        n, k = len(cases[i][0]), round(cases[i][2] * len(cases[i][0]))
        said = (
            f"With {n} non-members and a rate of {cases[i][2]:g}, {k} may lie above the threshold. "
            f"Your share of the members is {outputs[i]:.3f}; it should be {expected[i]:.3f}. "
        )
        if i > 0:
            said += "These scores have ties. "
        name(outputs, cases, FOUND, said)
        raise Mistake(
            "other_threshold",
            said + "The threshold is the (k + 1)-th largest score of `others`; count the members "
            "strictly above it.",
        )


def dcr(samples, members, others, q=0.05):
    return nearest(samples, members).quantile(q) / nearest(others, members).quantile(q)


CLOSENESS = {
    "upside_down": (
        lambda s, m, o: 1 / dcr(s, m, o),
        "The ratio is upside down: samples to members stands above, others to members below.",
    ),
    "from_the_members": (
        lambda s, m, o: nearest(m, s).quantile(0.05) / nearest(m, o).quantile(0.05),
        "You start from each member. Start from each sample (and each other image) and look for "
        "its nearest member.",
    ),
    "distance_to_others": (
        lambda s, m, o: nearest(s, m).quantile(0.05) / nearest(s, o).quantile(0.05),
        "Below stands the distance of samples to others; it should be that of others to members.",
    ),
    "members_to_members": (
        lambda s, m, o: (
            nearest(s, m).quantile(0.05)
            / torch.cdist(m.flatten(1), m.flatten(1))
            .fill_diagonal_(torch.inf)
            .amin(1)
            .quantile(0.05)
        ),
        "Below stands the distance among members; it should be that of others to members.",
    ),
    "mean": (
        lambda s, m, o: nearest(s, m).mean() / nearest(o, m).mean(),
        "You take the means; the 5 % quantiles are asked for.",
    ),
    "median": (
        lambda s, m, o: dcr(s, m, o, 0.5),
        "You take the medians; the 5 % quantiles are asked for.",
    ),
    "minimum": (
        lambda s, m, o: nearest(s, m).min() / nearest(o, m).min(),
        "You take the smallest distances; the 5 % quantiles are asked for.",
    ),
    "high_quantile": (
        lambda s, m, o: dcr(s, m, o, 0.95),
        "That is the 95 % quantile; the close ones are at 5 %.",
    ),
    "squared_distance": (
        lambda s, m, o: (
            nearest(s, m).square().quantile(0.05) / nearest(o, m).square().quantile(0.05)
        ),
        "Those are squared distances; take the distances themselves.",
    ),
    "absolute_differences": (
        lambda s, m, o: nearest(s, m, 1.0).quantile(0.05) / nearest(o, m, 1.0).quantile(0.05),
        "You sum absolute differences; the Euclidean distance is asked for.",
    ),
    "numerator_only": (
        lambda s, m, o: nearest(s, m).quantile(0.05),
        "That is only the upper number. A distance says nothing without one to compare with.",
    ),
    "difference": (
        lambda s, m, o: nearest(s, m).quantile(0.05) - nearest(o, m).quantile(0.05),
        "That is a difference; a ratio is asked for.",
    ),
}


def examine_closeness_ratio(answer):
    """The ratio of two quantiles of distances to the closest member."""
    draw = torch.Generator().manual_seed(2)
    cases = [
        (
            torch.rand(n, 1, 4, 4, generator=draw) * scale,
            torch.rand(m, 1, 4, 4, generator=draw),
            torch.rand(k, 1, 4, 4, generator=draw),
        )
        for n, m, k, scale in ((81, 20, 61, 0.8), (61, 30, 101, 1.0), (101, 25, 41, 1.4))
    ]
    names, what = ("samples", "members", "others"), "The ratio"
    outputs = [number(call(answer, case, names), what) for case in cases]
    expected = [dcr(*case) for case in cases]
    if same(outputs, expected):
        return
    i = first_difference(outputs, expected)
    said = f"Your ratio is {outputs[i]:.3f}; it should be {expected[i]:.3f}. "
    name(outputs, cases, CLOSENESS, said)
    raise Mistake(
        "other_formula",
        said + "For each sample the distance to its nearest member, of these the 5 % quantile; "
        "the same for `others`; the first over the second.",
    )
