"""The client against the real office: faults at the switch, recovery by itself, keys, refusals, bytes."""

import json
import threading
import time
from pathlib import Path

import pytest
import requests

from kiosk import api
from kiosk.backend.breaker import Breaker, BreakerRules
from kiosk.backend.client import OfficeClient, RefusedForGoodError
from kiosk.backend.contract import Proof, ProofEnd, ProofMethod, Reachability
from kiosk.errors import BackendError, ErrorCode, SettingsError
from kiosk.office.guards import FaultMode
from kiosk.settings import OfficeTable
from tests.backend.conftest import Connect
from tests.backend.rogue import RogueServer, answer, says
from tests.office.desk import Desk

UID = bytes.fromhex("04010203040506")
QUICK = BreakerRules(first_wait_s=0.05, longest_wait_s=0.1)


def visit_of(client: OfficeClient, desk: Desk, slug: str = "everything") -> str:
    who = desk.people[slug]
    outcome = client.prove(Proof(ProofMethod.NIK_PIN, nik=who["nik"], pin=who["pin"]))
    assert outcome.end is ProofEnd.PROVED
    return outcome.token


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        (FaultMode.HTTP_500, ErrorCode.OFFICE_FAULT),
        (FaultMode.HTML, ErrorCode.OFFICE_BAD_ANSWER),
        (FaultMode.GARBAGE, ErrorCode.OFFICE_BAD_ANSWER),
        (FaultMode.REFUSE, ErrorCode.OFFICE_REFUSED),
        (FaultMode.GONE, ErrorCode.OFFICE_OFFLINE),
        (FaultMode.SLOW, ErrorCode.OFFICE_SLOW),
        (FaultMode.DRIP, ErrorCode.OFFICE_SLOW),
    ],
)
def test_each_fault_of_the_demo_is_understood(desk: Desk, connect: Connect, mode: FaultMode, code: ErrorCode) -> None:
    token = visit_of(connect(desk.url, token_file=desk.token_file), desk)
    client = connect(desk.url, token_file=desk.token_file, deadline_s=0.6)
    desk.faults.mode, desk.faults.seconds = mode, 20.0 if mode is FaultMode.SLOW else 0.1
    start = time.monotonic()
    with pytest.raises(BackendError) as caught:
        client.family(token)
    assert caught.value.code is code
    assert time.monotonic() - start < 5
    desk.faults.mode = FaultMode.NONE


def test_breaker_opens_and_the_client_finds_the_office_again_by_itself(desk: Desk, connect: Connect) -> None:
    client = connect(desk.url, Breaker(QUICK), token_file=desk.token_file, deadline_s=2)
    heard: list[Reachability] = []
    is_back = threading.Event()

    def listen(news: Reachability) -> None:
        heard.append(news)
        if news is Reachability.ONLINE and Reachability.OFFLINE in heard:
            is_back.set()

    client.listen(listen)
    assert client.find_card(UID) is False
    desk.faults.mode = FaultMode.GONE
    until = time.monotonic() + 10
    while client.reachability() is not Reachability.OFFLINE and time.monotonic() < until:
        with pytest.raises(BackendError):
            client.find_card(UID)
    assert client.reachability() is Reachability.OFFLINE
    start = time.monotonic()
    with pytest.raises(BackendError) as refused:
        client.find_card(UID)
    assert refused.value.code is ErrorCode.OFFICE_OFFLINE
    assert time.monotonic() - start < 1
    desk.faults.mode = FaultMode.NONE
    assert is_back.wait(10)
    assert heard == [Reachability.ONLINE, Reachability.OFFLINE, Reachability.ONLINE]
    assert client.find_card(UID) is False


def test_office_that_refuses_is_an_office_that_is_there(desk: Desk, connect: Connect, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.token"
    wrong.write_text("not a token")
    client = connect(desk.url, token_file=wrong)
    for _ in range(6):
        with pytest.raises(BackendError) as refused:
            client.find_card(UID)
        assert refused.value.code is ErrorCode.OFFICE_REFUSED
    assert client.reachability() is Reachability.ONLINE


def test_fetched_bytes_are_what_the_office_signed(desk: Desk, client: OfficeClient) -> None:
    token = visit_of(client, desk)
    document = next(one for one in client.documents(token) if one.kind is api.DocumentKind.KK)
    grant = client.grant(token, document.id, "key-00000001")
    assert client.fetch(token, grant.id) == desk.services.issuer.issue(document.id).pdf


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(
            answer(b"%PDF-1.7 x", kind="application/pdf", more=f"{api.HASH_HEADER}: {'0' * 64}\r\n"), id="hash"
        ),
        pytest.param(answer(b"%PDF-1.7 x", kind="application/pdf"), id="no hash"),
        pytest.param(answer(b"<html>", kind="text/html"), id="html"),
        pytest.param(answer(b"PK\x03\x04", kind="application/pdf"), id="no pdf"),
        pytest.param(answer(b"", kind="application/pdf"), id="empty"),
    ],
)
def test_altered_or_foreign_bytes_are_no_document(connect: Connect, reply: bytes) -> None:
    with RogueServer(says(reply)) as server:
        with pytest.raises(BackendError) as caught:
            connect(server.url).fetch("token", "grant-00000001")
        assert caught.value.code is ErrorCode.OFFICE_BAD_ANSWER


