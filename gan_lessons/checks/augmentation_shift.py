"""Checker of the differentiable shift: which shift did each image get, and does a gradient pass?"""

from collections import Counter

import torch
import torch.nn.functional as F

from gan_lessons.checks.core import Mistake, attempted, untouched
from gan_lessons.checks.game_calls import call

NAMES = ("images", "reach")
CLOSE = 1e-3  # a sampling grid rounds; another pixel is farther away than that


def pictures(n, height, width, seed=5):
    """Images without structure, (n, 1, height, width) in (-1, 1): every shift shows."""
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, 1, height, width, generator=generator) * 1.8 - 0.9


def moved(images, down, right, mode="background"):
    """The images moved, with different ways to fill what becomes empty."""
    if mode == "wrap":
        return images.roll((down, right), (2, 3))
    by = max(abs(down), abs(right), 1)
    pad = (by, by, by, by)
    if mode in ("replicate", "reflect"):
        padded = F.pad(images, pad, mode)
    else:
        padded = F.pad(images, pad, value={"background": -1.0, "zero": 0.0, "one": 1.0}[mode])
    height, width = images.shape[2:]
    return padded[:, :, by - down : by - down + height, by - right : by - right + width]


def offsets(images, output, most, mode="background"):
    """The shift (down, right) of each image, or None where there is none."""
    found = [None] * len(images)
    steps = range(-most, most + 1)
    for down, right in sorted(
        ((i, j) for i in steps for j in steps), key=lambda s: max(map(abs, s))
    ):
        same = (moved(images, down, right, mode) - output).abs().flatten(1).amax(dim=1) < CLOSE
        for i in torch.where(same)[0].tolist():
            found[i] = found[i] or (down, right)
    return found


FILLS = {
    "wrap": (
        "wraps_around",
        "What leaves on one side comes in on the other: torch.roll does that. Pad with -1 instead, "
        "and cut.",
    ),
    "zero": (
        "fills_with_zero",
        "What becomes empty is 0, a grey, in your images. The background is -1: "
        "F.pad(…, value=-1).",
    ),
    "replicate": ("fills_with_edge", "What becomes empty repeats the edge. Fill it with -1."),
    "reflect": ("fills_with_mirror", "What becomes empty mirrors the inside. Fill it with -1."),
    "one": ("fills_with_white", "What becomes empty is 1, white. The background is -1."),
}


def outputs_of(answer, images, reach):
    """The answer's images; names another shape, nan and a change of the input."""
    given = images.clone()
    output = attempted(call(answer, (given, reach), NAMES))
    if not isinstance(output, torch.Tensor):
        kind = type(output).__name__
        raise Mistake("wrong_type", f"Return a tensor like the images; yours is a {kind}.")
    if output.shape != images.shape:
        raise Mistake(
            "shape",
            f"Images of shape {tuple(images.shape)} must come back in that shape; yours have "
            f"{tuple(output.shape)}. After padding, cut a window of the old size.",
        )
    if not output.isfinite().all():
        raise Mistake("not_finite", "Your images contain nan or infinity.")
    untouched(images, given, "the images")
    return output.detach().cpu()


def shifts_of(answer, images, reach):
    """The shift of each image; names images that are not shifted ones."""
    output = outputs_of(answer, images, reach).float()
    most = min(images.shape[2:]) - 1
    found = offsets(images, output, most)
    if None not in found:
        return found
    for mode, (id, text) in FILLS.items():
        limit = min(most, reach + 1)  # a mirror needs more inside than it shows
        if None not in offsets(images, output, limit, mode):
            raise Mistake(id, text)
    if close_to_shift(images, output, reach):
        raise Mistake(
            "parts_of_a_pixel",
            "Your images lie between two shifts: the offset is not a whole number of pixels. Draw "
            "whole numbers, with torch.randint.",
        )
    missing = found.count(None)
    raise Mistake(
        "not_a_shift",
        f"{missing} of {len(images)} images are no shifted copies of their input, with -1 where "
        "nothing is left. Do images change places, or do rows move by themselves?",
    )


def close_to_shift(images, output, reach):
    """Whether every image is a mixture of its neighbouring shifts."""
    steps = range(-reach - 1, reach + 2)
    basis = torch.stack([moved(images, i, j) for i in steps for j in steps]).flatten(2)  # (s, n, p)
    if basis.shape[0] >= basis.shape[2]:
        return False
    for i, image in enumerate(output.flatten(1)):
        shares = torch.linalg.lstsq(basis[:, i].T, image[:, None]).solution
        if (basis[:, i].T @ shares - image[:, None]).abs().max() > 0.01:
            return False
    return True


