"""Checkers of exercise 07: labels in rows, the projection, the conditional networks, a trained
pair.
"""

from functools import lru_cache

import torch

from gan_lessons.checks import core
from gan_lessons.checks.conditional_networks import examine_discriminator, examine_generator
from gan_lessons.checks.core import Exercise, Mistake, attempted, close, name_twin

LEAST_ACCURACY, LEAST_SPREAD = 0.75, 0.7  # of a trained pair; three seeds reach more


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


# Task 2: the projection


def examine_projection(answer):
    """`projection_logit(h, labels, w, b, table)`: w·h + b + table[label]·h, shape (B, 1)."""
    generator = torch.Generator().manual_seed(0)
    outputs, cases = [], []
    for n, d, classes in ((6, 5, 4), (3, 7, 10)):
        h, w, b, table = (
            torch.randn(shape, generator=generator) for shape in ((n, d), (d,), (), (classes, d))
        )
        labels = torch.randint(1, classes, (n,), generator=generator)
        labels[0], labels[-1] = 1, classes - 1
        case = (h, labels, w, b + 0.7, table)
        before = [part.clone() for part in case]
        outputs.append(attempted(answer(*case)))
        for old, part, name in zip(before, case, ("h", "labels", "w", "b", "table"), strict=True):
            core.untouched(old, part, name)
        check_column(outputs[-1], n, classes)
        cases.append(case)
    name_twin(outputs, projection_twins(cases))
    right = [w_h(c) + c[3] + e_h(c) for c in cases]
    for got, expected in zip(outputs, right, strict=True):
        if not close(got, expected):
            raise Mistake(
                "wrong_value",
                f"For the first sample the logit should be {expected[0].item():.3f}, yours is "
                f"{got[0].item():.3f}. Add three numbers: w·h, b, and the row of the table for "
                "this sample's label times h.",
            )


def w_h(case):
    """w·h of each sample, (B, 1)."""
    return case[0] @ case[2][:, None]


def e_h(case, rows=None):
    """table[label]·h of each sample, (B, 1)."""
    h, labels, _, _, table = case
    return (table[labels if rows is None else rows] * h).sum(1, keepdim=True)


def check_column(out, n, classes):
    """Logits of shape (n, 1), finite; the usual wrong shapes have names."""
    if not isinstance(out, torch.Tensor):
        raise Mistake("wrong_type", f"Return a tensor, not a {type(out).__name__}.")
    shape = tuple(out.shape)
    said = f"The result has shape {shape}, asked is ({n}, 1): one logit per sample. "
    wrong = {
        (n,): ("flat_logits", "Keep the second axis: sum(dim=1, keepdim=True)."),
        (n, n): (
            "broadcast",
            "That happens when (B,) and (B, 1) are added: PyTorch then makes every pair.",
        ),
        (n, classes): (
            "all_classes",
            "That is one number for every class; pick the row of the table that belongs to the "
            "label.",
        ),
        (): ("summed_over_batch", "The sum must run over the features only, dim=1."),
        (1,): ("summed_over_batch", "The sum must run over the features only, dim=1."),
    }
    if shape != (n, 1):
        id, look = wrong.get(shape, ("wrong_shape", "Sum over the features, dim=1, keepdim=True."))
        raise Mistake(id, said + look)
    if not out.isfinite().all():
        raise Mistake("not_finite", "Some logits are nan or infinite on ordinary inputs.")


def projection_twins(cases):
    """What wrong projections give on the same inputs."""
    first = "The logit has three parts, w·h, b and e(label)·h. "
    twins = {
        "no_label_term": (lambda c: w_h(c) + c[3], first + "Yours has no part with the label."),
        "no_bias": (lambda c: w_h(c) + e_h(c), first + "b is missing in yours."),
        "no_plain_term": (lambda c: e_h(c) + c[3], first + "w·h is missing in yours."),
        "only_label_term": (e_h, first + "Yours has only the last one."),
        "label_row_not_times_h": (
            lambda c: w_h(c) + c[3] + c[4][c[1]].sum(1, keepdim=True),
            "You add the sum of e(label) itself. Multiply it with h first: without that the label "
            "only moves the logit up or down, the same for every image.",
        ),
        "label_row_times_w": (
            lambda c: w_h(c) + c[3] + (c[4][c[1]] * c[2]).sum(1, keepdim=True),
            "You multiply e(label) with w; it must be multiplied with h, the image's features.",
        ),
        "mean_over_features": (
            lambda c: (w_h(c) + e_h(c)) / c[0].shape[1] + c[3],
            "You take the mean over the features where a dot product takes the sum.",
        ),
        "mean_in_label_term": (
            lambda c: w_h(c) + c[3] + e_h(c) / c[0].shape[1],
            "In e(label)·h you take the mean over the features; a dot product takes the sum.",
        ),
        "first_label_only": (
            lambda c: w_h(c) + c[3] + e_h(c, c[1][:1].expand(len(c[1]))),
            "Every sample gets the table's row of the first sample's label.",
        ),
        "row_of_the_batch": (
            lambda c: w_h(c) + c[3] + e_h(c, torch.arange(len(c[1])) % len(c[4])),
            "You take row i of the table for sample i; take the row of its label, table[labels].",
        ),
        "off_by_one": (
            lambda c: w_h(c) + c[3] + e_h(c, c[1] - 1),
            "You use the row before the label's: labels count from 0, as rows do.",
        ),
        "sigmoid": (
            lambda c: torch.sigmoid(w_h(c) + c[3] + e_h(c)),
            "You return a probability. A logit is the number before the sigmoid: leave it out.",
        ),
        "minus": (
            lambda c: w_h(c) + c[3] - e_h(c),
            "The part with the label has the wrong sign: it is added.",
        ),
    }
    return {
        id: ([function(case) for case in cases], message)
        for id, (function, message) in twins.items()
    }


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
        images = gan.sample(len(labels), labels)
    except TypeError as error:
        raise Mistake(
            "not_conditional", f"gan.sample(n, labels) does not work: {error}. Is G conditional?"
        ) from None
    if not images.isfinite().all():
        raise Mistake("not_finite", "The samples hold nan: the training ran away.")
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
