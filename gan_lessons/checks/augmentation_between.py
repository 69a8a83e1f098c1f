"""Checker of the interpolation within a class: on which line, and where on it, is an image?"""

import torch

from gan_lessons.checks.core import Mistake, attempted, untouched
from gan_lessons.checks.game_calls import call

NAMES = ("images", "labels", "n")
OFF = 1e-3  # farther from a line than rounding


def small_set(height, width, seed):
    """Images (11, 1, height, width) of three classes, 0, 3 and 7, that are not in order."""
    labels = torch.tensor([3, 0, 7, 3, 7, 0, 3, 0, 7, 3, 0])
    generator = torch.Generator().manual_seed(seed)
    images = torch.rand(len(labels), 1, height, width, generator=generator) * 2 - 1
    return images + labels[:, None, None, None] / 10, labels


def places(made, own):
    """For each new image the nearest line through two images of `own`: how far it is from the line,
    where it is on it (0 at one end, 1 at the other), and which pair.
    """
    i, j = torch.triu_indices(len(own), len(own), 1)
    start, way = own[i], own[j] - own[i]  # (pairs, p)
    along = ((made[:, None] - start) * way).sum(dim=2) / way.square().sum(dim=1)
    off = (made[:, None] - start - along[:, :, None] * way).norm(dim=2)
    # a real image lies on many lines: take one where it is inside, if there is one
    outside = ((along < -OFF) | (along > 1 + OFF)).double()
    best = (off + OFF * outside * (off < OFF)).argmin(dim=1, keepdim=True)
    return off.gather(1, best)[:, 0], along.gather(1, best)[:, 0], best[:, 0]


def output_of(answer, images, labels, n):
    """The new images, flat in float64, and their labels; names other counts and types."""
    given = images.clone(), labels.clone()
    output = attempted(call(answer, (*given, n), NAMES))
    if not isinstance(output, (tuple, list)) or len(output) != 2:
        raise Mistake("not_a_pair", "Return two tensors: the new images, and their labels.")
    made, classes = (torch.as_tensor(attempted(part)).detach().cpu() for part in output)
    for before, after, name in zip((images, labels), given, NAMES, strict=False):
        untouched(before, after, name)
    if classes.is_floating_point():
        raise Mistake("float_labels", f"Labels are whole numbers (int64), not {classes.dtype}.")
    expected, kinds = n * len(labels.unique()), labels.unique().tolist()
    if len(made) == n and len(made) != expected:
        raise Mistake(
            "n_in_total", f"You made {n} images in all. Asked for are {n} of *each* class."
        )
    if made.shape != (expected, *images.shape[1:]):
        raise Mistake(
            "shape",
            f"{n} of each of {len(kinds)} classes are images of shape "
            f"{(expected, *images.shape[1:])}; yours have {tuple(made.shape)}.",
        )
    if classes.shape != (expected,):
        raise Mistake(
            "label_shape",
            f"Labels have shape ({expected},), one for each image; yours {tuple(classes.shape)}.",
        )
    count = {k: int((classes == k).sum()) for k in sorted(set(classes.tolist()) | set(kinds))}
    if any(count[k] != n * (k in kinds) for k in count):
        raise Mistake("counts", f"Each class should come {n} times; yours come {count}.")
    if not made.isfinite().all():
        raise Mistake("not_finite", "Your images contain nan or infinity.")
    return made.flatten(1).double(), classes


def examine_interpolate_class(answer):
    """Counts, lines within a class, places on the lines, chance."""
    for size, n in (((5, 4), 40), ((3, 6), 25)):
        images, labels = small_set(*size, seed=n)
        torch.manual_seed(0)  # the same verdict each time
        made, classes = output_of(answer, images, labels, n)
        judge(images.flatten(1).double(), labels, made, classes)
    images, labels = small_set(3, 3, seed=1)
    first, second = (output_of(answer, images, labels, 6)[0] for _ in range(2))
    if torch.equal(first, second):
        raise Mistake("no_chance", "Two calls give the same images. Draw anew in each call.")


