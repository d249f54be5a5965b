"""The port of what writes the chip of a blank card. Only the State's certified chain may stand behind it.

The kiosk hands over which print and which blank; the chain fetches what it writes from its own side. No personal data,
no key and no APDU crosses this port. It does not promise that a chip holds what was printed: that is the chain's word.
"""

from dataclasses import dataclass
from enum import StrEnum
from threading import Event
from typing import Protocol


class EncodeEnd(StrEnum):
    """How the writing ended. Only UNTOUCHED lets the blank be used for another card."""

    ENCODED = "encoded"
    UNTOUCHED = "untouched"
    """Refused or away before anything was written."""
    SPOILED = "spoiled"
    UNKNOWN = "unknown"
    """Cut off: the chip may hold somebody."""


class EncodeFault(StrEnum):
    """Why it was not ENCODED."""

    NONE = "none"
    NOT_CONFIGURED = "not-configured"
    AWAY = "away"
    REFUSED = "refused"
    NO_CARD = "no-card"
    WRONG_CARD = "wrong-card"
    CHIP_FAULT = "chip-fault"
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class EncodeOrder:
    """Which card: the journal's id of the print, and the serial on the blank."""

    print_id: str
    blank_serial: str


@dataclass(frozen=True, slots=True)
class EncodeOutcome:
    """``detail`` is for staff and never holds personal data."""

    end: EncodeEnd
    fault: EncodeFault = EncodeFault.NONE
    detail: str = ""


class CardEncoder(Protocol):
    """Called on a worker, at most one order at a time; blocks at most ``deadline_s`` and never raises."""

    is_configured: bool

    def is_ready(self) -> bool:
        """Whether an order could be taken now; never blocks."""
        ...

    def encode(self, order: EncodeOrder, deadline_s: float, cancel: Event) -> EncodeOutcome:
        """Write the chip of the blank that lies at the encoder, before it is printed."""
        ...
