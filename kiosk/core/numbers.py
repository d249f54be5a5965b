"""Keeps queue numbers ahead: asks the office for more before they run out, and gives back what nobody will take.

One thread. While the office is away it only looks; what was leased is given out as before. A request that was not
answered stands on the disk and is asked again under its key, so that no range is leased twice for one request.
"""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from kiosk import api
from kiosk.backend.contract import OUTAGES, Office, Reachability
from kiosk.core.office_worker import OfficeWorker
from kiosk.errors import BackendError
from kiosk.events import LogEvent, log
from kiosk.settings import TicketsTable
from kiosk.store.numbers import Given, LeaseRefusedError, NoNumberError, Numbers

LOOK_S = 20.0
"""How often it is looked whether a day is over; a number that is taken, and an office that is back, wake it at once."""
AGAIN_S = 15.0
"""After nobody answered; an office that comes back is asked at once."""
REFUSED_S = 600.0
"""After the office refused, or leased what can't be right."""
JUMP_S = 5.0
"""The wall clock and the steady one drift apart so much only when somebody sets the first."""
AT_ONCE = 10
"""Requests in a row for one queue at most: an office that leases one number at a time is asked again later."""


class NumberKeeper(OfficeWorker):
    """Stopped, numbers stay leased: the next start goes on with them.

    ``tell`` gets how many numbers of each queue are left whenever that changes, on whichever thread changed it.
    """

    def __init__(
        self,
        numbers: Numbers,
        office: Office,
        table: TicketsTable,
        *,
        tell: Callable[[Mapping[str, int]], None] = lambda left: None,
        on_message: Callable[[], None] = lambda: None,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__("numbers", office, LOOK_S)
        self._numbers = numbers
        self._table = table
        self._on_message = on_message
        self._now = now
        self._clock = clock
        self._wall, self._steady = now(), clock()
        self._clock_lock = threading.Lock()
        self._later: dict[str, float] = {}
        self._told: Mapping[str, int] | None = None
        self.tell = tell
        self.troubles: dict[str, str] = {}
        """Why there are no more numbers of a queue, for staff; gone with the next lease."""

    def take(self, queue: str) -> Given:
        """The next number of a queue, given for good. Raises NoNumberError and StoreError."""
        self._watch_clock()
        try:
            given = self._numbers.take(queue, self._now())
        except NoNumberError:
            self._later.pop(queue, None)
            self._say_left()
            self._wake.set()
            raise
        self._on_message()
        if self._say_left().get(queue, 0) <= self._table.low:
            self._wake.set()
        return given

    def left(self) -> dict[str, int]:
        """Numbers that can be given now; 0 for a queue of the settings that has none. Raises StoreError."""
        found = self._numbers.left(self._now())
        return {queue: found.get(queue, 0) for queue in self._table.queues}

    def office_said(self, at: datetime) -> None:
        """What the office's clock shows now. Raises StoreError."""
        self._numbers.office_said(at, self._now())

    def look(self) -> float:
        """One round on the caller's thread; seconds until the next. Raises StoreError."""
        self._watch_clock()
        now = self._now()
        self._numbers.end_days(now)
        returned = self._numbers.hand_back(now, keep=tuple(self._table.queues))
        if returned:
            log(LogEvent.NUMBERS_RETURNED, count=returned)
            self._on_message()
        wait = LOOK_S
        left = self._say_left()
        for queue in self._table.queues:
            if left[queue] <= self._table.low:
                wait = min(wait, self._fill(queue))
        self._say_left()
        return wait

    # --- inside

    def _fill(self, queue: str) -> float:
        """Ask until there are enough; seconds until it is worth asking again."""
        for _ in range(AT_ONCE):
            wait = self._later.get(queue, 0.0) - self._clock()
            if wait > 0:
                return wait
            if self._stopping.is_set() or self._office.reachability() is Reachability.OFFLINE:
                return LOOK_S
            if not self._asked(queue) or self.left()[queue] > self._table.low:
                break
        return LOOK_S

    def _asked(self, queue: str) -> bool:
        """Ask once; whether asking again at once makes sense."""
        ask = self._numbers.ask(queue, self._table.count)
        try:
            lease = self._office.lease(api.LeaseRequest(queue=queue, count=ask.count), ask.key)
            if self._numbers.keep(ask, lease, self._now()):
                log(LogEvent.NUMBERS_LEASED, name=queue, count=lease.last - lease.first + 1)
        except LeaseRefusedError as error:
            self._refused(queue, "", str(error))
            return False
        except BackendError as error:
            if error.code in OUTAGES:
                # Nobody answered, or somebody else: the same request is asked again.
                self._later[queue] = self._clock() + AGAIN_S
            else:
                self._refused(queue, error.code, error.detail)
            return False
        self.troubles.pop(queue, None)
        return True

    def _refused(self, queue: str, code: str, detail: str) -> None:
        self._later[queue] = self._clock() + REFUSED_S
        if self.troubles.get(queue) != detail:
            self.troubles[queue] = detail
            log(LogEvent.NUMBERS_REFUSED, name=queue, code=code, detail=detail[:200])

    def _say_left(self) -> dict[str, int]:
        left = self.left()
        if left != self._told:
            self._told = left
            self.tell(left)
        return left

    def _watch_clock(self) -> None:
        with self._clock_lock:
            wall, steady = self._now(), self._clock()
            jump = (wall - self._wall) - (steady - self._steady)
            self._wall, self._steady = wall, steady
        if abs(jump) > JUMP_S:
            self._numbers.clock_jumped(jump)

    def _round(self) -> float:
        return self.look()

    def _office_is_back(self) -> None:
        self._later.clear()
