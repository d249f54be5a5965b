"""The state of one device: what ``status()`` returns, who listens, and how flapping is damped."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from threading import RLock
from typing import TypeVar

from kiosk.devices.contract import Band, DeviceKind, Reason, Status, StatusListener
from kiosk.devices.reasons import band_of, severity, worst_first
from kiosk.events import LogEvent, log

T = TypeVar("T")

Clock = Callable[[], float]
"""Monotonic seconds."""

FLAP_CHANGES = 6
FLAP_WINDOW_S = 10.0
CALM_S = 2.0
MAX_DETAIL = 300


def tell_each(kind: DeviceKind, listeners: Iterable[Callable[[T], None]], news: T) -> None:
    """Call every listener. One that raises is logged, and takes neither the others nor the device with it."""
    for listener in tuple(listeners):
        try:
            listener(news)
        except Exception as error:  # noqa: BLE001 (a listener's fault is not the device's)
            log(LogEvent.DEVICE_CRASHED, device=kind.value, error=f"listener: {type(error).__name__}")


def one_line(said: str, most: int = MAX_DETAIL) -> str:
    """What a device said, as it may be shown, logged and sent: bounded, and what does not print is a ``?``."""
    said = said[:most]
    return said if said.isprintable() else "".join(char if char.isprintable() else "?" for char in said)


class StatusBoard:
    """Holds one device's status. Thread-safe; listeners are called on the thread that reports.

    A change for the worse counts at once. After ``FLAP_CHANGES`` changes within ``FLAP_WINDOW_S`` a change for the
    better counts only when nothing as bad was seen for ``CALM_S``: a loose cable greys a tile once, not ten times a
    minute. The adapter goes on reporting from its poll loop, and that is what lets the better state through.
    """

    def __init__(self, kind: DeviceKind, clock: Clock = time.monotonic) -> None:
        self._kind = kind
        self._clock = clock
        self._lock = RLock()
        self._listeners: list[StatusListener] = []
        self._changes: deque[float] = deque(maxlen=FLAP_CHANGES)
        self._seen: tuple[Band, tuple[Reason, ...]] | None = None
        self._is_flapping = False
        self._bad_at = clock()
        self._status = Status(kind, Band.UNKNOWN, (Reason.STARTING,), clock())

    @property
    def kind(self) -> DeviceKind:
        """Whose state this is."""
        return self._kind

    def status(self) -> Status:
        """The last word; never blocks."""
        return self._status

    def listen(self, listener: StatusListener) -> Callable[[], None]:
        """Call ``listener`` at once and on each change; the result ends it."""
        with self._lock:
            self._listeners.append(listener)
            tell_each(self._kind, (listener,), self._status)

        def end() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end

    def report(self, reasons: Iterable[Reason], detail: str = "", band: Band | None = None) -> Status:
        """Tell what was seen; ``band`` only where the reasons alone don't say it. Returns it undamped: an operation
        that has just asked its device acts on the answer, not on what the tiles still show."""
        ordered = worst_first(reasons)
        found = band if band is not None else band_of(ordered)
        detail = one_line(detail)
        with self._lock:
            now = self._clock()
            self._note(found, ordered, now)
            if (found, ordered) == (self._status.band, self._status.reasons):
                if detail != self._status.detail:
                    self._status = Status(self._kind, found, ordered, self._status.since, detail)
                return self._status
            seen = Status(self._kind, found, ordered, now, detail)
            if not self._is_held_back(found, now):
                self._status = seen
                tell_each(self._kind, self._listeners, seen)
            return seen

    def _note(self, found: Band, ordered: tuple[Reason, ...], now: float) -> None:
        """Remember when it was last as bad as what is shown, and whether what is seen changes all the time."""
        if severity(found) >= severity(self._status.band):
            self._bad_at = now
        if self._seen == (found, ordered):
            return
        self._seen = found, ordered
        self._changes.append(now)
        self._is_flapping = len(self._changes) == FLAP_CHANGES and now - self._changes[0] < FLAP_WINDOW_S

    def _is_held_back(self, found: Band, now: float) -> bool:
        """Whether a better state must still prove itself."""
        is_better = severity(found) < severity(self._status.band) and self._status.reasons != (Reason.STARTING,)
        return is_better and self._is_flapping and now - self._bad_at < CALM_S
