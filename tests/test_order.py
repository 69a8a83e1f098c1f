"""No lesson needs a later one, and what is used before its lesson is introduced with a link."""

import ast
import re

import pytest

from tools.references import files, mentions, text_of, titles
from tools.sources import books, code_cells, parse, tags

LESSONS = {b.source.stem[:2]: b for b in books() if b.is_lesson}
NOTEBOOKS = {number: parse(book) for number, book in LESSONS.items()}
WATCHED = ("latent", "losses", "metrics", "networks", "training")
NEEDS = re.compile(r"\*\*You need\*\*(.*?)\*\*Minutes\*\*", re.S)

# Words of the field, each with the lesson that explains it.
EXPLAINED = {
    r"saturating": "01",
    r"G_ema|averaged generator": "02",
    r"DCGAN": "03",
    r"[Cc]onditional|[Pp]rojection": "04",
    r"Fréchet": "05",
    r"[Kk]ernel distance|[Pp]recision|[Rr]ecall": "05",
    r"[Mm]ode collapse": "06",
    r"[Pp]enalt(?:y|ies)|R1\b|R3GAN|WGAN|Wasserstein|[Hh]inge|[Ss]pectral norm": "07",
    r"[Tt]runcation|[Ll]atent": "08",
    r"[Mm]embership|[Dd]ifferential(?:ly)? priva": "14",
}
# The lessons that use such a word, or a function or class that a later lesson shows, before its
# lesson. The cell with the first use says what the thing is and links the lesson that explains it.
BEFORE_ITS_LESSON = {
    ("00", "04", "conditional"),
    ("00", "05", "Fréchet"),
    ("01", "02", "networks.MLPDiscriminator"),
    ("01", "02", "networks.MLPGenerator"),
    ("02", "05", "Fréchet"),
    ("02", "06", "mode collapse"),
    ("02", "07", "penalty"),
    ("03", "05", "Fréchet"),
    ("03", "07", "penalties"),
    ("04", "05", "Fréchet"),
    ("04", "05", "metrics.frechet_distance"),
    ("04", "08", "truncation"),
    ("06", "07", "penalty"),
}


def prose(notebook):
    """The text of the cells that are prose, without the list of references."""
    cells = [c for c in notebook.cells if c.cell_type == "markdown" and "colab" not in tags(c)]
    return [re.split(r"^## References", cell.source, flags=re.M)[0] for cell in cells]


def shown():
    """Name of each function and class that a lesson shows -> that lesson."""
    found = {}
    for number, notebook in NOTEBOOKS.items():
        for cell in code_cells(notebook):
            if "shown" in tags(cell):
                for node in ast.parse(cell.source).body:
                    found.setdefault(getattr(node, "name", None), number)
    return found


def used(notebook):
    """module.name of what a notebook takes from the package's modules, as it writes it."""
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                yield f"{node.value.id}.{node.attr}"


def early_uses():
    """(lesson, explaining lesson, word) of each first use before the lesson that explains it."""
    found, explained_by = set(), shown()
    for number, notebook in NOTEBOOKS.items():
        text = re.sub(r"\(\S+\.ipynb\)", "", "\n".join(prose(notebook)))  # not the names of files
        for words, lesson in EXPLAINED.items():
            if number < lesson:
                found |= {(number, lesson, word[0]) for word in re.finditer(words, text)}
        for name in used(notebook):
            lesson = explained_by.get(name.split(".")[1], number)
            if number < lesson and name.split(".")[0] in WATCHED:
                found.add((number, lesson, name))
    return found


@pytest.mark.parametrize("number", [n for n in LESSONS if n != "00"])
def test_a_lesson_needs_only_earlier_ones(number):
    line = NEEDS.search("\n".join(prose(NOTEBOOKS[number])))[1]
    needed = re.findall(r"\b\d\d\b", line)
    assert needed, f"no lesson is named in: {line}"
    assert all(n in LESSONS and n < number for n in needed), line


def test_the_first_lesson_needs_nothing():
    assert "nothing" in NEEDS.search("\n".join(prose(NOTEBOOKS["00"])))[1]


def test_what_is_used_before_its_lesson_is_listed_here():
    assert early_uses() == BEFORE_ITS_LESSON


@pytest.mark.parametrize(("number", "lesson", "word"), sorted(BEFORE_ITS_LESSON))
def test_the_first_use_links_the_lesson_that_explains_it(number, lesson, word):
    # two functions go by the name that prose has for them, or by that of the other player
    name = {"metrics.frechet_distance": "Fréchet", "networks.MLPGenerator": "networks.MLPD"}
    first = next(text for text in prose(NOTEBOOKS[number]) if name.get(word, word) in text)
    assert f"({LESSONS[lesson].source.stem}.ipynb)" in first, first


@pytest.mark.parametrize("number", sorted(LESSONS))
def test_a_lesson_ends_with_a_link_to_the_next(number):
    later = [n for n in LESSONS if n > number]
    if later:
        following = f"({LESSONS[min(later)].source.stem}.ipynb)"
        assert following in prose(NOTEBOOKS[number])[-1] + prose(NOTEBOOKS[number])[-2]


def test_every_number_in_the_project_belongs_to_a_lesson():
    known = titles()
    for path in files():
        text = text_of(path)
        wrong = [number for number, _ in mentions(text) if number not in known]
        assert not wrong, f"{path.name} names {wrong}"
