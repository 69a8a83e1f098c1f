"""Checker of exercise 16: the radial log spectrum, with its rings and its one logarithm."""

import torch

from gan_lessons.checks.core import Mistake
from gan_lessons.checks.deepfakes_calls import call, name, same, vector


def power(images):
    return torch.fft.fft2(images[:, 0].double()).abs().square()


def distances(size, centred=False):
    """Distance of each place of a transform from frequency 0, in waves per image."""
    f = torch.arange(size) - size // 2 if centred else torch.fft.fftfreq(size) * size
    return (f[:, None].square() + f.square()).double().sqrt()


def on_rings(values, ring, combine=torch.mean, rings=None):
    """One number for each ring from values (…, S, S) and the ring of each place (S, S)."""
    rings = rings or values.shape[-1] // 2 + 1
    return torch.stack([combine(values[..., ring == k]) for k in range(rings)])


def spectrum(
    images, of=power, ring=torch.round, log=torch.log10, combine=torch.mean, centred=False
):
    """The right answer, or a twin with a part exchanged."""
    values = of(images)
    return log(on_rings(values, ring(distances(values.shape[-1], centred)).long(), combine))


def twin(**parts):
    return lambda images: spectrum(images, **parts)


def mean_of_logs(images):
    values = power(images).log10()
    return on_rings(values, distances(values.shape[-1]).round().long())


def mean_of_ring_logs(images):
    return torch.stack([spectrum(image[None]) for image in images]).mean(dim=0)


