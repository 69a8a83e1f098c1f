"""The sick run of exercise 07, and the checker of the recipe that saves it."""

import dataclasses
import inspect
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
    check_parts(recipe)
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


def check_parts(recipe):
    """What is in the recipe has the form that the loop needs, and the losses the right signs."""
    betas = recipe.betas
    if not isinstance(betas, tuple | list) or len(betas) != 2 or not all(0 <= b < 1 for b in betas):
        raise Mistake("wrong_betas", f"betas is a pair of numbers from 0 to below 1, not {betas}.")
    if int(recipe.d_steps) != recipe.d_steps:
        raise Mistake("wrong_d_steps", f"d_steps is a whole number, not {recipe.d_steps}.")
    torch.manual_seed(0)
    D, real, fake = networks.MLPDiscriminator(), torch.randn(4, 2), torch.randn(4, 2) + 1
    a = torch.tensor([[0.5], [-0.5], [2.0], [-2.0]], requires_grad=True)
    b = torch.tensor([[0.3], [-0.3], [1.5], [-1.5]], requires_grad=True)
    loss_d = part(recipe.discriminator_loss, (a, b), "discriminator_loss(real_logits, fake_logits)")
    loss_g = part(recipe.generator_loss, (b,), "generator_loss(fake_logits)")
    penalty = part(recipe.penalty, (D, real, fake), "penalty(D, real, fake)")
    if float(penalty) < 0:
        raise Mistake(
            "negative_penalty",
            f"Your penalty is {float(penalty):.3g} for a fresh D: below 0 it is a reward, and D "
            "gets steeper and steeper. Turn its sign.",
        )
    for loss, logits, sign, what in (
        (loss_d, a, 1, "D's loss grows when the real logits grow"),
        (loss_d, b, -1, "D's loss falls when the fakes' logits grow"),
        (loss_g, b, 1, "G's loss grows when the fakes' logits grow"),
    ):
        if not loss.requires_grad:
            continue
        (slope,) = torch.autograd.grad(loss, logits, retain_graph=True, allow_unused=True)
        if slope is not None and sign * slope.sum() > 1e-6:
            raise Mistake(
                "sign_of_a_loss", f"{what}: the sign is turned, or two arguments swapped."
            )


def part(function, arguments, how):
    """The value of one function of the recipe, one finite number."""
    try:
        value = torch.as_tensor(function(*arguments))
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        raise Mistake("wrong_part", f"The recipe's {how} stopped with {text}") from None
    if value.numel() != 1 or not value.isfinite():
        seen = value.item() if value.numel() == 1 else f"of shape {tuple(value.shape)}"
        raise Mistake("wrong_part", f"The recipe's {how} must be one finite number; it is {seen}.")
    return value


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
    if isinstance(answer, type):
        raise Mistake(
            "not_a_recipe",
            f"{answer.__name__} is the class. Asked for is one recipe: "
            "dataclasses.replace(SICK, …).",
        )
    if not isinstance(answer, losses.Recipe) and callable(answer):
        try:
            inspect.signature(answer).bind()
        except (TypeError, ValueError):
            raise Mistake(
                "not_a_recipe",
                "This is a function that needs arguments: a loss, or a penalty? Put it into a "
                "recipe: dataclasses.replace(SICK, …).",
            ) from None
        answer = answer()
    if answer is None or answer is ...:
        raise NotAttempted("There is no recipe yet.")
    if not isinstance(answer, losses.Recipe):
        raise Mistake(
            "not_a_recipe",
            f"Asked for is a losses.Recipe, but this is a {type(answer).__name__}.",
        )
    return answer
