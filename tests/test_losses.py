import math

import pytest
import torch
import torch.nn.functional as F

from gan_lessons import losses

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
