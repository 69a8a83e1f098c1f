"""A fingerprint of what a notebook's outputs depend on, the same on every machine and Python."""

import ast
import hashlib
import io
import re
import tokenize

from tools.sources import code_cells, tags


def bare(code):
    """Python code without comments, docstrings and blank lines: the part that does something."""
    lines = code.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(code)):
        kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, kinds) and ast.get_docstring(node) is not None:
            doc = node.body[0]
            lines[doc.lineno - 1 : doc.end_lineno] = [""] * (doc.end_lineno - doc.lineno + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def plain(code):
    """The code of cells without IPython's magics and shell commands, which Python cannot parse."""
    return re.sub(r"(?m)^(\s*)[%!].*", r"\1pass", code)


def imported(code, package):
    """The package's modules that this code imports, as files."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:  # "from . import data" inside the package
                module = f"{package.name}.{module}".rstrip(".")
            names |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    paths = set()
    for name in names:
        if name.split(".")[0] == package.name:
            place = package.parent.joinpath(*name.split("."))
            paths |= {place.with_suffix(".py"), place / "__init__.py", package / "__init__.py"}
    return {path for path in paths if path.is_file()}


def digest(book, notebook):
    """Fingerprint of the code cells, the modules that they reach, and the assets named there."""
    package = book.root / "gan_lessons"
    cells = code_cells(notebook)
    found, waiting = {}, imported(plain("\n".join(cell.source for cell in cells)), package)
    while waiting:
        path = waiting.pop()
        text = path.read_text(encoding="utf-8")
        found[path] = f"{path.relative_to(book.root).as_posix()}\n{bare(text)}"
        waiting |= imported(text, package) - set(found)
    everything = [f"{sorted(tags(cell))}\n{cell.source}" for cell in cells]
    everything += sorted(found.values())
    total = hashlib.sha256("\n\n".join(everything).encode())
    for path in sorted((package / "assets").rglob("*")):
        # Nothing is loaded that the code does not name. Its own preview the build makes itself.
        named = path.is_file() and any(path.stem in text for text in everything)
        if named and path != book.preview:
            total.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]
