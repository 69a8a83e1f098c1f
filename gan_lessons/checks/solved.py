"""What is solved and what waits, kept in one small file on this machine.

The file is `.gan_lessons/progress.json` in your home folder, or what the environment variable
GAN_LESSONS_PROGRESS names; an empty one keeps nothing.
"""

import html
import json
import os
from pathlib import Path

from gan_lessons import storage

SIGNS = {"passed": "✓", "failed": "✗", "not attempted": "○"}


def place():
    """The file, or None where nothing is to be kept."""
    named = os.environ.get("GAN_LESSONS_PROGRESS")
    if named == "":
        return None
    return Path(named) if named else Path.home() / ".gan_lessons" / "progress.json"


def load():
    """Status by task; nothing where there is no file, or one that can't be read."""
    try:
        found = json.loads(place().read_text())
        return {name: status for name, status in found.items() if status in SIGNS}
    except (OSError, RuntimeError, ValueError, AttributeError, TypeError):
        return {}


def save(found):
    """Write it; a folder that refuses must not stop a check."""
    try:
        if place() is not None:
            storage.write(place(), (json.dumps(found, indent=1) + "\n").encode())
    except (OSError, RuntimeError):  # RuntimeError: there is no home folder
        pass


def note(result):
    """Keep the outcome of a check; what was solved once stays solved."""
    found = load()
    if found.get(result.exercise) not in ("passed", result.status):
        save(found | {result.exercise: result.status})


class Progress:
    """A table of the lessons and their tasks; `lessons` maps a title to the names of its tasks."""

    def __init__(self, lessons):
        self.found, self.lessons = load(), lessons

    def rows(self):
        """Title, how many tasks are solved, how many there are, and each with its sign."""
        for title, names in self.lessons.items():
            status = {name: self.found.get(name, "not attempted") for name in names}
            solved = sum(s == "passed" for s in status.values())
            yield title, solved, len(names), [f"{SIGNS[s]} {name}" for name, s in status.items()]

    def __repr__(self):
        rows = list(self.rows())
        lines = [
            f"{title:24s} {solved} of {total}   {'  '.join(tasks)}"
            for title, solved, total, tasks in rows
        ]
        solved, total = sum(row[1] for row in rows), sum(row[2] for row in rows)
        return "\n".join([*lines, f"{solved} of {total} tasks solved. {self.where()}"])

    def where(self):
        """A sentence on the file."""
        if place() is None:
            return "Nothing is kept: GAN_LESSONS_PROGRESS is empty."
        return (
            f"✓ solved, ✗ tried, ○ waits. Kept in {place()}; checks.progress(reset=True) clears it."
        )

    def _repr_html_(self):
        left = '<td style="text-align: left">'
        rows = "".join(
            f"<tr>{left}{html.escape(title)}</td><td>{solved} of {total}</td>"
            f"{left}{' &emsp; '.join(map(html.escape, tasks))}</td></tr>"
            for title, solved, total, tasks in self.rows()
        )
        head = "<tr><th>Exercise</th><th>solved</th><th>tasks</th></tr>"
        return f"<table>{head}{rows}</table><p>{html.escape(self.where())}</p>"
