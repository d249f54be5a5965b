"""What tests of the core press on the office in memory."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kiosk import api
from kiosk.backend.contract import Proof, ProofEnd, ProofMethod, Reachability
from kiosk.backend.invented import invent_person
from kiosk.backend.simulated import SimulatedOffice
from kiosk.errors import BackendError, ErrorCode


@pytest.fixture
def office() -> SimulatedOffice:
    return SimulatedOffice([invent_person(1, kinds=[api.DocumentKind.KK])], lambda one: b"%PDF-" + one.id.encode())


def test_faults_hurt_all_calls_or_one(office: SimulatedOffice) -> None:
    office.faults["documents"] = ErrorCode.OFFICE_SLOW
    token = office.prove(Proof(ProofMethod.NIK_PIN, nik=invent_person(1).person.nik, pin="123456")).token
    with pytest.raises(BackendError) as slow:
        office.documents(token)
    assert slow.value.code is ErrorCode.OFFICE_SLOW
    assert office.person(token).nik
    office.fault = ErrorCode.OFFICE_OFFLINE
    with pytest.raises(BackendError) as away:
        office.person(token)
    assert away.value.code is ErrorCode.OFFICE_OFFLINE
    office.end_visit(token)


def test_held_calls_wait_for_their_release(office: SimulatedOffice) -> None:
    office.hold()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(office.find_card, b"1234567")
        assert not threading.Event().wait(0.05)
        assert not waiting.done()
        office.release()
        assert waiting.result(10) is False


def test_listeners_hear_changes(office: SimulatedOffice) -> None:
    heard: list[Reachability] = []
    stop = office.listen(heard.append)
    for state in (Reachability.OFFLINE, Reachability.OFFLINE, Reachability.ONLINE):
        office.go(state)
    stop()
    office.go(Reachability.OFFLINE)
    assert heard == [Reachability.OFFLINE, Reachability.ONLINE]


def test_closed_account_and_documents_that_are_not_ready(office: SimulatedOffice) -> None:
    closed = invent_person(2)
    closed.is_closed = True
    office = SimulatedOffice([closed], lambda _: b"")
    assert office.prove(Proof(ProofMethod.NIK_PIN, nik=closed.person.nik, pin=closed.pin)).end is ProofEnd.LOCKED


@pytest.mark.parametrize("number", [1, 26, 27, 702, 9999])
def test_invented_people_obey_the_rules(number: int) -> None:
    one = invent_person(number, children=8)
    niks = [member.nik for member in one.family.members]
    assert len(set(niks)) == 10
    for member in one.family.members:
        day = member.birth_date.day + (40 if member.sex.code == "2" else 0)
        assert member.nik[:6] == "990101"
        assert member.nik[6:12] == f"{day:02d}{member.birth_date:%m%y}"
        assert not any(letter.isdigit() for letter in member.name)
    assert one.person.nik == niks[0]
