"""Sixty days without a network, ten thousand messages, and then everything arrives once and in order."""

import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from kiosk import api
from kiosk.backend.simulated import SimulatedOffice
from kiosk.core.desk import Desk, drawn_number
from kiosk.core.numbers import NumberKeeper
from kiosk.core.outbox import OutboxPump
from kiosk.errors import BackendError, ErrorCode, StoreError
from kiosk.issues import MANY_WAITING, Facts, issues_of
from kiosk.settings import TicketsTable
from kiosk.store.database import Store, open_store
from kiosk.store.numbers import NoNumberError, Numbers
from kiosk.store.outbox import FOLDED, OutboxStore, put
from kiosk.store.outbox_rules import DAY_S, RULES, Bound
from tests.core.print_fakes import FakeOffice

KEY = "cd" * 32
DAYS = 60
MESSAGES = 10_000


class Network:
    """An office that is out of reach until ``is_there``; some answers get lost after the office took the message."""

    def __init__(self, dice: random.Random) -> None:
        self.is_there = False
        self.calls = 0
        self.taken: dict[str, bytes] = {}
        self.order: list[tuple[str, str]] = []
        self.repeats = 0
        self._dice = dice

    def post(self, kind: str, body: bytes, key: str) -> None:
        self.calls += 1
        if not self.is_there:
            raise BackendError(ErrorCode.OFFICE_OFFLINE)
        if key in self.taken:
            assert self.taken[key] == body, "the same key with another body"
            self.repeats += 1
        else:
            self.taken[key] = body
            self.order.append((kind, key))
        if self._dice.random() < 0.02:
            raise BackendError(ErrorCode.OFFICE_SLOW)


