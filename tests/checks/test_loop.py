"""The checkers of exercise 02: right steps of many kinds pass, known mistakes are named."""

import copy
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from gan_lessons import checks, data, training
from gan_lessons.checks import loop, watch


def status(name, answer):
    result = checks.check(name, answer)
    assert result.status != "failed", result
    return result.status


def mistake(name, answer):
    result = checks.check(name, answer)
    assert result.status == "failed", result
    assert len(result.message) > 40, result
    return result.mistake


bce = F.binary_cross_entropy_with_logits


def towards(logits, label):
    return bce(logits, torch.full_like(logits, label))


# train_discriminator: right answers


def update(optimiser, loss):
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


def d_detach(gan, real, *labels):
    fake = gan.G(torch.randn(len(real), gan.z_dim), *labels).detach()
    loss = towards(gan.D(real), 1.0) + towards(gan.D(fake), 0.0)
    return update(gan.opt_D, loss)


def d_concatenated(gan, real):
    n = real.shape[0]
    with torch.no_grad():
        fake = gan.G(gan.sample_z(n))
    logits = gan.D(torch.cat([fake, real]))
    labels = torch.cat([torch.zeros(n, 1), torch.ones(n, 1)])
    return update(gan.opt_D, 2 * bce(logits, labels))


def d_concatenated_mean(gan, real):
    n = real.shape[0]
    with torch.no_grad():
        fake = gan.G(gan.sample_z(n))
    logits = gan.D(torch.cat([real, fake]))
    return update(gan.opt_D, bce(logits, torch.cat([torch.ones(n, 1), torch.zeros(n, 1)])))


def d_two_backwards(gan, real):
    gan.D.zero_grad()
    real_loss = F.softplus(-gan.D(real)).mean()
    real_loss.backward()
    fake_loss = F.softplus(gan.D(gan.G(gan.sample_z(len(real))).detach())).mean()
    fake_loss.backward()
    gan.opt_D.step()
    return real_loss.item() + fake_loss.item()


def d_by_probabilities(gan, real):
    p_real = torch.sigmoid(gan.D(real))
    p_fake = torch.sigmoid(gan.D(gan.G(torch.randn(real.size(0), gan.z_dim)).detach()))
    loss = F.binary_cross_entropy(p_real, torch.ones_like(p_real)) - torch.log(1 - p_fake).mean()
    return update(gan.opt_D, loss)


def d_by_logsigmoid(gan, real, verbose=False):
    gan.opt_D.zero_grad(set_to_none=False)
    fake = gan.G(gan.sample_z(len(real))).data
    loss = -(F.logsigmoid(gan.D(real)) + F.logsigmoid(-gan.D(fake))).mean()
    loss.backward()
    gan.opt_D.step()
    return np.float64(loss.detach().numpy())


