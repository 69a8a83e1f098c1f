"""How exercise 04 examines the conditional generator and discriminator.

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
from gan_lessons.checks.conditional_effects import (
    answers,
    check_first_argument_matters,
    check_fixed,
    check_label_meets_image,
    check_labels_matter,
    check_logits,
    check_range,
    check_rows,
    differs,
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