def test_what_the_office_never_takes_is_told_apart(desk: Desk, client: OfficeClient) -> None:
    with pytest.raises(RefusedForGoodError) as malformed:
        client.post("survey", b'{"rating": 9}', "survey-00001")
    assert malformed.value.code is ErrorCode.OFFICE_REFUSED
    token = visit_of(client, desk)
    document = next(one for one in client.documents(token) if one.kind is api.DocumentKind.KK)
    grant = client.grant(token, document.id, "key-00000001")
    body = {"grant_id": grant.id, "print_id": "print-0001", "end": "printed", "evidence": "none"}
    body |= {"at": "2026-11-22T08:00:00+07:00"}
    client.post("settlement", json.dumps(body).encode(), "settle-00001")
    with pytest.raises(RefusedForGoodError) as closed:
        client.post("settlement", json.dumps(body | {"end": "failed"}).encode(), "settle-00002")
    assert closed.value.code is ErrorCode.OFFICE_REFUSED
    with pytest.raises(ValueError, match="no such message"):
        client.post("gossip", b"{}", "gossip-00001")


@pytest.mark.parametrize(
    "proof",
    [
        Proof(ProofMethod.NIK_PIN, nik="123", pin="123456"),
        Proof(ProofMethod.NIK_PIN, nik="9901010101900099", pin="12"),
        Proof(ProofMethod.CARD_PIN, card_uid=b"", pin="123456"),
        Proof(ProofMethod.CARD_PIN, card_uid=b"x" * 40, pin="123456"),
        Proof(ProofMethod.QR_TOKEN, token="x" * 500),
    ],
)
def test_impossible_proofs_are_wrong_without_asking(connect: Connect, proof: Proof) -> None:
    with RogueServer(says(b"")) as server:
        assert connect(server.url).prove(proof).end is ProofEnd.WRONG
        assert server.connections == 0


@pytest.mark.parametrize("uid", [b"", b"\x04\x01", b"x" * 11])
def test_impossible_card_identifiers_find_nobody(connect: Connect, uid: bytes) -> None:
    with RogueServer(says(b"")) as server:
        client = connect(server.url)
        assert client.find_card(uid) is False
        with pytest.raises(RefusedForGoodError):
            client.bind_card("token", uid)
        assert server.connections == 0


def test_hand_over_address_serves_a_phone(desk: Desk, client: OfficeClient) -> None:
    token = visit_of(client, desk)
    document = next(one for one in client.documents(token) if one.kind is api.DocumentKind.KK)
    handed = client.hand_over(token, document.id, "hand-0000001")
    assert requests.get(handed.url, timeout=20).status_code == 200
    assert requests.post(handed.url, timeout=20).content == desk.services.issuer.issue(document.id).pdf


def test_end_visit_never_raises_and_never_waits_long(connect: Connect) -> None:
    from tests.backend.rogue import says_nothing

    with RogueServer(says_nothing) as server:
        start = time.monotonic()
        connect(server.url, deadline_s=30).end_visit("token")
        assert time.monotonic() - start < 5


def test_missing_token_file_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        OfficeClient(OfficeTable(token_file=tmp_path / "none"))


def test_closed_client_gives_up_repeating_and_probing(desk: Desk, connect: Connect) -> None:
    client = connect(desk.url, Breaker(QUICK), token_file=desk.token_file, deadline_s=5)
    desk.faults.mode = FaultMode.GONE
    for _ in range(3):
        with pytest.raises(BackendError):
            client.find_card(UID)
    assert any(thread.name == "office-probe" for thread in threading.enumerate())
    client.close()
    until = time.monotonic() + 10
    while any(thread.name == "office-probe" for thread in threading.enumerate()) and time.monotonic() < until:
        threading.Event().wait(0.01)
    assert not any(thread.name == "office-probe" for thread in threading.enumerate())


def test_calls_leave_no_thread_and_no_descriptor_behind(desk: Desk, client: OfficeClient) -> None:
    client.find_card(UID)
    here = Path("/proc/self/fd")
    before = len(list(here.iterdir()))
    threads = threading.active_count()
    for _ in range(30):
        client.find_card(UID)
    until = time.monotonic() + 10
    while threading.active_count() > threads and time.monotonic() < until:
        threading.Event().wait(0.01)
    assert threading.active_count() <= threads
    assert len(list(here.iterdir())) <= before + 2


def test_eight_threads_share_one_client(desk: Desk, client: OfficeClient) -> None:
    from concurrent.futures import ThreadPoolExecutor

    token, nik = visit_of(client, desk), desk.people["everything"]["nik"]
    with ThreadPoolExecutor(8) as pool:
        niks = list(pool.map(lambda _: client.person(token).nik, range(40)))
    assert niks == [nik] * 40
