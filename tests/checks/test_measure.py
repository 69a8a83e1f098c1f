"""Right metrics in many forms pass; every catalogued mistake is rejected and named."""

import math

import numpy as np
import pytest
import torch

from gan_lessons import checks, metrics
from gan_lessons.checks import measure_mystery as mystery
from gan_lessons.checks.measure_frechet import FRECHET_TWINS, covariance_term, parts, shift
from gan_lessons.checks.measure_kernel import KERNEL_TWINS, KERNELS, mmd
from gan_lessons.checks.measure_shares import VARIANTS, WHOLE, both, share


def by_scipy(real, fake):
    from scipy.linalg import sqrtm

    r, f = real.numpy(), fake.numpy()
    c1, c2 = np.cov(r, rowvar=False), np.cov(f, rowvar=False)
    root = sqrtm(c1 @ c2)
    if np.iscomplexobj(root):
        root = root.real
    return ((r.mean(0) - f.mean(0)) ** 2).sum() + np.trace(c1 + c2 - 2 * root)


def by_scipy_with_offset(real, fake):
    from scipy.linalg import sqrtm

    r, f = real.double().numpy(), fake.double().numpy()
    c1, c2 = np.cov(r.T), np.cov(f.T)
    offset = 1e-6 * np.eye(len(c1))
    root = np.real(sqrtm((c1 + offset) @ (c2 + offset)))
    return float(((r.mean(0) - f.mean(0)) ** 2).sum() + np.trace(c1 + c2) - 2 * np.trace(root))


def by_eigenvalues(real, fake):
    c1, c2 = torch.cov(real.T), torch.cov(fake.T)
    cross = torch.linalg.eigvals(c1 @ c2).sqrt().real.sum()
    return (real.mean(0) - fake.mean(0)).pow(2).sum() + c1.trace() + c2.trace() - 2 * cross


def by_clamped_eigenvalues(real, fake):
    c1, c2 = torch.cov(real.T), torch.cov(fake.T)
    values = torch.linalg.eigvals(c1 @ c2)
    cross = values.real.clamp(min=0).sqrt().sum()
    return torch.dist(real.mean(0), fake.mean(0)) ** 2 + (c1 + c2).trace() - 2 * cross


def by_singular_values(real, fake):
    """trace((C1 C2)^(1/2)) is the sum of singular values of L1.T @ L2 with C = L L.T."""
    r = (real - real.mean(0)) / math.sqrt(len(real) - 1)
    f = (fake - fake.mean(0)) / math.sqrt(len(fake) - 1)
    cross = torch.linalg.svdvals(r @ f.T).sum()
    return (real.mean(0) - fake.mean(0)).norm() ** 2 + (r**2).sum() + (f**2).sum() - 2 * cross


def by_cholesky(real, fake):
    c1, c2 = torch.cov(real.double().T), torch.cov(fake.double().T)
    low = torch.linalg.cholesky(c1)
    cross = torch.linalg.eigvalsh(low.T @ c2 @ low).sqrt().sum()
    m = real.mean(0) - fake.mean(0)
    return (m @ m).double() + c1.trace() + c2.trace() - 2 * cross


def by_newton_schulz(real, fake):
    c1, c2 = torch.cov(real.double().T), torch.cov(fake.double().T)
    a = c1 @ c2
    norm = a.norm()
    y, z, eye = a / norm, torch.eye(len(a)).double(), torch.eye(len(a)).double()
    for _ in range(60):
        t = 0.5 * (3 * eye - z @ y)
        y, z = y @ t, t @ z
    root = y * norm.sqrt()
    return (real - fake.mean(0)).mean(0).square().sum() + (c1 + c2 - 2 * root).trace()


