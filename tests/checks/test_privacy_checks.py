"""Right answers of exercise 14 in many forms pass; catalogued mistakes are rejected and named."""

import numpy as np
import pytest
import torch

from gan_lessons import checks
from gan_lessons.checks.privacy_attacks import CLOSENESS, FOUND, SCORE, calibrated, dcr, found
from gan_lessons.checks.privacy_noise import CLIP, clipped, counts_of


def score_by_loops(images, samples, reference):
    rows = []
    for x in images:
        near = [min((x - y).square().sum().sqrt() for y in group) for group in (reference, samples)]
        rows.append(near[0].log() - near[1].log())
    return torch.stack(rows)


def score_by_numpy(images, samples, reference):
    x, s, r = (a.numpy().reshape(len(a), -1) for a in (images, samples, reference))
    near = [((x[:, None] - y) ** 2).sum(-1).min(1) for y in (r, s)]
    return 0.5 * np.log(near[0] / near[1])


def score_by_scipy(images, samples, reference):
    from scipy.spatial import cKDTree

    x, s, r = (a.flatten(1).double().numpy() for a in (images, samples, reference))
    return torch.from_numpy(np.log(cKDTree(r).query(x)[0] / cKDTree(s).query(x)[0]))


def found_by_topk(others, members, rate):
    return (members > others.topk(int(rate * len(others)) + 1).values[-1]).float().mean()


def found_by_numpy(others, members, rate):
    o = np.sort(others.numpy())[::-1]
    return float(np.mean(members.numpy() > o[int(np.floor(rate * len(o) + 1e-9))]))


def found_by_search(others, members, rate):
    allowed = round(rate * len(others))
    alarms = [int((others >= m).sum()) for m in members]
    return sum(a <= allowed for a in alarms) / len(members)


def ratio_by_numpy(samples, members, others):
    m = members.numpy().reshape(len(members), -1)
    near = [
        np.sqrt(((a.numpy().reshape(len(a), 1, -1) - m) ** 2).sum(-1)).min(1)
        for a in (samples, others)
    ]
    return np.quantile(near[0], 0.05) / np.quantile(near[1], 0.05)


def noise_by_numpy(grads, clip, sigma, batch):
    g = grads.numpy().astype(float)
    factor = np.minimum(1, clip / np.maximum(np.linalg.norm(g, axis=1), 1e-9))
    noise = np.random.default_rng().normal(0, sigma * clip, g.shape[1])
    return ((g * factor[:, None]).sum(0) + noise) / batch


def noise_by_loops(grads, clip, sigma, batch):
    total = torch.zeros(grads.shape[1])
    for g in grads:
        total = total + (g if g.norm() <= clip else g * clip / g.norm())
    return total / batch + torch.randn(len(total)) * (sigma * clip / batch)


def noise_by_torch(grads, clip, sigma, batch):
    total = grads.renorm(2, 0, clip).sum(0)
    return (total + torch.normal(0.0, 1.0, total.shape) * sigma * clip) / batch


def histogram_by_numpy(values, bins, epsilon):
    counts = np.histogram(values.numpy(), bins=np.arange(bins + 1) - 0.5)[0]
    return counts + np.random.default_rng().laplace(0, 1 / epsilon, bins)


def histogram_by_exponentials(values, bins, epsilon):
    counts = torch.stack([(values == j).sum() for j in range(bins)])
    return (
        counts + (torch.empty(2, bins).exponential_() * torch.tensor([[1], [-1]])).sum(0) / epsilon
    )


def histogram_by_torch(values, bins, epsilon):
    noise = torch.distributions.Laplace(torch.zeros(bins), torch.full((bins,), 1 / epsilon))
    return torch.bincount(values, minlength=bins) + noise.sample()


RIGHT = {
    "calibrated_score": [calibrated, score_by_loops, score_by_numpy, score_by_scipy],
    "found_at": [found, found_by_topk, found_by_numpy, found_by_search],
    "closeness_ratio": [dcr, ratio_by_numpy],
    "clip_and_noise": [noise_by_numpy, noise_by_loops, noise_by_torch],
    "noisy_histogram": [histogram_by_numpy, histogram_by_exponentials, histogram_by_torch],
}
TABLES = {
    "calibrated_score": SCORE,
    "found_at": FOUND,
    "closeness_ratio": CLOSENESS,
    "clip_and_noise": CLIP,
}


@pytest.mark.parametrize("task, answer", [(t, a) for t, many in RIGHT.items() for a in many])
def test_right_answers_pass(task, answer):
    result = checks.check(task, lambda *arguments: answer(*arguments))
    assert result.status == "passed", result


@pytest.mark.parametrize("task", RIGHT)
def test_a_stub_is_not_attempted(task):
    assert checks.check(task, lambda *arguments: None).status == "not attempted"
    assert checks.check(task, None).status == "not attempted"
    assert len(checks.EXERCISES[task].hints) == 3


