"""Figures of lesson 06: the chart of a run, before and after, and the drill."""

import io

import numpy as np
from PIL import Image

from gan_lessons.show.canvas import (
    D_COLOUR,
    FAKE,
    G_COLOUR,
    GREY,
    REAL,
    as_png,
    axes,
    numbers,
    show,
)
from gan_lessons.show.charts import smooth

TITLES = {
    "modes": "modes, of 8",
    "near": "samples near a mode",
    "recall": "recall",
    "right": "right label",
}
FULL = {"modes": 8, "near": 1, "recall": 1, "right": 1}


def chart(history, found, fake, mixture, title):
    """One run at a glance: losses, D's answers, gradients, variety, and the worth of its samples.

    Parameters
    ----------
    history : training.History
    found : dict, as `ward.measure` gives it
    fake : Tensor (N, 2)
    mixture : data.Mixture
    title : str
    """
    figure, axs = axes(3, 2, width=9, height=2.1)
    figure.suptitle(title, fontsize=11)
    at, window = history.at, max(1, len(history) // 80)
    losses = [smooth(values, window) for values in (history.d_loss, history.g_loss)]
    panels = (
        ("loss", range(len(losses[0])), ("D", losses[0], D_COLOUR), ("G", losses[1], G_COLOUR)),
        ("D's answer", at, ("real", history.d_real, REAL), ("fake", history.d_fake, FAKE)),
        ("gradient", at, ("D", history.d_grad, D_COLOUR), ("G", history.g_grad, G_COLOUR)),
        ("variety", at, ("spread", history.spread, "black"), ("coverage", history.coverage, GREY)),
    )
    said = [panel(ax, *curves) for ax, curves in zip(axs.flat, panels, strict=False)]
    plane(axs[1, 1], numbers(mixture.sample(300)[0]), numbers(fake)[:500])
    worth(axs[1, 2], found)
    show(
        few_colours(figure),
        f"{title}. Medians of the last third: {'; '.join(said)}. Samples: {in_words(found)}.",
    )


def plane(ax, real, fake):
    """Real points and fakes; the picture grows with the fakes, to three times its size at most."""
    size = np.abs(real).max()
    limit = np.clip(1.1 * np.quantile(np.abs(fake), 0.95), 1.2 * size, 3 * size)
    ax.scatter(*real.T, s=5, c=REAL, label="real")
    ax.scatter(*fake.T, s=8, c=FAKE, marker="x", linewidths=0.7, label="fake")
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", title="samples")
    ax.legend(fontsize=8, loc="center", handlelength=1, markerscale=1.5)


def few_colours(figure):
    """The figure as a PNG of 64 colours: a third of the size, in a lesson with many figures."""
    small, image = io.BytesIO(), Image.open(io.BytesIO(as_png(figure))).convert("RGB")
    image.quantize(64, Image.Quantize.MAXCOVERAGE).save(small, "png", optimize=True)
    return small.getvalue()


def panel(ax, name, steps, *series):
    """Two curves; returns where they end, in words."""
    said = []
    for (label, values, colour), style in zip(series, ("-", "--"), strict=True):
        ax.plot(steps, values, style, color=colour, linewidth=1, label=label)
        last = values[2 * len(values) // 3 :]
        said.append(f"{label} {np.median(last):.2g}")
    ax.set_title(name)
    ax.legend(fontsize=8, loc="best", handlelength=1.4)
    if name == "gradient" and min(min(s[1]) for s in series) >= 0:
        ax.set_yscale("symlog", linthresh=1e-3)
    if name == "D's answer":
        ax.set_ylim(-0.04, 1.04)
    if name == "variety":
        ax.set_ylim(-0.06, 2.06)
    return f"{name}: {', '.join(said)}"


def worth(ax, found):
    """What the samples are worth, as bars from 0 to 1 with their numbers."""
    keys = [key for key in FULL if key in found]
    ax.barh(range(len(keys)), [found[k] / FULL[k] for k in keys], color="#BBD7EA", edgecolor=REAL)
    for i, key in enumerate(keys):
        text = f"{found[key]} of 8" if key == "modes" else f"{found[key]:.2f}"
        ax.text(0.03, i, text, va="center", fontsize=9)
    ax.set(xlim=(0, 1), title="worth of the samples")
    ax.set_yticks(range(len(keys)), keys)
    ax.invert_yaxis()


def in_words(found):
    """The metric as text."""
    text = f"{found['modes']} of 8 modes, {found['near']:.0%} of the samples near one, recall "
    text += f"{found['recall']:.2f}"
    return text + (f", {found['right']:.0%} as asked for" if "right" in found else "")


def two_losses(history, steps):
    """The two losses of a run and nothing else, for the drill."""
    figure, ax = axes(width=6, height=2.6)
    series = ("D", history.d_loss, D_COLOUR), ("G", history.g_loss, G_COLOUR)
    said = panel(ax, "loss", history.at, *series)
    for level in (2 * np.log(2), np.log(2)):
        ax.axhline(level, color=GREY, linewidth=0.8, linestyle=":")
    ax.set(xlabel="step", title=f"losses over {steps} steps")
    show(
        figure,
        f"{said[0].upper()}{said[1:]}. Dotted: 2 log 2 and log 2. Healthy, ill, or can't tell?",
    )


def before_and_after(patients, alt, states=("sick", "cured")):
    """Every patient before and after its treatment, a mark for each run.

    `patients` maps a name to two lists of what `ward.measure` found: before, and after.
    """
    every = [row for pair in patients.values() for rows in pair for row in rows]
    keys = [key for key in TITLES if any(key in row for row in every)]
    figure, axs = axes(len(keys), width=9.5, height=0.36 * len(patients) + 1.2, sharey=True)
    for ax, key in zip(axs, keys, strict=True):
        for i, pair in enumerate(patients.values()):
            for shift, rows, colour, mark in zip(
                (-0.16, 0.16), pair, (FAKE, REAL), "xo", strict=True
            ):
                values = [row[key] for row in rows if key in row]
                ax.plot(
                    values, [i + shift] * len(values), mark, color=colour, markersize=5, alpha=0.7
                )
        ax.set(title=TITLES[key], xlim=(-0.05 * FULL[key], 1.05 * FULL[key]))
        ax.set_xticks([k / 4 * FULL[key] for k in range(0, 5, 1 if key == "modes" else 2)])
    axs[0].set_yticks(range(len(patients)), list(patients))
    axs[0].set_ylim(len(patients) - 0.5, -0.5)
    marks = [axs[0].plot([], [], m, color=c)[0] for m, c in zip("xo", (FAKE, REAL), strict=True)]
    figure.legend(marks, states, loc="outside lower center", ncols=2, fontsize=9)
    show(figure, alt)
