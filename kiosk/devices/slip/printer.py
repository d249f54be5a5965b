"""The slip printer (ESC/POS): status by DLE EOT 1-4, and PRINTED only when the printer answers after the cut.

Bytes that were sent prove nothing: a printer that prints nothing swallowed 2.9 MB. No answer is never good news.
The cut is sent when the printer has said that everything above it is on the paper, so that a fault before it is
certain to have spoiled the slip.
"""

import threading
import time
from contextlib import suppress
from itertools import count

from kiosk.devices.contract import Band, DeviceKind, Reason, SlipBitmap, SlipEnd, SlipOutcome, Status
from kiosk.devices.reasons import band_of
from kiosk.devices.slip.conversation import ANSWER_S, SETTLE_S, Conversation, StatusBytes
from kiosk.devices.slip.drawer import DrawerRefusedError, guarded
from kiosk.devices.slip.encoder import DROP_BUFFER, NO_UNASKED_STATUS, ask_in_line, body, cut, scraps_off, warm_up
from kiosk.devices.slip.profiles import GENERIC, PrinterProfile, Proof
from kiosk.devices.slip.transport import Opener, TransportError
from kiosk.devices.status import Clock
from kiosk.devices.watching import WatchedDevice

IDLE_POLL_S = 2.0
BUSY_POLL_S = 0.5
DROP_S = 0.2
ROWS_PER_S = 600
"""Slowest usual paper speed (75 mm/s at 8 dots/mm), for printers that do not answer in line."""
CUT_S = 0.5


def reasons_of_answers(
    printer: int, offline: int, error: int, paper: int, has_near_end: bool = True, has_cutter: bool = True
) -> list[Reason]:
    """What DLE EOT 1, 2, 3 and 4 say; none only when nothing at all is wrong."""
    reasons: list[Reason] = []
    if offline & 0x04:
        reasons.append(Reason.COVER_OPEN)
    if offline & 0x20 or paper & 0x60:
        reasons.append(Reason.MEDIA_EMPTY)
    elif paper & 0x0C and has_near_end:
        reasons.append(Reason.MEDIA_LOW)
    if error & 0x08 and has_cutter:
        reasons.append(Reason.CUTTER_FAULT)
    if error & 0x40:
        reasons.append(Reason.OVERHEATED)
    if error & 0x20:
        reasons.append(Reason.BROKEN)
    if printer & 0x40 or offline & 0x08:
        reasons.append(Reason.FEED_BUTTON)
    is_told = error & 0x68 if has_cutter else error & 0x60
    if error & 0x04 or (offline & 0x40 and not is_told):
        reasons.append(Reason.STOPPED)
    if printer & 0x28 and band_of(reasons) is not Band.ERROR:
        reasons.append(Reason.OFFLINE)
    return reasons


