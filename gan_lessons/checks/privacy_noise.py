"""Checkers of exercise 14: clip and noise for gradients, and a histogram with Laplace noise."""

import torch

from gan_lessons.checks.core import Mistake
from gan_lessons.checks.deepfakes_calls import call, first_difference, name, same, vector

NAMES = ("grads", "clip", "sigma", "batch")


def clipped(grads, clip):
    norm = grads.double().norm(dim=1, keepdim=True)
    return grads.double() * (clip / norm.clamp(min=1e-12)).clamp(max=1)


def no_noise(grads, clip, sigma, batch):
    return clipped(grads, clip).sum(0) / batch


CLIP = {
    "no_clipping": (
        lambda g, c, s, b: g.double().sum(0) / b,
        "Nothing is clipped. Then one row can move the sum as far as it likes, and no noise hides "
        "it.",
    ),
    "each_number": (
        lambda g, c, s, b: g.double().clamp(-c, c).sum(0) / b,
        "You clip each number (clamp). Clip the length of each row's whole gradient.",
    ),
    "sum_clipped": (
        lambda g, c, s, b: clipped(g.double().sum(0, keepdim=True), c)[0] / b,
        "You clip the sum. Clip each row's gradient *before* the sum: the bound is for one row.",
    ),
    "mean_clipped": (
        lambda g, c, s, b: clipped(g.double().mean(0, keepdim=True), c)[0],
        "You clip the mean. Clip each row's gradient before the sum: the bound is for one row.",
    ),
    "all_stretched": (
        lambda g, c, s, b: (c * g.double() / g.double().norm(dim=1, keepdim=True)).sum(0) / b,
        "Short gradients are stretched to the length `clip`. Leave those as they are.",
    ),
    "common_factor": (
        lambda g, c, s, b: g.double().sum(0) * min(1.0, c / g.double().norm(dim=1).max()) / b,
        "One factor for all rows: the longest decides. Each row has its own.",
    ),
    "norm_of_everything": (
        lambda g, c, s, b: g.double().sum(0) * min(1.0, c / g.double().norm()) / b,
        "You take the norm of the whole table. Each row has its own: norm(dim=1, keepdim=True).",
    ),
    "columns": (
        lambda g, c, s, b: clipped(g.T, c).T.sum(0) / b,
        "You clip the columns; rows are people, so clip along dim 1.",
    ),
    "squared_norm": (
        lambda g, c, s, b: (
            (g.double() * (c / g.double().square().sum(1, keepdim=True)).clamp(max=1)).sum(0) / b
        ),
        "You divide by the squared length; the square root is missing.",
    ),
    "absolute_norm": (
        lambda g, c, s, b: (
            (g.double() * (c / g.double().abs().sum(1, keepdim=True)).clamp(max=1)).sum(0) / b
        ),
        "You take the sum of absolute values as the length; take the Euclidean one.",
    ),
    "long_ones_dropped": (
        lambda g, c, s, b: (g.double() * (g.norm(dim=1, keepdim=True) <= c)).sum(0) / b,
        "Gradients that are too long are dropped. Shorten them to the length `clip`.",
    ),
    "divided_by_rows": (
        lambda g, c, s, b: clipped(g, c).mean(0),
        "You divide by the number of rows that came. That number is a secret, too: divide by "
        "`batch`, which is fixed.",
    ),
    "not_divided": (lambda g, c, s, b: clipped(g, c).sum(0), "The division by `batch` is missing."),
    "divided_by_clip": (
        lambda g, c, s, b: clipped(g, c).sum(0) / b / c,
        "You divide by `clip` as well.",
    ),
}
SCALES = {
    "noise_without_clip": (lambda c, s, b, n: s / b, "`clip` does not enter the noise."),
    "noise_not_divided": (
        lambda c, s, b, n: s * c,
        "Add the noise to the sum, and divide both by `batch`.",
    ),
    "noise_is_sigma": (lambda c, s, b, n: s, "That is sigma alone."),
    "noise_divided_by_rows": (
        lambda c, s, b, n: s * c / n,
        "The noise is divided by the number of rows; divide by `batch`.",
    ),
    "noise_per_row": (
        lambda c, s, b, n: s * c * n**0.5 / b,
        "That is noise for each row; one draw for the sum is asked for.",
    ),
    "sigma_squared": (lambda c, s, b, n: s * s * c / b, "sigma is a standard deviation already."),
    "variance_as_std": (
        lambda c, s, b, n: (s * c) ** 2 / b,
        "That is the variance: torch.randn wants a factor that is the standard deviation.",
    ),
    "root_of_std": (
        lambda c, s, b, n: (s * c) ** 0.5 / b,
        "sigma · clip is the standard deviation, not the variance: no square root.",
    ),
    "root_of_batch": (
        lambda c, s, b, n: s * c / b**0.5,
        "The noise is divided by the root of `batch`; divide by `batch`.",
    ),
    "clip_squared": (lambda c, s, b, n: s * c * c / b, "`clip` enters the noise twice."),
}


