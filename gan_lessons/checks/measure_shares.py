"""Checker of precision and recall: each of the two is held against a list of what learners compute
instead.
"""

import inspect
import math

import numpy as np
import torch

from gan_lessons import metrics
from gan_lessons.checks.core import Mistake, attempted
from gan_lessons.checks.measure_calls import call, clouds, takes

CASES = ((30, 24, 2, 3), (22, 31, 3, 3), (26, 26, 2, 1), (28, 33, 2, 5), (26, 26, 3, 2))

EDGE = 1e-5  # some wrong balls reach exactly to a sample that is judged; rounding must not matter


def radii(x, k):
    """Distance to the k-th nearest other sample; k = 0 is the sample itself."""
    return torch.cdist(x, x).sort(dim=1).values[:, k]


def inside(points, centres, radius):
    """Which points lie in which balls: (points, centres)."""
    return torch.cdist(points, centres) <= radius


def covered(points, centres, radius):
    """Share of points in any ball."""
    return inside(points, centres, radius).any(dim=1).double().mean()


def nearest_ball(points, centres, k):
    distance, which = torch.cdist(points, centres).min(dim=1)
    return (distance <= radii(centres, k)[which]).double().mean()


def cross_radii(points, centres, k):
    """The k-th nearest sample of the other set makes the ball."""
    between = torch.cdist(centres, points)
    return covered(points, centres, between.sort(dim=1).values[:, k - 1] + EDGE)


def own_balls(points, centres, k):
    """Share of points whose own ball holds a centre."""
    return (torch.cdist(points, centres) <= radii(points, k)[:, None]).any(1).double().mean()


def pooled(points, centres, k):
    both = torch.cat([centres, points])
    return covered(points, centres, radii(both, k)[: len(centres)] + EDGE)


