"""The ward of lesson 06: twelve GANs on the ring, each with one disease that one change cures.

A `Case` says all that a run depends on, a `Patient` is a sick case and its treatment. Lesson, study
and exercise take them from here.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch
from torch import nn

from gan_lessons import data, look, losses, metrics, networks, training


def two_steps(gan, real, *labels):
    """A step of D, then a step of G, as `training.fit` has them; returns both losses."""
    d_loss = training.train_discriminator(gan, real, *labels)
    return d_loss, training.train_generator(gan, len(real), *labels)


def missing_detach(gan, real):
    """Both losses in one backward, on fakes that are not detached."""
    fake_logits = gan.D(gan.G(gan.sample_z(len(real))))
    d_loss = gan.recipe.discriminator_loss(gan.D(real), fake_logits)
    g_loss = gan.recipe.generator_loss(fake_logits)
    gan.opt_D.zero_grad()
    gan.opt_G.zero_grad()
    (d_loss + g_loss).backward()
    gan.opt_D.step()
    gan.opt_G.step()
    gan.update_average()
    return d_loss.item(), g_loss.item()


def detached_twice(gan, real):
    """The same detached fakes for both players."""
    fake = gan.G(gan.sample_z(len(real))).detach()
    d_loss = gan.recipe.discriminator_loss(gan.D(real), gan.D(fake))
    gan.opt_D.zero_grad()
    d_loss.backward()
    gan.opt_D.step()
    g_loss = gan.recipe.generator_loss(gan.D(fake))
    gan.opt_G.zero_grad()
    g_loss.backward()
    gan.opt_G.step()
    gan.update_average()
    return d_loss.item(), g_loss.item()


def mixed_batch(gan, real):
    """D judges real samples and fakes in one batch when it learns, and fakes alone when G does."""
    with torch.no_grad():
        fake = gan.G(gan.sample_z(len(real)))
    real_logits, fake_logits = gan.D(torch.cat([real, fake])).chunk(2)
    d_loss = gan.recipe.discriminator_loss(real_logits, fake_logits)
    gan.opt_D.zero_grad()
    d_loss.backward()
    gan.opt_D.step()
    return d_loss.item(), training.train_generator(gan, len(real))


@torch.no_grad()
def sample_in_train_mode(gan, n):
    """Samples, four at a time, of a generator whose BatchNorm is left in train mode."""
    G = copy.deepcopy(gan.G_ema).train()  # a copy: train mode changes the running statistics
    return torch.cat([G(z) for z in gan.sample_z(n).split(4)])


def with_batchnorm(network):
    """An MLP with BatchNorm after each hidden layer."""
    layers = []
    for layer in network.net:
        layers.append(layer)
        if isinstance(layer, nn.Linear) and layer is not network.net[-1]:
            layers.append(nn.BatchNorm1d(layer.out_features))
    network.net = nn.Sequential(*layers)
    return network


class Labelled(nn.Module):
    """A network that gets a one-hot label beside its input; blind when `sees` is False."""

    def __init__(self, net, sees=True, n_classes=8):
        super().__init__()
        self.net, self.sees, self.n_classes = net, sees, n_classes

    def forward(self, x, labels):
        one_hot = nn.functional.one_hot(labels, self.n_classes).to(x.dtype)
        return self.net(torch.cat([x, one_hot * self.sees], dim=1))


def small_g(z_dim):
    return networks.MLPGenerator(z_dim, width=8)


def small_d():
    return networks.MLPDiscriminator(width=2)


def g_with_tanh(z_dim):
    G = networks.MLPGenerator(z_dim)
    G.net.append(nn.Tanh())
    return G


def g_with_batchnorm(z_dim):
    return with_batchnorm(networks.MLPGenerator(z_dim))


def d_with_batchnorm():
    D = networks.MLPDiscriminator()
    D.net.insert(1, nn.BatchNorm1d(128))
    return D


def labelled_g(z_dim):
    return Labelled(networks.MLPGenerator(z_dim + 8))


def labelled_d(sees=True):
    return Labelled(networks.MLPDiscriminator(in_dim=10), sees)


def blind_d():
    return labelled_d(sees=False)


@dataclass(frozen=True)
class Case:
    """All that a run depends on, but its seed."""

    G: Callable = networks.MLPGenerator  # (z_dim) -> module
    D: Callable = networks.MLPDiscriminator  # () -> module
    recipe: losses.Recipe = losses.VANILLA
    z_dim: int = 2
    step: Callable = two_steps  # (gan, real, *labels) -> both losses
    sample: Callable = training.GAN.sample  # (gan, n, *labels) -> (n, 2)
    mixture: data.Mixture = field(default_factory=data.ring)
    labels: bool = False  # whether batches carry the number of the mode
    head_start: int = 0  # steps that D makes alone, before the run begins
    steps: int = 800
    batch: int = 128


def run(case, seed):
    """Train a case once; returns the GAN and its `training.History`."""
    torch.manual_seed(seed)
    gan = training.GAN(case.G(case.z_dim), case.D(), case.recipe, case.z_dim)
    batches = data.batches(case.mixture, case.batch, labels=case.labels, seed=seed)
    for _ in range(case.head_start):
        training.train_discriminator(gan, *next(batches))
    history = training.History()
    for step in range(case.steps):
        seen = look.Look(gan) if step % look.EVERY == 0 else None
        real, *labels = next(batches)
        d_loss, g_loss = case.step(gan, real, *labels)
        history.d_loss.append(d_loss)
        history.g_loss.append(g_loss)
        if seen:
            seen.note(history, step, real)
    return gan, history


def samples(case, gan, n=2000):
    """`n` samples as the case draws them, and the labels they were asked for (None without)."""
    labels = torch.arange(n) % len(case.mixture.means) if case.labels else None
    return case.sample(gan, n, *([labels] if case.labels else [])), labels


def measure(case, gan, n=2000):
    """What the samples are worth.

    Returns
    -------
    dict
        `modes` covered; `near`, the share of samples near a mode; `recall`, with 1,000 samples;
        `right`, the share near the mode that was asked for, where labels are.
    """
    fake, labels = samples(case, gan, n)
    modes = metrics.modes_covered(fake, case.mixture)
    real = case.mixture.sample(1000, torch.Generator().manual_seed(0))[0]
    recall = metrics.precision_recall(real, fake[:1000])[1]
    found = {"modes": modes.covered, "near": round(modes.share, 3), "recall": round(recall, 3)}
    if case.labels:
        distance, nearest = torch.cdist(fake, case.mixture.means).min(dim=1)
        right = (nearest == labels) & (distance < 4 * case.mixture.std)
        found["right"] = round(right.float().mean().item(), 3)
    return found


def is_ill(found):
    """The verdict of the metric: fewer than 7 of 8 modes, than half of the samples near one, than
    half of the labels right, or a recall below 0.25.
    """
    return (
        found["modes"] < 7
        or found["near"] < 0.5
        or found["recall"] < 0.25
        or found.get("right", 1) < 0.5
    )


@dataclass(frozen=True)
class Patient:
    """A sick case, and the change of it that cures."""

    sick: Case
    change: dict
    cure: str

    @property
    def cured(self):
        return replace(self.sick, **self.change)


def vanilla(**settings):
    """The recipe of lesson 02, with changes."""
    return replace(losses.VANILLA, **settings)


def patient(cure, change, **sick):
    """A patient from the settings that make it sick, and the one change that cures it, in words."""
    return Patient(Case(**sick), change, cure)


VANILLA = {"recipe": losses.VANILLA}
PATIENTS = {
    "fast G": patient("lr_g=1e-3 in place of 1e-2", VANILLA, recipe=vanilla(lr_g=1e-2)),
    "small G": patient("width 128 in place of 8", {"G": networks.MLPGenerator}, G=small_g),
    "momentum": patient(
        "betas=(0.5, 0.99) in place of Adam's own (0.9, 0.999)",
        VANILLA,
        recipe=vanilla(betas=(0.9, 0.999)),
    ),
    "slow G": patient("lr_g=1e-3 in place of 1e-5", VANILLA, recipe=vanilla(lr_g=1e-5)),
    "small D": patient("width 128 in place of 2", {"D": networks.MLPDiscriminator}, D=small_d),
    "wrong range": patient(
        "data scaled into -1 … 1",
        {"mixture": data.ring(radius=0.8, std=0.04)},
        G=g_with_tanh,
        mixture=data.ring(radius=3.0, std=0.15),
    ),
    "missing detach": patient(
        "two backward passes, the first one on detached fakes",
        {"step": two_steps},
        step=missing_detach,
    ),
    "detached twice": patient(
        "fakes with a graph in G's half", {"step": two_steps}, step=detached_twice
    ),
    "mixed batch": patient(
        "D without BatchNorm",
        {"D": networks.MLPDiscriminator},
        D=d_with_batchnorm,
        step=mixed_batch,
    ),
    "train mode": patient(
        "samples drawn in eval mode",
        {"sample": training.GAN.sample},
        G=g_with_batchnorm,
        sample=sample_in_train_mode,
    ),
    "blind D": patient("D sees the label", {"D": labelled_d}, G=labelled_g, D=blind_d, labels=True),
    "thin noise": patient("two numbers of noise in place of one", {"z_dim": 2}, z_dim=1),
}


def summary(rows):
    """What several runs are worth, in one line: the range of each number."""

    def span(key, text):
        low, high = min(r[key] for r in rows), max(r[key] for r in rows)
        ends = dict.fromkeys((text.format(low), text.format(high)))
        return " … ".join(ends)

    said = f"{span('modes', '{}')} of 8 modes, {span('near', '{:.0%}')} near one, "
    said += f"recall {span('recall', '{:.2f}')}"
    return said + (f", right {span('right', '{:.0%}')}" if "right" in rows[0] else "")
