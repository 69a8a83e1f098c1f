"""Figures of lesson 07: paths of a tiny game, and the tables of its study."""

import numpy as np

from gan_lessons.show.canvas import COLOURS, GREY, MARKERS, STYLES, axes, numbers, show
from gan_lessons.show.plane import draw_points


def orbits(series, alt, columns=3):
    """Paths of the game with two parameters, one panel each, with the solution at (0, 0).

    `series` maps a name to points (N, 2): the place of G's point, and D's slope.
    """
    rows = -(-len(series) // columns)
    figure, panels = axes(
        columns, rows, width=9, height=2.9, squeeze=False, sharex=True, sharey=True
    )
    for ax in panels.flat[len(series) :]:
        ax.set_visible(False)
    for i, (ax, (name, path)) in enumerate(zip(panels.flat, series.items(), strict=False)):
        path = numbers(path)
        ax.plot(path[:, 0], path[:, 1], color=COLOURS[i % 8], linewidth=0.8)
        ax.plot(*path[0], "o", color=GREY, label="start")
        ax.plot(*path[-1], "s", color=COLOURS[i % 8], markeredgecolor="black", label="end")
        ax.plot(0, 0, "x", color="black", label="solution")
        ax.set(title=name)
        ax.xaxis.set_tick_params(labelbottom=True)
    for ax in panels[:, 0]:
        ax.set_ylabel(r"slope of D, $\psi$")
    for i, ax in enumerate(panels.flat):
        if i + columns >= len(series):
            ax.set_xlabel(r"G's point, $\theta$")
    marks = panels[0, 0].get_legend_handles_labels()
    figure.legend(*marks, loc="outside lower center", ncols=3, fontsize=9)
    show(figure, alt)


def by_rate(panels, rates, alt, floor=None):
    """Runs of several games at several learning rates: a dot for each seed, a line for the mean.

    Parameters
    ----------
    panels : dict of title -> dict of game -> list (one per rate) of values (one per seed)
        One panel for each title, below each other.
    rates : list of float
    floor : float, optional
        Dotted line: what real images give.
    """
    figure, axs = axes(1, len(panels), width=9, height=2.5, squeeze=False, sharex=True)
    for ax, (title, games) in zip(axs[:, 0], panels.items(), strict=True):
        for i, runs in enumerate(games.values()):
            for j, values in enumerate(runs):
                x = i + (j - (len(rates) - 1) / 2) * 0.26
                spread = x + np.linspace(-0.06, 0.06, len(values))
                label = f"learning rate {rates[j]:g}" if i == 0 else None
                ax.plot(spread, values, MARKERS[j], color=COLOURS[j], markersize=4, label=label)
                ax.hlines(np.mean(values), x - 0.11, x + 0.11, color=COLOURS[j], linewidth=2)
        if floor is not None:
            ax.axhline(floor, color=GREY, linestyle=":", linewidth=1)
            place = {"xycoords": ("axes fraction", "data"), "annotation_clip": False}
            ax.annotate("real", (1.01, floor), fontsize=8, color=GREY, va="center", **place)
        ax.set(title=title)
        ax.set_ylim(bottom=-0.04 * ax.get_ylim()[1])  # a dot at 0 keeps its lower half
        ax.set_xticks(range(len(games)), list(games))
    marks = axs[0, 0].get_legend_handles_labels()
    figure.legend(*marks, loc="outside lower center", ncols=len(rates), fontsize=9)
    show(figure, alt)


def critics(x, real, fake, series, alt):
    """Two clouds of numbers as histograms, and over them the answers of several critics."""
    figure, ax = axes(width=6.5)
    for part, colour, name in ((real, COLOURS[0], "real"), (fake, COLOURS[1], "fake")):
        hatch = None if name == "real" else "//"
        ax.hist(
            numbers(part)[:, 0], 40, density=True, alpha=0.35, color=colour, hatch=hatch, label=name
        )
    for i, (name, values) in enumerate(series.items()):
        ax.plot(numbers(x), numbers(values), STYLES[i], color=COLOURS[2 + i], label=name)
    ax.set(xlabel="x", ylabel="density; D's answer")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    show(figure, alt)


def clouds(panels, mixture, limit=1.6):
    """Samples of several generators side by side, over real points.

    `panels` maps a title to points (N, 2); the caption counts the modes they cover.
    """
    figure, axs = axes(len(panels), width=4.2 * len(panels), height=4.2, squeeze=False)
    real, said = mixture.sample(300)[0], []
    for ax, (title, samples) in zip(axs[0], panels.items(), strict=True):
        text = draw_points(ax, real, samples, mixture=mixture, limit=limit)
        said.append(f"{title}: {text[text.index('The fakes') :]}")
        marks = ax.get_legend_handles_labels()
        ax.get_legend().remove()
        ax.set_title(title)
    figure.legend(*marks, loc="outside lower center", ncols=2, fontsize=9, markerscale=2)
    show(figure, " ".join(said))


def wander(panels, mixture, limit=2.0):
    """The way of a point through the plane, between the modes of a mixture.

    `panels` maps a title to points (N, 2), in order; the caption says how far they are from (0, 0)
    in the last third.
    """
    figure, axs = axes(len(panels), width=4.2 * len(panels), height=4, squeeze=False)
    said = []
    for ax, (title, path) in zip(axs[0], panels.items(), strict=True):
        path = numbers(path)
        ax.plot(*numbers(mixture.means).T, "o", color=COLOURS[0], markersize=9, label="mode")
        ax.plot(path[:, 0], path[:, 1], color=COLOURS[1], linewidth=0.9)
        ax.plot(*path[0], "o", color=GREY, label="start")
        ax.plot(*path[-1], "s", color=COLOURS[1], markeredgecolor="black", label="end")
        ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", title=title)
        away = np.linalg.norm(path[-len(path) // 3 :], axis=1)
        length = np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
        said.append(
            f"{title}: a way of length {length:.0f}; in the last third {away.mean():.2f} from the "
            f"centre on average, {away.max():.2f} at most"
        )
    marks = axs[0, 0].get_legend_handles_labels()
    figure.legend(*marks, loc="outside lower center", ncols=3, fontsize=9)
    show(figure, "; ".join(said) + ".")
