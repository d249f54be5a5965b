"""The worker process of one comparison, seen from the kiosk: every exchange has a deadline, and an end in any case."""

import os
import selectors
import subprocess
import sys
import time
from contextlib import suppress
from threading import Event

from kiosk.devices.biometrics.wire import ANSWER, LOOK, PICTURE, READY, REFERENCE, REQUEST, Sight, unpacked
from kiosk.devices.contract.biometrics import Doubt, Picture

TICK_S = 0.05
"""How often a wait looks at its cancel."""

END_S = 2.0


class WorkerGoneError(Exception):
    """The worker crashed, was never there, or said what it must not."""


class LateError(Exception):
    """No answer by the deadline, or the call was cancelled."""


class Worker:
    """One process, one reference. Use as a context: leaving it kills the process and all it held."""

    def __init__(self, kind: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kiosk.devices.biometrics.worker", kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ}
            | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to = self._process.stdin
        self._from = self._process.stdout
        os.set_blocking(self._to.fileno(), False)
        os.set_blocking(self._from.fileno(), False)

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S)
        with suppress(OSError):
            self._to.close()
        self._from.close()

    @property
    def pid(self) -> int:
        """Of the process, for tests that measure or kill it."""
        return self._process.pid

    def wait_ready(self, end: float, cancel: Event) -> None:
        """Until libraries and weights are loaded. Raises LateError and WorkerGoneError, as all of these do."""
        self._ask(READY, b"", end, cancel)

    def reference(self, data: bytes, end: float, cancel: Event) -> Doubt:
        """Hand over the reference; what speaks against it. ``end`` is monotonic seconds."""
        return self._ask(REFERENCE, data, end, cancel).doubt

    def look(self, picture: Picture, end: float, cancel: Event) -> Sight:
        """Compare one picture. It is not wiped here."""
        head = PICTURE.pack(picture.width, picture.height, picture.channels)
        return self._ask(LOOK, head + bytes(picture.pixels), end, cancel)

    def _ask(self, what: bytes, body: bytes, end: float, cancel: Event) -> Sight:
        try:
            self._write(memoryview(REQUEST.pack(what, len(body)) + body), end, cancel)
            return unpacked(self._read(ANSWER.size, end, cancel))
        except (OSError, ValueError) as error:
            raise WorkerGoneError(type(error).__name__) from None

    def _write(self, data: memoryview, end: float, cancel: Event) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._to, selectors.EVENT_WRITE)
            while data:
                self._wait(ready, end, cancel)
                with suppress(BlockingIOError):
                    data = data[os.write(self._to.fileno(), data[:65_536]) :]

    def _read(self, count: int, end: float, cancel: Event) -> bytes:
        found = b""
        with selectors.DefaultSelector() as ready:
            ready.register(self._from, selectors.EVENT_READ)
            while len(found) < count:
                self._wait(ready, end, cancel)
                with suppress(BlockingIOError):
                    part = os.read(self._from.fileno(), count - len(found))
                    if not part:
                        raise WorkerGoneError("closed")
                    found += part
        return found

    @staticmethod
    def _wait(ready: selectors.BaseSelector, end: float, cancel: Event) -> None:
        while True:
            left = end - time.monotonic()
            if cancel.is_set() or left <= 0:
                raise LateError
            if ready.select(min(TICK_S, left)):
                return
