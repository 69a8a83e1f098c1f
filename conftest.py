"""For every test, also for notebooks under nbval: no connection leaves this machine."""

import os
import runpy
from pathlib import Path

offline = Path(__file__).parent / "tests" / "offline"
# For this process, and for the kernels and other programs that it starts:
runpy.run_path(str(offline / "sitecustomize.py"))
paths = [str(offline), os.environ.get("PYTHONPATH")]
os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # as in gan_lessons/__init__.py
os.environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
os.environ["GAN_LESSONS_PROGRESS"] = ""  # what tests solve is nobody's progress
