"""Cold start: from the spawn of the command to the first painted page, both on one screen, in pairs."""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.figures import Metric, paired_ratio
from benchmarks.processes import start, stop
from benchmarks.rivals import Chromium, Ours
from benchmarks.staging import Staging

PAIRS = 8
PAUSE_S = 0.5
TARGET = 0.5


def measure(ours: Ours, peer: Chromium, staging: Staging) -> list[Metric]:
    """``kiosk run`` (supervisor, face and core) beside ``chromium --kiosk``."""
    for rival in (ours, peer):
        if not rival.places:
            rival.learn()
    mine: list[float] = []
    other: list[float] = []
    # The first pair warms the page cache and the profile and is not counted.
    for number in range(PAIRS + 1):
        pair = [_start_ours, _start_peer] if number % 2 else [_start_peer, _start_ours]
        found = {start_one: start_one(ours, peer, staging) for start_one in pair}
        if number:
            mine.append(found[_start_ours])
            other.append(found[_start_peer])
    return [
        Metric(
            "cold_start",
            "ms",
            median(mine),
            PAIRS,
            median(other),
            paired_ratio(mine, other),
            TARGET,
            ours_range=(min(mine), max(mine)),
            peer_range=(min(other), max(other)),
            more={"command": "kiosk run --config kiosk.toml"},
        )
    ]


def _blank(ours: Ours) -> None:
    """Nothing of the last start is on the screen any more."""
    time.sleep(PAUSE_S)
    place = ours.places["starting"]
    first = ours.screen.look(place.title)
    assert len(set(first)) <= 2, "the screen is not empty"


def _start_ours(ours: Ours, _peer: Chromium, staging: Staging) -> float:
    _blank(ours)
    run = Path(tempfile.mkdtemp(prefix="anjungan-bench-"))
    command = [str(Path(sys.executable).with_name("kiosk")), "run"]
    command += ["--config", str(staging.config(run)), "--run-dir", str(run)]
    began = time.perf_counter()
    process: subprocess.Popen[bytes] = start(command, ours.workshop.log, {"DISPLAY": ours.screen.name})
    try:
        return (ours.wait_page("starting") - began) * 1000
    finally:
        stop(process)
        shutil.rmtree(run, ignore_errors=True)


def _start_peer(_ours: Ours, peer: Chromium, _staging: Staging) -> float:
    _blank(_ours)
    began = time.perf_counter()
    peer.open("starting")
    try:
        return (peer.wait_page("starting") - began) * 1000
    finally:
        # Chromium writes its profile a moment after the first page; ending it before would cost the next start.
        time.sleep(1.0)
        peer.close()
