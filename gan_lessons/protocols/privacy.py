"""Does synthetic data leak its training set? Attacks on a small GAN of images, and the report on
distances that is often asked for in their place.
"""

import torch

from gan_lessons import training
from gan_lessons.protocols.images import batches_of, each_class, make_gan

STEPS = 1500
OTHERS, SAMPLES = 1000, 5000  # non-members, and as many reference images; synthetic images


def groups(images, labels, seed, n):
    """Members, non-members, reference images and planted ones, with labels; none is in two groups.

    `images` (N, 1, size, size) in [-1, 1], `labels` (N,); N of n + 3 * OTHERS or more. The last
    group are negatives of further images: the first of them replaces the first member.
    """
    if len(images) < n + 3 * OTHERS:
        needed = f"{n} members and three groups of {OTHERS:,} need {n + 3 * OTHERS:,} images"
        raise ValueError(f"{needed}; there are {len(images):,}.")
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed))
    ends = [n, n + OTHERS, n + 2 * OTHERS, n + 3 * OTHERS]
    parts = [order[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    members, others, reference, odd = ((images[part], labels[part]) for part in parts)
    odd = (-odd[0], odd[1])
    members = tuple(torch.cat([o[:1], m[1:]]) for o, m in zip(odd, members, strict=True))
    return members, others, reference, tuple(part[1:] for part in odd)


def to_nearest(x, y):
    """Distance of each image of x to the nearest of y."""
    return torch.cdist(x.flatten(1), y.flatten(1)).amin(dim=1)


@torch.no_grad()
def attack_scores(D, samples, reference, images, labels):
    """Scores of three attacks, high for "was in the training set"."""
    to_samples = to_nearest(images, samples)
    return {
        "discriminator": D(images, labels)[:, 0],
        "nearest": -to_samples,
        "calibrated": to_nearest(images, reference).log() - to_samples.log(),
    }


def attack_auc(others, members):
    """Chance that a member scores above a non-member; ties count half."""
    order = others.sort().values
    below = torch.searchsorted(order, members) + torch.searchsorted(order, members, right=True)
    return (below.double().mean() / (2 * len(others))).item()


def found_at(others, members, rate=0.01):
    """Share of the members above the score that `rate` of the non-members exceed."""
    allowed = int(rate * len(others))
    return (members > others.sort().values[-allowed - 1]).double().mean().item()


def closeness_report(samples, members, others):
    """A report on distances to the closest record (DCR), as it is often asked for.

    `ratio`: the 5 % quantile of the distances samples to members, over that of other real images
    to members; 1 or more passes. `closer`: the share of samples nearer to members than to as many
    other real images; half is best. `copies`: samples nearer to a member than any two members are.
    """
    distance, n = to_nearest(samples, members), min(len(members), len(others))
    between = torch.cdist(members.flatten(1), members.flatten(1)).fill_diagonal_(torch.inf).amin()
    return {
        "ratio": (distance.quantile(0.05) / to_nearest(others, members).quantile(0.05)).item(),
        "closer": (to_nearest(samples, members[:n]) < to_nearest(samples, others[:n]))
        .float()
        .mean()
        .item(),
        "copies": (distance < between).float().mean().item(),
    }


def noise_until_it_passes(samples, members, others):
    """Samples with just so much noise on each pixel, in steps of 0.02, that the DCR ratio is 1."""
    noise, size = torch.randn_like(samples), 0.0
    while closeness_report(samples + size * noise, members, others)["ratio"] < 1:
        size += 0.02
    return samples + size * noise, size


def trained(members, seed, steps=STEPS):
    """The small GAN of `images`, without its augmentation, trained on the members: the GAN, and
    SAMPLES images, as many of each of ten classes.
    """
    torch.manual_seed(seed)
    gan = make_gan(members[0].shape[-1], augmented=False)
    training.fit(gan, batches_of(*members), steps, progress=False)
    gan.D.eval()
    return gan, gan.sample(SAMPLES, each_class(SAMPLES // 10))


def rounded(values):
    """The numbers of a dict with four digits."""
    return {name: round(value, 4) for name, value in values.items()}
