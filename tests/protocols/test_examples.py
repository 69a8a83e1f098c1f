"""The data of lessons 12 to 14: splits that leak nothing, and years that share no day."""

import pytest
import torch

from gan_lessons.protocols import examples


def test_fit_years_and_held_out_years_share_no_day():
    pytest.importorskip("arch")
    oil = examples.oil_returns()
    assert [len(part) for part in oil] == [5550, 2768]
    assert all(part.isfinite().all() for part in oil)


@pytest.mark.parametrize("name", ("digits", "fashion"))
def test_no_image_of_a_split_is_among_its_test_images(name):
    (images, labels), (test, _) = examples.split_images(name, 60, number=3)
    assert labels.bincount().tolist() == [60] * 10
    distance = torch.cdist(images.flatten(1), test.flatten(1)).amin()
    # two people may write the same digit, but not to the last of 64 values
    assert distance > 0


def test_fewer_images_are_part_of_more():
    (few, _), _ = examples.split_images("digits", 5, number=1)
    (more, _), _ = examples.split_images("digits", 20, number=1)
    assert torch.cdist(few.flatten(1), more.flatten(1)).amin(dim=1).max() == 0


def test_splits_of_fashion_share_no_training_image():
    splits = [examples.split_images("fashion", 60, number)[0][0].flatten(1) for number in (0, 1, 9)]
    for i in range(3):
        for j in range(i):
            assert torch.cdist(splits[i], splits[j]).amin() > 0


def test_a_set_or_a_size_that_is_not_there_gets_a_sentence():
    with pytest.raises(ValueError, match="there is no 'Digits'"):
        examples.split_images("Digits", 5, 0)
    with pytest.raises(ValueError, match="at most"):
        examples.split_images("fashion", 200, 0)
    with pytest.raises(ValueError, match="are left for split 40"):
        examples.split_images("fashion", 60, 40)
