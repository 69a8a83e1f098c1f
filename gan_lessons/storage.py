"""Weights and checkpoints as safetensors files, never pickles; written whole or not at all. And
the stored tables, as JSON.

A file is written beside its target and then renamed, so that a full disk or a crash leaves the old
one as it was.
"""

import contextlib
import json
import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes

from gan_lessons.data import ASSETS
from gan_lessons.training import History, modules

TABLES = ASSETS / "studies"


def write(path, content):
    """Write bytes to `path` through a temporary file; an OSError names the path and leaves the old
    file alone.
    """
    path = Path(path)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # a full disk must speak up before the rename
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise OSError(
            error.errno, f"{path} could not be saved ({error.strerror}); an older file is untouched"
        ) from error


def read(path):
    """All tensors and the notes of a safetensors file; one clear sentence when it is none."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise ValueError(
            f"{path} is not a whole safetensors file ({error}); it may be cut short."
        ) from error


def save_weights(path, module, **notes):
    """Save a module's weights; `notes` (text or numbers: command, seed, quality) go into the file's
    header.
    """
    state = {
        name: tensor.detach().cpu().contiguous() for name, tensor in module.state_dict().items()
    }
    write(path, to_bytes(state, {key: json.dumps(value) for key, value in notes.items()}))


def load_weights(path, module):
    """Load weights into a module of the same architecture; returns the notes saved with them."""
    tensors, notes = read(path)
    own = module.state_dict()
    wrong = sorted(set(own) ^ set(tensors)) or [n for n in own if own[n].shape != tensors[n].shape]
    if wrong:
        raise ValueError(
            f"{Path(path).name} holds the weights of another network than {type(module).__name__}: "
            f"{wrong[0]!r} does not fit ({len(wrong)} such entries)."
        )
    module.load_state_dict(tensors)
    return {key: json.loads(value) for key, value in notes.items()}


def save_checkpoint(path, gan, batches, history):
    """Save everything that the next step depends on, so that a resumed run gives the same
    numbers.
    """
    tensors, plain = {"rng": torch.get_rng_state(), "batches": batches.generator.get_state()}, {}
    for name, module in modules(gan).items():
        state = module.state_dict()
        if name.startswith("opt"):
            for i, entries in state["state"].items():
                tensors |= {f"{name}.{i}.{key}": value for key, value in entries.items()}
            plain[name] = state["param_groups"]
        else:
            tensors |= {f"{name}.{key}": value for key, value in state.items()}
    tensors = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
    plain |= {"steps": gan.steps, "history": vars(history)}
    write(path, to_bytes(tensors, {"checkpoint": json.dumps(plain)}))


def load_checkpoint(path, gan, batches):
    """Put a GAN of the same make, its batches and torch's random numbers back; returns the History
    to go on with.
    """
    tensors, notes = read(path)
    if "checkpoint" not in notes:
        raise ValueError(f"{Path(path).name} holds weights, not a checkpoint: use load_weights.")
    plain = json.loads(notes["checkpoint"])
    for name, module in modules(gan).items():
        part = {
            key[len(name) + 1 :]: value
            for key, value in tensors.items()
            if key.startswith(name + ".")
        }
        try:
            if name.startswith("opt"):
                state = {}
                for key, value in part.items():
                    i, entry = key.split(".")
                    state.setdefault(int(i), {})[entry] = value
                module.load_state_dict({"state": state, "param_groups": plain[name]})
            else:
                module.load_state_dict(part)
        except (RuntimeError, ValueError) as error:
            raise ValueError(
                f"{Path(path).name} is the checkpoint of another GAN: its {name} does not fit."
            ) from error
    gan.steps = plain["steps"]
    torch.set_rng_state(tensors["rng"])
    batches.generator.set_state(tensors["batches"])
    return History(**plain["history"])


def pretrained(name):
    """A bundled network, ready to use: "dcgan", "conditional" (generators) or "classifier".

    Returns
    -------
    module
        In eval mode, on the CPU; `module.notes` tells the command, the seed and the measured
        quality.
    """
    from gan_lessons import networks

    makers = {
        "dcgan": networks.DCGANGenerator,
        "conditional": networks.ConditionalGenerator,
        "classifier": networks.Classifier,
    }
    if name not in makers:
        raise ValueError(f"name is one of {', '.join(map(repr, makers))}, not {name!r}.")
    module = makers[name]()
    module.notes = load_weights(ASSETS / f"{name}.safetensors", module)
    return module.eval().requires_grad_(False)


def load_table(name):
    """A stored table of a study.

    Returns
    -------
    dict
        `made_by` (command, commit, versions, machine, date) and the study's own entries.
    """
    path = TABLES / f"{name}.json"
    if not path.is_file():
        names = ", ".join(sorted(p.stem for p in TABLES.glob("*.json")))
        raise FileNotFoundError(f"There is no table {name!r}; there are: {names}.")
    return json.loads(path.read_text(encoding="utf-8"))
