"""Checkers of exercise 04: labels in rows, the projection, the conditional networks, a trained
pair.
"""

from functools import lru_cache

import torch

from gan_lessons.checks import core
from gan_lessons.checks.conditional_networks import examine_discriminator, examine_generator
from gan_lessons.checks.conditional_projection import examine_projection
from gan_lessons.checks.core import Exercise, Mistake, attempted, name_twin
from gan_lessons.checks.dcgan import check_pixels, sampled

LEAST_ACCURACY, LEAST_SPREAD = 0.75, 0.7  # of a trained pair; five seeds reach more


# Task 1: labels for a picture with one class in each row


def examine_class_rows(answer):
    """`class_rows(n_classes, per_class)`: 0, 0, …, 1, 1, …, as int64."""
    sizes = ((3, 2), (10, 4), (2, 5))
    outputs = [attempted(answer(*size)) for size in sizes]
    for (n, k), labels in zip(sizes, outputs, strict=True):
        if not isinstance(labels, torch.Tensor):
            raise Mistake(
                "wrong_type",
                f"class_rows must return a tensor, but it returns a {type(labels).__name__}.",
            )
        if labels.ndim != 1:
            raise Mistake(
                "not_flat",
                f"class_rows({n}, {k}) has shape {tuple(labels.shape)}; a network takes one label "
                f"per sample, a flat tensor of shape ({n * k},).",
            )
    grids = [torch.arange(n)[:, None].expand(n, k) for n, k in sizes]
    right = [grid.flatten() for grid in grids]
    name_twin(
        outputs,
        {
            "classes_alternate": (
                [grid.T.flatten() for grid in grids],
                "Your labels go 0, 1, 2, 0, 1, 2: the classes take turns. In a grid with per_class "
                "columns every row would mix classes; all labels of class 0 must come first. "
                "Compare Tensor.repeat with Tensor.repeat_interleave.",
            ),
            "swapped_arguments": (
                [torch.arange(k).repeat_interleave(n) for n, k in sizes],
                "For class_rows(3, 2) you give 2 classes with 3 labels each; asked are 3 classes "
                "with 2 labels each.",
            ),
            "starts_at_one": (
                [r + 1 for r in right],
                "Your classes start at 1. Labels count from 0, so the last class is n_classes - 1.",
            ),
            "descending": (
                [r.flip(0) for r in right],
                "Your classes run from the last to the first; class 0 comes first.",
            ),
        },
    )
    for (n, k), labels, expected in zip(sizes, outputs, right, strict=True):
        if len(labels) != n * k:
            raise Mistake(
                "wrong_length",
                f"class_rows({n}, {k}) gives {len(labels)} labels; {n} classes times {k} are "
                f"{n * k}. Is a number written out that should be an argument?",
            )
        if not torch.equal(labels.double(), expected.double()):
            explain_labels(answer, labels, expected, n, k)
            raise Mistake(
                "wrong_labels",
                f"class_rows({n}, {k}) should be {expected.tolist()}, yours is {labels.tolist()}.",
            )
        if labels.dtype != torch.int64:
            raise Mistake(
                "labels_not_int64",
                f"The labels are right, but their dtype is {labels.dtype}. one_hot and Embedding "
                "count rows with them, so they must be int64.",
            )


def explain_labels(answer, labels, expected, n, k):
    """Name labels that are no whole numbers, drawn at random, or in another order."""
    said = f"class_rows({n}, {k}) should be {expected.tolist()[:12]} …, yours starts "
    said += f"{labels.tolist()[:12]}. "
    if not torch.equal(labels, labels.long().to(labels.dtype)):
        raise Mistake("fractions", said + "A class is a whole number: divide with //.")
    torch.manual_seed(1)
    if not torch.equal(labels, answer(n, k)):
        raise Mistake("random_labels", said + "A second call gives others: draw nothing here.")
    if torch.equal(labels.sort().values.double(), expected.double()):
        raise Mistake("other_order", said + "The right labels, but in another order.")
    if len(labels.unique()) == len(labels):
        raise Mistake("counts_samples", said + "Every sample has a class of its own.")


# Task 5: a trained pair


def examine_conditional_gan(gan):
    """A trained `GAN`: it makes the class asked for, and does not make it always the same way."""
    from gan_lessons import data, metrics

    if isinstance(gan, (tuple, list)):
        raise Mistake(
            "not_a_gan", "Return the GAN alone, without the history or anything else beside it."
        )
    if not hasattr(gan, "sample") or not hasattr(gan, "G_ema"):
        raise Mistake(
            "not_a_gan",
            f"Give the check the trained training.GAN; this is a {type(gan).__name__}.",
        )
    if gan.steps == 0:
        raise Mistake("not_trained", "This GAN has made 0 steps: call training.fit on it.")
    labels = torch.arange(10).repeat_interleave(100)
    torch.manual_seed(0)
    try:
        images = sampled(gan, len(labels), labels)
    except TypeError as error:
        raise Mistake(
            "not_conditional", f"gan.sample(n, labels) does not work: {error}. Is G conditional?"
        ) from None
    if tuple(images.shape[1:]) != (1, 28, 28):
        raise Mistake(
            "wrong_shape",
            f"The samples have shape {tuple(images.shape)}; it must be (1000, 1, 28, 28).",
        )
    check_pixels(images)
    features, real_spread = metrics.features(images), spread_of_real()
    found = metrics.classifier().head(features).argmax(dim=1)
    confusion = torch.zeros(10, 10).index_put_((labels, found), torch.tensor(1.0), accumulate=True)
    confusion /= 100
    accuracy = confusion.diagonal().mean().item()
    ratio = metrics.within_class_spread(features, labels) / real_spread
    judge(confusion, accuracy, ratio, data.CLASS_NAMES)


