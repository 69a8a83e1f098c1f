"""Losses as plain functions of logits, and the recipes that put them together.

Discriminators return logits: numbers from minus to plus infinity, of which the sigmoid is the
probability "this is real". Every loss is a mean over the batch and is minimised.
"""

from collections.abc import Callable
from dataclasses import dataclass

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


def no_penalty(D, real, fake, *labels):
    """The penalty of recipes that have none."""
    return 0.0


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
    betas: tuple = (0.5, 0.99)
    ema: float = 0.999

    def __post_init__(self):
        if self.d_steps < 1:
            raise ValueError(f"d_steps is a whole number from 1 on, not {self.d_steps}.")


# Lessons 01 and 02: points and small MLPs. D learns twice as fast as G, so that its field is worth
# following.
VANILLA = Recipe(lr_d=2e-3, lr_g=1e-3)
# Lessons 05 and 07: images and convolutions.
DCGAN = Recipe()
