"""Checker of exercise 12: words drawn at a temperature."""

import numpy as np
import torch

from gan_lessons.checks.core import Mistake, attempted
from gan_lessons.checks.deepfakes_calls import call

ROWS, NEAR = 40_000, 0.02  # of 20,000 draws, a share is off by 0.0035 (standard deviation)
LOGITS = torch.tensor([[2.0, 0.5, -0.5, 1.0, -2.0], [-1.0, 1.5, 0.0, -0.5, 0.8]])


def shares(words, k):
    """How often each word was drawn."""
    return torch.bincount(words.long(), minlength=k).double() / len(words)


def with_noise(logits, noise, after=1.0):
    """Shares of the argmax of logits plus some noise, by many draws of another generator."""
    draw = torch.Generator().manual_seed(0)
    u = torch.rand(400_000, logits.shape[-1], generator=draw).clamp(1e-9, 1 - 1e-7)
    return shares(((logits + noise(u)) / after).argmax(dim=1), logits.shape[-1])


def normal(u):
    return 2**0.5 * torch.erfinv(2 * u - 1)


WRONG_NOISE = {
    "normal_noise": (
        normal,
        "Your noise looks normal (torch.randn). Only Gumbel noise, -log(-log(u)), gives the "
        "softmax.",
    ),
    "uniform_noise": (
        lambda u: u,
        "Your noise looks uniform (torch.rand). Gumbel noise is -log(-log(u)).",
    ),
    "one_logarithm": (
        lambda u: -u.log(),
        "Your noise looks like -log(u). Gumbel noise is -log(-log(u)): two logarithms.",
    ),
    "sign_of_the_noise": (
        lambda u: (-u.log()).log(),
        "Your noise has the wrong sign: Gumbel noise is -log(-log(u)), with two minus signs.",
    ),
}
TEMPERED = {
    "temperature_ignored": (
        lambda x, t: x.softmax(0),
        "The temperature has no effect: divide the logits by it, before noise is added to them.",
    ),
    "multiplied": (
        lambda x, t: (x * t).softmax(0),
        "You multiply the logits by the temperature; divide.",
    ),
    "uniform": (
        lambda x, t: torch.full_like(x, 1 / len(x)),
        "All words are drawn alike: the logits do not enter.",
    ),
    "argmax": (
        lambda x, t: (x == x.max()).double(),
        "It is always the most likely word. That is temperature 0; above it, draw.",
    ),
    "logits_as_weights": (
        lambda x, t: (x.clamp(min=0) / t) / x.clamp(min=0).sum() * t,
        "You use the logits themselves as weights. The softmax makes chances of them.",
    ),
    "exponential_missing": (
        lambda x, t: (x - x.min()) / (x - x.min()).sum(),
        "You shift the logits and use them as weights. The softmax makes chances of them.",
    ),
    "two_softmaxes": (
        lambda x, t: (x.softmax(0) / t).softmax(0),
        "You take the softmax twice: chances go in where logits belong.",
    ),
    "sigmoid": (
        lambda x, t: (x / t).sigmoid() / (x / t).sigmoid().sum(),
        "Your weights are sigmoids; the softmax is exp(logits / temperature) over its sum.",
    ),
    "log_softmax_squared": (
        lambda x, t: (x / t**2).softmax(0),
        "You divide by the temperature twice.",
    ),
    "root_of_temperature": (
        lambda x, t: (x / t**0.5).softmax(0),
        "You divide by the root of the temperature.",
    ),
}


