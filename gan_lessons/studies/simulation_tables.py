"""A small CTGAN for a table of mixed columns against a Gaussian copula: five splits, one GAN each.

    python -m gan_lessons.studies.simulation_tables

The RAND Health Insurance Experiment, 20,190 rows: a person in a year, and no column says which
person. Rows in a run that agree in everything but the visits are taken for one person and stay on
one side of a split; three quarters fit, one quarter is held out. Every method sees the same rows
of a split and makes as many. Needs statsmodels and scikit-learn. Runs on one thread.
"""

import time
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from scipy import stats
from torch import nn

from gan_lessons import losses, training
from gan_lessons.studies import common

NUMBERS = ("visits", "incentive", "expenditure", "diseases")
CATEGORIES = {"coinsurance": 5, "deductible": 2, "limited": 2, "health": 4}
HEALTH = ("excellent", "good", "fair", "poor")
POOR, Z_DIM, MODES, STEPS, SPLITS = 3, 64, 5, 1500, range(5)
RECIPE = losses.Recipe(penalty=losses.r1_penalty, lr_d=5e-4, lr_g=5e-4, betas=(0.0, 0.99))


def health_table():
    """The table as float64 (20190, 8), numbers first, then whole numbers for categories; and for
    each row the run of equal rows that it belongs to.
    """
    from statsmodels.datasets import randhie

    data = randhie.load_pandas().data
    health = data[["hlthg", "hlthf", "hlthp"]].to_numpy() @ [1, 2, 3]
    coins = np.unique(data["lncoins"], return_inverse=True)[1]
    columns = [data[name].to_numpy() for name in ("mdvis", "lpi", "fmde", "disea")]
    columns += [coins, data["idp"], data["physlm"] > 0.5, health]
    table = np.column_stack(columns).astype(float)
    # health may change from year to year, the other answers are the person's
    new = (np.diff(table[:, 1:7], axis=0) != 0).any(axis=1)
    return table, np.r_[0, new.cumsum()]