# What a share may be instead; `points` are judged by the balls around `centres`.
VARIANTS = {
    "counts_itself": (
        lambda p, c, k: covered(p, c, radii(c, k - 1)),
        "k counts the sample itself: its distance 0 to itself comes first in the sorted list, so "
        "the k-th other sample is entry k + 1.",
    ),
    "one_too_far": (
        lambda p, c, k: covered(p, c, radii(c, k + 1)),
        "The radius reaches to neighbour k + 1 (the sample itself does not count, all others do).",
    ),
    "k_ignored": (
        lambda p, c, k: covered(p, c, radii(c, 3)),
        "k is fixed to 3 inside; use the argument.",
    ),
    "nearest_neighbour_only": (
        lambda p, c, k: covered(p, c, radii(c, 1)),
        "The radius reaches to the nearest neighbour; it should reach to the k-th.",
    ),
    "largest_difference": (
        lambda p, c, k: (
            (
                torch.cdist(p, c, p=math.inf)
                <= torch.cdist(c, c, p=math.inf).sort(dim=1).values[:, k]
            )
            .any(dim=1)
            .double()
            .mean()
        ),
        "You take the largest difference of the features. The Euclidean distance is asked for.",
    ),
    "two_too_far": (
        lambda p, c, k: covered(p, c, radii(c, k + 2)),
        "The radius reaches to neighbour k + 2; it should reach to the k-th.",
    ),
    "twice_the_radius": (
        lambda p, c, k: covered(p, c, 2 * radii(c, k)),
        "The balls are twice as wide as they should be: their radius is the distance to the k-th "
        "neighbour.",
    ),
    "unit_length": (
        lambda p, c, k: share(p / p.norm(dim=1, keepdim=True), c / c.norm(dim=1, keepdim=True), k),
        "You scale the features to length 1 first; use them as they are.",
    ),
    "mean_radius": (
        lambda p, c, k: covered(p, c, radii(c, k).mean()),
        "All balls have the mean radius. Each sample has a radius of its own.",
    ),
    "median_radius": (
        lambda p, c, k: covered(p, c, radii(c, k).median()),
        "All balls have the median radius. Each sample has a radius of its own.",
    ),
    "largest_radius": (
        lambda p, c, k: covered(p, c, radii(c, k).max()),
        "All balls have the largest radius. Each sample has a radius of its own.",
    ),
    "mean_of_neighbours": (
        lambda p, c, k: covered(p, c, torch.cdist(c, c).sort(dim=1).values[:, 1 : k + 1].mean(1)),
        "The radius is the mean distance of the k neighbours; it should reach to the k-th.",
    ),
    "balls_of_the_wrong_set": (
        own_balls,
        "The balls stand around the samples that are judged. For precision they stand around the "
        "real samples, for recall around the fakes.",
    ),
    "coverage": (
        lambda p, c, k: inside(c, p, radii(c, k)[:, None]).any(dim=1).double().mean(),
        "That is the share of balls that hold a sample (coverage, or an .any() over the wrong "
        "dimension). Asked for is the share of samples that lie in a ball.",
    ),
    "all_for_any": (
        lambda p, c, k: inside(p, c, radii(c, k)).all(dim=1).double().mean(),
        "No sample is inside. Either you ask for samples that lie in all balls (one is enough: "
        ".any()), or all your radii are 0, the distance of a sample to itself.",
    ),
    "density": (
        lambda p, c, k: inside(p, c, radii(c, k)).double().sum(dim=1).mean() / k,
        "That is density: it counts balls, so it can exceed 1. Asked for is the share of samples "
        "that lie in any ball.",
    ),
    "pair_share": (
        lambda p, c, k: inside(p, c, radii(c, k)).double().mean(),
        "You average over all pairs of a sample and a ball. First .any() over the balls, then the "
        "mean over the samples.",
    ),
    "balls_per_sample": (
        lambda p, c, k: inside(p, c, radii(c, k)).double().sum(dim=1).mean(),
        "You count balls. First .any() over the balls, then the mean over the samples.",
    ),
    "nearest_ball_only": (
        nearest_ball,
        "You look at the ball of the nearest sample only. A wider ball further away may hold the "
        "sample, too: any ball counts.",
    ),
    "radii_between_the_sets": (
        cross_radii,
        "Your radii reach to the k-th sample of the other set. A ball reaches to the k-th "
        "neighbour in its own set.",
    ),
    "radii_of_both_sets": (
        pooled,
        "Your radii come from real and fake samples together. Each set has its own.",
    ),
    "squared_against_not": (
        lambda p, c, k: (torch.cdist(p, c).square() <= radii(c, k)).any(dim=1).double().mean(),
        "A squared distance is compared with a radius that is not squared.",
    ),
    "radius_squared": (
        lambda p, c, k: (torch.cdist(p, c) <= radii(c, k).square()).any(dim=1).double().mean(),
        "A distance is compared with a squared radius.",
    ),
    "city_blocks": (
        lambda p, c, k: (
            (torch.cdist(p, c, p=1) <= torch.cdist(c, c, p=1).sort(dim=1).values[:, k])
            .any(dim=1)
            .double()
            .mean()
        ),
        "You add absolute differences (p=1). The Euclidean distance is asked for.",
    ),
    "outside": (
        lambda p, c, k: 1 - covered(p, c, radii(c, k)),
        "That is the share of samples outside of all balls.",
    ),
    "count": (
        lambda p, c, k: covered(p, c, radii(c, k)) * len(p),
        "That is a count; divide by the number of samples that are judged.",
    ),
    "wrong_total": (
        lambda p, c, k: covered(p, c, radii(c, k)) * len(p) / len(c),
        "You divide by the size of the other set. Divide by the number of samples that are judged.",
    ),
    "per_cent": (
        lambda p, c, k: covered(p, c, radii(c, k)) * 100,
        "That is in per cent; a share from 0 to 1 is asked for.",
    ),
    "farthest_neighbour": (
        lambda p, c, k: covered(p, c, torch.cdist(c, c).sort(dim=1).values[:, -k]),
        "Your radius is the k-th largest distance: topk needs largest=False.",
    ),
}


def share(points, centres, k):
    return covered(points, centres, radii(centres, k))


def both(precision, recall):
    """A twin of the whole answer from two functions of (points, centres, k)."""
    return lambda r, f, k=3: (precision(f, r, k), recall(r, f, k))


