"""What every study shares: threads as in the lessons, and a results file that tells how it was
made.
"""

import datetime
import json
import os
import platform
import subprocess
import sys
from functools import cache

import torch

from gan_lessons.storage import TABLES, write


def begin():
    """Two threads, as in the lessons; the commit is that of the start."""
    commit()
    torch.set_num_threads(2)
    torch.set_flush_denormal(True)


@cache
def commit():
    """The commit that the code stands at, with "-dirty" when files differ from it; or "unknown"."""
    ask = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        answer = subprocess.run(ask, cwd=TABLES, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):  # no git, or an installed package
        return "unknown"
    return answer.stdout.strip()


def origin():
    """The command, commit, versions, machine and date to store with a result."""
    return {
        "command": " ".join(["python -m", sys.modules["__main__"].__spec__.name, *sys.argv[1:]]),
        "commit": commit(),
        "python": platform.python_version(),
        "torch": torch.__version__.split("+")[0],
        "machine": f"{platform.system()} {platform.machine()}, {torch.get_num_threads()} threads "
        f"of {os.cpu_count()} cores",
        "date": datetime.date.today().isoformat(),
    }


def save(name, result):
    """Write a study's table beside the others."""
    path = TABLES / f"{name}.json"
    write(path, (json.dumps({"made_by": origin(), **result}, indent=1) + "\n").encode())
    print(f"wrote {path.name}")
