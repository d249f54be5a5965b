"""An office in memory for tests of the core: same Protocol, no network, no latency, faults at will.

It keeps the rules that the core can see (attempts, one grant a document, idempotency keys, settlements) and none of
the office's inside.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from pydantic import BaseModel

from kiosk import api
from kiosk.backend.contract import (
    BiometricReference,
    Proof,
    ProofEnd,
    ProofMethod,
    ProofOutcome,
    Reachability,
    RefusedForGoodError,
)
from kiosk.errors import BackendError, ErrorCode

ATTEMPTS = 3
LOCK_S = 900
_MODELS: dict[str, type[BaseModel]] = {
    "settlement": api.Settlement,
    "survey": api.Survey,
    "event": api.Event,
    "complaint": api.Complaint,
    "ticket": api.Ticket,
    "ticket-return": api.LeaseReturn,
}
QUEUES = {"layanan": "A", "pengaduan": "B"}


@dataclass(slots=True)
class SimulatedPerson:
    """Somebody whom a test invents. ``documents`` may name the same document as a spouse's."""

    person: api.Person = field(repr=False)
    family: api.Family = field(repr=False)
    pin: str = field(default="123456", repr=False)
    card_uid: bytes = field(default=b"", repr=False)
    qr_token: str = field(default="", repr=False)
    print_code: str = field(default="", repr=False)
    documents: list[api.ReadyDocument] = field(default_factory=list, repr=False)
    is_closed: bool = False


@dataclass(slots=True)
class _Issued:
    grant: api.Grant
    end: api.PrintEnd | None = None


