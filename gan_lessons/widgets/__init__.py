"""What can be moved by hand: pictures that follow sliders and lists, each with a static picture in
the same output.

Only core ipywidgets of versions 7.7 and 8: they work with the keyboard, and a sentence under each
picture says what it shows. Where nothing runs (GitHub, on paper) the picture stays.
"""

from gan_lessons.widgets.dashboard import Dashboard
from gan_lessons.widgets.explorer import latent_explorer
from gan_lessons.widgets.pictures import class_picker, latent_sliders
from gan_lessons.widgets.playground import Playground, playground

__all__ = [
    "Dashboard",
    "Playground",
    "class_picker",
    "latent_explorer",
    "latent_sliders",
    "playground",
]
