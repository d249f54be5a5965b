"""A camera and a finger sensor that are pictures in memory: in front of the real matchers, for tests."""

import threading
import time
from collections.abc import Callable, Sequence

from kiosk.devices.contract import Picture

FRAME_S = 0.02


class SightDouble:
    """Gives copies of its pictures over and over; one double for ``FrameSource`` and ``FingerSensor``."""

    def __init__(self, pictures: Sequence[Picture] = (), during: Callable[[int], None] = lambda number: None) -> None:
        self.pictures = list(pictures)
        self.is_on = True
        self.is_silent = False
        self.closed = 0
        self.taken: list[Picture] = []
        """What was given out: a matcher must have wiped each."""
        self._during = during
        self._lock = threading.Lock()

    def switch(self, is_on: bool) -> None:
        """Unplug or plug."""
        self.is_on = is_on

    def is_there(self) -> bool:
        return self.is_on

    def frame(self, deadline_s: float, cancel: threading.Event) -> Picture | None:
        """The next picture; none while it is off, silent or has none."""
        end = time.monotonic() + deadline_s
        while not cancel.is_set() and time.monotonic() < end and self.is_on:
            if self.pictures and not self.is_silent:
                with self._lock:
                    number = len(self.taken)
                    source = self.pictures[number % len(self.pictures)]
                    copy = Picture(source.width, source.height, source.channels, bytearray(source.pixels))
                    self.taken.append(copy)
                self._during(number)
                return copy
            cancel.wait(FRAME_S)
        return None

    capture = frame

    def close(self) -> None:
        """Counts how often the camera was switched off."""
        self.closed += 1
