"""The conditional GAN of lesson 04 against the unconditional one, over three seeds.

    python -m gan_lessons.studies.conditional_gan

Both train for the same number of steps. Measured on 5,000 samples against the 5,000 bundled test
images: Fréchet distance, class accuracy, and the spread within each class as a share of the real
one. The conditional GAN is also measured while its noise keeps near one favourite per class.
"""

import torch

from gan_lessons import data, losses, metrics, networks, training
from gan_lessons.studies import common

STEPS, BATCH, SEEDS = 3500, 32, range(3)
WIDTHS = (0.0, 0.3, 0.6, 0.8)
EARLY_STEPS = 2000


def spread_ratio(features, labels):
    """Spread within each class over that of the real test images, (10,)."""
    test = data.fashion_mnist("test")
    real = metrics.within_class_spread(metrics.reference_features("test"), test.labels)
    return metrics.within_class_spread(features, labels) / real


def measure(images, labels=None):
    """Fréchet distance of images, and what can be said where their classes are known."""
    features = metrics.features(images)
    found = {
        "frechet_distance": round(
            metrics.frechet_distance(metrics.reference_features("test"), features).item(), 2
        )
    }
    if labels is not None:
        ratio = spread_ratio(features, labels)
        found |= {
            "accuracy": round(metrics.class_accuracy(images, labels), 3),
            "spread": round(ratio.mean().item(), 3),
            "lowest_spread": round(ratio.min().item(), 3),
        }
    return found


@torch.no_grad()
def favourites(gan, n_classes=10, tries=200):
    """For each class the noise whose image the classifier is surest of, (n_classes, z_dim)."""
    best = []
    for c in range(n_classes):
        z, labels = gan.sample_z(tries), torch.full((tries,), c, device=gan.device)
        sure = metrics.in_pieces(metrics.classifier(), gan.G_ema(z, labels)).softmax(dim=1)[:, c]
        best.append(z[sure.argmax()])
    return torch.stack(best)


@torch.no_grad()
def narrowed(gan, anchors, labels, width):
    """Samples of noise that keeps near its class's anchor: width 0 is the anchor, 1 all noise."""
    labels = labels.to(gan.device)
    z = (1 - width**2) ** 0.5 * anchors[labels] + width * gan.sample_z(len(labels))
    parts = zip(z.split(500), labels.split(500), strict=True)
    return torch.cat([gan.G_ema(*part) for part in parts]).cpu()


def run(seed, conditional):
    """Train one GAN and measure it."""
    torch.manual_seed(seed)
    labels = data.fashion_mnist("test").labels
    G = networks.ConditionalGenerator() if conditional else networks.DCGANGenerator()
    D = networks.ConditionalDiscriminator() if conditional else networks.DCGANDiscriminator()
    gan = training.GAN(G, D, losses.DCGAN, z_dim=networks.Z_DIM)
    batches = data.batches(data.fashion_mnist(), BATCH, labels=conditional, seed=seed)
    history = training.fit(gan, batches, EARLY_STEPS, progress=False)
    row = {"conditional": conditional, "seed": seed}
    asked = [labels] if conditional else []
    row["early"] = measure(gan.sample(len(labels), *asked), *asked)
    training.fit(gan, batches, STEPS - EARLY_STEPS, history=history, progress=False)
    row |= measure(gan.sample(len(labels), *asked), *asked)
    if conditional:
        anchors = favourites(gan)
        row["by_width"] = [
            {"width": width, **measure(narrowed(gan, anchors, labels, width), labels)}
            for width in WIDTHS
        ]
    return row


def real_against_real():
    """5,000 training images, 500 of each class, measured like samples: the floor."""
    train = data.fashion_mnist("train")
    torch.manual_seed(0)
    order = torch.randperm(len(train))
    chosen = torch.cat([order[train.labels[order] == c][:500] for c in range(10)])
    test = data.fashion_mnist("test")
    return {
        "test_accuracy": round(metrics.class_accuracy(test.images, test.labels), 3),
        "train": measure(train.images[chosen], train.labels[chosen]),
    }


if __name__ == "__main__":
    common.begin()
    real = real_against_real()
    print(real)
    rows = []
    for seed in SEEDS:
        for conditional in (True, False):
            rows.append(run(seed, conditional))
            print(rows[-1], flush=True)
    common.save(
        "conditional",
        {
            "steps": STEPS,
            "early_steps": EARLY_STEPS,
            "batch": BATCH,
            "samples": 5000,
            "real": real,
            "runs": rows,
        },
    )
