"""RFID readers that type: a tap is a burst of digits from a keyboard, and nothing more can be asked of the card.

What this reader promises is weaker, and the kiosk acts on it: a tap finds an account and a PIN opens it; a second tap
by whoever ends the trust in the first; no identifier of a tap is ever bound to an account, for such readers show a part
of it as if it were the whole, and nobody can ask whether the card is a KTP-el or still there.
"""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from kiosk.devices.card.identifier import is_stable_identifier
from kiosk.devices.contract import CardRead, CardReadKind, DeviceKind, Presence, Reason, Status, StatusListener
from kiosk.devices.status import Clock, StatusBoard

STEP_S = 0.05


@dataclass(frozen=True, slots=True)
class TapFormat:
    """How a reader types an identifier of ``count`` bytes. Raises ValueError on a count that no card has.

    Decimal is one number with leading zeros (10 digits for 4 bytes, 17 for 7), hexadecimal two digits a byte. None of
    these shapes has 16 digits: a NIK is never taken for a card.
    """

    is_decimal: bool = True
    count: int = 4
    is_reversed: bool = False

    def __post_init__(self) -> None:
        if self.count not in (4, 7, 10):
            raise ValueError(f"no card has an identifier of {self.count} bytes")

    def identifier(self, text: str) -> bytes:
        """The identifier in the order that the card sends it, or ``b""`` for what no tap of this reader looks like."""
        if self.is_decimal:
            is_tap = re.fullmatch(rf"[0-9]{{{len(str(256**self.count - 1))}}}", text) and int(text) < 256**self.count
        else:
            is_tap = re.fullmatch(rf"[0-9A-Fa-f]{{{2 * self.count}}}", text)
        if not is_tap:
            return b""
        uid = int(text, 10 if self.is_decimal else 16).to_bytes(self.count, "big")
        return uid[::-1] if self.is_reversed else uid


class WedgeCardReader:
    """A reader behind a keyboard's cable. ``offer`` comes from the core's loop, ``read`` from a worker."""

    kind = DeviceKind.CARD_READER
    name = "RFID keyboard wedge"

    def __init__(self, shape: TapFormat, clock: Clock = time.monotonic) -> None:
        self._shape = shape
        self._board = StatusBoard(self.kind, clock)
        self._tapped = threading.Condition()
        self._insertion = 0
        self._uid = b""
        self._mark = 0
        """Of the last tap's identifier, which itself is not kept."""
        self._first_of_card = 0
        """The tap with which the last card began: a hand that taps twice is no other card."""
        self._is_started = False
        self._waiting = 0

    def start(self) -> None:
        """A wedge can't be asked whether it is there: it counts as ready."""
        with self._tapped:
            self._is_started = True
        self._board.report([])

    def stop(self) -> None:
        """Back to not watched; readers that wait get READER_AWAY."""
        with self._tapped:
            self._is_started, self._uid = False, b""
            self._tapped.notify_all()
        self._board.report([Reason.STARTING], "stopped")

    def status(self) -> Status:
        """The last snapshot."""
        return self._board.status()

    def listen(self, listener: StatusListener) -> Callable[[], None]:
        """See ``Device.listen``."""
        return self._board.listen(listener)

    def presence(self) -> Presence:
        """Never a card that lies there; ``insertion`` counts the taps."""
        return Presence(False, self._insertion)

    def listen_cards(self, listener: Callable[[Presence], None]) -> Callable[[], None]:
        """Never called: a tap neither stays nor goes."""
        del listener
        return lambda: None

    def before(self, others: Callable[[str], None]) -> Callable[[str], None]:
        """For the bursts of all wedges: what looks like a tap of this reader is one, the rest is for ``others``."""

        def sort(text: str) -> None:
            if not self.offer(text):
                others(text)

        return sort

    def offer(self, text: str) -> bool:
        """A burst of keys; whether it was a tap."""
        uid = self._shape.identifier(text)
        if not uid:
            return False
        with self._tapped:
            if self._is_started:
                self._insertion += 1
                if (mark := hash(uid)) != self._mark:
                    self._mark, self._first_of_card = mark, self._insertion
                self._uid = uid if self._waiting else b""
                self._tapped.notify_all()
        return True

    def read(self, deadline_s: float, cancel: Event) -> CardRead:
        """Wait for the next tap; one from before the call counts as nobody's."""
        end = time.monotonic() + deadline_s
        with self._tapped:
            self._waiting += 1
            try:
                return self._await_tap(end, cancel)
            finally:
                self._waiting -= 1
                self._uid = b""

    def _await_tap(self, end: float, cancel: Event) -> CardRead:
        before = self._insertion
        while self._insertion == before or not self._uid:
            if cancel.is_set():
                return CardRead(CardReadKind.CANCELLED)
            if not self._is_started:
                return CardRead(CardReadKind.READER_AWAY, detail="stopped")
            left = end - time.monotonic()
            if left <= 0:
                return CardRead(CardReadKind.NO_CARD)
            self._tapped.wait(min(STEP_S, left))
        is_stable = is_stable_identifier(self._uid, is_from_type_b=False)
        return CardRead(CardReadKind.READ, self._insertion, self._uid, is_stable, is_tap_only=True)

    def is_same_card(self, read: CardRead, deadline_s: float) -> bool:
        """Only that no other card was tapped since: the card itself can't be asked."""
        del deadline_s
        return self._is_started and bool(read.uid) and read.insertion >= max(1, self._first_of_card)
