"""Calling a learner's conditional network: what went wrong where a call fails or its output has
the wrong form.

A `Role` says what differs between the generator and the discriminator.
"""

import inspect
from dataclasses import dataclass

import torch
from torch import nn

from gan_lessons.checks import core
from gan_lessons.checks.core import Mistake, NotAttempted, attempted
from gan_lessons.checks.dcgan_explain import size_of

BATCH, Z_DIM, CLASSES = 20, 64, 10


@dataclass(frozen=True)
class Role:
    """What differs between the generator's examination and the discriminator's."""

    name: str  # how messages call the network
    title: str  # the class
    first: str  # its first argument
    arguments: tuple  # of its class
    shape: tuple  # of one output

    def sizes(self, z_dim=Z_DIM, n_classes=CLASSES):
        """The arguments of the class."""
        return (z_dim, n_classes) if self.first == "z" else (n_classes,)

    def inputs(self, n, z_dim=Z_DIM, seed=1):
        """Noise (n, z_dim), or images (n, 1, 28, 28) in [-1, 1]."""
        generator = torch.Generator().manual_seed(seed)
        if self.first == "z":
            return torch.randn(n, z_dim, generator=generator)
        return torch.rand(n, 1, 28, 28, generator=generator) * 2 - 1


GENERATOR = Role("Your generator", "ConditionalGenerator", "z", ("z_dim", "n_classes"), (1, 28, 28))
DISCRIMINATOR = Role(
    "Your discriminator", "ConditionalDiscriminator", "images", ("n_classes",), (1,)
)


def build(role, answer, z_dim=Z_DIM, n_classes=CLASSES, seed=0):
    """An object of the learner's class, from a fixed seed."""
    wanted = f"{role.title}({', '.join(role.arguments)})"
    if isinstance(answer, nn.Module):
        raise Mistake(
            "object_instead_of_class",
            f"Pass the class itself, not an object made from it: the check makes its own with "
            f"{wanted}.",
        )
    if not callable(answer):
        raise Mistake("not_a_class", f"Pass the class itself; this is {answer!r}.")
    sizes = role.sizes(z_dim, n_classes)
    torch.manual_seed(seed)
    try:
        inspect.signature(answer).bind(*sizes)
    except TypeError as error:
        raise Mistake(
            "wrong_arguments", f"The class must be made with {wanted}, but yours says: {error}."
        ) from None
    except ValueError:
        pass  # a callable without a signature: let the call decide
    try:
        net = answer(*sizes)
    except NotImplementedError:
        raise
    except Exception as error:
        explain_text(error)
        said = f"Made with {wanted} = {sizes}: {core.describe(error)}"
        raise Mistake("constructor_raises", said) from None
    if net is None:
        raise NotAttempted("Your class is not written yet.")
    if not isinstance(net, nn.Module):
        raise Mistake(
            "not_a_module",
            f"{role.name} must be a torch.nn.Module, but it is a {type(net).__name__}.",
        )
    return net


def works(net, *arguments):
    """Whether a call goes through and gives a tensor."""
    try:
        with torch.no_grad():
            return isinstance(net(*arguments), torch.Tensor)
    except Exception:
        return False


def forward(role, answer, net, x, labels):
    """The output for ordinary inputs; an exception is explained by what would have worked."""
    try:
        return attempted(net(x, labels), f"{role.name}'s forward")
    except (NotAttempted, NotImplementedError):
        raise
    except Exception as error:
        explain_call(role, net, x, labels)
        explain_sizes(role, answer, net, x)
        explain_text(error)
        shapes = f"{role.first} of shape {tuple(x.shape)} and int64 labels of shape (B,)"
        raise Mistake("forward_raises", f"With {shapes}: {core.describe(error)}") from None


def explain_text(error):
    """Name a mistake that PyTorch's own message gives away."""
    text, said = str(error), core.describe(error)
    if "CUDA" in text or "NVIDIA" in text:
        raise Mistake(
            "device_fixed",
            f"{said}\nA device is written into your code. Make new tensors where the inputs are: "
            "device=z.device, or register_buffer in __init__.",
        ) from None
    if "shapes cannot be multiplied" in text or "but got" in text and "channels" in text:
        raise Mistake(
            "layer_sizes",
            f"{said}\nA layer gets more or fewer numbers than it was made for. After a cat the "
            "next layer must take the sum of both widths, for example z_dim + n_classes.",
        ) from None
    if "same dtype" in text or "Long" in text or "scalar type" in text:
        raise Mistake(
            "dtypes_mixed",
            f"{said}\none_hot gives int64 and a Linear wants float32: convert with .to(z.dtype). "
            "An Embedding wants the labels as they come, int64.",
        ) from None
    if "number of dimensions" in text or "Sizes of tensors must match" in text:
        raise Mistake(
            "cat_shapes",
            f"{said}\nFor torch.cat both parts need the same number of axes: vectors (B, k) beside "
            "noise (B, z_dim), or planes (B, k, 28, 28) beside images.",
        ) from None


