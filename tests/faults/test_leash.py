"""What the truth table starts ends with it, whatever ends the table."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.demo.stage import ROOT
from tests.devices.waiting import until

PARENT = """
import subprocess, threading
from tests.faults.stage import leashed
child = subprocess.Popen(leashed("-c", "import time; time.sleep(600)"))
print(child.pid, flush=True)
threading.Event().wait()
"""


def is_running(pid: int) -> bool:
    """Whether there is such a process that has not ended; a zombie that nobody has waited for has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_started_ends_with_whoever_started_it(number: signal.Signals) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.send_signal(number)
    parent.wait(10)
    parent.stdout.close()
    until(lambda: not is_running(child))
