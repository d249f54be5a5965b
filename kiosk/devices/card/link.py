"""What the card reader's logic needs of a link to a reader: PC/SC, or the simulated reader in memory or on a socket."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class LinkState(StrEnum):
    """Whether cards can be read at all."""

    READY = "ready"
    STARTING = "starting"
    AWAY = "away"
    SILENT = "silent"
    SERVICE_AWAY = "service-away"
    NO_PERMISSION = "no-permission"
    HELD = "held"
    NO_READER = "no-reader"


@dataclass(frozen=True, slots=True)
class LinkView:
    """What lies on the reader. ``insertion`` rises with every card, also when two swaps fell into one look."""

    state: LinkState
    is_present: bool = False
    insertion: int = 0
    is_mute: bool = False
    is_several: bool = False
    detail: str = ""


class CardFault(StrEnum):
    """Why an exchange failed."""

    PULLED = "pulled"
    SWAPPED = "swapped"
    """Another card lies there than the one that was meant."""
    MUTE = "mute"
    HELD = "held"
    AWAY = "away"


class CardFaultError(Exception):
    """The session is over; nothing may be tried on it again."""

    def __init__(self, fault: CardFault, detail: str = "") -> None:
        super().__init__(f"{fault}: {detail}")
        self.fault = fault
        self.detail = detail


class CardSession(Protocol):
    """A powered card. Its calls may block for ever: the reader's logic puts a deadline around each."""

    atr: bytes

    def transmit(self, apdu: bytes) -> bytes:
        """Command to answer with its status word. Raises CardFaultError."""
        ...

    def close(self) -> None: ...


class CardLink(Protocol):
    """One reader. ``wait`` is called by one thread alone, ``connect`` by any, ``interrupt`` by any."""

    name: str

    def open(self) -> None: ...

    def close(self) -> None: ...

    def wait(self, timeout_s: float) -> LinkView:
        """The view as soon as it differs from the last one, or after the time; never raises."""
        ...

    def interrupt(self) -> None:
        """Let ``wait`` return at once."""
        ...

    def connect(self) -> CardSession:
        """Power the card that lies there. Raises CardFaultError."""
        ...
