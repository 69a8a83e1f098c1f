import numpy as np
import pytest
import torch

from gan_lessons import data


@pytest.mark.parametrize("mixture", [data.ring(), data.grid(), data.spiral()])
def test_points_have_the_mixtures_means_and_width(mixture):
    x, labels = mixture.sample(20_000, torch.Generator().manual_seed(0))
    offset = x - mixture.means[labels]
    assert x.shape == (20_000, 2) and x.dtype == torch.float32
    assert offset.std().item() == pytest.approx(mixture.std, rel=0.02)
    assert torch.bincount(labels, minlength=len(mixture.means)).min() > 0


def test_density_integrates_to_one_and_matches_scipy():
    from scipy.stats import norm

    mixture = data.mixture_1d(means=(-1.0, 3.0), std=0.7, weights=(0.25, 0.75))
    x = torch.linspace(-8, 10, 4001)
    p = mixture.density(x[:, None])
    expected = 0.25 * norm.pdf(x, -1, 0.7) + 0.75 * norm.pdf(x, 3, 0.7)
    assert torch.trapezoid(p, x).item() == pytest.approx(1, abs=1e-4)
    assert np.allclose(p, expected, atol=1e-5)


def test_bundled_images_are_balanced_and_whole():
    for split, per_class in (("train", 2000), ("test", 500)):
        part = data.fashion_mnist(split)
        assert part.images.dtype == torch.uint8 and part.images.shape[1:] == (1, 28, 28)
        assert torch.bincount(part.labels).tolist() == [per_class] * 10


def test_bundled_file_is_the_one_that_the_tool_made():
    line = (data.ASSETS / "fashion_mnist.sha256").read_text()
    assert line.split()[0] == data.checksum(data.ASSETS / "fashion_mnist.npz")
    assert (data.ASSETS / "fashion_mnist.npz").stat().st_size <= 12e6


def test_no_test_image_is_among_the_training_images():
    train = {bytes(i) for i in data.fashion_mnist("train").images.numpy()}
    test = {bytes(i) for i in data.fashion_mnist("test").images.numpy()}
    # Fashion-MNIST itself is known to hold a few pairs of equal images
    assert len(train & test) <= 5


def test_scaling_there_and_back_changes_nothing():
    every = torch.arange(256, dtype=torch.uint8)
    x = data.to_float(every)
    assert x.min() == -1 and x.max() == 1
    assert torch.equal(data.to_uint8(x), every)


def test_batches_repeat_with_the_seed_and_never_run_out():
    images = data.Images(torch.arange(10, dtype=torch.uint8).view(10, 1, 1, 1), torch.arange(10))
    a, b, c = (data.batches(images, 7, labels=True, seed=s) for s in (0, 0, 1))
    for _ in range(5):
        (x, y), (x2, y2), (_, y3) = next(a), next(b), next(c)
        assert x.shape == (7, 1, 1, 1) and torch.equal(x, x2) and torch.equal(y, y2)
    assert torch.equal(data.to_uint8(x).flatten().long(), y)  # images stay with their labels
    assert not torch.equal(y, y3)


def test_batches_leave_the_global_random_numbers_alone():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    next(data.batches(data.ring(), 8))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: data.batches(torch.zeros(5, 2), 6), "batch_size is 6, but the data has only 5"),
        (lambda: data.batches(torch.zeros(5, 2), 0), "batch_size is a whole number"),
        (lambda: data.batches(torch.zeros(5, 2), 2, labels=True), "labelled data"),
        (lambda: data.batches([1, 2], 1), "not list"),
        (lambda: data.fashion_mnist("dev"), "'dev'"),
        (lambda: data.fashion_mnist(source="web"), "'web'"),
    ],
)
def test_bad_input_is_named_in_the_error(call, words):
    with pytest.raises((ValueError, TypeError), match=words):
        call()


def test_full_source_without_a_network_falls_back_and_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    with pytest.warns(UserWarning, match="going on with the bundled part"):
        part = data.fashion_mnist("test", source="full")
    assert len(part) == 5000


def test_damaged_images_are_reported_in_one_sentence(monkeypatch, tmp_path):
    (tmp_path / "fashion_mnist.npz").write_bytes(b"PK, but no archive")
    monkeypatch.setattr(data, "ASSETS", tmp_path)
    with pytest.raises(RuntimeError, match="missing or damaged"):
        data.fashion_mnist()
