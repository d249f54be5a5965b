"""Old prints go by themselves, and never one that the office has not heard of or that staff must still look at."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk import api
from kiosk.store import audit, retention
from kiosk.store.database import Store
from kiosk.store.journal import Journal
from kiosk.store.outbox import OutboxStore
from kiosk.store.prints import PrintState
from kiosk.store.retention import DAY_S, EVERY_S, Retention, erase_old_prints
from tests.store.test_journal import NOW, PRINTED, UNKNOWN, advance

KEEP_S = 30 * DAY_S


def at(days: float) -> float:
    return (NOW + timedelta(days=days)).timestamp()


def deliver_all(store: Store) -> None:
    rows = OutboxStore(store)
    for row in rows.batch(0):
        rows.delivered(row)


def printed(store: Store, print_id: str) -> None:
    advance(Journal(store), print_id, PrintState.SETTLED)


def ids(store: Store) -> set[str]:
    return {record.print_id for record in Journal(store).settled_since(0.0)} | {
        record.print_id for record in Journal(store).open_prints()
    }


def test_a_reported_print_goes_when_its_time_is_over_and_not_a_moment_before(store: Store) -> None:
    printed(store, "print-0001")
    deliver_all(store)
    assert erase_old_prints(store, KEEP_S, at(29.9)) == 0
    assert ids(store) == {"print-0001"}
    assert erase_old_prints(store, KEEP_S, at(30.1)) == 1
    assert ids(store) == set()
    assert audit.verify(store) is None


def test_what_the_office_has_not_heard_stays_for_ever(store: Store) -> None:
    printed(store, "print-0001")
    assert erase_old_prints(store, KEEP_S, at(3650)) == 0
    assert ids(store) == {"print-0001"}
    deliver_all(store)
    assert erase_old_prints(store, KEEP_S, at(3650)) == 1


def test_what_staff_must_still_look_at_stays_also_when_it_is_reported(store: Store) -> None:
    journal = Journal(store)
    advance(journal, "print-0001", PrintState.SENT)
    journal.settle("print-0001", UNKNOWN, NOW)
    deliver_all(store)
    assert erase_old_prints(store, KEEP_S, at(3650)) == 0
    assert [record.print_id for record in journal.unknown_prints()] == ["print-0001"]


def test_the_kiosks_own_sheets_go_without_a_report(store: Store) -> None:
    journal = Journal(store)
    from kiosk.store.prints import PrinterName

    journal.intend("print-0001", PrinterName.A4, NOW)
    journal.settle("print-0001", PRINTED, NOW)
    assert erase_old_prints(store, KEEP_S, at(31)) == 1


@given(state=st.sampled_from(PrintState), days=st.floats(min_value=0, max_value=4000), is_told=st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_open_or_untold_is_ever_erased(store: Store, state: PrintState, days: float, is_told: bool) -> None:
    import secrets

    print_id = secrets.token_hex(6)
    advance(Journal(store), print_id, PrintState.SETTLED if state is PrintState.REPORTED else state)
    if is_told:
        deliver_all(store)
    erase_old_prints(store, KEEP_S, at(days))
    may_go = state in (PrintState.SETTLED, PrintState.REPORTED) and is_told and days >= 30
    assert (print_id in ids(store)) != may_go


def test_it_works_every_quarter_of_an_hour_and_until_all_is_gone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_MOST", 3)
    for number in range(5):
        printed(store, f"print-000{number}")
    deliver_all(store)
    keeper = Retention(store, 30)
    assert keeper.look(0.0, at(31)) == 3
    assert keeper.look(1.0, at(31)) == 2
    printed(store, "print-0009")
    deliver_all(store)
    assert keeper.look(EVERY_S - 1, at(99)) == 0
    assert keeper.look(EVERY_S + 2, at(99)) == 1


def test_a_clock_that_was_set_back_erases_nothing(store: Store) -> None:
    printed(store, "print-0001")
    deliver_all(store)
    assert erase_old_prints(store, KEEP_S, 86_400.0) == 0


def test_the_end_of_a_print_is_of_the_api(store: Store) -> None:
    printed(store, "print-0001")
    (record,) = Journal(store).settled_since(0.0)
    assert record.verdict is not None
    assert record.verdict.end is api.PrintEnd.PRINTED
