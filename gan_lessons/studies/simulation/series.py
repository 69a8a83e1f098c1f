"""A GAN for windows of daily oil-price returns against bootstraps and a GARCH model: five seeds.

    python -m gan_lessons.studies.simulation.series

The years 1986 to 2007 train and fit everything; 2008 to 2018 are held out and settle nothing. Each
model makes 20,000 windows of 32 days, each after a month of a known regime: calm, normal or
turbulent. All settings were fixed before the first run of the table. The study of tables is
`simulation.tables`. Needs arch. Runs on one thread.
"""

import time

import torch

from gan_lessons.protocols.examples import oil_returns
from gan_lessons.protocols.series import (
    DAYS,
    MODELS,
    STEPS,
    borders_of,
    by_regime,
    cut_windows,
    exceeded,
    made_by,
    measures,
    regime,
)
from gan_lessons.studies import common

SEEDS, MADE = range(5), 20_000


def run(seed, name, fit, later, borders, steps=STEPS):
    """One row of the table: a model with a seed, all its measures."""
    start = time.process_time()
    labels = regime(cut_windows(fit)[1], borders)
    torch.manual_seed(1000 + seed)
    asked = labels[torch.randint(len(labels), (MADE,))]
    made, labels = made_by(name, fit, borders, asked, seed, steps)
    windows, volatility = cut_windows(later)
    windows, volatility = windows[::DAYS], volatility[::DAYS]  # no day is counted twice
    return {
        "model": name,
        "seed": seed,
        "measures": measures(made),
        "regimes": by_regime(made, labels),
        "held out": exceeded(made, labels, windows, regime(volatility, borders)),
        "cpu_seconds": round(time.process_time() - start, 1),
    }


if __name__ == "__main__":
    common.begin()
    torch.set_num_threads(1)
    fit, later = oil_returns()
    borders, rows = borders_of(fit), []
    for seed in SEEDS:
        for name in MODELS:
            rows.append(run(seed, name, fit, later, borders))
            print(rows[-1], flush=True)
    seconds = round(time.process_time())
    common.save("simulation", {"cpu_seconds": seconds, "steps": STEPS, "made": MADE, "rows": rows})
