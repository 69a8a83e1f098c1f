"""A GAN with differential privacy, and histograms with it, on a table of patients.

The table: statsmodels' `randhie` (RAND Health Insurance Experiment, public domain), 20,190 years of
patients. To predict: did the patient see a doctor in that year?
"""

import copy
import warnings
from functools import cache

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call, grad, vmap
from tqdm.auto import trange

# name: (lowest, highest, number of bins); taken as public: a data sheet would name them
COLUMNS = {
    "lncoins": (0.0, 4.62, 6),  # logarithm of the share of costs the patient pays
    "idp": (0.0, 1.0, 2),
    "lpi": (0.0, 7.2, 6),
    "fmde": (0.0, 8.3, 6),
    "physlm": (0.0, 1.0, 2),
    "disea": (0.0, 60.0, 6),
    "hlthg": (0.0, 1.0, 2),
    "hlthf": (0.0, 1.0, 2),
    "hlthp": (0.0, 1.0, 2),
    "visit": (0.0, 1.0, 2),  # the last column is what is predicted
}
BINS = torch.tensor([bins for *_, bins in COLUMNS.values()])
EPSILONS, DELTA, TRAIN = (1.0, 3.0, 10.0, float("inf")), 1e-5, 15_000
BATCH, STEPS, CLIP, Z_DIM = 250, 4500, 1.0, 8
SETTINGS = {"delta": DELTA, "batch": BATCH, "dp_steps": STEPS, "clip": CLIP, "train_rows": TRAIN}


@cache
def table():
    """All rows (20190, 10), every column in [-1, 1] by its public range."""
    from statsmodels.datasets import randhie

    frame = randhie.load_pandas().data
    frame["visit"] = (frame["mdvis"] > 0).astype(float)
    low, high, _ = torch.tensor(list(COLUMNS.values())).T
    rows = torch.from_numpy(frame[list(COLUMNS)].to_numpy(float).copy()).float()
    return (2 * (rows - low) / (high - low) - 1).clamp(-1, 1)


def train_test(seed):
    """15,000 training rows and the rest, held out."""
    order = torch.randperm(len(table()), generator=torch.Generator().manual_seed(seed))
    return table()[order[:TRAIN]], table()[order[TRAIN:]]


def binned(rows):
    """The bin of every value, int64 (N, 10)."""
    return ((rows + 1) / 2 * BINS).long().clamp(min=0).minimum(BINS - 1)


def unbinned(bins):
    """The middle of each bin; of two bins, the ends."""
    middle = (2 * bins + 1) / BINS - 1
    return torch.where(BINS == 2, 2.0 * bins - 1, middle)


def tidy(rows):
    """Columns that are 0 or 1 rounded to that; it needs no real data."""
    return torch.where(BINS == 2, torch.where(rows > 0, 1.0, -1.0), rows)


def mlp(n_in, n_out, width, *end):
    """Two hidden layers."""
    layers = [nn.Linear(n_in, width), nn.LeakyReLU(0.2), nn.Linear(width, width), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Linear(width, n_out), *end)


def per_example(D, rows, real):
    """The gradient of each row's loss: a dict of weights' names to (B, *shape)."""
    weights = {name: w.detach() for name, w in D.named_parameters()}

    def loss(weights, row):
        logit = functional_call(D, weights, (row[None],))
        return F.softplus(-logit if real else logit).sum()

    return vmap(grad(loss), in_dims=(None, 0))(weights, rows)


def clip_and_noise(grads, clip, sigma, batch):
    """Each row's gradient (over all weights) cut to length `clip`; their sum, plus noise of
    standard deviation sigma * clip, over the batch size that is expected.
    """
    length = sum(g.flatten(1).square().sum(dim=1) for g in grads.values()).sqrt()
    factor = (clip / length.clamp(min=1e-12)).clamp(max=1.0)
    total = {name: torch.einsum("b,b...->...", factor, g) for name, g in grads.items()}
    return {n: (g + sigma * clip * torch.randn_like(g)) / batch for n, g in total.items()}


def train_private(real, sigma, seed, steps=STEPS):
    """A GAN whose D meets each real row with probability BATCH / N per step; returns averaged G."""
    torch.manual_seed(seed)
    G, D = mlp(Z_DIM, len(BINS), 64, nn.Tanh()), mlp(len(BINS), 1, 32)
    average = copy.deepcopy(G)
    opt_G = torch.optim.Adam(G.parameters(), 5e-4, (0.5, 0.9))
    opt_D = torch.optim.Adam(D.parameters(), 5e-3, (0.5, 0.9))
    for step in trange(steps, leave=False):
        drawn = fuzzy(real[torch.rand(len(real)) < BATCH / len(real)])  # Poisson sampling
        fake = fuzzy(G(torch.randn(BATCH, Z_DIM)).detach())
        noisy = clip_and_noise(per_example(D, drawn, True), CLIP, sigma, BATCH)
        ours = clip_and_noise(per_example(D, fake, False), CLIP, 0.0, BATCH)  # no secret in fakes
        for name, w in D.named_parameters():
            w.grad = noisy[name] + ours[name]
        opt_D.step()
        loss = F.softplus(-D(fuzzy(G(torch.randn(BATCH, Z_DIM))))).mean()  # no real row here
        opt_G.zero_grad()
        loss.backward(inputs=list(G.parameters()))
        opt_G.step()
        for slow, fast in zip(average.parameters(), G.parameters(), strict=True):
            slow.data.lerp_(fast.data, 1 - min(0.99, (1 + step) / (10 + step)))
    return average


