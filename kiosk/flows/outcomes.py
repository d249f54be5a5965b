"""How effects end. Values, so that a random visit can invent them by the thousand."""

from enum import StrEnum
from typing import Any

import msgspec

from kiosk.errors import ErrorCode
from kiosk.flows.effects import What


class Outcome(msgspec.Struct, frozen=True, tag=True):
    """Base."""


class Done(Outcome, frozen=True):
    """Nothing more to tell."""


class Failed(Outcome, frozen=True):
    """The effect could not be done; ``is_retryable`` offers the same step again."""

    code: ErrorCode
    is_retryable: bool = True


class CardSeen(Outcome, frozen=True):
    """``can_be_bound`` is False where the card can't be asked again: it may find an account, and is never bound."""

    uid: bytes
    is_stable: bool
    is_ktp: bool = True
    can_be_bound: bool = True

    def __repr__(self) -> str:
        return f"CardSeen(is_stable={self.is_stable}, is_ktp={self.is_ktp})"


class CardTrouble(Outcome, frozen=True):
    """No usable card: mute, foreign, several, pulled, swapped, slow. The person is asked to try again."""

    code: ErrorCode


class CardFound(Outcome, frozen=True):
    """The card leads to an account; a second proof opens it."""


class CardStranger(Outcome, frozen=True):
    """The card leads nowhere: on to NIK and PIN."""


class Compared(Outcome, frozen=True):
    """The live face or finger is like the reference. It opens nothing by itself: the office decides."""


class NotCompared(Outcome, frozen=True):
    """Not alike, not sure, or nothing to compare with: all the same to whoever watches.

    ``hint`` says what the person can do better, ``""`` when nothing: then there is no second try.
    """

    hint: str = ""


class Proved(Outcome, frozen=True):
    """Facts the flow may use: ``name`` masked for the screen; the office's token stays in the core."""

    name: str
    can_bind_card: bool = False

    def __repr__(self) -> str:
        return f"Proved(can_bind_card={self.can_bind_card})"


class Wrong(Outcome, frozen=True):
    """``attempts_left`` is None where it is not told."""

    attempts_left: int | None = None


class Locked(Outcome, frozen=True):
    """``is_machine``: not the account, but this machine was used for too many wrong tries."""

    retry_after_s: int = 0
    is_machine: bool = False


class Fetched(Outcome, frozen=True):
    """``value``: a mapping of facts (person), or a list of mappings (family members, documents)."""

    what: What
    value: Any

    def __repr__(self) -> str:
        return f"Fetched({self.what})"


class Prepared(Outcome, frozen=True):
    pages: int
    title: str = ""


class Printed(Outcome, frozen=True):
    pages: int


class PrintFailed(Outcome, frozen=True):
    """Nothing usable came out and the grant is free again; ``pages_out`` sheets did move."""

    code: ErrorCode
    pages_out: int = 0


class PrintUnknown(Outcome, frozen=True):
    """Whether it came out is not known: staff decides, nothing is offered again."""

    code: ErrorCode
    pages_out: int = 0


class HandedOver(Outcome, frozen=True):
    url: str
    expires_in_s: int

    def __repr__(self) -> str:
        return f"HandedOver(expires_in_s={self.expires_in_s})"


class NumberTaken(Outcome, frozen=True):
    """``label`` is what is called out and stands on the slip, such as ``B-017``; it names nobody."""

    queue: str
    label: str


class Filed(Outcome, frozen=True):
    """A complaint is kept and will reach the office. ``number`` is what to ask after it with."""

    number: str


class Ending(StrEnum):
    """How a flow ended, for the outcome page, the slip and the audit."""

    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    NOTHING = "nothing"
