"""The race of `make bench`: Fréchet distance over CPU time."""

import io
import math

from matplotlib.ticker import LogLocator
from PIL import Image, PngImagePlugin

from gan_lessons.show.canvas import COLOURS, GREY, MARKERS, STYLES, as_png, axes, show


def race(result):
    """Show the stored race: `race.race(storage.load_table("make_bench"))`."""
    show(*draw(result))


def store(result, path):
    """Write the picture as a PNG with its alt text inside; returns the alt text."""
    figure, alt = draw(result)
    note = PngImagePlugin.PngInfo()
    note.add_text("Description", alt)
    Image.open(io.BytesIO(as_png(figure))).save(path, format="png", pnginfo=note, optimize=True)
    return alt


def draw(result):
    """The figure and its description."""
    figure, ax = axes(width=9.0, height=4.8)
    ends, said = [], []
    for i, (name, curve) in enumerate(result["curves"].items()):
        cpu, distance = [p["cpu"] for p in curve], [p["distance"] for p in curve]
        ax.plot(cpu, distance, STYLES[i % 4], color=COLOURS[i], marker=MARKERS[i], markersize=4)
        ends.append((distance[-1], name, COLOURS[i]))
        said.append(f"{name} from {distance[0]:.0f} at {cpu[0]:.0f} s to {distance[-1]:.1f}")
    floor, found = result["real"]["distance"], result["verdict"]
    ax.set(xscale="log", yscale="log", ylabel="Fréchet distance to the test images")
    seconds = "CPU seconds" if result["device"] == "CPU" else "seconds"
    ax.set(xlabel=f"{seconds} of training", title="Distance over time, both logarithmic")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter("{x:g}")
    ax.axhline(floor, color=GREY, linewidth=1, linestyle=":")
    ends.append((floor, "real images", GREY))
    alt = (
        f"Fréchet distance over {seconds} of training, both axes logarithmic, until "
        f"{result['budget']:g} s: {'; '.join(said)}. Real training images have {floor:.2f}."
    )
    if found and found["ours"]:
        other, ours = found["best_published"], found["ours"]
        ax.annotate(
            "",
            (ours["cpu"], other["distance"]),
            (other["cpu"], other["distance"]),
            arrowprops={"arrowstyle": "->", "color": GREY},
        )
        middle = (ours["cpu"] * other["cpu"]) ** 0.5
        text = f"{found['speedup']:.0f} times sooner"
        plain = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        place = {"ha": "center", "va": "center", "bbox": plain}
        ax.text(middle, other["distance"], text, color=GREY, fontsize=9, **place)
        alt += (
            f" The best published recipe, {other['name']}, is at {other['distance']:.1f} after "
            f"{other['cpu']:.0f} s; the course is there after {ours['cpu']:.0f} s."
        )
    label_ends(ax, ends)
    return figure, alt


def label_ends(ax, ends):
    """Names to the right of the axes, at the height of their curves' ends but never on each
    other.
    """
    bottom, top = (math.log(limit) for limit in ax.get_ylim())
    least = 0.0
    for value, name, colour in sorted(ends):
        height = max((math.log(value) - bottom) / (top - bottom), least)
        ax.text(1.02, height, name, color=colour, transform=ax.transAxes, va="center")
        least = height + 0.055
