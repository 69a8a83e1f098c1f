# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/notebooks/13_simulation.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "gan-lessons[work] @ git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Can a GAN simulate what you have rarely seen?
#
# "Train a GAN on your history, and it makes as many scenarios as your stress test needs, crises on demand." Here you build that GAN for the price of oil, and a second one for a table of patients. You look at plots that convince, and then at numbers on which a company would set capital aside.
#
# **You will** train a GAN on windows of daily returns; put it beside two bootstraps and a model of 1993; measure tails, persistence and regimes that are asked for; test on years that no model has seen; and build a small conditional GAN for a table of mixed columns.
#
# **You need** lessons 04, 05 and 07. **Minutes** on two CPU cores: 35 to read, about 1½ to run. In a hurry? Read the [verdict](#Verdict).
#
# Here is the end result: the risk measures of four simulators, each over that of the history it learned from. 1 is right; left of it is too harmless.

# %% tags=["preview"]
from gan_lessons import show

show.preview("13_simulation")

# %%
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

try:
    import arch  # noqa: F401
    import sklearn  # noqa: F401
    import statsmodels  # noqa: F401
except ImportError:
    raise ImportError("This lesson needs three libraries more: pip install 'gan-lessons[work]'") from None

from gan_lessons import metrics, runtime, storage, training
from gan_lessons.metrics import confidence_interval
from gan_lessons.protocols import examples, series
from gan_lessons.protocols import tables as mixed
from gan_lessons.protocols.examples import HEALTH_COLUMNS
from gan_lessons.protocols.series import CHANNELS, DAYS, MODELS, RECIPE, REGIMES
from gan_lessons.protocols.tables import MODES, Z_DIM, choose
from gan_lessons.show import simulation as draw
from gan_lessons.show import tables

device = runtime.start(seed=0)
cut_windows, regime = series.cut_windows, series.regime

# %% [markdown]
# ## The data, and what may be learned from it
#
# The price of a barrel of crude oil (WTI) on each working day, as published by the U.S. Energy Information Administration. A **log return** is $100 \log(p_t / p_{t-1})$: about the day's change in per cent. The years to 2007 train and fit *everything*. 2008 to 2018 are held out: a financial crisis, and the fall of 2014.
#
# We simulate **windows** of 32 days. And we want control: each window comes with a label that says how turbulent the 32 days *before* it were (their standard deviation, cut into thirds on the fit years). It is known before the window begins, so it is a scenario one can ask for.

# %%
fit, later = examples.oil_returns()
windows, before = cut_windows(fit)
borders = series.borders_of(fit)
labels = regime(before, borders)
print(f"fit years: {len(fit):,} days; held out: {len(later):,} days")
print(f"{len(windows):,} windows, but they overlap: only {len(fit) // DAYS} share no day")
print(f"the month before: calm below a deviation of {borders[0]:.2f}, turbulent above {borders[1]:.2f}")

# %% [markdown]
# Count honestly: 173 windows without a common day, not 5,487. A "one in a hundred" month has been seen once or twice.
#
# ## The GAN
#
# G gets four random numbers for each day, and convolutions with growing gaps that carry them 30 days far, so that a turbulent week can begin somewhere and last. The idea is that of Quant GANs (Wiese et al. 2020). D is a plain convolutional network with the projection of lesson 04, R1 is the penalty of lesson 07. These are the first settings that we tried; nothing was tuned.


# %% tags=["shown"]
class ReturnsGenerator(nn.Module):
    """Noise (B, 128) and regimes (B,) to windows of returns (B, 32), in units of their spread."""

    n_classes = len(REGIMES)

    def __init__(self, width=32):
        super().__init__()
        self.start = nn.Conv1d(CHANNELS + self.n_classes, width, 1)
        reach = (1, 2, 4, 8)  # days between the taps: twice over, 30 days each way
        self.layers = nn.ModuleList(
            nn.Conv1d(width, width, 3, padding=d, dilation=d) for d in (*reach, *reach)
        )
        self.end = nn.Conv1d(width, 1, 1)

    def forward(self, z, labels):
        noise = z.view(-1, CHANNELS, DAYS)  # four random numbers for each day
        told = F.one_hot(labels, self.n_classes).to(z.dtype)[:, :, None].expand(-1, -1, DAYS)
        h = self.start(torch.cat([noise, told], dim=1))
        for layer in self.layers:
            h = h + F.leaky_relu(layer(h), 0.2)
        return self.end(h)[:, 0]


