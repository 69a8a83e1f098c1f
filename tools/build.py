"""Build the notebooks of the course from their sources.

    python -m tools.build [NAME ...] [--check] [--force]

    notebooks/src/NN_name.py  ->  notebooks/NN_name.ipynb, executed
    exercises/src/NN_name.py  ->  exercises/solutions/NN_name.ipynb, executed
                                  exercises/NN_name.ipynb, for the learner: stubs, not executed

A notebook is executed again only when its code cells, or the code and data that they use, have
changed; prose can be edited freely. The repository's address comes from pyproject.toml.
"""

import argparse
import base64
import io
import os
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell
from PIL import Image, PngImagePlugin

from tools.digest import digest
from tools.readme import with_table
from tools.sources import (
    ROOT,
    books,
    chosen,
    code_cells,
    for_learner,
    parse,
    tags,
    with_address,
    with_colab_cells,
)

MAX_MB = 1.5
CELL_SECONDS = 300
WIDGET = "application/vnd.jupyter.widget-view+json"
PEAK = """\
import resource, sys
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(peak >> (20 if sys.platform == "darwin" else 10))"""


def assemble(book):
    """The lesson or solution, not executed, with the digest of what its outputs will depend on."""
    notebook = parse(book)
    notebook.metadata["gan_lessons"] = {"digest": digest(book, notebook)}
    return notebook


def read(path):
    return nbformat.read(path, as_version=4) if path.is_file() else None


def adopt(notebook, old):
    """Take over the outputs of the notebook on disk; False when they come from other code."""
    note = old.metadata.get("gan_lessons", {}) if old else {}
    if note.get("digest") != notebook.metadata["gan_lessons"]["digest"]:
        return False
    new_cells, old_cells = code_cells(notebook), code_cells(old)
    if [c.source for c in new_cells] != [c.source for c in old_cells]:
        return False
    for cell, before in zip(new_cells, old_cells, strict=True):
        cell.outputs = before.outputs
    notebook.metadata["gan_lessons"] = note
    return True


def execute(book, notebook):
    """Run all cells in the notebook's folder; fails with the cell's source and its traceback."""
    folder = {"metadata": {"path": str(book.executed.parent)}}
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        resources=folder,
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],  # kernels warn about their own transport
    )
    os.environ["GAN_LESSONS_PROGRESS"] = ""  # what a build solves is nobody's progress
    book.executed.parent.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    try:
        with client.setup_kernel():
            for index, cell in enumerate(notebook.cells):
                client.execute_cell(cell, index)
            seconds = time.perf_counter() - start
            if save_preview(book, notebook):  # the cell near the top showed the picture before
                for index, cell in enumerate(notebook.cells):
                    if "preview" in tags(cell):
                        client.execute_cell(cell, index)
            notebook.cells.append(new_code_cell(PEAK))
            client.execute_cell(notebook.cells[-1], len(notebook.cells) - 1)
            peak = int(notebook.cells.pop().outputs[0].text)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise SystemExit(f"\n{book.name} failed:\n{error}") from None
    notebook.metadata["gan_lessons"] |= {"seconds": round(seconds), "peak_mb": round(peak, -1)}


def save_preview(book, notebook):
    """Store the first picture of the cell tagged `result` and its alt text; True when it is new."""
    outputs = [o for c in notebook.cells if "result" in tags(c) for o in c.get("outputs", [])]
    for output in outputs:
        if "image/png" in output.get("data", {}):
            alt = output.metadata.get("image/png", {}).get("alt")
            if not alt:
                raise SystemExit(
                    f"\n{book}: the picture of the cell tagged 'result' has no alt text."
                )
            note = PngImagePlugin.PngInfo()
            note.add_text("Description", alt)
            picture = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))
            new = io.BytesIO()
            picture.save(new, format="png", pnginfo=note, optimize=True)
            if book.preview.is_file() and book.preview.read_bytes() == new.getvalue():
                return False
            book.preview.parent.mkdir(parents=True, exist_ok=True)
            book.preview.write_bytes(new.getvalue())
            return True
    if any("preview" in tags(c) for c in notebook.cells) and book.is_lesson:
        raise SystemExit(
            f"\n{book} has a cell tagged 'preview', but none tagged 'result' shows a picture."
        )
    return False


