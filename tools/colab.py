"""Execute the course as on Google Colab: with its versions, and from the notebooks' install cell.

    python -m tools.colab [NAME ...]

Makes build/colab/venv from tools/colab.txt, and executes every lesson and solution there. Their
install cell gets a copy of this working tree in place of the repository; the table shows
its seconds (Colab: under 30; a busy machine may take 60). It may add packages, but not replace any.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient, exceptions

from tools.sources import ROOT, address, chosen, tags

TEXT = (ROOT / "tools" / "colab.txt").read_text(encoding="utf-8")
DATE, PINS = re.search(r"\d{4}-\d\d-\d\d", TEXT)[0], re.findall(r"(?m)^[\w-]+==.*", TEXT)
TORCH = [pin for pin in PINS if pin.startswith("torch")]
MATTER = r"(ipywidgets|ipython|ipykernel|numpy|matplotlib)==.*"  # where others can't be had
HOME = ROOT / "build" / "colab"
VENV, CONTENT, COPY, LINKS = (HOME / name for name in ("venv", "content", "repository", "torch"))
PYTHON = VENV / "bin" / "python"
# Python runs this when it starts; the install cell looks for the module.
IN_COLAB = "import sys, types; sys.modules['google.colab'] = types.ModuleType('google.colab')\n"
CPU_INDEX = "--index-url=https://download.pytorch.org/whl/cpu"
# What PyTorch consists of, among the packages of this script.
OWN_TORCH = "torch|torchvision|torchgen|functorch|nvidia|cuda|triton|sympy|mpmath|networkx|fsspec"
FAILURES = exceptions.CellExecutionError, exceptions.CellTimeoutError, exceptions.DeadKernelError
TORCH_SECONDS, INSTALL_SECONDS, CELL_SECONDS = 240, 60, 600  # on Linux, pip's PyTorch has 3 GB


def run(*command, timeout=None):
    """Whether a program succeeded, and the lines that it printed."""
    try:
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=timeout)
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, [str(error)]
    return done.returncode == 0, (done.stdout + done.stderr).strip().splitlines() or [""]


def install(packages, *options):
    pip = [PYTHON, "-m", "pip", "install", "--no-compile", "--retries=1", "--timeout=15", *options]
    return run(*pip, *packages, timeout=TORCH_SECONDS)


def freeze():
    return set(run(PYTHON, "-m", "pip", "freeze", "--all")[1])


def prepare(python):
    """Make the environment, or keep one of these pins; returns what is wrong, or an empty text."""
    stamp = VENV / "made-of.txt"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == TEXT + python:
        return ""
    shutil.rmtree(HOME, ignore_errors=True)
    run(python, "-m", "venv", VENV)
    pins = [pin for pin in PINS if pin not in TORCH]
    some = [pin if re.fullmatch(MATTER, pin) else pin.split("==")[0] for pin in pins]
    if not install(pins)[0] and not (done := install(some))[0]:
        return f"Is a package registry within reach? pip says: {done[1][-1]}"
    packages = next(VENV.glob("lib/python*/site-packages"))
    if not install(TORCH, CPU_INDEX)[0] and not install(TORCH)[0]:
        # The PyTorch of this script, linked beside the environment: pip can't change it there.
        LINKS.mkdir()
        shutil.rmtree(packages / "torch", ignore_errors=True)  # left by a lack of time
        for path in Path(nbformat.__file__).parents[1].iterdir():
            if re.fullmatch(rf"({OWN_TORCH}|filelock)([-_.].*)?", path.name):
                (LINKS / path.name).symlink_to(path)
        (packages / "torch.pth").write_text(f"{LINKS}\n", encoding="utf-8")
        install(["torch", "torchvision"])  # what else this version needs
    works, said = run(PYTHON, "-c", "import torch, torchvision")
    if not works:
        return f"PyTorch does not work there: {said[-1]}"
    (packages / "colab.pth").write_text(IN_COLAB, encoding="utf-8")
    run(PYTHON, "-m", "ipykernel", "install", "--sys-prefix", "--name", "colab")
    stamp.write_text(TEXT + python, encoding="utf-8")
    return ""


def copy_repository():
    """Commit the working tree to a repository that git will take for the one on the web."""
    shutil.rmtree(COPY, ignore_errors=True)
    git = ["git", f"--git-dir={COPY}", f"--work-tree={ROOT}", "-c", "user.name=-"]
    for command in ("init -q", "add -A", "-c user.email=- commit -q --no-gpg-sign -m copy"):
        subprocess.run([*git, *command.split()], check=True, cwd=ROOT)
    os.environ |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_VALUE_0": address()}
    os.environ["GIT_CONFIG_KEY_0"] = f"url.{COPY.as_uri()}.insteadOf"


def execute(path):
    """Run a notebook as on a new machine: seconds of the install cell, of the rest, verdict."""
    notebook, seconds = nbformat.read(path, as_version=4), [0, 0]
    run(PYTHON, "-m", "pip", "uninstall", "--yes", "gan-lessons")
    before, folder = freeze(), {"metadata": {"path": str(CONTENT)}}
    client = NotebookClient(notebook, timeout=CELL_SECONDS, kernel_name="colab", resources=folder)
    try:
        with client.setup_kernel():
            for index, cell in enumerate(notebook.cells):
                start, own = time.perf_counter(), "colab" not in tags(cell)
                client.execute_cell(cell, index)
                seconds[own] += time.perf_counter() - start
                noise = [o.text for o in cell.get("outputs", []) if o.get("name") == "stderr"]
                if own and noise:
                    return *seconds, f"stderr: {noise[0]}"
    except FAILURES as error:
        return *seconds, f"{type(error).__name__}: {str(error).strip().splitlines()[-1]}"
    after = freeze()
    added = {re.split(" @ |==", line)[0] for line in after - before}
    right = "gan-lessons" in added and after >= before and seconds[0] < INSTALL_SECONDS
    changes = f"{sorted(added)} added, {sorted(before - after) or 'nothing'} replaced"
    return *seconds, f"{'ok' if right else 'install cell too slow, or wrong'}: {changes}"


def main():
    parser = argparse.ArgumentParser(description="Execute the course as Google Colab would.")
    parser.add_argument("names", nargs="*", help="only notebooks whose path contains this")
    options, start = parser.parse_args(), time.perf_counter()
    wanted = [book for book in chosen(options.names) if book.executed.is_file()]
    pythons = ("python3.13", "python3.12", sys.executable)  # Colab's newest, and the one before
    if problem := prepare(next(p for p in pythons if run(p, "-c", "import ensurepip")[0])):
        sys.exit(f"Not tested: Colab's versions cannot be had here. {problem}")
    have = {line.split("+")[0].replace("_", "-") for line in freeze()}
    other = sorted(line for line in have - set(PINS) if f"\n{line.split('==')[0]}==" in TEXT)
    print(f"{run(PYTHON, '-V')[1][0]}, with the versions that Colab had on {DATE}", end="")
    print(f", but {', '.join(other)}" if other else "")
    CONTENT.mkdir(exist_ok=True)
    copy_repository()
    os.environ.pop("PYTHONPATH", None)  # the working tree must not be seen from there
    os.environ |= {"JUPYTER_PATH": f"{VENV}/share/jupyter", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    os.environ["GAN_LESSONS_PROGRESS"] = ""  # what is solved there is nobody's progress
    print(f"Ready in {time.perf_counter() - start:.0f} s.\ninstall     run", flush=True)
    verdicts = []
    for book in wanted:
        installed, rest, verdict = execute(book.executed)
        verdicts.append(verdict.startswith("ok"))
        print(f"{installed:5.0f} s {rest:5.0f} s  {book}: {verdict}", flush=True)
    print(f"{sum(verdicts)} of {len(verdicts)} notebooks run in Colab's versions.")
    sys.exit(not all(verdicts))


if __name__ == "__main__":
    main()
