"""Can a GAN simulate a series? Windows of daily returns by a GAN, two bootstraps and a GARCH model,
and the measures that a risk desk would ask of them.

Returns are float64 tensors in per cent, `history` or `fit` (N,) and windows (N, 32). A regime is
the turbulence of the month before a window. The GARCH model needs arch.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons import losses, metrics, training

DAYS, CHANNELS, STEPS = 32, 4, 2000
REGIMES = ("calm", "normal", "turbulent")
RECIPE = losses.Recipe(penalty=losses.r1_penalty, lr_d=1e-3, lr_g=1e-3, betas=(0.0, 0.99))


def cut_windows(returns, days=DAYS):
    """All overlapping windows (N, days), each after a month of as many days, and the standard
    deviation of that month (N,). A ValueError for fewer than 2 * days returns.
    """
    if len(returns) < 2 * days:
        raise ValueError(
            f"Windows of {days} days need {2 * days} returns; there are {len(returns)}."
        )
    pairs = returns.unfold(0, 2 * days, 1)
    return pairs[:, days:], pairs[:, :days].std(dim=1)


def regime(volatility, borders):
    """0, 1 or 2 for a month's standard deviation, by the two borders."""
    return torch.bucketize(volatility.contiguous(), borders)


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


def normal_scores(values, history):
    """Each value as the normal quantile of its rank in `history`."""
    place = torch.searchsorted(history.sort().values, values.contiguous()) + 0.5
    return torch.special.ndtri((place / (len(history) + 1)).clamp(0, 1))


def from_scores(scores, history):
    """The way back: quantiles of `history`, so nothing is worse than its worst day."""
    at = torch.special.ndtr(scores) * (len(history) - 1)
    ordered, low = history.sort().values, at.floor().long().clamp(0, len(history) - 2)
    return ordered[low] + (at - low) * (ordered[low + 1] - ordered[low])


def train_gan(fit, borders, seed, steps=STEPS, scores=False, progress=False):
    """A GAN of windows; returns a function of regimes (N,) to windows (N, 32) in per cent."""
    torch.manual_seed(seed)
    spread, (windows, volatility) = fit.std(), cut_windows(fit)
    x = normal_scores(windows, fit) if scores else windows / spread
    x, labels = x.float(), regime(volatility, borders)

    def batches():
        while True:
            i = torch.randint(len(x), (64,))
            yield x[i], labels[i]

    gan = training.GAN(ReturnsGenerator(), ReturnsDiscriminator(), RECIPE, CHANNELS * DAYS)
    training.fit(gan, batches(), steps, progress=progress)

    def sample(asked):
        made = gan.sample(len(asked), asked).double()
        return from_scores(made, fit) if scores else made * spread

    return sample


def iid_bootstrap(history, n, days=DAYS):
    """Windows of single days of history, drawn with replacement."""
    return history[torch.randint(len(history), (n, days))]


