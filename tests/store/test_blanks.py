"""Blanks by serial: no two prints share one, whatever order things happen in, and doubt is never counted on."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from kiosk import api
from kiosk.errors import DeviceError, ErrorCode
from kiosk.store import audit
from kiosk.store.blanks import BlankError, BlankFate, BlankLot, Blanks, cleaned_serial, serial_after
from kiosk.store.database import Store
from kiosk.store.journal import Journal
from kiosk.store.outbox import OutboxStore
from kiosk.store.prints import Evidence, PrinterName, Verdict

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PRINTED = Verdict(api.PrintEnd.PRINTED, None, Evidence.IMPRESSIONS, 2)


@pytest.fixture
def blanks(store: Store) -> Blanks:
    return Blanks(store)


def run_print(
    store: Store, verdict: Verdict, *, moves: bool = True, granted: bool = True, name: str = "print-0001"
) -> str:
    """One card print to its settlement; the serial that it took."""
    journal, blanks = Journal(store), Blanks(store)
    journal.intend(name, PrinterName.CARD, NOW)
    if granted:
        journal.granted(name, f"grant-{name}", NOW)
    journal.verified(name, pages=2, sha256="ab" * 32, at=NOW)
    serial = blanks.take(name, NOW)
    if moves:
        journal.created(name, job_id=1, job_uri="", counter_before=None, at=NOW)
        journal.sent(name, NOW)
    journal.settle(name, verdict, NOW)
    return serial


def settlements(store: Store) -> list[api.Settlement]:
    return [api.Settlement.model_validate_json(row.body) for row in OutboxStore(store).heads()]


@pytest.mark.parametrize(
    ("first", "steps", "expected"),
    [("AB0001", 0, "AB0001"), ("AB0009", 1, "AB0010"), ("0099", 1, "0100"), ("X9A98", 1, "X9A99"), ("7", 2, "9")],
)
def test_serials_count_in_their_last_digits(first: str, steps: int, expected: str) -> None:
    assert serial_after(first, steps) == expected


@pytest.mark.parametrize(("serial", "steps"), [("AB99", 1), ("9", 1), ("AB0001", 9999), ("AB", 1)])
def test_a_serial_that_would_grow_longer_is_refused(serial: str, steps: int) -> None:
    with pytest.raises(BlankError):
        serial_after(serial, steps)


@pytest.mark.parametrize("text", ["", "AB", "A" * 30, "AB 12\x00", "ｱ12", "12;DROP", "A1" * 20, "é1"])
def test_what_is_no_serial_is_refused(text: str) -> None:
    with pytest.raises(BlankError):
        cleaned_serial(text)


def test_a_scanned_serial_is_cleaned() -> None:
    assert cleaned_serial(" ab-00.12 \n") == "AB0012"


def test_an_empty_stock_gives_no_blank(blanks: Blanks) -> None:
    with pytest.raises(DeviceError) as caught:
        blanks.take("p-1", NOW)
    assert caught.value.code is ErrorCode.CARDS_OUT


def test_lots_are_taken_from_the_front(blanks: Blanks) -> None:
    blanks.load("A01", 2, NOW)
    blanks.load("Z7", 1, NOW)
    assert blanks.stock().lots == (BlankLot("A01", 2), BlankLot("Z7", 1))
    assert [blanks.take(f"p-{n}", NOW) for n in range(3)] == ["A01", "A02", "Z7"]
    assert (blanks.stock().left, blanks.stock().next) == (0, "")
    with pytest.raises(DeviceError):
        blanks.take("p-4", NOW)


@pytest.mark.parametrize(("first", "count"), [("A05", 1), ("A01", 10), ("A00", 2), ("A08", 5)])
def test_what_is_loaded_or_was_taken_is_not_loaded_again(blanks: Blanks, first: str, count: int) -> None:
    blanks.load("A01", 8, NOW)
    blanks.take("p-1", NOW)
    before = blanks.stock()
    with pytest.raises(BlankError):
        blanks.load(first, count, NOW)
    assert blanks.stock() == before


def test_setting_the_stock_replaces_it_but_never_what_was_taken(blanks: Blanks) -> None:
    blanks.load("A01", 8, NOW)
    blanks.take("p-1", NOW)
    assert blanks.load("A02", 3, NOW, is_replacing=True).lots == (BlankLot("A02", 3),)
    with pytest.raises(BlankError):
        blanks.load("A01", 3, NOW, is_replacing=True)
    with pytest.raises(BlankError):
        blanks.load("B1", 0, NOW)
    with pytest.raises(BlankError):
        blanks.load("B00001", 10_001, NOW)


def test_the_disk_itself_refuses_a_second_print_of_one_serial(store: Store) -> None:
    from kiosk.store import blanks as module

    with store.transaction() as connection:
        module._write(connection, "A1", BlankFate.TAKEN, "p-1")
    with pytest.raises(IntegrityError), store.transaction() as connection:
        module._write(connection, "A1", BlankFate.TAKEN, "p-2")


def test_a_printed_card_is_settled_with_its_serial(store: Store, blanks: Blanks) -> None:
    blanks.load("A01", 5, NOW)
    assert run_print(store, PRINTED) == "A01"
    (settlement,) = settlements(store)
    assert settlement.blank == api.Blank(serial="A01", end=api.BlankEnd.USED)
    assert (blanks.stock().used, blanks.stock().next, blanks.stock().is_unchecked) == (1, "A02", False)
    assert blanks.serial_of("print-0001") == "A01"
    assert audit.verify(store) is None


def test_a_print_on_paper_has_no_blank(store: Store) -> None:
    journal = Journal(store)
    journal.intend("print-0009", PrinterName.A4, NOW)
    journal.granted("print-0009", "grant-0009", NOW)
    journal.settle("print-0009", Verdict(api.PrintEnd.FAILED, "off-01"), NOW)
    assert settlements(store)[0].blank is None


@pytest.mark.parametrize(
    ("verdict", "moves"),
    [
        (Verdict(api.PrintEnd.FAILED, "prn-01", pages_out=0), False),
        (Verdict(api.PrintEnd.FAILED, "ribbon-empty", Evidence.IMPRESSIONS, 0), True),
        (Verdict(api.PrintEnd.FAILED, "cards-empty", Evidence.IMPRESSIONS, 0), True),
        (Verdict(api.PrintEnd.FAILED, "reject-full", Evidence.IMPRESSIONS, 0), True),
    ],
)
def test_a_blank_that_never_left_the_feeder_goes_back(
    store: Store, blanks: Blanks, verdict: Verdict, moves: bool
) -> None:
    blanks.load("A01", 5, NOW)
    run_print(store, verdict, moves=moves)
    assert blanks.stock().lots == (BlankLot("A01", 5),)
    assert not blanks.stock().is_unchecked
    assert settlements(store)[0].blank is None
    assert run_print(store, PRINTED, name="print-0002") == "A01"
    assert blanks.fate_of("A01") is BlankFate.USED
    assert blanks.serial_of("print-0001") is None


def test_a_card_that_was_half_printed_is_damaged_and_the_count_is_right(store: Store, blanks: Blanks) -> None:
    blanks.load("A01", 5, NOW)
    run_print(store, Verdict(api.PrintEnd.FAILED, "ribbon-empty", Evidence.IMPRESSIONS, 1))
    assert settlements(store)[0].blank == api.Blank(serial="A01", end=api.BlankEnd.DAMAGED)
    assert (blanks.stock().damaged, blanks.stock().is_unchecked, blanks.stock().next) == (1, False, "A02")


@pytest.mark.parametrize(
    ("verdict", "end"),
    [
        (Verdict(api.PrintEnd.FAILED, "media-jam", Evidence.IMPRESSIONS, 0), api.BlankEnd.DAMAGED),
        (Verdict(api.PrintEnd.FAILED, "prn-04", Evidence.IMPRESSIONS, 0), api.BlankEnd.DAMAGED),
        (Verdict(api.PrintEnd.UNKNOWN, "prn-01"), api.BlankEnd.UNKNOWN),
    ],
)
def test_after_a_doubt_no_blank_is_taken_until_somebody_looked(
    store: Store, blanks: Blanks, verdict: Verdict, end: api.BlankEnd
) -> None:
    blanks.load("A01", 5, NOW)
    run_print(store, verdict)
    assert settlements(store)[0].blank == api.Blank(serial="A01", end=end)
    with pytest.raises(DeviceError) as caught:
        blanks.take("p-2", NOW)
    assert caught.value.code is ErrorCode.BLANKS_UNCHECKED
    assert not blanks.confirm(NOW).is_unchecked
    assert blanks.take("p-2", NOW) == "A02"


def test_a_blank_can_be_skipped_and_replacing_is_looking(store: Store, blanks: Blanks) -> None:
    blanks.load("A01", 3, NOW)
    assert (blanks.skip(NOW).next, blanks.stock().damaged) == ("A02", 1)
    assert blanks.fate_of("A01") is BlankFate.DAMAGED
    run_print(store, Verdict(api.PrintEnd.UNKNOWN, "prn-01"))
    assert not blanks.load("B01", 1, NOW, is_replacing=True).is_unchecked
    blanks.skip(NOW)
    assert blanks.skip(NOW).left == 0, "skipping nothing does nothing"


@pytest.mark.parametrize(("end", "fate"), [(api.PrintEnd.PRINTED, "used"), (api.PrintEnd.FAILED, "damaged")])
def test_an_attendants_word_settles_the_blank_too(store: Store, blanks: Blanks, end: api.PrintEnd, fate: str) -> None:
    blanks.load("A01", 3, NOW)
    run_print(store, Verdict(api.PrintEnd.UNKNOWN, "prn-01"))
    rows = OutboxStore(store)
    rows.delivered(rows.heads()[0])
    Journal(store).reconcile("print-0001", end, None, NOW)
    (settlement,) = settlements(store)
    assert settlement.blank == api.Blank(serial="A01", end=api.BlankEnd(fate))
    stock = blanks.stock()
    assert (stock.unknown, stock.used + stock.damaged) == (0, 1)


def test_a_test_card_costs_a_blank_and_is_no_citizens(store: Store, blanks: Blanks) -> None:
    blanks.load("A01", 3, NOW)
    run_print(store, PRINTED, granted=False)
    assert blanks.fate_of("A01") is BlankFate.DAMAGED
    assert settlements(store) == []


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.sampled_from(["printed", "half", "empty", "jam", "unknown", "confirm", "skip", "load"]), max_size=40)
)
def test_no_serial_is_ever_settled_twice(acts: list[str]) -> None:
    import tempfile
    from pathlib import Path

    from kiosk.store.database import open_store

    verdicts = {
        "printed": PRINTED,
        "half": Verdict(api.PrintEnd.FAILED, "prn-04", pages_out=1),
        "empty": Verdict(api.PrintEnd.FAILED, "cards-empty", pages_out=0),
        "jam": Verdict(api.PrintEnd.FAILED, "media-jam", pages_out=0),
        "unknown": Verdict(api.PrintEnd.UNKNOWN, "prn-01"),
    }
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        store = open_store(Path(folder) / "kiosk.db", "cd" * 32).store
        blanks, loaded = Blanks(store), 0
        for number, act in enumerate(acts):
            if act == "load":
                blanks.load(f"A{loaded + 1:04d}", 3, NOW)
                loaded += 3
            elif act == "confirm":
                blanks.confirm(NOW)
            elif act == "skip":
                blanks.skip(NOW)
            else:
                try:
                    run_print(store, verdicts[act], name=f"print-{number:04d}")
                except DeviceError:
                    Journal(store).settle(
                        f"print-{number:04d}", Verdict(api.PrintEnd.FAILED, "prn-12", pages_out=0), NOW
                    )
        told = [s.blank.serial for s in settlements(store) if s.blank is not None]
        assert len(set(told)) == len(told)
        stock = blanks.stock()
        assert stock.left + stock.used + stock.damaged + stock.unknown == loaded
        store.close()
