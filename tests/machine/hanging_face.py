"""The face, whose main loop hangs for ever as soon as a file appears: what a watchdog is for."""

import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from kiosk.ui import window

SIGN = Path("/run/anjungan-face/hang")


class HangingFace(window.Face):
    def show(self) -> None:
        super().show()
        self._look = QTimer()
        self._look.timeout.connect(self._hang)
        self._look.start(50)

    def _hang(self) -> None:
        if SIGN.exists():
            SIGN.unlink()
            while True:
                pass


if __name__ == "__main__":
    from kiosk.ui.__main__ import main

    window.Face = HangingFace  # type: ignore[misc]
    sys.exit(main(sys.argv[1:]))