def tidy(notebook):
    """Number the cells, and drop what would not work or would differ with every build."""
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    for count, cell in enumerate(cells, start=1):
        cell.execution_count = count
        cell.metadata.pop("execution", None)
        # A stored widget without a kernel shows as an error: pictures stay, progress bars go.
        cell.outputs = [
            o for o in cell.outputs if WIDGET not in o.get("data", {}) or "image/png" in o.data
        ]
        for output in cell.outputs:
            output.get("data", {}).pop(WIDGET, None)
            if output.output_type == "execute_result":
                output.execution_count = count


def render(notebook, name):
    """The notebook as text; fails when it would be too large for readers on GitHub."""
    text = nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"
    if len(text.encode()) > MAX_MB * 1e6:
        raise SystemExit(
            f"\n{name} would have {len(text.encode()) / 1e6:.1f} MB; {MAX_MB} MB are the limit."
        )
    return text


def texts(book, notebook):
    """What the files on disk should hold: path -> text."""
    tidy(notebook)
    made = {book.executed: render(notebook, book)}
    if book.learner:
        made[book.learner] = render(for_learner(book, notebook), book.learner.name)
    return made


def build(book, force=False):
    """Write the notebooks of one source, after executing it where that is needed."""
    text = book.source.read_text(encoding="utf-8")
    write(book.source, with_colab_cells(book, text))
    notebook = assemble(book)
    print(f"{book}: ", end="", flush=True)
    if not force and adopt(notebook, read(book.executed)):
        how = "outputs kept"
    else:
        execute(book, notebook)
        note = notebook.metadata["gan_lessons"]
        how = f"executed in {note['seconds']} s, {note['peak_mb']} MB at most"
    for path, content in texts(book, notebook).items():
        write(path, content)
    print(how, flush=True)
    if any(o.get("name") == "stderr" for c in code_cells(notebook) for o in c.outputs):
        print(f"{book}: something was written to stderr, which readers see in red.")


def differences(book):
    """What is out of step between one source and its notebooks, as sentences; executes nothing."""
    text = book.source.read_text(encoding="utf-8")
    if with_colab_cells(book, text) != text:
        return [f"{book.name}: its Colab cells or its header are not as the build writes them."]
    notebook, old = assemble(book), read(book.executed)
    if old is None:
        return [f"{book} is missing."]
    if not adopt(notebook, old):
        return [f"{book} was executed with other code than {book.name} and what it uses hold now."]
    return [
        f"{path.relative_to(book.root).as_posix()} is not what the build makes of {book.name}."
        for path, content in texts(book, notebook).items()
        if not path.is_file() or path.read_text(encoding="utf-8") != content
    ]


def write(path, text):
    """Write a file only when it changes, so that its date tells something."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")


def main():
    parser = argparse.ArgumentParser(
        description="Build the notebooks of the course from their sources."
    )
    parser.add_argument("names", nargs="*", help="build only sources whose path contains this")
    parser.add_argument(
        "--check", action="store_true", help="execute and write nothing; say what is out of step"
    )
    parser.add_argument("--force", action="store_true", help="execute also what has not changed")
    options = parser.parse_args()
    every, wanted = books(), chosen(options.names)
    if options.check:
        found = [line for book in wanted for line in differences(book)]
        if readme(every) != (ROOT / "README.md").read_text(encoding="utf-8"):
            found.append("The table of lessons in README.md is not what the build makes.")
        if found:
            raise SystemExit("\n".join([*found, "`make notebooks` builds them."]))
        print(f"{len(wanted)} sources and their notebooks are in step.")
        return
    for path in ROOT.glob("*.md"):
        write(path, with_address(path.read_text(encoding="utf-8")))
    for book in wanted:
        build(book, options.force)
    write(ROOT / "README.md", readme(every))


def readme(every):
    """What README.md should hold: the table of all notebooks that are built."""
    built = {book: notebook for book in every if (notebook := read(book.executed))}
    return with_table((ROOT / "README.md").read_text(encoding="utf-8"), built)


if __name__ == "__main__":
    main()
