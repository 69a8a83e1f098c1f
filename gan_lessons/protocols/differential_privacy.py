"""A GAN with differential privacy, and histograms with it, for a table.

Rows are float32 (N, columns), every column in [-1, 1] by its public range; the last one is
predicted. `bins` (columns,) says into how many bins each is cut; columns of two bins are 0 or 1.
"""

import copy
import warnings

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call, grad, vmap
from tqdm.auto import trange

DELTA, BATCH, STEPS, CLIP, Z_DIM = 1e-5, 250, 4500, 1.0, 8


def train_test(rows, seed, n):
    """`n` training rows and the rest, held out."""
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))
    return rows[order[:n]], rows[order[n:]]


def binned(rows, bins):
    """The bin of every value, int64 (N, columns)."""
    return ((rows + 1) / 2 * bins).long().clamp(min=0).minimum(bins - 1)


def unbinned(places, bins):
    """The middle of each bin; of two bins, the ends."""
    middle = (2 * places + 1) / bins - 1
    return torch.where(bins == 2, 2.0 * places - 1, middle)


def tidy(rows, bins):
    """Columns that are 0 or 1 rounded to that; it needs no real data."""
    return torch.where(bins == 2, torch.where(rows > 0, 1.0, -1.0), rows)


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
    """A GAN whose D meets each real row with probability BATCH / N per step; returns averaged G.

    `real` (N, columns) and `sigma` from `noise_for`, which asks for BATCH rows at least.
    """
    torch.manual_seed(seed)
    columns = real.shape[1]
    G, D = mlp(Z_DIM, columns, 64, nn.Tanh()), mlp(columns, 1, 32)
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


def enough(n):
    """A ValueError where `n` rows are fewer than a batch."""
    if n < BATCH:
        raise ValueError(f"DP-SGD draws batches of {BATCH} rows here, and this table has {n}.")


def noise_for(epsilon, n, steps=STEPS):
    """The sigma that spends (epsilon, DELTA) in so many steps on `n` rows, by opacus' RDP
    accountant.
    """
    from opacus.accountants.utils import get_noise_multiplier

    enough(n)
    if epsilon == float("inf"):
        return 0.0
    budget = {"target_epsilon": epsilon, "target_delta": DELTA}
    with warnings.catch_warnings():  # on its way it warns about budgets that are not asked for
        warnings.simplefilter("ignore")
        return get_noise_multiplier(**budget, sample_rate=BATCH / n, steps=steps, accountant="rdp")


def spent(sigma, n, steps=STEPS):
    """The epsilon that so many steps on `n` rows spend."""
    from opacus.accountants import RDPAccountant

    enough(n)
    accountant = RDPAccountant()
    accountant.history = [(sigma, BATCH / n, steps)]
    with warnings.catch_warnings():  # a bound that could be tighter is a bound
        warnings.simplefilter("ignore")
        return accountant.get_epsilon(DELTA)


@torch.no_grad()
def gan_rows(G, bins, n):
    """`n` synthetic rows of a generator."""
    return tidy(G(torch.randn(n, Z_DIM)), bins)


def histograms(real, bins, epsilon, seed):
    """As many rows from a noisy histogram of each column within each class; columns are
    independent there.

    One row is in one cell of each histogram. With k = len(bins) - 1 of them the counts change by k
    in all, so that Laplace noise of scale k / epsilon spends epsilon, with delta 0.
    """
    torch.manual_seed(seed)
    places, columns = binned(real, bins), len(bins) - 1
    noise = torch.distributions.Laplace(0.0, columns / epsilon if epsilon < float("inf") else 1e-9)
    tables = []
    for j in range(columns):
        cells = places[:, -1] * bins[j] + places[:, j]
        counts = cells.bincount(minlength=int(bins[-1] * bins[j])).float()
        noisy = (counts + noise.sample(counts.shape)).clamp(min=0.01)
        tables.append(noisy.view(int(bins[-1]), -1))  # a row for each class
    share = torch.stack([t.sum(dim=1) / t.sum() for t in tables]).mean(dim=0)
    label = torch.multinomial(share, len(real), replacement=True)
    made = [torch.multinomial(t[label], 1)[:, 0] for t in tables]
    return unbinned(torch.stack([*made, label], dim=1), bins)


def marginal_error(rows, real, bins):
    """Mean total variation distance of all one-way and of all two-way tables of bins."""
    a, b, found = binned(rows, bins), binned(real, bins), ([], [])
    for i in range(len(bins)):
        for j in range(i + 1):
            size = int(bins[i] * bins[j])
            share = [
                (t[:, i] * bins[j] + t[:, j]).bincount(minlength=size) / len(t) for t in (a, b)
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


def judged(rows, test, bins):
    """Utility and errors of synthetic rows, against held-out real ones."""
    one, two = marginal_error(rows, test, bins)
    values = {"auc": utility(rows, test), "one_way": one, "two_way": two}
    return {name: round(value, 4) for name, value in values.items()}
