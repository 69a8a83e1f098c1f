import io

import pytest
import torch
from PIL import Image

from gan_lessons.storage import pretrained
from gan_lessons.widgets import explorer, output, pictures


@pytest.fixture
def opened(monkeypatch):
    """The explorer's controls by description, its function, and what it displayed."""
    seen, shown = {}, []

    def show_with_picture(controls, draw):
        seen.update(controls={c.description: c for c in controls}, draw=draw)
        pictures.show_with_picture(controls, draw)

    monkeypatch.setattr(
        output, "display", lambda data, metadata=None, raw=False: shown.append((data, metadata))
    )
    monkeypatch.setattr(explorer, "show_with_picture", show_with_picture)
    generator = torch.Generator().manual_seed(0)
    z0, z1 = torch.randn(2, 3, 32, generator=generator)
    axis = torch.eye(32)
    directions = {"Bright": axis[0], "Shoe": axis[1]}
    explorer.latent_explorer(pretrained("dcgan"), z0, z1, directions)
    return seen["controls"], seen["draw"], shown


def test_each_slider_has_a_name_and_a_range(opened):
    controls, _, _ = opened
    assert list(controls) == ["From z0 to z1", "Truncated at", "Bright", "Shoe"]
    ranges = [(c.min, c.value, c.max) for c in controls.values()]
    assert ranges == [(0, 0, 1), (0.1, 4, 4), (-3, 0, 3), (-3, 0, 3)]
    assert all(c.tooltip for c in controls.values())


def test_the_static_picture_says_what_it_shows(opened):
    _, _, ((bundle, metadata), (caption, _)) = opened
    assert (
        "0% of the way" in metadata["image/png"]["alt"] and "0% of the way" in caption["text/html"]
    )
    assert "application/vnd.jupyter.widget-view+json" in bundle and bundle["image/png"]


@pytest.mark.parametrize(
    "name, value, sentence",
    [
        ("From z0 to z1", 0.5, "50% of the way from z0 to z1, not truncated"),
        ("Truncated at", 0.5, "truncated at 0.5"),
        ("Shoe", -2.0, "Bright +0.0, Shoe -2.0"),
    ],
)
def test_a_moved_slider_gives_another_picture_and_says_so(opened, name, value, sentence):
    controls, draw, _ = opened
    values = [value if c.description == name else c.value for c in controls.values()]
    before, _ = draw(*(c.value for c in controls.values()))
    after, said = draw(*values)
    assert after != before and sentence in said
    with Image.open(io.BytesIO(after)) as picture:
        assert picture.size == (3 * (3 * 30 - 2), 3 * 28)


def test_truncation_pulls_z_to_the_middle(opened):
    _, draw, _ = opened
    length = [float(draw(0.0, c, 0, 0)[1].split("z: ")[1].split()[0][:-1]) for c in (0.1, 1.0, 4.0)]
    assert length == sorted(length) and length[0] < 0.5


def test_the_widget_follows_its_slider(opened, monkeypatch):
    controls, _, shown = opened
    made = []
    monkeypatch.setattr(pictures, "png", lambda *a, **k: made.append(a) or b"")
    monkeypatch.setattr(explorer, "png", lambda *a, **k: made.append(a) or b"")
    controls["Bright"].value = 1.0
    assert len(made) == 1 and len(shown) == 2  # one new picture, and no second output
