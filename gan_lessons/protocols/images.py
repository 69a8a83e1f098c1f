"""Do made images help a classifier with little data? A small conditional GAN and its rivals.

Every arm starts from the same few labelled images, float32 (N, 1, size, size) in [-1, 1], and is
judged by two classifiers on test images that no arm has seen.
"""

import dataclasses

import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons import losses, training

MADE, STEPS, Z_DIM = 100, 1000, 16  # made images of each class; steps and noise of the GAN
ARMS = ("real", "classical", "interpolation", "GAN added", "GAN alone", "classical + GAN")
RECIPE = dataclasses.replace(losses.DCGAN, ema=0.99)  # a short run: a short memory


class SmallGenerator(nn.Module):
    """Noise (B, z_dim) and labels (B,) to images (B, 1, size, size) in [-1, 1]; size is even."""

    def __init__(self, size, z_dim=Z_DIM, n_classes=10, width=16):
        super().__init__()
        self.n_classes, half = n_classes, size // 2
        self.net = nn.Sequential(
            nn.Linear(z_dim + n_classes, 2 * width * half * half, bias=False),
            nn.Unflatten(1, (2 * width, half, half)),
            *(nn.BatchNorm2d(2 * width), nn.ReLU()),
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1, bias=False),
            *(nn.BatchNorm2d(width), nn.ReLU()),
            *(nn.Conv2d(width, 1, 3, padding=1), nn.Tanh()),
        )

    def forward(self, z, labels):
        return self.net(torch.cat([z, F.one_hot(labels, self.n_classes).to(z.dtype)], dim=1))


