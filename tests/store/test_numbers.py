"""Queue numbers: each once, ever, whatever clocks, restarts, offices and two hands at once do."""

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk import api
from kiosk.errors import ErrorCode, StoreError
from kiosk.store.database import Store, open_store
from kiosk.store.numbers import KEPT_DAYS, Ask, LeaseRefusedError, NoNumberError, Numbers
from kiosk.store.outbox import OutboxStore
from kiosk.store.outbox_rules import RULES
from kiosk.store.schema import leases

WIB = timezone(timedelta(hours=7))
TODAY = datetime(2026, 11, 22, 9, 0, tzinfo=WIB)
NOW = TODAY.timestamp()
DAY_S = 86_400.0


@pytest.fixture
def rows(store: Store) -> OutboxStore:
    return OutboxStore(store)


@pytest.fixture
def numbers(store: Store, rows: OutboxStore) -> Numbers:
    return Numbers(store, rows)


def leased(
    numbers: Numbers, first: int, last: int, /, *, now: float = NOW, at: datetime = TODAY, **changes: object
) -> bool:
    """One range, asked for and answered by an office whose clock shows ``at``."""
    ask = numbers.ask("layanan", last - first + 1)
    fields = {"id": f"lease-{at:%d}-{first:06d}", "queue": "layanan", "prefix": "A", "day": at.date(), "at": at}
    return numbers.keep(ask, api.Lease(**(fields | {"first": first, "last": last} | changes)), now)  # type: ignore[arg-type]


def test_numbers_follow_each_other_over_ranges_and_each_is_told(numbers: Numbers, rows: OutboxStore) -> None:
    leased(numbers, 7, 8)
    leased(numbers, 31, 31)
    assert numbers.left(NOW) == {"layanan": 3}
    assert [numbers.take("layanan", NOW).label for _ in range(3)] == ["A-007", "A-008", "A-031"]
    assert numbers.left(NOW) == {"layanan": 0}
    told = [(row.kind, row.key, api.Ticket.model_validate_json(row.body).number) for row in rows.batch(0)]
    assert [number for _, _, number in told] == [7, 8, 31]
    assert told[0] == ("ticket", "ticket-lease-22-000007-7", 7)
    with pytest.raises(NoNumberError) as none:
        numbers.take("layanan", NOW)
    assert none.value.code is ErrorCode.NUMBERS_OUT
    with pytest.raises(NoNumberError):
        numbers.take("pengaduan", NOW)


def test_a_number_that_can_not_be_told_is_not_used_up(store: Store) -> None:
    full = {kind: replace(keeping, most=1) for kind, keeping in RULES.items()}
    numbers = Numbers(store, OutboxStore(store, full))
    leased(numbers, 1, 5)
    assert numbers.take("layanan", NOW).number == 1
    with pytest.raises(StoreError) as refused:
        numbers.take("layanan", NOW)
    assert refused.value.code is ErrorCode.STORE_FULL
    assert numbers.left(NOW) == {"layanan": 4}
    assert Numbers(store, OutboxStore(store)).take("layanan", NOW).number == 2


