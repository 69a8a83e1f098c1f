"""The stored tables of lesson 13 are whole, and a part of each comes out again."""

import pytest
import torch

from gan_lessons import storage
from gan_lessons.metrics import confidence_interval
from gan_lessons.protocols import examples
from gan_lessons.protocols.series import MODELS, borders_of
from gan_lessons.studies.simulation import series, tables


@pytest.fixture(scope="module")
def oil():
    pytest.importorskip("arch")
    return examples.oil_returns()


@pytest.fixture(scope="module")
def patients():
    pytest.importorskip("statsmodels")
    pytest.importorskip("sklearn")
    return examples.health_table()


@pytest.fixture
def one_thread():
    """As in the studies."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def spread(values):
    """What five values say of a sixth: the reach of a t-interval for one more value."""
    c = confidence_interval(values)
    return c.value, (c.high - c.value) * 6**0.5


def test_the_stored_tables_hold_five_seeds_and_five_splits():
    rows = storage.load_table("simulation")["rows"]
    assert {(r["model"], r["seed"]) for r in rows} == {
        (model, seed) for model in MODELS for seed in range(5)
    }
    rows = storage.load_table("simulation_tables")["rows"]
    assert {(r["method"], r["split"]) for r in rows} == {
        (m, s) for m in ("columns", "copula", "rows", "GAN", "held out") for s in range(5)
    }


@pytest.mark.slow
def test_a_part_of_the_table_of_returns_comes_out_again(oil, one_thread):
    borders, rows = borders_of(oil[0]), storage.load_table("simulation")["rows"]
    for name in ("blocks", "GAN"):
        row = series.run(31, name, *oil, borders)
        for measure in ("VaR", "ES", "ACF 1", "worst month"):
            middle, reach = spread([r["measures"][measure] for r in rows if r["model"] == name])
            assert abs(row["measures"][measure] - middle) < 1.5 * reach, (name, measure)


@pytest.mark.slow
def test_a_part_of_the_table_of_patients_comes_out_again(patients, one_thread):
    stored = storage.load_table("simulation_tables")["rows"]
    for row in tables.of_split(31, *patients):
        for key in ("marginals", "associations", "AUC"):
            if key in row:
                values = [r[key] for r in stored if r["method"] == row["method"]]
                middle, reach = spread(values)
                assert abs(row[key] - middle) < 1.5 * reach, (row["method"], key)
