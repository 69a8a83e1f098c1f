"""Run one submitted notebook and keep its answers: `python -m gan_lessons.grading.run PLAN`.

PLAN is a JSON file with `notebook`, `folder`, `tasks` (name -> expression) and the limits. The
answers become files in the folder, `answers/NAME.pickle`; `report.json` says what went wrong.
"""

import ast
import json
import sys
import threading
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell

PROCESSES = 16  # a kernel and what it may have started before the guard closed


class Client(NotebookClient):
    """A notebook client that ends the kernel when a limit is passed, and says which."""

    limits, written, broken = {}, 0, None

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        self.written += len(str(content.get("text", content.get("data", ""))))
        return super().process_message(msg, cell, cell_index)

    async def async_execute_cell(self, cell, cell_index, *more, **options):
        self.at, self.written = cell_index, 0
        return await super().async_execute_cell(cell, cell_index, *more, **options)

    def watch(self, over):
        """In a thread: look at the kernel until `over` is set."""
        while not over.wait(0.1):
            try:
                kernel = psutil.Process(self.km.provisioner.pid)
                family = [kernel, *kernel.children(recursive=True)]
                used = sum(process.memory_info().rss for process in family) / 1e6
            except (psutil.Error, AttributeError):  # not yet there, or gone
                continue
            if used > self.limits["megabytes"]:
                self.broken = f"used more than {self.limits['megabytes']} MB of memory"
            elif self.written > self.limits["characters"]:
                self.broken = f"printed more than {self.limits['characters']:,} characters"
            elif len(family) > PROCESSES:
                self.broken = f"had more than {PROCESSES} processes"
            if self.broken:
                for process in reversed(family):
                    process.kill()
                return


def only_checks(source):
    """Whether a cell does nothing but call checkers; the grader calls them itself."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return False
    return bool(statements) and all(
        isinstance(s, ast.Expr) and ast.unparse(s).startswith("checks.") for s in statements
    )


def defines(source):
    """The names that a cell gives a value to; with a syntax error, those it seems to define."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        words = [line.replace("(", " ").replace(":", " ").split() for line in source.splitlines()]
        return [w[1] for w in words if len(w) > 1 and w[0] in ("def", "class")]
    named = [n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    stored = (n for n in ast.walk(tree) if isinstance(n, ast.Name))
    return named + [n.id for n in stored if isinstance(n.ctx, ast.Store)]


def execute(plan, skipped):
    """Run the notebook without some of its cells; returns the client and what stopped it."""
    notebook = nbformat.read(plan["notebook"], as_version=4)
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        cell.outputs = []
        if i in skipped or only_checks(cell.source):
            cell.source = ""
    guard = f"from gan_lessons.grading.guard import stay_in\nstay_in({plan['folder']!r})"
    keep = (
        "from gan_lessons.grading.run import keep\n"
        f"keep(globals(), {plan['tasks']!r}, {plan['folder']!r})"
    )
    # first and last, so that the numbers of the cells between stay as they are, but for one
    notebook.cells = [new_code_cell(guard), *notebook.cells, new_code_cell(keep)]
    client = Client(
        notebook,
        timeout=plan["limits"]["seconds"],
        kernel_name="python3",
        allow_errors=True,
        record_timing=False,
        resources={"metadata": {"path": plan["folder"]}},
    )
    client.limits, over = plan["limits"], threading.Event()
    watcher = threading.Thread(target=client.watch, args=(over,), daemon=True)
    watcher.start()
    try:
        client.execute()
        return client, None
    except CellTimeoutError:
        return client, f"ran for more than {plan['limits']['seconds']} s"
    except DeadKernelError:
        return client, client.broken or "ended the kernel"
    finally:
        over.set()
        watcher.join()


def keep(namespace, tasks, folder):
    """In the kernel: write down each answer, for the other process to check."""
    import cloudpickle

    folder = Path(folder, "answers")
    folder.mkdir(exist_ok=True)
    for name, expression in tasks.items():
        try:
            answer = eval(expression, namespace)
            (folder / f"{name}.pickle").write_bytes(cloudpickle.dumps(answer))
        except Exception as error:
            (folder / f"{name}.error").write_text(f"{type(error).__name__}: {error}")


def main(path):
    """Run; where a cell passes a limit, run again without it, as long as there is time."""
    plan, stopped = json.loads(Path(path).read_text()), {}
    start = time.monotonic()
    while True:
        client, reason = execute(plan, stopped)
        if reason is None or client.at - 1 in stopped or len(stopped) >= 5:
            break
        stopped[client.at - 1] = f"The cell {reason}."
        if time.monotonic() - start > plan["limits"]["total"]:
            break
    problems = []
    for i, cell in enumerate(client.nb.cells[1:-1]):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                stopped.setdefault(i, f"The cell stopped with {output.ename}: {output.evalue}")
    cells = nbformat.read(plan["notebook"], as_version=4).cells
    for i, text in sorted(stopped.items()):
        problems.append({"names": defines(cells[i].source), "text": text})
    Path(plan["folder"], "report.json").write_text(json.dumps(problems))


if __name__ == "__main__":
    main(sys.argv[1])