@pytest.fixture
def store() -> Iterator[Store]:
    """In memory where the machine has a place for that: here it is about what is delivered, not about power cuts."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        opened = open_store(Path(folder) / "kiosk.db", KEY)
        yield opened.store
        opened.store.close()


def test_sixty_days_and_ten_thousand_messages(store: Store) -> None:
    dice = random.Random(60)
    network = Network(dice)
    rows = OutboxStore(store)
    clock = [1_800_000_000.0]
    pump = OutboxPump(rows, network, now=lambda: clock[0], jitter=dice.uniform)  # type: ignore[arg-type]
    kinds = [api.MessageKind.SETTLEMENT, api.MessageKind.COMPLAINT, api.MessageKind.TICKET, api.MessageKind.CHECKPOINT]
    expected: dict[str, list[str]] = defaultdict(list)
    per_day = -(-MESSAGES // DAYS)
    number = 0
    for _day in range(DAYS):
        with store.transaction() as connection:
            for _ in range(min(per_day, MESSAGES - number)):
                kind, subject = dice.choice(kinds), f"subject-{dice.randrange(400)}"
                key = f"message-{number:06d}"
                put(connection, kind=kind, subject=subject, key=key, body=key.encode(), at=clock[0])
                expected[subject].append(key)
                number += 1
        ends = clock[0] + DAY_S
        # The clock goes on by what the pump itself wants to wait, as its thread does.
        while clock[0] < ends:
            clock[0] += max(1.0, pump.deliver_due())
    assert number == MESSAGES == rows.size()
    assert network.calls < DAYS * 24 * 60, "not more often than once a minute on the average"
    facts = Facts(waiting=rows.size(), oldest_waiting_s=clock[0] - (rows.oldest_at() or 0))
    assert {"outbox-waiting", "outbox-old"} <= {issue.slug for issue in issues_of(facts)}

    network.is_there = True
    for _ in range(100_000):
        if not rows.size():
            break
        clock[0] += max(0.5, pump.deliver_due())
    assert rows.size() == 0
    assert rows.set_aside_rows() == []
    assert network.repeats > 50, "answers did get lost"
    assert len(network.order) == MESSAGES == len(network.taken)
    subject_of = {key: subject for subject, keys in expected.items() for key in keys}
    arrived: dict[str, list[str]] = defaultdict(list)
    for _kind, key in network.order:
        arrived[subject_of[key]].append(key)
    assert arrived == expected


def test_four_weeks_of_numbers_and_complaints_arrive_once_and_in_order(store: Store) -> None:
    """The line is there for a moment on some mornings, and answers get lost; from the counter's side nothing shows."""
    dice = random.Random(42)
    network, rows = Network(dice), OutboxStore(store)
    hall = SimulatedOffice([], lambda document: b"")
    seconds = [0.0]
    start = datetime(2026, 10, 5, 7, 0, tzinfo=timezone(timedelta(hours=7)))
    hall.now = lambda: start + timedelta(seconds=seconds[0])
    lease = hall.lease

    def now() -> float:
        return start.timestamp() + seconds[0]

    def shaky(asked: api.LeaseRequest, key: str) -> api.Lease:
        answer = lease(asked, key)
        if dice.random() < 0.3:
            raise BackendError(ErrorCode.OFFICE_SLOW)
        return answer

    hall.lease = shaky  # type: ignore[method-assign]
    table = TicketsTable(queues=["layanan"], low=20, count=25)
    keeper = NumberKeeper(Numbers(store, rows), hall, table, now=now, clock=lambda: seconds[0])
    desk = Desk(rows, keeper, wake=lambda: None, now=now)
    pump = OutboxPump(rows, network, now=now, jitter=dice.uniform)  # type: ignore[arg-type]
    held: list[str] = []
    complaints: list[str] = []
    empty = 0
    for day in range(28):
        seconds[0] = day * DAY_S
        hall.fault = ErrorCode.OFFICE_OFFLINE if dice.random() < 0.4 else None
        for _ in range(3):
            seconds[0] += 60.0
            keeper.look()
        hall.fault = ErrorCode.OFFICE_OFFLINE
        for _ in range(dice.randrange(5, 40)):
            seconds[0] += 300.0
            try:
                given = desk.take_number("layanan")
                held.append(f"{given.lease} {given.number}")
            except NoNumberError:
                empty += 1
            if dice.random() < 0.1:
                complaints.append(drawn_number())
                desk.complain(dice.choice(list(api.ComplaintTopic)), complaints[-1])
        pump.deliver_due()
    assert len(set(held)) == len(held) > 300
    assert empty > 100
    network.is_there = True
    while rows.size():
        seconds[0] += max(0.5, pump.deliver_due())
    told = [api.Ticket.model_validate_json(network.taken[key]) for kind, key in network.order if kind == "ticket"]
    assert sorted(f"{one.lease} {one.number}" for one in told) == sorted(held)
    for of_lease in {one.lease for one in told}:
        given_of = [one.number for one in told if one.lease == of_lease]
        assert given_of == sorted(given_of), "in the order in which they were given"
    filed = [
        api.Complaint.model_validate_json(network.taken[key]) for kind, key in network.order if kind == "complaint"
    ]
    assert sorted(one.number.upper() for one in filed) == sorted(complaints)
    assert network.repeats > 0


def test_an_office_that_is_away_costs_the_disk_nothing(store: Store) -> None:
    rows = OutboxStore(store)
    rows.add(kind="complaint", subject="a", key="a-1", body=b"{}", at=0.0)
    pump = OutboxPump(rows, Network(random.Random(1)), now=lambda: 10.0)  # type: ignore[arg-type]
    pump.deliver_due()
    before = store.path.with_name(store.path.name + "-wal").stat().st_size, rows.batch(0)
    for _ in range(50):
        pump.deliver_due()
    assert (store.path.with_name(store.path.name + "-wal").stat().st_size, rows.batch(0)) == before


# --- bounds


def _small(most: int) -> dict[api.MessageKind, object]:
    return {kind: replace(keeping, most=most) for kind, keeping in RULES.items()}


def _event(at: float) -> bytes:
    return b'{"name":"x","at":"2026-11-22T08:00:00Z"}'


def test_every_kind_has_a_rule_and_what_must_arrive_has_no_bound() -> None:
    assert set(RULES) == set(api.MessageKind)
    unbound = {kind for kind, keeping in RULES.items() if keeping.bound is Bound.NONE}
    assert unbound == {api.MessageKind.SETTLEMENT, api.MessageKind.CHECKPOINT, api.MessageKind.TICKET_RETURN}


