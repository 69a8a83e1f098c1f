import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons import checks, losses
from gan_lessons.checks import game

bce = F.binary_cross_entropy_with_logits


def where(p, q):
    total = p + q
    return torch.where(total > 0, p / total.clamp(min=1e-30), torch.tensor(0.5))


def by_loop(p, q):
    out = [0.5 if a + b == 0 else (a / (a + b)).item() for a, b in zip(p.flatten(), q.flatten())]  # noqa: B905
    return torch.tensor(out).view_as(p)


def by_numpy(p, q):
    p, q = p.numpy(), q.numpy()
    return np.divide(p, p + q, out=np.full_like(p, 0.5), where=p + q > 0)


def by_logit(p, q):
    return torch.sigmoid(p.double().log() - q.double().log()).nan_to_num(0.5)


def optimal(f):
    return lambda p, q: torch.where(p + q > 0, f(p, q), torch.tensor(0.5))


def probability_loss(real, fake):
    return -torch.log(torch.sigmoid(real)).mean() - torch.log(1 - torch.sigmoid(fake)).mean()


def concatenated(real, fake):
    labels = torch.cat([torch.ones(len(real), 1), torch.zeros(len(fake), 1)])
    return 2 * bce(torch.cat([real, fake]), labels)


class AsModule(nn.Module):
    def forward(self, real, fake):
        return nn.BCEWithLogitsLoss()(real, torch.ones_like(real)) - F.logsigmoid(-fake).mean()


def smooth(real, fake):
    return bce(real, torch.full_like(real, 0.9)) + bce(fake, torch.zeros_like(fake))


def js(p, q, dx):
    m = ((p + q) / 2).clamp(min=1e-300)
    return 0.5 * dx * (torch.xlogy(p, p / m) + torch.xlogy(q, q / m)).sum()


def js_numpy(p, q, dx):
    from scipy.spatial.distance import jensenshannon

    return jensenshannon(p.numpy(), q.numpy()) ** 2


def entropy_js(p, q, dx):
    def h(r):
        return -(torch.xlogy(r, r).sum() * dx)

    return h((p + q) / 2) - (h(p) + h(q)) / 2


RIGHT = {
    "optimal_discriminator": [
        where,
        by_loop,
        by_numpy,
        by_logit,
        optimal(lambda p, q: 1 / (1 + q / p)),
    ],
    "value_function": [
        lambda r, f: r.log().mean() + (1 - f).log().mean(),
        lambda r, f: torch.mean(torch.log(r)) + torch.log1p(-f).mean(),
        lambda r, f: float(np.log(r.numpy()).mean() + np.log(1 - f.numpy()).mean()),
        lambda d_real, d_fake: (
            -F.binary_cross_entropy(d_real, torch.ones_like(d_real))
            - F.binary_cross_entropy(d_fake, torch.zeros_like(d_fake))
        ),
    ],
    "js_divergence": [js, js_numpy, entropy_js],
    "discriminator_loss": [
        losses.discriminator_loss,
        probability_loss,
        concatenated,
        AsModule(),
        lambda r, f: -(F.logsigmoid(r) + F.logsigmoid(-f)).mean(),
        lambda r, f: losses.discriminator_loss(r.double(), f.double()),
        lambda r, f: losses.discriminator_loss(r, f).view(1),
        lambda r, f, eps=1e-12: probability_loss(r, f),
        smooth,
    ],
    "generator_loss": [
        losses.generator_loss,
        lambda f: bce(f, torch.ones_like(f)),
        lambda f: -torch.log(torch.sigmoid(f)).mean(),
        lambda f: torch.log(1 + torch.exp(-f)).mean(),
        lambda f: F.binary_cross_entropy(torch.sigmoid(f), torch.ones_like(f)),
        lambda f: bce(f, torch.full_like(f, 0.9)),
    ],
    "trained_discriminator": [
        lambda x: (game.REAL.density(x).log() - game.FAKE.density(x).log())[:, None],
    ],
}


@pytest.mark.parametrize(
    "name, answer", [(name, answer) for name, answers in RIGHT.items() for answer in answers]
)
def test_right_answers_pass_however_they_are_written(name, answer):
    result = checks.check(name, answer)
    assert result.status == "passed", result


def test_smoothed_labels_pass_with_a_remark():
    assert "0.90" in checks.check("discriminator_loss", smooth).message


def test_an_overflowing_formula_passes_with_a_remark():
    assert "200" in checks.check("discriminator_loss", probability_loss).message
    assert "200" not in checks.check("discriminator_loss", losses.discriminator_loss).message


def in_place(real, fake):
    value = losses.discriminator_loss(real, fake)
    real.zero_()
    return value


def in_place_densities(p, q):
    p /= p + q
    return p.nan_to_num(0.5)


def optimal_if(p, q):
    if p + q == 0:
        return 0.5
    return p / (p + q)


