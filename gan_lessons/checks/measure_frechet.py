"""Checker of the Fréchet distance: wrong twins first, then each of its two terms alone."""

import torch

from gan_lessons import metrics
from gan_lessons.checks.core import Mistake, NotAttempted, close, name_twin
from gan_lessons.checks.measure_calls import call, clouds, factor, number, values

WHAT = "The distance"
SIZES = ((14, 11, 4), (12, 18, 3), (16, 16, 4))


def root(c):
    """Root of a symmetric matrix without negative eigenvalues."""
    eigenvalues, vectors = torch.linalg.eigh(c)
    return vectors * eigenvalues.clamp(min=0).sqrt() @ vectors.T


def cross(c1, c2):
    """Trace of the root of the product C1 C2."""
    s = root(c1)
    return root(s @ c2 @ s).trace()


def shift(r, f):
    """Difference of the means."""
    return r.mean(0) - f.mean(0)


def parts(r, f, correction=1):
    """Squared difference of the means, and the two covariances."""
    c1, c2 = torch.cov(r.T, correction=correction), torch.cov(f.T, correction=correction)
    return shift(r, f).square().sum(), c1, c2


def covariance_term(c1, c2):
    return c1.trace() + c2.trace() - 2 * cross(c1, c2)


def built(make):
    """A twin from a function of the mean term and the covariances."""
    return lambda r, f: make(*parts(r, f))


def with_mean_term(make):
    """A twin with another mean term: `make` gets the difference of the means."""
    return lambda r, f: make(shift(r, f)) + covariance_term(*parts(r, f)[1:])


def from_matrices(matrix):
    """A twin with another matrix in place of each covariance."""
    return lambda r, f: parts(r, f)[0] + covariance_term(matrix(r), matrix(f))


def biased(r, f):
    m, c1, c2 = parts(r, f, correction=0)
    return m + covariance_term(c1, c2)


def one_biased(which):
    """Only one of the two covariances is divided by its N."""

    def twin(r, f):
        m, *right = parts(r, f)
        right[which] = parts(r, f, correction=0)[1 + which]
        return m + covariance_term(*right)

    return twin


def n_of_the_other(r, f):
    m, c1, c2 = parts(r, f)
    return m + covariance_term(c1, c2 * (len(f) - 1) / (len(r) - 1))


def cut(r, f):
    n = min(len(r), len(f))
    return metrics.frechet_distance(r[:n], f[:n])


def std_of(make):
    """A twin that knows the variances of the single features only."""
    return lambda r, f: parts(r, f)[0] + make(r.var(0), f.var(0)).sum()