def examine_clip_and_noise(answer):
    """The clipped mean without noise, then size and shape of the noise."""
    draw, cases = torch.Generator().manual_seed(3), []
    for rows, width, clip, batch in ((11, 5, 0.5, 8), (4, 7, 1.5, 6), (9, 3, 2.0, 16)):
        grads = torch.randn(rows, width, generator=draw)
        grads = grads * torch.linspace(0.1, 2, rows)[:, None] * clip / width**0.5
        cases.append((grads, clip, 0.0, batch))
    outputs = [
        vector(call(answer, case, NAMES), (case[0].shape[1],), "The noisy mean") for case in cases
    ]
    expected = [no_noise(*case) for case in cases]
    if not same(outputs, expected):
        i = first_difference(outputs, expected)
        said = (
            f"With sigma 0 the first number is {outputs[i][0]:.4f}; it should be "
            f"{expected[i][0]:.4f}. "
        )
        name(outputs, cases, CLIP, said)
        if not same([vector(call(answer, cases[i], NAMES), outputs[i].shape, "It")], [outputs[i]]):
            raise Mistake("sigma_ignored", said + "There is noise at sigma 0: sigma must enter it.")
        raise Mistake(
            "other_formula",
            said + "Each row times min(1, clip / its length); the sum over rows; divided by batch.",
        )
    zero = (torch.zeros(2, 4), 1.0, 0.0, 4)
    try:
        vector(call(answer, zero, NAMES), (4,), "The noisy mean")
    except Mistake as mistake:
        if mistake.id != "not_finite":
            raise
        raise Mistake(
            "zero_gradient",
            "A row whose gradient is 0 gives nan: its length is 0. Bound it from below, by 1e-12.",
        ) from None
    noise_of(answer)


def noise_of(answer):
    """Size, mean and shape of the noise, and whether it is new in each call."""
    clip, sigma, batch, n, width = 0.5, 3.0, 8, 11, 20_000
    given = (torch.zeros(n, width) + 1e-9, clip, sigma, batch)
    a, b = (vector(call(answer, given, NAMES), (width,), "The noisy mean") for _ in range(2))
    right, std = sigma * clip / batch, a.std().item()
    if a.abs().max() < 1e-6:
        raise Mistake("no_noise", "There is no noise: with sigma 3 the result is as with sigma 0.")
    if std < 1e-3 * abs(a.mean().item()):
        raise Mistake("one_draw", "All entries get one and the same noise; draw one for each.")
    if torch.equal(a, b):
        raise Mistake(
            "same_noise",
            "Two calls give the same noise: a fixed seed inside? Who knows the seed can take the "
            "noise away.",
        )
    said = f"The noise has a standard deviation of {std:.4f}; it should be {right:.4f}. "
    if abs(std / right - 1) > 0.03:
        for id, (scale, text) in SCALES.items():
            if abs(std / scale(clip, sigma, batch, n) - 1) < 0.03:
                raise Mistake(id, said + text)
        raise Mistake("noise_scale", said + "It is sigma · clip / batch.")
    if abs(a.mean().item()) > 6 * right / width**0.5:
        raise Mistake("noise_mean", f"The noise has mean {a.mean():.4f}; it should be 0.")
    if abs(a.abs().mean().item() / std - 0.798) > 0.02:
        raise Mistake("not_normal", "The noise is not normal: torch.randn, not rand or Laplace.")


BINS, EPSILON = 400, 0.4
HISTOGRAM = {
    "scale_two": (
        2 / EPSILON,
        "The scale is 2 / ε, for a row that is *exchanged*. Here a row is added or taken away: one "
        "count changes by 1.",
    ),
    "scale_by_bins": (BINS / EPSILON, "You share ε among the bins; one row is in one bin only."),
    "scale_squared": (1 / EPSILON**2, "The scale is 1 / ε²; it is 1 / ε."),
    "variance_for_scale": (
        0.5**0.5 / EPSILON,
        "1 / ε is the scale of the Laplace distribution, not its standard deviation.",
    ),
}


