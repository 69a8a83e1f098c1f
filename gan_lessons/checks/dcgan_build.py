"""How a learner's DCGAN network is made, called, and loaded."""

import copy
import inspect
from dataclasses import dataclass

import torch
from torch import nn

from gan_lessons.checks import core
from gan_lessons.checks.core import Mistake, NotAttempted, attempted, close
from gan_lessons.checks.dcgan_explain import (
    explain_call,
    explain_device,
    explain_shape,
    works,
)

BATCH, Z_DIM = 20, 64


@dataclass(frozen=True)
class Role:
    """What differs between the generator's examination and the discriminator's."""

    name: str  # how messages call the network
    argument: str  # of forward
    wanted: str  # how the class is made
    shape: tuple  # of one output

    def inputs(self, n, z_dim=Z_DIM, seed=1):
        """Noise (n, z_dim), or images (n, 1, 28, 28) in [-1, 1]."""
        generator = torch.Generator().manual_seed(seed)
        if self.argument == "z":
            return torch.randn(n, z_dim, generator=generator)
        return torch.rand(n, 1, 28, 28, generator=generator) * 2 - 1


GENERATOR = Role("Your generator", "z", "DCGANGenerator(z_dim)", (1, 28, 28))
DISCRIMINATOR = Role("Your discriminator", "images", "DCGANDiscriminator()", (1,))


def build(role, answer, z_dim=Z_DIM, seed=0):
    """A network of the learner's class, from a fixed seed."""
    if isinstance(answer, nn.Module):
        raise Mistake(
            "object_instead_of_class",
            f"Pass the class itself, not an object made from it: the check makes its own, with "
            f"{role.wanted}.",
        )
    if not callable(answer):
        raise Mistake(
            "not_a_class", f"Pass the class itself; this is a {type(answer).__name__}: {answer!r}."
        )
    sizes = (z_dim,) if role.argument == "z" else ()
    torch.manual_seed(seed)
    try:
        inspect.signature(answer).bind(*sizes)
    except TypeError as error:
        raise Mistake(
            "wrong_arguments",
            f"The check makes {role.wanted}, but yours says: {error}. Whatever else your class "
            "takes needs a default value.",
        ) from None
    except ValueError:
        pass  # a callable without a signature: let the call decide
    try:
        net = answer(*sizes)
    except NotImplementedError:
        raise
    except Exception as error:
        explain_device(error)
        made = role.wanted.replace("z_dim", str(z_dim))
        raise Mistake("constructor_raises", f"{made}: {core.describe(error)}") from None
    if net is None:
        raise NotAttempted("Your class is not written yet.")
    if not isinstance(net, nn.Module):
        raise Mistake(
            "not_a_module",
            f"{role.name} must be a torch.nn.Module, but it is a {type(net).__name__}.",
        )
    return net


def forward(role, net, x):
    """The output for an ordinary input; an exception is explained by what would have worked."""
    started = any(True for _ in net.parameters())  # a stub has no weights
    try:
        out = net(x)
        if started and out is None:
            raise Mistake(
                "no_return", f"{role.name}'s forward returns None: is the `return` missing?"
            )
        return attempted(out, f"{role.name}'s forward")
    except (Mistake, NotAttempted):
        raise
    except NotImplementedError:
        if type(net).forward is not nn.Module.forward:
            raise
        if started:
            raise Mistake(
                "no_forward",
                f"{role.name} has weights, but no forward: is the name of the method right?",
            ) from None
        raise NotAttempted("Your class has no forward yet.") from None
    except Exception as error:
        explain_device(error)
        explain_call(role, net, x)
        said = core.describe(error)
        if "mat1 and mat2" in said:
            look = (
                "A Linear layer got another number of values than it was made for. Print x.shape "
                "before it, or compute the size with the formula of task 1."
            )
            raise Mistake("linear_size", f"{said}. {look}") from None
        if "positional argument" in said:
            raise Mistake(
                "wrong_forward_arguments",
                f"forward gets one argument, {role.argument}. {said}",
            ) from None
        shape = tuple(x.shape)
        raise Mistake("forward_raises", f"With {role.argument} of shape {shape}: {said}") from None


