"""Cuts the bytes of a scanner's line into codes. Pure: time comes in."""

from kiosk.devices.contract import Rejection, ScanOutcome
from kiosk.devices.scan.codes import MAX_CODE, code_of

STX, ETX, LF, CR = 0x02, 0x03, 0x0A, 0x0D

HALF_AFTER_S = 0.5
"""A scanner sends a code in one go; one that stops for so long has been cut."""

LONGEST = 4 * MAX_CODE
"""Bytes that are kept; UTF-8 needs at most four for a character."""


class Framer:
    """A code ends with CR, LF, CRLF or ETX, and may begin with STX; with ``ends_by_pause`` it ends when the line rests.

    What is longer than any code is thrown away up to its end and told once. What stops in the middle is dropped after
    ``HALF_AFTER_S`` and told as HALF, so that its rest can't become the head of the next code.
    """

    def __init__(self, *, ends_by_pause: bool = False) -> None:
        self._ends_by_pause = ends_by_pause
        self._pending = bytearray()
        self._is_overlong = False
        self._last = 0.0

    def feed(self, data: bytes, now: float) -> list[ScanOutcome]:
        """What was completed by these bytes, which came at ``now`` (monotonic seconds)."""
        outcomes = self.rest(now)
        for byte in data:
            if byte in (LF, CR, ETX):
                outcomes += self._end()
            elif byte == STX:
                outcomes += self._cut()
            elif len(self._pending) >= LONGEST:
                self._is_overlong = True
            else:
                self._pending.append(byte)
        if data:
            self._last = now
        return outcomes

    def rest(self, now: float) -> list[ScanOutcome]:
        """What the silence until ``now`` means for the bytes that wait."""
        if not self._pending or now - self._last < HALF_AFTER_S:
            return []
        return self._end() if self._ends_by_pause else self._cut()

    def _end(self) -> list[ScanOutcome]:
        if not self._pending:
            return []  # CR LF, ETX CR: the second end of one code
        outcome = ScanOutcome(rejection=Rejection.TOO_LONG) if self._is_overlong else code_of(bytes(self._pending))
        self._clear()
        return [outcome]

    def _cut(self) -> list[ScanOutcome]:
        if not self._pending:
            return []
        self._clear()
        return [ScanOutcome(rejection=Rejection.HALF)]

    def _clear(self) -> None:
        self._pending.clear()
        self._is_overlong = False
