"""How good are the samples? Distances between feature clouds, modes covered, class accuracy,
neighbours.

Features are the 64 numbers before the last layer of the bundled Fashion-MNIST classifier. Distances
between features depend on that network and on the number of samples, so report both, with a
real-vs-real floor.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch

from gan_lessons.storage import pretrained


@dataclass(frozen=True)
class Modes:
    """What `modes_covered` found: `covered` of `total` modes, `share` of the samples near one,
    `counts` per mode.
    """

    covered: int
    total: int
    share: float
    counts: tuple


def modes_covered(samples, mixture, within=4.0, least=0.1):
    """How many modes of a mixture the samples reach, and how many samples are near a mode at all.

    Parameters
    ----------
    samples : Tensor (N, d)
    mixture : data.Mixture
    within : float
        A sample belongs to its nearest mode when it lies within this many standard deviations of
        the mean.
    least : float
        A mode counts as covered when it gets at least this part of its fair share, N / K samples.

    Returns
    -------
    Modes
    """
    distance, nearest = torch.cdist(samples, mixture.means).min(dim=1)
    near = distance < within * mixture.std
    counts = torch.bincount(nearest[near], minlength=len(mixture.means))
    enough = least * len(samples) / len(mixture.means)
    covered = int((counts >= max(enough, 1)).sum())
    return Modes(covered, len(counts), near.float().mean().item(), tuple(counts.tolist()))


@lru_cache(1)
def classifier():
    """The bundled classifier, loaded once."""
    return pretrained("classifier")


@torch.no_grad()
def in_pieces(function, images):
    """Apply a function to images in pieces of 500, so that memory stays small."""
    from gan_lessons.data import to_float

    images = to_float(images) if images.dtype == torch.uint8 else images
    if images.ndim != 4 or images.shape[1:] != (1, 28, 28):
        raise ValueError(f"images must have shape (N, 1, 28, 28), not {tuple(images.shape)}.")
    return torch.cat([function(piece) for piece in images.cpu().split(500)])


def features(images):
    """Features (N, 64) of images (N, 1, 28, 28), uint8 or float in [-1, 1], on the CPU."""
    return in_pieces(classifier().features, images)


def predict(images):
    """The classifier's class for each image, (N,), 0 … 9."""
    return in_pieces(classifier(), images).argmax(dim=1)


def frechet_distance(real_features, fake_features):
    """Fréchet distance between Gaussians fitted to two clouds of features.

    |m1 - m2|^2 + trace(C1 + C2 - 2 (C1 C2)^(1/2)), with unbiased covariances, in float64.

    Parameters
    ----------
    real_features, fake_features : Tensor (N, d) and (M, d)

    Returns
    -------
    Tensor, scalar
        0 for equal means and covariances. Too large for small N: compare at equal sample counts
        only.

    References
    ----------
    Dowson and Landau 1982; Heusel et al. 2017, who use Inception features and call it FID.
    """
    real, fake = real_features.double(), fake_features.double()
    mean_term = (real.mean(0) - fake.mean(0)).square().sum()
    c1, c2 = torch.cov(real.T), torch.cov(fake.T)
    # C1 C2 has the eigenvalues of the symmetric S C2 S with S = C1^(1/2): real and not negative.
    values, vectors = torch.linalg.eigh(c1)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    cross = torch.linalg.eigvalsh(root @ c2 @ root).clamp(min=0).sqrt().sum()
    return mean_term + c1.trace() + c2.trace() - 2 * cross


@lru_cache(2)
def reference_features(split="test"):
    """Features of the bundled real images of a split, computed once."""
    from gan_lessons.data import fashion_mnist

    return features(fashion_mnist(split).images)


def fashion_distance(images):
    """Fréchet distance of images to the 5,000 bundled test images; give 5,000 of them to compare
    with the lessons.
    """
    return frechet_distance(reference_features("test"), features(images)).item()


def class_accuracy(images, labels):
    """Share of images that the classifier puts into the class asked for, 0 … 1."""
    return (predict(images) == labels.cpu()).float().mean().item()


def within_class_spread(image_features, labels, n_classes=10):
    """Mean distance between two samples of the same class, in feature space: (n_classes,).

    A class whose samples are all alike has 0. Compare with the same number for real images.
    """
    spread = []
    for c in range(n_classes):
        part = image_features[labels == c]
        if len(part) < 2:
            raise ValueError(f"Class {c} has {len(part)} samples; at least 2 are needed.")
        spread.append(torch.pdist(part).mean())
    return torch.stack(spread)


def nearest_neighbours(samples, references, k=1):
    """The k nearest references of each sample by Euclidean distance.

    Parameters
    ----------
    samples, references : Tensor (N, …) and (M, …)
        Images or features; compared as flat vectors.

    Returns
    -------
    distance, index : Tensor (N, k)
    """
    flat = references.flatten(1).float()
    pieces = [
        torch.cdist(s, flat).topk(k, largest=False) for s in samples.flatten(1).float().split(500)
    ]
    return torch.cat([p.values for p in pieces]), torch.cat([p.indices for p in pieces])


