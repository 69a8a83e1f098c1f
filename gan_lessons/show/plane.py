"""Points in the plane: samples, D's field over them, the noise that G bends, paths."""

import matplotlib.pyplot as plt
import numpy as np
import torch

from gan_lessons.show.canvas import COLOURS, FAKE, FIELD, G_COLOUR, GREY, REAL, axes, numbers, show


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
        marks = ax.get_legend_handles_labels()
        ax.get_legend().remove()
        if ax is not axs[0, 0]:
            ax.set_ylabel("")
    figure.legend(*marks, loc="outside lower center", ncols=2, fontsize=9, markerscale=2)
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
