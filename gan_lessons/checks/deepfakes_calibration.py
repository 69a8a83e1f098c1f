"""Checker of exercise 16: how far stated chances are from true shares."""

import torch

from gan_lessons.checks.core import Mistake
from gan_lessons.checks.deepfakes_calls import call, first_difference, name, number, same


def errors(p, y, bins, gap=torch.abs, weigh=True, stated=None):
    """A calibration error with parts exchanged; an entry for each bin that is not empty."""
    which, found, weights = (p * bins).long().clamp(max=bins - 1), [], []
    for b in which.unique():
        inside = which == b
        said = p[inside].mean() if stated is None else stated(b, bins)
        found.append(gap(said - y[inside].double().mean()))
        weights.append(inside.double().mean())
    found, weights = torch.stack(found), torch.tensor(weights).double()
    return (found * weights).sum() if weigh else found


def equal_counts(p, y, bins):
    parts = p.argsort().tensor_split(bins)
    gaps = [(p[i].mean() - y[i].double().mean()).abs() * len(i) for i in parts if len(i)]
    return sum(gaps) / len(p)


def kept(p, y, bins, keep):
    """Without the probabilities that a careless edge loses; shares are of all."""
    return errors(p[keep], y[keep], bins) * keep.double().mean()


def confidence(p, y, bins):
    sure = torch.maximum(p, 1 - p)
    return errors(sure, ((p > 0.5).long() == y).long(), bins)


WEIGHTS = "Each bin counts with its share of the images, not all bins alike."
CALIBRATION = {
    "bins_not_weighted": (lambda p, y, b: errors(p, y, b, weigh=False).mean(), WEIGHTS),
    "all_bins_alike": (lambda p, y, b: errors(p, y, b, weigh=False).sum() / b, WEIGHTS),
    "sum_of_bins": (
        lambda p, y, b: errors(p, y, b, weigh=False).sum(),
        "The gaps are summed as they are. " + WEIGHTS,
    ),
    "largest_bin": (
        lambda p, y, b: errors(p, y, b, weigh=False).max(),
        "That is the largest gap of all bins (maximum calibration error). Asked for is the mean.",
    ),
    "no_absolute_value": (
        lambda p, y, b: errors(p, y, b, gap=lambda x: x),
        "Gaps of both signs cancel: take the absolute value in each bin.",
    ),
    "no_absolute_value_turned": (
        lambda p, y, b: -errors(p, y, b, gap=lambda x: x),
        "Gaps of both signs cancel: take the absolute value in each bin.",
    ),
    "one_bin": (
        lambda p, y, b: errors(p, y, b, gap=lambda x: x).abs(),
        "The absolute value comes after the sum, so gaps of both signs cancel. Take it in each "
        "bin.",
    ),
    "squared": (
        lambda p, y, b: errors(p, y, b, gap=torch.square),
        "The gaps are squared; take their absolute value.",
    ),
    "root_mean_square": (
        lambda p, y, b: errors(p, y, b, gap=torch.square).sqrt(),
        "The gaps are squared, and the root is taken at the end; take their absolute value.",
    ),
    "decisions_for_labels": (
        lambda p, y, b: errors(p, (p > 0.5).long(), b),
        "You compare with the detector's own decisions (p > 0.5). Compare with the labels.",
    ),
    "one_bin_less": (
        lambda p, y, b: errors(p, y, b - 1),
        "There is one bin too few: `bins` bins have bins + 1 edges.",
    ),
    "brier": (
        lambda p, y, b: (p - y).square().mean(),
        "That is the Brier score, (p - label)² for each image. Compare means within bins.",
    ),
    "mean_absolute_error": (
        lambda p, y, b: (p - y).abs().mean(),
        "That compares each p with its label, 0 or 1. Compare the mean p of a bin with the share "
        "of fakes in it.",
    ),
    "bins_ignored": (
        lambda p, y, b: errors(p, y, 10),
        "The argument bins does not enter: there are always 10.",
    ),
    "centre_of_the_bin": (
        lambda p, y, b: errors(p, y, b, stated=lambda k, n: (k + 0.5) / n),
        "You compare with the middle of the bin. Compare with the mean p of the images in it.",
    ),
    "edge_of_the_bin": (
        lambda p, y, b: errors(p, y, b, stated=lambda k, n: k / n),
        "You compare with the edge of the bin. Compare with the mean p of the images in it.",
    ),
    "equal_counts": (
        equal_counts,
        "Your bins hold equal numbers of images. Asked for are bins of equal width, 1 / bins.",
    ),
    "loses_1": (
        lambda p, y, b: kept(p, y, b, p < 1),
        "A probability of exactly 1 falls out of your last bin; it belongs to it.",
    ),
    "loses_0": (
        lambda p, y, b: kept(p, y, b, p > 0),
        "A probability of exactly 0 falls out of your first bin; it belongs to it.",
    ),
    "extra_bin_for_1": (
        lambda p, y, b: (
            kept(p, y, b, p < 1) + ((p[p == 1] - y[p == 1]).mean().abs() * (p == 1).double().mean())
        ),
        "A probability of exactly 1 has a bin of its own; it belongs to the last one.",
    ),
    "extra_bin_for_0": (
        lambda p, y, b: (
            kept(p, y, b, p > 0) + ((y[p == 0] - p[p == 0]).mean().abs() * (p == 0).double().mean())
        ),
        "A probability of exactly 0 has a bin of its own; it belongs to the first one.",
    ),
    "confidence": (
        confidence,
        "That is the form for several classes: certainty against accuracy. Asked for is the "
        "chance of fake against the share of fakes.",
    ),
    "hard_answers": (
        lambda p, y, b: errors((p > 0.5).double(), y, b),
        "Your chances are rounded to 0 and 1 first; use them as they are.",
    ),
    "labels_turned": (
        lambda p, y, b: errors(p, 1 - y, b),
        "Label 1 means fake, and p is the chance of fake; yours compares with the share of real.",
    ),
    "per_cent": (
        lambda p, y, b: 100 * errors(p, y, b),
        "That is in per cent; a number from 0 to 1 is asked for.",
    ),
}


