"""Complaints and queue numbers: once each, to their kiosk alone, and keys that are forgotten in time."""

from datetime import UTC, datetime

from sqlalchemy import func, select, update

from kiosk import api
from kiosk.office import database as db
from kiosk.office import desk as office_desk
from tests.office.desk import Desk

NOW = "2026-11-22T08:00:00+07:00"


def _lease(desk: Desk, key: str, count: int = 5) -> api.Lease:
    answer = desk.post("/v1/tickets/lease", json={"queue": "layanan", "count": count}, headers={api.KEY_HEADER: key})
    answer.raise_for_status()
    return api.Lease.model_validate_json(answer.content)


def _give(desk: Desk, lease: str, number: int, key: str) -> int:
    body = {"lease": lease, "number": number, "at": NOW}
    return desk.post("/v1/tickets", json=body, headers={api.KEY_HEADER: key}).status_code


def test_leases_never_overlap_and_a_repeat_is_the_same_lease(desk: Desk) -> None:
    first, second = _lease(desk, "lease-000001"), _lease(desk, "lease-000002")
    assert _lease(desk, "lease-000001") == first
    assert (first.first, first.last, second.first, second.last) == (1, 5, 6, 10)
    assert first.prefix == "A"


def test_no_lease_for_a_queue_that_is_not_and_none_beyond_the_last_number(desk: Desk) -> None:
    headers = {api.KEY_HEADER: "lease-000009"}
    assert desk.post("/v1/tickets/lease", json={"queue": "nowhere", "count": 5}, headers=headers).status_code == 404
    for number in range(49):
        _lease(desk, f"lease-big-{number:03d}", 200)
    assert _lease(desk, "lease-to-end", 199).last == office_desk.LAST_NUMBER
    full = desk.post("/v1/tickets/lease", json={"queue": "layanan", "count": 1}, headers=headers)
    assert (full.status_code, full.json()["code"]) == (409, "too-many")


def test_a_number_is_told_once_and_only_from_its_lease(desk: Desk) -> None:
    lease = _lease(desk, "lease-000001")
    assert _give(desk, lease.id, 2, "ticket-00000002") == 200
    assert _give(desk, lease.id, 2, "ticket-00000002") == 200
    assert _give(desk, lease.id, 2, "ticket-another2") == 409
    assert _give(desk, lease.id, 6, "ticket-00000006") == 404
    assert _give(desk, "no-such-lease", 1, "ticket-00000001") == 404
    with desk.services.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(office_desk.ticket)).scalar_one() == 1


def test_a_complaint_is_kept_once(desk: Desk) -> None:
    body = {"topic": "machine", "number": "k-7f3a", "at": NOW}
    for _ in range(2):
        assert desk.post("/v1/complaints", json=body, headers={api.KEY_HEADER: "complaint-k-7f3a"}).status_code == 200
    other = body | {"topic": "staff"}
    reused = desk.post("/v1/complaints", json=other, headers={api.KEY_HEADER: "complaint-k-7f3a"})
    assert (reused.status_code, reused.json()["code"]) == (422, "key-reused")
    with desk.services.database.reading() as connection:
        rows = connection.execute(select(office_desk.complaint)).all()
    assert [(row.number, row.topic) for row in rows] == [("k-7f3a", "machine")]


def test_keys_are_forgotten_after_their_time_and_not_before(desk: Desk) -> None:
    _lease(desk, "lease-000001")
    _lease(desk, "lease-000002")
    with desk.services.database.writing() as connection:
        aged = db.now_s() - desk.services.rules.key_s - 60
        connection.execute(update(db.key_use).where(db.key_use.c.key == "lease-000001").values(at=aged))
    beat = api.Heartbeat(kiosk="anjungan-test", version="1", at=datetime.now(UTC))
    desk.post("/v1/heartbeats", json=beat.model_dump(mode="json")).raise_for_status()
    with desk.services.database.reading() as connection:
        assert connection.execute(select(db.key_use.c.key)).scalars().all() == ["lease-000002"]


def test_a_beat_that_waited_does_not_take_the_place_of_a_newer_one(desk: Desk) -> None:
    for hour, missed in ((9, 0), (8, 7)):
        beat = api.Heartbeat(
            kiosk="anjungan-test", version="1", at=datetime(2026, 11, 22, hour, tzinfo=UTC), missed=missed
        )
        desk.post("/v1/heartbeats", json=beat.model_dump(mode="json")).raise_for_status()
    with desk.services.database.reading() as connection:
        body = connection.execute(select(db.heartbeat.c.body)).scalar_one()
    assert datetime.fromisoformat(body["at"]).hour == 9


def test_the_number_of_a_request_comes_back(desk: Desk) -> None:
    answer = desk.get("/v1/health", headers={api.REQUEST_HEADER: "abc-123"})
    assert answer.headers[api.REQUEST_HEADER] == "abc-123"
    assert api.REQUEST_HEADER not in desk.get("/v1/health").headers