def covariance_by_hand(real, fake):
    def moments(x):
        m = x.sum(0) / len(x)
        return m, (x - m).T @ (x - m) / (len(x) - 1)

    (m1, c1), (m2, c2) = moments(real), moments(fake)
    values, vectors = torch.linalg.eigh(c1)
    s = vectors @ torch.diag(values.clamp(min=0) ** 0.5) @ vectors.T
    inner = torch.linalg.eigvalsh(s @ c2 @ s).clamp(min=0).sqrt()
    return ((m1 - m2) ** 2).sum() + torch.trace(c1) + torch.trace(c2) - 2 * inner.sum()


class AsClass:
    def __call__(self, real_features, fake_features):
        return metrics.frechet_distance(real_features, fake_features).view(1)


def kernel_by_loops(real, fake):
    n, m, d = len(real), len(fake), real.shape[1]

    def k(a, b):
        return (float(a @ b) / d + 1) ** 3

    rr = sum(k(real[i], real[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    ff = sum(k(fake[i], fake[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return rr + ff - 2 * sum(k(a, b) for a in real for b in fake) / (n * m)


def kernel_by_fill(real, fake):
    def k(a, b):
        return (torch.einsum("id,jd->ij", a, b) / a.size(1)).add(1).pow(3)

    total = 0
    for x in (real, fake):
        g = k(x, x).fill_diagonal_(0)
        total = total + g.sum() / (len(x) ** 2 - len(x))
    return total - 2 * k(real, fake).mean()


def kernel_by_mask(real, fake):
    def k(a, b):
        return (a @ b.T / a.shape[-1] + 1) ** 3

    def inner(x):
        return k(x, x)[~torch.eye(len(x), dtype=torch.bool)].mean()

    return (inner(real) + inner(fake) - 2 * k(real, fake).mean()).item()


def kernel_by_triangle(real, fake):
    def k(a, b):
        return (a.double() @ b.double().T / a.shape[1] + 1) ** 3

    def inner(x):
        i, j = torch.triu_indices(len(x), len(x), offset=1)
        return k(x, x)[i, j].mean()

    return inner(real) + inner(fake) - k(real, fake).mean() * 2


def kernel_by_sklearn(real, fake):
    from sklearn.metrics.pairwise import polynomial_kernel

    def k(a, b):
        return polynomial_kernel(a.numpy(), b.numpy(), degree=3, gamma=None, coef0=1)

    rr, ff, n, m = k(real, real), k(fake, fake), len(real), len(fake)
    inner = (rr.sum() - np.trace(rr)) / (n * (n - 1)) + (ff.sum() - np.trace(ff)) / (m * (m - 1))
    return inner - 2 * k(real, fake).mean()


def shares_by_loops(real, fake, k=3):
    def covers(points, centres):
        radii = [sorted((c - o).norm().item() for o in centres)[k] for c in centres]
        hits = [
            any((p - c).norm().item() <= r for c, r in zip(centres, radii, strict=True))
            for p in points
        ]
        return sum(hits) / len(hits)

    return covers(fake, real), covers(real, fake)


def shares_by_numpy(real_features, fake_features, k=3):
    r, f = real_features.double().numpy(), fake_features.double().numpy()

    def dist(a, b):
        return np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1))

    rr, rf = np.sort(dist(r, r))[:, k], np.sort(dist(f, f))[:, k]
    return np.array([(dist(f, r) <= rr).any(1).mean(), (dist(r, f) <= rf).any(1).mean()])


def shares_by_sklearn(real, fake, k=3):
    from sklearn.neighbors import NearestNeighbors

    def covers(points, centres):
        radius = NearestNeighbors(n_neighbors=k + 1).fit(centres).kneighbors(centres)[0][:, -1]
        return (np.linalg.norm(points[:, None] - centres[None], axis=2) <= radius).any(1).mean()

    r, f = real.numpy(), fake.numpy()
    return covers(f, r), covers(r, f)


def shares_by_kthvalue(real, fake, k=3):
    def radius(x):
        d = torch.cdist(x, x)
        d.fill_diagonal_(float("inf"))
        return d.kthvalue(k, dim=1).values

    d = torch.cdist(real, fake)
    precision = (d <= radius(real)[:, None]).any(0).float().mean()
    recall = (d <= radius(fake)[None]).any(1).float().mean()
    return torch.stack([precision, recall])


def shares_squared(real, fake, k=3):
    def squared(a, b):
        return (a[:, None] - b[None]).square().sum(-1)

    rr, ff = squared(real, real).sort(1).values[:, k], squared(fake, fake).sort(1).values[:, k]
    between = squared(fake, real)
    inside = between <= rr
    return [
        inside.sum(1).gt(0).sum() / len(fake),
        (between.T <= ff).any(1).sum().item() / len(real),
    ]


def shares_other_name(real_features, fake_features, neighbours=3):
    return metrics.precision_recall(real_features, fake_features, neighbours)


def shares_keyword_only(real_features, fake_features, *, k=3):
    return metrics.precision_recall(real_features, fake_features, k)


def shares_max(real, fake, k=3):
    radius = torch.cdist(real, real).topk(k + 1, largest=False).values.max(dim=1).values
    back = torch.cdist(fake, fake).topk(k + 1, largest=False).values.max(dim=1).values
    between = torch.cdist(fake, real)
    precision = ((radius[None] - between).max(dim=1).values >= 0).double().mean()
    return precision, ((back[:, None] - between).amax(dim=0) >= 0).double().mean()


RIGHT = {
    "frechet_distance": [
        metrics.frechet_distance,
        by_scipy,
        by_scipy_with_offset,
        by_eigenvalues,
        by_clamped_eigenvalues,
        by_singular_values,
        by_cholesky,
        by_newton_schulz,
        covariance_by_hand,
        AsClass(),
        AsClass,
        lambda r, f: metrics.frechet_distance(f, r).float(),
        lambda r, f: metrics.frechet_distance(r, f).clamp(min=0).item(),
        lambda r, f, eps=1e-6: np.float32(metrics.frechet_distance(r, f)),
        lambda r, f: [metrics.frechet_distance(r, f)],
    ],
    "kernel_distance": [
        metrics.kernel_distance,
        kernel_by_loops,
        kernel_by_fill,
        kernel_by_mask,
        kernel_by_triangle,
        kernel_by_sklearn,
        lambda r, f, degree=3: metrics.kernel_distance(f, r).float().numpy(),
    ],
    "precision_recall": [
        metrics.precision_recall,
        shares_by_loops,
        shares_by_numpy,
        shares_by_sklearn,
        shares_by_kthvalue,
        shares_squared,
        shares_other_name,
        shares_keyword_only,
        shares_max,
    ],
    "mystery": [mystery.TRUTH, {k.lower(): v.upper() for k, v in mystery.TRUTH.items()}],
}


@pytest.mark.parametrize(
    "name, answer", [(name, answer) for name, answers in RIGHT.items() for answer in answers]
)
def test_right_answers_pass_however_they_are_written(name, answer):
    result = checks.check(name, answer)
    assert result.status == "passed", result


def test_a_formula_that_needs_an_inverse_passes_with_a_remark():
    assert "fewer samples" in checks.check("frechet_distance", by_cholesky).message
    assert "fewer" not in checks.check("frechet_distance", metrics.frechet_distance).message
    assert "fewer" not in checks.check("frechet_distance", by_singular_values).message


def in_place(real, fake):
    value = metrics.frechet_distance(real, fake)
    real -= real.mean(0)
    return value


def transposed(real, fake):
    c1, c2 = torch.cov(real), torch.cov(fake)
    return (real.mean(0) - fake.mean(0)).square().sum() + covariance_term(c1, c2)


def complex_root(real, fake):
    m, c1, c2 = parts(real, fake)
    return m + c1.trace() + c2.trace() - 2 * torch.linalg.eigvals(c1 @ c2).sqrt().sum()


def elementwise(real, fake):
    m, c1, c2 = parts(real, fake)
    return m + (c1 + c2 - 2 * (c1 @ c2).sqrt()).trace()


def fixed_features(real, fake):
    return metrics.frechet_distance(real @ torch.eye(4), fake @ torch.eye(4))


def random_part(real, fake):
    return metrics.kernel_distance(real[torch.randperm(len(real))[:5]], fake)


def two_wrongs(real, fake):
    return KERNEL_TWINS["diagonal_kept"][0](real, fake)


def strict(real, fake, k=3):
    between = torch.cdist(fake, real)
    precision = (between < metrics.radii(real, k)).any(1).float().mean()
    return precision, (between.T < metrics.radii(fake, k)).any(1).float().mean()


def half_squared_means(r, f):
    return 0.5 * shift(r, f).square().sum() + covariance_term(*parts(r, f)[1:])


def half_root(r, f):
    m, c1, c2 = parts(r, f)
    return m + (c1 + c2).trace() - 1.5 * (covariance_term(c1, c2) - (c1 + c2).trace()) / -2


WRONG = {
    "frechet_distance": {
        "changes_inputs": in_place,
        "features_transposed": transposed,
        "complex_result": complex_root,
        "not_finite": lambda r, f: metrics.frechet_distance(r, f) * math.nan,
        "not_a_scalar": lambda r, f: (r.mean(0) - f.mean(0)).square(),
        "wrong_type": lambda r, f: "0",
        "not_a_function": torch.tensor(1.0),
        "wrong_arguments": lambda r: 0.0,
        "sizes_must_agree": lambda r, f: metrics.frechet_distance(r, f) + 0 * (r - f).sum(),
        "size_fixed": fixed_features,
        "not_repeatable": lambda r, f: metrics.frechet_distance(r, f) + torch.randn(()),
        "wrong_factor": lambda r, f: 3 * metrics.frechet_distance(r, f),
        "sign": lambda r, f: -metrics.frechet_distance(r, f),
        "constant": lambda r, f: torch.tensor(1.0),
        "elementwise_root": elementwise,
        "variances_only": lambda r, f: (r.std(0) - f.std(0)).square().sum(),  # and no means
        "mean_term_wrong": half_squared_means,
        "covariance_term_wrong": half_root,
        "other_formula": lambda r, f: metrics.frechet_distance(r, f) ** 3,
    },
    "kernel_distance": {
        "not_repeatable": random_part,
        "not_a_scalar": lambda r, f: (r @ f.T / r.shape[1] + 1) ** 3,
        "wrong_factor": lambda r, f: 1000 * metrics.kernel_distance(r, f),
        "diagonal_kept": lambda r, f: two_wrongs(r, f).clamp(min=0).sqrt(),
        "missing_two": lambda r, f: mmd(KERNELS["power_two"][0], weight=1)(r, f),
        "sizes_must_agree": lambda r, f: metrics.kernel_distance(r, f) + 0 * (r + f).sum(),
        "other_formula": lambda r, f: metrics.kernel_distance(r, f) + 1,
        "wrong_arguments": lambda r, f, k: 0.0,
        "changes_inputs": lambda r, f: metrics.kernel_distance(r.div_(2), f),
    },
    "precision_recall": {
        "not_a_pair": lambda r, f, k=3: metrics.precision_recall(r, f, k)[0],
        "not_a_scalar": lambda r, f, k=3: (
            (torch.cdist(f, r) <= metrics.radii(r, k)).any(1),
            (torch.cdist(r, f) <= metrics.radii(f, k)).any(1),
        ),
        "not_a_share": lambda r, f, k=3: (
            (torch.cdist(f, r) <= metrics.radii(r, k)).any(),
            (torch.cdist(r, f) <= metrics.radii(f, k)).any(),
        ),
        "no_k": lambda r, f: metrics.precision_recall(r, f),
        "edge_excluded": strict,
        "k_ignored": lambda r, f, k=3: metrics.precision_recall(r, f, 3),
        "not_repeatable": lambda r, f, k=3: (torch.rand(()), 0.5),
        "recall_wrong": lambda r, f, k=3: (share(f, r, k), 0.5),
        "precision_wrong": lambda r, f, k=3: (0.5, share(r, f, k)),
        "constant": lambda r, f, k=3: (0.31, 0.47),
        "other_formula": lambda r, f, k=3: [x**2 for x in metrics.precision_recall(r, f, k)],
        "other_default": lambda r, f, k=7: metrics.precision_recall(r, f, k),
        "not_finite": lambda r, f, k=3: (math.nan, 0.5),
        "wrong_arguments": lambda r: (1.0, 1.0),
    },
    "mystery": {
        "not_a_dict": ["honest"] * 3,
        "one_missing": {"A": "honest", "B": "copies"},
        "unknown_generator": mystery.TRUTH | {"D": "honest"},
        "unknown_finding": mystery.TRUTH | {"A": "bad"},
        "copies_called_honest": mystery.TRUTH | {"B": "honest"},
        "misses_classes_called_honest": {k: "honest" for k in "ABC"},
        "misses_classes_called_poor_images": {
            "A": "poor images",
            "B": "copies",
            "C": "misses classes",
        },
        "poor_images_called_misses_classes": mystery.TRUTH | {"C": "misses classes"},
    },
}
MISTAKES = [(name, id, answer) for name, part in WRONG.items() for id, answer in part.items()]
MISTAKES += [("frechet_distance", id, twin) for id, (twin, _) in FRECHET_TWINS.items()]
MISTAKES += [("kernel_distance", id, twin) for id, (twin, _) in KERNEL_TWINS.items()]
MISTAKES += [("precision_recall", id, twin) for id, (twin, _) in WHOLE.items()]
# each wrong share in the place of both, of precision, and of recall
for id, (variant, _) in VARIANTS.items():
    MISTAKES.append(("precision_recall", id, both(variant, variant)))
    if id != "balls_of_the_wrong_set":  # one of them alone is "same_radii" or "…_of_fakes"
        MISTAKES.append(("precision_recall", id, both(variant, share)))
        MISTAKES.append(("precision_recall", id, both(share, variant)))


@pytest.mark.parametrize(
    "name, id, answer",
    [pytest.param(*m, id=f"{m[0]}-{m[1]}-{i}") for i, m in enumerate(MISTAKES)],
)
def test_every_catalogued_mistake_is_rejected_and_named(name, id, answer):
    result = checks.check(name, answer)
    assert result.status == "failed", result
    assert result.mistake == id, result
    assert len(result.message.split()) >= 8


@pytest.mark.parametrize("name", ("frechet_distance", "kernel_distance", "precision_recall"))
def test_stubs_are_not_attempted(name):
    def stub(*arguments, **extra):
        """Say what it does."""
        ...

    def raises(*arguments, **extra):
        raise NotImplementedError

    for answer in (None, ..., stub, raises):
        assert checks.check(name, answer).status == "not attempted"


def test_an_empty_list_of_findings_is_not_attempted():
    assert checks.check("mystery", {"A": None, "B": None, "C": ...}).status == "not attempted"


def test_the_mystery_generators_have_the_faults_that_the_answer_names():
    torch.manual_seed(0)
    samples = {name: make(600) for name, make in mystery.GENERATORS.items()}
    counts = {n: metrics.predict(x).bincount(minlength=10) for n, x in samples.items()}
    assert counts["A"][list(mystery.MISSING)].sum() <= 12
    assert all(counts[n].min() >= 20 for n in "BC")
    from gan_lessons.data import fashion_mnist, to_float

    train, test = (to_float(fashion_mnist(split).images) for split in ("train", "test"))
    copied = {n: metrics.memorisation(x, train, test) for n, x in samples.items()}
    assert copied["B"] > 0.95 and max(copied["A"], copied["C"]) < 0.3
    real = metrics.reference_features("test")[:2000]
    shares = {n: metrics.precision_recall(real, metrics.features(x)) for n, x in samples.items()}
    assert shares["C"][0] < 0.7 < min(shares["A"][0], shares["B"][0])
