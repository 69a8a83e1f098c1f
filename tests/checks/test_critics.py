"""Right answers in many forms pass; every catalogued mistake is rejected and named."""

import dataclasses

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons import checks, losses
from gan_lessons.checks import critics_penalty, critics_power, critics_rescue
from gan_lessons.checks.critics_twins import CRITIC_TWINS, HINGE_D_TWINS, HINGE_G_TWINS

NAMES = (
    "critic_loss",
    "gradient_penalty",
    "hinge_discriminator_loss",
    "hinge_generator_loss",
    "power_iteration",
)


def check(name, answer):
    return checks.check(name, answer)


class CriticLoss(nn.Module):
    def forward(self, real_scores, fake_scores):
        return -(torch.mean(real_scores) - torch.mean(fake_scores))


def by_where(r, f):
    cost = torch.where(r < 1, 1 - r, 0.0).mean() + torch.where(f > -1, 1 + f, 0.0).mean()
    return cost.double()


RIGHT = {
    "critic_loss": [
        losses.critic_loss,
        CriticLoss(),
        CriticLoss,
        lambda r, f: (f - r).mean(),
        lambda real_scores, fake_scores, weight=1.0: (
            fake_scores.sum() / len(fake_scores) - real_scores.squeeze().mean()
        ),
        lambda r, f: (f.double().mean() - r.double().mean()).view(1),
    ],
    "hinge_discriminator_loss": [
        losses.hinge_discriminator_loss,
        by_where,
        lambda r, f: (1 - r).clamp(min=0).mean() + (1 + f).clamp(min=0).mean(),
        lambda r, f: -torch.clamp(r - 1, max=0).mean() - torch.clamp(-1 - f, max=0).mean(),
        lambda r, f: nn.ReLU()(1.0 - r).mean() + nn.ReLU()(1.0 + f).mean(),
        lambda r, f: (F.relu(1 - r) + F.relu(1 + f)).mean(),
        lambda r, f: torch.max(torch.zeros_like(r), 1 - r).mean() + F.threshold(1 + f, 0, 0).mean(),
    ],
    "hinge_generator_loss": [
        losses.critic_generator_loss,
        lambda f: (-f).mean(),
        lambda fake_logits: -torch.sum(fake_logits) / fake_logits.numel(),
        lambda f: (0 - f.squeeze(1)).mean(),
    ],
}


@pytest.mark.parametrize("name, answer", [(n, a) for n, part in RIGHT.items() for a in part])
def test_right_losses_pass(name, answer):
    result = check(name, answer)
    assert result.status == "passed", result


TWINS = {
    "critic_loss": CRITIC_TWINS,
    "hinge_discriminator_loss": HINGE_D_TWINS,
    "hinge_generator_loss": HINGE_G_TWINS,
}


@pytest.mark.parametrize("name, id", [(n, id) for n, twins in TWINS.items() for id in twins])
def test_wrong_losses_are_named(name, id):
    result = check(name, TWINS[name][id][0])
    assert (result.status, result.mistake) == ("failed", id), result


def in_place(r, f):
    r -= r.mean()
    return f.mean() - r.mean()


@pytest.mark.parametrize(
    "answer, id",
    [
        (lambda r, f: f - r, "not_a_scalar"),
        (lambda r, f: f.mean(0) - r, "not_a_scalar"),
        (lambda r, f: (f.mean() - r.mean()).item(), "no_gradient"),
        (lambda r, f: (f.mean() - r.mean()).detach(), "no_gradient"),
        (lambda r, f: f.detach().mean() - r.mean(), "half_detached"),
        (lambda r, f: f.mean() - r.detach().mean(), "half_detached"),
        (lambda r, f: 3 * (f.mean() - r.mean()), "other_weights"),
        (lambda r, f: f.mean() - r.mean() + 1, "other_weights"),
        (lambda r, f: f.mean() - r[:6].sum() / 6 if len(r) == 6 else 1 / 0, "raises"),
        (lambda r, f: f.view(6).mean() - r.view(6).mean(), "raises"),
        (in_place, "changes_inputs"),
        (lambda r, f: f.mean() - r.mean() + torch.rand(()), "not_repeatable"),
        (lambda r: -r.mean(), "wrong_arguments"),
        (torch.zeros(1), "not_a_function"),
        (lambda r, f: "loss", "wrong_type"),
        (lambda r, f: (f.mean() - r.mean()) / 0, "not_finite"),
        (lambda r, f: f.log().mean() - r.log().mean(), "not_finite"),
        (lambda r, f: F.binary_cross_entropy(r, torch.ones_like(r)), "bce_of_logits"),
    ],
)
def test_other_mistakes_in_a_critic_loss_are_named(answer, id):
    result = check("critic_loss", answer)
    assert (result.status, result.mistake) == ("failed", id), result


