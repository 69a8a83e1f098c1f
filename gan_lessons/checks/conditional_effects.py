"""What the outputs of a learner's conditional networks depend on, and what range they have.

Each function looks at `views`: copies of the network in eval mode, with more and more noise on
their weights.
"""

import torch

from gan_lessons.checks.conditional_calls import BATCH, CLASSES, DISCRIMINATOR, works
from gan_lessons.checks.core import Mistake, close


@torch.no_grad()
def answers(net, x, labels, seed=0):
    """The output in eval mode; a network that draws numbers of its own gets the same ones."""
    torch.manual_seed(seed)
    return net(x, labels).detach()


def differs(a, b):
    """Whether two outputs differ by more than rounding. Not finite counts as equal: no evidence."""
    if not (a.isfinite().all() and b.isfinite().all()):
        return False
    return bool((a - b).abs().max() > 1e-5 * a.abs().max())


@torch.no_grad()
def extremes(role, views):
    """The smallest and largest output for many weights, and for usual and large inputs.

    Images of one kind easily get logits of one sign, so the wildest copy gets new weights often.
    """
    x, labels = role.inputs(BATCH), torch.arange(BATCH) % CLASSES
    x = x * torch.linspace(-1, 1, BATCH).view(-1, *[1] * (x.ndim - 1))
    low, high = float("inf"), float("-inf")
    generator = torch.Generator().manual_seed(4)
    for round in range(len(views) + 12):
        net = views[min(round, len(views) - 1)]
        if round >= len(views):
            for weight in net.parameters():
                weight.copy_(0.5 * torch.randn(weight.shape, generator=generator))
        for factor in (1, 30):
            out = answers(net, x * factor, labels)
            if out.isfinite().all():
                low, high = min(low, out.min().item()), max(high, out.max().item())
        if round >= len(views) - 1 and low < -0.99 and high > 0.99:
            break
    return low, high


def check_range(role, views):
    """Images lie in [-1, 1] and use all of it."""
    low, high = extremes(role, views)
    said = f"With other weights and inputs its pixels run from {low:.3g} to {high:.3g}. "
    if low < -1.001 or high > 1.001:
        raise Mistake(
            "no_tanh", said + "Images lie in [-1, 1] whatever the weights are: end with tanh."
        )
    x, labels = role.inputs(4), torch.arange(4)
    sums = answers(views[0], x, labels).flatten(1).sum(1)
    if close(sums, torch.ones(4)):
        raise Mistake("softmax", "The pixels of each image sum to 1: a softmax. End with tanh.")
    if low >= 0:
        raise Mistake(
            "range_0_1",
            said + "None is ever negative: a sigmoid or ReLU at the end? Real images come in "
            "[-1, 1], so D would know the fakes by their grey background. End with tanh.",
        )
    if low > -0.6 or high < 0.6:
        raise Mistake("range_too_small", said + "They must be able to reach -1 and 1.")


def check_logits(role, views):
    """Logits can be any number."""
    low, high = extremes(role, views)
    said = f"With other weights and inputs the answers stay between {low:.3g} and {high:.3g}. "
    if low == high == 1:
        raise Mistake(
            "softmax",
            "Every answer is 1: a softmax over a single number is always 1. Leave it out.",
        )
    x, labels = role.inputs(BATCH), torch.arange(BATCH) % CLASSES
    if all(close(answers(net, x, labels).sum(), torch.tensor(1.0)) for net in views):
        raise Mistake(
            "softmax",
            "The answers of a batch sum to 1: a softmax over the batch. Leave it out: logits need "
            "nothing at the end.",
        )
    if low >= 0 and high <= 1:
        raise Mistake(
            "sigmoid",
            said + "Those are probabilities. The losses take logits and apply the sigmoid "
            "themselves: leave yours out, or it is applied twice.",
        )
    if low >= 0:
        raise Mistake("never_negative", said + "A logit below 0 says fake: no ReLU at the end.")
    if high <= 0:
        raise Mistake(
            "never_positive",
            said + "A logit above 0 says real: is there a logsigmoid or a minus at the end?",
        )
    if -1.001 <= low and high <= 1.001:
        raise Mistake("squashed", said + "A logit can be any number: no tanh at the end.")


