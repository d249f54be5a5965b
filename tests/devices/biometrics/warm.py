"""Worker processes that the tests of this folder share: real ones, whose libraries are loaded once a kind.

Only what is not their subject is taken from these tests: loading the weights again, and looking at one picture until a
deadline that a slow machine may reach too early. A call that has seen so many pictures is told that its time is over.
"""

import atexit
from threading import Event
from typing import ClassVar

from kiosk.devices.biometrics.matcher import Matcher
from kiosk.devices.biometrics.process import LateError, Worker
from kiosk.devices.biometrics.wire import Sight
from kiosk.devices.contract import Picture

LOOKS = 3
"""After so many pictures without a verdict a call's time is over."""


class WarmWorker(Worker):
    """It outlives the call, for the next one; an exchange that fails ends it, since nobody knows what comes next."""

    _idle: ClassVar[dict[str, "WarmWorker"]] = {}

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self._kind = kind
        self._has_failed = False
        self.looks = 0
        atexit.register(self._end)

    @classmethod
    def take(cls, kind: str) -> "WarmWorker":
        """The one of this kind that waits, or a new one."""
        worker = cls._idle.pop(kind, None)
        if worker is None or worker._process.poll() is not None:
            worker = cls(kind)
        worker.looks = 0
        return worker

    def __exit__(self, *_: object) -> None:
        if self._has_failed:
            self._end()
        else:
            self._idle[self._kind] = self

    def look(self, picture: Picture, end: float, cancel: Event) -> Sight:
        if self.looks == LOOKS:
            raise LateError
        self.looks += 1
        return super().look(picture, end, cancel)

    def _ask(self, what: bytes, body: bytes, end: float, cancel: Event) -> Sight:
        self._has_failed = True
        sight = super()._ask(what, body, end, cancel)
        self._has_failed = False
        return sight

    def _end(self) -> None:
        atexit.unregister(self._end)
        super().__exit__()


def warmed(matcher: Matcher) -> Matcher:
    """The same matcher, with a worker that is ready."""
    matcher._worker = WarmWorker.take
    return matcher
