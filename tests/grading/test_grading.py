"""Grading a class: who handed in what, the guard, and hostile notebooks beside honest ones."""

import csv
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell

pytest.importorskip("cloudpickle", reason="the extra [grading] is not installed")

from gan_lessons import checks  # noqa: E402
from gan_lessons.grading import grade  # noqa: E402
from gan_lessons.grading.run import defines, only_checks  # noqa: E402

SOLUTION = grade.ORIGINALS / "solutions" / "01_the_game.ipynb"
LIMITS = {"seconds": 30, "total": 150, "megabytes": 3000, "characters": 200_000}


def test_every_task_of_every_exercise_is_found_with_its_expression():
    found = {
        name: asked for _, tasks in grade.originals().values() for name, asked in tasks.items()
    }
    assert set(found) == set(checks.EXERCISES)
    assert found["dcgan_generator"] == "DCGANGenerator"
    assert found["trained_discriminator"] == "D"


def test_learner_and_exercise_come_from_the_path(tmp_path):
    names = "alice/01_the_game.ipynb", "02_vanilla_gan_bob.ipynb", "carol-05.ipynb", "what.ipynb"
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}")
    found = [(learner, number) for learner, number, _ in grade.submissions(tmp_path)]
    assert sorted(found, key=str) == [
        ("alice", "01"),
        ("bob", "02"),
        ("carol-05", "05"),
        ("what", None),
    ]


def test_cells_that_only_check_are_left_out_and_others_are_not():
    assert only_checks("checks.discriminator_loss(discriminator_loss)\nchecks.hint('x')")
    assert not only_checks("if checks.check('x', x).status == 'passed':\n    print(1)")
    assert not only_checks("def broken(:")


def test_a_cell_tells_what_it_defines_even_with_a_syntax_error():
    assert set(defines("x = 1\ndef f():\n    y = 2\nclass C: pass")) >= {"x", "f", "C"}
    assert defines("def f(x):\n    return (x") == ["f"]


def test_a_missing_answer_names_the_cell_that_failed():
    problems = [{"names": ["f"], "text": "The cell ran for more than 30 s."}]
    assert grade.missing("task", "f", problems, True)["message"] == problems[0]["text"]
    assert grade.missing("task", "g", problems, True)["status"] == "not attempted"
    assert grade.missing("task", "f", [], False)["mistake"] == "limit"


@pytest.mark.parametrize(
    "attempt",
    [
        "open('../outside', 'w')",
        "__import__('os').remove('../victim')",
        "__import__('shutil').rmtree('..')",
        "__import__('os').system('true')",
        "__import__('os').fork()",
        "__import__('subprocess').run(['true'])",
        "__import__('socket').create_connection(('192.0.2.1', 80), 1)",
    ],
)
def test_the_guard_refuses(tmp_path, attempt):
    (tmp_path / "victim").write_text("alive")
    inner = tmp_path / "inner"
    inner.mkdir()
    code = (
        f"from gan_lessons.grading.guard import stay_in; stay_in('.'); open('own', 'w').close()\n"
        f"try:\n    {attempt}\nexcept PermissionError as error:\n    print('refused:', error)"
    )
    command = [sys.executable, "-c", code]
    environment = grade.environment(inner) | {"PYTHONPATH": str(grade.ORIGINALS.parent)}
    done = subprocess.run(command, cwd=inner, env=environment, capture_output=True, text=True)
    assert done.stdout.startswith("refused:"), done.stderr
    assert (tmp_path / "victim").exists() and (inner / "own").exists()


def changed(path, source, before="def value_function"):
    """The solution of exercise 01 with one more cell, written to a path."""
    notebook = nbformat.read(SOLUTION, as_version=4)
    place = next(i for i, c in enumerate(notebook.cells) if before in c.source)
    notebook.cells.insert(place, new_code_cell(source))
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)


HOSTILE = {
    "loop": "while True:\n    try:\n        pass\n    except BaseException:\n        pass",
    "flood": "while True:\n    print('x' * 1000)",
    "hog": "hoard = []\nwhile True:\n    hoard.append(bytearray(b'x' * 50_000_000))",
    "forks": "import os\nwhile True:\n    os.fork()",
    "quits": "import os\nos._exit(0)",
    "deletes": "import shutil, gan_lessons\nshutil.rmtree(gan_lessons.__path__[0])",
    "cheats": "from gan_lessons import checks\nfrom gan_lessons.checks import core\n"
    "checks.check = lambda *a: 1\ncore.close = lambda *a, **k: True\nimport torch\n"
    "torch.allclose = lambda *a, **k: True",
}


@pytest.mark.slow
def test_hostile_notebooks_hurt_neither_others_nor_the_grades(tmp_path):
    folder = tmp_path / "submissions"
    folder.mkdir()
    for name, source in HOSTILE.items():
        changed(folder / name / SOLUTION.name, source)
    wrong = "def generator_loss(fake_logits):\n    return -fake_logits.sigmoid().mean()"
    changed(folder / "wrong" / SOLUTION.name, wrong, before="checks.generator_loss")
    for name, path in (("honest", SOLUTION), ("stub", grade.ORIGINALS / SOLUTION.name)):
        (folder / name).mkdir()
        (folder / name / SOLUTION.name).write_bytes(path.read_bytes())
    rows = grade.grade(folder, tmp_path / "grades.csv", 2, LIMITS)
    with open(tmp_path / "grades.csv", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(rows) == 10 * 6
    status = {
        learner: [row["status"] for row in rows if row["learner"] == learner]
        for learner in [*HOSTILE, "wrong", "honest", "stub"]
    }
    assert status.pop("stub") == ["not attempted"] * 6
    assert status.pop("wrong").count("failed") == 1
    assert all(found == ["passed"] * 6 for found in status.values()), status