# %% tags=["shown"]
class ReturnsDiscriminator(nn.Module):
    """Windows (B, 32) and regimes (B,) to logits (B, 1), by projection (lesson 04)."""

    def __init__(self, width=32):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(1, width, 5, padding=2),
            nn.LeakyReLU(0.2),
            nn.Conv1d(width, 2 * width, 4, stride=2, padding=1),  # (B, 2 * width, 16)
            nn.LeakyReLU(0.2),
            nn.Conv1d(2 * width, 2 * width, 4, stride=2, padding=1),  # (B, 2 * width, 8)
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(2 * width * DAYS // 4, 64),
            nn.LeakyReLU(0.2),
        )
        self.out, self.embedding = nn.Linear(64, 1), nn.Embedding(len(REGIMES), 64)
        nn.init.normal_(self.embedding.weight, 0.0, 0.02)

    def forward(self, windows, labels):
        h = self.features(windows[:, None])
        return self.out(h) + (self.embedding(labels) * h).sum(dim=1, keepdim=True)


# %% [markdown]
# The stored table has 2,000 steps. Here you train for 800, with a seed that it does not hold.

# %%
asked = labels[torch.randint(len(labels), (20_000,))]  # regimes as often as in the fit years
torch.manual_seed(11)
x, spread = (windows / fit.std()).float(), fit.std()


def batches():
    while True:
        i = torch.randint(len(x), (64,))
        yield x[i], labels[i]


gan = training.GAN(ReturnsGenerator(), ReturnsDiscriminator(), RECIPE, CHANNELS * DAYS)
training.fit(gan, batches(), 800)
made = {"GAN": gan.sample(len(asked), asked).double() * spread}

# %% [markdown]
# ## Three baselines
#
# **Days**: draw single days of history with replacement. **Blocks**: glue two runs of 16 consecutive days, taken from windows of the regime that is asked for (Künsch 1989 had the idea of blocks). **GARCH** (Bollerslev 1986; with the asymmetry of Glosten, Jagannathan and Runkle 1993, and Student's t): six numbers. The variance of a day follows from the shock $\varepsilon$ and the variance of the day before,
#
# $$\sigma^2_t \;=\; \omega + (\alpha + \gamma\, [\varepsilon_{t-1} < 0])\, \varepsilon^2_{t-1} + \beta\, \sigma^2_{t-1}$$


# %% tags=["nbval-check-output"]
fitted = series.fit_garch(fit)
mu, omega, alpha, gamma, beta, nu = fitted.params
shock, s2 = fit.numpy() - mu, fitted.conditional_volatility**2
step = omega + (alpha + gamma * (shock[:-1] < 0)) * shock[:-1] ** 2 + beta * s2[:-1]
print("the library's variances follow the formula:", bool(np.allclose(step, s2[1:], rtol=1e-6)))

# %%
told = {"history": labels, "GAN": asked}
for name in ("days", "blocks", "GARCH"):
    made[name], told[name] = series.made_by(name, fit, borders, asked, seed=11)


