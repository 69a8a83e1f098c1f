"""Right answers of exercise 16 in many forms pass; catalogued mistakes are rejected and named."""

import numpy as np
import pytest
import torch

from gan_lessons import checks
from gan_lessons.checks import deepfakes_report as report
from gan_lessons.checks.deepfakes_calibration import CALIBRATION, equal_counts, errors
from gan_lessons.checks.deepfakes_numbers import AUC, PRECISION, pairs
from gan_lessons.checks.deepfakes_spectrum import TWINS, distances, power, spectrum
from gan_lessons.protocols import detection

# Task 1


def precision(base_rate, recall, false_alarm_rate):
    right, wrong = base_rate * recall, (1 - base_rate) * false_alarm_rate
    return right / (right + wrong) if right + wrong else 0


def by_counts(base_rate, recall, false_alarm_rate, uploads=1e6):
    fakes = base_rate * uploads
    right, wrong = fakes * recall, (uploads - fakes) * false_alarm_rate
    return np.float64(right / max(right + wrong, 1e-12))


def by_odds(b, r, f):
    if b in (0, 1) or f == 0:
        return float(b > 0 and r > 0)
    odds = b / (1 - b) * r / f
    return torch.tensor([odds / (1 + odds)])


def by_nan_to_num(b, r, f):
    b, r, f = (torch.tensor(x, dtype=torch.float64) for x in (b, r, f))
    return torch.nan_to_num(b * r / (b * r + (1 - b) * f))


# Task 2


def by_ranks(real_scores, fake_scores):
    from scipy.stats import rankdata

    ranks = rankdata(torch.cat([real_scores, fake_scores]).numpy())
    m, n = len(fake_scores), len(real_scores)
    return (ranks[n:].sum() - m * (m + 1) / 2) / (m * n)


def by_mann_whitney(real, fake):
    from scipy.stats import mannwhitneyu

    return mannwhitneyu(fake.numpy(), real.numpy()).statistic / (len(real) * len(fake))


def by_sklearn(real, fake):
    from sklearn.metrics import roc_auc_score

    labels = np.r_[np.zeros(len(real)), np.ones(len(fake))]
    return roc_auc_score(labels, torch.cat([real, fake]).numpy())


def by_sign(real, fake):
    return (torch.sign(fake[None, :] - real[:, None]) + 1).mean() / 2


def by_loop(real, fake):
    won = sum((f > r) + 0.5 * (f == r) for r in real.tolist() for f in fake.tolist())
    return won / len(real) / len(fake)


def by_the_curve(real, fake):
    """Trapezoids under the ROC curve, a corner at each score."""
    edges = torch.cat([real, fake]).unique().flip(0)
    recall = torch.stack([(fake >= e).double().mean() for e in edges])
    alarms = torch.stack([(real >= e).double().mean() for e in edges])
    zero = torch.zeros(1).double()
    return torch.trapezoid(torch.cat([zero, recall]), torch.cat([zero, alarms]))


# Task 3


