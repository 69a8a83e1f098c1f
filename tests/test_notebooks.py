"""What must hold for every notebook and source of the course, without executing them."""

import ast
import re
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from nbclient import NotebookClient

from tools import build
from tools.digest import bare, digest
from tools.sources import (
    ROOT,
    Book,
    address,
    books,
    chosen,
    code_cells,
    parse,
    stub,
    tags,
    with_colab_cells,
)

BOOKS = books()
EXECUTED = [book.executed for book in BOOKS if book.executed.is_file()]
LEARNERS = [book.learner for book in BOOKS if book.learner and book.learner.is_file()]
NOTEBOOKS = EXECUTED + LEARNERS
SHOWN_IN = ("networks", "losses", "training", "metrics", "latent")
SHOWN_IN += tuple(
    f"protocols/{path.stem}" for path in (ROOT / "gan_lessons/protocols").glob("*.py")
)
LINK = re.compile(r"\]\(([^)\s]+)[^)]*\)|(?:src|href)=[\"']([^\"']+)[\"']")
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)[^)]*\)")


def name(item):
    path = item.source if isinstance(item, Book) else item
    return path.relative_to(ROOT).as_posix()


def each(items):
    """Run a test once for each item; with no items yet there is no such test."""
    if not items:
        return lambda test: None
    return pytest.mark.parametrize("item", [pytest.param(item, id=name(item)) for item in items])


def read(path):
    return nbformat.read(path, as_version=4)


def markdown(notebook):
    return "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


def outputs(notebook):
    return [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]


def definitions(code):
    """Functions and classes at the top level of some code: name -> syntax tree, no docstrings."""
    found = {}
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for part in ast.walk(node):
                kinds = ast.FunctionDef | ast.ClassDef
                if isinstance(part, kinds) and ast.get_docstring(part) is not None:
                    part.body = part.body[1:]
            found[node.name] = ast.dump(node)
    return found


def drifted(code, package):
    """What is wrong with a cell tagged `shown`, as sentences."""
    cell = definitions(code)
    if not cell:
        return ["a cell tagged 'shown' defines no function and no class"]
    unknown = [f"{n} is not in gan_lessons.{'/'.join(SHOWN_IN)}" for n in cell if n not in package]
    return unknown + [
        f"{n} differs from the package's"
        for n in cell
        if n in package and cell[n] not in package[n]
    ]


@pytest.fixture(scope="module")
def package():
    modules = [ROOT / "gan_lessons" / f"{module}.py" for module in SHOWN_IN]
    codes = [path.read_text(encoding="utf-8") for path in modules if path.is_file()]
    found = {}
    for code in codes:
        for name, tree in definitions(code).items():  # two modules may have one name
            found.setdefault(name, set()).add(tree)
    return found


@each(BOOKS)
def test_notebooks_are_in_step_with_their_source(item):
    stale = build.differences(item)
    assert stale == [], f"{' '.join(stale)} Run: make notebooks ARGS={item.source.stem}"


def test_the_readme_has_the_table_that_the_build_makes():
    assert build.readme(BOOKS) == (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_notebook_has_a_source():
    folders = [ROOT / "notebooks", ROOT / "exercises", ROOT / "exercises" / "solutions"]
    found = {path for folder in folders for path in folder.glob("*.ipynb")}
    made = {path for book in BOOKS for path in (book.executed, book.learner) if path}
    assert sorted(map(name, found - made)) == []


@each(BOOKS)
def test_shown_cells_equal_the_package(item, package):
    shown = [cell.source for cell in code_cells(parse(item)) if "shown" in tags(cell)]
    assert [problem for code in shown for problem in drifted(code, package)] == []


@each(BOOKS)
def test_tags_are_known(item):
    known = {"colab", "shown", "solution", "result", "preview", "nbval-check-output"}
    known |= {"nbval-ignore-output", "nbval-skip"}
    used = {tag for cell in parse(item).cells for tag in tags(cell)}
    assert used <= known


@each(BOOKS)
def test_no_imported_name_is_given_away(item):
    """`rules = [...]` below `import rules` would break the next cell that says `rules.make`."""
    tree = ast.parse("\n".join(c.source for c in code_cells(parse(item))))
    imports = (n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom))
    imported = {(a.asname or a.name).split(".")[0] for node in imports for a in node.names}
    outside = [n for n in tree.body if not isinstance(n, ast.FunctionDef | ast.ClassDef)]
    names = (n for node in outside for n in ast.walk(node) if isinstance(n, ast.Name))
    given = {n.id for n in names if isinstance(n.ctx, ast.Store)}
    assert not imported & given


@each(BOOKS)
def test_cells_are_short(item):
    long = [c.source for c in code_cells(parse(item)) if len(c.source.splitlines()) > 25]
    assert [f"{len(s.splitlines())} lines: {s.splitlines()[0]}" for s in long] == []