def split(table, person, seed):
    """Rows to fit and rows held out; no person is in both."""
    order = np.random.default_rng(seed).permutation(person.max() + 1)
    held = np.isin(person, order[: len(order) // 4])
    return table[~held], table[held]


class Encoder:
    """CTGAN's mode-specific normalisation, and one-hot categories.

    A number becomes the one-hot of a bell of a Gaussian mixture, and its distance from the middle
    of that bell in units of four standard deviations.
    """

    def __init__(self, table, seed=0):
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # few distinct values
            self.mixtures = [
                GaussianMixture(MODES, random_state=seed, reg_covar=1e-3).fit(table[:, [j]])
                for j in range(len(NUMBERS))
            ]
        self.low, self.high = table.min(axis=0), table.max(axis=0)

    def encode(self, table, draw):
        """Rows (N, 8) to float32 (N, 4 * (1 + MODES) + 13)."""
        parts = []
        for j, mixture in enumerate(self.mixtures):
            chance = mixture.predict_proba(table[:, [j]]).cumsum(axis=1)
            mode = (draw.random((len(table), 1)) > chance).sum(axis=1).clip(max=MODES - 1)
            middle, spread = mixture.means_[mode, 0], mixture.covariances_[mode, 0, 0] ** 0.5
            offset = ((table[:, j] - middle) / (4 * spread)).clip(-1, 1)
            parts += [offset[:, None], np.eye(MODES)[mode]]
        for j, size in enumerate(CATEGORIES.values()):
            parts.append(np.eye(size)[table[:, len(NUMBERS) + j].astype(int)])
        return torch.tensor(np.hstack(parts), dtype=torch.float32)

    def decode(self, coded):
        """The way back; visits become whole numbers, and nothing leaves the range of the data."""
        coded, columns, at = coded.double().numpy(), [], 0
        for mixture in self.mixtures:
            mode = coded[:, at + 1 : at + 1 + MODES].argmax(axis=1)
            middle, spread = mixture.means_[mode, 0], mixture.covariances_[mode, 0, 0] ** 0.5
            columns.append(middle + 4 * spread * coded[:, at])
            at += 1 + MODES
        for size in CATEGORIES.values():
            columns.append(coded[:, at : at + size].argmax(axis=1))
            at += size
        table = np.column_stack(columns).clip(self.low, self.high)
        table[:, 0] = table[:, 0].round()
        return table


def choose(logits):
    """A one-hot choice by chance, through which a gradient passes (Jang et al. 2017)."""
    return F.gumbel_softmax(logits, tau=0.5, hard=True)


class TableGenerator(nn.Module):
    """Noise (B, 64) and conditions (B,) to coded rows (B, 37).

    A condition is one category of one column, counted over all columns. G writes what was asked
    for itself; the rest of the row is its own.
    """

    n_classes = sum(CATEGORIES.values())

    def __init__(self, width=128):
        super().__init__()
        self.net = nn.Sequential(
            *(nn.Linear(Z_DIM + self.n_classes, width), nn.BatchNorm1d(width), nn.ReLU()),
            *(nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU()),
            nn.Linear(width, len(NUMBERS) * (1 + MODES) + self.n_classes),
        )

    def forward(self, z, labels):
        asked, sizes = F.one_hot(labels, self.n_classes).to(z.dtype), list(CATEGORIES.values())
        out = self.net(torch.cat([z, asked], dim=1)).split([1, MODES] * len(NUMBERS) + sizes, 1)
        parts = [p.tanh() if p.shape[1] == 1 else choose(p) for p in out]
        for i, told in enumerate(asked.split(sizes, dim=1), start=2 * len(NUMBERS)):
            here = told.sum(dim=1, keepdim=True)  # 1 in the rows whose wish is about this column
            parts[i] = here * told + (1 - here) * parts[i]
        return torch.cat(parts, dim=1)


class TableDiscriminator(nn.Module):
    """Coded rows (B, 37) and conditions (B,) to logits (B, 1)."""

    def __init__(self, width=128):
        super().__init__()
        self.n_classes = TableGenerator.n_classes
        size = len(NUMBERS) * (1 + MODES) + 2 * self.n_classes
        self.net = nn.Sequential(
            *(nn.Linear(size, width), nn.LeakyReLU(0.2)),
            *(nn.Linear(width, width), nn.LeakyReLU(0.2)),
            nn.Linear(width, 1),
        )

    def forward(self, rows, labels):
        return self.net(torch.cat([rows, F.one_hot(labels, self.n_classes).to(rows.dtype)], dim=1))


def conditions(coded):
    """Which rows (N,) have which condition: a bool tensor (N, 13), the last columns of the code."""
    return coded[:, -TableGenerator.n_classes :] > 0.5


def draw_conditions(has, n, logarithm):
    """Conditions (n,): a column at random, then a category by its count, or the count's logarithm
    (training-by-sampling), which shows rare ones more often.
    """
    count = has.sum(dim=0).float()
    parts = (count.add(1).log() if logarithm else count).split(list(CATEGORIES.values()))
    return torch.multinomial(torch.cat([part / part.sum() for part in parts]), n, replacement=True)


def train_table_gan(table, seed, steps=STEPS, progress=False):
    """A conditional GAN of rows; returns a function of conditions (N,), or of a number of rows that
    are then as mixed as in the table, to rows (N, 8).
    """
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    encoder = Encoder(table, seed)
    coded = encoder.encode(table, draw)
    has = conditions(coded)
    of = [torch.where(has[:, k])[0].tolist() for k in range(has.shape[1])]
    counts = torch.tensor([len(rows) for rows in of])

    def batches():
        while True:
            asked = draw_conditions(has, 256, logarithm=True)
            place = (torch.rand(len(asked)) * counts[asked]).long()
            index = [of[k][i] for k, i in zip(asked.tolist(), place.tolist(), strict=True)]
            yield coded[index], asked

    gan = training.GAN(TableGenerator(), TableDiscriminator(), RECIPE, Z_DIM)
    training.fit(gan, batches(), steps, progress=progress)

    def sample(asked):
        if isinstance(asked, int):
            asked = draw_conditions(has, asked, logarithm=False)
        return encoder.decode(gan.sample(len(asked), asked))

    return sample


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


def columns_alone(table, n, draw):
    """Rows whose columns are drawn from the data, each without the others."""
    return np.column_stack([column[draw.integers(len(table), size=n)] for column in table.T])


def rows_again(table, n, draw):
    """Rows of the data, drawn with replacement: nothing is new, and nobody is hidden."""
    return table[draw.integers(len(table), size=n)]


def marginal_distance(made, real):
    """Mean over the columns of the largest gap of distribution functions (numbers), and of the
    total variation (categories); 0 is the same, 1 the farthest.
    """
    gaps = [stats.ks_2samp(made[:, j], real[:, j]).statistic for j in range(len(NUMBERS))]
    for j, size in enumerate(CATEGORIES.values(), start=len(NUMBERS)):
        shares = [np.bincount(x[:, j].astype(int), minlength=size) / len(x) for x in (made, real)]
        gaps.append(np.abs(shares[0] - shares[1]).sum() / 2)
    return float(np.mean(gaps))


def associations(table):
    """Correlations of ranks of the numbers and of 0/1 for each category, without pairs of one
    column.
    """
    parts = [stats.rankdata(table[:, [j]], axis=0) for j in range(len(NUMBERS))]
    owner = list(range(len(NUMBERS)))
    for j, size in enumerate(CATEGORIES.values(), start=len(NUMBERS)):
        parts.append(np.eye(size)[table[:, j].astype(int)])
        owner += [j] * size
    with np.errstate(invalid="ignore", divide="ignore"):  # a category that never came
        found = np.nan_to_num(np.corrcoef(np.hstack(parts).T))
    owner = np.array(owner)
    return found[owner[:, None] < owner]


def association_gap(made, real):
    """Mean absolute difference of the associations."""
    return float(np.abs(associations(made) - associations(real)).mean())


def useful(made, real, seed=0):
    """AUC on real rows of a forest that learned from made rows who visits five times or more."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import roc_auc_score

    often = made[:, 0] >= 5
    forest = RandomForestClassifier(100, min_samples_leaf=20, random_state=seed)
    chance = forest.fit(made[:, 1:], often).predict_proba(real[:, 1:])[:, -1]
    return float(roc_auc_score(real[:, 0] >= 5, chance))


def of_poor(table):
    """Rows of poor health: their share, mean visits, and the share who visit five times or more."""
    poor = table[table[:, -1] == POOR, 0]
    share = len(poor) / len(table)
    return {"share": share, "visits": float(poor.mean()), "often": float((poor >= 5).mean())}


def judge(made, held, asked):
    """All measures of a method; `asked` are its rows of people asked to be of poor health."""
    return {
        "marginals": marginal_distance(made, held),
        "associations": association_gap(made, held),
        "AUC": useful(made, held),
        "poor share": of_poor(made)["share"],
        "poor visits": of_poor(asked)["visits"],
        "poor KS": float(
            stats.ks_2samp(asked[asked[:, -1] == POOR, 0], held[held[:, -1] == POOR, 0]).statistic
        ),
    }


def of_split(seed, table, person):
    """Rows of the table: every method on one split, and what the held-out rows themselves say."""
    fit, held = split(table, person, seed)
    draw, n, rows = np.random.default_rng(100 + seed), len(fit), []
    for name, method in (("columns", columns_alone), ("copula", copula), ("rows", rows_again)):
        made, many = method(fit, n, draw), method(fit, 20 * n, draw)  # many: enough poor health
        rows.append({"method": name, "split": seed} | judge(made, held, many))
    start = time.process_time()
    sample = train_table_gan(fit, seed)
    seconds = round(time.process_time() - start, 1)
    poor = torch.full((5000,), TableGenerator.n_classes - 1)
    rows.append({"method": "GAN", "split": seed} | judge(sample(n), held, sample(poor)))
    rows[-1]["cpu_seconds"] = seconds
    truth = of_poor(held)
    rows.append({"method": "held out", "split": seed, "poor share": truth["share"]})
    rows[-1]["poor visits"] = truth["visits"]
    return rows


if __name__ == "__main__":
    common.begin()
    torch.set_num_threads(1)
    table, person = health_table()
    rows = []
    for seed in SPLITS:
        rows += of_split(seed, table, person)
        print(*rows[-5:], sep="\n", flush=True)
    seconds = round(time.process_time())
    common.save("simulation_tables", {"cpu_seconds": seconds, "steps": STEPS, "rows": rows})