def examine_random_shift(answer):
    """Shape, filling, range and independence of the shifts, gradient."""
    for size, reach in (((300, 9, 10), 2), ((100, 8, 8), 1)):
        images = pictures(*size)
        torch.manual_seed(0)  # the same verdict each time
        judge(shifts_of(answer, images, reach), reach)
    first, second = (shifts_of(answer, pictures(40, 8, 8), 1) for _ in range(2))
    if first == second:
        raise Mistake(
            "no_chance", "Two calls move the images alike. Draw new shifts in each call, unseeded."
        )
    check_gradient(answer)


def judge(found, reach):
    """Name shifts that are too far, too few, alike, or bound to each other."""
    count = Counter(found)
    down, right = (torch.tensor(part) for part in zip(*found, strict=True))
    said = f"With reach {reach}, "
    if len(count) == 1:
        if (0, 0) in count:
            raise Mistake("does_nothing", said + "no image moves at all.")
        raise Mistake(
            "one_shift_for_all",
            f"{said}all {len(found)} images move by {found[0]}. Each image needs a shift of its "
            "own: draw as many numbers as there are images.",
        )
    far = max(int(down.abs().max()), int(right.abs().max()))
    if far > reach:
        raise Mistake("too_far", f"{said}an image moves by {far} pixels.")
    for part, name in ((down, "up and down"), (right, "left and right")):
        if (part == 0).all():
            raise Mistake("one_axis_only", f"{said}no image ever moves {name}.")
    if torch.equal(down, right) or torch.equal(down, -right):
        raise Mistake(
            "axes_tied", f"{said}every image moves as far down as right. Draw two numbers for each."
        )
    for part, name in ((down, "down"), (right, "right")):
        never = sorted(set(range(-reach, reach + 1)) - set(part.tolist()))
        if not never:
            continue
        text = f"{said}of {len(found)} images none moves {name} by {never}. "
        if never == [reach] or never == [-reach]:
            text += "torch.randint leaves its upper end out: randint(-reach, reach + 1, …)."
            raise Mistake("end_left_out", text)
        if (part >= 0).all() or (part <= 0).all():
            raise Mistake("one_direction_only", text + "Images must move both ways.")
        raise Mistake("some_shifts_missing", text + "All whole numbers are asked for.")
    if len(count) < 0.6 * (2 * reach + 1) ** 2:
        raise Mistake(
            "some_shifts_missing",
            f"{said}only {len(count)} of {(2 * reach + 1) ** 2} shifts occur: both numbers should "
            "be drawn apart.",
        )
    if max(count.values()) > 4 * len(found) / (2 * reach + 1) ** 2:
        raise Mistake(
            "not_equally_likely",
            f"{said}{max(count.values())} of {len(found)} images move by "
            f"{count.most_common(1)[0][0]}. All shifts should be equally likely.",
        )


def check_gradient(answer):
    """The gradient must go back to the pixel that a value came from."""
    images = pictures(12, 7, 7, seed=8).requires_grad_()
    output = attempted(call(answer, (images, 1), NAMES))
    if not output.requires_grad:
        raise Mistake(
            "no_gradient",
            "The shifted images carry no gradient, so G would learn nothing through them. Is there "
            "a detach(), no_grad, .data, numpy, or a copy into a new tensor by torch.tensor?",
        )
    weight = pictures(12, 7, 7, seed=9)
    (gradient,) = torch.autograd.grad((output * weight).sum(), images, allow_unused=True)
    found = offsets(images.detach(), output.detach().float(), 2)
    if gradient is None:
        raise Mistake("no_gradient", "The gradient of your output does not reach the images.")
    for i, (shift, got) in enumerate(zip(found, gradient, strict=True)):
        with torch.enable_grad():
            fresh = images[i : i + 1].detach().requires_grad_()
            (expected,) = torch.autograd.grad(
                (moved(fresh, *(shift or (0, 0))) * weight[i : i + 1]).sum(), fresh
            )
        if (got - expected[0]).abs().max() > 0.01:
            raise Mistake(
                "wrong_gradient",
                f"The values are right, but the gradient is not: image {i} moved by {shift}, and "
                "its gradient is not that of its pixels moved back. Is a part detached?",
            )
