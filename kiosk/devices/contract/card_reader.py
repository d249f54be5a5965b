"""The port of a reader of KTP-el cards."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Event
from typing import Protocol

from kiosk.devices.contract.base import Device


@dataclass(frozen=True, slots=True)
class Presence:
    """``insertion`` rises with each card that is laid on; a fast swap shows as a jump."""

    is_present: bool
    insertion: int


class CardReadKind(StrEnum):
    READ = "read"
    NO_CARD = "no-card"
    MUTE = "mute"
    FOREIGN = "foreign"
    SEVERAL = "several"
    PULLED = "pulled"
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"
    READER_AWAY = "reader-away"


@dataclass(frozen=True, slots=True)
class CardRead:
    """What a tap told. ``uid`` is empty unless READ or FOREIGN; it finds an account and opens none.

    ``is_uid_stable`` is False where the identifier changes at each tap (type B pseudo identifiers, or the random range
    of ISO/IEC 14443-3: four bytes beginning with 08): such a one is never bound. ``is_tap_only`` is True where the card
    can't be asked again (keyboard wedges): only another tap can be noticed, and its identifier is never bound either.
    """

    kind: CardReadKind
    insertion: int = 0
    uid: bytes = b""
    is_uid_stable: bool = False
    detail: str = ""
    is_tap_only: bool = False

    def __repr__(self) -> str:
        return f"CardRead({self.kind}, insertion={self.insertion}, uid=<{len(self.uid)} bytes>)"


class CardReader(Device, Protocol):
    def presence(self) -> Presence: ...

    def listen_cards(self, listener: Callable[[Presence], None]) -> Callable[[], None]:
        """Call ``listener`` when a card comes or goes; the result ends it."""
        ...

    def read(self, deadline_s: float, cancel: Event) -> CardRead:
        """Wait for a card, then UID and SELECT of the KTP-el application; nothing is retried on a handle."""
        ...

    def is_same_card(self, read: CardRead, deadline_s: float) -> bool:
        """Whether the very card of ``read`` still lies there: insertion counter and identifier asked again."""
        ...