def check_output(role, out, n):
    """Shape and dtype of one output; the usual wrong shapes have names."""
    if isinstance(out, tuple | list) and any(isinstance(part, torch.Tensor) for part in out):
        raise Mistake(
            "several_outputs",
            f"{role.name} returns {len(out)} things; return one tensor of shape "
            f"{(n, *role.shape)}.",
        )
    if not isinstance(out, torch.Tensor):
        raise Mistake("wrong_type", f"{role.name} returns a {type(out).__name__}, not a tensor.")
    if tuple(out.shape) != (n, *role.shape):
        explain_shape(role, tuple(out.shape), n)
    if not out.isfinite().all():
        raise Mistake("not_finite", f"{role.name} gives nan or infinite values for ordinary input.")
    if out.dtype != torch.float32:
        raise Mistake(
            "wrong_dtype",
            f"The output is {out.dtype}; it must be float32, or the other network stops on it. "
            "Which of your layers or tensors has this dtype?",
        )


def check_sizes(role, answer):
    """Other batch sizes, one image alone, and other lengths of z than the usual ones."""
    net = build(role, answer)
    names = [name for name, _ in net.named_parameters()]
    net(role.inputs(BATCH))  # a lazy layer takes its size here
    late = [name for name, _ in net.named_parameters() if name not in names]
    if late:
        raise Mistake(
            "made_in_forward",
            f"The weights {late[0]} appear only when forward runs. An optimiser that was made "
            "before knows nothing of them, so they are never trained: make layers in __init__.",
        )
    for n, mode in ((7, "train"), (32, "train"), (1, "eval"), (3, "eval")):
        net.train(mode == "train")
        wanted, found, why = (n, *role.shape), None, ""
        try:
            found = tuple(net(role.inputs(n)).shape)
        except Exception as error:
            why = f"{core.describe(error)}."
        if found == wanted:
            continue
        how = f"its output has shape {found}, not {wanted}" if found is not None else "it stops"
        if n == 1:
            raise Mistake(
                "batch_of_one",
                f"For a single sample, in eval mode, {how}. {why} Is there a squeeze() that drops "
                "the batch's axis too, or a BatchNorm that never leaves train mode?",
            )
        raise Mistake(
            "batch_size_fixed",
            f"For a batch of {n} samples {how}. {why} Is a batch size written into your code? "
            "Use -1 in view(), or flatten(1).",
        )
    for z_dim in (24, 100) if role.argument == "z" else ():
        net = build(role, answer, z_dim)
        if not works(net, role.inputs(8, z_dim), shape=(8, *role.shape)):
            raise Mistake(
                "z_dim_fixed",
                f"Made with z_dim = {z_dim}, it does not run on noise of that length. Use the "
                "argument z_dim, not a number, in the first layer.",
            )


def check_state(role, answer):
    """All that the network knows is in its state_dict, and a new one can be copied."""
    one, other = (build(role, answer, seed=seed) for seed in (1, 2))
    if role.argument == "z":
        try:
            copy.deepcopy(one)
        except Exception:
            raise Mistake(
                "cannot_be_copied",
                "GAN makes a copy of the generator for its average, and copying yours fails. A "
                "computed tensor that is kept as an attribute in __init__ is the usual reason.",
            ) from None
    x = role.inputs(BATCH)
    with torch.no_grad():
        for net in (one, other):
            net(x)  # a lazy layer takes its size here
        try:
            other.load_state_dict(one.state_dict())
        except Exception as error:
            said = f"Its weights cannot be loaded into a second one: {error}"
            raise Mistake("state_not_stable", said) from None
    outputs = [answers(net.eval(), x) for net in (one, other)]
    if not list(one.parameters()):
        raise Mistake(
            "not_registered",
            f"{role.name} has no parameters, so an optimiser has nothing to train. Make its layers "
            "in __init__, as attributes (self.net = ...), not in forward and not in a plain list.",
        )
    if not close(*outputs):
        raise Mistake(
            "not_registered",
            "A second network with the same weights (load_state_dict) gives other outputs: "
            "something that yours uses is not among its parameters, so it is neither trained nor "
            "saved. Layers in a plain list and tensors like torch.randn(...) as attributes are the "
            "usual reasons: use nn.Sequential, nn.ModuleList, nn.Parameter.",
        )


@torch.no_grad()
def answers(net, x, seed=0):
    """The output; a network that draws numbers of its own gets the same ones each time."""
    torch.manual_seed(seed)
    return net(x.clone()).detach()
