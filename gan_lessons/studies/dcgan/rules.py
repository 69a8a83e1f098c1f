"""What each rule of DCGAN buys on Fashion-MNIST: one change at a time, three seeds each.

    python -m gan_lessons.studies.dcgan.rules

Every variant is the package's DCGAN with one thing changed, trained for the same number of steps on
one thread (two runs side by side); four of them also go on to 6000 steps. Measured on 5,000
samples against the 5,000 bundled test images: the Fréchet distance, and the share of the power at
the finest frequency, where checkerboards live.
"""

import dataclasses
import multiprocessing
import time

import torch
from torch import nn

from gan_lessons import data, losses, metrics, networks, training
from gan_lessons.studies import common

STEPS, BATCH, Z_DIM, SEEDS = 1500, 32, networks.Z_DIM, range(3)


def default_init(network):
    """PyTorch's own initialisation in place of DCGAN's."""
    for module in network.modules():
        if hasattr(module, "reset_parameters"):
            module.reset_parameters()


def wide_init(network):
    """Ten times the rule's standard deviation: N(0, 0.2)."""
    for module in network.modules():
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, 0.2)


def without_batchnorm(net):
    """The layers without BatchNorm; those before it get the bias that it had made superfluous."""
    layers = [layer for layer in net if not isinstance(layer, nn.BatchNorm2d)]
    for layer in layers[:-2]:
        if isinstance(layer, nn.Linear | nn.ConvTranspose2d):
            n = layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels
            layer.bias = nn.Parameter(torch.zeros(n))
    return nn.Sequential(*layers)


def with_relu(net):
    """The layers with ReLU in place of LeakyReLU."""
    return nn.Sequential(
        *(nn.ReLU() if isinstance(layer, nn.LeakyReLU) else layer for layer in net)
    )


def with_batchnorm_in_d(D):
    """BatchNorm after the second convolution, as Radford et al. 2016 have it."""
    layers = list(D.features)
    after = max(i for i, layer in enumerate(layers) if isinstance(layer, nn.Conv2d))
    layers.insert(after + 1, nn.BatchNorm2d(layers[after].out_channels))
    D.features = nn.Sequential(*layers)


def without_hidden_layer(D):
    """The logit straight from the last feature maps, as Radford et al. 2016 have it."""
    layers = list(D.features)[:-2]
    D.features, D.out = nn.Sequential(*layers), nn.Linear(32 * 7 * 7, 1)
    networks.init_dcgan(D.out)


def with_kernel_5(net):
    """Transposed convolutions with kernel 5 and stride 2: the overlaps are uneven."""
    layers = list(net)
    for i, layer in enumerate(layers):
        if isinstance(layer, nn.ConvTranspose2d):
            layers[i] = nn.ConvTranspose2d(
                layer.in_channels,
                layer.out_channels,
                5,
                stride=2,
                padding=2,
                output_padding=1,
                bias=layer.bias is not None,
            )
            networks.init_dcgan(layers[i])
    return nn.Sequential(*layers)


def with_upsampling(net):
    """Each transposed convolution becomes "enlarge, then convolve" (Odena et al. 2016)."""
    layers = []
    for layer in net:
        if isinstance(layer, nn.ConvTranspose2d):
            bias = layer.bias is not None
            conv = nn.Conv2d(layer.in_channels, layer.out_channels, 3, padding=1, bias=bias)
            networks.init_dcgan(conv)
            layers += [nn.Upsample(scale_factor=2), conv]
        else:
            layers.append(layer)
    return nn.Sequential(*layers)


def make(variant):
    """G, D and recipe of a variant."""
    G, D, recipe = networks.DCGANGenerator(Z_DIM), networks.DCGANDiscriminator(), losses.DCGAN
    if variant in ("PyTorch's init", "none of the rules"):
        default_init(G)
        default_init(D)
    if variant in ("no BatchNorm in G", "none of the rules"):
        G.net = without_batchnorm(G.net)
    if variant in ("ReLU in D", "none of the rules"):
        D.features = with_relu(D.features)
    if variant in ("β₁ = 0.9", "none of the rules"):
        recipe = dataclasses.replace(recipe, betas=(0.9, recipe.betas[1]))
    if variant == "init N(0, 0.2)":
        wide_init(G)
        wide_init(D)
    elif variant == "β₁ = 0.5":
        recipe = dataclasses.replace(recipe, betas=(0.5, recipe.betas[1]))
    elif variant == "the paper's Adam":
        recipe = dataclasses.replace(recipe, lr_d=2e-4, lr_g=2e-4, betas=(0.5, 0.999))
    elif variant == "BatchNorm at G's output":
        G.net.insert(len(G.net) - 1, nn.BatchNorm2d(1))
    elif variant == "BatchNorm in D":
        with_batchnorm_in_d(D)
    elif variant == "no hidden layer in D":
        without_hidden_layer(D)
    elif variant == "equal learning rates":
        recipe = dataclasses.replace(recipe, lr_d=2e-3, lr_g=2e-3)
    elif variant == "kernel 5":
        G.net = with_kernel_5(G.net)
    elif variant == "upsample + conv":
        G.net = with_upsampling(G.net)
    elif variant == "MLP":
        G, D = networks.ImageMLPGenerator(Z_DIM), networks.ImageMLPDiscriminator()
        recipe = losses.VANILLA  # as in lesson 02
    return G, D, recipe


