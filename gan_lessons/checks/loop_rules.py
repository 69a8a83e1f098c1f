"""Rules that hold for a step of either player: what it returns, its noise, the order of backward
and step, the right optimiser, the gradient that was used, and what must be as before.
"""

import numbers

import torch
import torch.nn.functional as F

from gan_lessons.checks.core import Mistake, NotAttempted, close
from gan_lessons.checks.watch import flat, gradients, parameters


def number(step, name):
    """The returned number as a float; a stub is no mistake."""
    output = step.output
    if output is None or output is ...:
        if not step.log and not step.rows("G") and not step.rows("D"):
            raise NotAttempted(f"{name} does nothing yet. Fill in the cell, then check again.")
        raise Mistake(
            "returns_nothing",
            f"{name} ran, but it returns {output}. Its last line is `return loss.item()`.",
        )
    if isinstance(output, torch.Tensor):
        raise Mistake(
            "returns_tensor",
            f"{name} returns a tensor of shape {tuple(output.shape)}; asked is a plain number. A "
            "loss that is kept as a tensor can keep its whole graph in memory: loss.item().",
        )
    if isinstance(output, bool) or not isinstance(output, numbers.Real):
        raise Mistake(
            "wrong_type",
            f"{name} returns a {type(output).__name__}; asked is one plain number, the loss.",
        )
    if not torch.tensor(float(output)).isfinite():
        raise Mistake("not_finite", f"{name} returns {output}: look for a log of 0 in the loss.")
    return float(output)


def explain_error(step, player):
    """Raise the Mistake behind an exception of PyTorch, or the exception itself."""
    error, text = step.error, str(step.error)
    if error is None:
        return
    if "does not require grad" in text:
        if step.calls["D"] and any(c.out.requires_grad for c in step.calls["D"]):
            look = "Somewhere between D's logits and the loss there is a detach() or .item()."
        else:
            look = "D's answers were made under no_grad(), and from them " + (
                "D learns. Only making the fakes belongs under it, not calling D."
                if player == "D"
                else "G learns. Nothing in G's step belongs under it."
            )
        raise Mistake("no_graph", f"backward() has nothing to differentiate. {look}") from None
    if "between 0 and 1" in text:
        raise Mistake(
            "logits_as_probabilities",
            "binary_cross_entropy wants probabilities, but D returns logits: use "
            "binary_cross_entropy_with_logits, or the recipe's losses.",
        ) from None
    if "must be the same as input size" in text or "is different to the input size" in text:
        raise Mistake(
            "label_shape",
            f"The labels have another shape than the logits; PyTorch says: {text}. Use "
            "torch.ones_like(logits) and torch.zeros_like(logits), which always fit.",
        ) from None
    if "backward through the graph a second time" in text:
        raise Mistake(
            "backward_twice",
            "backward() runs a second time through a graph that is gone. Add the two halves and "
            "call backward() once, on fakes that are detached from G.",
        ) from None
    raise error


def check_one_noise(step):
    """Every sample needs a noise vector of its own, and the noise must be noise."""
    z = step.rows("G")[0]
    if len(z) > 1 and len(z.unique(dim=0)) < 0.9 * len(z) and len(step.calls["G"]) == 1:
        kind = ", all zeros" if z.abs().max() == 0 else ""
        raise Mistake(
            "one_noise_vector",
            f"The number of noise vectors that go into G is {len(z)}, that of different ones "
            f"{len(z.unique(dim=0))}{kind}. Each sample needs its own: torch.randn(n, gan.z_dim).",
        )


def check_noise_changes(noise):
    """Two steps must not use the same noise."""
    if any(a.shape == b.shape and close(a, b) for a, b in zip(noise, noise[1:], strict=False)):
        raise Mistake(
            "same_noise_in_every_step",
            "Two steps used exactly the same noise. Draw new noise inside the function, and set no "
            "seed there: G would learn only these few points.",
        )


def check_noise_is_normal(z):
    """Standard normal noise; `z` holds hundreds of rows, so the margins are wide."""
    low, high, mean, std = (f(z).item() for f in (torch.min, torch.max, torch.mean, torch.std))
    said = f"{z.numel()} noise values lie in {low:.2f} … {high:.2f}, mean {mean:.2f}, "
    said += f"standard deviation {std:.2f}. "
    look = (
        "Asked is standard normal noise, as gan.sample draws it: otherwise G is asked later for "
        "places that it never met in training. gan.sample_z(n) or torch.randn(n, gan.z_dim)."
    )
    if abs(mean) > 0.2 or abs(std - 1) > 0.15 or z.abs().max() < 2.3:
        uniform = abs(std / max(high - low, 1e-9) - 12**-0.5) < 0.03
        flat_noise = z.abs().max() < 2.3 and uniform
        raise Mistake("uniform_noise" if flat_noise else "noise_not_standard", said + look)
    if z.std(dim=1).median() < 0.05 or z.std(dim=0).min() < 0.5:
        raise Mistake(
            "noise_not_standard",
            "Within each noise vector the numbers are alike, or a column of the noise stands still."
            " Each of the n · z_dim numbers is drawn on its own: torch.randn(n, gan.z_dim).",
        )


