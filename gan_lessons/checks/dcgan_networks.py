"""How exercise 03 examines the learner's DCGAN generator and discriminator.

Both go through `examine_network`; a `Role` says what differs. Every property is behaviour, looked
for in several copies with noise on their weights, since a fresh network may be too quiet for it.
Any architecture passes that keeps the shapes, the ranges and the gradients.
"""

import torch

from gan_lessons.checks import core
from gan_lessons.checks.core import Mistake, close
from gan_lessons.checks.dcgan_build import (
    BATCH,
    DISCRIMINATOR,
    GENERATOR,
    answers,
    build,
    check_output,
    check_sizes,
    check_state,
    forward,
)
from gan_lessons.checks.dcgan_ends import (
    check_activation_at_end,
    check_logits,
    check_no_norm_at_output,
    check_range,
)

NOISE = (0.0, 0.03, 0.1, 0.5)  # added to the weights: from the network as it is to a wild one


def examine_generator(answer):
    """`DCGANGenerator(z_dim)`: noise to images in [-1, 1]."""
    return examine_network(GENERATOR, answer)


def examine_discriminator(answer):
    """`DCGANDiscriminator()`: images to logits (B, 1)."""
    return examine_network(DISCRIMINATOR, answer)


def examine_network(role, answer):
    """Shape, finite, sizes, range, what the output depends on, gradients: in this order."""
    net = build(role, answer)
    x = role.inputs(BATCH)
    before = x.clone()
    out = forward(role, net, x)
    check_output(role, out, BATCH)
    core.untouched(before, x, role.argument)
    check_sizes(role, answer)
    check_state(role, answer)
    views = [view(role, answer, noise) for noise in NOISE]
    check_no_softmax(role, views)
    check_input_matters(role, views)
    check_fixed(role, views)
    if role.argument == "z":
        check_all_pixels(views)
        check_range(role, views)
        check_no_norm_at_output(role, answer)
    else:
        check_activation_at_end(role, views)
        check_no_norm_at_output(role, answer)
        check_logits(role, views)
        check_whole_image(role, [view(role, answer, noise) for noise in NOISE])
    check_rows(role, views)
    check_gradients(role, answer)
    if not any(weight.ndim == 4 for weight in net.parameters()):
        return (
            "Right shapes, right range, right gradients. But there is no convolution in it: as an "
            "MLP it passes this check, and has to learn for each pixel alone what its neighbours "
            "mean."
        )


def view(role, answer, noise):
    """A copy in eval mode, after some batches for BatchNorm, with noise on its weights."""
    net = build(role, answer)
    with torch.no_grad():
        net(role.inputs(BATCH))
        generator = torch.Generator().manual_seed(3)
        for weight in net.parameters():
            weight += noise * torch.randn(weight.shape, generator=generator)
        for seed in range(4):
            net(role.inputs(BATCH, seed=seed))
    return net.eval()


def differs(a, b):
    """Whether two outputs differ by more than rounding. Not finite counts as equal: no evidence."""
    if not (a.isfinite().all() and b.isfinite().all()):
        return False
    return bool((a - b).abs().max() > 1e-5 * a.abs().max())


def check_no_softmax(role, views):
    """Neither pixels, nor a batch, nor a single number sum to 1."""
    outputs = [answers(net, role.inputs(BATCH)) for net in views]
    if role.argument == "z":
        if all(close(out.flatten(1).sum(1), torch.ones(BATCH)) for out in outputs):
            raise Mistake("softmax", "The pixels of each image sum to 1: a softmax. Use tanh.")
        return
    if all(close(out, torch.ones_like(out)) for out in outputs):
        raise Mistake(
            "softmax",
            "Every answer is 1: a softmax over a single number is always 1. Leave it out.",
        )
    if all(close(out.sum(), torch.tensor(1.0)) for out in outputs):
        raise Mistake(
            "softmax",
            "The answers of a batch sum to 1: a softmax over the batch, so that each image's "
            "answer depends on the others. Leave it out: logits need nothing at the end.",
        )


