"""What the race's rows say: curves over time, who was first, the table, the closing line."""

import math
import statistics

from gan_lessons.studies.better_games import published

OURS = "the course"


def curves(rows):
    """name -> list of {"cpu", "wall", "distance", "sure"}: at each mark the medians over seeds."""
    found = {}
    for name in dict.fromkeys(row["name"] for row in rows):
        points = [point for row in rows if row["name"] == name for point in row["at"]]
        for mark in sorted({point["mark"] for point in points}):
            here = [point for point in points if point["mark"] == mark]
            middle = {
                key: statistics.median(point[key] for point in here)
                for key in ("cpu", "wall", "distance", "sure")
            }
            found.setdefault(name, []).append(middle)
    return found


def best(curve):
    """The point with the least distance."""
    return min(curve, key=lambda point: point["distance"])


def arrival(curve, distance):
    """The first measured point at or below a distance, or None: nothing is made up in between."""
    return next((point for point in curve if point["distance"] <= distance), None)


def verdict(rows):
    """The best published recipe at its best, and when the course got as far.

    Returns
    -------
    dict of `best_published`, `ours` (the course's first measurement at or below that distance, None
    where there is none) and `speedup`, the ratio of their CPU seconds; None where one side has no
    measurement.
    """
    lines = curves(rows)
    others = {name: best(lines[name]) for name in published.RECIPES if name in lines}
    if not others or OURS not in lines:
        return None
    name = min(others, key=lambda name: others[name]["distance"])
    ours = arrival(lines[OURS], others[name]["distance"])
    return {
        "best_published": {"name": name} | others[name],
        "ours": ours,
        "speedup": round(others[name]["cpu"] / ours["cpu"], 1) if ours else None,
    }


def last_line(found):
    """The line that closes the race, from what `verdict` returned."""
    if found is None:
        return "RACE ours=none best_published=none speedup=nan"
    other, ours = found["best_published"], found["ours"]
    reached = f"{ours['distance']:.2f}@{ours['cpu']:.1f}" if ours else "none"
    name = other["name"].replace(" ", "-")
    return (
        f"RACE ours={reached} best_published={name}:{other['distance']:.2f}@{other['cpu']:.1f} "
        f"speedup={found['speedup'] if ours else math.nan}"
    )


def table(result):
    """The contenders side by side, as text."""
    rows = [HEADER, *cells(result)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{name:{widths[0]}s}"
        + "".join(f"{text:>{width + 2}s}" for text, width in zip(others, widths[1:], strict=True))
        for name, *others in rows
    )


def over_time(result):
    """The distances over time, and what the classifier is sure of, as text."""
    lines, real = result["curves"], result["real"]
    text = [f"Fréchet distance of {result['samples']} samples over CPU seconds:"]
    for name, curve in lines.items():
        points = ", ".join(f"{point['distance']:.1f} at {point['cpu']:.0f} s" for point in curve)
        text.append(f"  {name}: {points}")
    text.append(f"  real training images: {real['distance']:.2f}")
    text += ["", f"The classifier is sure of {real['sure']:.0%} of real images, and of half by"]
    text += [f"  {name}: {when_half(curve)}" for name, curve in lines.items()]
    text += ["", "The course is as far as the others at their best:"]
    others = {name: best(curve) for name, curve in lines.items() if name != OURS}
    for name, point in others.items():
        there = arrival(lines.get(OURS, []), point["distance"])
        ratio = f"{point['cpu'] / there['cpu']:.1f} times sooner" if there else ""
        when = f"after {there['cpu']:.0f} s, {ratio}" if there else "not yet"
        text.append(f"  {name}, {point['distance']:.1f} after {point['cpu']:.0f} s: {when}")
    return "\n".join(text)


HEADER = ["contender", "seed", "steps/s", "images/s", "CPU s", "wall s", "MB", "of peak", "floor"]
HEADER += ["distance at the end, 95 % interval"]


def cells(result):
    """The rows of the table under `HEADER`, as lists of text."""
    rows = []
    for row in result["rows"]:
        rate = row["steps"] / row["wall"]
        value, low, high = row.get("last", [math.nan] * 3)
        used = rate * row["gflop_per_step"] / result["peak_gflops"]
        numbers = f"{rate:.2f} {rate * row['batch']:.0f} {row['cpu']:.0f} {row['wall']:.0f} "
        numbers += f"{row['peak_memory_mb'] or math.nan} {used:.0%} {row['floor']:.2f}"
        end = f"{value:.2f} [{low:.2f}, {high:.2f}]"
        rows.append([row["name"], str(row["seed"]), *numbers.split(), end])
    return rows


def when_half(curve):
    """The first point with half of the samples sure, in words."""
    point = next((point for point in curve if point["sure"] >= 0.5), None)
    if point is None:
        return f"not yet; {curve[-1]['sure']:.0%} at the end"
    return f"after {point['cpu']:.0f} CPU seconds, {point['wall']:.0f} on the wall clock"
