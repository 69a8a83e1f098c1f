"""The latent explorer of lesson 08, by keyboard, in a real JupyterLab."""

from test_lab import LIMIT, SCREENSHOTS, assert_moves


def test_lesson_08_follows_the_keyboard(open_notebook):
    notebook = open_notebook("notebooks/08_latent_space.ipynb")
    notebook.run_all(LIMIT)
    assert notebook.problems() == []
    cell = notebook.cell("widgets.latent_explorer(")
    sliders = cell.locator(".widget-slider .noUi-handle")
    assert sliders.count() == 5
    assert_moves(notebook, sliders.nth(0), ["ArrowRight"] * 5, "25% of the way")
    assert_moves(notebook, sliders.nth(1), ["ArrowLeft"] * 5, "truncated at 3.5")
    assert_moves(notebook, sliders.nth(2), ["ArrowRight"] * 5, "Bright +0.5")
    cell.scroll_into_view_if_needed()
    for width in (1280, 800):
        notebook.page.set_viewport_size({"width": width, "height": 900})
        notebook.page.wait_for_timeout(500)
        cell.screenshot(path=SCREENSHOTS / f"latent_explorer_{width}.png")
