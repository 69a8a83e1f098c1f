import numpy as np
import pytest
import torch

from gan_lessons import data, metrics


@pytest.fixture(scope="module")
def clouds():
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(400, 16, generator=generator)
    b = torch.randn(300, 16, generator=generator) @ torch.diag(torch.linspace(0.5, 2, 16)) + 0.3
    return a, b


def test_frechet_distance_agrees_with_scipy(clouds):
    from scipy.linalg import sqrtm

    a, b = (c.double().numpy() for c in clouds)
    c1, c2 = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = sqrtm(c1 @ c2).real
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(c1 + c2 - 2 * root)
    assert metrics.frechet_distance(*clouds).item() == pytest.approx(expected, rel=1e-6)


def test_frechet_distance_agrees_with_torchmetrics(clouds):
    from torchmetrics.image.fid import FrechetInceptionDistance

    class Identity(torch.nn.Module):
        num_features = 16

        def forward(self, x):
            return x

    fid = FrechetInceptionDistance(Identity(), input_img_size=(16,), normalize=True)
    fid.set_dtype(torch.float64)
    for cloud, is_real in zip(clouds, (True, False), strict=True):
        fid.update(cloud.double(), real=is_real)
    assert metrics.frechet_distance(*clouds).item() == pytest.approx(fid.compute().item(), rel=1e-3)


def test_frechet_distance_is_zero_for_equal_clouds_and_grows_with_a_shift(clouds):
    a = clouds[0]
    assert metrics.frechet_distance(a, a).item() == pytest.approx(0, abs=1e-6)
    assert metrics.frechet_distance(a, a + 2).item() == pytest.approx(4 * 16, rel=1e-6)


def test_frechet_distance_survives_fewer_samples_than_dimensions():
    a = torch.randn(2, 5, 64, generator=torch.Generator().manual_seed(0))
    assert metrics.frechet_distance(a[0], a[1]).isfinite()


def test_modes_are_counted():
    ring = data.ring()
    x, labels = ring.sample(4000, torch.Generator().manual_seed(0))
    whole = metrics.modes_covered(x, ring)
    assert (whole.covered, whole.total) == (8, 8) and whole.share > 0.99
    half = metrics.modes_covered(x[labels < 4], ring)
    assert half.covered == 4 and sum(half.counts[4:]) == 0
    far = metrics.modes_covered(x + 10, ring)
    assert (far.covered, far.share) == (0, 0)


def test_a_mode_with_a_handful_of_samples_is_not_covered():
    ring = data.ring()
    x = ring.means[torch.tensor([0] * 990 + [1] * 10)]
    assert metrics.modes_covered(x, ring).covered == 1


def test_nearest_neighbours_agree_with_scikit_learn():
    from sklearn.neighbors import NearestNeighbors

    test = data.fashion_mnist("test").images
    samples, references = test[:30], test[30:700]
    distance, index = metrics.nearest_neighbours(samples, references, k=3)
    oracle = NearestNeighbors(n_neighbors=3).fit(references.flatten(1).float().numpy())
    expected, _ = oracle.kneighbors(samples.flatten(1).float().numpy())
    assert index.shape == (30, 3)
    np.testing.assert_allclose(distance, expected, rtol=1e-3)


def test_the_classifier_reaches_91_per_cent_on_the_test_images():
    test = data.fashion_mnist("test")
    assert metrics.class_accuracy(test.images, test.labels) >= 0.91


def test_uint8_and_float_images_have_the_same_features():
    images = data.fashion_mnist("test").images[:8]
    a, b = metrics.features(images), metrics.features(data.to_float(images))
    assert a.shape == (8, 64) and torch.equal(a, b)


def test_spread_of_copies_is_zero_and_a_class_of_one_is_refused():
    features = torch.ones(20, 4)
    labels = torch.arange(20) % 2
    assert torch.equal(metrics.within_class_spread(features, labels, 2), torch.zeros(2))
    with pytest.raises(ValueError, match="Class 2 has 0 samples"):
        metrics.within_class_spread(features, labels, 3)


def test_wrong_image_shapes_are_named():
    with pytest.raises(ValueError, match=r"\(5, 784\)"):
        metrics.features(torch.zeros(5, 784))