def check_first_argument_matters(role, views):
    """Other noise gives another image; another image gives another logit."""
    labels = torch.arange(BATCH) % CLASSES
    changed = torch.zeros(BATCH, dtype=torch.bool)
    apart = False
    for net in views:
        a, b = (answers(net, role.inputs(BATCH, seed=seed), labels) for seed in (5, 6))
        changed |= torch.tensor([differs(p, q) for p, q in zip(a, b, strict=True)])
        same_label = answers(net, role.inputs(BATCH), torch.zeros(BATCH, dtype=torch.int64))
        apart |= differs(same_label[:1], same_label[1:2])
        if apart and changed.all():
            return
    if not changed.any():
        if role.first == "z":
            raise Mistake(
                "z_ignored",
                "Other noise, same label: the same image. Your generator has to use the z that it "
                "is given (and draw none of its own), or a class has a single image.",
            )
        raise Mistake(
            "images_ignored",
            "Other images, same label: the same logit. The features of the image must be in it.",
        )
    if not changed.all():
        c = (~changed).nonzero()[0].item() % CLASSES
        raise Mistake(
            f"{role.first}_ignored_for_a_class",
            f"For class {c} the output is the same whatever {role.first} is. Is the label used as "
            "a factor, so that label 0 multiplies everything by 0?",
        )
    if not apart:
        raise Mistake(
            "one_for_all",
            "All samples of a batch with one label get the same output, whatever "
            f"their {role.first}: is there a mean over the batch, or only the first row in use?",
        )


def check_labels_matter(role, views):
    """Every class gives another output than every other class, for the same first argument."""
    x = role.inputs(4)
    apart = torch.eye(CLASSES, dtype=torch.bool)
    for net in views:
        outputs = [answers(net, x, torch.full((4,), c)) for c in range(CLASSES)]
        for i in range(CLASSES):
            for j in range(CLASSES):
                apart[i, j] |= differs(outputs[i], outputs[j])
        if apart.all():
            return
    if apart.float().mean() <= 1 / CLASSES:
        raise Mistake(
            "labels_ignored",
            f"Same {role.first}, other labels: the same output for all {CLASSES} classes. The "
            "labels go into forward, but do not reach its result.",
        )
    i, j = (~apart).nonzero()[0].tolist()
    raise Mistake(
        "classes_merged",
        f"Classes {i} and {j} give the same output for the same {role.first}. Each class needs "
        "its own row: look at how you turn the number into a vector.",
    )


def check_rows(role, views):
    """Sample i depends on label i, and on nothing that belongs to other samples' places."""
    x, labels = role.inputs(BATCH), torch.arange(BATCH) % CLASSES
    others = labels.clone()
    others[1:] = (others[1:] + 3) % CLASSES
    if not any(differs(answers(v, x, labels), answers(v, x, others)) for v in views):
        raise Mistake(
            "first_label_only",
            "Only the first label of the batch has an effect; sample i must get labels[i].",
        )
    order = torch.randperm(BATCH, generator=torch.Generator().manual_seed(2))
    for net in views[:2]:
        moved, out = answers(net, x[order], labels[order]), answers(net, x, labels)[order]
        if (moved - out).abs().max() > 1e-2 * out.abs().max() and not draws_numbers(net, x, labels):
            raise Mistake(
                "mixes_batch",
                "Put the samples of a batch into another order, and sample i no longer gives the "
                "same output: your network mixes them. Look for a view, reshape or transpose that "
                "moves the batch's axis, and for labels that are paired with another sample.",
            )
    check_company(role, views[:3], x, labels)


def check_company(role, views, x, labels):
    """In eval mode a sample's output does not depend on the labels, or the z, of the others."""
    others = torch.cat([labels[:5], torch.zeros_like(labels[5:])])
    for net in views:
        out = answers(net, x, labels)
        alone = answers(net, x[:5], labels[:5])
        beside = answers(net, x, others)[:5]
        gap = (beside - out[:5]).abs().max()
        if role.first == "z":  # a D may compare the images of a batch, as minibatch spread does
            gap = max(gap, (alone - out[:5]).abs().max())
        if gap > 1e-3 * out.abs().max() and not draws_numbers(net, x, labels):
            raise Mistake(
                "depends_on_batch",
                f"In eval mode, a sample's output depends on the other samples of its batch: it "
                f"moves by {gap:.2g}. Is there a mean or sum over the whole batch, a softmax over "
                "axis 0, or a BatchNorm with track_running_stats=False?",
            )


