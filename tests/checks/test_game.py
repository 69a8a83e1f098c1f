"""Right answers in many forms pass; every catalogued mistake is rejected and named."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons import checks, losses
from gan_lessons.checks.game_js import JS_TWINS
from gan_lessons.checks.game_loss_twins import DISCRIMINATOR_TWINS, GENERATOR_TWINS
from gan_lessons.checks.game_optimal import HALF_TWINS, OPTIMAL_TWINS
from gan_lessons.checks.game_trained import FAKE, REAL
from gan_lessons.checks.game_value import VALUE_TWINS

bce = F.binary_cross_entropy_with_logits


def where(p, q):
    total = p + q
    return torch.where(total > 0, p / total.clamp(min=1e-30), torch.tensor(0.5))


def by_loop(p_real, p_fake):
    out = torch.zeros(len(p_real))
    for i in range(len(p_real)):
        both = p_real[i] + p_fake[i]
        out[i] = 0.5 if both == 0 else p_real[i] / both
    return out


def by_numpy(p, q):
    p, q = p.numpy(), q.numpy()
    return np.divide(p, p + q, out=np.full_like(p, 0.5), where=p + q > 0)


def by_mask(p, q):
    out = torch.full_like(p, 0.5)
    out[p + q > 0] = (p / (p + q))[p + q > 0]
    return out


def optimal(f):
    """The function f with 0.5 at empty places."""
    return lambda p, q: torch.where(p + q > 0, f(p, q), torch.tensor(0.5))


def probability_loss(real, fake):
    return -torch.log(torch.sigmoid(real)).mean() - torch.log(1 - torch.sigmoid(fake)).mean()


def concatenated(real, fake):
    labels = torch.cat([torch.ones(len(real), 1), torch.zeros(len(fake), 1)])
    return 2 * bce(torch.cat([real, fake]), labels)


def two_columns(real, fake):
    def loss(x, label):
        return F.cross_entropy(torch.cat([torch.zeros_like(x), x], 1), torch.full((len(x),), label))

    return loss(real, 1) + loss(fake, 0)


class AsModule(nn.Module):
    def forward(self, real, fake):
        return nn.BCEWithLogitsLoss()(real, torch.ones_like(real)) - F.logsigmoid(-fake).mean()


def squeezed(real, fake):
    real, fake = real.squeeze(), fake.squeeze()
    return nn.BCELoss()(torch.sigmoid(real), torch.ones(len(real))) + F.softplus(fake).mean()


def smooth(real, fake):
    return bce(real, torch.full_like(real, 0.9)) + bce(fake, torch.zeros_like(fake))


def js(p, q, dx):
    m = ((p + q) / 2).clamp(min=1e-300)
    return 0.5 * dx * (torch.xlogy(p, p / m) + torch.xlogy(q, q / m)).sum()


def js_numpy(p, q, dx):
    from scipy.spatial.distance import jensenshannon

    return jensenshannon(p.numpy(), q.numpy()) ** 2


def js_entropies(p, q, dx):
    def h(r):
        return -(torch.xlogy(r, r).sum() * dx)

    return h((p + q) / 2) - (h(p) + h(q)) / 2


def js_trapezoid(p, q, dx):
    m = (p + q) / 2
    return (torch.trapezoid(torch.xlogy(p, p / m) + torch.xlogy(q, q / m), dx=dx)) / 2


def js_kl_div(p, q, dx):
    m = ((p + q) / 2).log()
    return dx * (F.kl_div(m, p, reduction="sum") + F.kl_div(m, q, reduction="sum")) / 2


def logits(x):
    return (REAL.density(x).log() - FAKE.density(x).log())[:, None]


class InDouble(nn.Module):
    def __init__(self):
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(1, dtype=torch.float64))

    def forward(self, x):
        return logits(x.float()).double() + self.shift * x


RIGHT = {
    "optimal_discriminator": [
        where,
        by_loop,
        by_numpy,
        by_mask,
        lambda p, q: torch.nan_to_num(p / (p + q), nan=0.5),
        lambda p, q: torch.sigmoid(p.double().log() - q.double().log()).nan_to_num(0.5),
        lambda p, q: (p + 1e-12) / (p + q + 2e-12),
        optimal(lambda p, q: 1 / (1 + q / p)),
        optimal(lambda p, q: p / (p + q + 1e-9)),
    ],
    "value_function": [
        lambda r, f: r.log().mean() + (1 - f).log().mean(),
        lambda r, f: (r.log() + torch.log1p(-f)).mean(),
        lambda r, f: float(np.log(r.numpy()).mean() + np.log(1 - f.numpy()).mean()),
        lambda d_real, d_fake: (
            -F.binary_cross_entropy(d_real, torch.ones_like(d_real))
            - F.binary_cross_entropy(d_fake, torch.zeros_like(d_fake))
        ),
        lambda r, f: -losses.discriminator_loss(torch.logit(r), torch.logit(f)),
    ],
    "js_divergence": [js, js_numpy, js_entropies, js_trapezoid, js_kl_div],
    "discriminator_loss": [
        losses.discriminator_loss,
        probability_loss,
        concatenated,
        two_columns,
        squeezed,
        AsModule(),
        AsModule,
        lambda r, f: -(F.logsigmoid(r) + F.logsigmoid(-f)).mean(),
        lambda r, f: losses.discriminator_loss(r.double(), f.double()),
        lambda r, f: losses.discriminator_loss(r, f).view(1),
        lambda r, f, eps=1e-12: probability_loss(r, f),
        lambda r, f: -torch.log(torch.sigmoid(r) + 1e-8).mean() + F.softplus(f).mean(),
        lambda r, f: F.soft_margin_loss(torch.cat([r, -f]), torch.ones(2 * len(r), 1)) * 2,
        smooth,
    ],
    "generator_loss": [
        losses.generator_loss,
        lambda f: bce(f, torch.ones_like(f)),
        lambda f: -torch.log(torch.sigmoid(f)).mean(),
        lambda f: torch.log(1 + torch.exp(-f)).mean(),
        lambda f: F.binary_cross_entropy(torch.sigmoid(f), torch.ones_like(f)),
        lambda f: F.softplus(-f).sum() / f.numel(),
        lambda f: -torch.log(torch.sigmoid(f) + 1e-8).mean(),
    ],
    "trained_discriminator": [logits, InDouble()],
}


@pytest.mark.parametrize(
    "name, answer", [(name, answer) for name, answers in RIGHT.items() for answer in answers]
)
def test_right_answers_pass_however_they_are_written(name, answer):
    result = checks.check(name, answer)
    assert result.status == "passed", result


def test_a_smoothed_real_label_passes_with_a_remark():
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


def optimal_any(p, q):
    return torch.full_like(p, 0.5) if (p + q == 0).any() else p / (p + q)


def noisy(real, fake):
    return bce(real, 1 - 0.1 * torch.rand_like(real)) + bce(fake, torch.zeros_like(fake))


def half_frozen(fake):
    kept = torch.cat([fake[:2].detach(), fake[2:]])
    return losses.generator_loss(kept)


def long_labels(real, fake):
    return bce(real, torch.ones(len(real), 1, dtype=torch.long)) + F.softplus(fake).mean()


WRONG = {
    "optimal_discriminator": {
        "empty_places": lambda p, q: p / (p + q + 1e-9),
        "empty_place_changes_others": optimal_any,
        "if_on_a_tensor": optimal_if,
        "not_exact": lambda p, q: (p + 0.01) / (p + q + 0.02),
        "no_probability": lambda p, q: where(p, q) - 0.7,
        "wrong_shape": lambda p, q: where(p, q).flatten(),
        "small_densities": lambda p, q: torch.where(p + q > 1e-3, p / (p + q), 0.5),
        "changes_inputs": in_place_densities,
        "wrong_type": lambda p, q: "p / (p + q)",
        "wrong_arguments": lambda p: p,
        "not_a_function": torch.tensor(0.5),
        "other_formula": lambda p, q: where(p, q) ** 3,
    },
    "value_function": {
        "not_a_scalar": lambda r, f: r.log() + (1 - f).log(),
        "changes_inputs": lambda r, f: r.log_().mean() + (1 - f).log().mean(),
        "not_exact": lambda r, f: r.clamp(0.01).log().mean() + (1.01 - f).log().mean(),
        "other_formula": lambda r, f: r.log().mean() ** 3 + f.mean(),
    },
    "js_divergence": {
        "zero_density": lambda p, q, dx: (
            dx * (p * (2 * p / (p + q)).log() + q * (2 * q / (p + q)).log()).sum() / 2
        ),
        "not_a_scalar": lambda p, q, dx: torch.xlogy(p, 2 * p / (p + q)) * dx,
        "wrong_arguments": lambda p, q: 0.0,
        "not_exact": lambda p, q, dx: (
            dx * (p * ((p + 0.01) / (p / 2 + q / 2 + 0.01)).log()).sum() / 2
            + dx * (q * ((q + 0.01) / (p / 2 + q / 2 + 0.01)).log()).sum() / 2
        ),
        "other_formula": lambda p, q, dx: js(p, q, 0.02),
    },
    "discriminator_loss": {
        "swapped_labels": lambda fake, real: losses.discriminator_loss(real, fake),
        "averaged": lambda r, f: concatenated(r, f) / 2,
        "bce_of_logits": lambda r, f: F.binary_cross_entropy(r, torch.ones_like(r)),
        "not_a_scalar": lambda r, f: F.softplus(-r) + F.softplus(f),
        "not_finite": lambda r, f: -r.log().mean() - (1 - f).log().mean(),
        "no_gradient": lambda r, f: losses.discriminator_loss(r, f).item(),
        "half_detached": lambda r, f: losses.discriminator_loss(r.detach(), f),
        "batch_size_fixed": lambda r, f: bce(r, torch.ones(6, 1)) + bce(f, torch.zeros(6, 1)),
        "wrong_target_shape": lambda r, f: bce(r, torch.ones(len(r))) + bce(f, torch.zeros(len(f))),
        "integer_labels": long_labels,
        "fixed_device": lambda r, f: losses.discriminator_loss(r.to("cuda"), f.to("cuda")),
        "changes_inputs": in_place,
        "wrong_type": lambda r, f: [losses.discriminator_loss(r, f)],
        "wrong_arguments": losses.generator_loss,
        "not_a_function": torch.tensor(1.0),
        "not_repeatable": noisy,
        "wrong_labels": lambda r, f: bce(r, r * 0 + 0.9) + bce(f, f * 0 + 0.1),
        "wrong_factor": lambda r, f: 3 * losses.discriminator_loss(r, f),
        "real_half_wrong": lambda r, f: 0.5 * F.softplus(-r).mean() + F.softplus(f).mean(),
        "fake_half_wrong": lambda r, f: F.softplus(-r).mean() + 0.5 * F.softplus(f).mean(),
        "other_formula": lambda r, f: losses.discriminator_loss(r, f) ** 2,
    },
    "generator_loss": {
        "not_a_scalar": lambda f: F.softplus(-f),
        "no_gradient": lambda f: losses.generator_loss(f.detach()),
        "wrong_gradient": half_frozen,
        "bce_of_logits": lambda f: F.binary_cross_entropy(f, torch.ones_like(f)),
        "batch_size_fixed": lambda f: bce(f, torch.ones(6, 1)),
        "wrong_labels": lambda f: bce(f, torch.full_like(f, 0.9)),
        "not_exact": lambda f: -torch.log(torch.sigmoid(f) + 1e-3).mean(),
        "wrong_factor": lambda f: 3 * losses.generator_loss(f),
        "wrong_arguments": lambda r, f: losses.generator_loss(f),
        "calls_backward": lambda f: losses.generator_loss(f).backward(),
    },
    "trained_discriminator": {
        "undecided": lambda x: torch.zeros(len(x), 1),
        "labels_swapped": lambda x: -logits(x),
        "gives_probabilities": lambda x: torch.sigmoid(logits(x)),
        "wrong_shape": lambda x: x[:, 0],
        "only_a_line": lambda x: 2 * x - 1,
        "not_close_enough": lambda x: logits(x) * torch.cos(3 * x),
        "too_cautious": lambda x: logits(x).clamp(-0.5, 0.5),
        "real_only": lambda x: torch.full_like(x, 9.0),
        "fake_only": lambda x: torch.full_like(x, -9.0) + 0.1 * x,
        "too_sure": lambda x: 40 * logits(x),
        "real_counts_more": lambda x: logits(x) + math.log(3),
        "fake_counts_more": lambda x: logits(x) - math.log(3),
        "not_finite": lambda x: x * math.nan,
        "wrong_type": lambda x: [1.0],
        "not_a_network": nn.Linear,
        "the_function_that_trains": lambda steps=800: nn.Linear(1, 1),
        "wrong_input_size": nn.Linear(2, 1),
    },
}
TWINS = {
    "optimal_discriminator": OPTIMAL_TWINS,
    "value_function": VALUE_TWINS,
    "js_divergence": JS_TWINS,
    "discriminator_loss": DISCRIMINATOR_TWINS,
    "generator_loss": GENERATOR_TWINS,
}
MISTAKES = [(name, id, answer) for name, part in WRONG.items() for id, answer in part.items()]
MISTAKES += [(name, id, twin) for name, part in TWINS.items() for id, (twin, _) in part.items()]
MISTAKES += [("optimal_discriminator", id, twin) for id, (twin, _) in HALF_TWINS.items()]


@pytest.mark.parametrize(
    "name, id, answer", [pytest.param(*m, id=f"{m[0]}-{m[1]}") for m in MISTAKES]
)
def test_every_catalogued_mistake_is_rejected_and_named(name, id, answer):
    if id == "fixed_device" and torch.cuda.is_available():
        pytest.skip("with a GPU this answer is right")
    result = checks.check(name, answer)
    assert result.status == "failed", result
    assert result.mistake == id, result
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


@pytest.mark.parametrize("name", RIGHT)
def test_whatever_a_function_raises_becomes_a_sentence(name):
    def broken(*arguments):
        return undefined_name  # noqa: F821

    result = checks.check(name, broken)
    assert result.status == "failed" and "undefined_name" in result.message


def test_a_d_that_was_trained_with_a_sigmoid_at_its_end_is_named():
    result = checks.check("trained_discriminator", lambda x: torch.sigmoid(8 * logits(x)))
    assert result.mistake == "gives_probabilities"
