"""Pictures of a generator's images that follow sliders and lists."""

import html
import io

import ipywidgets
import numpy as np
import torch
from PIL import Image

from gan_lessons.data import CLASS_NAMES
from gan_lessons.metrics import predict
from gan_lessons.show import tile
from gan_lessons.widgets.output import show_box


def png(images, columns, zoom=3):
    """Images (N, 1, 28, 28) as the bytes of one PNG."""
    canvas = (tile(images, columns) * 255).astype(np.uint8)
    picture = Image.fromarray(canvas)
    buffer = io.BytesIO()
    picture.resize((picture.width * zoom, picture.height * zoom), Image.Resampling.NEAREST).save(
        buffer, format="png"
    )
    return buffer.getvalue()


def show_with_picture(controls, draw):
    """Show controls above a picture that follows them.

    Parameters
    ----------
    controls : list of widgets with a `value`
    draw : function (value, …) -> (PNG bytes, sentence)
    """
    picture, sentence = ipywidgets.Image(format="png"), ipywidgets.HTML()

    def follow(change=None):
        picture.value, text = draw(*(control.value for control in controls))
        sentence.value = f"<small>{html.escape(text)}</small>"
        return text

    for control in controls:
        control.observe(follow, names="value")
        control.tooltip = control.description  # without one, ipywidgets 8 shows the word "null"
    text = follow()
    box = ipywidgets.VBox([*controls, picture, sentence])
    # The widget's own sentence is lost where nothing runs; the caption stays.
    show_box(box, bytes(picture.value), text, "At the start: ")


def slider(description):
    """A slider from -3 to 3 whose picture follows while it moves."""
    return ipywidgets.FloatSlider(
        value=0.0,
        min=-3.0,
        max=3.0,
        step=0.1,
        description=description,
        style={"description_width": "10em"},
        layout=ipywidgets.Layout(width="420px"),
    )


def latent_sliders(G, directions, z):
    """Move several noise vectors along two directions, and watch the images change.

    Parameters
    ----------
    G : module
        From noise (B, z_dim) to images (B, 1, 28, 28).
    directions : Tensor (2, z_dim)
        Of length 1, so that a slider's number is a distance.
    z : Tensor (N, z_dim)
        Where each image starts.
    """

    def draw(first, second):
        with torch.no_grad():
            images = G(z + first * directions[0] + second * directions[1])
        seen = ", ".join(CLASS_NAMES[label] for label in predict(images))
        return png(images, len(z)), (
            f"First direction {first:+.1f}, second direction {second:+.1f}. A classifier sees: "
            f"{seen}."
        )

    show_with_picture([slider("First direction"), slider("Second direction")], draw)


def class_picker(G, z, names=CLASS_NAMES):
    """Choose a class from a list; the same noise vectors become images of it.

    Parameters
    ----------
    G : module
        From noise (B, z_dim) and labels (B,) to images (B, 1, 28, 28).
    z : Tensor (N, z_dim)
    names : sequence of str
        The classes, in the order of their labels.
    """
    choice = ipywidgets.Dropdown(
        options=[(name, label) for label, name in enumerate(names)],
        value=0,
        description="Class",
        style={"description_width": "10em"},
    )

    def draw(label):
        with torch.no_grad():
            images = G(z, torch.full((len(z),), label))
        agrees = int((predict(images) == label).sum())
        return png(images, len(z)), (
            f"{len(z)} images of the class {names[label]}; a classifier agrees on {agrees}."
        )

    show_with_picture([choice], draw)
