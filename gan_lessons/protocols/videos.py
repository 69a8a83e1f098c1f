"""Moving shapes: synthetic clips of known speed, networks, measures, baselines.

A clip is a Tensor (1, 8, 16, 16): eight frames, black (-1) with one shape that moves steadily.
"""

import math

import torch
from torch import nn

FRAMES, SIZE = 8, 16
SHAPES = ("square", "cross")


def stencils():
    """The two shapes as masks (2, 7, 7)."""
    y, x = torch.meshgrid(torch.arange(-3, 4), torch.arange(-3, 4), indexing="ij")
    square = (x.abs() <= 2) & (y.abs() <= 2)
    cross = (x.abs() <= 1) | (y.abs() <= 1)
    return torch.stack([square, cross]).float()


def videos(n, seed):
    """`n` synthetic clips (n, 1, 8, 16, 16), their speed in pixels per frame, and their shape."""
    draw = torch.Generator().manual_seed(seed)
    angle = 2 * math.pi * torch.rand(n, generator=draw)
    speed = 0.4 + 0.8 * torch.rand(n, generator=draw)
    step = speed[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)
    reach = 7 * step.abs() / 2  # the middle of the path lies where its ends fit
    middle = (SIZE - 1) / 2 + (2 * torch.rand(n, 2, generator=draw) - 1) * (4.5 - reach)
    time = torch.arange(FRAMES) - (FRAMES - 1) / 2
    place = middle[:, None] + time[:, None] * step[:, None]  # (n, 8, 2), centre of the shape
    kind = torch.randint(len(SHAPES), (n,), generator=draw)
    brightness = 0.6 + 0.4 * torch.rand(n, 1, 1, 1, generator=draw)
    return (2 * brightness * drawn(kind, place) - 1)[:, None], speed, kind


def drawn(kind, place):
    """Masks (n, 8, 16, 16) of the shapes at any places: each pixel is shared by its neighbours."""
    at = torch.arange(SIZE)
    weight = (1 - (place[..., None, None] + torch.arange(-3, 4)[:, None] - at).abs()).clamp(min=0)
    y, x = weight[:, :, 0], weight[:, :, 1]  # (n, 8, 7, 16): where each row and column falls
    return torch.einsum("nij,ntiy,ntjx->ntyx", stencils()[kind], y, x)


def centres(clips):
    """Total light (N, 8) and centre of light (N, 8, 2) of each frame, in pixels."""
    light = (clips[:, 0].double() + 1) / 2
    total, at = light.sum(dim=(2, 3)), torch.arange(SIZE, dtype=torch.float64)
    y, x = (light.sum(dim=3) * at).sum(dim=2), (light.sum(dim=2) * at).sum(dim=2)
    return total, torch.stack([y, x], dim=2) / total.clamp(min=1e-6)[..., None]


def speed_of(clips):
    """Speed in pixels per frame, (N,): the mean step of the centre of light."""
    return centres(clips)[1].diff(dim=1).norm(dim=2).mean(dim=1)


def wobble(clips):
    """How far the steps are from the mean step, (N,): root mean square, in pixels."""
    step = centres(clips)[1].diff(dim=1)
    return (step - step.mean(dim=1, keepdim=True)).square().sum(dim=2).mean(dim=1).sqrt()


def flicker(clips):
    """Standard deviation of the total light over the frames, over its mean, (N,)."""
    total = centres(clips)[0]
    return total.std(dim=1) / total.mean(dim=1)


def forms(clips):
    """How much of each frame's light is a clear shape, 0 to 1, and which: both (N, 8)."""
    light, found = (clips[:, 0].double() + 1) / 2, []
    centre = centres(clips)[1].float()
    for kind in range(len(SHAPES)):
        mask = drawn(torch.full((len(clips),), kind), centre).double()
        match = (light * mask).sum(dim=(2, 3)).square()
        found.append(match / (light * light).sum(dim=(2, 3)) / (mask * mask).sum(dim=(2, 3)))
    return torch.stack(found).max(dim=0)


def video_checks(clips):
    """Which clips pass, (N,) each: clear frames, steady path and light, one shape, and all."""
    clear, kind = forms(clips)
    found = {
        "clear": (clear > 0.75).all(dim=1),
        "path": wobble(clips) < 0.25,
        "light": flicker(clips) < 0.15,
        "shape": (kind == kind[:, :1]).all(dim=1),
    }
    return found | {"all": torch.stack(list(found.values())).all(dim=0)}


def shuffled(clips, seed):
    """The same frames in a random order, another one for each clip."""
    order = torch.rand(len(clips), FRAMES, generator=torch.Generator().manual_seed(seed)).argsort(1)
    return clips[torch.arange(len(clips))[:, None], 0, order][:, None]


class VideoGenerator(nn.Module):
    """Noise (B, 16) to clips (B, 1, 8, 16, 16) in [-1, 1]; the frames are channels."""

    def __init__(self, z_dim=16, width=32):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(z_dim, 128),
            nn.ReLU(),
            nn.Linear(128, 4 * width * 4 * 4, bias=False),
            nn.Unflatten(1, (4 * width, 4, 4)),
            *(nn.BatchNorm2d(4 * width), nn.ReLU()),
            nn.ConvTranspose2d(4 * width, 2 * width, 4, stride=2, padding=1, bias=False),
            *(nn.BatchNorm2d(2 * width), nn.ReLU()),
            nn.ConvTranspose2d(2 * width, FRAMES, 4, stride=2, padding=1),  # (B, 8, 16, 16)
            *(nn.Tanh(), nn.Unflatten(1, (1, FRAMES))),
        )

    def forward(self, z):
        return self.net(z)


class VideoDiscriminator(nn.Module):
    """Clips (B, 1, 8, 16, 16) to logits (B, 1); each filter sees all frames."""

    def __init__(self, width=32):
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(1, 2),
            nn.Conv2d(FRAMES, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(2 * width * 4 * 4, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 1),
        )

    def forward(self, clips):
        return self.net(clips)
