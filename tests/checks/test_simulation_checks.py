"""Right answers of exercise 13 in many forms pass; catalogued mistakes are rejected and named."""

import itertools
import random

import numpy as np
import pytest
import torch
from scipy import stats

from gan_lessons import checks
from gan_lessons.checks import simulation_copula as copulas
from gan_lessons.checks import simulation_memory as memory
from gan_lessons.checks import simulation_risk as risk
from gan_lessons.checks import simulation_training as training


def sorted_losses(returns, level):
    losses = (-returns).sort(descending=True).values
    k = round(level * len(returns))
    return losses[k - 1].item(), losses[:k].mean().item()


def by_numpy(returns, level):
    x = np.sort(returns.numpy().astype(float))
    k = int(level * len(x) + 0.5)
    return [-x[k - 1], -np.mean(x[:k])]


def by_topk(returns, level):
    worst = torch.topk(-returns, round(level * len(returns))).values
    return torch.stack([worst.min(), worst.mean()])


def by_quantile(returns, level):
    k = round(level * len(returns))
    var = -np.quantile(returns.numpy(), level)  # lies between the k-th and the next
    return var, -returns.sort().values[:k].mean()


def acf(windows, lag):
    a = windows.abs() - windows.abs().mean()
    return (a[:, lag:] * a[:, :-lag]).mean() / a.square().mean()


def acf_by_loops(windows, lag):
    a = np.abs(windows.numpy().astype(float))
    a -= a.mean()
    pairs = [row[t] * row[t + lag] for row in a for t in range(len(row) - lag)]
    return float(np.mean(pairs) / np.mean(a**2))


def acf_by_unfold(windows, lag):
    a = windows.double().abs()
    a = a - a.mean()
    pairs = a.unfold(1, lag + 1, 1)
    return (pairs[..., 0] * pairs[..., -1]).mean() / a.var(unbiased=False)


