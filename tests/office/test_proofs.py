"""Proofs: what opens a visit, what counts as an attempt, and that nobody learns whether a NIK exists."""

from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher

from kiosk import api
from kiosk.office import database as db
from kiosk.office.rules import Rules
from tests.office.desk import Desk

NOBODY = "9901010101900099"


def wrong_pin(desk: Desk, slug: str = "everything") -> str:
    return "000000" if desk.people[slug]["pin"] != "000000" else "111111"


def test_card_and_pin_open_a_visit(desk: Desk) -> None:
    who = desk.people["everything"]
    answer = desk.prove(method="card-pin", card_uid=who["uid"], nik=None)
    assert answer["end"] == "proved"
    assert answer["display_name"] == who["name"]
    assert answer["can_bind_card"] is False
    person = desk.get("/v1/person", headers={api.VISIT_HEADER: answer["token"]}).json()
    assert person["nik"] == who["nik"]


def test_nik_and_pin_open_a_visit_that_may_bind_a_card(desk: Desk) -> None:
    assert desk.prove("nik-only")["can_bind_card"] is True


def test_qr_token_opens_a_visit(desk: Desk) -> None:
    answer = desk.prove(method="qr-token", token=desk.people["everything"]["token"], nik=None, pin=None)
    assert answer["end"] == "proved"
    assert desk.prove(method="qr-token", token="x" * 24, nik=None, pin=None)["end"] == "wrong"


def test_find_card_tells_known_from_unknown(desk: Desk) -> None:
    known, unknown = desk.people["everything"]["uid"], desk.people["unknown-card"]["uid"]
    assert desk.post("/v1/cards/find", json={"card_uid": known}).json() == {"is_known": True}
    assert desk.post("/v1/cards/find", json={"card_uid": unknown}).json() == {"is_known": False}
    assert desk.prove("unknown-card", method="card-pin", card_uid=unknown, nik=None)["end"] == "card-unknown"


def test_third_wrong_pin_locks_and_the_right_one_does_not_unlock(desk: Desk) -> None:
    bad = wrong_pin(desk)
    answers = [desk.prove(pin=bad) for _ in range(3)]
    assert [(a["end"], a["attempts_left"]) for a in answers] == [("wrong", 2), ("wrong", 1), ("locked", 0)]
    assert answers[2]["retry_after_s"] == Rules().lock_s
    right = desk.prove()
    assert right["end"] == "locked"
    assert right["token"] == ""
    assert 0 < right["retry_after_s"] <= Rules().lock_s


def test_card_and_nik_share_their_attempts(desk: Desk) -> None:
    who, bad = desk.people["everything"], wrong_pin(desk)
    desk.prove(pin=bad)
    desk.prove(pin=bad, method="card-pin", card_uid=who["uid"], nik=None)
    assert desk.prove(pin=bad)["end"] == "locked"


def test_right_pin_gives_all_attempts_back(desk: Desk) -> None:
    bad = wrong_pin(desk)
    desk.prove(pin=bad)
    desk.prove(pin=bad)
    assert desk.prove()["end"] == "proved"
    assert desk.prove(pin=bad)["attempts_left"] == 2


@pytest.mark.parametrize("rules", [replace(Rules(), lock_s=0)], ids=["lock ends at once"])
def test_attempts_are_back_after_the_lock(desk: Desk) -> None:
    bad = wrong_pin(desk)
    assert [desk.prove(pin=bad)["end"] for _ in range(4)] == ["wrong", "wrong", "locked", "wrong"]