def test_two_who_take_at_once_get_two_numbers(store: Store, key: str) -> None:
    """From two threads of one core, and from another program on the same store."""
    leased(Numbers(store, OutboxStore(store)), 1, 60)
    second = Store(store.path, key)
    taken: list[int] = []
    gate = threading.Barrier(3)

    def take(of: Store) -> None:
        numbers = Numbers(of, OutboxStore(of))
        gate.wait(10)
        for _ in range(20):
            taken.append(numbers.take("layanan", NOW).number)

    threads = [threading.Thread(target=take, args=(of,)) for of in (store, store, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    second.close()
    assert sorted(taken) == list(range(1, 61))
    assert OutboxStore(store).size() == 60


# --- days and clocks


def test_a_range_ends_with_its_day_and_no_clock_brings_it_back(numbers: Numbers) -> None:
    leased(numbers, 1, 5)
    assert numbers.take("layanan", NOW).number == 1
    midnight = TODAY.replace(hour=23, minute=59, second=59).timestamp()
    assert numbers.take("layanan", midnight).number == 2
    with pytest.raises(NoNumberError):
        numbers.take("layanan", midnight + 1)
    assert numbers.end_days(midnight + 1) == 1
    for clock in (NOW, midnight, NOW - 3 * DAY_S):
        with pytest.raises(NoNumberError):
            numbers.take("layanan", clock)
        assert not numbers.left(clock).get("layanan")


def test_the_offices_date_counts_and_not_this_machines(numbers: Numbers) -> None:
    """The machine believes it is a day earlier, in another zone."""
    wrong = NOW - DAY_S
    leased(numbers, 1, 5, now=wrong)
    assert numbers.take("layanan", wrong).number == 1
    assert numbers.end_days(wrong) == 0
    # It is set right: the office's clock did not move.
    numbers.clock_jumped(DAY_S)
    assert numbers.take("layanan", NOW).number == 2
    evening = datetime(2026, 11, 22, 23, 30, tzinfo=WIB).timestamp()
    assert numbers.take("layanan", evening).number == 3
    with pytest.raises(NoNumberError):
        numbers.take("layanan", evening + 3600)


def test_a_clock_that_was_set_back_while_the_machine_was_off_gives_no_number_of_that_day(numbers: Numbers) -> None:
    """Shut down in the evening, started in the morning with the clock of the day before; nobody was there to ask."""
    leased(numbers, 1, 9)
    evening = NOW + 8 * 3600
    assert numbers.take("layanan", evening).number == 1
    with pytest.raises(NoNumberError):
        numbers.take("layanan", evening - 9 * 3600)
    assert not numbers.left(evening - 9 * 3600).get("layanan")
    # A clock that is put right by minutes costs nothing.
    assert numbers.take("layanan", evening - 1800).number == 2
    assert numbers.end_days(evening - 9 * 3600) == 1
    # And the next evening, when the wrong clock has come as far, it is over for good.
    with pytest.raises(NoNumberError):
        numbers.take("layanan", evening)


def test_what_the_office_says_of_the_time_is_kept_and_small_delays_are_not(numbers: Numbers, store: Store) -> None:
    leased(numbers, 1, 5)
    log = store.path.with_name(store.path.name + "-wal")
    before = log.stat().st_size
    numbers.office_said(TODAY + timedelta(seconds=20), NOW)
    assert log.stat().st_size == before
    numbers.office_said(datetime.fromtimestamp(NOW + DAY_S, UTC), NOW)
    with pytest.raises(NoNumberError):
        numbers.take("layanan", NOW)


def test_looking_costs_the_disk_nothing(numbers: Numbers, store: Store) -> None:
    leased(numbers, 1, 5)
    log = store.path.with_name(store.path.name + "-wal")
    before = log.stat().st_size
    for _ in range(20):
        numbers.left(NOW)
        numbers.end_days(NOW)
        numbers.hand_back(NOW, keep=("layanan",))
    assert log.stat().st_size == before


# --- what the office leases


def test_a_request_is_the_same_until_it_is_answered(tmp_path: Path, key: str) -> None:
    asks = []
    for _ in range(2):
        # As after a crash between the question and its answer.
        store = open_store(tmp_path / "kiosk.db", key).store
        numbers = Numbers(store, OutboxStore(store))
        asks.append(numbers.ask("layanan", 20))
        store.close()
    assert asks[0] == asks[1]
    store = open_store(tmp_path / "kiosk.db", key).store
    numbers = Numbers(store, OutboxStore(store))
    assert numbers.ask("layanan", 50) == asks[0], "another number would be another request under the same key"
    assert numbers.ask("pengaduan", 20).key != asks[0].key
    leased(numbers, 1, 20)
    assert numbers.ask("layanan", 20).key != asks[0].key
    store.close()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"id": "lease-22-000001"}, "before"),
        ({"first": 5, "last": 9}, "before"),
        ({"first": 1, "last": 1}, "before"),
        ({"queue": "pengaduan"}, "queue"),
        ({"first": 9, "last": 30}, "more"),
        ({"first": 9, "last": 8}, "none"),
        ({"day": date(2026, 11, 23)}, "begun"),
    ],
)
def test_a_lease_that_can_not_be_right_is_refused_and_its_request_is_over(
    numbers: Numbers, changes: dict[str, object], why: str
) -> None:
    leased(numbers, 1, 5)
    numbers.take("layanan", NOW)
    asked = numbers.ask("layanan", 5)
    with pytest.raises(LeaseRefusedError, match=why):
        leased(numbers, 6, 10, **changes)
    assert numbers.left(NOW) == {"layanan": 4}
    assert numbers.take("layanan", NOW).number == 2
    assert numbers.ask("layanan", 5).key != asked.key


def test_the_same_letter_means_the_same_numbers(numbers: Numbers) -> None:
    leased(numbers, 1, 5)
    other = Ask("pengaduan", 5, "lease-000000001")
    lease = api.Lease(id="lease-b-000001", queue="pengaduan", prefix="A", day=TODAY.date(), first=3, last=7, at=TODAY)
    with pytest.raises(LeaseRefusedError):
        numbers.keep(other, lease, NOW)
    assert numbers.keep(other, lease.model_copy(update={"prefix": "B"}), NOW)


def test_the_answer_to_yesterdays_request_gives_nothing(numbers: Numbers) -> None:
    assert not leased(numbers, 1, 5, day=date(2026, 11, 21))
    assert numbers.left(NOW) == {}
    assert leased(numbers, 1, 5)


# --- what goes back


