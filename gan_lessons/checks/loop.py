"""Checkers of exercise 02: reading a loss, fakes for D, the two steps, a trained generator of
points.
"""

import math

import numpy as np
import torch

from gan_lessons import data, metrics
from gan_lessons.checks import core
from gan_lessons.checks.core import Exercise, Mistake, NotAttempted, close, name_twin
from gan_lessons.checks.game_calls import call
from gan_lessons.checks.loop_rules import (
    check_left_as_it_was,
    check_noise_changes,
    check_noise_is_normal,
    check_one_noise,
)
from gan_lessons.checks.loop_steps import (
    examine_discriminator_step,
    examine_generator_step,
    leave_gradients,
)
from gan_lessons.checks.watch import Step, gradients, matches, parameters, tiny_gan

LEAST_SHARE = 0.75  # of 5,000 samples near a mode; five seeds reach more
GRID = data.grid(side=3, spacing=0.8, std=0.05)


# Task 1: what a loss says


def examine_probability(answer):
    """`probability_from_loss(g_loss)`: exp(-g_loss)."""
    inputs = [torch.tensor(x) for x in (math.log(2), 0.1, 2.0, 5.0)]
    outputs = []
    for x in inputs:
        given = x.clone()
        outputs.append(core.scalar(call(answer, (given,), ("g_loss",)), "the probability"))
        core.untouched(x, given, "g_loss")
    said = f"For a loss of 2.000 the probability is 0.135; yours is {outputs[2]:.3f}. "
    name_twin(
        outputs,
        {
            id: ([function(x) for x in inputs], said + message)
            for id, (function, message) in PROBABILITY_TWINS.items()
        },
    )
    for x, got in zip(inputs, outputs, strict=True):
        expected = torch.exp(-x)
        if not close(got, expected, atol=1e-3):
            raise Mistake(
                "wrong_value",
                f"For a loss of {x:.3f} the probability is {expected:.3f}; yours is {got:.3f}. "
                "Solve loss = -log(p) for p.",
            )


SOLVE = "The loss of one fake is -log(p). Solve that for p. "
PROBABILITY_TWINS = {
    "missing_minus": (torch.exp, SOLVE + "A minus is missing: yours is above 1."),
    "complement": (
        lambda x: 1 - torch.exp(-x),
        SOLVE + "You give the probability of 'fake'; asked is that of 'real'.",
    ),
    "negative": (
        lambda x: -torch.exp(-x),
        SOLVE + "The minus belongs into the exponent: yours is negative.",
    ),
    "sigmoid_of_loss": (
        torch.sigmoid,
        SOLVE + "The sigmoid turns a logit into a probability; this is a loss, not a logit.",
    ),
    "sigmoid_of_minus_loss": (
        lambda x: torch.sigmoid(-x),
        SOLVE + "The sigmoid turns a logit into a probability; this is a loss, not a logit.",
    ),
    "minus_log": (
        lambda x: -torch.log(x),
        SOLVE + "You took the logarithm once more; its inverse is asked.",
    ),
    "unchanged": (lambda x: x, SOLVE + "You return the loss itself."),
    "one_minus_loss": (lambda x: 1 - x, SOLVE + "1 - loss is right only for a tiny loss."),
    "inverse": (lambda x: 1 / x, SOLVE + "You return 1 / loss; the inverse of log is exp."),
    "one_over_one_plus": (lambda x: 1 / (1 + x), SOLVE + "The inverse of log is exp."),
    "halved": (
        lambda x: torch.exp(-x) / 2,
        SOLVE + "Yours is half of it. For one fake the loss has one term.",
    ),
    "half_the_loss": (
        lambda x: torch.exp(-x / 2),
        SOLVE + "You halve the loss first. For one fake the loss has one term.",
    ),
    "twice_the_loss": (
        lambda x: torch.exp(-2 * x),
        SOLVE + "You double (or square) something: the exponent is -loss.",
    ),
    "squared_loss": (
        lambda x: torch.exp(-x * x),
        SOLVE + "You square the loss; the exponent is -loss.",
    ),
    "logit": (
        lambda x: torch.log(torch.exp(-x) / (1 - torch.exp(-x))),
        SOLVE + "That is the logit of p. The probability itself is asked.",
    ),
    "percent": (
        lambda x: 100 * torch.exp(-x),
        SOLVE + "Yours is in per cent; asked is a number between 0 and 1.",
    ),
    "log": (torch.log, SOLVE + "You took the logarithm once more; its inverse is asked."),
    "minus_complement": (
        lambda x: torch.expm1(-x),
        SOLVE + "exp(-loss) - 1 has a -1 too many.",
    ),
    "minus_loss": (lambda x: -x, SOLVE + "That is log(p), minus the loss. p itself is asked."),
    "sigmoid_on_top": (
        lambda x: torch.sigmoid(torch.exp(-x)),
        SOLVE + "exp(-loss) is a probability already; the sigmoid on top makes it wrong.",
    ),
    "straight_line": (
        lambda x: (1 - x).clamp(0, 1),
        SOLVE + "1 - loss is right only for a tiny loss.",
    ),
    "base_two": (
        lambda x: 2.0**-x,
        SOLVE + "You use base 2; the losses here use the natural logarithm, base e.",
    ),
    "base_ten": (
        lambda x: 10.0**-x,
        SOLVE + "You use base 10; the losses here use the natural logarithm, base e.",
    ),
}