@lru_cache(1)
def spread_of_real():
    """Spread within each class of 1,000 real test images, 100 of each class, (10,)."""
    from gan_lessons import data, metrics

    test = data.fashion_mnist("test")
    rows = torch.cat([(test.labels == c).nonzero()[:100, 0] for c in range(10)])
    return metrics.within_class_spread(metrics.features(test.images[rows]), test.labels[rows])


def judge(confusion, accuracy, ratio, names):
    """Raise the Mistake that a trained pair's accuracy, 0 … 1, and spread ratio, (10,), show."""
    most, answer = confusion.max(dim=1)
    if accuracy < 0.3 and most.mean() > 0.6 and len(answer.unique()) > 6:
        raise Mistake(
            "labels_mixed_up",
            f"Samples are clear, but of other classes than asked for: a request for {names[0]} "
            f"gives {names[answer[0]]}. Were images trained with labels of other images?",
        )
    if accuracy < 0.3:
        raise Mistake(
            "label_without_effect",
            f"The classifier finds the class asked for in {accuracy:.0%} of the samples; chance is "
            "10 %. Either one of the networks does not use its labels, or labels and images do not "
            "belong together, or there were only a few steps.",
        )
    if ratio.mean() < LEAST_SPREAD:
        worst = ratio.argmin().item()
        raise Mistake(
            "collapsed_in_classes",
            f"Accuracy is {accuracy:.0%}, but the spread within the classes is {ratio.mean():.0%} "
            f"of real images' (asked: at least {LEAST_SPREAD:.0%}; lowest: {names[worst]}, "
            f"{ratio[worst]:.0%}). Every class shows few different things. Does z reach the "
            "output, and is the learning rate of D not too small?",
        )
    if accuracy < LEAST_ACCURACY:
        worst = confusion.diagonal().argmin().item()
        raise Mistake(
            "accuracy_low",
            f"The classifier finds the class asked for in {accuracy:.0%} of the samples; asked are "
            f"{LEAST_ACCURACY:.0%}. The worst class is {names[worst]}, "
            f"{confusion[worst, worst]:.0%}. More steps help first.",
        )


EXERCISES = {
    "class_rows": Exercise(
        examine_class_rows,
        (
            "Start from torch.arange(n_classes): each class once, in order, int64.",
            "Tensor.repeat puts copies behind each other (0, 1, 2, 0, 1, 2). You need each entry "
            "several times before the next one comes.",
            "torch.arange(n_classes).repeat_interleave(per_class) is the whole answer.",
        ),
        "Each class fills one row, in int64.",
    ),
    "projection_logit": Exercise(
        examine_projection,
        (
            "Three parts are added: w·h, b and table[label]·h. Write the shape of each one down.",
            "table[labels] picks one row per sample, (B, d). Times h and summed over dim=1 it is "
            "the dot product of each sample; keepdim=True keeps the shape (B, 1).",
            "((w + table[labels]) * h).sum(dim=1, keepdim=True) + b",
        ),
        "Image and label meet in one product.",
    ),
    "conditional_generator": Exercise(
        examine_generator,
        (
            "Turn the labels into vectors (B, n_classes) with one_hot, or (B, anything) with an "
            "nn.Embedding that you make in __init__. Then any generator for noise will do.",
            "torch.cat([z, vectors], dim=1) is a longer noise: the first layer takes z_dim + "
            "n_classes numbers. one_hot gives int64: bring it to the dtype of z.",
            "self.net = networks.DCGANGenerator(z_dim + n_classes).net in __init__; in forward: "
            "rows = F.one_hot(labels, self.n_classes).to(z.dtype), then "
            "return self.net(torch.cat([z, rows], dim=1)).",
        ),
        "Noise and label both reach the picture, each sample with its own.",
    ),
    "conditional_discriminator": Exercise(
        examine_discriminator,
        (
            "Take features h of the image first, (B, d). Then your projection from task 2 gives "
            "the logit; nn.Linear(d, 1) holds w and b, nn.Embedding(n_classes, d) the table.",
            "networks.DCGANDiscriminator() has .features, which gives (B, 128), and "
            ".out, which is the linear layer. You add the embedding.",
            "h = self.features(images); "
            "return self.out(h) + (self.table(labels) * h).sum(dim=1, keepdim=True)",
        ),
        "One logit per image, and the label changes what counts as a good one.",
    ),
    "conditional_gan": Exercise(
        examine_conditional_gan,
        (
            "Nothing in the loop is new. What is new is labels=True in data.batches.",
            "GAN(G, D, recipe, z_dim) takes your two networks; z_dim must be the one that G was "
            "made with. fit does the rest; return the GAN.",
            "gan = training.GAN(ConditionalGenerator(32, 10), ConditionalDiscriminator(10), "
            "losses.DCGAN, 32, device); batches = data.batches(data.fashion_mnist(), 32, "
            "labels=True, device=device); training.fit(gan, batches, steps); return gan",
        ),
        "It makes the class asked for, and not always the same one of it.",
        core.SECONDS_TO_MEASURE,
    ),
}
