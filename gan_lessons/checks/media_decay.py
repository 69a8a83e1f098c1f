"""Checker of exercise 12: decay times from the slope of the log energies."""

import math

import numpy as np
import torch

from gan_lessons.checks.core import Mistake, attempted, close
from gan_lessons.checks.deepfakes_calls import call, first_difference, name

BLOCK = 80


def vector(output, n, what):
    """A learner's (n,) as float64; names another type, another shape, and nan."""
    output = attempted(output, what)
    if isinstance(output, (np.ndarray, list, tuple)):
        try:
            output = torch.as_tensor(np.asarray([float(x) for x in output]))
        except (TypeError, ValueError):
            raise Mistake("wrong_type", f"{what} must be {n} numbers in one tensor.") from None
    if not isinstance(output, torch.Tensor):
        kind = type(output).__name__
        raise Mistake("wrong_type", f"{what} must be a tensor, but yours is a {kind}.")
    if output.is_complex():
        raise Mistake("wrong_type", f"{what} is complex; real numbers are asked for.")
    if output.shape != (n,):
        raise Mistake(
            "shape",
            f"{what} must have shape ({n},), one number for each clip; yours has "
            f"{tuple(output.shape)}.",
        )
    if not output.isfinite().all():
        raise Mistake(
            "not_finite",
            f"{what} holds nan or infinity: the logarithm of a negative number or of 0, or a "
            "division by 0?",
        )
    return output.detach().double().cpu()


def energies(clips, square=torch.square):
    k = clips.shape[1] // BLOCK
    return square(clips[:, : k * BLOCK].double().unflatten(1, (k, BLOCK))).sum(dim=2)


def slopes(log, rate, skip=0, end=None):
    t = torch.arange(log.shape[1]).double()[skip:end] * BLOCK / rate
    t, log = t - t.mean(), log[:, skip:end]
    return (log * t).sum(dim=1) / t.square().sum()


def decays(clips, rate):
    return -2 / slopes(energies(clips).log(), rate)


def by_ends(clips, rate):
    log = energies(clips).log()
    return -2 * (log.shape[1] - 1) * BLOCK / rate / (log[:, -1] - log[:, 0])


def with_rest(clips, rate):
    """The samples that are left over count as one more block."""
    log = [part.double().square().sum(dim=1).log() for part in clips.split(BLOCK, dim=1)]
    return -2 / slopes(torch.stack(log, dim=1), rate)


def through_the_origin(clips, rate):
    log = energies(clips).log()
    t = torch.arange(log.shape[1]).double() * BLOCK / rate
    return -2 / ((log * t).sum(dim=1) / t.square().sum())


DECAYS = {
    "amplitude": (
        lambda c, r: -1 / slopes(energies(c).log(), r),
        "It is half of that: energy is squared, so it falls as exp(-2 t / decay), and the decay "
        "time is -2 / slope.",
    ),
    "sign": (
        lambda c, r: 2 / slopes(energies(c).log(), r),
        "The sign is turned: the line falls, its slope is negative, a time is positive.",
    ),
    "log10": (
        lambda c, r: -2 / slopes(energies(c).log10(), r),
        "You took log10; the formula needs the natural logarithm.",
    ),
    "in_samples": (
        lambda c, r: decays(c, r) * r,
        "That is in samples; divide by the rate to get seconds.",
    ),
    "in_blocks": (
        lambda c, r: decays(c, r) * r / BLOCK,
        "That is in blocks: the time between two blocks is 80 / rate seconds.",
    ),
    "one_sample_a_block": (
        lambda c, r: decays(c, r) / BLOCK,
        "Your blocks follow each other after 1 / rate seconds; a block lasts 80 / rate.",
    ),
    "rate_ignored": (
        lambda c, r: decays(c, 8000),
        "The rate does not enter: it is always 8000.",
    ),
    "milliseconds": (
        lambda c, r: 1000 * decays(c, r),
        "That is in milliseconds; seconds are asked for.",
    ),
    "half_life": (
        lambda c, r: math.log(2) * decays(c, r),
        "That is the half-life. The decay time, after which 1/e is left, is longer by 1 / ln 2.",
    ),
    "ends_only": (
        by_ends,
        "It comes from the first and the last block alone. Fit a line through all, by least "
        "squares.",
    ),
    "not_squared": (
        lambda c, r: -2 / slopes(energies(c, torch.abs).log(), r),
        "You added absolute values. An energy is a sum of squares.",
    ),
    "no_logarithm": (
        lambda c, r: -2 / slopes(energies(c), r),
        "The line goes through the energies themselves. Take their logarithm first.",
    ),
    "slope": (
        lambda c, r: slopes(energies(c).log(), r),
        "That is the slope. The decay time is -2 / slope.",
    ),
    "inverse": (
        lambda c, r: -slopes(energies(c).log(), r) / 2,
        "That is a rate, 1 / decay time. Turn it over.",
    ),
    "first_block_left_out": (
        lambda c, r: -2 / slopes(energies(c).log(), r, skip=1),
        "The first block is missing from your line.",
    ),
    "last_block_left_out": (
        lambda c, r: -2 / slopes(energies(c).log(), r, end=-1),
        "The last whole block is missing from your line.",
    ),
    "rest_counted": (
        with_rest,
        "The samples left over at the end count as a block. It is shorter and has less energy; "
        "leave it out.",
    ),
    "through_the_origin": (
        through_the_origin,
        "Your line goes through the origin. Take the means of t and of log E away first.",
    ),
    "clips_averaged": (
        lambda c, r: -2 / slopes(energies(c).sum(0, keepdim=True).log(), r).expand(len(c)),
        "All clips have one energy curve in common. Each clip has its own.",
    ),
}


def decay_cases():
    """Noisy exponentials with a rest that fills no block; another rate."""
    draw, cases = torch.Generator().manual_seed(3), []
    for n, length, rate in ((6, 1000, 8000), (4, 690, 11025)):
        decay = 0.02 + 0.04 * torch.rand(n, 1, generator=draw)
        t = torch.arange(length) / rate
        level = 0.2 + torch.rand(n, 1, generator=draw)
        noise = 1 + 0.5 * torch.randn(n, length, generator=draw)
        cases.append((level * noise * (-t / decay).exp() * (1400 * t).sin(), rate))
    return cases


def examine_decay_times(answer):
    """The slope of a line through the log energies."""
    cases, names = decay_cases(), ("clips", "rate")
    outputs = [vector(call(answer, c, names), len(c[0]), "decay_times(...)") for c in cases]
    expected = [decays(*case) for case in cases]
    if all(close(a, b, atol=2e-5) for a, b in zip(outputs, expected, strict=True)):
        return
    i = first_difference(outputs, expected)
    said = (
        f"For {len(cases[i][0])} clips at {cases[i][1]} Hz your first decay time is "
        f"{outputs[i][0]:.4g} s; it should be {expected[i][0]:.4g} s. "
    )
    name(outputs, cases, DECAYS, said)
    raise Mistake(
        "other_formula",
        f"{said}Sum of squares of whole blocks of 80 samples, natural logarithm, least-squares "
        "line over seconds, then -2 / slope.",
    )