def one_row(images):
    """The power along the axis u only."""
    values = power(images).mean(dim=0)
    return values[: len(values) // 2 + 1, 0].log10()


def columns(images):
    """From transforms of single rows of pixels."""
    values = torch.fft.fft(images[:, 0].double()).abs().square().mean(dim=(0, 1))
    return values[: len(values) // 2 + 1].log10()


TWINS = {
    "mean_of_logs": (
        mean_of_logs,
        "You take the logarithm first and the mean afterwards. First the mean of the power over "
        "all images and the ring, then one logarithm.",
    ),
    "log_for_each_image": (
        mean_of_ring_logs,
        "You average the logarithms of the images. First the mean of the power over all images, "
        "then one logarithm.",
    ),
    "amplitude": (
        twin(of=lambda x: power(x).sqrt()),
        "That is the mean of |F|; the power is its square.",
    ),
    "fourth_power": (twin(of=lambda x: power(x).square()), "The power is |F|²; yours is squared."),
    "natural_logarithm": (twin(log=torch.log), "That is the natural logarithm; log10 is asked."),
    "logarithm_of_two": (twin(log=torch.log2), "That is the logarithm to base 2, not to base 10."),
    "decibel": (
        twin(log=lambda x: 10 * x.log10()),
        "Those are decibels, ten times too much: log10 of the mean power is asked for.",
    ),
    "no_logarithm": (twin(log=lambda x: x), "The logarithm is missing."),
    "log_of_1_plus": (
        twin(log=lambda x: (1 + x).log10()),
        "You add 1 before the logarithm; add nothing (or a tiny number).",
    ),
    "sum_over_the_ring": (
        twin(combine=lambda x: x.sum(dim=-1).mean()),
        "You sum over the ring. Outer rings have more places, so take the mean.",
    ),
    "sum_over_all": (
        twin(combine=torch.sum),
        "You sum over images and ring; take the mean, or the result depends on their number.",
    ),
    "sum_over_images": (
        twin(of=lambda x: power(x).sum(dim=0)),
        "You sum over the images; take their mean. (Or the transform runs over the batch, fftn: "
        "each image has its own, fft2.)",
    ),
    "median": (twin(combine=torch.median), "That is the median over the ring; take the mean."),
    "rounded_down": (
        twin(ring=torch.floor),
        "Distances are rounded down (int or floor); the nearest whole number is asked for.",
    ),
    "rounded_up": (twin(ring=torch.ceil), "Distances are rounded up; round to the nearest."),
    "not_shifted": (
        twin(centred=True),
        "Your rings lie around the middle of the array, but fft2 puts frequency 0 into the "
        "corner. Shift the spectrum (torch.fft.fftshift), or take distances from fftfreq.",
    ),
    "shifted_over_the_batch": (
        lambda x: spectrum(x, of=lambda y: power(y).roll(y.shape[-1] // 2, -1), centred=True),
        "The spectrum is shifted along one direction only: fftshift(…, dim=(-2, -1)).",
    ),
    "mean_image": (
        twin(of=lambda x: power(x.mean(dim=0, keepdim=True))),
        "You transform the mean image. Transform each image, then take the mean of the powers.",
    ),
    "first_image": (
        twin(of=lambda x: power(x[:1])),
        "Only the first image enters.",
    ),
    "real_part": (
        twin(of=lambda x: torch.fft.fft2(x[:, 0].double()).real.square()),
        "Only the real part enters. |F|² is the real part squared plus the imaginary part squared.",
    ),
    "normalised": (
        twin(of=lambda x: power(x) / x.shape[-1] ** 2),
        "You divide the power by the number of pixels (norm='ortho'?); take fft2 as it is.",
    ),
    "normalised_twice": (
        twin(of=lambda x: power(x) / x.shape[-1] ** 4),
        "You divide F by the number of pixels (ifft2, or norm='forward'?); take fft2 as it is.",
    ),
    "squared_mean": (
        twin(of=lambda x: power(x).sqrt().mean(dim=0).square()),
        "You average |F| over the images and square afterwards. First square, then the mean.",
    ),
    "one_direction": (
        one_row,
        "You take the power along one axis. A ring holds the frequencies of all directions.",
    ),
    "rows_only": (
        columns,
        "You transform the rows of pixels only (fft). An image needs both directions: fft2.",
    ),
    "other_range": (
        lambda x: spectrum((x + 1) / 2),
        "You move the pixels to [0, 1] first; take them as they are.",
    ),
}


def pictures(n, size, seed):
    """Smooth random images in [-1, 1] with a bright disc, (n, 1, size, size)."""
    draw = torch.Generator().manual_seed(seed)
    noise = torch.randn(n, 1, size, size, generator=draw)
    smooth = (noise + noise.roll(1, 2) + noise.roll(1, 3) + 0.5 * noise.roll(2, 3)) / 3
    return (smooth + 0.3 * torch.rand(n, 1, 1, 1, generator=draw)).clamp(-1, 1)


def examine_radial_spectrum(answer):
    """One number for each ring, for several sizes."""
    cases = [(pictures(6, 28, 0),), (pictures(3, 16, 1),), (pictures(5, 28, 2) * 0.4,)]
    outputs = []
    for (images,) in cases:
        size = images.shape[-1]
        output = call(answer, (images,), ("images",))
        corner = int(distances(size).max().round()) + 1
        if getattr(output, "shape", None) == (corner,):
            raise Mistake(
                "corners_kept",
                f"Your spectrum has {corner} rings: the corners of the square are in it. Rings "
                f"from 0 to {size // 2} are asked for, {size // 2 + 1} numbers.",
            )
        if getattr(output, "shape", None) == (size // 2,):
            raise Mistake(
                "last_ring_missing",
                f"Your spectrum has {size // 2} numbers; the rings from 0 to {size // 2}, both "
                f"included, are {size // 2 + 1}.",
            )
        outputs.append(vector(output, (size // 2 + 1,), "The spectrum"))
    expected = [spectrum(images) for (images,) in cases]
    if same(outputs, expected, atol=2e-3):
        return
    said = (
        f"On six images of 28 x 28 pixels your first three rings are "
        f"{', '.join(f'{x:.2f}' for x in outputs[0][:3])}; they should be "
        f"{', '.join(f'{x:.2f}' for x in expected[0][:3])}. "
    )
    name(outputs, cases, TWINS, said)
    if same([x[1:] for x in outputs], [x[1:] for x in expected], atol=2e-3):
        raise Mistake(
            "ring_0",
            said + "All rings but 0 are right. Ring 0 is the mean brightness; do not take the "
            "mean away.",
        )
    raise Mistake(
        "other_formula",
        said + "Power |F|² of each image by fft2; its mean over all images and over the places "
        "whose distance from frequency 0 rounds to k; then log10.",
    )
