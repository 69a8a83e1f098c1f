"""Sources and the notebooks they stand for: cells, stubs, badges. Nothing is executed here."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import jupytext
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
FOLDED = 'jupyter={"source_hidden": true}'  # JupyterLab shows three dots instead of the code
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
COLAB = "https://colab.research.google.com"
INSTALL = """\
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "{package}"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)"""
WORK = "gan-lessons[work]"  # a notebook that tells its reader to install this gets it in Colab
# Addresses in Markdown files that a fork wants to point at itself.
ADDRESS = re.compile(
    r"(colab\.research\.google\.com/github/|mybinder\.org/v2/gh/"
    r"|git clone https://github\.com/|git\+https://github\.com/)[\w.-]+/[\w-]+"
)


@dataclass(frozen=True)
class Book:
    """One source, and the notebooks that are made from it."""

    source: Path

    @property
    def root(self):
        return self.source.parents[2]

    @property
    def is_lesson(self):
        return self.source.parents[1].name == "notebooks"

    @property
    def executed(self):
        folder = self.source.parents[1]
        return (folder if self.is_lesson else folder / "solutions") / f"{self.source.stem}.ipynb"

    @property
    def learner(self):
        return None if self.is_lesson else self.source.parents[1] / f"{self.source.stem}.ipynb"

    @property
    def preview(self):
        name = self.source.stem if self.is_lesson else f"exercise_{self.source.stem}"
        return self.root / "gan_lessons" / "assets" / "previews" / f"{name}.png"

    @property
    def name(self):
        return self.source.relative_to(self.root).as_posix()

    def __str__(self):
        return self.executed.relative_to(self.root).as_posix()


def books(root=ROOT):
    """Every source of the course, lessons first."""
    folders = [root / "notebooks" / "src", root / "exercises" / "src"]
    return [Book(path) for folder in folders for path in sorted(folder.glob("*.py"))]


def chosen(names, root=ROOT):
    """The sources whose paths contain one of the names; all of them without names."""
    every = books(root)
    for name in names:
        if not any(name in book.name for book in every):
            numbers = ", ".join(sorted({book.source.stem[:2] for book in every}))
            raise SystemExit(
                f"No lesson and no exercise has {name!r} in its path. Take one of the numbers "
                f"{numbers}, or a part of a name: ARGS=dcgan"
            )
    return [b for b in every if not names or any(name in b.name for name in names)]


def pyproject(root=ROOT):
    """The parsed pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def address(root=ROOT):
    """Where the repository lives, from [project.urls]."""
    return pyproject(root)["project"]["urls"]["Repository"].rstrip("/").removesuffix(".git")


def tags(cell):
    return cell.metadata.get("tags", [])


def code_cells(notebook):
    """The code cells that are the notebook's own."""
    return [c for c in notebook.cells if c.cell_type == "code" and "colab" not in tags(c)]


def badge(root, path):
    """The text of the first cell: a Colab badge for the notebook at `path`."""
    here = f"{address(root).removeprefix('https://github.com/')}/blob/main/"
    target = f"{COLAB}/github/{here}{path.relative_to(root).as_posix()}"
    return f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]({target})"


def with_colab_cells(book, text):
    """The source with fresh Colab cells in front and no header; pyproject.toml replaces that."""
    head, *cells = re.split(r"(?m)^(?=# %%)", text)
    if head.strip() and not head.startswith("# ---"):
        raise SystemExit(f"{book.source.name}: the text above the first '# %%' belongs to no cell.")
    own = [cell for cell in cells if '"colab"' not in cell.splitlines()[0]]
    package = f"git+{address(book.root)}"
    if any(WORK in cell for cell in own):
        package = f"{WORK} @ {package}"
    front = [
        f'# %% [markdown] tags=["colab"]\n# {badge(book.root, book.executed)}\n\n',
        f'# %% {FOLDED} tags=["colab"]\n{INSTALL.format(package=package)}\n\n',
    ]
    return "".join(front + own)


def with_ids(cells):
    """Give each cell an id made from its text: an edit changes the id of the edited cell only."""
    seen = set()
    for cell in cells:
        text, copy = f"{cell.cell_type}\n{cell.source}", 0
        while (name := hashlib.sha256(f"{text}\n{copy}".encode()).hexdigest()[:12]) in seen:
            copy += 1
        seen.add(name)
        cell.id = name
    return cells


def parse(book):
    """The notebook that a source stands for, not executed."""
    text = with_colab_cells(book, book.source.read_text(encoding="utf-8"))
    return notebook_of(jupytext.reads(text, fmt="py:percent").cells)


def notebook_of(cells):
    """A notebook with fixed metadata and fresh copies of the cells: kind, text, tags, folding."""
    fresh = []
    for cell in cells:
        new = new_code_cell if cell.cell_type == "code" else new_markdown_cell
        metadata = {key: cell.metadata[key] for key in ("jupyter", "tags") if key in cell.metadata}
        fresh.append(new(cell.source, metadata=metadata))
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    language = {"name": "python", "file_extension": ".py", "pygments_lexer": "ipython3"}
    metadata = {"kernelspec": kernel, "language_info": language}
    return new_notebook(cells=with_ids(fresh), metadata=metadata, nbformat_minor=5)


def stub(source, name):
    """The cell as the learner gets it: each solution replaced by a place to write."""
    lines, inside = [], False
    for line in source.splitlines():
        mark = line.strip()
        if mark in (BEGIN, END):
            if inside == (mark == BEGIN):
                raise SystemExit(f"{name}: '{mark}' without its partner in this cell:\n{source}")
            inside = not inside
            if inside:
                indent = line[: -len(mark)]
                lines += [f"{indent}# YOUR CODE HERE", f"{indent}..."]
        elif not inside:
            lines.append(line)
    if inside:
        raise SystemExit(f"{name}: '{BEGIN}' without its partner in this cell:\n{source}")
    return "\n".join(lines)


def for_learner(book, solution):
    """The learner's notebook: no solutions, and no outputs but the picture of what to expect."""
    cells = [c for c in solution.cells if "solution" not in tags(c)]
    notebook = notebook_of(cells)
    for cell, solved in zip(notebook.cells, cells, strict=True):
        if cell.cell_type == "code":
            cell.source = stub(cell.source, book.source.name)
            cell.outputs = solved.outputs if "preview" in tags(cell) else []
        elif "colab" in tags(cell):
            cell.source = badge(book.root, book.learner)
    with_ids(notebook.cells)
    return notebook


def with_address(text, root=ROOT):
    """A Markdown file's text with the badges and commands pointing at this repository."""
    return ADDRESS.sub(lambda m: m[1] + address(root).removeprefix("https://github.com/"), text)
