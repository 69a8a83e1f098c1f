"""Checker of exercise 01, task 2: the formula of the best discriminator."""

import numpy as np
import torch

from gan_lessons.checks.core import Mistake, attempted, close, name_twin, untouched
from gan_lessons.checks.game_calls import call


def places(output, shape):
    """A learner's answer for each place, as float64."""
    output = attempted(output)
    if isinstance(output, np.ndarray | np.generic | int | float | list):
        output = torch.as_tensor(np.asarray(output))
    if not isinstance(output, torch.Tensor):
        raise Mistake(
            "wrong_type", f"The result must be a tensor, but it is a {type(output).__name__}."
        )
    if output.shape != shape:
        raise Mistake(
            "wrong_shape",
            f"For densities of shape {tuple(shape)} the result has shape {tuple(output.shape)}. "
            "Each place has its own answer: no mean, no sum over the places.",
        )
    return output.detach().double()


def examine_optimal_discriminator(answer):
    p = torch.tensor([0.4, 0.1, 0.3, 0.05, 0.0, 0.2])
    q = torch.tensor([0.1, 0.3, 0.3, 0.2, 0.5, 0.0])
    output = ask_optimal(answer, p, q)
    p, q = p.double(), q.double()
    right, finite = p / (p + q), output.isfinite()
    twins = {id: ([twin(p, q)[finite]], text) for id, (twin, text) in OPTIMAL_TWINS.items()}
    if finite[:4].all():  # the places where both densities are positive
        name_twin([output[finite]], twins)
    if not finite.all():
        bad = int((~finite).nonzero()[0])
        raise Mistake(
            "not_finite",
            f"At densities p_real = {p[bad]:.2g} and p_fake = {q[bad]:.2g} the result is "
            f"{output[bad].item()}; it should be {right[bad]:.3f}. One density may be 0.",
        )
    name_twin([output], {id: ([t(p, q)], text) for id, (t, text) in HALF_TWINS.items()})
    bad = int((output - right).abs().argmax())
    said = (
        f"At densities p_real = {p[bad]:.2g} and p_fake = {q[bad]:.2g} the best D says "
        f"{right[bad]:.3f}, yours says {output[bad]:.3f}. "
    )
    if output.min() < -1e-3 or output.max() > 1.001:
        raise Mistake("no_probability", said + "A probability lies between 0 and 1.")
    if not close(output, right):
        if (output - right).abs().max() < 0.11:
            raise Mistake(
                "not_exact",
                said + "Near, but not it: is a number added to the densities, or the result "
                "clipped or rounded? Only places where *both* are 0 need help.",
            )
        raise Mistake("other_formula", said + "Which share of the samples at this place is real?")
    examine_empty_places(answer)


def ask_optimal(answer, p, q):
    """The learner's answer for densities (N,), which must stay as they are."""
    before = p.clone(), q.clone()
    output = places(call(answer, (p, q), ("p_real", "p_fake")), p.shape)
    for a, b, name in zip(before, (p, q), ("p_real", "p_fake"), strict=True):
        untouched(a, b, name)
    return output


def examine_empty_places(answer):
    """0.5 where both densities are 0, and nowhere else; more than one axis."""
    p, q = torch.tensor([0.3, 0.0, 0.05, 0.0, 0.2]), torch.tensor([0.1, 0.0, 0.2, 0.0, 0.0])
    output, right = ask_optimal(answer, p, q), torch.tensor([0.75, 0.5, 0.2, 0.5, 1.0])
    if output.isnan().any():
        raise Mistake(
            "empty_places",
            "Where both densities are 0, your result is nan (0 / 0). No sample ever comes from "
            "there; let D say 0.5.",
        )
    if not close(output[[1, 3]], right[[1, 3]]):
        raise Mistake(
            "empty_places",
            f"Where both densities are 0, your result is {output[1]:.3g}; it should be 0.5. A "
            "small number added to the denominator avoids nan, but does not give one half.",
        )
    nowhere = ask_optimal(answer, torch.zeros(3), torch.zeros(3))
    if not close(output, right) or not close(nowhere, torch.full((3,), 0.5)):
        raise Mistake(
            "empty_place_changes_others",
            f"With an empty place among the others, the answer at p_real = 0.3 and p_fake = 0.1 is "
            f"{output[0]:.3f}; it should be 0.750. One `if` for all places? torch.where decides "
            "place by place.",
        )
    small = ask_optimal(answer, torch.tensor([3e-4, 0.2]), torch.tensor([1e-4, 0.1]))
    if not close(small[0], 0.75, rtol=1e-2):
        raise Mistake(
            "small_densities",
            f"At densities p_real = 0.0003 and p_fake = 0.0001 the best D says 0.750, yours says "
            f"{small[0]:.3f}. Small is not 0: one half is meant where both are exactly 0.",
        )
    try:
        ask_optimal(answer, p.expand(3, 5), q.expand(3, 5))
    except Mistake as mistake:
        if mistake.id == "wrong_shape":
            raise
    except Exception:
        pass  # a loop over the places of a line


