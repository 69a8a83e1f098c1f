"""The ring of 8 Gaussians over several seeds: modes covered, share of samples near a mode, seconds.

python -m gan_lessons.studies.vanilla_gan.ring
"""

import torch

from gan_lessons import data, losses, metrics, networks, training
from gan_lessons.studies import common

STEPS, BATCH, SEEDS = 3000, 256, range(5)


def run(seed, steps=STEPS):
    """Train the GAN of lesson 02 once and count modes on 5,000 samples."""
    torch.manual_seed(seed)
    mixture = data.ring()
    G, D = networks.MLPGenerator(z_dim=2), networks.MLPDiscriminator()
    gan = training.GAN(G, D, losses.VANILLA, z_dim=2)
    history = training.fit(gan, data.batches(mixture, BATCH, seed=seed), steps, progress=False)
    modes = metrics.modes_covered(gan.sample(5000), mixture)
    return {
        "seed": seed,
        "covered": modes.covered,
        "share": round(modes.share, 3),
        "seconds": round(history.seconds, 1),
        "d_loss": round(sum(history.d_loss[-100:]) / 100, 3),
        "g_loss": round(sum(history.g_loss[-100:]) / 100, 3),
    }


if __name__ == "__main__":
    common.begin()
    rows = []
    for seed in SEEDS:
        rows.append(run(seed))
        print(rows[-1])
    common.save("ring", {"steps": STEPS, "batch": BATCH, "runs": rows})
