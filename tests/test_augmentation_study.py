"""The stored table of lesson 12 is whole, leaks nothing, and a part of it comes out again."""

import matplotlib.pyplot as plt
import pytest
import torch

from gan_lessons.metrics import Interval, confidence_interval
from gan_lessons.show import comparisons
from gan_lessons.studies import augmentation as study
from gan_lessons.studies import common

pytest.importorskip("sklearn")


def test_the_stored_table_holds_every_cell_with_every_split():
    table = common.load("augmentation")
    found = {(c["data"], c["n"], c["split"]) for c in table["cells"]}
    assert found == {(d, n, s) for d in study.SETS for n in study.COUNTS for s in study.SPLITS}
    assert all(tuple(c[k]) == study.ARMS for c in table["cells"] for k in study.CLASSIFIERS)
    runs = {(r["split"], r["augmented"]) for r in table["little_data"]}
    assert runs == {(s, a) for s in study.SPLITS for a in (False, True)}


@pytest.mark.parametrize("name", study.SETS)
def test_no_image_of_a_split_is_among_its_test_images(name):
    (images, labels), (test, _) = study.split(name, 60, number=3)
    assert labels.bincount().tolist() == [60] * 10
    distance = torch.cdist(images.flatten(1), test.flatten(1)).amin()
    # two people may write the same digit, but not to the last of 64 values
    assert distance > 0


def test_fewer_images_are_part_of_more():
    (few, _), _ = study.split("digits", 5, number=1)
    (more, _), _ = study.split("digits", 20, number=1)
    assert torch.cdist(few.flatten(1), more.flatten(1)).amin(dim=1).max() == 0


def test_splits_of_fashion_share_no_training_image():
    splits = [study.split("fashion", 60, number)[0][0].flatten(1) for number in (0, 1, 9)]
    for i in range(3):
        for j in range(i):
            assert torch.cdist(splits[i], splits[j]).amin() > 0


def test_every_part_of_a_training_set_weighs_the_same():
    parts = [(torch.zeros(n, 1, 4, 4), torch.zeros(n).long()) for n in (5, 20)]
    images, labels, weights = study.together(*parts)
    assert len(images) == len(labels) == 25 and weights.sum().item() == pytest.approx(2)
    assert weights[:5].sum().item() == pytest.approx(weights[5:].sum().item())


def test_mirrored_copies_are_made_only_where_asked():
    images, labels = torch.rand(10, 1, 8, 8), torch.arange(10)
    images[..., 4:] = -1.0  # bright on the left only
    for flips in (False, True):
        made, classes = study.classical(images, labels, 20, flips)
        left = made[..., :4].mean(dim=(1, 2, 3)) > made[..., 4:].mean(dim=(1, 2, 3))
        assert left.all() != flips and torch.equal(classes, study.each_class(20))


def test_a_filled_marker_means_that_the_interval_misses_zero(monkeypatch):
    drawn = []
    monkeypatch.setattr(comparisons, "show", lambda figure, alt: drawn.append(figure))
    found = {"a": Interval(1, 0.5, 1.5), "b": Interval(1, -1, 3)}
    comparisons.differences({"left": {"x": found}, "right": {"x": found}}, "points", "two panels")
    faces = [
        line.get_markerfacecolor() for line in drawn[0].axes[0].lines if line.get_marker() != "None"
    ]
    assert faces[0] != "white" and faces[1] == "white"
    plt.close(drawn[0])


@pytest.mark.slow
def test_new_splits_come_out_as_the_stored_ones():
    """Means of three new splits lie where 99.9 % of such means should, given the stored ten."""
    from scipy import stats

    new = [study.cell("digits", 10, number) for number in (10, 11, 12)]
    stored = [
        c for c in common.load("augmentation")["cells"] if (c["data"], c["n"]) == ("digits", 10)
    ]
    for classifier in study.CLASSIFIERS:
        for arm in study.ARMS[1:]:
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
    stored = [r for r in common.load("augmentation")["little_data"] if r["augmented"]]
    usual = confidence_interval([r["at"][-1]["d_train"] - r["at"][-1]["d_new"] for r in stored])
    assert gaps[True] < gaps[False] / 1.5 and gaps[True] < usual.high + 0.1
