"""What a wrong shape, or a forward that stops, says about a learner's DCGAN network."""

import torch

from gan_lessons.checks.core import Mistake


def explain_device(error):
    """Name a GPU that is written into the code."""
    missing = not torch.cuda.is_available()
    if missing and any(word in str(error).lower() for word in ("cuda", "nvidia")):
        raise Mistake(
            "device_fixed",
            f"Your class asks for a GPU, which this machine does not have: {error} Build "
            "everything on the CPU; GAN moves it to the device.",
        ) from None


def works(net, x, shape=None):
    """Whether a call goes through, and gives this shape."""
    try:
        out = net(x)
    except Exception:
        return False
    return isinstance(out, torch.Tensor) and shape in (None, tuple(out.shape))


def explain_call(role, net, x):
    """Name a forward that wants its input in another form."""
    if role.argument == "z":
        if works(net, x[:, :, None, None]):
            raise Mistake(
                "expects_4d_z",
                "Your generator wants z of shape (B, z_dim, 1, 1), but noise comes as (B, z_dim). "
                "Reshape it inside forward: z[:, :, None, None], or start with a Linear layer.",
            )
        for length in (100, 128, 10, 32, 16, 62, 256, 50, 2, 1):
            if works(net, torch.randn(len(x), length)):
                raise Mistake(
                    "z_dim_fixed",
                    f"Made with z_dim = {x.shape[1]}, your generator wants noise of length "
                    f"{length}. Use the argument z_dim, not a number, in the first layer.",
                )
        if works(net, x.double()):
            raise_dtype(role)
        return
    others = {
        "expects_flat": (
            x.flatten(1),
            "wants images of shape (B, 784). They come as (B, 1, 28, 28): a convolution needs "
            "their places, and a Linear layer needs flatten(1) before it.",
        ),
        "expects_no_channel": (
            x[:, 0],
            "wants images of shape (B, 28, 28). They come with one channel, (B, 1, 28, 28).",
        ),
        "expects_three_channels": (
            x.expand(-1, 3, -1, -1),
            "wants images with 3 channels. Fashion-MNIST is grey: the first convolution has "
            "in_channels=1.",
        ),
    }
    for id, (images, said) in others.items():
        if works(net, images):
            raise Mistake(id, f"{role.name} {said}")
    for size in (32, 64):
        if works(net, torch.zeros(len(x), 1, size, size)):
            raise Mistake(
                "expects_other_size",
                f"{role.name} works only for images of {size} x {size} pixels; these have 28 x 28. "
                f"Strides of 2 lead from 28 to 14 to 7.",
            )
    if works(net, x.double()):
        raise_dtype(role)


def raise_dtype(role):
    """The network works on float64 only."""
    raise Mistake(
        "wrong_dtype",
        f"{role.name} works only on float64, but everything in the course is float32. Leave out "
        f".double() and dtype=torch.float64.",
    )


def explain_shape(role, shape, n):
    """Raise the Mistake that a wrong output shape stands for."""
    wanted = (n, *role.shape)
    said = f"{role.name} gives shape {shape}; for a batch of {n} it must be {wanted}. "
    known = generator_shapes(n) if role.argument == "z" else discriminator_shapes(n)
    id, look = known.get(shape, ("wrong_shape", ""))
    if id == "wrong_shape" and role.argument == "z" and shape[:2] == (n, 1) and len(shape) == 4:
        id, look = size_of(shape[2:])
    if id == "wrong_shape" and role.argument == "z" and len(shape) == 4 and shape[0] == n:
        if shape[2:] == (28, 28):
            id, look = "wrong_channels", f"{shape[1]} channels; Fashion-MNIST is grey, it has one."
    if id == "wrong_shape" and role.argument == "images":
        id, look = discriminator_shape(shape, n)
    raise Mistake(id, (said + look).strip())


def generator_shapes(n):
    """Wrong shapes of a generator that have a name."""
    return {
        (n, 784): ("flat_images", "Pixels need their places: view(-1, 1, 28, 28) at the end."),
        (n, 28, 28): ("no_channel", "The channel is missing: do not squeeze it away."),
        (n, 3, 28, 28): ("wrong_channels", "Fashion-MNIST is grey: out_channels=1 at the end."),
        (n, 28, 28, 1): ("channels_last", "PyTorch puts the channel second: (B, C, H, W)."),
        (1, n, 28, 28): ("axes_swapped", "The batch comes first, then the channel."),
        (28, 28, 1, n): ("axes_swapped", "The batch comes first, then the channel."),
        (1, 1, 28, 28): ("one_for_all", "One image for the whole batch?"),
        (1, 28, 28): ("one_for_all", "One image for the whole batch?"),
    }


def size_of(size):
    """What a wrong number of pixels says about the layers."""
    formula = "Transposed: (size - 1) · stride - 2 · padding + kernel, layer by layer."
    if size == (32, 32):
        return (
            "size_32",
            "4 -> 8 -> 16 -> 32 is the ladder for 32 x 32 pixels. Start from 7 x 7: 7 -> 14 -> 28.",
        )
    if size in ((25, 25), (26, 26), (27, 27), (29, 29), (30, 30), (31, 31)):
        return (
            "size_off",
            f"Nearly 28: kernel and padding do not fit the stride. {formula} Kernel 4, stride 2, "
            f"padding 1 doubles exactly.",
        )
    return "wrong_size", formula


def discriminator_shapes(n):
    """Wrong shapes of a discriminator that have a name."""
    alone = "One number for the whole batch: take no mean over the batch."
    return {
        (n,): ("flat_logits", "Keep the second axis: no squeeze, no view(-1)."),
        (n, 1, 1): ("not_flattened", "Flatten the last axes: flatten(1)."),
        (n, 1, 1, 1): ("not_flattened", "Flatten the last axes: flatten(1) or nn.Flatten()."),
        (n, 2): ("two_logits", "Real or fake is one question: one number, not one for each."),
        (n, 10): ("class_logits", "D answers one question, real or fake, with one number."),
        (1, n): ("axes_swapped", "The batch comes first."),
        (n, n): ("broadcast", "Are (B,) and (B, 1) added? PyTorch then makes every pair."),
        (): ("one_for_all", alone),
        (1,): ("one_for_all", alone),
        (1, 1): ("one_for_all", alone),
    }


def discriminator_shape(shape, n):
    """Maps and rows of them that were never brought down to one number."""
    if len(shape) == 4 and shape[0] == n:
        return (
            "map_instead_of_logit",
            "That is still a map: a last convolution as large as the map, or flatten(1) and a "
            "Linear layer, brings it to one number per image.",
        )
    if shape in ((shape[0],), (shape[0], 1)) and shape[0] > n and shape[0] % n == 0:
        return (
            "pixels_in_batch",
            f"{shape[0] // n} rows for each image: the places of the map went into the batch's "
            f"axis. Flatten with flatten(1), which leaves axis 0 alone.",
        )
    if len(shape) == 2 and shape[0] == n:
        return (
            "several_logits",
            f"{shape[1]} numbers for each image, where one is asked for: a last Linear layer with "
            f"one output, or a last convolution as large as the map.",
        )
    return "wrong_shape", ""
