"""How the checkers of exercise 16 call an answer and read its numbers."""

import numpy as np
import torch

from gan_lessons.checks.core import Mistake, attempted, close
from gan_lessons.checks.game_calls import check_arguments


def call(answer, arguments, names, **extra):
    """The answer's output; tensors among the arguments must stay as they are."""
    if isinstance(answer, type):
        answer = answer()
    if not callable(answer):
        raise Mistake(
            "not_a_function",
            f"Pass the function itself, without brackets and arguments; this is a "
            f"{type(answer).__name__}.",
        )
    given = [a.clone() if isinstance(a, torch.Tensor) else a for a in arguments]
    if not extra:
        check_arguments(answer, given, names)
    try:
        output = answer(*given, **extra)
    except Exception as error:
        explain(error, arguments)
        raise
    for before, after, name in zip(arguments, given, names, strict=True):
        if isinstance(before, torch.Tensor) and not torch.equal(before, after):
            raise Mistake("changes_inputs", f"Your function changed {name} in place; copy it.")
    return output


def explain(error, arguments):
    """Raise a Mistake for the exceptions that learners meet most."""
    text = str(error)
    if "size of tensor" in text or "broadcast" in text or "same size" in text:
        sizes = [len(a) for a in arguments if isinstance(a, torch.Tensor)]
        raise Mistake(
            "sizes_must_agree",
            f"Your code stops when it is given {' and '.join(map(str, sizes))} entries: {text}. "
            "Nothing here needs sets of one size.",
        ) from None
    if "ambiguous" in text or "Boolean value of Tensor" in text:
        raise Mistake(
            "if_on_a_tensor",
            "An `if` needs one yes or no, but a tensor holds many numbers at once. Compare the "
            "whole tensor, then take a mean.",
        ) from None
    if isinstance(error, ZeroDivisionError):
        raise Mistake(
            "division_by_zero",
            "Your function divides by 0. Where there is nothing to divide by, the text says what "
            "to return.",
        ) from None
    if "NVIDIA" in text or "CUDA" in text:
        raise Mistake("fixed_device", "Your function asks for a GPU; stay on the CPU.") from None


def vector(output, shape, what):
    """A tensor of a shape as float64; names another type, another shape, and nan."""
    output = attempted(output)
    if isinstance(output, (np.ndarray, list, tuple)):
        output = torch.as_tensor(np.asarray([float(x) for x in np.asarray(output).ravel()]))
    if not isinstance(output, torch.Tensor):
        kind = type(output).__name__
        raise Mistake("wrong_type", f"{what} must be a tensor, but yours is a {kind}.")
    if output.is_complex():
        raise Mistake("complex_result", f"{what} is complex: take .abs() of the Fourier transform.")
    if output.shape != shape:
        raise Mistake(
            "shape", f"{what} must have shape {tuple(shape)}; yours has {tuple(output.shape)}."
        )
    if not output.isfinite().all():
        raise Mistake(
            "not_finite",
            f"{what} holds nan or infinity: the logarithm of 0, or the mean of an empty ring? "
            "Frequency 0 itself is ring 0.",
        )
    return output.detach().double().cpu()


def number(output, what):
    """One finite number as a float64 tensor; names the usual ways to miss it."""
    output = attempted(output)
    if isinstance(output, (bool, int, float, np.generic, np.ndarray)):
        output = torch.as_tensor(output)
    if not isinstance(output, torch.Tensor):
        kind = type(output).__name__
        raise Mistake("wrong_type", f"{what} must be one number, but yours is a {kind}.")
    if output.numel() != 1:
        raise Mistake(
            "not_a_scalar",
            f"{what} must be one number, but yours has shape {tuple(output.shape)}. Which mean or "
            "sum is missing?",
        )
    output = output.detach().reshape(()).double().cpu()
    if not output.isfinite():
        raise Mistake(
            "not_finite",
            f"{what} is {output.item()}: a division by 0, or the mean of an empty bin?",
        )
    return output


def same(outputs, expected, atol=1e-4):
    """Equal lists of numbers or vectors, up to rounding."""
    return all(close(a, b, atol=atol) for a, b in zip(outputs, expected, strict=True))


def first_difference(outputs, expected):
    """The number of the first case that is wrong: a message shows numbers that differ."""
    return next(
        i for i, (a, b) in enumerate(zip(outputs, expected, strict=True)) if not close(a, b)
    )


def name(outputs, cases, twins, said):
    """Raise the Mistake of the first twin that gives the outputs; `twins`: id -> (twin, text)."""
    for id, (twin, text) in twins.items():
        try:
            found = [torch.as_tensor(twin(*case)).double() for case in cases]
        except (RuntimeError, ZeroDivisionError):
            continue
        if same(outputs, found):
            raise Mistake(id, said + text)
    if len(outputs) > 2 and same(outputs[1:], outputs[:1] * (len(outputs) - 1)):
        raise Mistake("constant", said + "It is the same for all inputs: do they enter?")
