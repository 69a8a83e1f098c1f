"""The stored table of lesson 12 is whole, and a part of it comes out again."""

import pytest
import torch

from gan_lessons import storage
from gan_lessons.metrics import confidence_interval
from gan_lessons.protocols.images import ARMS, CLASSIFIERS
from gan_lessons.studies import augmentation as study

pytest.importorskip("sklearn")


def test_the_stored_table_holds_every_cell_with_every_split():
    table = storage.load_table("augmentation")
    found = {(c["data"], c["n"], c["split"]) for c in table["cells"]}
    assert found == {(d, n, s) for d in study.SETS for n in study.COUNTS for s in study.SPLITS}
    assert all(tuple(c[k]) == ARMS for c in table["cells"] for k in CLASSIFIERS)
    runs = {(r["split"], r["augmented"]) for r in table["little_data"]}
    assert runs == {(s, a) for s in study.SPLITS for a in (False, True)}


@pytest.mark.slow
def test_new_splits_come_out_as_the_stored_ones():
    """Means of three new splits lie where 99.9 % of such means should, given the stored ten."""
    from scipy import stats

    new = [study.cell("digits", 10, number) for number in (10, 11, 12)]
    table = storage.load_table("augmentation")["cells"]
    stored = [c for c in table if (c["data"], c["n"]) == ("digits", 10)]
    for classifier in CLASSIFIERS:
        for arm in ARMS[1:]:
            old, now = (
                torch.tensor([c[classifier][arm] - c[classifier]["real"] for c in cells])
                for cells in (stored, new)
            )
            reach = stats.t.ppf(0.9995, len(old) - 1) * old.std() * (1 / len(old) + 1 / 3) ** 0.5
            assert abs(now.mean() - old.mean()) < reach, (classifier, arm)


@pytest.mark.slow
def test_augmentation_again_keeps_d_from_learning_by_heart():
    gaps = {}
    for augmented in (False, True):
        at = study.little_data(10, augmented, marks=(1000,))["at"][0]
        gaps[augmented] = at["d_train"] - at["d_new"]
    stored = [r for r in storage.load_table("augmentation")["little_data"] if r["augmented"]]
    usual = confidence_interval([r["at"][-1]["d_train"] - r["at"][-1]["d_new"] for r in stored])
    assert gaps[True] < gaps[False] / 1.5 and gaps[True] < usual.high + 0.1
