"""Checker of `power_iteration` in exercise 07: the largest singular value of a layer's weight."""

import inspect

import torch

from gan_lessons.checks.core import Mistake, attempted, close, name_twin, scalar, untouched
from gan_lessons.checks.game_calls import call, say

NAMES = ("weight",)


def matrix(rows, columns, values, seed):
    """A matrix (rows, columns) with the given singular values."""
    generator = torch.Generator().manual_seed(seed)
    k = len(values)
    u = torch.linalg.qr(torch.randn(rows, k, generator=generator)).Q
    v = torch.linalg.qr(torch.randn(columns, k, generator=generator)).Q
    return u @ torch.diag(torch.tensor(values)) @ v.T


def weights():
    """A wide matrix, a tall one, a square one, and the kernel of a convolution."""
    return [
        matrix(5, 8, [3.0, 1.5, 0.8], 0),
        matrix(9, 4, [0.6, 0.56, 0.2, 0.1], 1),  # near: few steps do not reach it
        matrix(6, 6, [2.0, 1.2, 1.0, 0.5], 2),
        matrix(4, 18, [2.5, 1.4, 0.7, 0.4], 3).view(4, 2, 3, 3),
    ]


def sigma(w):
    return torch.linalg.matrix_norm(w.flatten(1), 2)


TWINS = {
    "squared": (
        lambda w: sigma(w).square(),
        "That is the square of it. v grows by σ² in one round trip, W v alone grows by σ.",
    ),
    "frobenius": (
        lambda w: w.norm(),
        "That is the root of the sum of all squares (Frobenius norm), not the largest stretch.",
    ),
    "largest_entry": (lambda w: w.abs().max(), "That is the largest entry of the weight."),
    "largest_row": (
        lambda w: w.flatten(1).norm(dim=1).max(),
        "That is the length of the longest row.",
    ),
    "largest_column": (
        lambda w: w.flatten(1).norm(dim=0).max(),
        "That is the length of the longest column.",
    ),
    "row_sum": (lambda w: w.flatten(1).abs().sum(1).max(), "That is the largest sum of a row."),
    "column_sum": (
        lambda w: w.flatten(1).abs().sum(0).max(),
        "That is the largest sum of a column.",
    ),
    "nuclear": (
        lambda w: torch.linalg.svdvals(w.flatten(1)).sum(),
        "That is the sum of all singular values; the largest is asked for.",
    ),
    "smallest": (
        lambda w: torch.linalg.svdvals(w.flatten(1)).min(),
        "That is the smallest singular value; the largest is asked for.",
    ),
    "second": (
        lambda w: torch.linalg.svdvals(w.flatten(1))[1],
        "That is the second singular value; the largest is asked for.",
    ),
    "inverse": (lambda w: 1 / sigma(w), "That is 1 / σ; return σ itself."),
    "root": (lambda w: sigma(w).sqrt(), "There is a root too many."),
    "sign": (lambda w: -sigma(w), "The sign is turned: a stretch is positive."),
    "normalised": (
        lambda w: torch.ones(()),
        "You return the length after normalising, which is always 1. Measure the length of W v "
        "before you normalise it: it is σ, when v has length 1.",
    ),
    "zero": (lambda w: torch.zeros(()), "You return 0. Does v start at 0? Start at random."),
}
CONV = {
    "flattened_otherwise": lambda w: torch.linalg.matrix_norm(w.reshape(-1, w.shape[-1]), 2),
    "kernel_rows": lambda w: torch.linalg.matrix_norm(w.transpose(0, 1).flatten(1), 2),
    "each_kernel": lambda w: torch.linalg.matrix_norm(w, 2).max(),
    "mean_kernel": lambda w: torch.linalg.matrix_norm(w, 2).mean(),
    "one_kernel": lambda w: torch.linalg.matrix_norm(w[0, 0], 2),
    "summed": lambda w: torch.linalg.matrix_norm(w.sum((2, 3)), 2),
}
FLAT = (
    "For matrices it is right, for the kernel of a convolution (4, 2, 3, 3) it is not: {} where "
    "{} is right. Flatten it to (out, everything else): weight.flatten(1), here (4, 18)."
)