def test_what_nobody_took_goes_back_behind_what_was_given(numbers: Numbers, rows: OutboxStore) -> None:
    leased(numbers, 1, 5)
    leased(numbers, 11, 12)
    numbers.take("layanan", NOW)
    assert numbers.hand_back(NOW, keep=("layanan",)) == 0
    assert numbers.hand_back(NOW) == 6
    assert numbers.hand_back(NOW) == 0
    with pytest.raises(NoNumberError):
        numbers.take("layanan", NOW)
    of_first = rows.of("lease-lease-22-000001")
    assert [row.kind for row in of_first] == ["ticket", "ticket-return"]
    assert api.LeaseReturn.model_validate_json(of_first[1].body).first_unused == 2
    (of_second,) = rows.of("lease-lease-22-000011")
    assert api.LeaseReturn.model_validate_json(of_second.body).first_unused == 11
    # The office may lease them again, to us too.
    leased(numbers, 2, 5, id="lease-again-01")
    assert numbers.take("layanan", NOW).number == 2
    # Of the second nothing was ever given: it stands in nobody's way.
    leased(numbers, 9, 14, id="lease-again-02")
    assert numbers.left(NOW) == {"layanan": 9}


def test_nothing_goes_back_of_a_day_that_is_over(numbers: Numbers, rows: OutboxStore) -> None:
    leased(numbers, 1, 5)
    assert numbers.hand_back(NOW + DAY_S) == 0
    assert rows.size() == 0


def test_old_ranges_are_forgotten_after_a_week(numbers: Numbers, store: Store) -> None:
    leased(numbers, 1, 5)

    def known() -> int:
        with store.transaction() as connection:
            return len(connection.execute(select(leases.c.id)).all())

    numbers.end_days(NOW + KEPT_DAYS * DAY_S)
    assert known() == 1
    numbers.end_days(NOW + (KEPT_DAYS + 1) * DAY_S)
    assert known() == 0


# --- all of it at random


class Counter:
    """An office with other kiosks; it keeps the rules, and now and then says something twice, or nonsense."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.at = TODAY
        self.next: dict[date, int] = {}
        self.answers: dict[str, api.Lease] = {}

    def lease(self, ask: Ask) -> api.Lease:
        if ask.key not in self.answers:
            first = self.next.get(self.at.date(), 1) + self.dice.randrange(3)
            self.next[self.at.date()] = first + ask.count
            fields = {"queue": ask.queue, "prefix": "A", "day": self.at.date(), "at": self.at}
            self.answers[ask.key] = api.Lease(
                id=f"lease-{len(self.answers):08d}", first=first, last=first + ask.count - 1, **fields
            )
        said = self.answers[ask.key]
        if self.dice.random() < 0.1:
            said = self.dice.choice(list(self.answers.values()))
        return said.model_copy(update={"at": self.at})


@pytest.fixture
def memory(key: str) -> Iterator[Path]:
    import tempfile

    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        yield Path(folder) / "kiosk.db"


@pytest.mark.parametrize("seed", range(2))
def test_no_number_is_ever_given_twice(memory: Path, key: str, seed: int) -> None:
    dice = random.Random(seed)
    office = Counter(dice)
    store = open_store(memory, key).store
    numbers = Numbers(store, OutboxStore(store))
    skew = 0.0
    given: list[tuple[date, str]] = []
    empty = refused = 0
    for _ in range(300):
        now = office.at.timestamp() + skew
        match dice.choice(["take"] * 8 + ["lease"] * 3 + ["later", "restart", "clock", "back", "end", "jump"]):
            case "take":
                try:
                    given.append((office.at.date(), numbers.take("layanan", now).label))
                except NoNumberError:
                    empty += 1
            case "lease":
                try:
                    numbers.keep(numbers.ask("layanan", 4), office.lease(numbers.ask("layanan", 4)), now)
                except LeaseRefusedError:
                    refused += 1
            case "later":
                office.at += timedelta(hours=dice.randrange(1, 14))
            case "restart":
                store.close()
                store = open_store(memory, key).store
                numbers = Numbers(store, OutboxStore(store))
            case "clock":
                # While the machine was off, so that nobody saw it.
                skew = dice.choice([0.0, -DAY_S, DAY_S, -5 * 3600.0, 40 * DAY_S])
            case "jump":
                by = dice.choice([-DAY_S, DAY_S])
                skew += by
                numbers.clock_jumped(by)
            case "back":
                numbers.hand_back(now)
            case "end":
                numbers.end_days(now)
    told = [api.Ticket.model_validate_json(row.body) for row in _all(store) if row.kind == "ticket"]
    store.close()
    assert len(given) > 40
    assert empty > 5
    assert refused > 0
    assert len(told) == len({(one.lease, one.number) for one in told}) == len(given)
    by_lease = {one.id: one.day for one in office.answers.values()}
    days = [by_lease[one.lease] for one in told]
    numbers_of = [(day, one.number) for day, one in zip(days, told, strict=True)]
    assert len(set(numbers_of)) == len(numbers_of), "twice"


def _all(store: Store) -> list[object]:
    rows, after = [], 0
    while batch := OutboxStore(store).batch(after, 200):
        rows += batch
        after = batch[-1].id
    return rows  # type: ignore[return-value]
