"""Models of the office's API: the one thing that the kiosk and the office share.

Every model is frozen, refuses unknown fields and bounds its strings and lists. Models that hold personal data show
nothing of it in ``repr``, and no validation error repeats its input. Dates are the registry's (no zone); moments are
aware. Paths and header names stand at the end, so that both sides spell them alike.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Nik = Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$")]
NoKk = Annotated[str, StringConstraints(pattern=r"^[0-9]{16}$")]
Pin = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
CardUid = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2}){4,10}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Opaque = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{8,100}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=60)]
BlankSerial = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,24}$")]
Short = Annotated[str, StringConstraints(max_length=100)]
Long = Annotated[str, StringConstraints(max_length=400)]


class Model(BaseModel):
    """Base of every model."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Personal(Model):
    """Base of models that hold personal data: their ``repr`` and ``str`` are the class's name alone."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    __str__ = __repr__


class Words(Model):
    """One short text in both languages of the paper."""

    id: Short
    en: Short

    def in_language(self, language: str) -> str:
        """The text in ``language``; Indonesian where there is none."""
        return self.en if language == "en" else self.id


class Coded(Model):
    """One entry of an official code list, with its label as the registry writes it (Indonesian in capitals)."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,4}$")]
    label: Words


class Address(Personal):
    street: Short
    rt: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
    rw: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
    village: Short
    district: Short
    regency: Short
    province: Short
    postal_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]


class FamilyMember(Personal):
    """One row of both tables of a KK."""

    nik: Nik
    name: Name
    sex: Coded
    birth_place: Short
    birth_date: date
    religion: Coded
    education: Coded
    occupation: Coded
    blood: Coded
    marital_status: Coded
    marital_date: date | None = Field(default=None, description="of the marriage or the divorce")
    relation: Coded
    nationality: Coded
    passport: Short = ""
    kitap: Short = ""
    father: Name
    mother: Name


class Family(Personal):
    """A family card. The first member is the head."""

    no_kk: NoKk
    head: Name
    address: Address
    issued: date
    members: Annotated[list[FamilyMember], Field(min_length=1, max_length=40)]


class Person(FamilyMember):
    """What the registry holds about one person."""

    no_kk: NoKk
    address: Address


class DocumentKind(StrEnum):
    KK = "kk"
    BIRTH = "akta-kelahiran"
    DEATH = "akta-kematian"
    MARRIAGE = "akta-perkawinan"
    DIVORCE = "akta-perceraian"
    KTP_EL = "ktp-el"


class Medium(StrEnum):
    A4 = "a4"
    ID_1 = "id-1"


class NotReadyReason(StrEnum):
    """Why a listed document cannot be printed here and now; what a citizen reads is a text of the kiosk."""

    PRINTED_ALREADY = "printed-already"
    BEING_PRINTED = "being-printed"
    WITH_STAFF = "with-staff"
    """A print of it ended unknown: staff looks whether it came out."""


class ReadyDocument(Personal):
    id: Opaque
    kind: DocumentKind
    title: Words
    subject: Name = Field(description="whom it is about")
    issued: date
    medium: Medium
    pages: int = Field(ge=1, le=20)
    can_print: bool
    can_hand_over: bool
    reason: NotReadyReason | None = Field(default=None, description="why can_print is false")


class GrantRequest(Model):
    document_id: Opaque


class Grant(Model):
    """Permission to print one document once. ``sha256`` is of the signed bytes."""

    id: Opaque
    document_id: Opaque
    kind: DocumentKind
    pages: int = Field(ge=1, le=20)
    medium: Medium
    sha256: Sha256
    expires_at: AwareDatetime
    expires_in_s: int | None = Field(
        default=None, ge=0, description="the same, counted from the answer: a kiosk whose clock is wrong goes by this"
    )
    printed_already: bool = Field(description="this grant was settled as printed before: do not print again")


class PrintEnd(StrEnum):
    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class BlankEnd(StrEnum):
    """What became of a blank card."""

    USED = "used"
    DAMAGED = "damaged"
    UNKNOWN = "unknown"


class Blank(Model):
    """A blank card that a print used up, by the serial that stands on it."""

    serial: BlankSerial
    end: BlankEnd


