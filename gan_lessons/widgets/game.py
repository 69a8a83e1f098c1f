"""The playground's game: one GAN in the plane, step by step, without any widget."""

import math

import torch

from gan_lessons import data, networks, training
from gan_lessons.metrics import modes_covered

NEW_NETWORKS = ("width", "z_dim")


class Game:
    """A GAN in the plane whose settings may change between two steps.

    Parameters
    ----------
    settings : presets.Settings
    seed : int

    Attributes
    ----------
    gan : training.GAN
    d_loss, g_loss : list of float
        One entry per step.
    measured : list of (step, modes covered, share near a mode, distance)
    """

    def __init__(self, settings, seed=0):
        self.settings, self.seed = settings, seed
        self.reset()

    def reset(self):
        """New networks, the same ones for the same seed."""
        s = self.settings
        self.mixture = s.mixture()
        torch.manual_seed(self.seed)
        G = networks.MLPGenerator(s.z_dim, width=s.width)
        D = networks.MLPDiscriminator(width=s.width)
        self.gan = training.GAN(G, D, s.recipe(), s.z_dim)
        self.batches = data.batches(self.mixture, s.batch, seed=self.seed)
        self.d_loss, self.g_loss, self.measured = [], [], []
        self.d_steps = 0
        self.last_d, self.last_g = math.nan, math.nan
        self.look()

    def change(self, settings):
        """Go on with other settings; another width or noise dimension starts new networks."""
        old, self.settings = self.settings, settings
        if any(getattr(old, name) != getattr(settings, name) for name in NEW_NETWORKS):
            return self.reset()
        self.mixture = settings.mixture()
        self.batches = data.batches(self.mixture, settings.batch, seed=self.seed + self.d_steps)
        self.gan.recipe = recipe = settings.recipe()
        if recipe.generator_loss.__name__ == "relativistic_generator_loss":
            self.step_d()  # its G needs the answers of a D that has just moved
        for optimiser, lr in ((self.gan.opt_D, recipe.lr_d), (self.gan.opt_G, recipe.lr_g)):
            optimiser.param_groups[0].update(lr=lr, betas=tuple(map(float, recipe.betas)))
        self.look()

    def step_d(self):
        """One step of D."""
        (real,) = next(self.batches)
        self.last_d = training.train_discriminator(self.gan, real)
        self.d_steps += 1

    def step_g(self):
        """One step of G."""
        if math.isnan(self.last_d):
            self.step_d()
        self.last_g = training.train_generator(self.gan, self.settings.batch)
        self.d_loss.append(self.last_d)
        self.g_loss.append(self.last_g)

    def round(self):
        """What `fit` does in one step: `d_steps` steps of D, then one of G."""
        for _ in range(self.settings.d_steps):
            self.step_d()
        self.step_g()

    @property
    def alive(self):
        """Whether the last losses are numbers."""
        return not self.d_loss or math.isfinite(self.last_d + self.last_g)

    @torch.no_grad()
    def look(self, n=400):
        """Draw samples of G as it is now (not of the average, which hides the swings) and measure
        them.
        """
        generator = torch.Generator().manual_seed(1)  # the same noise in every frame
        self.real = self.mixture.sample(n, generator)[0]
        self.fake = self.gan.G(torch.randn(n, self.settings.z_dim, generator=generator))
        fake = self.fake.nan_to_num(0).clamp(-9, 9)
        modes = modes_covered(fake, self.mixture)
        self.measured.append(
            (self.gan.steps, modes.covered, modes.share, sliced_wasserstein(self.real, fake))
        )
        self.modes = modes
        self.answers = [torch.sigmoid(self.gan.D(x)).mean().item() for x in (self.real, fake)]

    def sentence(self):
        """What the picture shows, in words."""
        step, covered, share, distance = self.measured[-1]
        if not self.alive:
            return f"Step {step}: a loss is no longer a number. Press Reset and lower a rate."
        loss = (
            f"Loss of D {self.last_d:.2f}, of G {self.last_g:.2f}. "
            if self.d_loss
            else "Nothing is trained yet. "
        )
        return (
            f"Step {step}: {covered} of {self.modes.total} modes covered, {share:.0%} of the fakes "
            f"near a mode, distance {distance:.2f}. {loss}D's mean answer is "
            f"{self.answers[0]:.2f} on real points and {self.answers[1]:.2f} on fakes."
        )


def sliced_wasserstein(a, b, directions=16):
    """Mean Wasserstein distance of two equally large sets of points (N, 2), seen from several
    sides.
    """
    angle = torch.arange(directions) * math.pi / directions
    sides = torch.stack([angle.cos(), angle.sin()])
    return ((a @ sides).sort(dim=0).values - (b @ sides).sort(dim=0).values).abs().mean().item()
