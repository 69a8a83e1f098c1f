import json
import socket
import subprocess
import sys
import urllib.request

import pytest

# 192.0.2.1 is an address for documentation: nobody answers there, even where there is a network.
PROBE = """\
import socket
try:
    socket.create_connection(("192.0.2.1", 80), timeout=5)
except OSError as error:
    print(error)
"""
REFUSED = "Tests may not reach 192.0.2.1."


def test_a_test_cannot_reach_the_network():
    with pytest.raises(OSError, match=REFUSED):
        socket.create_connection(("192.0.2.1", 80), timeout=5)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        with pytest.raises(OSError, match=REFUSED):
            udp.sendto(b"hello", ("192.0.2.1", 53))
    with pytest.raises(OSError, match="Tests may not look up example.org"):
        urllib.request.urlopen("http://example.org", timeout=5)


def test_a_test_can_talk_to_its_own_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_a_program_that_a_test_starts_cannot_reach_the_network():
    run = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, timeout=60)
    assert run.stdout.strip() == REFUSED


def test_a_notebook_under_nbval_cannot_reach_the_network(tmp_path):
    cell = {
        "cell_type": "code",
        "id": "probe",
        "execution_count": 1,
        "metadata": {"tags": ["nbval-check-output"]},
        "source": PROBE,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": f"{REFUSED}\n"}],
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": [cell], "metadata": {"kernelspec": kernel}}
    notebook |= {"nbformat": 4, "nbformat_minor": 5}
    path = tmp_path / "probe.ipynb"
    path.write_text(json.dumps(notebook))
    nbval = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=60"]
    command = [sys.executable, "-m", "pytest", *nbval, "-p", "no:cacheprovider", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert run.returncode == 0, run.stdout
    assert "1 passed" in run.stdout
