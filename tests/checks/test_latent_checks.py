"""Right answers of exercise 08 in many forms pass; catalogued mistakes are rejected and named."""

import copy
import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from gan_lessons import checks, latent
from gan_lessons.checks.latent_twins import (
    TWINS,
    angle,
    lerp,
    weights,
)
from gan_lessons.storage import pretrained


def slerp(z0, z1, t, cut=(-1, 1), sine_below=1e-3):
    u, v = F.normalize(z0, dim=1), F.normalize(z1, dim=1)
    w = torch.acos((u * v).sum(1, keepdim=True).clamp(*cut))
    arc = (torch.sin((1 - t) * w) * z0 + torch.sin(t * w) * z1) / torch.sin(w)
    return torch.where(torch.sin(w) < sine_below, (1 - t) * z0 + t * z1, arc)


def by_rows(z0, z1, t):
    rows = []
    for a, b in zip(z0, z1, strict=True):
        c = float(a @ b / (a.norm() * b.norm()))
        w = math.acos(max(-1.0, min(1.0, c)))
        if abs(math.sin(w)) < 1e-6:
            rows.append((1 - t) * a + t * b)
        else:
            rows.append((math.sin((1 - t) * w) * a + math.sin(t * w) * b) / math.sin(w))
    return torch.stack(rows)


def by_numpy(z0, z1, t, dot_threshold=0.9995):
    """As in many repositories: the line above a threshold."""
    a, b = z0.numpy(), z1.numpy()
    n0, n1 = (np.linalg.norm(x, axis=1, keepdims=True) for x in (a, b))
    c = (a / n0 * (b / n1)).sum(axis=1, keepdims=True)
    w = np.arccos(np.clip(c, -1, 1))
    with np.errstate(all="ignore"):
        arc = np.sin((1 - t) * w) / np.sin(w) * a + np.sin(t * w) / np.sin(w) * b
    return torch.from_numpy(np.where(np.abs(c) > dot_threshold, (1 - t) * a + t * b, arc)).float()


def by_float64(z0, z1, t):
    return slerp(z0.double(), z1.double(), t, sine_below=1e-7)


def by_arctan(z0, z1, t):
    u, v = F.normalize(z0, dim=1).double(), F.normalize(z1, dim=1).double()
    w = 2 * torch.atan2((u - v).norm(dim=1, keepdim=True), (u + v).norm(dim=1, keepdim=True))
    first = torch.where(w < 1e-6, 1 - t, torch.sin((1 - t) * w) / torch.sin(w))
    second = torch.where(w < 1e-6, t, torch.sin(t * w) / torch.sin(w))
    return (first * z0 + second * z1).float()


def by_basis(z0, z1, t):
    """cos(t w) and sin(t w) in an orthonormal basis of the plane; each weight keeps its vector."""
    u, v = F.normalize(z0, dim=1), F.normalize(z1, dim=1)
    c = F.cosine_similarity(u, v, dim=1)[:, None].clamp(-1, 1)
    w, s = torch.acos(c), (1 - c**2).clamp(min=0).sqrt()
    second = torch.where(s > 1e-3, torch.sin(t * w) / s, torch.full_like(s, t))
    first = torch.where(s > 1e-3, torch.cos(t * w) - c * second, torch.full_like(s, 1 - t))
    return first * z0 + second * z1


def by_mask(z0, z1, t):
    out = (1 - t) * z0 + t * z1
    c = torch.einsum("bd,bd->b", z0, z1) / z0.norm(dim=1) / z1.norm(dim=1)
    curved = c.abs() < 0.9999
    w = torch.arccos(c[curved])[:, None]
    out[curved] = weights(z0[curved], z1[curved], t, w)
    return out


def cut_inside(z0, z1, t):
    return slerp(z0, z1, t, cut=(-1 + 1e-7, 1 - 1e-7), sine_below=0)


def small_angle_added(z0, z1, t):
    w = torch.acos(F.cosine_similarity(z0, z1, dim=1).clamp(-1, 1)).unsqueeze(1) + 1e-6
    return (torch.sin((1 - t) * w) * z0 + torch.sin(t * w) * z1) / torch.sin(w)


def with_sinc(z0, z1, t):
    """x -> sin(x) / x needs no case."""
    w = torch.acos(F.cosine_similarity(z0, z1, dim=1).clamp(-1, 1)).unsqueeze(1) / math.pi
    parts = (1 - t) * torch.sinc((1 - t) * w) * z0 + t * torch.sinc(t * w) * z1
    return parts / torch.sinc(w)


