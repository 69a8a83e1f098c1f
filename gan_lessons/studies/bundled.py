"""Train the bundled weights: the classifier, the DCGAN, the conditional GAN, in this order.

    python -m gan_lessons.studies.bundled classifier|dcgan|conditional [seed]

Each file's header keeps the command, the seed and the measured quality.
"""

import sys
import time

import torch
import torch.nn.functional as F

from gan_lessons import data, losses, metrics, networks, storage, training
from gan_lessons.studies import common

# The study long_run shows why the DCGAN stops here. The conditional GAN is stopped earlier: its
# classes grow purer and narrower with every step.
STEPS = {"dcgan": 6_000, "conditional": 4_000}


def augment(images):
    """Mirror half of the images, and shift each by up to 2 pixels each way; (B, 1, 28, 28) in [-1,
    1].
    """
    n = len(images)
    images = torch.where(torch.rand(n, 1, 1, 1) < 0.5, images.flip(3), images)
    padded = F.pad(images, (2, 2, 2, 2), value=-1.0)[:, 0]
    down, right = torch.randint(0, 5, (2, n))
    rows, columns = down[:, None] + torch.arange(28), right[:, None] + torch.arange(28)
    return padded[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]][:, None]


def train_classifier(epochs=25, batch=128, lr=3e-3):
    """Train the classifier on the bundled training images only; returns it in eval mode."""
    train = data.fashion_mnist("train")
    net = networks.Classifier().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), lr=lr, weight_decay=0.02, fused=True)
    steps = len(train) // batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, lr, total_steps=epochs * steps, pct_start=0.2
    )
    for epoch in range(epochs):
        for index in torch.randperm(len(train))[: steps * batch].split(batch):
            logits = net(augment(data.to_float(train.images[index])))
            loss = F.cross_entropy(logits, train.labels[index], label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        print(f"epoch {epoch + 1} of {epochs}: loss {loss.item():.3f}", flush=True)
    return net.to(memory_format=torch.contiguous_format).eval()


def classifier():
    net = train_classifier()
    test = data.fashion_mnist("test")
    right = metrics.in_pieces(net, test.images).argmax(1) == test.labels
    return net, {"test_accuracy": round(right.float().mean().item(), 4)}


def dcgan():
    gan = training.GAN(
        networks.DCGANGenerator(), networks.DCGANDiscriminator(), losses.DCGAN, z_dim=networks.Z_DIM
    )
    training.fit(gan, data.batches(data.fashion_mnist(), 32), STEPS["dcgan"])
    return gan.G_ema, {
        "frechet_distance_5000": round(metrics.fashion_distance(gan.sample(5000)), 2)
    }


def conditional():
    gan = training.GAN(
        networks.ConditionalGenerator(),
        networks.ConditionalDiscriminator(),
        losses.DCGAN,
        z_dim=networks.Z_DIM,
    )
    training.fit(gan, data.batches(data.fashion_mnist(), 32, labels=True), STEPS["conditional"])
    test = data.fashion_mnist("test")
    labels = test.labels
    images = gan.sample(len(labels), labels)
    real, fake = metrics.reference_features(), metrics.features(images)
    spread = metrics.within_class_spread(fake, labels) / metrics.within_class_spread(real, labels)
    return gan.G_ema, {
        "frechet_distance_5000": round(metrics.fashion_distance(images), 2),
        "class_accuracy": round(metrics.class_accuracy(images, labels), 3),
        "spread_of_real": round(spread.mean().item(), 3),
    }


if __name__ == "__main__":
    makers = {"classifier": classifier, "dcgan": dcgan, "conditional": conditional}
    if len(sys.argv) < 2 or sys.argv[1] not in makers:
        raise SystemExit(__doc__)
    name, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
    common.begin()
    torch.manual_seed(seed)
    start = time.perf_counter()
    module, quality = makers[name]()
    quality["seconds"] = round(time.perf_counter() - start)
    storage.save_weights(
        data.ASSETS / f"{name}.safetensors",
        module,
        seed=seed,
        **common.origin(),
        **quality,
    )
    print(name, quality)
