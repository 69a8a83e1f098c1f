"""Every kind of run that a stored table names can still be made, and trains."""

import pytest

from gan_lessons import data, losses, networks, storage, training
from gan_lessons.studies.better_games import long_run, tricks
from gan_lessons.studies.dcgan import rules


@pytest.mark.parametrize("trick", [trick for trick in tricks.TRICKS if trick != "compiled"])
def test_every_trick_trains(trick):
    gan, batch = tricks.make(trick)
    history = training.fit(gan, data.batches(data.fashion_mnist("test"), batch), 2, progress=False)
    assert len(history) == 2 and history.stopped is None


@pytest.mark.parametrize("variant", rules.VARIANTS)
def test_every_variant_of_the_rules_trains(variant):
    G, D, recipe = rules.make(variant.removesuffix(", 6000 steps"))
    gan = training.GAN(G, D, recipe, networks.Z_DIM)
    history = training.fit(gan, data.batches(data.fashion_mnist("test"), 8), 1, progress=False)
    assert history.stopped is None


@pytest.mark.parametrize(
    "study, key, names",
    [
        ("tricks", "trick", tricks.TRICKS),
        ("dcgan_rules", "variant", rules.VARIANTS),
        ("long_run", "kind", tuple(long_run.KINDS)),
    ],
)
def test_stored_tables_hold_every_kind_with_three_seeds(study, key, names):
    runs = storage.load_table(study)["runs"]
    assert {(run[key], run["seed"]) for run in runs} == {(n, s) for n in names for s in range(3)}


def test_the_games_of_the_long_run_differ_in_nothing_but_the_game():
    plain, other = (long_run.KINDS[kind]() for kind in ("DCGAN", "R3GAN"))
    assert (plain.lr_d, plain.lr_g, plain.betas) == (other.lr_d, other.lr_g, other.betas)
    assert plain.penalty is losses.no_penalty and other.penalty is losses.r1_r2_penalty
