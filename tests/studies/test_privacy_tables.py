"""The stored tables of lesson 14 are whole, and a part of each comes out again."""

import math

import pytest

from gan_lessons import storage
from gan_lessons.metrics import confidence_interval
from gan_lessons.studies import privacy as study


def test_the_stored_table_is_whole():
    table = storage.load_table("privacy")
    found = {(r["n"], r["seed"]) for r in table["attacks"]}
    assert found == {(n, s) for n in study.SIZES for s in study.SEEDS}
    arms = {(r["kind"], r["epsilon"], r["seed"]) for r in table["private"]}
    epsilons = [None if e == float("inf") else e for e in study.EPSILONS]
    expected = {("real", None)} | {(k, e) for k in ("GAN", "histograms") for e in epsilons}
    assert arms == {(*arm, s) for arm in expected for s in study.SEEDS}


@pytest.mark.slow
def test_a_run_comes_out_within_the_tables_interval():
    table = storage.load_table("privacy")["attacks"]
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
    table = storage.load_table("privacy")["private"]
    for row in study.runs(17, (3.0,))[1:]:
        same = [r for r in table if (r["kind"], r["epsilon"]) == (row["kind"], 3.0)]
        for what in ("auc", "one_way", "two_way"):
            x = confidence_interval([r[what] for r in same])
            reach = max(0.03, math.sqrt(6) * (x.high - x.low) / 2)
            assert abs(row[what] - x.value) < reach
