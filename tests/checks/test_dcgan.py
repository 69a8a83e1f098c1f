"""The checkers of exercise 03: right answers of many kinds pass, known mistakes are named."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons import checks, data, losses, networks, training
from gan_lessons.checks import dcgan_sizes


def status(name, answer):
    return checks.check(name, answer).status


def mistake(name, answer):
    result = checks.check(name, answer)
    assert result.status == "failed", result
    return result.mistake


def named(name, cases):
    """The mistakes that were not named as they should be: an empty list."""
    return [(id, got) for id, answer in cases if (got := mistake(name, answer)) != id]


# conv_size, transposed_size


def test_the_formulas_are_those_of_pytorchs_layers():
    for size, kernel, stride, padding in dcgan_sizes.CASES:
        x = torch.zeros(1, 1, size, size)
        conv = nn.Conv2d(1, 1, kernel, stride, padding)
        assert conv(x).shape[-1] == dcgan_sizes.conv_size(size, kernel, stride, padding)
        transposed = nn.ConvTranspose2d(1, 1, kernel, stride, padding)
        assert transposed(x).shape[-1] == dcgan_sizes.transposed_size(size, kernel, stride, padding)


def counted(size, kernel, stride, padding):
    return len(range(0, size + 2 * padding - kernel + 1, stride))


def measured(size, kernel, stride, padding):
    return nn.Conv2d(1, 1, kernel, stride, padding)(torch.zeros(1, 1, size, size)).shape[-1]


def floored(size, kernel, stride, padding, dilation=1):
    return np.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1)


def as_tensor(size, kernel, stride, padding):
    return torch.tensor((size + 2 * padding - kernel) // stride + 1)


@pytest.mark.parametrize("answer", [counted, measured, floored, as_tensor, dcgan_sizes.conv_size])
def test_conv_size_accepts(answer):
    assert status("conv_size", answer) == "passed"


def painted(size, kernel, stride, padding):
    last = (size - 1) * stride + kernel - 1
    return len(range(padding, last + 1 - padding))


def with_options(size, kernel, stride=1, padding=0, output_padding=0):
    return stride * (size - 1) + kernel - 2 * padding + output_padding


@pytest.mark.parametrize("answer", [painted, with_options, lambda *a: float(painted(*a))])
def test_transposed_size_accepts(answer):
    assert status("transposed_size", answer) == "passed"


def test_wrong_sizes_are_named():
    for name, right, twins in (
        ("conv_size", dcgan_sizes.conv_size, dcgan_sizes.CONV_TWINS),
        ("transposed_size", dcgan_sizes.transposed_size, dcgan_sizes.TRANSPOSED_TWINS),
    ):
        assert named(name, [(id, twin) for id, (twin, _) in twins.items()]) == []
        other = [
            ("wrong_type", lambda n, k, s, p: (n, n)),
            ("wrong_type", lambda n, k, s, p: "28"),
            ("constant", lambda n, k, s, p: 28),
            ("area", lambda n, k, s, p, right=right: right(n, k, s, p) ** 2),
            ("wrong_size", lambda n, k, s, p: n),
            ("not_whole", lambda n, k, s, p: (n + p - k) / (s + 1)),
            ("raises", lambda n, k: n),
        ]
        assert named(name, other) == []


# init_weights


def by_name(module):
    kind = type(module).__name__
    if "Conv" in kind or kind == "Linear":
        module.weight.data = 0.02 * torch.randn_like(module.weight)
        if module.bias is not None:
            module.bias.data.fill_(0)
    if kind.startswith("BatchNorm"):
        module.weight.data.normal_(1.0, 0.02)
        module.bias.data.zero_()


def under_no_grad(module):
    with torch.no_grad():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            module.weight.copy_(torch.randn(module.weight.shape) * 0.02)
            if module.bias is not None:
                module.bias *= 0
        elif hasattr(module, "running_mean"):
            module.weight.copy_(1 + 0.02 * torch.randn(len(module.weight)))
            module.bias.zero_()


def with_new_parameters(module):
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        module.weight = nn.Parameter(torch.normal(0.0, 0.02, module.weight.shape))
        if module.bias is not None:
            module.bias = nn.Parameter(torch.zeros_like(module.bias))
    if isinstance(module, nn.BatchNorm2d):
        module.weight = nn.Parameter(torch.normal(1.0, 0.02, module.weight.shape))
        module.bias = nn.Parameter(torch.zeros_like(module.bias))
    return module


def whole_network(network):
    for module in network.modules():
        networks.init_dcgan(module)


def truncated(module):
    networks.init_dcgan(module)
    if isinstance(module, nn.Conv2d):
        nn.init.trunc_normal_(module.weight, 0.0, 0.02, -2, 2)


@pytest.mark.parametrize(
    "answer",
    [
        networks.init_dcgan,
        by_name,
        under_no_grad,
        with_new_parameters,
        whole_network,
        truncated,
        lambda m: networks.init_dcgan(m) or m,
    ],
)
def test_init_weights_accepts(answer):
    assert status("init_weights", answer) == "passed"


def init_with(
    kinds=(nn.Linear, nn.Conv2d, nn.ConvTranspose2d),
    weight=lambda w: nn.init.normal_(w, 0.0, 0.02),
    bias=nn.init.zeros_,
    norm=lambda w: nn.init.normal_(w, 1.0, 0.02),
    norm_bias=nn.init.zeros_,
):
    """An initialisation with parts that can be wrong."""

    def init(module):
        if isinstance(module, kinds):
            weight(module.weight)
            if module.bias is not None:
                bias(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            norm(module.weight)
            norm_bias(module.bias)

    return init


def with_seed(module):
    torch.manual_seed(0)
    networks.init_dcgan(module)


def with_own_generator():
    generator = torch.Generator().manual_seed(0)
    calls = []

    def init(module):
        if isinstance(module, nn.Conv2d):
            calls.append(1)
            if len(calls) == 3:
                generator.manual_seed(0)
            networks.init_dcgan(module)
            nn.init.normal_(module.weight, 0.0, 0.02, generator=generator)
        else:
            networks.init_dcgan(module)

    return init


def leaf_in_place(module):
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        module.weight.normal_(0.0, 0.02)


def plain_tensor(module):
    if isinstance(module, nn.Conv2d):
        module.weight = torch.randn(module.weight.shape) * 0.02


def resets_statistics(module):
    networks.init_dcgan(module)
    if isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.running_mean, 0.0, 0.02)


def reset_again(module):
    init_with()(module)
    if isinstance(module, nn.BatchNorm2d):
        module.reset_running_stats()


@torch.no_grad()
def one_channel_for_all(weight):
    weight.copy_((0.02 * torch.randn(weight.shape[1:])).expand_as(weight))


def freezes(module):
    networks.init_dcgan(module)
    for weight in module.parameters(recurse=False):
        weight.requires_grad = False


def no_bias_check(module):
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        nn.init.zeros_(module.bias)


def no_kind_check(module):
    nn.init.normal_(module.weight, 0.0, 0.02)


def test_wrong_initialisations_are_named():
    normal = nn.init.normal_
    cases = [
        ("layer_forgotten", init_with(kinds=(nn.Conv2d, nn.ConvTranspose2d))),
        ("layer_forgotten", init_with(kinds=(nn.Conv2d, nn.Linear))),
        ("layer_forgotten", init_with(kinds=nn.Linear)),
        ("constant", init_with(weight=lambda w: nn.init.constant_(w, 0.02))),
        ("constant", init_with(weight=nn.init.zeros_)),
        ("variance_for_std", init_with(weight=lambda w: normal(w, 0.0, math.sqrt(0.02)))),
        ("variance_for_std", init_with(weight=lambda w: normal(w, 0.0, 0.02**2))),
        ("mean_and_std_swapped", init_with(weight=lambda w: normal(w, 0.02, 0.0001))),
        ("mean_one", init_with(weight=lambda w: normal(w, 1.0, 0.02))),
        ("wrong_mean", init_with(weight=lambda w: normal(w, 0.5, 0.02))),
        ("never_negative", init_with(weight=lambda w: nn.init.uniform_(w, 0.0, 0.04 * 3**0.5))),
        ("uniform", init_with(weight=lambda w: nn.init.uniform_(w, -0.02, 0.02))),
        ("not_normal", init_with(weight=lambda w: nn.init.uniform_(w, -0.0346, 0.0346))),
        ("wrong_std", init_with(weight=lambda w: normal(w, 0.0, 0.2))),
        ("wrong_std", init_with(weight=nn.init.kaiming_normal_)),
        ("wrong_std", init_with(weight=nn.init.xavier_uniform_)),
        ("wrong_std", init_with(weight=nn.init.normal_)),
        ("bias_not_zero", init_with(bias=lambda b: normal(b, 0.0, 0.02))),
        ("bias_not_zero", init_with(bias=lambda b: None)),
        ("batchnorm_forgotten", init_with(norm=lambda w: None)),
        ("batchnorm_around_zero", init_with(norm=lambda w: normal(w, 0.0, 0.02))),
        ("batchnorm_constant", init_with(norm=nn.init.ones_)),
        ("batchnorm_wrong", init_with(norm=lambda w: normal(w, 1.0, 0.2))),
        ("batchnorm_bias", init_with(norm_bias=nn.init.ones_)),
        ("same_numbers", with_seed),
        ("ignores_the_seed", with_own_generator()),
        ("leaf_in_place", leaf_in_place),
        ("raises", plain_tensor),
        ("running_statistics", resets_statistics),
        ("running_statistics", lambda m: reset_again(m)),
        ("not_in_place", lambda m: torch.randn(3)),
        ("repeated", init_with(weight=one_channel_for_all)),
        ("never_negative", init_with(weight=lambda w: normal(w, 0.0, 0.02).data.abs_())),
        ("mean_and_std_swapped", init_with(weight=lambda w: normal(w, 0.02))),
        ("no_gradient", freezes),
        ("bias_is_none", no_bias_check),
        ("every_module", no_kind_check),
        ("not_finite", init_with(weight=lambda w: nn.init.constant_(w, float("nan")))),
    ]
    assert named("init_weights", cases) == []


# dcgan_generator


class Around(nn.Module):
    """A network with something before and after it."""

    def __init__(self, net, before=lambda x: x, after=lambda x: x):
        super().__init__()
        self.net, self.before, self.after = net, before, after

    def forward(self, x):
        return self.after(self.net(self.before(x)))


def body(z_dim=32, width=8, end=nn.Tanh, channels=1):
    """A small generator with a chosen end."""
    return nn.Sequential(
        nn.Linear(z_dim, width * 49),
        nn.Unflatten(1, (width, 7, 7)),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.ConvTranspose2d(width, width, 4, 2, 1),
        nn.BatchNorm2d(width),
        nn.ReLU(),
        nn.ConvTranspose2d(width, channels, 4, 2, 1),
        end(),
    )


def ending(function):
    """A generator whose last step is this function."""
    return lambda z_dim: Around(body(z_dim, end=nn.Identity), after=function)


def before_it(function):
    """A right generator that sees this function of z."""
    return lambda z_dim: Around(body(z_dim), before=function)


class FromOnePixel(nn.Module):
    """The paper's start: a transposed convolution on z as a map of 1 x 1."""

    def __init__(self, z_dim, width=8):
        super().__init__()
        self.start = nn.ConvTranspose2d(z_dim, 4 * width, 7, bias=False)
        self.norm = nn.BatchNorm2d(4 * width)
        self.middle = nn.ConvTranspose2d(4 * width, width, 4, 2, 1)
        self.end = nn.ConvTranspose2d(width, 1, 4, 2, 1)

    def forward(self, z):
        x = F.relu(self.norm(self.start(z[..., None, None])))
        return torch.tanh(self.end(F.relu(self.middle(x))))


