"""Where a visit stands within a flow: one immutable value."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from kiosk.errors import ErrorCode
from kiosk.flows.effects import BiometricKind, ProofKind
from kiosk.flows.outcomes import Ending


class Stage(StrEnum):
    """What is going on in the step; with the step's kind it decides the page. Composite kinds have several."""

    STANDARD = "standard"
    """The flow's service standard and consent, before the first step."""
    SHOW = "show"
    """A simple page waits for the person: notice, menu, form, review."""
    WORK = "work"
    """An effect runs that needs nothing of the person: fetch, bind, draw a number, keep a complaint."""
    CONFIRM = "confirm"
    """All questions of a form are answered; the next touch sends it."""
    TROUBLE = "trouble"
    """Something failed that may be tried again; ``failure`` says what."""
    CHOOSE_PROOF = "choose-proof"
    TAP = "tap"
    FIND = "find"
    NIK = "nik"
    PIN = "pin"
    SCAN = "scan"
    CODE = "code"
    PROVE = "prove"
    CONSENT = "consent"
    """May a face or finger be compared? The PIN is the other answer."""
    CAPTURE = "capture"
    """The comparison runs; the person looks at the camera or lays a finger on."""
    LOCKED = "locked"
    OFFER_BIND = "offer-bind"
    CHOOSE_DOCUMENT = "choose-document"
    PREPARE = "prepare"
    PREVIEW = "preview"
    PRINT = "print"
    PHONE = "phone"
    """The hand-over QR is on the screen."""
    SLIP = "slip"
    RATE = "rate"
    FINISH = "finish"
    """Take your things; ends by time or touch."""
    ENDED = "ended"


class Mark(msgspec.Struct, frozen=True):
    """A place to go back to, with what was typed there."""

    step: str
    stage: Stage
    question: str = ""


class State(msgspec.Struct, frozen=True):
    """``facts`` is what earlier steps produced (person, family, documents, name...), ``values`` what was typed.

    What was given and answered here: ``facts["ticket"]`` holds ``queue``, ``label`` (``B-017``) and ``name`` (texts),
    ``facts["complaint"]`` ``number``, ``topic`` and ``label`` (texts), ``facts["form"][step][field]`` an answer.
    ``pending`` is the id of the effect whose outcome is awaited, 0 when none. ``deadline`` is monotonic seconds at
    which ``Tick`` moves the step to its time-out. ``is_past_return`` forbids Back for good after an act that can't be
    undone. Nothing here is ever logged.
    """

    flow: str
    step: str
    stage: Stage
    facts: Mapping[str, Any] = {}
    values: Mapping[str, str] = {}
    history: tuple[Mark, ...] = ()
    pending: int = 0
    next_effect: int = 1
    deadline: float | None = None
    proof: ProofKind | None = None
    card_uid: bytes = b""
    card_is_stable: bool = False
    card_is_unknown: bool = False
    biometric: BiometricKind | None = None
    """What is compared now; set between consent and the proof's end."""
    has_consented: bool = False
    is_biometric_over: bool = False
    """Refused, tried twice, or of no use: this visit asks for the PIN."""
    tries: int = 0
    hint: str = ""
    """What the person can do better at the second try."""
    question: str = ""
    """Id of the question of a form that stands on the page."""
    document: str = ""
    """Id of the chosen document."""
    pages: int = 0
    page: int = 0
    done: int = 0
    reason: str = ""
    """What holds a print up, as the device's reason."""
    notice: ErrorCode | None = None
    """A correctable mistake shown on the page itself: wrong PIN, bad NIK."""
    attempts_left: int | None = None
    retry_after_s: int = 0
    failure: ErrorCode | None = None
    """First cause of what went wrong; the first one stays."""
    ending: Ending | None = None
    url: str = ""
    rating: int = 0
    is_past_return: bool = False
    direction_is_back: bool = False
    printed: tuple[str, ...] = ()
    """Kinds of the documents that came out in this visit."""
    closed: tuple[str, ...] = ()
    """Documents that are not offered again: printed, or of unknown end."""

    def __repr__(self) -> str:
        return f"State({self.flow}, {self.step}, {self.stage}, pending={self.pending}, ending={self.ending})"
