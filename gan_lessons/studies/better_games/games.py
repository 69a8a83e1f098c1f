"""Five games, three learning rates, five seeds: on the ring and on images.

    python -m gan_lessons.studies.better_games.games

The networks and the loop are the same for all. Both players have the same learning rate, so that
no game has a ratio that was tuned for it. The penalties' weights are those of the package's
recipes, but for one: on the ring WGAN-GP has 0.1 in place of 10, with which it covered no mode in
a trial, because the narrow modes of the ring need steep slopes. WGAN-GP and hinge have other
settings of Adam than the rest; a sixth row has these settings and the standard game.

On the ring every run makes the same number of steps of G. On images every run is measured twice:
after the same number of steps of G, and after the same CPU time (measuring left out). Runs have one
thread each, two side by side. `--part` and `--game` make a part of the table
and keep the rest.
"""

import argparse
import dataclasses
import multiprocessing
import time

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_lessons import data, losses, metrics, networks, storage, training
from gan_lessons.studies import common

GAMES = ("standard", "WGAN-GP", "hinge + SN", "R1", "R3GAN")
CONTROL = "standard, β 0/0.9"  # the optimiser's settings of WGAN-GP and hinge, in the old game
RATES, SEEDS = (2.5e-4, 1e-3, 4e-3), range(5)
RING_STEPS, RING_BATCH = 1000, 128
IMAGE_STEPS, IMAGE_BATCH, CPU_SECONDS, SAMPLES = 200, 32, 10, 2000


def normalise(D):
    """Put spectral normalisation on every layer of D that has a matrix; returns D."""
    for module in D.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            spectral_norm(module)
    return D


def small_gradient_penalty(D, real, fake):
    """WGAN-GP's penalty for the ring."""
    return 0.1 * losses.gradient_penalty(D, real, fake)


def recipe(game, rate, images):
    """The recipe of a game, with the same learning rate for both players."""
    named = {
        "standard": losses.Recipe(),
        CONTROL: losses.Recipe(betas=losses.HINGE.betas),
        "WGAN-GP": losses.WGAN_GP,
        "hinge + SN": losses.HINGE,
        "R1": losses.R1,
        "R3GAN": losses.r3gan(),
    }
    chosen = dataclasses.replace(named[game], lr_d=rate, lr_g=rate)
    if game == "WGAN-GP" and not images:
        chosen = dataclasses.replace(chosen, penalty=small_gradient_penalty)
    return chosen


def make(game, rate, images):
    """The GAN of a game, for images or for points."""
    if images:
        G, D = networks.DCGANGenerator(), networks.DCGANDiscriminator()
    else:
        G, D = networks.MLPGenerator(z_dim=2), networks.MLPDiscriminator()
    D = normalise(D) if game == "hinge + SN" else D
    return training.GAN(G, D, recipe(game, rate, images), networks.Z_DIM if images else 2)


def on_ring(task):
    """Train once on the ring; modes covered, and the share of samples near a mode."""
    game, rate, seed = task
    torch.manual_seed(seed)
    mixture, gan = data.ring(), make(game, rate, images=False)
    start = time.process_time()
    batches = data.batches(mixture, RING_BATCH, seed=seed)
    history = training.fit(gan, batches, RING_STEPS, progress=False)
    seconds = time.process_time() - start
    modes = metrics.modes_covered(gan.sample(5000), mixture)
    found = {"covered": modes.covered, "share": round(modes.share, 3)}
    return head(task) | found | {"cpu_seconds": round(seconds, 1), "stopped": history.stopped}


def on_images(task):
    """Train once on images; distances at equal steps and at equal CPU time."""
    game, rate, seed = task
    torch.manual_seed(seed)
    gan, found, spent = make(game, rate, images=True), {}, [0.0]
    start = [time.process_time()]

    def watch(step, gan, history):
        seconds = spent[0] + time.process_time() - start[0]
        due = {"steps": gan.steps >= IMAGE_STEPS, "cpu": seconds >= CPU_SECONDS}
        for name in (name for name, yes in due.items() if yes and name not in found):
            spent[0] = seconds
            distance = round(metrics.fashion_distance(gan.sample(SAMPLES)), 2)
            found[name] = {"step": gan.steps, "seconds": round(seconds, 1), "distance": distance}
            start[0] = time.process_time()
        return all(due.values())

    batches = data.batches(data.fashion_mnist(), IMAGE_BATCH, seed=seed)
    history = training.fit(gan, batches, 100_000, watch, progress=False)
    stopped = None if len(found) == 2 else history.stopped
    return head(task) | found | {"stopped": stopped}


def head(task):
    """The entries that name a run."""
    return dict(zip(("game", "rate", "seed"), task, strict=True))


def floor():
    """Distance of as many real training images, drawn at random, to the test images."""
    torch.manual_seed(0)
    train = data.fashion_mnist("train").images
    images = train[torch.randperm(len(train))[:SAMPLES]]
    return round(metrics.fashion_distance(data.to_float(images)), 2)


def one_thread():
    common.begin()
    torch.set_num_threads(1)


def runs(function, games):
    """All runs of one half, two side by side."""
    tasks = [(game, rate, seed) for seed in SEEDS for rate in RATES for game in games]
    with multiprocessing.get_context("spawn").Pool(2, one_thread) as pool:
        for row in pool.imap(function, tasks):
            print(row, flush=True)
            yield row


def store(part, setting, rows):
    """Keep these runs in the table; runs of other games, and the other half, stay as they are."""
    try:
        result = {k: v for k, v in storage.load_table("better_games").items() if k != "made_by"}
    except FileNotFoundError:
        result = {}
    mine = {row["game"] for row in rows}
    others = [r for r in result.get(part, {}).get("runs", []) if r["game"] not in mine]
    found = {"made_by": common.origin()} | setting | {"runs": others + rows}
    common.save("better_games", result | {part: found})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--part", choices=("ring", "images"))
    parser.add_argument("--game", choices=(*GAMES, CONTROL))
    asked = parser.parse_args()
    games = (asked.game,) if asked.game else (*GAMES, CONTROL)
    one_thread()
    if asked.part != "images":
        setting = {"steps": RING_STEPS, "batch": RING_BATCH}
        store("ring", setting, list(runs(on_ring, games)))
    if asked.part != "ring":
        setting = {"steps": IMAGE_STEPS, "batch": IMAGE_BATCH, "cpu_seconds": CPU_SECONDS}
        setting |= {"samples": SAMPLES, "floor": floor()}
        rows = []
        for row in runs(on_images, games):
            rows.append(row)
            if len(rows) % (len(games) * len(RATES)) == 0:  # a seed is complete
                store("images", setting, rows)
