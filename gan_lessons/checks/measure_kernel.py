"""Checker of the kernel distance: wrong kernels, wrong means, and a value that may be negative."""

import torch

from gan_lessons import metrics
from gan_lessons.checks.core import Mistake, close, name_twin
from gan_lessons.checks.measure_calls import clouds, factor, values

WHAT = "The distance"
SIZES = ((9, 7, 4), (6, 10, 3), (8, 8, 5))


def cubic(x, y):
    return (x @ y.T / x.shape[1] + 1) ** 3


def gaussian(x, y):
    return torch.exp(-torch.cdist(x, y).square() / 2)


def gaussian_over_d(x, y):
    return torch.exp(-torch.cdist(x, y).square() / x.shape[1])


def gaussian_over_2d(x, y):
    return torch.exp(-torch.cdist(x, y).square() / (2 * x.shape[1]))


def of_distances(x, y):
    return (torch.cdist(x, y) / x.shape[1] + 1) ** 3


def unbiased(k):
    """Mean over pairs of different samples."""
    return (k.sum() - k.trace()) / (len(k) * (len(k) - 1))


def mmd(kernel=cubic, inner=unbiased, cross=torch.mean, weight=2):
    """A twin with one part exchanged."""

    def twin(r, f):
        return inner(kernel(r, r)) + inner(kernel(f, f)) - weight * cross(kernel(r, f))

    return twin


def off_diagonal(k):
    """Mean without the diagonal, also of the cross matrix, where no pair is of one sample."""
    n = min(k.shape)
    return (k.sum() - k.diagonal().sum()) / (k.numel() - n)


def one_biased(r, f):
    return unbiased(cubic(r, r)) + cubic(f, f).mean() - 2 * cubic(r, f).mean()


def other_biased(r, f):
    return cubic(r, r).mean() + unbiased(cubic(f, f)) - 2 * cubic(r, f).mean()


def by_samples(x, y):
    return (x @ y.T / len(x) + 1) ** 3


def cut(r, f):
    n = min(len(r), len(f))
    return metrics.kernel_distance(r[:n], f[:n])


def unit(x):
    return x / x.norm(dim=1, keepdim=True)


