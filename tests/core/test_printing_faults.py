"""Every combination of faults at every point: the paper itself is the witness of what the service says."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kiosk import api
from kiosk.core.print_watch import PrinterBay
from kiosk.core.printing import PrintService
from kiosk.core.recovery import RecoveredPrint, recover
from kiosk.devices.contract import JobState
from kiosk.documents.verified import ExpectedSize
from kiosk.flows.outcomes import Printed, PrintFailed, PrintUnknown
from kiosk.store import audit
from kiosk.store.database import Store, open_store
from kiosk.store.journal import Journal
from kiosk.store.outbox import OutboxStore
from kiosk.store.prints import PrinterName, PrintState
from tests.core.print_fakes import FakeClock, FakeOffice, FakePrinter, FakeVerifier, Fault

SCRIPTS = st.dictionaries(st.integers(0, 14), st.sampled_from(list(Fault)), max_size=3)
EVIDENCE = st.sampled_from(["impressions", "page-counter", "attendant", "none"])
MANY = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class PowerCutError(BaseException):
    """The kiosk dies here; nothing of it runs on."""


@contextmanager
def opened_store() -> Iterator[Store]:
    """In memory, so that a thousand prints take no disk; its durability has tests of its own."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        store = open_store(Path(folder) / "kiosk.db", "ab" * 32).store
        try:
            yield store
        finally:
            store.close()


def check_against_paper(printer: FakePrinter, settlement: api.Settlement, pages: int, evidence: str) -> None:
    """What the office is told agrees with what lies in the tray."""
    out = printer.sheets.get(settlement.print_id, 0)
    if settlement.end is api.PrintEnd.PRINTED:
        assert out == pages
        assert evidence in ("impressions", "page-counter")
    if settlement.end is api.PrintEnd.FAILED:
        assert out == 0
    assert out <= pages
    assert len(printer.documents.get(settlement.print_id, [])) <= 1


@MANY
@given(SCRIPTS, st.integers(1, 3), st.booleans(), EVIDENCE)
@example({}, 2, True, "impressions")
@example({1: Fault.LINK}, 1, True, "impressions")
@example({1: Fault.SILENT}, 1, True, "impressions")
@example({1: Fault.REFUSE, 2: Fault.POWER}, 1, True, "impressions")
@example({2: Fault.JAM, 3: Fault.CANCEL}, 2, True, "impressions")
def test_no_word_without_evidence(script: dict[int, Fault], pages: int, counts: bool, evidence: str) -> None:
    with opened_store() as store:
        printer = FakePrinter(script=script, counts=counts)
        bay = PrinterBay(printer, ExpectedSize.A4, evidence)
        journal, rows = Journal(store), OutboxStore(store)
        service = PrintService(
            journal, {PrinterName.A4: bay}, FakeOffice(pages=pages), FakeVerifier(pages), FakeClock()
        )
        prepared = service.prepare("token", "document-01", is_card=False, cancel=threading.Event())
        outcome = service.print(prepared, lambda *_: None, printer.cancel_event)
        (row,) = rows.heads()
        settlement = api.Settlement.model_validate_json(row.body)
        ends = {Printed: "printed", PrintFailed: "failed", PrintUnknown: "unknown"}
        assert ends[type(outcome)] == settlement.end
        check_against_paper(printer, settlement, pages, evidence)
        assert journal.open_prints() == []
        still_open = {job.name for job in printer.jobs.values() if not job.state.is_final}
        assert still_open <= bay.held.keys(), "what the printer keeps is known and held"


def run_until_cut(store: Store, printer: FakePrinter, bay: PrinterBay, pages: int, cut: int) -> None:
    """Print, and die at the ``cut``-th call to the printer."""

    def strike(_call: str) -> None:
        if len(printer.calls) == cut + 1:
            raise PowerCutError

    service = PrintService(
        Journal(store), {PrinterName.A4: bay}, FakeOffice(pages=pages), FakeVerifier(pages), FakeClock()
    )
    prepared = service.prepare("token", "document-01", is_card=False, cancel=threading.Event())
    printer.on_call = strike
    try:
        service.print(prepared, lambda *_: None, threading.Event())
    except PowerCutError:
        pass
    finally:
        printer.on_call = lambda _call: None


@MANY
@given(st.integers(0, 6), SCRIPTS, st.integers(1, 3), st.integers(0, 5))
@example(1, {}, 2, 0)
@example(2, {}, 1, 0)
@example(2, {3: Fault.POWER}, 1, 2)
def test_a_crash_is_settled_truthfully_and_once(cut: int, script: dict[int, Fault], pages: int, moved: int) -> None:
    with opened_store() as store:
        printer = FakePrinter(script=script)
        run_until_cut(store, printer, PrinterBay(printer, ExpectedSize.A4), pages, cut)
        for _ in range(moved):
            printer.advance()
        bays = {PrinterName.A4: PrinterBay(printer, ExpectedSize.A4)}
        journal, rows = Journal(store), OutboxStore(store)
        first = recover(journal, bays, threading.Event(), clock=FakeClock())
        assert recover(journal, bays, threading.Event(), clock=FakeClock()) == []
        assert journal.open_prints() == []
        (row,) = rows.heads()
        settlement = api.Settlement.model_validate_json(row.body)
        check_against_paper(printer, settlement, pages, "impressions")
        assert [found.end for found in first] in ([], [settlement.end])
        assert audit.verify(store) is None


