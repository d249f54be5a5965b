"""The KTP-el beyond its identifier: a port for readers with a SAM, which only the State issues.

Everything on the chip but its identifier and its application is closed without that module; so a vendor's SDK goes
behind ``EktpIdentity``, and the only implementation here is the simulator, whose scheme is invented.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event
from typing import Protocol

from kiosk.devices.card.link import CardFault, CardFaultError
from kiosk.devices.card.reader import CardReader
from kiosk.devices.contract import CardRead
from kiosk.devices.exchange_worker import StuckError

Exchange = Callable[[bytes], bytes]
"""A command to the card and its answer with status word, bounded in time. Raises CardFaultError or StuckError."""


@dataclass(frozen=True, slots=True)
class ChipIdentity:
    """What the chip holds of a person. Never in a repr, a log or a file."""

    nik: str = field(repr=False)
    name: str = field(repr=False)
    birth_place: str = field(repr=False, default="")
    birth_date: str = field(repr=False, default="")


class IdentityEnd(StrEnum):
    """How the question for an identity ended."""

    READ = "read"
    NO_SAM = "no-sam"
    REFUSED = "refused"
    FORGED = "forged"
    PULLED = "pulled"
    TIMED_OUT = "timed-out"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class IdentityOutcome:
    """``identity`` is there only with READ."""

    end: IdentityEnd
    identity: ChipIdentity | None = None


class EktpIdentity(Protocol):
    """A SAM. ``converse`` speaks to one powered card whose identifier has just been asked for."""

    def is_there(self) -> bool: ...

    def converse(self, exchange: Exchange, uid: bytes, cancel: Event) -> IdentityOutcome: ...


def read_identity(
    reader: CardReader, sam: EktpIdentity, read: CardRead, deadline_s: float, cancel: Event
) -> IdentityOutcome:
    """Ask the very card of ``read`` for its holder. Never raises for what the card or the SAM does."""
    if not sam.is_there():
        return IdentityOutcome(IdentityEnd.NO_SAM)
    if cancel.is_set():
        return IdentityOutcome(IdentityEnd.CANCELLED)
    try:
        return reader.converse(read, deadline_s, lambda exchange: sam.converse(exchange, read.uid, cancel))
    except StuckError:
        return IdentityOutcome(IdentityEnd.TIMED_OUT)
    except CardFaultError as error:
        is_refusal = error.fault in (CardFault.MUTE, CardFault.HELD)
        return IdentityOutcome(IdentityEnd.REFUSED if is_refusal else IdentityEnd.PULLED)
