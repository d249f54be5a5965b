"""Documents through the real print service onto printers of all kinds: once, whole, and nothing left behind."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import text

from kiosk import api
from kiosk.core.print_watch import PrintEnded, PrinterBay
from kiosk.core.printing import PrintService
from kiosk.devices.contract import Reason
from kiosk.devices.printing.document_printer import IppPrinter
from kiosk.devices.simulated.ipp_front import IppServer
from kiosk.devices.simulated.printer_double import PrinterDouble, Trouble
from kiosk.devices.simulated.stacks import EvePrinter
from kiosk.documents.raster import pwg_raster
from kiosk.documents.verified import ExpectedSize
from kiosk.errors import ErrorCode
from kiosk.flows.outcomes import Printed, PrintFailed, PrintUnknown
from kiosk.store.database import Store, open_store
from kiosk.store.journal import Journal
from kiosk.store.prints import Evidence, PrinterName
from tests.core.print_fakes import FakeOffice, FakeVerifier
from tests.devices.benches import A4
from tests.devices.papers import pdf
from tests.devices.waiting import until

PAGES = 3


@dataclass
class Desk:
    """The service with one printer; ``print`` runs beside the test."""

    store: Store
    device: IppPrinter
    bay: PrinterBay
    service: PrintService
    journal: Journal
    cancel: threading.Event = field(default_factory=threading.Event)
    progress: list[tuple[int, int, str]] = field(default_factory=list)
    ends: list[PrintEnded] = field(default_factory=list)
    print_id: str = ""

    def start(self) -> threading.Thread:
        prepared = self.service.prepare("token", "document-01", is_card=False, cancel=self.cancel)
        self.print_id = prepared.print_id

        def run() -> None:
            self.ends.append(self.service.print(prepared, lambda *step: self.progress.append(step), self.cancel))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def finish(self, thread: threading.Thread) -> PrintEnded:
        thread.join(40)
        assert not thread.is_alive()
        return self.ends[-1]

    def facts(self, event: str) -> list[str]:
        with self.store.transaction() as connection:
            rows = connection.execute(text("SELECT fields FROM audit WHERE event = :event"), {"event": event})
            return [str(row.fields) for row in rows]


OpenDesk = Callable[..., Desk]


@pytest.fixture
def open_desk(tmp_path: Path, eager: None) -> Iterator[OpenDesk]:
    opened = open_store(tmp_path / "kiosk.db", "ab" * 32)
    devices: list[IppPrinter] = []

    def make(uri: str, evidence: str = "impressions") -> Desk:
        device = IppPrinter(uri, A4)
        devices.append(device)
        device.start()
        until(lambda: device.status().is_usable, "a printer", 10)
        journal = Journal(opened.store)
        bay = PrinterBay(device, ExpectedSize.A4, evidence, job_s=30)
        office = cast("Any", FakeOffice(pdf(PAGES), pages=PAGES, began=datetime.now(UTC)))
        service = PrintService(journal, {PrinterName.A4: bay}, office, FakeVerifier(PAGES))
        return Desk(opened.store, device, bay, service, journal)

    yield make
    for device in devices:
        device.stop()
    opened.store.close()


@pytest.fixture
def double() -> Iterator[PrinterDouble]:
    printer = PrinterDouble(sheet_s=0.05)
    yield printer
    printer.close()


@pytest.fixture
def server(double: PrinterDouble) -> Iterator[IppServer]:
    front = IppServer(double)
    yield front
    front.close()


def test_paper_that_is_refilled_in_the_middle_prints_the_rest_once(
    open_desk: OpenDesk, double: PrinterDouble, server: IppServer
) -> None:
    desk = open_desk(server.uri)
    double.sheet_s = 0.4
    double.fault(Trouble.MEDIA_EMPTY, at_sheet=2)
    thread = desk.start()
    until(lambda: (1, PAGES, Reason.MEDIA_EMPTY) in desk.progress, "the page that says so")
    double.clear()
    assert desk.finish(thread) == Printed(PAGES)
    assert (double.counter, len(double.printed())) == (PAGES, 1)
    assert desk.progress[-1][2] == "", "the page no longer says that paper is out"


def test_the_same_on_the_real_printer(open_desk: OpenDesk, eve_printer: EvePrinter) -> None:
    desk = open_desk(eve_printer.uri)
    eve_printer.plan(empty_at=2)
    thread = desk.start()
    until(lambda: (1, PAGES, Reason.MEDIA_EMPTY) in desk.progress, "the page that says so", 20)
    eve_printer.plan()
    assert desk.finish(thread) == Printed(PAGES)
    assert eve_printer.documents() == [pdf(PAGES)], "the very bytes, once"
    assert eve_printer.sheets() == PAGES


def test_a_visit_that_ends_in_the_middle_leaves_nothing(
    open_desk: OpenDesk, double: PrinterDouble, server: IppServer
) -> None:
    desk = open_desk(server.uri)
    double.fault(Trouble.MEDIA_EMPTY, at_sheet=2)
    thread = desk.start()
    until(lambda: (1, PAGES, Reason.MEDIA_EMPTY) in desk.progress, "the stop")
    desk.cancel.set()
    assert isinstance(desk.finish(thread), PrintUnknown), "one sheet of three is out"
    desk.service.visit_ended()
    desk.service.clear_holds()
    assert (desk.service.hold_reason(), desk.service.is_to_be_cleared) == (None, False)
    double.clear()
    assert desk.device.open_jobs() == []
    assert double.counter == 1, "nothing comes out for the next person"


def test_a_visit_that_ends_in_the_middle_of_the_real_printer(open_desk: OpenDesk, eve_printer: EvePrinter) -> None:
    """It goes on with the sheet that it has begun, and holds the visit until its engine has ended."""
    desk = open_desk(eve_printer.uri)
    eve_printer.plan(jam_at=2)
    thread = desk.start()
    until(lambda: (1, PAGES, Reason.MEDIA_JAM) in desk.progress, "the jam", 20)
    desk.cancel.set()
    eve_printer.plan(abort_at=2)
    assert isinstance(desk.finish(thread), PrintUnknown)
    desk.service.visit_ended()

    def is_clear() -> bool:
        desk.service.clear_holds()
        return desk.service.hold_reason() is None and not desk.service.is_to_be_cleared

    until(is_clear, "a printer that holds nothing", 15)
    assert desk.device.open_jobs() == []
    assert eve_printer.sheets() == 1


def test_a_job_that_came_behind_our_back_is_cleared_before_the_next_visit(
    open_desk: OpenDesk, double: PrinterDouble, server: IppServer
) -> None:
    desk = open_desk(server.uri)
    assert desk.finish(desk.start()) == Printed(PAGES)
    double.fault(Trouble.MEDIA_JAM)
    ours, foreign = double.create_job(desk.print_id, "anjungan", A4), double.create_job("p-foreign", "other", A4)
    desk.service.visit_ended()
    assert desk.service.is_to_be_cleared
    desk.service.clear_holds()
    assert (ours.is_over, foreign.is_over) == (True, False), "kiosks may share a printer"
    assert desk.service.hold_reason() is None


def test_a_printer_that_is_away_after_the_visit_is_asked_when_it_is_back(
    open_desk: OpenDesk, double: PrinterDouble, server: IppServer
) -> None:
    desk = open_desk(server.uri)
    desk.finish(desk.start())
    desk.service.visit_ended()
    double.switch(False)
    desk.service.clear_holds()
    assert desk.service.is_to_be_cleared
    assert desk.service.hold_reason() is None, "others may be served meanwhile"
    double.switch(True)
    desk.service.clear_holds()
    assert not desk.service.is_to_be_cleared


def test_a_printer_without_pdf_gets_dots_and_the_journal_both_hashes(
    open_desk: OpenDesk, double: PrinterDouble, server: IppServer
) -> None:
    double.formats = ["image/pwg-raster"]
    desk = open_desk(server.uri)
    assert desk.finish(desk.start()) == Printed(PAGES)
    (job,) = double.printed()
    form = desk.device.raster_form()
    assert form is not None
    assert job.document == b"".join(pwg_raster(pdf(PAGES), form))
    assert desk.journal.record(desk.print_id).sha256 == hashlib.sha256(pdf(PAGES)).hexdigest()
    (fact,) = desk.facts("print.rasterised")
    assert hashlib.sha256(job.document).hexdigest() in fact
    assert desk.print_id in fact


def test_with_pdf_no_dots_are_journaled(open_desk: OpenDesk, double: PrinterDouble, server: IppServer) -> None:
    desk = open_desk(server.uri)
    desk.finish(desk.start())
    assert double.printed()[0].document == pdf(PAGES)
    assert desk.facts("print.rasterised") == []


def test_the_real_printer_takes_our_dots(open_desk: OpenDesk, tmp_path: Path) -> None:
    printer = EvePrinter(tmp_path / "eve-raster", formats="image/pwg-raster")
    printer.start()
    try:
        desk = open_desk(printer.uri)
        form = desk.device.raster_form()
        assert form is not None
        assert desk.finish(desk.start()) == Printed(PAGES)
        assert printer.documents() == [b"".join(pwg_raster(pdf(PAGES), form))]
    finally:
        printer.stop()


def test_a_printer_that_only_counts_its_life_is_asked_before_and_after(
    open_desk: OpenDesk, double: PrinterDouble, server: IppServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However rarely its state is looked at: the counter of the evidence is never an old one."""
    monkeypatch.setattr("kiosk.devices.printing.document_printer.BUSY_POLL_S", 60.0)
    monkeypatch.setattr("kiosk.devices.printing.document_printer.IDLE_POLL_S", 60.0)
    double.counts_jobs = False
    desk = open_desk(server.uri, "page-counter")
    for round_number in (1, 2):
        double.counter += 7  # somebody printed at the panel meanwhile
        desk.cancel.clear()
        assert desk.finish(desk.start()) == Printed(PAGES), round_number
        verdict = desk.journal.record(desk.print_id).verdict
        assert verdict is not None
        assert (verdict.end, verdict.evidence) == (api.PrintEnd.PRINTED, Evidence.PAGE_COUNTER)


def test_a_sheet_too_many_is_no_evidence(open_desk: OpenDesk, double: PrinterDouble, server: IppServer) -> None:
    double.counts_jobs = False
    desk = open_desk(server.uri, "page-counter")
    double.sheet_s = 0.3
    thread = desk.start()
    until(lambda: double.running() is not None, "the first sheet")
    double.counter += 1
    assert isinstance(desk.finish(thread), PrintUnknown)


def test_a_tray_that_is_not_there_fails_with_nothing_sent(
    open_desk: OpenDesk, double: PrinterDouble, server: IppServer
) -> None:
    desk = open_desk(server.uri)
    double.fault(Trouble.COVER_OPEN)
    end = desk.finish(desk.start())
    assert end == PrintFailed(ErrorCode.PRINTER_COVER_OPEN)
    assert double.jobs == {}