def from_3_pixels(z_dim):
    return nn.Sequential(
        nn.Unflatten(1, (z_dim, 1, 1)),
        nn.ConvTranspose2d(z_dim, 16, 3),
        nn.GroupNorm(2, 16),
        nn.ReLU(),
        nn.ConvTranspose2d(16, 8, 3, 2),  # 7
        nn.ReLU(),
        nn.ConvTranspose2d(8, 8, 3, 2, 1, output_padding=1),  # 14
        nn.InstanceNorm2d(8),
        nn.ReLU(),
        nn.ConvTranspose2d(8, 1, 5, 2, 2, output_padding=1),
        nn.Tanh(),
    )


def by_upsampling(z_dim):
    return nn.Sequential(
        nn.Linear(z_dim, 8 * 49),
        nn.Unflatten(1, (8, 7, 7)),
        nn.Upsample(scale_factor=2),
        nn.Conv2d(8, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.LeakyReLU(0.2),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.Conv2d(8, 1, 3, padding=1),
        nn.Hardtanh(),
    )


def by_pixel_shuffle(z_dim):
    return nn.Sequential(
        nn.Linear(z_dim, 16 * 49),
        nn.BatchNorm1d(16 * 49),
        nn.GELU(),
        nn.Unflatten(1, (16, 7, 7)),
        nn.Conv2d(16, 16, 3, padding=1),
        nn.SELU(),
        nn.PixelShuffle(4),
        nn.Tanh(),
    )


def cropped(z_dim):
    net = nn.Sequential(
        nn.Linear(z_dim, 8 * 16),
        nn.Unflatten(1, (8, 4, 4)),
        nn.ConvTranspose2d(8, 8, 4, 2, 1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.ConvTranspose2d(8, 8, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(8, 1, 4, 2, 1),
    )
    return Around(net, after=lambda x: torch.tanh(x[:, :, 2:30, 2:30]))


def lazy(z_dim):
    return nn.Sequential(
        nn.LazyLinear(8 * 49),
        nn.Unflatten(1, (8, 7, 7)),
        nn.LazyConvTranspose2d(8, 4, 2, 1),
        nn.ReLU(),
        nn.LazyConvTranspose2d(1, 4, 2, 1),
        nn.Tanh(),
    )


class WithNoise(nn.Module):
    """Draws noise of its own in every layer, as StyleGAN does."""

    def __init__(self, z_dim):
        super().__init__()
        self.net = body(z_dim, end=nn.Identity)

    def forward(self, z):
        x = self.net(z)
        return torch.tanh(x + 0.01 * torch.randn_like(x))


def spectral(z_dim):
    net = body(z_dim)
    for i in (0, 4, 7):
        net[i] = nn.utils.parametrizations.spectral_norm(net[i])
    return net


def quiet_spectral(z_dim):
    net = body(z_dim)
    net.apply(networks.init_dcgan)
    for i in (0, 4, 7):
        net[i] = nn.utils.parametrizations.spectral_norm(net[i])
    return net


def old_spectral(z_dim):
    net = body(z_dim)
    for i in (0, 4, 7):
        net[i] = nn.utils.spectral_norm(net[i])
    return net


def starts_at_zero(z_dim):
    net = body(z_dim)
    nn.init.zeros_(net[7].weight)
    return net


def from_seven(z_dim, width=8):
    net = body(z_dim, width)
    net.apply(networks.init_dcgan)
    return net


@pytest.mark.parametrize(
    "answer",
    [
        networks.DCGANGenerator,
        FromOnePixel,
        from_3_pixels,
        by_upsampling,
        by_pixel_shuffle,
        cropped,
        lazy,
        WithNoise,
        spectral,
        quiet_spectral,
        old_spectral,
        starts_at_zero,
        from_seven,
        body,
        ending(lambda x: x.clamp(-1, 1)),
        ending(lambda x: 2 * torch.sigmoid(x) - 1),
        ending(F.softsign),
        ending(torch.sin),
        ending(lambda x: 1 - 2 * torch.sigmoid(x)),
        before_it(lambda z: z / z.norm(dim=1, keepdim=True)),
        lambda latent_size=100, features=8: body(latent_size, features),
        lambda z_dim: nn.Sequential(body(z_dim, end=nn.Identity), nn.Dropout(0.3), nn.Tanh()),
        networks.ImageMLPGenerator,
    ],
)
def test_dcgan_generator_accepts(answer):
    result = checks.check("dcgan_generator", answer)
    assert result.status == "passed", result


def test_a_generator_without_convolutions_is_told_so():
    assert "no convolution" in checks.check("dcgan_generator", networks.ImageMLPGenerator).message


def with_layer(net):
    """A layer that forward never uses."""
    net = Around(net)
    net.forgotten = nn.BatchNorm2d(8)
    return net


def first_frozen(z_dim):
    net = body(z_dim)
    net[0].requires_grad_(False)
    return net


class Untouched(nn.Module):
    """The learner's stub."""

    def __init__(self, *sizes):
        super().__init__()
        ...

    def forward(self, x): ...


class Empty(nn.Module):
    def __init__(self, *sizes):
        super().__init__()


@pytest.mark.parametrize("name", ["dcgan_generator", "dcgan_discriminator"])
@pytest.mark.parametrize("stub", [Untouched, Empty, None, lambda *sizes: None])
def test_a_network_that_is_not_written_is_not_attempted(name, stub):
    assert status(name, stub) == "not attempted"


class NoReturn(Empty):
    def __init__(self, *sizes):
        super().__init__()
        self.net = nn.Linear(2, 2)

    def forward(self, x):
        x.mean()


class Misspelt(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        self.net = nn.Linear(2, 2)

    def foward(self, x):
        return self.net(x)


class FixedBatch(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.first, self.rest = nn.Linear(z_dim, 8 * 49), body(z_dim)[2:]

    def forward(self, z):
        return self.rest(self.first(z).view(20, 8, 7, 7))


class MadeInForward(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.z_dim, self.rest = z_dim, body(z_dim)[1:]

    def forward(self, z):
        return self.rest(nn.Linear(self.z_dim, 8 * 49)(z))


class MadeInFirstForward(MadeInForward):
    def forward(self, z):
        if not hasattr(self, "first"):
            self.first = nn.Linear(self.z_dim, 8 * 49)
        return self.rest(self.first(z))


class PlainList(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.layers = list(body(z_dim))

    def forward(self, z):
        for layer in self.layers:
            z = layer(z)
        return z


class PlainTensor(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.start = torch.randn(z_dim, 8 * 49)
        self.rest = body(z_dim)[1:]

    def forward(self, z):
        return self.rest(z @ self.start)


class Detached(nn.Module):
    def __init__(self, z_dim, where):
        super().__init__()
        self.net, self.where = body(z_dim), where

    def forward(self, z):
        for i, layer in enumerate(self.net):
            z = layer(z.detach() if i == self.where else z)
        return z


class KeepsResult(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.net = body(z_dim)
        self.start = self.net[0].weight * 2

    def forward(self, z):
        return self.net(z)


class Squeezes(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.net = body(z_dim)

    def forward(self, z):
        return self.net(z).squeeze()[:, None]


class AlwaysTrains(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.net = nn.Sequential(*body(z_dim)[:1], nn.BatchNorm1d(8 * 49), *body(z_dim)[1:])

    def forward(self, z):
        self.net.train()
        return self.net(z)


class ChangesZ(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.net = body(z_dim)

    def forward(self, z):
        return self.net(z.mul_(2))


def with_size(kernel, stride, padding, start=7):
    def make(z_dim):
        return nn.Sequential(
            nn.Linear(z_dim, 8 * start**2),
            nn.Unflatten(1, (8, start, start)),
            nn.ConvTranspose2d(8, 8, kernel, stride, padding),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, kernel, stride, padding),
            nn.Tanh(),
        )

    return make


def for_32(z_dim):
    return nn.Sequential(cropped(z_dim).net, nn.Tanh())


def normed_end(z_dim):
    net = body(z_dim)
    return nn.Sequential(*net[:-1], nn.BatchNorm2d(1), nn.Tanh())


def normed_everywhere(z_dim):
    return nn.Sequential(normed_end(z_dim)[:-2], nn.BatchNorm2d(1, affine=False), nn.Tanh())


def four_axes(z_dim):
    return nn.Sequential(nn.ConvTranspose2d(z_dim, 8, 7), *body(z_dim)[2:])


def no_running_statistics(z_dim):
    net = body(z_dim)
    net[2] = nn.BatchNorm2d(8, track_running_stats=False)
    return net


def with_pairs(z_dim):
    return {"net": body(z_dim)}


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is no mistake where there is one")
def test_a_gpu_that_is_not_there_is_named():
    cases = [
        ("device_fixed", lambda z_dim: body(z_dim).to("cuda")),
        ("device_fixed", before_it(lambda z: z.to("cuda"))),
    ]
    assert named("dcgan_generator", cases) == []


def test_wrong_generators_are_named():
    fixed = lambda: body(64)  # noqa: E731
    cases = [
        ("object_instead_of_class", body(64)),
        ("not_a_class", torch.zeros(3)),
        ("no_return", NoReturn),
        ("no_forward", Misspelt),
        ("unused_layer", lambda z_dim: with_layer(body(z_dim))),
        ("frozen", first_frozen),
        ("normalised_output", ending(lambda x: x / x.abs().amax((1, 2, 3), keepdim=True))),
        ("wrong_arguments", fixed),
        ("wrong_arguments", lambda z_dim, width: body(z_dim, width)),
        ("constructor_raises", lambda z_dim: nn.Sequential(nn.Linear(z_dim, "8"))),
        ("not_a_module", with_pairs),
        ("not_a_module", lambda z_dim: lambda z: torch.zeros(len(z), 1, 28, 28)),
        ("expects_4d_z", four_axes),
        ("z_dim_fixed", lambda z_dim: body(100)),
        ("z_dim_fixed", lambda z_dim: body(64)),
        ("linear_size", lambda z_dim: body(z_dim + 1)),
        ("forward_raises", lambda z_dim: nn.Sequential(body(z_dim)[0], nn.Conv2d(8, 8, 3))),
        ("size_32", for_32),
        ("size_off", with_size(3, 2, 1)),
        ("size_off", with_size(5, 2, 2)),
        ("wrong_size", with_size(2, 2, 0, 14)),
        ("size_32", with_size(4, 2, 1, 8)),
        ("wrong_channels", lambda z_dim: body(z_dim, channels=3)),
        ("wrong_channels", lambda z_dim: body(z_dim, channels=8)),
        ("flat_images", ending(lambda x: torch.tanh(x).flatten(1))),
        ("no_channel", ending(lambda x: torch.tanh(x)[:, 0])),
        ("channels_last", ending(lambda x: torch.tanh(x).permute(0, 2, 3, 1))),
        ("axes_swapped", ending(lambda x: torch.tanh(x).transpose(0, 1))),
        ("axes_swapped", ending(lambda x: torch.tanh(x).permute(2, 3, 1, 0))),
        ("one_for_all", ending(lambda x: torch.tanh(x)[:1])),
        ("several_outputs", ending(lambda x: (torch.tanh(x), x))),
        ("wrong_type", ending(lambda x: torch.tanh(x).detach().numpy())),
        ("not_finite", ending(lambda x: torch.tanh(x) / 0)),
        ("wrong_dtype", ending(lambda x: torch.tanh(x).double())),
        ("wrong_dtype", lambda z_dim: body(z_dim).double()),
        ("wrong_dtype", ending(lambda x: torch.tanh(x).half())),
        ("changes_inputs", ChangesZ),
        ("batch_size_fixed", FixedBatch),
        ("batch_of_one", Squeezes),
        ("batch_of_one", AlwaysTrains),
        ("made_in_forward", MadeInFirstForward),
        ("random_each_call", MadeInForward),
        ("not_registered", PlainList),
        ("not_registered", PlainTensor),
        ("cannot_be_copied", KeepsResult),
        ("z_ignored", before_it(torch.zeros_like)),
        ("z_ignored", before_it(torch.randn_like)),
        ("one_for_all", before_it(lambda z: z[:1].expand_as(z))),
        ("one_for_all", before_it(lambda z: z.mean(0, keepdim=True).expand_as(z))),
        ("range_0_1", ending(torch.sigmoid)),
        ("range_0_1", ending(lambda x: torch.tanh(F.relu(x)))),
        ("range_0_1", ending(lambda x: (torch.tanh(x) + 1) / 2)),
        ("no_tanh", ending(lambda x: x)),
        ("no_tanh", lambda z_dim: nn.Sequential(body(z_dim), nn.BatchNorm2d(1))),
        ("z_partly_ignored", before_it(lambda z: F.pad(z[:, :10], (0, z.shape[1] - 10)))),
        ("constant_pixels", ending(lambda x: F.pad(torch.tanh(x[:, :, 7:21, 7:21]), (7,) * 4))),
        ("no_tanh", ending(lambda x: 2 * torch.tanh(x))),
        ("no_tanh", ending(lambda x: 255 * torch.tanh(x))),
        ("relu_at_output", ending(F.relu)),
        ("softmax", ending(lambda x: x.flatten(1).softmax(1).view_as(x))),
        ("range_too_small", ending(lambda x: torch.tanh(x) / 2)),
        ("range_too_small", ending(lambda x: torch.sigmoid(x) - 0.5)),
        ("batchnorm_at_output", normed_end),
        ("batchnorm_at_output", normed_everywhere),
        (
            "batchnorm_at_output",
            lambda z_dim: nn.Sequential(*normed_end(z_dim)[:-1], nn.Hardtanh()),
        ),
        ("frozen", lambda z_dim: body(z_dim).requires_grad_(False)),
        ("range_0_255", ending(lambda x: (torch.tanh(x) + 1) * 127.5)),
        ("mixes_batch", ending(lambda x: torch.tanh(x).permute(1, 2, 3, 0).reshape(x.shape))),
        ("mixes_batch", ending(lambda x: torch.tanh(x + x[:1]))),
        ("depends_on_batch", ending(lambda x: torch.tanh(x - x.mean(0, keepdim=True)))),
        ("depends_on_batch", no_running_statistics),
        ("no_gradient", ending(lambda x: torch.tanh(x).detach())),
        ("no_gradient", ending(lambda x: torch.tensor(torch.tanh(x).tolist()))),
        ("no_gradient_to_weights", lambda z_dim: Detached(z_dim, where=4)),
        ("no_gradient_to_input", lambda z_dim: Detached(z_dim, where=0)),
    ]
    assert named("dcgan_generator", cases) == []


# dcgan_discriminator


def critic(end=None, width=8, norm=nn.Identity):
    """A small discriminator with a chosen end."""
    return nn.Sequential(
        nn.Conv2d(1, width, 4, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(width, width, 4, 2, 1),
        norm(),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(width * 49, 1),
        end or nn.Identity(),
    )


def judged(after=lambda x: x, before=lambda x: x):
    """A discriminator with something before and after it."""
    return lambda: Around(critic(), before, after)


def fully_convolutional():
    return nn.Sequential(
        nn.Conv2d(1, 8, 4, 2, 1),
        nn.ReLU(),
        nn.Conv2d(8, 16, 4, 2, 1, bias=False),
        nn.BatchNorm2d(16),
        nn.LeakyReLU(0.1),
        nn.Conv2d(16, 1, 7),
        nn.Flatten(),
    )


def by_pooling():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3),
        nn.ELU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3),
        nn.Dropout(0.4),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(16, 1),
    )


def regularised():
    norm = nn.utils.parametrizations.spectral_norm
    return nn.Sequential(
        norm(nn.Conv2d(1, 8, 4, 2, 1)),
        nn.LeakyReLU(0.2),
        norm(nn.Conv2d(8, 8, 4, 2, 1)),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        norm(nn.Linear(8 * 49, 1)),
    )


def with_old_norms():
    return nn.Sequential(
        nn.utils.spectral_norm(nn.Conv2d(1, 8, 4, 2, 1)),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.utils.spectral_norm(nn.Linear(8 * 196, 1)),
    )


def lazy_critic():
    return nn.Sequential(nn.LazyConv2d(8, 4, 2, 1), nn.ReLU(), nn.Flatten(), nn.LazyLinear(1))


class Noisy(nn.Module):
    """Noise on its input, against a D that is too sure."""

    def __init__(self, width=8):
        super().__init__()
        self.net = critic(width=width)

    def forward(self, images):
        return self.net(images + 0.1 * torch.randn_like(images))


class MeanOfPatches(nn.Module):
    """PatchGAN: a logit for each place, and their mean."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(1, 8, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(8, 1, 3))

    def forward(self, images):
        return self.net(images).mean(dim=(1, 2, 3)).unsqueeze(1)


@pytest.mark.parametrize(
    "answer",
    [
        networks.DCGANDiscriminator,
        networks.ImageMLPDiscriminator,
        critic,
        fully_convolutional,
        by_pooling,
        regularised,
        with_old_norms,
        lazy_critic,
        judged(before=lambda x: x[:, :, ::2, ::2].repeat(1, 1, 2, 2)),
        Noisy,
        MeanOfPatches,
        lambda: critic(norm=lambda: nn.BatchNorm2d(8)),
        lambda: critic(norm=lambda: nn.InstanceNorm2d(8)),
        lambda: critic(norm=lambda: nn.GroupNorm(1, 8)),
        lambda: critic(end=nn.Linear(1, 1)),
        lambda width=4: critic(width=width),
        lambda: nn.Sequential(nn.LayerNorm([1, 28, 28]), critic()),
        judged(before=lambda x: (x + 1) / 2),
        judged(after=lambda x: 3 * x),
        lambda: Around(
            nn.Conv2d(1, 8, 4, 2, 1), after=lambda x: F.relu(x).mean((1, 2, 3))[:, None] - 1
        ),
    ],
)
def test_dcgan_discriminator_accepts(answer):
    result = checks.check("dcgan_discriminator", answer)
    assert result.status == "passed", result


class FixedBatchOfImages(nn.Module):
    def __init__(self):
        super().__init__()
        self.maps, self.end = critic()[:5], nn.Linear(8 * 49, 1)

    def forward(self, images):
        return self.end(self.maps(images).view(20, -1))


class WantsLabels(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = critic()

    def forward(self, images, labels):
        return self.net(images)


class DetachedFeatures(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = critic()

    def forward(self, images):
        return self.net[-2](self.net[:-2](images).detach())


class LayersInForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.maps = critic()[:6]

    def forward(self, images):
        return nn.Linear(8 * 49, 1)(self.maps(images))


class LayersInList(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = list(critic())

    def forward(self, images):
        for layer in self.layers:
            images = layer(images)
        return images


class ChangesImages(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = critic()

    def forward(self, images):
        images.add_(1).div_(2)
        return self.net(images)


def flat():
    return nn.Sequential(nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 1))


def colour():
    return nn.Sequential(nn.Conv2d(3, 8, 4, 2, 1), nn.Flatten(), nn.Linear(8 * 196, 1))


def sized(pixels):
    size = pixels // 4
    return lambda: nn.Sequential(*critic()[:6], nn.Linear(8 * size**2, 1))


def ending_in(n):
    return lambda: nn.Sequential(*critic()[:6], nn.Linear(8 * 49, n))


def own_mean(x):
    return x.mean(0, keepdim=True)


def test_wrong_discriminators_are_named():
    cases = [
        ("object_instead_of_class", critic()),
        ("no_return", NoReturn),
        ("no_forward", Misspelt),
        ("wrong_arguments", lambda channels: critic()),
        ("not_a_module", lambda: torch.zeros(1)),
        ("constructor_raises", lambda: critic(norm=3)),
        ("wrong_forward_arguments", WantsLabels),
        ("frozen", lambda: critic().requires_grad_(False)),
        ("expects_flat", flat),
        (
            "expects_no_channel",
            lambda: nn.Sequential(nn.Conv1d(28, 8, 28), nn.Flatten(), nn.Linear(8, 1)),
        ),
        ("expects_three_channels", colour),
        ("expects_other_size", sized(32)),
        ("expects_other_size", sized(64)),
        ("linear_size", sized(20)),
        ("wrong_dtype", lambda: critic().double()),
        ("wrong_dtype", judged(after=torch.Tensor.double)),
        ("not_flattened", lambda: nn.Sequential(*fully_convolutional()[:-1])),
        ("leaky_relu_at_output", judged(after=lambda x: F.leaky_relu(x, 0.2))),
        ("leaky_relu_at_output", lambda: critic(end=nn.LeakyReLU(0.1))),
        ("batchnorm_at_output", lambda: critic(end=nn.BatchNorm1d(1))),
        ("squashed", judged(after=lambda x: x.clamp(-10, 10))),
        ("squashed", judged(after=lambda x: 5 * torch.tanh(x))),
        ("image_partly_ignored", judged(before=lambda x: F.pad(x[:, :, 4:24, 4:24], [4] * 4))),
        ("negative_pixels_ignored", judged(before=F.relu)),
        ("places_ignored", judged(before=lambda x: x.mean((2, 3), keepdim=True).expand_as(x))),
        ("unused_layer", lambda: with_layer(critic())),
        ("flat_logits", judged(after=lambda x: x.squeeze())),
        ("flat_logits", judged(after=lambda x: x.view(-1))),
        ("two_logits", ending_in(2)),
        ("class_logits", ending_in(10)),
        ("several_logits", ending_in(784)),
        ("map_instead_of_logit", lambda: critic()[:5]),
        ("pixels_in_batch", lambda: Around(critic()[:3], after=lambda x: x[:, :1].reshape(-1, 1))),
        ("one_for_all", judged(after=lambda x: x.mean())),
        ("one_for_all", judged(after=lambda x: own_mean(x))),
        ("broadcast", judged(after=lambda x: x + x[:, 0])),
        ("axes_swapped", judged(after=lambda x: x.T)),
        ("several_outputs", judged(after=lambda x: (x, x))),
        ("wrong_type", judged(after=lambda x: x.tolist())),
        ("not_finite", judged(after=lambda x: x / 0)),
        ("changes_inputs", ChangesImages),
        ("batch_size_fixed", FixedBatchOfImages),
        ("batch_of_one", judged(after=lambda x: x.squeeze()[:, None])),
        ("random_each_call", LayersInForward),
        ("not_registered", LayersInList),
        ("images_ignored", judged(before=torch.zeros_like)),
        ("images_ignored", judged(before=torch.randn_like)),
        ("images_ignored", judged(after=lambda x: 0 * x)),
        ("one_for_all", judged(before=lambda x: x[:1].expand_as(x))),
        ("one_for_all", judged(after=lambda x: own_mean(x).expand_as(x))),
        ("sigmoid", lambda: critic(end=nn.Sigmoid())),
        ("sigmoid", judged(after=lambda x: (torch.tanh(x) + 1) / 2)),
        ("softmax", lambda: critic(end=nn.Softmax(dim=0))),
        ("softmax", lambda: critic(end=nn.Softmax(dim=1))),
        ("image_partly_ignored", judged(before=lambda x: F.pad(x[:, :, :14], (0, 0, 0, 14)))),
        ("never_negative", lambda: critic(end=nn.ReLU())),
        ("never_negative", lambda: critic(end=nn.Softplus())),
        ("never_positive", lambda: critic(end=nn.LogSigmoid())),
        ("squashed", lambda: critic(end=nn.Tanh())),
        ("image_partly_ignored", judged(before=lambda x: F.pad(x[:, :, :8, :8], (0, 20, 0, 20)))),
        ("image_partly_ignored", judged(before=lambda x: x * F.one_hot(torch.tensor(9), 28))),
        ("mixes_batch", judged(after=lambda x: x + x[:1])),
        ("depends_on_batch", judged(after=lambda x: x - own_mean(x))),
        (
            "depends_on_batch",
            lambda: critic(norm=lambda: nn.BatchNorm2d(8, track_running_stats=False)),
        ),
        ("no_gradient", judged(after=torch.Tensor.detach)),
        ("no_gradient_to_weights", DetachedFeatures),
        ("no_gradient_to_input", judged(before=torch.Tensor.detach)),
    ]
    assert named("dcgan_discriminator", cases) == []


# dcgan_samples


@pytest.fixture(scope="module")
def samples():
    from gan_lessons import storage

    torch.manual_seed(0)
    G = storage.pretrained("dcgan")
    with torch.no_grad():
        return torch.cat([G(torch.randn(500, 32)) for _ in range(10)])


def test_samples_of_a_trained_generator_pass(samples):
    class MyGAN:
        def sample(self, n):
            return samples[:n].double()

    for answer in (MyGAN(), data.to_uint8(samples)):
        result = checks.check("dcgan_samples", answer)
        assert result.status == "passed", result


def test_wrong_samples_are_named(samples):
    train = data.to_float(data.fashion_mnist().images[:5000])
    broken = samples.clone()
    broken[3, 0, 3, 3] = float("nan")
    cases = [
        ("module_instead_of_samples", networks.DCGANGenerator()),
        ("wrong_type", samples.numpy()),
        ("wrong_type", lambda steps=1500: None),
        (
            "sample_fails",
            training.GAN(
                networks.DCGANGenerator(8), networks.DCGANDiscriminator(), losses.DCGAN, 9
            ),
        ),
        ("wrong_shape", samples[:, 0]),
        ("too_few", samples[:500]),
        ("not_finite", broken),
        ("wrong_range", 2 * samples),
        ("wrong_range", data.to_uint8(samples).float()),
        ("range_0_1", (samples + 1) / 2),
        ("all_alike", samples[:1].expand(5000, -1, -1, -1)),
        ("real_images", train),
        ("too_far", samples[:5].repeat(1000, 1, 1, 1)),
    ]
    assert named("dcgan_samples", cases) == []
