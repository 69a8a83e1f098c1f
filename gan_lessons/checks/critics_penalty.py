"""Checker of `gradient_penalty` in exercise 07.

The answer draws chance numbers of its own, so it is judged with critics whose gradient is known:
a linear one, where the penalty is the same at all places, and a quadratic one that keeps the points
at which it was asked, so that the places can be looked at.
"""

import torch
from torch import nn

from gan_lessons.checks.core import Mistake, close, name_twin, same, scalar, untouched, weights
from gan_lessons.checks.critics_penalty_twins import AXIS, TWINS, right
from gan_lessons.checks.critics_places import Places
from gan_lessons.checks.game_calls import check_arguments, say

NAMES = ("critic", "real", "fake")
IMAGES, POINTS, FEATURES = (6, 1, 5, 4), (7, 2), (9, 3, 2, 2)


class Probe(nn.Module):
    """A critic with a known gradient that keeps the samples it was shown."""

    def __init__(self, shape):
        super().__init__()
        self.shape, self.seen, self.hidden = tuple(shape), [], False

    def forward(self, x, *labels):
        if tuple(x.shape[1:]) != self.shape:
            expected = ", ".join(map(str, ("B", *self.shape)))
            raise Mistake(
                "points_shape",
                f"Your function shows the critic a tensor of shape {tuple(x.shape)}; samples are "
                f"({expected}) here. Look at the shape of epsilon: it needs one number for each "
                "sample, then as many dimensions of length 1 as a sample has. (And the critic "
                "takes samples as they are, not flattened.)",
            )
        if torch._C._functorch.is_functorch_wrapped_tensor(x):
            self.hidden = True  # inside torch.func there is nothing to keep
        else:
            self.seen.append(x.detach().clone())
        return self.score(x.flatten(1))[:, None]


class Linear(Probe):
    """Score w · x: the gradient is w everywhere."""

    def __init__(self, shape, length, seed):
        super().__init__(shape)
        w = torch.randn(shape, generator=torch.Generator().manual_seed(seed)).flatten()
        self.weight = nn.Parameter(length * w / w.norm())

    def score(self, x):
        return (x * self.weight).sum(dim=1)

    def gradient(self, x):
        return self.weight.detach().double().view(1, *self.shape).expand(len(x), *self.shape)


class Quadratic(Probe):
    """Score a/2 · |x|²: the gradient is a · x."""

    def __init__(self, shape, a):
        super().__init__(shape)
        self.a = nn.Parameter(torch.tensor(a))

    def score(self, x):
        return self.a / 2 * x.square().sum(dim=1)

    def gradient(self, x):
        return self.a.item() * x.double()


def samples(shape, seed):
    """Real samples and fakes that differ in every number, so that a place on the line shows."""
    generator = torch.Generator().manual_seed(seed)
    real = torch.randn(shape, generator=generator)
    step = 0.5 + torch.rand(shape, generator=generator)
    side = torch.where(torch.rand(shape, generator=generator) < 0.5, -1.0, 1.0)
    return real, real + step * side


def examine_gradient_penalty(answer):
    """Shape, finite, closed form, the places, the gradient to the critic."""
    cases = [(IMAGES, 3.0), (POINTS, 0.4), (FEATURES, 1.7), ((4, 6), 2.2)]
    linear = [(Linear(shape[1:], length, i), i, shape) for i, (shape, length) in enumerate(cases)]
    outputs, gradients = [], []
    for critic, seed, shape in linear:
        data = samples(shape, seed)
        outputs.append(value(answer, critic, *data).detach())
        gradients.append(critic.gradient(data[0]))
    expected = [right(g) for g in gradients]
    if not all(close(a, b) for a, b in zip(outputs, expected, strict=True)):
        explain_value(outputs, gradients, expected, "critic w · x, where the places do not matter")
    examine_places(answer)
    return check_gradient(answer)


