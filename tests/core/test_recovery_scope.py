"""At a shared printer a restart touches the jobs of its own kiosk, and no others."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.print_watch import PrinterBay
from kiosk.core.printing import PrintService
from kiosk.core.recovery import clear_printer, recover
from kiosk.devices.contract import JobState
from kiosk.documents.verified import ExpectedSize
from kiosk.store.database import open_store
from kiosk.store.journal import Journal
from kiosk.store.prints import PrinterName
from tests.core.print_fakes import START, FakeClock, FakeOffice, FakePrinter, FakeVerifier

OWN = "p-" + "0a" * 16
FOREIGN = ["p-" + "0b" * 16, "p-letter", OWN + "0", "x" + OWN, OWN.upper(), "report.pdf"]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = open_store(tmp_path / "kiosk.db", "ab" * 32)
    yield Journal(opened.store)
    opened.store.close()


@pytest.fixture
def printer() -> FakePrinter:
    """Holds a job of this kiosk between those of others."""
    printer = FakePrinter()
    for name in [*FOREIGN[:2], OWN, *FOREIGN[2:]]:
        printer.create(name, 1, 1.0)
    return printer


def states(printer: FakePrinter) -> dict[str, JobState]:
    return {job.name: job.state for job in printer.jobs.values()}


def test_only_jobs_that_the_journal_knows_are_cancelled(journal: Journal, printer: FakePrinter) -> None:
    journal.intend(OWN, PrinterName.A4, START)
    bay = PrinterBay(printer, ExpectedSize.A4)
    recover(journal, {PrinterName.A4: bay}, threading.Event(), clock=FakeClock())
    found = states(printer)
    assert found.pop(OWN) is JobState.CANCELED
    assert found == dict.fromkeys(FOREIGN, JobState.HELD)
    assert not bay.is_holding, "another kiosk's job stops nobody here"


def test_an_own_job_that_will_not_go_is_held_and_a_foreign_one_is_not(journal: Journal, printer: FakePrinter) -> None:
    journal.intend(OWN, PrinterName.A4, START)
    printer.refuses_cancel = True
    bay = PrinterBay(printer, ExpectedSize.A4)
    clear_printer(journal, bay)
    assert bay.is_holding
    assert set(bay.held) == {OWN}


def test_a_printer_that_is_away_at_the_start_is_asked_before_it_prints_again(
    journal: Journal, printer: FakePrinter
) -> None:
    """Its network was gone; what waits in it would come out in front of the next person."""
    journal.intend(OWN, PrinterName.A4, START)
    printer.is_silent = True
    bay = PrinterBay(printer, ExpectedSize.A4)
    recover(journal, {PrinterName.A4: bay}, threading.Event(), clock=FakeClock())
    service = PrintService(journal, {PrinterName.A4: bay}, FakeOffice(), FakeVerifier(2), FakeClock())
    assert service.is_to_be_cleared
    assert service.hold_reason() is None, "who is away holds nobody up"
    service.clear_holds()
    assert service.is_to_be_cleared
    printer.is_silent = False
    service.clear_holds()
    assert not service.is_to_be_cleared
    assert states(printer)[OWN] is JobState.CANCELED
