"""The helper package of the GAN course: data, networks, losses, training, metrics, figures, checks.

Whatever a gradient flows through is shown in full in the lesson that introduces it, then imported
from here. Whatever has a path, a URL or an axis lives here only.
"""

import os

# On Linux, PyTorch's threads wait for each other in a busy loop. Where another program has the core
# of one of them, all others burn theirs: 40 times the time of one thread was seen. A short loop
# keeps the gain and avoids that. It must be said before torch is imported.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

__version__ = "0.2.0"
