"""The pump: nothing lost, nothing out of order, nothing that stands in the way."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.backend.contract import Reachability, RefusedForGoodError
from kiosk.core.outbox import AWAY_CAP_S, CAP_S, REFUSALS_UNTIL_ASIDE, OutboxPump
from kiosk.errors import BackendError, ErrorCode
from kiosk.store.database import Store, open_store
from kiosk.store.outbox import OutboxRow, OutboxStore
from tests.core.print_fakes import FakeOffice


class Desk:
    """A pump whose clock and dice are in the test's hand."""

    def __init__(self, store: Store) -> None:
        self.rows = OutboxStore(store)
        self.office = FakeOffice()
        self.time = 1000.0
        self.ranges: list[float] = []
        self.poison: list[OutboxRow] = []
        self.pump = OutboxPump(
            self.rows,
            self.office,
            on_poison=self.poison.append,
            now=lambda: self.time,
            jitter=self._longest,
        )

    def _longest(self, _low: float, high: float) -> float:
        self.ranges.append(high)
        return high

    def add(self, subject: str, key: str) -> None:
        self.rows.add(kind="survey", subject=subject, key=key, body=key.encode(), at=self.time)

    def fail(self, code: ErrorCode, times: int = 1) -> None:
        self.office.post_errors += [BackendError(code) for _ in range(times)]

    def posted(self) -> list[str]:
        return [key for _, _, key in self.office.posted]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = open_store(tmp_path / "kiosk.db", "ab" * 32)
    yield Desk(opened.store)
    opened.store.close()


def test_everything_goes_in_order(desk: Desk) -> None:
    for key in ("a1", "a2", "b1", "a3"):
        desk.add(key[0], key)
    desk.pump.deliver_due()
    assert desk.posted().index("a1") < desk.posted().index("a2") < desk.posted().index("a3")
    assert sorted(desk.posted()) == ["a1", "a2", "a3", "b1"]
    assert desk.rows.size() == 0


def test_a_row_that_fails_holds_back_its_subject_only(desk: Desk) -> None:
    for key in ("a1", "a2", "b1"):
        desk.add(key[0], key)
    desk.fail(ErrorCode.OFFICE_FAULT)
    desk.pump.deliver_due()
    assert desk.posted() == ["b1"]
    desk.time += 1.0
    desk.pump.deliver_due()
    assert desk.posted() == ["b1", "a1", "a2"]


def test_the_wait_doubles_up_to_its_cap(desk: Desk) -> None:
    desk.add("a", "a1")
    desk.fail(ErrorCode.OFFICE_FAULT, 12)
    for _ in range(12):
        desk.pump.deliver_due()
        desk.time = desk.rows.heads()[0].next_at
    assert desk.ranges == [1, 2, 4, 8, 16, 32, 64, 128, 256, CAP_S, CAP_S, CAP_S]
    desk.pump.deliver_due()
    assert desk.posted() == ["a1"]


def test_an_office_that_is_away_is_not_asked_for_each_row(desk: Desk) -> None:
    for number in range(50):
        desk.add(f"s{number}", f"key-{number}")
    desk.fail(ErrorCode.OFFICE_OFFLINE, 50)
    wait = desk.pump.deliver_due()
    assert len(desk.office.post_errors) == 49
    assert wait > 0
    longer = desk.pump.deliver_due()
    assert longer > wait


@pytest.mark.expects_warnings
def test_what_is_refused_for_good_is_set_aside_at_once_with_its_reason(desk: Desk) -> None:
    desk.add("a", "poison")
    desk.add("a", "a2")
    desk.office.post_errors = [RefusedForGoodError(ErrorCode.OFFICE_REFUSED, "/surveys: 422 invalid")]
    desk.pump.deliver_due()
    assert desk.posted() == ["a2"]
    assert [row.key for row in desk.poison] == ["poison"]
    (aside,) = desk.rows.set_aside_rows()
    assert desk.rows.reason(aside) == "OFF-03: /surveys: 422 invalid"
    assert desk.rows.take_all_back(desk.time) == 1
    desk.pump.deliver_due()
    assert desk.posted() == ["a2", "poison"]
    assert desk.rows.set_aside_rows() == []
    assert desk.rows.reason(aside) == ""