def nan_to_line(z0, z1, t):
    c = F.cosine_similarity(z0, z1, dim=-1).clamp(-1, 1)[:, None]
    arc = weights(z0, z1, t, torch.acos(c))
    return torch.where(arc.isfinite(), arc, torch.lerp(z0, z1, t))


def by_vmap(z0, z1, t):
    def one(a, b):
        w = torch.acos((a @ b / a.norm() / b.norm()).clamp(-1, 1))
        safe = torch.where(w < 1e-3, torch.ones_like(w), w)
        arc = (torch.sin((1 - t) * safe) * a + torch.sin(t * safe) * b) / torch.sin(safe)
        return torch.where(w < 1e-3, a + t * (b - a), arc)

    return torch.vmap(one)(z0, z1)


class Slerp:
    def __call__(self, z0, z1, t, eps=1e-4):
        return slerp(z0, z1, t, sine_below=eps)


class SlerpModule(torch.nn.Module):
    def forward(self, z0, z1, t):
        return latent.slerp(z0, z1, t)


def resample_rows(n, z_dim, threshold):
    rows = []
    while len(rows) < n:
        z = torch.randn(z_dim)
        if z.abs().max() <= threshold:
            rows.append(z)
    return torch.stack(rows)


def noise_by_scipy(n, z_dim, threshold):
    from scipy.stats import truncnorm

    return torch.tensor(truncnorm.rvs(-threshold, threshold, size=(n, z_dim)))


def noise_by_where(n, z_dim, threshold):
    z = torch.randn(n, z_dim)
    while (z.abs() > threshold).any():
        z = torch.where(z.abs() > threshold, torch.randn_like(z), z)
    return z


def noise_by_init(n, z_dim, threshold):
    return torch.nn.init.trunc_normal_(torch.empty(n, z_dim), a=-threshold, b=threshold)


def by_sklearn(z, labels):
    from sklearn.linear_model import LogisticRegression

    w = LogisticRegression().fit(z.numpy(), labels.numpy()).coef_[0]
    return torch.tensor(w / np.linalg.norm(w))


def by_means(z, labels):
    return F.normalize(z[labels == 1].mean(0) - z[labels == 0].mean(0), dim=0)


def by_least_squares(z, labels):
    x = torch.cat([z, torch.ones(len(z), 1)], dim=1)
    w = torch.linalg.lstsq(x, labels.float()[:, None]).solution[:-1, 0]
    return w / w.norm()


def by_linear_layer(z, labels):
    layer = torch.nn.Linear(z.shape[1], 1)
    opt = torch.optim.SGD(layer.parameters(), lr=1.0)
    for _ in range(200):
        opt.zero_grad()
        F.soft_margin_loss(layer(z)[:, 0], 2.0 * labels - 1).backward()
        opt.step()
    return layer.weight[0] / layer.weight.norm()


def by_svm(z, labels):
    from sklearn.svm import LinearSVC

    return F.normalize(torch.from_numpy(LinearSVC().fit(z, labels).coef_[0]).float(), dim=0)


def without_constant(z, labels):
    return F.normalize(torch.linalg.lstsq(z, 2.0 * labels[:, None] - 1).solution[:, 0], dim=0)


def one_by_one(G, images, z_dim):
    return torch.cat([latent.invert(G, image[None], z_dim, steps=120) for image in images])


def by_samples(G, images, z_dim):
    """The best of many samples as the only start."""
    with torch.no_grad():
        z = torch.randn(500, z_dim)
        nearest = torch.cdist(images.flatten(1), G(z).flatten(1)).argmin(dim=1)
    z = z[nearest].clone().requires_grad_()
    opt = torch.optim.Adam([z], lr=0.1)
    for _ in range(200):
        opt.zero_grad()
        (G(z) - images).square().mean(dim=(1, 2, 3)).sum().backward()
        opt.step()
    return z.detach()


RIGHT = {
    "slerp": [
        *(latent.slerp, slerp, by_rows, by_numpy, by_float64, by_arctan, by_basis, by_mask),
        *(cut_inside, small_angle_added, with_sinc, nan_to_line),
        *(by_vmap, Slerp(), Slerp, SlerpModule(), lambda a, b, t: slerp(a, b, t).numpy()),
        lambda z0, z1, t=0.5, **extra: by_rows(z0.double(), z1.double(), t),
        lambda v0, v1, weight: slerp(v0.clone(), v1.clone(), torch.tensor(weight)),
        lambda z0, z1, t: slerp(z0, z1, t).requires_grad_(),
    ],
    "truncated_noise": [
        *(noise_by_scipy, noise_by_where, noise_by_init),
        lambda n, d, threshold: latent.truncate(torch.randn(n, d), threshold),
    ],
    "direction": [
        *(latent.direction, by_sklearn, by_means, by_least_squares, by_linear_layer, by_svm),
    ],
    "invert": [latent.invert, one_by_one, by_samples],
}


