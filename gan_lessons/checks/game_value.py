"""Checker of exercise 01, task 1: the value of the game."""

import torch
import torch.nn.functional as F

from gan_lessons.checks.core import Mistake, close, name_twin, scalar, untouched
from gan_lessons.checks.game_calls import call, say


def examine_value_function(answer):
    outputs, batches = [], []
    for n, seed in ((7, 1), (10, 2)):
        noise = torch.randn(2, n, 1, generator=torch.Generator().manual_seed(seed))
        real, fake = torch.sigmoid(noise + torch.tensor([1.0, -0.5])[:, None, None])
        real[0], fake[0] = 0.001, 0.999  # a D that is sure, and wrong
        before = real.clone(), fake.clone()
        output = call(answer, (real, fake), ("d_real", "d_fake"))
        outputs.append(scalar(output, "the value").detach())
        for a, b, name in zip(before, (real, fake), ("d_real", "d_fake"), strict=True):
            untouched(a, b, name)
        batches.append((real.double(), fake.double()))
    expected = [r.log().mean() + (1 - f).log().mean() for r, f in batches]
    said = f"For the first test batch V is {say(expected[0])}, yours is {say(outputs[0])}. "
    twins = {
        id: ([twin(r, f) for r, f in batches], said + text)
        for id, (twin, text) in VALUE_TWINS.items()
    }
    name_twin(outputs, twins)
    if not all(close(a, b) for a, b in zip(outputs, expected, strict=True)):
        if all(0.5 < a / b < 1 for a, b in zip(outputs, expected, strict=True)):
            raise Mistake(
                "not_exact",
                said + "Near, but not it: is a number added inside the logarithm, or are the "
                "probabilities clipped? They lie strictly between 0 and 1: no logarithm fails.",
            )
        raise Mistake("other_formula", said + "V = mean of log d_real + mean of log(1 - d_fake).")


VALUE_TWINS = {
    "sign": (
        lambda r, f: -(r.log().mean() + (1 - f).log().mean()),
        "That is the value with its sign turned: the loss of D. V is what D wants large, and it is "
        "never positive.",
    ),
    "no_one_minus": (
        lambda r, f: r.log().mean() + f.log().mean(),
        "Your second term rewards D for calling fakes real. It is log(1 - D(fake)).",
    ),
    "one_minus_log": (
        lambda r, f: r.log().mean() + (1 - f.log()).mean(),
        "A bracket stands wrong: log(1 - d_fake), not 1 - log(d_fake).",
    ),
    "one_plus": (
        lambda r, f: r.log1p().mean() + (-f).log1p().mean(),
        "log1p(x) is log(1 + x): right for the fakes with x = -d_fake, but the real term is log.",
    ),
    "real_only": (
        lambda r, f: r.log().mean(),
        "The fakes have no term yet: mean of log(1 - D(fake)).",
    ),
    "fake_only": (
        lambda r, f: (1 - f).log().mean(),
        "The real samples have no term yet: mean of log D(real).",
    ),
    "wish_of_G": (lambda r, f: f.log().mean(), "That is what G wishes for; V belongs to both."),
    "real_twice": (
        lambda r, f: r.log().mean() + (1 - r).log().mean(),
        "The second term uses d_real again; d_fake belongs there.",
    ),
    "fake_twice": (
        lambda r, f: f.log().mean() + (1 - f).log().mean(),
        "The first term uses d_fake; d_real belongs there.",
    ),
    "swapped": (
        lambda r, f: f.log().mean() + (1 - r).log().mean(),
        "The two batches have changed places.",
    ),
    "difference": (
        lambda r, f: r.log().mean() - (1 - f).log().mean(),
        "The two terms are added: D wants both of them large.",
    ),
    "other_difference": (
        lambda r, f: (1 - f).log().mean() - r.log().mean(),
        "The two terms are added: D wants both of them large.",
    ),
    "sum": (
        lambda r, f: r.log().sum() + (1 - f).log().sum(),
        "You take sums, so the value depends on the batch size. V is made of means.",
    ),
    "log_of_mean": (
        lambda r, f: r.mean().log() + (1 - f).mean().log(),
        "You take the logarithm of the mean. V is the mean of the logarithms: the order matters.",
    ),
    "averaged": (
        lambda r, f: (r.log().mean() + (1 - f).log().mean()) / 2,
        "V is the sum of the two means, not the mean of all.",
    ),
    "product": (
        lambda r, f: (r.log() * (1 - f).log()).mean(),
        "You multiply the two terms; they are added.",
    ),
    "product_of_means": (
        lambda r, f: r.log().mean() * (1 - f).log().mean(),
        "You multiply the two terms; they are added.",
    ),
    "fake_log1p": (
        lambda r, f: r.log().mean() + f.log1p().mean(),
        "log1p(d_fake) is log(1 + d_fake). The second term is log(1 - d_fake).",
    ),
    "exponential": (
        lambda r, f: (r.log().mean() + (1 - f).log().mean()).exp(),
        "You take the exponential at the end. Leave it out: V is a mean of logarithms.",
    ),
    "first_sample": (
        lambda r, f: r[0, 0].log() + (1 - f[0, 0]).log(),
        "You use the first sample only; V is made of means over the batch.",
    ),
    "median": (
        lambda r, f: r.log().median() + (1 - f).log().median(),
        "You take medians. V is made of means.",
    ),
    "base_2": (
        lambda r, f: r.log2().mean() + (1 - f).log2().mean(),
        "Your logarithm has base 2; the natural one is meant: torch.log.",
    ),
    "base_10": (
        lambda r, f: r.log10().mean() + (1 - f).log10().mean(),
        "Your logarithm has base 10; the natural one is meant: torch.log.",
    ),
    "no_log": (lambda r, f: r.mean() + (1 - f).mean(), "The logarithms are missing."),
    "takes_logits": (
        lambda r, f: F.logsigmoid(r).mean() + F.logsigmoid(-f).mean(),
        "You apply a sigmoid, but d_real and d_fake are probabilities already.",
    ),
}
