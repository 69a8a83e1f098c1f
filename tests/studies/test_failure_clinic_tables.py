"""The stored runs of lesson 06 are in step with the diagnosis and with the metric."""

import pytest

from gan_lessons import storage
from gan_lessons.clinic import diagnosis, drills, ward
from gan_lessons.studies import failure_clinic as study


@pytest.fixture(scope="module")
def runs():
    return storage.load_table("clinic")["runs"]


def test_the_stored_diagnoses_are_those_of_today(runs):
    for row in runs:
        assert diagnosis.diagnose(diagnosis.history_of(row)).names == row["said"], row["name"]
    assert diagnosis.confusion(runs) == storage.load_table("clinic")["confusion"]


def test_no_healthy_run_is_called_ill_and_most_sick_ones_are(runs):
    healthy = [row for row in runs if row["state"] == "healthy"]
    assert len(healthy) >= 30 and not any(row["said"] for row in healthy)
    for name in set(ward.PATIENTS) - set(drills.SILENT):
        said = [bool(r["said"]) for r in runs if r["name"] == name and r["state"] == "sick"]
        assert len(said) >= 10 and sum(said) >= 0.8 * len(said), name


def test_sick_runs_are_ill_by_the_metric_and_no_cured_one_is(runs):
    for name in ward.PATIENTS:
        mine = [row for row in runs if row["name"] == name]
        sick = [ward.is_ill(row) for row in mine if row["state"] == "sick"]
        assert sum(sick) >= 0.9 * len(sick), name
        assert not any(ward.is_ill(row) for row in mine if row["state"] == "cured"), name


@pytest.mark.slow
def test_a_healthy_run_made_today_is_not_called_ill():
    assert diagnosis.diagnose(study.healthy_run("vanilla GAN, ring", seed=20)[0]).names == []
