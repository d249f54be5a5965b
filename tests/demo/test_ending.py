"""A demo that is told to end leaves nothing running, whenever that is."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.demo.stage import ROOT

pytestmark = pytest.mark.e2e


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a name short enough for Unix sockets below it."""
    folder = Path(tempfile.mkdtemp(prefix="d-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def living(session: int) -> list[str]:
    """The command lines of the processes in ``session`` that have not ended."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, UnicodeDecodeError):
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(command)
    return found


@pytest.mark.parametrize("moment", ["Menyiapkan", "Menyalakan perangkat", "Robot: cetak-kk"])
def test_sigterm_takes_down_all_that_the_demo_started(short: Path, moment: str) -> None:
    command = [sys.executable, "-m", "kiosk.cli", "demo", "--robot", "--people", "60", "--out", str(short / "out")]
    demo = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(short)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert demo.stdout is not None
        assert any(line.startswith(moment) for line in demo.stdout), f"{moment} was never said"
        assert len(living(demo.pid)) >= (5 if moment.startswith("Robot") else 1)
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(30) == 128 + signal.SIGTERM
        end = time.monotonic() + 5
        while (left := living(demo.pid)) and time.monotonic() < end:
            time.sleep(0.05)
        assert left == []
        assert list(short.glob("anjungan-*")) == []
    finally:
        if living(demo.pid):
            os.killpg(demo.pid, signal.SIGKILL)
        demo.wait()
