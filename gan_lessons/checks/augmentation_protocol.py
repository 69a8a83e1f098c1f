"""Checker of the fair comparison: watches who sees which image, by numbers hidden in the pixels."""

import numpy as np
import torch

from gan_lessons.checks.core import Mistake, NotAttempted, attempted
from gan_lessons.checks.game_calls import call

NAMES = ("draw", "make", "classify", "splits")
TRAIN, TEST, MADE = 6, 10, 8  # images of each kind in a split


class Watch:
    """A data set, a maker and a classifier that remember what they were given.

    An image's first pixel is its number: 100 a split, plus 0 … for training, 20 … for test images,
    50 … for made ones. Its label is a third of that number's remainder.
    """

    def __init__(self):
        self.drawn, self.made_from, self.calls = [], [], []

    def images(self, split, kind, n):
        numbers = 100 * split + {"train": 0, "test": 20, "made": 50}[kind] + torch.arange(n)
        images = torch.zeros(n, 1, 2, 2)
        images[:, 0, 0, 0] = numbers.float()
        return images, numbers % 3

    def draw(self, seed):
        self.drawn.append(int(seed))
        return self.images(int(seed), "train", TRAIN), self.images(int(seed), "test", TEST)

    def make(self, images, labels):
        seen = numbers(images)
        self.made_from.append((seen, labels.tolist()))
        split = seen[0] // 100 if seen else 0
        return self.images(split, "made", MADE)

    def classify(self, images, labels, test_images):
        train, test = numbers(images), numbers(test_images)
        self.calls.append((train, torch.as_tensor(labels).tolist(), test))
        right = correct(train)
        truth = torch.tensor(test, dtype=torch.int64) % 3
        wrong = (truth + 1) % 3
        return torch.where(torch.arange(len(test)) < right, truth, wrong)


def numbers(images):
    """The images' numbers, in order."""
    return [int(x) for x in images[:, 0, 0, 0].round().tolist()]


def kind(number):
    return "made" if number % 100 >= 50 else "test" if number % 100 >= 20 else "train"


def correct(train):
    """How many of a test set the classifier gets right; it depends on what it learnt from."""
    kinds = {kind(number) for number in train}
    split = train[0] // 100 if train else 0
    base = {7: 5, 4: 8, 9: 3, 2: 6, 5: 2}.get(split, 4)
    step = {7: 2, 4: -3, 9: 1, 2: -1, 5: 4}.get(split, 1)  # up in some splits, down in others
    if kinds == {"train"}:
        return base
    return base + step if kinds == {"train", "made"} else 1 if kinds == {"made"} else TEST


def lists(output):
    """Two rows of numbers; names the usual ways to miss them."""
    output = attempted(output)
    if isinstance(output, (torch.Tensor, np.ndarray)):
        output = list(output)
    if not isinstance(output, (tuple, list)) or len(output) != 2:
        raise Mistake(
            "not_two_lists", "Return two lists, (plain, helped), one number each a split."
        )
    rows = []
    for part in output:
        part = attempted(part)
        if not hasattr(part, "__len__") or getattr(part, "ndim", 1) == 0:
            raise Mistake(
                "means_returned",
                f"Return all accuracies, one for each split, not one number ({float(part):.2f}). "
                "The paired interval needs them all.",
            )
        rows.append([float(attempted(x)) for x in part])
    return rows


def examine_fair_comparison(answer):
    """Who saw what; then the numbers; for five splits, and for two."""
    for splits in ([7, 4, 9, 2, 5], [5, 2]):
        watch = Watch()
        output = call(answer, (watch.draw, watch.make, watch.classify, list(splits)), NAMES)
        if output is None and not watch.drawn:
            raise NotAttempted("Your function returns None: not written yet?")
        plain, helped = lists(output)
        check_draws(watch, splits)
        check_seen(watch, splits)
        check_numbers(plain, helped, splits)


def check_draws(watch, splits):
    """Every split is drawn, and no other."""
    seen = set(watch.drawn)
    if seen - set(splits):
        raise Mistake(
            "other_seeds",
            f"The splits are {splits}, but you drew {sorted(seen)}. Both arms of a split start "
            "from draw(seed), with the seeds given.",
        )
    if seen != set(splits):
        raise Mistake(
            "splits_missing", f"The splits are {splits}, but you drew only {sorted(seen)}."
        )


