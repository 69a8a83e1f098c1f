"""Checker of exercise 15: words drawn at a temperature."""

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
    "softmax_of_softmax": (
        lambda x, t: (x / t).softmax(0).softmax(0),
        "You take the softmax twice. Draw from the first one.",
    ),
    "sign_of_the_logits": (
        lambda x, t: (-x / t).softmax(0),
        "The unlikely words come most often: the logits have the wrong sign.",
    ),
    "absolute_logits": (
        lambda x, t: x.abs() / x.abs().sum(),
        "You use the logits' absolute values as weights. The softmax makes chances of them.",
    ),
    "powers_of_2": (
        lambda x, t: (x / t * np.log(2)).softmax(0),
        "Your weights are powers of 2. The softmax has powers of e: torch.exp.",
    ),
    "sorted_words": (
        lambda x, t: (x / t).softmax(0).sort(descending=True).values,
        "You return places in a sorted list. Return the numbers of the words.",
    ),
}
HEATS = torch.logspace(-1.5, 1.5, 601).tolist()


def rows_at(t):
    """The two kinds of rows; as sharp as at 1 where it is very cold or hot."""
    return LOGITS * t if t in (0.1, 5.0) else LOGITS


def read_words(output, n, k):
    """A learner's draws as int64 (n,)."""
    output = attempted(output, "draw_words(...)")
    if isinstance(output, (list, tuple, np.ndarray)):
        output = np.asarray(output)
        output = torch.as_tensor(output.astype(np.int64) if output.dtype.kind in "iu" else output)
    if not isinstance(output, torch.Tensor):
        kind = type(output).__name__
        raise Mistake("wrong_type", f"Return a tensor of word numbers; yours is a {kind}.")
    if output.shape == (n, k):
        raise Mistake(
            "one_hot", f"Return the number of each word, shape ({n},); yours has shape ({n}, {k})."
        )
    if output.shape != (n,):
        said = " (torch.multinomial gives (N, 1): take column 0)" if output.shape == (n, 1) else ""
        if n == 1 and output.shape == ():
            said = " (does squeeze() drop the only row, too? use [:, 0])"
        raise Mistake(
            "shape", f"Return one word for each row, ({n},); yours has {tuple(output.shape)}{said}."
        )
    if output.dtype != torch.int64:
        raise Mistake("not_whole", f"Word numbers are int64; yours are {output.dtype}.")
    if output.min() < 0 or output.max() >= k:
        raise Mistake(
            "out_of_range",
            f"Words are 0 to {k - 1}; yours go from {int(output.min())} to {int(output.max())}.",
        )
    return output.long()


