"""Training sets of lesson 12: the weights of their parts, and mirrored copies."""

import pytest
import torch

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
