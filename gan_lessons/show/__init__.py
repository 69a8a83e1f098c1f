"""Every figure of the course: one palette, and a caption computed from the data, which is also the
alt text.

Real is blue, fake is orange, the discriminator's field runs from orange (says "fake") to blue (says
"real"); the colours are Okabe and Ito's, and markers and line styles differ too, so nothing hangs
on colour alone.
"""

from gan_lessons.show.canvas import (
    COLOURS,
    D_COLOUR,
    FAKE,
    FIELD,
    G_COLOUR,
    GREY,
    MARKERS,
    REAL,
    STYLES,
    as_png,
    axes,
    numbers,
    show,
)
from gan_lessons.show.charts import bars, curves, losses, maps, matrix, smooth
from gan_lessons.show.pictures import images, preview, tile
from gan_lessons.show.plane import bent_noise, draw_points, labelled_points, paths, points, stages

__all__ = [
    "COLOURS",
    "D_COLOUR",
    "FAKE",
    "FIELD",
    "GREY",
    "G_COLOUR",
    "MARKERS",
    "REAL",
    "STYLES",
    "as_png",
    "axes",
    "bars",
    "bent_noise",
    "curves",
    "draw_points",
    "images",
    "labelled_points",
    "losses",
    "maps",
    "matrix",
    "numbers",
    "paths",
    "points",
    "preview",
    "show",
    "smooth",
    "stages",
    "tile",
]
