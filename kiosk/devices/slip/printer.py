"""The slip printer (ESC/POS): status by DLE EOT 1-4, and PRINTED only when the printer answers after the cut.

Bytes that were sent prove nothing: a printer that prints nothing swallowed 2.9 MB. No answer is never good news.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from kiosk.devices.contract import (
    Band,
    DeviceKind,
    Reason,
    SlipBitmap,
    SlipEnd,
    SlipOutcome,
    Status,
    StatusListener,
)
from kiosk.devices.reasons import band_of
from kiosk.devices.slip.encoder import ASK_IN_LINE, DROP_BUFFER, NO_UNASKED_STATUS, encode, warm_up
from kiosk.devices.slip.transport import Opener, SlipTransport, TransportError
from kiosk.devices.status import Clock, StatusBoard
from kiosk.devices.watching import keep_watching

ANSWER_S = 0.6
IDLE_POLL_S = 2.0
BUSY_POLL_S = 0.5
DROP_S = 0.2
ROWS_PER_S = 600
"""Slowest usual paper speed (75 mm/s at 8 dots/mm), for printers that do not answer in line."""

_FIXED_MASK, _FIXED = 0x93, 0x12
"""In every DLE EOT answer bit 0 and 7 are 0, bit 1 and 4 are 1."""
_IN_LINE_MASK, _IN_LINE = 0x90, 0x00
"""In a GS r answer bit 4 and 7 are 0."""


def reasons_of_answers(printer: int, offline: int, error: int, paper: int) -> list[Reason]:
    """What DLE EOT 1, 2, 3 and 4 say."""
    reasons: list[Reason] = []
    if offline & 0x04:
        reasons.append(Reason.COVER_OPEN)
    if offline & 0x20 or paper & 0x60:
        reasons.append(Reason.MEDIA_EMPTY)
    elif paper & 0x0C:
        reasons.append(Reason.MEDIA_LOW)
    if error & 0x08:
        reasons.append(Reason.CUTTER_FAULT)
    if error & 0x40:
        reasons.append(Reason.OVERHEATED)
    if error & 0x24 or (offline & 0x40 and not error & 0x48):
        reasons.append(Reason.STOPPED)
    if printer & 0x28 and band_of(reasons) is not Band.ERROR:
        reasons.append(Reason.OFFLINE)
    return reasons


class EscPosPrinter:
    """A thermal printer behind a transport. One lock, held for one exchange or one slip, guards the line."""

    kind = DeviceKind.SLIP_PRINTER

    def __init__(self, opener: Opener, name: str, width_dots: int = 576, clock: Clock = time.monotonic) -> None:
        self.name = name
        self.width_dots = width_dots
        self._opener = opener
        self._board = StatusBoard(self.kind, clock)
        self._line_lock = threading.Lock()
        self._line: SlipTransport | None = None
        self._answers_in_line: bool | None = None
        self._in_line_answers = 0
        self._life_lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to watch. A second call does nothing."""
        with self._life_lock:
            if self._thread is not None:
                return
            self._stopping = threading.Event()
            self._thread = threading.Thread(target=self._watch, args=(self._stopping,), daemon=True)
            self._thread.name = "slip-printer watch"
            self._thread.start()

    def stop(self) -> None:
        """End the watch and close the line."""
        with self._life_lock:
            thread, self._thread = self._thread, None
            self._stopping.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(5)
            self._board.report([Reason.STARTING], "stopped")
        if self._line_lock.acquire(timeout=1):
            try:
                self._hang_up()
            finally:
                self._line_lock.release()

    def status(self) -> Status:
        """The last snapshot."""
        return self._board.status()

    def listen(self, listener: StatusListener) -> Callable[[], None]:
        """See ``Device.listen``."""
        return self._board.listen(listener)

    def print_slip(self, slip: SlipBitmap, deadline_s: float) -> SlipOutcome:
        """See ``SlipPrinter.print_slip``. FAILED before the first byte went or with a reason; UNKNOWN on silence."""
        deadline = time.monotonic() + deadline_s
        if slip.width_dots > self.width_dots:
            return SlipOutcome(SlipEnd.FAILED, Reason.UNNAMED, "slip wider than the paper")
        data = encode(slip)
        if not self._line_lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return SlipOutcome(SlipEnd.FAILED, Reason.SILENT, "line busy")
        try:
            return self._print(slip, data, deadline)
        finally:
            self._line_lock.release()

    # --- the line; the lock is held -----------------------------------------------------------------------------------

    def _print(self, slip: SlipBitmap, data: bytes, deadline: float) -> SlipOutcome:
        before = self._ask(deadline)
        if not before.is_usable:
            return SlipOutcome(SlipEnd.FAILED, before.reasons[0], before.detail)
        line = self._line
        if line is None:
            return SlipOutcome(SlipEnd.FAILED, Reason.AWAY, "line lost")
        self._in_line_answers = 0
        try:
            line.write(data, deadline)
        except TransportError as error:
            return self._give_up(Reason.SILENT, str(error))
        failure = self._await_end(line, deadline) if self._answers_in_line else self._await_paper(slip, deadline)
        if failure is not None:
            return failure
        after = self._ask(deadline)
        if after.band is Band.UNKNOWN:
            return self._give_up(after.reasons[0], after.detail)
        if after.band is Band.ERROR and after.reasons[0] not in (Reason.MEDIA_EMPTY,):
            return self._give_up(after.reasons[0], after.detail, SlipEnd.FAILED)
        # Paper that ran out with the last millimetre did not spoil a slip that was cut: the answer in line says so.
        if after.band is Band.ERROR and not self._answers_in_line:
            return self._give_up(after.reasons[0], after.detail, SlipEnd.FAILED)
        return SlipOutcome(SlipEnd.PRINTED)

    def _await_end(self, line: SlipTransport, deadline: float) -> SlipOutcome | None:
        """Wait for the answer behind the cut, asking meanwhile for what may hold it up."""
        while time.monotonic() < deadline:
            try:
                self._read(line, min(deadline, time.monotonic() + BUSY_POLL_S))
            except TransportError as error:
                return self._give_up(Reason.SILENT, str(error))
            if self._is_worked_off():
                return None
            status = self._ask(deadline)
            if status.band is Band.ERROR:
                return self._give_up(status.reasons[0], status.detail, SlipEnd.FAILED)
            if self._is_worked_off():
                return None
            if self._line is not line:
                return self._give_up(Reason.SILENT, "line lost while printing")
        return self._give_up(Reason.SILENT, "no answer behind the cut")

    def _is_worked_off(self) -> bool:
        """Whether the question behind the cut has been answered."""
        return self._in_line_answers > 0

    def _await_paper(self, slip: SlipBitmap, deadline: float) -> SlipOutcome | None:
        """For a printer that answers no question in line: give the paper its time, watching for faults."""
        until = time.monotonic() + slip.height_dots / ROWS_PER_S + 0.5
        if until > deadline:
            return self._give_up(Reason.SILENT, "no time to see the paper out")
        while time.monotonic() < until:
            status = self._ask(deadline)
            if status.band in (Band.ERROR, Band.UNKNOWN):
                end = SlipEnd.FAILED if status.band is Band.ERROR else SlipEnd.UNKNOWN
                return self._give_up(status.reasons[0], status.detail, end)
            self._stopping.wait(min(0.1, max(0.0, until - time.monotonic())))
        return None

    def _give_up(self, reason: Reason, detail: str, end: SlipEnd = SlipEnd.UNKNOWN) -> SlipOutcome:
        """End the slip; what still lies in the printer's buffer must not come out later."""
        if self._line is not None:
            with suppress(TransportError):
                self._line.write(DROP_BUFFER, time.monotonic() + DROP_S)
                self._line.drain(time.monotonic() + DROP_S)
        self._hang_up()
        return SlipOutcome(end, reason, detail)

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def _ask(self, deadline: float) -> Status:
        """The four questions; anything but four proper answers is UNKNOWN."""
        try:
            if self._line is None:
                self._line = self._opener(min(deadline, time.monotonic() + ANSWER_S))
                is_new = True
            else:
                is_new = False
        except TransportError as error:
            return self._board.report([Reason.AWAY], str(error))
        answers: list[int] = []
        try:
            for number in (1, 2, 3, 4):
                answer = self._exchange(self._line, bytes((0x10, 0x04, number)), _FIXED_MASK, _FIXED, deadline)
                if answer is None:
                    self._hang_up()
                    return self._board.report([Reason.SILENT], f"no answer to DLE EOT {number}")
                answers.append(answer)
            reasons = reasons_of_answers(*answers)
            if (is_new or self._answers_in_line is None) and band_of(reasons) is not Band.ERROR:
                in_line = self._exchange(self._line, NO_UNASKED_STATUS + ASK_IN_LINE, _IN_LINE_MASK, _IN_LINE, deadline)
                self._answers_in_line = in_line is not None
        except TransportError as error:
            self._hang_up()
            return self._board.report([Reason.SILENT], str(error))
        return self._board.report(reasons, " ".join(f"{answer:02x}" for answer in answers))

    def _read(self, line: SlipTransport, until: float) -> bytes:
        """What came; answers in line are counted wherever they turn up."""
        got = line.read(until)
        self._in_line_answers += sum(byte & _IN_LINE_MASK == _IN_LINE for byte in got)
        return got

    def _exchange(self, line: SlipTransport, question: bytes, mask: int, fixed: int, deadline: float) -> int | None:
        """One question and its one byte; bytes of another shape are passed over. None at the deadline."""
        end = min(deadline, time.monotonic() + ANSWER_S)
        line.write(question, end)
        while time.monotonic() < end:
            answers = [byte for byte in self._read(line, end) if byte & mask == fixed]
            if answers:
                return answers[0]
        return None

    def _watch(self, stopping: threading.Event) -> None:
        def turn() -> None:
            warm_up()
            with self._line_lock:
                if stopping.is_set():
                    return
                status = self._ask(time.monotonic() + 4 * ANSWER_S)
            stopping.wait(IDLE_POLL_S if status.band is Band.OK else BUSY_POLL_S)

        keep_watching(self._board, stopping, turn)
