"""The core's one main loop: a queue of calls and a heap of timers on the monotonic clock.

Everything that changes a visit runs here, one call after another, so that nothing in the core needs a lock of its own.
Workers and connections hand their results over with ``post``.
"""

import heapq
import itertools
import queue
import time
from collections.abc import Callable

from kiosk.events import LogEvent, log

Call = Callable[[], None]

LEAST_SWEEP = 64
"""Timers, cancelled ones among them, from which the heap is looked through."""


class Timer:
    """A call at a later time; ``cancel`` may be called any number of times."""

    __slots__ = ("at", "call", "is_cancelled")

    def __init__(self, at: float, call: Call) -> None:
        self.at = at
        self.call = call
        self.is_cancelled = False

    def cancel(self) -> None:
        """It may lie in the heap for long: what its call holds of a visit must not."""
        self.is_cancelled = True
        self.call = _nothing


def _nothing() -> None:
    pass


class Loop:
    """Runs on the thread that calls ``run``; ``post`` and ``stop`` are safe from any thread, the rest is not."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.on_crash: Callable[[BaseException], None] | None = None
        self.beats = 0
        self._calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._sweep_at = LEAST_SWEEP
        self._is_stopping = False

    def post(self, call: Call) -> None:
        """Run ``call`` on the loop's thread, after what was posted before."""
        self._calls.put(call)

    def after(self, seconds: float, call: Call) -> Timer:
        """Run ``call`` once, ``seconds`` from now."""
        timer = Timer(self.clock() + seconds, call)
        heapq.heappush(self._timers, (timer.at, next(self._order), timer))
        if len(self._timers) >= self._sweep_at:
            self._sweep()
        return timer

    @property
    def waiting(self) -> int:
        """Timers that are kept, cancelled ones among them."""
        return len(self._timers)

    def _sweep(self) -> None:
        """Most timers are cancelled long before they are due, one of a day at each card: none may lie here so long."""
        self._timers = [entry for entry in self._timers if not entry[2].is_cancelled]
        heapq.heapify(self._timers)
        self._sweep_at = max(LEAST_SWEEP, 2 * len(self._timers))

    def every(self, seconds: float, call: Call) -> None:
        """Run ``call`` each ``seconds``, for ever; before ``run``, or on the loop's thread."""

        def again() -> None:
            self.after(seconds, again)
            call()

        self.after(seconds, again)

    def stop(self) -> None:
        """End ``run`` after the call in hand."""
        self._calls.put(None)

    def run(self) -> None:
        """Until ``stop``. A call that raises is given to ``on_crash``; the loop goes on."""
        while not self._is_stopping:
            self.beats += 1
            wait = self._run_due()
            try:
                call = self._calls.get(timeout=wait)
            except queue.Empty:
                continue
            if call is None:
                self._is_stopping = True
            else:
                self._guard(call)
            call = None  # while it waits, the loop must not hold what the last call held of a visit

    def run_pending(self) -> None:
        """Run what is posted and due, then return: for tests."""
        self._run_due()
        while True:
            try:
                call = self._calls.get_nowait()
            except queue.Empty:
                if self._run_due() != 0:
                    return
                continue
            if call is not None:
                self._guard(call)

    def _run_due(self) -> float | None:
        """Run due timers; seconds until the next, None when there is none."""
        while self._timers:
            at, _, timer = self._timers[0]
            if timer.is_cancelled:
                heapq.heappop(self._timers)
                continue
            wait = at - self.clock()
            if wait > 0:
                return wait
            heapq.heappop(self._timers)
            self._guard(timer.call)
        return None

    def _guard(self, call: Call) -> None:
        try:
            call()
        except Exception as error:
            import logging

            log(LogEvent.BUG, error=type(error).__name__)
            logging.getLogger("kiosk.crash").error("bug", exc_info=error)
            if self.on_crash is None:
                return
            try:
                self.on_crash(error)
            except Exception as again:
                log(LogEvent.BUG, error=type(again).__name__)
                logging.getLogger("kiosk.crash").error("bug after a bug", exc_info=again)
