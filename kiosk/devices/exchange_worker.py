"""A thread that makes blocking calls for others, so that a call without a time-out of its own gets a deadline."""

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class StuckError(Exception):
    """The call did not come back in time, or an earlier one still has not."""


class ExchangeWorker:
    """Runs one call at a time. After a time-out the stuck thread is left behind and at most one more takes its place.

    A stuck call can't be ended from outside; what it held is released by ``after`` on its own thread when it returns.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._calls: queue.SimpleQueue[Callable[[], None] | None] | None = None
        self._left_behind = 0

    @property
    def left_behind(self) -> int:
        """Calls that have not come back: each holds a thread until it does."""
        return self._left_behind

    def run(self, call: Callable[[], T], deadline_s: float, after: Callable[[T | None], None] | None = None) -> T:
        """The call's result, or what it raised, or StuckError. ``after`` runs when a late call ends after all."""
        done = threading.Event()
        outcome: list[T] = []
        failure: list[BaseException] = []
        is_late = [False]
        gate = threading.Lock()

        def carry_out() -> None:
            try:
                outcome.append(call())
            except BaseException as error:  # noqa: BLE001 (handed to the caller's thread whatever it is)
                failure.append(error)
            with gate:
                done.set()
                if not is_late[0]:
                    return
            with self._lock:
                self._left_behind -= 1
            if after is not None:
                after(outcome[0] if outcome else None)

        with self._lock:
            if self._left_behind > 1:
                raise StuckError("earlier calls have not come back")
            if self._calls is None:
                self._calls = queue.SimpleQueue()
                threading.Thread(target=_work, args=(self._calls,), name=self._name, daemon=True).start()
            calls = self._calls
        calls.put(carry_out)
        if not done.wait(max(0.0, deadline_s)):
            with gate:
                if not done.is_set():
                    is_late[0] = True
                    self._leave_behind(calls)
                    raise StuckError("no answer in time")
        try:
            if failure:
                raise failure[0]
            return outcome[0]
        finally:
            failure.clear()  # an error whose traceback leads back to it lives until the next collection

    def stop(self) -> None:
        """Let the thread end after its present call."""
        with self._lock:
            calls, self._calls = self._calls, None
        if calls is not None:
            calls.put(None)

    def _leave_behind(self, calls: "queue.SimpleQueue[Callable[[], None] | None]") -> None:
        with self._lock:
            self._left_behind += 1
            if self._calls is calls:
                self._calls = None
        calls.put(None)


def _work(calls: "queue.SimpleQueue[Callable[[], None] | None]") -> None:
    while (call := calls.get()) is not None:
        call()
        # Else the waiting thread would hold what the last call brought, and through an error's traceback even what
        # its caller held: a card's identifier, a PIN.
        del call
