"""Exercise 12: its tasks, with their checkers, hints and praise."""

from gan_lessons.checks.augmentation_between import examine_interpolate_class
from gan_lessons.checks.augmentation_interval import examine_paired_interval
from gan_lessons.checks.augmentation_protocol import examine_fair_comparison
from gan_lessons.checks.augmentation_shift import examine_random_shift
from gan_lessons.checks.core import Exercise

EXERCISES = {
    "paired_interval": Exercise(
        examine_paired_interval,
        (
            "Everything happens on the differences: d = a - b, one for each split.",
            "The reach is t · s / √m: s with m - 1 in its denominator (torch's default), t from "
            "Student's distribution with m - 1 degrees of freedom.",
            "reach = stats.t.ppf(0.975, len(d) - 1) * d.std() / len(d) ** 0.5",
        ),
        "Paired, with Student's t.",
    ),
    "interpolate_class": Exercise(
        examine_interpolate_class,
        (
            "Take one class at a time: own = images[labels == k]. Which two of them, and how far "
            "from the first to the second?",
            "For a partner that is never the image itself: draw a distance of 1 to len(own) - 1 "
            "places, and go round: (first + distance) % len(own).",
            "u = torch.rand(n, 1, 1, 1); own[first] + u * (own[second] - own[first]); collect the "
            "classes in lists and join them with torch.cat",
        ),
        "Every new image lies between two of its class.",
    ),
    "random_shift": Exercise(
        examine_random_shift,
        (
            "Pad all images with -1 by `reach` on every side. A shift is then a window of the old "
            "size, somewhere in the padded image.",
            "Each image needs its own window: draw the two corners with torch.randint(0, 2 * reach "
            "+ 1, (2, B)). Slicing and indexing let a gradient pass; numpy and detach do not.",
            "torch.stack([p[:, i : i + H, j : j + W] for p, i, j in zip(padded, down.tolist(), "
            "right.tolist())])",
        ),
        "Every image has its own shift, and the gradient finds its way back.",
    ),
    "fair_comparison": Exercise(
        examine_fair_comparison,
        (
            "A loop over the splits. In each: draw once, make from the training part, classify "
            "twice.",
            "The helped classifier learns from torch.cat([images, made]) with "
            "torch.cat([labels, made_labels]); both are tested on the same test images.",
            "(classify(images, labels, test_images) == test_labels).float().mean().item()",
        ),
        "Both arms share their split, and nothing that learns has seen a test image.",
    ),
}
