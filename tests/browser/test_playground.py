"""The playground and the dashboard under a learner's hands, in a notebook made for it."""

import re
import time

import nbformat
import pytest
from test_lab import SCREENSHOTS

PLAY = """from gan_lessons import widgets
play = widgets.playground("healthy", steps=100)"""
RATES = "print('rates', *play.rate, play.task, play.settings.lr_g, play.settings.data)"
FIT = """from gan_lessons import data, losses, networks, training
gan = training.GAN(networks.MLPGenerator(), networks.MLPDiscriminator(), losses.VANILLA, 2)
board = widgets.Dashboard(10**6)
run = training.fit(gan, data.batches(data.ring(), 64), 10**6, board, progress=False)"""
STOPPED = "print('stopped:', run.stopped, gan.opt_G.param_groups[0]['lr'])"


@pytest.fixture
def scratch(lab, open_notebook):
    def make(*cells):
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        nbformat.write(book, lab.folder / "course" / "scratch.ipynb")
        return open_notebook("scratch.ipynb")

    return make


def press(notebook, output, name, key="Space"):
    """Press a button with the keyboard."""
    button = output.get_by_role("button", name=name, exact=True)
    button.focus()
    notebook.page.keyboard.press(key)


def step_of(output):
    return int(re.search(r"Step (\d+)", output.locator(".widget-html").first.inner_text())[1])


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.2)


def test_the_playground_by_keyboard(scratch):
    notebook = scratch(PLAY, RATES)
    notebook.run(PLAY[-30:])
    output = notebook.cell("widgets.playground(").locator(".jp-OutputArea").first
    output.get_by_role("button", name="Start", exact=True).wait_for(timeout=60_000)
    assert step_of(output) == 0
    press(notebook, output, "Step D")
    press(notebook, output, "Step G")
    wait_for(lambda: step_of(output) == 1)
    press(notebook, output, "Start", "Enter")
    count_frames(notebook, output)
    notebook.page.wait_for_timeout(10_000)
    slider = output.locator(".widget-slider .noUi-handle").nth(1)
    slider.focus()
    for _ in range(5):
        notebook.page.keyboard.press("ArrowRight")
    notebook.run(RATES)  # the kernel answers other cells meanwhile
    said = notebook.cell("print('rates'").locator(".jp-OutputArea").inner_text()
    print(
        said, "frames in the page:", notebook.page.evaluate("() => window.frames_seen"), "in 10 s"
    )
    assert "Task pending" in said
    press(notebook, output, "Pause")
    output.get_by_role("button", name="Start", exact=True).wait_for(timeout=30_000)
    step = step_of(output)
    assert step > 10
    notebook.page.wait_for_timeout(1000)
    assert step_of(output) == step
    notebook.run(RATES)
    said = notebook.cell("print('rates'").locator(".jp-OutputArea").inner_text()
    assert " None " in said and " 0.001 " not in said, said
    press(notebook, output, "Show me the code")
    output.locator("textarea").wait_for(timeout=10_000)
    notebook.screenshots(SCREENSHOTS, "playground")
    assert notebook.problems() == []


def count_frames(notebook, output):
    """Let the page count the pictures that it gets."""
    output.locator("img").first.evaluate(
        """image => { window.frames_seen = 0;
        new MutationObserver(() => window.frames_seen++)
            .observe(image, {attributes: true, attributeFilter: ['src']}); }"""
    )


def test_the_dashboard_is_paused_and_stopped(scratch):
    notebook = scratch(PLAY.splitlines()[0], FIT, STOPPED)
    notebook.run("from gan_lessons import widgets")
    notebook.cell("widgets.Dashboard(").locator(".cm-content").click()
    notebook.page.keyboard.press("Control+Enter")
    output = notebook.cell("widgets.Dashboard(").locator(".jp-OutputArea").first
    output.get_by_role("button", name="Pause", exact=True).wait_for(timeout=60_000)
    wait_for(lambda: step_of(output) > 1)
    output.locator(".widget-slider .noUi-handle").nth(1).focus()
    notebook.page.keyboard.press("ArrowRight")
    press(notebook, output, "Pause")
    output.get_by_role("button", name="Go on", exact=True).wait_for(timeout=10_000)
    notebook.page.wait_for_timeout(1500)
    step = step_of(output)
    notebook.page.wait_for_timeout(1500)
    assert step_of(output) == step
    notebook.screenshots(SCREENSHOTS, "dashboard")
    press(notebook, output, "Go on")
    wait_for(lambda: step_of(output) > step)
    press(notebook, output, "Stop")
    notebook.run(STOPPED)
    said = notebook.cell("print('stopped:'").locator(".jp-OutputArea").inner_text()
    print(said)
    assert "on_step asked to stop" in said and not said.strip().endswith(" 0.001")
    notebook.screenshots(SCREENSHOTS, "dashboard_stopped", widths=(1280,))
    assert notebook.problems() == []
