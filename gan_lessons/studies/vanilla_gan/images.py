"""The MLP of lesson 02 on Fashion-MNIST over five seeds: what losses say, and what images say.

    python -m gan_lessons.studies.vanilla_gan.images

Fréchet distance of 5,000 samples to the 5,000 bundled test images at several steps, for the
averaged generator and for G itself at the same step.
"""

import torch

from gan_lessons import data, losses, metrics, networks, training
from gan_lessons.studies import common

MARKS, BATCH, SEEDS = (250, 1000, 2500, 5000), 64, range(5)


def run(seed):
    """Train once; one entry for each of MARKS."""
    torch.manual_seed(seed)
    G, D = networks.ImageMLPGenerator(), networks.ImageMLPDiscriminator()
    gan = training.GAN(G, D, losses.VANILLA, z_dim=networks.Z_DIM)
    batches, history = data.batches(data.fashion_mnist(), BATCH, seed=seed), training.History()
    rows = []
    for mark in MARKS:
        training.fit(gan, batches, mark - gan.steps, history=history, progress=False)
        z = gan.sample_z(5000)
        with torch.no_grad():
            plain, averaged = gan.G(z), gan.G_ema(z)
        rows.append(
            {
                "step": mark,
                "d_loss": round(sum(history.d_loss[-200:]) / 200, 3),
                "g_loss": round(sum(history.g_loss[-200:]) / 200, 3),
                "plain": round(metrics.fashion_distance(plain), 1),
                "averaged": round(metrics.fashion_distance(averaged), 1),
            }
        )
    return {"seed": seed, "seconds": round(history.seconds), "at": rows}


if __name__ == "__main__":
    common.begin()
    runs = []
    for seed in SEEDS:
        runs.append(run(seed))
        print(runs[-1], flush=True)
    common.save("mlp", {"batch": BATCH, "samples": 5000, "runs": runs})
