"""The keeper of queue numbers: enough ahead, nothing burnt, and the screen knows what is left."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from kiosk import api
from kiosk.backend.contract import Reachability, RefusedForGoodError, ThrottledError
from kiosk.backend.simulated import SimulatedOffice
from kiosk.core.desk import ALPHABET, Desk, drawn_number
from kiosk.core.numbers import LOOK_S, REFUSED_S, NumberKeeper
from kiosk.core.outbox import OutboxPump
from kiosk.errors import BackendError, ErrorCode, StoreError
from kiosk.issues import Facts, issues_of
from kiosk.settings import TicketsTable
from kiosk.store.database import Store, open_store
from kiosk.store.numbers import NoNumberError, Numbers
from kiosk.store.outbox import OutboxStore
from kiosk.texts import Texts
from tests.devices.waiting import until

WIB = timezone(timedelta(hours=7))
START = datetime(2026, 11, 22, 9, 0, tzinfo=WIB)
TABLE = TicketsTable(queues=["layanan", "pengaduan"], low=3, count=5)


class Hall:
    """A keeper whose clocks and office are in the test's hand."""

    def __init__(self, path: Path, table: TicketsTable = TABLE) -> None:
        self.path = path
        self.seconds = 0.0
        self.wall_off = 0.0
        self.office = SimulatedOffice([], lambda document: b"")
        self.office.now = lambda: START + timedelta(seconds=self.seconds)
        self.told: list[dict[str, int]] = []
        self.messages: list[int] = []
        """How many waited when the outbox was woken."""
        self.open(table)

    def open(self, table: TicketsTable = TABLE) -> "Hall":
        self.store: Store = open_store(self.path, "ab" * 32).store
        self.rows = OutboxStore(self.store)
        self.keeper = NumberKeeper(
            Numbers(self.store, self.rows),
            self.office,
            table,
            tell=lambda left: self.told.append(dict(left)),
            on_message=lambda: self.messages.append(self.rows.size()),
            now=lambda: START.timestamp() + self.seconds + self.wall_off,
            clock=lambda: self.seconds,
        )
        return self

    def again(self, table: TicketsTable = TABLE) -> "Hall":
        """As after a crash."""
        self.store.close()
        return self.open(table)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    opened = Hall(tmp_path / "kiosk.db")
    yield opened
    opened.store.close()


def test_there_are_always_some_ahead(hall: Hall) -> None:
    assert hall.keeper.look() == LOOK_S
    assert hall.keeper.left() == {"layanan": 5, "pengaduan": 5}
    assert hall.told[-1] == {"layanan": 5, "pengaduan": 5}
    labels = []
    for _ in range(12):
        labels.append(hall.keeper.take("layanan").label)
        hall.keeper.look()
        assert hall.keeper.left()["layanan"] > TABLE.low
    assert labels == [f"A-{number:03d}" for number in range(1, 13)]
    assert hall.keeper.take("pengaduan").label == "B-001"
    assert hall.told[-1] == hall.keeper.left()


def test_nothing_is_asked_while_there_are_enough(hall: Hall) -> None:
    hall.keeper.look()
    for _ in range(5):
        hall.keeper.look()
    assert hall.office.calls["lease"] == 2


