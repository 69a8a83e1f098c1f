"""Training sets of lesson 12: the weights of their parts, and mirrored copies."""

import pytest
import torch

from gan_lessons.protocols import images
from gan_lessons.protocols.images import classical, each_class, together


def test_every_part_of_a_training_set_weighs_the_same():
    parts = [(torch.zeros(n, 1, 4, 4), torch.zeros(n).long()) for n in (5, 20)]
    images, labels, weights = together(*parts)
    assert len(images) == len(labels) == 25 and weights.sum().item() == pytest.approx(2)
    assert weights[:5].sum().item() == pytest.approx(weights[5:].sum().item())


def test_mirrored_copies_are_made_only_where_asked():
    images, labels = torch.rand(10, 1, 8, 8), torch.arange(10)
    images[..., 4:] = -1.0  # bright on the left only
    for flips in (False, True):
        made, classes = classical(images, labels, 20, flips)
        left = made[..., :4].mean(dim=(1, 2, 3)) > made[..., 4:].mean(dim=(1, 2, 3))
        assert left.all() != flips and torch.equal(classes, each_class(20))


def test_a_comparison_has_the_classes_of_its_images():
    labels = torch.arange(3).repeat_interleave(4)
    real = torch.rand(12, 1, 6, 6) * 0.2 + labels[:, None, None, None] / 2 - 1

    def nearest(x, y, weights, test):
        return y[torch.cdist(test.flatten(1), x.flatten(1)).argmin(dim=1)]

    nearest = {"nearest": nearest}
    found = images.compare((real, labels), (real, labels), False, 0, nearest, steps=1)
    assert found["nearest"]["real"] == 1
    fake = images.each_class(2, 3)
    assert fake.tolist() == [0, 0, 1, 1, 2, 2]
    with pytest.raises(ValueError, match=r"at least two: \[4, 4, 1\]"):
        images.compare((real[:9], labels[:9]), (real, labels), False, 0, nearest, steps=1)
    with pytest.raises(ValueError, match="not of 7 pixels"):
        images.make_gan(7)