def d_functional_gradients(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    loss = gan.recipe.discriminator_loss(gan.D(real), gan.D(fake))
    parameters = list(gan.D.parameters())
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        p.grad = g
    gan.opt_D.step()
    return float(loss)


def d_zero_at_the_end(gan, real):
    with torch.no_grad():
        fake = gan.G(gan.sample_z(len(real)))
    loss = gan.recipe.discriminator_loss(gan.D(real), gan.D(fake))
    loss.backward()
    gan.opt_D.step()
    gan.opt_D.zero_grad()
    return loss.item()


def d_inputs_only(gan, real):
    fake = gan.G(gan.sample_z(len(real)))
    loss = gan.recipe.discriminator_loss(gan.D(real), gan.D(fake))
    gan.opt_D.zero_grad()
    loss.backward(inputs=list(gan.D.parameters()))
    gan.opt_D.step()
    return loss.item()


def d_freezes_g(gan, real):
    gan.G.requires_grad_(False)
    loss = gan.recipe.discriminator_loss(gan.D(real), gan.D(gan.G(gan.sample_z(len(real)))))
    gan.G.requires_grad_(True)
    return update(gan.opt_D, loss)


def d_half(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    loss = (towards(gan.D(real), 1.0) + towards(gan.D(fake), 0.0)) / 2
    return update(gan.opt_D, loss)


def d_smooth(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    return update(gan.opt_D, towards(gan.D(real), 0.9) + towards(gan.D(fake), 0.0))


def d_softmax(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    two = [torch.cat([torch.zeros_like(x), x], dim=1) for x in (gan.D(real), gan.D(fake))]
    ones, zeros = torch.ones(len(real)).long(), torch.zeros(len(real)).long()
    return update(gan.opt_D, F.cross_entropy(two[0], ones) + F.cross_entropy(two[1], zeros))


def d_in_float64(gan, real):
    fake = gan.G(gan.sample_z(len(real)).float()).detach()
    real_logits, fake_logits = gan.D(real).double(), gan.D(fake).double()
    loss = torch.logaddexp(torch.zeros(()).double(), -real_logits).mean()
    loss = loss + torch.logaddexp(torch.zeros(()).double(), fake_logits).mean()
    return update(gan.opt_D, loss)


def d_sample_by_sample(gan, real):
    gan.opt_D.zero_grad()
    total = 0.0
    for x in real:
        with torch.no_grad():
            fake = gan.G.eval()(gan.sample_z(1))
        gan.G.train()
        part = gan.recipe.discriminator_loss(gan.D(x[None]), gan.D(fake)) / len(real)
        part.backward()
        total += part.item()
    gan.opt_D.step()
    return total


def d_noise_by_own_generator(gan, real):
    torch.seed()
    z = torch.empty(len(real), gan.z_dim).normal_()
    fake = gan.G(z.to(real.device, real.dtype)).clone().detach()
    loss = gan.recipe.discriminator_loss(fake_logits=gan.D(fake), real_logits=gan.D(real))
    loss = loss + gan.recipe.penalty(gan.D, real, fake)
    return update(gan.opt_D, loss)


def d_clipped(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    loss = gan.recipe.discriminator_loss(gan.D(real), gan.D(fake))
    gan.opt_D.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(gan.D.parameters(), 1.0)
    gan.opt_D.step()
    return loss.item()


class DiscriminatorStep:
    def __call__(self, gan, real):
        return training.train_discriminator(gan, real)


def d_closure(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()

    def loss_of_d():
        gan.opt_D.zero_grad()
        loss = gan.recipe.discriminator_loss(gan.D(real), gan.D(fake))
        loss.backward()
        return loss

    return gan.opt_D.step(loss_of_d).item()


def d_inference_mode(gan, real):
    with torch.inference_mode():
        fake = gan.G(gan.sample_z(len(real)))
    return update(gan.opt_D, gan.recipe.discriminator_loss(gan.D(real), gan.D(fake.clone())))


def d_numpy_noise(gan, real):
    z = torch.from_numpy(np.random.randn(len(real), gan.z_dim)).to(real)
    with torch.set_grad_enabled(False):
        fake = gan.G.forward(z)
    criterion = torch.nn.BCEWithLogitsLoss()
    both = [(gan.D(real), 1.0), (gan.D(fake), 0.0)]
    return update(gan.opt_D, sum(criterion(x, torch.full_like(x, y)) for x, y in both))


def d_by_functional_call(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    D = dict(gan.D.named_parameters())
    logits = [torch.func.functional_call(gan.D, D, (x,)) for x in (real, fake)]
    return update(gan.opt_D, gan.recipe.discriminator_loss(*logits))


RIGHT_D = [
    d_inference_mode,
    d_numpy_noise,
    d_by_functional_call,
    training.train_discriminator,
    d_detach,
    d_concatenated,
    d_two_backwards,
    d_by_probabilities,
    d_by_logsigmoid,
    d_functional_gradients,
    d_inputs_only,
    d_freezes_g,
    d_smooth,
    d_softmax,
    d_in_float64,
    d_sample_by_sample,
    d_noise_by_own_generator,
    d_clipped,
    DiscriminatorStep(),
    d_closure,
]


@pytest.mark.parametrize("answer", RIGHT_D, ids=lambda f: getattr(f, "__name__", "object"))
def test_every_right_step_of_d_passes(answer):
    assert status("train_discriminator", answer) == "passed"


@pytest.mark.parametrize(
    "answer, words",
    [(d_smooth, "smooth")],
)
def test_a_right_but_risky_step_gets_a_remark(answer, words):
    assert words in checks.check("train_discriminator", answer).message


# train_discriminator: mistakes


def d_step(loss_of=None, fakes=None, after=None, loss_value=None, clear=True):
    """A step of D with one part exchanged for another."""
    fakes = fakes or (lambda gan, real: gan.G(gan.sample_z(len(real))).detach())
    loss_of = loss_of or (lambda r, f: F.softplus(-r).mean() + F.softplus(f).mean())

    def step(gan, real):
        fake = fakes(gan, real)
        loss = loss_of(gan.D(real), gan.D(fake))
        if clear:
            gan.opt_D.zero_grad()
        loss.backward()
        gan.opt_D.step()
        if after:
            after(gan, real)
        return loss.item() if loss_value is None else loss_value(gan, loss)

    return step


def d_no_backward(gan, real):
    loss = towards(gan.D(real), 1.0) + towards(gan.D(gan.G(gan.sample_z(len(real)))), 0.0)
    gan.opt_D.zero_grad()
    gan.opt_D.step()
    return loss.item()


def d_loss_only(gan, real):
    loss = towards(gan.D(real), 1.0) + towards(gan.D(gan.G(gan.sample_z(len(real)))), 0.0)
    return loss.item()


def d_no_step(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    loss = towards(gan.D(real), 1.0) + towards(gan.D(fake), 0.0)
    gan.opt_D.zero_grad()
    loss.backward()
    return loss.item()


def d_step_first(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    loss = towards(gan.D(real), 1.0) + towards(gan.D(fake), 0.0)
    gan.opt_D.zero_grad()
    gan.opt_D.step()
    loss.backward()
    return loss.item()


def d_clears_after_backward(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    loss = towards(gan.D(real), 1.0) + towards(gan.D(fake), 0.0)
    loss.backward()
    gan.opt_D.zero_grad()
    gan.opt_D.step()
    return loss.item()


def d_optimiser_of_g(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    loss = towards(gan.D(real), 1.0) + towards(gan.D(fake), 0.0)
    gan.opt_G.zero_grad()
    loss.backward()
    gan.opt_G.step()
    return loss.item()


def d_clears_g_instead(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    loss = towards(gan.D(real), 1.0) + towards(gan.D(fake), 0.0)
    gan.opt_G.zero_grad()
    loss.backward()
    gan.opt_D.step()
    return loss.item()


def d_two_steps(gan, real):
    first = towards(gan.D(real), 1.0)
    update(gan.opt_D, first)
    second = towards(gan.D(gan.G(gan.sample_z(len(real))).detach()), 0.0)
    update(gan.opt_D, second)
    return first.item() + second.item()


def d_clears_between_halves(gan, real):
    first = towards(gan.D(real), 1.0)
    gan.opt_D.zero_grad()
    first.backward()
    second = towards(gan.D(gan.G(gan.sample_z(len(real))).detach()), 0.0)
    return first.item() + update(gan.opt_D, second)


def d_own_optimiser(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    loss = towards(gan.D(real), 1.0) + towards(gan.D(fake), 0.0)
    return update(torch.optim.Adam(gan.D.parameters(), 1e-3), loss)


def d_real_only(gan, real):
    return update(gan.opt_D, towards(gan.D(real), 1.0))


def d_fake_only(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    return update(gan.opt_D, towards(gan.D(fake), 0.0))


def d_everything_without_graph(gan, real):
    with torch.no_grad():
        fake = gan.G(gan.sample_z(len(real)))
        loss = gan.recipe.discriminator_loss(gan.D(real), gan.D(fake))
    return update(gan.opt_D, loss)


def d_fake_logits_without_graph(gan, real):
    with torch.no_grad():
        fake_logits = gan.D(gan.G(gan.sample_z(len(real))))
    return update(gan.opt_D, gan.recipe.discriminator_loss(gan.D(real), fake_logits))


def d_seeded(gan, real):
    torch.manual_seed(0)
    return training.train_discriminator(gan, real)


def d_left_in_eval(gan, real):
    gan.G.eval()
    return training.train_discriminator(gan, real)


def d_left_frozen(gan, real):
    gan.G.requires_grad_(False)
    return training.train_discriminator(gan, real)


def d_labels_hard_coded(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    loss = bce(gan.D(real), torch.ones(64, 1)) + bce(gan.D(fake), torch.zeros(64, 1))
    return update(gan.opt_D, loss)


def d_bce_on_logits(gan, real):
    fake = gan.G(gan.sample_z(len(real))).detach()
    ones = torch.ones(len(real), 1)
    loss = F.binary_cross_entropy(gan.D(real), ones) + F.binary_cross_entropy(gan.D(fake), 1 - ones)
    return update(gan.opt_D, loss)


def d_second_graph(gan, real):
    fake = gan.G(gan.sample_z(len(real)))
    gan.opt_D.zero_grad()
    towards(gan.D(real), 1.0).backward()
    loss = towards(gan.D(fake), 0.0)
    loss.backward()
    loss.backward()
    gan.opt_D.step()
    return loss.item()


def d_in_place(gan, real):
    real.mul_(0.9)
    return training.train_discriminator(gan, real)


def d_then_g(gan, real):
    loss = training.train_discriminator(gan, real)
    training.train_generator(gan, len(real))
    return loss


def clip_weights(gan, real):
    with torch.no_grad():
        for p in gan.D.parameters():
            p.clamp_(-0.01, 0.01)


def nudge_g(gan, real):
    with torch.no_grad():
        for p in gan.G.parameters():
            p.mul_(0.99)


sp = F.softplus
FIXED = {8: torch.randn(8, 3), 5: torch.randn(5, 6), 400: torch.randn(400, 3)}


def d_eval_before(gan, real):
    gan.D.eval()
    return gan.G(gan.sample_z(len(real))).detach()


WRONG_D = {
    "same_noise_in_every_step-outside": d_step(
        fakes=lambda gan, real: gan.G(FIXED[len(real)]).detach()
    ),
    "fake_called_real-log": d_step(
        lambda r, f: -(r.sigmoid().log().mean() + f.sigmoid().log().mean())
    ),
    "wrong_labels-too large": d_step(lambda r, f: towards(r, 1.2) + towards(f, 0.0)),
    "real_half_detached-item": d_step(lambda r, f: sp(-r).mean().item() + sp(f).mean()),
    "halves_unequal-one sum": d_step(lambda r, f: sp(-r).sum() + sp(f).mean()),
    "labels_swapped": d_step(lambda r, f: towards(r, 0.0) + towards(f, 1.0)),
    "fake_called_real": d_step(lambda r, f: towards(r, 1.0) + towards(f, 1.0)),
    "real_called_fake": d_step(lambda r, f: towards(r, 0.0) + towards(f, 0.0)),
    "wrong_labels": d_step(lambda r, f: towards(r, 0.5) + towards(f, 0.5)),
    "wrong_sign": d_step(lambda r, f: -sp(-r).mean() - sp(f).mean()),
    "wrong_sign-log": d_step(lambda r, f: r.sigmoid().log().mean() + (-f).sigmoid().log().mean()),
    "wrong_sign-difference": d_step(lambda r, f: sp(-r).mean() - sp(f).mean()),
    "no_real_half": d_fake_only,
    "no_real_half-in the loss": d_step(lambda r, f: sp(f).mean()),
    "no_fake_half": d_real_only,
    "no_fake_half-in the loss": d_step(lambda r, f: sp(-r).mean()),
    "real_half_detached": d_step(lambda r, f: sp(-r.detach()).mean() + sp(f).mean()),
    "fake_half_detached": d_step(lambda r, f: sp(-r).mean() + sp(f.detach()).mean()),
    "fake_half_detached-no_grad": d_fake_logits_without_graph,
    "no_graph": d_everything_without_graph,
    "real_as_fake": d_step(fakes=lambda gan, real: real),
    "fakes_from_average": d_step(fakes=lambda gan, real: gan.sample(len(real))),
    "fakes_from_average-module": d_step(
        fakes=lambda gan, real: gan.G_ema(gan.sample_z(len(real)) * 1.0)
    ),
    "fakes_not_from_g": d_step(fakes=lambda gan, real: torch.randn_like(real)),
    "d_sees_other_data": d_step(
        fakes=lambda gan, real: gan.G(gan.sample_z(len(real))).detach() * 0.5
    ),
    "wrong_number_of_fakes": d_step(fakes=lambda gan, real: gan.G(gan.sample_z(64)).detach()),
    "wrong_number_of_fakes-one": d_step(fakes=lambda gan, real: gan.G(gan.sample_z(1)).detach()),
    "wrong_input_shape": d_step(fakes=lambda gan, real: gan.G(torch.randn(len(real), 2)).detach()),
    "one_noise_vector": d_step(
        fakes=lambda gan, real: gan.G(gan.sample_z(1).expand(len(real), -1)).detach()
    ),
    "one_noise_vector-zeros": d_step(
        fakes=lambda gan, real: gan.G(torch.zeros(len(real), gan.z_dim)).detach()
    ),
    "uniform_noise": d_step(
        fakes=lambda gan, real: gan.G(torch.rand(len(real), gan.z_dim)).detach()
    ),
    "uniform_noise-around 0": d_step(
        fakes=lambda gan, real: gan.G(torch.rand(len(real), gan.z_dim) * 2 - 1).detach()
    ),
    "noise_not_standard": d_step(
        fakes=lambda gan, real: gan.G(torch.randn(len(real), gan.z_dim) * 3).detach()
    ),
    "same_noise_in_every_step": d_seeded,
    "gradients_in_g": d_step(fakes=lambda gan, real: gan.G(gan.sample_z(len(real)))),
    "g_changed": d_step(after=nudge_g),
    "both_optimisers": d_step(after=lambda gan, real: gan.opt_G.step()),
    "both_optimisers-whole round": d_then_g,
    "wrong_optimiser": d_optimiser_of_g,
    "no_step": d_no_step,
    "several_steps": d_two_steps,
    "several_steps-again": d_step(after=lambda gan, real: gan.opt_D.step()),
    "own_optimiser": d_own_optimiser,
    "no_backward": d_no_backward,
    "no_backward-loss only": d_loss_only,
    "step_before_backward": d_step_first,
    "zero_after_backward": d_clears_after_backward,
    "zero_between_backwards": d_clears_between_halves,
    "no_zero_grad": d_step(clear=False),
    "no_zero_grad-g": d_clears_g_instead,
    "sum_not_mean": d_step(lambda r, f: sp(-r).sum() + sp(f).sum()),
    "wrong_scale": d_step(lambda r, f: 10 * (sp(-r).mean() + sp(f).mean())),
    "halves_unequal": d_step(lambda r, f: sp(-r).mean() + 0.1 * sp(f).mean()),
    "sigmoid_twice": d_step(lambda r, f: towards(r.sigmoid(), 1.0) + towards(f.sigmoid(), 0.0)),
    "mean_of_logits": d_step(lambda r, f: f.mean() - r.mean()),
    "not_cross_entropy": d_step(lambda r, f: (r - 1).square().mean() + f.square().mean()),
    "not_cross_entropy-hinge": d_step(lambda r, f: F.relu(1 - r).mean() + F.relu(1 + f).mean()),
    "logits_as_probabilities": d_bce_on_logits,
    "label_shape": d_labels_hard_coded,
    "label_shape-flat": d_step(
        lambda r, f: bce(r, torch.ones(len(r))) + bce(f, torch.zeros(len(f)))
    ),
    "backward_twice": d_second_graph,
    "weights_changed_by_hand": d_step(after=clip_weights),
    "left_in_eval": d_left_in_eval,
    "left_in_eval-d": d_step(after=lambda gan, real: gan.D.eval()),
    "left_frozen": d_left_frozen,
    "left_frozen-d": d_step(after=lambda gan, real: gan.D.requires_grad_(False)),
    "changes_inputs": d_in_place,
    "returns_tensor": d_step(loss_value=lambda gan, loss: loss),
    "returns_tensor-detached": d_step(loss_value=lambda gan, loss: loss.detach()),
    "returns_nothing": d_step(loss_value=lambda gan, loss: None or ...),
    "wrong_type": d_step(loss_value=lambda gan, loss: (loss.item(), 0.0)),
    "wrong_type-text": d_step(loss_value=lambda gan, loss: f"{loss.item():.3f}"),
    "not_finite": d_step(loss_value=lambda gan, loss: math.nan),
    "returns_wrong_number": d_step(loss_value=lambda gan, loss: 0.0),
    "halved": d_half,
    "halved-one call of D": d_concatenated_mean,
    "zero_too_late": d_zero_at_the_end,
    "wrong_labels-both smoothed": d_step(lambda r, f: towards(r, 0.9) + towards(f, 0.1)),
    "returns_wrong_number-smoothed": d_step(
        lambda r, f: towards(r, 0.9) + towards(f, 0.0), loss_value=lambda gan, loss: 0.0
    ),
    "d_learns_in_eval": d_step(fakes=d_eval_before, after=lambda gan, real: gan.D.train()),
    "gradients_switched_off": d_step(after=lambda gan, real: torch.set_grad_enabled(False)),
    "d_not_used": lambda gan, real: 1.0,
    "part_of_real": lambda gan, real: training.train_discriminator(gan, real[:4]),
    "raises": lambda gan, real: real.no_such_thing(),
}


@pytest.mark.parametrize("id", WRONG_D)
def test_wrong_steps_of_d_are_named(id):
    assert mistake("train_discriminator", WRONG_D[id]) == id.split("-")[0]


# train_generator: right answers


def g_plain(gan, n, *labels):
    logits = gan.D(gan.G(torch.randn(n, gan.z_dim), *labels), *labels)
    return update(gan.opt_G, towards(logits, 1.0))


def g_with_average(gan, n):
    loss = g_plain(gan, n)
    gan.update_average()
    return loss


def g_freezes_d(gan, n):
    gan.D.requires_grad_(False)
    gan.opt_G.zero_grad()
    loss = F.softplus(-gan.D(gan.G(gan.sample_z(n)))).mean()
    loss.backward()
    gan.opt_G.step()
    gan.D.requires_grad_(True)
    return float(loss)


def g_clears_both(gan, n):
    gan.G.zero_grad(), gan.D.zero_grad()
    loss = -torch.log(torch.sigmoid(gan.D(gan.G(gan.sample_z(n))))).mean()
    loss.backward()
    gan.opt_G.step()
    gan.D.zero_grad()
    gan.steps += 1
    return loss.item()


def g_by_autograd(gan, n):
    loss = gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(n))))
    parameters = list(gan.G.parameters())
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        p.grad = g
    gan.opt_G.step()
    return loss.item()


def g_two_stages(gan, n):
    fake = gan.G(gan.sample_z(n))
    cut = fake.detach().requires_grad_(True)
    loss = gan.recipe.generator_loss(gan.D(cut))
    (slope,) = torch.autograd.grad(loss, cut)
    gan.opt_G.zero_grad()
    fake.backward(slope)
    gan.opt_G.step()
    return loss.item()


def g_zero_at_the_end(gan, n):
    loss = gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(n))))
    loss.backward()
    gan.opt_G.step()
    gan.opt_G.zero_grad()
    return loss.item()


def g_numpy_number(gan, n):
    loss = gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(n))).double())
    return np.float32(update(gan.opt_G, loss))


def g_logs_detached(gan, n):
    fake = gan.G(gan.sample_z(n))
    seen = gan.D(fake.detach()).mean().item()
    assert math.isfinite(seen)
    return update(gan.opt_G, gan.recipe.generator_loss(gan.D(fake)))


class GeneratorStep:
    def step(self, gan, n, verbose=False):
        z = torch.normal(0.0, 1.0, size=(n, gan.z_dim), device=gan.device)
        return update(gan.opt_G, bce(gan.D(gan.G(z)).squeeze(1), torch.ones(n)))


RIGHT_G = [
    training.train_generator,
    g_plain,
    g_with_average,
    g_freezes_d,
    g_clears_both,
    g_by_autograd,
    g_two_stages,
    g_zero_at_the_end,
    g_numpy_number,
    g_logs_detached,
    GeneratorStep().step,
]


@pytest.mark.parametrize("answer", RIGHT_G, ids=lambda f: f.__name__)
def test_every_right_step_of_g_passes(answer):
    assert status("train_generator", answer) == "passed"


# train_generator: mistakes


def g_step(loss_of=None, noise=None, after=None, loss_value=None, clear=True, between=None):
    """A step of G with one part exchanged for another."""
    noise = noise or (lambda gan, n: gan.sample_z(n))
    loss_of = loss_of or (lambda f: sp(-f).mean())

    def step(gan, n):
        fake = gan.G(noise(gan, n))
        loss = loss_of(gan.D(between(fake) if between else fake))
        if clear:
            gan.opt_G.zero_grad()
        loss.backward()
        gan.opt_G.step()
        if after:
            after(gan)
        return loss.item() if loss_value is None else loss_value(gan, loss)

    return step


def g_no_grad(gan, n):
    with torch.no_grad():
        fake = gan.G(gan.sample_z(n))
    return update(gan.opt_G, gan.recipe.generator_loss(gan.D(fake)))


def g_optimiser_of_d(gan, n):
    return update(gan.opt_D, gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(n)))))


def g_no_step(gan, n):
    loss = gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(n))))
    gan.opt_G.zero_grad()
    loss.backward()
    return loss.item()


