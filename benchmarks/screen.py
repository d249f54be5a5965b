"""One virtual X screen: real presses in by XTEST, pixels of the root window out. The same for both peers."""

import os
import random
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from Xlib import X
from Xlib import display as xdisplay
from Xlib.ext import xtest

POLL_S = 0.0003
"""Pause between two looks at the screen: the resolution of every figure, the same for both peers."""

WIDTH, HEIGHT = 1080, 1920


@dataclass(frozen=True)
class Zone:
    """A rectangle of the screen, pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2

    def band(self, top: int, height: int) -> "Zone":
        """A slice ``height`` high that begins ``top`` below the upper edge, inside the screen."""
        left, right = max(0, self.x), min(WIDTH, self.x + self.width)
        return Zone(left, self.y + top, max(1, right - left), height)


class NeverChangedError(Exception):
    """What was waited for did not come on the screen."""


class Screen:
    """Xvfb with a window manager, and a connection of the harness. Close it."""

    def __init__(self, log: Path) -> None:
        reader, writer = os.pipe()
        geometry = ["-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp", "-noreset"]
        with log.open("ab") as out:
            self._server = subprocess.Popen(
                ["Xvfb", "-displayfd", str(writer), *geometry], pass_fds=(writer,), stdout=out, stderr=out
            )
            os.close(writer)
            with os.fdopen(reader) as pipe:
                self.name = f":{pipe.readline().strip()}"
            self._manager = subprocess.Popen(
                ["openbox", "--sm-disable"], env={**os.environ, "DISPLAY": self.name}, stdout=out, stderr=out
            )
        self._display = xdisplay.Display(self.name)
        self._root = self._display.screen().root
        self._wait_manager()

    def _wait_manager(self) -> None:
        atom = self._display.intern_atom("_NET_SUPPORTING_WM_CHECK")
        end = time.monotonic() + 10
        while self._root.get_full_property(atom, X.AnyPropertyType) is None:
            if time.monotonic() > end:
                raise NeverChangedError("no window manager")
            time.sleep(0.02)

    def close(self) -> None:
        self._display.close()
        for process in (self._manager, self._server):
            process.terminate()
            process.wait(10)

    def look(self, zone: Zone) -> bytes:
        """The zone's green channel, one byte a pixel."""
        image = self._root.get_image(zone.x, zone.y, zone.width, zone.height, X.ZPixmap, 0xFFFFFFFF)
        return bytes(image.data[1::4])

    def colours(self) -> bytes:
        """The whole screen, BGRX."""
        return bytes(self._root.get_image(0, 0, WIDTH, HEIGHT, X.ZPixmap, 0xFFFFFFFF).data)

    def point(self, at: tuple[int, int]) -> None:
        """Put the pointer somewhere, without pressing."""
        xtest.fake_input(self._display, X.MotionNotify, x=at[0], y=at[1])
        self._display.sync()

    def press(self) -> float:
        """Button down where the pointer is; the moment just before, seconds."""
        return self._button(X.ButtonPress)

    def release(self) -> float:
        """Button up; the moment just before, seconds."""
        return self._button(X.ButtonRelease)

    def _button(self, kind: int) -> float:
        at = time.perf_counter()
        xtest.fake_input(self._display, kind, 1)
        self._display.flush()
        return at

    def tap(self, at: tuple[int, int], hold_s: float | None = None) -> float:
        """Press and release as a finger does; the moment of the release, which is when both peers act."""
        self.point(at)
        time.sleep(0.02)
        self.press()
        time.sleep(random.uniform(0.03, 0.06) if hold_s is None else hold_s)
        return self.release()

    def wait(self, zone: Zone, is_there: Callable[[bytes], bool], timeout_s: float = 5.0) -> float:
        """The moment when the zone first looked as wanted. Raises NeverChangedError."""
        end = time.perf_counter() + timeout_s
        while True:
            seen = self.look(zone)
            now = time.perf_counter()
            if is_there(seen):
                return now
            if now > end:
                raise NeverChangedError(f"{zone}")
            time.sleep(POLL_S)

    def settle(self, zone: Zone, still_s: float = 0.25, timeout_s: float = 5.0) -> bytes:
        """What the zone shows once it has not changed for ``still_s``."""
        end = time.perf_counter() + timeout_s
        last, since = self.look(zone), time.perf_counter()
        while time.perf_counter() - since < still_s:
            time.sleep(0.01)
            seen = self.look(zone)
            if seen != last:
                last, since = seen, time.perf_counter()
            if time.perf_counter() > end:
                raise NeverChangedError(f"{zone} never came to rest")
        return last


class Ink:
    """How much is written in a zone: pixels that stand out from its ground."""

    def __init__(self, settled: bytes) -> None:
        self.settled = settled
        ground = max(range(256), key=settled.count)
        self._table = bytes(int(abs(value - ground) > 64) for value in range(256))
        self.amount = self.count(settled)

    def count(self, seen: bytes) -> int:
        return seen.translate(self._table).count(1)

    def is_written(self, seen: bytes, share: float = 0.6) -> bool:
        """At least ``share`` of what the settled zone holds."""
        return self.count(seen) >= share * self.amount
