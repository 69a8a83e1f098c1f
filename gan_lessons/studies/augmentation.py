"""Do made images help a classifier with little data? Ten paired splits for each cell of the table.

    python -m gan_lessons.studies.augmentation

Digits (scikit-learn's, 8 x 8 pixels) and Fashion-MNIST (averaged to 14 x 14), with 5, 10, 20 and 60
real images of each class. Every arm of a split starts from the same real images; whatever makes
images sees no others. Settings were chosen on Fashion images that are in no split. A second table
has the same GAN with and without the augmentation of D's input. Needs scikit-learn.
"""

import time

import torch
import torch.nn.functional as F

from gan_lessons import metrics, training
from gan_lessons.protocols import examples
from gan_lessons.protocols.images import MADE, STEPS, batches_of, compare, each_class, make_gan
from gan_lessons.studies import common

SETS, COUNTS, SPLITS = ("digits", "fashion"), (5, 10, 20, 60), range(10)
LITTLE, MARKS = 20, (1000, 2000)  # the second table: images of a class, steps


def cell(name, n, number):
    """One split of one cell of the first table."""
    real, test = examples.split_images(name, n, number)
    return {"data": name, "n": n, "split": number} | compare(real, test, name == "fashion", number)


def described(images):
    """Features of the package's classifier, of images enlarged to its 28 x 28 pixels."""
    return metrics.features(F.interpolate(images, scale_factor=2, mode="bilinear"))


def little_data(number, augmented, marks=MARKS):
    """One split of the second table: Fashion, distance to new images and what D learnt by heart."""
    real, test = examples.split_images("fashion", LITTLE, number)
    torch.manual_seed(number)
    gan, reference, found = make_gan(14, augmented), described(test[0][::2]), []
    D = gan.D.D if augmented else gan.D
    for mark in marks:
        training.fit(gan, batches_of(*real), mark - gan.steps, progress=False)
        fake = gan.sample(1000, each_class(100))
        with torch.no_grad():
            sure = [D(*part).sigmoid().mean().item() for part in (real, test)]
        distance = metrics.kernel_distance(reference, described(fake)).item()
        found.append({"step": mark, "distance": round(distance, 4)})
        found[-1] |= {"d_train": round(sure[0], 4), "d_new": round(sure[1], 4)}
    return {"split": number, "augmented": augmented, "at": found}


if __name__ == "__main__":
    common.begin()
    torch.set_num_threads(1)
    cells, little = [], []
    for number in SPLITS:
        cells += [cell(name, n, number) for name in SETS for n in COUNTS]
        little += [little_data(number, augmented) for augmented in (False, True)]
        settings = {"made": MADE, "steps": STEPS, "little": LITTLE}
        settings["cpu_seconds"] = round(time.process_time())
        common.save("augmentation", {**settings, "cells": cells, "little_data": little})
