"""Imports run downward only, and the pages that tell the package's size tell the truth."""

import re

import pytest

from tools import rooms
from tools.sources import ROOT, books

MODULES = rooms.modules()


def wrong(modules):
    """Imports that a room may not have, as sentences."""
    found = []
    for name, path in modules.items():
        own = rooms.room(name)
        allowed = {own, None} | set(rooms.ROOMS[own][1] if own else rooms.ROOMS)
        for other in sorted(rooms.imported(path, modules)):
            if rooms.room(other) not in allowed:
                found.append(f"{name} ({own}) imports {other} ({rooms.room(other)})")
    return found


def test_every_module_has_a_room():
    outside = [name for name in MODULES if rooms.room(name) is None]
    assert outside == ["gan_lessons", "gan_lessons.__main__"]


def test_imports_run_downward_only():
    assert wrong(MODULES) == []


def test_the_core_imports_nothing_above_it_and_some_rooms_no_study():
    assert rooms.ROOMS["core"][1] == ()
    assert all("studies" not in rooms.ROOMS[r][1] for r in ("protocols", "clinic", "checks"))
    for name, (_, below) in rooms.ROOMS.items():  # the order of the table is that of the house
        assert set(below) <= set(list(rooms.ROOMS)[: list(rooms.ROOMS).index(name)])


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("data", "from gan_lessons.studies import common", "studies"),
        ("losses", "def f():\n    import gan_lessons.show.charts", "show"),
        ("clinic/ward", "from gan_lessons.studies.dcgan import rules", "studies"),
        ("checks/loop", "from gan_lessons import studies", "studies"),
        ("protocols/tables", "from gan_lessons.clinic import ward", "clinic"),
    ],
)
def test_an_import_that_runs_up_is_found(name, code, said, tmp_path):
    package = tmp_path / "gan_lessons"
    for other in ("studies/common", "studies/dcgan/rules", "show/charts", "studies/__init__"):
        (package / other).parent.mkdir(parents=True, exist_ok=True)
        (package / f"{other}.py").write_text("")
    for other in ("clinic/ward", name):
        (package / other).parent.mkdir(parents=True, exist_ok=True)
        (package / f"{other}.py").write_text("")
    (package / f"{name}.py").write_text(code)
    found = wrong(rooms.modules(package))
    assert found and all(said in line for line in found)


def test_readme_and_contributing_tell_the_size_that_the_command_counts():
    sizes = rooms.sizes()
    readme, page = (
        (ROOT / f).read_text(encoding="utf-8") for f in ("README.md", "CONTRIBUTING.md")
    )
    for text in (readme, page):
        assert "`python -m tools.rooms`" in text
    said = re.search(r"core is about ([\d,]+) lines", readme)
    assert int(said[1].replace(",", "")) == pytest.approx(sizes["core"][1], rel=0.1)
    for name in rooms.ROOMS:
        assert f"| {name} |" in page.replace("`", "")
    rows = re.findall(r"\| `(\w+)` .*\| ([\d,]+) \|", page)
    assert [name for name, _ in rows] == list(rooms.ROOMS)
    for name, count in rows:
        assert int(count.replace(",", "")) == pytest.approx(sizes[name][1], rel=0.1), name


def test_studies_are_grouped_by_lesson():
    lessons = {book.source.stem[3:] for book in books() if book.is_lesson}
    folder = rooms.PACKAGE / "studies"
    folders = {path.parent.name for path in folder.glob("*/__init__.py")}
    found = folders | {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert found > {"common", "bundled"}
    assert found - {"common", "bundled"} <= lessons, "a study has the name of its lesson"