@pytest.mark.expects_warnings
def test_a_crash_between_the_question_and_its_answer_burns_nothing(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = SimulatedOffice.lease

    def lost(office: SimulatedOffice, asked: api.LeaseRequest, key: str) -> api.Lease:
        answer(office, asked, key)
        raise BackendError(ErrorCode.OFFICE_SLOW)

    with monkeypatch.context() as patched:
        patched.setattr(SimulatedOffice, "lease", lost)
        hall.keeper.look()
    assert hall.keeper.left() == {"layanan": 0, "pengaduan": 0}
    hall.again().keeper.look()
    assert hall.keeper.take("layanan").number == 1
    assert len(hall.office.leases) == 2, "one range a queue, though it was asked for twice"


def test_without_the_office_it_gives_what_it_has_and_then_says_so(hall: Hall) -> None:
    hall.keeper.look()
    hall.office.fault = ErrorCode.OFFICE_OFFLINE
    for _ in range(5):
        hall.keeper.take("layanan")
        hall.keeper.look()
    with pytest.raises(NoNumberError):
        hall.keeper.take("layanan")
    assert hall.told[-1] == {"layanan": 0, "pengaduan": 5}
    facts = Facts(queues_out=tuple(queue for queue, left in hall.keeper.left().items() if not left))
    (issue,) = issues_of(facts)
    assert (issue.slug, "layanan" in issue.do(Texts("id"))) == ("numbers-out", True)
    hall.office.fault = None
    hall.keeper._office_moved(hall.office.reachability())
    hall.keeper.look()
    assert hall.told[-1] == {"layanan": 5, "pengaduan": 5}
    assert hall.keeper.take("layanan").number == 6


@pytest.mark.expects_warnings
@pytest.mark.parametrize(
    "error",
    [
        RefusedForGoodError(ErrorCode.OFFICE_REFUSED, "/tickets/lease: 404 not-found"),
        ThrottledError("/tickets/lease: 409 too-many", 0),
        BackendError(ErrorCode.OFFICE_REFUSED, "/tickets/lease: 401 kiosk-unknown"),
    ],
)
def test_a_refusal_is_told_to_staff_and_not_repeated_at_once(
    hall: Hall, error: BackendError, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def refuse(office: SimulatedOffice, asked: api.LeaseRequest, key: str) -> api.Lease:
        calls.append(key)
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(SimulatedOffice, "lease", refuse)
        for _ in range(3):
            hall.keeper.look()
            hall.seconds += LOOK_S
        assert len(calls) == 2, "once a queue"
        hall.seconds += REFUSED_S
        hall.keeper.look()
    assert calls[2:] == calls[:2], "the same requests, under their keys"
    assert set(hall.keeper.troubles.values()) == {error.detail}
    (issue,) = issues_of(Facts(numbers_refused=error.detail))
    assert error.detail in issue.do(Texts("en"))
    hall.seconds += REFUSED_S
    hall.keeper.look()
    assert hall.keeper.troubles == {}


@pytest.mark.expects_warnings
def test_ranges_that_overlap_are_not_given_out(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.keeper.look()
    (mine,) = [lease for lease in hall.office.leases.values() if lease.queue == "layanan"]
    for _ in range(3):
        hall.keeper.take("layanan")
    twice = mine.model_copy(update={"id": "lease-again-01"})
    with monkeypatch.context() as patched:
        patched.setattr(SimulatedOffice, "lease", lambda office, asked, key: twice)
        hall.keeper.look()
    assert "leased before" in hall.keeper.troubles["layanan"]
    assert [hall.keeper.take("layanan").number for _ in range(2)] == [4, 5]
    with pytest.raises(NoNumberError):
        hall.keeper.take("layanan")


def test_a_new_day_begins_with_new_numbers(hall: Hall) -> None:
    hall.keeper.look()
    first = hall.keeper.take("layanan")
    hall.seconds += 86_400.0
    with pytest.raises(NoNumberError):
        hall.keeper.take("layanan")
    hall.keeper.look()
    assert hall.keeper.take("layanan").lease != first.lease


def test_a_day_that_was_seen_to_end_never_comes_back(hall: Hall) -> None:
    hall.keeper.look()
    hall.office.fault = ErrorCode.OFFICE_OFFLINE
    hall.seconds += 86_400.0
    hall.keeper.look()
    # Switched off, and on again with the clock of the day before.
    hall.wall_off = -86_400.0
    hall.again().keeper.look()
    with pytest.raises(NoNumberError):
        hall.keeper.take("layanan")


def test_an_office_that_is_back_is_asked_at_once_and_not_before(hall: Hall) -> None:
    hall.office.fault = ErrorCode.OFFICE_OFFLINE
    hall.keeper.look()
    hall.office.fault = None
    hall.keeper.look()
    assert hall.office.leases == {}
    hall.keeper.start()
    try:
        hall.office.go(Reachability.OFFLINE)
        hall.office.go(Reachability.ONLINE)
        until(lambda: len(hall.office.leases) == 2, "a lease for each queue")
    finally:
        hall.keeper.stop()


def test_small_ranges_are_asked_for_until_there_are_enough(hall: Hall) -> None:
    hall.again(TicketsTable(queues=["layanan"], low=7, count=3)).keeper.look()
    assert hall.keeper.left() == {"layanan": 9}
    hall.keeper.take("layanan")
    assert hall.messages == [1], "the outbox hears of it at once"


def test_who_sets_the_clock_changes_no_day(hall: Hall) -> None:
    hall.keeper.look()
    for wrong in (-86_400.0, 30 * 86_400.0, 0.0):
        hall.wall_off = wrong
        hall.keeper.take("layanan")
        hall.keeper.look()
    assert hall.told[-1] == hall.keeper.left()
    assert hall.keeper.take("layanan").number == 4
    assert len({lease.day for lease in hall.office.leases.values()}) == 1


def test_a_queue_that_was_taken_out_goes_back_to_the_office(hall: Hall) -> None:
    hall.keeper.look()
    hall.keeper.take("pengaduan")
    hall.again(TicketsTable(queues=["layanan"], low=3, count=5)).keeper.look()
    OutboxPump(hall.rows, hall.office).deliver_due()
    back = [one for one in hall.office.at_desk if isinstance(one, api.LeaseReturn)]
    assert [one.first_unused for one in back] == [2]
    assert isinstance(hall.office.at_desk[0], api.Ticket), "what was given of it is told first"
    assert hall.keeper.left() == {"layanan": 5}


def test_a_restart_goes_on_with_the_numbers_that_are_there(hall: Hall) -> None:
    hall.keeper.look()
    hall.keeper.take("layanan")
    hall.again().keeper.look()
    assert hall.keeper.take("layanan").number == 2
    assert len(hall.office.leases) == 2


def test_the_thread_fills_up_by_itself_and_ends(hall: Hall) -> None:
    import threading

    full = threading.Event()
    hall.keeper.tell = lambda left: full.set() if all(left.values()) else None
    hall.keeper.start()
    hall.keeper.start()
    assert full.wait(10)
    full.clear()
    hall.keeper.take("layanan")
    hall.keeper.take("layanan")
    assert full.wait(10)
    hall.keeper.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "numbers"]


# --- the desk


def test_complaints_are_kept_by_topic_and_hour_alone(hall: Hall) -> None:
    woken: list[int] = []
    desk = Desk(hall.rows, hall.keeper, wake=lambda: woken.append(1), now=lambda: START.timestamp() + 1234.5)
    number = drawn_number()
    for _ in range(2):
        desk.complain("machine", number)
    (row,) = hall.rows.batch(0)
    told = api.Complaint.model_validate_json(row.body)
    assert (told.topic, told.number.upper(), row.kind) == (api.ComplaintTopic.MACHINE, number, "complaint")
    assert told.at == START
    assert woken == [1, 1]
    with pytest.raises(ValueError, match="weather"):
        desk.complain("weather", drawn_number())
    assert hall.rows.size() == 1


def test_a_rating_is_one_for_a_service_of_a_visit(hall: Hall) -> None:
    desk = Desk(hall.rows, hall.keeper, wake=lambda: None)
    for stars in (4, 2):
        desk.rate("0123456789abcdef", "cetak-kk", stars)
    desk.rate("0123456789abcdef", "cek-data", 3)
    assert [api.Survey.model_validate_json(row.body).rating for row in hall.rows.batch(0)] == [4, 3]


def test_a_desk_that_is_full_says_so(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    from kiosk.store import outbox_rules

    full = {kind: outbox_rules.Keeping(outbox_rules.Bound.REFUSE, most=0) for kind in api.MessageKind}
    desk = Desk(OutboxStore(hall.store, full), hall.keeper, wake=lambda: None)
    with pytest.raises(StoreError) as refused:
        desk.complain("staff", drawn_number())
    assert refused.value.code is ErrorCode.STORE_FULL
    assert hall.rows.size() == 0


def test_complaint_numbers_can_be_read_aloud() -> None:
    drawn = {drawn_number() for _ in range(200)}
    assert len(drawn) == 200
    assert not set("".join(drawn)) - set(ALPHABET) - {"-"}
    assert not set("0O1IAEU") & set(ALPHABET)
    assert {len(one) for one in drawn} == {9}
