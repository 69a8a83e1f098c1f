"""Can a GAN simulate a table of mixed columns? A small CTGAN (Xu et al. 2019), a Gaussian copula,
and what both are worth beside held-out rows.

A table is float64 (N, columns): numbers first, then categories as whole numbers. `Columns` says
which is which.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from scipy import stats
from torch import nn

from gan_lessons import losses, training

Z_DIM, MODES, STEPS = 64, 5, 1500  # noise, bells of a mixture, steps of the GAN
RECIPE = losses.Recipe(penalty=losses.r1_penalty, lr_d=5e-4, lr_g=5e-4, betas=(0.0, 0.99))


@dataclass(frozen=True)
class Columns:
    """What the columns of a table are: names of numbers, then each category's name and size."""

    numbers: tuple
    categories: dict
    counts: tuple = ()  # those of the numbers that are whole

    @property
    def sizes(self):
        return list(self.categories.values())

    @property
    def n_classes(self):
        """How many categories all columns have together."""
        return sum(self.sizes)

    @property
    def width(self):
        """Entries of a coded row: a number takes its place in a bell, and the bell's one-hot."""
        return len(self.numbers) * (1 + MODES) + self.n_classes


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

    def __init__(self, table, columns, seed=0):
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # few distinct values
            self.mixtures = [
                GaussianMixture(MODES, random_state=seed, reg_covar=1e-3).fit(table[:, [j]])
                for j in range(len(columns.numbers))
            ]
        self.columns = columns
        self.low, self.high = table.min(axis=0), table.max(axis=0)

    def encode(self, table, draw):
        """Rows (N, columns) to float32 (N, width)."""
        parts = []
        for j, mixture in enumerate(self.mixtures):
            chance = mixture.predict_proba(table[:, [j]]).cumsum(axis=1)
            mode = (draw.random((len(table), 1)) > chance).sum(axis=1).clip(max=MODES - 1)
            middle, spread = mixture.means_[mode, 0], mixture.covariances_[mode, 0, 0] ** 0.5
            offset = ((table[:, j] - middle) / (4 * spread)).clip(-1, 1)
            parts += [offset[:, None], np.eye(MODES)[mode]]
        for j, size in enumerate(self.columns.sizes, start=len(self.mixtures)):
            parts.append(np.eye(size)[table[:, j].astype(int)])
        return torch.tensor(np.hstack(parts), dtype=torch.float32)

    def decode(self, coded):
        """The way back; counts become whole numbers, and nothing leaves the range of the data."""
        coded, found, at = coded.double().numpy(), [], 0
        for mixture in self.mixtures:
            mode = coded[:, at + 1 : at + 1 + MODES].argmax(axis=1)
            middle, spread = mixture.means_[mode, 0], mixture.covariances_[mode, 0, 0] ** 0.5
            found.append(middle + 4 * spread * coded[:, at])
            at += 1 + MODES
        for size in self.columns.sizes:
            found.append(coded[:, at : at + size].argmax(axis=1))
            at += size
        table = np.column_stack(found).clip(self.low, self.high)
        whole = [self.columns.numbers.index(name) for name in self.columns.counts]
        table[:, whole] = table[:, whole].round()
        return table


def choose(logits):
    """A one-hot choice by chance, through which a gradient passes (Jang et al. 2017)."""
    return F.gumbel_softmax(logits, tau=0.5, hard=True)


class TableGenerator(nn.Module):
    """Noise (B, 64) and conditions (B,) to coded rows (B, width).

    A condition is one category of one column, counted over all columns. G writes what was asked
    for itself; the rest of the row is its own.
    """

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


class TableDiscriminator(nn.Module):
    """Coded rows (B, width) and conditions (B,) to logits (B, 1)."""

    def __init__(self, columns, width=128):
        super().__init__()
        self.n_classes = columns.n_classes
        self.net = nn.Sequential(
            *(nn.Linear(columns.width + self.n_classes, width), nn.LeakyReLU(0.2)),
            *(nn.Linear(width, width), nn.LeakyReLU(0.2)),
            nn.Linear(width, 1),
        )

    def forward(self, rows, labels):
        return self.net(torch.cat([rows, F.one_hot(labels, self.n_classes).to(rows.dtype)], dim=1))