def check_input_matters(role, views):
    """Another input gives another output, and the samples of a batch differ."""
    changed = apart = False
    for net in views:
        a, b = (answers(net, role.inputs(BATCH, seed=seed)) for seed in (5, 6))
        changed |= differs(a, b)
        apart |= any(differs(a[:1], a[i : i + 1]) for i in range(1, BATCH))
    if not changed:
        if role.argument == "z":
            raise Mistake(
                "z_ignored",
                "Other noise, and yet the same images: your generator does not use the z that it "
                "is given. Does it draw its own, or is its result overwritten on the way?",
            )
        raise Mistake(
            "images_ignored",
            "Other images, and yet the same logits: the answer does not depend on what D sees.",
        )
    if not apart:
        raise Mistake(
            "one_for_all",
            f"All {BATCH} samples of a batch get the same output, although their {role.argument} "
            "differ. Is there a mean over the batch, or only the first row in use?",
        )


def check_fixed(role, views):
    """Numbers drawn inside may disturb the output, but must not be all of it."""
    net, x = views[1], role.inputs(BATCH)
    if not differs(answers(net, x, seed=1), answers(net, x, seed=2)):
        return
    a, b = role.inputs(BATCH, seed=5), role.inputs(BATCH, seed=6)
    effects = [(answers(net, a, seed) - answers(net, b, seed)).flatten() for seed in range(20)]
    effects = torch.stack(effects)
    mean, each = effects.mean(0).square().sum(), effects.square().sum(1).mean()
    if mean * len(effects) < 4 * each:  # effects without a common part average out
        raise Mistake(
            "random_each_call",
            f"{role.name} answers the same {role.argument} with something else in every call. Are "
            "layers or weights made in forward? They must be made once, in __init__, or they are "
            "never trained.",
        )


def check_whole_image(role, views):
    """The logit depends on most of the pixels, on dark ones too, and on their places."""
    one, two = (-role.inputs(BATCH, seed=seed).abs() for seed in (5, 6))
    if not any(differs(answers(net, one), answers(net, two)) for net in views):
        raise Mistake(
            "negative_pixels_ignored",
            "All images without a pixel above 0 get the same logit: the background's -1 and a dark "
            "grey look alike to D. Is there a ReLU before the first layer?",
        )
    x, order = role.inputs(BATCH), torch.randperm(784, generator=torch.Generator().manual_seed(1))
    shuffled = x.flatten(1)[:, order].view(x.shape)
    if not any(differs(answers(net, x), answers(net, shuffled)) for net in views):
        raise Mistake(
            "places_ignored",
            "With its pixels in another order, an image gets the same logit. Is there a mean over "
            "all pixels before the first layer?",
        )
    seen = torch.zeros(28, 28, dtype=torch.bool)
    for net in views[1:]:
        images = DISCRIMINATOR.inputs(BATCH).requires_grad_()
        torch.manual_seed(0)
        out = net(images)
        if not out.requires_grad:
            return  # check_gradients says so
        out.sum().backward()
        if images.grad is None:
            return
        seen |= (images.grad != 0).any(dim=0)[0]
    parts = seen.view(7, 4, 7, 4).any(dim=3).any(dim=1)  # 49 parts of 4 x 4 pixels
    if seen.any() and parts.sum() < 32:
        raise Mistake(
            "image_partly_ignored",
            f"Only {seen.double().mean():.0%} of the pixels have any effect on the logit, in "
            f"{parts.sum()} of 49 parts of the image; D must look at the whole image. Is there a "
            "slice on the way, such as x[:, :, 0], or a crop?",
        )


