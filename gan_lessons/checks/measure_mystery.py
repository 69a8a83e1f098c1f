"""The three mystery generators of exercise 05, and the checker of what the learner finds.

Each generator is a function n -> images (n, 1, 28, 28) in [-1, 1]. Who reads on knows the answers.
"""

from collections.abc import Mapping
from functools import lru_cache

import torch

from gan_lessons import data, networks, storage
from gan_lessons.checks.core import Mistake, NotAttempted

COPIES, MISSES, POOR, HONEST = "copies", "misses classes", "poor images", "honest"
FINDINGS = (COPIES, MISSES, POOR, HONEST)
MISSING = (1, 8)  # trouser and bag


@torch.no_grad()
def conditional_without(n):
    """The bundled conditional GAN, never asked for two of the classes."""
    G = storage.pretrained("conditional")
    labels = torch.tensor([c for c in range(10) if c not in MISSING])[torch.randint(8, (n,))]
    z = torch.randn(n, networks.Z_DIM)
    parts = zip(z.split(500), labels.split(500), strict=True)
    return torch.cat([G(*part) for part in parts])


def copier(n):
    """Training images, with a little noise over them."""
    train = data.fashion_mnist("train").images
    images = data.to_float(train[torch.randint(len(train), (n,))])
    return (images + 0.02 * torch.randn(images.shape)).clamp(-1, 1)


@lru_cache(1)
def main_directions(kept=40):
    """For each class, the mean image and the directions in which its images vary most."""
    train, found = data.fashion_mnist("train"), []
    for c in range(10):
        x = data.to_float(train.images[train.labels == c]).flatten(1)
        values, vectors = torch.linalg.eigh(torch.cov(x.T))
        found.append((x.mean(0), vectors[:, -kept:] * values[-kept:].clamp(min=0).sqrt()))
    return found


def blurred(n):
    """A Gaussian for each class that keeps a few directions only: a generator without a network."""
    parts = []
    for label in torch.randint(10, (n,)).tolist():
        mean, directions = main_directions()[label]
        parts.append(mean + directions @ torch.randn(directions.shape[1]))
    return torch.stack(parts).view(n, 1, 28, 28).clamp(-1, 1)


GENERATORS = {"A": conditional_without, "B": copier, "C": blurred}
TRUTH = {"A": MISSES, "B": COPIES, "C": POOR}
ASK = {
    MISSES: "Count its classes: metrics.predict(images).bincount(minlength=10).",
    COPIES: "Look at its samples beside their nearest training images, and at "
    "metrics.memorisation.",
    POOR: "Look at its precision beside the floor's, and at the images themselves.",
}
# What a wrong finding overlooks: (said, true) -> sentence.
WHY_NOT = {
    COPIES: "Copies would be nearest to training images far more often than chance.",
    MISSES: "All ten classes are there.",
    POOR: "Its precision is near that of real images.",
    HONEST: "Something is wrong with it, although one of its numbers looks good.",
}


def examine_mystery(answer):
    """A dict generator -> finding."""
    if not isinstance(answer, Mapping):
        raise Mistake(
            "not_a_dict",
            f'Pass a dict such as {{"A": "{HONEST}", "B": …, "C": …}}; this is a '
            f"{type(answer).__name__}.",
        )
    found = {str(key).strip().upper(): value for key, value in answer.items()}
    if all(value in (None, ..., "") for value in found.values()):
        raise NotAttempted("Write a finding for each of the three generators.")
    for name in TRUTH:
        if found.get(name) in (None, ..., ""):
            raise Mistake("one_missing", f"There is no finding for generator {name} yet.")
    if extra := sorted(set(found) - set(TRUTH)):
        raise Mistake("unknown_generator", f"There is no generator {extra[0]}; there are A, B, C.")
    for name, said in found.items():
        finding = " ".join(str(said).lower().replace("_", " ").split())
        if finding not in FINDINGS:
            raise Mistake(
                "unknown_finding",
                f"{said!r} is none of the findings: {', '.join(FINDINGS)}.",
            )
        found[name] = finding
    right = sum(found[name] == truth for name, truth in TRUTH.items())
    for name, truth in TRUTH.items():
        if found[name] != truth:
            raise Mistake(
                mistake_id(found[name], truth),
                f"{right} of 3 are right. Generator {name} is not: you say {found[name]!r}. "
                f"{why_not(found[name], truth)} {ASK[truth]}",
            )


def mistake_id(said, truth):
    """The best distance taken for honesty has a name of its own."""
    if said == HONEST:
        return f"{truth.replace(' ', '_')}_called_honest"
    return f"{truth.replace(' ', '_')}_called_{said.replace(' ', '_')}"


def why_not(said, truth):
    if said == HONEST and truth == COPIES:
        return "It has the smallest distance of all, smaller than any GAN here: too good to be new."
    return WHY_NOT[said]