def check_backward(step, player):
    """A backward must have run, before the step, and nothing may clear its gradients in between."""
    log = step.log
    own = f"gan.opt_{player}"
    if "backward" not in log:
        missing = "" if step.steps(player) else f", and {own} makes no step"
        raise Mistake(
            "no_backward",
            f"No gradient was computed{missing}. After the loss come {own}.zero_grad(), "
            f"loss.backward() and {own}.step().",
        )
    if not step.steps(player):
        return  # check_optimisers tells which one stepped instead
    back = len(log) - 1 - log[::-1].index("backward")
    stepped = len(log) - 1 - log[::-1].index(f"step {player}")
    if stepped < log.index("backward"):
        raise Mistake(
            "step_before_backward",
            f"{own}.step() runs before loss.backward(): it uses the gradients of the step before, "
            "or none. The order is zero_grad, backward, step.",
        )
    cleared = [i for i, entry in enumerate(log) if entry == f"zero {player}"]
    if any(back < i < stepped for i in cleared):
        raise Mistake(
            "zero_after_backward",
            f"When {own}.step() runs, all its gradients are empty: zero_grad() came between "
            "backward() and step(). Clear first, then backward, then step.",
        )
    if not flat(step.at_step[player]).any():
        raise Mistake(
            "no_gradient_arrives",
            f"backward() ran, but when {own}.step() runs there is no gradient in {player}: the "
            f"loss has no way back to {player}'s weights, or something emptied them by hand. "
            "(requires_grad_() on a tensor made under no_grad() or detach() does not restore the "
            "way back.)",
        )


def check_not_both(step, own, other):
    """The other player's optimiser makes no step beside the own one."""
    if step.steps(own) and step.steps(other):
        raise Mistake(
            "both_optimisers",
            f"Both optimisers make a step. This step belongs to {own} alone: only gan.opt_{own} "
            f"moves, and {other} keeps its weights.",
        )


def check_optimisers(step, own, other):
    """Exactly one step, of the right optimiser."""
    mine, theirs = step.steps(own), step.steps(other)
    if not mine and theirs:
        raise Mistake(
            "wrong_optimiser",
            f"gan.opt_{other} makes a step, but this is {own}'s turn: gan.opt_{own}.step().",
        )
    if not mine:
        moved = parameters(getattr(step.gan, own)), parameters(getattr(step.before, own))
        if not torch.equal(*moved):
            raise Mistake(
                "own_optimiser",
                f"{own}'s weights change, but gan.opt_{own} makes no step. Use it: Adam keeps "
                "running means there, which an optimiser made anew in each step would lose.",
            )
        raise Mistake(
            "no_step",
            f"The gradients are there, but gan.opt_{own}.step() is missing: no weight of {own} "
            "changes.",
        )
    if mine > 1:
        raise Mistake(
            "several_steps",
            f"gan.opt_{own} makes {mine} steps in one call; asked is one. Add the parts of the "
            "loss, then one backward() and one step().",
        )


def check_gradient(step, player, expected):
    """The gradient that the optimiser used: in the right direction, and without older ones."""
    used = flat(torch.zeros(1) if g is None else g for g in step.at_step[player])
    left = gradients(getattr(step.before, player))
    cosine = 0.0
    if used.shape == expected.shape:
        cosine = F.cosine_similarity(used, expected, dim=0).item()
    if cosine > 0.999:
        return
    if left.any() and used.shape == left.shape:
        fresh = used - left
        if F.cosine_similarity(fresh, expected, dim=0).item() > 0.999:
            other = "G" if player == "D" else "D"
            cleared = f"zero {other}" in step.log and f"zero {player}" not in step.log
            raise Mistake(
                "no_zero_grad",
                f"In the second call gan.opt_{player} uses the sum of the new gradient (length "
                f"{fresh.norm():.2f}) and the one of the call before ({left.norm():.2f}): PyTorch "
                f"adds gradients up. "
                + (f"You clear those of {other}. " if cleared else "")
                + f"Call gan.opt_{player}.zero_grad() before backward().",
            )
    backs = [i for i, entry in enumerate(step.log) if entry == "backward"]
    if f"zero {player}" in step.log[backs[0] : backs[-1]]:
        raise Mistake(
            "zero_between_backwards",
            f"gan.opt_{player}.zero_grad() runs between two backward() calls, so the gradient of "
            "the first is gone before the step. Clear once, before the first backward().",
        )
    raise Mistake(
        "wrong_gradient",
        f"The gradient that gan.opt_{player} uses is not that of the loss (cosine of the angle "
        f"{cosine:.2f}, asked is 1). Is something changed between backward() and step()?",
    )


