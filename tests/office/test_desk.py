"""Complaints and queue numbers: once each, to their kiosk alone, and keys that are forgotten in time."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from kiosk import api
from kiosk.office import database as db
from kiosk.office import desk as office_desk
from kiosk.office.__main__ import main as office_main
from kiosk.office.retention import erase_old
from kiosk.office.rules import Rules
from tests.office.desk import Desk

NOW = "2026-11-22T08:00:00+07:00"


def _lease(desk: Desk, key: str, count: int = 5) -> api.Lease:
    answer = desk.post("/v1/tickets/lease", json={"queue": "layanan", "count": count}, headers={api.KEY_HEADER: key})
    answer.raise_for_status()
    return api.Lease.model_validate_json(answer.content)


def _back(desk: Desk, lease: str, first_unused: int, key: str = "return-000001") -> int:
    body = {"lease": lease, "first_unused": first_unused, "at": NOW}
    return desk.post("/v1/tickets/return", json=body, headers={api.KEY_HEADER: key}).status_code


def _give(desk: Desk, lease: str, number: int, key: str, at: str = NOW) -> int:
    body = {"lease": lease, "number": number, "at": at}
    return desk.post("/v1/tickets", json=body, headers={api.KEY_HEADER: key}).status_code


def test_leases_never_overlap_and_a_repeat_is_the_same_lease(desk: Desk) -> None:
    first, second = _lease(desk, "lease-000001"), _lease(desk, "lease-000002")
    again = _lease(desk, "lease-000001")
    assert again.model_copy(update={"at": first.at}) == first
    assert first.at.date() == first.day
    assert (first.first, first.last, second.first, second.last) == (1, 5, 6, 10)
    assert first.prefix == "A"


def test_who_asks_at_the_same_time_gets_other_numbers(desk: Desk) -> None:
    got: list[api.Lease] = []
    gate = threading.Barrier(4)

    def ask(name: int) -> None:
        gate.wait(10)
        for number in range(5):
            got.append(_lease(desk, f"lease-{name}-{number:06d}"))

    threads = [threading.Thread(target=ask, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    numbers = [number for one in got for number in range(one.first, one.last + 1)]
    assert sorted(numbers) == list(range(1, 101))


@pytest.mark.parametrize("rules", [Rules(numbers_per_kiosk=20_000)])
def test_no_lease_for_a_queue_that_is_not_and_none_beyond_the_last_number(desk: Desk) -> None:
    headers = {api.KEY_HEADER: "lease-000009"}
    assert desk.post("/v1/tickets/lease", json={"queue": "nowhere", "count": 5}, headers=headers).status_code == 404
    for number in range(49):
        _lease(desk, f"lease-big-{number:03d}", 200)
    # The last ones are fewer than were asked for.
    assert _lease(desk, "lease-to-end", 200).last == office_desk.LAST_NUMBER
    full = desk.post("/v1/tickets/lease", json={"queue": "layanan", "count": 1}, headers=headers)
    assert (full.status_code, full.json()["code"]) == (409, "too-many")


def test_a_number_is_told_once_and_only_from_its_lease(desk: Desk) -> None:
    lease = _lease(desk, "lease-000001")
    assert _give(desk, lease.id, 2, "ticket-00000002") == 200
    assert _give(desk, lease.id, 2, "ticket-00000002") == 200
    assert _give(desk, lease.id, 2, "ticket-another2", "2026-11-22T08:00:01+07:00") == 409
    assert _give(desk, lease.id, 6, "ticket-00000006") == 404
    assert _give(desk, "no-such-lease", 1, "ticket-00000001") == 404
    with desk.services.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(office_desk.ticket)).scalar_one() == 1


@pytest.mark.parametrize("rules", [Rules(numbers_per_kiosk=12)])
def test_no_kiosk_takes_all_the_numbers_of_a_day(desk: Desk) -> None:
    """It gets its share, the last of it in a smaller range; what it gave back counts as had."""
    first = _lease(desk, "lease-000001")
    _lease(desk, "lease-000002")
    assert _back(desk, first.id, first.first) == 200
    last = _lease(desk, "lease-000003")
    assert last.last - last.first + 1 == 2
    headers = {api.KEY_HEADER: "lease-000004"}
    full = desk.post("/v1/tickets/lease", json={"queue": "layanan", "count": 1}, headers=headers)
    assert (full.status_code, full.json()["code"]) == (409, "too-many")
    other = desk.post("/v1/tickets/lease", json={"queue": "pengaduan", "count": 5}, headers=headers)
    assert other.json()["prefix"] == "B"


def test_numbers_come_back_and_go_out_again_only_at_the_end_of_the_line(desk: Desk) -> None:
    first, second = _lease(desk, "lease-000001"), _lease(desk, "lease-000002")
    assert _give(desk, second.id, second.first, "ticket-00000006") == 200
    assert _back(desk, second.id, second.first + 1) == 200
    assert _back(desk, second.id, second.first + 1) == 200
    # A number in the middle of the line would be called before those who came earlier: it is never given.
    assert _back(desk, first.id, 3, "return-000002") == 200
    third = _lease(desk, "lease-000003")
    assert (third.first, third.last) == (second.first + 1, second.first + 5)
    with desk.services.database.reading() as connection:
        rows = connection.execute(select(office_desk.never_given).order_by(office_desk.never_given.c.first)).all()
    assert [(row.lease, row.first, row.last) for row in rows] == [(first.id, 3, 5), (second.id, 7, 10)]
    assert _give(desk, first.id, 4, "ticket-00000004") == 404


def test_what_is_not_true_is_not_taken_back(desk: Desk) -> None:
    lease = _lease(desk, "lease-000001")
    assert _give(desk, lease.id, 4, "ticket-00000004") == 200
    assert _back(desk, lease.id, 3) == 409
    assert _back(desk, lease.id, 6) == 404
    assert _back(desk, "no-such-lease", 1) == 404


def test_a_number_may_be_told_weeks_later_and_once_more_after_its_key_is_forgotten(desk: Desk) -> None:
    lease = _lease(desk, "lease-000001")
    with desk.services.database.writing() as connection:
        past = lease.day - timedelta(days=200)
        connection.execute(update(office_desk.lease).values(day=past))
    assert _give(desk, lease.id, 1, "ticket-00000001") == 200
    with desk.services.database.writing() as connection:
        connection.execute(delete(db.key_use))
    assert _give(desk, lease.id, 1, "ticket-00000001") == 200
    with desk.services.database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(office_desk.ticket)).scalar_one() == 1


def test_days_of_numbers_and_complaints_are_erased_after_the_years_report(desk: Desk) -> None:
    old, new = _lease(desk, "lease-000001"), _lease(desk, "lease-000002")
    for lease in (old, new):
        assert _give(desk, lease.id, lease.first, f"ticket-{lease.first:08d}") == 200
        assert _back(desk, lease.id, lease.first + 1, f"return-{lease.first:06d}") == 200
    for number in ("k7m4-9xpt", "k7m4-9xpv"):
        body = {"topic": "machine", "number": number, "at": NOW}
        desk.post("/v1/complaints", json=body, headers={api.KEY_HEADER: f"complaint-{number}"}).raise_for_status()
    kept_s = desk.services.rules.message_s
    with desk.services.database.writing() as connection:
        past = old.day - timedelta(seconds=kept_s + 2 * 86_400)
        connection.execute(update(office_desk.lease).where(office_desk.lease.c.id == old.id).values(day=past))
        is_old = office_desk.complaint.c.number == "k7m4-9xpt"
        connection.execute(update(office_desk.complaint).where(is_old).values(at=db.now_s() - kept_s - 60))
        assert erase_old(connection, desk.services.rules, db.now_s()) == 4
        assert connection.execute(select(office_desk.lease.c.id)).scalars().all() == [new.id]
        assert connection.execute(select(office_desk.complaint.c.number)).scalars().all() == ["k7m4-9xpv"]


def test_a_complaint_leads_to_no_minute_and_its_number_is_its_own(desk: Desk) -> None:
    body = {"topic": "machine", "number": "k7m4-9xpt", "at": NOW}
    desk.post("/v1/complaints", json=body, headers={api.KEY_HEADER: "complaint-000001"}).raise_for_status()
    with desk.services.database.reading() as connection:
        assert connection.execute(select(office_desk.complaint.c.at)).scalar_one() % 3600 == 0
    taken = desk.post("/v1/complaints", json=body | {"topic": "staff"}, headers={api.KEY_HEADER: "complaint-000002"})
    assert (taken.status_code, taken.json()["code"]) == (409, "key-reused")


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


def test_a_beat_of_a_clock_that_was_ahead_does_not_stand_for_a_year(desk: Desk) -> None:
    now = datetime.now(UTC)
    for at, missed in ((now + timedelta(days=365), 1), (now, 2)):
        beat = api.Heartbeat(kiosk="anjungan-test", version="1", at=at, missed=missed)
        desk.post("/v1/heartbeats", json=beat.model_dump(mode="json")).raise_for_status()
    with desk.services.database.reading() as connection:
        assert connection.execute(select(db.heartbeat.c.body)).scalar_one()["missed"] == 2


def test_the_number_of_a_request_comes_back(desk: Desk) -> None:
    answer = desk.get("/v1/health", headers={api.REQUEST_HEADER: "abc-123"})
    assert answer.headers[api.REQUEST_HEADER] == "abc-123"
    assert api.REQUEST_HEADER not in desk.get("/v1/health").headers


def test_the_counter_sees_which_numbers_to_call(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = _lease(desk, "lease-000001"), _lease(desk, "lease-000002")
    for number in (1, 2):
        assert _give(desk, first.id, number, f"ticket-{number:08d}") == 200
    assert _back(desk, first.id, 4) == 200
    happened = datetime.now().astimezone().replace(minute=0, second=0, microsecond=0).isoformat()
    body = {"topic": "machine", "number": "k7m4-9xpt", "at": happened}
    desk.post("/v1/complaints", json=body, headers={api.KEY_HEADER: "complaint-000001"}).raise_for_status()

    def said(*options: str) -> tuple[int, str]:
        capsys.readouterr()
        status = office_main(["desk", "--data", str(desk.folder), *options])
        return status, capsys.readouterr().out

    status, text = said()
    lines = text.splitlines()
    assert status == 0
    assert "A-001 to A-005" in lines[0]
    assert lines[0].endswith("given 2, never given A-004 to A-005, no word of 1")
    assert lines[1].endswith("given 0, no word of 5")
    assert lines[2].split()[0] == "K7M4-9XPT"
    told = json.loads(said("--json")[1])
    assert [(one["first"], one["last"], one["given"], one["no_word"]) for one in told["numbers"]] == [
        (1, 5, 2, 1),
        (second.first, second.last, 0, 5),
    ]
    assert said("--complaint", "K7M4-9XPT")[1].split()[2] == "machine"
    assert said("--complaint", "K7M4-9XPV")[0] == 1
    assert said("--day", "2026-01-01") == (0, "")
