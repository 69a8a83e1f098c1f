"""Curves, bars, matrices and small maps of numbers."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogFormatter

from gan_lessons.data import CLASS_NAMES
from gan_lessons.show.canvas import (
    COLOURS,
    D_COLOUR,
    FAKE,
    G_COLOUR,
    GREY,
    MARKERS,
    REAL,
    STYLES,
    axes,
    numbers,
    show,
)


def smooth(values, window):
    """Running mean over `window` entries, as long as the input allows."""
    values = np.asarray(values, dtype=float)
    window = max(1, min(window, len(values)))
    return np.convolve(values, np.ones(window) / window, mode="valid")


def losses(history, window=None, alt=None):
    """The two losses over the steps, smoothed, with the values that mean "D answers one half
    everywhere".
    """
    window = window or max(1, len(history) // 50)
    figure, ax = axes(width=6.5)
    said = []
    rows = ((history.d_loss, D_COLOUR, "-", "D"), (history.g_loss, G_COLOUR, "--", "G"))
    for values, colour, style, name in rows:
        mean = smooth(values, window)
        ax.plot(
            np.arange(len(mean)) + window - 1, mean, style, color=colour, label=f"loss of {name}"
        )
        said.append(f"the loss of {name} goes from {mean[0]:.2f} to {mean[-1]:.2f}")
    for level, name in ((2 * np.log(2), "2 log 2"), (np.log(2), "log 2")):
        ax.axhline(level, color=GREY, linewidth=0.8, linestyle=":")
        ax.annotate(
            name,
            (1.01, level),
            xycoords=("axes fraction", "data"),
            fontsize=8,
            color=GREY,
            va="center",
            annotation_clip=False,
        )
    ax.set(xlabel="step", ylabel=f"loss (mean of {window} steps)")
    ax.legend()
    text = "; ".join(said) + f", over {len(history)} steps."
    text = text[0].upper() + text[1:]
    show(figure, alt or f"{text} Dotted: 2 log 2 and log 2, where D is undecided.")


def curves(
    x, series, xlabel, ylabel, alt, title=None, log=False, markers=False, width=6.5, beside=False
):
    """Several curves over the same x. `series` maps a name to its values; `alt` says what they
    show. `beside` puts the names to the right of the axes, where curves fill them.
    """
    figure, ax = axes(width=width)
    for i, (name, values) in enumerate(series.items()):
        ax.plot(
            numbers(x),
            numbers(values),
            STYLES[i % 4],
            color=COLOURS[i % 8],
            marker=MARKERS[i % 8] if markers else None,
            markersize=4,
            label=name,
        )
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title or "")
    if log:
        ax.set_yscale("log")
        bottom, top = ax.get_ylim()
        if bottom >= 1 and top <= 10_000:  # "40" is easier to read than "4 x 10^1"
            for set_formatter in (ax.yaxis.set_major_formatter, ax.yaxis.set_minor_formatter):
                set_formatter(LogFormatter())
    ax.legend(**({"loc": "upper left", "bbox_to_anchor": (1, 1)} if beside else {}))
    show(figure, alt)


def bars(
    names,
    values,
    ylabel,
    alt,
    errors=None,
    reference=None,
    reference_name=None,
    dots=None,
    title=None,
):
    """One bar for each name. `dots` (list of lists) are the single runs; `reference` is a dashed
    line.
    """
    figure, ax = axes(width=min(1.1 * len(names) + 2, 9.5))
    place = np.arange(len(names))
    ax.bar(place, numbers(values), color="#BBD7EA", edgecolor=REAL, yerr=errors, capsize=3)
    for i, runs in enumerate(dots or []):
        ax.plot([i] * len(runs), runs, "o", color=FAKE, markersize=4)
    if reference is not None:
        ax.axhline(reference, color=GREY, linestyle="--", linewidth=1)
        ax.annotate(
            reference_name,
            (1.01, reference),
            xycoords=("axes fraction", "data"),
            fontsize=8,
            va="center",
            annotation_clip=False,
        )
    ax.set_xticks(
        place,
        names,
        rotation=25 if max(map(len, names)) > 9 else 0,
        ha="right" if max(map(len, names)) > 9 else "center",
    )
    ax.set(ylabel=ylabel, title=title or "")
    show(figure, alt)


def matrix(
    values,
    alt,
    rows=CLASS_NAMES,
    columns=CLASS_NAMES,
    ylabel="asked for",
    xlabel="classifier says",
    title="",
):
    """A matrix of shares 0 … 1 with its numbers in per cent, for confusions between classes."""
    values = numbers(values)
    figure, ax = plt.subplots(figsize=(6.2, 5.2), layout="constrained")
    ax.imshow(values, cmap="Blues", vmin=0, vmax=1)
    for i, j in np.ndindex(values.shape):
        if values[i, j] >= 0.01:
            colour = "white" if values[i, j] > 0.6 else "black"
            ax.text(
                j,
                i,
                f"{100 * values[i, j]:.0f}",
                ha="center",
                va="center",
                color=colour,
                fontsize=8,
            )
    ax.set_xticks(range(len(columns)), columns, rotation=45, ha="right", fontsize=9)
    ax.set_yticks(range(len(rows)), rows, fontsize=9)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    show(figure, alt)


def maps(panels, alt, columns=4, cmap="Blues", height=2.5):
    """Small two-dimensional arrays side by side, each with its own scale; up to 12 x 12 with their
    numbers.

    Parameters
    ----------
    panels : dict of title -> Tensor (H, W)
    alt : str
    """
    rows = -(-len(panels) // columns)
    figure, axs = axes(columns, rows, width=2.35 * columns, height=height, squeeze=False)
    for ax in axs.flat[len(panels) :]:
        ax.set_visible(False)
    for ax, (title, values) in zip(axs.flat, panels.items(), strict=False):
        values = numbers(values)
        low, high = min(values.min(), 0), values.max()
        ax.imshow(values, cmap=cmap, vmin=low, vmax=1.6 * high, interpolation="nearest")
        if max(values.shape) <= 12:
            for (i, j), value in np.ndenumerate(values):
                ax.text(j, i, f"{value:g}", ha="center", va="center", fontsize=7)
        ax.set_xticks([])
        ax.set_yticks([])
        ax.grid(False)
        ax.spines[:].set_visible(False)
        ax.set_title(title, fontsize=9)
    show(figure, alt)