class SimulatedOffice:
    """``Office`` of the contract. ``make_pdf`` gets a ready document and gives the signed bytes, once each."""

    def __init__(self, people: Iterable[SimulatedPerson], make_pdf: Callable[[api.ReadyDocument], bytes]) -> None:
        self._people = {one.person.nik: one for one in people}
        self._make_pdf = make_pdf
        self._lock = threading.RLock()
        self._spent: set[str] = set()
        self._failures: Counter[str] = Counter()
        self._visits: dict[str, str] = {}
        self._pdfs: dict[str, bytes] = {}
        self._grants: dict[str, _Issued] = {}
        self._keys: dict[str, tuple[str, str]] = {}
        self._tickets: dict[str, str] = {}
        self.leases: dict[str, api.Lease] = {}
        self.at_desk: list[api.Complaint | api.Ticket | api.LeaseReturn] = []
        self.now: Callable[[], datetime] = lambda: datetime.now().astimezone()
        self.takes_biometrics = False
        self.references: dict[tuple[str, str], bytes] = {}
        self._listeners: list[Callable[[Reachability], None]] = []
        self._reachability = Reachability.ONLINE
        self._open = threading.Event()
        self._open.set()
        self.fault: ErrorCode | None = None
        """Raised by every call while set."""
        self.faults: dict[str, ErrorCode] = {}
        """Raised by the method of this name."""
        self.calls: Counter[str] = Counter()
        self.settlements: list[api.Settlement] = []
        self.surveys: list[api.Survey] = []
        self.events: list[api.Event] = []
        self.heartbeats: list[api.Heartbeat] = []
        self.is_closed = False

    # --- what tests press ------------------------------------------------------------------------------------------

    def go(self, reachability: Reachability) -> None:
        """Say that the office is reachable or not, and tell the listeners."""
        with self._lock:
            is_new = reachability is not self._reachability
            self._reachability = reachability
            listeners = list(self._listeners) if is_new else []
        for listener in listeners:
            listener(reachability)

    def hold(self) -> None:
        """Let every call wait until ``release``."""
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def document_state(self, document_id: str) -> api.PrintEnd | None:
        """How the newest grant of a document ended; None while it is open or when there is none."""
        with self._lock:
            ends = [one.end for one in self._grants.values() if one.grant.document_id == document_id]
        return ends[-1] if ends else None

    # --- the contract ----------------------------------------------------------------------------------------------

    def reachability(self) -> Reachability:
        return self._reachability

    def listen(self, listener: Callable[[Reachability], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def find_card(self, uid: bytes) -> bool:
        self._enter("find_card")
        return self._owner_of(uid) is not None

    def biometric(self, kind: str, *, card_uid: bytes = b"", nik: str = "") -> BiometricReference:
        """The reference that a test put into ``references``, by kind and NIK."""
        self._enter("biometric")
        if not self.takes_biometrics:
            return BiometricReference(is_allowed=False)
        owner = self._owner_of(card_uid) if card_uid else nik
        ticket = f"ticket-{self.calls['biometric']:06d}"
        self._tickets[ticket] = owner or ""
        return BiometricReference(True, ticket, self.references.get((kind, owner or "")))

    def prove(self, proof: Proof) -> ProofOutcome:
        self._enter("prove")
        with self._lock:
            if proof.method in (ProofMethod.CARD_BIOMETRIC, ProofMethod.NIK_BIOMETRIC):
                claimed = self._owner_of(proof.card_uid) if proof.card_uid else proof.nik
                somebody = self._people.get(claimed or "")
                if somebody is None or self._tickets.pop(proof.ticket, None) != claimed:
                    return ProofOutcome(ProofEnd.WRONG)
                return self._opened(somebody, can_bind_card=False)
            if proof.method is ProofMethod.QR_TOKEN:
                found = next(
                    (one for one in self._people.values() if proof.token and one.qr_token == proof.token), None
                )
                return self._opened(found, can_bind_card=False) if found else ProofOutcome(ProofEnd.WRONG)
            if proof.method is ProofMethod.PRINT_CODE:
                # Limited to one document by the real office; here there is but the one-time use.
                holder = next(
                    (one for one in self._people.values() if proof.token and one.print_code == proof.token), None
                )
                if holder is None or proof.token in self._spent:
                    return ProofOutcome(ProofEnd.WRONG)
                self._spent.add(proof.token)
                return self._opened(holder, can_bind_card=False)
            nik: str | None = proof.nik
            if proof.method is ProofMethod.CARD_PIN:
                nik = self._owner_of(proof.card_uid)
                if nik is None:
                    return ProofOutcome(ProofEnd.CARD_UNKNOWN)
            assert nik is not None
            if self._failures[nik] >= ATTEMPTS:
                return ProofOutcome(ProofEnd.LOCKED, attempts_left=0, retry_after_s=LOCK_S)
            one = self._people.get(nik)
            if one is None or one.pin != proof.pin:
                self._failures[nik] += 1
                left = ATTEMPTS - self._failures[nik]
                if left > 0:
                    return ProofOutcome(ProofEnd.WRONG, attempts_left=left)
                return ProofOutcome(ProofEnd.LOCKED, attempts_left=0, retry_after_s=LOCK_S)
            self._failures[nik] = 0
            return self._opened(one, can_bind_card=proof.method is ProofMethod.NIK_PIN)

    def bind_card(self, token: str, uid: bytes) -> None:
        self._enter("bind_card")
        visitor = self._visitor(token)
        if self._owner_of(uid) not in (None, visitor.person.nik):
            raise BackendError(ErrorCode.OFFICE_REFUSED, "card-taken")
        visitor.card_uid = uid

    def person(self, token: str) -> api.Person:
        self._enter("person")
        return self._visitor(token).person

    def family(self, token: str) -> api.Family:
        self._enter("family")
        return self._visitor(token).family

    def documents(self, token: str) -> list[api.ReadyDocument]:
        self._enter("documents")
        return [self._as_now(document) for document in self._visitor(token).documents]

    def grant(self, token: str, document_id: str, key: str) -> api.Grant:
        self._enter("grant")
        with self._lock:
            document = self._document(token, document_id)
            known = self._known(key, f"grant {document_id}")
            if known:
                issued = self._grants[known]
                is_done = issued.end in (api.PrintEnd.PRINTED, api.PrintEnd.UNKNOWN)
                return issued.grant.model_copy(update={"printed_already": is_done})
            if not self._as_now(document).can_print:
                raise BackendError(ErrorCode.DOCUMENT_TAKEN)
            grant = api.Grant(
                id=f"grant-{len(self._grants) + 1:06d}",
                document_id=document.id,
                kind=document.kind,
                pages=document.pages,
                medium=document.medium,
                sha256=sha256(self._pdf(document)).hexdigest(),
                expires_at=datetime.now(UTC) + timedelta(minutes=10),
                printed_already=False,
            )
            self._grants[grant.id] = _Issued(grant)
            self._keys[key] = (f"grant {document_id}", grant.id)
            return grant

    def fetch(self, token: str, grant_id: str) -> bytes:
        self._enter("fetch")
        with self._lock:
            issued = self._grants.get(grant_id)
            if issued is None:
                raise BackendError(ErrorCode.OFFICE_REFUSED, "not-found")
            if issued.end is not None:
                raise BackendError(ErrorCode.DOCUMENT_TAKEN)
            return self._pdf(self._document(token, issued.grant.document_id))

    def hand_over(self, token: str, document_id: str, key: str) -> api.HandOver:
        self._enter("hand_over")
        with self._lock:
            document = self._document(token, document_id)
            if not document.can_hand_over:
                raise BackendError(ErrorCode.OFFICE_REFUSED, "not-found")
            if not self._known(key, f"hand-over {document_id}"):
                self._keys[key] = (f"hand-over {document_id}", document_id)
            tail = sha256(key.encode()).hexdigest()[:40]
            return api.HandOver(url=f"http://office.invalid/h/{tail}", expires_in_s=300)

    def end_visit(self, token: str) -> None:
        self.calls["end_visit"] += 1
        with self._lock:
            self._visits.pop(token, None)

    def post(self, kind: str, body: bytes, key: str) -> None:
        self._enter("post")
        message = _MODELS[kind].model_validate_json(body)
        with self._lock:
            if self._known(key, f"{kind} {message.model_dump_json()}"):
                return
            self._keys[key] = (f"{kind} {message.model_dump_json()}", kind)
            if isinstance(message, api.Settlement):
                self._settle(message)
            elif isinstance(message, api.Survey):
                self.surveys.append(message)
            elif isinstance(message, api.Event):
                self.events.append(message)
            elif isinstance(message, api.Complaint | api.Ticket | api.LeaseReturn):
                self.at_desk.append(message)

    def lease(self, asked: api.LeaseRequest, key: str) -> api.Lease:
        self._enter("lease")
        with self._lock:
            if asked.queue not in QUEUES:
                raise RefusedForGoodError(ErrorCode.OFFICE_REFUSED, "not-found")
            now = self.now()
            if not self._known(key, f"lease {asked.model_dump_json()}"):
                first = 1 + max((one.last for one in self.leases.values() if one.queue == asked.queue), default=0)
                self._keys[key] = (f"lease {asked.model_dump_json()}", key)
                self.leases[key] = api.Lease(
                    id=f"lease-{len(self.leases):06d}",
                    queue=asked.queue,
                    prefix=QUEUES[asked.queue],
                    day=now.date(),
                    first=first,
                    last=first + asked.count - 1,
                    at=now,
                )
            return self.leases[key].model_copy(update={"at": now})

    def heartbeat(self, beat: api.Heartbeat) -> api.HeartbeatAnswer:
        self._enter("heartbeat")
        with self._lock:
            self.heartbeats.append(beat)
            held = [one for one in self._grants.values() if one.end is None] if beat.is_store_lost else []
            for one in held:
                one.end = api.PrintEnd.UNKNOWN
        return api.HeartbeatAnswer(time=datetime.now(UTC), interval_s=30, grants_held=len(held))

    def close(self) -> None:
        self.is_closed = True
        self._open.set()

    # --- inside ----------------------------------------------------------------------------------------------------

    def _enter(self, name: str) -> None:
        self.calls[name] += 1
        self._open.wait()
        code = self.fault or self.faults.get(name)
        if code is not None:
            raise BackendError(code, name)

    def _opened(self, one: SimulatedPerson, *, can_bind_card: bool) -> ProofOutcome:
        if one.is_closed:
            return ProofOutcome(ProofEnd.LOCKED, retry_after_s=LOCK_S)
        token = f"visit-{len(self._visits) + self.calls['prove']:06d}"
        self._visits[token] = one.person.nik
        return ProofOutcome(ProofEnd.PROVED, token=token, display_name=one.person.name, can_bind_card=can_bind_card)

    def _owner_of(self, uid: bytes) -> str | None:
        return next((nik for nik, one in self._people.items() if uid and one.card_uid == uid), None)

    def _visitor(self, token: str) -> SimulatedPerson:
        nik = self._visits.get(token)
        if nik is None:
            raise BackendError(ErrorCode.OFFICE_VISIT_EXPIRED)
        return self._people[nik]

    def _document(self, token: str, document_id: str) -> api.ReadyDocument:
        for document in self._visitor(token).documents:
            if document.id == document_id:
                return document
        raise BackendError(ErrorCode.OFFICE_REFUSED, "not-found")

    def _as_now(self, document: api.ReadyDocument) -> api.ReadyDocument:
        """The document as its grants have left it."""
        if not document.can_print:
            return document
        states = {one.end for one in self._grants.values() if one.grant.document_id == document.id}
        reason = next((why for end, why in _REASONS if end in states), None)
        return document.model_copy(update={"can_print": False, "reason": reason}) if reason else document

    def _pdf(self, document: api.ReadyDocument) -> bytes:
        if document.id not in self._pdfs:
            self._pdfs[document.id] = self._make_pdf(document)
        return self._pdfs[document.id]

    def _known(self, key: str, meaning: str) -> str:
        known = self._keys.get(key)
        if known is None:
            return ""
        if known[0] != meaning:
            raise BackendError(ErrorCode.OFFICE_REFUSED, "key-reused")
        return known[1]

    def _settle(self, settlement: api.Settlement) -> None:
        self.settlements.append(settlement)
        issued = self._grants.get(settlement.grant_id)
        if issued is None:
            raise BackendError(ErrorCode.OFFICE_REFUSED, "not-found")
        is_by_staff = issued.end is api.PrintEnd.UNKNOWN and settlement.evidence == "attendant"
        if issued.end not in (None, settlement.end) and not is_by_staff:
            raise BackendError(ErrorCode.DOCUMENT_TAKEN)
        issued.end = settlement.end


_REASONS: tuple[tuple[api.PrintEnd | None, api.NotReadyReason], ...] = (
    (api.PrintEnd.PRINTED, api.NotReadyReason.PRINTED_ALREADY),
    (api.PrintEnd.UNKNOWN, api.NotReadyReason.WITH_STAFF),
    (None, api.NotReadyReason.BEING_PRINTED),
)
