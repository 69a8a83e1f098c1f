"""Right answers of exercise 10 in many forms pass; catalogued mistakes are rejected and named."""

import numpy as np
import pytest
import torch
from scipy import stats

from gan_lessons import checks
from gan_lessons.checks import simulation_risk as risk
from gan_lessons.checks import simulation_sampling as sampling


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
    return sampling.with_correlation(table.numpy(), r, n, np.random.default_rng())


RIGHT = {
    "risk_measures": (sorted_losses, by_numpy, by_topk, by_quantile),
    "absolute_acf": (acf, acf_by_loops, acf_by_unfold, risk.autocorrelation),
    "block_bootstrap": (blocks, blocks_by_unfold, blocks_by_loops),
    "gaussian_copula": (copula, copula_by_scipy, copula_by_spearman),
}


@pytest.mark.parametrize("task, answer", [(t, a) for t, all in RIGHT.items() for a in all])
def test_right_answers_of_exercise_10_pass(task, answer):
    for seed in range(4 if task in ("block_bootstrap", "gaussian_copula") else 1):
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


@pytest.mark.parametrize("id", risk.ACF)
def test_each_wrong_autocorrelation_is_named(id):
    result = checks.check("absolute_acf", risk.ACF[id][0])
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
        r = change(x, sampling.scores_of(x))
        return sampling.with_correlation(x, r, n, np.random.default_rng())

    return answer


def score_rows(table, n):
    r = np.corrcoef(sampling.scores_of(table.numpy()).T)
    return np.random.default_rng().multivariate_normal(np.zeros(3), r, n)


def not_of_variance_1(table, n):
    """The root of the correlations on the wrong side."""
    r = np.linalg.cholesky(np.corrcoef(sampling.scores_of(table.numpy()).T))
    return sampling.from_normal(table.numpy(), np.random.randn(n, 3) @ r)


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
    "comonotone": lambda t, n: sampling.from_normal(t.numpy(), np.random.randn(n, 1).repeat(3, 1)),
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