WHOLE = {
    "swapped": (
        lambda r, f, k=3: (share(r, f, k), share(f, r, k)),
        "Precision and recall are swapped. Precision judges the fakes by the balls of the real "
        "samples; it comes first.",
    ),
    "precision_twice": (
        lambda r, f, k=3: (share(f, r, k),) * 2,
        "Both numbers are the precision. Recall judges the real samples by the balls of the fakes.",
    ),
    "recall_twice": (
        lambda r, f, k=3: (share(r, f, k),) * 2,
        "Both numbers are the recall. Precision judges the fakes by the balls of the real samples.",
    ),
    "same_radii": (
        lambda r, f, k=3: (
            share(f, r, k),
            inside(f, r, radii(r, k)).any(dim=0).double().mean(),
        ),
        "Your recall uses the balls of the real samples again (that is coverage). Recall needs the "
        "balls around the fakes.",
    ),
    "same_radii_of_fakes": (
        lambda r, f, k=3: (
            inside(r, f, radii(f, k)).any(dim=0).double().mean(),
            share(r, f, k),
        ),
        "Your precision uses the balls of the fakes. Precision needs the balls around the real "
        "samples.",
    ),
    "one_count_two_totals": (
        lambda r, f, k=3: (share(f, r, k), share(f, r, k) * len(f) / len(r)),
        "Your recall counts fakes and divides by the number of real samples. Recall judges the "
        "real samples, by balls around the fakes: that is a count of its own.",
    ),
    "rounded": (
        lambda r, f, k=3: (share(f, r, k).round(), share(r, f, k).round()),
        "The shares are rounded to whole numbers; return them as they are.",
    ),
    "density_and_coverage": (
        lambda r, f, k=3: metrics.density_coverage(r, f, k),
        "Those are density and coverage (Naeem et al. 2020). Asked for are the older precision and "
        "recall, each with the balls of the other set.",
    ),
}


CUT = "You cut the larger set to the size of the smaller one. Use all samples of both."


def cut_pair(r, f, k=3):
    """The twin that makes both sets equally large."""
    n = min(len(r), len(f))
    return both(share, share)(r[:n], f[:n], k)


def pair(output):
    """(precision, recall) as two floats; names the usual ways to miss them."""
    output = attempted(output)
    if isinstance(output, (torch.Tensor, np.ndarray)) and output.ndim == 1:
        output = tuple(output)
    if not isinstance(output, (tuple, list)):
        raise Mistake(
            "not_a_pair",
            f"Return two numbers, (precision, recall); yours is a {type(output).__name__}.",
        )
    if len(output) != 2:
        raise Mistake("not_a_pair", f"Return two numbers, (precision, recall), not {len(output)}.")
    found = []
    for name, part in zip(("Precision", "Recall"), output, strict=True):
        part = torch.as_tensor(attempted(part))
        if part.numel() != 1:
            raise Mistake(
                "not_a_scalar",
                f"{name} must be one number, but yours has shape {tuple(part.shape)}. After "
                ".any(dim=…) there is a yes or no for each sample: take their mean.",
            )
        if part.dtype == torch.bool:
            raise Mistake(
                "not_a_share",
                f"{name} is {part.item()}; a share from 0 to 1 is asked for: the mean of the yes "
                "and no of all samples, .float().mean().",
            )
        part = float(part.detach())
        if part != part:
            raise Mistake(
                "not_finite", f"{name} is nan on ordinary features: the mean of no samples at all?"
            )
        found.append(part)
    return found


def examine_precision_recall(answer):
    """Two shares, equal to the formula for several k, also where a sample lies on the edge."""
    cases = [(*clouds(n, m, d, seed + 20), k) for seed, (n, m, d, k) in enumerate(CASES)]
    cases = [(r, f + 0.3, k) for r, f, k in cases]
    outputs = [pair(ask(answer, r, f, k)) for r, f, k in cases]
    if not same([pair(ask(answer, *cases[0]))], outputs[:1]):
        raise Mistake(
            "not_repeatable",
            "The same features gave two different answers: there is chance in your function.",
        )
    inputs = [(r.double(), f.double(), k) for r, f, k in cases]
    expected = [[float(x) for x in both(share, share)(*case)] for case in inputs]
    if same(outputs, expected):
        check_edge(answer)
        return None
    said = (
        f"On the first clouds (k=3) yours are {outputs[0][0]:.3f} and {outputs[0][1]:.3f}; they "
        f"should be {expected[0][0]:.3f} and {expected[0][1]:.3f}. "
    )
    whole = {"cut_to_the_smaller": (cut_pair, CUT), **WHOLE}
    with_k = [i for i, case in enumerate(cases) if case[2] != 3]
    other = [pair(call(answer, r, f, k=3)) for r, f, k in cases if k == 3]
    if same([outputs[i] for i in with_k], [expected[i] for i in with_k]) and same(
        other, [expected[i] for i in range(len(cases)) if i not in with_k]
    ):
        raise Mistake(
            "other_default",
            f"{said}With k given it is right, but without it your function takes another k: the "
            "default is 3.",
        )
    for id, (twin, text) in whole.items():
        if same(outputs, [[float(x) for x in twin(*case)] for case in inputs]):
            raise Mistake(id, said + text)
    name_parts(outputs, expected, inputs, said)
    if same(outputs[1:2], outputs[:1]) and same(outputs[2:3], outputs[:1]):
        raise Mistake(
            "constant", f"{said}It gives the same for every pair of sets: do the features enter?"
        )
    raise Mistake(
        "other_formula",
        f"{said}Precision: the share of fakes that lie in at least one ball, where the ball of a "
        "real sample reaches to its k-th nearest other real sample. Recall: the same with real and "
        "fake exchanged.",
    )


