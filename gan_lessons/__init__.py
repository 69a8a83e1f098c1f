"""The helper package of the GAN course: data, networks, losses, training, metrics, figures, checks.

Whatever a gradient flows through is shown in full in the lesson that introduces it, then imported
from here. Whatever has a path, a URL or an axis lives here only.
"""

__version__ = "0.1.0"
