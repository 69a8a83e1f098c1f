"""Every figure of the course: one palette, and a caption computed from the data, which is also the
alt text.

Real is blue, fake is orange, the discriminator's field runs from orange (says "fake") to blue (says
"real"); the colours are Okabe and Ito's, and markers and line styles differ too, so nothing hangs
on colour alone.
"""

import html
import io

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import HTML, display
from matplotlib.colors import LinearSegmentedColormap

from gan_lessons.data import ASSETS, CLASS_NAMES

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
    display(HTML(f"<small>{html.escape(alt)}</small>"))


def axes(columns=1, rows=1, width=None, height=3.2, **options):
    """A figure in the course's style, and its axes as `plt.subplots` gives them."""
    with plt.rc_context(RC):
        size = (width or min(4.2 * columns, 9.5), height * rows)
        return plt.subplots(rows, columns, figsize=size, layout="constrained", **options)


def numbers(x):
    """A tensor or list as a flat numpy array."""
    return torch.as_tensor(x).detach().cpu().numpy() if not isinstance(x, np.ndarray) else x


def tile(images, columns):
    """Images (N, 1, 28, 28) in [-1, 1] or uint8 as one array, `columns` wide, with 2 white pixels
    between.
    """
    images = images.detach().cpu()
    images = images / 255 if images.dtype == torch.uint8 else (images.clamp(-1, 1) + 1) / 2
    n, _, h, w = images.shape
    rows = -(-n // columns)
    canvas = np.ones((rows * (h + 2) - 2, columns * (w + 2) - 2))
    for i, image in enumerate(images[:, 0].numpy()):
        y, x = i // columns * (h + 2), i % columns * (w + 2)
        canvas[y : y + h, x : x + w] = image
    return canvas


def images(batch, columns=10, titles=None, row_labels=None, alt=None, title=None):
    """A grid of images (N, 1, 28, 28), in [-1, 1] or uint8.

    Parameters
    ----------
    columns : int
    row_labels : list of str, optional
        One word to the left of each row.
    titles : list of str, optional
        One word above each column.
    title : str, optional
    alt : str, optional
        What the images are; the caption says their number and arrangement when it is left out.
    """
    canvas = tile(batch, columns)
    rows = -(-len(batch) // columns)
    width = min(0.62 * columns + (0.9 if row_labels else 0), 9.5)
    figure, ax = plt.subplots(
        figsize=(width, width * canvas.shape[0] / canvas.shape[1]), layout="constrained"
    )
    ax.imshow(canvas, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_xticks([14 + 30 * i for i in range(columns)] if titles else [], titles or [], fontsize=9)
    ax.xaxis.tick_top()
    ax.set_yticks(
        [14 + 30 * i for i in range(rows)] if row_labels else [], row_labels or [], fontsize=9
    )
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    if title:
        ax.set_title(title, fontsize=10)
    show(figure, alt or f"{len(batch)} images of 28 x 28 pixels in {rows} rows of {columns}.")


def points(real=None, fake=None, D=None, mixture=None, title=None, limit=1.6, alt=None):
    """Points in the plane: real ones, generated ones, and the probability that D gives to each
    place.

    Parameters
    ----------
    real, fake : Tensor (N, 2), optional
    D : module, optional
        Drawn as a field from orange ("fake") to blue ("real").
    mixture : data.Mixture, optional
        With it, the caption counts the modes that the fakes cover.
    """
    figure, ax = axes(width=4.6, height=4.4)
    said = draw_points(ax, real, fake, D, mixture, limit)
    if title:
        ax.set_title(title)
    show(figure, alt or said)


def draw_points(ax, real=None, fake=None, D=None, mixture=None, limit=1.6, bar=True):
    """Draw what `points` shows into given axes; returns the description."""
    said = []
    if D is not None:
        line = torch.linspace(-limit, limit, 120)
        device = next(D.parameters()).device
        with torch.no_grad():
            p = torch.sigmoid(D(torch.cartesian_prod(line, line).to(device))).cpu()
        p = p.view(120, 120).T.numpy()  # rows are x_2, as imshow wants them
        field = ax.imshow(
            p, extent=[-limit, limit] * 2, origin="lower", cmap=FIELD, vmin=0, vmax=1, alpha=0.55
        )
        if bar:
            ax.figure.colorbar(field, ax=ax, label="D says: probability of real", shrink=0.8)
        said.append(
            f"D's probability of real runs from {p.min():.2f} to {p.max():.2f} over the plane."
        )
    for part, colour, marker, name in ((real, REAL, "o", "real"), (fake, FAKE, "x", "fake")):
        if part is not None:
            x = numbers(part)[:1000]
            ax.scatter(
                x[:, 0],
                x[:, 1],
                s=9,
                c=colour,
                marker=marker,
                linewidths=0.8,
                label=name,
                alpha=0.7,
            )
            said.insert(0, f"{len(x)} {name} points.")
    if mixture is not None and fake is not None:
        from gan_lessons.metrics import modes_covered

        m = modes_covered(fake, mixture)
        said.append(
            f"The fakes cover {m.covered} of {m.total} modes; {m.share:.0%} of them lie near a "
            f"mode."
        )
    ax.set(
        xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", xlabel="$x_1$", ylabel="$x_2$"
    )
    if real is not None or fake is not None:
        ax.legend(loc="upper right", fontsize=9, markerscale=2)
    return " ".join(said)


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
            (1, level),
            xycoords=("axes fraction", "data"),
            fontsize=8,
            color=GREY,
            va="bottom",
            ha="right",
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
            (1, reference),
            xycoords=("axes fraction", "data"),
            fontsize=8,
            va="bottom",
            ha="right",
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
    values, alt, rows=CLASS_NAMES, columns=CLASS_NAMES, ylabel="asked for", xlabel="classifier says"
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
    ax.set(xlabel=xlabel, ylabel=ylabel)
    show(figure, alt)


def preview(name):
    """The end result of a lesson, as its last build drew it, before anything has run."""
    from PIL import Image

    path = ASSETS / "previews" / f"{name}.png"
    if not path.is_file():
        print("The picture of the end result appears here after the first build (make notebooks).")
        return
    with Image.open(path) as picture:
        alt = picture.text["Description"]
    show(path.read_bytes(), alt)


# Points and classes (lesson 07)


def labelled_points(panels, mixture, alt, per_class=25, limit=1.6):
    """Points in the plane, each drawn as the number of the class it was asked for.

    Parameters
    ----------
    panels : dict of title -> (points (N, 2), labels (N,))
        One panel each; `per_class` points of every class are drawn.
    mixture : data.Mixture
        Its modes are circles of two standard deviations, each with its number outside.
    alt : str
    """
    figure, axs = axes(len(panels), width=9.5, height=3.5, squeeze=False)
    for ax, (title, (points, labels)) in zip(axs[0], panels.items(), strict=True):
        for c, mean in enumerate(mixture.means):
            x = numbers(points[labels == c][:per_class])
            colour = COLOURS[c % 8]
            ax.scatter(x[:, 0], x[:, 1], s=28, color=colour, marker=f"${c}$", linewidths=0.3)
            mean = mean.numpy()
            ax.add_patch(plt.Circle(mean, 2 * mixture.std, fill=False, color=GREY, linewidth=0.8))
            ax.annotate(str(c), 1.32 * mean, ha="center", va="center", color=colour, weight="bold")
        ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", title=title)
    show(figure, alt)


# Maps of numbers (lesson 05)


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
        ax.set_title(title, fontsize=9)
    show(figure, alt)


# A run in pictures, and the noise that G bends (lesson 02)


def stages(frames, real, mixture, limit=1.6):
    """Samples and D's field at several moments of a run, side by side.

    Parameters
    ----------
    frames : list of (step, samples (N, 2), D)
    real : Tensor (N, 2)
        Drawn into every panel.
    mixture : data.Mixture
        The caption counts its modes.
    """
    figure, axs = axes(len(frames), width=9.5, height=3.4, squeeze=False)
    said = []
    for ax, (step, samples, D) in zip(axs[0], frames, strict=True):
        text = draw_points(ax, real, samples, D, mixture, limit, bar=ax is axs[0, -1])
        said.append(f"After {step} steps: {text[text.index('The fakes') :]}")
        ax.set_title(f"after {step} steps")
        if ax is not axs[0, 0]:
            ax.get_legend().remove()
            ax.set_ylabel("")
    show(figure, " ".join(said))


def bent_noise(G, mixture, limit=1.6, lines=25):
    """Where a generator with two noise values sends the plane of noise: a grid before and after.

    Left, each noise vector is drawn as the number of the mode that its sample lies in, or as a grey
    cross. Right, the images of the straight lines.

    Parameters
    ----------
    G : module
        Maps (N, 2) to (N, 2).
    mixture : data.Mixture
    """
    device = next(G.parameters()).device
    generator = torch.Generator().manual_seed(0)
    z = torch.randn(5000, 2, generator=generator)
    line, fine = torch.linspace(-3, 3, lines), torch.linspace(-3, 3, 300)
    with torch.no_grad():
        x = G(z.to(device)).cpu()
        across = torch.cartesian_prod(line, fine)
        bent = [G(w.to(device)).cpu().view(lines, 300, 2) for w in (across, across.flip(1))]
    distance, nearest = torch.cdist(x, mixture.means).min(dim=1)
    nearest[distance > 4 * mixture.std] = -1
    figure, (left, right) = axes(2, width=9.5, height=4.5)
    for k in range(-1, len(mixture.means)):
        part, mark = z[nearest == k][: 400 if k < 0 else 60], "x" if k < 0 else f"${k}$"
        left.scatter(
            part[:, 0],
            part[:, 1],
            s=12 if k < 0 else 26,
            color=GREY if k < 0 else COLOURS[k % 8],
            marker=mark,
            linewidths=0.6 if k < 0 else 0.3,
        )
    for curves, colour in zip(bent, (FAKE, G_COLOUR), strict=True):
        for curve in curves:
            right.plot(curve[:, 0], curve[:, 1], color=colour, linewidth=0.5)
    for k, mean in enumerate(mixture.means.numpy()):
        right.add_patch(plt.Circle(mean, 4 * mixture.std, fill=False, color=REAL, linewidth=1.2))
        place = mean + 0.3 * mean / max(np.linalg.norm(mean), 1e-9)
        right.annotate(str(k), place, ha="center", va="center", color=COLOURS[k % 8], weight="bold")
    left.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal", xlabel="$z_1$", ylabel="$z_2$")
    left.set_title("noise, by the mode it is sent to")
    right.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
    right.set(xlabel="$x_1$", ylabel="$x_2$", title="straight lines of noise, after G")
    found = nearest.unique().tolist()
    show(
        figure,
        f"Left: noise vectors, each drawn as the number of the mode that G sends it to; "
        f"{sum(k >= 0 for k in found)} of {len(mixture.means)} modes occur, and "
        f"{(nearest < 0).float().mean():.0%} of the noise lands between the modes (crosses). "
        f"Right: the straight lines of the noise plane after G, bunched in the circles around the "
        f"modes and stretched in between.",
    )


def paths(series, alt):
    """Paths in the plane, one panel each; a dot marks the start, a cross the middle (0, 0).

    `series` maps a name to the points (N, 2) of its path, in order.
    """
    figure, panels = axes(len(series), height=3.6, squeeze=False, sharex=True, sharey=True)
    for i, (ax, (name, path)) in enumerate(zip(panels[0], series.items(), strict=True)):
        path = numbers(path)
        ax.plot(path[:, 0], path[:, 1], color=COLOURS[i % 8], linewidth=1, marker=".", markersize=3)
        ax.plot(*path[0], "o", color=GREY, label="start")
        ax.plot(0, 0, "x", color="black", label="solution")
        ax.set(aspect="equal", xlabel="a", title=name)
    panels[0, 0].set_ylabel("b")
    marks = panels[0, 0].get_legend_handles_labels()
    figure.legend(*marks, loc="outside lower center", ncols=2, fontsize=9)
    show(figure, alt)
