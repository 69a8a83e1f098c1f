"""Seeds, device and threads; and the doctor, who says whether this machine is ready."""

import importlib.metadata
import os
import platform
import random
import sys

import numpy as np
import torch

MINIMUM = {"torch": (2, 4), "numpy": (1, 26), "matplotlib": (3, 8), "ipywidgets": (7, 7)}


def start(seed=0, threads=2):
    """Set the seeds and threads, choose the device, and say so in one line.

    Two threads are enough for the course's small networks, and the same number everywhere keeps
    runs comparable. The environment variable OMP_NUM_THREADS lowers it: for several notebooks at a
    time, say.

    Returns
    -------
    torch.device
        CUDA or MPS where there is one, else the CPU.
    """
    set_seed(seed)
    limit = os.environ.get("OMP_NUM_THREADS", "")
    most = int(limit) if limit.isdigit() and int(limit) > 0 else threads
    torch.set_num_threads(min(threads, most, os.cpu_count() or 1))
    torch.set_flush_denormal(True)  # numbers below 1e-38 are slow on a CPU and worth nothing here
    device = best_device()
    count = torch.get_num_threads()
    where = (
        f"CPU, {count} thread{'s' * (count > 1)}" if device.type == "cpu" else device.type.upper()
    )
    print(
        f"Python {platform.python_version()}, torch {torch.__version__.split('+')[0]}, {where}, "
        f"seed {seed}"
    )
    return device


def set_seed(seed):
    """Seed Python's, numpy's and torch's global random numbers."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def best_device():
    """CUDA, else MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def version(package):
    """The installed version as a tuple of two numbers, or None."""
    try:
        text = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
    digits = ["".join(c for c in part if c.isdigit()) for part in text.split(".")[:2]]
    return tuple(int(d or 0) for d in digits)


def memory_gb():
    """Free memory in GB where the system tells (Linux), else None."""
    try:
        with open("/proc/meminfo") as file:
            for line in file:
                if line.startswith("MemAvailable"):
                    return int(line.split()[1]) / 1e6
    except OSError:
        pass
    return None


def examine():
    """Look at everything the course needs.

    Returns
    -------
    list of (ok, what was found, what mends it)
    """
    from gan_lessons import data, storage

    found = [
        (
            sys.version_info >= (3, 10),
            f"Python {platform.python_version()}",
            "Install Python 3.10 or newer from python.org.",
        )
    ]
    for package, minimum in MINIMUM.items():
        have, need = version(package), ".".join(map(str, minimum))
        text = f"{package} {'.'.join(map(str, have))}" if have else f"{package} is not installed"
        found.append(
            (have is not None and have >= minimum, text, f'pip install "{package}>={need}"')
        )
    device = best_device()
    note = ", fine for every lesson" if device.type == "cpu" else ", used by every lesson"
    found.append((True, f"device: {device.type.upper()}{note} ({os.cpu_count()} cores)", ""))
    memory = memory_gb()
    if memory is None:
        found.append((True, "memory: not known on this system; 2 GB are needed", ""))
    else:
        mend = "Close other programs: a lesson may need 2 GB."
        found.append((memory >= 2, f"memory: {memory:.1f} GB free", mend))
    mend = 'Install the course again: pip install --force-reinstall "gan-lessons" or a fresh clone.'
    try:
        part = data.fashion_mnist("test")
        found.append((len(part) > 0, f"data: {len(part):,} test images readable", mend))
    except Exception as error:
        found.append((False, f"data: {error}", mend))
    for name in ("dcgan", "conditional", "classifier"):
        try:
            storage.pretrained(name)
            found.append((True, f"weights: {name}", ""))
        except Exception as error:
            found.append((False, f"weights: {name}: {error}", mend))
    return found


def doctor():
    """Print what `examine` found, with the mend for each thing that is not ready; returns True when
    all is.
    """
    found = examine()
    for ok, text, mend in found:
        print(f"{'ok  ' if ok else 'MEND'}  {text}" + ("" if ok else f"\n      -> {mend}"))
    ready = all(ok for ok, _, _ in found)
    print(
        "This machine is ready."
        if ready
        else "This machine is not ready yet: see the lines marked MEND."
    )
    return ready
