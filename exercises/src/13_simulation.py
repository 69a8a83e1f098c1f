# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/exercises/solutions/13_simulation.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "gan-lessons[work] @ git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Exercise 13: a stress test for a simulator
#
# You write two measures and two simulators, judge a GAN with them, and draw rows so that the rare ones are seen. It belongs to lesson 13. **Minutes** on two CPU cores: 55 to work, less than 1 to run.
#
# In each task, replace `...` with your code, run the cell, and run the check below it. The check says what is wrong, and `checks.hint("name")` gives a hint; there are three for each task.
#
# This is the end result: the measures of a GAN and of your bootstrap, over those of the history they learned from.

# %% tags=["preview"]
from gan_lessons import show

show.preview("exercise_13_simulation")

# %%
import torch

try:
    import arch  # noqa: F401
    import statsmodels  # noqa: F401
except ImportError:
    raise ImportError("This exercise needs two libraries more: pip install 'gan-lessons[work]'") from None

from gan_lessons import checks, runtime
from gan_lessons.protocols import examples, series
from gan_lessons.protocols import tables as mixed
from gan_lessons.show import tables

device = runtime.start(seed=0)
fit, later = examples.oil_returns()  # daily log returns of oil in per cent: to 2007, and 2008 to 2018


def or_own(name, mine, package):
    """The learner's answer once it passes its check, the package's before."""
    return mine if checks.check(name, mine).status == "passed" else package


# %% [markdown]
# ## Task 1: value at risk, expected shortfall
#
# Write `risk_measures(returns, level)`. It returns two numbers, `(var, es)`: floats, or tensors with one entry.
#
# - `returns` has shape (N,), float32. A **loss** is a negative return with its sign turned, so $L = -r$.
# - $k$ is `level` · N, a whole number in every check (up to rounding).
# - `var` is the $k$-th largest loss. Anything between it and the next smaller loss passes, too, but not that smaller loss itself.
# - `es` is the mean of the $k$ largest losses.


# %%
def risk_measures(returns, level):
    """Value at risk and expected shortfall."""
    ### BEGIN SOLUTION
    losses = (-returns).sort(descending=True).values
    k = round(level * len(returns))
    return losses[k - 1].item(), losses[:k].mean().item()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.risk_measures(risk_measures)

# %% [markdown]
# Predict, then run: were the worst 1 % of days worse in the years to 2007, or in 2008 to 2018?