def test_unknown_nik_is_answered_like_a_wrong_pin_with_the_same_work(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, work = wrong_pin(desk), [0]

    def counted(real: Any) -> Any:
        def count(*arguments: Any, **named: Any) -> Any:
            work[0] += 1
            return real(*arguments, **named)

        return count

    for name in ("hash", "verify"):
        monkeypatch.setattr(PasswordHasher, name, counted(getattr(PasswordHasher, name)))

    def tries(**changes: Any) -> list[tuple[dict[str, Any], int]]:
        answers = []
        for _ in range(4):
            before = work[0]
            answer = desk.prove(pin=bad, **changes)
            answer["retry_after_s"] = min(answer["retry_after_s"], Rules().lock_s - 5)
            answers.append((answer, work[0] - before))
        return answers

    real, unknown = tries(), tries(nik=NOBODY)
    assert real == unknown
    assert [done for _, done in real] == [1, 1, 1, 0]


def test_known_and_unknown_nik_cost_the_same_statements_and_hashes(desk: Desk) -> None:
    """Counted, not timed: what the database is asked and how often argon2 runs, attempt by attempt, lock included."""
    from sqlalchemy import event

    said: list[str] = []
    engine = desk.services.database._engine
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, text, *_rest: said.append(text))
    bad = wrong_pin(desk)

    def work(nik: str) -> list[tuple[list[str], int]]:
        done = []
        for _ in range(5):
            said.clear()
            before = desk.services.hasher.verifications
            desk.services.proofs.prove("anjungan-test", api.ProofRequest(method="nik-pin", nik=nik, pin=bad))
            done.append((list(said), desk.services.hasher.verifications - before))
        return done

    known, unknown = work(desk.people["everything"]["nik"]), work(NOBODY)
    assert known == unknown
    assert [hashes for _, hashes in known] == [1, 1, 1, 0, 0]
    assert all(statements for statements, _ in known)


def test_attempts_and_locks_outlive_the_office(desk: Desk) -> None:
    from kiosk.office.reception import open_services

    bad = wrong_pin(desk)
    desk.prove(pin=bad)
    desk.prove(pin=bad)
    again = open_services(desk.folder)
    nik, pin = desk.people["everything"]["nik"], desk.people["everything"]["pin"]
    asked = api.ProofRequest(method="nik-pin", nik=nik, pin=bad)
    assert again.proofs.prove("anjungan-test", asked).end == "locked"
    again.database.close()
    third = open_services(desk.folder)
    right = api.ProofRequest(method="nik-pin", nik=nik, pin=pin)
    assert third.proofs.prove("anjungan-02", right).end == "locked"
    third.database.close()


def test_a_log_in_code_opens_one_visit_and_no_other_code_opens_any(desk: Desk) -> None:
    who = desk.people["everything"]
    code = {"method": "qr-token", "token": who["token"], "nik": None, "pin": None}
    visit = desk.prove(**code)
    assert visit["end"] == "proved"
    assert desk.prove(**code)["end"] == "wrong", "a replay"
    header = {api.VISIT_HEADER: visit["token"]}
    document = desk.document(header)
    handed = desk.post(
        "/v1/hand-overs", json={"document_id": document["id"]}, headers=header | {api.KEY_HEADER: "key-00000009"}
    )
    token = handed.json()["url"].rpartition("/")[2]
    assert desk.prove(**code | {"token": token})["end"] == "wrong", "a hand-over's code is no log-in"
    assert desk.prove(**code | {"token": visit["token"]})["end"] == "wrong", "nor is a visit's"
    other = desk.people["spouse"]["token"]
    assert desk.get(f"/h/{other}").status_code == 404, "nor does a log-in code lead to a document"
    assert desk.get("/v1/person", headers={api.VISIT_HEADER: other}).status_code == 410
    assert desk.prove(**code | {"token": other})["end"] == "proved", "and looking did not spend it"


def test_parallel_shows_of_one_code_open_one_visit(desk: Desk) -> None:
    import concurrent.futures

    asked = api.ProofRequest(method="qr-token", token=desk.people["everything"]["token"])
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        ends = list(pool.map(lambda _: desk.services.proofs.prove("anjungan-test", asked).end, range(8)))
    assert sorted(ends) == ["proved"] + ["wrong"] * 7


def test_an_expired_code_opens_nothing(desk: Desk) -> None:
    with desk.services.database.writing() as connection:
        connection.execute(db.qr_token.update().values(expires_at=db.now_s()))
    code = {"method": "qr-token", "token": desk.people["everything"]["token"], "nik": None, "pin": None}
    assert desk.prove(**code)["end"] == "wrong"


def test_closed_account_opens_nothing_and_tells_so_only_after_the_right_pin(desk: Desk) -> None:
    closed = desk.prove("locked")
    assert (closed["end"], closed["token"], closed["retry_after_s"]) == ("locked", "", Rules().lock_s)
    assert desk.prove("locked", pin=wrong_pin(desk, "locked"))["end"] == "wrong"