class TestRecovery:
    @pytest.fixture
    def store(self) -> Iterator[Store]:
        with opened_store() as store:
            yield store

    def recovered(self, store: Store, printer: FakePrinter, **options: float) -> list[RecoveredPrint]:
        bays = {PrinterName.A4: PrinterBay(printer, ExpectedSize.A4)}
        clock = FakeClock()
        wakes: list[int] = []
        found = recover(
            Journal(store), bays, threading.Event(), clock=clock, on_settled=lambda: wakes.append(1), **options
        )
        assert len(wakes) == len(found), "the outbox is woken for each"
        assert clock.seconds < 1000 + 30, "nobody waits for a job that will not move"
        return found

    def cut_at(self, store: Store, cut: int, pages: int = 2) -> FakePrinter:
        printer = FakePrinter()
        run_until_cut(store, printer, PrinterBay(printer, ExpectedSize.A4), pages, cut)
        return printer

    def test_before_create_job(self, store: Store) -> None:
        printer = self.cut_at(store, 0)
        assert Journal(store).open_prints()[0].state is PrintState.VERIFIED
        assert [found.end for found in self.recovered(store, printer)] == [api.PrintEnd.FAILED]

    def test_an_empty_job_of_ours_is_cleared_away(self, store: Store) -> None:
        printer = self.cut_at(store, 0)
        record = Journal(store).open_prints()[0]
        printer.create(record.print_id, 2, 1.0)
        self.recovered(store, printer)
        assert all(job.state.is_final for job in printer.jobs.values())

    def test_before_the_bytes_went(self, store: Store) -> None:
        printer = self.cut_at(store, 1)
        assert Journal(store).open_prints()[0].state is PrintState.CREATED
        printer.jobs[1].has_data = False
        printer.jobs[1].state = JobState.HELD
        printer.documents.clear()
        (found,) = self.recovered(store, printer)
        assert found.end is api.PrintEnd.FAILED
        assert printer.sheets == {}

    def test_a_sheet_that_moves_may_finish(self, store: Store) -> None:
        printer = self.cut_at(store, 2)
        (found,) = self.recovered(store, printer)
        assert (found.end, found.was_granted) == (api.PrintEnd.PRINTED, True)
        assert set(printer.sheets.values()) == {2}

    def test_paper_out_is_not_waited_for(self, store: Store) -> None:
        """The owner may be gone: what stands still must not come out in the next visit."""
        printer = self.cut_at(store, 2)
        printer.empty_for = 10**6
        (found,) = self.recovered(store, printer)
        assert found.end is api.PrintEnd.UNKNOWN
        assert printer.jobs[1].state.is_final

    def test_a_printer_that_forgot(self, store: Store) -> None:
        printer = self.cut_at(store, 3)
        printer.jobs.clear()
        (found,) = self.recovered(store, printer)
        assert found.end is api.PrintEnd.UNKNOWN

    def test_a_printer_that_counts_from_one_again_is_not_believed(self, store: Store) -> None:
        printer = self.cut_at(store, 2)
        printer.jobs.clear()
        printer.next_id = 1
        printer.create("somebody-elses", 2, 1.0)
        (found,) = self.recovered(store, printer)
        assert found.end is api.PrintEnd.UNKNOWN
        assert not printer.jobs[1].state.is_final, "and its jobs are left alone"

    def test_a_printer_that_wakes_late_is_waited_for(self, store: Store) -> None:
        printer = self.cut_at(store, 2)
        for _ in range(4):
            printer.advance()
        printer.is_silent = True
        clock = FakeClock()
        clock.on_wait = lambda: setattr(printer, "is_silent", clock.seconds < 1030)
        bays = {PrinterName.A4: PrinterBay(printer, ExpectedSize.A4)}
        (found,) = recover(Journal(store), bays, threading.Event(), clock=clock)
        assert found.end is api.PrintEnd.PRINTED
        assert clock.seconds >= 1030

    def test_a_printer_that_never_wakes_ends_in_unknown(self, store: Store) -> None:
        printer = self.cut_at(store, 2)
        for _ in range(4):
            printer.advance()
        printer.is_silent = True
        (found,) = self.recovered(store, printer, patience_s=20.0)
        assert found.end is api.PrintEnd.UNKNOWN

    def test_a_printer_that_was_taken_away(self, store: Store) -> None:
        self.cut_at(store, 2)
        (found,) = recover(Journal(store), {}, threading.Event(), clock=FakeClock())
        assert found.end is api.PrintEnd.UNKNOWN

    def test_stopped_before_it_is_done_it_leaves_the_rest_open(self, store: Store) -> None:
        printer = self.cut_at(store, 2)
        stop = threading.Event()
        stop.set()
        bays = {PrinterName.A4: PrinterBay(printer, ExpectedSize.A4)}
        assert recover(Journal(store), bays, stop, clock=FakeClock()) == []
        assert len(Journal(store).open_prints()) == 1

    def test_a_job_that_stays_is_held_against_new_visits(self, store: Store) -> None:
        printer = self.cut_at(store, 2)
        printer.is_jammed = printer.refuses_cancel = True
        bay = PrinterBay(printer, ExpectedSize.A4)
        recover(Journal(store), {PrinterName.A4: bay}, threading.Event(), clock=FakeClock())
        service = PrintService(Journal(store), {PrinterName.A4: bay}, FakeOffice(), FakeVerifier(), FakeClock())
        assert service.hold_reason() is not None
