"""Can fakes be detected, and for how long? Five kinds of generator, two detectors, changes that a
platform makes to images, and measures of a detector.

Images are uint8 (N, 1, 28, 28) wherever a detector meets them. Real ones are whole grey levels, and
a generator's must be as well, or every detector finds nothing but the rounding.
"""

import copy
import io
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons import data, losses, metrics, networks, training

BATCH = 32
ADAM = {key: getattr(losses.DCGAN, key) for key in ("lr_d", "lr_g", "betas")}
STEPS = {"DCGAN": 800, "DCGAN, upsampling": 800, "R3GAN": 800, "MLP GAN": 3000, "VAE": 1500}
KINDS = tuple(STEPS)


class UpsamplingGenerator(nn.Module):
    """Noise (B, z_dim) to images (B, 1, 28, 28) in [-1, 1]: pixels are doubled, then convolved."""

    def __init__(self, z_dim=networks.Z_DIM, width=32):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(z_dim, 2 * width * 7 * 7, bias=False),
            nn.Unflatten(1, (2 * width, 7, 7)),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(2 * width, width, 3, padding=1, bias=False),  # (B, width, 14, 14)
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(width, 1, 3, padding=1),  # (B, 1, 28, 28)
            nn.Tanh(),
        )
        self.apply(networks.init_dcgan)

    def forward(self, z):
        return self.net(z)


class VAE(nn.Module):
    """A variational autoencoder with the DCGAN's generator as decoder (Kingma and Welling 2014)."""

    def __init__(self, z_dim=networks.Z_DIM):
        super().__init__()
        self.encoder = networks.DCGANDiscriminator().features
        self.mean, self.log_var = nn.Linear(128, z_dim), nn.Linear(128, z_dim)
        self.decoder = networks.DCGANGenerator(z_dim)

    def loss(self, images):
        h = self.encoder(images)
        mean, log_var = self.mean(h), self.log_var(h)
        z = mean + (log_var / 2).exp() * torch.randn_like(mean)
        error = 10 * (self.decoder(z) - images).square().sum(dim=(1, 2, 3))
        divergence = (mean.square() + log_var.exp() - 1 - log_var).sum(dim=1)
        return ((error + divergence) / 2).mean()


def generator(kind, seed, images, steps=None):
    """A generator of one of KINDS, trained on uint8 images (N, 1, 28, 28), in eval mode."""
    if kind not in KINDS:
        raise ValueError(f"The kinds are {', '.join(map(repr, KINDS))}; there is no {kind!r}.")
    torch.manual_seed(seed)
    steps, batches = steps or STEPS[kind], data.batches(images, BATCH, seed=seed)
    if kind == "VAE":
        vae = VAE().train()
        opt = torch.optim.Adam(vae.parameters(), 2e-3)
        for _ in range(steps):
            opt.zero_grad()
            vae.loss(next(batches)[0]).backward()
            opt.step()
        return vae.decoder.eval()
    G, D, recipe = networks.DCGANGenerator(), networks.DCGANDiscriminator(), losses.DCGAN
    if kind == "DCGAN, upsampling":
        G = UpsamplingGenerator()
    elif kind == "R3GAN":
        recipe = losses.r3gan(**ADAM)
    elif kind == "MLP GAN":
        G, D, recipe = (
            networks.ImageMLPGenerator(),
            networks.ImageMLPDiscriminator(),
            losses.VANILLA,
        )
    gan = training.GAN(G, D, recipe, networks.Z_DIM)
    training.fit(gan, batches, steps, progress=False)
    return gan.G_ema


@torch.no_grad()
def samples(G, n, seed):
    """`n` samples as whole grey levels, uint8 (n, 1, 28, 28)."""
    z = torch.randn(n, networks.Z_DIM, generator=torch.Generator().manual_seed(seed))
    return data.to_uint8(torch.cat([G(part) for part in z.split(500)]))


class Detector(nn.Module):
    """Images (B, 1, 28, 28) in [-1, 1] to logits (B, 1): above 0 says "fake"."""

    def __init__(self, width=16):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1),  # stride 1: traces are as small as a pixel
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),  # (B, 2 * width, 14, 14)
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1),  # (B, 4 * width, 7, 7)
            nn.LeakyReLU(0.2),
            nn.AdaptiveAvgPool2d(1),  # where a trace is does not matter
            nn.Flatten(),
            nn.Linear(4 * width, 1),
        )

    def forward(self, images):
        return self.net(images)


def train_detector(real, fake, seed, change=None, epochs=6):
    """A Detector trained on uint8 images of both kinds; `change` alters a batch of both."""
    torch.manual_seed(seed)
    D, images = Detector().train(), torch.cat([real, fake])
    labels = torch.cat([torch.zeros(len(real), 1), torch.ones(len(fake), 1)])
    opt = torch.optim.Adam(D.parameters(), 3e-3)
    for _ in range(epochs):
        for part in torch.randperm(len(images)).split(64):
            batch = images[part] if change is None else change(images[part])
            opt.zero_grad()
            F.binary_cross_entropy_with_logits(D(data.to_float(batch)), labels[part]).backward()
            opt.step()
    return D.eval()


def log_spectrum(images):
    """Logarithm of each image's power spectrum: uint8 (N, 1, 28, 28) to (N, 28, 28), 0 in the
    middle.
    """
    power = torch.fft.fft2(images[:, 0].double() / 255).abs().square()
    return torch.fft.fftshift((power + 1e-3).log(), dim=(1, 2))


