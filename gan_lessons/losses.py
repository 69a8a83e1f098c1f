"""Losses as plain functions of logits, and the recipes that put them together.

Discriminators return logits: numbers from minus to plus infinity, of which the sigmoid is the
probability "this is real". Every loss is a mean over the batch and is minimised.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F


def discriminator_loss(real_logits, fake_logits):
    """Binary cross-entropy of D: the real batch should be called 1, the fake batch 0.

    Parameters
    ----------
    real_logits, fake_logits : Tensor (B, 1), any shape in fact
        D's answers on real and on generated samples.

    Returns
    -------
    Tensor, scalar
        2 log 2 = 1.386 where D answers "one half" everywhere; 0 where it is right and sure.

    References
    ----------
    Goodfellow et al. 2014, equation 1 (with the sign turned, since we minimise).
    """
    # softplus(-x) = -log(sigmoid(x)) and softplus(x) = -log(1 - sigmoid(x)), without overflow.
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_loss(fake_logits):
    """Non-saturating loss of G: its samples should be called 1.

    Parameters
    ----------
    fake_logits : Tensor, any shape

    Returns
    -------
    Tensor, scalar
        log 2 = 0.693 where D answers "one half" everywhere.

    References
    ----------
    Goodfellow et al. 2014, end of section 3.
    """
    return F.softplus(-fake_logits).mean()


def saturating_generator_loss(fake_logits):
    """The zero-sum loss of G, mean log(1 - D(G(z))): its gradient fades where D is sure of the
    fakes.

    Goodfellow et al. 2014, equation 1. Use `generator_loss` to train; this one is for comparison.
    """
    return -F.softplus(fake_logits).mean()


def critic_loss(real_scores, fake_scores):
    """Wasserstein loss of the critic: score real samples high and fakes low.

    Parameters
    ----------
    real_scores, fake_scores : Tensor, any shape
        Unlimited numbers, not logits of a probability.

    Returns
    -------
    Tensor, scalar
        Mean fake minus mean real. For a critic whose slope is at most 1, its negative is at most
        the Wasserstein distance of the two distributions.

    References
    ----------
    Arjovsky et al. 2017, equations 2 and 3.
    """
    return fake_scores.mean() - real_scores.mean()


def critic_generator_loss(fake_scores):
    """G's part of the Wasserstein and of the hinge game: its samples should be scored high."""
    return -fake_scores.mean()


def hinge_discriminator_loss(real_logits, fake_logits):
    """Hinge loss: real logits below 1 and fake logits above -1 cost as much as they are off.

    Returns
    -------
    Tensor, scalar
        2 where D answers 0 everywhere, 0 where both margins are kept.

    References
    ----------
    Lim and Ye 2017; Miyato et al. 2018, equations 16 and 17.
    """
    return F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()


def relativistic_losses():
    """A pair of losses that compare each real sample with a fake: which of the two looks realer?

    G's loss needs the logits of real samples. It takes those that D gave in its last step, so the
    two functions share a memory: make a pair for each GAN.

    Returns
    -------
    discriminator_loss, generator_loss : functions as in `Recipe`
        Both are log 2 = 0.693 where D answers the same everywhere.

    References
    ----------
    Jolicoeur-Martineau 2019; Huang et al. 2024 (R3GAN), section 2.
    """
    seen = {}

    def relativistic_discriminator_loss(real_logits, fake_logits):
        seen["real"] = real_logits.detach()
        return F.softplus(fake_logits - real_logits).mean()

    def relativistic_generator_loss(fake_logits):
        if "real" not in seen:
            raise RuntimeError("The generator's relativistic loss needs a step of D before it.")
        n = min(len(fake_logits), len(seen["real"]))
        return F.softplus(seen["real"][:n] - fake_logits[:n]).mean()

    return relativistic_discriminator_loss, relativistic_generator_loss


def slopes(D, samples, *labels):
    """Length of D's gradient at each sample, (B,), through which one can differentiate again."""
    samples = samples.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(D(samples, *labels).sum(), samples, create_graph=True)
    # the small number keeps the derivative of the root finite where the gradient is 0
    return (gradient.flatten(1).square().sum(dim=1) + 1e-12).sqrt()


