"""Every lesson and exercise in a real JupyterLab, and a learner's hands on two of them.

Lessons 00 to 02 and one exercise of each part run whole, the others are opened and looked at; with
`--run-all` every one runs.
"""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCREENSHOTS = Path(os.environ.get("SCREENSHOTS", ROOT / "build" / "screenshots"))
LIMIT = 900  # seconds for one notebook; a machine with one busy core needs up to 600
NOTEBOOKS = [
    path.relative_to(ROOT).as_posix()
    for folder in ("notebooks", "exercises")
    for path in sorted((ROOT / folder).glob("*.ipynb"))
]
# The lessons that everyone starts with, and an exercise of the parts "master" and "at work"; one of
# the part "build" is solved below.
RUN = ("notebooks/00", "notebooks/01", "notebooks/02", "exercises/08", "exercises/15")


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_a_notebook_opens_or_runs_without_an_error_or_a_warning(open_notebook, path, request):
    print(f"\n{path}", flush=True)
    notebook = open_notebook(path)
    runs = request.config.getoption("--run-all") or path.startswith(RUN)
    try:
        if runs:
            notebook.run_all(LIMIT)
        assert notebook.problems() == []
    finally:
        widths = (1280, 800) if runs else (800,)
        notebook.screenshots(SCREENSHOTS, path.removesuffix(".ipynb").replace("/", "_"), widths)


def test_lesson_00_follows_the_keyboard(open_notebook):
    notebook = open_notebook("notebooks/00_meet_a_generator.ipynb")
    notebook.run_all(LIMIT)
    sliders = notebook.cell("widgets.latent_sliders(").locator(".widget-slider .noUi-handle")
    choice = notebook.cell("widgets.class_picker(").locator("select")
    assert_moves(notebook, sliders.nth(0), ["ArrowRight"] * 5, "irst direction +0.5")
    assert_moves(notebook, sliders.nth(1), ["ArrowRight"] * 5, "second direction +0.5")
    # On a closed list JupyterLab takes the arrow keys for itself and goes to the next cell.
    assert_moves(notebook, choice, ["Space", "ArrowDown", "Enter"], "of the class trouser")
    notebook.screenshots(SCREENSHOTS, "lesson_00_after_the_keyboard", widths=(1280,))


def assert_moves(notebook, control, keys, sentence):
    """Press keys on a control: its picture changes, and the sentence below says so."""
    output = control.locator("xpath=ancestor::*[contains(@class, 'jp-OutputArea-output')]").first
    image, text = output.locator("img").first, output.locator("small").first
    before = notebook.picture(image)
    assert sentence not in text.inner_text()
    control.focus()
    for key in keys:
        notebook.page.keyboard.press(key)
        notebook.page.wait_for_timeout(200)
    text.filter(has_text=sentence).wait_for(timeout=10_000)
    notebook.page.wait_for_timeout(500)  # the last picture is on its way with the sentence
    assert notebook.picture(image) != before


def test_exercise_01_names_a_mistake_and_then_passes(open_notebook):
    notebook = open_notebook("exercises/01_the_game.ipynb")
    notebook.run_all(LIMIT)
    task, check = "def value_function(", "checks.value_function(value_function)"
    panel = notebook.cell(check).locator(".jp-OutputArea")
    assert "ot attempted" in panel.inner_text()
    answer = "def value_function(d_real, d_fake):\n    return torch.log(d_real).mean() + {}"
    said = []
    for fake_half in ("torch.log(d_fake).mean()", "torch.log(1 - d_fake).mean()"):
        notebook.write(task, answer.format(fake_half))
        notebook.run(task)
        notebook.run(check)
        said.append(panel.inner_text())
        print(said[-1])
    notebook.screenshots(SCREENSHOTS, "exercise_01_solved", widths=(1280,))
    assert "1 - " in said[0] and "assed" not in said[0]
    assert "assed" in said[1]