def radial_spectrum(images):
    """Logarithm of the mean power on rings around frequency 0: uint8 (N, 1, 28, 28) to (15,).

    Ring k holds the frequencies (u, v) whose distance from 0 rounds to k, in waves per image.
    """
    power = torch.fft.fft2(images[:, 0].double() / 255).abs().square().mean(dim=0)
    f = torch.fft.fftfreq(28) * 28
    ring = (f[:, None].square() + f.square()).sqrt().round().long()
    return torch.stack([power[ring == k].mean() for k in range(15)]).log10()


def train_spectrum(real, fake, weight=1e-2):
    """Logistic regression on the log spectrum; returns a function of images to logits (N, 1)."""
    x = log_spectrum(torch.cat([real, fake])).flatten(1)
    y = torch.cat([torch.zeros(len(real)), torch.ones(len(fake))]).double()
    mean, std = x.mean(dim=0), x.std(dim=0)
    w = torch.zeros(x.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    opt, x = torch.optim.LBFGS([w], max_iter=100), (x - mean) / std

    def loss():
        opt.zero_grad()
        value = F.binary_cross_entropy_with_logits(x @ w[:-1] + w[-1], y)
        value = value + weight * w[:-1].square().sum()
        value.backward()
        return value

    opt.step(loss)
    w = w.detach()
    return lambda images: ((log_spectrum(images).flatten(1) - mean) / std @ w[:-1] + w[-1])[:, None]


def blurred(images):
    """Grey levels after a Gaussian blur of 0.8 pixels."""
    x = torch.arange(-2, 3)
    line = (-(x**2) / (2 * 0.8**2)).exp()
    weight = (line[:, None] * line / line.sum() ** 2)[None, None]
    padded = F.pad(images.float(), (2, 2, 2, 2), mode="replicate")
    return F.conv2d(padded, weight).round().to(torch.uint8)


def noisy(images):
    """Grey levels plus noise with a standard deviation of 8 levels."""
    return (images + 8 * torch.randn(images.shape)).round().clamp(0, 255).to(torch.uint8)


def coarse(images):
    """16 grey levels in place of 256."""
    return (images.float() / 17).round().mul(17).to(torch.uint8)


def jpeg(images, quality=75):
    """Grey levels after saving as JPEG and loading again."""
    from PIL import Image

    found = []
    for image in images[:, 0].numpy():
        file = io.BytesIO()
        Image.fromarray(image).save(file, format="jpeg", quality=quality)
        found.append(np.asarray(Image.open(file)))
    return torch.from_numpy(np.stack(found))[:, None]


CHANGES = {"blur": blurred, "noise": noisy, "16 grey levels": coarse, "JPEG": jpeg}


def sometimes(images):
    """Half of all batches as they are, the others blurred, noisy or coarse; JPEG never."""
    return ((lambda x: x,) * 3 + (blurred, noisy, coarse))[torch.randint(6, ())](images)


@torch.no_grad()
def scores(detect, images):
    """A detector's logits (N,) for uint8 images, float64."""
    if isinstance(detect, nn.Module):
        found = torch.cat([detect(data.to_float(part)) for part in images.split(500)])
    else:
        found = detect(images)
    return found.flatten().double()


def auc(real, fake):
    """Chance that a fake scores above a real image; ties count half."""
    order = real.sort().values
    below = torch.searchsorted(order, fake) + torch.searchsorted(order, fake, right=True)
    return (below.double().mean() / (2 * len(real))).item()


def calibration_error(p, labels, bins=10):
    """Expected calibration error: how far the stated chances p of "fake" are from the true shares,
    over bins of equal width (Guo et al. 2017).
    """
    which, error = (p * bins).long().clamp(max=bins - 1), 0.0
    for b in which.unique():
        inside = which == b
        gap = (p[inside].mean() - labels[inside].double().mean()).abs()
        error += inside.double().mean() * gap
    return float(error)


def alarm_precision(base_rate, recall, false_alarm_rate):
    """Chance that an alarm is right, by Bayes' formula; 0 where there are no alarms."""
    right, wrong = base_rate * recall, (1 - base_rate) * false_alarm_rate
    return right / (right + wrong) if right + wrong > 0 else 0.0


def evade(detect, G, steps=100):
    """A copy of G, trained until its images pass a detector while they stay nearly the same."""
    changed = copy.deepcopy(G).requires_grad_(True).eval()
    opt = torch.optim.Adam(changed.parameters(), 2e-4)
    for _ in range(steps):
        z = torch.randn(BATCH, networks.Z_DIM)
        with torch.no_grad():
            before = G(z)
        after = changed(z)
        loss = F.softplus(detect(after)).mean() + 10 * (after - before).square().mean()
        opt.zero_grad()
        loss.backward(inputs=list(changed.parameters()))
        opt.step()
    return changed.requires_grad_(False)


def crossed(matrix, level=0.95):
    """Mean of a table (detectors, generators), with an interval for other detectors and other
    generators; nan entries are left out.

    The spread of the row means and that of the column means are added, so the interval is rather
    too wide than too narrow.
    """
    from scipy.stats import t

    table = torch.as_tensor(matrix, dtype=torch.float64)
    parts = [table.nanmean(dim=dim) for dim in (0, 1)]
    error = math.sqrt(sum(float(part.var()) / len(part) for part in parts))
    reach = float(t.ppf((1 + level) / 2, min(table.shape) - 1)) * error
    mean = float(table.nanmean())
    return metrics.Interval(mean, mean - reach, mean + reach)


def strangers(square):
    """A table (n, n) without the pairs of a detector and the generator that it has met."""
    return square.masked_fill(torch.eye(len(square), dtype=torch.bool), float("nan"))