@pytest.mark.parametrize(
    "name, answer", [(name, answer) for name, answers in RIGHT.items() for answer in answers]
)
def test_right_answers_pass_however_they_are_written(name, answer):
    result = checks.check(name, answer)
    assert result.status == "passed", result


@pytest.mark.slow
def test_whole_rows_drawn_again_never_end_for_long_vectors():
    assert checks.check("truncated_noise", resample_rows).mistake == "never_ends"


def test_remarks_go_with_answers_of_another_form():
    assert "float32" in checks.check("slerp", by_float64).message
    assert "float32" not in checks.check("slerp", slerp).message


def in_place(z0, z1, t):
    z0 /= z0.norm(dim=1, keepdim=True)
    return slerp(z0, z1, t)


def one_vector(z0, z1, t):
    w = torch.acos(torch.clip(torch.dot(z0, z1) / (z0.norm() * z1.norm()), -1, 1))
    return (torch.sin((1 - t) * w) * z0 + torch.sin(t * w) * z1) / torch.sin(w)


def one_vector_by_math(z0, z1, t):
    w = math.acos((z0 * z1).sum(-1) / (z0.norm() * z1.norm()))
    return (math.sin((1 - t) * w) * z0 + math.sin(t * w) * z1) / math.sin(w)


def no_keepdim(z0, z1, t):
    w = torch.acos(F.cosine_similarity(z0, z1, dim=1))
    return torch.sin((1 - t) * w) / torch.sin(w) * z0 + torch.sin(t * w) / torch.sin(w) * z1


def crossed(z0, z1, t):
    return weights(z0[None], z1[:, None], t, angle(z0, z1))


def all_or_nothing(z0, z1, t):
    c = F.cosine_similarity(z0, z1, dim=1)[:, None].clamp(-1, 1)
    if (c > 0.9999).any():
        return (1 - t) * z0 + t * z1
    return weights(z0, z1, t, torch.acos(c))


def only_if_all(z0, z1, t):
    c = F.cosine_similarity(z0, z1, dim=1)[:, None].clamp(-1, 1)
    if (c > 0.9999).all():
        return (1 - t) * z0 + t * z1
    return weights(z0, z1, t, torch.acos(c))


def sine_plus_little(z0, z1, t):
    w = torch.acos(F.cosine_similarity(z0, z1, dim=1)[:, None].clamp(-1, 1))
    return (torch.sin((1 - t) * w) * z0 + torch.sin(t * w) * z1) / (torch.sin(w) + 1e-6)


def early_line(z0, z1, t):
    w = angle(z0, z1)
    return torch.where(w < 1.2, lerp(z0, z1, t), weights(z0, z1, t, w))


def start_where_flat(z0, z1, t):
    w = angle(z0, z1).nan_to_num(0)
    return torch.where(torch.sin(w) < 1e-3, z0, weights(z0, z1, t, w))


def plain_sine(z0, z1, t):
    return torch.sin(1 - t) * z0 + torch.sin(t) * z1


def row_fixed(z0, z1, t):
    return slerp(z0.view(5, 4), z1.view(5, 4), t)


def integers(z0, z1, t):
    return slerp(z0, z1, t).long()


def cut_dot(z0, z1, t):
    w = torch.acos((z0 * z1).sum(1, keepdim=True).clamp(-1, 1))
    flat = torch.sin(w) < 1e-3
    return torch.where(flat, lerp(z0, z1, t), weights(z0, z1, t, w))


def line_within_a_quarter(z0, z1, t):
    w = angle(z0, z1).nan_to_num(0)
    return torch.where(torch.sin(w) < 0.5, lerp(z0, z1, t), weights(z0, z1, t, w))


def replaced(n, d, threshold, beyond=None, uniform=False):
    """Other numbers in the place of some, until none is left."""
    beyond = beyond or (lambda z: z.abs() > threshold)
    z = torch.randn(n, d)
    while (far := beyond(z)).any():
        z[far] = (torch.rand if uniform else torch.randn)(int(far.sum()))
        z[far] = (2 * z[far] - 1) * threshold if uniform else z[far]
    return z


