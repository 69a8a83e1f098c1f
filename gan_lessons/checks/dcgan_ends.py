"""What stands at the end of a learner's DCGAN network: the range of its pixels or logits, and a
normalisation or an activation that does not belong there.
"""

import torch
from torch import nn

from gan_lessons.checks.core import Mistake
from gan_lessons.checks.dcgan_build import BATCH, answers, build


@torch.no_grad()
def extremes(role, views, enough):
    """The smallest and largest output for many weights and for usual and large inputs, in eval
    mode; the search ends early when `enough(low, high)` holds.
    """
    x = role.inputs(BATCH)
    x = x * torch.linspace(-1, 1, BATCH).view(-1, *[1] * (x.ndim - 1))
    generator = torch.Generator().manual_seed(4)
    wild = views[-1]
    low, high = float("inf"), -float("inf")
    for i in range(len(views) + 12):
        net = views[i] if i < len(views) else wild
        if i >= len(views):  # random images easily get logits of one sign: draw other weights
            for weight in wild.parameters():
                weight.copy_(0.5 * torch.randn(weight.shape, generator=generator))
        for factor in (1, 30):
            out = answers(net, x * factor)
            if out.isfinite().all():
                low, high = min(low, out.min().item()), max(high, out.max().item())
        if enough(low, high):
            break
    return low, high


def check_range(role, views):
    """Images lie in [-1, 1] and use all of it."""
    low, high = extremes(role, views, lambda low, high: low < -1.001 or high > 1.001)
    said = f"With many other weights and inputs its pixels run from {low:.3g} to {high:.3g}. "
    if low >= 0 and 200 < high < 256:
        raise Mistake(
            "range_0_255",
            said + "That is the range of stored images. Real batches come in [-1, 1]: end with "
            "tanh.",
        )
    if low >= 0 and high > 1.001:
        raise Mistake("relu_at_output", said + "No pixel is ever negative: a ReLU at the end?")
    if low < -1.001 or high > 1.001:
        raise Mistake(
            "no_tanh",
            said + "Images must lie in [-1, 1] whatever the weights are: tanh must come last.",
        )
    if low >= 0:
        raise Mistake(
            "range_0_1",
            said + "None is ever negative: a sigmoid at the end? The real images come in [-1, 1] "
            "with a background of -1, so D would know every fake by its grey. End with tanh.",
        )
    at_end = (answers(views[0], role.inputs(BATCH)).abs() > 0.99999).flatten(1).sum(dim=1)
    if ((at_end == 1) | (at_end == 2)).all():  # a clamp or a wild tanh makes many, a quiet one none
        raise Mistake(
            "normalised_output",
            "In every single image exactly the largest pixel is at the end of the range: are the "
            "images divided by their own largest value, or stretched to it? Then none can be dark. "
            "Leave it out, and end with tanh.",
        )
    if low > -0.9 or high < 0.9:
        raise Mistake("range_too_small", said + "They must be able to come near -1 and 1.")


@torch.no_grad()
def check_no_norm_at_output(role, answer):
    """Mean and spread of the logits, or of the pixels before tanh, must be free; BatchNorm fixes
    both.
    """
    found = []
    for seed, noise in enumerate((0.1, 0.3, 1.0, 0.2)):
        net = build(role, answer)
        net(role.inputs(BATCH))
        generator = torch.Generator().manual_seed(seed)
        for weight in net.parameters():
            if weight.ndim >= 2:  # not BatchNorm's own scale and shift
                weight += noise * torch.randn(weight.shape, generator=generator)
        out = answers(net, role.inputs(BATCH, seed=seed)).double()
        before = torch.atanh(out.clamp(-1, 1)) if role.argument == "z" else out
        found.append((before.mean().item(), before.std().item()))
    means, spreads = (torch.tensor(part) for part in zip(*found, strict=True))
    even = means.max() - means.min() < 0.02 * spreads.min()  # false where tanh is saturated
    fixed = (even and spreads.max() < 1.02 * spreads.min()) or normalised_last(role, net)
    if fixed and role.argument == "images":
        raise Mistake(
            "batchnorm_at_output",
            f"In train mode the logits of every batch have mean {means[0]:.2g} and deviation "
            f"{spreads[0]:.2g}, whatever the images and the weights are: a BatchNorm stands at the "
            "output. D could not call a whole batch fake. Let the last layer give the logit.",
        )
    if fixed:
        raise Mistake(
            "batchnorm_at_output",
            "Before the last squashing, the pixels of a batch have the same mean and deviation "
            "whatever the weights are: a BatchNorm stands at the output. The share of black and "
            "white is then fixed, and a batch of trousers cannot be darker than a batch of coats. "
            "Leave it out after the last convolution.",
        )


