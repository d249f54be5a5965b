"""A circuit breaker: after enough failures calls are refused at once, and one probe at a time looks whether it is over.

It serialises nothing: calls run side by side, and the lock is held only while an outcome is counted.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from kiosk.backend.contract import Reachability


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """When it opens and closes. Closing takes more than one success, so that a flapping line does not flicker."""

    window_s: float = 60
    window_size: int = 10
    failures_in_a_row: int = 3
    failure_share: float = 0.5
    least_calls: int = 6
    successes_to_close: int = 2
    first_wait_s: float = 2
    longest_wait_s: float = 30


class Breaker:
    """Ask ``allow`` before a call and tell ``succeed`` or ``fail`` after it. Safe from any thread."""

    def __init__(self, rules: BreakerRules | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._rules = rules or BreakerRules()
        self._clock = clock
        self._lock = threading.Lock()
        self._state = BreakerState.CLOSED
        self._outcomes: deque[tuple[float, bool]] = deque(maxlen=self._rules.window_size)
        self._has_heard = False
        self._is_probing = False
        self._successes = 0
        self._wait_s = self._rules.first_wait_s
        self._retry_at = 0.0
        self._listeners: list[Callable[[Reachability], None]] = []

    @property
    def state(self) -> BreakerState:
        with self._lock:
            return self._state

    def reachability(self) -> Reachability:
        with self._lock:
            return self._reachability()

    def listen(self, listener: Callable[[Reachability], None]) -> Callable[[], None]:
        """``listener`` is called on the thread of the call that changed the state, outside the lock."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    def allow(self) -> bool:
        """Whether a call may go out now. A true answer in half-open takes the one probe."""
        with self._lock:
            if self._state is BreakerState.CLOSED:
                return True
            if self._state is BreakerState.OPEN:
                if self._clock() < self._retry_at:
                    return False
                self._state = BreakerState.HALF_OPEN
                self._successes = 0
            if self._is_probing:
                return False
            self._is_probing = True
            return True

    def wait_s(self) -> float:
        """Seconds until a probe may go out; zero where calls may go out now."""
        with self._lock:
            return max(0.0, self._retry_at - self._clock()) if self._state is BreakerState.OPEN else 0.0

    def succeed(self) -> None:
        self._count(True)

    def fail(self) -> None:
        self._count(False)

    def give_back(self) -> None:
        """The call never went out, or its end says nothing about the office: free the probe."""
        with self._lock:
            self._is_probing = False

    def _count(self, is_success: bool) -> None:
        with self._lock:
            before = self._reachability()
            self._has_heard = True
            if self._state is BreakerState.CLOSED:
                self._count_closed(is_success)
            elif self._state is BreakerState.HALF_OPEN:
                self._is_probing = False
                self._count_half_open(is_success)
            # In OPEN this is a call that had left before it opened: it changes nothing.
            after = self._reachability()
            listeners = list(self._listeners) if after is not before else []
        for listener in listeners:
            listener(after)

    def _count_closed(self, is_success: bool) -> None:
        now = self._clock()
        self._outcomes.append((now, is_success))
        recent = [good for at, good in self._outcomes if now - at <= self._rules.window_s]
        last = recent[-self._rules.failures_in_a_row :]
        is_run = len(last) == self._rules.failures_in_a_row and not any(last)
        share = recent.count(False) / len(recent)
        if is_run or (len(recent) >= self._rules.least_calls and share >= self._rules.failure_share):
            self._wait_s = self._rules.first_wait_s
            self._open()

    def _count_half_open(self, is_success: bool) -> None:
        if not is_success:
            self._wait_s = min(self._wait_s * 2, self._rules.longest_wait_s)
            self._open()
            return
        self._successes += 1
        if self._successes >= self._rules.successes_to_close:
            self._state = BreakerState.CLOSED
            self._outcomes.clear()

    def _open(self) -> None:
        self._state = BreakerState.OPEN
        self._retry_at = self._clock() + self._wait_s

    def _reachability(self) -> Reachability:
        if not self._has_heard:
            return Reachability.UNKNOWN
        return Reachability.ONLINE if self._state is BreakerState.CLOSED else Reachability.OFFLINE
