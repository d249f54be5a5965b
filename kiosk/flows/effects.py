"""What the engine asks the outside to do. Every effect is a value, bears an id, and gets exactly one outcome.

The core carries effects out on workers, with a deadline and a cancel; an outcome for a visit that has ended is dropped.
"""

from enum import StrEnum

import msgspec


class Effect(msgspec.Struct, frozen=True, tag=True):
    """Base. ``id`` rises within a visit."""

    id: int


class ReadCard(Effect, frozen=True):
    """Wait for a card on the reader. Outcome: CardSeen, CardTrouble or Failed."""


class FindCard(Effect, frozen=True):
    """Ask the office whether the card of ReadCard leads to an account. Outcome: CardFound, CardStranger or Failed."""

    uid: bytes


class Secret(str):
    """Text that never shows itself: a PIN, a NIK, a token."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} secret characters>"


class ProofKind(StrEnum):
    CARD = "card"
    NIK = "nik"
    QR = "qr"
    CODE = "code"
    """Digits from the counter for one document; opens nothing else."""


class BiometricKind(StrEnum):
    """A second proof after a card or a NIK; never a first one, never the only one."""

    FACE = "face"
    FINGER = "finger"


class CompareBiometric(Effect, frozen=True):
    """Compare the person in front of the machine with the one reference of whom ``claim`` names. Only after consent.

    Outcome: Compared, NotCompared or Failed.
    """

    kind: BiometricKind
    claim: ProofKind
    uid: bytes = b""
    nik: str = ""

    def __repr__(self) -> str:
        return f"CompareBiometric(id={self.id}, kind={self.kind}, claim={self.claim})"


class Prove(Effect, frozen=True):
    """Show the office a proof. Outcome: Proved, Wrong, Locked, CardStranger or Failed.

    ``token`` is what was scanned (QR) or typed (CODE). For CARD the core asks the reader first whether the same card
    still lies there (CardTrouble otherwise). With ``biometric`` a comparison of this very visit and claim stands in the
    place of the PIN.
    """

    kind: ProofKind
    uid: bytes = b""
    nik: str = ""
    pin: str = ""
    token: str = ""
    biometric: BiometricKind | None = None

    def __repr__(self) -> str:
        return f"Prove(id={self.id}, kind={self.kind})"


class BindCard(Effect, frozen=True):
    """Bind the card that lies on the reader to the account that was just proved. Outcome: Done or Failed."""

    uid: bytes


class What(StrEnum):
    """What a fetch step asks the office for; the same word is the fact that it sets."""

    PERSON = "person"
    FAMILY = "family"
    DOCUMENTS = "documents"


class Fetch(Effect, frozen=True):
    """Outcome: Fetched or Failed."""

    what: What


class Source(StrEnum):
    """Who made the document: the office (granted, signed) or the kiosk (its own data sheet)."""

    OFFICE = "office"
    KIOSK = "kiosk"


class Prepare(Effect, frozen=True):
    """Get a document ready for preview: grant, fetch, verify, raster; or draw the data sheet.

    Outcome: Prepared or Failed. ``document_id`` is empty for the kiosk's own sheet.
    """

    source: Source
    document_id: str
    is_card: bool = False


class ShowSheet(Effect, frozen=True):
    """Raster another page (from 0) of the prepared document for the preview. Outcome: Done or Failed."""

    page: int


class Print(Effect, frozen=True):
    """Print what Prepare made. Outcome: Printed, PrintFailed or PrintUnknown; Progress events before it."""


class Release(Effect, frozen=True):
    """Give back a grant that was prepared and will not be printed. Outcome: Done."""


class HandOver(Effect, frozen=True):
    """Ask for a one-time page for the phone. Outcome: HandedOver or Failed."""

    document_id: str


class PrintSlip(Effect, frozen=True):
    """Print a slip of this layout for how the visit stands. Outcome: Done or Failed; never ends a visit."""

    layout: str


class TakeNumber(Effect, frozen=True):
    """Draw the next number of ``queue`` from what the office leased to this kiosk. Outcome: NumberTaken or Failed.

    The number is on the disk as given before the outcome comes, and is never given again.
    """

    queue: str


class Complain(Effect, frozen=True):
    """Put a complaint about ``topic`` (a word of ``api.ComplaintTopic``) into the outbox. Outcome: Filed or Failed."""

    topic: str


class Rate(Effect, frozen=True):
    """Put a rating of 1 to 4 into the outbox. Outcome: Done."""

    rating: int


class Cancel(Effect, frozen=True):
    """Cancel the effect ``target``; its outcome, if one still comes, is dropped. No outcome of its own."""

    target: int
