"""Checker of exercise 15: decay times from the slope of the log energies."""

import numpy as np
import torch

from gan_lessons.checks.core import Mistake, attempted, close
from gan_lessons.checks.deepfakes_calls import call, name
from gan_lessons.checks.media_decay_twins import BLOCK, DECAYS, decays


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


def worst(outputs, expected):
    """The case and the entry that are furthest off, for messages whose numbers differ."""
    off = [(a - b).abs() for a, b in zip(outputs, expected, strict=True)]
    i = max(range(len(off)), key=lambda k: float(off[k].max()))
    return i, int(off[i].argmax())


def random_mistake(once, twice):
    """Raise a Mistake if two calls with the same input differ."""
    if not close(once, twice):
        raise Mistake(
            "random",
            f"Two calls with the same input differ: {float(once.flatten()[0]):.4g}, then "
            f"{float(twice.flatten()[0]):.4g}. Nothing here is drawn at random.",
        )


def factor_mistake(outputs, expected, said):
    """Raise a Mistake if all outputs are off by one factor."""
    ratio = torch.cat([(a / b).flatten() for a, b in zip(outputs, expected, strict=True)])
    if close(ratio, ratio.mean().expand_as(ratio), atol=0):
        raise Mistake(
            "factor", f"{said}All of yours are {ratio.mean():.4g} times what they should be."
        )


def decay_cases():
    """Noisy exponentials, with a rest that fills no block and without; other rates; one clip."""
    draw, cases = torch.Generator().manual_seed(3), []
    for n, length, rate in ((6, 1000, 8000), (4, 690, 11025), (1, 2000, 16000)):
        decay = 0.02 + 0.04 * torch.rand(n, 1, generator=draw)
        t = torch.arange(length) / rate
        level = 0.2 + torch.rand(n, 1, generator=draw)
        noise = 1 + 0.5 * torch.randn(n, length, generator=draw)
        cases.append((level * noise * (-t / decay).exp() * (1400 * t).sin(), rate))
    return cases


def examine_decay_times(answer):
    """The slope of a line through the log energies."""
    cases, names = decay_cases(), ("clips", "rate")
    outputs = [vector(cut(answer, c, names), len(c[0]), "decay_times(...)") for c in cases]
    expected = [decays(*case) for case in cases]
    told = [1000 * x for x in outputs], [1000 * x for x in expected]  # compared in milliseconds
    if all(close(a, b, atol=0.02) for a, b in zip(*told, strict=True)):
        return
    i, j = worst(*told)
    again = vector(call(answer, cases[i], names), len(cases[i][0]), "decay_times(...)")
    random_mistake(outputs[i], again)
    said = (
        f"For clips of shape {tuple(cases[i][0].shape)} at {cases[i][1]} Hz the decay time of clip "
        f"{j} is {outputs[i][j]:.4g} s in yours; it should be {expected[i][j]:.4g} s. "
    )
    twins = {id: (thousandfold(twin), text) for id, (twin, text) in DECAYS.items()}
    name(told[0], cases, twins, said)
    if len(torch.cat(told[0]).unique()) == 1:
        raise Mistake("constant", f"{said}It is the same for all clips: do they enter?")
    name_ratio(outputs, expected, [rate for _, rate in cases], said)
    raise Mistake(
        "other_formula",
        f"{said}Sum of squares of whole blocks of 80 samples, natural logarithm, least-squares "
        "line over seconds, then -2 / slope.",
    )


def cut(answer, case, names):
    """The answer's output; names a reshape that does not fit the length."""
    try:
        return call(answer, case, names)
    except RuntimeError as error:
        if "is invalid for input of size" not in str(error):
            raise
        length = case[0].shape[1]
        raise Mistake(
            "reshape",
            f"For clips of {length} samples your reshape does not fit: {error}. They hold "
            f"{length // BLOCK} whole blocks of 80; {length % BLOCK} samples are left over, and "
            "are not used.",
        ) from None


def thousandfold(twin):
    return lambda *case: 1000 * twin(*case)


def name_ratio(outputs, expected, rates, said):
    """Name a factor that all clips share, or that follows the rate."""
    ratios = [a / b for a, b in zip(outputs, expected, strict=True)]
    own = [float(x.mean() / rate) for x, rate in zip(ratios, rates, strict=True)]
    if any(not close(x, x.mean().expand_as(x), atol=0) for x in ratios):
        return
    if close(torch.tensor(own), torch.tensor(own[:1] * len(own)), atol=0) and own[0] > 0:
        always = (
            f"it is always {1 / own[0]:.0f}" if own[0] < 0.01 else f"it counts as {1 / own[0]:.3g}"
        )
        raise Mistake("rate_ignored", f"{said}The rate does not enter: {always}.")
    factor_mistake(outputs, expected, said)
