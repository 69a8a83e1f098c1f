"""Windows of returns: the models and baselines of lesson 13, and what a risk desk asks of them."""

import math

import pytest
import torch

from gan_lessons.protocols import examples, series


@pytest.fixture(scope="module")
def oil():
    pytest.importorskip("arch")
    return examples.oil_returns()


def test_a_window_follows_the_month_that_gives_its_regime():
    returns = torch.arange(100.0).double()
    windows, before = series.cut_windows(returns)
    assert windows.shape == (37, 32) and torch.equal(windows[0], returns[32:64])
    assert before[0] == pytest.approx(returns[:32].std().item())


def test_regimes_are_thirds_of_the_fit_years(oil):
    labels = series.regime(series.cut_windows(oil[0])[1], series.borders_of(oil[0]))
    assert (labels.bincount() / len(labels) - 1 / 3).abs().max() < 0.01


def test_kurtosis_equals_scipys():
    stats = pytest.importorskip("scipy.stats")
    x = torch.randn(500, 4, generator=torch.Generator().manual_seed(0)).double() ** 3
    assert series.kurtosis(x) == pytest.approx(stats.kurtosis(x.numpy().ravel()))


def test_var_and_es_of_a_uniform_distribution():
    x = torch.linspace(-1, 1, 200_001).double()
    assert series.risk(x) == pytest.approx((0.98, 0.99), abs=1e-4)


def test_persistence_equals_statsmodels_on_one_long_window():
    tools = pytest.importorskip("statsmodels.tsa.stattools")
    x = torch.randn(1, 4000, generator=torch.Generator().manual_seed(1)).double().cumsum(1)
    oracle = tools.acf(x[0].abs().numpy(), nlags=5, adjusted=True)
    assert series.persistence(x, (1, 5)) == pytest.approx([oracle[1], oracle[5]], abs=0.01)


def test_normal_scores_are_normal_and_come_back(oil):
    scores = series.normal_scores(oil[0], oil[0])
    assert abs(scores.std() - 1) < 0.01 and scores.isfinite().all()
    back = series.from_scores(scores, oil[0])
    assert (back - oil[0]).abs().median() < 0.01
    assert back.min() >= oil[0].min() and back.max() <= oil[0].max()


def test_garch_windows_have_the_models_own_variance_and_no_drifting_mean(oil):
    windows, before = series.garch_windows(oil[0], 20_000, seed=0)
    mu, omega, alpha, gamma, beta, _ = series.fit_garch(oil[0]).params
    right = omega / (1 - alpha - gamma / 2 - beta)
    assert windows.shape == (20_000, 32) and before.shape == (20_000,)
    assert windows.var().item() == pytest.approx(right, rel=0.1)
    assert windows.mean().item() == pytest.approx(mu, abs=0.03)


def test_the_bootstrap_within_a_regime_draws_from_windows_of_that_regime():
    windows = torch.arange(3.0).repeat_interleave(4)[:, None] * 100 + torch.arange(32.0)
    labels = torch.arange(3).repeat_interleave(4)
    asked = torch.tensor([2, 0, 1, 2, 2])
    made = series.regime_bootstrap(windows, labels, asked)
    assert torch.equal((made // 100).long(), asked[:, None].expand(-1, 32))
    assert (made[:, :16].diff() == 1).all() and (made[:, 16:].diff() == 1).all()


@pytest.mark.parametrize("scores", [False, True])
def test_a_gan_of_returns_trains_and_gives_windows(oil, scores):
    borders = series.borders_of(oil[0])
    sample = series.train_gan(oil[0], borders, seed=0, steps=3, scores=scores)
    made = sample(torch.tensor([0, 1, 2]))
    assert made.shape == (3, 32) and made.isfinite().all()


def test_a_model_that_is_not_there_and_too_few_days_get_a_sentence():
    with pytest.raises(ValueError, match="there is no 'blokcs'"):
        series.made_by("blokcs", torch.randn(200).double(), None, None, 0)
    with pytest.raises(ValueError, match="need 64 returns; there are 50"):
        series.cut_windows(torch.randn(50).double())


def test_a_regime_without_a_window_has_no_share_of_exceeded_days():
    windows = torch.randn(60, 32, dtype=torch.float64)
    labels, later = torch.arange(60) % 2, torch.arange(60) % 3
    found = series.exceeded(windows, labels, windows, later)["exceeded by regime"]
    assert 0 <= found[0] < 0.1 and 0 <= found[1] < 0.1 and math.isnan(found[2])