def both_rows():
    """The two kinds of rows, in turn."""
    return LOGITS.repeat(ROWS // 2, 1)


def read_words(output, n, k):
    """A learner's draws as int64 (n,)."""
    output = attempted(output, "draw_words(...)")
    if isinstance(output, (list, tuple, np.ndarray)):
        output = torch.as_tensor(np.asarray(output))
    if not isinstance(output, torch.Tensor):
        kind = type(output).__name__
        raise Mistake("wrong_type", f"Return a tensor of word numbers; yours is a {kind}.")
    if output.shape == (n, k):
        raise Mistake(
            "one_hot", f"Return the number of each word, shape ({n},); yours has shape ({n}, {k})."
        )
    if output.shape != (n,):
        said = " (torch.multinomial gives (N, 1): take column 0)" if output.shape == (n, 1) else ""
        raise Mistake(
            "shape", f"Return one word for each row, ({n},); yours has {tuple(output.shape)}{said}."
        )
    if output.is_floating_point() or output.dtype == torch.bool:
        raise Mistake("not_whole", f"Word numbers are int64; yours are {output.dtype}.")
    if output.min() < 0 or output.max() >= k:
        raise Mistake(
            "out_of_range",
            f"Words are 0 to {k - 1}; yours go from {int(output.min())} to {int(output.max())}.",
        )
    return output.long()


def examine_draw_words(answer):
    """Shares of many draws at three temperatures; independent rows; greedy at 0."""
    torch.manual_seed(0)
    np.random.seed(0)
    names, k, found = ("logits", "temperature"), LOGITS.shape[1], {}
    for t in (1.0, 0.6, 2.5):
        words = read_words(call(answer, (both_rows(), t), names), ROWS, k)
        found[t] = [shares(words[i::2], k) for i in (0, 1)]
        if t == 1.0 and min(x.max() for x in found[t]) > 0.999:
            one_word(answer, names)
    expected = {t: [(x / t).double().softmax(0) for x in LOGITS] for t in found}
    name_shares(found, expected)
    again = (read_words(call(answer, (both_rows(), 1.0), names), ROWS, k) for _ in range(2))
    if torch.equal(*again):
        raise Mistake("fixed_seed", "Two calls draw the same words: set no seed inside.")
    cold = read_words(call(answer, (LOGITS.clone(), 0), names), 2, k)
    if cold.tolist() != LOGITS.argmax(dim=1).tolist():
        raise Mistake(
            "zero",
            f"At temperature 0 the most likely words are {LOGITS.argmax(dim=1).tolist()}; yours "
            f"are {cold.tolist()}.",
        )


def one_word(answer, names):
    """Equal rows always get equal words: is that the argmax, or one draw for all of them?"""
    calls = [call(answer, (LOGITS.repeat(3, 1), 1.0), names) for _ in range(20)]
    if len({tuple(read_words(x, 6, LOGITS.shape[1]).tolist()) for x in calls}) > 1:
        raise Mistake(
            "same_in_all_rows",
            "Rows with the same logits all get the same word: the noise is drawn once. Draw for "
            "each row.",
        )


def distance(a, b):
    return max(float((x - y).abs().max()) for x, y in zip(a, b, strict=True))


def name_shares(found, expected):
    """Raise the Mistake that explains the shares."""
    off = {t: distance(found[t], expected[t]) for t in found}
    if max(off.values()) < NEAR:
        return
    t = max(off, key=off.get)
    said = (
        f"At temperature {t:g}, logits {[round(x, 1) for x in LOGITS[0].tolist()]} gave the words "
        f"with shares {', '.join(f'{x:.2f}' for x in found[t][0])}; they should be "
        f"{', '.join(f'{x:.2f}' for x in expected[t][0])}. "
    )
    for id, (twin, text) in TEMPERED.items():
        if all(distance(found[u], [twin(x, u) for x in LOGITS.double()]) < NEAR for u in found):
            raise Mistake(id, said + text)
    off_noise = {
        id: max(distance(found[u], [with_noise(x / u, noise) for x in LOGITS]) for u in found)
        for id, (noise, _) in WRONG_NOISE.items()
    }
    id = min(off_noise, key=off_noise.get)
    if off_noise[id] < NEAR:
        raise Mistake(id, said + WRONG_NOISE[id][1])
    if distance(found[1.0][:1], found[1.0][1:]) < NEAR:
        raise Mistake(
            "rows_mixed", said + "All rows have the same shares: each has its own logits."
        )
    if off[1.0] < NEAR:
        raise Mistake("temperature_wrong", said + "At 1 it is right: divide the logits by it.")
    raise Mistake("other_shares", said + "They are the softmax of logits / temperature.")