def kernel_distance(real_features, fake_features):
    """Squared maximum mean discrepancy with the kernel (x . y / d + 1)^3, unbiased.

    Parameters
    ----------
    real_features, fake_features : Tensor (N, d) and (M, d), N and M at least 2

    Returns
    -------
    Tensor, scalar
        Around 0, also below it, for samples of one distribution, whatever their number.

    References
    ----------
    Gretton et al. 2012, equation 3; Bińkowski et al. 2018, who use Inception features (KID).
    """
    real, fake = real_features.double(), fake_features.double()

    def kernel(x, y):
        return (x @ y.T / x.shape[1] + 1) ** 3

    def mean_of_pairs(x):  # pairs of different samples: the diagonal would bias the mean
        k = kernel(x, x)
        return (k.sum() - k.trace()) / (len(x) * (len(x) - 1))

    return mean_of_pairs(real) + mean_of_pairs(fake) - 2 * kernel(real, fake).mean()


def radii(features, k):
    """Distance of each sample to its k-th nearest other sample: (N,)."""
    # k + 1, since the nearest sample of all is the sample itself
    return torch.cdist(features, features).topk(k + 1, largest=False).values[:, -1]


def precision_recall(real_features, fake_features, k=3):
    """Precision: share of fakes in the region of the real samples. Recall: the other way round.

    The region of a set is the union of balls around its samples that reach to the k-th neighbour.

    Parameters
    ----------
    real_features, fake_features : Tensor (N, d) and (M, d)
    k : int

    Returns
    -------
    (float, float)
        Both 0 … 1. Low precision: bad samples. Low recall: missing kinds of samples.

    References
    ----------
    Kynkäänniemi et al. 2019.
    """
    real, fake = real_features.double(), fake_features.double()
    between = torch.cdist(fake, real)  # (M, N)
    precision = (between <= radii(real, k)).any(dim=1).double().mean()
    recall = (between.T <= radii(fake, k)).any(dim=1).double().mean()
    return precision.item(), recall.item()


def density_coverage(real_features, fake_features, k=5):
    """Density: how many real balls hold a fake, over k. Coverage: share of real balls with a fake.

    Steadier than `precision_recall` against outliers, since only the real samples have balls.

    Parameters
    ----------
    real_features, fake_features : Tensor (N, d) and (M, d)
    k : int

    Returns
    -------
    (float, float)
        Density is 0 or more, about 1 for equal distributions; coverage is 0 … 1.

    References
    ----------
    Naeem et al. 2020, equations 3 and 4.
    """
    real, fake = real_features.double(), fake_features.double()
    inside = torch.cdist(fake, real) <= radii(real, k)  # (M, N)
    density = inside.double().sum(dim=1).mean() / k
    return density.item(), inside.any(dim=0).double().mean().item()


def memorisation(samples, train, held_out):
    """Share of samples that can only be copies: 0 for a stranger to the training set, 1 for a copy
    of it.

    A sample that knows neither set is nearest to a training image with probability N / (N + M).
    What is above that is given as a share of what could be.

    Parameters
    ----------
    samples : Tensor (S, …)
        Images rather than features: a classifier has seen the training images, and its features
        may treat them differently.
    train, held_out : Tensor (N, …) and (M, …)
        Real images of one distribution; the generator has seen the first ones only.

    Returns
    -------
    float
        Around 0, also below it, where nothing is copied.

    References
    ----------
    In the spirit of Meehan et al. 2020, who compare distances rather than neighbours.
    """
    _, index = nearest_neighbours(samples, torch.cat([train, held_out]))
    found = (index < len(train)).double().mean().item()
    chance = len(train) / (len(train) + len(held_out))
    return (found - chance) / (1 - chance)


@dataclass(frozen=True)
class Interval:
    """A measured `value` and the ends of its confidence interval; prints as `value [low, high]`."""

    value: float
    low: float
    high: float

    def __str__(self):
        return f"{self.value:.3g} [{self.low:.3g}, {self.high:.3g}]"

    def __contains__(self, number):
        return self.low <= number <= self.high


def confidence_interval(values, level=0.95):
    """Interval for the mean of repeated measurements: several draws of samples, or several seeds.

    Parameters
    ----------
    values : sequence of at least 4 numbers, independent of each other
    level : float
        Of all such intervals, this share holds the mean of endlessly many repetitions.

    Returns
    -------
    Interval
    """
    from scipy.stats import t  # here, since this import takes a second

    values = torch.as_tensor(values, dtype=torch.float64)
    if len(values) < 4:
        raise ValueError(f"An interval needs at least 4 repeated values, not {len(values)}.")
    mean, error = values.mean().item(), values.std().item() / len(values) ** 0.5
    reach = float(t.ppf((1 + level) / 2, len(values) - 1)) * error
    return Interval(mean, mean - reach, mean + reach)


def bootstrap(measure, samples, times=100, level=0.95, seed=0):
    """Interval for a number measured on one set of samples that can't be drawn again.

    The set is resampled with replacement. Good for means and shares. Not for distances such as
    `frechet_distance`: a resampled set has repeated samples, and its distance is too large.

    Parameters
    ----------
    measure : function (samples) -> number
    samples : Tensor (N, …)
    times : int

    Returns
    -------
    Interval
    """
    generator = torch.Generator().manual_seed(seed)
    n = len(samples)
    values = torch.tensor(
        [
            float(measure(samples[torch.randint(n, (n,), generator=generator)]))
            for _ in range(times)
        ],
        dtype=torch.float64,
    )
    low, high = values.quantile((1 - level) / 2).item(), values.quantile((1 + level) / 2).item()
    return Interval(float(measure(samples)), low, high)
