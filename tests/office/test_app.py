"""The office's HTTP manners: who may ask, what is refused, what is never repeated or logged."""

import json
import logging
import threading
import time
from pathlib import Path

import pytest
import requests

from kiosk import api
from kiosk.office.app import openapi
from kiosk.office.rules import Refusal
from tests.office.desk import Desk

DOCS = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
BEAT = {"kiosk": "anjungan-test", "version": "0.1", "at": "2026-11-22T08:00:00+07:00"}


def test_openapi_has_not_drifted() -> None:
    assert json.loads(DOCS.read_text(encoding="utf-8")) == openapi(), (
        "the API changed: write it down with `python -m kiosk.office openapi > docs/openapi.json`"
    )


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic YTpi", "bearer "])
def test_without_a_kiosks_token_there_is_nothing(desk: Desk, authorization: str) -> None:
    for method, path in (("GET", "/v1/health"), ("GET", "/v1/documents"), ("POST", "/v1/heartbeats")):
        answer = requests.request(
            method, desk.url + path, headers={"Authorization": authorization}, json=BEAT, timeout=20
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "kiosk-unknown")


def test_every_problem_is_a_problem_body(desk: Desk) -> None:
    for answer in (desk.get("/v1/nothing-here"), desk.get("/v1/proofs"), desk.post("/v1/proofs", json={"a": 1})):
        problem = api.Problem.model_validate_json(answer.content)
        assert problem.code in ("not-found", "invalid")


def test_refused_input_is_not_repeated(desk: Desk) -> None:
    canary = "9901017777770042"
    answer = desk.post(
        "/v1/proofs", json={"method": "nik-pin", "nik": canary + "x", "pin": "481516", "name": "RAHASIA"}
    )
    assert answer.status_code == 422
    assert canary not in answer.text
    assert "481516" not in answer.text
    assert "RAHASIA" not in answer.text
    assert "body.nik" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[]", b'{"method": "nik-pin"}', b'{"method": "nik-pin", "nik": "12", "pin": "1"}']
)
def test_malformed_proofs_are_refused(desk: Desk, body: bytes) -> None:
    answer = desk.post("/v1/proofs", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_oversized_request_is_refused_with_and_without_a_length(desk: Desk) -> None:
    big = b"x" * 70_000
    told = desk.post("/v1/events", data=big)
    untold = desk.post("/v1/events", data=iter([big[:40_000], big[:40_000]]))
    assert (told.status_code, told.json()["code"]) == (413, "too-large")
    assert untold.status_code == 413


def test_surveys_and_events_are_kept_once(desk: Desk) -> None:
    survey = {"rating": 4, "service": "cetak-kk", "visit_ref": "visit-00000001", "at": "2026-11-22T08:00:00+07:00"}
    event = {"name": "print.failed", "at": "2026-11-22T08:00:00+07:00", "fields": {"reason": "media-jam", "page": 2}}
    for path, body, key in (("/v1/surveys", survey, "survey-0001"), ("/v1/events", event, "event-00001")):
        for _ in range(2):
            assert desk.post(path, json=body, headers={api.KEY_HEADER: key}).json() == {"is_done": True}
    other = desk.post("/v1/surveys", json=survey | {"rating": 1}, headers={api.KEY_HEADER: "survey-0001"})
    assert other.status_code == 422
    assert desk.get("/demo/state").json()["messages"] == 2
    assert (
        desk.post("/v1/surveys", json=survey | {"rating": 5}, headers={api.KEY_HEADER: "survey-9"}).status_code == 422
    )


def test_heartbeat_is_answered_with_the_time(desk: Desk) -> None:
    answer = api.HeartbeatAnswer.model_validate_json(desk.post("/v1/heartbeats", json=BEAT).content)
    assert answer.interval_s > 0
    assert answer.time.tzinfo is not None


def test_person_and_family_are_the_registrys(desk: Desk) -> None:
    visit = desk.visit()
    person = api.Person.model_validate_json(desk.get("/v1/person", headers=visit).content)
    family = api.Family.model_validate_json(desk.get("/v1/family", headers=visit).content)
    assert family.no_kk == person.no_kk
    assert family.members[0].name == family.head
    assert person.nik in [member.nik for member in family.members]
    assert person.nik not in repr(person) + str(person) + repr(family) + str(family)


@pytest.mark.expects_warnings
def test_unexpected_error_is_a_calm_500_and_the_log_names_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    visit, nik = desk.visit(), desk.people["everything"]["nik"]

    def break_down(*_: object) -> None:
        raise RuntimeError(f"something about {nik}")

    monkeypatch.setattr(desk.services.grants, "documents", break_down)
    answer = desk.get("/v1/documents", headers=visit)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    until = time.monotonic() + 10
    while not (messages := errors_in(caplog)) and time.monotonic() < until:
        threading.Event().wait(0.01)
    assert len(messages) == 1
    assert "RuntimeError" in messages[0]
    assert nik not in messages[0]


def errors_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() + str(record.exc_info) for record in caplog.records if record.levelno >= logging.ERROR]


def test_database_errors_do_not_repeat_their_parameters(desk: Desk) -> None:
    from sqlalchemy import insert
    from sqlalchemy.exc import IntegrityError

    from kiosk.office import database as db

    nik = desk.people["everything"]["nik"]
    with pytest.raises(IntegrityError) as caught, desk.services.database.writing() as connection:
        connection.execute(insert(db.account), [{"nik": nik, "pin_hash": "x", "is_closed": False}])
    assert nik not in str(caught.value)


def test_whole_visit_leaves_no_personal_data_in_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    who = desk.people["everything"]
    visit = desk.visit()
    grant = desk.grant(visit, desk.document(visit)["id"]).json()
    desk.get(f"/v1/grants/{grant['id']}/document", headers=visit)
    desk.get("/v1/family", headers=visit)
    said = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("urllib3"))
    for secret in (who["nik"], who["name"], who["pin"], who["token"], visit[api.VISIT_HEADER]):
        assert secret not in said


def test_a_token_without_its_certificate_opens_nothing_where_kiosks_have_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a proxy that ends TLS and hands no certificate on, for one."""
    enrolments, token = desk.services.enrolments, desk.token_file.read_text().strip()
    assert enrolments.admit(token, None)
    monkeypatch.setattr(enrolments, "needs_certificate", True)
    with pytest.raises(Refusal) as refusal:
        enrolments.admit(token, None)
    assert (refusal.value.status, refusal.value.code) == (403, "kiosk-unknown")
