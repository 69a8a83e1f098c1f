"""What a repaired script of exercise 06 leaves and returns: players in train mode, the average, the
lists of losses, the previews.
"""

import math
import numbers

import torch

from gan_lessons.checks.clinic_tape import settings
from gan_lessons.checks.core import Mistake, close


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
    for k, page in enumerate(tape.pages):
        if "average" in page.log[: page.log.index("step G")]:
            raise Mistake(
                "average_before_step",
                f"In step {k + 1}, gan.update_average() runs before gan.opt_G.step(): the average "
                "then follows the weights of the step before. Call it after G's step.",
            )
    for name, (layers, numbers_) in settings(gan).items():
        before = tape.start[name]
        if layers != before[0]:
            raise Mistake(
                "network_changed",
                f"gan.{name} has other layers than before your script. Repair the steps; the "
                "networks stay as they are.",
            )
        if numbers_ != before[1]:
            raise Mistake(
                "optimiser_changed",
                f"The settings of gan.opt_{name} changed (lr is {numbers_[0]['lr']:.2g}, it was "
                f"{before[1][0]['lr']:.2g}). Repair the steps; the optimisers stay as they are.",
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
    true = {name: [page.losses[name] for page in tape.pages] for name in "DG"}
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
    found = [torch.tensor([float(v) for v in values]) for values in output]
    d_true, g_true = (torch.tensor(true[name]) for name in "DG")
    if close(found[0], g_true) and close(found[1], d_true) and not close(d_true, g_true):
        raise Mistake(
            "lists_swapped",
            f"The two lists have changed places: the first is that of D, here {d_true[0]:.3f} in "
            f"step 1, yours begins with {found[0][0]:.3f}.",
        )
    if tape.steps == 2 and close(torch.stack(found).T, torch.stack([d_true, g_true])):
        raise Mistake(
            "pairs_of_losses",
            "You return a pair (D's loss, G's loss) for each step. Asked are two lists, all of D's "
            "losses and all of G's: return d_losses, g_losses.",
        )
    for name, mine, wanted in zip("DG", found, (d_true, g_true), strict=True):
        factor = (mine / wanted).mean().item()
        if abs(factor - 1) > 0.02 and close(mine, factor * wanted, rtol=1e-2):
            raise Mistake(
                "loss_scaled",
                f"{name}'s losses are {factor:.2g} times as large as asked, {mine[0]:.3f} for "
                f"{wanted[0]:.3f} in step 1. Is the loss halved, or a sum where a mean is meant? "
                "Take it from gan.recipe as it is.",
            )
        if not close(mine, wanted, rtol=1e-2):
            raise Mistake(
                "wrong_losses",
                f"The steps are right, but the list of {name}'s losses is not: in step 1 the loss "
                f"is {wanted[0]:.3f}, yours is {mine[0]:.3f}. Append loss.item() of the loss that "
                f"gan.opt_{name} steps on.",
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
        if len(preview) != 16:
            raise Mistake(
                "wrong_number_of_samples",
                f"Preview {k + 1} has {len(preview)} samples; asked are 16.",
            )
        if call.moment < 1:
            raise Mistake(
                "preview_too_early",
                f"Preview {k + 1} is drawn before both players have made their step. Asked is a "
                "look after each step of both.",
            )
        if not call.settled:
            raise Mistake(
                "preview_in_train_mode",
                f"Preview {k + 1} was drawn in train mode. BatchNorm then mixes the 16 samples "
                "with each other, and counts them into its running statistics, on which all later "
                "samples rest. Call gan.G.eval() before a preview and gan.G.train() after it.",
            )


def same_tensor(a, b):
    return isinstance(b, torch.Tensor) and a.shape == b.shape and torch.equal(a, b.detach())