BIASED = (
    "Your covariances are divided by N; the unbiased ones are divided by N - 1. torch.cov does it "
    "by itself; np.cov too, unless you say bias=True or ddof=0."
)
ROWS = (
    "torch.cov and np.cov want the variables in rows: torch.cov(x.T), or np.cov(x, rowvar=False)."
)
NO_SQUARE = "The length of the difference of the means stands there without its square."
DIAGONAL = (
    "Only the variances of the single features count in yours. C1 and C2 are whole matrices, with "
    "the covariances between features: multiply them with @, not *, and take a matrix root."
)
ELEMENTS = (
    "Your root is taken element by element. A matrix root is the matrix S with S @ S = C1 C2; "
    "torch.linalg.eigh or scipy.linalg.sqrtm lead to it."
)
FRECHET_TWINS = {
    "biased_covariance": (biased, BIASED),
    "one_covariance_biased": (one_biased(0), "One of the two: " + BIASED),
    "other_covariance_biased": (one_biased(1), "One of the two: " + BIASED),
    "no_mean_term": (
        built(lambda m, c1, c2: covariance_term(c1, c2)),
        "The means are missing: two clouds of one shape, far apart, would have distance 0.",
    ),
    "no_covariance_term": (
        built(lambda m, c1, c2: m),
        "The covariances are missing: a cloud shrunk to its mean would have distance 0.",
    ),
    "mean_not_squared": (with_mean_term(lambda s: s.norm()), NO_SQUARE),
    "absolute_means": (
        with_mean_term(lambda s: s.abs().sum()),
        "The differences of the means are taken as absolute values; squares are asked for.",
    ),
    "mean_over_features": (
        with_mean_term(lambda s: s.square().mean()),
        "The squared differences of the means are averaged over the features; sum them.",
    ),
    "square_of_sum": (
        with_mean_term(lambda s: s.sum().square()),
        "You sum the differences of the means and square the sum. Square first, then sum.",
    ),
    "missing_two": (
        built(lambda m, c1, c2: m + c1.trace() + c2.trace() - cross(c1, c2)),
        "The 2 before the root is missing: equal clouds would not have distance 0.",
    ),
    "plus_root": (
        built(lambda m, c1, c2: m + c1.trace() + c2.trace() + 2 * cross(c1, c2)),
        "The root has the wrong sign: it is taken away, so that equal clouds have distance 0.",
    ),
    "no_cross_term": (
        built(lambda m, c1, c2: m + c1.trace() + c2.trace()),
        "The term with the root is missing.",
    ),
    "one_trace_missing": (
        built(lambda m, c1, c2: m + c1.trace() - 2 * cross(c1, c2)),
        "The trace of the second covariance is missing.",
    ),
    "other_trace_missing": (
        built(lambda m, c1, c2: m + c2.trace() - 2 * cross(c1, c2)),
        "The trace of the first covariance is missing.",
    ),
    "no_root": (
        built(lambda m, c1, c2: m + (c1 + c2 - 2 * c1 @ c2).trace()),
        "The root of the product C1 C2 is missing: its trace is taken as it is.",
    ),
    "elementwise_root": (
        built(lambda m, c1, c2: m + (c1 + c2 - 2 * (c1 @ c2).abs().sqrt()).trace()),
        ELEMENTS,
    ),
    "roots_multiplied": (
        built(lambda m, c1, c2: m + (c1 + c2 - 2 * root(c1) @ root(c2)).trace()),
        "You multiply the roots of C1 and C2. The root of the product is another matrix, since "
        "C1 C2 and C2 C1 differ: take the root of C1 C2, or of S C2 S with S the root of C1.",
    ),
    "root_of_trace": (
        built(lambda m, c1, c2: m + c1.trace() + c2.trace() - 2 * (c1 @ c2).trace().sqrt()),
        "You take the root of the trace. First the matrix root, then its trace.",
    ),
    "product_of_traces": (
        built(lambda m, c1, c2: m + c1.trace() + c2.trace() - 2 * (c1.trace() * c2.trace()) ** 0.5),
        "You take the root of the product of the two traces. First multiply the matrices, then "
        "the matrix root, then its trace.",
    ),
    "sum_of_all_entries": (
        built(lambda m, c1, c2: m + (c1 + c2).sum() - 2 * sqrtm(c1, c2).sum()),
        "You sum all entries of the matrix; the trace is the sum of the diagonal.",
    ),
    "mean_of_diagonal": (
        built(lambda m, c1, c2: m + covariance_term(c1, c2) / len(c1)),
        "You average the diagonal of the matrix; the trace is its sum.",
    ),
    "variances_only": (std_of(lambda v1, v2: v1 + v2 - 2 * (v1 * v2).sqrt()), DIAGONAL),
    "std_for_variance": (
        std_of(lambda v1, v2: v1.sqrt() + v2.sqrt() - 2 * (v1 * v2) ** 0.25),
        "Standard deviations stand where variances belong, and the covariances between features "
        "are missing: C1 and C2 are covariance matrices.",
    ),
    "squared_variances": (std_of(lambda v1, v2: (v1 - v2).square()), DIAGONAL),
    "frobenius": (
        built(lambda m, c1, c2: m + (c1 - c2).square().sum()),
        "You compare the covariances entry by entry. The Fréchet distance has "
        "trace(C1 + C2 - 2 (C1 C2)^(1/2)).",
    ),
    "frobenius_norm": (
        built(lambda m, c1, c2: m + (c1 - c2).norm()),
        "You take the length of the difference of the covariances. The Fréchet distance has "
        "trace(C1 + C2 - 2 (C1 C2)^(1/2)).",
    ),
    "square_root_of_all": (
        built(lambda m, c1, c2: (m + covariance_term(c1, c2)).sqrt()),
        "You take the root of the whole. What the literature calls FID is the squared distance: "
        "leave the last root out.",
    ),
    "correlations": (
        from_matrices(lambda x: torch.corrcoef(x.T)),
        "Those are correlations, with 1 on the diagonal. Covariances are asked for: torch.cov.",
    ),
    "not_centred": (
        from_matrices(lambda x: x.T @ x / (len(x) - 1)),
        "The means are not taken off before the covariance: (x - x.mean(0)).T @ (x - x.mean(0)).",
    ),
    "not_centred_biased": (
        from_matrices(lambda x: x.T @ x / len(x)),
        "The means are not taken off before the covariance, and you divide by N, not N - 1.",
    ),
    "scatter": (
        from_matrices(lambda x: torch.cov(x.T) * (len(x) - 1)),
        "The covariance is not divided by N - 1: it grows with the number of samples.",
    ),
    "n_of_the_other": (
        n_of_the_other,
        "Both covariances are divided by the number of the real samples, less 1. Each set has a "
        "count of its own.",
    ),
    "divided_by_d": (
        lambda r, f: metrics.frechet_distance(r, f) / r.shape[1],
        "You divide by the number of features. Nothing is averaged over the features here.",
    ),
    "one_number_for_all": (
        lambda r, f: (r.mean() - f.mean()).square() + (r.std() - f.std()).square(),
        "You take one mean and one standard deviation over all features together. Each feature "
        "has a mean of its own, .mean(0), and the covariance is a (d, d) matrix.",
    ),
    "one_variance_for_all": (
        lambda r, f: (r.mean() - f.mean()).square() + (r.var() - f.var()).square(),
        "You take one mean and one variance over all features together. Each feature has a mean "
        "of its own, .mean(0), and the covariance is a (d, d) matrix.",
    ),
    "singular_values": (
        built(
            lambda m, c1, c2: (
                m + c1.trace() + c2.trace() - 2 * torch.linalg.svdvals(c1 @ c2).sqrt().sum()
            )
        ),
        "You take the roots of the singular values of C1 C2. They are not its eigenvalues, since "
        "C1 C2 is not symmetric: use torch.linalg.eigvals, or S C2 S with S the root of C1.",
    ),
    "symmetric_solver": (
        built(
            lambda m, c1, c2: (
                m
                + c1.trace()
                + c2.trace()
                - 2 * torch.linalg.eigvalsh(c1 @ c2).clamp(min=0).sqrt().sum()
            )
        ),
        "eigvalsh and eigh read only one half of a matrix and take it for symmetric; C1 C2 is not. "
        "Use torch.linalg.eigvals, or S C2 S with S the root of C1.",
    ),
    "cholesky_factors": (
        built(
            lambda m, c1, c2: (
                m
                + c1.trace()
                + c2.trace()
                - 2 * (torch.linalg.cholesky(c1) @ torch.linalg.cholesky(c2)).trace()
            )
        ),
        "A Cholesky factor L has L @ L.T = C, which is no root: S @ S = C. And the root of a "
        "product is not the product of the roots.",
    ),
    "other_metric": (
        metrics.kernel_distance,
        "That is the kernel distance of task 2. The Fréchet distance is asked for.",
    ),
    "cut_to_the_smaller": (
        cut,
        "You cut the larger set to the size of the smaller one. Means and covariances need no "
        "pairs: use all samples.",
    ),
}


