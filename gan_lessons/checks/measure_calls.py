"""How the checkers of exercise 05 call an answer and read its numbers, with the usual exceptions in
plain words.
"""

import inspect

import numpy as np
import torch

from gan_lessons.checks.core import Mistake, NotAttempted, attempted, close, untouched
from gan_lessons.checks.game_calls import check_arguments

NAMES = ("real_features", "fake_features")
OF_SIZE = ("sizes_must_agree", "not_a_scalar")  # where sizes differed before, a size is fixed


def clouds(n, m, d, seed):
    """Two clouds of features, (n, d) and (m, d), float32: other means, other covariances, and
    coordinates that hang together in different ways.
    """
    generator = torch.Generator().manual_seed(seed)

    def draw(*size):
        return torch.randn(*size, generator=generator)

    real = draw(n, d) @ (torch.eye(d) + 0.4 * draw(d, d)) + 0.5
    fake = draw(m, d) @ (torch.eye(d) + 0.4 * draw(d, d)) * 0.8 + 0.5 + 0.4 * draw(d)
    return real, fake


def call(answer, real, fake, **extra):
    """The answer's output; names what keeps it from running, and changes of the inputs."""
    if isinstance(answer, type):
        answer = answer()  # a metric written as a class
    if not callable(answer):
        raise Mistake(
            "not_a_function",
            f"Pass the function itself, without brackets and arguments; this is a "
            f"{type(answer).__name__}.",
        )
    arguments = [real.clone(), fake.clone()]
    if extra and not takes(answer, "k"):
        arguments, extra = arguments + list(extra.values()), {}
    if not extra:
        check_arguments(answer, arguments, NAMES)
    try:
        output = answer(*arguments, **extra)
    except Exception as error:
        explain(error, real, fake)
        raise
    for before, after, name in zip((real, fake), arguments, NAMES, strict=False):
        untouched(before, after, name)
    return output


def takes(function, name):
    """Whether a function has a parameter of this name."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return True
    return any(p.name == name or p.kind is p.VAR_KEYWORD for p in parameters)


def explain(error, real, fake):
    """Raise a Mistake for the exceptions that learners meet most."""
    text = str(error)
    if len(real) != len(fake) and (
        "size of tensor" in text
        or "size mismatch" in text
        or "shapes cannot be multiplied" in text
        or "could not be broadcast" in text
        or "mismatch in its core" in text
        or "not aligned" in text
        or "inconsistent" in text
    ):
        raise Mistake(
            "sizes_must_agree",
            f"Your code stops when the two sets have different sizes, here {len(real)} real and "
            f"{len(fake)} fake samples of {real.shape[1]} features: {text}. The sets may be (N, d) "
            "and (M, d); nothing here needs as many real samples as fakes.",
        ) from None
    if "NVIDIA" in text or "CUDA" in text:
        raise Mistake(
            "fixed_device",
            "Your function asks for a GPU. Stay on the device of the features.",
        ) from None
    if "ambiguous" in text or "Boolean value of Tensor" in text:
        raise Mistake(
            "if_on_a_tensor",
            "An `if` needs one yes or no, but a tensor holds many numbers at once. Compare the "
            "whole tensor, then use .any(dim=…) and .mean().",
        ) from None
    if "ComplexDouble" in text or "ComplexFloat" in text or "complex" in text:
        raise Mistake(
            "complex_result",
            f"A complex number came in: {text}. A root of a product of two covariances may have "
            "imaginary parts that are only rounding; take the real part before you go on.",
        ) from None


def number(output, what):
    """One real, finite number as a float64 tensor; names the usual ways to miss it."""
    output = attempted(output)
    if isinstance(output, (tuple, list)) and len(output) == 1:
        output = output[0]
    if isinstance(output, (int, float, complex, np.ndarray, np.generic)):
        output = torch.as_tensor(output)
    if not isinstance(output, torch.Tensor):
        raise Mistake(
            "wrong_type",
            f"{what} must be one number, a float or a tensor with one entry, but yours is a "
            f"{type(output).__name__}.",
        )
    if output.numel() != 1:
        raise Mistake(
            "not_a_scalar",
            f"{what} must be one number, but yours has shape {tuple(output.shape)}. Which sum, "
            "mean or trace is missing?",
        )
    if output.is_complex():
        raise Mistake(
            "complex_result",
            f"{what} is the complex number {output.item():.3g}. The root of a product of two "
            "covariances has no imaginary part but rounding: take the real part, .real.",
        )
    output = output.detach().reshape(()).double().cpu()
    if not output.isfinite():
        raise Mistake(
            "not_finite",
            f"{what} is {output.item()} on ordinary features. Look for the root of a negative "
            "number (element by element, in a matrix?) or a division by 0.",
        )
    return output


def values(answer, batches, what):
    """The answer's numbers on several pairs of clouds; names chance and fixed sizes."""
    outputs = []
    for i, (real, fake) in enumerate(batches):
        try:
            outputs.append(number(call(answer, real, fake), what))
        except NotAttempted:
            raise
        except Exception as error:
            if i == 0 or isinstance(error, Mistake) and error.id not in OF_SIZE:
                raise
            kind = "" if isinstance(error, Mistake) else f"{type(error).__name__}: "
            raise Mistake(
                "size_fixed",
                f"It works for {len(batches[0][0])} and {len(batches[0][1])} samples of "
                f"{batches[0][0].shape[1]} features, but not for {len(real)} and {len(fake)} of "
                f"{real.shape[1]}: a size is fixed somewhere. {kind}{error}",
            ) from None
    torch.manual_seed(99)
    np.random.seed(99)
    again = number(call(answer, *batches[0]), what)
    if not close(again, outputs[0], atol=1e-3):
        raise Mistake(
            "not_repeatable",
            f"The same features gave {outputs[0]:.4g} and then {again:.4g}: there is chance in "
            "your function. Use all samples, not a random part of them.",
        )
    return outputs


def factor(outputs, expected, said):
    """Name a constant result, a turned sign and a constant factor."""
    if all(close(a, outputs[0]) for a in outputs):
        raise Mistake(
            "constant",
            f"{said}It gives {outputs[0]:.3g} for every pair of sets: do the features enter?",
        )
    ratio = outputs[0] / expected[0]
    if all(close(a, -b) for a, b in zip(outputs, expected, strict=True)):
        raise Mistake("sign", f"{said}The sign of the whole is turned: it is minus the right one.")
    if all(close(a, ratio * b) for a, b in zip(outputs, expected, strict=True)):
        raise Mistake(
            "wrong_factor",
            f"{said}It is always {ratio:.3f} times the right one: a factor too many or too few.",
        )
