"""Print codes: one document, one visit, one use; whatever else is typed is answered alike."""

import concurrent.futures
import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event, func, select

from kiosk import api
from kiosk.office import access_tables as at
from kiosk.office import database as db
from kiosk.office.__main__ import main
from kiosk.office.print_codes import DIGITS, NoSuchDocumentError
from kiosk.office.reception import open_services
from kiosk.office.retention import DAY_S, erase_old
from kiosk.office.rules import Rules
from tests.office.desk import Desk
from tests.office.test_attempts import KIOSK, OTHER, go_on  # noqa: F401 (fixture)

KK = api.DocumentKind.KK


def holder(desk: Desk) -> dict[str, Any]:
    return next(one for one in desk.people.values() if "kk" in one["documents"] and len(one["documents"]) > 1)


def coded(desk: Desk, **more: Any) -> str:
    return desk.services.proofs.print_codes.make(holder(desk)["nik"], KK, **more).code


def typed(desk: Desk, code: str) -> dict[str, Any]:
    return desk.prove(method="print-code", code=code, nik=None, pin=None)


def test_a_code_opens_its_document_and_nothing_else_of_the_person(desk: Desk) -> None:
    who = holder(desk)
    others = desk.get("/v1/documents", headers=desk.visit(who["slug"])).json()
    answer = typed(desk, coded(desk))
    assert (answer["end"], answer["can_bind_card"]) == ("proved", False)
    visit = {api.VISIT_HEADER: answer["token"]}
    (only,) = desk.get("/v1/documents", headers=visit).json()
    assert (only["kind"], only["can_print"], only["can_hand_over"]) == ("kk", True, False)
    assert len(others) > 1
    for path in ("/v1/person", "/v1/family"):
        assert desk.get(path, headers=visit).status_code == 404
    stranger = next(one["id"] for one in others if one["id"] != only["id"])
    assert desk.grant(visit, stranger).status_code == 404
    for document in (only["id"], stranger):
        asked = desk.post(
            "/v1/hand-overs", json={"document_id": document}, headers=visit | {api.KEY_HEADER: "key-000077"}
        )
        assert asked.status_code == 404
    assert desk.post("/v1/visit/card", json={"card_uid": "04aabbccddeeff"}, headers=visit).status_code == 409
    grant = desk.grant(visit, only["id"], "key-00000002")
    assert grant.status_code == 200
    fetched = desk.get(f"/v1/grants/{grant.json()['id']}/document", headers=visit)
    assert fetched.content.startswith(b"%PDF-")
    desk.settle(grant.json()["id"], "printed", "key-00000003").raise_for_status()


def test_a_code_is_good_once_also_for_two_kiosks_and_two_offices_at_once(desk: Desk) -> None:
    ask = api.ProofRequest(method="print-code", code=coded(desk))
    second = open_services(desk.folder)
    places = [(services, kiosk) for services in (desk.services, second) for kiosk in (KIOSK, OTHER)] * 2
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(lambda place: place[0].proofs.prove(place[1], ask).end, places))
    assert sorted(ends) == ["proved"] + ["wrong"] * 7
    second.database.close()
    third = open_services(desk.folder)
    assert third.proofs.prove(OTHER, ask).end == "wrong", "nor after a restart"
    third.database.close()


def test_unknown_used_expired_and_void_codes_are_answered_alike_with_the_same_work(
    desk: Desk,
    go_on: Callable[[int], None],  # noqa: F811 (the fixture)
) -> None:
    void = coded(desk)
    used = coded(desk)  # a newer code voids the older one
    assert typed(desk, used)["end"] == "proved"
    expired = coded(desk, hours=1)
    go_on(3_600)
    said: list[str] = []
    engine = desk.services.database._engine
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, text, *_rest: said.append(text))
    seen = []
    for code in (void, used, expired, "0000000000"):
        said.clear()
        answer = desk.services.proofs.prove(KIOSK, api.ProofRequest(method="print-code", code=code))
        seen.append((answer, list(said)))
    assert all(one == seen[0] for one in seen)
    assert seen[0][0] == api.ProofAnswer(end="wrong")