def g_no_backward(gan, n):
    loss = gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(n))))
    gan.opt_G.zero_grad()
    gan.opt_G.step()
    return loss.item()


def g_step_first(gan, n):
    loss = gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(n))))
    gan.opt_G.zero_grad()
    gan.opt_G.step()
    loss.backward()
    return loss.item()


def g_clears_after_backward(gan, n):
    loss = gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(n))))
    loss.backward()
    gan.opt_G.zero_grad()
    gan.opt_G.step()
    return loss.item()


def g_clears_d_instead(gan, n):
    loss = gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(n))))
    gan.opt_D.zero_grad()
    loss.backward()
    gan.opt_G.step()
    return loss.item()


def g_from_average(gan, n):
    return update(gan.opt_G, gan.recipe.generator_loss(gan.D(gan.sample(n))))


def g_seeded(gan, n):
    torch.manual_seed(1)
    return training.train_generator(gan, n)


def g_without_d(gan, n):
    return update(gan.opt_G, gan.G(gan.sample_z(n)).square().mean())


def g_without_graph(gan, n):
    with torch.no_grad():
        loss = gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(n))))
    return update(gan.opt_G, loss)


def g_way_back_cut(gan, n):
    with torch.no_grad():
        fake = gan.G(gan.sample_z(n))
    return update(gan.opt_G, gan.recipe.generator_loss(gan.D(fake.requires_grad_())))