def gradient_penalty(critic, real, fake, *labels):
    """How far the critic's slope is from 1, on the lines between real samples and fakes.

    Parameters
    ----------
    critic : module
        Without BatchNorm, which would mix the samples.
    real, fake : Tensor (B, ...)
        Of the same shape; one random place on each line from real[i] to fake[i].

    Returns
    -------
    Tensor, scalar
        Mean squared difference of the gradient's length from 1, without a weight.

    References
    ----------
    Gulrajani et al. 2017, equation 3.
    """
    place = torch.rand(len(real), *[1] * (real.ndim - 1), device=real.device, dtype=real.dtype)
    between = place * real + (1 - place) * fake
    return (slopes(critic, between, *labels) - 1).square().mean()


def zero_centred_penalty(D, samples, *labels):
    """Mean squared length of D's gradient at the samples: R1 on real samples, R2 on fakes.

    Mescheder et al. 2018, equation 9; without the weight of one half gamma.
    """
    return slopes(D, samples, *labels).square().mean()


def no_penalty(D, real, fake, *labels):
    """The penalty of recipes that have none."""
    return 0.0


def ten_gradient_penalties(D, real, fake, *labels):
    """WGAN-GP's penalty with the weight of its paper."""
    return 10 * gradient_penalty(D, real, fake, *labels)


def r1_penalty(D, real, fake, *labels, gamma=0.3):
    """R1: D's slope at real samples should be 0, with weight gamma / 2 (Mescheder et al. 2018)."""
    return gamma / 2 * zero_centred_penalty(D, real, *labels)


def r1_r2_penalty(D, real, fake, *labels, gamma=0.3):
    """R1, and the same on the fakes, as in R3GAN (Huang et al. 2024)."""
    slope = zero_centred_penalty(D, real, *labels) + zero_centred_penalty(D, fake, *labels)
    return gamma / 2 * slope


@dataclass(frozen=True)
class Recipe:
    """What one GAN does differently from another: two losses, a penalty, a ratio, the optimisers'
    settings.

    Parameters
    ----------
    discriminator_loss : function (real_logits, fake_logits) -> scalar
    generator_loss : function (fake_logits) -> scalar
    penalty : function (D, real, fake, *labels) -> scalar
        Added to the discriminator's loss, its weight included.
    d_steps : int
        Steps of D for each step of G.
    lr_d, lr_g : float
        Learning rates of Adam.
    betas : (float, float)
        Adam's decay rates of the mean gradient and of the mean squared gradient.
    ema : float
        Decay per step of the averaged generator that is used for samples; 0 switches averaging off.
    """

    discriminator_loss: Callable = discriminator_loss
    generator_loss: Callable = generator_loss
    penalty: Callable = no_penalty
    d_steps: int = 1
    lr_d: float = 1e-3
    lr_g: float = 1e-3
    betas: tuple = (0.5, 0.999)
    ema: float = 0.999

    def __post_init__(self):
        if self.d_steps < 1:
            raise ValueError(f"d_steps is a whole number from 1 on, not {self.d_steps}.")


# Lessons 01 and 02: points and small MLPs. D learns twice as fast as G, so that its field is worth
# following.
VANILLA = Recipe(lr_d=2e-3, lr_g=1e-3, betas=(0.5, 0.99))
# Lessons 03 and 04: images and convolutions. High learning rates, which need an Adam without
# momentum; lesson 03 has both in its table.
DCGAN = Recipe(lr_d=1e-3, lr_g=4e-3, betas=(0.0, 0.99))
# Lesson 07.
WGAN_GP = Recipe(
    critic_loss, critic_generator_loss, ten_gradient_penalties, d_steps=5, betas=(0.0, 0.9)
)
HINGE = Recipe(hinge_discriminator_loss, critic_generator_loss, betas=(0.0, 0.9))
R1 = Recipe(penalty=r1_penalty)


def r3gan(**settings):
    """A fresh recipe with R3GAN's losses and penalties; `settings` are further ones of `Recipe`."""
    return Recipe(*relativistic_losses(), r1_r2_penalty, **settings)