@pytest.mark.parametrize("rules", [replace(Rules(), kiosk_failures=5)], ids=["five failures"])
def test_guessing_throttles_the_kiosk_and_right_codes_do_not(desk: Desk) -> None:
    for _ in range(7):
        assert typed(desk, coded(desk))["end"] == "proved"
    good = coded(desk)
    for number in range(5):
        assert typed(desk, f"{number:010d}")["end"] == "wrong"
    refused = desk.post("/v1/proofs", json={"method": "print-code", "code": good})
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many")


@pytest.mark.parametrize("code", ["123456789", "12345678901", "12345-67890", "abcdefghij", "", None])
def test_what_is_no_code_is_refused_before_it_is_looked_for(desk: Desk, code: str | None) -> None:
    asked = desk.post("/v1/proofs", json={"method": "print-code", "code": code})
    assert asked.status_code == 422
    assert str(code) not in asked.text or not code


def test_the_code_stands_nowhere_and_goes_a_day_after_its_time(desk: Desk) -> None:
    made = desk.services.proofs.print_codes.make(holder(desk)["nik"], KK)
    token = typed(desk, made.code)["token"]
    assert made.grouped.replace("-", "") == made.code
    assert len(made.code) == DIGITS
    connection: Any
    with desk.services.database.reading() as connection:
        text = str(connection.execute(select(at.print_code)).all()) + str(
            connection.execute(select(at.visit_scope)).all()
        )
    assert made.code not in text
    assert token not in text
    for now, left in ((made.expires_at + DAY_S - 1, 1), (made.expires_at + DAY_S, 0)):
        with desk.services.database.writing() as connection:
            erase_old(connection, Rules(), now)
            count = connection.execute(select(func.count()).select_from(at.print_code)).scalar_one()
            scopes = connection.execute(select(func.count()).select_from(at.visit_scope)).scalar_one()
        assert (count, scopes) == (left, 0)


def test_a_visit_whose_limit_was_erased_too_early_would_be_seen(desk: Desk) -> None:
    """The limit lives as long as its visit: erasing in between takes nothing of it."""
    visit = {api.VISIT_HEADER: typed(desk, coded(desk))["token"]}
    with desk.services.database.writing() as connection:
        erase_old(connection, Rules(), db.now_s())
    assert desk.get("/v1/person", headers=visit).status_code == 404


def test_a_code_is_made_for_what_waits_for_that_person_alone(desk: Desk) -> None:
    codes, who = desk.services.proofs.print_codes, holder(desk)
    for nik, kind, document in (
        ("9901010101900099", KK, ""),
        (who["nik"], KK, "no-such-document"),
    ):
        with pytest.raises(NoSuchDocumentError):
            codes.make(nik, kind, document)
    visit = desk.visit(who["slug"])
    document = desk.document(visit)
    assert desk.grant(visit, document["id"]).ok
    with pytest.raises(NoSuchDocumentError):
        codes.make(who["nik"], KK)


def test_at_the_counter_the_nik_comes_by_standard_input(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(nik: str, *words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{nik}\n"))
        code = main(["print-code", "--data", str(desk.folder), *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    nik = holder(desk)["nik"]
    code, out, _ = run(nik, "kk", "--json")
    assert code == 0
    assert typed(desk, json.loads(out)["code"])["end"] == "proved"
    code, out, _ = run(nik, "kk", "--hours", "2")
    assert code == 0
    assert typed(desk, out.split()[1].replace("-", ""))["end"] == "proved"
    assert run("9901010101900099", "kk")[0] == 1
    assert run(nik, "passport")[0] == 2
    assert run(nik, "kk", "--hours", "999")[0] == 2


def test_the_administrator_makes_one_over_http(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["admin-token", "--data", str(desk.folder), "--json"]) == 0
    headers = {"Authorization": f"Bearer {json.loads(capsys.readouterr().out)['token']}"}
    asked = {"nik": holder(desk)["nik"], "kind": "kk", "hours": 1}
    assert desk.post("/v1/admin/print-codes", json=asked).status_code == 401, "a kiosk makes none"
    made = desk.post("/v1/admin/print-codes", json=asked, headers=headers)
    assert typed(desk, made.json()["code"])["end"] == "proved"
    assert (
        desk.post("/v1/admin/print-codes", json=asked | {"nik": "9901010101900099"}, headers=headers).status_code == 404
    )