def ask(answer, r, f, k):
    """Call with k where it is not 3, so that the default is tried, too."""
    if k == 3:
        return call(answer, r, f)
    function = answer() if isinstance(answer, type) else answer
    if not takes(function, "k") and count_arguments(function) < 3:
        raise Mistake(
            "no_k",
            "Your function takes no k: its signature is (real_features, fake_features, k=3).",
        )
    return call(answer, r, f, k=k)


def count_arguments(function):
    """How many arguments a function takes by position."""
    kinds = [p.kind for p in inspect.signature(function).parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return 99
    return sum(kind in (0, 1) for kind in kinds)


def same(a, b):
    """Equal pairs, up to rounding of a share of at most 33 samples."""
    return all(abs(x - y) < 2e-3 for x, y in zip(sum(a, []), sum(b, []), strict=True))


def name_parts(outputs, expected, inputs, said):
    """Name what stands in the place of precision, of recall, or of both."""
    found, right = [], []
    for place, name in ((0, "Precision"), (1, "Recall")):
        own = [[pair[place]] for pair in outputs]
        if same(own, [[pair[place]] for pair in expected]):
            right.append(f"{name} is right. ")
            continue
        for id, (variant, text) in VARIANTS.items():
            sets = [((f, r) if place == 0 else (r, f)) for r, f, _ in inputs]
            wrong = [
                [float(variant(*points, case[2]))]
                for points, case in zip(sets, inputs, strict=True)
            ]
            if same(own, wrong):
                found.append((id, name, text))
                break
    if found and len(found) + len(right) == 2:
        ids = {id for id, _, _ in found}
        text = " ".join(dict.fromkeys(f"{t}" for _, _, t in found))
        place = " ".join(right) + ("" if len(found) == 2 else f"In {found[0][1].lower()}: ")
        if len(ids) <= 2:
            raise Mistake(found[0][0], said + place + text)
    if right:
        other = "Recall" if right[0].startswith("Precision") else "Precision"
        raise Mistake(
            f"{other.lower()}_wrong",
            f"{said}{right[0]}{other} is not: it judges the "
            + ("real samples by the balls of the fakes." if other == "Recall" else "fakes by the ")
            + ("" if other == "Recall" else "balls of the real samples."),
        )


def check_edge(answer):
    """A sample at exactly the radius lies in the ball: whole numbers, so that nothing is
    rounded.
    """
    real = torch.tensor([[0.0], [2.0], [4.0], [6.0]])
    fake = torch.tensor([[8.0], [10.0], [30.0], [33.0]])
    output = pair(ask(answer, real, fake, 1))
    expected = [float(x) for x in both(share, share)(real.double(), fake.double(), 1)]
    if not same([output], [expected]):
        raise Mistake(
            "edge_excluded",
            f"Nearly: a sample that lies exactly on the edge of a ball belongs to it (≤, not <). "
            f"With real samples at 0, 2, 4, 6, fakes at 8, 10, 30, 33 and k=1, precision and "
            f"recall are {expected[0]:.2f} and {expected[1]:.2f}; yours are {output[0]:.2f} and "
            f"{output[1]:.2f}. The edge matters where samples repeat and radii are 0.",
        )
