"""Sentences: a toy grammar whose rules can be checked, and models of its sentences.

A sentence is six words, "this old dog sees two birds": int64 (6,), numbers of words in `WORDS`.
"""

import copy
import itertools

import torch
import torch.nn.functional as F
from torch import nn

ONE, MANY = ("a", "this", "every"), ("two", "these", "all")
ADJECTIVES = ("small", "old", "red")
NOUNS = (("dog", "dogs"), ("cat", "cats"), ("bird", "birds"))
VERBS = (("sees", "see"), ("hears", "hear"))
WORDS = (*ONE, *MANY, *ADJECTIVES, *itertools.chain(*NOUNS), *itertools.chain(*VERBS))
NUMBER = {word: i for i, word in enumerate(WORDS)}


def sentences():
    """All sentences (1296, 6): determiner, adjective, noun, verb, determiner, noun.

    Each noun agrees with its determiner, the verb with the first noun, and nobody sees or hears its
    own kind.
    """
    found = []
    for many, others in itertools.product((0, 1), repeat=2):
        parts = ((ONE, MANY)[many], ADJECTIVES, NOUNS, VERBS, (ONE, MANY)[others], NOUNS)
        for d, a, noun, verb, d2, noun2 in itertools.product(*parts):
            if noun != noun2:
                found.append([NUMBER[w] for w in (d, a, noun[many], verb[many], d2, noun2[others])])
    return torch.tensor(found)


def codes(texts):
    """One whole number for each sentence (N, 6), so that sets of them are quick to compare."""
    return (texts * len(WORDS) ** torch.arange(6)).sum(dim=1)


VALID = codes(sentences())


def valid(texts):
    """Whether each sentence (N, 6) obeys all rules, (N,)."""
    return torch.isin(codes(texts), VALID)


def split(n, seed):
    """`n` sentences to learn from, and the rest of the grammar."""
    order = torch.randperm(len(VALID), generator=torch.Generator().manual_seed(seed))
    return sentences()[order[:n]], sentences()[order[n:]]


def text_scores(texts, train):
    """Quality and variety of sentences (N, 6), as shares.

    "valid": of all; "variety": different valid sentences, over the number that as many fair draws
    from the grammar would give; "new": valid ones that are not in `train`, of all.
    """
    right = codes(texts[valid(texts)])
    fair = len(VALID) * (1 - (1 - 1 / len(VALID)) ** len(texts))
    return {
        "valid": len(right) / len(texts),
        "variety": len(right.unique()) / fair,
        "new": int((~torch.isin(right, codes(train))).sum()) / len(texts),
    }


def words(text):
    """A sentence (6,) as a string."""
    return " ".join(WORDS[i] for i in text)


class Writer(nn.Module):
    """A GRU that writes a sentence word by word: `forward` with a gradient, `write` without, and
    `logits` reads given sentences.
    """

    def __init__(self, z_dim=8, width=64):
        super().__init__()
        self.start = nn.Linear(z_dim, width)
        self.cell, self.out = nn.GRUCell(len(WORDS), width), nn.Linear(width, len(WORDS))

    def forward(self, z, temperature=1.0):
        """Noise (B, 8) to one-hot sentences (B, 6, 19), through which a gradient passes."""
        h, word, found = self.start(z).tanh(), z.new_zeros(len(z), len(WORDS)), []
        for _ in range(6):
            h = self.cell(word, h)
            word = straight_through(self.out(h) / temperature)
            found.append(word)
        return torch.stack(found, dim=1)

    def logits(self, texts):
        """Logits (B, 6, 19) of each word of sentences (B, 6), given the words before it."""
        words = F.one_hot(texts, len(WORDS)).float()
        h, word, found = self.start.bias.tanh().expand(len(texts), -1), 0 * words[:, 0], []
        for i in range(6):
            h = self.cell(word, h)
            found.append(self.out(h))
            word = words[:, i]
        return torch.stack(found, dim=1)


def gumbel(shape):
    """Standard Gumbel noise."""
    return -(-torch.rand(shape).clamp(1e-20, 1 - 1e-7).log()).log()


def straight_through(logits, softness=1.0):
    """One-hot draws from the softmax of logits (..., K), with the gradient of a soft draw."""
    soft = ((logits + gumbel(logits.shape)) / softness).softmax(dim=-1)
    hard = F.one_hot(soft.argmax(dim=-1), logits.shape[-1]).to(soft.dtype)
    return hard + soft - soft.detach()


@torch.no_grad()
def write(model, n, temperature=1.0, noise=True):
    """`n` sentences (n, 6) of a Writer at a temperature; maximum likelihood knows no noise."""
    z = torch.randn(n, 8) if noise else torch.zeros(n, 8)
    return model(z, temperature).argmax(dim=2)


class Reader(nn.Module):
    """One-hot sentences (B, 6, 19) to logits (B, 1)."""

    def __init__(self, width=128):
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(),
            nn.Linear(6 * len(WORDS), width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, width),
            nn.LeakyReLU(0.2),
            nn.Linear(width, 1),
        )

    def forward(self, texts):
        return self.net(texts)


def likelihood(texts, seed, steps):
    """A Writer that learns each next word by maximum likelihood; its weights are averaged over the
    steps as a GAN's are.
    """
    torch.manual_seed(seed)
    model = Writer()
    averaged = copy.deepcopy(model).requires_grad_(False)
    opt = torch.optim.Adam(model.parameters(), 3e-3)
    for step in range(steps):
        part = texts[torch.randint(len(texts), (64,))]
        loss = F.cross_entropy(model.logits(part).flatten(0, 1), part.flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        new = min(0.99, (1 + step) / (10 + step))
        with torch.no_grad():
            torch._foreach_lerp_([*averaged.parameters()], [*model.parameters()], 1 - new)
    return averaged


class NGram:
    """Chances of the next word by counting, given the place and up to n - 1 words before it."""

    def __init__(self, texts, n, extra=0.01):
        self.n, self.extra, self.counts = n, extra, {}
        for text in texts.tolist():
            for i, word in enumerate(text):
                key = (i, *text[max(0, i - n + 1) : i])
                self.counts.setdefault(key, torch.zeros(len(WORDS)))[word] += 1

    def write(self, n, temperature=1.0):
        """`n` sentences (n, 6)."""
        found = torch.zeros(n, 0, dtype=torch.int64)
        for i in range(6):
            unseen = torch.zeros(len(WORDS))
            keys = [(i, *text[max(0, i - self.n + 1) :]) for text in found.tolist()]
            rows = torch.stack([self.counts.get(key, unseen) for key in keys])
            logits = (rows + self.extra).log() / temperature
            word = (logits + gumbel(logits.shape)).argmax(dim=1)
            found = torch.cat([found, word[:, None]], dim=1)
        return found
