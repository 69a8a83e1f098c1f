"""Grids of images, and the picture of a lesson's end result."""

import matplotlib.pyplot as plt
import numpy as np
import torch

from gan_lessons.data import ASSETS
from gan_lessons.show.canvas import show


def tile(images, columns):
    """Images (N, 1, 28, 28) in [-1, 1] or uint8 as one array, `columns` wide, with 2 white pixels
    between.
    """
    images = images.detach().cpu()
    images = images / 255 if images.dtype == torch.uint8 else (images.clamp(-1, 1) + 1) / 2
    n, _, h, w = images.shape
    rows = -(-n // columns)
    canvas = np.ones((rows * (h + 2) - 2, columns * (w + 2) - 2))
    for i, image in enumerate(images[:, 0].numpy()):
        y, x = i // columns * (h + 2), i % columns * (w + 2)
        canvas[y : y + h, x : x + w] = image
    return canvas


def images(batch, columns=10, titles=None, row_labels=None, alt=None, title=None):
    """A grid of images (N, 1, 28, 28), in [-1, 1] or uint8.

    Parameters
    ----------
    columns : int
    row_labels : list of str, optional
        One word to the left of each row.
    titles : list of str, optional
        One word above each column.
    title : str, optional
    alt : str, optional
        What the images are; the caption says their number and arrangement when it is left out.
    """
    canvas = tile(batch, columns)
    rows = -(-len(batch) // columns)
    width = min(0.62 * columns + (0.9 if row_labels else 0), 9.5)
    figure, ax = plt.subplots(
        figsize=(width, width * canvas.shape[0] / canvas.shape[1]), layout="constrained"
    )
    ax.imshow(canvas, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_xticks([14 + 30 * i for i in range(columns)] if titles else [], titles or [], fontsize=9)
    ax.xaxis.tick_top()
    ax.set_yticks(
        [14 + 30 * i for i in range(rows)] if row_labels else [], row_labels or [], fontsize=9
    )
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    if title:
        ax.set_title(title, fontsize=10)
    show(figure, alt or f"{len(batch)} images of 28 x 28 pixels in {rows} rows of {columns}.")


def preview(name):
    """The end result of a lesson, as its last build drew it, before anything has run."""
    from PIL import Image

    path = ASSETS / "previews" / f"{name}.png"
    if not path.is_file():
        print("The picture of the end result appears here after the first build (make notebooks).")
        return
    with Image.open(path) as picture:
        alt = picture.text["Description"]
    show(path.read_bytes(), alt)
