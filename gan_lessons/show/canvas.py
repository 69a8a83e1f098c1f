"""The palette, the axes, and how a figure is displayed with its caption."""

import html
import io

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import display
from matplotlib.colors import LinearSegmentedColormap

REAL, FAKE, D_COLOUR, G_COLOUR, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#666666"
COLOURS = [REAL, FAKE, D_COLOUR, G_COLOUR, "#E69F00", "#56B4E9", "#000000", "#999999"]
STYLES = ["-", "--", "-.", ":"]
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*"]
FIELD = LinearSegmentedColormap.from_list("field", [FAKE, "#FFFFFF", REAL])
RC = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "figure.dpi": 100,
}


def as_png(figure):
    """The figure as PNG bytes; closes it, so that no front end shows it a second time."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight", facecolor="white")
    plt.close(figure)
    return buffer.getvalue()


def show(figure, alt):
    """Display a figure with its description: as alt text, and as a caption that everyone can read.

    Parameters
    ----------
    figure : matplotlib Figure or PNG bytes
    alt : str
        What the figure shows, with its numbers.
    """
    png = figure if isinstance(figure, bytes) else as_png(figure)
    display(
        {"image/png": png, "text/plain": alt},
        metadata={"image/png": {"alt": alt}},
        raw=True,
    )
    display({"text/html": f"<small>{html.escape(alt)}</small>", "text/plain": ""}, raw=True)


def axes(columns=1, rows=1, width=None, height=3.2, **options):
    """A figure in the course's style, and its axes as `plt.subplots` gives them."""
    with plt.rc_context(RC):
        size = (width or min(4.2 * columns, 9.5), height * rows)
        return plt.subplots(rows, columns, figsize=size, layout="constrained", **options)


def numbers(x):
    """A tensor or list as a flat numpy array."""
    return torch.as_tensor(x).detach().cpu().numpy() if not isinstance(x, np.ndarray) else x
