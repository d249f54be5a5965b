"""What the core asks of the office. Every call blocks at most for its deadline and raises BackendError otherwise.

Expected ends of a proof are values, not exceptions. Answers are the models of ``kiosk.api``. Calls are made on the
core's workers, never on its main loop; one client serves several threads.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from kiosk import api
from kiosk.errors import BackendError, ErrorCode

OUTAGES = frozenset(
    {
        ErrorCode.OFFICE_OFFLINE,
        ErrorCode.OFFICE_SLOW,
        ErrorCode.OFFICE_FAULT,
        ErrorCode.OFFICE_BAD_ANSWER,
        ErrorCode.OFFICE_UNTRUSTED,
        ErrorCode.OFFICE_TOO_LARGE,
    }
)
"""With these nobody, or somebody else, was at the other end."""


class ThrottledError(BackendError):
    """Too many wrong tries at this machine; ``retry_after_s`` is what the office said."""

    def __init__(self, detail: str, retry_after_s: int) -> None:
        super().__init__(ErrorCode.OFFICE_THROTTLED, detail)
        self.retry_after_s = retry_after_s


class RefusedForGoodError(BackendError):
    """The office understood a message and will never take it: sending it again is of no use."""


class ProofMethod(StrEnum):
    CARD_PIN = "card-pin"
    NIK_PIN = "nik-pin"
    QR_TOKEN = "qr-token"  # noqa: S105 - a method's name
    PRINT_CODE = "print-code"
    CARD_BIOMETRIC = "card-biometric"
    NIK_BIOMETRIC = "nik-biometric"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a citizen showed. Nothing of it appears in ``repr``."""

    method: ProofMethod
    card_uid: bytes = field(default=b"", repr=False)
    nik: str = field(default="", repr=False)
    pin: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    """Of a QR code; the digits of a print code."""
    ticket: str = field(default="", repr=False)
    band: str = ""


@dataclass(frozen=True, slots=True)
class BiometricReference:
    """What to compare with, None where the office gives nothing; ``ticket`` goes back with the proof."""

    is_allowed: bool
    ticket: str = field(default="", repr=False)
    reference: bytes | None = field(default=None, repr=False)


class ProofEnd(StrEnum):
    PROVED = "proved"
    WRONG = "wrong"
    """The same for a wrong PIN and for a NIK that does not exist."""
    LOCKED = "locked"
    CARD_UNKNOWN = "card-unknown"
    """The card finds no account; said before a PIN is asked (``find_card``), and only for cards."""


@dataclass(frozen=True, slots=True)
class ProofOutcome:
    """``token`` opens this visit at the office and nothing else; ``attempts_left`` is None where it is not told."""

    end: ProofEnd
    token: str = field(default="", repr=False)
    display_name: str = field(default="", repr=False)
    attempts_left: int | None = None
    retry_after_s: int = 0
    can_bind_card: bool = False
    is_machine: bool = False
    """LOCKED is this kiosk's, after too many wrong proofs from it, and nobody's account."""


class Reachability(StrEnum):
    """The breaker's one state: what the strip says in words."""

    UNKNOWN = "unknown"
    ONLINE = "online"
    OFFLINE = "offline"


class Office(Protocol):
    """The office as the core sees it."""

    def reachability(self) -> Reachability: ...

    def listen(self, listener: Callable[[Reachability], None]) -> Callable[[], None]: ...

    def find_card(self, uid: bytes) -> bool:
        """Whether a card identifier leads to an account; tells nothing about whom."""
        ...

    def biometric(self, kind: str, *, card_uid: bytes = b"", nik: str = "") -> BiometricReference:
        """The one reference of whom the card or the NIK claims; ``kind`` is face or finger. Only after consent."""
        ...

    def prove(self, proof: Proof) -> ProofOutcome: ...

    def bind_card(self, token: str, uid: bytes) -> None: ...

    def person(self, token: str) -> api.Person: ...

    def family(self, token: str) -> api.Family: ...

    def documents(self, token: str) -> list[api.ReadyDocument]: ...

    def grant(self, token: str, document_id: str, key: str) -> api.Grant:
        """Permission to print one document once. ``key`` is the idempotency key: the same key, the same grant."""
        ...

    def fetch(self, token: str, grant_id: str) -> bytes:
        """The signed PDF, byte for byte as the office made it."""
        ...

    def hand_over(self, token: str, document_id: str, key: str) -> api.HandOver: ...

    def end_visit(self, token: str) -> None:
        """Close the visit at the office; never raises, since the token dies by itself."""
        ...

    def post(self, kind: str, body: bytes, key: str) -> None:
        """Deliver one message of the outbox: a word of ``api.MessageKind``, and the JSON of its model in ``api``.

        Raises RefusedForGoodError for what the office will never take.
        """
        ...

    def lease(self, asked: api.LeaseRequest, key: str) -> api.Lease:
        """Queue numbers for today, which this kiosk may give out by itself. The same key, the same numbers.

        Raises ThrottledError when there are no more for this kiosk, RefusedForGoodError for a queue that is none.
        """
        ...

    def heartbeat(self, beat: api.Heartbeat) -> api.HeartbeatAnswer: ...

    def close(self) -> None: ...
