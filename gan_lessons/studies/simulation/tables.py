"""A small CTGAN for a table of mixed columns against a Gaussian copula: five splits, one GAN each.

    python -m gan_lessons.studies.simulation.tables

The RAND Health Insurance Experiment, 20,190 rows: a person in a year, and no column says which
person. Rows in a run that agree in everything but the visits are taken for one person and stay on
one side of a split; three quarters fit, one quarter is held out. Every method sees the same rows
of a split and makes as many. Needs statsmodels and scikit-learn. Runs on one thread.
"""

import time

import numpy as np
import torch
from scipy import stats

from gan_lessons.protocols.examples import HEALTH_COLUMNS, OFTEN, POOR, health_table, of_poor
from gan_lessons.protocols.tables import (
    STEPS,
    association_gap,
    columns_alone,
    copula,
    marginal_distance,
    rows_again,
    split,
    train_table_gan,
    useful,
)
from gan_lessons.studies import common

SPLITS = range(5)


def judge(made, held, asked):
    """All measures of a method; `asked` are its rows of people asked to be of poor health."""
    return {
        "marginals": marginal_distance(made, held, HEALTH_COLUMNS),
        "associations": association_gap(made, held, HEALTH_COLUMNS),
        "AUC": useful(made, held, OFTEN),
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
    sample = train_table_gan(fit, HEALTH_COLUMNS, seed)
    seconds = round(time.process_time() - start, 1)
    poor = torch.full((5000,), HEALTH_COLUMNS.n_classes - 1)
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
