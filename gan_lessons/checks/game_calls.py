"""How the checkers of exercise 01 call an answer, with the usual exceptions in plain words."""

import inspect

from gan_lessons.checks.core import Mistake


def say(number):
    """A number for a message."""
    return f"{float(number):.3f}"


def call(answer, arguments, names):
    """The answer's output on the arguments; names what keeps it from running."""
    if isinstance(answer, type):
        answer = answer()  # a loss written as a class
    if not callable(answer):
        raise Mistake(
            "not_a_function",
            f"Pass the function itself, without brackets and arguments; this is a "
            f"{type(answer).__name__}.",
        )
    check_arguments(answer, arguments, names)
    try:
        return answer(*arguments)
    except Exception as error:
        explain(error, arguments)
        raise


def check_arguments(answer, arguments, names):
    """Name a function that takes other arguments than the exercise says."""
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):
        return  # some callables have none; calling them will tell
    try:
        signature.bind(*arguments)
    except TypeError:
        raise Mistake(
            "wrong_arguments",
            f"Your function takes {signature}. It is called with {len(arguments)}: "
            f"({', '.join(names)}), in this order.",
        ) from None


def explain(error, arguments):
    """Raise a Mistake for the exceptions that learners meet most."""
    text, shape = str(error), tuple(getattr(arguments[0], "shape", ()))
    if "between 0 and 1" in text:
        raise Mistake(
            "bce_of_logits",
            "F.binary_cross_entropy wants probabilities, but D gives logits, which have no bounds. "
            "Use F.binary_cross_entropy_with_logits.",
        ) from None
    if "arget size" in text or "size of tensor" in text:
        raise Mistake(
            "wrong_target_shape",
            f"The labels do not have the shape of the logits, {shape}: {text} "
            "torch.ones_like(logits) always fits.",
        ) from None
    if "Long" in text and ("cast" in text or "dtype" in text or "expected" in text):
        raise Mistake(
            "integer_labels",
            "The labels are whole numbers (int64); binary cross-entropy wants floats, like the "
            f"logits: torch.ones_like(logits). ({text})",
        ) from None
    if "NVIDIA" in text or "CUDA" in text:
        raise Mistake(
            "fixed_device",
            "Your function asks for a GPU. Stay on the device of the inputs: "
            "torch.ones_like(logits) does.",
        ) from None
    if "ambiguous" in text or "Boolean value of Tensor" in text:
        raise Mistake(
            "if_on_a_tensor",
            "An `if` needs one yes or no, but a tensor holds many numbers at once. "
            "torch.where(condition, a, b) chooses place by place.",
        ) from None
    if "does not require grad" in text:
        raise Mistake(
            "calls_backward",
            "Your function calls backward(). Return the loss; the training step calls backward.",
        ) from None
