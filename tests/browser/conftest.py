"""A private JupyterLab on a copy of the notebooks, and the system's Chromium to use it with.

`make test-browser` runs these tests; a plain `pytest tests` does not look into this folder.
"""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("README.md", "pyproject.toml", "notebooks", "exercises")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    # Cells that are out of sight stay in the page; and no question which kernel to take.
    "@jupyterlab/notebook-extension:tracker": {
        "windowingMode": "none",
        "autoStartDefaultKernel": True,
    },
}


def pytest_addoption(parser):
    text = "run every notebook, not only the first lessons and one exercise of each part"
    parser.addoption("--run-all", action="store_true", help=text)


def pytest_sessionfinish(exitstatus):
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        print("\nNo notebook matches. Lessons have numbers like 00: make test-browser ARGS='-k 00'")


def chromium():
    """The path of a Chromium of this machine, or None; CHROMIUM names one."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window."""
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is missing: .[browser]")
    if chromium() is None:
        pytest.skip("No Chromium here: apt-get install chromium, or set CHROMIUM to its path.")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


class Lab:
    """A JupyterLab server with its own folders for everything that it reads and writes."""

    def __init__(self, folder):
        self.folder, self.token = folder, secrets.token_hex(16)
        self.log = folder / "server.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        for name in COPIED:
            source, target = ROOT / name, folder / "course" / name
            target.parent.mkdir(exist_ok=True)
            ignore = shutil.ignore_patterns(".ipynb_checkpoints")
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, target, **({"ignore": ignore} if source.is_dir() else {}))
        (folder / "app").mkdir()
        (folder / "app" / "overrides.json").write_text(json.dumps(SETTINGS), encoding="utf-8")

    def start(self):
        """Start the server and wait until it answers."""
        variables = (
            "JUPYTER_CONFIG_DIR JUPYTER_DATA_DIR JUPYTER_RUNTIME_DIR IPYTHONDIR "
            "JUPYTERLAB_SETTINGS_DIR JUPYTERLAB_WORKSPACES_DIR"
        ).split()
        options = (
            "--no-browser --allow-root --ip=127.0.0.1 --ServerApp.port_retries=0 "
            "--LabApp.expose_app_in_browser=True --LabApp.extension_manager=readonly "
            "--LabApp.news_url= --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate "
            f"--port={self.port} --IdentityProvider.token={self.token}"
        ).split()
        options += [f"--ServerApp.root_dir={self.folder / 'course'}"]
        options += [f"--LabApp.app_settings_dir={self.folder / 'app'}"]
        self.server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env=os.environ | {name: str(self.folder / name.lower()) for name in variables},
            stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C ends pytest, and pytest ends the server
        )
        end = time.monotonic() + 60
        while time.monotonic() < end and self.server.poll() is None:
            with contextlib.suppress(OSError):
                return self.ask("GET", "status")
            time.sleep(0.2)
        raise RuntimeError("JupyterLab did not start:\n" + self.log.read_text())

    def ask(self, method, what):
        """The answer of the server's API, from JSON."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/{what}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or "null")

    def end_kernels(self):
        for session in self.ask("GET", "sessions"):
            self.ask("DELETE", f"sessions/{session['id']}")

    def stop(self):
        """End the kernels, then the server."""
        with contextlib.suppress(OSError):
            self.end_kernels()
        self.server.terminate()
        try:
            self.server.wait(20)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory):
    """The server; asks for the browser first, so that without one nothing is started."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()


@pytest.fixture
def open_notebook(browser, lab):
    """A function from a notebook's path to its `Page`; afterwards its kernel is ended."""
    from page import Page

    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    home = f"http://127.0.0.1:{lab.port}/"
    page.route(
        lambda url: not url.startswith((home, "data:", "blob:")), lambda route: route.abort()
    )
    try:
        yield lambda path: Page(page, f"{home}doc/tree/{path}?reset&token={lab.token}")
    finally:
        page.close()
        lab.end_kernels()
