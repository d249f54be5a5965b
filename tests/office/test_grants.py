"""A document is printed once: grants, their keys, the bytes, and what a settlement does."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256

import pytest

from kiosk import api
from kiosk.office.proofs import Visit
from kiosk.office.rules import Refusal, Rules
from tests.office.desk import Desk


def state_of(desk: Desk, visit: dict[str, str]) -> tuple[bool, str | None]:
    document = desk.document(visit)
    return document["can_print"], document["reason"]


def granted(desk: Desk, visit: dict[str, str], key: str = "key-00000001") -> dict[str, str]:
    answer = desk.grant(visit, desk.document(visit)["id"], key)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def fetched(desk: Desk, visit: dict[str, str], grant_id: str) -> bytes:
    answer = desk.get(f"/v1/grants/{grant_id}/document", headers=visit)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers[api.HASH_HEADER] == sha256(answer.content).hexdigest()
    return answer.content


def test_everybody_sees_their_own_documents_and_nothing_else(desk: Desk) -> None:
    for slug, who in desk.people.items():
        if slug == "locked":
            continue
        visit = desk.visit(slug)
        documents = desk.get("/v1/documents", headers=visit).json()
        assert sorted({one["kind"] for one in documents}) == who["documents"]
        assert all(one["can_print"] for one in documents)
    assert {"kk", "ktp-el", "akta-kelahiran", "akta-perkawinan"} <= set(desk.people["everything"]["documents"])
    assert desk.people["no-documents"]["documents"] == []


def test_grant_gives_the_signed_bytes_and_takes_the_document(desk: Desk) -> None:
    visit = desk.visit()
    grant = granted(desk, visit)
    assert grant["kind"] == "kk"
    assert grant["medium"] == "a4"
    assert grant["printed_already"] is False
    pdf = fetched(desk, visit, grant["id"])
    assert sha256(pdf).hexdigest() == grant["sha256"]
    assert fetched(desk, visit, grant["id"]) == pdf
    assert state_of(desk, visit) == (False, "being-printed")
    second = desk.grant(visit, grant["document_id"], "key-00000002")
    assert (second.status_code, second.json()["code"]) == (409, "document-taken")


def test_same_key_gives_the_same_grant_and_another_body_is_refused(desk: Desk) -> None:
    visit = desk.visit()
    first, again = granted(desk, visit), granted(desk, visit)
    assert first == again
    other = desk.document(visit, "ktp-el")
    reused = desk.grant(visit, other["id"])
    assert (reused.status_code, reused.json()["code"]) == (422, "key-reused")


def test_grant_needs_a_key(desk: Desk) -> None:
    visit = desk.visit()
    body = {"document_id": desk.document(visit)["id"]}
    answer = desk.post("/v1/grants", json=body, headers=visit)
    assert (answer.status_code, answer.json()["code"]) == (422, "key-missing")


def test_nobody_gets_a_grant_for_a_strangers_document(desk: Desk) -> None:
    mine = desk.document(desk.visit())
    stranger = desk.grant(desk.visit("unknown-card"), mine["id"])
    missing = desk.grant(desk.visit("unknown-card"), "A" * 16, "key-00000002")
    assert (stranger.status_code, stranger.json()) == (404, missing.json())


def test_printed_closes_for_ever_also_for_the_spouse(desk: Desk) -> None:
    visit = desk.visit("spouse")
    grant = granted(desk, visit)
    fetched(desk, visit, grant["id"])
    assert desk.settle(grant["id"], "printed", "settle-0001").json() == {"is_done": True}
    assert desk.settle(grant["id"], "printed", "settle-0001").json() == {"is_done": True}
    assert desk.settle(grant["id"], "printed", "settle-0002").status_code == 200
    assert state_of(desk, visit) == (False, "printed-already")
    assert desk.grant(visit, grant["document_id"], "key-00000009").status_code == 409
    assert granted(desk, visit)["printed_already"] is True
    closed = desk.get(f"/v1/grants/{grant['id']}/document", headers=visit)
    assert (closed.status_code, closed.json()["code"]) == (409, "grant-closed")
    late = desk.settle(grant["id"], "failed", "settle-0003")
    assert (late.status_code, late.json()["code"]) == (409, "grant-closed")
    assert state_of(desk, visit) == (False, "printed-already")


def test_failed_frees_the_document_and_its_bytes_stay_the_same(desk: Desk) -> None:
    visit = desk.visit()
    grant = granted(desk, visit)
    first = fetched(desk, visit, grant["id"])
    assert desk.settle(grant["id"], "failed", "settle-0001", reason="media-jam").ok
    assert state_of(desk, visit) == (True, None)
    again = granted(desk, visit, "key-00000002")
    assert again["id"] != grant["id"]
    assert fetched(desk, visit, again["id"]) == first


def test_unknown_waits_for_staff_who_may_settle_it_either_way(desk: Desk) -> None:
    visit = desk.visit()
    grant = granted(desk, visit)
    assert desk.settle(grant["id"], "unknown", "settle-0001", evidence="none").ok
    assert state_of(desk, visit) == (False, "with-staff")
    assert desk.grant(visit, grant["document_id"], "key-00000002").status_code == 409
    assert desk.settle(grant["id"], "failed", "settle-0002").status_code == 409
    assert desk.settle(grant["id"], "failed", "settle-0003", evidence="attendant").ok
    assert state_of(desk, visit) == (True, None)


def test_settlement_with_the_same_key_and_another_end_is_refused(desk: Desk) -> None:
    visit = desk.visit()
    grant = granted(desk, visit)
    assert desk.settle(grant["id"], "failed", "settle-0001").ok
    reused = desk.settle(grant["id"], "printed", "settle-0001")
    assert (reused.status_code, reused.json()["code"]) == (422, "key-reused")
    assert state_of(desk, visit) == (True, None)


def test_the_same_end_told_by_a_kiosk_whose_disk_was_set_back_is_done_already(desk: Desk) -> None:
    visit = desk.visit()
    grant = granted(desk, visit)
    for minute in (0, 7):
        assert desk.settle(grant["id"], "printed", "settle-0001", at=f"2026-11-22T09:{minute:02}:00Z").ok
    assert desk.settle(grant["id"], "failed", "settle-0001").json()["code"] == "key-reused"


def test_settlement_of_no_grant_is_refused(desk: Desk) -> None:
    assert desk.settle("grant-of-nobody", "printed", "settle-0001").status_code == 404


def test_late_word_of_an_older_grant_does_not_free_what_a_newer_one_printed(desk: Desk) -> None:
    visit = desk.visit()
    old = granted(desk, visit)
    assert desk.settle(old["id"], "unknown", "settle-0001").ok
    assert desk.settle(old["id"], "failed", "settle-0002", evidence="attendant").ok
    new = granted(desk, visit, "key-00000002")
    assert desk.settle(old["id"], "failed", "settle-0003").ok
    assert state_of(desk, visit) == (False, "being-printed")
    assert desk.settle(new["id"], "printed", "settle-0004").ok
    assert desk.settle(old["id"], "failed", "settle-0005").ok
    assert state_of(desk, visit) == (False, "printed-already")


@pytest.mark.parametrize("rules", [replace(Rules(), grant_s=0)], ids=["grants run out at once"])
class TestRunOut:
    def test_unfetched_grant_frees_its_document_and_a_late_printed_still_counts(self, desk: Desk) -> None:
        visit = desk.visit()
        grant = granted(desk, visit)
        assert desk.get(f"/v1/grants/{grant['id']}/document", headers=visit).status_code == 409
        assert state_of(desk, visit) == (True, None)
        assert desk.settle(grant["id"], "printed", "settle-0001").ok
        assert state_of(desk, visit) == (False, "printed-already")


@pytest.mark.parametrize("rules", [replace(Rules(), grant_s=2)], ids=["grants run out soon"])
def test_fetched_grant_that_runs_out_waits_for_staff(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk.office import database as db

    visit = desk.visit()
    grant = granted(desk, visit)
    fetched(desk, visit, grant["id"])
    later = db.now_s() + 5
    monkeypatch.setattr(db, "now_s", lambda: later)
    assert state_of(desk, visit) == (False, "with-staff")


@pytest.mark.parametrize(
    ("late", "after"),
    [("printed", (False, "printed-already")), ("failed", (True, None)), ("unknown", (False, "with-staff"))],
)
@pytest.mark.parametrize("rules", [replace(Rules(), grant_s=2)], ids=["grants run out soon"])
def test_a_kiosk_that_was_cut_off_still_tells_how_it_ended(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, late: str, after: tuple[bool, str | None]
) -> None:
    from kiosk.office import database as db

    visit = desk.visit()
    grant = granted(desk, visit)
    fetched(desk, visit, grant["id"])
    later = db.now_s() + 5
    monkeypatch.setattr(db, "now_s", lambda: later)
    assert state_of(desk, visit) == (False, "with-staff")
    assert desk.settle(grant["id"], late, "settle-0001").ok
    assert state_of(desk, visit) == after
    if late == "printed":
        assert desk.settle(grant["id"], "failed", "settle-0002").status_code == 409


@pytest.mark.parametrize("late", ["failed", "unknown"])
def test_late_word_of_a_grant_that_ran_out_does_not_undo_what_was_printed_since(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    from kiosk.office import database as db

    visit = desk.visit()
    old = granted(desk, visit)
    later = db.now_s() + Rules().grant_s
    monkeypatch.setattr(db, "now_s", lambda: later)
    new = granted(desk, visit, "key-00000002")
    assert desk.settle(new["id"], "printed", "settle-0001").ok
    assert desk.settle(old["id"], late, "settle-0002").ok
    assert state_of(desk, visit) == (False, "printed-already")


def test_late_print_of_a_grant_that_ran_out_closes_the_document_under_a_newer_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.office import database as db

    visit = desk.visit()
    old = granted(desk, visit)
    later = db.now_s() + Rules().grant_s
    monkeypatch.setattr(db, "now_s", lambda: later)
    new = granted(desk, visit, "key-00000002")
    assert desk.settle(old["id"], "printed", "settle-0001").ok
    assert desk.settle(new["id"], "failed", "settle-0002").ok
    assert state_of(desk, visit) == (False, "printed-already")


def test_lost_store_makes_this_kiosks_open_grants_unknown(desk: Desk) -> None:
    visit = desk.visit()
    granted(desk, visit)
    beat = {"kiosk": "anjungan-test", "version": "0.1", "at": "2026-11-22T08:00:00+07:00", "is_store_lost": True}
    assert desk.post("/v1/heartbeats", json=beat).json()["grants_held"] == 1
    assert desk.post("/v1/heartbeats", json=beat).json()["grants_held"] == 0
    assert state_of(desk, visit) == (False, "with-staff")


def test_a_grant_that_is_younger_than_the_new_store_stays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk.office import database as db

    visit = desk.visit()
    now = db.now_s()
    granted(desk, visit)
    monkeypatch.setattr(db, "now_s", lambda: now + 60)
    beat = {"kiosk": "anjungan-test", "version": "0.1", "at": "2026-11-22T08:00:00+07:00", "is_store_lost": True}
    assert desk.post("/v1/heartbeats", json=beat | {"store_age_s": 90}).json()["grants_held"] == 0
    assert desk.post("/v1/heartbeats", json=beat | {"store_age_s": 30}).json()["grants_held"] == 1
    assert state_of(desk, visit) == (False, "with-staff")


def test_many_at_once_get_one_grant(desk: Desk) -> None:
    visit = desk.visit()
    document = desk.document(visit)["id"]
    session = Visit(desk.people["everything"]["nik"], "anjungan-test", False, "")

    def ask(number: int) -> str:
        try:
            return desk.services.grants.grant(session, document, f"race-{number:08d}").id
        except Refusal as refused:
            return refused.code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert answers.count("document-taken") == 7
    assert len(set(answers)) == 2