SIGMOID = "It lies between 0 and 1, but it is not the best answer. The sigmoid wants "
OPTIMAL_TWINS = {
    "swapped": (
        lambda p, q: q / (p + q),
        "You give the probability of *fake*. Where only real samples occur, D should say 1, but "
        "yours says 0. Which density belongs on top?",
    ),
    "ratio_of_densities": (
        lambda p, q: p / q,
        "p_real / p_fake is the ratio of the densities. It runs from 0 to infinity; a probability "
        "compares p_real with *both* together.",
    ),
    "other_ratio": (
        lambda p, q: q / p,
        "p_fake / p_real is the ratio of the densities, and upside down. A probability of real "
        "compares p_real with *both* together.",
    ),
    "brackets": (
        lambda p, q: p / p + q,
        "p_real / p_real + p_fake divides first and adds then. The sum needs brackets.",
    ),
    "logit": (
        lambda p, q: (p / q).log(),
        "That is the logit of the best D, log p_real - log p_fake. Its probability is asked for: "
        "the sigmoid of that.",
    ),
    "share_of_logs": (
        lambda p, q: p.log() / (p.log() + q.log()),
        "You compare logarithms of densities; the densities themselves are compared.",
    ),
    "difference": (lambda p, q: p - q, "p_real - p_fake is no probability: it can be negative."),
    "minus_one_to_one": (
        lambda p, q: (p - q) / (p + q),
        "Yours runs from -1 to 1, as 2 D - 1. A probability runs from 0 to 1.",
    ),
    "sigmoid_of_difference": (
        lambda p, q: torch.sigmoid(p - q),
        "That is the sigmoid (or softmax) of the densities. " + SIGMOID + "their logarithms.",
    ),
    "sigmoid_of_ratio": (
        lambda p, q: torch.sigmoid(p / q),
        "sigmoid(p_real / p_fake) is never below one half. The sigmoid wants the logarithm of the "
        "ratio.",
    ),
    "sigmoid_on_top": (
        lambda p, q: torch.sigmoid(p / (p + q)),
        "p / (p + q) is a probability already; the sigmoid on top of it makes it wrong.",
    ),
    "hard_decision": (
        lambda p, q: (p > q).double(),
        "You decide for the denser side, yes or no. The best D says *how likely* real is.",
    ),
    "hard_decision_ties": (
        lambda p, q: (p >= q).double(),
        "You decide for the denser side, yes or no. The best D says *how likely* real is.",
    ),
    "always_half": (
        lambda p, q: torch.full_like(p, 0.5),
        "Yours says one half everywhere. That is best only where both densities are equal.",
    ),
    "half_where_one_is_zero": (
        lambda p, q: torch.where((p == 0) | (q == 0), 0.5, p / (p + q)),
        "One half is meant where *both* densities are 0. Where only p_fake is 0, D should be sure.",
    ),
    "normalised_over_places": (
        lambda p, q: p / (p + q).sum(),
        "You divide by the sum over all places. Each place has its own sum, p_real + p_fake.",
    ),
    "densities_normalised": (
        lambda p, q: (p / p.sum()) / (p / p.sum() + q / q.sum()),
        "You divide the densities by their sums over the places first. Use them as they come.",
    ),
    "squares": (
        lambda p, q: p**2 / (p**2 + q**2),
        "You compare squares of densities; the densities themselves are compared.",
    ),
    "roots": (
        lambda p, q: p.sqrt() / (p.sqrt() + q.sqrt()),
        "You compare roots of densities; the densities themselves are compared.",
    ),
    "only_p_real": (lambda p, q: p, "That is p_real itself. A density is no probability of real."),
    "mean_density": (
        lambda p, q: (p + q) / 2,
        "That is the mean of the two densities, not a probability of real.",
    ),
    "times_p_real": (
        lambda p, q: p * p / (p + q),
        "You multiply by p_real once too often: the share alone is the probability.",
    ),
    "half_the_mixture": (
        lambda p, q: p / ((p + q) / 2),
        "You divide by the mean of the densities, so the result goes up to 2. Divide by the sum.",
    ),
}

# Compared where a density is 0, too.
HALF_TWINS = {
    "half_where_fake_is_zero": (
        lambda p, q: torch.where(q == 0, 0.5, p / (p + q)),
        "Where p_fake is 0 and p_real is not, yours says 0.5; it should be 1. One half is meant "
        "where *both* densities are 0.",
    ),
    "half_where_real_is_zero": (
        lambda p, q: torch.where(p == 0, 0.5, p / (p + q)),
        "Where p_real is 0 and p_fake is not, yours says 0.5; it should be 0. One half is meant "
        "where *both* densities are 0.",
    ),
    "halved": (
        lambda p, q: p / (p + q) / 2,
        "That is half of it: where only real samples occur, yours says 0.5; it should be 1.",
    ),
    "hard_decision": (
        lambda p, q: torch.where(p == q, 0.5, (p > q).double()),
        "You decide for the denser side, yes or no. At p_real = 0.1 and p_fake = 0.3 the best D "
        "says 0.250, yours says 0.",
    ),
    "over_the_largest": (
        lambda p, q: p / p.sum(),
        "You divide by the sum of p_real over the places. Each place has its own sum, p_real + "
        "p_fake.",
    ),
    "product": (
        lambda p, q: p * q / (p + q),
        "You multiply the densities; the share is p_real over the sum.",
    ),
}
