"""The pump of the outbox: one thread that tells the office what it has not yet heard.

Full-jitter back-off per message, order kept per subject. What the office refuses for good is set aside at once, with
its reason and an alarm, so that it cannot stand in the way of the rest; it stays in the store for staff, who can send
it again. While nobody answers nothing is written: weeks without a network cost the disk nothing.
"""

import random
import time
from collections.abc import Callable

from kiosk.backend.contract import Office, RefusedForGoodError
from kiosk.core.office_worker import OfficeWorker
from kiosk.errors import BackendError, ErrorCode
from kiosk.events import LogEvent, log
from kiosk.store.outbox import OutboxRow, OutboxStore

BASE_S = 1.0
CAP_S = 300.0
AWAY_CAP_S = 1_800.0
"""While nobody is there: the office client looks by itself, and its return wakes the pump at once."""
REFUSALS_UNTIL_ASIDE = 5
IDLE_S = 30.0

_RANDOM = random.SystemRandom()

_AWAY = frozenset(
    {
        ErrorCode.OFFICE_OFFLINE,
        ErrorCode.OFFICE_SLOW,
        ErrorCode.OFFICE_UNTRUSTED,
        ErrorCode.OFFICE_BAD_ANSWER,
        ErrorCode.OFFICE_REFUSED,
        ErrorCode.OFFICE_THROTTLED,
    }
)
"""Not this message's fault: nobody or somebody else is there, or the office refuses this kiosk as a whole."""
_REFUSALS = frozenset({ErrorCode.OFFICE_TOO_LARGE, ErrorCode.INTERNAL})
FOLD_S = 6 * 3600.0
"""How often it is looked whether something waits too long."""


class OutboxPump(OfficeWorker):
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
        super().__init__("outbox", office, IDLE_S)
        self._rows = rows
        self._on_poison = on_poison
        self._now = now
        self._jitter = jitter
        self._misses = 0
        self._later: dict[int, float] = {}
        """When rows that found nobody are tried again; only in memory, and void as soon as the office is back."""
        self._folded_at = float("-inf")

    def deliver_due(self) -> float:
        """Try every row that is due, on the caller's thread; seconds until another try. Raises StoreError."""
        self._fold()
        blocked: set[str] = set()
        now = self._now()
        soonest = now + IDLE_S
        after = 0
        while rows := self._rows.batch(after):
            for row in rows:
                if self._stopping.is_set():
                    return 0.0
                after = row.id
                if row.subject in blocked:
                    continue
                due_at = self._later.get(row.id, row.next_at)
                # A moment further off than the longest back-off was written by a clock that has since been set back.
                if now < due_at <= now + AWAY_CAP_S:
                    blocked.add(row.subject)
                    soonest = min(soonest, due_at)
                    continue
                code = self._deliver(row)
                if code in _AWAY:
                    # The other rows would only wait in vain, one deadline after the other. The next time it is
                    # another's turn: should this very message be what the office can't bear, it stops nobody else.
                    self._misses += 1
                    wait = self._back_off(self._misses, AWAY_CAP_S)
                    self._later[row.id] = self._now() + wait
                    return wait
                self._misses = 0
                if code is not None:
                    blocked.add(row.subject)
                    soonest = min(soonest, self._later.get(row.id, soonest))
        # A list first: ``tell`` may take one out meanwhile, on another thread.
        self._later = {row: at for row, at in list(self._later.items()) if at > now}
        return max(0.0, soonest - now)

    def refused(self) -> int:
        """Messages that the office refused for good and that wait for staff. Raises StoreError."""
        return len(self._rows.set_aside_rows())

    def send_again(self) -> int:
        """Put all of them back into the queue, after the cause was cured; how many they were. Raises StoreError."""
        count = self._rows.take_all_back(self._now())
        self._wake.set()
        return count

    def tell(self, subject: str) -> None:
        """Deliver what waits of one subject now, on the caller's thread, as far as it goes. Raises StoreError.

        The pump's own thread may be at the same row: the key makes two of them one at the office.
        """
        for row in self._rows.of(subject):
            if self._deliver(row) is not None:
                return

    def _deliver(self, row: OutboxRow) -> ErrorCode | None:
        """Why the row still stands in front of its subject; None when it is out of the way."""
        try:
            self._office.post(row.kind, row.body, row.key)
        except RefusedForGoodError as error:
            self._set_aside(row, error.code, error.detail)
            return None
        except BackendError as error:
            code, detail = error.code, error.detail
        except Exception as error:  # noqa: BLE001 - a fault of the program must not end the pump
            log(LogEvent.BUG, where="outbox")
            code, detail = ErrorCode.INTERNAL, type(error).__name__
        else:
            self._rows.delivered(row)
            self._later.pop(row.id, None)
            return None
        if code in _AWAY:
            return code
        was_refused = code in _REFUSALS
        if was_refused and row.refusals + 1 >= REFUSALS_UNTIL_ASIDE:
            self._set_aside(row, code, detail)
            return None
        next_at = self._now() + self._back_off(row.attempts)
        self._rows.postpone(row, next_at, was_refused=was_refused)
        self._later[row.id] = next_at
        return code

    def _set_aside(self, row: OutboxRow, code: ErrorCode, detail: str) -> None:
        self._rows.set_aside(row, self._now(), f"{code}: {detail}"[:200])
        log(LogEvent.OUTBOX_POISONED, code=code, name=row.kind, count=row.attempts + 1)
        self._later.pop(row.id, None)
        self._on_poison(row)

    def _fold(self) -> None:
        now = self._now()
        if abs(now - self._folded_at) < FOLD_S:
            return
        self._folded_at = now
        went = self._rows.fold(now)
        if went:
            log(LogEvent.OUTBOX_FOLDED, count=went)

    def _back_off(self, attempts: int, cap_s: float = CAP_S) -> float:
        return self._jitter(0.0, min(cap_s, BASE_S * 2.0 ** min(attempts, 20)))

    def _round(self) -> float:
        return self.deliver_due()

    def _office_is_back(self) -> None:
        self._later.clear()
        self._rows.make_due(self._now() + self._jitter(0.0, BASE_S))