def examine_draw_words(answer):
    """Shares of many draws at five temperatures; independent rows; greedy at 0; other sizes."""
    torch.manual_seed(0)
    np.random.seed(0)
    names, k, found = ("logits", "temperature"), LOGITS.shape[1], {}
    for t in (1.0, 0.6, 2.5, 0.1, 5.0):
        words = read_words(drawn(answer, rows_at(t).repeat(ROWS // 2, 1), t), ROWS, k)
        found[t] = [shares(words[i::2], k) for i in (0, 1)]
        if t == 1.0 and min(x.max() for x in found[t]) > 0.999:
            one_word(answer, names)
    name_shares(found, {t: [(x / t).double().softmax(0) for x in rows_at(t)] for t in found})
    again = (read_words(drawn(answer, LOGITS.repeat(ROWS // 2, 1), 1.0), ROWS, k) for _ in range(2))
    if torch.equal(*again):
        raise Mistake("fixed_seed", "Two calls draw the same words: set no seed inside.")
    more = LOGITS.repeat(20, 2)  # ten words
    more[:, -1] = 4
    for logits in (LOGITS.repeat(20, 1), more, more[:1]):
        right = logits.argmax(dim=1)
        cold = read_words(drawn(answer, logits, 0), *logits.shape)
        if not torch.equal(cold, right):
            i = int((cold != right).nonzero()[0])
            raise Mistake(
                "zero",
                f"At temperature 0 the most likely of {logits.shape[1]} words is {int(right[i])} "
                f"in row {i}; yours is {int(cold[i])}.",
            )
    warm = read_words(drawn(answer, more.repeat(50, 1), 1.0), 2000, 10)
    if warm.max() < 9:
        raise Mistake(
            "words_missing", f"Of 10 words yours never draws those above {int(warm.max())}."
        )
    read_words(drawn(answer, more[:1], 1.0), 1, 10)


def drawn(answer, logits, t):
    """The answer's output; says at which temperature torch.multinomial refused its weights."""
    try:
        return call(answer, (logits, t), ("logits", "temperature"))
    except RuntimeError as error:
        if "probability tensor" not in str(error):
            raise
        text = "Divided by 0? Treat it first." if t == 0 else "Draw from the softmax, not logits."
        raise Mistake(
            "zero_stops" if t == 0 else "no_chances",
            f"At temperature {t:g} torch.multinomial is given numbers that are no chances (below "
            f"0, inf or nan). {text}",
        ) from None
    except Mistake as mistake:
        if mistake.id != "division_by_zero":
            raise
        text = f"At temperature {t:g} your code divides by 0. Treat 0 first."
        raise Mistake("zero_stops", text) from None


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
    row = max((0, 1), key=lambda i: distance(found[t][i : i + 1], expected[t][i : i + 1]))
    said = (
        f"At temperature {t:g}, logits {[round(x, 2) for x in rows_at(t)[row].tolist()]} gave the "
        f"words with shares {', '.join(f'{x:.2f}' for x in found[t][row])}; they should be "
        f"{', '.join(f'{x:.2f}' for x in expected[t][row])}. "
    )
    for id, (twin, text) in TEMPERED.items():
        if all(distance(found[u], [twin(x, u) for x in rows_at(u).double()]) < NEAR for u in found):
            raise Mistake(id, said + text)
    name_rows(found, said)
    off_noise = {
        id: max(distance(found[u], [with_noise(x / u, noise) for x in rows_at(u)]) for u in found)
        for id, (noise, _) in WRONG_NOISE.items()
    }
    id = min(off_noise, key=off_noise.get)
    if off_noise[id] < NEAR:
        raise Mistake(id, said + WRONG_NOISE[id][1])
    name_heat(found, off, t, said)
    for j, (mine, right) in enumerate(zip(found[t][row], expected[t][row], strict=True)):
        if mine == 0 and right > 0.005:
            raise Mistake("words_missing", f"{said}Word {j} is never drawn.")
    if off[1.0] < NEAR:
        raise Mistake("temperature_wrong", said + "At 1 it is right: divide the logits by it.")
    raise Mistake("other_shares", said + "They are the softmax of logits / temperature.")


def name_rows(found, said):
    """Name a softmax over the rows, and rows that share their chances."""
    columns = {t: (rows_at(t) / t).double().softmax(0) for t in found}
    if all(distance(found[t], list(x / x.sum(1, keepdim=True))) < NEAR for t, x in columns.items()):
        raise Mistake("axis", f"{said}Your softmax goes along the columns (dim=0); take dim=1.")
    if distance(found[1.0][:1], found[1.0][1:]) < NEAR:
        raise Mistake(
            "rows_mixed", said + "All rows have the same shares: each has its own logits."
        )


def name_heat(found, off, t, said):
    """Name the temperature whose shares these are, if it is another one."""
    fits = {h: distance(found[t], [(x / h).double().softmax(0) for x in rows_at(t)]) for h in HEATS}
    heat = min(fits, key=fits.get)
    if min(x.max() for x in found[t]) > 0.999:
        raise Mistake(
            "argmax_above_0", f"{said}It takes the most likely word; only at 0 it should."
        )
    if fits[heat] < NEAR:
        fine = [f"{u:g}" for u in found if off[u] < NEAR]
        also = f" At {', '.join(fine)} yours is right." if fine else ""
        raise Mistake("other_temperature", f"{said}Yours are those of about {heat:.2g}.{also}")