@pytest.mark.parametrize("rules", [replace(Rules(), kiosk_failures=5)], ids=["five failures"])
def test_a_kiosk_that_fails_too_often_is_throttled_for_everybody(desk: Desk) -> None:
    for number in range(5):
        assert desk.prove(nik=f"99010101019001{number:02d}")["end"] == "wrong"
    for body in (
        {"method": "nik-pin", "nik": NOBODY, "pin": "000000"},
        {"method": "nik-pin", "nik": desk.people["everything"]["nik"], "pin": desk.people["everything"]["pin"]},
        {"method": "qr-token", "token": desk.people["everything"]["token"]},
    ):
        answer = desk.post("/v1/proofs", json=body)
        assert (answer.status_code, answer.json()["code"]) == (429, "too-many")
        assert 0 < int(answer.headers["Retry-After"]) <= Rules().kiosk_window_s
    found = desk.post("/v1/cards/find", json={"card_uid": desk.people["everything"]["uid"]})
    assert found.status_code == 429
    assert int(found.headers["Retry-After"]) > 0


@pytest.mark.parametrize("rules", [replace(Rules(), kiosk_failures=5)], ids=["five failures"])
def test_right_pins_are_no_failures(desk: Desk) -> None:
    assert [desk.prove()["end"] for _ in range(8)] == ["proved"] * 8


def test_parallel_guesses_gain_nothing(desk: Desk) -> None:
    import concurrent.futures

    bad = wrong_pin(desk)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: desk.services.proofs.prove("anjungan-test", _nik_proof(desk, bad)), range(12))
        )
    looked_at = [a for a in answers if a.end == "wrong" or a.retry_after_s == Rules().lock_s]
    assert desk.services.hasher.verifications == 3
    assert len([a for a in answers if a.end == "wrong"]) == 2
    assert len(looked_at) >= 3


def _nik_proof(desk: Desk, pin: str) -> api.ProofRequest:
    return api.ProofRequest(method="nik-pin", nik=desk.people["everything"]["nik"], pin=pin)


def test_ended_visit_is_gone_and_ending_twice_is_fine(desk: Desk) -> None:
    visit = desk.visit()
    assert desk.get("/v1/person", headers=visit).status_code == 200
    assert desk.post("/v1/visit/end", headers=visit).json() == {"is_done": True}
    assert desk.post("/v1/visit/end", headers=visit).status_code == 200
    gone = desk.get("/v1/person", headers=visit)
    assert (gone.status_code, gone.json()["code"]) == (410, "visit-expired")


@pytest.mark.parametrize("rules", [replace(Rules(), visit_s=0)], ids=["ends at once"])
def test_visit_expires(desk: Desk) -> None:
    assert desk.get("/v1/family", headers=desk.visit()).status_code == 410


def test_bound_card_finds_the_account_and_nobody_elses_can_be_taken(desk: Desk) -> None:
    unknown = desk.people["unknown-card"]["uid"]
    visit = desk.visit("unknown-card")
    assert desk.post("/v1/visit/card", json={"card_uid": unknown}, headers=visit).ok
    assert desk.post("/v1/visit/card", json={"card_uid": unknown}, headers=visit).ok
    assert desk.post("/v1/cards/find", json={"card_uid": unknown}).json() == {"is_known": True}
    taken = desk.post("/v1/visit/card", json={"card_uid": desk.people["everything"]["uid"]}, headers=visit)
    assert (taken.status_code, taken.json()["code"]) == (409, "card-taken")


def test_visit_opened_by_a_card_binds_no_other_card(desk: Desk) -> None:
    answer = desk.prove(method="card-pin", card_uid=desk.people["everything"]["uid"], nik=None)
    bound = desk.post("/v1/visit/card", json={"card_uid": "0499" * 3}, headers={api.VISIT_HEADER: answer["token"]})
    assert bound.status_code == 409


def test_visit_of_one_kiosk_is_nothing_to_another(desk: Desk) -> None:
    from kiosk.office.rules import Refusal

    token = desk.visit()[api.VISIT_HEADER]
    with pytest.raises(Refusal) as refused:
        desk.services.proofs.visit("another-kiosk", token)
    assert refused.value.status == 410


def test_tables_hold_no_token_and_no_pin(desk: Desk) -> None:
    token = desk.visit()[api.VISIT_HEADER]
    with desk.services.database.reading() as connection:
        rows = [
            str(row)
            for table in (db.visit, db.attempt, db.account, db.kiosk)
            for row in connection.execute(table.select())
        ]
    text = "\n".join(rows)
    assert token not in text
    assert desk.token_file.read_text() not in text
    assert all(row.startswith("(") for row in rows)
    assert "argon2id" in text
