"""DP-SGD and noisy histograms: clipping and noise against opacus, budgets, bins, and measures."""

import math

import pytest
import torch

from gan_lessons.protocols import differential_privacy as dp
from gan_lessons.protocols import examples
from gan_lessons.protocols.examples import PATIENT_BINS as BINS

TRAIN = 15_000  # rows, as in the study


def table_of_patients():
    pytest.importorskip("statsmodels")
    return dp.train_test(examples.patients(), 0, TRAIN)


@pytest.mark.parametrize("real", [True, False])
def test_clip_and_noise_is_that_of_opacus(real):
    opacus = pytest.importorskip("opacus")
    from opacus.optimizers import DPOptimizer

    D, rows = dp.mlp(10, 1, 8), torch.randn(20, 10)
    ours = dp.clip_and_noise(dp.per_example(D, rows, real), 0.3, 0.0, 25)
    twin = opacus.GradSampleModule(D)
    settings = {"noise_multiplier": 0.0, "max_grad_norm": 0.3, "expected_batch_size": 25}
    opt = DPOptimizer(torch.optim.SGD(D.parameters(), 0.1), **settings)
    logits = twin(rows.clone().requires_grad_())
    torch.nn.functional.softplus(-logits if real else logits).mean().backward()
    opt.pre_step()
    for name, w in D.named_parameters():
        torch.testing.assert_close(w.grad, ours[name], atol=1e-6, rtol=1e-4)


def test_one_row_moves_the_clipped_sum_by_no_more_than_the_clip():
    D, rows = dp.mlp(10, 1, 8), 5 * torch.randn(20, 10)
    full, less = (
        dp.clip_and_noise(dp.per_example(D, x, True), 0.3, 0.0, 1) for x in (rows, rows[1:])
    )
    length = math.sqrt(sum((full[n] - less[n]).square().sum().item() for n in full))
    assert length == pytest.approx(0.3, rel=1e-3)


def test_an_empty_batch_still_gets_noise():
    D = dp.mlp(10, 1, 8)
    grads = {name: torch.zeros(0, *w.shape) for name, w in D.named_parameters()}
    noisy = dp.clip_and_noise(grads, 1.0, 2.0, 10)
    assert noisy["2.weight"].std().item() == pytest.approx(0.2, rel=0.5)


def test_noise_has_its_size_and_every_weight_its_own():
    noisy = dp.clip_and_noise({"w": torch.zeros(3, 40_000)}, 0.5, 4.0, 10)["w"]
    assert noisy.shape == (40_000,) and noisy.std().item() == pytest.approx(0.2, rel=0.03)


def test_the_budget_is_kept_and_hardly_wasted():
    pytest.importorskip("opacus")
    assert 0.9 * 3 < dp.spent(dp.noise_for(3.0, TRAIN), TRAIN) <= 3
    assert dp.noise_for(float("inf"), TRAIN) == 0


def test_bins_and_their_middles_agree():
    real, _ = table_of_patients()
    places = dp.binned(real, BINS)
    assert places.min() == 0 and (places.amax(dim=0) < BINS).all()
    assert torch.equal(dp.binned(dp.unbinned(places, BINS), BINS), places)


def test_one_row_changes_nine_counts_by_one():
    real, _ = table_of_patients()
    changed = 0
    for j in range(len(BINS) - 1):
        full, less = (
            (b[:, -1] * BINS[j] + b[:, j]).bincount(minlength=12)
            for b in (dp.binned(real, BINS), dp.binned(real[1:], BINS))
        )
        changed += (full - less).abs().sum().item()
    assert changed == 9


def test_histograms_without_noise_have_the_right_columns_and_lose_pairs():
    real, test = table_of_patients()
    rows = dp.histograms(real, BINS, float("inf"), seed=0)
    one, two = dp.marginal_error(rows, real, BINS)
    assert one < 0.01 < two < 0.1
    assert dp.marginal_error(real, real, BINS) == (0, 0)


def test_utility_is_chance_for_one_class_and_learned_from_real_rows():
    pytest.importorskip("sklearn")
    real, test = table_of_patients()
    one_class = real.clone()
    one_class[:, -1] = 1
    assert dp.utility(one_class, test) == 0.5 < 0.6 < dp.utility(real, test)


def test_histograms_of_three_classes_keep_their_shares():
    bins = torch.tensor([4, 3])
    places = torch.stack([torch.arange(300) % 4, torch.arange(300) // 100], dim=1)
    rows = dp.histograms(dp.unbinned(places, bins), bins, float("inf"), seed=0)
    assert rows.abs().max() <= 1
    counts = dp.binned(rows, bins)[:, 1].bincount(minlength=3)
    assert counts.min() > 70


def test_a_table_of_fewer_rows_than_a_batch_gets_a_sentence():
    pytest.importorskip("opacus")
    for call in (dp.noise_for, dp.spent):
        with pytest.raises(ValueError, match="batches of 250 rows here, and this table has 100"):
            call(1.0, 100)
