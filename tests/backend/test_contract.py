"""What the core may rely on, held against the real office over HTTP and against the office in memory alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from kiosk import api
from kiosk.backend.contract import Office, Proof, ProofEnd, ProofMethod, Reachability
from kiosk.backend.invented import invent_person
from kiosk.backend.simulated import SimulatedOffice
from kiosk.errors import BackendError, ErrorCode
from tests.backend.conftest import Connect
from tests.office.desk import Desk


@dataclass(frozen=True, slots=True)
class Counter:
    """An office and the one visitor that the scenario needs."""

    office: Office
    nik: str
    pin: str
    uid: bytes
    token: str
    stranger_nik: str = "9901010101900099"
    stranger_uid: bytes = bytes.fromhex("04aabbccddeeff")

    def by_card(self, pin: str | None = None) -> Proof:
        return Proof(ProofMethod.CARD_PIN, card_uid=self.uid, pin=pin or self.pin)

    def by_nik(self, nik: str | None = None, pin: str | None = None) -> Proof:
        return Proof(ProofMethod.NIK_PIN, nik=nik or self.nik, pin=pin or self.pin)

    @property
    def wrong_pin(self) -> str:
        return "000000" if self.pin != "000000" else "111111"

    def visit(self) -> str:
        outcome = self.office.prove(self.by_nik())
        assert outcome.end is ProofEnd.PROVED
        return outcome.token

    def document(self, visit: str, kind: api.DocumentKind = api.DocumentKind.KK) -> api.ReadyDocument:
        return next(one for one in self.office.documents(visit) if one.kind is kind)

    def settle(self, grant_id: str, end: api.PrintEnd, key: str, evidence: str = "impressions") -> None:
        at = datetime(2026, 11, 22, 1, tzinfo=UTC)
        settlement = api.Settlement(grant_id=grant_id, print_id="print-0001", end=end, evidence=evidence, at=at)
        self.office.post("settlement", settlement.model_dump_json().encode(), key)


@pytest.fixture(params=["real", "in memory"])
def counter(request: pytest.FixtureRequest) -> Iterator[Counter]:
    if request.param == "real":
        desk: Desk = request.getfixturevalue("desk")
        connect: Connect = request.getfixturevalue("connect")
        who = desk.people["everything"]
        client = connect(desk.url, token_file=desk.token_file)
        yield Counter(client, who["nik"], who["pin"], bytes.fromhex(who["uid"]), who["token"])
        return
    person = invent_person(1, children=2, kinds=list(api.DocumentKind))
    office = SimulatedOffice([person], lambda document: b"%PDF-1.7 " + document.id.encode())
    yield Counter(office, person.person.nik, person.pin, person.card_uid, person.qr_token)
    office.close()


def test_cards_are_found(counter: Counter) -> None:
    assert counter.office.find_card(counter.uid) is True
    assert counter.office.find_card(counter.stranger_uid) is False


def test_every_method_proves(counter: Counter) -> None:
    by_token = Proof(ProofMethod.QR_TOKEN, token=counter.token)
    for proof in (counter.by_card(), counter.by_nik(), by_token):
        outcome = counter.office.prove(proof)
        assert outcome.end is ProofEnd.PROVED
        assert outcome.token
        assert outcome.display_name
        assert outcome.can_bind_card is (proof.method is ProofMethod.NIK_PIN)
        assert outcome.token not in repr(outcome)
        assert outcome.display_name not in repr(outcome)


def test_wrong_proofs_are_values_and_tell_nothing(counter: Counter) -> None:
    office = counter.office
    real = [office.prove(counter.by_nik(pin=counter.wrong_pin)) for _ in range(3)]
    unknown = [office.prove(counter.by_nik(nik=counter.stranger_nik, pin=counter.wrong_pin)) for _ in range(3)]
    assert real == unknown
    assert [(one.end, one.attempts_left) for one in real] == [
        (ProofEnd.WRONG, 2),
        (ProofEnd.WRONG, 1),
        (ProofEnd.LOCKED, 0),
    ]
    assert office.prove(counter.by_card()).end is ProofEnd.LOCKED
    stranger = Proof(ProofMethod.CARD_PIN, card_uid=counter.stranger_uid, pin="123456")
    assert office.prove(stranger).end is ProofEnd.CARD_UNKNOWN
    assert office.prove(Proof(ProofMethod.QR_TOKEN, token="nothing")).end is ProofEnd.WRONG


def test_person_family_and_documents_belong_together(counter: Counter) -> None:
    visit = counter.visit()
    person, family = counter.office.person(visit), counter.office.family(visit)
    assert person.nik == counter.nik
    assert person.no_kk == family.no_kk
    assert person.nik in [one.nik for one in family.members]
    documents = counter.office.documents(visit)
    assert api.DocumentKind.KK in {one.kind for one in documents}
    assert all(one.can_print and one.reason is None for one in documents)


def test_grant_fetch_settle(counter: Counter) -> None:
    visit = counter.visit()
    document = counter.document(visit)
    grant = counter.office.grant(visit, document.id, "key-00000001")
    assert counter.office.grant(visit, document.id, "key-00000001") == grant
    pdf = counter.office.fetch(visit, grant.id)
    assert sha256(pdf).hexdigest() == grant.sha256
    assert counter.office.fetch(visit, grant.id) == pdf
    assert counter.document(visit).reason is api.NotReadyReason.BEING_PRINTED
    with pytest.raises(BackendError) as taken:
        counter.office.grant(visit, document.id, "key-00000002")
    assert taken.value.code is ErrorCode.DOCUMENT_TAKEN
    counter.settle(grant.id, api.PrintEnd.PRINTED, "settle-00001")
    counter.settle(grant.id, api.PrintEnd.PRINTED, "settle-00001")
    assert counter.document(visit).reason is api.NotReadyReason.PRINTED_ALREADY
    assert counter.office.grant(visit, document.id, "key-00000001").printed_already is True
    with pytest.raises(BackendError) as closed:
        counter.office.fetch(visit, grant.id)
    assert closed.value.code is ErrorCode.DOCUMENT_TAKEN


def test_failed_frees_and_unknown_waits_for_staff(counter: Counter) -> None:
    visit = counter.visit()
    document = counter.document(visit)
    first = counter.office.grant(visit, document.id, "key-00000001")
    counter.settle(first.id, api.PrintEnd.FAILED, "settle-00001")
    assert counter.document(visit).can_print is True
    second = counter.office.grant(visit, document.id, "key-00000002")
    counter.settle(second.id, api.PrintEnd.UNKNOWN, "settle-00002")
    assert counter.document(visit).reason is api.NotReadyReason.WITH_STAFF
    with pytest.raises(BackendError) as late:
        counter.settle(second.id, api.PrintEnd.PRINTED, "settle-00003")
    assert late.value.code in (ErrorCode.OFFICE_REFUSED, ErrorCode.DOCUMENT_TAKEN)
    counter.settle(second.id, api.PrintEnd.FAILED, "settle-00004", evidence="attendant")
    assert counter.document(visit).can_print is True


def test_strange_documents_and_grants_are_refused(counter: Counter) -> None:
    visit = counter.visit()
    for call in (
        lambda: counter.office.grant(visit, "no-such-document", "key-00000001"),
        lambda: counter.office.fetch(visit, "no-such-grant"),
        lambda: counter.office.hand_over(visit, "no-such-document", "key-00000001"),
        lambda: counter.settle("no-such-grant", api.PrintEnd.PRINTED, "settle-00001"),
    ):
        with pytest.raises(BackendError) as refused:
            call()
        assert refused.value.code is ErrorCode.OFFICE_REFUSED


def test_hand_over_is_idempotent_and_not_for_cards(counter: Counter) -> None:
    visit = counter.visit()
    document = counter.document(visit)
    first = counter.office.hand_over(visit, document.id, "hand-0000001")
    assert counter.office.hand_over(visit, document.id, "hand-0000001").url == first.url
    assert counter.office.hand_over(visit, document.id, "hand-0000002").url != first.url
    assert first.url not in repr(first)
    card = counter.document(visit, api.DocumentKind.KTP_EL)
    with pytest.raises(BackendError) as refused:
        counter.office.hand_over(visit, card.id, "hand-0000003")
    assert refused.value.code is ErrorCode.OFFICE_REFUSED


def test_ended_visit_is_over_and_ending_never_raises(counter: Counter) -> None:
    visit = counter.visit()
    counter.office.end_visit(visit)
    counter.office.end_visit(visit)
    for call in (counter.office.person, counter.office.family, counter.office.documents):
        with pytest.raises(BackendError) as over:
            call(visit)
        assert over.value.code is ErrorCode.OFFICE_VISIT_EXPIRED


def test_card_is_bound_with_consent(counter: Counter) -> None:
    visit = counter.visit()
    counter.office.bind_card(visit, counter.stranger_uid)
    assert counter.office.find_card(counter.stranger_uid) is True


def test_messages_are_taken_once_a_key(counter: Counter) -> None:
    at = datetime(2026, 11, 22, 1, tzinfo=UTC)
    survey = api.Survey(rating=4, service="cetak-kk", visit_ref="visit-00000001", at=at)
    event = api.Event(name="print.failed", at=at, fields={"reason": "media-jam"})
    for _ in range(2):
        counter.office.post("survey", survey.model_dump_json().encode(), "survey-00001")
        counter.office.post("event", event.model_dump_json().encode(), "event-000001")
    with pytest.raises(BackendError) as reused:
        counter.office.post(
            "survey", survey.model_copy(update={"rating": 1}).model_dump_json().encode(), "survey-00001"
        )
    assert reused.value.code is ErrorCode.OFFICE_REFUSED


def test_heartbeat_after_a_lost_store_holds_open_grants(counter: Counter) -> None:
    visit = counter.visit()
    counter.office.grant(visit, counter.document(visit).id, "key-00000001")
    beat = api.Heartbeat(kiosk="anjungan-test", version="0", at=datetime.now(UTC), is_store_lost=True)
    assert counter.office.heartbeat(beat).grants_held == 1
    assert counter.document(visit).reason is api.NotReadyReason.WITH_STAFF
    assert counter.office.heartbeat(beat.model_copy(update={"is_store_lost": False})).grants_held == 0


def test_reachability_is_known_after_a_call(counter: Counter) -> None:
    counter.office.find_card(counter.uid)
    assert counter.office.reachability() is Reachability.ONLINE
