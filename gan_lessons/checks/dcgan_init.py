"""How exercise 03 examines the initialisation: by the statistics of what it drew."""

import torch
from torch import nn

from gan_lessons.checks import core
from gan_lessons.checks.core import Mistake, NotAttempted


def examine_init(answer):
    """`init_weights(module)`, applied to a network whose weights are all 7."""
    first, second = initialised(answer, 0), initialised(answer, 1)
    if all((p == 7).all() for p in first.parameters()):
        check_tried(answer)
        raise NotAttempted("After network.apply(init_weights) all weights are what they were.")
    layers = dict(first.named_children())
    for name in ("Conv2d", "ConvTranspose2d", "Linear"):
        check_drawn(name, layers[name].weight.detach(), layers[name].bias.detach())
    check_batchnorm(layers["BatchNorm2d"])
    check_randomness(layers, dict(second.named_children()))


def check_tried(answer):
    """A stub does nothing at all; a function that draws or returns something was tried."""
    before = torch.get_rng_state()
    returned = [answer(layer) for layer in (nn.Linear(8, 8), nn.Conv2d(1, 2, 3))]
    drew = not torch.equal(before, torch.get_rng_state())
    if drew or any(part is not None and part is not ... for part in returned):
        raise Mistake(
            "not_in_place",
            "After network.apply(init_weights) all weights are what they were: what your function "
            "draws or returns never gets into the module, and apply ignores what is returned. "
            "Change the module itself, with nn.init.normal_(module.weight, …).",
        )


def initialised(answer, seed):
    """A small network, initialised by the learner's function."""
    net = nn.Sequential()
    net.add_module("Conv2d", nn.Conv2d(8, 64, 4))
    net.add_module("twin", nn.Conv2d(8, 64, 4))
    net.add_module("without bias", nn.ConvTranspose2d(64, 32, 4, bias=False))
    net.add_module("BatchNorm2d", nn.BatchNorm2d(1024))
    net.add_module("ReLU", nn.ReLU())
    net.add_module("ConvTranspose2d", nn.ConvTranspose2d(64, 32, 4))
    net.add_module("Linear", nn.Linear(256, 64))
    net.add_module("Linear without bias", nn.Linear(256, 64, bias=False))
    with torch.no_grad():
        for p in net.parameters():
            p.fill_(7)
        net.get_submodule("BatchNorm2d").running_mean.uniform_(-1, 1)
        net.get_submodule("BatchNorm2d").running_var.uniform_(0.5, 2)
    buffers = [b.clone() for b in net.buffers()]
    torch.manual_seed(seed)
    for layer in net.children():
        try:
            layer.apply(answer)
        except NotImplementedError:
            raise
        except (TypeError, RuntimeError, AttributeError) as error:
            explain_stop(layer, error)
    if not all(torch.equal(a, b) for a, b in zip(buffers, net.buffers(), strict=True)):
        raise Mistake(
            "running_statistics",
            "Your function also changes BatchNorm's running mean or variance. Leave them: only "
            "weight and bias are initialised.",
        )
    for name, p in net.named_parameters():
        if not p.requires_grad:
            raise Mistake(
                "no_gradient", f"{name} no longer has requires_grad, so it would never be trained."
            )
        if not p.isfinite().all():
            raise Mistake("not_finite", f"{name} holds values that are not finite.")
    return net


def explain_stop(layer, error):
    """Name what stopped the learner's function on one layer."""
    kind = type(layer).__name__
    if "NoneType" in str(error) and getattr(layer, "bias", 0) is None:
        raise Mistake(
            "bias_is_none",
            f"A {kind} made with bias=False has bias None, and your function stops there: {error}. "
            "Ask `if module.bias is not None` first.",
        ) from None
    said = f"On a {kind}: {core.describe(error)}".rstrip(".")
    if isinstance(layer, nn.ReLU):
        raise Mistake(
            "every_module",
            f"{said}. network.apply passes every module, also those without weights: ask "
            "isinstance first.",
        ) from None
    if "leaf" in said:
        raise Mistake(
            "leaf_in_place",
            f"{said}. Weights may be changed in place only inside `with torch.no_grad():`, or with "
            "nn.init's functions, which do that.",
        ) from None
    raise Mistake("raises", said) from None


