"""A camera for faces: the same "give me a grey frame" as the scanner's, opened for a comparison and closed after it."""

import time
from pathlib import Path
from threading import Event

from kiosk.devices.contract.biometrics import Picture
from kiosk.devices.scan.frames import FrameError, frame_source

STEP_S = 0.1
"""How often a wait for a frame looks at its cancel."""


class PipedCamera:
    """``FrameSource`` over ``pipe:PATH`` or ``folder:PATH``. Raises ValueError for another address.

    A pipe of its own, not the scanner's: two readers of one pipe would tear each other's frames.
    """

    def __init__(self, address: str) -> None:
        self._source = frame_source(address)
        self._path = Path(address.partition(":")[2])

    def is_there(self) -> bool:
        """Whether the pipe or the folder exists."""
        return self._path.exists()

    def frame(self, deadline_s: float, cancel: Event) -> Picture | None:
        """The next frame; None where none came."""
        end = time.monotonic() + deadline_s
        while not cancel.is_set() and (now := time.monotonic()) < end:
            try:
                frame = self._source.frame(min(end, now + STEP_S))
            except FrameError:
                return None
            if frame is not None:
                return Picture(frame.width, frame.height, 1, bytearray(frame.pixels))
        return None

    def close(self) -> None:
        """Let go of the pipe: whoever writes into it stops, so the camera is off between comparisons."""
        self._source.close()