def test_kernel_distance_agrees_with_scikit_learn(clouds):
    from sklearn.metrics.pairwise import polynomial_kernel

    a, b = (c.double().numpy() for c in clouds)
    kaa, kbb, kab = (
        polynomial_kernel(x, y, degree=3, coef0=1) for x, y in ((a, a), (b, b), (a, b))
    )
    n, m = len(a), len(b)
    expected = (
        (kaa.sum() - np.trace(kaa)) / (n * (n - 1))
        + (kbb.sum() - np.trace(kbb)) / (m * (m - 1))
        - 2 * kab.mean()
    )
    assert metrics.kernel_distance(*clouds).item() == pytest.approx(expected, rel=1e-6)


def test_kernel_distance_has_no_bias_with_the_sample_count():
    generator = torch.Generator().manual_seed(0)
    for n in (10, 100):
        values = [
            metrics.kernel_distance(*torch.randn(2, n, 4, generator=generator)).item()
            for _ in range(300)
        ]
        assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(300)


def region(points, centres, k):
    """Which points lie in a ball around a centre that reaches to its k-th neighbour: (N, M)."""
    from sklearn.neighbors import NearestNeighbors

    neighbours = NearestNeighbors(n_neighbors=k + 1).fit(centres)
    radius = neighbours.kneighbors(centres)[0][:, -1]
    return np.linalg.norm(points[:, None] - centres, axis=2) <= radius


def test_precision_recall_density_and_coverage_agree_with_scikit_learn(clouds):
    a, b = (c.double().numpy() for c in clouds)
    expected = region(b, a, 3).any(1).mean(), region(a, b, 3).any(1).mean()
    assert metrics.precision_recall(*clouds) == pytest.approx(expected, abs=1e-3)
    inside = region(b, a, 5)
    expected = inside.sum(1).mean() / 5, inside.any(0).mean()
    assert metrics.density_coverage(*clouds) == pytest.approx(expected, rel=1e-3)


def test_precision_sees_bad_samples_and_recall_sees_missing_modes():
    ring = data.ring()
    generator = torch.Generator().manual_seed(0)
    (real, _), (fake, labels) = ring.sample(800, generator), ring.sample(800, generator)
    precision, recall = metrics.precision_recall(real, fake)
    assert precision > 0.9 and recall > 0.9
    precision, recall = metrics.precision_recall(real, fake[labels < 4])
    assert precision > 0.9 and recall < 0.6
    noise = 3 * torch.rand(800, 2, generator=generator) - 1.5
    precision, recall = metrics.precision_recall(real, noise)
    assert precision < 0.2


def test_memorisation_is_one_for_copies_and_about_zero_for_strangers():
    generator = torch.Generator().manual_seed(0)
    train, held_out, strangers = (torch.randn(n, 3, generator=generator) for n in (1200, 400, 2000))
    assert metrics.memorisation(train[:300] + 1e-4, train, held_out) == 1
    assert metrics.memorisation(held_out, train, held_out) == pytest.approx(-3)  # N / M
    # 2,000 samples: standard error of the share 0.01, so 0.04 after scaling
    assert abs(metrics.memorisation(strangers, train, held_out)) < 0.16
    half = torch.cat([train[:1000], strangers[:1000]])
    assert metrics.memorisation(half, train, held_out) == pytest.approx(0.5, abs=0.1)


def test_nobody_in_fashion_mnist_copies_a_test_image():
    train, test = (data.to_float(data.fashion_mnist(s).images) for s in ("train", "test"))
    assert abs(metrics.memorisation(test[:500], train, test[500:])) < 0.4
    assert metrics.memorisation(train[:200], train, test) > 0.95


def test_confidence_interval_agrees_with_scipy():
    from scipy.stats import t

    values = np.random.default_rng(0).normal(5, 2, 12)
    error = values.std(ddof=1) / np.sqrt(12)
    expected = t.interval(0.95, 11, values.mean(), error)
    found = metrics.confidence_interval(values)
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-3)
    assert found.value in found and found.high + 1 not in found
    with pytest.raises(ValueError, match="at least 4 repeated values, not 3"):
        metrics.confidence_interval([1.0, 2.0, 3.0])


def test_bootstrap_agrees_with_scipy_on_a_mean_and_repeats_itself():
    from scipy.stats import bootstrap

    x = torch.randn(200, generator=torch.Generator().manual_seed(1)).exp()
    found = metrics.bootstrap(torch.mean, x, times=2000)
    expected = bootstrap((x.numpy(),), np.mean, method="percentile", rng=0).confidence_interval
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=0.02)
    assert found.value == x.mean().item()
    assert metrics.bootstrap(torch.mean, x, times=2000) == found


def test_an_interval_prints_three_digits():
    assert str(metrics.Interval(12.345, 11.0, 13.69)) == "12.3 [11, 13.7]"