def sqrtm(c1, c2):
    """The root of C1 C2: S (S C2 S)^(1/2) S^-1 with S the root of C1."""
    s = root(c1)
    return s @ root(s @ c2 @ s) @ torch.linalg.inv(s)


def examine_frechet_distance(answer):
    """Shape, finite, closed form, each term alone; returns a remark or None."""
    batches = [clouds(*size, seed) for seed, size in enumerate(SIZES)]
    try:
        outputs = values(answer, batches, WHAT)
    except Mistake as mistake:
        if mistake.id == "sizes_must_agree":
            name_transposed(answer)
            raise Mistake(mistake.id, f"{mistake} Is a matrix transposed? {ROWS}") from None
        raise
    inputs = [(r.double(), f.double()) for r, f in batches]
    expected = [metrics.frechet_distance(*pair) for pair in inputs]
    if all(near(a, b) for a, b in zip(outputs, expected, strict=True)):
        return remark_on_few_samples(answer)
    said = f"On the first clouds yours is {outputs[0]:.3f}, it should be {expected[0]:.3f}. "
    made = {
        id: ([twin(*p) for p in inputs], said + text) for id, (twin, text) in FRECHET_TWINS.items()
    }
    name_twin(outputs, made)
    factor(outputs, expected, said)
    if outputs[0] < 0 or outputs[1] < 0:
        said += "A distance is never negative. "
    name_term(answer, said)
    raise Mistake(
        "other_formula",
        f"{said}Asked for is |m1 - m2|² + trace(C1 + C2 - 2 (C1 C2)^(1/2)). Two cases "
        "to try: a cloud and the same cloud moved by 2 have 4 d, with d features; a cloud and the "
        "same cloud 3 times as large around its mean 0 have 4 trace(C).",
    )


