"""The checkers of exercise 04: right answers of many kinds pass, known mistakes are named."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons import checks, data, networks


def status(name, answer):
    return checks.check(name, answer).status


def mistake(name, answer):
    result = checks.check(name, answer)
    assert result.status == "failed", result
    return result.mistake


# class_rows


def list_of_rows(n_classes, per_class):
    return torch.tensor([c for c in range(n_classes) for _ in range(per_class)])


def floor_division(n_classes, per_class):
    return torch.arange(n_classes * per_class) // per_class


def numpy_rows(n_classes, per_class):
    return torch.from_numpy(np.repeat(np.arange(n_classes), per_class))


def expanded(n_classes, per_class):
    return torch.arange(n_classes)[:, None].expand(-1, per_class).reshape(-1)


@pytest.mark.parametrize("answer", [list_of_rows, floor_division, numpy_rows, expanded])
def test_class_rows_accepts_every_way_to_the_same_labels(answer):
    assert status("class_rows", answer) == "passed"


@pytest.mark.parametrize(
    "id, answer",
    [
        ("classes_alternate", lambda n, k: torch.arange(n).repeat(k)),
        ("swapped_arguments", lambda n, k: torch.arange(k).repeat_interleave(n)),
        ("starts_at_one", lambda n, k: torch.arange(1, n + 1).repeat_interleave(k)),
        ("descending", lambda n, k: torch.arange(n).flip(0).repeat_interleave(k)),
        ("not_flat", lambda n, k: torch.arange(n)[:, None].expand(n, k)),
        ("labels_not_int64", lambda n, k: torch.arange(n).repeat_interleave(k).float()),
        ("labels_not_int64", lambda n, k: torch.arange(n).repeat_interleave(k).int()),
        ("wrong_type", lambda n, k: [c for c in range(n) for _ in range(k)]),
        ("wrong_type", lambda n, k: np.repeat(np.arange(n), k)),
        ("wrong_length", lambda n, k: torch.arange(10).repeat_interleave(k)),
        ("wrong_length", lambda n, k: torch.arange(n)),
        ("wrong_labels", lambda n, k: torch.zeros(n * k, dtype=torch.int64)),
        ("random_labels", lambda n, k: torch.randint(n, (n * k,))),
        ("fractions", lambda n, k: torch.arange(n * k) / k),
        ("other_order", lambda n, k: torch.arange(n).repeat_interleave(k).roll(1)),
        ("counts_samples", lambda n, k: torch.arange(n * k)),
    ],
)
def test_class_rows_names(id, answer):
    assert mistake("class_rows", answer) == id


# projection_logit


def by_einsum(h, labels, w, b, table):
    return (torch.einsum("bd,d->b", h, w) + b + torch.einsum("bd,bd->b", h, table[labels]))[:, None]


def by_linear(h, labels, w, b, table):
    plain = F.linear(h, w[None], b.reshape(1))
    return plain + torch.bmm(table[labels][:, None], h[:, :, None])[:, 0]


def one_weight_per_class(h, labels, w, b, table):
    return ((w + table[labels]) * h).sum(1, keepdim=True) + b


def all_classes_then_gather(h, labels, w, b, table):
    return h @ w[:, None] + b + (h @ table.T).gather(1, labels[:, None])


def by_one_hot(h, labels, w, b, table):
    rows = F.one_hot(labels, len(table)).to(h.dtype) @ table
    return (h * (rows + w)).sum(-1).unsqueeze(-1) + b


def in_float64(h, labels, w, b, table):
    return one_weight_per_class(h.double(), labels, w.double(), b.double(), table.double())


def in_a_loop(h, labels, w, b, table):
    return torch.stack([h[i] @ (w + table[y]) + b for i, y in enumerate(labels)]).view(-1, 1)


@pytest.mark.parametrize(
    "answer",
    [
        by_einsum,
        by_linear,
        one_weight_per_class,
        all_classes_then_gather,
        by_one_hot,
        in_float64,
        in_a_loop,
    ],
)
def test_projection_accepts_every_formulation(answer):
    assert status("projection_logit", answer) == "passed"


def by_numpy(h, labels, w, b, table):
    rows = w.numpy() + table.numpy()[labels.numpy()]
    return torch.from_numpy((rows * h.numpy()).sum(1, keepdims=True)) + b


def in_place(h, labels, w, b, table):
    h *= w + table[labels]
    return h.sum(1, keepdim=True) + b


P = {
    "no_label_term": lambda h, y, w, b, t: h @ w[:, None] + b,
    "no_bias": lambda h, y, w, b, t: ((w + t[y]) * h).sum(1, keepdim=True),
    "no_plain_term": lambda h, y, w, b, t: (t[y] * h).sum(1, keepdim=True) + b,
    "only_label_term": lambda h, y, w, b, t: (t[y] * h).sum(1, keepdim=True),
    "label_row_not_times_h": lambda h, y, w, b, t: h @ w[:, None] + b + t[y].sum(1, keepdim=True),
    "label_row_times_w": lambda h, y, w, b, t: h @ w[:, None] + b + (t[y] * w).sum(1, keepdim=True),
    "mean_over_features": lambda h, y, w, b, t: ((w + t[y]) * h).mean(1, keepdim=True) + b,
    "mean_in_label_term": lambda h, y, w, b, t: (
        h @ w[:, None] + b + (t[y] * h).mean(1, keepdim=True)
    ),
    "first_label_only": lambda h, y, w, b, t: ((w + t[y[0]]) * h).sum(1, keepdim=True) + b,
    "row_of_the_batch": lambda h, y, w, b, t: (
        ((w + t[torch.arange(len(h)) % len(t)]) * h).sum(1, keepdim=True) + b
    ),
    "off_by_one": lambda h, y, w, b, t: ((w + t[y - 1]) * h).sum(1, keepdim=True) + b,
    "sigmoid": lambda h, y, w, b, t: (((w + t[y]) * h).sum(1, keepdim=True) + b).sigmoid(),
    "minus": lambda h, y, w, b, t: ((w - t[y]) * h).sum(1, keepdim=True) + b,
    "flat_logits": lambda h, y, w, b, t: ((w + t[y]) * h).sum(1) + b,
    "broadcast": lambda h, y, w, b, t: h @ w + b + (t[y] * h).sum(1, keepdim=True),
    "all_classes": lambda h, y, w, b, t: h @ w[:, None] + b + h @ t.T,
    "summed_over_batch": lambda h, y, w, b, t: ((w + t[y]) * h).sum() + b,
    "not_summed": lambda h, y, w, b, t: (w + t[y]) * h + b,
    "axes_swapped": lambda h, y, w, b, t: ((w + t[y]) * h).sum(1)[None] + b,
    "wrong_shape": lambda h, y, w, b, t: torch.zeros(len(h), 2),
    "bias_for_every_feature": lambda h, y, w, b, t: ((w + t[y]) * h + b).sum(1, True),
    "plain_term_twice": lambda h, y, w, b, t: ((2 * w + t[y]) * h).sum(1, True) + b,
    "bias_twice": lambda h, y, w, b, t: ((w + t[y]) * h).sum(1, True) + 2 * b,
    "always_row_0": lambda h, y, w, b, t: ((w + t[0]) * h).sum(1, True) + b,
    "label_as_factor": lambda h, y, w, b, t: ((w + y[:, None] * t[0]) * h).sum(1, True) + b,
    "label_times_row": lambda h, y, w, b, t: ((w + y[:, None] * t[y]) * h).sum(1, True) + b,
    "product_of_three": lambda h, y, w, b, t: (w * t[y] * h).sum(1, True) + b,
    "row_normalised": lambda h, y, w, b, t: ((w + F.normalize(t[y])) * h).sum(1, True) + b,
    "cosine": lambda h, y, w, b, t: (h @ w + b + F.cosine_similarity(t[y], h))[:, None],
    "scaled": lambda h, y, w, b, t: ((w + t[y] / len(w) ** 0.5) * h).sum(1, True) + b,
    "softmax_of_the_row": lambda h, y, w, b, t: ((w + t[y].softmax(1)) * h).sum(1, True) + b,
    "tanh": lambda h, y, w, b, t: (((w + t[y]) * h).sum(1, True) + b).tanh(),
    "no_gradient": by_numpy,
    "half_detached": lambda h, y, w, b, t: ((w + t[y].detach()) * h).sum(1, True) + b,
    "wrong_type": lambda h, y, w, b, t: 1.0,
    "wrong_value": lambda h, y, w, b, t: 2 * (((w + t[y]) * h).sum(1, keepdim=True) + b),
    "changes_inputs": in_place,
}


@pytest.mark.parametrize("id", P)
def test_projection_names(id):
    assert mistake("projection_logit", P[id]) == id


# The conditional generator: right answers


class OneHot(nn.Module):
    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.n_classes = n_classes
        self.net = networks.DCGANGenerator(z_dim + n_classes).net

    def forward(self, z, labels):
        rows = F.one_hot(labels, self.n_classes).to(z.dtype)
        return self.net(torch.cat([z, rows], dim=1))


class EmbeddingTimesNoise(nn.Module):
    """The first conditional GANs on images: z * e(label), and an MLP."""

    def __init__(self, latent, classes, width=64):
        super().__init__()
        self.table = nn.Embedding(classes, latent)
        self.net = nn.Sequential(
            nn.Linear(latent, width), nn.LeakyReLU(0.2), nn.Linear(width, 784), nn.Tanh()
        )

    def forward(self, noise, y):
        return self.net(noise * self.table(y)).reshape(len(noise), 1, 28, 28)


class LabelPlane(nn.Module):
    """The label as one more channel of a 7 x 7 map."""

    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.table = nn.Sequential(nn.Embedding(n_classes, 20), nn.Linear(20, 49))
        self.first = nn.Linear(z_dim, 16 * 49)
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2),
            nn.Conv2d(17, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(8, 1, 3, padding=1),
        )

    def forward(self, z, labels):
        maps = F.leaky_relu(self.first(z)).view(-1, 16, 7, 7)
        return torch.tanh(self.up(torch.cat([maps, self.table(labels).view(-1, 1, 7, 7)], dim=1)))


class ConditionalBatchNorm(nn.Module):
    """Scale and shift per class that start at one and zero: no effect before training."""

    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.first = nn.Linear(z_dim, 8 * 49)
        self.norm = nn.BatchNorm2d(8, affine=False)
        self.gain, self.shift = nn.Embedding(n_classes, 8), nn.Embedding(n_classes, 8)
        nn.init.ones_(self.gain.weight)
        nn.init.zeros_(self.shift.weight)
        self.last = nn.ConvTranspose2d(8, 1, 4, stride=4)

    def forward(self, z, labels):
        h = self.norm(self.first(z).view(-1, 8, 7, 7))
        gain, shift = (e(labels)[:, :, None, None] for e in (self.gain, self.shift))
        return torch.tanh(self.last(F.relu(h * gain + shift)))


class ComparedOneHot(nn.Module):
    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.register_buffer("classes", torch.arange(n_classes))
        self.a, self.b = nn.Linear(z_dim, 32), nn.Linear(n_classes, 32)
        self.out = nn.Linear(64, 784)

    def forward(self, z, labels):
        rows = (labels[:, None] == self.classes).float()
        h = torch.cat([F.elu(self.a(z)), F.elu(self.b(rows))], 1)
        return 2 * torch.sigmoid(self.out(h)).view(-1, 1, 28, 28) - 1


class Scattered(nn.Module):
    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.n_classes = n_classes
        self.net = nn.Sequential(
            nn.Linear(z_dim + n_classes, 50), nn.GELU(), nn.LayerNorm(50), nn.Linear(50, 784)
        )

    def forward(self, z, labels, scale=1.0):
        rows = torch.zeros(z.size(0), self.n_classes, device=z.device)
        rows.scatter_(1, labels.unsqueeze(1), 1.0)
        return (scale * self.net(torch.cat((rows, z), dim=-1))).tanh().unflatten(1, (1, 28, 28))


class EyeRows(nn.Module):
    """A fixed table, frozen: as good as one_hot."""

    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.rows = nn.Embedding.from_pretrained(torch.eye(n_classes), freeze=True)
        self.net = networks.ImageMLPGenerator(z_dim + n_classes).net

    def forward(self, z, labels):
        return self.net(torch.cat([z, self.rows(labels)], 1)).view(-1, 1, 28, 28)


class NoiseInside(nn.Module):
    """Draws further noise in its layers, in eval mode as well."""

    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.table = nn.Embedding(n_classes, 16)
        self.first, self.last = nn.Linear(z_dim + 16, 64), nn.Linear(64, 784)

    def forward(self, z, labels):
        h = self.first(torch.cat([z, self.table(labels)], 1))
        return torch.tanh(self.last(F.relu(h + 0.1 * torch.randn_like(h)))).view(-1, 1, 28, 28)


class OneNetPerClass(nn.Module):
    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.weight = nn.Parameter(0.1 * torch.randn(n_classes, 32, z_dim))
        self.last = nn.Linear(32, 784)

    def forward(self, z, labels):
        h = torch.einsum("bwz,bz->bw", self.weight[labels], z).relu()
        return F.hardtanh(self.last(h)).view(-1, 1, 28, 28)


class NetsInALoop(nn.Module):
    """Fills an empty tensor class by class."""

    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.nets = nn.ModuleList(nn.Linear(z_dim, 784) for _ in range(n_classes))

    def forward(self, z, labels):
        out = torch.empty(len(z), 784, device=z.device)
        for c, net in enumerate(self.nets):
            out[labels == c] = net(z[labels == c])
        return torch.tanh(out).view(-1, 1, 28, 28)


class FilmFromZero(nn.Module):
    """Scale and shift that start at no effect, weight norm, noise of length one."""

    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.first = nn.utils.parametrizations.weight_norm(nn.Linear(z_dim, 64))
        self.film, self.last = nn.Embedding(n_classes, 128), nn.Linear(64, 784)
        nn.init.zeros_(self.film.weight)

    def forward(self, z, labels):
        gain, shift = self.film(labels).chunk(2, dim=1)
        h = F.silu(self.first(F.normalize(z))) * (1 + gain) + shift
        return torch.tanh(self.last(h)).view(-1, 1, 28, 28)


class Attention(nn.Module):
    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.noise, self.table = nn.Linear(z_dim, 32), nn.Embedding(n_classes, 32)
        self.mix = nn.MultiheadAttention(32, 4, batch_first=True)
        self.last = nn.Linear(64, 784)

    def forward(self, z, labels):
        tokens = torch.stack([self.noise(z), self.table(labels)], dim=1)
        mixed, _ = self.mix(tokens, tokens, tokens)
        return self.last(mixed.flatten(1)).tanh().view(-1, 1, 28, 28)


class Lazy(nn.Module):
    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.n_classes = n_classes
        self.net = nn.Sequential(nn.LazyLinear(64), nn.ReLU(), nn.LazyLinear(784), nn.Tanh())

    def forward(self, z, labels):
        rows = torch.eye(self.n_classes, device=z.device)[labels]
        return self.net(torch.hstack([z, rows])).view(-1, 1, 28, 28)


def a_function(z_dim, n_classes):
    return OneHot(z_dim, n_classes)


GENERATORS = [
    OneHot,
    EmbeddingTimesNoise,
    LabelPlane,
    ConditionalBatchNorm,
    ComparedOneHot,
    Scattered,
    EyeRows,
    NoiseInside,
    OneNetPerClass,
    NetsInALoop,
    FilmFromZero,
    Attention,
    Lazy,
    a_function,
    networks.ConditionalGenerator,
]


@pytest.mark.parametrize("answer", GENERATORS)
def test_generator_accepts_every_way_to_use_a_label(answer):
    result = checks.check("conditional_generator", answer)
    assert result.status == "passed", result


# The conditional generator: mistakes. Each is the right one with something changed.


def generator(
    before=lambda self, z, y: (z, y),
    rows=None,
    after=lambda x: x.tanh().view(-1, 1, 28, 28),
    sizes=lambda z_dim, n_classes: (z_dim, n_classes),
    made=lambda self: None,
):
    """A small MLP generator whose parts can be replaced by wrong ones."""

    class Wrong(nn.Module):
        def __init__(self, z_dim, n_classes):
            super().__init__()
            self.z_dim, self.n_classes = sizes(z_dim, n_classes)
            self.table = nn.Embedding(self.n_classes, 16)
            self.first = nn.Linear(self.z_dim + 16, 48)
            self.last = nn.Linear(48, 784)
            made(self)

        def forward(self, z, labels):
            z, labels = before(self, z, labels)
            vectors = self.table(labels) if rows is None else rows(self, labels)
            h = F.leaky_relu(self.first(torch.cat([z, vectors], dim=1)), 0.2)
            return after(self.last(h))

    return Wrong


class TakesOneHot(OneHot):
    def forward(self, z, labels):
        return self.net(torch.cat([z, labels.float()], dim=1))


class TakesColumn(OneHot):
    def forward(self, z, labels):
        rows = torch.zeros(len(z), self.n_classes).scatter_(1, labels, 1.0)
        return self.net(torch.cat([z, rows], dim=1))


class Swapped(OneHot):
    def forward(self, labels, z):
        return super().forward(z, labels)


class SwappedSizes(OneHot):
    def __init__(self, n_classes, z_dim):
        super().__init__(z_dim, n_classes)


class NoLabels(networks.DCGANGenerator):
    def __init__(self, z_dim, n_classes):
        super().__init__(z_dim)


class NoWidth(OneHot):
    def forward(self, z, labels):
        return self.net(torch.cat([z, F.one_hot(labels).float()], dim=1))


class Scalar(nn.Module):
    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.net = networks.ImageMLPGenerator(z_dim + 1)

    def forward(self, z, labels):
        return self.net(torch.cat([z, labels[:, None].float()], dim=1))


class ScaledScalar(Scalar):
    def forward(self, z, labels):
        return self.net(torch.cat([z, labels[:, None] / 10], dim=1))


class Factor(nn.Module):
    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.net = networks.ImageMLPGenerator(z_dim)

    def forward(self, z, labels):
        return self.net(z * labels[:, None])


class ListOfLayers(nn.Module):
    def __init__(self, z_dim, n_classes):
        super().__init__()
        self.layers = [nn.Linear(z_dim + n_classes, 32), nn.Linear(32, 784)]
        self.n_classes, self.unused = n_classes, nn.Linear(1, 1)

    def forward(self, z, labels):
        h = torch.cat([z, F.one_hot(labels, self.n_classes).float()], 1)
        h = self.layers[1](self.layers[0](h).relu()).tanh()
        return h.view(-1, 1, 28, 28)


class NotAModule:
    def __init__(self, z_dim, n_classes):
        self.net = OneHot(z_dim, n_classes)

    def __call__(self, z, labels):
        return self.net(z, labels)


class OneArgument(OneHot):
    def __init__(self, z_dim):
        super().__init__(z_dim, 10)


def add_project(self):
    self.project = nn.Linear(10, 16)


def unregistered_table(self):
    del self.table
    self.plain = torch.randn(self.n_classes, 16)


def first_only(self, z, y):
    return z, y[:1].expand(len(y))


WRONG_GENERATORS = [
    ("depends_on_batch", generator(rows=lambda self, y: self.table(y).mean(0).repeat(len(y), 1))),
    ("labels_ignored", generator(rows=lambda self, y: torch.zeros(len(y), 16))),
    ("labels_ignored", generator(rows=lambda self, y: 0 * self.table(y))),
    ("labels_ignored", generator(before=lambda self, z, y: (z, torch.zeros_like(y)))),
    ("classes_merged", generator(before=lambda self, z, y: (z, y.clamp(max=7)))),
    ("classes_merged", generator(before=lambda self, z, y: (z, y % 2))),
    ("first_label_only", generator(before=first_only)),
    ("z_ignored", generator(before=lambda self, z, y: (torch.zeros_like(z), y))),
    ("z_ignored", generator(before=lambda self, z, y: (torch.randn_like(z), y))),
    ("one_for_all", generator(before=lambda self, z, y: (z[:1].expand_as(z), y))),
    ("z_ignored_for_a_class", Factor),
    ("no_tanh", generator(after=lambda x: x.view(-1, 1, 28, 28))),
    ("range_0_1", generator(after=lambda x: x.sigmoid().view(-1, 1, 28, 28))),
    ("range_0_1", generator(after=lambda x: x.relu().tanh().view(-1, 1, 28, 28))),
    ("no_tanh", generator(after=lambda x: 255 * x.sigmoid().view(-1, 1, 28, 28))),
    ("range_too_small", generator(after=lambda x: x.sigmoid().view(-1, 1, 28, 28) - 0.5)),
    ("softmax", generator(after=lambda x: x.softmax(1).view(-1, 1, 28, 28))),
    ("flat_images", generator(after=lambda x: x.tanh())),
    ("no_channel", generator(after=lambda x: x.tanh().view(-1, 28, 28))),
    ("one_for_all", generator(after=lambda x: x.mean(0).tanh().view(1, 1, 28, 28))),
    ("three_channels", generator(after=lambda x: x.tanh().view(-1, 1, 28, 28).repeat(1, 3, 1, 1))),
    ("channel_last", generator(after=lambda x: x.tanh().view(-1, 28, 28, 1))),
    ("axes_swapped", generator(after=lambda x: x.tanh().view(1, -1, 28, 28))),
    ("wrong_size", generator(after=lambda x: x.tanh().view(-1, 1, 14, 56))),
    ("batch_size_fixed", generator(after=lambda x: x.tanh().view(20, 1, 28, 28))),
    ("batch_size_fixed", generator(after=lambda x: x.tanh().view(-1, 28, 28).squeeze()[:, None])),
    ("n_classes_fixed", generator(sizes=lambda z_dim, n: (z_dim, 10))),
    ("z_dim_fixed", generator(sizes=lambda z_dim, n: (64, n))),
    ("last_class_fails", generator(sizes=lambda z_dim, n: (z_dim, n - 1))),
    ("one_hot_width", NoWidth),
    ("expects_one_hot", TakesOneHot),
    ("expects_column", TakesColumn),
    ("layer_sizes", generator(rows=lambda self, y: F.one_hot(y, self.n_classes))),
    ("dtypes_mixed", generator(rows=lambda self, y: self.table(y.float()))),
    (
        "dtypes_mixed",
        generator(rows=lambda self, y: self.project(F.one_hot(y, 10)), made=add_project),
    ),
    ("cat_shapes", generator(rows=lambda self, y: self.table(y[:, None]))),
    ("device_fixed", generator(before=lambda self, z, y: (z.to("cuda"), y))),
    ("first_class_fails", generator(before=lambda self, z, y: (z, y - 1))),
    ("swapped_arguments", Swapped),
    ("swapped_sizes", SwappedSizes),
    ("no_labels_argument", NoLabels),
    ("label_is_an_amount", Scalar),
    ("label_is_an_amount", ScaledScalar),
    ("random_each_call", generator(rows=lambda self, y: nn.Embedding(self.n_classes, 16)(y))),
    ("labels_ignored", generator(rows=lambda self, y: torch.randn(len(y), 16))),
    (
        "not_registered",
        generator(made=unregistered_table, rows=lambda self, y: self.plain[y]),
    ),
    ("not_registered", ListOfLayers),
    ("no_gradient_to_weights", generator(rows=lambda self, y: self.table(y).detach())),
    ("no_gradient", generator(after=lambda x: x.detach().tanh().view(-1, 1, 28, 28))),
    (
        "no_gradient",
        generator(
            after=lambda x: torch.from_numpy(np.tanh(x.detach().numpy()))[:, None].view(
                -1, 1, 28, 28
            )
        ),
    ),
    ("wrong_dtype", generator(after=lambda x: x.double().tanh().view(-1, 1, 28, 28))),
    ("mixes_batch", generator(before=lambda self, z, y: (z.t().reshape(z.shape), y))),
    ("mixes_batch", generator(before=lambda self, z, y: (z, y.flip(0)))),
    ("mixes_batch", generator(before=lambda self, z, y: (z, y.sort().values))),
    ("not_finite", generator(after=lambda x: (x - x.abs().sum()).log().tanh().view(-1, 1, 28, 28))),
    ("changes_inputs", generator(before=lambda self, z, y: (z.mul_(2), y))),
    ("changes_inputs", generator(before=lambda self, z, y: (z, y.sub_(1).clamp_(0)))),
    ("several_outputs", generator(after=lambda x: (x.tanh().view(-1, 1, 28, 28), x))),
    ("not_a_module", NotAModule),
    ("wrong_arguments", OneArgument),
    ("object_instead_of_class", OneHot(64, 10)),
    ("not_a_class", 3),
]


@pytest.mark.parametrize("number", range(len(WRONG_GENERATORS)))
def test_generator_names(number):
    id, answer = WRONG_GENERATORS[number]
    result = checks.check("conditional_generator", answer)
    assert (result.status, result.mistake) == ("failed", id), result


# The conditional discriminator: right answers


class Projection(nn.Module):
    def __init__(self, n_classes, start=0.02):
        super().__init__()
        base = networks.DCGANDiscriminator()
        self.features, self.out = base.features, base.out
        self.table = nn.Embedding(n_classes, self.out.in_features)
        nn.init.normal_(self.table.weight, 0.0, start)

    def forward(self, images, labels):
        h = self.features(images)
        return self.out(h) + (self.table(labels) * h).sum(dim=1, keepdim=True)


class ProjectionFromZero(Projection):
    def __init__(self, n_classes):
        super().__init__(n_classes, start=0.0)


class PlaneAtInput(nn.Module):
    """One more channel that a table fills for each label."""

    def __init__(self, n_classes):
        super().__init__()
        self.table = nn.Embedding(n_classes, 784)
        self.net = nn.Sequential(
            nn.Conv2d(2, 8, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(8, 8, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(8 * 49, 1),
        )

    def forward(self, images, labels):
        return self.net(torch.cat([images, self.table(labels).view(-1, 1, 28, 28)], 1))


class OneHotPlanes(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.n = n_classes
        self.net = nn.Sequential(
            nn.Conv2d(1 + n_classes, 8, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Dropout2d(0.3),
            nn.Flatten(),
            nn.Linear(8 * 196, 1),
        )

    def forward(self, x, y):
        planes = F.one_hot(y, self.n).float()[:, :, None, None].expand(-1, -1, 28, 28)
        return self.net(torch.cat([x, planes], dim=1))


class ConcatenatedMLP(nn.Module):
    """Mirza and Osindero 2014: the one-hot label beside the pixels."""

    def __init__(self, n_classes, width=64):
        super().__init__()
        self.n_classes = n_classes
        self.net = nn.Sequential(
            nn.Linear(784 + n_classes, width),
            nn.LeakyReLU(0.2),
            nn.Dropout(0.4),
            nn.Linear(width, 1),
        )

    def forward(self, images, labels):
        rows = F.one_hot(labels, self.n_classes).to(images.dtype)
        return self.net(torch.cat([images.flatten(1), rows], dim=1))


class LateButNonlinear(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.table = nn.Embedding(n_classes, 8)
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.LeakyReLU(0.2))
        self.head = nn.Sequential(nn.Linear(40, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))

    def forward(self, images, labels):
        return self.head(torch.cat([self.body(images), self.table(labels)], 1))


class Spectral(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        norm = nn.utils.spectral_norm
        self.body = nn.Sequential(
            nn.Flatten(), norm(nn.Linear(784, 64)), nn.ReLU(), norm(nn.Linear(64, 32)), nn.ReLU()
        )
        self.out, self.table = norm(nn.Linear(32, 1)), norm(nn.Embedding(n_classes, 32))

    def forward(self, images, labels):
        h = self.body(images)
        return self.out(h) + (self.table(labels) * h).sum(1, keepdim=True)


class NewSpectral(Spectral):
    def __init__(self, n_classes):
        nn.Module.__init__(self)
        norm = nn.utils.parametrizations.spectral_norm
        self.body = nn.Sequential(nn.Flatten(), norm(nn.Linear(784, 64)), nn.LeakyReLU(0.1))
        self.out, self.table = norm(nn.Linear(64, 1)), norm(nn.Embedding(n_classes, 64))


class PickedHead(nn.Module):
    """One logit for each class, of which the label picks its own."""

    def __init__(self, n_classes):
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(), nn.Linear(784, 64), nn.LeakyReLU(0.2), nn.Linear(64, n_classes)
        )

    def forward(self, images, labels):
        return self.net(images).gather(1, labels.view(-1, 1))


class MinibatchSpread(Projection):
    """Looks at the whole batch too, as a guard against collapse."""

    def forward(self, images, labels):
        spread = images.std(dim=0).mean() if len(images) > 1 else images.new_zeros(())
        return super().forward(images * (1 + spread), labels)


class AlwaysDrops(Projection):
    def forward(self, images, labels):
        return super().forward(F.dropout(images, 0.2), labels)


class ScaledByLabel(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.gain = nn.Embedding(n_classes, 64)
        nn.init.ones_(self.gain.weight)
        self.body, self.out = nn.Linear(784, 64), nn.Linear(64, 1)

    def forward(self, images, labels):
        return self.out(F.silu(self.body(images.flatten(1))) * self.gain(labels))


class HeadsInALoop(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.BatchNorm1d(32), nn.GELU())
        self.heads = nn.ModuleList(nn.Linear(32, 1) for _ in range(n_classes))

    def forward(self, images, labels):
        h = self.body(images)
        return torch.stack([self.heads[int(c)](row) for c, row in zip(labels, h, strict=True)])


class MeanPooled(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.conv, self.table = nn.Conv2d(1, 32, 5, 2), nn.Embedding(n_classes, 32)
        self.norm, self.out = nn.LayerNorm(32), nn.Linear(32, 1)

    def forward(self, images, labels):
        h = F.gelu(self.conv(images)).mean(dim=(2, 3))
        return self.out(self.norm(h + self.table(labels)))


class Cosine(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.LeakyReLU(0.2))
        self.table, self.out = nn.Embedding(n_classes, 32), nn.Linear(32, 1)

    def forward(self, images, labels):
        h = self.body(images)
        return self.out(h) + 5 * F.cosine_similarity(h, self.table(labels))[:, None]


DISCRIMINATORS = [
    Projection,
    ProjectionFromZero,
    PlaneAtInput,
    OneHotPlanes,
    ConcatenatedMLP,
    LateButNonlinear,
    Spectral,
    NewSpectral,
    PickedHead,
    MinibatchSpread,
    AlwaysDrops,
    ScaledByLabel,
    HeadsInALoop,
    MeanPooled,
    Cosine,
    networks.ConditionalDiscriminator,
]


@pytest.mark.parametrize("answer", DISCRIMINATORS)
def test_discriminator_accepts_every_way_to_use_a_label(answer):
    result = checks.check("conditional_discriminator", answer)
    assert result.status == "passed", result


def discriminator(
    before=lambda self, x, y: (x, y),
    logit=lambda self, h, e: self.out(h) + (e * h).sum(1, keepdim=True),
    rows=None,
    after=lambda out: out,
    size=lambda n: n,
    width=64,
):
    """A small projection discriminator whose parts can be replaced by wrong ones."""

    class Wrong(nn.Module):
        def __init__(self, n_classes):
            super().__init__()
            self.n_classes = size(n_classes)
            self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, width), nn.LeakyReLU(0.2))
            self.out, self.table = nn.Linear(width, 1), nn.Embedding(self.n_classes, width)

        def forward(self, images, labels):
            images, labels = before(self, images, labels)
            e = self.table(labels) if rows is None else rows(self, labels)
            return after(logit(self, self.body(images), e))

    return Wrong


class ACGAN(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.LeakyReLU(0.2))
        self.real, self.which = nn.Linear(32, 1), nn.Linear(32, n_classes)

    def forward(self, images, labels):
        h = self.body(images)
        return self.real(h), self.which(h)


class ClassLogits(ACGAN):
    def forward(self, images, labels):
        return self.which(self.body(images))


class LateConcat(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.n = n_classes
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.LeakyReLU(0.2))
        self.out = nn.Linear(32 + n_classes, 1)

    def forward(self, images, labels):
        return self.out(torch.cat([self.body(images), F.one_hot(labels, self.n).float()], 1))


class ScalarPlane(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(2, 8, 4, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(8 * 196, 1)
        )

    def forward(self, images, labels):
        plane = labels.float().view(-1, 1, 1, 1).expand(-1, 1, 28, 28)
        return self.net(torch.cat([images, plane], 1))


class SwappedD(Projection):
    def forward(self, labels, images):
        return super().forward(images, labels)


class OneHotD(ConcatenatedMLP):
    def forward(self, images, labels):
        return self.net(torch.cat([images.flatten(1), labels.float()], dim=1))


class NoLabelsD(networks.DCGANDiscriminator):
    def __init__(self, n_classes):
        super().__init__()


class NoWidthD(ConcatenatedMLP):
    def forward(self, images, labels):
        return self.net(torch.cat([images.flatten(1), F.one_hot(labels).float()], dim=1))


class NoArguments(Projection):
    def __init__(self):
        super().__init__(10)


def mean_of_rows(self, h, e):
    return self.out(h) + (e.mean(0) * h).sum(1, keepdim=True)


def softmax_over_the_batch(self, h, e):
    return (self.out(h) + (e * h).sum(1, keepdim=True)).softmax(0)


WRONG_DISCRIMINATORS = [
    ("not_summed", discriminator(logit=lambda self, h, e: self.out(h) + e * h)),
    ("depends_on_batch", discriminator(logit=lambda self, h, e: self.out(h) + (e * h).sum())),
    ("depends_on_batch", discriminator(logit=mean_of_rows)),
    ("softmax", discriminator(logit=softmax_over_the_batch)),
    ("labels_ignored", discriminator(logit=lambda self, h, e: self.out(h))),
    ("labels_ignored", discriminator(before=lambda self, x, y: (x, torch.zeros_like(y)))),
    ("images_ignored", discriminator(before=lambda self, x, y: (torch.zeros_like(x), y))),
    ("images_ignored", discriminator(logit=lambda self, h, e: e.sum(1, keepdim=True))),
    ("classes_merged", discriminator(before=lambda self, x, y: (x, y.clamp(max=8)))),
    ("first_label_only", discriminator(before=first_only)),
    (
        "label_only_shifts",
        discriminator(logit=lambda self, h, e: self.out(h) + e.sum(1, keepdim=True)),
    ),
    ("label_only_shifts", LateConcat),
    ("sigmoid", discriminator(after=torch.sigmoid)),
    ("never_positive", discriminator(after=F.logsigmoid)),
    ("squashed", discriminator(after=torch.tanh)),
    ("never_negative", discriminator(after=torch.relu)),
    ("softmax", discriminator(after=lambda out: out.softmax(1))),
    ("flat_logits", discriminator(after=lambda out: out.squeeze(1))),
    ("flat_logits", discriminator(after=lambda out: out.squeeze())),
    ("broadcast", discriminator(logit=lambda self, h, e: self.out(h) + (e * h).sum(1))),
    ("not_flattened", discriminator(after=lambda out: out[:, :, None, None])),
    ("one_for_all", discriminator(after=lambda out: out.mean())),
    ("one_for_all", discriminator(after=lambda out: out.mean(0, keepdim=True).expand_as(out))),
    ("one_for_all", discriminator(before=lambda self, x, y: (x[:1].expand_as(x), y))),
    ("class_logits", ClassLogits),
    ("several_outputs", ACGAN),
    ("n_classes_fixed", discriminator(size=lambda n: 10)),
    ("last_class_fails", discriminator(size=lambda n: n - 1)),
    ("one_hot_width", NoWidthD),
    ("expects_one_hot", OneHotD),
    ("swapped_arguments", SwappedD),
    ("no_labels_argument", NoLabelsD),
    ("label_is_an_amount", ScalarPlane),
    (
        "label_is_an_amount",
        discriminator(
            before=lambda self, x, y: (x * (1 + y.view(-1, 1, 1, 1)), y),
            rows=lambda self, y: torch.zeros(len(y), 64),
        ),
    ),
    (
        "random_each_call",
        discriminator(rows=lambda self, y: nn.Embedding(self.n_classes, 64)(y)),
    ),
    ("no_gradient_to_weights", discriminator(rows=lambda self, y: self.table(y).detach())),
    (
        "no_gradient_to_weights",
        discriminator(logit=lambda self, h, e: self.out(h) + (e * h).detach().sum(1, keepdim=True)),
    ),
    (
        "no_gradient_through_label",
        discriminator(logit=lambda self, h, e: self.out(h) + (e * h.detach()).sum(1, keepdim=True)),
    ),
    ("no_gradient_to_images", discriminator(before=lambda self, x, y: (x.detach(), y))),
    ("no_gradient", discriminator(after=lambda out: out.detach())),
    ("wrong_dtype", discriminator(after=lambda out: out.double())),
    ("mixes_batch", discriminator(before=lambda self, x, y: (x, y.flip(0)))),
    (
        "batch_size_fixed",
        discriminator(before=lambda self, x, y: (x.view(20, 1, 28, 28), y)),
    ),
    ("batch_size_fixed", discriminator(after=lambda out: out.squeeze()[:, None])),
    ("changes_inputs", discriminator(before=lambda self, x, y: (x.add_(1), y))),
    ("wrong_arguments", NoArguments),
    ("object_instead_of_class", Projection(10)),
]


@pytest.mark.parametrize("number", range(len(WRONG_DISCRIMINATORS)))
def test_discriminator_names(number):
    id, answer = WRONG_DISCRIMINATORS[number]
    result = checks.check("conditional_discriminator", answer)
    assert (result.status, result.mistake) == ("failed", id), result


# A trained pair, played by real images


class Played:
    """Looks like a GAN; its samples are real training images that `choose` picks."""

    G_ema, steps = None, 2000

    def __init__(self, choose=lambda labels: labels, keep=2000, change=lambda images: images):
        self.choose, self.keep, self.change = choose, keep, change
        self.train = data.fashion_mnist("train")

    def sample(self, n, labels):
        images, seen = torch.empty(n, 1, 28, 28), [0] * 10
        places = [(self.train.labels == c).nonzero()[: self.keep, 0] for c in range(10)]
        for i, c in enumerate(self.choose(labels).tolist()):
            images[i] = data.to_float(self.train.images[places[c][seen[c] % len(places[c])]])
            seen[c] += 1
        return self.change(images)


class Unconditional(Played):
    def sample(self, n):
        return torch.zeros(n, 1, 28, 28)


class NewAndUntrained(Played):
    steps = 0


def test_conditional_gan_accepts_images_of_the_classes_asked_for():
    assert status("conditional_gan", Played()) == "passed"


@pytest.mark.parametrize(
    "id, gan",
    [
        ("labels_mixed_up", Played(lambda labels: (labels + 1) % 10)),
        ("label_without_effect", Played(lambda y: y[torch.randperm(len(y))])),
        ("all_alike", Played(change=torch.zeros_like)),
        ("range_0_1", Played(change=lambda images: (images + 1) / 2)),
        ("wrong_shape", Played(change=lambda images: images.flatten(1))),
        ("collapsed_in_classes", Played(keep=2)),
        ("accuracy_low", Played(lambda y: torch.where(torch.rand(len(y)) < 0.4, y.flip(0), y))),
        ("not_finite", Played(change=lambda images: images / 0 * 0)),
        ("not_conditional", Unconditional()),
        ("not_trained", NewAndUntrained()),
        ("not_a_gan", (Played(), "history")),
        ("not_a_gan", OneHot(64, 10)),
    ],
)
def test_conditional_gan_names(id, gan):
    torch.manual_seed(0)
    assert mistake("conditional_gan", gan) == id


# Stubs


class StubG(nn.Module):
    def __init__(self, z_dim, n_classes):
        super().__init__()
        ...

    def forward(self, z, labels): ...


class StubD(nn.Module):
    def __init__(self, n_classes):
        super().__init__()

    def forward(self, images, labels):
        raise NotImplementedError


def stub_function(*arguments): ...


@pytest.mark.parametrize(
    "name, stub",
    [
        ("class_rows", stub_function),
        ("projection_logit", stub_function),
        ("conditional_generator", StubG),
        ("conditional_discriminator", StubD),
        ("conditional_generator", stub_function),
        ("conditional_gan", stub_function()),
    ],
)
def test_a_stub_is_not_attempted(name, stub):
    assert status(name, stub) == "not attempted"