class SmallDiscriminator(nn.Module):
    """Images (B, 1, size, size) and labels (B,) to logits (B, 1), by projection (lesson 04)."""

    def __init__(self, size, n_classes=10, width=16):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(2 * width * (size // 2) ** 2, 64),
            nn.LeakyReLU(0.2),
        )
        self.out, self.embedding = nn.Linear(64, 1), nn.Embedding(n_classes, 64)
        nn.init.normal_(self.embedding.weight, 0.0, 0.02)

    def forward(self, images, labels):
        h = self.features(images)
        return self.out(h) + (self.embedding(labels) * h).sum(dim=1, keepdim=True)


def shift(images, reach=1):
    """Each image (B, 1, H, W) moved by up to `reach` pixels each way; a gradient passes."""
    n, _, height, width = images.shape
    padded = F.pad(images, (reach, reach, reach, reach), value=-1.0)[:, 0]
    down, right = torch.randint(0, 2 * reach + 1, (2, n, 1, 1))
    rows, columns = down + torch.arange(height)[:, None], right + torch.arange(width)
    return padded[torch.arange(n)[:, None, None], rows, columns][:, None]


def classical(images, labels, n, flips):
    """`n` shifted copies of each class's images, half of them mirrored where `flips` is true."""
    index = torch.cat([pick(torch.where(labels == k)[0], n) for k in labels.unique()])
    made = shift(images[index])
    mirror = (torch.rand(len(made), 1, 1, 1) < 0.5) & torch.tensor(flips)
    return torch.where(mirror, made.flip(3), made), labels[index]


def pick(items, n):
    """`n` of the items, with replacement."""
    return items[torch.randint(len(items), (n,))]


class Augmented(nn.Module):
    """A discriminator that sees real images and fakes only after a random change of them."""

    def __init__(self, D, change=shift):
        super().__init__()
        self.D, self.change = D, change

    def forward(self, images, labels):
        return self.D(self.change(images), labels)


def interpolate(images, labels, n):
    """`n` new images of each class, between two real ones of it (Chawla et al. 2002)."""
    made = []
    for k in labels.unique():
        own = images[labels == k]
        first = torch.randint(len(own), (n,))
        distance = torch.cdist(own.flatten(1), own.flatten(1)).fill_diagonal_(torch.inf)
        near = distance.argsort(dim=1)[:, : min(5, len(own) - 1)]  # SMOTE's five neighbours
        second = near[first, torch.randint(near.shape[1], (n,))]
        made.append(own[first] + torch.rand(n, 1, 1, 1) * (own[second] - own[first]))
    return torch.cat(made), labels.unique().repeat_interleave(n)


def make_gan(size, augmented=True, n_classes=10):
    """A conditional GAN for images of an even size; D sees them shifted where `augmented`."""
    if size % 2:
        raise ValueError(f"This small GAN makes images of an even size, not of {size} pixels.")
    G, D = SmallGenerator(size, n_classes=n_classes), SmallDiscriminator(size, n_classes)
    return training.GAN(G, Augmented(D) if augmented else D, RECIPE, Z_DIM)


def batches_of(images, labels, size=32):
    """Endless batches of a few labelled images."""
    while True:
        index = torch.randint(len(images), (size,))
        yield images[index], labels[index]


def each_class(n, n_classes=10):
    """Labels (n * n_classes,): `n` of each class."""
    return torch.arange(n_classes).repeat_interleave(n)


def weak(images, labels, weights, test):
    """Logistic regression of the pixels; returns its classes for test images."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=1000, tol=1e-3)
    # in all, the weight of 200 images: else an arm with more images would be regularised less
    weights = (200 * weights / weights.sum()).numpy()
    model.fit((images.flatten(1).numpy() + 1) / 2, labels.numpy(), sample_weight=weights)
    return torch.from_numpy(model.predict((test.flatten(1).numpy() + 1) / 2))


def strong(images, labels, weights, test, steps=200):
    """A small convolutional network: 200 steps with 32 images of each part of the training set."""
    half = images.shape[-1] // 2
    net = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.Flatten()),
        *(nn.Dropout(0.5), nn.Linear(32 * half * half, int(labels.max()) + 1)),
    )
    opt = torch.optim.Adam(net.parameters(), 2e-3, fused=True)
    batch = 32 * round(weights.sum().item())
    for _ in range(steps):
        index = torch.multinomial(weights, batch, replacement=True)
        loss = F.cross_entropy(net(images[index]), labels[index])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        return torch.cat([net.eval()(part) for part in test.split(500)]).argmax(dim=1)


CLASSIFIERS = {"weak": weak, "strong": strong}


def together(*parts):
    """Parts (images, labels) as one training set, each part with weights of sum 1."""
    images, labels = (torch.cat(column) for column in zip(*parts, strict=True))
    weights = [torch.full((len(part[1]),), 1 / len(part[1])) for part in parts]
    return images, labels, torch.cat(weights)


def training_sets(real, fake, flips):
    """The training set of each arm: images, labels and weights."""
    moved, between = classical(*real, MADE, flips), interpolate(*real, MADE)
    return {
        "real": together(real),
        "classical": together(real, moved),
        "interpolation": together(real, between),
        "GAN added": together(real, fake),
        "GAN alone": together(fake),
        "classical + GAN": together(real, moved, fake),
    }


def accuracies(real, fake, test, flips, seed, classifiers=CLASSIFIERS):
    """Accuracy of each classifier after each arm, on test images that no arm has seen."""
    sets = training_sets(real, fake, flips)
    found = {}
    for name, classifier in classifiers.items():
        found[name] = {}
        for arm, (images, labels, weights) in sets.items():
            torch.manual_seed(seed)  # the same start of the network in every arm
            right = classifier(images, labels, weights, test[0]) == test[1]
            found[name][arm] = round(right.float().mean().item(), 4)
    return found


def compare(real, test, flips, seed, classifiers=CLASSIFIERS, steps=STEPS):
    """Train the GAN on a few real images, then each classifier after each arm: their accuracies.

    `real` and `test` are pairs (images, labels), the labels 0, 1, … without a gap, `real` with
    equally many images of each class, two or more.
    """
    counts = real[1].bincount()
    n_classes = len(counts)
    if counts.min() != counts.max() or counts[0] < 2:
        raise ValueError(f"Each class needs equally many images, at least two: {counts.tolist()}.")
    torch.manual_seed(1000 * seed + len(real[1]) // n_classes)
    gan = make_gan(real[0].shape[-1], n_classes=n_classes)
    training.fit(gan, batches_of(*real), steps, progress=False)
    asked = each_class(MADE, n_classes)
    fake = gan.sample(len(asked), asked), asked
    return accuracies(real, fake, test, flips, seed, classifiers)