# %%
risk = or_own("risk_measures", risk_measures, series.risk)
for years, returns in {"1986 to 2007": fit, "2008 to 2018": later}.items():
    var, es = map(float, risk(returns[: len(returns) // 100 * 100], 0.01))
    print(f"{years}: VaR {var:.1f} %, ES {es:.1f} %")

# %% [markdown]
# ## Task 2: does turbulence last?
#
# $$\rho_k \;=\; \mathrm{E}\,[a_t\, a_{t+k}] \,/\, \mathrm{E}\,[a_t^2]$$
#
# Write `absolute_acf(windows, lag)`. It returns one number.
#
# - `windows` has shape (N, T), float32: N windows of T days. `lag` ($k$) is a whole number from 1 to T - 1.
# - $a$ is $|r|$ minus **one** mean of $|r|$, over all days of all windows.
# - The mean above is over all pairs of days within a window that are `lag` apart; no pair crosses from one window into another. The mean below is over all days of all windows.


# %%
def absolute_acf(windows, lag):
    """Autocorrelation of absolute returns within windows."""
    ### BEGIN SOLUTION
    a = windows.abs() - windows.abs().mean()
    return (a[:, lag:] * a[:, :-lag]).mean() / a.square().mean()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.absolute_acf(absolute_acf)

# %%
acf = or_own("absolute_acf", absolute_acf, lambda windows, lag: series.persistence(windows, (lag,))[0])
windows = fit.unfold(0, 32, 1)
shuffled = fit[torch.randperm(len(fit))].unfold(0, 32, 1)
for lag in (1, 5, 10):
    print(f"lag {lag:2d}: history {float(acf(windows, lag)):.2f}, its days in random order {float(acf(shuffled, lag)):.2f}")

# %% [markdown]
# ## Task 3: the block bootstrap
#
# Write `block_bootstrap(returns, n, days, block)`. It returns a tensor (n, days) of simulated windows.
#
# - `returns` has shape (N,). A block is `block` consecutive days of it, in their order.
# - Each window is glued from blocks; where `days` is no multiple of `block`, the end of its last block is cut off. `block` may be larger than `days`, never larger than N.
# - Each block starts at a place drawn at random from 0, 1, … N - `block`, all equally likely, independent of all other blocks. Nothing runs over the end of the history.
# - Use any random numbers, but set no seed inside, and leave `returns` as it is.


# %%
def block_bootstrap(returns, n, days, block):
    """Windows glued from blocks of consecutive days of history."""
    ### BEGIN SOLUTION
    blocks = -(-days // block)
    starts = torch.randint(len(returns) - block + 1, (n, blocks, 1))
    return returns[starts + torch.arange(block)].flatten(1)[:, :days]
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.block_bootstrap(block_bootstrap)

# %% [markdown]
# How long must a block be? Predict: which of the measures below depends on the block's length, and which can't?

# %%
bootstrap = or_own("block_bootstrap", block_bootstrap, series.block_bootstrap)
lines = []
for block in (1, 4, 16, 32):
    made = torch.as_tensor(bootstrap(fit, 20_000, 32, block)).double()
    var, es = map(float, risk(made.flatten(), 0.01))
    lines.append([block, f"{es:.1f}", *(f"{float(acf(made, lag)):.2f}" for lag in (1, 10))])
tables.table(["days a block", "ES, %", "ACF 1", "ACF 10"], lines)

# %% [markdown]
# Now a GAN of the lesson, trained for 400 steps, beside your bootstrap with blocks of 16 days. Everything is over the same number of history.

# %%
borders = series.borders_of(fit)
labels = series.regime(series.cut_windows(fit)[1], borders)
asked = labels[torch.randint(len(labels), (20_000,))]
gan = series.train_gan(fit, borders, seed=21, steps=400)(asked)
sources = {"GAN": gan, "blocks of 16": torch.as_tensor(bootstrap(fit, 20_000, 32, 16)).double()}


def judged(made):
    """VaR and ES of days, VaR of a month, and the persistence at lags 1 and 10."""
    return torch.tensor(
        [*map(float, risk(made.flatten(), 0.01)), float(risk(made.sum(dim=1), 0.01)[0])]
        + [float(acf(made, lag)) for lag in (1, 10)]
    )


names = ["VaR", "ES", "worst month", "ACF 1", "ACF 10"]
base = judged(windows[: len(windows) // 100 * 100])
found = {name: judged(made) / base for name, made in sources.items()}

# %% tags=["result"]
bars = [f"{name}: {m}" for m in names for name in found]
heights = [float(found[name][i]) for i in range(len(names)) for name in found]
alt = "Measures over those of history. " + "; ".join(f"{b} {h:.2f}" for b, h in zip(bars, heights, strict=True)) + "."
show.bars(bars, heights, "over history's", alt, reference=1.0, reference_name="history")

# %% tags=["nbval-check-output"]
es = {name: float(values[1]) for name, values in found.items()}
print("the bootstrap's ES is within 10 % of history's:", abs(es["blocks of 16"] - 1) < 0.1)

# %% [markdown]
# ## Task 4: a Gaussian copula
#
# Write `gaussian_copula(table, n)`. It returns n new rows, (n, C): a tensor or an array.
#
# - `table` has shape (N, C), float64, no ties in any column. `n` may be larger or smaller than N.
# - **Normal scores**: in each column, replace a value by $\Phi^{-1}((\text{rank} + 0.5) / N)$, rank 0 for the smallest. (Other usual forms, as rank from 1 over N + 1, are fine.)
# - Draw n rows from a normal distribution with means 0, variances 1 and the correlations of these scores. Set no seed inside.
# - Way back: a normal number $z$ becomes the value of its column at rank $\Phi(z) \cdot N$, rounded down, or between it and a neighbour.


# %%
def gaussian_copula(table, n):
    """New rows with the table's columns, and the correlations of its normal scores."""
    ### BEGIN SOLUTION
    rank = table.argsort(dim=0).argsort(dim=0)
    scores = torch.special.ndtri((rank.double() + 0.5) / len(table))
    root = torch.linalg.cholesky(torch.corrcoef(scores.T))
    z = torch.randn(n, table.shape[1], dtype=table.dtype) @ root.T
    place = (torch.special.ndtr(z) * len(table)).long().clamp(max=len(table) - 1)
    return table.sort(dim=0).values.gather(0, place)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.gaussian_copula(gaussian_copula)

# %% [markdown]
# A test that a normal dependence must fail: losses of oil on two days that follow each other. Crises come together; normal numbers of the same correlation rarely do. Predict: of the days after one of the worst 1 %, what share is among the worst 1 % again?

# %%
own = or_own("gaussian_copula", gaussian_copula, None) or (
    lambda table, n: torch.tensor(mixed.copula(table.numpy(), n, mixed.np.random.default_rng(0)))
)
pairs = torch.stack([fit[:-1], fit[1:]], dim=1)
pairs = pairs + 1e-6 * torch.rand(pairs.shape)  # no ties
for name, table in {"history": pairs, "copula": torch.as_tensor(own(pairs, 200_000)).double()}.items():
    bad = table < pairs.quantile(0.01, dim=0)
    print(f"{name}: {float(bad.all(dim=1).double().sum() / bad[:, 0].sum()):.1%} of the bad days are followed by one")

# %% [markdown]
# ## Task 5: training-by-sampling
#
# A GAN of tables (CTGAN) is told a category, and sees rows of that category. If rows were drawn uniformly, it would hardly ever see the rare ones.
#
# $$p_k \;=\; \frac{\log(1 + n_k)}{\sum_j \log(1 + n_j)}$$
#
# Write `training_by_sampling(labels, n)`. It returns n row numbers, (n,), whole numbers: a tensor, an array or a list.
#
# - `labels` has shape (N,), int64: the category of each row, in any order. The categories are numbers from 0, with gaps (0, 3, 7); a category may have a single row.
# - Each pick draws a category: category $k$ with the chance $p_k$, where $n_k$ is its number of rows. Categories that do not occur are never drawn. Then it draws one row of this category; all of its rows are equally likely.
# - All picks are independent of each other: a row can come again (with replacement), and the result is in no order. `n` may be larger or smaller than N.
# - Set no seed inside, and leave `labels` as it is.


# %%
def training_by_sampling(labels, n):
    """Rows for training: categories by log(1 + count), rows uniform within."""
    ### BEGIN SOLUTION
    _, which, counts = labels.unique(return_inverse=True, return_counts=True)
    chance = counts.double().log1p() / counts  # of a category, shared by its rows
    return torch.multinomial(chance[which], n, replacement=True)
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.training_by_sampling(training_by_sampling)

# %% [markdown]
# Days of oil by the size of their move. Predict: of 1,000 picks, how many are moves of more than 10 %, drawn uniformly, and with your function?

# %%
pick = or_own("training_by_sampling", training_by_sampling, None)
if pick is None:
    print("This table appears when task 5 passes.")
else:
    size = torch.bucketize(fit.abs(), torch.tensor([2.0, 5.0, 10.0], dtype=torch.float64))
    picked = size[torch.as_tensor(pick(size, 10_000))]
    names = ["up to 2 %", "2 to 5 %", "5 to 10 %", "more than 10 %"]
    shares = [1000 * torch.bincount(x, minlength=4) / len(x) for x in (size, picked)]
    lines = [[name, f"{a:.0f}", f"{b:.0f}"] for name, a, b in zip(names, *shares, strict=True)]
    tables.table(["moves", "of 1,000 days", "of 1,000 picks"], lines)

# %% [markdown]
# ## Explore
#
# Nothing here is checked. Predict first.
#
# - **Stretch it.** Multiply the GAN's windows so that their standard deviation is history's. Which measures are right now, which are not?
# - **Stop earlier or later.** 200, 800, 3,000 steps. Choose by the measures on the fit years: what have you tuned on, and which years are left to test with?
# - **An interval.** Bootstrap half-years of the held-out years (`series.of_history`). How wide is the interval of the worst month? How many months without a common day stand behind it?
# - **Other tails.** Give G's noise Student's t with 4 degrees of freedom instead of the normal. Does the worst day change? The worst month?
# - **The price of seeing the rare.** A model that learns from `training_by_sampling` sees wrong shares. How must its samples be weighted, so that VaR comes out right?
# - **Your data.** Daily demand, temperatures, waiting times: which block length, which measure would a planner ask for, and what is the crisis that is not in the history?

# %%
# Your experiment