def by_numpy(images):
    f = np.fft.fftshift(np.fft.fft2(images[:, 0].numpy()), axes=(1, 2))
    p, s = (np.abs(f) ** 2).mean(axis=0), images.shape[-1]
    y, x = np.indices((s, s)) - s // 2
    ring = np.rint(np.hypot(x, y)).astype(int).ravel()
    return np.log10(np.bincount(ring, p.ravel()) / np.bincount(ring))[: s // 2 + 1]


def by_loops(images):
    s = images.shape[-1]
    p = torch.view_as_real(torch.fft.fft2(images.squeeze(1))).square().sum(-1).mean(0)
    rings = [[] for _ in range(s)]
    for u in range(s):
        for v in range(s):
            a, b = min(u, s - u), min(v, s - v)
            rings[round((a * a + b * b) ** 0.5)].append(p[u, v])
    return [torch.stack(ring).mean().log10() for ring in rings[: s // 2 + 1]]


def by_masks(images):
    s = images.shape[-1]
    f = torch.fft.fftfreq(s, d=1 / s)
    r = torch.hypot(f[:, None].expand(s, s), f[None].expand(s, s)).round()
    p = torch.fft.fft2(images.double()).abs().pow(2).mean(dim=(0, 1))
    return torch.log10(torch.stack([p[r == k].mean() for k in range(s // 2 + 1)]) + 1e-12).float()


def by_autocorrelation(images):
    """The spectrum is the transform of the autocorrelation (Wiener and Khinchin)."""
    x, s = images[:, 0].double(), images.shape[-1]
    shifts = [[(x * x.roll((i, j), (1, 2))).sum((1, 2)).mean() for j in range(s)] for i in range(s)]
    p = torch.fft.fft2(torch.stack([torch.stack(row) for row in shifts])).real[None]
    return spectrum(images, of=lambda _: p)


# Task 4


def calibration(probabilities, labels, bins=10):
    total, edges = 0.0, torch.linspace(0, 1, bins + 1)
    for i in range(bins):
        inside = (probabilities >= edges[i]) & (probabilities < edges[i + 1])
        if i == bins - 1:
            inside |= probabilities == 1
        if inside.any():
            gap = probabilities[inside].mean() - labels[inside].float().mean()
            total += inside.float().mean() * gap.abs()
    return total


def with_closed_right(probabilities, labels, bins=10):
    """(low, high], with 0 in the first bin."""
    p, y = probabilities.numpy(), labels.numpy()
    which = np.clip(np.ceil(p * bins) - 1, 0, bins - 1).astype(int)
    gaps = np.bincount(which, p - y, minlength=bins)
    return np.abs(gaps).sum() / len(p)


def by_histogram(p, labels, bins=10):
    which = np.clip(np.digitize(p.numpy(), np.linspace(0, 1, bins + 1)) - 1, 0, bins - 1)
    out = 0.0
    for b in set(which.tolist()):
        out += abs(p.numpy()[which == b].sum() - labels.numpy()[which == b].sum())
    return torch.tensor(out / len(p))


# Task 5


def full_report(detect, calibration, real, fakes, rate):
    threshold = torch.quantile(detect(calibration), 1 - rate).item()
    scores = detect(real)
    return {
        "threshold": threshold,
        "false_alarms": (scores > threshold).float().mean().item(),
        "auc": {k: by_ranks(scores, detect(x)) for k, x in fakes.items()},
        "found": {k: (detect(x) > threshold).float().mean().item() for k, x in fakes.items()},
    }


def by_sorting(detect, calibration, real, fakes, rate):
    own = detect(calibration).sort(descending=True).values
    t, s = own[int(rate * len(own))], detect(real)
    out = {"threshold": t, "false_alarms": (s > t).double().mean(), "auc": {}, "found": {}}
    for name in fakes:
        score = detect(fakes[name])
        out["auc"][name], out["found"][name] = by_sign(s, score), (score > t).double().mean()
    return out | {"n": len(s)}


def by_numpy_quantile(detect, calibration, real, fakes, rate):
    own, s = np.asarray(detect(calibration)), np.asarray(detect(real))
    t = np.quantile(own, 1 - rate, method="higher")
    scores = {k: detect(x) for k, x in fakes.items()}
    return dict(
        threshold=t,
        false_alarms=np.mean(s > t),
        auc={k: by_loop(torch.tensor(s), x) for k, x in scores.items()},
        found={k: np.mean(x.numpy() >= t) for k, x in scores.items()},
    )


RIGHT = {
    "alarm_precision": (precision, by_counts, by_odds, by_nan_to_num, detection.alarm_precision),
    "detector_auc": (
        by_ranks,
        by_mann_whitney,
        by_sklearn,
        by_sign,
        by_loop,
        by_the_curve,
        detection.auc,
        lambda r, f: detection.auc(r.double(), f.double()),
        lambda r, f: 1 - pairs(f, r).mean().item(),
    ),
    "radial_spectrum": (spectrum, by_numpy, by_loops, by_masks, by_autocorrelation),
    "calibration_error": (
        calibration,
        with_closed_right,
        by_histogram,
        detection.calibration_error,
        lambda p, y, bins=10: errors(p.double(), y, bins),
    ),
    "detector_report": (full_report, by_sorting, by_numpy_quantile),
}


@pytest.mark.parametrize("task, answer", [(t, a) for t, all in RIGHT.items() for a in all])
def test_right_answers_pass(task, answer):
    result = checks.check(task, answer)
    assert result.status == "passed", result


@pytest.mark.parametrize("task", RIGHT)
def test_a_stub_is_not_attempted(task):
    def stub(*arguments):
        pass

    assert checks.check(task, stub).status == "not attempted"
    assert checks.check(task, None).status == "not attempted"
    assert len(checks.EXERCISES[task].hints) == 3


def loud(twin):
    """A twin as a learner would write it, for inputs of float32."""
    return lambda *arguments: twin(*arguments)


TABLES = {
    "alarm_precision": PRECISION,
    "detector_auc": AUC,
    "radial_spectrum": TWINS,
    "calibration_error": CALIBRATION,
}
SYNONYMS = {  # two ways to the same numbers
    "all_bins_alike": "bins_not_weighted",
    "no_absolute_value_turned": "no_absolute_value",
    "ranks_from_0": "rank_correction",
}


@pytest.mark.parametrize("task, id", [(t, id) for t, all in TABLES.items() for id in all])
def test_each_catalogued_twin_is_named(task, id):
    result = checks.check(task, loud(TABLES[task][id][0]))
    assert result.status == "failed"
    assert result.mistake in (id, SYNONYMS.get(id)), result


def corners(images):
    values = power(images)
    ring = distances(images.shape[-1]).round().long()
    return torch.stack([values[:, ring == k].mean() for k in range(int(ring.max()) + 1)]).log10()


def test_mistakes_of_form_are_named():
    wrong = {
        "alarm_precision": {
            "no_alarms": lambda b, r, f: b * r / (b * r + (1 - b) * f) if r else float("nan"),
            "division_by_zero": lambda b, r, f: 0 / 0,
            "wrong_arguments": lambda b, r: 0.5,
            "not_a_function": 0.083,
            "constant": lambda b, r, f: 0.5,
            "wrong_type": lambda b, r, f: "8 %",
        },
        "detector_auc": {
            "not_a_scalar": lambda r, f: f[:, None] > r,
            "sizes_must_agree": lambda r, f: (f > r).float().mean(),
            "if_on_a_tensor": lambda r, f: 1.0 if f > r.mean() else 0.0,
            "changes_inputs": lambda r, f: pairs(r.sort().values, f.sub_(0.0).add_(1)).mean(),
            "not_finite": lambda r, f: (f > 9).float().sum() / (r > 9).float().sum(),
        },
        "radial_spectrum": {
            "corners_kept": corners,
            "last_ring_missing": lambda x: spectrum(x)[:-1],
            "shape": lambda x: power(x).mean(0).log10(),
            "complex_result": lambda x: torch.fft.fft2(x[:, 0]).mean(0)[: x.shape[-1] // 2 + 1, 0],
            "ring_0": lambda x: torch.cat([torch.zeros(1), spectrum(x)[1:]]),
            "not_finite": lambda x: spectrum(x - x.mean((2, 3), keepdim=True)) * float("inf"),
        },
        "calibration_error": {
            "not_finite": lambda p, y, bins=10: torch.stack(
                [(p[(p * bins).long() == b] - 0.5).mean() for b in range(bins + 9)]
            ).sum(),
            "other_default": lambda p, y, bins=15: errors(p, y, bins),
            "wrong_arguments": lambda p, y: errors(p, y, 10),
            "other_formula": lambda p, y, bins=10: errors(p, y, bins) + 0.123,
        },
    }
    for task, answers in wrong.items():
        for id, answer in answers.items():
            result = checks.check(task, answer)
            assert result.status == "failed", (task, id)
            assert result.mistake in (id, "no_alarms"), (task, id, result)


def altered(**parts):
    """The report with parts exchanged; each is a function of (threshold, arguments)."""

    def answer(detect, calibration, real, fakes, rate):
        out = full_report(detect, calibration, real, fakes, rate)
        given = (detect, calibration, real, fakes, rate)
        for key, part in parts.items():
            out[key] = part(out["threshold"], *given)
        return out

    return answer


def with_threshold(choose):
    def answer(detect, calibration, real, fakes, rate):
        return altered(
            threshold=lambda *_: choose(detect, calibration, real, fakes, rate),
        )(detect, calibration, real, fakes, rate)

    return answer


def each(number):
    """found or auc from a function of (threshold, scores of real, scores of one kind of fake)."""

    def part(t, detect, calibration, real, fakes, rate):
        return {k: number(t, detect(real), detect(x)) for k, x in fakes.items()}

    return part


def over_all(number):
    def part(t, detect, calibration, real, fakes, rate):
        pooled = torch.cat([detect(x) for x in fakes.values()])
        return {k: number(t, detect(real), pooled) for k in fakes}

    return part


def share(t, real, fake):
    return (fake > t).double().mean().item()


def area(t, real, fake):
    return pairs(real, fake).mean().item()


def best_of(score):
    return lambda t, r, f: max(score(t, r, f), 1 - score(t, r, f))


def turned_about(part):
    """The numbers of the names in another order."""

    def other(*arguments):
        found = part(*arguments)
        return dict(zip(found, list(found.values())[::-1], strict=True))

    return other


REPORTS = {
    "threshold_from_test": with_threshold(lambda d, c, r, f, q: torch.quantile(d(r), 1 - q)),
    "threshold_from_fakes": with_threshold(
        lambda d, c, r, f, q: torch.quantile(torch.cat([d(x) for x in f.values()]), 1 - q)
    ),
    "threshold_from_all_real": with_threshold(
        lambda d, c, r, f, q: torch.quantile(torch.cat([d(c), d(r)]), 1 - q)
    ),
    "wrong_tail": with_threshold(lambda d, c, r, f, q: torch.quantile(d(c), q)),
    "fixed_threshold": with_threshold(lambda d, c, r, f, q: 0.0),
    "rate_ignored": with_threshold(lambda d, c, r, f, q: torch.quantile(d(c), 0.99)),
    "largest_score": with_threshold(lambda d, c, r, f, q: d(c).max()),
    "mean_and_spread": with_threshold(lambda d, c, r, f, q: d(c).mean() + 3 * d(c).std()),
    "false_alarms_on_calibration": altered(
        false_alarms=lambda t, d, c, r, f, q: (d(c) > t).float().mean()
    ),
    "rate_returned": altered(false_alarms=lambda t, d, c, r, f, q: q),
    "share_below": altered(found=each(lambda t, r, f: 1 - share(t, r, f))),
    "counts": altered(found=each(lambda t, r, f: (f > t).sum())),
    "pooled": altered(found=over_all(share)),
    "fixed_threshold_half": altered(found=each(lambda t, r, f: share(0.5, r, f))),
    "auc_swapped": altered(auc=each(lambda t, r, f: area(t, f, r))),
    "auc_of_alarms": altered(auc=each(lambda t, r, f: area(t, (r > t).float(), (f > t).float()))),
    "auc_with_calibration": altered(
        auc=lambda t, d, c, r, f, q: {k: area(t, d(c), d(x)) for k, x in f.items()}
    ),
    "auc_pooled": altered(auc=over_all(area)),
    "auc_folded": altered(auc=each(best_of(area))),
    "per_cent": altered(auc=each(lambda t, r, f: 100 * area(t, r, f))),
    "names_mixed_up": altered(found=turned_about(each(share))),
    "keys_missing": lambda d, c, r, f, q: {"threshold": 0.0},
    "not_a_dict": lambda d, c, r, f, q: (0.0, 0.01),
    "not_by_name": altered(found=lambda *_: 0.5),
    "images_changed": lambda d, c, r, f, q: d(c.float() / 127.5 - 1),
}


@pytest.mark.parametrize("id", REPORTS)
def test_each_wrong_report_is_named(id):
    result = checks.check("detector_report", REPORTS[id])
    assert result.status == "failed" and result.mistake == id, result


def test_the_checks_detector_reads_what_was_stamped():
    draw = torch.Generator().manual_seed(0)
    scores = report.detect(report.stamped(2000, 20, draw))
    assert abs(scores.mean() - 20) < 2 and abs(scores.std() - 30) < 2


def test_equal_counts_differ_from_equal_widths():
    p = torch.tensor([0.05, 0.1, 0.15, 0.9]).double()
    y = torch.tensor([0, 0, 1, 1])
    assert abs(equal_counts(p, y, 2) - errors(p, y, 2)) > 0.01
