"""The face's one thread while every device fails in turn: no fault of any device may hold it over 50 ms."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.grace import LOST_S
from kiosk.demo.robot import Robot
from kiosk.demo.stage import ROOT, end_process
from kiosk.texts import Texts
from tests.e2e.conftest import Kiosk
from tests.faults import faults as of
from tests.faults.stage import a_kiosk, an_office, leashed, seed_office
from tests.faults.stalls import HELD_S
from tests.faults.table import Act, Fault
from tests.faults.watched_face import STALLS_FILE

pytestmark = pytest.mark.e2e

ROUNDS: list[list[Fault]] = [
    [of.DOC["media-empty"], of.CARD["ribbon-empty"], of.SLIPS["media-empty"], of.READERS["no-reader"]],
    [of.DOC["away"], of.CARD["away"], of.SLIPS["away"], of.READERS["service-away"], of.OFFICES["gone"]],
    [of.DOC["silent"], of.CARD["silent"], of.SLIPS["silent"], of.READERS["silent"], of.OFFICES["slow"]],
]
"""What strikes at once, the way a fuse or a switch takes several devices."""
SHOWN_S = LOST_S + 1.0
"""Until every page has said what there is to say of it."""
CALM_S = 2.0


@contextmanager
def a_face(kiosk: Kiosk, stalls: Path) -> Iterator[None]:
    command = [*leashed("-m"), "tests.faults.watched_face", "--socket", str(kiosk.run / "core.sock")]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", STALLS_FILE: str(stalls)}
    process = subprocess.Popen([*command, "--width", "1080", "--height", "1920"], cwd=ROOT, env=environment)
    try:
        yield
    finally:
        end_process(process)


def stalls_since(path: Path, begun: float) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["at"] >= begun]


def let_pass(seconds: float) -> None:
    threading.Event().wait(seconds)


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    seed_office(tmp_path / "seeded")
    with (
        an_office(tmp_path / "office", tmp_path / "seeded") as office,
        a_kiosk(tmp_path / "run", office, office_s=2, heartbeat_s=2) as one,
    ):
        yield one


def test_no_fault_of_any_device_holds_the_thread_of_the_face(kiosk: Kiosk, tmp_path: Path) -> None:
    stalls = tmp_path / "stalls.jsonl"
    with a_face(kiosk, stalls):
        robot = Robot(kiosk.run / "core.sock")
        robot.wait_page("attract")
        let_pass(CALM_S)

        def changes(go: Callable[[], object], seconds: float) -> list[float]:
            """How long the thread was held each time, while ``go`` happened and shortly after."""
            begun = time.monotonic()
            go()
            let_pass(seconds)
            return [row["held_ms"] for row in stalls_since(stalls, begun)]

        # The control run: the same pages are drawn anew for a touch, with every device well.
        control: list[float] = []
        for _ in range(4):
            control += changes(lambda: robot.press(Texts("id")("strip.contrast")), 0.6)
        drawing_ms = max([HELD_S * 1000, *control])
        for faults in ROUNDS:
            names = [f"{fault.device} {fault.name}" for fault in faults]
            for acts in ([fault.do for fault in faults], [fault.undo for fault in faults]):

                def strike(acts: list[Act] = acts) -> None:
                    for act in acts:
                        act(kiosk)

                held = changes(strike, SHOWN_S)
                assert all(ms <= drawing_ms for ms in held), f"{names}: {held}; drawing for a touch: {drawing_ms}"
        assert robot.see().name == "services", "nobody was thrown out"
        robot.close()


def test_the_watch_sees_a_thread_that_is_held(tmp_path: Path) -> None:
    """The detector itself: a turn of 120 ms is seen, and a calm loop is not."""
    stalls = tmp_path / "stalls.jsonl"
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from PySide6.QtCore import QCoreApplication, QTimer\n"
        "from tests.faults import watched_face as w\n"
        "w.SETTLE_S = 0.0\n"
        "app = QCoreApplication([])\n"
        f"watch = w.Watch(Path({str(stalls)!r}))\n"
        "QTimer.singleShot(300, lambda: time.sleep(0.12))\n"
        "QTimer.singleShot(700, app.quit)\n"
        "app.exec()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=60)
    held = [row["held_ms"] for row in stalls_since(stalls, 0.0)]
    assert any(100 <= ms <= 250 for ms in held), held
