"""The world around the engine: an office that keeps books, printers of paper, a reader; all in memory, all honest.

What truly happened stands in ``ModelPrinter.sheets`` and ``ModelOffice.settlements``, whatever anybody was told.
"""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kiosk import api
from kiosk.backend.contract import Proof, ProofEnd, ProofMethod, ProofOutcome
from kiosk.devices.contract import (
    Band,
    CardRead,
    CardReadKind,
    DeviceKind,
    Presence,
    Status,
)
from kiosk.documents.verified import ExpectedSize, VerifiedDocument
from kiosk.errors import BackendError, DocumentError, ErrorCode
from tests.soak.engine.faults import Fates, Place, Strike

BEGAN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SHEETS_PER_CALL = 1


class ModelClock:
    """Seconds since the world began; waiting costs none."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.seconds)

    def wait(self, event: threading.Event, seconds: float) -> None:
        if not event.is_set():
            self.seconds += seconds

    sleep = None


class ModelCancel(threading.Event):
    """An event on which waiting moves the clock and takes no time."""

    def __init__(self, clock: ModelClock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        if not self.is_set():
            self._clock.seconds += timeout or 0.0
        return self.is_set()


@dataclass(slots=True)
class Person:
    """Somebody with a card, a NIK of the invented region, a PIN and documents (id, kind, pages)."""

    number: int
    nik: str
    uid: bytes
    pin: str
    documents: tuple[str, ...]


@dataclass(slots=True)
class Paper:
    """A document at the office. ``state``: free, taken, printed, with-staff."""

    id: str
    owner: int
    kind: api.DocumentKind
    pages: int
    data: bytes
    sha256: str
    state: str = "free"


class ModelOffice:
    """Books that nobody can lie to: who proved what, whom a grant was given for, how each was settled."""

    def __init__(self, people: list[Person], papers: dict[str, Paper], fates: Fates, clock: ModelClock) -> None:
        self.people = people
        self.papers = papers
        self.grants: dict[str, api.Grant] = {}
        self.key_of: dict[str, str] = {}
        self.settlements: dict[str, list[api.Settlement]] = {}
        self.fetched: set[str] = set()
        self.tokens: dict[str, Person] = {}
        self.away_for = 0
        self._bodies: dict[str, api.Settlement] = {}
        self._fates = fates
        self._clock = clock

    def _served(self, serve: Callable[[], Any]) -> Any:
        """A call over a network that loses requests, loses answers, and repeats."""
        strike = self._fates.at(Place.OFFICE)
        if strike is Strike.AWAY:
            self.away_for = 4
        if self.away_for:
            self.away_for -= 1
            raise BackendError(ErrorCode.OFFICE_OFFLINE)
        if strike is Strike.LOST_REQUEST:
            raise BackendError(ErrorCode.OFFICE_SLOW)
        answer = serve()
        if strike is Strike.TWICE:
            answer = serve()
        if strike is Strike.LOST_ANSWER:
            raise BackendError(ErrorCode.OFFICE_SLOW)
        self._strike = strike
        self._fates.at(Place.OFFICE)
        return answer

    def find_card(self, uid: bytes) -> bool:
        return bool(self._served(lambda: any(person.uid == uid for person in self.people)))

    def prove(self, proof: Proof) -> ProofOutcome:
        def serve() -> ProofOutcome:
            for person in self.people:
                is_card = proof.method is ProofMethod.CARD_PIN and person.uid == proof.card_uid
                is_nik = proof.method is ProofMethod.NIK_PIN and person.nik == proof.nik
                if proof.method is ProofMethod.QR_TOKEN:
                    is_proved = proof.token == f"TOKEN-{person.number}"
                else:
                    is_proved = (is_card or is_nik) and proof.pin == person.pin
                if is_proved:
                    token = f"visit-{len(self.tokens)}"
                    self.tokens[token] = person
                    return ProofOutcome(ProofEnd.PROVED, token, "S*** W***")
            return ProofOutcome(ProofEnd.WRONG, attempts_left=2)

        outcome: ProofOutcome = self._served(serve)
        return outcome

    def documents(self, token: str) -> list[api.ReadyDocument]:
        def serve() -> list[api.ReadyDocument]:
            return [
                api.ReadyDocument.model_construct(
                    id=paper.id,
                    kind=paper.kind,
                    title=_WORDS,
                    subject="X",
                    issued=_DAY,
                    medium=api.Medium.ID_1 if paper.kind == "ktp-el" else api.Medium.A4,
                    pages=paper.pages,
                    can_print=paper.state == "free",
                    can_hand_over=True,
                    reason=None,
                )
                for paper in map(self.papers.__getitem__, self._whose(token).documents)
            ]

        listed: list[api.ReadyDocument] = self._served(serve)
        return listed

    def grant(self, token: str, document_id: str, key: str) -> api.Grant:
        def serve() -> api.Grant:
            if key in self.grants:
                return self.grants[key]
            paper = self.papers[document_id]
            if paper.owner != self._whose(token).number or paper.state != "free":
                raise BackendError(ErrorCode.DOCUMENT_TAKEN)
            paper.state = "taken"
            grant = api.Grant.model_construct(
                id=f"grant-{len(self.grants):06d}",
                document_id=document_id,
                kind=paper.kind,
                pages=paper.pages,
                medium=api.Medium.A4,
                sha256=paper.sha256,
                expires_at=self._clock.now() + timedelta(minutes=10),
                printed_already=False,
            )
            self.grants[key] = grant
            self.key_of[grant.id] = key
            return grant

        granted: api.Grant = self._served(serve)
        return granted

    def fetch(self, token: str, grant_id: str) -> bytes:
        def serve() -> bytes:
            paper = self.papers[self.grants[self.key_of[grant_id]].document_id]
            if paper.owner != self._whose(token).number:
                raise BackendError(ErrorCode.OFFICE_REFUSED)
            self.fetched.add(grant_id)
            return paper.data

        data: bytes = self._served(serve)
        if self._strike is Strike.MIXED_UP:
            return next(paper.data for paper in self.papers.values() if paper.data != data)
        return data[:-1] if self._strike is Strike.TORN else data

    def hand_over(self, token: str, document_id: str, key: str) -> api.HandOver:
        return api.HandOver.model_construct(url="https://kantor.invalid/h/x", expires_in_s=60)

    def post(self, kind: str, settlement: api.Settlement, key: str) -> None:
        def serve() -> None:
            if key in self._bodies:
                assert self._bodies[key] == settlement, "one key, two settlements"
                return
            self._bodies[key] = settlement
            self.settlements.setdefault(settlement.grant_id, []).append(settlement)
            paper = self.papers[self.grants[self.key_of[settlement.grant_id]].document_id]
            paper.state = {"failed": "free", "printed": "printed"}.get(settlement.end, "with-staff")

        self._served(serve)

    def end_visit(self, token: str) -> None:
        """The token opens nothing any more."""

    def _whose(self, token: str) -> Person:
        if token not in self.tokens:
            raise BackendError(ErrorCode.OFFICE_VISIT_EXPIRED)
        return self.tokens[token]


_WORDS = api.Words(id="KK", en="KK")
_DAY = BEGAN.date()


class ModelVerifier:
    """The signature is the hash here; the real gate has tests of its own."""

    def verify(self, pdf: bytes, *, expected_sha256: str | None, size: ExpectedSize) -> VerifiedDocument:
        sha256 = hashlib.sha256(pdf).hexdigest()
        if sha256 != expected_sha256:
            raise DocumentError(ErrorCode.SIGNATURE_BROKEN)
        return VerifiedDocument(pdf, sha256, pdf[5], "", BEGAN, 297.0, 210.0)


class ModelReader:
    """A reader on which the visitor's card lies once it was asked for."""

    def __init__(self, fates: Fates) -> None:
        self._fates = fates
        self._uid = b""
        self._insertion = 0
        self.visitor_uid = b""
        self._away_for = 0

    def lay(self, uid: bytes) -> None:
        """Another card, or none, lies there now."""
        self._uid = uid
        self._insertion += 1

    @property
    def has_card(self) -> bool:
        return bool(self._uid)

    def presence(self) -> Presence:
        return Presence(bool(self._uid), self._insertion)

    def status(self) -> Status:
        if self._away_for:
            self._away_for -= 1
        return Status(DeviceKind.CARD_READER, Band.ERROR if self._away_for else Band.OK, (), 0.0)

    def read(self, deadline_s: float, cancel: threading.Event) -> CardRead:
        strike = self._fates.at(Place.READER)
        if cancel.is_set():
            return CardRead(CardReadKind.CANCELLED)
        if strike is Strike.READER_AWAY:
            self._away_for = 3
            return CardRead(CardReadKind.READER_AWAY)
        if not self._uid:
            self.lay(self.visitor_uid)
        if strike is Strike.MUTE:
            return CardRead(CardReadKind.MUTE, self._insertion)
        read = CardRead(CardReadKind.READ, self._insertion, self._uid, is_uid_stable=True)
        self._fates.at(Place.READER)
        return read

    def is_same_card(self, read: CardRead, deadline_s: float) -> bool:
        strike = self._fates.at(Place.READER)
        is_same = read.insertion == self._insertion and read.uid == self._uid and strike is not Strike.MUTE
        if strike is Strike.READER_AWAY:
            self._away_for = 3
        self._fates.at(Place.READER)
        return is_same