def penalty(epsilon=None, points=None, after=None, create_graph=True, by="sum"):
    """A gradient penalty with one part exchanged."""

    def answer(critic, real, fake):
        e = (epsilon or column)(real)
        x = points(real, fake, e) if points else e * real + (1 - e) * fake
        x = x.detach().requires_grad_(True)
        (g,) = torch.autograd.grad(getattr(critic(x), by)(), x, create_graph=create_graph)
        return after(g) if after else (g.flatten(1).norm(dim=1) - 1).square().mean()

    return answer


def column(real, draw=torch.rand):
    return draw(len(real), *[1] * (real.ndim - 1))


def by_func(critic, real, fake):
    e = column(real)
    x = e * real + (1 - e) * fake
    g = torch.func.vmap(torch.func.grad(lambda s: critic(s[None]).squeeze()))(x)
    return (g.flatten(1).norm(dim=1) - 1).square().mean()


def by_func_one_epsilon(critic, real, fake):
    e = torch.rand(1)
    g = torch.func.vmap(torch.func.grad(lambda s: critic(s[None]).squeeze()))(
        e * real + (1 - e) * fake
    )
    return (g.flatten(1).norm(dim=1) - 1).square().mean()


def by_loop(critic, real, fake):
    total = 0
    for r, f in zip(real, fake, strict=True):
        e = torch.rand(())
        x = (e * r + (1 - e) * f)[None].requires_grad_(True)
        (g,) = torch.autograd.grad(critic(x).squeeze(), x, create_graph=True)
        total = total + (g.norm() - 1) ** 2
    return total / len(real)


def by_jacobian(critic, real, fake):
    x = torch.lerp(fake, real, column(real))
    g = torch.autograd.functional.jacobian(lambda x: critic(x).sum(), x, create_graph=True)
    return ((g.flatten(1).norm(dim=1) - 1) ** 2).mean()


def as_in_many_repositories(critic, real, fake):
    e = torch.tensor(np.random.random((len(real), *[1] * (real.ndim - 1))), dtype=real.dtype)
    x = (e * real + (1 - e) * fake).requires_grad_(True)
    scores = critic(x)
    g = torch.autograd.grad(
        outputs=scores,
        inputs=x,
        grad_outputs=torch.ones_like(scores),
        create_graph=True,
        retain_graph=True,
        only_inputs=True,
    )[0]
    g = g.view(g.size(0), -1)
    return torch.mean((torch.sqrt(torch.sum(g**2, dim=1) + 1e-12) - 1) ** 2)


def by_backward(critic, real, fake):
    e = column(real)
    x = (e * real + (1 - e) * fake).requires_grad_(True)
    critic(x).sum().backward(create_graph=True)
    return ((x.grad.flatten(1).norm(dim=1) - 1) ** 2).mean()