@each(BOOKS)
def test_one_title_and_no_skipped_heading_level(item):
    text = re.sub(r"(?ms)^```.*?^```", "", markdown(parse(item)))
    levels = [len(marks) for marks in re.findall(r"(?m)^(#+) ", text)]
    assert levels[:1] == [1] and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))


@each(EXECUTED)
def test_some_output_is_compared(item):
    checked = [c for c in read(item).cells if "nbval-check-output" in tags(c)]
    assert any(c.outputs for c in checked)


@each(EXECUTED)
def test_executed_to_the_end_without_errors_and_warnings(item):
    notebook = read(item)
    assert all(c.execution_count for c in notebook.cells if c.cell_type == "code")
    assert [o for o in outputs(notebook) if o.output_type == "error"] == []
    assert [o.text for o in outputs(notebook) if o.get("name") == "stderr"] == []


@each(NOTEBOOKS)
def test_no_widget_without_its_kernel(item):
    assert "widgets" not in read(item).metadata
    assert [o for o in outputs(read(item)) if build.WIDGET in o.get("data", {})] == []


@each(NOTEBOOKS)
def test_every_picture_has_an_alt_text(item):
    notebook = read(item)
    for output in outputs(notebook):
        for kind in ("image/png", "image/jpeg", "image/svg+xml"):
            if kind in output.get("data", {}):
                assert output.metadata.get(kind, {}).get("alt", "").strip()
    for alt, target in PICTURE.findall(markdown(notebook)):
        assert alt.strip(), f"{target} has no alt text"
    for tag in re.findall(r"<img\b[^>]*>", markdown(notebook)):
        assert re.search(r"alt=[\"'][^\"']+", tag), f"{tag} has no alt text"


@each(NOTEBOOKS)
def test_small_enough_to_be_read_on_github(item):
    assert item.stat().st_size < build.MAX_MB * 1e6


@each(NOTEBOOKS + sorted(ROOT.glob("*.md")))
def test_links_lead_somewhere(item):
    text = item.read_text(encoding="utf-8") if item.suffix == ".md" else markdown(read(item))
    assert dead_links(text, item.parent) == []


def dead_links(text, folder):
    """Links to files that are missing here, and badges that are dead or of another repository."""
    repository = address()
    owner = repository.removeprefix("https://github.com/")
    dead = []
    for groups in LINK.findall(text):
        target = unquote("".join(groups))
        inside = re.match(rf"{re.escape(repository)}/(?:blob|tree|raw)/main/([^?#]*)", target)
        colab = re.match(r"https://colab\.research\.google\.com/github/(.*)", target)
        binder = re.match(r"https://mybinder\.org/v2/gh/([^/]+/[^/?]+)", target)
        if colab:
            path = colab[1].removeprefix(f"{owner}/blob/main/")
            alive = path != colab[1] and (ROOT / path).is_file()
        elif binder:
            alive = binder[1] == owner
        elif inside:
            alive = (ROOT / inside[1]).exists()
        else:
            outside = re.match(r"[a-z]+:|#", target)
            alive = outside or (folder / target.split("#")[0]).exists()
        if not alive:
            dead.append(target)
    return dead


