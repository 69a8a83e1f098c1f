"""Generators and detectors of lesson 16, changes of images, and measures of a detector."""

import math

import numpy as np
import pytest
import torch

from gan_lessons import data, networks, storage
from gan_lessons.protocols import detection


@pytest.fixture(scope="module")
def test_images():
    return data.fashion_mnist("test").images


def test_auc_equals_scikit_learns_with_ties():
    from sklearn.metrics import roc_auc_score

    for seed in range(5):
        draw = torch.Generator().manual_seed(seed)
        real = torch.randint(6, (50,), generator=draw).double()
        fake = torch.randint(2, 9, (31,), generator=draw).double()
        expected = roc_auc_score(np.r_[np.zeros(50), np.ones(31)], torch.cat([real, fake]))
        assert detection.auc(real, fake) == pytest.approx(expected)


def test_the_spectrum_of_a_wave_is_one_point():
    x = torch.arange(28)
    wave = (127.5 + 100 * torch.cos(2 * math.pi * 5 * x / 28)).expand(28, 28)
    images = wave.round().to(torch.uint8)[None, None]
    log = detection.log_spectrum(images)[0]
    log[14, 14] = -99
    assert divmod(int(log.argmax()), 28) in ((14, 9), (14, 19))
    assert int(detection.radial_spectrum(images)[1:].argmax()) == 4


def test_logistic_regression_on_the_spectrum_agrees_with_scikit_learn(test_images):
    from sklearn.linear_model import LogisticRegression

    real, fake = test_images[:300], detection.noisy(test_images[300:600])
    detect = detection.train_spectrum(real, fake)
    x = detection.log_spectrum(torch.cat([real, fake])).flatten(1)
    x = (x - x.mean(dim=0)) / x.std(dim=0)
    y = np.r_[np.zeros(300), np.ones(300)]
    # its C weighs the sum of the losses, ours their mean: weight * w² = w² / (2 C N)
    oracle = LogisticRegression(C=1 / (2 * 1e-2 * 600), max_iter=2000).fit(x.numpy(), y)
    ours = detection.scores(detect, torch.cat([real, fake])).numpy()
    assert np.corrcoef(ours, oracle.decision_function(x.numpy()))[0, 1] > 0.999


def test_a_perfect_forecast_is_calibrated_and_a_sure_one_is_not():
    p = torch.rand(50_000).double()
    assert detection.calibration_error(p, torch.rand(50_000) < p) < 0.02
    assert detection.calibration_error(torch.ones(1000).double(), torch.rand(1000) < 0.5) > 0.4


@pytest.mark.parametrize("change", detection.CHANGES)
def test_changes_keep_shape_and_whole_levels_and_change_something(change, test_images):
    before = test_images[:20].clone()
    after = detection.CHANGES[change](before)
    assert after.shape == before.shape and after.dtype == torch.uint8
    assert torch.equal(before, test_images[:20])
    assert 0 < (after.float() - before.float()).abs().mean() < 20


def test_blur_keeps_the_mean_of_the_inside():
    point = torch.zeros(1, 1, 28, 28, dtype=torch.uint8)
    point[0, 0, 14, 14] = 255
    assert abs(int(detection.blurred(point).sum()) - 255) <= 12  # 25 rounded numbers


def test_a_forger_leaves_the_generator_and_the_detector_alone():
    G, D = storage.pretrained("dcgan"), detection.Detector().eval()
    before = [w.clone() for w in (*G.state_dict().values(), *D.state_dict().values())]
    other = detection.evade(D, G, steps=3)
    after = (*G.state_dict().values(), *D.state_dict().values())
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert all(w.grad is None for w in D.parameters())
    z = torch.randn(2, networks.Z_DIM)
    assert not torch.equal(other(z), G(z))


@pytest.mark.parametrize("kind", detection.KINDS)
def test_every_kind_of_generator_trains_and_gives_images(kind, test_images):
    images = detection.samples(detection.generator(kind, 0, test_images, steps=2), 3, seed=1)
    assert images.shape == (3, 1, 28, 28) and images.dtype == torch.uint8


def test_an_interval_of_a_crossed_table_holds_the_truth_often_enough():
    draw, held = torch.Generator().manual_seed(0), 0
    for _ in range(400):
        rows, columns, cells = (
            torch.randn(size, generator=draw) for size in ((5, 1), (1, 5), (5, 5))
        )
        held += 0.0 in detection.crossed(rows + columns + cells)
    assert held >= 0.93 * 400


def test_pairs_that_have_met_are_left_out():
    square = detection.strangers(torch.arange(9.0).view(3, 3))
    assert square.isnan().sum() == 3 and detection.crossed(square).value == pytest.approx(4)


def test_a_kind_of_generator_that_is_not_there_gets_a_sentence():
    with pytest.raises(ValueError, match="there is no 'vae'"):
        detection.generator("vae", 0, torch.zeros(4, 1, 28, 28, dtype=torch.uint8), steps=1)
