"""Lesson 14's study: its formulas against other libraries, its groups, and a part of its table."""

import math

import pytest
import torch
from scipy.stats import mannwhitneyu

from gan_lessons.metrics import confidence_interval
from gan_lessons.studies import common
from gan_lessons.studies import privacy as study
from gan_lessons.studies import privacy_dp as dp


def table_of_patients():
    pytest.importorskip("statsmodels")
    return dp.train_test(0)


def test_attack_auc_is_that_of_scipy_with_ties():
    others, members = torch.randint(5, (70,)).float(), torch.randint(2, 7, (30,)).float()
    oracle = mannwhitneyu(members.numpy(), others.numpy()).statistic / (70 * 30)
    assert study.attack_auc(others, members) == pytest.approx(oracle)


def test_found_at_one_per_cent_accuses_no_more():
    others = torch.arange(1000.0)
    assert study.found_at(others, others) == 0.01
    assert study.found_at(others, torch.tensor([989.0, 990.0, 2000.0])) == pytest.approx(2 / 3)
    assert study.found_at(torch.zeros(100), torch.zeros(5)) == 0  # ties accuse nobody


def test_groups_share_no_image():
    members, others, reference, odd = study.groups(3, 50)
    assert [len(part[0]) for part in (members, others, reference, odd)] == [50, 1000, 1000, 999]
    assert all(len(images) == len(labels) for images, labels in (members, others, reference, odd))
    (m, _), (o, _), (r, _), (n, _) = members, others, reference, odd
    # the data set itself holds a few equal images; groups hold different rows of it
    for x, y in ((m, o), (m, r), (m, n), (n, -o)):
        assert (study.to_nearest(x, y) == 0).float().mean() < 0.02


def test_copies_fail_the_report_and_are_found():
    members, others, reference, _ = study.groups(4, 200)
    samples = members[0].repeat(3, 1, 1, 1) + 0.01 * torch.randn(600, 1, 14, 14)
    report = study.closeness_report(samples, members[0], others[0])
    assert report["ratio"] < 0.2 and report["closer"] > 0.95

    def blind(images, labels):
        return torch.zeros(len(images), 1)

    inside, outside = (
        study.attack_scores(blind, samples, reference[0], *part) for part in (members, others)
    )
    for name, expected in (("discriminator", 0.5), ("nearest", 1.0), ("calibrated", 1.0)):
        assert study.attack_auc(outside[name], inside[name]) == pytest.approx(expected, abs=0.02)


def test_noise_makes_copies_pass_the_report_and_the_attack_still_works():
    members, others, reference, _ = study.groups(4, 200)
    samples = members[0].repeat(3, 1, 1, 1)
    noisy, size = study.noise_until_it_passes(samples, members[0], others[0])
    assert size > 0 and study.closeness_report(noisy, members[0], others[0])["ratio"] >= 1
    inside, outside = (
        study.attack_scores(lambda x, y: torch.zeros(len(x), 1), noisy, reference[0], *part)
        for part in (members, others)
    )
    assert study.attack_auc(outside["calibrated"], inside["calibrated"]) > 0.9


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
    assert 0.9 * 3 < dp.spent(dp.noise_for(3.0)) <= 3
    assert dp.noise_for(float("inf")) == 0


def test_bins_and_their_middles_agree():
    real, _ = table_of_patients()
    bins = dp.binned(real)
    assert bins.min() == 0 and (bins.amax(dim=0) < dp.BINS).all()
    assert torch.equal(dp.binned(dp.unbinned(bins)), bins)


def test_one_row_changes_nine_counts_by_one():
    real, _ = table_of_patients()
    changed = 0
    for j in range(len(dp.BINS) - 1):
        full, less = (
            (b[:, -1] * dp.BINS[j] + b[:, j]).bincount(minlength=12)
            for b in (dp.binned(real), dp.binned(real[1:]))
        )
        changed += (full - less).abs().sum().item()
    assert changed == 9


def test_histograms_without_noise_have_the_right_columns_and_lose_pairs():
    real, test = table_of_patients()
    rows = dp.histograms(real, float("inf"), seed=0)
    one, two = dp.marginal_error(rows, real)
    assert one < 0.01 < two < 0.1
    assert dp.marginal_error(real, real) == (0, 0)


def test_utility_is_chance_for_one_class_and_learned_from_real_rows():
    pytest.importorskip("sklearn")
    real, test = table_of_patients()
    one_class = real.clone()
    one_class[:, -1] = 1
    assert dp.utility(one_class, test) == 0.5 < 0.6 < dp.utility(real, test)


def test_the_stored_table_is_whole():
    table = common.load("privacy")
    found = {(r["n"], r["seed"]) for r in table["attacks"]}
    assert found == {(n, s) for n in study.SIZES for s in study.SEEDS}
    arms = {(r["kind"], r["epsilon"], r["seed"]) for r in table["private"]}
    epsilons = [None if e == float("inf") else e for e in dp.EPSILONS]
    expected = {("real", None)} | {(k, e) for k in ("GAN", "histograms") for e in epsilons}
    assert arms == {(*arm, s) for arm in expected for s in study.SEEDS}


@pytest.mark.slow
def test_a_run_comes_out_within_the_tables_interval():
    table = common.load("privacy")["attacks"]
    row = study.run(17, 50)
    for name in ("discriminator", "nearest", "calibrated"):
        stored = [r["attacks"][name]["auc"] for r in table if r["n"] == 50]
        x = confidence_interval(stored)
        # one new run varies more than the mean of five: by sqrt(5 + 1) half widths
        reach = max(0.03, math.sqrt(6) * (x.high - x.low) / 2)
        assert abs(row["attacks"][name]["auc"] - x.value) < reach
    assert row["noisy"]["ratio"] >= 1 and row["noisy"]["auc"] > 0.6


@pytest.mark.slow
def test_a_private_run_comes_out_within_the_tables_interval():
    for library in ("opacus", "statsmodels", "sklearn"):
        pytest.importorskip(library)
    table = common.load("privacy")["private"]
    for row in dp.runs(17, (3.0,))[1:]:
        same = [r for r in table if (r["kind"], r["epsilon"]) == (row["kind"], 3.0)]
        for what in ("auc", "one_way", "two_way"):
            x = confidence_interval([r[what] for r in same])
            reach = max(0.03, math.sqrt(6) * (x.high - x.low) / 2)
            assert abs(row[what] - x.value) < reach
