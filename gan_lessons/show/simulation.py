"""The figures of lesson 13: paths of returns, and how often a loss is exceeded."""

import numpy as np

from gan_lessons.show.canvas import COLOURS, GREY, MARKERS, STYLES, axes, numbers, show


def paths(panels, ylabel, alt, limit):
    """Windows of daily returns, a panel for each source, all on one scale.

    Parameters
    ----------
    panels : dict of title -> Tensor (rows, days)
        The windows stand below each other, each around a line of its own.
    ylabel, alt : str
    limit : number
        The space of a window up and down, in units of the returns.
    """
    figure, axs = axes(len(panels), width=9.5, height=3.4, squeeze=False, sharey=True)
    for ax, (title, windows) in zip(axs[0], panels.items(), strict=True):
        for i, window in enumerate(numbers(windows)):
            ax.plot(window - 2 * limit * i, color=COLOURS[0], linewidth=0.9)
            ax.axhline(-2 * limit * i, color="#BBBBBB", linewidth=0.6)
        ax.set_title(title, fontsize=10)
        ax.set_xlabel("day")
        ax.set_yticks([-limit, 0, limit])
        ax.grid(False)
    axs[0, 0].set_ylabel(ylabel)
    show(figure, alt)


def tails(samples, alt, marks=(0.01,)):
    """Share of days with a loss above x, on logarithmic axes; a line for each source.

    Parameters
    ----------
    samples : dict of name -> Tensor of returns in per cent
    alt : str
    marks : tuple of shares, drawn as dotted lines
    """
    figure, ax = axes(width=7.0, height=3.6)
    for i, (name, returns) in enumerate(samples.items()):
        loss = np.sort(-numbers(returns).ravel())[::-1]
        share = np.arange(1, len(loss) + 1) / len(loss)
        keep = np.unique(np.geomspace(1, len(loss), 400).astype(int)) - 1  # few points, both ends
        keep = keep[loss[keep] > 1]
        ax.loglog(loss[keep], share[keep], STYLES[i % 4], color=COLOURS[i], label=name)
    for mark in marks:
        ax.axhline(mark, color=GREY, linestyle=":", linewidth=1)
        ax.annotate(f"{mark:.0%} of all days", (1.05, mark * 1.15), fontsize=8, color=GREY)
    ax.set(xlabel="loss of a day, %", ylabel="share of days with a larger one", xlim=(1, 100))
    ax.set_xticks([1, 2, 5, 10, 20, 50, 100], ["1", "2", "5", "10", "20", "50", "100"])
    ax.minorticks_off()
    ax.legend(fontsize=9)
    show(figure, alt)


def ratios(rows, xlabel, alt):
    """Measured values over those of history, with intervals: a band for each row, 1 is right.

    Parameters
    ----------
    rows : dict of row name -> dict of series name -> metrics.Interval
        Every row has the same series.
    xlabel, alt : str
    """
    figure, ax = axes(width=8.0, height=0.95 * len(rows) + 1.2)
    names = list(next(iter(rows.values())))
    for i, name in enumerate(names):
        places = [y + (i - (len(names) - 1) / 2) * 0.16 for y in range(len(rows))]
        found = [row[name] for row in rows.values()]
        reach = [[x.value - x.low for x in found], [x.high - x.value for x in found]]
        style = {"color": COLOURS[i % 8], "marker": MARKERS[i % 8], "markersize": 6}
        middle = [x.value for x in found]
        ax.errorbar(middle, places, xerr=reach, linestyle="", capsize=3, label=name, **style)
    for y in range(0, len(rows), 2):
        ax.axhspan(y - 0.5, y + 0.5, color="#F3F3F3", zorder=0)
    ax.axvline(1, color=GREY, linestyle=":", linewidth=1.2)
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set(ylim=(len(rows) - 0.5, -0.5), xlabel=xlabel)
    ax.grid(axis="y", visible=False)
    figure.legend(loc="outside lower center", ncols=len(names), fontsize=9)
    show(figure, alt)
