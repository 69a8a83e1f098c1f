"""Checkers of exercise 03: sizes of convolutions, the initialisation, the two networks, the trained
samples.
"""

import torch

from gan_lessons.checks.core import SECONDS_TO_MEASURE, Exercise, Mistake
from gan_lessons.checks.dcgan_init import examine_init
from gan_lessons.checks.dcgan_networks import examine_discriminator, examine_generator
from gan_lessons.checks.dcgan_sizes import (
    CONV_TWINS,
    TRANSPOSED_TWINS,
    conv_size,
    examine_size,
    transposed_size,
)

DISTANCE = 60.0  # what exercise 03 asks of 5,000 samples; its solution stays well below on 5 seeds


def examine_samples(answer):
    """5,000 samples of a trained generator, or a GAN that makes them."""
    from gan_lessons import data, metrics

    if isinstance(answer, torch.nn.Module):
        raise Mistake(
            "module_instead_of_samples",
            f"This is a network, {type(answer).__name__}. Pass the whole GAN: it samples from the "
            "averaged generator.",
        )
    images = sampled(answer, 5000) if hasattr(answer, "sample") else answer
    if not isinstance(images, torch.Tensor):
        called = " Call it first: gan = train_dcgan()." if callable(images) else ""
        raise Mistake(
            "wrong_type",
            f"Pass the trained GAN (or gan.sample(5000)), not a {type(images).__name__}.{called}",
        )
    if images.ndim != 4 or tuple(images.shape[1:]) != (1, 28, 28):
        raise Mistake(
            "wrong_shape",
            f"Samples have shape (5000, 1, 28, 28), but yours have {tuple(images.shape)}.",
        )
    if len(images) < 5000:
        raise Mistake(
            "too_few",
            f"{len(images)} samples are too few: the distance shrinks with their number, so it is "
            "compared at 5,000.",
        )
    images = images[:5000].detach().cpu()
    images = (data.to_float(images) if images.dtype == torch.uint8 else images).float()
    check_pixels(images)
    check_copies(images, data, metrics)
    distance = metrics.fashion_distance(images)
    if distance > DISTANCE:
        raise Mistake(
            "too_far",
            f"The Fréchet distance to the test images is {distance:.0f}; the task asks for at most "
            f"{DISTANCE:.0f}. Look at the samples first. Noise: something is wrong in the networks "
            "or the images. Vague clothes: more steps. Good ones, but few kinds: another seed.",
        )
    return (
        f"The Fréchet distance of 5,000 samples to the test images is at most {DISTANCE:.0f}, and "
        "they are not copies of the training images."
    )


def sampled(gan, n, *labels):
    """Samples of a learner's GAN; says what it means when there are none."""
    try:
        return gan.sample(n, *labels)
    except (RuntimeError, ValueError, IndexError) as error:
        raise Mistake(
            "sample_fails",
            f"gan.sample stopped with {type(error).__name__}: {error} Was G made with the "
            f"z_dim that the GAN has ({getattr(gan, 'z_dim', '?')}), and for the right classes?",
        ) from None


def check_pixels(images):
    """Finite, in [-1, 1], and not all alike."""
    if not images.isfinite().all():
        raise Mistake("not_finite", "The samples hold values that are not finite (nan or inf).")
    spread = images.std(dim=0).max().item()
    if spread < 0.05:
        raise Mistake(
            "all_alike",
            f"All samples are nearly the same image (no pixel deviates by more than {spread:.3f}): "
            "G has collapsed, or was never trained.",
        )
    low, high = images.min().item(), images.max().item()
    said = f"The pixels run from {low:.3g} to {high:.3g}. "
    if low < -1.001 or high > 1.001:
        raise Mistake("wrong_range", said + "Samples lie in [-1, 1].")
    if low >= 0:
        raise Mistake("range_0_1", said + "Samples lie in [-1, 1]; these look like [0, 1].")


def check_copies(images, data, metrics):
    """Real images would have a perfect distance; a generator does not repeat pixels exactly."""
    for split in ("train", "test"):
        real = data.to_float(data.fashion_mnist(split).images)
        distance, _ = metrics.nearest_neighbours(images[:100], real)
        copies = (distance < 0.05).double().mean().item()
        if copies > 0.05:
            raise Mistake(
                "real_images",
                f"{copies:.0%} of your samples are images of the {split} set, pixel for pixel. The "
                "task asks for samples of your generator.",
            )


