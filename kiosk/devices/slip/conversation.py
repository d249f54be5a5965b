"""One open line to a slip printer: questions with exactly one answer each, and what comes in between sorted out."""

import time

from kiosk.devices.contract import Reason
from kiosk.devices.slip.answers import AnswerKind, AnswerReader
from kiosk.devices.slip.encoder import DROP_BUFFER
from kiosk.devices.slip.profiles import Proof
from kiosk.devices.slip.transport import SlipTransport, TransportError

ANSWER_S = 0.6
SETTLE_S = 0.15
QUIET_S = 0.03

StatusBytes = tuple[int, int, int, int]
"""The answers to ``DLE EOT`` 1 to 4."""


class Conversation:
    """Not thread-safe: the printer's lock guards it. Every method raises TransportError when the line is lost.

    ``proof`` is how this printer proves a slip, None until that is known; ``status_answers`` counts the answers to
    ``GS r`` and ``echoes`` holds those to ``GS ( H`` since ``expect``.
    """

    def __init__(self, line: SlipTransport) -> None:
        self.line = line
        self.proof: Proof | None = None
        self.status_answers = 0
        self.echoes: list[str] = []
        self._reader = AnswerReader()
        self._real_time: list[int] = []

    def receive(self, until: float) -> None:
        """Take what comes, at least one read; returns at ``until`` (monotonic) when nothing comes."""
        for answer in self._reader.feed(self.line.read(until)):
            if answer.kind is AnswerKind.REAL_TIME:
                self._real_time.append(answer.data[0])
            elif answer.kind is AnswerKind.IN_LINE:
                self.status_answers += 1
            elif answer.kind is AnswerKind.ECHO:
                self.echoes.append(answer.data.decode("ascii"))

    def expect(self) -> None:
        """Forget what came so far: what is asked next is answered by what comes next."""
        self.receive(0)
        self.status_answers = 0
        self.echoes.clear()

    def status(self, deadline: float) -> StatusBytes:
        """The four questions. Raises TransportError with SILENT unless each has one answer, no more and no less."""
        first, second, third, fourth = (self._ask(number, deadline) for number in (1, 2, 3, 4))
        return first, second, third, fourth

    def quiet(self, deadline: float) -> None:
        """Listen a moment longer. Raises TransportError with SILENT when answers come that nobody asked for: those that
        came to our questions may be of the same kind."""
        until = min(deadline, time.monotonic() + QUIET_S)
        while time.monotonic() < until:
            self.receive(until)
        self._one(0, 4)

    def drop(self, deadline: float) -> None:
        """Let the printer forget what it has not printed."""
        self.line.write(DROP_BUFFER, deadline)

    def _ask(self, number: int, deadline: float) -> int:
        end = min(deadline, time.monotonic() + ANSWER_S)
        self.receive(0)
        self._one(0, number)
        self.line.write(bytes((0x10, 0x04, number)), end)
        while not self._real_time:
            if time.monotonic() >= end:
                raise TransportError(f"no answer to DLE EOT {number}", Reason.SILENT)
            self.receive(end)
        self._one(1, number)
        return self._real_time.pop()

    def _one(self, count: int, number: int) -> None:
        """More than was asked for is no answer: nobody could tell which one is meant."""
        if len(self._real_time) != count:
            self._real_time.clear()
            raise TransportError(f"more than one answer around DLE EOT {number}", Reason.SILENT)
