"""What is the same for drums, videos and sentences: training, a baseline, novelty, variety."""

import math

import pytest
import torch

from gan_lessons import training
from gan_lessons.protocols import drums, media, sentences, videos


def test_pca_gaussian_has_the_mean_and_the_variance_of_the_data():
    torch.manual_seed(0)
    clips = 0.1 * torch.randn(4000, 1, 6) * torch.tensor([3.0, 2, 1, 1, 0.5, 0.1]) + 0.1
    made = media.pca_gaussian(clips, 20_000, seed=0, share=0.999)
    assert torch.allclose(made.mean(0), clips.mean(0), atol=0.01)
    cov = [torch.cov(x.flatten(1).T) for x in (made, clips)]
    assert torch.allclose(*cov, atol=0.004)


def test_novelty_of_copies_and_of_fresh_clips():
    train, fresh, other = (drums.drums(300, seed=i)[0] for i in range(3))
    assert media.novelty(train[:50].clone(), train, fresh) < 0.01
    assert media.novelty(other, train, fresh) == pytest.approx(1, abs=0.1)
    assert torch.equal(media.nearest(train[:9] + 1e-4, train), train[:9])


def test_variety_at_a_quality_is_read_between_two_temperatures():
    points = torch.tensor([[1.0, 0.96, 0.94, 0.5], [0.1, 0.4, 0.6, 0.9]])
    assert media.at_quality(points) == pytest.approx(0.5)
    assert math.isnan(media.at_quality(points * torch.tensor([[0.5], [1.0]])))
    assert media.at_quality(torch.tensor([[1.0, 0.99], [0.2, 0.3]])) == pytest.approx(0.3)


def test_gap_equals_scipys_wasserstein_distance():
    from scipy.stats import wasserstein_distance

    a, b = torch.randn(200), 2 * torch.randn(200) + 1
    assert media.gap(a, b) == pytest.approx(wasserstein_distance(a.numpy(), b.numpy()), rel=1e-5)


@pytest.mark.parametrize("medium", media.PARTS)
def test_every_gan_trains_and_gives_samples(medium):
    if medium == "text":
        real = media.one_hot(sentences.split(64, 0)[0])
    else:
        real = {"drums": drums.drums, "videos": videos.videos}[medium](64, 0)[0]
    gan = media.trained(medium, real, seed=0, steps=2)
    assert isinstance(gan, training.GAN)
    assert gan.sample(3).shape == (3, *real.shape[1:])


def test_a_medium_that_is_not_there_gets_a_sentence():
    with pytest.raises(ValueError, match="there is no 'audio'"):
        media.trained("audio", torch.zeros(4, 1, 8), 0, steps=1)
