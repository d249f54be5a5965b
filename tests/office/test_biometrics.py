"""A match at a kiosk in the place of the PIN: off by default, bound to claim and kiosk, and counted."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert

from kiosk.backend.client import OfficeClient
from kiosk.backend.contract import Proof, ProofEnd, ProofMethod
from kiosk.office import database as db
from kiosk.settings import OfficeTable
from tests.office.desk import Desk

REFERENCE = b"not a face, only bytes"


@pytest.fixture
def allowing(desk: Desk) -> Iterator[Desk]:
    """An office that takes matches and has one person's reference."""
    biometrics = desk.services.proofs.biometrics
    before = biometrics._rules
    biometrics._rules = replace(before, takes_biometrics=True)
    with desk.services.database.writing() as connection:
        connection.execute(db.biometric.delete())
        row = {"nik": desk.people["everything"]["nik"], "kind": "face", "reference": REFERENCE}
        connection.execute(insert(db.biometric), [row])
    yield desk
    biometrics._rules = before


def ask(desk: Desk, slug: str = "everything", kind: str = "face", **claim: Any) -> dict[str, Any]:
    body = {"kind": kind} | (claim or {"nik": desk.people[slug]["nik"]})
    answer = desk.post("/v1/biometrics", json=body)
    answer.raise_for_status()
    return dict(answer.json())


def prove(desk: Desk, ticket: str, slug: str = "everything", **changes: Any) -> dict[str, Any]:
    body = {"method": "nik-biometric", "nik": desk.people[slug]["nik"], "ticket": ticket, "band": "strong"} | changes
    answer = desk.post("/v1/proofs", json=body)
    answer.raise_for_status()
    return dict(answer.json())


def test_off_by_default(desk: Desk) -> None:
    assert ask(desk) == {"is_allowed": False, "ticket": "", "reference": ""}
    body = {"method": "nik-biometric", "nik": desk.people["everything"]["nik"], "ticket": "x", "band": "strong"}
    assert desk.post("/v1/proofs", json=body).status_code == 422


def test_a_match_opens_a_visit_once(allowing: Desk) -> None:
    given = ask(allowing)
    assert base64.b64decode(given["reference"]) == REFERENCE
    opened = prove(allowing, given["ticket"])
    assert (opened["end"], opened["can_bind_card"]) == ("proved", False)
    assert prove(allowing, given["ticket"])["end"] == "wrong", "a ticket is used up"


def test_a_card_claims_as_a_nik_does(allowing: Desk) -> None:
    uid = allowing.people["everything"]["uid"]
    given = ask(allowing, card_uid=uid)
    assert given["reference"]
    wrong_claim = prove(allowing, given["ticket"], nik=allowing.people["spouse"]["nik"])
    assert wrong_claim["end"] == "wrong"
    given = ask(allowing, card_uid=uid)
    assert prove(allowing, given["ticket"], method="card-biometric", nik=None, card_uid=uid)["end"] == "proved"


def test_nobody_and_no_reference_look_the_same(allowing: Desk) -> None:
    answers = [ask(allowing, slug="spouse"), ask(allowing, nik="9901010101909999"), ask(allowing, kind="finger")]
    for given in answers:
        assert given["is_allowed"]
        assert given["reference"] == ""
        assert len(given["ticket"]) == len(ask(allowing)["ticket"])
    assert prove(allowing, answers[0]["ticket"], slug="spouse")["end"] == "wrong"
    assert prove(allowing, answers[2]["ticket"])["end"] == "wrong"


def test_a_reference_is_given_out_so_often_and_no_more(allowing: Desk) -> None:
    given = [bool(ask(allowing)["reference"]) for _ in range(6)]
    assert given == [True] * 4 + [False] * 2
    assert allowing.prove()["end"] == "proved", "the PIN is not locked by a camera"


def test_a_locked_pin_gives_no_reference(allowing: Desk) -> None:
    ticket = ask(allowing)["ticket"]
    for _ in range(3):
        allowing.prove(pin="000000")
    assert allowing.prove()["end"] == "locked"
    assert ask(allowing)["reference"] == ""
    assert prove(allowing, ticket)["end"] == "locked"


def test_a_late_ticket_is_none(allowing: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = ask(allowing)["ticket"]
    later = db.now_s() + 121
    monkeypatch.setattr(db, "now_s", lambda: later)
    assert prove(allowing, ticket)["end"] == "wrong"


@pytest.mark.parametrize("claim", [{}, {"nik": "9901010101909999", "card_uid": "04aabbcc"}])
def test_exactly_one_claim(allowing: Desk, claim: dict[str, str]) -> None:
    assert allowing.post("/v1/biometrics", json={"kind": "face"} | claim).status_code == 422


def test_the_kiosks_client_speaks_it(allowing: Desk) -> None:
    client = OfficeClient(OfficeTable(url=allowing.url, token_file=allowing.token_file))
    nik = allowing.people["everything"]["nik"]
    try:
        given = client.biometric("face", nik=nik)
        assert (given.is_allowed, given.reference) == (True, REFERENCE)
        assert str(given) == "BiometricReference(is_allowed=True)"
        assert client.biometric("face", nik="12").reference is None
        proof = Proof(ProofMethod.NIK_BIOMETRIC, nik=nik, ticket=given.ticket, band="strong")
        assert nik not in repr(proof)
        assert given.ticket not in repr(proof)
        assert client.prove(proof).end is ProofEnd.PROVED
        assert client.prove(proof).end is ProofEnd.WRONG
    finally:
        client.close()