def normalised_last(role, net):
    """Whether the output is a normalisation layer's result, squashed pixel by pixel."""
    kinds = nn.modules.batchnorm._NormBase | nn.LayerNorm | nn.GroupNorm
    results = []
    hooks = [
        module.register_forward_hook(lambda module, x, out: results.append(out))
        for module in net.modules()
        if isinstance(module, kinds)
    ]
    out = answers(net, role.inputs(BATCH)).flatten()
    for hook in hooks:
        hook.remove()
    for result in results:
        if result.numel() == out.numel() and out.std() > 0:
            ordered = out[result.flatten().argsort()].diff()
            if (ordered >= 0).all() or (ordered <= 0).all():
                return True
    return False


def check_logits(role, views):
    """Logits can be any number."""
    low, high = extremes(role, views, lambda low, high: low < -1.001 and high > 1.001)
    said = f"With many other weights and inputs the answers stay in {low:.3g} … {high:.3g}. "
    if low >= 0 and high <= 1.001:
        raise Mistake(
            "sigmoid",
            said + "Those are probabilities. The losses take logits and apply the sigmoid "
            "themselves: leave yours out, or it is applied twice.",
        )
    if 0 <= low < 0.5:
        raise Mistake("never_negative", said + "A logit below 0 says fake: no ReLU at the end.")
    if -0.5 < high <= 0:
        raise Mistake(
            "never_positive",
            said + "A logit above 0 says real: is there a logsigmoid or a minus at the end?",
        )
    if low >= -1.001 and high <= 1.001 and max(-low, high) > 0.99:
        raise Mistake("squashed", said + "A logit can be any number: no tanh at the end.")
    check_no_bounds(role, views[-1])


@torch.no_grad()
def check_no_bounds(role, net):
    """With other weights the largest and smallest logits are others; a clamp makes them equal."""
    generator, x, tops, bottoms = torch.Generator().manual_seed(7), role.inputs(BATCH), [], []
    for _ in range(12):
        for weight in net.parameters():
            weight.copy_(0.5 * torch.randn(weight.shape, generator=generator))
        out = answers(net, 30 * x)
        tops.append(out.max().item())
        bottoms.append(out.min().item())
    low, high = min(bottoms), max(tops)
    if tops.count(high) > 1 and bottoms.count(low) > 1:
        raise Mistake(
            "squashed",
            f"Whatever the weights are, the logits end at exactly {low:.3g} and {high:.3g}: "
            "something cuts or squashes them there. A logit can be any number: nothing stands "
            "after the last layer.",
        )


@torch.no_grad()
def check_activation_at_end(role, views):
    """Negating the last layer negates the logits, unless a LeakyReLU follows it."""
    for net in views[1:]:
        x, last = role.inputs(BATCH), [p for p in net.parameters()][-2:]
        out = answers(net, x)
        for part in (last, last[-1:]):
            for weight in part:
                weight.neg_()
            ratio = -answers(net, x) / out
            for weight in part:
                weight.neg_()
            groups = [ratio[out > 0], ratio[out < 0]]
            groups = [group for group in groups if len(group) > 2]
            if not groups or not all(group.std() < 1e-3 * group.mean() for group in groups):
                continue
            slope = min(groups[0].mean().item(), 1 / groups[0].mean().item())
            whole = len(groups) == 1 or abs(groups[0].mean() * groups[1].mean() - 1) < 1e-2
            if whole and 0 < slope < 0.95:
                raise Mistake(
                    "leaky_relu_at_output",
                    f"With the last layer's weights negated, the logits are not negated: those "
                    f"below 0 are {slope:.2g} times as large. A LeakyReLU stands at the end. It "
                    "belongs between layers; nothing stands after the last one.",
                )
