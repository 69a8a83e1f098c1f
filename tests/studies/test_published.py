"""The published recipes of the race are those of their originals."""

import pytest
import torch

from gan_lessons import data, losses
from gan_lessons.studies.better_games import published


@pytest.mark.parametrize(
    "name, weights_G, weights_D",
    # What the originals' layers hold with one colour channel, added up by hand.
    [
        ("PyTorch tutorial", 3_574_656, 2_763_520),
        ("TensorFlow tutorial", 2_305_472, 212_865),
        ("PyTorch-GAN", 1_049_985, 98_113),
    ],
)
def test_published_networks_have_the_originals_numbers_of_weights(name, weights_G, weights_D):
    recipe = published.RECIPES[name]()
    count = [sum(p.numel() for p in net.parameters()) for net in (recipe.G, recipe.D)]
    assert count == [weights_G, weights_D]


@pytest.mark.parametrize("name", published.RECIPES)
def test_published_recipes_train_both_players_and_give_images_of_28_pixels(name):
    recipe = published.RECIPES[name]()
    before = [[p.clone() for p in net.parameters()] for net in (recipe.G, recipe.D)]
    real = torch.rand(4, 1, recipe.size, recipe.size) * 2 - 1
    assert all(0 < loss < 20 for loss in recipe.step(real))
    for net, old in zip((recipe.G, recipe.D), before, strict=True):
        assert all((p != q).any() for p, q in zip(net.parameters(), old, strict=True))
    images = recipe.sample(3)
    assert images.shape == (3, 1, 28, 28) and images.abs().max() <= 1
    assert recipe.G.training


@pytest.mark.parametrize("play, sees_new_D", [("together", False), ("d_then_g", True)])
def test_g_learns_from_d_before_or_after_its_step_as_in_the_original(play, sees_new_D):
    recipe = published.tensorflow_tutorial()
    recipe.D.eval()  # no dropout, so that the pass can be repeated
    real, weights = torch.rand(4, 1, 28, 28), list(recipe.G.parameters())
    old, state = [p.detach().clone() for p in weights], torch.get_rng_state()
    fake = recipe.G(recipe.noise(4))
    gradients = torch.autograd.grad(losses.generator_loss(recipe.D(fake)), weights)
    recipe.opt_D.param_groups[0]["lr"] = 10.0  # a step of D that cannot be overlooked
    torch.set_rng_state(state)
    getattr(published, play)(recipe, real)
    # Adam's first step goes against the sign of each gradient, whatever its size.
    pairs = zip(weights, old, gradients, strict=True)
    against = torch.cat([((p - q).sign() == -g.sign())[g.abs() > 1e-5] for p, q, g in pairs])
    assert (against.float().mean() < 0.9) == sees_new_D


def test_scaling_there_and_back_keeps_real_images_recognisable():
    images = data.to_float(data.fashion_mnist("test").images[:50])
    for size in (32, 64):
        back = published.scale(published.scale(images, size), 28)
        assert (back - images).abs().mean() < 0.05
    assert published.scale(images, 28) is images
