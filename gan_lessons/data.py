"""Toy distributions, Fashion-MNIST, and endless batches: everything the course trains on, in
memory.

Images are stored as uint8 (N, 1, 28, 28) and become float32 in [-1, 1] one batch at a time.
"""

import hashlib
import math
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

ASSETS = Path(__file__).parent / "assets"
CLASS_NAMES = (
    "T-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


@dataclass(frozen=True)
class Mixture:
    """A mixture of Gaussians with the same width in every direction.

    Parameters
    ----------
    means : Tensor (K, d)
    std : float
        Standard deviation of every component, in the units of the data.
    weights : Tensor (K,), optional
        Share of each component; equal when left out.
    """

    means: torch.Tensor
    std: float
    weights: torch.Tensor | None = None

    def sample(self, n, generator=None):
        """Draw `n` points: x of shape (n, d), float32, and the component of each, labels (n,),
        int64.
        """
        weights = torch.ones(len(self.means)) if self.weights is None else self.weights
        labels = torch.multinomial(weights, n, replacement=True, generator=generator)
        noise = torch.randn(n, self.means.shape[1], generator=generator)
        return self.means[labels] + self.std * noise, labels

    def density(self, x):
        """Probability density at the points x (N, d); returns (N,), per unit of volume."""
        d = self.means.shape[1]
        weights = torch.ones(len(self.means)) if self.weights is None else self.weights
        log_weights = torch.log(weights / weights.sum())
        squared = ((x[:, None, :] - self.means) ** 2).sum(-1)  # (N, K)
        log_normal = -squared / (2 * self.std**2) - d / 2 * math.log(2 * math.pi * self.std**2)
        return torch.logsumexp(log_weights + log_normal, dim=1).exp()


def mixture_1d(means=(-2.0, 2.0), std=0.5, weights=None):
    """A mixture on the line: the data of lesson 01."""
    means = torch.tensor(means, dtype=torch.float32)[:, None]
    return Mixture(means, std, None if weights is None else torch.tensor(weights))


def ring(n_modes=8, radius=1.0, std=0.05):
    """`n_modes` Gaussians on a circle: the test that shows mode collapse at a glance."""
    angle = 2 * math.pi * torch.arange(n_modes) / n_modes
    return Mixture(radius * torch.stack([angle.cos(), angle.sin()], dim=1), std)


def grid(side=5, spacing=0.5, std=0.03):
    """`side` x `side` Gaussians on a square grid around 0."""
    line = spacing * (torch.arange(side) - (side - 1) / 2)
    return Mixture(torch.cartesian_prod(line, line), std)


def spiral(turns=1.5, std=0.03, n_modes=100):
    """One arm of a spiral, as a chain of `n_modes` Gaussians from radius 0.1 to 1.1."""
    t = torch.linspace(0, 1, n_modes).sqrt()  # sqrt: equal distances along the arm
    angle = 2 * math.pi * turns * t
    return Mixture((0.1 + t)[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1), std)


@dataclass(frozen=True)
class Images:
    """A set of labelled images: `images` uint8 (N, 1, 28, 28), `labels` int64 (N,), `names` of the
    classes.
    """

    images: torch.Tensor
    labels: torch.Tensor
    names: tuple = CLASS_NAMES

    def __len__(self):
        return len(self.images)


def fashion_mnist(split="train", source="bundled"):
    """Fashion-MNIST (Xiao, Rasul and Vollgraf 2017; MIT licence).

    Parameters
    ----------
    split : "train" or "test"
    source : "bundled" or "full"
        "bundled" is a class-balanced part that comes with the package (20,000 training and 5,000
        test images). "full" fetches all 60,000 + 10,000 images through torchvision (30 MB, once);
        without a network it says so and gives the bundled part.

    Returns
    -------
    Images
    """
    if split not in ("train", "test"):
        raise ValueError(f'split is "train" or "test", not {split!r}.')
    if source not in ("bundled", "full"):
        raise ValueError(f'source is "bundled" or "full", not {source!r}.')
    if source == "full":
        try:
            return _full(split)
        except Exception as error:  # torchvision raises many kinds, from ImportError to URLError
            warnings.warn(
                "The full Fashion-MNIST could not be fetched "
                f"({type(error).__name__}: {error}); going on with the bundled part.",
                stacklevel=2,
            )
    path = ASSETS / "fashion_mnist.npz"
    try:
        with np.load(path) as file:
            images, labels = file[f"{split}_images"], file[f"{split}_labels"]
    except Exception as error:
        raise RuntimeError(
            f"The bundled images {path.name} are missing or damaged ({error}). Install the course "
            f"again."
        ) from error
    return Images(torch.from_numpy(images)[:, None], torch.from_numpy(labels).long())


def _full(split):
    from torchvision.datasets import FashionMNIST

    folder = Path.home() / ".cache" / "gan_lessons"
    dataset = FashionMNIST(folder, train=split == "train", download=True)
    return Images(dataset.data[:, None], dataset.targets)


def checksum(path):
    """SHA-256 of a file, as hexadecimal text."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def to_float(images):
    """uint8 images 0 … 255 to float32 in [-1, 1], the range of tanh."""
    return images.float().div_(127.5).sub_(1)


def to_uint8(images):
    """float images in [-1, 1] to uint8 0 … 255; what lies outside is clipped."""
    return images.clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8)


class Batches:
    """Endless random batches, drawn with replacement: no epochs, and no last, smaller batch.

    Made by `batches`. `next()` gives a tuple, (real,) or (real, labels). `generator` holds the
    whole state, so that a checkpoint can go on with the same batches.
    """

    def __init__(self, draw, batch_size, device, seed):
        self.draw, self.batch_size, self.device = draw, batch_size, device
        self.generator = torch.Generator().manual_seed(seed)

    def __iter__(self):
        return self

    def __next__(self):
        return tuple(part.to(self.device) for part in self.draw(self.batch_size, self.generator))


def batches(source, batch_size, labels=False, device="cpu", seed=0):
    """Endless batches for `training.fit`.

    Parameters
    ----------
    source : Mixture, Images or Tensor
        A tensor of uint8 is taken as images and scaled to [-1, 1]; a float tensor is used as it is.
    batch_size : int
        At most the number of samples in the source.
    labels : bool
        False yields `(real,)`, True yields `(real, labels)`.
    device : where the batches go
    seed : int
        The same seed gives the same batches.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size is a whole number from 1 on, not {batch_size}.")
    if isinstance(source, Mixture):

        def draw(n, generator):
            x, which = source.sample(n, generator)
            return (x, which) if labels else (x,)

        return Batches(draw, batch_size, device, seed)

    images, classes = (
        (source.images, source.labels) if isinstance(source, Images) else (source, None)
    )
    if not isinstance(images, torch.Tensor):
        raise TypeError(f"source is a Mixture, Images or a tensor, not {type(source).__name__}.")
    if labels and classes is None:
        raise ValueError(
            "labels=True needs labelled data: pass a Mixture or Images, not a bare tensor."
        )
    if batch_size > len(images):
        raise ValueError(
            f"batch_size is {batch_size}, but the data has only {len(images)} samples."
        )
    scale = to_float if images.dtype == torch.uint8 else torch.Tensor.float

    def draw(n, generator):
        index = torch.randint(len(images), (n,), generator=generator)
        return (scale(images[index]), classes[index]) if labels else (scale(images[index]),)

    return Batches(draw, batch_size, device, seed)