# Task 2: fakes for D's step


def examine_fakes(answer):
    """`detached_fakes(gan, n)`: n samples of gan.G that carry no graph."""
    noise, gan = [], tiny_gan(seed=1)
    for k in range(2):
        noise.append(fakes_once(gan, answer, 8, k))
        leave_gradients(gan)  # G may hold some: making fakes leaves them alone
    check_noise_changes(noise)
    fakes_once(tiny_gan(seed=2, z_dim=6, shape=(1, 4, 4), batch_norm=True), answer, 5, 5)
    check_noise_is_normal(fakes_once(tiny_gan(seed=3), answer, 400, 6))


def fakes_once(gan, answer, n, seed):
    """Ask once for n fakes and raise the first mistake; returns the noise that G got."""
    torch.manual_seed(1000 + seed)
    step = Step(gan, answer, n)
    if step.error is not None:
        raise step.error
    fakes, made, averaged = step.output, step.rows("G"), step.rows("G_ema")
    if (fakes is None or fakes is ...) and made is None:
        raise NotAttempted("detached_fakes does nothing yet. Fill in the cell, then check again.")
    if not isinstance(fakes, torch.Tensor):
        raise Mistake(
            "wrong_type",
            f"detached_fakes returns a {type(fakes).__name__}; asked is one tensor, the fakes. "
            + ("Is the `return` missing?" if fakes is None else "Return what gan.G gives."),
        )
    shape = (n, *gan.D.takes)
    if made is None and averaged is None:
        raise Mistake("g_not_used", "Your function never calls gan.G. Fakes are gan.G(noise).")
    if made is None or (
        averaged is not None and matches(fakes.detach().flatten(1), averaged[1]).any()
    ):
        raise Mistake(
            "fakes_from_average",
            "gan.sample and gan.G_ema use the averaged generator, which is for looking at results. "
            "The game is played with gan.G.",
        )
    if tuple(fakes.shape) != shape:
        raise Mistake(
            "wrong_shape",
            f"For n = {n} the fakes have shape {tuple(fakes.shape)}; it must be {shape}.",
        )
    if fakes.requires_grad:
        raise Mistake(
            "graph_kept",
            "These fakes still carry the graph back to G (requires_grad is True), so D's "
            "backward() would leave gradients in G. Call G under torch.no_grad(), or .detach() "
            "its output.",
        )
    if not matches(fakes.flatten(1), made[1]).any(1).all():
        raise Mistake(
            "not_gs_output", "Some of your fakes are not what gan.G made. Return its output as is."
        )
    different = len(fakes.unique(dim=0))
    if different < min(n, len(made[0].unique(dim=0))):
        raise Mistake(
            "repeated_fakes",
            f"Only {different} of your {n} fakes differ, though gan.G made more. Return each of its"
            " samples once, as they come.",
        )
    check_one_noise(step)
    check_untouched(step)
    check_left_as_it_was(step)
    return made[0]