def g_own_optimiser(gan, n):
    optimiser = torch.optim.SGD(gan.G.parameters(), 0.1)
    return update(optimiser, gan.recipe.generator_loss(gan.D(gan.G(gan.sample_z(n)))))


def g_d_left_frozen(gan, n):
    gan.D.requires_grad_(False)
    return training.train_generator(gan, n)


def g_d_left_in_eval(gan, n):
    gan.D.eval()
    return training.train_generator(gan, n)


def nudge_d(gan):
    with torch.no_grad():
        for p in gan.D.parameters():
            p.mul_(0.99)


def g_average_first(gan, n):
    gan.update_average()
    return gan.sample_z(n)


def g_eval_first(gan, n):
    gan.G.eval()
    return gan.sample_z(n)


WRONG_G = {
    "detached_fakes": g_step(between=torch.Tensor.detach),
    "detached_fakes-no_grad": g_no_grad,
    "saturating": g_step(lambda f: -sp(f).mean()),
    "saturating-log": g_step(lambda f: torch.log(1 - torch.sigmoid(f)).mean()),
    "wrong_sign": g_step(lambda f: -sp(-f).mean()),
    "wrong_sign-log": g_step(lambda f: torch.log(torch.sigmoid(f)).mean()),
    "fakes_called_fake": g_step(lambda f: towards(f, 0.0)),
    "wrong_labels": g_step(lambda f: towards(f, 0.9)),
    "sum_not_mean": g_step(lambda f: sp(-f).sum()),
    "wrong_scale": g_step(lambda f: sp(-f).sum() / 64),
    "sigmoid_twice": g_step(lambda f: towards(f.sigmoid(), 1.0)),
    "mean_of_logits": g_step(lambda f: -f.mean()),
    "not_cross_entropy": g_step(lambda f: (f - 1).square().mean()),
    "logits_as_probabilities": g_step(lambda f: F.binary_cross_entropy(f, torch.ones_like(f))),
    "label_shape": g_step(lambda f: bce(f, torch.ones(64, 1))),
    "no_graph": g_without_graph,
    "no_graph-detached logits": g_step(lambda f: sp(-f.detach()).mean()),
    "wrong_optimiser": g_optimiser_of_d,
    "both_optimisers": g_step(after=lambda gan: gan.opt_D.step()),
    "d_changed": g_step(after=nudge_d),
    "no_step": g_no_step,
    "several_steps": g_step(after=lambda gan: gan.opt_G.step()),
    "own_optimiser": g_own_optimiser,
    "no_backward": g_no_backward,
    "step_before_backward": g_step_first,
    "zero_after_backward": g_clears_after_backward,
    "no_gradient_arrives": g_way_back_cut,
    "no_zero_grad": g_step(clear=False),
    "no_zero_grad-d": g_clears_d_instead,
    "fakes_from_average": g_from_average,
    "wrong_number_of_fakes": g_step(noise=lambda gan, n: gan.sample_z(64)),
    "wrong_number_of_fakes-one": g_step(noise=lambda gan, n: gan.sample_z(1)),
    "wrong_input_shape": g_step(noise=lambda gan, n: torch.randn(n, 2)),
    "wrong_input_shape-turned": g_step(noise=lambda gan, n: torch.randn(gan.z_dim, n)),
    "one_noise_vector": g_step(noise=lambda gan, n: gan.sample_z(1).repeat(n, 1)),
    "uniform_noise": g_step(noise=lambda gan, n: torch.rand(n, gan.z_dim)),
    "same_noise_in_every_step": g_seeded,
    "d_not_used": g_without_d,
    "g_not_used": lambda gan, n: gan.D(torch.randn(n, *gan.D.takes)).mean().item(),
    "left_frozen": g_d_left_frozen,
    "left_in_eval": g_d_left_in_eval,
    "returns_tensor": g_step(loss_value=lambda gan, loss: loss),
    "returns_nothing": g_step(loss_value=lambda gan, loss: ...),
    "returns_wrong_number": g_step(loss_value=lambda gan, loss: -loss.item()),
    "both_labels": g_step(lambda f: sp(-f).mean() + sp(f).mean()),
    "average_twice": g_step(after=lambda gan: (gan.update_average(), gan.update_average())),
    "average_before_step": g_step(noise=g_average_first),
    "g_learns_in_eval": g_step(noise=g_eval_first, after=lambda gan: gan.G.train()),
    "weights_changed_by_hand": g_step(
        after=lambda gan: [p.data.clamp_(-0.1, 0.1) for p in gan.G.parameters()]
    ),
}


