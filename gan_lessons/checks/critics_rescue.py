"""The sick run of exercise 06, and the checker of the recipe that saves it."""

import dataclasses
import warnings

import torch

from gan_lessons import data, losses, metrics, networks, training
from gan_lessons.checks.core import Mistake, NotAttempted

SICK = losses.Recipe(lr_d=2.5e-4, lr_g=2.5e-4, betas=(0.9, 0.999))  # Adam's own betas
STEPS, BATCH, SEEDS = 1000, 128, (0, 1)
MODES, SHARE = 7, 0.25


def treat(recipe, seed=0, steps=STEPS):
    """Train on the ring with a recipe: the GAN, and its `metrics.modes_covered`."""
    torch.manual_seed(seed)
    recipe = dataclasses.replace(recipe, betas=tuple(map(float, recipe.betas)))  # Adam takes no int
    mixture = data.ring()
    gan = training.GAN(networks.MLPGenerator(z_dim=2), networks.MLPDiscriminator(), recipe, z_dim=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a loss that is no number is part of the result
        batches = data.batches(mixture, BATCH, seed=seed)
        history = training.fit(gan, batches, steps, progress=False)
    return gan, metrics.modes_covered(gan.sample(5000), mixture), history


def examine_rescue(answer):
    """A recipe with the rates of the sick run, trained twice and measured."""
    recipe = as_recipe(answer)
    if (recipe.lr_d, recipe.lr_g) != (SICK.lr_d, SICK.lr_g):
        raise Mistake(
            "other_rates",
            f"Your learning rates are {recipe.lr_d:g} and {recipe.lr_g:g}. They stay at "
            f"{SICK.lr_d:g} here: change the game, not its speed.",
        )
    if recipe.d_steps > 10:
        raise Mistake(
            "too_many_steps",
            f"d_steps is {recipe.d_steps}; at most 10 here. Something cheaper is enough.",
        )
    for seed in SEEDS:
        _, modes, history = treat(recipe, seed)
        if history.stopped:
            text = f"With seed {seed} the training stopped at {history.stopped}"
            raise Mistake("diverges", text + " Look at the signs of the losses.")
        if modes.covered < MODES or modes.share < SHARE:
            raise Mistake(
                "still_sick",
                f"With seed {seed}, your run covers {modes.covered} of {modes.total} modes, with "
                f"{modes.share:.0%} of the samples near one; asked for are {MODES} modes and "
                f"{SHARE:.0%}. " + advice(recipe),
            )


def advice(recipe):
    """What to look at, by what the recipe has."""
    if recipe.penalty is losses.no_penalty:
        return "Nothing bounds D's slope: try a penalty."
    if recipe.penalty is losses.ten_gradient_penalties:
        return (
            "A slope of 1 is hard to leave with a weight of 10, and modes this narrow need "
            "steeper ones: try a smaller weight."
        )
    return (
        "Check the weight of the penalty (too large, and D stays flat; too small, and it does "
        "nothing), and that the two losses belong to the same game."
    )


def as_recipe(answer):
    """The recipe, also from a function that makes one."""
    if not isinstance(answer, losses.Recipe) and callable(answer):
        answer = answer()
    if answer is None or answer is ...:
        raise NotAttempted("There is no recipe yet.")
    if not isinstance(answer, losses.Recipe):
        raise Mistake(
            "not_a_recipe",
            f"Asked for is a losses.Recipe, but this is a {type(answer).__name__}.",
        )
    return answer