def chances():
    """Chances and labels: an over-confident detector, empty bins, p = 0 and p = 1."""
    draw, cases = torch.Generator().manual_seed(8), []
    for n, bins, power in ((60, 10, 3.0), (45, 4, 1.5), (30, 7, 4.0)):
        p = torch.rand(n, generator=draw)
        p = (p**power / (p**power + (1 - p) ** power)).clamp(0.01, 0.99)
        p = torch.where(((p * bins) % 1 < 0.02) | ((p * bins) % 1 > 0.98), p + 0.05 / bins, p)
        y = (torch.rand(n, generator=draw) < 0.3 + 0.4 * p).long()
        # at the edges the gaps have other signs than in the rest of their bins
        y[p * bins < 1], y[p * bins > bins - 1] = 0, 1
        p[:3], p[3:6] = 0.0, 1.0
        y[:6] = torch.tensor([0, 1, 1, 1, 0, 0])
        cases.append((p, y, bins))
    return cases


def examine_calibration_error(answer):
    """The weighted gap over bins; empty bins, p = 0 and p = 1; the default."""
    names, cases, what = ("probabilities", "labels", "bins"), chances(), "The calibration error"
    outputs = [number(call(answer, case, names), what) for case in cases]
    doubled = [(p.double(), y, bins) for p, y, bins in cases]
    expected = [errors(*case) for case in doubled]
    if same(outputs, expected):
        default = number(call(answer, cases[1][:2], names[:2]), what)
        if same([default], [errors(*doubled[1][:2], 10)]):
            return
        raise Mistake(
            "other_default", "With bins given it is right; without, the default should be 10."
        )
    i = first_difference(outputs, expected)
    said = (
        f"For {len(cases[i][0])} images and {cases[i][2]} bins yours is {outputs[i]:.4f}; it "
        f"should be {expected[i]:.4f}. "
    )
    name(outputs, doubled, CALIBRATION, said)
    raise Mistake(
        "other_formula",
        f"{said}In each bin: the mean p of its images minus the share of label 1 among them, as an "
        "absolute value. Then the sum over the bins, weighted with their shares of the images.",
    )