@pytest.mark.parametrize("id", WRONG_G)
def test_wrong_steps_of_g_are_named(id):
    assert mistake("train_generator", WRONG_G[id]) == id.split("-")[0]


# Both steps


@pytest.mark.parametrize("name", ["train_discriminator", "train_generator", "detached_fakes"])
@pytest.mark.parametrize("stub", [None, ..., lambda gan, x: None, lambda gan, x: ...])
def test_a_stub_is_not_attempted(name, stub):
    assert checks.check(name, stub).status == "not attempted"


def test_not_implemented_is_not_attempted():
    def stub(gan, real):
        raise NotImplementedError

    assert checks.check("train_discriminator", stub).status == "not attempted"


def test_the_watched_gan_is_an_ordinary_gan():
    gan = watch.tiny_gan(seed=0)
    assert isinstance(gan, training.GAN) and gan.sample(5).shape == (5, 2)
    twin = copy.deepcopy(gan)
    training.train_discriminator(twin, torch.zeros(4, 2))
    assert not torch.equal(watch.parameters(gan.D), watch.parameters(twin.D))


# The small tasks


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: torch.exp(-x),
        lambda x: math.exp(-x),
        lambda x: np.exp(-np.asarray(x)),
        lambda x: 1 / x.double().exp(),
        lambda g_loss: torch.sigmoid(-torch.log(torch.expm1(g_loss))),
    ],
)
def test_probability_accepts(answer):
    assert status("probability_from_loss", answer) == "passed"


