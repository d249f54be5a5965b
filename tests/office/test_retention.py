"""The office erases what has served its purpose, with each heartbeat and a moved clock."""

from sqlalchemy import func, insert, select
from sqlalchemy.sql.schema import Table

from kiosk.office import access_tables as at
from kiosk.office import database as db
from kiosk.office.retention import DAY_S, erase_old
from kiosk.office.rules import Rules
from tests.office.desk import Desk

NOW = 2_000_000_000


def count(desk: Desk, table: Table) -> int:
    with desk.services.database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def erase(desk: Desk, now: int) -> int:
    with desk.services.database.writing() as connection:
        return erase_old(connection, Rules(), now)


def test_a_visit_goes_with_its_time(desk: Desk) -> None:
    desk.visit()
    assert count(desk, db.visit) == 1
    erase(desk, db.now_s() + Rules().visit_s - 5)
    assert count(desk, db.visit) == 1
    erase(desk, db.now_s() + Rules().visit_s + 5)
    assert count(desk, db.visit) == 0


def test_codes_for_the_phone_and_for_the_kiosk_go_a_day_after_their_time(desk: Desk) -> None:
    with desk.services.database.writing() as connection:
        nik = connection.execute(select(db.account.c.nik)).scalars().first()
        document = connection.execute(select(db.document.c.id)).scalars().first()
        connection.execute(insert(db.qr_token), [{"hash": "q", "nik": nik, "expires_at": NOW}])
        connection.execute(insert(db.hand_over), [{"token_hash": "h", "document_id": document, "expires_at": NOW}])
        connection.execute(insert(at.enrol_code), [{"hash": "e", "kiosk": "k", "expires_at": NOW}])
        connection.execute(insert(at.token_use), [{"hash": "q", "used_at": NOW - 5}])
    tables = (db.hand_over, at.enrol_code, at.token_use)
    tokens = count(desk, db.qr_token)
    erase(desk, NOW + DAY_S - 1)
    assert [count(desk, table) for table in tables] == [1, 1, 1]
    assert count(desk, db.qr_token) == tokens
    erase(desk, NOW + DAY_S + 1)
    assert [count(desk, table) for table in tables] == [0, 0, 0]
    assert count(desk, db.qr_token) == tokens - 1


def test_a_used_token_stays_used_while_the_token_lives(desk: Desk) -> None:
    with desk.services.database.writing() as connection:
        nik = connection.execute(select(db.account.c.nik)).scalars().first()
        connection.execute(insert(db.qr_token), [{"hash": "q", "nik": nik, "expires_at": NOW + 900 * DAY_S}])
        connection.execute(insert(at.token_use), [{"hash": "q", "used_at": NOW}])
    erase(desk, NOW + 800 * DAY_S)
    assert count(desk, at.token_use) == 1


def test_ratings_go_after_a_year_and_a_month(desk: Desk) -> None:
    row = {"kiosk": "k", "kind": "survey", "body": {}, "at": NOW}
    with desk.services.database.writing() as connection:
        connection.execute(insert(db.message), [row])
    erase(desk, NOW + 399 * DAY_S)
    assert count(desk, db.message) == 1
    erase(desk, NOW + 401 * DAY_S)
    assert count(desk, db.message) == 0


def test_documents_grants_keys_and_proof_are_not_touched(desk: Desk) -> None:
    visit = desk.visit()
    document = desk.document(visit)
    desk.grant(visit, document["id"]).raise_for_status()
    kept = (db.person, db.document, db.grant, db.key_use, at.checkpoint, at.alarm)
    before = [count(desk, table) for table in kept]
    assert before[2] == 1
    assert before[3] == 1
    erase(desk, NOW)
    assert [count(desk, table) for table in kept] == before


def test_a_heartbeat_brings_it_about(desk: Desk) -> None:
    with desk.services.database.writing() as connection:
        nik = connection.execute(select(db.account.c.nik)).scalars().first()
        old = {"token_hash": "t", "nik": nik, "kiosk": "k", "expires_at": 5, "can_bind_card": False}
        connection.execute(insert(db.visit), [old])
    beat = {"kiosk": "anjungan-test", "version": "1", "at": "2026-11-22T08:00:00+07:00", "devices": []}
    beat |= {"open_issues": [], "outbox_size": 0, "is_store_lost": False}
    desk.post("/v1/heartbeats", json=beat).raise_for_status()
    assert count(desk, db.visit) == 0
