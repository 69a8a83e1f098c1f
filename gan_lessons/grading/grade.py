"""Grade a folder of submissions and sum up for the teacher."""

import ast
import collections
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat
import psutil
from tqdm.auto import tqdm

from gan_lessons import checks

ORIGINALS = Path(__file__).resolve().parents[2] / "exercises"
COLUMNS = ("learner", "exercise", "task", "status", "mistake", "message")
SECONDS_TO_CHECK = 180  # more than the slowest checker's own limit


def tasks_of(notebook):
    """The tasks of an exercise, in order: name -> the expression that its check cell checks."""
    found = {}
    for cell in notebook.cells:
        if cell.cell_type != "code" or "checks." not in cell.source:
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("checks."):
                name = ast.unparse(node.func).removeprefix("checks.")
                if name in checks.EXERCISES and node.args:
                    found.setdefault(name, ast.unparse(node.args[0]))
    return found


def originals(folder=ORIGINALS):
    """The exercises of the course: number -> (name, tasks)."""
    paths = sorted(Path(folder).glob("[0-9][0-9]_*.ipynb"))
    if not paths:
        raise FileNotFoundError(
            f"There are no exercises in {folder}: grade from a clone of the course's repository."
        )
    return {p.name[:2]: (p.stem, tasks_of(nbformat.read(p, as_version=4))) for p in paths}


def submissions(folder):
    """Every notebook in a folder as (learner, number of the exercise, path).

    `alice/01_the_game.ipynb` and `01_the_game_alice.ipynb` are both by alice.
    """
    found, known = [], originals()
    for path in sorted(Path(folder).rglob("*.ipynb")):
        if ".ipynb_checkpoints" in path.parts:
            continue
        number = next((n for n, (stem, _) in known.items() if stem in path.stem), None)
        number = number or next((n for n in re.findall(r"\d\d", path.stem) if n in known), None)
        parts = path.relative_to(folder).parts
        rest = path.stem.replace(known[number][0], "") if number else path.stem
        learner = parts[0] if len(parts) > 1 else rest.strip("_- ") or path.stem
        found.append((learner, number, path))
    return found


def environment(folder):
    """Variables for a learner's process: one thread, and everything it may keep in its folder."""
    own = {name: str(folder) for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP")}
    own |= {name: str(folder) for name in ("IPYTHONDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME")}
    own |= {"OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg", "PYTHONWARNINGS": "ignore"}
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH")) if p)
    return os.environ | own | {"PYTHONPATH": path}


def end(process):
    """Kill a process and all that it started."""
    try:
        family = [*psutil.Process(process.pid).children(recursive=True), process]
    except psutil.NoSuchProcess:
        return
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            pass


def start(module, folder, *arguments):
    """A process for a learner's code, whose errors nobody reads."""
    return subprocess.Popen(
        [sys.executable, "-m", f"gan_lessons.grading.{module}", *arguments],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )


def judged(folder, names, limits):
    """Results of the checkers by name; a check that passes a limit fails, and the rest go on."""
    results, left = {}, list(names)
    while left:
        process, why = start("judge", folder, str(folder), *left), []
        over = threading.Event()

        def watch(process=process, why=why, over=over):
            waited, done = 0.0, len(results)
            while not over.wait(0.2):
                waited = 0.0 if len(results) > done else waited + 0.2
                done = len(results)
                try:
                    used = psutil.Process(process.pid).memory_info().rss / 1e6
                except psutil.Error:
                    return
                if waited > SECONDS_TO_CHECK:
                    why.append(f"Checking took more than {SECONDS_TO_CHECK} s.")
                elif used > limits["megabytes"]:
                    why.append(f"Checking took more than {limits['megabytes']} MB of memory.")
                if why:
                    return end(process)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        for line in process.stdout:
            try:
                result = json.loads(line)
                left.remove(result["exercise"])
                results[result["exercise"]] = result
            except (ValueError, KeyError, TypeError):
                continue
        process.wait()
        process.stdout.close()
        over.set()
        watcher.join()
        if left:  # the process ended at this one
            name, text = left.pop(0), why[0] if why else "Checking ended the process."
            results[name] = {"status": "failed", "mistake": "limit", "message": text}
    return results


def grade_one(learner, number, source, limits):
    """Rows of one submission."""
    if number is None:
        text = f"{source.name} does not name an exercise of the course."
        return [dict(zip(COLUMNS, (learner, "", "", "failed", "unknown", text), strict=True))]
    exercise, tasks = originals()[number]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = Path(folder, "submission.ipynb")
        copy.write_bytes(source.read_bytes())
        plan = Path(folder, "plan.json")
        setting = {"notebook": str(copy), "folder": folder, "tasks": tasks, "limits": limits}
        plan.write_text(json.dumps(setting))
        process = start("run", folder, str(plan))
        try:
            process.wait(limits["total"] + 2 * limits["seconds"])
        except subprocess.TimeoutExpired:
            pass
        end(process)
        process.stdout.close()
        process.wait()
        report, answers = Path(folder, "report.json"), Path(folder, "answers")
        problems = json.loads(report.read_text()) if report.is_file() else []
        given = [name for name in tasks if (answers / f"{name}.pickle").is_file()]
        results = judged(folder, given, limits)
        for name in tasks:
            results.setdefault(name, missing(name, tasks[name], problems, report.is_file()))
    return [
        {"learner": learner, "exercise": exercise, "task": name}
        | {key: results[name][key] for key in COLUMNS[3:]}
        for name in tasks
    ]


def missing(name, expression, problems, ran):
    """The result of a task without an answer."""
    if not ran:
        text = "The notebook could not be run within the limits."
        return {"status": "failed", "mistake": "limit", "message": text}
    for problem in problems:
        if expression in problem["names"]:
            return {"status": "failed", "mistake": "cell", "message": problem["text"]}
    text = f"The notebook does not define {expression}."
    return {"status": "not attempted", "mistake": None, "message": text}


def grade(folder, out, jobs, limits):
    """Grade all submissions of a folder; writes the table and prints the summary."""
    found, rows = submissions(folder), []
    if not found:
        raise SystemExit(f"There are no notebooks in {folder}.")
    with ThreadPoolExecutor(jobs) as pool:
        work = [pool.submit(grade_one, *one, limits) for one in found]
        for done in tqdm(as_completed(work), total=len(work), unit="notebook", desc="grading"):
            rows += done.result()
    order = {name: i for i, name in enumerate(checks.EXERCISES)}
    rows.sort(key=lambda r: (r["learner"], r["exercise"], order.get(r["task"], 0)))
    with open(out, "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows)
    print(summary(rows))
    print(f"\n{len(rows)} results of {len(found)} notebooks in {out}")
    return rows


def summary(rows):
    """How each task went, and the commonest mistakes."""
    text, width = [f"{'task':26s}{'passed':>8s}{'failed':>8s}{'not attempted':>15s}"], 26
    for task in dict.fromkeys(row["task"] for row in rows):
        count = collections.Counter(row["status"] for row in rows if row["task"] == task)
        cells = f"{count['passed']:8d}{count['failed']:8d}{count['not attempted']:15d}"
        text.append(f"{task or '(unknown)':{width}s}{cells}")
    mistakes = collections.Counter((r["task"], r["mistake"]) for r in rows if r["mistake"])
    text += ["", "Commonest mistakes"] if mistakes else []
    for (task, mistake), count in mistakes.most_common(10):
        message = next(r["message"] for r in rows if (r["task"], r["mistake"]) == (task, mistake))
        text.append(f"{count:4d} × {task}: {mistake}. {message.splitlines()[0][:150]}")
    return "\n".join(text)