def typical(source):
    """For each regime the window whose standard deviation is the median of its regime."""
    own = [source[told[name] == j] for j in range(3)]
    return torch.stack([w[w.std(dim=1).argsort()[len(w) // 2]] for w in own])


panels, sources = {}, {"history": windows, **made}
for name in ("history", "GAN", "GARCH", "days"):
    panels[name] = typical(sources[name])
alt = "A typical calm, normal and turbulent window (from above) from " + ", ".join(panels) + ". Standard deviation of all: "
alt += ", ".join(f"{k} {sources[k].std():.2f}" for k in panels) + "."
draw.paths(panels, "return, %", alt, limit=7)

# %% [markdown]
# **Predict.** Calm above, turbulent below, single shocks: could you tell the GAN's windows from history's, without the titles? This is the plot in the brochure.
#
# ## The same windows, measured
#
# What would a risk manager ask? How bad is a bad day. With losses $L = -r$ and a level of 1 %:
#
# $$\mathrm{VaR} \;=\; -\,q_{0.01}(r), \qquad \mathrm{ES} \;=\; \mathrm{E}\,[\,L \mid L \ge \mathrm{VaR}\,]$$
#
# **Value at risk**: the loss that one day in 100 exceeds. **Expected shortfall**: the mean loss on such days.


# %% tags=["shown"]
def risk(returns, level=0.01):
    """Value at risk and expected shortfall: the loss that the worst `level` of all days exceed, and
    the mean loss on those days.
    """
    var = -torch.quantile(returns.flatten(), level)
    worst = -returns[returns <= -var]
    return var.item(), worst.mean().item()


# %% tags=["nbval-check-output"]
from scipy import stats

n = torch.randn(2_000_000, generator=torch.Generator().manual_seed(0)).double()
var, es = risk(n)
q = stats.norm.ppf(0.01)
print("a normal distribution, by its formulas: VaR", abs(var + q) < 0.02, "and ES", abs(es - stats.norm.pdf(q) / 0.01) < 0.02)

# %% [markdown]
# How long turbulence lasts: the autocorrelation of absolute returns, with $a = |r|$ minus its mean,
#
# $$\rho_k \;=\; \mathrm{E}\,[a_t\, a_{t+k}] \,/\, \mathrm{E}\,[a_t^2]$$


# %% tags=["shown"]
def persistence(windows, lags=(1, 5, 10)):
    """Autocorrelation of absolute returns within windows (N, days), for each lag."""
    size = windows.abs() - windows.abs().mean()
    return [
        ((size[:, lag:] * size[:, :-lag]).mean() / size.square().mean()).item() for lag in lags
    ]


# %% tags=["nbval-check-output"]
wave = 2 + torch.randn(100_000, 1, generator=torch.Generator().manual_seed(1)).clamp(-1.9, 1.9)
print("a size that stays for the whole window has 1:", abs(persistence(wave.expand(-1, 32), (5,))[0] - 1) < 0.01)
print("independent days have 0:", abs(persistence(series.iid_bootstrap(fit, 20_000), (1,))[0]) < 0.02)

# %% [markdown]
# Further: **excess kurtosis** (0 for a normal distribution), the **worst month** (the loss of 32 days together that 1 % of the windows exceed) and the worst day of all. **Predict.** Where will the GAN be off, and to which side?

# %%
history = series.of_history(fit)
lines = [["history", *(f"{x.value:.2f}" for x in history.values())]]
lines += [[name, *(f"{x:.2f}" for x in series.measures(w).values())] for name, w in made.items()]
tables.table(["this run", *series.MEASURES], lines)

# %%
samples = {"history": fit, **{name: made[name] for name in ("GAN", "GARCH")}}
at = {name: risk(w)[1] for name, w in samples.items()}
alt = "Share of days with a loss above x, on logarithmic axes. Mean loss on the worst 1 % of days: "
draw.tails(samples, alt + ", ".join(f"{k} {v:.1f} %" for k, v in at.items()) + ".")

# %% [markdown]
# **What we saw.** One run of each. Which numbers of the GAN are smaller than history's? Too small is the wrong side: a world more harmless than the real one.
#
# ## Five seeds
#
# The stored table has five GANs, five simulations by each baseline, and a second GAN that learns **normal scores**: each return is replaced by the normal quantile of its rank, and at the end each score becomes a return of history again. No simulated day can then be worse than history's worst.
#
# Intervals of models are t-intervals over five seeds: for another training, on the same history. That of history is a block bootstrap (half a year each), for another history of the same kind. Overlapping windows are used for its value, never as if they were independent.

# %%
table = storage.load_table("simulation")
made_by = table["made_by"]
print(f"{made_by['command']} ({made_by['date']}, {made_by['machine']}, {table['cpu_seconds']:.0f} CPU seconds)")


def stored(model, measure):
    """A measure of a model for the seeds of the table."""
    return torch.tensor([r["measures"][measure] for r in table["rows"] if r["model"] == model]).double()


def short(interval):
    """An interval with two digits after the point."""
    return f"{interval.value:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


for part in (("VaR", "ES", "worst month"), ("ACF 1", "ACF 10"), ("kurtosis", "worst day")):
    lines = [["history", *(short(history[m]) for m in part)]]
    lines += [[name, *(short(confidence_interval(stored(name, m))) for m in part)] for name in MODELS]
    tables.table(["seeds 0 to 4", *part], lines)

# %% tags=["result"]
rows = {}
for m in ("VaR", "ES", "ACF 1", "ACF 10", "worst month"):
    own = {k: confidence_interval(stored(k, m) / history[m].value) for k in ("blocks", "GARCH", "GAN", "GAN, scores")}
    rows[m] = {"history": metrics.Interval(1.0, history[m].low / history[m].value, history[m].high / history[m].value)} | own
said = "; ".join(f"{m}: " + ", ".join(f"{k} {x.value:.2f}" for k, x in list(r.items())[1:]) for m, r in rows.items())
alt = f"Measures of simulated oil returns over those of history, with 95 % intervals. {said}."
draw.ratios(rows, "over history's value (with 95 % intervals)", alt)

# %% tags=["nbval-check-output"]
for m in ("VaR", "ES", "worst month"):
    paired = confidence_interval(stored("GAN", m) - stored("blocks", m))
    print(f"{m}: the GAN's is smaller than that of blocks (paired interval below 0):", paired.high < 0)

# %%
lines = []
for m in series.MEASURES[:-1]:
    pair = [confidence_interval(stored(g, m) - stored("blocks", m)) for g in ("GAN", "GAN, scores")]
    lines.append([m, *map(short, pair)])
tables.table(["minus blocks, paired by seed", "GAN", "GAN, scores"], lines)

# %% [markdown]
# **What we saw.** Persistence from one day to the next is right, and so is the mean kurtosis: with the plot and these two, one would sign. But the GAN's VaR, ES and worst month are, in the mean of five runs, below the whole interval of history; every single run errs to the harmless side. Its ES is a fifth too small, its worst month about a third of history's. Single days are wilder than any in history; that is where the kurtosis comes from. So kurtosis, too, comforts falsely. Normal scores make the days milder still.
#
# Blocks have history's days by construction. What goes over their seams is lost: see ACF 10. GARCH has six numbers, the longest persistence and no GPU; its ES is a tenth too small, and its worst single days are beyond anything seen.
#
# ## Is it only too narrow?
#
# The GAN's windows vary less than history's. A quick remedy, from the fit years alone: stretch each GAN's windows until the mean variance of the three regimes is history's. Kurtosis and ACF stay as they are. **Predict.** Does that mend the days? And the month?
#
# %%
def variance(model_rows):
    """Mean variance over the three regimes, for each seed."""
    return torch.tensor(model_rows).double()[..., 0].square().mean(dim=-1)


stretch = (variance(series.by_regime(windows, labels)) / variance([r["regimes"] for r in table["rows"] if r["model"] == "GAN"])).sqrt()
lines = [["stretched by", "", "1", short(confidence_interval(stretch))]]
for m in ("VaR", "ES", "worst month"):
    pair = [confidence_interval(x) for x in (stored("GAN", m), stored("GAN", m) * stretch)]
    lines.append([m, short(history[m]), *map(short, pair)])
tables.table(["", "history", "GAN", "GAN, stretched"], lines)

# %% tags=["nbval-check-output"]
month = confidence_interval(stored("GAN", "worst month") * stretch)
print("stretched, the worst month is still below history's whole interval:", month.high < history["worst month"].low)

# %% [markdown]
# **What we saw.** The days come right, or nearly. The month does not: days that vary enough do not add up to a bad month, because in the GAN's world they cancel out too well. A simulator can be right at one horizon and wrong at the next. Test it at the one you use.
#
# Does training longer help? The 2,000 steps were set before the first number of the table was seen. A trial with 800 steps (one seed) was *less* wrong. Whoever picks the steps by these measures has tuned on them, and needs other years to test.
#
# Theory expects it. G is a Lipschitz function of normal noise, so its tails are light (Oriol and Miot 2021; Tam and Dunson 2025). The rare days are few in each batch, and the averaged, penalised game prefers the middle. Cont et al. (2025) put VaR and ES into the loss of their Tail-GAN; then you need other measures to test it. And be fair: Wiese et al. (2020) report excellent agreement for Quant GANs, which are larger and trained with more care.
#
# ## Years that nobody has seen
#
# **Predict.** With each model's 1 % VaR of the fit years: on what share of the days of 2008 to 2018 is the loss larger? And if each window has the VaR of *its* regime?

# %%
def held_out(model, key):
    """Entries of the table's part "held out", one row for each seed."""
    return torch.tensor([r["held out"][key] for r in table["rows"] if r["model"] == model]).double()


own, months = cut_windows(later)
own, months = own[::DAYS], regime(months[::DAYS], borders)  # no day twice
print(f"{len(own)} windows without a common day; regimes: ", *(f"{r} {n}" for r, n in zip(REGIMES, months.bincount(), strict=True)))
lines = []
for name in MODELS:
    parts = held_out(name, "exceeded by regime")
    each = [confidence_interval(100 * parts[:, k]) for k in range(3)]
    lines.append([name, short(confidence_interval(100 * held_out(name, "exceeded"))), *map(short, each)])
tables.table(["% of days beyond the VaR", "one VaR", *(f"of {r}" for r in REGIMES)], lines)

# %%
for name, var in (("history's", risk(fit)[0]), ("the GANs' mean", stored("GAN", "VaR").mean())):
    beyond = (-own > var).double()
    noise = metrics.bootstrap(lambda w: 100 * w.mean(), beyond, times=1000)
    print(f"beyond {name} VaR: {short(noise)} % of the held-out days")
    print(f"   {int(beyond.sum())} days, in {int(beyond.any(dim=1).sum())} of {len(own)} windows")
print("worst month of the held-out years, %:", short(series.of_history(later)["worst month"]))

# %% tags=["nbval-check-output"]
gap = confidence_interval(100 * (held_out("GAN", "exceeded") - held_out("blocks", "exceeded")))
print("the GAN's VaR is exceeded more often than that of blocks (paired interval above 0):", gap.low > 0)

# %% [markdown]
# **What we saw.** On 2.5 % of the held-out days the loss exceeds the GAN's VaR, where 1 % was promised. Drawing single days, gluing blocks, and GARCH keep it for all days together. But "days" has one VaR for all times: hardly ever exceeded in calm ones, twice too often in turbulent ones. Blocks and GARCH know the regime and come nearer in both.
#
# The intervals in the table are for other simulations; those below it are for other held-out years (a bootstrap of whole windows). With them, too, 1 % lies outside the GAN's. The later years' worst month was 47 %, with an interval from 29 to 57; the models' own means end at 36. No simulator knows the crisis that is not in its history.
#
# ## Does it make the regime that you ask for?

# %%
def of_regime(model, k, what):
    """Standard deviation (0), VaR (1) or ES (2) of windows asked to be of regime k."""
    return torch.tensor([r["regimes"][k][what] for r in table["rows"] if r["model"] == model]).double()


for what, title in ((0, "standard deviation"), (2, "ES")):
    lines = []
    for source, w, told_w in (("history", windows, labels), ("held out", own, months)):
        lines.append([source, *(f"{row[what]:.2f}" for row in series.by_regime(w, told_w))])
    for name in MODELS:
        lines.append([name, *(short(confidence_interval(of_regime(name, k, what))) for k in range(3))])
    tables.table([title, *REGIMES], lines)

# %% tags=["nbval-check-output"]
sd = torch.stack([of_regime("GAN", k, 0) for k in range(3)])
print("in all five runs the regimes come in the right order:", bool((sd.diff(dim=0) > 0).all()))
below = confidence_interval(of_regime("GAN", 2, 2) - of_regime("blocks", 2, 2))
print("turbulent, ES: the GAN's is smaller than that of blocks (paired interval below 0):", below.high < 0)

# %% [markdown]
# **What we saw.** Control works: in all five runs calm is calmest and turbulent wildest. But each regime is too calm, in spread and in ES, and drawing blocks from months of that regime obeys as well, without training.
#
# ## A table with mixed columns
#
# The RAND Health Insurance Experiment (public domain, in statsmodels): visits to a doctor in a year (a count with many zeros), an incentive and an expenditure limit (numbers with a peak at 0), chronic diseases, and four categories, with self-rated health among them. 1.5 % of the rows are of **poor** health: the rare group that we will ask for.
#
# A person stands in several rows, and no column says who. A random split of the rows would put the same person on both sides. So runs of rows that agree in the person's answers stay together. (Members of one family may still stand on both sides.)

# %%
patients, person = examples.health_table()
known, held = mixed.split(patients, person, seed=99)
print(f"{len(known):,} rows to fit, {len(held):,} held out, {person.max() + 1:,} runs; poor health {(patients[:, -1] == 3).mean():.1%}")

# %% [markdown]
# CTGAN (Xu et al. 2019) brings three tricks. **Mode-specific normalisation**: a number becomes the bell of a Gaussian mixture that it belongs to, one-hot, and its distance from the bell's middle: $\alpha = (x - \mu_k) / 4 \sigma_k$. **Gumbel-softmax** for everything one-hot: a random choice through which a gradient passes. **Conditions with training-by-sampling**: each row comes with the wish for one category of one column, and rare categories are wished for more often than they occur.


# %% tags=["nbval-check-output"]
encoder = mixed.Encoder(known, HEALTH_COLUMNS)
coded = encoder.encode(known, np.random.default_rng(0))
again = encoder.decode(coded)
print("categories and visits come back from the code:", bool((again[:, [0, 4, 5, 6, 7]] == known[:, [0, 4, 5, 6, 7]]).mean() > 0.98))
logits = torch.tensor([1.0, 0.0, -1.0])
drawn = F.gumbel_softmax(logits.expand(200_000, -1), tau=0.5, hard=True).mean(dim=0)
print("Gumbel-softmax draws with the softmax's chances:", torch.allclose(drawn, logits.softmax(0), atol=0.01))


# %% tags=["shown"]
class TableGenerator(nn.Module):
    """Noise (B, 64) and conditions (B,) to coded rows (B, width)."""

    def __init__(self, columns, width=128):
        super().__init__()
        self.numbers, self.sizes = len(columns.numbers), columns.sizes
        self.n_classes = columns.n_classes
        self.net = nn.Sequential(
            *(nn.Linear(Z_DIM + self.n_classes, width), nn.BatchNorm1d(width), nn.ReLU()),
            *(nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU()),
            nn.Linear(width, columns.width),
        )

    def forward(self, z, labels):
        asked = F.one_hot(labels, self.n_classes).to(z.dtype)
        out = self.net(torch.cat([z, asked], dim=1))
        out = out.split([1, MODES] * self.numbers + self.sizes, dim=1)
        parts = [p.tanh() if p.shape[1] == 1 else choose(p) for p in out]
        for i, told in enumerate(asked.split(self.sizes, dim=1), start=2 * self.numbers):
            here = told.sum(dim=1, keepdim=True)  # 1 in the rows whose wish is about this column
            parts[i] = here * told + (1 - here) * parts[i]
        return torch.cat(parts, dim=1)


# %% [markdown]
# Two things differ from CTGAN. Its generator is taught by an extra loss to obey the wish; ours writes the wished category itself, so obeying proves nothing here, and the question becomes what comes *with* it. And D is a plain MLP with R1, without packs of ten rows. The settings were tried on the fit rows of one split, number 99, which the stored table does not hold. (The libraries ctgan and copulas do more; their licence, BUSL 1.1, forbids some commercial uses of a version until four years after its release.)
#
# The baselines: **columns** drawn each by itself; a **Gaussian copula**, which keeps each column's values and the correlations of their normal scores; and the fit **rows** again.


# %% tags=["shown"]
def copula(table, n, draw):
    """Rows from a Gaussian copula: each column keeps its values, the normal scores of their ranks
    keep their correlations. Ties are ranked in random order.
    """
    jitter = draw.random(table.shape)
    ranks = np.column_stack(
        [np.lexsort((jitter[:, j], table[:, j])).argsort() for j in range(table.shape[1])]
    )
    scores = stats.norm.ppf((ranks + 0.5) / len(table))
    z = draw.multivariate_normal(np.zeros(table.shape[1]), np.corrcoef(scores.T), n)
    place = (stats.norm.cdf(z) * len(table)).astype(int).clip(max=len(table) - 1)
    return np.take_along_axis(np.sort(table, axis=0), place, axis=0)


# %%
sample = mixed.train_table_gan(known, HEALTH_COLUMNS, seed=99, steps=800)
n, by = len(known), np.random.default_rng(0)
sets = {"columns": mixed.columns_alone(known, n, by), "copula": copula(known, n, by), "GAN": sample(n)}
poor = sample(torch.full((5000,), HEALTH_COLUMNS.n_classes - 1))
lines = []
for name, rows_made in {"held out": held, **sets, "GAN, asked for poor": poor}.items():
    of = examples.of_poor(rows_made)
    lines.append([name, f"{of['share']:.1%}", f"{of['visits']:.1f}", f"{of['often']:.0%}"])
tables.table(["this run", "poor health", "their visits", "5 or more"], lines)

# %% [markdown]
# **Predict.** The copula gets each column right by construction. Where can it still be wrong?
#
# Five splits; every method sees the same rows of a split, makes as many, and is compared with the same held-out people. *Marginals*: mean distance of the single columns. *Associations*: mean absolute difference of correlations. *AUC*: a random forest learns from the made rows who visits a doctor five times or more, and is tested on real held-out rows. *Poor*: their share, and the mean visits of those who are (GAN: are asked to be) of poor health, both over those of the held-out people. Intervals are t-intervals over five splits, whose held-out rows overlap a little, so they are rather too narrow.

# %%
splits = storage.load_table("simulation_tables")
made_by = splits["made_by"]
print(f"{made_by['command']} ({made_by['date']}, {made_by['machine']}, {splits['cpu_seconds']:.0f} CPU seconds)")


def scored(method, key):
    """A measure of a method on the five splits; the shares and visits are over the held-out ones."""
    x = {m: torch.tensor([r[key] for r in splits["rows"] if r["method"] == m]).double() for m in (method, *["held out"][: key in ("poor visits", "poor share")])}
    return x[method] / x["held out"] if "held out" in x else x[method]


KEYS = {"marginals": "marginals", "associations": "associations", "AUC": "AUC", "poor share": "poor: share", "poor visits": "poor: visits"}


def three(values):
    """A t-interval with three digits after the point."""
    c = confidence_interval(values)
    return f"{c.value:.3f} [{c.low:.3f}, {c.high:.3f}]"


for part in (("marginals", "associations", "AUC"), ("poor share", "poor visits")):
    lines = [[m, *(three(scored(m, key)) for key in part)] for m in ("columns", "copula", "GAN", "rows")]
    lines.append(["GAN - copula, paired", *(three(scored("GAN", key) - scored("copula", key)) for key in part)])
    tables.table(["splits 0 to 4", *(KEYS[key] for key in part)], lines)

# %% tags=["nbval-check-output"]
gap = {key: confidence_interval(scored("GAN", key) - scored("copula", key)) for key in KEYS}
off = [(scored(m, "poor visits") - 1).abs() for m in ("GAN", "copula")]
print("single columns: the copula is nearer to the held-out rows (paired):", gap["marginals"].low > 0)
print("associations: the GAN is nearer (paired):", gap["associations"].high < 0)
print("visits of the people of poor health: the GAN is nearer in 4 of 5 splits or more:", int((off[0] < off[1]).sum()) >= 4)

# %% [markdown]
# **What we saw.** A split verdict, and here the GAN has something to offer. The copula has the single columns nearly right, the GAN does not. But the GAN has half the copula's error in associations: people of poor health do visit more often, which a normal dependence between ranked columns dilutes. To a forest that learns from the rows, both are worth the same, and rather less than real rows. The wish for poor health comes with about the right visits, rather too many, and the interval is wide: about 50 held-out *rows* are of poor health, of fewer people.
#
# And the rows themselves? They are best in nearly everything. A made table must be wanted for another reason than quality. If that reason is privacy, lesson 14 asks whether it holds.
#
# ## Verdict
#
# The numbers that it rests on:

# %%
g = {m: confidence_interval(stored("GAN", m) / history[m].value) for m in series.MEASURES}
print(f"GAN over history: ES {short(g['ES'])}, worst month {short(g['worst month'])}")
print(f"days beyond the VaR, %: GAN {short(confidence_interval(100 * held_out('GAN', 'exceeded')))}, asked 1")
print(f"the same, blocks {short(confidence_interval(100 * held_out('blocks', 'exceeded')))}, GARCH {short(confidence_interval(100 * held_out('GARCH', 'exceeded')))}")
print(f"table: GAN minus copula, marginals {gap['marginals']}")
print(f"table: GAN minus copula, associations {gap['associations']}")

# %% [markdown]
# > **Verdict: "GANs simulate rare scenarios and stress tests"**
# >
# > | | |
# > |---|---|
# > | **What held** | Plots convince. Persistence from day to day, and regimes in the right order when asked for. In the table: the associations of mixed columns, better than a Gaussian copula, and a rare group with about the right company. |
# > | **What did not** | The risk measures. ES a fifth too small, the worst month about a third of history's, in all five runs on the harmless side; 2.5 % of the held-out days beyond a 1 % VaR. A stretch mends days, not months. Two bootstraps and a GARCH model of six numbers were nearer in every one of these. In the table: single columns, where the copula is four times as near. |
# > | **Use it** | where dependence is complicated and single numbers matter less: test data for software, mixed tables, what-if pictures. With the baseline beside it. |
# > | **Do not use it** | for capital, limits, reserves or any number in a tail, unless that number was tested at its own horizon on years that were held out; for crises that are not in the history. |
# > | **What it costs to rely on it** | The gap between stated and true loss: with a VaR that is a quarter too small, 2.5 times as many bad days as planned. Somebody who validates every measure anew after each training. The explanation to an auditor why six numbers were not enough. |
# > | **Ask the vendor** | VaR, ES and the worst month at our horizon, with intervals, over seeds? On held-out years? Beside a block bootstrap and GARCH? How many windows without a common day stand behind it? On which data were the steps chosen? |
# > | **Instead** | Block bootstrap for what happened, GARCH for spread that changes, named historical crises and expert shocks for what has not happened yet. |
#
# It is a verdict on small networks, one price and one table. Larger ones, or a loss that holds VaR and ES (Tail-GAN), may do better. The tests stay.
#
# ## Recap
#
# - A simulator is judged by the number it is used for, at the horizon it is used at. Plots and kurtosis comfort falsely.
# - **VaR** and **ES** say how bad a bad day is, the autocorrelation of $|r|$ how long turbulence lasts, the **worst month** what both do together.
# - Overlapping windows are not independent: count those without a common day.
# - A condition that is known beforehand makes a scenario. The baseline is a bootstrap within it.
# - For mixed columns: mode-specific normalisation, Gumbel-softmax, conditions with training-by-sampling.
#
# ## Test yourself
#
# <details><summary>1. A vendor shows 100,000 simulated months, and a 0.1 % quantile with three digits. The history has 20 years. What do you answer?</summary>
# 20 years have about 160 windows of 32 days without a common day. The digits are those of the simulation, not of the world: another history of the same kind would give quite another quantile. Ask for an interval over histories.
# </details>
#
# <details><summary>2. A simulator draws single days of history with replacement. Which measures on this page are right by construction, which must be wrong?</summary>
# VaR, ES, kurtosis and the worst day are history's, up to chance. Persistence is 0, so that turbulence does not last, and one VaR holds for calm and turbulent times alike.
# </details>
#
# <details><summary>3. The GAN writes the wished category itself. Why would "100 % of the rows have the category that was asked for" prove nothing? What would?</summary>
# It is true before any training. Compare the <em>other</em> columns of those rows with held-out real rows of that group: their means, their spread, their associations.
# </details>
#
# Now do [exercise 13](../exercises/13_simulation.ipynb): write VaR and ES, persistence, a block bootstrap, a Gaussian copula and training-by-sampling, and judge a GAN with them. Then [lesson 14](14_privacy.ipynb) asks whether such data keeps secrets.
#
# ## References
#
# - T. Bollerslev: Generalized autoregressive conditional heteroskedasticity. Journal of Econometrics 31, 1986.
# - R. Cont, M. Cucuringu, R. Xu, C. Zhang: Tail-GAN: learning to simulate tail risk scenarios. Management Science, 2025; arXiv:2203.01664.
# - L. Glosten, R. Jagannathan, D. Runkle: On the relation between the expected value and the volatility of the nominal excess return on stocks. Journal of Finance 48, 1993.
# - E. Jang, S. Gu, B. Poole: Categorical reparameterization with Gumbel-softmax. ICLR 2017.
# - H. Künsch: The jackknife and the bootstrap for general stationary observations. Annals of Statistics 17, 1989.
# - B. Oriol, A. Miot: On some theoretical limitations of generative adversarial networks. arXiv:2110.10915, 2021.
# - E. Tam, D. Dunson: On the statistical capacity of deep generative models. arXiv:2501.07763, 2025.
# - M. Wiese, R. Knobloch, R. Korn, P. Kretschmer: Quant GANs: deep generation of financial time series. Quantitative Finance 20, 2020.
# - L. Xu, M. Skoularidou, A. Cuesta-Infante, K. Veeramachaneni: Modeling tabular data using conditional GAN. NeurIPS 2019.
# - Data: WTI spot price, U.S. Energy Information Administration (series DCOILWTICO at FRED), as bundled with arch. RAND Health Insurance Experiment, public domain, as bundled with statsmodels.
