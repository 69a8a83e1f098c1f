"""Every "lesson NN" and "exercise NN" of the project, with the title that the number means today.

    python -m tools.references [NN ...]

For the eye after a renumbering: a sentence that does not fit its title points to a wrong number.
"""

import re
import subprocess
import sys

from tools.readme import title
from tools.sources import ROOT, books, parse

# "lesson 05", "lessons 03, 05 and 07", "Exercises 12 to 16", also where a line of a comment breaks
PHRASE = re.compile(
    r"\b(?:lesson|exercise)s?(?:\s|#)+\d\d\b(?:(?:,|\s+and|\s+to|\s+or|,\s+and)(?:\s|#)+\d\d\b)*",
    re.I,
)
TEXT = {".py", ".md", ".toml", ".yml", ""}


def titles():
    """number -> title of each lesson."""
    return {b.source.stem[:2]: title(parse(b)) for b in books() if b.is_lesson}


def mentions(text):
    """(number, place) of every number that a lesson or an exercise is named by."""
    for phrase in PHRASE.finditer(text):
        for number in re.finditer(r"\d\d", phrase[0]):
            yield number[0], phrase.start() + number.start()


def files(root=ROOT):
    """The project's own text files."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=True).stdout
        paths = [root / name for name in names.splitlines()]
    except (OSError, subprocess.CalledProcessError):  # a copy without git: what is there
        folders = ("gan_lessons", "notebooks/src", "exercises/src", "tests", "tools")
        paths = [*root.glob("*.md"), *(p for f in folders for p in (root / f).rglob("*.py"))]
    return [p for p in paths if p.suffix in TEXT and p.is_file() and p.name != "CHANGELOG.md"]


def text_of(path):
    """A file's text; "" for a binary one."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def main():
    known, asked = titles(), sys.argv[1:]
    if wrong := [number for number in asked if number not in known]:
        sys.exit(f"No lesson has the number {wrong[0]}. The numbers are {', '.join(known)}.")
    for path in files():
        text = text_of(path)
        for number, place in mentions(text):
            if not asked or number in asked:
                line = text.count("\n", 0, place) + 1
                near = " ".join(text[max(0, place - 60) : place + 40].replace("#", " ").split())
                print(f"{number} {known.get(number, '?? no such lesson')}")
                print(f"     {path.relative_to(ROOT).as_posix()}:{line}: … {near} …")


if __name__ == "__main__":
    main()