def explain_call(role, net, x, labels):
    """Name a forward that wants its arguments in another form."""
    one_hot = nn.functional.one_hot(labels, CLASSES)
    if works(net, x) and not works(net, x, labels.float()):
        raise Mistake(
            "no_labels_argument",
            f"{role.name} takes {role.first} alone. It must take labels too: "
            f"forward(self, {role.first}, labels).",
        )
    if works(net, labels, x):
        raise Mistake(
            "swapped_arguments",
            f"{role.name} takes the labels first. The order is forward({role.first}, labels).",
        )
    if works(net, x, labels[:, None]):
        raise Mistake(
            "expects_column",
            f"{role.name} expects labels of shape (B, 1); they come as (B,), one number for each "
            "sample.",
        )
    if works(net, x, one_hot.float()) or works(net, x, one_hot):
        raise Mistake(
            "expects_one_hot",
            f"{role.name} expects labels that are one-hot already. It gets class numbers, int64 of "
            f"shape (B,): turn them into rows inside forward, with one_hot or an Embedding.",
        )
    if works(net, x, labels.float()) or works(net, x, labels.float()[:, None]):
        raise Mistake(
            "expects_float_labels",
            f"{role.name} works only with float labels. A class is a name, not an amount: the "
            "labels are int64, for one_hot or an Embedding.",
        )


def explain_sizes(role, answer, net, x):
    """Name a class whose sizes do not fit the inputs."""
    working = [c for c in range(CLASSES) if works(net, x, torch.full((len(x),), c))]
    if working and 0 not in working:
        raise Mistake(
            "first_class_fails",
            "A label of 0 stops it: labels count from 0 to n_classes - 1, so nothing is taken off.",
        )
    if working and CLASSES - 1 not in working:
        raise Mistake(
            "last_class_fails",
            f"{role.name} was made for {CLASSES} classes, but a label of {max(working) + 1} stops "
            f"it. {CLASSES} classes have the labels 0 to {CLASSES - 1}: the table or the one-hot "
            f"rows need n_classes places.",
        )
    try:
        swapped = answer(*reversed(role.sizes()))
    except Exception:
        return
    if role.first == "z" and works(swapped, x, torch.zeros(len(x), dtype=torch.int64)):
        raise Mistake(
            "swapped_sizes",
            "Your class takes n_classes first. The order is ConditionalGenerator(z_dim, n_classes)"
            ".",
        )


def check_output(role, out, n, classes):
    """Shape and dtype of one output; the usual wrong shapes have names."""
    if isinstance(out, tuple | list) and any(isinstance(part, torch.Tensor) for part in out):
        raise Mistake(
            "several_outputs",
            f"{role.name} returns {len(out)} things; return one tensor of shape "
            f"{(n, *role.shape)}. A class prediction beside the logit (AC-GAN) is another design: "
            "here the labels go in, they do not come out.",
        )
    if not isinstance(out, torch.Tensor):
        raise Mistake("wrong_type", f"{role.name} returns a {type(out).__name__}, not a tensor.")
    shape, wanted = tuple(out.shape), (n, *role.shape)
    if shape != wanted:
        explain_shape(role, shape, wanted, classes)
    if not out.isfinite().all():
        raise Mistake("not_finite", f"{role.name} gives nan or infinite values for ordinary input.")
    if out.dtype != torch.float32:
        raise Mistake(
            "wrong_dtype",
            f"The output is {out.dtype}; it must be float32, or the other network stops on it. "
            "Which of your inputs or layers has this dtype?",
        )


def explain_shape(role, shape, wanted, classes):
    """Raise the Mistake that a wrong output shape stands for."""
    n = wanted[0]
    said = f"{role.name} gives shape {shape}; for a batch of {n} it must be {wanted}. "
    if role.first == "z":
        known = {
            (n, 784): ("flat_images", "Pixels need their places: view(-1, 1, 28, 28) at the end."),
            (n, 28, 28): ("no_channel", "The channel is missing: unsqueeze(1)."),
            (n, 28, 28, 1): ("channel_last", "The channel comes before height and width."),
            (1, n, 28, 28): ("axes_swapped", "The batch is the first axis: view(-1, 1, 28, 28)."),
            (n, 3, 28, 28): ("three_channels", "Fashion-MNIST is grey: one channel."),
            (1, 1, 28, 28): ("one_for_all", "One image for the whole batch?"),
        }
    else:
        known = {
            (n,): ("flat_logits", "Keep the second axis: sum(dim=1, keepdim=True), no squeeze."),
            (n, classes): (
                "class_logits",
                "That is one number for each class, as a classifier gives. D gets the label as an "
                "input and answers one question: real and of this class?",
            ),
            (n, classes + 1): ("class_logits", "D answers one question, with one number."),
            (n, n): (
                "broadcast",
                "That happens when (B,) and (B, 1) are added: PyTorch then makes every pair.",
            ),
            (n, 1, 1, 1): ("not_flattened", "Flatten the last axes: flatten(1)."),
            (): ("one_for_all", "One number for the whole batch: do not average in the network."),
            (1, 1): ("one_for_all", "One number for the whole batch: do not average."),
            (1,): ("one_for_all", "One number for the whole batch: do not average."),
        }
    id, look = known.get(shape, ("wrong_shape", ""))
    if id == "wrong_shape" and role.first == "z" and len(shape) == 4 and shape[:2] == (n, 1):
        id, look = size_of(shape[2:])
    elif id == "wrong_shape" and role.first == "images" and len(shape) == 2 and shape[0] == n:
        id = "not_summed"
        look = (
            f"{shape[1]} numbers for each image: a projection e(label)·h is a sum over the "
            "features, sum(dim=1, keepdim=True). Or is the last Linear layer missing?"
        )
    elif id == "wrong_shape" and role.first == "images" and len(shape) == 4 and shape[0] == n:
        id = "map_instead_of_logit"
        look = "That is still a map: flatten(1) and a Linear layer bring it to one number."
    raise Mistake(id, (said + look).strip())