def explain_value(outputs, gradients, expected, where):
    """Name a wrong penalty."""
    pairs = zip(outputs, expected, strict=True)
    seen, wanted = next(pair for pair in pairs if not close(*pair))
    said = f"For a {where}, yours is {say(seen)}, it should be {say(wanted)}. "
    made = {id: ([f(g) for g in gradients], said + text) for id, (f, text) in TWINS.items()}
    name_twin(outputs, made)
    ratio = outputs[0] / expected[0]
    if all(close(a, ratio * b) for a, b in zip(outputs, expected, strict=True)):
        text = f"{said}It is always {ratio:.3f} times the right one; no weight belongs in here."
        raise Mistake("weight_inside", text)
    good = [close(a, b) for a, b in zip(outputs, expected, strict=True)]
    if any(good):
        text = "It is right for some shapes and wrong for others. "
        raise Mistake("shape_dependent", said + text + AXIS)
    raise Mistake(
        "other_formula",
        f"{said}Check it in steps: the gradient of the scores' sum by the points that the critic "
        "saw, its length for each sample, minus 1, squared, and the mean.",
    )


def examine_places(answer):
    """Where on the lines between real and fake the gradient is taken; then its value there."""
    runs = []
    for seed, shape in ((10, (8, 1, 5, 4)), (11, (12, 3)), (10, (8, 1, 5, 4))):
        critic, (real, fake) = Quadratic(shape[1:], 0.8), samples(shape, seed)
        output = value(answer, critic, real, fake).detach()
        if critic.hidden:
            return examine_unseen(answer)
        points = Places(critic.seen, real, fake).found()
        runs.append((output, critic.gradient(points), points))
    if close(runs[0][2], runs[2][2], atol=1e-6):
        raise Mistake(
            "same_epsilon_each_call",
            "Two calls used the same epsilon. Draw new ones in every call, without a seed of your "
            "own.",
        )
    many = Quadratic((2,), 0.8)
    real, fake = samples((1000, 2), 12)
    value(answer, many, real, fake)
    Places(many.seen, real, fake).spread()
    outputs, gradients = [r[0] for r in runs], [r[1] for r in runs]
    expected = [right(g) for g in gradients]
    if not all(close(a, b) for a, b in zip(outputs, expected, strict=True)):
        explain_value(outputs, gradients, expected, "critic 0.4 · |x|², at your places")


def examine_unseen(answer):
    """Answers through torch.func hide their places: compare with the mean over all of them."""
    critic, (real, fake) = Quadratic((2,), 0.8), samples((4000, 2), 13)
    fake = fake + 4  # so that an epsilon that all share shows
    place = torch.rand(200, 4000, 1, generator=torch.Generator().manual_seed(0))
    norms = 0.8 * (place * real + (1 - place) * fake).norm(dim=2)
    costs = (norms - 1).square()
    calls, expected = [value(answer, critic, real, fake).item() for _ in range(5)], costs.mean()
    found = max(calls, key=lambda v: abs(v - expected))
    if abs(found - expected) > 6 * costs.std().item() / 4000**0.5:
        raise Mistake(
            "wrong_places",
            f"For a linear critic your penalty is right, for the critic 0.4 · |x|² it is not: "
            f"{found:.3f} where about {expected:.3f} is expected. So the places are wrong: each "
            "sample needs its own epsilon, uniform from 0 to 1, on the line from real[i] to "
            "fake[i].",
        )


def value(answer, critic, real, fake):
    """One penalty, and the usual exceptions in plain words."""
    before, own = (real.clone(), fake.clone()), weights(critic)
    critic.train()
    if isinstance(answer, type):
        answer = answer()  # a penalty written as a class
    if not callable(answer):
        raise Mistake(
            "not_a_function",
            f"Pass the function itself, without brackets; this is a {type(answer).__name__}.",
        )
    check_arguments(answer, (critic, real, fake), NAMES)
    try:
        output = answer(critic, real, fake)
    except Exception as error:
        explain(error, real)
        raise
    output = scalar(output, "the penalty")
    untouched(before[0], real, "real")
    untouched(before[1], fake, "fake")
    if not same(own, weights(critic)):
        raise Mistake(
            "changes_critic",
            "Your function changes the critic's weights. A penalty only measures: the optimiser's "
            "step moves the weights (and weight clipping is the older WGAN).",
        )
    if not all(w.requires_grad for w in critic.parameters()):
        raise Mistake(
            "freezes_critic",
            "Your function sets requires_grad to False on the critic's weights, so the critic "
            "learns nothing any more. Leave them as they are.",
        )
    if not critic.training:
        raise Mistake(
            "changes_mode",
            "Your function leaves the critic in eval mode. A penalty only measures: leave "
            "train() and eval() to the loop.",
        )
    if real.requires_grad or fake.requires_grad:
        raise Mistake(
            "changes_inputs",
            "Your function leaves requires_grad set on real or fake. Only the points between need "
            "it: set it on them, after mixing.",
        )
    return output


