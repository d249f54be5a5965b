"""The machine inside the double of the slip printer: troubles, status bytes, a buffer worked off in order, one paper.

Buffer and paper belong to the printer and not to a connection: half a slip of a lost line stays, as in a real one.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from kiosk.devices.slip.commands import command_length, is_cut
from kiosk.devices.slip.decoder import DecodedSlip, decode
from kiosk.devices.slip.encoder import DROP_BUFFER


class SlipTrouble(StrEnum):
    """What can be wrong."""

    PAPER_OUT = "paper-out"
    PAPER_LOW = "paper-low"
    COVER_OPEN = "cover-open"
    CUTTER = "cutter-fault"
    OVERHEATED = "overheated"
    FEED_BUTTON = "feed-button"
    RECOVERABLE = "recoverable"
    BROKEN = "broken"


STOPS = frozenset(SlipTrouble) - {SlipTrouble.PAPER_LOW}
_DROP = DROP_BUFFER[3:]
_ECHO_HEAD = b"\x1d(H\x06\x00\x30\x30"
_PICTURES = (b"\x1dv", b"\x1b*", b"\x1d(", b"\x1d8", b"\x1dk")
_MAX_BUFFER = 8 << 20


class SlipDouble:
    """One thermal printer. Thread-safe. ``is_on``, ``is_silent``, ``is_deaf`` are obeyed by its fronts.

    ``slips`` are the pieces that were cut off whole, ``scraps`` what an unfinished slip left behind.
    """

    def __init__(
        self, width_dots: int = 576, dots_per_s: float = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.width_dots = width_dots
        self.dots_per_s = dots_per_s
        self.clock = clock
        self.is_on = True
        self.is_silent = False
        self.is_deaf = False
        self.answers_in_line = True
        self.echoes = True
        self.has_cutter = True
        self.on_power: Callable[[], None] = lambda: None
        self.on_exchange: Callable[[], None] = lambda: None
        """Called before each piece of what comes in is taken: where tests pull, stall or count."""
        self.on_work: Callable[[bytes], None] = lambda command: None
        """Called before each command is worked off: where tests bring trouble in the middle of a slip."""
        self.slips: list[DecodedSlip] = []
        self.scraps: list[DecodedSlip] = []
        self.received = bytearray()
        self.rasters_taken = 0
        self.sends_unasked = False
        self.lock = threading.RLock()
        self._troubles: dict[SlipTrouble, int] = {}
        self._incoming = bytearray()
        self._queue: deque[tuple[bytes, bytearray]] = deque()
        self._piece = bytearray()
        self._has_scrap = False
        self._has_print = False
        self._rows_done = 0
        self._ready_at: float | None = None

    # --- hands --------------------------------------------------------------------------------------------------------

    def fault(self, trouble: SlipTrouble, at_slip: int = 0) -> None:
        """Bring trouble now, or when the ``at_slip``-th slip from now (1 is the next) begins to print."""
        with self.lock:
            self._troubles[trouble] = at_slip

    def clear(self) -> None:
        """Put everything right."""
        with self.lock:
            self._troubles.clear()
            self.is_silent = self.is_deaf = False

    def switch(self, is_on: bool) -> None:
        """Power; what was in the buffer is gone, what is on the paper stays."""
        with self.lock:
            self._forget(len(self._incoming))
            self.sends_unasked = False
            self.is_on = is_on
        self.on_power()

    def take_paper(self) -> int:
        """Somebody takes everything that came out; how many whole slips it was."""
        with self.lock:
            count = len(self.slips)
            self.slips.clear()
            self.scraps.clear()
            self.received.clear()
            return count

    def troubles(self) -> list[str]:
        """What is wrong now."""
        return [trouble.value for trouble in self._now()]

    def is_stopped(self) -> bool:
        """Whether paper can't move."""
        return any(trouble in STOPS for trouble in self._now())

    def save(self, folder: Path) -> list[Path]:
        """Write the slips as PNG files; returns their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        with self.lock:
            slips = list(self.slips)
        for number, slip in enumerate(slips, 1):
            path = folder / f"slip-{number:02d}.png"
            slip.image.save(path)
            paths.append(path)
        return paths

    # --- what it says -------------------------------------------------------------------------------------------------

    def status_byte(self, number: int) -> int:
        """The answer to DLE EOT 1 to 4."""
        now = set(self._now())
        is_out, is_open = SlipTrouble.PAPER_OUT in now, SlipTrouble.COVER_OPEN in now
        is_cutter, is_hot = SlipTrouble.CUTTER in now, SlipTrouble.OVERHEATED in now
        is_fed = SlipTrouble.FEED_BUTTON in now
        is_broken, is_upset = SlipTrouble.BROKEN in now, SlipTrouble.RECOVERABLE in now
        answer = 0x12
        if number == 1:
            answer |= 0x08 * bool(now & STOPS) | 0x40 * is_fed
        elif number == 2:
            is_wrong = is_cutter or is_hot or is_broken or is_upset
            answer |= 0x04 * is_open | 0x08 * is_fed | 0x20 * is_out | 0x40 * is_wrong
        elif number == 3:
            answer |= 0x04 * is_upset | 0x08 * is_cutter | 0x20 * is_broken | 0x40 * is_hot
        elif number == 4:
            answer |= 0x0C * (is_out or SlipTrouble.PAPER_LOW in now) | 0x60 * is_out
        return answer

    def unasked(self) -> bytes:
        """The four bytes of Automatic Status Back."""
        stops, offline, error, paper = (self.status_byte(number) for number in (1, 2, 3, 4))
        first = 0x10 | (stops & 0x08) | (offline & 0x04) << 3
        return bytes((first, error & 0x68, (paper & 0x0C) >> 2 | (paper & 0x60) >> 3, 0))

    # --- what it takes and does ---------------------------------------------------------------------------------------

    def take(self, data: bytes, answers: bytearray) -> None:
        """Bytes as they come. Real-time questions overtake; answers in line will follow into ``answers``, too."""
        with self.lock:
            self._incoming += data
            at = 0
            while at < len(self._incoming):
                length = command_length(self._incoming, at)
                drop = self._incoming.find(_DROP, at)
                if drop >= 0 and (length is None or drop < at + length):
                    # Obeyed even in the middle of a picture that will never be whole.
                    self._forget(drop + len(_DROP))
                    at = 0
                    continue
                if length is None:
                    break
                command = bytes(self._incoming[at : at + length])
                at += length
                if command[:2] == b"\x10\x04":
                    if 1 <= command[2] <= 4:
                        answers.append(self.status_byte(command[2]))
                elif command == b"\x10\x05\x02":
                    self._forget(at)
                    at = 0
                else:
                    self._queue.append((command, answers))
                    self.rasters_taken += command[:2] == b"\x1dv"
            del self._incoming[:at]
            if len(self._incoming) > _MAX_BUFFER:
                self._incoming.clear()

    def work(self) -> None:
        """Work off what is due."""
        with self.lock:
            while self._queue and not self.is_silent and self.is_on:
                self.on_work(self._queue[0][0])
                # The hook may have taken power or paper away.
                if not self._queue or not self.is_on or self.is_silent:
                    return
                self._begin(self._queue[0][0])
                if self.is_stopped() or not self._step(*self._queue[0]):
                    return
                self._queue.popleft()

    def tear(self) -> None:
        """Somebody tears off what hangs out of a printer without a knife."""
        with self.lock:
            self._part(b"")

    @property
    def is_busy(self) -> bool:
        """Whether something waits to be worked off."""
        return bool(self._queue)

    def _now(self) -> list[SlipTrouble]:
        with self.lock:
            return [trouble for trouble, at in self._troubles.items() if at == 0]

    def _begin(self, command: bytes) -> None:
        """Count down the troubles when a slip begins to print."""
        if self._has_print or not _prints(command):
            return
        self._has_print = True
        for trouble, at in list(self._troubles.items()):
            if at > 0:
                self._troubles[trouble] = at - 1

    def _step(self, command: bytes, answers: bytearray) -> bool:
        """One command; False when the paper is not out yet."""
        is_question = command[:2] == b"\x1dr" or command.startswith(_ECHO_HEAD)
        if (is_question or is_cut(command)) and not self._is_paper_out():
            return False
        if is_question and not self.has_cutter and self._has_print:
            self._part(b"")
        if is_cut(command):
            self._part(command)
        elif command[:2] == b"\x1dr":
            if self.answers_in_line:
                answers.append(self._paper_byte())
        elif command.startswith(_ECHO_HEAD):
            if self.echoes:
                answers += b"\x37\x22" + command[-4:] + b"\x00"
        elif command[:2] == b"\x1da":
            self.sends_unasked = command[2] != 0
            if self.sends_unasked:
                answers += self.unasked()
        elif command[:2] == b"\x1dI":
            answers += b"\x5fAnjungan\x00" if command[2] >= 65 else b"\x02"
        else:
            self._piece += command
        return True

    def _part(self, command: bytes) -> None:
        """The knife, or the hand that tears it off."""
        data = bytes(self._piece) + command
        pieces = decode(data, self.width_dots)
        if self._has_scrap and not self._has_print:
            self.scraps.extend(pieces)
        elif self._has_print:
            self.slips.extend(pieces)
            self.received += data
        self._piece.clear()
        self._has_scrap = self._has_print = False
        self._rows_done, self._ready_at = 0, None

    def _forget(self, read: int) -> None:
        """The buffer and the first ``read`` bytes of what came in are gone. The paper stays."""
        del self._incoming[:read]
        self._queue.clear()
        self._has_scrap = self._has_scrap or self._has_print
        self._has_print = False
        self._ready_at = None

    def _paper_byte(self) -> int:
        """The answer to GS r 1."""
        now = self._now()
        is_out = SlipTrouble.PAPER_OUT in now
        return 0x03 * (is_out or SlipTrouble.PAPER_LOW in now) | 0x0C * is_out

    def _is_paper_out(self) -> bool:
        """Whether the paper that was ordered so far has had its time."""
        if self.dots_per_s <= 0:
            return True
        now = self.clock()
        if self._ready_at is None:
            rows = sum(slip.image.height for slip in decode(bytes(self._piece), self.width_dots))
            self._ready_at = now + max(0, rows - self._rows_done) / self.dots_per_s
            self._rows_done = rows
        if now < self._ready_at:
            return False
        self._ready_at = None
        return True


def _prints(command: bytes) -> bool:
    """Whether the command puts something on the paper."""
    if command.startswith(_ECHO_HEAD):
        return False
    return command[:1] >= b"\x20" or command[:2] in _PICTURES
