"""The playground's settings, as the course's own recipes and mixtures, and as code."""

import dataclasses
from dataclasses import dataclass

import torch

from gan_lessons import data, losses

# The text is what "Show me the code" prints; the function beside it makes the same thing.
DATA = {
    "ring": ("data.ring()", data.ring),
    "grid": ("data.grid()", data.grid),
    "spiral": ("data.spiral()", data.spiral),
}
OWN = "own points"
VANILLA = losses.VANILLA
SATURATING = dataclasses.replace(VANILLA, generator_loss=losses.saturating_generator_loss)
LOSSES = {
    "non-saturating": ("losses.VANILLA", lambda: VANILLA),
    "saturating": (
        "dataclasses.replace(\n    losses.VANILLA, "
        "generator_loss=losses.saturating_generator_loss\n)",
        lambda: SATURATING,
    ),
    "Wasserstein, penalty": ("losses.WGAN_GP", lambda: losses.WGAN_GP),
    "hinge": ("losses.HINGE", lambda: losses.HINGE),
    "non-saturating, R1": ("losses.R1", lambda: losses.R1),
    "R3GAN": ("losses.r3gan()", losses.r3gan),
}


@dataclass(frozen=True)
class Settings:
    """Everything that the playground's controls set; the names are those of `losses.Recipe`."""

    data: str = "ring"
    points: str = "-1 0; 1 0; 0 1"
    loss: str = "non-saturating"
    lr_d: float = 2e-3
    lr_g: float = 1e-3
    d_steps: int = 1
    width: int = 64
    z_dim: int = 2
    labels: bool = False  # both players see which mode is asked for
    batch: int = 128

    def recipe(self):
        """The `losses.Recipe` of these settings; a fresh one for R3GAN, whose losses share a
        memory.
        """
        return dataclasses.replace(LOSSES[self.loss][1](), **self.changed())

    def changed(self):
        return {"d_steps": self.d_steps, "lr_d": self.lr_d, "lr_g": self.lr_g}

    def mixture(self):
        """The `data.Mixture` of these settings."""
        if self.data == OWN:
            return data.Mixture(torch.tensor(parse(self.points)), 0.05)
        return DATA[self.data][1]()

    def code(self, steps=3000, seed=0):
        """The few lines that train a fresh GAN with these settings."""
        mixture = (
            f"data.Mixture(torch.tensor({parse(self.points)}), 0.05)"
            if self.data == OWN
            else DATA[self.data][0]
        )
        changed = ", ".join(f"{name}={value:g}" for name, value in self.changed().items())
        k = len(self.mixture().means) if self.labels else 0
        G = f"networks.MLPGenerator(z_dim={self.z_dim + k}, width={self.width})"
        D = f"networks.MLPDiscriminator({f'in_dim={2 + k}, ' if k else ''}width={self.width})"
        if self.labels:  # one-hot labels beside each input
            G, D = (f"ward.Labelled({net}, n_classes={k})" for net in (G, D))
        return (
            "import dataclasses\n\nimport torch\n\n"
            "from gan_lessons import data, losses, networks, training\n"
            + ("from gan_lessons.clinic import ward\n" if k else "")
            + f"\ntorch.manual_seed({seed})\n"
            f"mixture = {mixture}\n"
            f"recipe = {LOSSES[self.loss][0]}\n"
            f"recipe = dataclasses.replace(recipe, {changed})\n"
            f"G = {G}\n"
            f"D = {D}\n"
            f"gan = training.GAN(G, D, recipe, z_dim={self.z_dim})\n"
            f"batches = data.batches(mixture, {self.batch}, labels={self.labels}, seed={seed})\n"
            f"history = training.fit(gan, batches, {steps})\n"
        )


def parse(text):
    """Points from "x y; x y; …", each number in [-1.5, 1.5]; a ValueError says what is wrong."""
    points = []
    for part in filter(str.strip, text.split(";")):
        try:
            x, y = (float(number) for number in part.replace(",", " ").split())
        except ValueError:
            raise ValueError(f"{part.strip()!r} is not a point: write x y; x y; …") from None
        if not (abs(x) <= 1.5 and abs(y) <= 1.5):
            raise ValueError(f"{part.strip()!r} lies outside -1.5 … 1.5.")
        points.append([x, y])
    if not points:
        raise ValueError("There is no point yet: write x y; x y; …")
    return points


# Each was seen to do what its name says on five seeds (tests/widgets/test_widgets.py).
PRESETS = {
    "healthy": Settings(),
    "mode collapse": Settings(lr_d=2e-4, lr_g=5e-3),
    "D too strong": Settings(loss="saturating", lr_d=3e-3, lr_g=2e-5, d_steps=5),
    "circling": Settings(data=OWN, points="-0.8 0; 0.8 0", lr_d=2e-4, lr_g=5e-3),
}
