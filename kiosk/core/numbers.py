"""Keeps queue numbers ahead: asks the office for more before they run out, and gives back what nobody will take.

One thread. While the office is away it only looks; what was leased is given out as before. A request that was not
answered stands on the disk and is asked again under its key, so that no range is leased twice for one request.
"""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from kiosk import api
from kiosk.backend.contract import Office, Reachability
from kiosk.errors import BackendError, ErrorCode, StoreError
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

_AWAY = frozenset(
    {
        ErrorCode.OFFICE_OFFLINE,
        ErrorCode.OFFICE_SLOW,
        ErrorCode.OFFICE_UNTRUSTED,
        ErrorCode.OFFICE_BAD_ANSWER,
        ErrorCode.OFFICE_FAULT,
    }
)
"""Nobody answered, or somebody else: the same request is asked again."""


class NumberKeeper:
    """``tell`` gets how many numbers of each queue are left whenever that changes, on whichever thread changed it."""

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
        self._numbers = numbers
        self._office = office
        self._table = table
        self._on_message = on_message
        self._now = now
        self._clock = clock
        self._wall, self._steady = now(), clock()
        self._clock_lock = threading.Lock()
        self._later: dict[str, float] = {}
        self._told: Mapping[str, int] | None = None
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._unlisten: Callable[[], None] = lambda: None
        self.tell = tell
        self.troubles: dict[str, str] = {}
        """Why there are no more numbers of a queue, for staff; gone with the next lease."""

    def start(self) -> None:
        """Begin to keep. A second call does nothing."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="numbers", daemon=True)
            self._thread.start()
            self._unlisten = self._office.listen(self._office_moved)

    def stop(self) -> None:
        """End the thread. Numbers stay leased: the next start goes on with them. Idempotent."""
        unlisten, self._unlisten = self._unlisten, lambda: None
        unlisten()
        self._stopping.set()
        self._wake.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(3)

    def wake(self) -> None:
        """There may be something to do. From any thread; never blocks."""
        self._wake.set()

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
        self._say_left()
        if self.left().get(queue, 0) <= self._table.low:
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
        left = self.left()
        self._say_left()
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
            if error.code in _AWAY:
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

    def _say_left(self) -> None:
        left = self.left()
        if left != self._told:
            self._told = left
            self.tell(left)

    def _watch_clock(self) -> None:
        with self._clock_lock:
            wall, steady = self._now(), self._clock()
            jump = (wall - self._wall) - (steady - self._steady)
            self._wall, self._steady = wall, steady
        if abs(jump) > JUMP_S:
            self._numbers.clock_jumped(jump)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                wait = self.look()
            except StoreError as error:
                log(LogEvent.STORE_REFUSED, code=error.code, name="numbers")
                wait = LOOK_S
            except Exception as error:  # noqa: BLE001 - a fault of the program must not end the keeper
                log(LogEvent.BUG, error=type(error).__name__, where="numbers")
                wait = LOOK_S
            if not self._stopping.is_set():
                # Not quite zero: a clock that stands still must not make this a busy loop.
                self._wake.wait(max(wait, 0.05))

    def _office_moved(self, reachability: Reachability) -> None:
        if reachability is Reachability.ONLINE:
            self._later.clear()
            self._wake.set()