def counts_of(values, bins):
    return torch.bincount(values, minlength=bins).double()


def examine_noisy_histogram(answer):
    """Counts for a huge epsilon, then the noise: its size, its shape, and where it is."""
    names = ("values", "bins", "epsilon")
    values = torch.tensor([0, 2, 2, 5, 5, 5, 1, 2])
    output = call(answer, (values, 8, 1e9), names)
    if getattr(output, "shape", None) is not None and tuple(output.shape) == (6,):
        raise Mistake(
            "empty_bins_missing",
            "Your result ends with the largest value that occurs. All `bins` are asked for: "
            "which are empty is a secret, too.",
        )
    plain, right = vector(output, (8,), "The histogram"), counts_of(values, 8)
    if not same([plain], [right]):
        mine = [round(x, 2) + 0.0 for x in plain.tolist()]  # + 0.0: no -0.0
        said = f"With a huge ε it is {mine}; it should be {right.tolist()}. "
        again = vector(call(answer, (values, 8, 1e9), names), (8,), "The histogram")
        if (plain - right).abs().max() > 1e6:
            raise Mistake(
                "scale_is_epsilon",
                "The noise grows with ε. Its scale is 1 / ε: small ε, more noise.",
            )
        if not same([plain], [again]):
            raise Mistake("scale_one", said + "There is noise left, so ε does not enter its size.")
        if same([plain], [right / 8]):
            raise Mistake("shares", said + "Those are shares; counts are asked for.")
        if same([plain], [right.cumsum(0)]):
            raise Mistake("cumulated", said + "Those are sums from the left.")
        if same([plain], [(right > 0).double()]):
            raise Mistake("yes_or_no", said + "You say whether a value occurs, not how often.")
        raise Mistake("counts_wrong", said + "Entry j counts the values that equal j.")
    draw = torch.Generator().manual_seed(4)
    values = torch.randint(0, BINS // 2, (20_000,), generator=draw)  # the upper half is empty
    case = (values, BINS, EPSILON)
    outputs = [vector(call(answer, case, names), (BINS,), "The histogram") for _ in range(40)]
    noise_in_bins(torch.stack(outputs) - counts_of(values, BINS))


def noise_in_bins(noise):
    """Name what is wrong with noise (calls, bins) on full bins, then on empty ones."""
    full, empty = noise[:, : BINS // 2], noise[:, BINS // 2 :]
    if full.abs().max() < 1e-6:
        raise Mistake("no_noise", "There is no noise at ε = 0.4.")
    if torch.equal(noise[0], noise[1]):
        raise Mistake("same_noise", "Two calls give the same noise: a fixed seed inside?")
    if full.std(dim=1).max() < 1e-3:  # counts of some thousands are rounded in float32
        raise Mistake("one_draw", "All bins get one and the same noise; draw one for each.")
    if empty.abs().max() < 1e-6:
        raise Mistake(
            "empty_bins_silent",
            "Empty bins get no noise. Then a bin that is not exactly 0 gives a person away.",
        )
    if empty.min() >= 0 > full.min():
        raise Mistake("cut_at_0", "Counts below 0 are cut. Return them as they are.")
    if full.equal(full.round()):
        raise Mistake("rounded", "The noisy counts are rounded. Return them as they are.")
    if full.min() >= 0:
        raise Mistake("one_sided", "Your noise is never negative; Laplace noise has both signs.")
    size, std = full.abs().mean().item(), full.std().item()
    said = f"The mean size of your noise is {size:.2f}; it should be {1 / EPSILON:.2f}. "
    if abs(size / std - 0.707) > 0.035:
        raise Mistake(
            "not_laplace",
            said + "Its shape is not that of Laplace noise (normal?). For this ε without a δ, "
            "it must be Laplace: torch.distributions.Laplace, numpy's laplace.",
        )
    if abs(size * EPSILON - 1) > 0.06:
        for id, (scale, text) in HISTOGRAM.items():
            if abs(size / scale - 1) < 0.06:
                raise Mistake(id, said + text)
        raise Mistake("noise_scale", said + "The scale of the Laplace distribution is 1 / ε.")