def uphill(G, images, z_dim):
    z = torch.randn(len(images), z_dim, requires_grad=True)
    opt = torch.optim.Adam([z], lr=0.1)
    for _ in range(40):
        opt.zero_grad()
        (-(G(z) - images).square().mean()).backward()
        opt.step()
    return z.detach()


def once(n, d, threshold):
    z = torch.randn(n, d)
    far = z.abs() > threshold
    return torch.where(far, torch.randn(n, d), z)


def from_seed(n, d, threshold):
    torch.manual_seed(0)
    return noise_by_where(n, d, threshold)


def short_search(steps, lr):
    return lambda G, x, d: latent.invert(G, x, d, steps=steps, starts=1, lr=lr)


def trains_generator(G, images, z_dim):
    z = torch.randn(len(images), z_dim)
    opt = torch.optim.Adam(G.requires_grad_().parameters(), lr=1e-3)
    for _ in range(5):
        opt.zero_grad()
        (G(z) - images).square().mean().backward()
        opt.step()
    return z


def in_train_mode(G, images, z_dim):
    G.train()
    return latent.invert(G, images, z_dim, steps=5)


def same_for_all(G, images, z_dim):
    z = latent.invert(G, images.mean(dim=0, keepdim=True), z_dim, steps=30)
    return z.repeat(len(images), 1)


def scale_images(G, images, z_dim):
    z = latent.invert(G, images, z_dim)
    images.add_(1).div_(2)
    return z