def near(a, b):
    """Equal up to float32 rounding and a small number on the diagonal of a covariance."""
    return close(a, b, rtol=2e-3, atol=2e-3)


def name_transposed(answer):
    """Name covariances between samples: the code runs only where both sets have one size."""
    r, f = clouds(9, 9, 4, seed=7)
    try:
        output = number(call(answer, r, f), WHAT)
    except Exception:
        return
    r, f = r.double(), f.double()
    for m in (shift(r, f), r.mean(1) - f.mean(1)):
        wrong = m.square().sum() + covariance_term(torch.cov(r), torch.cov(f))
        if close(output, wrong, rtol=2e-2):
            raise Mistake(
                "features_transposed",
                "Your covariances are between samples, (N, N), not between features, (d, d). "
                + ROWS,
            )


def name_term(answer, said):
    """Say which of the two terms is wrong, with clouds that have only the other."""
    pairs = [[x - x.mean(0) for x in clouds(14, 11, 4, seed)] for seed in (5, 6)]
    try:
        centred = [number(call(answer, *pair), WHAT) for pair in pairs]
        r, f = pairs[0]
        moved = number(call(answer, r, f + 1.5), WHAT) - centred[0]
    except NotAttempted:
        raise
    except Exception:
        return
    doubles = [[x.double() for x in pair] for pair in pairs]
    right = [covariance_term(*parts(*pair)[1:]) for pair in doubles]
    good = [near(moved, 4 * 1.5**2), all(near(a, b) for a, b in zip(centred, right, strict=True))]
    if good == [False, False]:  # two mistakes: name the one in the covariances
        both = said + "The term of the means is wrong, and the one of the covariances: "
        twins = FRECHET_TWINS.items()
        made = {id: ([twin(*p) for p in doubles], both + text) for id, (twin, text) in twins}
        name_twin(centred, made)
    if good == [False, True]:
        raise Mistake(
            "mean_term_wrong",
            f"{said}The term of the covariances is right, the one of the means is not: moving "
            f"one of two clouds with equal means by 1.5 in each of 4 features should add "
            f"4 · 1.5² = 9; it adds {moved:.3f}.",
        )
    if good == [True, False]:
        raise Mistake(
            "covariance_term_wrong",
            f"{said}The term of the means is right, the one of the covariances is not. It is "
            "trace(C1 + C2 - 2 (C1 C2)^(1/2)) with unbiased covariances, a matrix product and a "
            "matrix root.",
        )


def remark_on_few_samples(answer):
    """A remark for a right formula that fails where a covariance has no inverse, else None."""
    try:
        output = number(call(answer, *clouds(6, 5, 12, seed=3)), WHAT)
        if close(output, metrics.frechet_distance(*clouds(6, 5, 12, seed=3)), rtol=2e-2):
            return None
        happens = f"it gives {output:.3f}, which is off"
    except Exception as error:
        happens = str(error).split(". ")[0].rstrip(".")
    return (
        "Right, with one remark: with fewer samples than features, where covariances have no "
        f"inverse, it does not hold ({happens}). Clamp eigenvalues at 0 before the root."
    )
