"""The playground's game: one GAN in the plane, step by step, without any widget."""

import math

import torch

from gan_lessons import data, networks, training
from gan_lessons.clinic import ward
from gan_lessons.metrics import modes_covered

NEW_NETWORKS = ("width", "z_dim", "labels")


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
    shown : int
        With labels: the mode whose field, noise and fakes a picture shows.
    """

    def __init__(self, settings, seed=0):
        self.settings, self.seed, self.shown = settings, seed, 0
        self.reset()

    def reset(self):
        """New networks, the same ones for the same seed."""
        s = self.settings
        self.mixture = s.mixture()
        k = len(self.mixture.means) if s.labels else 0
        torch.manual_seed(self.seed)
        G = networks.MLPGenerator(s.z_dim + k, width=s.width)
        D = networks.MLPDiscriminator(2 + k, width=s.width)
        if s.labels:
            G, D = ward.Labelled(G, n_classes=k), ward.Labelled(D, n_classes=k)
        self.gan = training.GAN(G, D, s.recipe(), s.z_dim)
        self.shown = min(self.shown, max(k - 1, 0))
        self.batches = data.batches(self.mixture, s.batch, labels=s.labels, seed=self.seed)
        self.d_loss, self.g_loss, self.measured = [], [], []
        self.d_steps = 0
        self.last_d, self.last_g = math.nan, math.nan
        self.look()

    def change(self, settings):
        """Go on with other settings; another width, noise dimension or number of labels starts new
        networks.
        """
        old, self.settings, before = self.settings, settings, len(self.mixture.means)
        self.mixture = settings.mixture()
        others = settings.labels and len(self.mixture.means) != before
        if others or any(getattr(old, name) != getattr(settings, name) for name in NEW_NETWORKS):
            return self.reset()
        seed = self.seed + self.d_steps
        self.batches = data.batches(self.mixture, settings.batch, labels=settings.labels, seed=seed)
        self.gan.recipe = recipe = settings.recipe()
        if recipe.generator_loss.__name__ == "relativistic_generator_loss":
            self.step_d()  # its G needs the answers of a D that has just moved
        for optimiser, lr in ((self.gan.opt_D, recipe.lr_d), (self.gan.opt_G, recipe.lr_g)):
            optimiser.param_groups[0].update(lr=lr, betas=tuple(map(float, recipe.betas)))
        self.look()

    def step_d(self):
        """One step of D."""
        real, *self.labels = next(self.batches)
        self.last_d = training.train_discriminator(self.gan, real, *self.labels)
        self.d_steps += 1

    def step_g(self):
        """One step of G."""
        if math.isnan(self.last_d):
            self.step_d()
        self.last_g = training.train_generator(self.gan, self.settings.batch, *self.labels)
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
        self.real, of_real = self.mixture.sample(n, generator)
        self.asked = torch.arange(n) % len(self.mixture.means)
        given = [of_real], [self.asked]
        of_real, asked = given if self.settings.labels else ([], [])
        z = torch.randn(n, self.settings.z_dim, generator=generator)
        self.fake = self.gan.G(z, *asked)
        fake = self.fake.nan_to_num(0).clamp(-9, 9)
        modes = modes_covered(fake, self.mixture)
        self.measured.append(
            (self.gan.steps, modes.covered, modes.share, sliced_wasserstein(self.real, fake))
        )
        self.modes = modes
        self.right = (torch.cdist(fake, self.mixture.means).argmin(1) == self.asked).float().mean()
        logits = self.gan.D(self.real, *of_real), self.gan.D(fake, *asked)
        self.answers = [torch.sigmoid(x).mean().item() for x in logits]

    def for_shown(self, network):
        """G or D as a function of one argument: with labels, for the mode that is shown."""
        if not self.settings.labels:
            return network
        return lambda x: network(x, torch.full((len(x),), self.shown))

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
        asked = ""
        if self.settings.labels:
            asked = f"{self.right:.0%} are nearest to the mode asked for; {self.shown} is bold. "
        return (
            f"Step {step}: {covered} of {self.modes.total} modes covered, {share:.0%} of the fakes "
            f"near a mode, distance {distance:.2f}. {asked}{loss}D's mean answer is "
            f"{self.answers[0]:.2f} on real points and {self.answers[1]:.2f} on fakes."
        )


def sliced_wasserstein(a, b, directions=16):
    """Mean Wasserstein distance of two equally large sets of points (N, 2), seen from several
    sides.
    """
    angle = torch.arange(directions) * math.pi / directions
    sides = torch.stack([angle.cos(), angle.sin()])
    return ((a @ sides).sort(dim=0).values - (b @ sides).sort(dim=0).values).abs().mean().item()
