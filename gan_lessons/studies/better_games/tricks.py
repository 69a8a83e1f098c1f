"""Ideas for a faster DCGAN that its recipe does without: one at a time, by CPU time, three seeds.

    python -m gan_lessons.studies.better_games.tricks

Every run is the package's DCGAN with one thing added or changed, and is measured after the same CPU
times (compiling included, measuring left out): Fréchet distance of 5,000 samples to the 5,000
bundled test images. Runs on one thread, two side by side.
"""

import dataclasses
import multiprocessing
import os

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_lessons import data, losses, metrics, networks, training
from gan_lessons.studies import common
from gan_lessons.studies.dcgan import rules

MARKS, BATCH, SEEDS, BLOCK = (10, 20, 40), 32, range(3), 25


class Before(nn.Module):
    """A discriminator that sees its images after some change of them."""

    def __init__(self, change, D):
        super().__init__()
        self.change, self.D = change, D

    def forward(self, images):
        return self.D(self.change(images))


class BatchSpread(nn.Module):
    """Adds to the features (B, n) how much they vary in the batch (Karras et al. 2018)."""

    def forward(self, h):
        spread = h.std(dim=0, correction=0).mean()
        return torch.cat([h, spread.expand(len(h), 1)], dim=1)


class NowAndThen:
    """A penalty at every fourth step only, with four times its weight (Karras et al. 2020)."""

    def __init__(self, penalty):
        self.penalty, self.steps = penalty, 0

    def __call__(self, D, real, fake):
        self.steps += 1
        return 0.0 if self.steps % 4 else 4 * self.penalty(D, real, fake)


def shifted(images):
    """Each image moved by up to 2 pixels each way; a gradient passes (Zhao et al. 2020)."""
    padded, n = F.pad(images, (2, 2, 2, 2), value=-1.0)[:, 0], len(images)
    down, right = torch.randint(0, 5, (2, n))
    rows, columns = down[:, None] + torch.arange(28), right[:, None] + torch.arange(28)
    return padded[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]][:, None]


def noisy(images):
    """Images with noise of standard deviation 0.1 (Sønderby et al. 2017)."""
    return images + 0.1 * torch.randn_like(images)


def smoothed_loss(real_logits, fake_logits):
    """D's loss with 0.9 as the real label (Salimans et al. 2016)."""
    real = 0.9 * F.softplus(-real_logits) + 0.1 * F.softplus(real_logits)
    return real.mean() + F.softplus(fake_logits).mean()


def make(trick):
    """The GAN of a trick, and its batch size."""
    G, D, batch = networks.DCGANGenerator(), networks.DCGANDiscriminator(), BATCH
    settings = {}
    if trick == "half the learning rates":
        settings = {"lr_d": losses.DCGAN.lr_d / 2, "lr_g": losses.DCGAN.lr_g / 2}
    elif trick == "twice the learning rates":
        settings = {"lr_d": losses.DCGAN.lr_d * 2, "lr_g": losses.DCGAN.lr_g * 2}
    elif trick == "batch 64":
        batch = 64
    elif trick == "twice the width of G":
        G = networks.DCGANGenerator(width=64)
    elif trick == "twice the width of D":
        D = networks.DCGANDiscriminator(width=32)
    elif trick == "BatchNorm in D":
        rules.with_batchnorm_in_d(D)
    elif trick == "spread of the batch":
        D.features.append(BatchSpread())
        D.out = nn.Linear(129, 1)
        networks.init_dcgan(D.out)
    elif trick == "spectral norm, hinge":
        for module in D.modules():
            if isinstance(module, nn.Linear | nn.Conv2d):
                spectral_norm(module)
        settings = {
            "discriminator_loss": losses.hinge_discriminator_loss,
            "generator_loss": losses.critic_generator_loss,
        }
    elif trick == "R1":
        settings = {"penalty": losses.r1_penalty}
    elif trick == "R1 every 4th step":
        settings = {"penalty": NowAndThen(losses.r1_penalty)}
    elif trick == "label smoothing":
        settings = {"discriminator_loss": smoothed_loss}
    elif trick == "D sees shifted images":
        D = Before(shifted, D)
    elif trick == "D sees noisy images":
        D = Before(noisy, D)
    elif trick == "no averaged generator":
        settings = {"ema": 0.0}
    elif trick == "channels last":
        G, D = (net.to(memory_format=torch.channels_last) for net in (G, D))
    elif trick == "compiled":
        G.compile()
        D.compile()
    gan = training.GAN(G, D, dataclasses.replace(losses.DCGAN, **settings), networks.Z_DIM)
    if trick == "Adam not fused":
        for optimiser in (gan.opt_G, gan.opt_D):
            optimiser.param_groups[0]["fused"] = False
    return gan, batch


TRICKS = (
    "DCGAN",
    "half the learning rates",
    "twice the learning rates",
    "falling learning rates",
    "batch 64",
    "twice the width of G",
    "twice the width of D",
    "BatchNorm in D",
    "spread of the batch",
    "spectral norm, hinge",
    "R1",
    "R1 every 4th step",
    "label smoothing",
    "D sees shifted images",
    "D sees noisy images",
    "no averaged generator",
    "channels last",
    "Adam not fused",
    "compiled",
)


def clock():
    """CPU seconds of this process and of those that it has started, the compiler's for example."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def run(task):
    """Train once; steps and distance at each of MARKS."""
    trick, seed = task
    torch.manual_seed(seed)
    gan, batch = make(trick)
    batches = data.batches(data.fashion_mnist(), batch, seed=seed)
    spent, found = 0.0, []
    for mark in MARKS:
        while spent < mark:
            if trick == "falling learning rates":  # in a straight line, to 0 at the last mark
                for optimiser, rate in ((gan.opt_G, 4e-3), (gan.opt_D, 1e-3)):
                    optimiser.param_groups[0]["lr"] = rate * (1 - spent / MARKS[-1])
            start = clock()
            training.fit(gan, batches, BLOCK, progress=False)
            spent += clock() - start
        distance = round(metrics.fashion_distance(gan.sample(5000)), 2)
        found.append({"cpu_seconds": mark, "step": gan.steps, "distance": distance})
    return {"trick": trick, "seed": seed, "at": found}


def one_thread():
    common.begin()
    torch.set_num_threads(1)


if __name__ == "__main__":
    one_thread()
    runs = []
    with multiprocessing.get_context("spawn").Pool(2, one_thread) as pool:
        for row in pool.imap(run, [(trick, seed) for seed in SEEDS for trick in TRICKS]):
            runs.append(row)
            print(row, flush=True)
            if len(runs) % len(TRICKS) == 0:  # a seed is complete
                common.save("tricks", {"batch": BATCH, "samples": 5000, "runs": runs})