def check_drawn(name, weight, bias):
    """Weights from N(0, 0.02), bias 0."""
    mean, std, largest = weight.mean().item(), weight.std().item(), weight.abs().max().item()
    said = f"The weights of a {name} have mean {mean:.3g} and standard deviation {std:.3g}. "
    if (weight == 7).all():
        raise Mistake(
            "layer_forgotten",
            f"The weights of a {name} are what they were. Conv2d, ConvTranspose2d and Linear all "
            "get N(0, 0.02).",
        )
    if std < 1e-6 and abs(mean - 0.02) < 1e-6:
        raise Mistake(
            "constant",
            said + "All are 0.02. Filled with it, or mean and deviation swapped? nn.init.normal_ "
            "takes the mean first, then the deviation.",
        )
    if std < 1e-6:
        raise Mistake("constant", said + "All equal: every channel would learn the same.")
    if torch.equal(weight[0], weight[-1]) or torch.equal(weight[:, 0], weight[:, -1]):
        raise Mistake(
            "repeated",
            said + "But its channels get the same numbers as each other, so they would learn the "
            "same. Draw a number for every entry of module.weight.",
        )
    if weight.min() >= 0 and mean < 0.1 and std > 0.001:
        raise Mistake(
            "never_negative",
            said + "None is negative: uniform from 0, or an absolute value? Asked for: normal, "
            "N(0, 0.02), so that half of them are negative.",
        )
    if abs(mean - 0.02) < 0.01 and abs(std - 1) < 0.02:
        raise Mistake(
            "mean_and_std_swapped",
            said + "0.02 came in as the mean: nn.init.normal_(weight, mean, std) takes both.",
        )
    if abs(std - 0.02**0.5) < 0.01 and abs(mean) < 0.01:
        raise Mistake(
            "variance_for_std",
            said + "0.141 is the square root of 0.02: the rule's 0.02 is the standard deviation.",
        )
    if abs(mean) > 0.01:
        swapped = abs(mean - 0.02) < 0.001 and std < 0.01
        where = "mean_and_std_swapped" if swapped else "mean_one" if abs(mean - 1) < 0.01 else ""
        raise Mistake(where or "wrong_mean", said + "Asked for: mean 0, standard deviation 0.02.")
    if largest < 0.021 and abs(std - 0.02 / 3**0.5) < 0.002:
        raise Mistake(
            "uniform",
            said
            + "They end at -0.02 and 0.02: uniform, or cut off. Asked for: normal, N(0, 0.02).",
        )
    if abs(std - 0.0004) < 0.00005:
        raise Mistake("variance_for_std", said + "0.0004 is 0.02 squared; 0.02 is the deviation.")
    if not 0.018 < std < 0.022:
        raise Mistake(
            "wrong_std",
            said + "Asked for: mean 0, standard deviation 0.02, in every layer alike. (Kaiming's "
            "and Xavier's depend on the layer's size.)",
        )
    if largest < 0.045:
        raise Mistake(
            "not_normal",
            said + f"But none is larger than {largest:.3g}, so this is no normal distribution: "
            "nn.init.normal_.",
        )
    if not (bias == 0).all():
        raise Mistake(
            "bias_not_zero",
            f"The bias of a {name} is not 0 (mean {bias.mean():.3g}, deviation {bias.std():.3g}). "
            "Asked for: every bias 0.",
        )


def check_batchnorm(layer):
    """BatchNorm's weight from N(1, 0.02), bias 0."""
    weight, bias = layer.weight.detach(), layer.bias.detach()
    mean, std = weight.mean().item(), weight.std().item()
    said = f"BatchNorm's weights have mean {mean:.3g} and standard deviation {std:.3g}. "
    if (weight == 7).all():
        raise Mistake("batchnorm_forgotten", "BatchNorm2d is left out; it gets N(1, 0.02).")
    if abs(mean) < 0.01:
        raise Mistake(
            "batchnorm_around_zero",
            said + "They multiply the normalised values, so around 0 they switch the layer off. "
            "Asked for: N(1, 0.02).",
        )
    if abs(mean - 1) < 0.01 and std < 1e-6:
        raise Mistake("batchnorm_constant", said + "Asked for: drawn from N(1, 0.02).")
    if abs(mean - 1) > 0.01 or not 0.018 < std < 0.022:
        raise Mistake("batchnorm_wrong", said + "Asked for: N(1, 0.02).")
    if not (bias == 0).all():
        raise Mistake(
            "batchnorm_bias",
            f"BatchNorm's bias is not 0 (mean {bias.mean():.3g}, deviation {bias.std():.3g}). "
            "Asked for: every bias 0.",
        )


def check_randomness(first, second):
    """Other layers and other seeds get other numbers."""
    if torch.equal(first["Conv2d"].weight, first["twin"].weight):
        raise Mistake(
            "same_numbers",
            "Two layers of the same shape get the same numbers. Do you set a seed inside the "
            "function? Then all layers, and all runs, are alike.",
        )
    if torch.equal(first["Conv2d"].weight, second["Conv2d"].weight):
        raise Mistake(
            "ignores_the_seed",
            "Under another seed the numbers are the same. Draw them from torch's random numbers, "
            "without a seed inside.",
        )