@pytest.mark.parametrize("task, id", [(t, id) for t, table in TABLES.items() for id in table])
def test_each_catalogued_twin_is_named(task, id):
    result = checks.check(task, lambda *arguments: TABLES[task][id][0](*arguments))
    assert result.status == "failed" and result.mistake == id, result


def with_noise(scale, draw=torch.randn):
    """A wrong answer of task 4 whose noise has another size or shape."""

    def answer(g, c, s, b):
        return clipped(g, c).sum(0) / b + scale(c, s, b, len(g)) * draw(g.shape[1])

    return answer


def fixed(n):
    return torch.randn(n, generator=torch.Generator().manual_seed(0))


def right(c, s, b, n):
    return s * c / b


NOISES = {
    "no_noise": with_noise(lambda c, s, b, n: 0),
    "noise_without_clip": with_noise(lambda c, s, b, n: s / b),
    "noise_not_divided": with_noise(lambda c, s, b, n: s * c),
    "noise_is_sigma": with_noise(lambda c, s, b, n: s),
    "noise_divided_by_rows": with_noise(lambda c, s, b, n: s * c / n),
    "noise_per_row": with_noise(lambda c, s, b, n: s * c * n**0.5 / b),
    "sigma_squared": with_noise(lambda c, s, b, n: s * s * c / b),
    "variance_as_std": with_noise(lambda c, s, b, n: (s * c) ** 2 / b),
    "root_of_std": with_noise(lambda c, s, b, n: (s * c) ** 0.5 / b),
    "root_of_batch": with_noise(lambda c, s, b, n: s * c / b**0.5),
    "clip_squared": with_noise(lambda c, s, b, n: s * c * c / b),
    "sigma_ignored": with_noise(lambda c, s, b, n: c / b),
    "noise_scale": with_noise(lambda c, s, b, n: 1.3 * s * c / b),
    "same_noise": with_noise(right, fixed),
    "one_draw": with_noise(right, lambda n: torch.randn(1).expand(n)),
    "not_normal": with_noise(right, lambda n: (torch.rand(n) - 0.5) * 12**0.5),
    "noise_mean": with_noise(right, lambda n: torch.randn(n) + 1),
}


@pytest.mark.parametrize("id", NOISES)
def test_each_wrong_noise_is_named(id):
    result = checks.check("clip_and_noise", NOISES[id])
    assert result.status == "failed" and result.mistake == id, result


def test_a_row_of_zeros_stays_zero():
    def answer(g, c, s, b):
        length = g.norm(dim=1, keepdim=True)
        return ((g / length * length.clamp(max=c)).sum(0) + s * c * torch.randn(g.shape[1])) / b

    assert checks.check("clip_and_noise", answer).mistake == "zero_gradient"


def laplace(n, scale):
    return torch.distributions.Laplace(0.0, scale).sample((n,)).double()


def with_laplace(scale):
    return lambda v, n, e: counts_of(v, n) + laplace(n, scale(n, e))


HISTOGRAMS = {
    "no_noise": lambda v, n, e: counts_of(v, n),
    "scale_is_epsilon": with_laplace(lambda n, e: e),
    "scale_one": with_laplace(lambda n, e: 1.0),
    "scale_two": with_laplace(lambda n, e: 2 / e),
    "scale_by_bins": with_laplace(lambda n, e: n / e),
    "scale_squared": with_laplace(lambda n, e: 1 / e**2),
    "variance_for_scale": with_laplace(lambda n, e: 0.5**0.5 / e),
    "noise_scale": with_laplace(lambda n, e: 1.5 / e),
    "not_laplace": lambda v, n, e: counts_of(v, n) + torch.randn(n) / e,
    "one_draw": lambda v, n, e: counts_of(v, n).float() + laplace(1, 1 / e).float(),
    "empty_bins_silent": lambda v, n, e: (
        counts_of(v, n) + laplace(n, 1 / e) * (counts_of(v, n) > 0)
    ),
    "empty_bins_missing": lambda v, n, e: torch.bincount(v).double(),
    "rounded": lambda v, n, e: (counts_of(v, n) + laplace(n, 1 / e)).round(),
    "one_sided": lambda v, n, e: counts_of(v, n) + laplace(n, 1 / e).abs(),
    "shares": lambda v, n, e: (counts_of(v, n) + laplace(n, 1 / e)) / len(v),
    "cut_at_0": lambda v, n, e: (counts_of(v, n) + laplace(n, 1 / e)).clamp(min=0),
    "same_noise": lambda v, n, e: counts_of(v, n) + fixed(n) / e,
    "cumulated": lambda v, n, e: counts_of(v, n).cumsum(0),
    "yes_or_no": lambda v, n, e: (counts_of(v, n) > 0).double(),
}


@pytest.mark.parametrize("id", HISTOGRAMS)
def test_each_wrong_histogram_is_named(id):
    result = checks.check("noisy_histogram", HISTOGRAMS[id])
    assert result.status == "failed" and result.mistake == id, result
