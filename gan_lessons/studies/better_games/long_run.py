"""A long run: does the course's DCGAN go on getting better, and does R3GAN's game?

    python -m gan_lessons.studies.better_games.long_run

Fréchet distance of 5,000 samples to the 5,000 bundled test images at several steps. Both have the
same networks, learning rates and settings of Adam; runs on one thread, two side by side.
"""

import multiprocessing
import time

import torch

from gan_lessons import data, losses, metrics, networks, training
from gan_lessons.studies import common

MARKS, BATCH, SEEDS = (500, 1000, 2000, 4000, 8000, 12_000), 32, range(3)
ADAM = {key: getattr(losses.DCGAN, key) for key in ("lr_d", "lr_g", "betas")}
KINDS = {
    "DCGAN": lambda: losses.DCGAN,
    "R3GAN": lambda: losses.r3gan(**ADAM),
}


def run(task):
    """Train one kind with one seed; an entry for each of MARKS."""
    kind, seed = task
    torch.manual_seed(seed)
    G, D = networks.DCGANGenerator(), networks.DCGANDiscriminator()
    gan = training.GAN(G, D, KINDS[kind](), networks.Z_DIM)
    batches = data.batches(data.fashion_mnist(), BATCH, seed=seed)
    rows, spent = [], 0.0
    for mark in MARKS:
        start = time.process_time()
        history = training.fit(gan, batches, mark - gan.steps, progress=False)
        spent += time.process_time() - start
        last = {k: round(sum(getattr(history, k)[-100:]) / 100, 3) for k in ("d_loss", "g_loss")}
        distance = round(metrics.fashion_distance(gan.sample(5000)), 2)
        rows.append({"step": mark, "cpu_seconds": round(spent, 1), "distance": distance} | last)
    return {"kind": kind, "seed": seed, "at": rows}


def one_thread():
    common.begin()
    torch.set_num_threads(1)


if __name__ == "__main__":
    one_thread()
    tasks = [(kind, seed) for seed in SEEDS for kind in KINDS]
    runs = []
    with multiprocessing.get_context("spawn").Pool(2, one_thread) as pool:
        for row in pool.imap(run, tasks):
            runs.append(row)
            print(row, flush=True)
    common.save("long_run", {"batch": BATCH, "samples": 5000, "runs": runs})