def fuzzy(rows, size=0.3):
    """Noise on D's input; else columns of two values give the fakes away."""
    return rows + size * torch.randn_like(rows)


def noise_for(epsilon, steps=STEPS, n=TRAIN):
    """The sigma that spends (epsilon, DELTA) in so many steps, by opacus' RDP accountant."""
    from opacus.accountants.utils import get_noise_multiplier

    if epsilon == float("inf"):
        return 0.0
    budget = {"target_epsilon": epsilon, "target_delta": DELTA}
    with warnings.catch_warnings():  # on its way it warns about budgets that are not asked for
        warnings.simplefilter("ignore")
        return get_noise_multiplier(**budget, sample_rate=BATCH / n, steps=steps, accountant="rdp")


def spent(sigma, steps=STEPS, n=TRAIN):
    """The epsilon that so many steps spend."""
    from opacus.accountants import RDPAccountant

    accountant = RDPAccountant()
    accountant.history = [(sigma, BATCH / n, steps)]
    with warnings.catch_warnings():  # a bound that could be tighter is a bound
        warnings.simplefilter("ignore")
        return accountant.get_epsilon(DELTA)


@torch.no_grad()
def gan_rows(G, n=TRAIN):
    """Synthetic rows of a generator."""
    return tidy(G(torch.randn(n, Z_DIM)))


def histograms(real, epsilon, seed, n=TRAIN):
    """Rows from a noisy histogram of each column within each class, columns independent there.

    One row is in one cell of each of the nine histograms: the counts change by 9 in all, so that
    Laplace noise of scale 9 / epsilon spends epsilon, with delta 0.
    """
    torch.manual_seed(seed)
    bins, columns = binned(real), len(BINS) - 1
    noise = torch.distributions.Laplace(0.0, columns / epsilon if epsilon < float("inf") else 1e-9)
    tables = []
    for j in range(columns):
        cells = bins[:, -1] * BINS[j] + bins[:, j]
        counts = cells.bincount(minlength=2 * int(BINS[j])).float()
        tables.append((counts + noise.sample(counts.shape)).clamp(min=0.01).view(2, -1))
    share = torch.stack([t.sum(dim=1) / t.sum() for t in tables]).mean(dim=0)
    label = torch.multinomial(share, n, replacement=True)
    made = [torch.multinomial(t[label], 1)[:, 0] for t in tables]
    return unbinned(torch.stack([*made, label], dim=1))


def marginal_error(rows, real):
    """Mean total variation distance of all one-way and of all two-way tables of bins."""
    a, b, found = binned(rows), binned(real), ([], [])
    for i in range(len(BINS)):
        for j in range(i + 1):
            size = int(BINS[i] * BINS[j])
            share = [
                (t[:, i] * BINS[j] + t[:, j]).bincount(minlength=size) / len(t) for t in (a, b)
            ]
            found[i != j].append((share[0] - share[1]).abs().sum().item() / 2)
    return tuple(sum(values) / len(values) for values in found)


def utility(rows, test):
    """AUC on held-out real rows of a logistic regression fitted to `rows`; 0.5 for one class."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    x, y = rows[:, :-1].numpy(), (rows[:, -1] > 0).numpy()
    if y.all() or not y.any():
        return 0.5
    model = LogisticRegression(max_iter=1000).fit(x, y)
    return float(
        roc_auc_score(test[:, -1].numpy() > 0, model.decision_function(test[:, :-1].numpy()))
    )


def judged(rows, test):
    """Utility and errors of synthetic rows, against held-out real ones."""
    one, two = marginal_error(rows, test)
    values = {"auc": utility(rows, test), "one_way": one, "two_way": two}
    return {name: round(value, 4) for name, value in values.items()}


def runs(seed, epsilons=EPSILONS, steps=STEPS):
    """All rows of the table for one split; epsilon is None where there is no noise."""
    real, test = train_test(seed)
    found = [{"seed": seed, "kind": "real", "epsilon": None, **judged(real, test)}]
    for epsilon in epsilons:
        sigma = noise_for(epsilon, steps)
        made = {
            "GAN": gan_rows(train_private(real, sigma, seed, steps)),
            "histograms": histograms(real, epsilon, seed),
        }
        said = None if epsilon == float("inf") else epsilon
        for kind, rows in made.items():
            found.append({"seed": seed, "kind": kind, "epsilon": said, **judged(rows, test)})
            found[-1]["sigma"] = round(sigma, 3) if kind == "GAN" else None
    return found