def judge(images, labels, made, classes):
    """Name what is wrong with new images."""
    off, along = torch.empty(len(made)).double(), torch.empty(len(made)).double()
    pairs = torch.empty(len(made)).long()
    for k in labels.unique():
        here = classes == k
        off[here], along[here], pairs[here] = places(made[here], images[labels == k])
    if (off > OFF).any():
        name_off_line(images, labels, made, classes, off)
    beyond = (along < -OFF) | (along > 1 + OFF)
    if beyond.any():
        raise Mistake(
            "beyond_the_ends",
            f"{int(beyond.sum())} of {len(made)} images lie on the line through two images of "
            f"their class, but beyond the ends: u = {along[beyond][0]:.2f}. Draw u from 0 to 1, "
            "with torch.rand.",
        )
    copies = ((along < OFF) | (along > 1 - OFF)).double().mean().item()
    if copies > 0.9:
        raise Mistake("copies", "Your images are copies of real ones: nothing is interpolated.")
    if copies > 0.04:
        raise Mistake(
            "partner_is_itself",
            f"{copies:.0%} of your images are copies of a real one: sometimes an image is its own "
            "partner. Draw two *different* images of the class.",
        )
    share = torch.minimum(along, 1 - along)
    if (share > 0.5 - OFF).all():
        raise Mistake("always_the_middle", "u is always 0.5. Draw it from 0 to 1 for each image.")
    if len(share.mul(1e4).round().unique()) <= len(labels.unique()) + 3:
        raise Mistake(
            "one_u_for_all",
            f"All new images have the same u, {share[0]:.2f}. Draw one number for each image: "
            "torch.rand(n, 1, 1, 1).",
        )
    if share.min() > 0.1 or share.max() < 0.4 or not 0.17 < share.mean() < 0.33:
        raise Mistake(
            "u_not_uniform",
            f"The places on the lines are not those of a u from 0 to 1: the nearer end is "
            f"{share.min():.2f} to {share.max():.2f} away, {share.mean():.2f} on average.",
        )
    if all(len(pairs[classes == k].unique()) == 1 for k in labels.unique()):
        raise Mistake(
            "one_pair_only",
            "All new images of a class lie between the same two real ones. Draw the pair anew for "
            "each.",
        )


def name_off_line(images, labels, made, classes, off):
    """Name images that lie on no line between two of their class."""
    bad = off > OFF
    everywhere, _, _ = places(made, images)
    by_class = {int(k): places(made, images[labels == k])[0] for k in labels.unique()}
    on_some = torch.stack(list(by_class.values())).amin(dim=0) < OFF
    said = f"{int(bad.sum())} of {len(made)} images lie on no line between two of their class. "
    if on_some.all():
        raise Mistake(
            "labels_do_not_follow",
            f"{said}Each lies between two images of *another* class: images and labels are in "
            "different orders.",
        )
    if (everywhere < OFF).all():
        raise Mistake(
            "mixes_classes",
            f"{said}They lie between images of two classes. Draw both from one class: "
            "images[labels == k].",
        )
    inside = torch.zeros(len(made), dtype=torch.bool)
    for k in labels.unique():
        own = images[labels == k]
        i, j = torch.triu_indices(len(own), len(own), 1)
        low, high = torch.minimum(own[i], own[j]), torch.maximum(own[i], own[j])
        fits = (made[:, None] > low - OFF) & (made[:, None] < high + OFF)
        inside |= fits.all(dim=2).any(dim=1) & (classes == k)
    if inside.all():
        raise Mistake(
            "one_u_per_pixel",
            f"{said}Every pixel lies between those of two real images, but each with its own u. "
            "One u for a whole image: torch.rand(n, 1, 1, 1).",
        )
    if off.max() < 0.3 * images.std() * images.shape[1] ** 0.5:
        raise Mistake("noise_added", f"{said}They are near, but something is added or rounded.")
    raise Mistake(
        "not_on_a_line",
        f"{said}x_i + u (x_j - x_i) is asked for, with two images of the class and one u.",
    )