def draws_numbers(net, x, labels):
    """Whether two calls in eval mode differ."""
    return differs(answers(net, x, labels, seed=1), answers(net, x, labels, seed=2))


def check_fixed(role, net):
    """The way from label to vector is the same in every call, and the number is not an amount."""
    x, labels = role.inputs(BATCH), torch.arange(BATCH) % CLASSES
    if draws_numbers(
        net, x, labels
    ):  # noise inside is allowed, as long as a label keeps its effect
        pairs = [[torch.full((BATCH,), c) for c in (0, 1)] for _ in range(30)]
        effects = [
            (answers(net, x, a, seed) - answers(net, x, b, seed)).flatten()
            for seed, (a, b) in enumerate(pairs)
        ]
        effects = torch.stack(effects)
        mean, each = effects.mean(0).square().sum(), effects.square().sum(1).mean()
        if mean * len(effects) < 4 * each:  # effects without a common part average out
            raise Mistake(
                "random_each_call",
                f"{role.name} turns the same label into another vector in every call. Make the "
                "Embedding (or the random table) once, in __init__, so that it can be trained.",
            )
    if is_an_amount(net, x):
        raise Mistake(
            "label_is_an_amount",
            f"{role.name} also takes labels of 1.001 and 1.5, and goes smoothly to 2: it computes "
            "with the number. But a coat (4) is not half-way from a dress (3) to a sandal (5). "
            "Give each class a row of its own: one_hot or Embedding.",
        )


def is_an_amount(net, x):
    """Whether the output changes smoothly from one label to the next, as with a number."""

    def ask(amount):
        return answers(net, x, torch.full((len(x),), amount))

    if not all(works(net, x, torch.full((len(x),), a)) for a in (1.0, 1.001, 1.5, 2.0)):
        return False  # one_hot and Embedding want whole numbers
    one, two, seven = ask(1.0), ask(2.0), ask(7.0)
    # Asked in this order, so that a network that leaves memory unfilled for a fraction is no
    # amount: what it finds there is the answer to the other label.
    ask(7.0)
    beside_one = ask(1.001)
    ask(1.0)
    beside_seven = ask(7.001)
    middle = ask(1.5)
    step = 0.1 * (two - one).abs().max()
    smooth = (beside_one - one).abs().max() < step and (beside_seven - seven).abs().max() < step
    return bool(smooth) and differs(middle, one) and differs(middle, two)


def check_label_meets_image(views):
    """D's label must do more than add a constant: it must change what counts as a good image."""
    x = DISCRIMINATOR.inputs(40)
    x = x * torch.linspace(0.1, 1, 40)[:, None, None, None]  # images that differ a lot
    for net in views:
        a, b = (answers(net, x, torch.full((40,), c)) for c in (0, 1))
        effect, size = a - b, max(a.abs().max(), b.abs().max())
        if effect.std() > 1e-4 * effect.abs().max() and effect.std() > 1e-5 * size:
            check_label_gradient(net, x)
            return
    raise Mistake(
        "label_only_shifts",
        "From class 0 to class 1 the logit changes by the same number for every image. So D cannot "
        "say whether an image fits its label, and G's gradient knows nothing of it. The label must "
        "meet the image before the last layer: a projection e(label)·h, or label planes at the "
        "input, or one more layer with its nonlinearity after they are joined.",
    )


def check_label_gradient(net, x):
    """Where the label changes the logit by more than a constant, its part has a gradient too."""
    x = x.clone().requires_grad_()
    torch.manual_seed(0)
    first = net(x, torch.zeros(len(x), dtype=torch.int64))
    torch.manual_seed(0)
    effect = (first - net(x, torch.ones(len(x), dtype=torch.int64))).sum()
    (gradient,) = torch.autograd.grad(effect, x, allow_unused=True)
    if gradient is None or not gradient.any():
        raise Mistake(
            "no_gradient_through_label",
            "The label changes which images get a high logit, but that part has no gradient to the "
            "images, so G never learns to obey. Look for detach() on the features in the part with "
            "the label.",
        )
