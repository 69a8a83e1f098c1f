import subprocess
import sys

import numpy as np
import pytest
import torch

from gan_lessons import runtime


def test_a_seed_repeats_every_kind_of_random_number():
    def draw():
        runtime.set_seed(5)
        return torch.rand(1).item(), np.random.rand()

    assert draw() == draw()


def test_start_says_versions_device_threads_and_seed(capsys):
    device = runtime.start(seed=3)
    line = capsys.readouterr().out
    assert line.count("\n") == 1 and "torch" in line and "seed 3" in line
    assert device.type in ("cpu", "cuda", "mps") and torch.get_num_threads() <= 2


@pytest.mark.parametrize(("limit", "expected"), [("1", 1), ("", 2), ("many", 2), ("0", 2)])
def test_start_takes_no_more_threads_than_omp_num_threads(limit, expected, monkeypatch, capsys):
    monkeypatch.setenv("OMP_NUM_THREADS", limit)
    monkeypatch.setattr(runtime.os, "cpu_count", lambda: 4)
    runtime.start()
    assert torch.get_num_threads() == expected
    assert f"{expected} thread{'s' * (expected > 1)}, seed" in capsys.readouterr().out


def test_the_doctor_finds_this_machine_ready():
    run = subprocess.run(
        [sys.executable, "-m", "gan_lessons", "doctor"], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "This machine is ready." in run.stdout and run.stderr == ""


def test_the_doctor_names_what_is_missing_and_its_mend(monkeypatch, capsys, tmp_path):
    from gan_lessons import data, storage

    monkeypatch.setattr(runtime, "MINIMUM", {"torch": (99, 0), "nothing-of-this-name": (1, 0)})
    monkeypatch.setattr(data, "ASSETS", tmp_path)
    monkeypatch.setattr(storage, "ASSETS", tmp_path)
    assert not runtime.doctor()
    out = capsys.readouterr().out
    assert 'pip install "torch>=99.0"' in out
    assert "nothing-of-this-name is not installed" in out
    assert out.count("MEND  ") == 2 + 1 + 3  # two packages, the data, three files of weights
    assert "not ready yet" in out


def test_the_doctor_exits_non_zero_when_something_is_missing():
    code = (
        "from gan_lessons import runtime, __main__\n"
        "runtime.MINIMUM = {'absent': (1, 0)}\n"
        "__main__.main()"
    )
    run = subprocess.run([sys.executable, "-c", code, "doctor"], capture_output=True, text=True)
    assert run.returncode == 1 and "absent is not installed" in run.stdout


def test_help_lists_the_commands():
    run = subprocess.run(
        [sys.executable, "-m", "gan_lessons", "--help"], capture_output=True, text=True
    )
    assert run.returncode == 0 and "doctor" in run.stdout
