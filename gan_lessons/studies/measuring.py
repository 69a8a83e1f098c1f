"""Losses beside measured quality, for three kinds of run over five seeds.

    python -m gan_lessons.studies.measuring

The kinds are the course's DCGAN, the same with a discriminator that learns ten times more slowly,
and the MLP of lesson 02. At several steps: both losses (mean of 100 steps), and the measures of
lesson 05 on 2,000 samples against the 5,000 bundled test images. At the end of a run, the Fréchet
distance of five more draws, so that the spread between draws can be told from the spread between
seeds. Runs on one thread.
"""

import dataclasses
import time

import torch

from gan_lessons import data, losses, metrics, networks, training
from gan_lessons.studies import common

BATCH, SEEDS, SAMPLES, DRAWS = 32, range(5), 2000, 5
MARKS = (250, 500, 1000, 1500)
LATER = (3000, 6000)  # the MLP is fast enough to go on
KINDS = ("DCGAN", "DCGAN, slow D", "MLP")


def make(kind):
    """The GAN of one kind."""
    if kind == "MLP":
        G, D, recipe = (
            networks.ImageMLPGenerator(),
            networks.ImageMLPDiscriminator(),
            losses.VANILLA,
        )
    else:
        G, D, recipe = networks.DCGANGenerator(), networks.DCGANDiscriminator(), losses.DCGAN
    if kind == "DCGAN, slow D":
        recipe = dataclasses.replace(recipe, lr_d=recipe.lr_d / 10)
    return training.GAN(G, D, recipe, networks.Z_DIM)


def measure(images):
    """Distances, precision and recall of images to the test images."""
    real, fake = metrics.reference_features("test"), metrics.features(images)
    precision, recall = metrics.precision_recall(real, fake)
    return {
        "distance": round(metrics.frechet_distance(real, fake).item(), 2),
        "kernel": round(metrics.kernel_distance(real, fake).item(), 3),
        "precision": round(precision, 3),
        "recall": round(recall, 3),
    }


def run(kind, seed):
    """Train one kind with one seed; an entry for each mark, and the draws at the end."""
    torch.manual_seed(seed)
    gan, history = make(kind), training.History()
    batches = data.batches(data.fashion_mnist(), BATCH, seed=seed)
    rows, start = [], time.process_time()
    for mark in MARKS + (LATER if kind == "MLP" else ()):
        training.fit(gan, batches, mark - gan.steps, history=history, progress=False)
        row = {"step": mark}
        row |= {"d_loss": round(sum(history.d_loss[-100:]) / 100, 3)}
        row |= {"g_loss": round(sum(history.g_loss[-100:]) / 100, 3)}
        rows.append(row | measure(gan.sample(SAMPLES)))
        if mark == MARKS[-1]:
            draws = [measure(gan.sample(SAMPLES))["distance"] for _ in range(DRAWS)]
    seconds = round(time.process_time() - start)
    return {"kind": kind, "seed": seed, "cpu_seconds": seconds, "at": rows, "draws": draws}


def floor():
    """Five draws of real training images, measured like samples."""
    train = data.fashion_mnist("train").images
    torch.manual_seed(0)
    parts = torch.randperm(len(train))[: DRAWS * SAMPLES].view(DRAWS, SAMPLES)
    return [measure(train[part]) for part in parts]


if __name__ == "__main__":
    common.begin()
    torch.set_num_threads(1)
    result = {"batch": BATCH, "samples": SAMPLES, "steps": MARKS[-1], "real": floor(), "runs": []}
    print(result["real"], flush=True)
    for seed in SEEDS:
        for kind in KINDS:
            result["runs"].append(run(kind, seed))
            print(result["runs"][-1], flush=True)
        common.save("measuring", result)  # a seed is complete