@pytest.mark.parametrize("kind", ["settlement", "checkpoint", "ticket-return"])
def test_settlements_and_checkpoints_are_kept_beyond_any_bound_and_age(store: Store, kind: str) -> None:
    rows = OutboxStore(store, _small(3))  # type: ignore[arg-type]
    for number in range(20):
        rows.add(kind=kind, subject=f"s{number}", key=f"key-{number}", body=b"{}", at=0.0)
    assert rows.fold(10_000 * DAY_S) == 0
    assert rows.size() == 20


@pytest.mark.parametrize("kind", ["complaint", "ticket"])
def test_what_people_said_is_refused_aloud_and_never_dropped(store: Store, kind: str) -> None:
    rows = OutboxStore(store, _small(3))  # type: ignore[arg-type]
    for number in range(3):
        rows.add(kind=kind, subject=f"s{number}", key=f"key-{number}", body=b"{}", at=0.0)
    with pytest.raises(StoreError) as refused:
        rows.add(kind=kind, subject="s3", key="key-3", body=b"{}", at=0.0)
    assert refused.value.code is ErrorCode.STORE_FULL
    assert rows.fold(10_000 * DAY_S) == 0
    assert rows.size() == 3


@pytest.mark.parametrize("kind", ["survey", "event"])
def test_low_value_is_folded_with_a_count_that_staff_and_office_see(store: Store, kind: str) -> None:
    rows = OutboxStore(store, _small(4))  # type: ignore[arg-type]
    for number in range(10):
        rows.add(kind=kind, subject=f"s{number}", key=f"key-{number}", body=_event(0), at=float(number))
    waiting = [row.key for row in rows.batch(0) if not row.subject.startswith("folded-")]
    assert waiting == ["key-6", "key-7", "key-8", "key-9"]
    assert rows.folded() == {api.MessageKind(kind): 6}
    assert rows.untold_folds() == 6
    assert "outbox-folded" in {issue.slug for issue in issues_of(Facts(folded=rows.untold_folds()))}
    (told,) = [row for row in rows.batch(0) if row.subject.startswith("folded-")]
    event = api.Event.model_validate_json(told.body)
    assert (event.name, event.fields) == (FOLDED, {"kind": kind, "total": 6})
    rows.delivered(told)
    assert rows.untold_folds() == 0
    # The next one tells the whole total again, under a key of its own.
    rows.add(kind=kind, subject="s10", key="key-10", body=_event(0), at=10.0)
    (again,) = [row for row in rows.batch(0) if row.subject.startswith("folded-")]
    assert api.Event.model_validate_json(again.body).fields["total"] == 7
    assert again.key != told.key


@pytest.mark.expects_warnings
def test_the_pump_folds_what_waits_too_long(store: Store) -> None:
    rows = OutboxStore(store)
    rows.add(kind="event", subject="old", key="old-event", body=_event(0), at=0.0)
    rows.add(kind="settlement", subject="old-grant", key="old-settlement", body=b"{}", at=0.0)
    office = FakeOffice()
    office.post_errors = [BackendError(ErrorCode.OFFICE_OFFLINE)]
    pump = OutboxPump(rows, office, now=lambda: 91 * DAY_S)  # type: ignore[arg-type]
    pump.deliver_due()
    assert next(row.key for row in rows.batch(0)) == "old-settlement"
    assert rows.folded() == {api.MessageKind.EVENT: 1}


def test_of_heartbeats_only_the_newest_waits(store: Store) -> None:
    rows = OutboxStore(store)
    for number in range(5):
        rows.add(kind="heartbeat", subject="heart", key=f"beat-{number}", body=b"%d" % number, at=float(number))
    assert [row.body for row in rows.batch(0)] == [b"4"]


def test_few_messages_are_no_issue() -> None:
    assert issues_of(Facts(waiting=MANY_WAITING, oldest_waiting_s=DAY_S)) == []
