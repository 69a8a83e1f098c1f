"""The simulators of lesson 13, their measures, and the stored tables."""

import numpy as np
import pytest
import torch

from gan_lessons.metrics import confidence_interval
from gan_lessons.studies import common
from gan_lessons.studies import simulation as study
from gan_lessons.studies import simulation_tables as tables


@pytest.fixture(scope="module")
def oil():
    pytest.importorskip("arch")
    return study.oil_returns()


@pytest.fixture(scope="module")
def patients():
    pytest.importorskip("statsmodels")
    pytest.importorskip("sklearn")
    return tables.health_table()


def test_fit_years_and_held_out_years_share_no_day(oil):
    assert [len(part) for part in oil] == [5550, 2768]
    assert all(part.isfinite().all() for part in oil)


def test_a_window_follows_the_month_that_gives_its_regime():
    returns = torch.arange(100.0).double()
    windows, before = study.cut_windows(returns)
    assert windows.shape == (37, 32) and torch.equal(windows[0], returns[32:64])
    assert before[0] == pytest.approx(returns[:32].std().item())


def test_regimes_are_thirds_of_the_fit_years(oil):
    labels = study.regime(study.cut_windows(oil[0])[1], study.borders_of(oil[0]))
    assert (labels.bincount() / len(labels) - 1 / 3).abs().max() < 0.01


def test_kurtosis_equals_scipys():
    stats = pytest.importorskip("scipy.stats")
    x = torch.randn(500, 4, generator=torch.Generator().manual_seed(0)).double() ** 3
    assert study.kurtosis(x) == pytest.approx(stats.kurtosis(x.numpy().ravel()))


def test_var_and_es_of_a_uniform_distribution():
    x = torch.linspace(-1, 1, 200_001).double()
    assert study.risk(x) == pytest.approx((0.98, 0.99), abs=1e-4)


def test_persistence_equals_statsmodels_on_one_long_window():
    tools = pytest.importorskip("statsmodels.tsa.stattools")
    x = torch.randn(1, 4000, generator=torch.Generator().manual_seed(1)).double().cumsum(1)
    oracle = tools.acf(x[0].abs().numpy(), nlags=5, adjusted=True)
    assert study.persistence(x, (1, 5)) == pytest.approx([oracle[1], oracle[5]], abs=0.01)


def test_normal_scores_are_normal_and_come_back(oil):
    scores = study.normal_scores(oil[0], oil[0])
    assert abs(scores.std() - 1) < 0.01 and scores.isfinite().all()
    back = study.from_scores(scores, oil[0])
    assert (back - oil[0]).abs().median() < 0.01
    assert back.min() >= oil[0].min() and back.max() <= oil[0].max()


def test_garch_windows_have_the_models_own_variance_and_no_drifting_mean(oil):
    windows, before = study.garch_windows(oil[0], 20_000, seed=0)
    mu, omega, alpha, gamma, beta, _ = study.fit_garch(oil[0]).params
    right = omega / (1 - alpha - gamma / 2 - beta)
    assert windows.shape == (20_000, 32) and before.shape == (20_000,)
    assert windows.var().item() == pytest.approx(right, rel=0.1)
    assert windows.mean().item() == pytest.approx(mu, abs=0.03)


