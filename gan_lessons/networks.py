"""The networks of the course: MLPs for points and images, DCGAN, and the conditional pair.

Generators map noise (B, z_dim) to samples; discriminators map samples to logits (B, 1), never to
probabilities.
"""

import torch
from torch import nn

Z_DIM = 32  # numbers in a noise vector for images


class MLPGenerator(nn.Module):
    """Noise (B, z_dim) to points (B, out_dim), any real numbers."""

    def __init__(self, z_dim=2, out_dim=2, width=128):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(z_dim, width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Linear(width, out_dim),
        )

    def forward(self, z):
        return self.net(z)


class MLPDiscriminator(nn.Module):
    """Points (B, in_dim) to logits (B, 1)."""

    def __init__(self, in_dim=2, width=128):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(in_dim, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, 1),
        )

    def forward(self, x):
        return self.net(x)


class ImageMLPGenerator(nn.Module):
    """Noise (B, z_dim) to images (B, 1, 28, 28) in [-1, 1], without any idea of neighbouring
    pixels.
    """

    def __init__(self, z_dim=32, width=256):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(z_dim, width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Linear(width, 28 * 28),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.net(z).view(-1, 1, 28, 28)


class ImageMLPDiscriminator(nn.Module):
    """Images (B, 1, 28, 28) to logits (B, 1)."""

    def __init__(self, width=256):
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(),
            nn.Linear(28 * 28, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, 1),
        )

    def forward(self, images):
        return self.net(images)


def init_dcgan(module):
    """DCGAN's initialisation, for `network.apply`: weights from N(0, 0.02), BatchNorm's around 1
    (Radford et al. 2016).
    """
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


class DCGANGenerator(nn.Module):
    """Noise (B, z_dim) to images (B, 1, 28, 28) in [-1, 1], by transposed convolutions: 7 -> 14 ->
    28 pixels.
    """

    def __init__(self, z_dim=32, width=32):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(z_dim, 2 * width * 7 * 7, bias=False),
            nn.Unflatten(1, (2 * width, 7, 7)),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(
                2 * width, width, 4, stride=2, padding=1, bias=False
            ),  # (B, width, 14, 14)
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.ConvTranspose2d(width, 1, 4, stride=2, padding=1),  # (B, 1, 28, 28)
            nn.Tanh(),
        )
        self.apply(init_dcgan)

    def forward(self, z):
        return self.net(z)


class DCGANDiscriminator(nn.Module):
    """Images (B, 1, 28, 28) to logits (B, 1), by strided convolutions: 28 -> 14 -> 7 pixels, and a
    hidden layer of 128 features.

    Two things differ from Radford et al. 2016. There is a hidden layer, which is better in every
    run of lesson 03's table. And there is no BatchNorm, which would help a little in long
    runs, but would make the answer on one image depend on the others in its batch.
    """

    def __init__(self, width=16):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, width, 4, stride=2, padding=1),  # (B, width, 14, 14)
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),  # (B, 2 * width, 7, 7)
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(2 * width * 7 * 7, 128),
            nn.LeakyReLU(0.2),
        )
        self.out = nn.Linear(128, 1)
        self.apply(init_dcgan)

    def forward(self, images):
        return self.out(self.features(images))


class ConditionalGenerator(nn.Module):
    """Noise (B, z_dim) and labels (B,) to images (B, 1, 28, 28): DCGAN's generator on the noise and
    a one-hot label.
    """

    def __init__(self, z_dim=32, n_classes=10, width=32):
        super().__init__()
        self.n_classes = n_classes
        self.net = DCGANGenerator(z_dim + n_classes, width).net
        self.apply(init_dcgan)

    def forward(self, z, labels):
        one_hot = nn.functional.one_hot(labels, self.n_classes).to(z.dtype)
        return self.net(torch.cat([z, one_hot], dim=1))


class ConditionalDiscriminator(nn.Module):
    """Images and labels (B,) to logits (B, 1): "is it real?" plus "does it fit its label?" by
    projection.

    Miyato and Koyama 2018: logit = w . h + e(label) . h, with h the features of the image.
    """

    def __init__(self, n_classes=10, width=16):
        super().__init__()
        self.n_classes = n_classes
        base = DCGANDiscriminator(width)
        self.features, self.out = base.features, base.out
        self.embedding = nn.Embedding(n_classes, 128)
        nn.init.normal_(self.embedding.weight, 0.0, 0.02)

    def forward(self, images, labels):
        h = self.features(images)
        return self.out(h) + (self.embedding(labels) * h).sum(dim=1, keepdim=True)


class Classifier(nn.Module):
    """Fashion-MNIST classifier (B, 1, 28, 28) -> (B, 10); its 64 features measure how good
    generated images are.
    """

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            *self.block(1, 32),
            *self.block(32, 32),
            nn.MaxPool2d(2),
            *self.block(32, 64),
            *self.block(64, 64),
            nn.MaxPool2d(2),
            *self.block(64, 128),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(128 * 3 * 3, 64),
            nn.ReLU(),
        )
        self.head = nn.Linear(64, 10)

    @staticmethod
    def block(n_in, n_out):
        return nn.Conv2d(n_in, n_out, 3, padding=1, bias=False), nn.BatchNorm2d(n_out), nn.ReLU()

    def features(self, images):
        return self.body(images)

    def forward(self, images):
        return self.head(self.features(images))
