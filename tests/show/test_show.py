import io

import matplotlib.pyplot as plt
import pytest
import torch
from PIL import Image

from gan_lessons import data, networks, show, training


@pytest.fixture
def shown(monkeypatch):
    """What was displayed, as (data, metadata) pairs."""
    seen = []

    def display(bundle, metadata=None, raw=False):
        seen.append((bundle, metadata))

    monkeypatch.setattr(show.canvas, "display", display)
    return seen


def figures():
    history = training.History(d_loss=[1.4, 1.3, 1.2], g_loss=[0.7, 0.8, 0.9])
    ring = data.ring()
    x, labels = ring.sample(200, torch.Generator().manual_seed(0))
    return {
        "images": lambda: show.images(
            torch.zeros(12, 1, 28, 28), columns=5, row_labels=list("abc")
        ),
        "points": lambda: show.points(x, x, networks.MLPDiscriminator(), ring, title="points"),
        "losses": lambda: show.losses(history),
        "curves": lambda: show.curves([1, 2], {"a": [1, 2], "b": [2, 1]}, "x", "y", "two lines"),
        "bars": lambda: show.bars(["a", "b"], [1, 2], "y", "two bars", dots=[[1], [2]]),
        "matrix": lambda: show.matrix(torch.eye(10), "all right"),
        "maps": lambda: show.maps({"a": torch.eye(4), "b": torch.ones(20, 20)}, "two maps"),
        "stages": lambda: show.stages([(0, x, networks.MLPDiscriminator())] * 2, x, ring),
        "bent_noise": lambda: show.bent_noise(networks.MLPGenerator(), ring),
        "labelled_points": lambda: show.labelled_points({"a": (x, labels)}, ring, "a panel"),
        "paths": lambda: show.paths({"a": [[1.0, 0.0], [0.0, 1.0]]}, "one path"),
    }


@pytest.mark.parametrize("name", figures())
def test_every_figure_has_a_picture_an_alt_text_and_the_same_caption(name, shown):
    figures()[name]()
    (bundle, metadata), (caption, _) = shown
    alt = metadata["image/png"]["alt"]
    assert len(alt) > 5 and alt.split()[0] in caption["text/html"] and bundle["text/plain"] == alt
    with Image.open(io.BytesIO(bundle["image/png"])) as picture:
        assert picture.width > 200 and len(picture.convert("L").getcolors(10_000)) > 2
    assert plt.get_fignums() == []  # nothing is left open, to be shown a second time


def test_the_caption_counts_the_modes(shown):
    ring = data.ring()
    x, labels = ring.sample(2000, torch.Generator().manual_seed(0))
    show.points(fake=x[labels != 3], mixture=ring)
    assert "7 of 8 modes" in shown[0][0]["text/plain"]


def test_captions_are_escaped(shown):
    show.curves([1, 2], {"a": [1, 2]}, "x", "y", "p < 0.5 & rising")
    assert "p &lt; 0.5 &amp; rising" in shown[1][0]["text/html"]


def test_a_missing_preview_says_when_it_comes(capsys):
    show.preview("no_such_lesson")
    assert "make notebooks" in capsys.readouterr().out


def test_a_table_is_html_for_browsers_and_aligned_text_elsewhere(monkeypatch):
    from gan_lessons.show import tables

    shown = []
    monkeypatch.setattr(tables, "display", lambda bundle, raw: shown.append(bundle))
    tables.table(["name", "<AUC>"], [["a longer name", 0.5], ["b", "0.25"]])
    assert shown[0]["text/plain"].splitlines() == [
        "name           <AUC>",
        "a longer name    0.5",
        "b               0.25",
    ]
    page = shown[0]["text/html"]
    assert "&lt;AUC&gt;" in page and page.count("<tr>") == 3 and '<th scope="row">b</th>' in page
    with pytest.raises(ValueError):
        tables.table(["one"], [["a", "b"]])
