"""The figures of lesson 16: intervals of several detectors, and differences of spectra."""

from gan_lessons.show.canvas import COLOURS, FIELD, GREY, MARKERS, axes, numbers, show


def forest(rows, xlabel, alt, reference=None, limits=None):
    """Measured values with their intervals, a line for each row, a mark for each series.

    Parameters
    ----------
    rows : dict of row name -> dict of series name -> metrics.Interval
    xlabel, alt : str
    reference : (number, str), optional
        A dotted line and its name.
    limits : (number, number), optional
        The ends of the axis; intervals are cut there.
    """
    names = list(dict.fromkeys(series for found in rows.values() for series in found))
    figure, ax = axes(width=8.0, height=0.55 * len(rows) + 1.3)
    for i, series in enumerate(names):
        step = (i - (len(names) - 1) / 2) * 0.22
        places, found = zip(
            *((y + step, row[series]) for y, row in enumerate(rows.values()) if series in row),
            strict=True,
        )
        middle = [x.value for x in found]
        reach = [[x.value - x.low for x in found], [x.high - x.value for x in found]]
        style = {"color": COLOURS[i % 8], "marker": MARKERS[i % 8], "markersize": 6}
        ax.errorbar(middle, places, xerr=reach, fmt="", linestyle="", capsize=3, **style)
        ax.plot([], [], linestyle="", label=series, **style)
    if reference:
        ax.axvline(reference[0], color=GREY, linestyle=":", linewidth=1.2)
        ax.annotate(
            reference[1],
            (reference[0], 1.01),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="bottom",
            fontsize=9,
            color=GREY,
        )
    ax.set_yticks(range(len(rows)), list(rows))
    ax.set(ylim=(len(rows) - 0.5, -0.5), xlabel=xlabel)
    if limits:
        ax.set_xlim(limits)
    figure.legend(loc="outside lower center", ncols=len(names), fontsize=9)
    show(figure, alt)


def spectra(panels, label, alt, limit):
    """Differences of two-dimensional spectra, frequency 0 in the middle, on one scale for all.

    Parameters
    ----------
    panels : dict of title -> Tensor (S, S)
        Orange is above 0, blue below.
    label : str
        What the numbers are.
    limit : number
        The end of the scale; what is beyond it has the colour of the end.
    """
    figure, axs = axes(len(panels), width=9.5, height=2.7, squeeze=False)
    for ax, (title, values) in zip(axs[0], panels.items(), strict=True):
        half = len(values) // 2
        picture = ax.imshow(
            numbers(values),
            cmap=FIELD.reversed(),
            vmin=-limit,
            vmax=limit,
            extent=[-half - 0.5, half - 0.5, half - 0.5, -half - 0.5],
            interpolation="nearest",
        )
        ax.set_title(title, fontsize=9)
        ax.set_xticks([-half, 0, half - 1])
        ax.set_yticks([-half, 0, half - 1] if ax is axs[0, 0] else [])
        ax.grid(False)
    axs[0, 0].set_ylabel("waves per image")
    figure.colorbar(picture, ax=axs, label=label, shrink=0.75, extend="both")
    show(figure, alt)
