"""How exercise 07 examines the conditional generator and discriminator.

Both go through `examine_network`. A new network's weights may be such that a label has no effect
yet (conditional BatchNorm and projections often start at zero), so each property is looked for in
several copies with noise on their weights.
"""

import copy

import torch

from gan_lessons.checks import core
from gan_lessons.checks.conditional_calls import (
    BATCH,
    CLASSES,
    DISCRIMINATOR,
    GENERATOR,
    Z_DIM,
    build,
    check_output,
    forward,
    works,
)
from gan_lessons.checks.core import Mistake, close

NOISE = (0.0, 0.03, 0.1, 0.5)  # added to the weights: from the network as it is to a wild one


def examine_generator(answer):
    """`ConditionalGenerator(z_dim, n_classes)`: (z, labels) to images in [-1, 1]."""
    examine_network(GENERATOR, answer)


def examine_discriminator(answer):
    """`ConditionalDiscriminator(n_classes)`: (images, labels) to logits (B, 1)."""
    examine_network(DISCRIMINATOR, answer)


def examine_network(role, answer):
    """Shape, finite, sizes, range, what the output depends on, gradients: in this order."""
    net = build(role, answer)
    x, labels = role.inputs(BATCH), torch.arange(BATCH) % CLASSES
    before = x.clone(), labels.clone()
    out = forward(role, answer, net, x, labels)
    check_output(role, out, BATCH, CLASSES)
    core.untouched(before[0], x, role.first)
    core.untouched(before[1], labels, "labels")
    check_labels_of_a_batch(role, net, x)
    check_sizes(role, answer)
    check_state(role, answer)
    views = [view(role, answer, noise) for noise in NOISE]
    if role.first == "z":
        check_range(role, views)
    else:
        check_logits(role, views)
    check_first_argument_matters(role, views)
    check_labels_matter(role, views)
    check_rows(role, views)
    check_fixed(role, views[1])
    check_gradients(role, answer)
    if role.first == "images":
        check_label_meets_image(views)


def check_labels_of_a_batch(role, net, x):
    """A batch need not hold every class: one class alone, and each of them, must go through."""
    fine = [works(net, x, torch.full((len(x),), c)) for c in range(CLASSES)]
    if all(fine):
        return
    c = fine.index(False)
    said = f"A batch that holds only class {c} stops {role.name.lower()}. "
    if fine[-1]:
        raise Mistake(
            "one_hot_width",
            said + "one_hot(labels) without a second argument is as wide as the largest label in "
            "the batch: say one_hot(labels, n_classes).",
        )
    raise Mistake("one_class_fails", said + "It must not matter which classes a batch holds.")


def check_sizes(role, answer):
    """Other numbers of samples, of classes and of noise values than the usual ones."""
    net = build(role, answer)
    net(role.inputs(BATCH), torch.arange(BATCH) % CLASSES)  # a lazy layer takes its size here
    for n, mode in ((7, "train"), (1, "eval"), (BATCH, "eval")):
        net.train(mode == "train")
        x, labels = role.inputs(n), torch.arange(n) % CLASSES
        shape = tuple(net(x, labels).shape) if works(net, x, labels) else None
        if shape != (n, *role.shape):
            how = "it stops" if shape is None else f"its output has shape {shape}"
            raise Mistake(
                "batch_size_fixed",
                f"For a batch of {n} sample{'s' * (n > 1)} {how}. Is a batch size written into "
                "your code, or does a squeeze() drop the batch's axis?",
            )
    for z_dim, n_classes in ((Z_DIM, 5), (Z_DIM, 13), (24, CLASSES)):
        if z_dim != Z_DIM and role.first != "z":
            continue
        net = build(role, answer, z_dim, n_classes)
        x, labels = role.inputs(26, z_dim), torch.arange(26) % n_classes
        if works(net, x, labels) and tuple(net(x, labels).shape) == (26, *role.shape):
            continue
        name = "n_classes" if z_dim == Z_DIM else "z_dim"
        raise Mistake(
            f"{name}_fixed",
            f"Made for {n_classes} classes" + f" and z_dim = {z_dim}" * (role.first == "z") + ", "
            f"it does not run. Use the argument {name}, not a number, wherever a layer needs it.",
        )


def check_state(role, answer):
    """All that the network knows is in its state_dict, and a new one can be copied."""
    one, other = (build(role, answer, seed=seed) for seed in (1, 2))
    if role.first == "z":
        try:
            copy.deepcopy(one)
        except Exception as error:
            raise Mistake(
                "cannot_be_copied",
                f"GAN copies the generator for its average, and that fails: {error}. A computed "
                "tensor kept as an attribute is the usual reason.",
            ) from None
    x, labels = role.inputs(BATCH), torch.arange(BATCH) % CLASSES
    outputs = []
    with torch.no_grad():
        for net in (one, other):
            net(x, labels)  # a lazy layer takes its size here
        try:
            other.load_state_dict(one.state_dict())
        except Exception as error:
            said = f"Its weights cannot be loaded into a second one: {error}"
            raise Mistake("state_not_stable", said) from None
        for net in (one, other):
            torch.manual_seed(0)
            outputs.append(net.eval()(x, labels))
    if not close(*outputs):
        raise Mistake(
            "not_registered",
            "A second network with the same weights (load_state_dict) gives other outputs: "
            "something that yours uses is not among its parameters, so it is neither trained nor "
            "saved. Layers in a plain list and tensors like torch.randn(...) as attributes are the "
            "usual reasons: use nn.ModuleList, nn.Embedding, nn.Parameter.",
        )


def view(role, answer, noise):
    """A copy in eval mode, after some batches for BatchNorm, with noise on its weights."""
    net = build(role, answer)
    labels = torch.arange(BATCH) % CLASSES
    with torch.no_grad():
        net(role.inputs(BATCH), labels)
        generator = torch.Generator().manual_seed(3)
        for weight in net.parameters():
            weight += noise * torch.randn(weight.shape, generator=generator)
        for seed in range(3):
            net(role.inputs(BATCH, seed=seed), labels.roll(seed))
    return net.eval()


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


def check_gradients(role, answer):
    """Training reaches every weight that has an effect, and through D also the images."""
    net = build(role, answer).train()
    x, labels = role.inputs(BATCH).requires_grad_(), torch.arange(BATCH) % CLASSES
    out = net(x, labels)
    if not out.requires_grad:
        raise Mistake(
            "no_gradient",
            f"{role.name}'s output has no gradient, so it cannot learn. Look for detach(), "
            "no_grad(), .data, .numpy() or a tensor made anew from the result.",
        )
    (out * torch.randn(out.shape)).sum().backward()  # a plain sum is constant after some layers
    if role.first == "images" and x.grad is None:
        raise Mistake(
            "no_gradient_to_images",
            "No gradient arrives at the images. G learns through it: look for detach() or .data on "
            "the images or their features.",
        )
    for name, weight in net.named_parameters():
        if weight.requires_grad and weight.grad is None and has_effect(role, answer, name):
            raise Mistake(
                "no_gradient_to_weights",
                f"The weights {name} have an effect but get no gradient, so they stay as they were "
                "drawn. Look for detach(), no_grad() or .data on their way to the output.",
            )


def has_effect(role, answer, name):
    """Whether a change of one weight tensor changes the output."""
    x, labels = role.inputs(BATCH), torch.arange(BATCH) % CLASSES
    net = view(role, answer, 0.03)
    before = answers(net, x, labels)
    with torch.no_grad():
        weight = dict(net.named_parameters())[name]
        weight += torch.randn(weight.shape)
    return differs(before, answers(net, x, labels))
