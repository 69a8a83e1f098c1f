"""Every test starts from the same seeds and threads, and leaves no figure open."""

import os

import matplotlib
import pytest
import torch

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def fresh_start():
    from matplotlib import pyplot as plt

    from gan_lessons import runtime

    runtime.set_seed(0)
    limit = os.environ.get("OMP_NUM_THREADS", "")  # read as `runtime.start` reads it
    torch.set_num_threads(int(limit) if limit.isdigit() and int(limit) > 0 else 2)
    yield
    plt.close("all")