def block_bootstrap(history, n, days=DAYS, block=16):
    """Windows glued from blocks of consecutive days of history."""
    starts = torch.randint(len(history) - block + 1, (n, -(-days // block), 1))
    return history[starts + torch.arange(block)].flatten(1)[:, :days]


def fit_garch(history):
    """A fitted GJR-GARCH(1,1) model with Student's t, of the library arch."""
    from arch import arch_model

    return arch_model(history.numpy(), p=1, o=1, q=1, dist="t").fit(disp="off")


def garch_windows(history, n, seed, days=DAYS):
    """Windows (n, days) of the GARCH model, and the standard deviation (n,) of the month before."""
    mu, omega, alpha, gamma, beta, nu = fit_garch(history).params
    draw = np.random.default_rng(seed)
    variance, path = np.full(n, history.numpy().var()), []
    for _ in range(500 + 2 * days):  # 500 days to forget where it started
        noise = draw.standard_t(nu, n) * np.sqrt((nu - 2) / nu)
        shock = np.sqrt(variance) * noise
        path.append(mu + shock)
        variance = omega + (alpha + gamma * (shock < 0)) * shock**2 + beta * variance
    pairs = torch.tensor(np.stack(path[-2 * days :], axis=1))
    return pairs[:, days:], pairs[:, :days].std(dim=1)


def risk(returns, level=0.01):
    """Value at risk and expected shortfall: the loss that the worst `level` of all days exceed, and
    the mean loss on those days.
    """
    var = -torch.quantile(returns.flatten(), level)
    worst = -returns[returns <= -var]
    return var.item(), worst.mean().item()


def persistence(windows, lags=(1, 5, 10)):
    """Autocorrelation of absolute returns within windows (N, days), for each lag."""
    size = windows.abs() - windows.abs().mean()
    return [((size[:, lag:] * size[:, :-lag]).mean() / size.square().mean()).item() for lag in lags]


def kurtosis(returns):
    """Fourth moment over the squared second, minus 3: 0 for a normal distribution."""
    x = returns.flatten() - returns.mean()
    return (x.pow(4).mean() / x.square().mean().square() - 3).item()


MEASURES = ("kurtosis", "VaR", "ES", "ACF 1", "ACF 10", "worst month", "worst day")


def measures(windows):
    """Each of MEASURES, for windows (N, 32) in per cent."""
    var, es = risk(windows)
    acf = persistence(windows, (1, 10))
    month = risk(windows.sum(dim=1))[0]
    found = (kurtosis(windows), var, es, *acf, month, -windows.min().item())
    return dict(zip(MEASURES, found, strict=True))


def of_history(returns, times=400, block=128, seed=0):
    """The same for real returns, from all overlapping windows, as `metrics.Interval`s: 95 % by a
    circular bootstrap of blocks of half a year, which keeps turbulent times together.
    """
    value, n = measures(returns.unfold(0, DAYS, 1)), len(returns)
    draw, found = torch.Generator().manual_seed(seed), []
    for _ in range(times):
        starts = torch.randint(n, (-(-n // block), 1), generator=draw)
        path = returns[(starts + torch.arange(block)).flatten()[:n] % n]
        found.append(list(measures(path.unfold(0, DAYS, 1)).values()))
    ends = torch.tensor(found).quantile(torch.tensor([0.025, 0.975]), dim=0)
    return {
        name: metrics.Interval(x, *ends[:, i].tolist()) for i, (name, x) in enumerate(value.items())
    }


def by_regime(windows, labels):
    """Standard deviation, 1 % VaR and ES of the days of each regime; None where it has none."""
    rows = []
    for k in range(len(REGIMES)):
        x = windows[labels == k]
        rows.append([x.std().item(), *risk(x)] if len(x) else None)
    return rows


def exceeded(windows, labels, later, later_labels):
    """Share of held-out days whose loss exceeds the 1 % VaR of the model: over all days with one
    VaR, and with one VaR for each regime (nan where the model made no window of it); the mean loss
    on the former days, and the model's ES.
    """
    var, es = risk(windows)
    beyond = -later.flatten() > var
    own = torch.tensor([row[1] if row else torch.nan for row in by_regime(windows, labels)])
    limit = own[later_labels][:, None].expand_as(later)
    dynamic = torch.where(limit.isnan(), torch.nan, (-later > limit).double())
    return {
        "exceeded": beyond.double().mean().item(),
        "exceeded by regime": [
            dynamic[later_labels == k].mean().item() for k in range(len(REGIMES))
        ],
        "mean loss beyond": (-later.flatten()[beyond]).mean().item(),
        "ES": es,
    }


def made_by(name, fit, borders, asked, seed, steps=STEPS):
    """Windows (N, 32) of one of MODELS, and their regimes (N,).

    `fit` (days,) in per cent; `asked` (N,) are regimes, a random sample of history's.
    """
    if name not in MODELS:
        raise ValueError(f"The models are {', '.join(map(repr, MODELS))}; there is no {name!r}.")
    torch.manual_seed(seed)
    windows, volatility = cut_windows(fit)
    if name.startswith("GAN"):
        return train_gan(fit, borders, seed, steps, scores=name.endswith("scores"))(asked), asked
    if name == "days":
        return iid_bootstrap(fit, len(asked)), asked
    if name == "blocks":
        own = regime(volatility, borders)
        return regime_bootstrap(windows, own, asked), asked
    made, before = garch_windows(fit, len(asked), seed)
    return made, regime(before, borders)


def regime_bootstrap(windows, labels, asked, block=16):
    """Windows glued from halves of history's windows of the regime that is asked for."""
    made = torch.empty(len(asked), windows.shape[1], dtype=windows.dtype)
    for k in range(len(REGIMES)):
        own, rows = windows[labels == k], asked == k
        n, parts = int(rows.sum()), windows.shape[1] // block
        pick = own[torch.randint(len(own), (n, parts))]  # (n, parts, days)
        place = torch.randint(windows.shape[1] - block + 1, (n, parts, 1)) + torch.arange(block)
        made[rows] = pick.gather(2, place).flatten(1)
    return made


MODELS = ("days", "blocks", "GARCH", "GAN", "GAN, scores")


def borders_of(fit):
    """The two standard deviations of a month that cut the fit years into thirds."""
    return cut_windows(fit)[1].quantile(torch.tensor([1 / 3, 2 / 3]).double())
