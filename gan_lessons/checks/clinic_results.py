"""What a repaired script of exercise 03 leaves and returns: players in train mode, the average, the
lists of losses, the previews.
"""

import math
import numbers

import torch

from gan_lessons.checks.core import Mistake


def check_end(tape):
    """What must be as before, and the average that belongs to each step."""
    gan = tape.gan
    for name in "GD":
        module = getattr(gan, name)
        if not all(p.requires_grad for p in module.parameters()):
            raise Mistake(
                "left_frozen",
                f"After your script {name}'s weights have requires_grad = False, so {name} can "
                f"never learn again: gan.{name}.requires_grad_(True).",
            )
        if not module.training:
            raise Mistake(
                "left_in_eval",
                f"After your script gan.{name} is in eval mode, so the next run would train it so. "
                f"Call gan.{name}.train() after each preview.",
            )
    if gan.steps != tape.steps:
        raise Mistake(
            "average_not_updated",
            f"gan.update_average() ran {gan.steps} times in {tape.steps} steps. It belongs after "
            "each step of G, once: samples come from the average.",
        )


def is_list(values):
    """Whether this has entries: no number, no text, no tensor without a dimension."""
    return hasattr(values, "__len__") and getattr(values, "ndim", 1) > 0 and type(values) is not str


def check_losses(tape):
    """The returned lists hold the losses of the steps as plain numbers."""
    output = tape.output
    if output is None:
        raise Mistake(
            "returns_nothing",
            "The training is right, but your script returns None: return d_losses, g_losses.",
        )
    pair = isinstance(output, (tuple, list)) and len(output) == 2
    if not pair or not all(map(is_list, output)):
        inside = f" of {', '.join(type(x).__name__ for x in output)}" if pair else ""
        raise Mistake(
            "returns_wrong",
            "Return two lists, (d_losses, g_losses), each with a number for every step; yours is "
            f"a {type(output).__name__}{inside}.",
        )
    for name, values in zip("DG", output, strict=True):
        if len(values) != tape.steps:
            raise Mistake(
                "wrong_number_of_losses",
                f"The list of {name}'s losses should have {tape.steps} entries, one for each step; "
                f"yours is {str(values)[:60]}.",
            )
        for value in values:
            if isinstance(value, torch.Tensor) and value.requires_grad:
                raise Mistake(
                    "loss_keeps_graph",
                    f"{name}'s losses are tensors with a graph, which stays in memory for the "
                    "whole run: append loss.item().",
                )
            if not isinstance(value, (numbers.Real, torch.Tensor)) or not math.isfinite(value):
                raise Mistake(
                    "wrong_type",
                    f"{name}'s losses hold {value!r}; asked is a plain number for each step, as "
                    "loss.item() gives it.",
                )


def check_previews(tape):
    """A preview for each step: drawn by G in eval mode, without a graph, after the step."""
    previews = tape.output
    if previews is None:
        raise Mistake(
            "returns_nothing",
            "The training is right, but your script returns None: return the list of previews.",
        )
    if not isinstance(previews, (tuple, list)) or len(previews) != tape.steps:
        raise Mistake(
            "wrong_number_of_previews",
            f"Return a list with one preview for each of {tape.steps} steps; yours is a "
            f"{type(previews).__name__}. (All in one tensor? list() makes entries of them.)",
        )
    for k, (page, preview) in enumerate(zip(tape.pages, previews, strict=True)):
        if getattr(preview, "requires_grad", False):
            raise Mistake(
                "preview_keeps_graph",
                "Your previews carry a graph, which stays in memory: draw them under no_grad().",
            )
        call = next((c for c in page.calls["G"] if same_tensor(c.out, preview)), None)
        if call is None:
            raise Mistake(
                "preview_not_from_g",
                f"Preview {k + 1} is not what gan.G gave for the noise: return gan.G(z) itself, "
                "with z of shape (16, z_dim).",
            )
        if call.training:
            raise Mistake(
                "preview_in_train_mode",
                f"Preview {k + 1} was drawn in train mode. BatchNorm then mixes the 16 samples "
                "with each other, and counts them into its running statistics, on which all later "
                "samples rest. Call gan.G.eval() before a preview and gan.G.train() after it.",
            )


def same_tensor(a, b):
    return isinstance(b, torch.Tensor) and a.shape == b.shape and torch.equal(a, b.detach())
