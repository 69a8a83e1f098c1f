"""Checker of `projection_logit` in exercise 04."""

import torch
from torch.nn import functional

from gan_lessons.checks import core
from gan_lessons.checks.core import Mistake, attempted, close, name_twin


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
        check_column(outputs[-1], n, d, classes)
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
    check_projection_gradient(answer, cases[0])


def check_projection_gradient(answer, case):
    """D learns through the logits: h, w, b and the table all get the right gradient."""
    leaves = [part.clone().requires_grad_(part.is_floating_point()) for part in case]
    wanted = [part.clone().requires_grad_(part.is_floating_point()) for part in case]
    try:
        out = answer(*leaves)
    except RuntimeError as error:
        if "numpy" not in str(error):
            raise
        out = torch.zeros(1)  # numpy refuses tensors that learn
    if not out.requires_grad:
        raise Mistake(
            "no_gradient",
            "The logits are right, but they carry no gradient, so nothing could learn from them. "
            "Look for .detach(), .item(), torch.no_grad() or numpy.",
        )
    (out * torch.arange(1.0, 1 + len(out))[:, None]).sum().backward()
    right = w_h(wanted) + wanted[3] + e_h(wanted)
    (right * torch.arange(1.0, 1 + len(right))[:, None]).sum().backward()
    for mine, good, name in zip(leaves, wanted, ("h", "labels", "w", "b", "table"), strict=True):
        if good.grad is not None and (mine.grad is None or not close(mine.grad, good.grad)):
            raise Mistake(
                "half_detached",
                f"The logits are right, but the gradient for {name} is not: does that part go "
                "through .detach(), .data or .item()?",
            )


def w_h(case):
    """w·h of each sample, (B, 1)."""
    return case[0] @ case[2][:, None]


def e_h(case, rows=None):
    """table[label]·h of each sample, (B, 1)."""
    h, labels, _, _, table = case
    return (table[labels if rows is None else rows] * h).sum(1, keepdim=True)


def check_column(out, n, d, classes):
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
        (1, n): ("axes_swapped", "The batch is the first axis: [:, None], or keepdim=True."),
        (): ("summed_over_batch", "The sum must run over the features only, dim=1."),
        (1,): ("summed_over_batch", "The sum must run over the features only, dim=1."),
    }
    if shape != (n, 1):
        not_summed = "not_summed", "That is one number for each feature: sum over them, dim=1."
        other = "wrong_shape", "Sum over the features, dim=1, keepdim=True."
        id, look = wrong.get(shape, not_summed if shape == (n, d) else other)
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
            "You multiply e(label) with w (or add it to h first): then the label only shifts the "
            "logit, the same for every image. Multiply it with h, the image's features.",
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
        "summed_over_batch": (
            lambda c: w_h(c) + c[3] + e_h(c).sum(),
            "In e(label)·h you sum over the whole batch. The sum runs over the features, dim=1.",
        ),
        "bias_for_every_feature": (
            lambda c: w_h(c) + e_h(c) + c[0].shape[1] * c[3],
            "b is added before the sum, once for each feature. Add it once, after the sum.",
        ),
        "bias_twice": (lambda c: w_h(c) + e_h(c) + 2 * c[3], "b is added twice."),
        "plain_term_twice": (
            lambda c: 2 * w_h(c) + c[3] + e_h(c),
            "w·h is in it twice: once in w·h itself, and once in the part with the label?",
        ),
        "always_row_0": (
            lambda c: w_h(c) + c[3] + e_h(c, torch.zeros_like(c[1])),
            "Every sample gets row 0 of the table; take the row of its label, table[labels].",
        ),
        "label_as_factor": (
            lambda c: w_h(c) + c[3] + c[1][:, None] * e_h(c, torch.zeros_like(c[1])),
            "You multiply with the label's number. The label picks a row: table[labels].",
        ),
        "label_times_row": (
            lambda c: w_h(c) + c[3] + c[1][:, None] * e_h(c),
            "You multiply with the label's number as well. It only picks a row: table[labels].",
        ),
        "product_of_three": (
            lambda c: (c[2] * c[4][c[1]] * c[0]).sum(1, keepdim=True) + c[3],
            "You multiply w, e(label) and h. There are two dot products, w·h and e(label)·h, and "
            "they are added.",
        ),
        "row_normalised": (
            lambda c: w_h(c) + c[3] + (functional.normalize(c[4][c[1]], dim=1) * c[0]).sum(1, True),
            "You divide e(label) by its length. The dot product takes the row as it is.",
        ),
        "cosine": (
            lambda c: w_h(c) + c[3] + functional.cosine_similarity(c[4][c[1]], c[0])[:, None],
            "That is the cosine of e(label) and h. The dot product divides by no length.",
        ),
        "scaled": (
            lambda c: w_h(c) + c[3] + e_h(c) / c[0].shape[1] ** 0.5,
            "You divide e(label)·h by the root of the number of features, as attention does. Here "
            "nothing is divided.",
        ),
        "softmax_of_the_row": (
            lambda c: w_h(c) + c[3] + (c[4][c[1]].softmax(1) * c[0]).sum(1, True),
            "You take a softmax of the row. The table's numbers enter as they are.",
        ),
        "tanh": (
            lambda c: torch.tanh(w_h(c) + c[3] + e_h(c)),
            "A tanh squashes the logit. It can be any number: leave it out.",
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