def check_untouched(step):
    """Making fakes changes no weight and leaves no gradient."""
    for name in ("G", "D"):
        now, before = getattr(step.gan, name), getattr(step.before, name)
        if not torch.equal(parameters(now), parameters(before)):
            raise Mistake(
                f"{name.lower()}_changed", f"{name}'s weights change, but nothing is trained here."
            )
        if gradients(before).any() and not gradients(now).any():
            raise Mistake(
                f"clears_{name.lower()}",
                f"The gradients that {name} held are gone after the call. Making fakes needs no "
                "zero_grad().",
            )
        if not close(gradients(now), gradients(before)):
            raise Mistake(
                f"gradients_in_{name.lower()}",
                f"{name} holds new gradients after the call; making fakes needs no backward().",
            )


# Task 5: a trained generator of points


def examine_points(samples):
    """5,000 samples of a generator trained on `GRID`: every mode, and few points in between."""
    if isinstance(samples, (tuple, list)) and len(samples) == 2 and hasattr(samples[0], "shape"):
        raise Mistake(
            "wrong_type", "train_points returns two things; asked are the samples alone, (5000, 2)."
        )
    if isinstance(samples, np.ndarray):
        samples = torch.from_numpy(samples)
    if not isinstance(samples, torch.Tensor):
        raise Mistake(
            "wrong_type",
            f"Give the check the samples, a tensor (5000, 2); this is a {type(samples).__name__}.",
        )
    samples = samples.detach().cpu().float()
    if tuple(samples.shape) != (5000, 2):
        raise Mistake(
            "wrong_shape",
            f"The samples have shape {tuple(samples.shape)}; asked is (5000, 2): 5,000 points in "
            "the plane.",
        )
    if not samples.isfinite().all():
        raise Mistake(
            "not_finite", "The samples hold nan or inf: the training ran away. Lower lr_d and lr_g."
        )
    found = metrics.modes_covered(samples, GRID)
    said = f"The samples cover {found.covered} of {found.total} modes; {found.share:.0%} of them "
    said += f"lie near a mode (asked: {found.total} modes and at least {LEAST_SHARE:.0%}). "
    judge_points(samples, found, said)


def judge_points(samples, found, said):
    """Raise the Mistake that a cloud of points shows."""
    distance, nearest = torch.cdist(samples, GRID.means).min(dim=1)
    near = distance < 4 * GRID.std
    if len(samples.unique(dim=0)) < 0.5 * len(samples):
        raise Mistake(
            "repeated_points",
            said + f"Only {len(samples.unique(dim=0))} of {len(samples)} points differ: the noise "
            "behind them is not drawn anew.",
        )
    width = torch.stack(
        [samples[near & (nearest == k)].std(dim=0).mean() for k in nearest[near].unique()]
        or [torch.tensor(0.0)]
    )
    if samples.std(dim=0).max() < 3 * GRID.std:
        raise Mistake(
            "collapsed",
            said + "All samples lie in one small spot: mode collapse. Does every step draw new "
            "noise, and does D see fakes as 0 and real points as 1?",
        )
    if found.share > 0.999 and (width / GRID.std - 1).abs().max() < 0.1:
        raise Mistake(
            "real_samples",
            said + "That is what real samples look like, and no generator of this size reaches it. "
            "Return samples of G, gan.sample(5000).",
        )
    spread, asked = samples.std(dim=0).mean(), GRID.means.std(dim=0).mean()
    if found.share < 0.15 and spread > 0.6 * asked:
        raise Mistake(
            "elsewhere",
            said + f"They spread as wide as the modes or wider (standard deviation {spread:.2f}, "
            f"the modes {asked:.2f}), but lie elsewhere. Is G trained on another mixture, are its "
            "samples scaled or moved afterwards, or did it just begin to learn?",
        )
    if found.share < 0.15:
        raise Mistake(
            "not_trained",
            said + "That is about what an untrained G gives. Does each round of the loop take a "
            "new batch and call both steps? If you return gan.sample(5000): the average behind it "
            "moves only with gan.update_average().",
        )
    if found.covered < found.total:
        missing = [k for k, c in enumerate(found.counts) if c < 0.1 * len(samples) / found.total]
        places = ", ".join(f"({x:.1f}, {y:.1f})" for x, y in GRID.means[missing].tolist())
        raise Mistake(
            "modes_missing",
            said + f"Missing: {places}. Train longer, with larger "
            "batches, or let D learn faster (lr_d above lr_g).",
        )
    if found.share < LEAST_SHARE:
        raise Mistake(
            "too_many_between",
            said + "Too many points lie between the modes. More steps help, and samples of the "
            "averaged generator: gan.sample.",
        )