right = mmd()
KEPT = (
    "The pairs of a sample with itself are still in the mean, which makes it too large: the biased "
    "form. Take the diagonal out of k(real, real) and k(fake, fake), and divide by N (N - 1)."
)
OTHER_KERNEL = "The kernel asked for is (x·y/d + 1)³, with d the number of features."
# What stands in place of the kernel.
KERNELS = {
    "not_divided_by_d": (
        lambda x, y: (x @ y.T + 1) ** 3,
        "The product x·y is not divided by d, the number of features.",
    ),
    "divided_by_samples": (
        by_samples,
        "You divide x·y by the number of samples; d is the number of features, x.shape[1].",
    ),
    "divided_by_root_d": (
        lambda x, y: (x @ y.T / x.shape[1] ** 0.5 + 1) ** 3,
        "You divide x·y by the root of d; divide by d itself.",
    ),
    "bracket": (
        lambda x, y: ((x @ y.T + 1) / x.shape[1]) ** 3,
        "A bracket stands wrong: first x·y/d, then plus 1.",
    ),
    "no_plus_one": (
        lambda x, y: (x @ y.T / x.shape[1]) ** 3,
        "The + 1 in the kernel is missing, or stands outside of the power, where it cancels: only "
        "the third moments are compared then.",
    ),
    "power_two": (
        lambda x, y: (x @ y.T / x.shape[1] + 1) ** 2,
        "Your kernel has the power 2; the power 3 is asked for.",
    ),
    "power_one": (
        lambda x, y: x @ y.T / x.shape[1] + 1,
        "The power 3 is missing: your kernel compares nothing but the means.",
    ),
    "power_four": (
        lambda x, y: (x @ y.T / x.shape[1] + 1) ** 4,
        "Your kernel has the power 4; the power 3 is asked for.",
    ),
    "gaussian_kernel": (gaussian, "That is a Gaussian kernel. " + OTHER_KERNEL),
    "gaussian_kernel_over_d": (gaussian_over_d, "That is a Gaussian kernel. " + OTHER_KERNEL),
    "gaussian_kernel_over_2d": (
        gaussian_over_2d,
        "That is a Gaussian kernel. " + OTHER_KERNEL,
    ),
    "kernel_of_distances": (
        of_distances,
        "You put distances into the kernel. "
        + OTHER_KERNEL
        + " x·y is the inner product, x @ y.T.",
    ),
    "unit_length": (
        lambda x, y: cubic(unit(x), unit(y)),
        "You scale the features to length 1 first; use them as they are.",
    ),
}
KERNEL_TWINS = {
    "diagonal_kept": (mmd(inner=torch.mean), KEPT),
    "diagonal_kept_in_fake": (one_biased, "In the fake half: " + KEPT),
    "diagonal_kept_in_real": (other_biased, "In the real half: " + KEPT),
    "diagonal_kept_wrong_count": (
        mmd(inner=lambda k: k.sum() / (len(k) * (len(k) - 1))),
        "You divide by N (N - 1), but the N pairs of a sample with itself are still in the sum. "
        "Take off the trace.",
    ),
    "wrong_count": (
        mmd(inner=lambda k: (k.sum() - k.trace()) / len(k) ** 2),
        "The diagonal is out, but you still divide by N²: there are N (N - 1) pairs left.",
    ),
    "missing_two": (
        mmd(weight=1),
        "The 2 before the cross term is missing: one distribution against itself would not be "
        "around 0.",
    ),
    "plus_cross": (mmd(weight=-2), "The cross term has the wrong sign: it is taken away."),
    "no_cross": (mmd(weight=0), "The cross term, k(real, fake), is missing."),
    "one_term_missing": (
        lambda r, f: unbiased(cubic(r, r)) - 2 * cubic(r, f).mean(),
        "The term k(fake, fake) is missing.",
    ),
    "other_term_missing": (
        lambda r, f: unbiased(cubic(f, f)) - 2 * cubic(r, f).mean(),
        "The term k(real, real) is missing.",
    ),
    "cross_without_diagonal": (
        mmd(cross=off_diagonal),
        "You leave the diagonal out of the cross term, too. There it holds real against fake "
        "samples, never a sample against itself: it stays.",
    ),
    "cross_diagonal_wrong_count": (
        mmd(cross=lambda k: (k.sum() - k.diagonal().sum()) / k.numel()),
        "You leave the diagonal out of the cross term. There no pair is of one sample with "
        "itself: take the mean of all N · M.",
    ),
    "cross_wrong_count": (
        mmd(cross=lambda k: k.sum() / (k.shape[0] * (k.shape[0] - 1))),
        "The cross term is divided by N (N - 1). It has N · M pairs, none of a sample with itself.",
    ),
    "sums": (
        mmd(inner=lambda k: k.sum() - k.trace(), cross=torch.sum),
        "You sum over the pairs; take the mean, or the distance grows with the sample count.",
    ),
    "root": (
        lambda r, f: right(r, f).clamp(min=0).sqrt(),
        "You take the root. MMD² is asked for: the root has a bias again, and of a value below 0 "
        "there is none.",
    ),
    "absolute": (
        lambda r, f: right(r, f).abs(),
        "You take the absolute value. An unbiased estimate of 0 falls below 0 in half of all "
        "draws: that is no error, and without it the mean is no longer 0.",
    ),
    "clamped": (
        lambda r, f: right(r, f).clamp(min=0),
        "You cut values below 0. An unbiased estimate of 0 falls below 0 in half of all draws: "
        "that is no error, and without it the mean is no longer 0.",
    ),
    "averaged": (
        lambda r, f: right(r, f) / 2,
        "That is half of it: the terms are added, not averaged.",
    ),
    "pairs_counted_half": (
        mmd(inner=lambda k: unbiased(k) / 2),
        "You sum over i < j, half of all pairs, but divide by N (N - 1), the number of all pairs "
        "with i ≠ j. Divide by N (N - 1) / 2.",
    ),
    "cross_like_inner": (
        mmd(cross=unbiased),
        "The cross term is treated like the others: its diagonal is taken out, and it is divided "
        "by N (N - 1). It has N · M pairs, and none is of a sample with itself.",
    ),
    "cross_cut": (
        mmd(cross=lambda k: k[: min(k.shape), : min(k.shape)].mean()),
        "The cross term uses a part of the larger set only. It has N · M pairs.",
    ),
    "squared": (
        lambda r, f: right(r, f).square(),
        "You square the whole. MMD² is the name of the sum of the three terms; nothing more is "
        "squared.",
    ),
    "centred": (
        lambda r, f: right(r - r.mean(0), f - f.mean(0)),
        "You take the means off first, so a shift between the sets is lost. Use the features as "
        "they are.",
    ),
    "kernel_of_means": (
        lambda r, f: sum(
            w * cubic(a.mean(0, True), b.mean(0, True)).sum()
            for w, a, b in ((1, r, r), (1, f, f), (-2, r, f))
        ),
        "You put the mean features into the kernel. The kernel comes first, the mean after it.",
    ),
    "other_metric": (
        metrics.frechet_distance,
        "That is the Fréchet distance of task 1. The kernel distance is asked for.",
    ),
    "cut_to_the_smaller": (
        cut,
        "You cut the larger set to the size of the smaller one. Use all pairs: the means have "
        "their own counts.",
    ),
    "mean_kernel": (
        lambda r, f: cubic(r.mean(0, True), f.mean(0, True)).sum(),
        "You put the mean features into the kernel. The kernel comes first, the mean after it.",
    ),
    "cross_only": (
        lambda r, f: cubic(r, f).mean(),
        "That is only the mean kernel between real and fake. Three means are asked for.",
    ),
    "no_inner": (
        lambda r, f: -2 * cubic(r, f).mean(),
        "The terms k(real, real) and k(fake, fake) are missing.",
    ),
    "mean_before_power": (
        lambda r, f: sum(
            w * m**3
            for w, m in (
                (1, unbiased(r @ r.T / r.shape[1] + 1)),
                (1, unbiased(f @ f.T / r.shape[1] + 1)),
                (-2, (r @ f.T / r.shape[1] + 1).mean()),
            )
        ),
        "You take the mean first and the power 3 after it. Each pair has its own power.",
    ),
    "rows_only": (
        mmd(inner=lambda k: (k.sum() - k.trace()) / (len(k) - 1)),
        "You divide by N - 1; there are N (N - 1) pairs of different samples.",
    ),
    "triangle_with_diagonal": (
        mmd(inner=lambda k: 2 * torch.triu(k).sum() / (len(k) * (len(k) - 1))),
        "Your triangle holds the diagonal, pairs of a sample with itself: torch.triu(k, 1) leaves "
        "it out.",
    ),
}