@pytest.mark.expects_warnings
def test_what_never_fits_is_set_aside_after_some_tries(desk: Desk) -> None:
    desk.add("a", "poison")
    desk.add("a", "a2")
    desk.fail(ErrorCode.OFFICE_TOO_LARGE, REFUSALS_UNTIL_ASIDE)
    for _ in range(REFUSALS_UNTIL_ASIDE):
        assert desk.posted() == []
        desk.time += CAP_S
        desk.pump.deliver_due()
    assert desk.posted() == ["a2"]
    assert [row.key for row in desk.poison] == ["poison"]


@pytest.mark.parametrize("code", [ErrorCode.OFFICE_REFUSED, ErrorCode.OFFICE_THROTTLED, ErrorCode.OFFICE_BAD_ANSWER])
def test_an_office_that_refuses_the_whole_kiosk_poisons_nothing(desk: Desk, code: ErrorCode) -> None:
    desk.add("a", "a1")
    desk.fail(code, 3 * REFUSALS_UNTIL_ASIDE)
    for _ in range(3 * REFUSALS_UNTIL_ASIDE):
        desk.time += AWAY_CAP_S
        desk.pump.deliver_due()
    assert desk.poison == []
    desk.time += AWAY_CAP_S
    desk.pump.deliver_due()
    assert desk.posted() == ["a1"]


def test_a_message_that_the_line_cannot_bear_stops_only_its_subject(desk: Desk) -> None:
    """One that always runs into the deadline looks like an office that is away."""
    for key in ("a1", "a2", "b1"):
        desk.add(key[0], key)
    real = desk.office.post

    def post(kind: str, body: bytes, key: str) -> None:
        if key == "a1":
            raise BackendError(ErrorCode.OFFICE_SLOW)
        real(kind, body, key)

    desk.office.post = post  # type: ignore[method-assign]
    for _ in range(5):
        wait = desk.pump.deliver_due()
        desk.time += wait / 2
    assert desk.posted() == ["b1"]


def test_weeks_without_a_network_are_no_poison(desk: Desk) -> None:
    desk.add("a", "a1")
    desk.fail(ErrorCode.OFFICE_OFFLINE, 200)
    for _ in range(200):
        desk.time += AWAY_CAP_S
        desk.pump.deliver_due()
    assert desk.poison == []
    desk.time += AWAY_CAP_S
    desk.pump.deliver_due()
    assert desk.posted() == ["a1"]


def test_a_clock_that_was_set_back_delays_nothing(desk: Desk) -> None:
    desk.time = 2_000_000.0
    desk.add("a", "a1")
    desk.time = 1_000.0
    desk.pump.deliver_due()
    assert desk.posted() == ["a1"]


def test_the_thread_wakes_for_a_new_row_and_when_the_office_is_back(desk: Desk) -> None:
    arrived = threading.Event()
    real = desk.office.post

    def post(kind: str, body: bytes, key: str) -> None:
        real(kind, body, key)
        arrived.set()

    desk.office.post = post  # type: ignore[method-assign]
    desk.add("b", "b1")
    desk.rows.postpone(desk.rows.heads()[0], desk.time + 200, was_refused=False)
    desk.pump._jitter = lambda _low, _high: 0.0
    desk.pump.start()
    desk.pump.start()
    desk.add("a", "a1")
    desk.pump.wake()
    assert arrived.wait(5)
    arrived.clear()
    (listener,) = desk.office.listeners
    listener(Reachability.OFFLINE)
    assert not arrived.is_set()
    listener(Reachability.ONLINE)
    assert arrived.wait(5)
    desk.pump.stop()
    desk.pump.stop()
    assert desk.posted() == ["a1", "b1"]
    assert desk.office.listeners == []


@pytest.mark.expects_warnings
def test_a_bug_in_one_message_does_not_end_the_pump(desk: Desk) -> None:
    desk.add("a", "a1")
    desk.add("b", "b1")
    desk.office.post_errors = [RuntimeError("a bug")]
    desk.pump.deliver_due()
    assert desk.posted() == ["b1"]
