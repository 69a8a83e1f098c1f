"""The data that lessons 12 to 14 try the protocols on: what libraries ship, and small clothes.

Digits come with scikit-learn (BSD), oil prices with arch (U.S. Energy Information Administration),
the RAND Health Insurance Experiment with statsmodels (public domain).
"""

from functools import cache

import numpy as np
import torch
import torch.nn.functional as F

from gan_lessons import data
from gan_lessons.protocols.tables import Columns

MOST = 60  # images of a class that a split of Fashion-MNIST may have
HEALTH_COLUMNS = Columns(
    numbers=("visits", "incentive", "expenditure", "diseases"),
    categories={"coinsurance": 5, "deductible": 2, "limited": 2, "health": 4},
    counts=("visits",),
)
POOR, OFTEN = 3, 5  # the rare group; so many visits a year are many
# name: (lowest, highest, number of bins); taken as public: a data sheet would name them
PATIENT_COLUMNS = {
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
PATIENT_BINS = torch.tensor([bins for *_, bins in PATIENT_COLUMNS.values()])


@cache
def small_images(name):
    """All images (N, 1, size, size) of "digits" or "fashion" in [-1, 1], with their labels (N,); of
    Fashion-MNIST the training images.
    """
    if name not in ("digits", "fashion"):
        raise ValueError(f'The sets are "digits" and "fashion"; there is no {name!r}.')
    if name == "fashion":
        part = data.fashion_mnist("train")
        return F.avg_pool2d(data.to_float(part.images), 2), part.labels
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return torch.from_numpy(images).float().view(-1, 1, 8, 8) / 8 - 1, torch.from_numpy(labels)


def split_images(name, n, number):
    """The real images of a split, `n` of each class, and its test images.

    Those of fewer images are part of those of more. Digits: 900 test images are drawn anew for each
    split. Fashion: no split shares a training image with another, and 2,500 test images, the same
    for all, are the second half of its test split. A ValueError where a class has too few.
    """
    images, labels = small_images(name)
    if n > MOST:
        raise ValueError(
            f"A split has {MOST} images of a class at most, so that none overlaps: {n}."
        )
    if name == "digits":
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(number))
        images, labels = images[order], labels[order]
        test, first, images, labels = (images[:900], labels[:900]), 0, images[900:], labels[900:]
    else:
        part = data.fashion_mnist("test")
        some = torch.cat([torch.where(part.labels == k)[0][250:] for k in range(10)])
        test = F.avg_pool2d(data.to_float(part.images[some]), 2), part.labels[some]
        first = number * MOST
    own = [torch.where(labels == k)[0][first : first + n] for k in range(10)]
    if min(map(len, own)) < n:
        raise ValueError(
            f"Too few images of {name} are left for split {number} with {n} of a class."
        )
    some = torch.cat(own)
    return (images[some], labels[some]), test


def oil_returns():
    """Daily log returns of oil (WTI) in per cent, float64: 1986 to 2007, and 2008 to 2018."""
    from arch.data import wti

    prices = wti.load()["DCOILWTICO"].dropna()
    returns = 100 * np.log(prices).diff().dropna()
    years = slice("1986", "2007"), slice("2008", "2018")
    return tuple(torch.tensor(returns.loc[part].to_numpy()) for part in years)


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


def of_poor(table):
    """Rows of poor health: their share, mean visits, and the share who visit five times or more."""
    poor = table[table[:, -1] == POOR, 0]
    share = len(poor) / len(table)
    return {"share": share, "visits": float(poor.mean()), "often": float((poor >= OFTEN).mean())}


@cache
def patients():
    """All rows (20190, 10), every column in [-1, 1] by its public range."""
    from statsmodels.datasets import randhie

    frame = randhie.load_pandas().data
    frame["visit"] = (frame["mdvis"] > 0).astype(float)
    low, high, _ = torch.tensor(list(PATIENT_COLUMNS.values())).T
    rows = torch.from_numpy(frame[list(PATIENT_COLUMNS)].to_numpy(float).copy()).float()
    return (2 * (rows - low) / (high - low) - 1).clamp(-1, 1)
