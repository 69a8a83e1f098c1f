"""Every patient of lesson 06 runs, is ill, and is cured by its one change."""

import dataclasses

import pytest

from gan_lessons.clinic import ward


@pytest.mark.parametrize("name", ward.PATIENTS)
def test_every_patient_runs_sick_and_cured(name):
    patient = ward.PATIENTS[name]
    assert len(patient.change) == 1
    for case in (patient.sick, patient.cured):
        case = dataclasses.replace(case, steps=2, batch=16)
        gan, history = ward.run(case, 0)
        found = ward.measure(case, gan, n=1000)
        assert (
            len(history) == 2
            and 0 <= found["near"] <= 1
            and str(found["modes"]) in ward.summary([found])
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", ward.PATIENTS)
def test_a_patient_is_ill_with_a_new_seed_and_cured_by_its_change(name):
    def is_ill(case, seed):
        return ward.is_ill(ward.measure(case, ward.run(case, seed)[0]))

    patient = ward.PATIENTS[name]
    assert any(is_ill(patient.sick, seed) for seed in (20, 21))  # two get away with one in ten
    assert not is_ill(patient.cured, 20)