class EscPosPrinter(WatchedDevice):
    """A thermal printer over any line; ``width_dots`` is the profile's unless given. The opener is put behind the
    drawer guard. ``status`` and ``print_slip`` may be called from any thread."""

    def __init__(
        self,
        opener: Opener,
        name: str,
        width_dots: int | None = None,
        clock: Clock = time.monotonic,
        profile: PrinterProfile = GENERIC,
    ) -> None:
        super().__init__(DeviceKind.SLIP_PRINTER, name, clock)
        self.profile = profile
        self.width_dots = width_dots or profile.width_dots
        self._opener = guarded(opener)
        self._line_lock = threading.Lock()
        self._talk: Conversation | None = None
        self._has_scraps = False
        self._owed_answers = 0
        self._numbers = count()

    def print_slip(self, slip: SlipBitmap, deadline_s: float) -> SlipOutcome:
        """See ``SlipPrinter.print_slip``."""
        deadline = time.monotonic() + deadline_s
        if slip.width_dots > self.width_dots:
            return SlipOutcome(SlipEnd.FAILED, Reason.UNNAMED, "slip wider than the paper")
        data = body(slip, self.profile)
        if not self._line_lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return SlipOutcome(SlipEnd.FAILED, Reason.SILENT, "line busy")
        try:
            return self._print(slip, data, deadline)
        finally:
            self._line_lock.release()

    # --- the watch ----------------------------------------------------------------------------------------------------

    def _turn(self, stopping: threading.Event) -> None:
        warm_up()
        with self._line_lock:
            if stopping.is_set():
                return
            status = self._look(time.monotonic() + 4 * ANSWER_S, is_watch=True)
        stopping.wait(IDLE_POLL_S if status.band is Band.OK else BUSY_POLL_S)

    def _closed(self) -> None:
        if self._line_lock.acquire(timeout=1):
            try:
                self._hang_up()
            finally:
                self._line_lock.release()

    # --- the slip; the lock is held -----------------------------------------------------------------------------------

    def _print(self, slip: SlipBitmap, data: bytes, deadline: float) -> SlipOutcome:
        before = self._look(deadline)
        talk = self._talk
        if not before.is_usable or talk is None:
            return SlipOutcome(SlipEnd.FAILED, before.reasons[0] if before.reasons else Reason.AWAY, before.detail)
        if self._has_scraps:
            data = scraps_off(self.profile) + data
        self._has_scraps = True
        paper_s = slip.height_dots / ROWS_PER_S + CUT_S
        try:
            failure = self._work_off(talk, data, paper_s, SlipEnd.FAILED, deadline)
            failure = failure or self._work_off(talk, cut(self.profile), CUT_S, SlipEnd.UNKNOWN, deadline)
        except DrawerRefusedError as error:
            return self._give_up(Reason.UNNAMED, str(error), SlipEnd.FAILED)
        except TransportError as error:
            return self._give_up(Reason.SILENT, str(error), SlipEnd.UNKNOWN)
        if failure is not None:
            return failure
        self._has_scraps = False
        return self._settled(talk, deadline)

    def _settled(self, talk: Conversation, deadline: float) -> SlipOutcome:
        """The end of a slip whose cut has been answered for. Paper that ends now, or a cover that opens, does not spoil
        it; a blade that reports a fault may."""
        after = self._look(deadline)
        if talk.proof is Proof.TIME:
            # It may only have been slow when it was asked: the next look asks again.
            talk.proof = None
            reason = after.reasons[0] if after.band in (Band.ERROR, Band.UNKNOWN) else Reason.NONE
            return SlipOutcome(SlipEnd.UNKNOWN, reason, "this printer gives no proof")
        if Reason.CUTTER_FAULT in after.reasons or (after.band is Band.UNKNOWN and talk.proof is not Proof.ECHO):
            return self._give_up(after.reasons[0], after.detail, SlipEnd.UNKNOWN)
        return SlipOutcome(SlipEnd.PRINTED)

    def _work_off(
        self, talk: Conversation, data: bytes, paper_s: float, told: SlipEnd, deadline: float
    ) -> SlipOutcome | None:
        """Send and wait until the printer has worked it off, asking meanwhile for what may hold it up.

        None when it has. ``told`` is the end where the printer names a fault. Raises TransportError.
        """
        talk.expect()
        number = f"{next(self._numbers) % 10_000:04d}" if talk.proof is Proof.ECHO else ""
        if talk.proof is Proof.TIME:
            talk.line.write(data, deadline)
            return self._await_paper(paper_s, told, deadline)
        talk.line.write(data + ask_in_line(number), deadline)
        self._owed_answers += not number
        while time.monotonic() < deadline:
            talk.receive(min(deadline, time.monotonic() + BUSY_POLL_S))
            if talk.status_answers > 1:
                return self._give_up(Reason.SILENT, "answers that nobody asked for", SlipEnd.UNKNOWN)
            if number in talk.echoes or (not number and talk.status_answers):
                self._owed_answers -= not number
                return None
            status = self._look(deadline)
            if status.band is Band.ERROR:
                return self._give_up(status.reasons[0], status.detail, told)
            if self._talk is not talk:
                return self._give_up(Reason.SILENT, status.detail or "line lost while printing", SlipEnd.UNKNOWN)
        return self._give_up(Reason.SILENT, "no answer in line", SlipEnd.UNKNOWN)

    def _await_paper(self, paper_s: float, told: SlipEnd, deadline: float) -> SlipOutcome | None:
        """For a printer that answers no question in line: give the paper its time, watching for faults."""
        until = time.monotonic() + paper_s
        if until > deadline:
            return self._give_up(Reason.SILENT, "no time to see the paper out", SlipEnd.UNKNOWN)
        while time.monotonic() < until:
            status = self._look(deadline)
            if status.band in (Band.ERROR, Band.UNKNOWN):
                end = told if status.band is Band.ERROR else SlipEnd.UNKNOWN
                return self._give_up(status.reasons[0], status.detail, end)
            self._stopping.wait(min(0.1, max(0.0, until - time.monotonic())))
        return None

    def _give_up(self, reason: Reason, detail: str, end: SlipEnd) -> SlipOutcome:
        """End the slip; what still lies in the printer's buffer must not come out later."""
        if self._talk is not None:
            with suppress(TransportError):
                self._talk.line.write(DROP_BUFFER, time.monotonic() + DROP_S)
                self._talk.line.drain(time.monotonic() + DROP_S)
        self._hang_up()
        return SlipOutcome(end, reason, detail)

    # --- the line; the lock is held -----------------------------------------------------------------------------------

    def _look(self, deadline: float, *, is_watch: bool = False) -> Status:
        """The four questions; anything but four proper answers is UNKNOWN. The watch has the time to hear more."""
        try:
            if self._talk is None:
                self._talk = Conversation(self._opener(min(deadline, time.monotonic() + ANSWER_S)))
                # Whoever spoke last, this process or one that crashed, may have left half a slip behind.
                self._talk.drop(min(deadline, time.monotonic() + ANSWER_S))
        except TransportError as error:
            self._hang_up()
            return self._board.report([error.reason or Reason.AWAY], str(error))
        try:
            answers = self._talk.status(deadline)
            if is_watch:
                self._talk.quiet(deadline)
            reasons = self._reasons(answers)
            if self._talk.proof is None and band_of(reasons) is not Band.ERROR:
                self._probe(self._talk, deadline)
        except TransportError as error:
            self._hang_up()
            return self._board.report([Reason.SILENT], str(error))
        return self._board.report(reasons, " ".join(f"{answer:02x}" for answer in answers))

    def _reasons(self, answers: StatusBytes) -> list[Reason]:
        has_cutter = bool(cut(self.profile))
        return reasons_of_answers(*answers, has_near_end=self.profile.has_near_end, has_cutter=has_cutter)

    def _probe(self, talk: Conversation, deadline: float) -> None:
        """Learn how this printer proves a slip, and take in the answers that it still owes for slips of earlier."""
        if self.profile.proof in (Proof.ECHO, Proof.TIME):
            talk.proof = self.profile.proof
            return
        end = min(deadline, time.monotonic() + ANSWER_S)
        talk.expect()
        talk.line.write(NO_UNASKED_STATUS + ask_in_line(), end)
        self._owed_answers += 1
        while not talk.status_answers and time.monotonic() < end:
            talk.receive(end)
        if talk.status_answers and self._owed_answers > 1:
            settled = time.monotonic() + SETTLE_S
            while time.monotonic() < settled:
                talk.receive(settled)
        if talk.status_answers:
            self._owed_answers = 0
        can_answer = bool(talk.status_answers) or self.profile.proof is Proof.STATUS
        talk.proof = Proof.STATUS if can_answer else Proof.TIME

    def _hang_up(self) -> None:
        talk, self._talk = self._talk, None
        if talk is not None:
            talk.line.close()