class Settlement(Model):
    """How a print ended. An ``unknown`` may be settled once more, by evidence ``attendant``."""

    grant_id: Opaque
    print_id: Key = Field(description="the kiosk's own id of the print")
    end: PrintEnd
    reason: Slug | None = Field(
        default=None,
        description="reason code of the device or the visit; an attendant's finding: came-out, not-out, damaged",
    )
    evidence: Slug = Field(description="what the end rests on: impressions, page-counter, attendant, none")
    pages_out: int | None = Field(default=None, ge=0, le=100)
    at: AwareDatetime
    sha256: Sha256 | None = Field(default=None, description="of what went to the printer; None when nothing did")
    blank: Blank | None = Field(default=None, description="the card that it cost; None for paper, or when none moved")


class MessageKind(StrEnum):
    """What a kiosk tells the office from its outbox. How long each is kept: ``kiosk.store.outbox_rules``."""

    SETTLEMENT = "settlement"
    CHECKPOINT = "checkpoint"
    """The signed head of the audit chain."""
    COMPLAINT = "complaint"
    TICKET = "ticket"
    """A queue number that was given out of a leased range."""
    TICKET_RETURN = "ticket-return"
    """What is left of a leased range and will not be given out here."""
    SURVEY = "survey"
    EVENT = "event"
    HEARTBEAT = "heartbeat"


class HandOverRequest(Model):
    document_id: Opaque


class HandOver(Model):
    """The address of the phone page; it carries a one-time token and nothing personal."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://", max_length=300)] = Field(repr=False)
    expires_in_s: int = Field(ge=1, le=3600)


class Survey(Model):
    rating: int = Field(ge=1, le=4)
    service: Slug
    visit_ref: Key = Field(description="the kiosk's own random reference; leads to no person")
    at: AwareDatetime


class ComplaintTopic(StrEnum):
    """What a complaint is about; the words are the kiosk's texts."""

    DATA_WRONG = "data-wrong"
    DOCUMENT_LATE = "document-late"
    MACHINE = "machine"
    STAFF = "staff"
    ILLEGAL_FEE = "illegal-fee"
    OTHER = "other"


class Complaint(Model):
    """A complaint by topic alone: nobody is named, and nothing is typed."""

    topic: ComplaintTopic
    number: Slug = Field(description="what stands on the slip, to ask after it; drawn by lot")
    at: AwareDatetime = Field(description="the full hour: to the minute it would lead to whoever stood there")


class LeaseRequest(Model):
    """Numbers of one queue for one day, to be given out also without the network."""

    queue: Slug
    count: int = Field(ge=1, le=200)


class Lease(Model):
    """``first`` to ``last`` belong to this kiosk on ``day`` (the office's date) and are given to nobody else."""

    id: Opaque
    queue: Slug
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}$")]
    day: date
    first: int = Field(ge=1, le=9999)
    last: int = Field(ge=1, le=9999)
    at: AwareDatetime = Field(description="the office's clock, in the zone of its dates, when it answered")


class LeaseReturn(Model):
    """Of a lease the numbers from ``first_unused`` on were given to nobody, and never will be by this kiosk."""

    lease: Opaque
    first_unused: int = Field(ge=1, le=9999)
    at: AwareDatetime


class Ticket(Model):
    """A number of a lease was given to somebody; whom, nobody knows."""

    lease: Opaque
    number: int = Field(ge=1, le=9999)
    at: AwareDatetime


