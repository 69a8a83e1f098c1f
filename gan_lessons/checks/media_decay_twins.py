"""Wrong decay times of exercise 15, each with the sentence that names it."""

import math

import torch

BLOCK = 80


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


def by_line(how):
    """Decay times by another line through the log energies y over t, both in full."""

    def twin(clips, rate):
        log = energies(clips).log()
        return -2 / how(torch.arange(log.shape[1]).double() * BLOCK / rate, log)

    return twin


def by_blocks(make):
    """Decay times from another number for each block of samples, (N, k, 80) to (N, k)."""

    def twin(clips, rate):
        k = clips.shape[1] // BLOCK
        return -2 / slopes(make(clips[:, : k * BLOCK].double().unflatten(1, (k, BLOCK))), rate)

    return twin


def by_size(size):
    """Decay times from blocks of another size."""

    def twin(clips, rate):
        k = clips.shape[1] // size
        blocks = clips[:, : k * size].double().unflatten(1, (k, size))
        return -2 / slopes(blocks.square().sum(dim=2).log(), rate * BLOCK / size)

    return twin


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
    "decays_averaged": (
        lambda c, r: decays(c, r).mean().expand(len(c)),
        "That is the mean over the clips. Each clip has its own.",
    ),
    "sorted": (
        lambda c, r: decays(c, r).sort().values,
        "Your numbers are right, but sorted. Keep the order of the clips.",
    ),
    "through_the_first_block": (
        by_line(lambda t, y: ((y - y[:, :1]) * t).sum(1) / t.square().sum()),
        "Your line is forced through the first block. A fitted line has a height of its own.",
    ),
    "median_of_steps": (
        by_line(lambda t, y: y.diff(dim=1).median(dim=1).values / t[1]),
        "It comes from the median step between neighbouring blocks. Fit a line by least squares.",
    ),
    "intercept": (
        by_line(
            lambda t, y: y.mean(1) - (y * (t - t.mean())).sum(1) / t.var() / (len(t) - 1) * t.mean()
        ),
        "You used the height of the line where t = 0. Its slope is the other coefficient.",
    ),
    "axes_exchanged": (
        by_line(
            lambda t, y: (
                (y - y.mean(1, keepdim=True)).square().sum(1)
                / ((y - y.mean(1, keepdim=True)) * t).sum(1)
            )
        ),
        "You fit t over log E. Fit log E over t: divide by the sum of squares of t.",
    ),
    "time_from_0_to_1": (
        lambda c, r: decays(c, r) / ((c.shape[1] // BLOCK - 1) * BLOCK / r),
        "Your times go from 0 to 1. They are 80 k / rate seconds.",
    ),
    "times_stretched": (
        lambda c, r: decays(c, r) * (c.shape[1] // BLOCK) / (c.shape[1] // BLOCK - 1),
        "Your last time is the end of the clip (linspace?). Block k lies at 80 k / rate.",
    ),
    "first_half": (
        lambda c, r: -2 / slopes(energies(c).log(), r, end=c.shape[1] // BLOCK // 2),
        "Only the first half of the blocks enters. Use all whole blocks.",
    ),
    "second_half": (
        lambda c, r: -2 / slopes(energies(c).log(), r, skip=c.shape[1] // BLOCK // 2),
        "Only the second half of the blocks enters. Use all whole blocks.",
    ),
    "cut_from_the_end": (
        lambda c, r: decays(c[:, c.shape[1] % BLOCK :], r),
        "You leave samples out at the start. The first block begins with the first sample.",
    ),
    "blocks_interleaved": (
        by_blocks(lambda b: b.flatten(1).unflatten(1, (BLOCK, -1)).square().sum(1).log()),
        "Your blocks take every k-th sample: the two axes of the reshape are exchanged. A block is "
        "80 samples in a row.",
    ),
    "one_added": (
        by_blocks(lambda b: b.square().sum(2).log1p()),
        "You add 1 to the energies before the logarithm, which bends the line.",
    ),
    "not_squared_by_half": (
        by_blocks(lambda b: 2 * b.abs().sum(2).log()),
        "You added absolute values and took -1 / slope. An energy is a sum of squares; then "
        "-2 / slope.",
    ),
    "logarithm_first": (
        by_blocks(lambda b: b.square().clamp(min=1e-12).log().sum(2)),
        "You take the logarithm of each sample and then add. Add the squares first.",
    ),
    "square_of_the_sum": (
        by_blocks(lambda b: b.sum(2).square().log()),
        "You square the sum of a block. Add the squares.",
    ),
    "largest_of_a_block": (
        by_blocks(lambda b: b.abs().amax(2).square().log()),
        "You took the largest sample of each block. Add the squares of all.",
    ),
    "variance_of_a_block": (
        by_blocks(lambda b: b.var(2).log()),
        "You took the variance of each block, without its mean. Add the squares as they are.",
    ),
    "mean_taken_away": (
        lambda c, r: decays(c.double() - c.double().mean(1, keepdim=True), r),
        "You take the mean away from each clip first. Use the samples as they are.",
    ),
} | {
    f"blocks_of_{size}": (by_size(size), f"Your blocks have {size} samples; they should have 80.")
    for size in (8, 10, 20, 40, 64, 79, 81, 100, 128, 160)
}
DECAYS |= {
    f"first_{k}_blocks": (
        lambda c, r, k=k: -2 / slopes(energies(c).log(), r, end=k),
        f"Only the first {k} blocks enter. The number of blocks is that of the clip.",
    )
    for k in (5, 8, 10, 12)
}