@pytest.mark.parametrize(
    "id, answer",
    [
        ("missing_minus", torch.exp),
        ("complement", lambda x: 1 - torch.exp(-x)),
        ("negative", lambda x: -torch.exp(-x)),
        ("sigmoid_of_loss", torch.sigmoid),
        ("sigmoid_of_minus_loss", lambda x: torch.sigmoid(-x)),
        ("minus_log", lambda x: -torch.log(x)),
        ("unchanged", lambda x: x),
        ("one_minus_loss", lambda x: 1 - x),
        ("base_two", lambda x: 2.0**-x),
        ("base_ten", lambda x: 10.0**-x),
        ("wrong_value", lambda x: 0.5),
        ("inverse", lambda x: 1 / x),
        ("halved", lambda x: torch.exp(-x) / 2),
        ("percent", lambda x: 100 * torch.exp(-x)),
        ("changes_inputs", lambda x: x.neg_().exp_()),
        ("not_a_scalar", lambda x: torch.exp(-x).repeat(3)),
        ("wrong_type", lambda x: "one half"),
    ],
)
def test_probability_names(id, answer):
    assert mistake("probability_from_loss", answer) == id


def fakes_without_graph(gan, n, switch=False):
    if switch:
        torch.set_grad_enabled(False)
        return gan.G(gan.sample_z(n))
    with torch.no_grad():
        return gan.G(gan.sample_z(n))


