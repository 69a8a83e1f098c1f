"""The sets and the stored table of lesson 16, of which a part comes out again."""

import pytest
import torch

from gan_lessons import data, storage
from gan_lessons.protocols import detection
from gan_lessons.studies import deepfakes


@pytest.fixture(scope="module")
def table():
    return storage.load_table("deepfakes")


def test_the_three_sets_share_no_image():
    parts = deepfakes.split()
    assert [len(part) for part in parts] == [10_000, 10_000, 5]
    bundled = data.fashion_mnist("train").images
    assert sum(int(part.double().sum()) for part in parts[:2]) == int(bundled.double().sum())
    test = data.fashion_mnist("test").images
    assert int(parts[2].double().sum()) == int(test.double().sum())


def test_the_table_holds_five_detectors_and_five_generators_of_each_kind(table):
    assert {(g["kind"], g["seed"]) for g in table["generators"]} == {
        (kind, seed) for kind in detection.KINDS for seed in range(5)
    }
    for sort in deepfakes.SORTS:
        for kind in detection.KINDS:
            assert deepfakes.matrix(table, sort, kind).shape == (5, 5)
    assert len(table["changed"]) == 5 * 3 * len(detection.CHANGES)
    assert len(table["held_out"]) == 5 * 2 * 6 and len(table["arms_race"]) == 5
    assert len(table["longer"]) == 5 * 2 * 2


@pytest.mark.slow
def test_a_part_of_the_table_comes_out_again(table):
    """Two generators, two detectors: within what five values say of a sixth."""
    for_generators, for_detectors, tests = deepfakes.split()
    images = {
        seed: detection.samples(detection.generator("DCGAN", seed, for_generators), 5000, seed=1)
        for seed in (11, 12)
    }
    for sort in ("CNN", "spectrum"):
        detect, _ = deepfakes.trained(sort, 11, for_detectors, images[11][:4000])
        real = detection.scores(detect, tests[0])
        stored = deepfakes.matrix(table, sort, "DCGAN")
        off = stored[~torch.eye(5, dtype=torch.bool)]
        for values, seed in ((stored.diagonal(), 11), (off, 12)):
            found = detection.auc(real, detection.scores(detect, images[seed][4000:]))
            reach = max(3 * values.std().item(), 0.02)
            assert abs(found - values.mean().item()) < reach, (sort, seed, found, values)