def examine_power_iteration(answer):
    """Shape, finite, closed form (an SVD), and that the weight stays as it is."""
    cases = weights()
    outputs = [value(answer, w) for w in cases[:3]]
    expected = [sigma(w) for w in cases]
    if not right(outputs, expected[:3]):
        said = f"For a matrix (5, 8) yours is {say(outputs[0])}, σ is {say(expected[0])}. "
        made = {id: ([f(w) for w in cases[:3]], said + text) for id, (f, text) in TWINS.items()}
        name_twin(outputs, made)
        explain_value(answer, cases, outputs, expected, said)
    try:
        outputs.append(value(answer, cases[3]))
    except Mistake as mistake:
        wanted = f"σ = {say(expected[3])}"
        text = FLAT.format(f"there it stops ({mistake})", wanted)
        raise Mistake("conv_not_flattened", text) from None
    except Exception as error:
        text = FLAT.format(f"there it stops ({type(error).__name__}: {error})", say(expected[3]))
        raise Mistake("conv_not_flattened", text) from None
    if not right(outputs, expected):
        raise Mistake("conv_not_flattened", FLAT.format(say(outputs[3]), say(expected[3])))
    torch.manual_seed(5)
    if not right([value(answer, cases[0])], expected[:1]):
        raise Mistake("not_repeatable", "A second call with the same weight gives another number.")


def right(outputs, expected):
    return all(close(a, b, rtol=2e-3) for a, b in zip(outputs, expected, strict=True))


def explain_value(answer, cases, outputs, expected, said):
    """What no wrong twin explains: not converged, the eigenvalue, a factor."""
    square = torch.linalg.eigvals(cases[2]).abs().max()
    if right(outputs[:2], expected[:2]) and not right(outputs[2:], expected[2:3]):
        raise Mistake(
            "eigenvalue",
            f"For a square matrix yours is {say(outputs[2])}, σ is {say(expected[2])} (its largest "
            f"eigenvalue is {say(square)}). Multiply by W, then by W transposed, also when W is "
            "square.",
        )
    torch.manual_seed(77)
    again = value(answer, cases[0])
    below = all(0 < a < 1.002 * b for a, b in zip(outputs, expected, strict=False))
    if below and (not close(again, outputs[0]) or outputs[0] > 0.3 * expected[0]):
        raise Mistake(
            "not_converged",
            said + "It is below σ for every matrix: the iteration has not arrived. Does the loop "
            "run `steps` times, and does it go on from the last v, with W as well as W "
            "transposed?",
        )
    ratio = outputs[0] / expected[0]
    if right(outputs, [ratio * b for b in expected[:3]]):
        text = f"{said}It is always {ratio:.3f} times the right one: a factor too many."
        raise Mistake("wrong_factor", text)
    raise Mistake(
        "other_formula",
        said + "In each step: u = W v, divided by its length; v = Wᵀ u, divided by its length. "
        "At the end σ = |W v|. (F.normalize needs dim=0 for a single vector.)",
    )


def value(answer, weight):
    """One estimate, and the usual exceptions in plain words."""
    before = weight.clone()
    try:
        output = attempted(call(*with_steps(answer, weight)))
    except Exception as error:
        explain(error, weight)
        raise
    untouched(before, weight, "weight")
    if isinstance(output, (tuple, list)):
        raise Mistake(
            "several_values",
            f"Your function returns {len(output)} values; return σ alone, one number.",
        )
    if isinstance(output, torch.Tensor) and output.numel() > 1:
        what = "the vector" if output.ndim == 1 or 1 in output.shape else "a matrix"
        if output.shape == weight.shape:
            what = "the weight itself, perhaps divided by σ: that"
        raise Mistake(
            "vector_returned",
            f"You return {what} of shape {tuple(output.shape)}. Return σ, one number: the length "
            "of W v, for v of length 1.",
        )
    try:
        return scalar(output, "the estimate").detach()
    except Mistake as mistake:
        if mistake.id != "not_finite":
            raise
        if torch.as_tensor(output).isnan().any():
            text = (
                "The estimate is nan. Either v grows with every step: divide it by its length "
                "each time. Or it starts as zeros, which no product can change: start with noise."
            )
        else:
            text = "The estimate is infinite: v grows with every step. Divide it by its length."
        raise Mistake("not_normalised", text) from None


def with_steps(answer, weight):
    """The answer, its arguments and their names; also for one that must be told the steps."""
    try:
        needed = [
            p
            for p in inspect.signature(answer).parameters.values()
            if p.default is p.empty and p.kind == p.POSITIONAL_OR_KEYWORD
        ]
    except (TypeError, ValueError):
        needed = []
    if len(needed) == 2:
        return answer, (weight, 100), (*NAMES, "steps")
    return answer, (weight,), NAMES


def explain(error, weight):
    """Raise a Mistake for products of shapes that do not fit."""
    text = str(error)
    if "shapes cannot be multiplied" in text or "size mismatch" in text or "inconsistent" in text:
        if weight.ndim == 2:
            raise Mistake(
                "no_transpose",
                f"The shapes do not fit for a weight of shape {tuple(weight.shape)}: {text}. W v "
                "has one number for each row; to come back, multiply by the transposed, W.T @ u. v "
                "has as many numbers as W has columns.",
            ) from None
    if "overflow" in text.lower():
        raise Mistake("not_normalised", "v grows with every step; divide it by its length.")