VARIANTS = (
    "DCGAN",
    "PyTorch's init",
    "init N(0, 0.2)",
    "no BatchNorm in G",
    "BatchNorm at G's output",
    "ReLU in D",
    "β₁ = 0.5",
    "β₁ = 0.9",
    "none of the rules",
    "BatchNorm in D",
    "no hidden layer in D",
    "equal learning rates",
    "the paper's Adam",
    "kernel 5",
    "upsample + conv",
    "MLP",
    "DCGAN, shuffled pixels",
    "DCGAN, 6000 steps",
    "BatchNorm in D, 6000 steps",
    "equal learning rates, 6000 steps",
    "the paper's Adam, 6000 steps",
    "MLP, 6000 steps",
)


def finest(images):
    """Share of the images' power (mean grey left out) that alternates from pixel to pixel."""
    power = torch.fft.fft2(images[:, 0]).abs().square().mean(0)  # (28, 28), index 14: period 2
    alternating = power[14].sum() + power[:, 14].sum() - power[14, 14]
    return (alternating / (power.sum() - power[0, 0])).item()


def run(task):
    """Train one variant with one seed and measure it."""
    variant, seed = task
    torch.manual_seed(seed)
    G, D, recipe = make(variant.removesuffix(", 6000 steps"))
    steps = 6000 if variant.endswith("6000 steps") else STEPS
    gan = training.GAN(G, D, recipe, Z_DIM)
    images = data.fashion_mnist().images
    order = torch.randperm(784, generator=torch.Generator().manual_seed(0))
    shuffled = variant.endswith("shuffled pixels")
    if shuffled:
        images = images.flatten(1)[:, order].view(-1, 1, 28, 28)
    start = time.process_time()
    history = training.fit(gan, data.batches(images, BATCH, seed=seed), steps, progress=False)
    seconds = time.process_time() - start
    samples = gan.sample(5000)
    if shuffled:  # back to their places: the measure must see clothes
        samples = samples.flatten(1)[:, order.argsort()].view(-1, 1, 28, 28)
    return {
        "variant": variant,
        "seed": seed,
        "distance": round(metrics.fashion_distance(samples), 2),
        "finest": round(finest(samples), 5),
        "cpu_seconds": round(seconds, 1),
        "parameters_G": sum(p.numel() for p in G.parameters()),
        "parameters_D": sum(p.numel() for p in D.parameters()),
        "d_loss": round(sum(history.d_loss[-100:]) / 100, 3),
        "g_loss": round(sum(history.g_loss[-100:]) / 100, 3),
        "stopped": history.stopped,
    }


def floor():
    """5,000 real training images, 500 of each class, measured like samples."""
    train, test = data.fashion_mnist("train"), data.fashion_mnist("test")
    chosen = torch.cat([(train.labels == c).nonzero()[:500, 0] for c in range(10)])
    images = data.to_float(train.images[chosen])
    return {
        "distance": round(metrics.fashion_distance(images), 2),
        "finest": round(finest(images), 5),
        "finest_test": round(finest(data.to_float(test.images)), 5),
    }


def one_thread():
    """Two processes with one thread each do more runs an hour than one with two."""
    common.begin()
    torch.set_num_threads(1)


if __name__ == "__main__":
    one_thread()
    result = {"steps": STEPS, "batch": BATCH, "samples": 5000, "real": floor(), "runs": []}
    print(result["real"])
    tasks = [(variant, seed) for seed in SEEDS for variant in VARIANTS]
    with multiprocessing.get_context("spawn").Pool(2, one_thread) as pool:
        for row in pool.imap(run, tasks):
            result["runs"].append(row)
            print(row, flush=True)
            if len(result["runs"]) % len(VARIANTS) == 0:  # a seed is complete
                common.save("dcgan_rules", result)