EXERCISES = {
    "probability_from_loss": Exercise(
        examine_probability,
        (
            "With one fake, the loss of G is -log(p), where p is D's probability of 'real'. "
            "Which p gives a loss of log 2?",
            "The inverse of the logarithm is the exponential function: loss = -log(p) means "
            "log(p) = -loss.",
            "return torch.exp(-g_loss)",
        ),
        "You can read G's loss now: it is D's typical answer on a fake, in other units.",
    ),
    "detached_fakes": Exercise(
        examine_fakes,
        (
            "Three things: n noise vectors, one call of gan.G, and no graph on what comes out.",
            "gan.sample_z(n) gives the noise. Either call G inside `with torch.no_grad():`, or "
            "call .detach() on its output.",
            "with torch.no_grad():\n    return gan.G(gan.sample_z(n))",
        ),
        "Fresh samples of G, and no way back into it.",
    ),
    "train_discriminator": Exercise(
        examine_discriminator_step,
        (
            "Write the five parts down in order: fakes without a graph, D's logits on both halves, "
            "the loss, the gradient, the step. Which optimiser makes it?",
            "gan.recipe.discriminator_loss(real_logits, fake_logits) is the loss. Then zero_grad, "
            "backward, step, all for gan.opt_D. There must be as many fakes as real samples.",
            "fake = detached_fakes(gan, len(real))\n"
            "loss = gan.recipe.discriminator_loss(gan.D(real), gan.D(fake))\n"
            "gan.opt_D.zero_grad()\nloss.backward()\ngan.opt_D.step()\nreturn loss.item()",
        ),
        "D learnt from both halves, and G was not touched.",
    ),
    "train_generator": Exercise(
        examine_generator_step,
        (
            "There is no real batch here. G makes n fakes, D judges them, and the gradient of that "
            "judgement must reach G. What must not be detached now?",
            "fake_logits = gan.D(gan.G(gan.sample_z(n))), with nothing detached. The loss is "
            "gan.recipe.generator_loss(fake_logits); the optimiser is gan.opt_G.",
            "loss = gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(n))))\n"
            "gan.opt_G.zero_grad()\nloss.backward()\ngan.opt_G.step()\ngan.update_average()\n"
            "return loss.item()",
        ),
        "G moved towards what D calls real, and D kept its weights.",
    ),
    "trained_points": Exercise(
        examine_points,
        (
            "Make the two networks and the GAN first: networks.MLPGenerator, "
            "networks.MLPDiscriminator and training.GAN. data.batches gives the batches.",
            "In each round: (real,) = next(batches), then your two steps. Some 3,000 rounds of 256 "
            "points are enough with losses.VANILLA. gan.sample(5000) draws from the average, which "
            "moves only when your generator step calls gan.update_average().",
            "gan = training.GAN(networks.MLPGenerator(), networks.MLPDiscriminator(), "
            "losses.VANILLA, z_dim=2)\nbatches = data.batches(mixture, 256, seed=seed)\n"
            "for _ in range(3000):\n    (real,) = next(batches)\n"
            "    train_discriminator(gan, real)\n    train_generator(gan, len(real))\n"
            "return gan.sample(5000)",
        ),
        f"All {len(GRID.means)} modes are covered, and at least {LEAST_SHARE:.0%} of the samples "
        "lie near one. Your loop trains.",
    ),
}
