"""The figure of lesson 12: differences with their intervals, on both sides of zero."""

from gan_lessons.show.canvas import COLOURS, GREY, MARKERS, axes, show


def differences(panels, xlabel, alt, columns=2):
    """Differences with intervals, one group of rows for each name, and a line at 0.

    Parameters
    ----------
    panels : dict of title -> dict of name -> dict of series -> metrics.Interval
        An interval that does not hold 0 has a filled marker, another one a hollow marker.
    xlabel : str
    alt : str
    """
    most = max(len(names) for names in panels.values())
    rows = -(-len(panels) // columns)
    figure, axs = axes(
        columns, rows, width=9.5, height=0.55 * most + 1, squeeze=False, sharex="row", sharey=True
    )
    for ax, (title, names) in zip(axs.flat, panels.items(), strict=False):
        for row, series in enumerate(names.values()):
            for i, (label, found) in enumerate(series.items()):
                y = row + 0.17 * (i - (len(series) - 1) / 2)
                colour = COLOURS[i % 8]
                ax.plot([found.low, found.high], [y, y], color=colour, linewidth=1.2)
                ax.plot(
                    [found.value],
                    [y],
                    MARKERS[i % 8],
                    color=colour,
                    markersize=5,
                    markerfacecolor="white" if 0 in found else colour,
                    label=label if row == 0 else None,
                )
        ax.axvline(0, color=GREY, linewidth=1, linestyle="--")
        ax.set_yticks(range(len(names)), list(names))
        ax.set_ylim(len(names) - 0.4, -0.6)
        ax.set_title(title, fontsize=10)
        ax.grid(axis="y", visible=False)
        ax.locator_params(axis="x", nbins=6)
    for ax in axs[-1]:
        ax.set_xlabel(xlabel)
    figure.legend(*axs[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    show(figure, alt)
