import math

import pytest
import torch
import torch.nn.functional as F

from gan_lessons import data, losses, networks, training

real, fake = torch.randn(2, 64, 1, generator=torch.Generator().manual_seed(0))


def test_discriminator_loss_is_binary_cross_entropy():
    bce = F.binary_cross_entropy_with_logits
    expected = bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))
    torch.testing.assert_close(losses.discriminator_loss(real, fake), expected)


def test_generator_loss_is_binary_cross_entropy_with_the_label_real():
    expected = F.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))
    torch.testing.assert_close(losses.generator_loss(fake), expected)


def test_an_undecided_discriminator_costs_2_log_2_and_log_2():
    zero = torch.zeros(8, 1)
    assert losses.discriminator_loss(zero, zero).item() == pytest.approx(2 * math.log(2))
    assert losses.generator_loss(zero).item() == pytest.approx(math.log(2))


def test_the_saturating_gradient_fades_where_d_is_sure_of_the_fakes():
    logits = torch.full((4, 1), -10.0, requires_grad=True)
    (weak,) = torch.autograd.grad(losses.saturating_generator_loss(logits).sum(), logits)
    (strong,) = torch.autograd.grad(losses.generator_loss(logits).sum(), logits)
    assert weak.abs().max() < 1e-4 < 0.2 < strong.abs().min()


@pytest.mark.parametrize("size", [100.0, 1e4])
def test_losses_stay_finite_for_very_sure_discriminators(size):
    far = torch.tensor([[size], [-size]])
    for value in (
        losses.discriminator_loss(far, far),
        losses.generator_loss(far),
        losses.saturating_generator_loss(far),
    ):
        assert value.isfinite()


def test_a_recipe_without_steps_of_d_is_refused():
    with pytest.raises(ValueError, match="d_steps"):
        losses.Recipe(d_steps=0)


def linear(shape, seed=0):
    torch.manual_seed(seed)
    layer = torch.nn.Linear(math.prod(shape), 1)
    return torch.nn.Sequential(torch.nn.Flatten(), layer), layer.weight


@pytest.mark.parametrize("shape", [(2,), (1, 28, 28), (3, 4, 4)])
def test_the_gradient_penalty_of_a_linear_critic_is_the_squared_distance_of_its_slope_from_1(shape):
    critic, weight = linear(shape)
    penalty = losses.gradient_penalty(critic, torch.randn(5, *shape), torch.randn(5, *shape))
    torch.testing.assert_close(penalty, (weight.norm() - 1).square())
    (found,) = torch.autograd.grad(penalty, weight)
    torch.testing.assert_close(found, 2 * (weight.norm() - 1) * weight / weight.norm())


def test_the_gradient_penalty_looks_between_real_and_fake_at_one_place_for_each_pair():
    seen = []

    def critic(x):
        seen.append(x.detach())
        return x.square().sum(dim=1, keepdim=True) / 2

    real, fake = torch.randn(64, 3), torch.randn(64, 3) + 5
    penalty = losses.gradient_penalty(critic, real, fake)
    place = (seen[0] - fake) / (real - fake)
    torch.testing.assert_close(place, place[:, :1].expand_as(place), rtol=1e-3, atol=1e-3)
    assert 0 <= place.min() < 0.2 < 0.8 < place.max() <= 1.001 and len(place[:, 0].unique()) > 60
    torch.testing.assert_close(penalty, (seen[0].norm(dim=1) - 1).square().mean())


def test_penalties_are_finite_and_can_be_differentiated_where_the_slope_is_0():
    critic, weight = linear((2,))
    torch.nn.init.zeros_(weight)
    for penalty in (losses.gradient_penalty, losses.r1_r2_penalty):
        value = penalty(critic, torch.randn(4, 2), torch.randn(4, 2))
        assert torch.autograd.grad(value, weight)[0].isfinite().all()


def test_zero_centred_penalties_of_a_quadratic():
    def D(x):
        return x.square().flatten(1).sum(dim=1, keepdim=True) / 2

    x, y = torch.randn(2, 6, 1, 4, 4)
    squared = [part.flatten(1).square().sum(dim=1).mean() for part in (x, y)]
    torch.testing.assert_close(losses.zero_centred_penalty(D, x), squared[0])
    torch.testing.assert_close(losses.r1_penalty(D, x, y, gamma=2), squared[0])
    torch.testing.assert_close(losses.r1_r2_penalty(D, x, y, gamma=2), sum(squared))


def test_critic_and_hinge_losses_by_hand():
    r, f = torch.tensor([[2.0], [0.0]]), torch.tensor([[-3.0], [1.0]])
    assert losses.critic_loss(r, f).item() == -2
    assert losses.critic_generator_loss(f).item() == 1
    assert losses.hinge_discriminator_loss(r, f).item() == 1.5


def test_relativistic_losses_are_log_2_at_equality_and_see_differences_only():
    d_loss, g_loss = losses.relativistic_losses()
    with pytest.raises(RuntimeError, match="step of D"):
        g_loss(fake)
    same = torch.full((8, 1), 5.0)
    assert d_loss(same, same).item() == pytest.approx(math.log(2))
    assert g_loss(same[:5]).item() == pytest.approx(math.log(2))
    assert g_loss(torch.full((12, 1), 5.0)).item() == pytest.approx(math.log(2))
    torch.testing.assert_close(d_loss(real, fake), d_loss(real + 9, fake + 9))
    expected = -F.logsigmoid(fake - real).mean()
    d_loss(real.clone().requires_grad_(True), fake)
    torch.testing.assert_close(g_loss(fake), expected)
    assert not g_loss(fake).requires_grad  # G's step moves no real logit


def test_two_r3gan_recipes_share_no_memory():
    one, other = losses.r3gan(), losses.r3gan(lr_d=0.1)
    one.discriminator_loss(real, fake)
    with pytest.raises(RuntimeError):
        other.generator_loss(fake)
    assert other.lr_d == 0.1


@pytest.mark.parametrize("recipe", [losses.WGAN_GP, losses.HINGE, losses.R1, losses.r3gan()])
def test_every_game_trains_a_conditional_gan_on_the_unchanged_loop(recipe):
    torch.manual_seed(0)
    G, D = networks.ConditionalGenerator(), networks.ConditionalDiscriminator()
    gan = training.GAN(G, D, recipe, networks.Z_DIM)
    batches = data.batches(data.fashion_mnist(), 4, labels=True)
    before = [[w.clone() for w in net.parameters()] for net in (G, D)]
    history = training.fit(gan, batches, 2, progress=False)
    assert len(history) == 2 and all(map(math.isfinite, history.d_loss + history.g_loss))
    for weights, net in zip(before, (G, D), strict=True):
        assert any(not torch.equal(a, b) for a, b in zip(weights, net.parameters(), strict=True))
