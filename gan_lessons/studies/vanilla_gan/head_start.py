"""The ring with and without a head start of D: is a loss of D near 0 the end of a run?

    python -m gan_lessons.studies.vanilla_gan.head_start

With a head start, D makes 500 steps alone before the usual 3,000 rounds. `spread` is the standard
deviation within the modes as a share of the real one.
"""

import torch

from gan_lessons import data, losses, metrics, networks, training
from gan_lessons.studies import common

ALONE, STEPS, BATCH, SEEDS = 500, 3000, 256, range(5)


def spread_in_modes(samples, mixture):
    """Mean over the modes of the samples' standard deviation near the mode, over the real one."""
    distance, nearest = torch.cdist(samples, mixture.means).min(dim=1)
    near = distance < 4 * mixture.std
    parts = [samples[near & (nearest == k)] for k in range(len(mixture.means))]
    spread = [part.std(dim=0).mean() for part in parts if len(part) > 2]
    return (torch.stack(spread).mean() / mixture.std).item()


def run(seed, alone):
    """Train once on the ring, after `alone` steps of D."""
    torch.manual_seed(seed)
    mixture = data.ring()
    G, D = networks.MLPGenerator(), networks.MLPDiscriminator()
    gan = training.GAN(G, D, losses.VANILLA, z_dim=2)
    batches = data.batches(mixture, BATCH, seed=seed)
    d_loss = [training.train_discriminator(gan, *next(batches)) for _ in range(alone)]
    history = training.fit(gan, batches, STEPS, progress=False)
    samples = gan.sample(5000)
    found = metrics.modes_covered(samples, mixture)
    return {
        "seed": seed,
        "alone": alone,
        "d_loss_before": round(d_loss[-1], 6) if d_loss else None,
        "g_loss_first": round(history.g_loss[0], 2),
        "d_loss": round(sum(history.d_loss[-200:]) / 200, 3),
        "g_loss": round(sum(history.g_loss[-200:]) / 200, 3),
        "covered": found.covered,
        "share": round(found.share, 3),
        "spread": round(spread_in_modes(samples, mixture), 2),
    }


if __name__ == "__main__":
    common.begin()
    rows = []
    for alone in (0, ALONE):
        for seed in SEEDS:
            rows.append(run(seed, alone))
            print(rows[-1], flush=True)
    common.save("head_start", {"steps": STEPS, "batch": BATCH, "runs": rows})
