"""Tables of mixed columns: the small CTGAN, its code of a row, the copula, and their measures."""

import numpy as np
import pytest
import torch

from gan_lessons.protocols import examples, tables
from gan_lessons.protocols.examples import HEALTH_COLUMNS


@pytest.fixture(scope="module")
def patients():
    pytest.importorskip("statsmodels")
    pytest.importorskip("sklearn")
    return examples.health_table()


def test_no_run_of_rows_is_on_both_sides_of_a_split(patients):
    table, person = patients
    assert table.shape == (20190, 8) and len(person) == len(table)
    parts = tables.split(np.column_stack([table, person]), person, seed=3)
    assert not set(parts[0][:, -1]) & set(parts[1][:, -1])
    assert len(parts[0]) + len(parts[1]) == len(table)


def test_the_code_of_a_row_comes_back(patients):
    table = patients[0][:2000]
    encoder = tables.Encoder(table, HEALTH_COLUMNS)
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
    sample = tables.train_table_gan(patients[0][:1500], HEALTH_COLUMNS, seed=0, steps=2)
    asked = torch.arange(13).repeat_interleave(4)
    made = sample(asked)
    at = 0
    for column, size in enumerate(HEALTH_COLUMNS.sizes, start=len(HEALTH_COLUMNS.numbers)):
        for k in range(size):
            assert (made[asked.numpy() == at + k, column] == k).all()
        at += size
    assert sample(10).shape == (10, 8)


def test_equal_tables_have_no_distance_and_independent_columns_a_large_gap(patients):
    table, draw = patients[0][:4000], np.random.default_rng(0)
    assert tables.marginal_distance(table, table, HEALTH_COLUMNS) == 0
    assert tables.association_gap(table, table, HEALTH_COLUMNS) == 0
    alone = tables.columns_alone(table, 4000, draw)
    assert tables.marginal_distance(alone, table, HEALTH_COLUMNS) < 0.03
    assert tables.association_gap(alone, table, HEALTH_COLUMNS) > 0.03