def explain(error, real):
    """Raise a Mistake for the exceptions that learners meet most here."""
    text, shape = str(error), tuple(real.shape)
    if "NVIDIA" in text or "CUDA" in text:
        text = (
            "Your function asks for a GPU. Stay on the device of the samples: device=real.device."
        )
        raise Mistake("fixed_device", text) from None
    swapped = "'Tensor' object is not callable" in text or any(
        f"'{kind}' " in text for kind in ("Linear", "Quadratic")
    )
    if swapped:
        text = (
            "You use the critic as a tensor, or a tensor as the critic. Are the arguments in "
            "another order? They are (critic, real, fake)."
        )
        raise Mistake("arguments_swapped", text) from None
    if "'tuple' object" in text:
        raise Mistake(
            "tuple_of_gradients",
            f"{type(error).__name__}: {text}. autograd.grad returns a tuple with one gradient for "
            "each input: take [0], or write `(gradient,) = torch.autograd.grad(…)`.",
        ) from None
    if "does not require grad" in text:
        raise Mistake(
            "points_without_grad",
            "There is nothing to differentiate by: the points between real and fake need "
            "x.requires_grad_(True) before the critic sees them, and no torch.no_grad() or "
            ".detach() after that.",
        ) from None
    if "not have been used in the graph" in text:
        raise Mistake(
            "other_points",
            "You differentiate by a tensor that the critic has not seen. Give autograd.grad the "
            "very tensor that went into the critic.",
        ) from None
    if "implicitly created" in text:
        raise Mistake(
            "scores_not_summed",
            "autograd.grad wants one number: differentiate critic(x).sum(), or pass "
            "grad_outputs=torch.ones_like(scores).",
        ) from None
    if "size of tensor" in text or "broadcast" in text:
        raise Mistake(
            "epsilon_shape",
            f"For samples of shape {shape} the shapes do not fit: {text}. epsilon needs one number "
            f"for each sample and then ones: {(shape[0], *[1] * (len(shape) - 1))}. Count the "
            "dimensions with real.ndim, so that it works for any shape.",
        ) from None
    if isinstance(error, IndexError) or "not enough values" in text or "too many values" in text:
        raise Mistake(
            "fixed_dimensions",
            f"Your function does not work for samples of shape {shape} ({text}). Points, images "
            "and features must all work: use real.ndim, flatten(1).",
        ) from None


def check_gradient(answer):
    """The penalty must teach the critic: its gradient goes through the gradient."""
    critic, (real, fake) = Linear((2,), 3.0, 5), samples((8, 2), 5)
    output = value(answer, critic, real, fake)
    polluted = critic.weight.grad is not None
    critic.weight.grad = None
    found = [None]
    if output.requires_grad:
        found = torch.autograd.grad(output, [critic.weight], allow_unused=True)
    w = critic.weight.detach()
    wanted = 2 * (w.norm() - 1) * w / w.norm()
    if found[0] is None or not found[0].abs().sum() > 0:
        raise Mistake(
            "no_create_graph",
            "The number is right, but the critic learns nothing from it: no gradient reaches its "
            "weights. autograd.grad needs create_graph=True, and nothing after it may cut the "
            "graph (.detach(), .data, .item(), torch.no_grad()).",
        )
    if not close(found[0], wanted):
        raise Mistake(
            "wrong_gradient",
            "The number is right, but its gradient for the critic's weights is not: "
            f"{found[0][0]:.3f} for the first, where {wanted[0]:.3f} is right. Does a part of the "
            "formula go through .detach() or .item()?",
        )
    if polluted:
        return (
            "Right, with one remark: your backward() also leaves a gradient in the critic's own "
            "weights, which an optimiser would add to the next step. torch.autograd.grad leaves "
            "none."
        )
    return None