def test_the_bootstrap_within_a_regime_draws_from_windows_of_that_regime():
    windows = torch.arange(3.0).repeat_interleave(4)[:, None] * 100 + torch.arange(32.0)
    labels = torch.arange(3).repeat_interleave(4)
    asked = torch.tensor([2, 0, 1, 2, 2])
    made = study.regime_bootstrap(windows, labels, asked)
    assert torch.equal((made // 100).long(), asked[:, None].expand(-1, 32))
    assert (made[:, :16].diff() == 1).all() and (made[:, 16:].diff() == 1).all()


@pytest.mark.parametrize("scores", [False, True])
def test_a_gan_of_returns_trains_and_gives_windows(oil, scores):
    borders = study.borders_of(oil[0])
    made = study.train_gan(oil[0], borders, seed=0, steps=3, scores=scores)(torch.tensor([0, 1, 2]))
    assert made.shape == (3, 32) and made.isfinite().all()


def test_no_run_of_rows_is_on_both_sides_of_a_split(patients):
    table, person = patients
    assert table.shape == (20190, 8) and len(person) == len(table)
    parts = tables.split(np.column_stack([table, person]), person, seed=3)
    assert not set(parts[0][:, -1]) & set(parts[1][:, -1])
    assert len(parts[0]) + len(parts[1]) == len(table)


def test_the_code_of_a_row_comes_back(patients):
    table = patients[0][:2000]
    encoder = tables.Encoder(table)
    coded = encoder.encode(table, np.random.default_rng(0))
    back = encoder.decode(coded)
    assert coded.shape == (2000, 37)
    assert np.array_equal(back[:, 4:], table[:, 4:])
    assert (np.abs(back - table) < 0.01).mean() > 0.97


def test_the_copula_keeps_columns_and_correlations_of_scores():
    draw = np.random.default_rng(0)
    z = draw.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], 4000)
    table = np.column_stack([np.exp(z[:, 0]), z[:, 1]])
    made = tables.copula(table, 8000, draw)
    assert set(made[:, 0]) <= set(table[:, 0])
    again = np.column_stack([np.log(made[:, 0]), made[:, 1]])
    assert np.corrcoef(again.T)[0, 1] == pytest.approx(0.7, abs=0.03)


def test_the_table_gan_writes_the_category_that_is_asked_for(patients):
    sample = tables.train_table_gan(patients[0][:1500], seed=0, steps=2)
    asked = torch.arange(13).repeat_interleave(4)
    made = sample(asked)
    at = 0
    for column, size in enumerate(tables.CATEGORIES.values(), start=len(tables.NUMBERS)):
        for k in range(size):
            assert (made[asked.numpy() == at + k, column] == k).all()
        at += size
    assert sample(10).shape == (10, 8)


def test_equal_tables_have_no_distance_and_independent_columns_a_large_gap(patients):
    table, draw = patients[0][:4000], np.random.default_rng(0)
    assert tables.marginal_distance(table, table) == 0
    assert tables.association_gap(table, table) == 0
    alone = tables.columns_alone(table, 4000, draw)
    assert tables.marginal_distance(alone, table) < 0.03 < tables.association_gap(alone, table)


def test_the_stored_tables_hold_five_seeds_and_five_splits():
    rows = common.load("simulation")["rows"]
    assert {(r["model"], r["seed"]) for r in rows} == {
        (model, seed) for model in study.MODELS for seed in range(5)
    }
    rows = common.load("simulation_tables")["rows"]
    assert {(r["method"], r["split"]) for r in rows} == {
        (m, s) for m in ("columns", "copula", "rows", "GAN", "held out") for s in range(5)
    }


def spread(values):
    """What five values say of a sixth: the reach of a t-interval for one more value."""
    c = confidence_interval(values)
    return c.value, (c.high - c.value) * 6**0.5


@pytest.fixture
def one_thread():
    """As in the studies."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.slow
def test_a_part_of_the_table_of_returns_comes_out_again(oil, one_thread):
    borders, rows = study.borders_of(oil[0]), common.load("simulation")["rows"]
    for name in ("blocks", "GAN"):
        row = study.run(31, name, *oil, borders)
        for measure in ("VaR", "ES", "ACF 1", "worst month"):
            middle, reach = spread([r["measures"][measure] for r in rows if r["model"] == name])
            assert abs(row["measures"][measure] - middle) < 1.5 * reach, (name, measure)


@pytest.mark.slow
def test_a_part_of_the_table_of_patients_comes_out_again(patients, one_thread):
    stored = common.load("simulation_tables")["rows"]
    for row in tables.of_split(31, *patients):
        for key in ("marginals", "associations", "AUC"):
            if key in row:
                values = [r[key] for r in stored if r["method"] == row["method"]]
                middle, reach = spread(values)
                assert abs(row[key] - middle) < 1.5 * reach, (row["method"], key)