class Event(Model):
    """One event for the office's eyes: a name of the kiosk's catalogue and allow-listed fields, never personal data."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.-]{1,60}$")]
    at: AwareDatetime
    fields: Annotated[dict[Slug, Short | int | float | bool], Field(max_length=20)] = {}


class DeviceReport(Model):
    device: Slug
    band: Literal["ok", "warning", "error", "unknown"]
    reason: Slug | None = None
    since: AwareDatetime | None = None


class Heartbeat(Model):
    kiosk: Short
    version: Short
    bundle: Short = ""
    at: AwareDatetime
    devices: Annotated[list[DeviceReport], Field(max_length=20)] = []
    open_issues: Annotated[list[Slug], Field(max_length=50)] = []
    outbox_size: int = Field(default=0, ge=0)
    is_store_lost: bool = Field(
        default=False, description="the kiosk's journal began anew: grants that were open before are unknown"
    )
    store_age_s: int | None = Field(default=None, ge=0, description="how long ago it began; None when it was not lost")
    missed: int = Field(default=0, ge=0, description="beats before this one that reached nobody; it stands for them")


class HeartbeatAnswer(Model):
    time: AwareDatetime
    interval_s: int = Field(ge=1, le=3600)
    grants_held: int = Field(default=0, ge=0, description="grants that this beat made unknown")
    is_audit_refused: bool = Field(default=False, description="an alarm about this kiosk's audit chain stands open")


class FindCardRequest(Personal):
    card_uid: CardUid


class FindCardAnswer(Model):
    is_known: bool


class BiometricRequest(Personal):
    """A consenting person stands there and claims to be somebody, by card or by NIK."""

    kind: Literal["face", "finger"]
    card_uid: CardUid | None = None
    nik: Nik | None = None


class BiometricAnswer(Personal):
    """The one reference to compare with: a JPEG or PNG, or an ISO/IEC 19794-2 template; empty where there is none.

    Whom nobody knows, who has no reference and who was compared too often are answered alike. ``ticket`` is good for
    one proof of this very claim, by this kiosk, for two minutes.
    """

    is_allowed: bool = Field(description="whether this office takes such proofs at all")
    ticket: Annotated[str, StringConstraints(max_length=100)] = ""
    reference: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/=]*$", max_length=1_400_000)] = Field(
        default="", description="base64"
    )


PrintCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
"""Of one document, given out at the counter."""


class ProofRequest(Personal):
    """What was shown. Fields that the method does not use stay empty.

    The biometric methods say that the kiosk compared, with consent, and found a match; no score and no picture comes.
    """

    method: Literal["card-pin", "nik-pin", "qr-token", "print-code", "card-biometric", "nik-biometric"]
    card_uid: CardUid | None = None
    nik: Nik | None = None
    pin: Pin | None = None
    token: Annotated[str, StringConstraints(max_length=200)] | None = None
    code: PrintCode | None = None
    ticket: Annotated[str, StringConstraints(max_length=100)] | None = None
    band: Literal["clear", "strong"] | None = Field(default=None, description="how sure the comparison was")


class ProofAnswer(Personal):
    """``end``: proved, wrong, locked, card-unknown. ``attempts_left`` and ``retry_after_s`` are told for every NIK."""

    end: Literal["proved", "wrong", "locked", "card-unknown"]
    token: Annotated[str, StringConstraints(max_length=100)] = ""
    display_name: Annotated[str, StringConstraints(max_length=60)] = ""
    attempts_left: int | None = Field(default=None, ge=0, le=20)
    retry_after_s: int = Field(default=0, ge=0, le=86_400)
    can_bind_card: bool = False


class BindCardRequest(Personal):
    card_uid: CardUid


class Done(Model):
    """The answer of an act that has nothing to tell."""

    is_done: Literal[True] = True


class ProblemCode(StrEnum):
    KIOSK_UNKNOWN = "kiosk-unknown"
    VISIT_EXPIRED = "visit-expired"
    NOT_FOUND = "not-found"
    DOCUMENT_TAKEN = "document-taken"
    GRANT_CLOSED = "grant-closed"
    CARD_TAKEN = "card-taken"
    KEY_REUSED = "key-reused"
    KEY_MISSING = "key-missing"
    TOO_MANY = "too-many"
    TOO_LARGE = "too-large"
    AUDIT_REFUSED = "audit-refused"
    CODE_REFUSED = "code-refused"
    KIOSK_REVOKED = "kiosk-revoked"
    INVALID = "invalid"
    INTERNAL = "internal"


class Problem(Model):
    """The body of every error answer. ``detail`` is for the technician and never holds personal data."""

    code: ProblemCode
    detail: Long = ""


VERSION_PATH = "/v1"
KEY_HEADER = "Idempotency-Key"
VISIT_HEADER = "Visit-Token"
HASH_HEADER = "Content-SHA256"
REQUEST_HEADER = "Request-Number"
"""A number that the kiosk invents for each try and the office sends back: an answer belongs to one request alone."""