def conditions(coded, columns):
    """Which rows (N,) have which condition: bool (N, n_classes), the last columns of the code."""
    return coded[:, -columns.n_classes :] > 0.5


def draw_conditions(has, sizes, n, logarithm):
    """Conditions (n,): a column at random, then a category by its count, or the count's logarithm
    (training-by-sampling), which shows rare ones more often.
    """
    count = has.sum(dim=0).float()
    parts = (count.add(1).log() if logarithm else count).split(sizes)
    return torch.multinomial(torch.cat([part / part.sum() for part in parts]), n, replacement=True)


def train_table_gan(table, columns, seed, steps=STEPS, progress=False):
    """A conditional GAN of rows; returns a function of conditions (N,), or of a number of rows that
    are then as mixed as in the table, to rows (N, columns).
    """
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    encoder = Encoder(table, columns, seed)
    coded = encoder.encode(table, draw)
    has = conditions(coded, columns)
    of = [torch.where(has[:, k])[0].tolist() for k in range(has.shape[1])]
    counts = torch.tensor([len(rows) for rows in of])

    def batches():
        while True:
            asked = draw_conditions(has, columns.sizes, 256, logarithm=True)
            place = (torch.rand(len(asked)) * counts[asked]).long()
            index = [of[k][i] for k, i in zip(asked.tolist(), place.tolist(), strict=True)]
            yield coded[index], asked

    gan = training.GAN(TableGenerator(columns), TableDiscriminator(columns), RECIPE, Z_DIM)
    training.fit(gan, batches(), steps, progress=progress)

    def sample(asked):
        if isinstance(asked, int):
            asked = draw_conditions(has, columns.sizes, asked, logarithm=False)
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


def marginal_distance(made, real, columns):
    """Mean over the columns of the largest gap of distribution functions (numbers), and of the
    total variation (categories); 0 is the same, 1 the farthest.
    """
    gaps = [stats.ks_2samp(made[:, j], real[:, j]).statistic for j in range(len(columns.numbers))]
    for j, size in enumerate(columns.sizes, start=len(columns.numbers)):
        shares = [np.bincount(x[:, j].astype(int), minlength=size) / len(x) for x in (made, real)]
        gaps.append(np.abs(shares[0] - shares[1]).sum() / 2)
    return float(np.mean(gaps))


def associations(table, columns):
    """Correlations of ranks of the numbers and of 0/1 for each category, without pairs of one
    column.
    """
    numbers = len(columns.numbers)
    parts = [stats.rankdata(table[:, [j]], axis=0) for j in range(numbers)]
    owner = list(range(numbers))
    for j, size in enumerate(columns.sizes, start=numbers):
        parts.append(np.eye(size)[table[:, j].astype(int)])
        owner += [j] * size
    with np.errstate(invalid="ignore", divide="ignore"):  # a category that never came
        found = np.nan_to_num(np.corrcoef(np.hstack(parts).T))
    owner = np.array(owner)
    return found[owner[:, None] < owner]


def association_gap(made, real, columns):
    """Mean absolute difference of the associations."""
    return float(np.abs(associations(made, columns) - associations(real, columns)).mean())


def useful(made, real, least, column=0, seed=0):
    """AUC on real rows of a forest that learned from made ones when a column is `least` or more."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import roc_auc_score

    others = np.arange(made.shape[1]) != column
    forest = RandomForestClassifier(100, min_samples_leaf=20, random_state=seed)
    chance = forest.fit(made[:, others], made[:, column] >= least).predict_proba(real[:, others])[
        :, -1
    ]
    return float(roc_auc_score(real[:, column] >= least, chance))