KERNEL_TWINS |= {id: (mmd(kernel), text) for id, (kernel, text) in KERNELS.items()}
MEANS = {  # what stands in place of the three means, as arguments of mmd
    "diagonal_kept": (torch.mean,),
    "wrong_count": (lambda k: (k.sum() - k.trace()) / len(k) ** 2,),
    "missing_two": (unbiased, torch.mean, 1),
    "sums": (lambda k: k.sum() - k.trace(), torch.sum),
}


def two_mistakes():
    """Twins with a wrong kernel and wrong means, or wrong means and a root over all."""
    twins = {}
    for id, arguments in MEANS.items():
        text = KERNEL_TWINS[id][1] + " And a second mistake: "
        plain = mmd(cubic, *arguments)
        root = lambda r, f, plain=plain: plain(r, f).clamp(min=0).sqrt()  # noqa: E731
        twins[id, "root"] = root, text + KERNEL_TWINS["root"][1]
        for other, (kernel, why) in KERNELS.items():
            twins[id, other] = mmd(kernel, *arguments), text + why
    return twins


def batches_below_zero():
    """Pairs from one distribution whose unbiased distance is below 0."""
    found = []
    for seed in range(40):
        r, _ = clouds(16, 3, 4, seed)
        pair = r[:9], r[9:]
        if metrics.kernel_distance(*pair) < -0.05:
            found.append(pair)
    return found[:1]


def check_all_samples(answer):
    """Larger sets count as a whole, too."""
    real, fake = clouds(130, 110, 4, 5)
    (found,) = values(answer, [(real, fake)], WHAT)
    wanted = metrics.kernel_distance(real, fake)
    if not close(found, wanted, rtol=5e-3, atol=5e-3):
        raise Mistake(
            "part_of_the_samples",
            f"On small sets it is right, but on 130 and 110 samples yours is {found:.3f}, it "
            f"should be {wanted:.3f}. Do you take the first samples only? Use all of them.",
        )


def examine_kernel_distance(answer):
    """Shape, finite, closed form, below zero."""
    batches = [clouds(*size, seed) for seed, size in enumerate(SIZES)] + batches_below_zero()
    outputs = values(answer, batches, WHAT)
    inputs = [(r.double(), f.double()) for r, f in batches]
    expected = [metrics.kernel_distance(*pair) for pair in inputs]
    if all(close(a, b, atol=2e-3) for a, b in zip(outputs, expected, strict=True)):
        return check_all_samples(answer)
    said = f"On the first clouds yours is {outputs[0]:.3f}, it should be {expected[0]:.3f}. "
    if close(outputs[0], expected[0], atol=2e-3):
        said = (
            f"On two sets from one distribution yours is {outputs[-1]:.3f}, it should be "
            f"{expected[-1]:.3f}. "
        )
    made = {
        id: ([twin(*p) for p in inputs], said + text) for id, (twin, text) in KERNEL_TWINS.items()
    }
    name_twin(outputs, made)
    factor(outputs, expected, said)
    for (id, _), (twin, text) in two_mistakes().items():
        name_twin(outputs, {id: ([twin(*p) for p in inputs], said + text)})
    raise Mistake(
        "other_formula",
        f"{said}Asked for is mean k(real, real') + mean k(fake, fake') - 2 mean k(real, fake) with "
        "k(x, y) = (x·y/d + 1)³, where the first two means leave out the pairs of a sample with "
        "itself.",
    )