WRONG = {
    "optimal_discriminator": {
        "swapped": optimal(lambda p, q: q / (p + q)),
        "ratio_of_densities": lambda p, q: p / q,
        "logit": lambda p, q: (p / q).log(),
        "difference": lambda p, q: p - q,
        "sigmoid_of_difference": lambda p, q: torch.sigmoid(p - q),
        "sigmoid_of_ratio": lambda p, q: torch.sigmoid(p / q).nan_to_num(0.5),
        "hard_decision": lambda p, q: (p > q).float(),
        "normalised_over_places": lambda p, q: p / (p + q).sum(),
        "half_the_mixture": optimal(lambda p, q: 2 * p / (p + q)),
        "only_p_real": lambda p, q: p.clone(),
        "empty_places": lambda p, q: p / (p + q + 1e-9),
        "if_on_a_tensor": optimal_if,
        "wrong_shape": lambda p, q: (p / (p + q)).mean(),
        "changes_inputs": in_place_densities,
        "wrong_type": lambda p, q: "p / (p + q)",
        "other_formula": lambda p, q: p**2 / (p**2 + q**2),
    },
    "value_function": {
        "sign": lambda r, f: -(r.log().mean() + (1 - f).log().mean()),
        "no_one_minus": lambda r, f: r.log().mean() + f.log().mean(),
        "real_only": lambda r, f: r.log().mean(),
        "fake_only": lambda r, f: (1 - f).log().mean(),
        "swapped": lambda r, f: f.log().mean() + (1 - r).log().mean(),
        "sum": lambda r, f: r.log().sum() + (1 - f).log().sum(),
        "log_of_mean": lambda r, f: r.mean().log() + (1 - f).mean().log(),
        "averaged": lambda r, f: (r.log().mean() + (1 - f).log().mean()) / 2,
        "base_10": lambda r, f: r.log10().mean() + (1 - f).log10().mean(),
        "base_2": lambda r, f: r.log2().mean() + (1 - f).log2().mean(),
        "no_log": lambda r, f: r.mean() + (1 - f).mean(),
        "takes_logits": lambda r, f: F.logsigmoid(r).mean() + F.logsigmoid(-f).mean(),
        "not_a_scalar": lambda r, f: r.log() + (1 - f).log(),
        "other_formula": lambda r, f: r.log().mean() * (1 - f).log().mean(),
    },
    "js_divergence": {
        "not_halved": lambda p, q, dx: 2 * js(p, q, dx),
        "kl_forward": lambda p, q, dx: torch.xlogy(p, p / q).sum() * dx,
        "kl_backward": lambda p, q, dx: torch.xlogy(q, q / p).sum() * dx,
        "jeffreys": lambda p, q, dx: ((p - q) * (p / q).log()).sum() * dx / 2,
        "no_dx": lambda p, q, dx: js(p, q, 1),
        "mean": lambda p, q, dx: js(p, q, 1) / len(p),
        "mixture_not_halved": lambda p, q, dx: js(p, q, dx) - math.log(2),
        "one_side": lambda p, q, dx: torch.xlogy(p, 2 * p / (p + q)).sum() * dx,
        "value": lambda p, q, dx: 2 * js(p, q, dx) - math.log(4),
        "base_2": lambda p, q, dx: js(p, q, dx) / math.log(2),
        "root": lambda p, q, dx: js(p, q, dx).sqrt(),
        "sign": lambda p, q, dx: -js(p, q, dx),
        "zero_density": lambda p, q, dx: (
            dx * (p * (2 * p / (p + q)).log() + q * (2 * q / (p + q)).log()).sum() / 2
        ),
    },
    "discriminator_loss": {
        **{id: twin for id, (twin, _) in game.DISCRIMINATOR_TWINS.items()},
        "bce_of_logits": lambda r, f: F.binary_cross_entropy(r, torch.ones_like(r)),
        "not_a_scalar": lambda r, f: F.softplus(-r) + F.softplus(f),
        "no_gradient": lambda r, f: losses.discriminator_loss(r, f).item(),
        "half_detached": lambda r, f: losses.discriminator_loss(r.detach(), f),
        "batch_size_fixed": lambda r, f: bce(r, torch.ones(6, 1)) + bce(f, torch.zeros(6, 1)),
        "wrong_target_shape": lambda r, f: bce(r, torch.ones(len(r))) + bce(f, torch.zeros(len(f))),
        "changes_inputs": in_place,
        "wrong_type": lambda r, f: [losses.discriminator_loss(r, f)],
        "other_formula": lambda r, f: losses.discriminator_loss(r, f) ** 2,
    },
    "generator_loss": {
        **{id: twin for id, (twin, _) in game.GENERATOR_TWINS.items()},
        "not_a_scalar": lambda f: F.softplus(-f),
        "no_gradient": lambda f: losses.generator_loss(f.detach()),
        "bce_of_logits": lambda f: F.binary_cross_entropy(f, torch.ones_like(f)),
        "batch_size_fixed": lambda f: bce(f, torch.ones(6, 1)),
        "raises": lambda r, f: losses.generator_loss(f),
    },
    "trained_discriminator": {
        "undecided": lambda x: torch.zeros(len(x), 1),
        "labels_swapped": lambda x: (game.FAKE.density(x) / game.REAL.density(x)).log()[:, None],
        "gives_probabilities": lambda x: (
            game.REAL.density(x) / (game.REAL.density(x) + game.FAKE.density(x))
        )[:, None],
        "wrong_shape": lambda x: x[:, 0],
        "not_close_enough": lambda x: x,
        "not_finite": lambda x: x * math.nan,
        "wrong_type": lambda x: [1.0],
    },
}


@pytest.mark.parametrize(
    "name, id", [(name, id) for name, answers in WRONG.items() for id in answers]
)
def test_every_catalogued_mistake_is_rejected_and_named(name, id):
    result = checks.check(name, WRONG[name][id])
    assert result.status == "failed", result
    assert result.mistake in (id, "swapped_labels" if id == "swapped_arguments" else id), result
    assert len(result.message.split()) >= 8


@pytest.mark.parametrize("name", RIGHT)
def test_stubs_are_not_attempted(name):
    def stub(*arguments):
        """Say what it does."""
        ...

    def raises(*arguments):
        raise NotImplementedError

    for answer in (None, ..., stub, raises):
        assert checks.check(name, answer).status == "not attempted"