@each(LEARNERS)
@pytest.mark.slow
def test_an_untouched_exercise_runs_and_says_what_is_not_attempted(item):
    notebook = read(item)
    folder = {"metadata": {"path": str(item.parent)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=folder).execute()
    assert [o for o in outputs(notebook) if o.get("name") == "stderr"] == []
    assert any("not attempted" in str(output).lower() for output in outputs(notebook))


# The tools themselves, on a small tree of their own


@pytest.fixture
def tree(tmp_path):
    """A function that writes a file of a small repository, and returns its path."""

    def make(path, text):
        path = Path(tmp_path, path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    make("pyproject.toml", '[project.urls]\nRepository = "https://github.com/some/one"\n')
    make("gan_lessons/__init__.py", "")
    make("gan_lessons/losses.py", "from gan_lessons import data\n")
    make("gan_lessons/data.py", 'path = "images.npz"\n')
    make("gan_lessons/other.py", "x = 1\n")
    make("gan_lessons/assets/images.npz", "1")
    make("gan_lessons/assets/unnamed.npz", "1")
    return make


SOURCE = "# %% [markdown]\n# # Title\n\n# %%\nfrom gan_lessons.losses import *\n"


def test_a_digest_changes_with_what_is_used_and_with_nothing_else(tree):
    book = Book(tree("exercises/src/01.py", SOURCE))
    before = digest(book, parse(book))

    def changes(path, text):
        changed = tree(path, text)
        return digest(book, parse(book)) != before, changed

    assert not changes("exercises/src/01.py", SOURCE.replace("Title", "Another title"))[0]
    assert not changes("gan_lessons/other.py", "x = 2\n")[0]
    assert not changes("gan_lessons/assets/unnamed.npz", "2")[0]
    assert not changes("gan_lessons/data.py", '"""Data."""\n\npath = "images.npz"  # why\n')[0]
    assert not changes("pyproject.toml", '[project.urls]\nRepository = "https://github.com/a/b"')[0]
    assert changes("gan_lessons/assets/images.npz", "2")[0]
    tree("gan_lessons/assets/images.npz", "1")
    assert changes("gan_lessons/data.py", 'path = "images.npz"\ny = 3\n')[0]


def test_comments_and_docstrings_are_not_code():
    code = 'class A:\n    """Doc."""\n\n    def f(self):\n        """Doc\n        string."""\n'
    assert bare(code + '        return "# no comment"  # comment\n') == (
        'class A:\n    def f(self):\n        return "# no comment"'
    )


def test_colab_cells_follow_the_address_and_are_written_once(tree):
    book = Book(tree("notebooks/src/01.py", f"# ---\n# jupyter: 1\n# ---\n\n{SOURCE}"))
    text = with_colab_cells(book, book.source.read_text())
    assert "https://colab.research.google.com/github/some/one/blob/main/notebooks/01.ipynb" in text
    assert "git+https://github.com/some/one" in text
    assert text.endswith(SOURCE) and "jupyter: 1" not in text
    assert with_colab_cells(book, text) == text


def test_a_notebook_that_names_the_extra_gets_it_in_colab(tree):
    needs = f"{SOURCE}\n# %%\nimport arch  # pip install 'gan-lessons[work]'\n"
    book = Book(tree("notebooks/src/01.py", needs))
    text = with_colab_cells(book, needs)
    assert '"gan-lessons[work] @ git+https://github.com/some/one"' in text
    assert with_colab_cells(book, text) == text
    assert "[work]" not in with_colab_cells(book, SOURCE)


def test_text_that_belongs_to_no_cell_is_not_lost_silently(tree):
    book = Book(tree("notebooks/src/01.py", f"import os\n{SOURCE}"))
    with pytest.raises(SystemExit, match="belongs to no cell"):
        parse(book)


def test_the_learner_gets_a_place_to_write():
    code = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n\n\nf(1)"
    assert stub(code, "") == "def f(x):\n    # YOUR CODE HERE\n    ...\n\n\nf(1)"
    for broken in (code.replace("### END SOLUTION", ""), code.replace("### BEGIN SOLUTION", "")):
        with pytest.raises(SystemExit, match="without its partner"):
            stub(broken, "")


def test_a_number_that_no_lesson_has_gets_a_sentence(tree):
    book = Book(tree("notebooks/src/03_dcgan.py", SOURCE))
    tree("exercises/src/03_dcgan.py", SOURCE)
    assert len(chosen(["03"], book.root)) == 2 and chosen([], book.root)[0] == book
    with pytest.raises(SystemExit, match="'99' in its path. Take one of the numbers 03"):
        chosen(["03", "99"], book.root)


def test_ids_change_only_with_their_cell(tree):
    before = parse(Book(tree("notebooks/src/01.py", SOURCE)))
    after = parse(Book(tree("notebooks/src/01.py", SOURCE.replace("Title", "Other"))))
    differ = [a.id != b.id for a, b in zip(before.cells, after.cells, strict=True)]
    assert differ == [False, False, True, False]
    twice = parse(Book(tree("notebooks/src/02.py", SOURCE + "\n# %%\nx\n\n# %%\nx\n")))
    assert len({cell.id for cell in twice.cells}) == len(twice.cells)


def test_a_shown_cell_that_drifts_is_found():
    code = definitions('def f(x):\n    """Long."""\n    return x\n\nclass A:\n    y = 1\n')
    package = {name: {tree} for name, tree in code.items()}
    assert (
        drifted('def f(x):\n    """Short."""\n    return x\n\nclass A:\n    y = 1', package) == []
    )
    assert drifted("def f(x):\n    return -x", package) == ["f differs from the package's"]
    assert drifted("class A:\n    y = 2", package) == ["A differs from the package's"]
    assert "g is not in" in drifted("def g():\n    pass", package)[0]
    assert "defines no function" in drifted("x = 1", package)[0]


def test_dead_links_and_badges_are_found():
    owner = address().removeprefix("https://github.com/")
    colab = "https://colab.research.google.com/github"
    good = "[a](pyproject.toml) [b](tests/#x) [c](https://example.org) [d](#here) ![e](LICENSE)"
    good += f"[![f](LICENSE)]({colab}/{owner}/blob/main/LICENSE)"
    assert dead_links(good, ROOT) == []
    for bad in (
        "[a](no.md)",
        "![a](no.png)",
        '<a href="no.md">',
        f"[![a](LICENSE)]({colab}/{owner}/blob/main/no.ipynb)",
        f"[![a](LICENSE)]({colab}/some/one/blob/main/LICENSE)",
        "[a](https://mybinder.org/v2/gh/some/one/main)",
    ):
        assert len(dead_links(bad, ROOT)) == 1, bad