@pytest.mark.parametrize(
    "answer",
    [
        fakes_without_graph,
        lambda gan, n: gan.G(torch.randn(n, gan.z_dim)).detach(),
        lambda gan, n: gan.G(gan.sample_z(2 * n)).data[:n],
        torch.no_grad()(lambda gan, n: torch.cat([gan.G(gan.sample_z(n))])),
    ],
)
def test_fakes_accepts(answer):
    assert status("detached_fakes", answer) == "passed"


@pytest.mark.parametrize(
    "id, answer",
    [
        ("graph_kept", lambda gan, n: gan.G(gan.sample_z(n))),
        ("fakes_from_average", lambda gan, n: gan.sample(n)),
        ("g_not_used", lambda gan, n: torch.randn(n, 2)),
        ("wrong_shape", lambda gan, n: gan.G(gan.sample_z(64)).detach()),
        ("wrong_shape", lambda gan, n: gan.G(gan.sample_z(n)).detach()[0]),
        ("not_gs_output", lambda gan, n: 2 * gan.G(gan.sample_z(n)).detach()),
        ("wrong_input_shape", lambda gan, n: gan.G(torch.randn(n, 2)).detach()),
        ("one_noise_vector", lambda gan, n: gan.G(torch.ones(n, gan.z_dim)).detach()),
        ("uniform_noise", lambda gan, n: gan.G(torch.rand(n, gan.z_dim)).detach()),
        ("left_in_eval", lambda gan, n: gan.G.eval()(gan.sample_z(n)).detach()),
        ("left_frozen", lambda gan, n: gan.G.requires_grad_(False)(gan.sample_z(n))),
        ("wrong_type", lambda gan, n: gan.G(gan.sample_z(n)).detach().numpy()),
        ("noise_not_standard", lambda gan, n: gan.G(gan.sample_z(n) / 2).detach()),
        ("noise_not_standard", lambda gan, n: gan.G(gan.sample_z(n).clamp(-1, 1)).detach()),
        ("clears_g", lambda gan, n: (gan.G.zero_grad(), gan.G(gan.sample_z(n)).detach())[1]),
        ("repeated_fakes", lambda gan, n: gan.G(gan.sample_z(n)).data[torch.arange(n) // 2]),
        ("gradients_switched_off", lambda gan, n: fakes_without_graph(gan, n, switch=True)),
        ("same_noise_in_every_step", lambda gan, n: torch.manual_seed(0) and None),
    ],
)
def test_fakes_names(id, answer):
    if id == "same_noise_in_every_step":

        def answer(gan, n):
            torch.manual_seed(0)
            return fakes_without_graph(gan, n)

    assert mistake("detached_fakes", answer) == id


# A trained generator of points


def cloud(seed=0, between=0.1, modes=None, scale=1.0):
    """Points as a trained generator makes them: modes, and a share on the way between two."""
    generator = torch.Generator().manual_seed(seed)
    x, which = loop.GRID.sample(5000, generator)
    x = loop.GRID.means[which] + scale * (x - loop.GRID.means[which])
    if modes is not None:
        x = torch.cat([x[which == k] for k in modes])
        x = x[torch.randint(len(x), (5000,), generator=generator)] + 1e-4 * torch.randn(5000, 2)
    n = int(between * len(x))
    x[:n] = 1.2 * (2 * torch.rand(n, 2, generator=generator) - 1)
    return x


def test_points_accepts():
    for points in (cloud(), cloud(scale=0.6), cloud().numpy(), cloud().double().requires_grad_()):
        assert status("trained_points", points) == "passed"


@pytest.mark.parametrize(
    "id, points",
    [
        ("modes_missing", cloud(modes=range(8))),
        ("collapsed", cloud(between=0.0, modes=[4])),
        ("too_many_between", cloud(between=0.35)),
        ("not_trained", torch.stack([torch.rand(5000) * 0.1 + 0.35, 2 * torch.rand(5000) - 1], 1)),
        ("elsewhere", cloud() + 0.4),
        ("elsewhere", data.ring(radius=3.0).sample(5000)[0]),
        ("real_samples", loop.GRID.sample(5000)[0]),
        ("repeated_points", cloud()[:1000].repeat(5, 1)),
        ("wrong_shape", cloud()[:4999]),
        ("wrong_shape", torch.randn(5000, 1)),
        ("not_finite", torch.full((5000, 2), math.nan)),
        ("wrong_type", (cloud(), "history")),
        ("wrong_type", "done"),
    ],
)
def test_points_names(id, points):
    assert mistake("trained_points", points) == id
