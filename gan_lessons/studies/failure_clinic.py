"""The failure clinic of lesson 06: its patients, their cures, and healthy runs of other lessons.

    python -m gan_lessons.studies.failure_clinic [--again]

Each patient of `gan_lessons.clinic.ward` is trained sick and cured, with the seeds below. Beside
them are runs with the settings of lessons 02, 03, 04 and 07, shorter than there. Kept of each run:
what its samples are worth, a few dozen moments of its history, and what `clinic.diagnose` says.
With `--again` the stored runs are diagnosed anew, and none is trained.
"""

import sys
from dataclasses import fields

import torch

from gan_lessons import data, look, losses, metrics, networks, storage, training
from gan_lessons.clinic import diagnosis, ward
from gan_lessons.studies import common
from gan_lessons.studies.better_games import games

SICK_SEEDS, CURED_SEEDS = range(10), range(5)
CURVES = ("d_real", "d_fake", "d_grad", "g_grad", "spread", "coverage")
GAMES = ("R1", "R3GAN", "hinge + SN", "WGAN-GP", games.CONTROL)


def settings(name):
    """The settings of a lesson: G, D, recipe, numbers of noise, data, batch size, steps."""
    z, clothes = networks.Z_DIM, data.fashion_mnist()
    if name == "vanilla GAN, ring":
        players = networks.MLPGenerator(), networks.MLPDiscriminator(), losses.VANILLA, 2
        return *players, data.ring(), 256, 1000
    if name == "vanilla GAN, images":
        players = networks.ImageMLPGenerator(), networks.ImageMLPDiscriminator()
        return *players, losses.VANILLA, z, clothes, 64, 600
    if name == "DCGAN, images":
        players = networks.DCGANGenerator(), networks.DCGANDiscriminator()
        return *players, losses.DCGAN, z, clothes, 32, 400
    if name == "conditional GAN, ring":
        return ward.labelled_g(2), ward.labelled_d(), losses.VANILLA, 2, data.ring(), 256, 600
    if name == "conditional GAN, images":
        players = networks.ConditionalGenerator(), networks.ConditionalDiscriminator()
        return *players, losses.DCGAN, z, clothes, 32, 400
    gan = games.make(name.removesuffix(", ring"), 1e-3, images=False)
    return gan.G, gan.D, gan.recipe, 2, data.ring(), 128, 800


HEALTHY = {
    "vanilla GAN, ring": 6,
    "vanilla GAN, images": 5,
    "DCGAN, images": 6,
    "conditional GAN, ring": 3,
    "conditional GAN, images": 3,
}
HEALTHY |= {f"{game}, ring": 2 for game in GAMES}


def healthy_run(name, seed):
    """One run with the settings of a lesson, by `training.fit`."""
    torch.manual_seed(seed)
    G, D, recipe, z_dim, source, batch, steps = settings(name)
    gan, labels = training.GAN(G, D, recipe, z_dim), hasattr(G, "n_classes")
    batches = data.batches(source, batch, labels=labels, seed=seed)
    history = training.fit(gan, batches, steps, progress=False)
    if isinstance(source, data.Mixture):
        return history, ward.measure(ward.Case(labels=labels), gan)
    asked = [torch.arange(1000) % 10] if labels else []
    images = gan.sample(1000, *asked)
    found = {"distance": round(metrics.fashion_distance(images), 1)}
    found["classes"] = int((metrics.predict(images).bincount(minlength=10) >= 10).sum())
    return history, found


def row(name, state, seed, history, found):
    """What is kept of a run: curves as text, three digits a number."""
    means = {
        key: [
            sum(part) / len(part)
            for part in (getattr(history, key)[i : i + look.EVERY] for i in history.at)
        ]
        for key in ("d_loss", "g_loss")
    }
    curves = means | {key: getattr(history, key) for key in CURVES}
    return {
        "name": name,
        "state": state,
        "seed": seed,
        **found,
        "steps": len(history),
        "curves": {k: " ".join(f"{x:.3g}" for x in values) for k, values in curves.items()},
    }


def trained_as(case):
    """What a training depends on: the cures of several patients lead to the same run."""
    settings = [getattr(case, f.name) for f in fields(case) if f.name not in ("sample", "mixture")]
    return (*settings, case.mixture.std)


def every_run():
    """All runs, one after the other."""
    for name, seeds in HEALTHY.items():
        for seed in range(seeds):
            yield row(name, "healthy", seed, *healthy_run(name, seed))
    for seed in SICK_SEEDS:
        made = {}
        for name, patient in ward.PATIENTS.items():
            for state in ("sick", "cured") if seed in CURED_SEEDS else ("sick",):
                case = getattr(patient, state)
                if trained_as(case) not in made:
                    made[trained_as(case)] = ward.run(case, seed)
                gan, history = made[trained_as(case)]
                yield row(name, state, seed, history, ward.measure(case, gan))


if __name__ == "__main__":
    common.begin()
    torch.set_num_threads(1)  # networks this small gain little from a second one
    rows = storage.load_table("clinic")["runs"] if "--again" in sys.argv else []
    if not rows:
        for found in every_run():
            print({k: v for k, v in found.items() if k != "curves"}, flush=True)
            rows.append(found)
    for found in rows:
        found["said"] = diagnosis.diagnose(diagnosis.history_of(found)).names
    common.save("clinic", {"confusion": diagnosis.confusion(rows), "runs": rows})