def check_all_pixels(views):
    """Most of the pixels change with z."""
    outputs = [answers(net, GENERATOR.inputs(BATCH)) for net in views]
    varies = torch.stack([(out != out[:1]).any(dim=0)[0] for out in outputs]).any(dim=0)
    share = varies.double().mean().item()
    if share < 0.8:
        raise Mistake(
            "constant_pixels",
            f"Only {share:.0%} of the pixels change with z; the others are the same in all images. "
            "Is a smaller image padded to 28 x 28, or a kernel smaller than its stride, so that it "
            "leaves gaps?",
        )


def check_rows(role, views):
    """In eval mode sample i depends on input i alone, wherever in the batch it stands."""
    x = role.inputs(BATCH)
    order = torch.randperm(BATCH, generator=torch.Generator().manual_seed(2))
    for net in views[:3]:
        out = answers(net, x)
        if differs(out, answers(net, x, seed=9)):
            continue  # it draws numbers of its own, so other places give other numbers
        scale = 1e-2 * out.abs().max()
        if (answers(net, x[order]) - out[order]).abs().max() > scale:
            raise Mistake(
                "mixes_batch",
                "Put the samples of a batch into another order, and sample i no longer gives the "
                "same output: your network mixes them. Look for a view, reshape or transpose that "
                "moves the batch's axis.",
            )
        if (answers(net, x[:5]) - out[:5]).abs().max() > scale:
            raise Mistake(
                "depends_on_batch",
                "In eval mode, a sample gives one output alone and another in company. Only "
                "BatchNorm in train mode may do that. Is there a mean or softmax over axis 0, or a "
                "BatchNorm with track_running_stats=False?",
            )


def check_gradients(role, answer):
    """Training reaches the input and every weight."""
    net = view(role, answer, 0.03).train()  # noise: a last layer may start at zero
    x = role.inputs(BATCH).requires_grad_()
    out = net(x)
    if not any(weight.requires_grad for weight in net.parameters()):
        raise Mistake(
            "frozen",
            "All weights have requires_grad=False, so an optimiser changes none of them. Freeze "
            "nothing in the class.",
        )
    if not out.requires_grad:
        raise Mistake(
            "no_gradient",
            f"{role.name}'s output has no gradient, so it cannot learn. Look for detach(), "
            "no_grad(), .data, .numpy() or a tensor made anew from the result.",
        )
    torch.manual_seed(0)
    (out * torch.randn(out.shape)).sum().backward()  # a plain sum is constant after some layers
    for name, weight in net.named_parameters():
        if weight.grad is not None:
            continue
        if not has_effect(role, answer, name):
            raise Mistake(
                "unused_layer",
                f"The weights {name} are made in __init__ but have no effect on the output: is "
                "their layer missing in forward? Use it, or take it out.",
            )
        if not weight.requires_grad:
            raise Mistake(
                "frozen",
                f"The weights {name} have requires_grad=False, so an optimiser never changes them. "
                "Freeze nothing; a constant is kept with register_buffer.",
            )
        else:
            raise Mistake(
                "no_gradient_to_weights",
                f"The weights {name} have an effect but get no gradient, so they stay as they were "
                "drawn. Look for detach(), no_grad() or .data on their way to the output.",
            )
    if x.grad is None or not (x.grad != 0).any():
        why = {
            "z": "Lesson 08 searches for a z by its gradient",
            "images": "G learns through it and nothing else",
        }[role.argument]
        raise Mistake(
            "no_gradient_to_input",
            f"No gradient arrives at {role.argument}. {why}: look for detach(), .data or no_grad() "
            f"at the start of forward.",
        )
    used = (x.grad != 0).any(dim=0)
    if role.argument == "z" and not used.all():
        raise Mistake(
            "z_partly_ignored",
            f"Only {used.sum()} of the {len(used)} numbers in z have an effect. Is there a slice "
            "of z on the way?",
        )


def has_effect(role, answer, name):
    """Whether a change of one weight tensor changes the output."""
    net = view(role, answer, 0.03)
    before = answers(net, role.inputs(BATCH))
    with torch.no_grad():
        dict(net.named_parameters())[name].add_(1.0)
    return differs(before, answers(net, role.inputs(BATCH)))
