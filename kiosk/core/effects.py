"""Carries effects out: each on a worker of its own, under a deadline, answered by exactly one outcome.

``run`` and ``cancel`` are called on the loop; ``deliver`` is called on the loop. A worker that misses its deadline is
answered for with Failed, and what it still says later is dropped, since a thread can't be ended from outside.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.core.grace import TOLD_S
from kiosk.core.handlers import HANDLERS, Hands
from kiosk.core.loop import Loop, Timer
from kiosk.core.session import Session
from kiosk.errors import DocumentError, ErrorCode, KioskError
from kiosk.events import LogEvent, log, place_of
from kiosk.flows import effects as fx
from kiosk.flows.events import Ended, Event, Progress
from kiosk.flows.outcomes import Failed, Outcome

if TYPE_CHECKING:
    from kiosk.core.prepared_print import PreparedPrint

LIMIT_S: dict[type[fx.Effect], float] = {
    fx.ReadCard: 86_400,  # the step's own time-out ends the waiting; the reader is cancelled
    fx.FindCard: 12,
    fx.Prove: 15,
    fx.CompareBiometric: 30,  # the step's own time-out comes first and cancels
    fx.BindCard: 12,
    fx.Fetch: 12,
    fx.Prepare: 40,
    fx.ShowSheet: 5,
    fx.Print: 600,
    fx.Release: 30,
    fx.HandOver: 12,
    fx.PrintSlip: 15,
    fx.TakeNumber: 12,
    fx.Complain: 12,
    fx.Rate: 5,
}
"""Seconds after which a worker is given up; each lies above what its own deadlines add up to."""

_FINAL = frozenset(
    {
        ErrorCode.SIGNATURE_MISSING,
        ErrorCode.SIGNATURE_BROKEN,
        ErrorCode.SIGNER_UNTRUSTED,
        ErrorCode.DOCUMENT_CHANGED_AFTER_SIGNING,
        ErrorCode.DOCUMENT_UNREADABLE,
        ErrorCode.DOCUMENT_WRONG_SIZE,
        ErrorCode.OFFICE_REFUSED,
        ErrorCode.OFFICE_UNTRUSTED,
        ErrorCode.OFFICE_VISIT_EXPIRED,
        ErrorCode.DOCUMENT_TAKEN,
    }
)
"""Trying again changes nothing."""


def failed(code: ErrorCode) -> Failed:
    """The outcome for a code, retryable where trying again can help."""
    return Failed(code, is_retryable=code not in _FINAL)


@dataclass
class _Running:
    cancel: threading.Event
    timer: Timer
    held: Timer | None = None
    """Runs while a printer that stands still may yet go on by itself."""
    is_held_told: bool = False
    last: Progress | None = None

    def stop(self) -> None:
        """Cancel its timers."""
        self.timer.cancel()
        if self.held is not None:
            self.held.cancel()


class EffectRunner:
    """The effects of one visit at a time; ``end`` cancels what still runs."""

    def __init__(self, loop: Loop, hands: Hands, deliver: Callable[[Session, Event], None]) -> None:
        self._loop = loop
        self._hands = hands
        self._deliver = deliver
        self._running: dict[tuple[str, int], _Running] = {}
        self._threads: set[threading.Thread] = set()

    def run(self, session: Session, effect: fx.Effect) -> None:
        """Start an effect; Cancel acts at once."""
        if isinstance(effect, fx.Cancel):
            self.cancel(session, effect.target)
            return
        key = (session.ref, effect.id)
        cancel = threading.Event()
        timer = self._loop.after(LIMIT_S[type(effect)], lambda: self._give_up(session, effect))
        self._running[key] = _Running(cancel, timer)
        name = f"effect-{type(effect).__name__}"
        self._start(name, lambda: self._work(session, effect, cancel))

    def cancel(self, session: Session, effect_id: int) -> None:
        """Ask it to end and drop its outcome."""
        running = self._running.pop((session.ref, effect_id), None)
        if running is not None:
            running.cancel.set()
            running.stop()

    def ask_to_end(self, session: Session, effect_id: int) -> None:
        """Set the effect's cancel and still wait for its outcome: a print that is held up, and nobody wants to wait."""
        running = self._running.get((session.ref, effect_id))
        if running is not None:
            running.cancel.set()

    def drain(self, timeout_s: float) -> bool:
        """Wait until what was cancelled or given back is really done; for the orderly stop, from any thread."""
        end = time.monotonic() + timeout_s
        for thread in list(self._threads):
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _start(self, name: str, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads = {thread for thread in self._threads if thread.is_alive()} | {thread}
        thread.start()

    def end(self, session: Session) -> None:
        """Cancel everything of a visit, wipe its session, and give back what the office lent it."""
        for ref, effect_id in list(self._running):
            if ref == session.ref:
                self.cancel(session, effect_id)
        token = session.wipe()
        prepared = session.take_prepared()
        if token or prepared is not None:
            self._start("give-back", lambda: self._give_back(token, prepared))

    def _give_back(self, token: str, prepared: "PreparedPrint | None") -> None:
        try:
            if prepared is not None:
                self._hands.prints.release(prepared)
        except KioskError as error:
            log(LogEvent.EFFECT_FAILED, effect="Release", code=error.code)
        finally:
            if token:
                self._hands.office.end_visit(token)

    @property
    def is_idle(self) -> bool:
        return not self._running

    def _work(self, session: Session, effect: fx.Effect, cancel: threading.Event) -> None:
        def progress(done: int, total: int, reason: str) -> None:
            self._loop.post(lambda: self._progress(session, effect, done, total, reason))

        outcome: Outcome
        try:
            outcome = HANDLERS[type(effect)](self._hands, session, effect, cancel, progress)
        except KioskError as error:
            event = LogEvent.DOCUMENT_REFUSED if isinstance(error, DocumentError) else LogEvent.EFFECT_FAILED
            log(event, effect=type(effect).__name__, code=error.code, detail=error.detail[:200])
            outcome = failed(error.code)
        except Exception as error:  # noqa: BLE001 - whatever a library raises, the person gets an answer
            log(
                LogEvent.EFFECT_CRASHED,
                effect=type(effect).__name__,
                error=type(error).__name__,
                where=place_of(error),
            )
            outcome = failed(ErrorCode.INTERNAL)
        self._loop.post(lambda: self._finish(session, effect, outcome))

    def _progress(self, session: Session, effect: fx.Effect, done: int, total: int, reason: str) -> None:
        """A print that stands still for less than the grace never says so on the page."""
        running = self._running.get((session.ref, effect.id))
        if running is None:
            return
        running.last = Progress(self._loop.clock(), effect.id, done, total, reason)
        if not reason:
            running.is_held_told = False
            if running.held is not None:
                running.held.cancel()
                running.held = None
        elif not running.is_held_told:
            if running.held is None:
                running.held = self._loop.after(TOLD_S, lambda: self._tell_held(session, running))
            return
        self._deliver(session, running.last)

    def _tell_held(self, session: Session, running: _Running) -> None:
        running.held = None
        running.is_held_told = True
        if running.last is not None:
            self._deliver(session, running.last)

    def _finish(self, session: Session, effect: fx.Effect, outcome: Outcome) -> None:
        running = self._running.pop((session.ref, effect.id), None)
        if running is None:
            return
        running.stop()
        self._deliver(session, Ended(self._loop.clock(), effect.id, outcome))

    def _give_up(self, session: Session, effect: fx.Effect) -> None:
        running = self._running.pop((session.ref, effect.id), None)
        if running is None:
            return
        running.cancel.set()
        running.stop()
        log(LogEvent.EFFECT_LATE, effect=type(effect).__name__)
        self._deliver(session, Ended(self._loop.clock(), effect.id, failed(ErrorCode.INTERNAL)))
