"""The figures of lesson 05: scorecards, intervals, balls, losses beside quality."""

import matplotlib.pyplot as plt
from matplotlib.ticker import LogLocator, NullFormatter

from gan_lessons.show.canvas import (
    COLOURS,
    FAKE,
    GREY,
    MARKERS,
    REAL,
    STYLES,
    axes,
    numbers,
    show,
)
from gan_lessons.show.pictures import tile


def scorecard(rows, columns, alt, shown=8):
    """Sample images beside their numbers; what gives a fault away is framed and marked with ←.

    Parameters
    ----------
    rows : dict of name -> (images, texts, marked)
        Images (N, 1, 28, 28), a text for each column, and the columns that are to be marked.
    columns : list of str
    alt : str
    """
    height = 0.62 * len(rows) + 0.45
    figure, ax = plt.subplots(figsize=(9.5, height), layout="constrained")
    picture, gap = 4.2, 1.05  # widths, in units of a row's height
    left = 2.3
    for i, (name, (images, texts, marked)) in enumerate(rows.items()):
        ax.text(left - 0.15, i, name, ha="right", va="center", fontsize=9)
        strip = tile(images[:shown], shown)
        extent = [left, left + picture, i + 0.42, i - 0.42]
        ax.imshow(strip, cmap="gray", vmin=0, vmax=1, extent=extent, aspect="auto")
        for j, text in enumerate(texts):
            x, bad = left + picture + gap * (j + 0.6), columns[j] in marked
            box = {"facecolor": "#FBE3D3", "edgecolor": FAKE, "pad": 2} if bad else None
            ax.text(
                x,
                i,
                text + (" ←" if bad else ""),
                ha="center",
                va="center",
                fontsize=9,
                weight="bold" if bad else "normal",
                bbox=box,
            )
    for j, column in enumerate(columns):
        x = left + picture + gap * (j + 0.6)
        ax.text(x, -0.62, column, ha="center", va="bottom", fontsize=9, color=GREY)
    ax.set(xlim=(0, left + picture + gap * (len(columns) + 0.2)), ylim=(len(rows) - 0.5, -1.1))
    ax.set_axis_off()
    show(figure, alt)


def with_intervals(x, series, xlabel, ylabels, alt, levels=(), ticks=None):
    """Measured values with their confidence intervals over a logarithmic x, one panel per measure.

    Parameters
    ----------
    x : list of numbers
    series : list of dict of name -> list of metrics.Interval, one dict for each panel
    ylabels : list of str, one for each panel
    levels : list of number, one for each panel, optional
        A dotted line: where the curve should lie.
    ticks : list of str, optional
        Names for the values of `x`.
    """
    figure, panels = axes(len(series), width=9.5, squeeze=False)
    for number, (ax, lines, ylabel) in enumerate(zip(panels[0], series, ylabels, strict=True)):
        for i, (name, values) in enumerate(lines.items()):
            middle = [v.value for v in values]
            reach = [[v.value - v.low for v in values], [v.high - v.value for v in values]]
            ax.errorbar(
                x,
                middle,
                yerr=reach,
                fmt=STYLES[i % 4],
                marker=MARKERS[i % 8],
                markersize=4,
                capsize=3,
                color=COLOURS[i % 8],
                label=name,
            )
        if levels:
            ax.axhline(levels[number], color=GREY, linewidth=0.8, linestyle=":")
        ax.set_xscale("log")
        ax.set_xticks(x, ticks or [f"{n:,}" for n in x], minor=False)
        ax.set_xticks([], minor=True)
        ax.set(xlabel=xlabel, ylabel=ylabel)
    if all(list(lines) == list(series[0]) for lines in series):  # one legend serves all panels
        handles = panels[0, 0].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower center", ncols=len(series[0]))
    else:
        for ax in panels[0]:
            ax.legend()
    show(figure, alt)


def scatter(groups, xlabel, ylabel, alt):
    """Points of several kinds, each with its own colour and marker, joined where a kind is a path.

    Parameters
    ----------
    groups : list of dict of name -> list of paths, one dict for each panel
        A path is a list of (x, y); a path of one point is a point.
    xlabel : list of str, one for each panel
    """
    figure, axs = axes(len(groups), width=9.5, squeeze=False, sharey=True)
    for ax, kinds, label in zip(axs[0], groups, xlabel, strict=True):
        for i, (name, paths) in enumerate(kinds.items()):
            for j, path in enumerate(paths):
                xs, ys = zip(*path, strict=True)
                style = {"color": COLOURS[i % 8], "marker": MARKERS[i % 8], "markersize": 5}
                style |= {"linewidth": 0.8, "label": name if j == 0 else None}
                ax.plot(xs, ys, STYLES[i % 4] if len(path) > 1 else "", **style)
        ax.set(xlabel=label, yscale="log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_formatter(NullFormatter())
    axs[0, 0].set_ylabel(ylabel)
    axs[0, 0].legend(loc="upper right")
    show(figure, alt)


def balls(real, fake, radius, title, alt):
    """Points in the plane with the ball around each real point; fakes are crosses (inside) or
    triangles (outside).

    Parameters
    ----------
    real, fake : Tensor (N, 2) and (M, 2)
    radius : Tensor (N,)
    """
    figure, ax = axes(width=5.6, height=4.2)
    for centre, r in zip(numbers(real), numbers(radius), strict=True):
        ax.add_patch(plt.Circle(centre, r, facecolor=REAL, alpha=0.12, edgecolor="none"))
        ax.add_patch(plt.Circle(centre, r, fill=False, edgecolor=REAL, linewidth=0.5))
    ax.plot(*numbers(real).T, "o", color=REAL, markersize=4, label="real")
    inside = ((fake[:, None] - real).norm(dim=2) <= radius).any(dim=1)
    for part, marker, name in ((fake[inside], "x", "in a ball"), (fake[~inside], "^", "outside")):
        if len(part):
            ax.plot(*numbers(part).T, marker, color=FAKE, markersize=6, label=f"fake, {name}")
    ax.set(aspect="equal", title=title)
    ax.margins(0.05)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    show(figure, alt)