def blocks(returns, n, days, block):
    starts = torch.randint(len(returns) - block + 1, (n, -(-days // block), 1))
    return returns[starts + torch.arange(block)].flatten(1)[:, :days]


def blocks_by_unfold(returns, n, days, block):
    parts = returns.unfold(0, block, 1)
    count = (days + block - 1) // block
    pick = np.random.default_rng().integers(len(parts), size=n * count)
    return parts[torch.as_tensor(pick)].reshape(n, count * block)[:, :days]


def blocks_by_loops(returns, n, days, block):
    rows = []
    for _ in range(n):
        row = []
        while len(row) < days:
            s = np.random.randint(0, len(returns) - block + 1)
            row.extend(returns[s : s + block].tolist())
        rows.append(row[:days])
    return np.array(rows)


def copula(table, n):
    rank = table.argsort(0).argsort(0)
    s = torch.special.ndtri((rank + 0.5) / len(table))
    z = torch.randn(n, table.shape[1], dtype=s.dtype) @ torch.linalg.cholesky(torch.corrcoef(s.T)).T
    return table.sort(0).values.gather(0, (torch.special.ndtr(z) * len(table)).long())


def copula_by_scipy(table, n):
    x = table.numpy()
    s = stats.norm.ppf(stats.rankdata(x, axis=0) / (len(x) + 1))
    u = stats.norm.cdf(stats.multivariate_normal(cov=np.corrcoef(s.T)).rvs(n))
    return np.column_stack([np.quantile(x[:, j], u[:, j]) for j in range(x.shape[1])])


def copula_by_spearman(table, n):
    """The normal correlation that belongs to a rank correlation: 2 sin(pi rho / 6)."""
    r = 2 * np.sin(np.pi * stats.spearmanr(table.numpy()).statistic / 6)
    return copulas.with_correlation(table.numpy(), r, n, np.random.default_rng())


def sampled(labels, n):
    _, which, counts = labels.unique(return_inverse=True, return_counts=True)
    return torch.multinomial((counts.double().log1p() / counts)[which], n, replacement=True)


def sampled_by_category(labels, n):
    kinds, counts = labels.unique(return_counts=True)
    drawn = kinds[torch.multinomial(torch.log2(1.0 + counts), n, replacement=True)]
    picked = torch.empty(n, dtype=torch.int64)
    for k in kinds:
        own = torch.where(labels == k)[0]
        picked[drawn == k] = own[torch.randint(len(own), (int((drawn == k).sum()),))]
    return picked


def sampled_by_numpy(labels, n):
    x, draw = labels.numpy(), np.random.default_rng()
    kinds, counts = np.unique(x, return_counts=True)
    p = np.log(1 + counts) / np.log(1 + counts).sum()
    own = {k: np.flatnonzero(x == k) for k in kinds}
    return np.array([draw.choice(own[k]) for k in draw.choice(kinds, n, p=p)])


def sampled_by_bincount(labels, n):
    weight = torch.bincount(labels).float().log1p()
    drawn = torch.distributions.Categorical(weight / weight.sum()).sample((n,))
    lists = {int(k): torch.where(labels == k)[0].tolist() for k in labels.unique()}
    return [random.choice(lists[k]) for k in drawn.tolist()]


RIGHT = {
    "risk_measures": (sorted_losses, by_numpy, by_topk, by_quantile),
    "absolute_acf": (acf, acf_by_loops, acf_by_unfold, memory.autocorrelation),
    "block_bootstrap": (blocks, blocks_by_unfold, blocks_by_loops),
    "gaussian_copula": (copula, copula_by_scipy, copula_by_spearman),
    "training_by_sampling": (sampled, sampled_by_category, sampled_by_numpy, sampled_by_bincount),
}
RANDOM = ("block_bootstrap", "gaussian_copula", "training_by_sampling")


@pytest.mark.parametrize("task, answer", [(t, a) for t, all in RIGHT.items() for a in all])
def test_right_answers_of_exercise_10_pass(task, answer):
    for seed in range(4 if task in RANDOM else 1):
        torch.manual_seed(seed)
        np.random.seed(seed)
        result = checks.check(task, answer)
        assert result.status == "passed", result


@pytest.mark.parametrize("task", RIGHT)
def test_a_stub_of_exercise_10_is_not_attempted(task):
    assert checks.check(task, lambda *arguments: None).status == "not attempted"
    assert checks.check(task, None).status == "not attempted"
    assert len(checks.EXERCISES[task].hints) == 3


@pytest.mark.parametrize("id", risk.VAR)
def test_each_wrong_var_is_named(id):
    answer = risk.pair(risk.VAR[id][0], risk.right_es)
    result = checks.check("risk_measures", answer)
    assert result.status == "failed" and result.mistake == id, result


@pytest.mark.parametrize("id", risk.ES)
def test_each_wrong_es_is_named(id):
    result = checks.check("risk_measures", risk.pair(risk.right_var, risk.ES[id][0]))
    assert result.status == "failed" and result.mistake == id, result


@pytest.mark.parametrize("id", memory.ACF)
def test_each_wrong_autocorrelation_is_named(id):
    result = checks.check("absolute_acf", memory.ACF[id][0])
    assert result.status == "failed" and result.mistake == id, result


def glued(start, inside=None, shared=False):
    """A bootstrap with other starts: `start(N, block, shape)` gives them."""

    def answer(returns, n, days, block):
        count = -(-days // block)
        starts = start(len(returns), block, (n, count, 1))
        step = torch.arange(block) if inside is None else inside(block, n, count)
        return returns[(starts + step) % len(returns)].flatten(1)[:, :days]

    return answer


def uniform(total, block, shape):
    return torch.randint(total - block + 1, shape)


def clamped(returns, n, days, block):
    starts = torch.randint(len(returns), (n, -(-days // block), 1))
    at = (starts + torch.arange(block)).clamp(max=len(returns) - 1)
    return returns[at].flatten(1)[:, :days]


def one_run(returns, n, days, block):
    return returns[torch.randint(len(returns) - days + 1, (n, 1)) + torch.arange(days)]


def seeded(returns, n, days, block):
    torch.manual_seed(0)
    return blocks(returns, n, days, block)


def recent(total, block, shape):
    return ((total - block + 1) * torch.rand(shape).sqrt()).long()


BLOCKS = {
    "single_days": lambda r, n, days, b: r[torch.randint(len(r), (n, days))],
    "backwards": glued(uniform, lambda b, *_: torch.arange(b).flip(0)),
    "wraps_around": glued(lambda total, b, shape: torch.randint(total, shape)),
    "clamped": clamped,
    "one_long_block": one_run,
    "same_blocks": lambda r, n, d, b: blocks(r, 1, d, b).expand(n, d),
    "repeated_block": lambda r, n, d, b: blocks(r, n, b, b).repeat(1, -(-d // b))[:, :d],
    "fixed_grid": glued(lambda total, b, shape: b * torch.randint(total // b, shape)),
    "last_start_missing": glued(lambda total, b, shape: torch.randint(total - b, shape)),
    "first_start_missing": glued(lambda total, b, shape: torch.randint(1, total - b + 1, shape)),
    "recent_preferred": glued(recent),
    "fixed_seed": seeded,
    "shape": lambda r, n, d, b: blocks(r, n, d, b).T,
    "not_from_history": lambda r, n, d, b: blocks(r, n, d, b) + 0.1 * torch.randn(n, d),
    "seams_elsewhere": lambda r, n, d, b: blocks(r, n, d + 1, b)[:, 1:],
    "wrong_arguments": lambda r, n: r,
    "changes_inputs": lambda r, n, d, b: blocks(r.add_(1), n, d, b),
    "not_a_function": torch.zeros(3),
}


@pytest.mark.parametrize("id", BLOCKS)
def test_each_wrong_block_bootstrap_is_named(id):
    result = checks.check("block_bootstrap", BLOCKS[id])
    assert result.status == "failed" and result.mistake == id, result


def scored(change):
    """A copula with another correlation: `change(table, its scores)` gives it."""

    def answer(table, n):
        x = table.numpy()
        r = change(x, copulas.scores_of(x))
        return copulas.with_correlation(x, r, n, np.random)

    return answer


def score_rows(table, n):
    r = np.corrcoef(copulas.scores_of(table.numpy()).T)
    return np.random.default_rng().multivariate_normal(np.zeros(3), r, n)


def not_of_variance_1(table, n):
    """The root of the correlations on the wrong side."""
    r = np.linalg.cholesky(np.corrcoef(copulas.scores_of(table.numpy()).T))
    return copulas.from_normal(table.numpy(), np.random.randn(n, 3) @ r)


def seeded(table, n):
    torch.manual_seed(0)
    return copula(table, n)


def kendalls(x, s):
    r = np.eye(3)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        r[i, j] = r[j, i] = stats.kendalltau(x[:, i], x[:, j])[0]
    return r


COPULAS = {
    "independent": scored(lambda x, s: np.eye(3)),
    "comonotone": lambda t, n: copulas.from_normal(t.numpy(), np.random.randn(n, 1).repeat(3, 1)),
    "raw_correlation": scored(lambda x, s: np.corrcoef(x.T)),
    "sign_lost": scored(lambda x, s: np.abs(np.corrcoef(s.T))),
    "kendall": scored(kendalls),
    "spread_of_the_normals": not_of_variance_1,
    "fixed_seed": seeded,
    "normal_scores_returned": score_rows,
    "ranks_returned": lambda t, n: stats.norm.cdf(score_rows(t, n)),
    "normal_margins": lambda t, n: score_rows(t, n) * t.numpy().std(0) + t.numpy().mean(0),
    "rows_of_the_table": lambda t, n: t[torch.randint(len(t), (n,))],
    "columns_mixed_up": lambda t, n: copula(t, n).flip(1),
    "shape": lambda t, n: copula(t, len(t)),
    "not_finite": lambda t, n: copula(t, n) * float("inf"),
    "changes_inputs": lambda t, n: copula(t.mul_(2), n),
    "wrong_type": lambda t, n: "rows",
    "wrong_arguments": lambda t: t,
}


@pytest.mark.parametrize("id", COPULAS)
def test_each_wrong_copula_is_named(id):
    result = checks.check("gaussian_copula", COPULAS[id])
    assert result.status == "failed" and result.mistake == id, result


def test_mistakes_of_form_in_risk_measures_are_named():
    wrong = {
        "swapped": lambda r, q: sorted_losses(r, q)[::-1],
        "not_two_numbers": lambda r, q: sorted_losses(r, q)[0],
        "wrong_type": lambda r, q: ("1", "2"),
        "not_a_scalar": lambda r, q: (r, r),
    }
    for id, answer in wrong.items():
        result = checks.check("risk_measures", answer)
        assert result.status == "failed" and result.mistake == id, (id, result)


def status(name, answer):
    result = checks.check(name, answer)
    return result.mistake or result.status


def rows_by(chance):
    """Rows drawn with chances (N,) of their own."""

    def answer(labels, n):
        p = torch.as_tensor(chance(labels))
        return torch.multinomial(p, n, replacement=True)

    return answer


@pytest.mark.parametrize("id", training.TWINS)
def test_each_wrong_chance_is_named(id):
    assert status("training_by_sampling", rows_by(training.TWINS[id][0])) == id


def without_replacement(labels, n):
    _, which, counts = labels.unique(return_inverse=True, return_counts=True)
    return torch.multinomial((counts.double().log1p() / counts)[which], n)


def cut_to_the_table(labels, n):
    return without_replacement(labels, min(n, len(labels)))


def replaced_where_needed(labels, n):
    return sampled(labels, n) if n > len(labels) else without_replacement(labels, n)


def first_rows(labels, n):
    drawn = labels[sampled(labels, n)]
    return (
        (labels == drawn[:, None]).long().argmax(1)
        if n < 1000
        else torch.tensor(
            [
                {int(k): int((labels == k).nonzero()[0]) for k in labels.unique()}[int(d)]
                for d in drawn
            ]
        )
    )


def earlier_rows(labels, n):
    """The second half of each category is picked half as often as the first."""
    picked = sampled(labels, 2 * n)
    order = torch.rand(len(picked)) < torch.where(picked < len(labels) // 2, 0.9, 0.8)
    return picked[order][:n]


def shares_by_rounding(labels, n):
    kinds, counts = labels.unique(return_counts=True)
    share = counts.double().log1p() / counts.double().log1p().sum()
    times = (share * n).round().long()
    times[0] += n - times.sum()
    rows = [
        (own := torch.where(labels == k)[0])[torch.randint(len(own), (int(t),))]
        for k, t in zip(kinds, times, strict=True)
    ]
    return torch.cat(rows)[torch.randperm(n)]


def log_of_bincount(labels, n):
    counts = torch.bincount(labels).double()
    return torch.multinomial(-(counts / len(labels)).log(), n, replacement=True)


def not_normalised(labels, n):
    weight = np.log1p(np.bincount(labels.numpy()))
    return np.random.choice(len(weight), n, p=weight)


def rows_in_turn(labels, drawn):
    own = {k: itertools.cycle(torch.where(labels == k)[0].tolist()) for k in set(drawn)}
    return [next(own[k]) for k in drawn]


WRONG_SAMPLING = {
    "not_normalised": not_normalised,
    "without_replacement": without_replacement,
    "one_row_for_all": first_rows,
    "rows_not_uniform": earlier_rows,
    "picks_depend": lambda y, n: (rows := sampled(y, n))[y[rows].argsort()],
    "fixed_shares": shares_by_rounding,
    "labels_returned": lambda y, n: y[sampled(y, n)],
    "impossible_chances": log_of_bincount,
    "one_category_for_all": lambda y, n: torch.where(y == 0)[0][torch.randint(1000, (n,))],
    "category_missing": rows_by(lambda y: np.where(y.numpy() == 3, 0.0, 1.0)),
    "repeated_picks": lambda y, n: sampled(y, n // 2 + 1).repeat_interleave(2)[:n],
    "rows_in_turn": lambda y, n: rows_in_turn(y, y[sampled(y, n)].tolist()),
    "wrong_type": lambda y, n: (sampled(y, n), y),
    "other_shares": rows_by(lambda y: np.where(y.numpy() == 8, 1.0, 0.01)),
    "fixed_seed": lambda y, n: (torch.manual_seed(0), sampled(y, n))[1],
    "not_whole_numbers": lambda y, n: sampled(y, n).double(),
    "out_of_range": lambda y, n: sampled(y, n) + 1,
    "shape": lambda y, n: sampled(y, n)[:, None],
    "changes_inputs": lambda y, n: sampled(y.add_(1), n),
}


@pytest.mark.parametrize("id", WRONG_SAMPLING)
def test_other_mistakes_in_sampling_are_named(id):
    assert status("training_by_sampling", WRONG_SAMPLING[id]) == id


@pytest.mark.parametrize("answer", [cut_to_the_table, replaced_where_needed])
def test_sampling_without_replacement_is_named_in_each_form(answer):
    assert status("training_by_sampling", answer) == "without_replacement"


def test_as_many_picks_as_labels_are_not_taken_for_a_missing_replacement():
    assert status("training_by_sampling", lambda y, n: sampled(y, len(y))) == "shape"
    assert status("training_by_sampling", lambda y, n: y.unique(return_inverse=True)[1]) == "shape"
    categories = lambda y, n: y.unique(return_inverse=True)[1][sampled(y, n)]  # noqa: E731
    assert status("training_by_sampling", categories) == "labels_returned"
    assert status("training_by_sampling", lambda y, n: sampled(y, n).sort()[0]) == "picks_depend"


def losses_and_k(returns, level):
    return (-returns).sort(descending=True).values, round(level * len(returns))


def var_by(place):
    def answer(returns, level):
        losses, k = losses_and_k(returns, level)
        return losses[place(k)], losses[:k].mean()

    return answer


def es_by(number):
    def answer(returns, level):
        losses, k = losses_and_k(returns, level)
        return losses[k - 1], losses[: number(k)].mean()

    return answer


WRONG_RISK = {
    "one_too_far": var_by(lambda k: k),
    "other_place": var_by(lambda k: 40),
    "other_number_of_losses": es_by(lambda k: k + 3),
    "es_twice": lambda r, q: (sorted_losses(r, q)[1],) * 2,
}


@pytest.mark.parametrize("id", WRONG_RISK)
def test_a_wrong_place_among_the_losses_is_named(id):
    assert status("risk_measures", WRONG_RISK[id]) == id


def test_other_wrong_autocorrelations_are_named():
    def days_written_in(windows, lag):
        a = windows.abs() - windows.abs().mean()
        return (a[:, lag:32] * a[:, : 32 - lag]).mean() / a.square().mean()

    assert status("absolute_acf", days_written_in) == "sizes_must_agree"
    assert status("absolute_acf", lambda x, k: acf(x, 4)) == "other_lag"
    assert status("absolute_acf", lambda x, k: acf(x, k) * (len(x) > 1)) == "some_sizes_only"


def overrun(returns, n, days, block):
    starts = torch.randint(len(returns), (n, -(-days // block), 1))
    return returns[starts + torch.arange(block)].flatten(1)[:, :days]


def sliced(returns, n, days, block):
    rows = []
    for _ in range(n):
        starts = torch.randint(len(returns), (-(-days // block),)).tolist()
        rows.append(torch.cat([returns[s : s + block] for s in starts])[:days])
    return torch.stack(rows)


def interleaved(returns, n, days, block):
    starts = torch.randint(len(returns) - block + 1, (n, -(-days // block), 1))
    return returns[starts + torch.arange(block)].transpose(1, 2).flatten(1)[:, :days]


def different_starts(returns, n, days, block):
    count, total = -(-days // block), len(returns) - block + 1
    starts = torch.rand(n, max(total, count)).argsort(1)[:, :count, None].clamp(max=total - 1)
    return returns[starts + torch.arange(block)].flatten(1)[:, :days]


MORE_BLOCKS = {
    "runs_over_the_end": overrun,
    "lengths_differ": sliced,
    "interleaved": interleaved,
    "without_replacement": different_starts,
    "sorted_returns": lambda r, n, d, b: blocks(r.sort().values, n, d, b),
    "places_returned": lambda r, n, d, b: blocks(torch.arange(len(r)), n, d, b),
    "rounded": lambda r, n, d, b: blocks(r, n, d, b).int(),
    "mean_taken_off": lambda r, n, d, b: blocks(r - r.mean(), n, d, b),
    "signs_turned": lambda r, n, d, b: -blocks(r, n, d, b),
    "ends_rare": glued(lambda total, b, shape: ((total - b) * torch.rand(shape)).round().long()),
    "block_of_all_days": lambda r, n, d, b: blocks(r.roll(-1) if b == len(r) else r, n, d, b),
}


@pytest.mark.parametrize("id", MORE_BLOCKS)
def test_more_wrong_bootstraps_are_named(id):
    for seed in range(3):
        torch.manual_seed(seed)
        assert status("block_bootstrap", MORE_BLOCKS[id]) == id


def with_normals(change):
    """A copula whose normal numbers (n, C) are changed before the way back."""

    def answer(table, n):
        x = table.numpy()
        r = np.corrcoef(copulas.scores_of(x).T)
        z = np.random.multivariate_normal(np.zeros(len(r)), r, n)  # as the test has seeded it
        return copulas.from_normal(x, change(z))

    return answer


def students(z):
    t = z / np.sqrt(np.random.chisquare(2, (len(z), 1)) / 2)
    return stats.norm.ppf(stats.t.cdf(t, 2))


def infinite_scores(table, n):
    s = torch.special.ndtri((table.argsort(0).argsort(0) + 1.0) / len(table))
    return torch.randn(n, table.shape[1]) @ torch.linalg.cholesky(torch.corrcoef(s.T)).T


def one_sign(z):
    return z * np.where(np.arange(z.shape[1]) == 0, -1, 1)


def last_alone(x, s):
    r = np.corrcoef(s.T)
    r[-1, :-1] = r[:-1, -1] = 0
    return r


def between(table, n):
    u = stats.norm.cdf(with_normals(lambda z: z)(table, n).argsort(0).argsort(0) / n)
    low, high = table.min(0).values.numpy(), table.max(0).values.numpy()
    return low + (high - low) * stats.rankdata(u, axis=0) / n


MORE_COPULAS = {
    "rank_correlation": scored(lambda x, s: stats.spearmanr(x).statistic),
    "tails_together": with_normals(students),
    "rows_depend": with_normals(lambda z: z[z[:, 0].argsort()]),
    "repeated_rows": lambda t, n: copula(t, n // 2 + 1).repeat(2, 1)[:n],
    "no_correlation_matrix": infinite_scores,
    "standardised": lambda t, n: (copula(t, n) - t.mean(0)) / t.std(0),
    "sign_turned": lambda t, n: -copula(t, n),
    "uniform_between": between,
    "beyond_the_table": lambda t, n: copula(t, n) * 1.5,
    "one_half_only": with_normals(np.abs),
    "signs": with_normals(one_sign),
    "some_independent": scored(last_alone),
    "correlations_scaled": scored(lambda x, s: 0.5 * np.corrcoef(s.T) + 0.5 * np.eye(len(s.T))),
    "ranks_returned": lambda t, n: copula(t.argsort(0).argsort(0).double(), n),
    "spread_of_the_normals": with_normals(lambda z: z + 0.5),
    "shape": lambda t, n: copula(t, n)[:, :3],
}


@pytest.mark.parametrize("id", MORE_COPULAS)
def test_more_wrong_copulas_are_named(id, monkeypatch):
    monkeypatch.setattr(copulas, "SOON", 60)  # on a busy machine, too, ask for many rows
    for seed in range(2):
        torch.manual_seed(seed)
        np.random.seed(seed)
        assert status("gaussian_copula", MORE_COPULAS[id]) == id
