"""The pump of the outbox: one thread that tells the office what it has not yet heard.

Full-jitter back-off per message, order kept per subject. What the office refuses again and again is set aside with an
alarm, so that it cannot stand in the way of the rest; it stays in the store for staff.
"""

import random
import threading
import time
from collections.abc import Callable

from kiosk.backend.contract import Office, Reachability
from kiosk.errors import BackendError, ErrorCode, StoreError
from kiosk.events import LogEvent, log
from kiosk.store.outbox import OutboxRow, OutboxStore

BASE_S = 1.0
CAP_S = 300.0
REFUSALS_UNTIL_ASIDE = 5
IDLE_S = 30.0

_RANDOM = random.SystemRandom()

_AWAY = frozenset({ErrorCode.OFFICE_OFFLINE, ErrorCode.OFFICE_SLOW, ErrorCode.OFFICE_UNTRUSTED})
_REFUSALS = frozenset({ErrorCode.OFFICE_REFUSED, ErrorCode.OFFICE_TOO_LARGE})


class OutboxPump:
    """Delivers rows through ``office.post``. ``on_poison`` is called on the pump's thread, and must return at once."""

    def __init__(
        self,
        rows: OutboxStore,
        office: Office,
        *,
        on_poison: Callable[[OutboxRow], None] = lambda _row: None,
        now: Callable[[], float] = time.time,
        jitter: Callable[[float, float], float] = _RANDOM.uniform,
    ) -> None:
        self._rows = rows
        self._office = office
        self._on_poison = on_poison
        self._now = now
        self._jitter = jitter
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._is_back = threading.Event()
        self._misses = 0
        self._thread: threading.Thread | None = None
        self._unlisten: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to deliver. A second call does nothing."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
            self._thread.start()
            self._unlisten = self._office.listen(self._on_reachability)

    def stop(self) -> None:
        """End the thread; a call under way is not waited for longer than 3 s: its message stays. Idempotent."""
        unlisten, self._unlisten = self._unlisten, lambda: None
        unlisten()
        self._stopping.set()
        self._wake.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(3)

    def wake(self) -> None:
        """There is a new row. From any thread; never blocks."""
        self._wake.set()

    def deliver_due(self) -> float:
        """Try every row that is due, on the caller's thread; seconds until another try. Raises StoreError."""
        blocked: set[str] = set()
        while not self._stopping.is_set():
            now = self._now()
            heads = [row for row in self._rows.heads() if row.subject not in blocked]
            # A moment further off than the longest back-off was written by a clock that has since been set back.
            due = [row for row in heads if row.next_at <= now or row.next_at > now + CAP_S]
            if not due:
                return max(0.0, min((row.next_at - now for row in heads), default=IDLE_S))
            for row in due:
                code = self._deliver(row)
                if code in _AWAY:
                    # Nobody is there: the other rows would only wait in vain, one deadline after the other.
                    self._misses += 1
                    return self._back_off(self._misses)
                self._misses = 0
                if code is not None:
                    blocked.add(row.subject)
        return IDLE_S

    def _deliver(self, row: OutboxRow) -> ErrorCode | None:
        """Why the row still stands in front of its subject; None when it is out of the way."""
        try:
            self._office.post(row.kind, row.body, row.key)
        except BackendError as error:
            code = error.code
        except Exception:  # noqa: BLE001 - a fault of the program must not end the pump
            log(LogEvent.BUG, where="outbox")
            code = ErrorCode.OFFICE_REFUSED
        else:
            self._rows.delivered(row)
            return None
        was_refused = code in _REFUSALS
        if was_refused and row.refusals + 1 >= REFUSALS_UNTIL_ASIDE:
            self._rows.set_aside(row, self._now())
            log(LogEvent.OUTBOX_POISONED, code=code, name=row.kind, count=row.attempts + 1)
            self._on_poison(row)
            return None
        self._rows.postpone(row, self._now() + self._back_off(row.attempts), was_refused=was_refused)
        return code

    def _back_off(self, attempts: int) -> float:
        return self._jitter(0.0, min(CAP_S, BASE_S * 2.0 ** min(attempts, 20)))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                if self._is_back.is_set():
                    self._is_back.clear()
                    self._rows.make_due(self._now() + self._jitter(0.0, BASE_S))
                wait = self.deliver_due()
            except StoreError as error:
                log(LogEvent.PRINT_NOT_JOURNALED, code=error.code, where="outbox")
                wait = IDLE_S
            if not self._stopping.is_set():
                # Not quite zero: a clock that stands still must not make this a busy loop.
                self._wake.wait(min(max(wait, 0.05), CAP_S))

    def _on_reachability(self, reachability: Reachability) -> None:
        if reachability is Reachability.ONLINE:
            self._is_back.set()
            self._wake.set()