WRONG = {
    "slerp": [
        ("changes_inputs", in_place),
        ("one_vector_only", one_vector),
        ("one_vector_only", one_vector_by_math),
        ("keepdim_missing", no_keepdim),
        ("shape", crossed),
        ("shape", lambda z0, z1, t: angle(z0, z1)),
        ("shape", lambda z0, z1, t: slerp(z0, z1, t).mean(0)),
        ("fallback_for_the_whole_batch", all_or_nothing),
        ("nan_for_parallel", only_if_all),
        ("nan_for_parallel", lambda z0, z1, t: weights(z0, z1, t, angle(z0, z1))),
        ("nan_for_parallel", lambda z0, z1, t: weights(z0, z1, t, angle(z0, z1)) + 0 * z0),
        ("some_rows_wrong", line_within_a_quarter),
        ("vanishes_for_parallel", sine_plus_little),
        ("some_rows_wrong", early_line),
        ("wrong_for_parallel", start_where_flat),
        ("t_is_a_number", plain_sine),
        ("size_fixed", row_fixed),
        ("wrong_type", integers),
        ("wrong_type", lambda z0, z1, t: "z"),
        ("not_normalised", cut_dot),
        ("not_a_function", torch.ones(3)),
        ("wrong_arguments", lambda z0, z1: z0),
        ("not_finite", lambda z0, z1, t: slerp(z0, z1, t) * math.nan),
        ("other_formula", lambda z0, z1, t: slerp(z0, z1, t**2)),
        ("ends_wrong", lambda z0, z1, t: slerp(z0, z1, t) + 1),
        ("ends_wrong", lambda z0, z1, t: torch.zeros_like(z0)),
    ],
    "truncated_noise": [
        ("not_truncated", lambda n, d, c: torch.randn(n, d)),
        ("drawn_again_once", once),
        ("clamped", lambda n, d, c: torch.randn(n, d).clamp(-c, c)),
        ("uniform", lambda n, d, c: (2 * torch.rand(n, d) - 1) * c),
        ("squeezed", lambda n, d, c: (z := torch.randn(n, d)) * c / z.abs().max()),
        ("squeezed", lambda n, d, c: F.normalize(torch.randn(n, d), dim=1) * c * torch.rand(n, 1)),
        ("one_sign", lambda n, d, c: noise_by_where(n, d, c).abs()),
        ("always_the_same", from_seed),
        ("rows_alike", lambda n, d, c: noise_by_where(n, 1, c).expand(n, d)),
        ("shape", lambda n, d, c: noise_by_where(d, n, c)),
        ("shape", lambda n, d, c: (z := torch.randn(n, d))[z.abs() < c]),
        ("beyond_the_threshold", lambda n, d, c: noise_by_where(n, d, 1.2 * c)),
        (
            "not_centred",
            lambda n, d, c: (z := noise_by_where(n, d, c)) * torch.where(z < -0.1, -1, 1),
        ),
        ("wrong_type", lambda n, d, c: 3.0),
        ("scaled", lambda n, d, c: torch.randn(n, d) * c),
        ("one_side_only", lambda n, d, c: -replaced(n, d, c, lambda z: z > c)),
        ("other_distribution", lambda n, d, c: replaced(n, d, c, uniform=True)),
        ("other_distribution", lambda n, d, c: torch.randn(n, d).fmod(c)),
        ("wrong_arguments", lambda n, d: torch.randn(n, d)),
    ],
    "direction": [
        ("points_backwards", lambda z, y: -by_means(z, y)),
        ("points_backwards", lambda z, y: latent.direction(z, 1 - y)),
        ("not_of_length_1", lambda z, y: z[y == 1].mean(0) - z[y == 0].mean(0)),
        ("mean_of_label_1", lambda z, y: F.normalize(z[y == 1].mean(0), dim=0)),
        ("labels_ignored", lambda z, y: F.normalize(z.mean(0), dim=0)),
        ("labels_ignored", lambda z, y: F.normalize(z[y == 1].mean(0) + z[y == 0].mean(0), dim=0)),
        ("no_constant", without_constant),
        ("other_direction", lambda z, y: F.normalize(torch.randn(z.shape[1]), dim=0)),
        ("with_intercept", lambda z, y: F.pad(by_means(z, y), (0, 1))),
        ("shape", lambda z, y: by_means(z, y)[None]),
        ("shape", lambda z, y: z @ by_means(z, y) > 0),
        ("zero", lambda z, y: torch.zeros(z.shape[1])),
        ("not_finite", lambda z, y: torch.zeros(z.shape[1]) / 0),
        ("changes_inputs", lambda z, y: by_means(z.sub_(z.mean(0)), y)),
        ("wrong_arguments", lambda z: z[0]),
    ],
    "invert": [
        ("no_search", lambda G, x, d: torch.randn(len(x), d)),
        ("no_search", lambda G, x, d: torch.zeros(len(x), d) + 1e-3 * torch.randn(len(x), d)),
        ("farther_than_chance", uphill),
        ("other_order", lambda G, x, d: latent.invert(G, x, d).flip(0)),
        ("carries_gradient", lambda G, x, d: latent.invert(G, x, d).requires_grad_()),
        ("z_without_gradient", torch.no_grad()(uphill)),
        ("z_is_no_leaf", lambda G, x, d: torch.optim.Adam([torch.ones(d, requires_grad=True) * 2])),
        ("search_too_short", short_search(30, 0.1)),
        ("changes_generator", trains_generator),
        ("changes_generator", in_train_mode),
        ("one_z_for_all", same_for_all),
        ("changes_inputs", scale_images),
        ("shape", lambda G, x, d: torch.randn(d)),
        ("shape", lambda G, x, d: latent.invert(G, x[:1], d, steps=2)),
        ("shape", lambda G, x, d: x),
        ("not_finite", lambda G, x, d: torch.full((len(x), d), math.nan)),
        ("wrong_arguments", lambda images: images),
    ],
}
MISTAKES = [(name, id, answer) for name, part in WRONG.items() for id, answer in part]
MISTAKES += [("slerp", id, twin) for id, (twin, _) in TWINS.items()]


@pytest.mark.parametrize(
    "name, id, answer",
    [pytest.param(*m, id=f"{m[0]}-{m[1]}-{i}") for i, m in enumerate(MISTAKES)],
)
def test_every_catalogued_mistake_is_rejected_and_named(name, id, answer):
    result = checks.check(name, answer)
    assert result.status == "failed", result
    assert result.mistake == id, result
    assert len(result.message.split()) >= 8


@pytest.mark.parametrize("name", WRONG)
def test_stubs_are_not_attempted(name):
    def stub(*arguments, **extra):
        """Say what it does."""
        ...

    def raises(*arguments, **extra):
        raise NotImplementedError

    for answer in (None, ..., stub, raises):
        assert checks.check(name, answer).status == "not attempted"


def test_an_inversion_may_not_leave_its_generator_changed_for_others():
    before = copy.deepcopy(pretrained("dcgan").state_dict())
    checks.check("invert", trains_generator)
    after = pretrained("dcgan").state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_a_slerp_that_interpolates_lengths_apart_passes_with_a_remark():
    def of_lengths(z0, z1, t):
        line = lerp(*(z.norm(dim=1, keepdim=True) for z in (z0, z1)), t)
        return slerp(F.normalize(z0), F.normalize(z1), t) * line

    result = checks.check("slerp", of_lengths)
    assert result.status == "passed" and "length apart" in result.message