def by_mse(critic, real, fake):
    e = torch.empty(len(real), *[1] * (real.ndim - 1)).uniform_()
    x = torch.autograd.Variable(fake + e * (real - fake), requires_grad=True)
    (g,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    norms = torch.linalg.vector_norm(g, dim=tuple(range(1, g.ndim)))
    return F.mse_loss(norms, torch.ones_like(norms))


def with_scores_of_both(critic, real, fake):
    critic(real), critic(fake)
    return losses.gradient_penalty(critic, real, fake)


class AsClass:
    def __call__(self, critic, real, fake, eps=1e-12):
        return losses.gradient_penalty(critic, real, fake)


@pytest.mark.parametrize(
    "answer",
    [
        losses.gradient_penalty,
        penalty(),
        penalty(points=lambda r, f, e: e * r + (1 - e) * f[torch.randperm(len(f))]),
        by_func,
        by_loop,
        by_jacobian,
        as_in_many_repositories,
        by_backward,
        by_mse,
        with_scores_of_both,
        AsClass,
        AsClass(),
    ],
)
def test_right_penalties_pass(answer):
    torch.manual_seed(0)
    result = check("gradient_penalty", answer)
    assert result.status == "passed", result


@pytest.mark.parametrize("id", critics_penalty.TWINS)
def test_wrong_penalties_are_named(id):
    wrong = critics_penalty.TWINS[id][0]
    if id == "mean_of_scores":
        wrong = None
    answer = penalty(after=wrong, by="sum" if wrong else "mean")
    result = check("gradient_penalty", answer)
    same = {"norm_over_pixels": ("norm_over_pixels", "norm_over_last_axis")}
    assert result.status == "failed" and result.mistake in same.get(id, (id,)), result


def without_grad(critic, real, fake):
    e = column(real)
    x = e * real + (1 - e) * fake
    return losses.slopes(critic, x).mean() + torch.autograd.grad(critic(x.detach()).sum(), x)[0]


def graph_off(critic, real, fake):
    with torch.no_grad():
        return penalty()(critic, real, fake)


def scores_not_summed(critic, real, fake):
    x = (real + column(real) * (fake - real)).requires_grad_(True)
    return torch.autograd.grad(critic(x), x, create_graph=True)[0].norm()


def by_other_points(critic, real, fake):
    x = (real + column(real) * (fake - real)).requires_grad_(True)
    return torch.autograd.grad(critic(x.detach() * 1).sum() + 0 * x.sum() * 0, x)[0].norm()


def no_critic(critic, real, fake):
    return (real - fake).square().mean()


@pytest.mark.parametrize(
    "answer, id",
    [
        (penalty(lambda r: torch.rand(1)), "one_epsilon"),
        (penalty(lambda r: torch.rand(())), "one_epsilon"),
        (by_func_one_epsilon, "wrong_places"),
        (penalty(torch.rand_like), "epsilon_per_feature"),
        (penalty(lambda r: torch.rand(r.shape[1:])), "epsilon_per_feature"),
        (penalty(lambda r: column(r, torch.randn)), "beyond_the_ends"),
        (penalty(lambda r: torch.full((1,), 0.5)), "fixed_epsilon"),
        (penalty(lambda r: 0.5 * column(r)), "not_uniform"),
        (penalty(lambda r: (column(r) < 0.5).float()), "not_uniform"),
        (
            penalty(lambda r: column(r, lambda *s: np_like(s))),
            "same_epsilon_each_call",
        ),
        (penalty(points=lambda r, f, e: r), "real_only"),
        (penalty(points=lambda r, f, e: f), "fake_only"),
        (penalty(points=lambda r, f, e: torch.cat([r, f])), "number_of_points"),
        (penalty(points=lambda r, f, e: e * r + e * f), "off_the_lines"),
        (penalty(points=lambda r, f, e: r + e * f), "off_the_lines"),
        (penalty(points=lambda r, f, e: r - f), "off_the_lines"),
        (penalty(points=lambda r, f, e: r + f), "off_the_lines"),
        (penalty(points=lambda r, f, e: r + 0.5 * torch.randn_like(r)), "off_the_lines"),
        (penalty(points=lambda r, f, e: e * r + (1 - e) * r), "real_only"),
        (penalty(create_graph=False), "no_create_graph"),
        (
            penalty(after=lambda g: (g.detach().flatten(1).norm(dim=1) - 1).square().mean()),
            "no_create_graph",
        ),
        (
            penalty(after=lambda g: (g.flatten(1).norm(dim=1) - 1).square().mean().item()),
            "no_create_graph",
        ),
        (penalty(lambda r: torch.rand(len(r), 1)), "epsilon_shape"),
        (penalty(lambda r: torch.rand(len(r))), "epsilon_shape"),
        (penalty(lambda r: torch.rand(len(r), 1, 1, 1)), "points_shape"),
        (penalty(points=lambda r, f, e: (e * r + (1 - e) * f).flatten(1)), "points_shape"),
        (
            penalty(after=lambda g: (g.norm(2, dim=(1, 2, 3)) - 1).square().mean()),
            "fixed_dimensions",
        ),
        (penalty(after=lambda g: (g.flatten(1).norm(dim=1) - 1).square()), "not_a_scalar"),
        (
            penalty(after=lambda g: 5 * (g.flatten(1).norm(dim=1) - 1).square().mean()),
            "weight_inside",
        ),
        (scores_not_summed, "scores_not_summed"),
        (graph_off, "points_without_grad"),
        (lambda critic, real, fake: (critic(real).mean() - 1) ** 2, "other_formula"),
        (lambda critic, real: critic(real).mean(), "wrong_arguments"),
        (lambda real, fake, critic: critic(real).mean(), "arguments_swapped"),
        (3.0, "not_a_function"),
    ],
)
def test_other_mistakes_in_a_penalty_are_named(answer, id):
    torch.manual_seed(0)
    result = check("gradient_penalty", answer)
    assert (result.status, result.mistake) == ("failed", id), result


def np_like(size):
    """The same numbers in every call."""
    return torch.rand(*size, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("answer", [without_grad, by_other_points, no_critic])
def test_odd_penalties_are_rejected(answer):
    assert check("gradient_penalty", answer).status == "failed"


def power(steps=100, flat=None, normalise=True, end=None, back=True):
    """Power iteration with one part exchanged."""

    def answer(weight):
        W = flat(weight) if flat else weight.flatten(1)
        v = torch.randn(W.shape[1], dtype=W.dtype)
        for _ in range(steps):
            u = W @ v
            v = W.T @ u if back else u
            v = v / v.norm() if normalise else v
        return end(W, v) if end else (W @ v).norm()

    return answer


def by_rayleigh(weight, steps=100):
    A = weight.flatten(1) @ weight.flatten(1).T
    u = F.normalize(torch.ones(len(A), dtype=A.dtype) + 0.1 * torch.rand(len(A)), dim=0)
    for _ in range(steps):
        u = F.normalize(A @ u, dim=0)
    return (u @ A @ u).sqrt().item()


def in_numpy(weight, steps=100):
    W = weight.detach().numpy().reshape(len(weight), -1)
    v = np.random.rand(W.shape[1])
    for _ in range(steps):
        u = W @ v
        u /= np.linalg.norm(u)
        v = W.T @ u
        v /= np.linalg.norm(v)
    return u @ W @ v


@pytest.mark.parametrize(
    "answer",
    [
        power(),
        by_rayleigh,
        in_numpy,
        lambda w, steps=3: torch.linalg.svdvals(w.flatten(1))[0],
        lambda weight, steps: power(steps)(weight),
        lambda w: torch.linalg.matrix_norm(w.reshape(w.shape[0], -1), ord=2).view(1),
        power(flat=lambda w: w.detach().flatten(1).double()),
    ],
)
def test_right_power_iterations_pass(answer):
    torch.manual_seed(0)
    result = check("power_iteration", answer)
    assert result.status == "passed", result


@pytest.mark.parametrize("id", critics_power.TWINS)
def test_wrong_power_iterations_are_named(id):
    result = check("power_iteration", critics_power.TWINS[id][0])
    assert (result.status, result.mistake) == ("failed", id), result


@pytest.mark.parametrize("id", critics_power.CONV)
def test_kernels_that_are_not_flattened_right_are_named(id):
    def answer(w):
        return critics_power.sigma(w) if w.ndim == 2 else critics_power.CONV[id](w)

    assert check("power_iteration", answer).mistake == "conv_not_flattened"


@pytest.mark.parametrize(
    "answer, id",
    [
        (power(steps=1), "not_converged"),
        (power(normalise=False), "not_normalised"),
        (power(end=lambda W, v: v), "vector_returned"),
        (power(end=lambda W, v: W @ v), "vector_returned"),
        (lambda w: w / critics_power.sigma(w), "vector_returned"),
        (power(end=lambda W, v: ((W @ v).norm(), v)), "several_values"),
        (power(end=lambda W, v: (W.T @ (W @ v)).norm()), "squared"),
        (power(end=lambda W, v: v.norm()), "normalised"),
        (power(back=False), "no_transpose"),
        (power(flat=lambda w: w), "conv_not_flattened"),
        (power(end=lambda W, v: 2 * (W @ v).norm()), "wrong_factor"),
        (lambda w: w.mul_(2).flatten(1).norm(), "changes_inputs"),
        (lambda: 1.0, "wrong_arguments"),
    ],
)
def test_other_mistakes_in_power_iteration_are_named(answer, id):
    torch.manual_seed(0)
    result = check("power_iteration", answer)
    assert (result.status, result.mistake) == ("failed", id), result


def test_an_eigenvalue_is_no_singular_value():
    def answer(w):
        if w.ndim == 2 and w.shape[0] == w.shape[1]:
            return torch.linalg.eigvals(w).abs().max()
        return critics_power.sigma(w)

    assert check("power_iteration", answer).mistake == "eigenvalue"


def recipe(**changes):
    return dataclasses.replace(critics_rescue.SICK, **changes)


def plain_start(weight, steps=100):
    """Starts with float32 noise, whatever the weight is."""
    matrix = weight.detach().flatten(1)
    v = torch.randn(matrix.shape[1])
    for _ in range(steps):
        u = F.normalize(matrix @ v, dim=0)
        v = F.normalize(matrix.T @ u, dim=0)
    return u @ matrix @ v


def test_power_iteration_starts_from_ordinary_noise_and_needs_its_steps():
    assert check("power_iteration", plain_start).status == "passed"
    few = check("power_iteration", lambda weight, steps=100: plain_start(weight, 3))
    assert few.mistake == "not_converged", few


def test_a_loss_that_is_right_on_the_first_batch_shows_another():
    result = check("critic_loss", lambda r, f: (f.mean() - r.mean()).clamp(-1, 1))
    assert result.mistake == "loss_clamped" and "on batch" in result.message


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer",
    [
        dataclasses.replace(critics_rescue.SICK, penalty=losses.r1_penalty),
        losses.r3gan(lr_d=2.5e-4, lr_g=2.5e-4, betas=(0.9, 0.999)),
    ],
)
def test_a_rescue_passes(answer):
    result = check("rescue", answer)
    assert result.status == "passed", result


@pytest.mark.parametrize(
    "answer, id",
    [
        (losses.R1, "other_rates"),
        (dataclasses.replace(critics_rescue.SICK, d_steps=50), "too_many_steps"),
        (losses.r1_penalty, "not_a_recipe"),
        (losses.Recipe, "not_a_recipe"),
        (recipe(betas=0.5), "wrong_betas"),
        (recipe(d_steps=2.5), "wrong_d_steps"),
        (recipe(penalty=lambda D, real, fake: None), "wrong_part"),
        (recipe(penalty=lambda D, real: 0.0), "wrong_part"),
        (recipe(generator_loss=lambda fake: fake), "wrong_part"),
        (recipe(penalty=lambda *a: -losses.r1_penalty(*a)), "negative_penalty"),
        (recipe(discriminator_loss=lambda r, f: r.mean() - f.mean()), "sign_of_a_loss"),
        (recipe(generator_loss=lambda fake: fake.mean()), "sign_of_a_loss"),
        ({"penalty": losses.r1_penalty}, "not_a_recipe"),
        (3, "not_a_recipe"),
    ],
)
def test_what_is_no_rescue_is_named(answer, id):
    result = check("rescue", answer)
    assert (result.status, result.mistake) == ("failed", id), result


@pytest.mark.slow
def test_the_sick_recipe_is_no_rescue():
    assert check("rescue", critics_rescue.SICK).mistake == "still_sick"


@pytest.mark.parametrize("name", (*NAMES, "rescue"))
def test_stubs_are_not_attempted(name):
    def stub(*arguments):
        raise NotImplementedError("Task")

    answers = [None, ...] if name == "rescue" else [None, ..., stub, lambda *a: None]
    assert {check(name, answer).status for answer in answers} == {"not attempted"}


@pytest.mark.parametrize("name", (*NAMES, "rescue"))
def test_there_are_three_hints(name):
    assert len(checks.EXERCISES[name].hints) == 3


def clips_the_critic(critic, real, fake):
    with torch.no_grad():
        for weight in critic.parameters():
            weight.clamp_(-0.01, 0.01)
    return losses.gradient_penalty(critic, real, fake)


def freezes_the_critic(critic, real, fake):
    penalty = losses.gradient_penalty(critic, real, fake)
    critic.requires_grad_(False)
    return penalty


def leaves_eval_mode(critic, real, fake):
    return losses.gradient_penalty(critic.eval(), real, fake)


def keeps_the_tuple(critic, real, fake):
    x = (real + column(real) * (fake - real)).requires_grad_(True)
    gradient = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    return (gradient.flatten(1).norm(dim=1) - 1).square().mean()


def other_order(real, fake, critic):
    return losses.gradient_penalty(critic, real, fake)


def marks_the_inputs(critic, real, fake):
    return losses.gradient_penalty(critic, real.requires_grad_(True), fake.requires_grad_(True))


@pytest.mark.parametrize(
    "answer, mistake",
    [
        (clips_the_critic, "changes_critic"),
        (freezes_the_critic, "freezes_critic"),
        (marks_the_inputs, "changes_inputs"),
        (leaves_eval_mode, "changes_mode"),
        (keeps_the_tuple, "tuple_of_gradients"),
        (other_order, "arguments_swapped"),
    ],
)
def test_a_penalty_leaves_the_critic_and_the_samples_as_they_are(answer, mistake):
    result = checks.check("gradient_penalty", answer)
    assert (result.status, result.mistake) == ("failed", mistake)