EXERCISES = {
    "conv_size": Exercise(
        examine_size(conv_size, CONV_TWINS),
        (
            "The kernel first stands at the left edge of the padded image, then moves right by "
            "`stride` as long as it fits. Count its places.",
            "The padded image is size + 2 · padding wide. After its first place, the kernel has "
            "size + 2 · padding - kernel pixels left to move.",
            "(size + 2 * padding - kernel) // stride + 1",
        ),
        "The same size as PyTorch's Conv2d in all cases.",
    ),
    "transposed_size": Exercise(
        examine_size(transposed_size, TRANSPOSED_TWINS),
        (
            "Every input pixel paints one kernel into the output, `stride` pixels after the one "
            "before it. How wide is what they paint together?",
            "From the first kernel to the last there are (size - 1) steps of `stride` pixels, and "
            "the last one is a whole kernel wide. Then `padding` pixels are cut off on both sides.",
            "(size - 1) * stride - 2 * padding + kernel",
        ),
        "The same size as PyTorch's ConvTranspose2d in all cases.",
    ),
    "init_weights": Exercise(
        examine_init,
        (
            "network.apply(f) calls f on every module inside. Ask isinstance which kind it is.",
            "nn.init.normal_(module.weight, mean, std) draws in place, nn.init.zeros_ sets to 0. "
            "BatchNorm's weights are around 1. A layer made with bias=False has bias None.",
            "if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)): "
            "nn.init.normal_(module.weight, 0.0, 0.02), and zeros_ on the bias if there is one. "
            "elif isinstance(module, nn.BatchNorm2d): normal_(module.weight, 1.0, 0.02), and "
            "zeros_ on the bias.",
        ),
        "Convolutions and Linear layers start from N(0, 0.02), BatchNorm from N(1, 0.02), every "
        "bias from 0.",
    ),
    "dcgan_generator": Exercise(
        examine_generator,
        (
            "Write the sizes first: z_dim numbers -> 7 x 7 -> 14 x 14 -> 28 x 28, and the channels "
            "beside them. Then one layer for each arrow.",
            "nn.Linear(z_dim, C * 7 * 7) and nn.Unflatten(1, (C, 7, 7)) make the first map; kernel "
            "4, stride 2, padding 1 doubles a map. BatchNorm2d and ReLU after each layer but the "
            "last, which has one channel and tanh.",
            "nn.Sequential(nn.Linear(z_dim, 64 * 49), nn.Unflatten(1, (64, 7, 7)), "
            "nn.BatchNorm2d(64), nn.ReLU(), nn.ConvTranspose2d(64, 32, 4, 2, 1), "
            "nn.BatchNorm2d(32), nn.ReLU(), nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Tanh())",
        ),
        "Noise of any length to images of 28 x 28 in [-1, 1], for every batch size, with gradients "
        "to all weights.",
    ),
    "dcgan_discriminator": Exercise(
        examine_discriminator,
        (
            "The way back: 28 x 28 -> 14 x 14 -> 7 x 7 -> one number. Strides do the shrinking.",
            "nn.Conv2d(1, C, 4, stride=2, padding=1) halves a map; LeakyReLU(0.2) after it. At the "
            "end nn.Flatten() and a Linear layer to 1, with nothing after it.",
            "nn.Sequential(nn.Conv2d(1, 16, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(16, 32, 4, 2, "
            "1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(32 * 49, 128), nn.LeakyReLU(0.2), "
            "nn.Linear(128, 1))",
        ),
        "One logit for each image, for every batch size, with gradients to weights and images.",
    ),
    "dcgan_samples": Exercise(
        examine_samples,
        (
            "Look at a grid of samples before you measure: noise, vague clothes, or one piece of "
            "clothing again and again?",
            "Both networks need init_weights, the images come from data.batches in [-1, 1], and "
            "gan.sample uses the averaged generator. If the clothes are vague, add steps.",
            "gan = GAN(DCGANGenerator(32), DCGANDiscriminator(), losses.DCGAN, z_dim=32); "
            "fit(gan, data.batches(data.fashion_mnist(), 32), steps=700); gan.sample(5000)",
        ),
        "Your DCGAN makes clothes.",
        SECONDS_TO_MEASURE,
    ),
}