def check_replay(step, player):
    """The weights after the step must come from the optimiser alone."""
    now = parameters(getattr(step.gan, player))
    if not torch.allclose(now, step.replayed(player), rtol=1e-4, atol=1e-6):
        raise Mistake(
            "weights_changed_by_hand",
            f"{player}'s weights after the call are not what gan.opt_{player}.step() makes of "
            "them. Something else changes them too: clipping, or an update by hand?",
        )


def check_train_mode(step, name):
    """The player that learns works in train mode."""
    if not all(call.training for call in step.calls[name]):
        raise Mistake(
            f"{name.lower()}_learns_in_eval",
            f"gan.{name} is in eval mode while it learns: BatchNorm and dropout then do other "
            f"things. Leave gan.{name} in train mode here; eval() is for looking at results.",
        )


def check_left_as_it_was(step):
    """requires_grad and the train mode of both players as before."""
    for name in ("G", "D"):
        now, before = getattr(step.gan, name), getattr(step.before, name)
        if [p.requires_grad for p in now.parameters()] != [
            p.requires_grad for p in before.parameters()
        ]:
            raise Mistake(
                "left_frozen",
                f"After your step {name}'s weights have requires_grad = False, so {name} can never "
                f"learn again. Switch it back on: gan.{name}.requires_grad_(True).",
            )
        if now.training != before.training or any(
            a.training != b.training for a, b in zip(now.modules(), before.modules(), strict=True)
        ):
            raise Mistake(
                "left_in_eval",
                f"Your step leaves {name} in eval mode. BatchNorm and dropout behave differently "
                f"there; nothing in this step needs eval().",
            )


def fit(halves):
    """Scale c and label t of binary cross-entropy for each (logits, gradient, label asked for);
    raises the Mistake of a gradient that no cross-entropy on the logits has.
    """

    def twice(logits, label):
        p = torch.sigmoid(logits)
        return (torch.sigmoid(p) - label) * p * (1 - p) / len(logits)

    if all(close(grad, twice(logits, label), rtol=1e-2) for logits, grad, label in halves):
        raise Mistake(
            "sigmoid_twice",
            "There are two sigmoids: yours on D's output, and the one inside the loss, which wants "
            "logits. Leave yours out.",
        )
    if all(grad.std() < 1e-3 * grad.abs().max() for _, grad, _ in halves):
        raise Mistake(
            "mean_of_logits",
            "The gradient is the same at every logit: your loss is a mean of the logits, as in a "
            "Wasserstein GAN. Asked is binary cross-entropy.",
        )
    found = []
    for logits, grad, _ in halves:
        s, g = torch.sigmoid(logits).double(), grad.double() * len(grad)
        columns = torch.cat([s, -torch.ones_like(s)], dim=1)
        solution = torch.linalg.lstsq(columns, g).solution
        c, ct = solution.flatten().tolist()
        if (columns @ solution - g).norm() > 0.01 * g.norm() or abs(c) < 1e-6:
            raise Mistake(
                "not_cross_entropy",
                "The gradient at the logits is not that of binary cross-entropy with fixed labels. "
                "Use the losses of gan.recipe, or binary_cross_entropy_with_logits.",
            )
        found.append((c, ct / c))
    return found


def check_scale(c, n, mean):
    """The factor of the whole loss."""
    if abs(c - 1) < 0.02:
        return
    if abs(c - 0.5) < 0.01:
        raise Mistake(
            "halved",
            f"Your loss is half of what is asked, {mean}. Many programs do that, and it trains; "
            "but its numbers are not those of this course. Leave out the division by 2.",
        )
    if abs(c / n - 1) < 0.02 or abs(c / n / 2 - 1) < 0.02:
        raise Mistake(
            "sum_not_mean",
            f"Your loss is {c:.3g} times as large as asked, and the batch has {n} samples: you "
            f"take the sum. Asked is {mean}, so that the loss means the same for every batch size.",
        )
    raise Mistake("wrong_scale", f"Your loss is {c:.3g} times as large as asked. Asked is {mean}.")


def check_value(value, expected, others):
    """The returned number is the loss of this step."""
    if close(value, expected):
        return
    for name, other in others.items():
        if close(value, other):
            raise Mistake(
                "returns_wrong_number",
                f"The step is right, but you return {value:.3f}, which is {name}; the loss of this "
                f"step is {expected:.3f}.",
            )
    raise Mistake(
        "returns_wrong_number",
        f"The step is right, but you return {value:.3f}; the loss of this step, with the weights "
        f"before it, is {expected:.3f}.",
    )