def check_seen(watch, splits):
    """No test image where something learns, nothing but test images where something is tested."""
    if not watch.made_from:
        raise Mistake("nothing_made", "You never call make: what is helped by what?")
    for seen, labels in watch.made_from:
        if any(kind(number) == "test" for number in seen):
            raise Mistake(
                "leak_to_maker",
                "make saw test images. What it makes then carries them into training, and the "
                "comparison is worth nothing. Give it the training images only.",
            )
        if [number % 3 for number in seen] != labels:
            raise Mistake("labels_mixed", "make got labels that do not belong to its images.")
    if not watch.calls:
        raise Mistake("nothing_classified", "You never call classify.")
    for train, labels, test in watch.calls:
        kinds, tested = {kind(x) for x in train}, {kind(x) for x in test}
        if "test" in kinds:
            raise Mistake(
                "leak_to_classifier",
                "classify learnt from test images. Its third argument is for those; the first two "
                "are training images and labels.",
            )
        if tested != {"test"}:
            what = "made images" if "made" in tested else "the images it learnt from"
            raise Mistake(
                "tested_on_others",
                f"classify was tested on {what}. Both arms are tested on the split's test images.",
            )
        if [number % 3 for number in train] != labels:
            raise Mistake(
                "labels_mixed",
                "classify got labels that do not belong to its images. Join images and labels in "
                "the same order: torch.cat([images, made]), torch.cat([labels, made_labels]).",
            )
        if len({x // 100 for x in train + test}) > 1:
            raise Mistake(
                "splits_mixed",
                "Images of one split were used in another. Make new images in each split, from "
                "that split's training images.",
            )
    check_arms(watch, splits)


def check_arms(watch, splits):
    """Each split has an arm with the real images, and one with those and the made ones."""
    for split in splits:
        arms = [sorted(train) for train, _, test in watch.calls if test[0] // 100 == split]
        real = list(range(100 * split, 100 * split + TRAIN))
        made = list(range(100 * split + 50, 100 * split + 50 + MADE))
        if real not in arms:
            raise Mistake(
                "no_baseline",
                f"In split {split} no classifier learnt from the real images alone, all {TRAIN} of "
                "them. Without that there is nothing to compare with.",
            )
        if real + made in arms:
            continue
        if made in arms:
            raise Mistake(
                "made_alone",
                "The helped classifier learnt from made images alone. Here they are *added* to the "
                "real ones.",
            )
        raise Mistake(
            "not_all_images",
            f"In split {split} no classifier learnt from all {TRAIN} real and all {MADE} made "
            "images.",
        )


def check_numbers(plain, helped, splits):
    """The accuracies, in the order of the splits."""
    right = [
        [correct([100 * s]) / TEST for s in splits],
        [correct([100 * s, 100 * s + 50]) / TEST for s in splits],
    ]
    found = [plain, helped]
    if near(found, right):
        return
    said = f"For the splits {splits} yours gives {show(plain)} and {show(helped)}; expected are "
    said += f"{show(right[0])} and {show(right[1])}. "
    twins = {
        "swapped": (right[::-1], "The two lists are exchanged: (plain, helped) is the order."),
        "percent": (
            [[100 * x for x in row] for row in right],
            "Return shares from 0 to 1, not per cent.",
        ),
        "counts_returned": (
            [[TEST * x for x in row] for row in right],
            "Those are numbers of right answers. Divide by the number of test images.",
        ),
        "errors_returned": (
            [[1 - x for x in row] for row in right],
            "Those are error rates; the accuracy is 1 minus them.",
        ),
        "better_one_kept": (
            [right[0], [max(x, y) for x, y in zip(*right, strict=True)]],
            "In splits where the made images did harm, you keep the plain classifier. That chooses "
            "by the test images: report what you got.",
        ),
        "differences_returned": (
            [right[0], [y - x for x, y in zip(*right, strict=True)]],
            "The second list holds differences; return the accuracy of each arm.",
        ),
    }
    for id, (wrong, text) in twins.items():
        if near(found, wrong):
            raise Mistake(id, said + text)
    if any(len(row) != len(splits) for row in found):
        raise Mistake("length", f"{said}Each list has one number for each split.")
    if all(near([sorted(a)], [sorted(b)]) for a, b in zip(found, right, strict=True)):
        raise Mistake("other_order", f"{said}They must be in the order of the splits.")
    raise Mistake(
        "other_numbers",
        f"{said}Accuracy is the share of the split's test images whose label is predicted.",
    )


def near(a, b):
    return all(
        len(x) == len(y) and all(abs(p - q) < 1e-4 for p, q in zip(x, y, strict=True))
        for x, y in zip(a, b, strict=True)
    )


def show(row):
    return "[" + ", ".join(f"{x:.2f}" for x in row) + "]"
