"""``python -m tests.faults.watched_face``: the face as it is, with a timer of 5 ms on its GUI thread.

Whenever a turn of the event loop took longer than ``HELD_S``, one line stands in the file that ``STALLS_FILE`` names:
when, and for how long. What the machine gave to other processes meanwhile does not count.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from kiosk.ui import __main__ as ui
from kiosk.ui import window
from tests.faults.stalls import HELD_S, in_line_s

STALLS_FILE = "ANJUNGAN_STALLS"
TICK_S = 0.005
SETTLE_S = 1.0
"""From the first frame on everything counts but the first second, in which the pages are built."""


class Watch(QObject):
    """Lives on the GUI thread; measures from one tick to the next."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._thread = threading.get_native_id()
        self._from = time.monotonic() + SETTLE_S
        self._at = time.monotonic()
        self._in_line = in_line_s(self._thread)
        self._timer = QTimer(self)
        self._timer.setInterval(round(TICK_S * 1000))
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now, in_line = time.monotonic(), in_line_s(self._thread)
        wall = now - self._at
        held = wall - TICK_S - (in_line - self._in_line)
        if held > HELD_S and now > self._from:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(
                    json.dumps({"at": now, "held_ms": round(held * 1000, 1), "wall_ms": round(wall * 1000)}) + "\n"
                )
        self._at, self._in_line = time.monotonic(), in_line_s(self._thread)


def watch() -> None:
    """Let the face start the watch when it starts itself."""
    start = window.Face.start
    kept: list[Watch] = []

    def started(self: window.Face) -> None:
        start(self)
        kept.append(Watch(Path(os.environ[STALLS_FILE])))

    window.Face.start = started  # type: ignore[method-assign]


if __name__ == "__main__":
    watch()
    sys.exit(ui.main())
