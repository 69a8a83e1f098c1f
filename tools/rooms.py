"""Which room of the package a module belongs to, what a room may import, and how long each is.

    python -m tools.rooms

The core is what a learner reads: everything else stands on it, and it stands on nothing above.
"""

import ast
from pathlib import Path

from tools.sources import ROOT

PACKAGE = ROOT / "gan_lessons"
CORE = ("data", "networks", "losses", "training", "look", "metrics", "latent", "storage", "runtime")
# Each room, what it is for, and the rooms that it may import beside itself.
ROOMS = {
    "core": ("what every lesson builds on: one evening's reading", ()),
    "protocols": ("what lessons 12 to 16 and their studies share, for data of your own", ("core",)),
    "show": ("figures and tables, with alt texts", ("core",)),
    "clinic": ("signs of a sick run, patients, diagnosis", ("core", "show")),
    "widgets": ("playground, explorer, dashboard", ("core", "show", "clinic")),
    "studies": (
        "runs over seeds, which make the stored tables",
        ("core", "protocols", "show", "clinic"),
    ),
    "checks": ("the exercises' checkers", ("core", "protocols", "clinic")),
    "grading": ("a class's submissions", ("core", "checks")),
}


def room(name):
    """The room of a module, such as `gan_lessons.show.charts`; None for the package itself and for
    its command line, which start everything and hold nothing.
    """
    first = (name.split(".") + [""])[1]
    return "core" if first in CORE else first if first in ROOMS else None


def modules(package=PACKAGE):
    """name -> file of every module of the package."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(path, names):
    """The modules among `names` that a file imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports say the whole name, from gan_lessons on"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found & set(names)


def lines(path):
    """Lines of a file that are not empty."""
    return sum(bool(line.strip()) for line in Path(path).read_text(encoding="utf-8").splitlines())


def sizes():
    """room -> (modules, lines that are not empty)."""
    found = {name: [0, 0] for name in ROOMS}
    for name, path in modules().items():
        if room(name):
            found[room(name)][0] += 1
            found[room(name)][1] += lines(path)
    return {name: tuple(pair) for name, pair in found.items()}


def main():
    print(f"{'room':10s} {'modules':>7s} {'lines':>6s}")
    for name, (count, total) in sizes().items():
        print(f"{name:10s} {count:7d} {total:6,d}  {ROOMS[name][0]}")


if __name__ == "__main__":
    main()
