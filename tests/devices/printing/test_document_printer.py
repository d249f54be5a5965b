"""Documents and cards through direct IPP, in memory and on the wire."""

import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from kiosk.devices.contract import DeviceKind, Job, JobReport, JobState, Reason
from kiosk.devices.printing.document_printer import IppPrinter
from kiosk.devices.simulated.ipp_front import IppFront
from kiosk.devices.simulated.printer_double import JobPhase, PrinterDouble, Trouble
from kiosk.errors import DeviceError, ErrorCode
from tests.devices.benches import A4, Bench
from tests.devices.papers import pdf
from tests.devices.waiting import until

PrinterBench = Bench[IppPrinter, PrinterDouble]

pytestmark = pytest.mark.conformance

NOWHERE = "ipp://printer.invalid/ipp/print"


@pytest.fixture
def bench(printer_bench: PrinterBench) -> PrinterBench:
    printer_bench.device.start()
    until(lambda: printer_bench.device.status().is_usable, "a printer")
    return printer_bench


def final(bench: PrinterBench, job: Job) -> JobReport:
    reports: list[JobReport] = []

    def is_over() -> bool:
        reports.append(bench.device.poll(job))
        return reports[-1].state.is_final

    until(is_over, "the end of the job")
    return reports[-1]


def test_a_document_comes_out_as_it_went_in(bench: PrinterBench) -> None:
    job = bench.device.create("cetak-1", 3, 5)
    assert job.id > 0
    assert bench.device.poll(job).state is JobState.HELD
    assert bench.double.counter == 0, "no sheet may move before the document goes"
    bench.device.send(job, pdf(3), 5)
    report = final(bench, job)
    assert (report.state, report.impressions, report.has_lost_link) == (JobState.COMPLETED, 3, False)
    printed = bench.double.printed()[0]
    assert printed.document == pdf(3)
    assert printed.format == "application/pdf"
    assert printed.name == "cetak-1"
    assert printed.media == bench.double.media


def test_capabilities_are_asked_at_the_start(bench: PrinterBench) -> None:
    capabilities = bench.device.capabilities()
    assert "application/pdf" in capabilities.formats
    assert capabilities.has_create_job
    assert capabilities.has_impressions
    assert capabilities.page_counter == 0
    assert bench.double.media in capabilities.media


def test_the_page_counter_is_asked_anew(bench: PrinterBench) -> None:
    job = bench.device.create("cetak-1", 3, 5)
    bench.device.send(job, pdf(3), 5)
    final(bench, job)
    until(lambda: bench.device.capabilities().page_counter == 3, "the counter")


def test_progress_is_told_sheet_by_sheet(bench: PrinterBench) -> None:
    bench.double.sheet_s = 0.1
    job = bench.device.create("cetak-1", 3, 5)
    bench.device.send(job, pdf(3), 5)
    seen: list[int | None] = []

    def is_over() -> bool:
        report = bench.device.poll(job)
        seen.append(report.impressions)
        return report.state.is_final

    until(is_over, "the end")
    assert set(seen) >= {0, 1, 2, 3}
    assert seen == sorted(seen, key=lambda value: value or 0)


@pytest.mark.parametrize(
    ("trouble", "code", "card_code"),
    [
        (Trouble.MEDIA_EMPTY, ErrorCode.PAPER_OUT, ErrorCode.CARDS_OUT),
        (Trouble.MEDIA_JAM, ErrorCode.PAPER_JAM, ErrorCode.PAPER_JAM),
        (Trouble.COVER_OPEN, ErrorCode.PRINTER_COVER_OPEN, ErrorCode.PRINTER_COVER_OPEN),
        (Trouble.TONER_EMPTY, ErrorCode.PRINTER_TONER_EMPTY, ErrorCode.RIBBON_OUT),
        (Trouble.PAUSED, ErrorCode.PRINTER_STOPPED, ErrorCode.PRINTER_STOPPED),
        (Trouble.SPOOL_FULL, ErrorCode.PRINTER_BUSY, ErrorCode.PRINTER_BUSY),
    ],
)
def test_a_printer_in_trouble_takes_no_job(
    bench: PrinterBench, trouble: Trouble, code: ErrorCode, card_code: ErrorCode
) -> None:
    bench.double.fault(trouble)
    with pytest.raises(DeviceError) as caught:
        bench.device.create("cetak-1", 1, 5)
    assert caught.value.code is (card_code if bench.device.kind is DeviceKind.CARD_PRINTER else code)
    assert bench.double.jobs == {}
    until(lambda: not bench.device.status().is_usable, "the status")


@pytest.mark.parametrize("trouble", [Trouble.MARKER_LOW, Trouble.MEDIA_LOW, Trouble.UNHEARD_OF])
def test_a_warning_stops_nothing(bench: PrinterBench, trouble: Trouble) -> None:
    bench.double.fault(trouble)
    until(lambda: bench.device.status().reasons, "the warning")
    job = bench.device.create("cetak-1", 1, 5)
    bench.device.send(job, pdf(1), 5)
    assert final(bench, job).state is JobState.COMPLETED


def test_a_reason_without_a_name_of_ours_keeps_its_own(bench: PrinterBench) -> None:
    bench.double.fault(Trouble.UNHEARD_OF)
    until(lambda: Reason.UNNAMED in bench.device.status().reasons, "the reason")
    assert "x-flux-capacitor-cold" in bench.device.status().detail


def test_card_printers_speak_of_cards_and_ribbons(bench: PrinterBench) -> None:
    is_cards = bench.device.kind is DeviceKind.CARD_PRINTER
    bench.double.fault(Trouble.MEDIA_EMPTY)
    bench.double.fault(Trouble.MARKER_LOW)
    expected = {Reason.CARDS_EMPTY, Reason.RIBBON_LOW} if is_cards else {Reason.MEDIA_EMPTY, Reason.MARKER_LOW}
    until(lambda: set(bench.device.status().reasons) == expected, "both reasons")


@pytest.mark.parametrize("trouble", [Trouble.MEDIA_EMPTY, Trouble.MEDIA_JAM, Trouble.COVER_OPEN])
def test_trouble_in_the_middle_stops_and_goes_on(bench: PrinterBench, trouble: Trouble) -> None:
    bench.double.fault(trouble, at_sheet=2)
    job = bench.device.create("cetak-1", 3, 5)
    bench.device.send(job, pdf(3), 5)
    until(lambda: bench.device.poll(job).state is JobState.STOPPED, "the stop")
    report = bench.device.poll(job)
    assert report.impressions == 1
    assert report.reasons[0] not in (Reason.STOPPED, Reason.UNNAMED)
    bench.double.clear()
    assert final(bench, job).impressions == 3


def test_an_aborted_job_is_aborted(bench: PrinterBench) -> None:
    bench.double.abort(at_sheet=2)
    job = bench.device.create("cetak-1", 3, 5)
    bench.device.send(job, pdf(3), 5)
    report = final(bench, job)
    assert (report.state, report.impressions) == (JobState.ABORTED, 1)


@pytest.mark.parametrize(
    ("word", "is_proof"),
    [
        ("job-completed-successfully", True),
        ("job-completed-with-warnings", True),
        ("unsupported-attributes-or-values", True),
        ("job-completed-with-errors", False),
        ("errors-detected", False),
        ("document-format-error", False),
        ("job-canceled-at-device", False),
        ("aborted-by-system", False),
        ("submission-interrupted", False),
        ("queued-in-device", False),
    ],
)
def test_completed_with_errors_proves_no_print(word: str, is_proof: bool) -> None:
    """A page that says "PDF error" is a sheet too, and counted as one."""
    double = PrinterDouble()
    printer = IppPrinter(NOWHERE, A4, post=IppFront(double, NOWHERE).post)
    job = printer.create("cetak-1", 1, 5)
    printer.send(job, pdf(1), 5)
    assert printer.poll(job).state is JobState.COMPLETED
    double.jobs[job.id].reason = word
    found = printer.find("cetak-1")
    assert found is not None
    wanted = JobState.COMPLETED if is_proof else JobState.UNKNOWN
    assert (printer.poll(job).state, found[1].state) == (wanted, wanted)
    double.close()


def test_a_power_cut_leaves_the_unknown(bench: PrinterBench) -> None:
    bench.double.sheet_s = 0.05
    bench.double.cut_power(at_sheet=2)
    job = bench.device.create("cetak-1", 3, 5)
    bench.device.send(job, pdf(3), 5)
    until(lambda: bench.device.poll(job).has_lost_link, "the lost link")
    assert bench.device.poll(job).state is JobState.UNKNOWN
    bench.double.switch(True)
    until(lambda: bench.device.status().is_usable, "the printer again")
    report = bench.device.poll(job)
    assert (report.state, report.has_lost_link) == (JobState.UNKNOWN, False)
    assert bench.device.find("cetak-1") is None


def test_after_a_power_cut_the_same_id_is_another_job(bench: PrinterBench) -> None:
    """Ids begin again at 1: the paper of the next citizen must not settle the grant of the last one."""
    job = bench.device.create("cetak-1", 1, 5)
    bench.double.switch(False)
    bench.double.switch(True)
    until(lambda: bench.device.status().is_usable, "the printer again")
    other = bench.device.create("cetak-2", 1, 5)
    assert other.id == job.id
    bench.device.send(other, pdf(1), 5)
    assert final(bench, other).state is JobState.COMPLETED
    assert bench.device.poll(job).state is JobState.UNKNOWN


def test_a_job_is_found_by_its_name(bench: PrinterBench) -> None:
    for number in (1, 2):
        job = bench.device.create(f"cetak-{number}", 1, 5)
        bench.device.send(job, pdf(1), 5)
    waiting = bench.device.create("cetak-3", 1, 5)
    found = bench.device.find("cetak-2")
    assert found is not None
    assert (found[0].id, found[1].state) == (2, JobState.COMPLETED)
    found = bench.device.find("cetak-3")
    assert found is not None
    assert (found[0].id, found[1].state) == (waiting.id, JobState.HELD)
    assert bench.device.find("cetak-4") is None


def test_what_cannot_be_asked_is_not_none(bench: PrinterBench) -> None:
    bench.double.switch(False)
    with pytest.raises(DeviceError) as caught:
        bench.device.find("cetak-1")
    assert caught.value.code is ErrorCode.PRINTER_AWAY
    with pytest.raises(DeviceError):
        bench.device.open_jobs()


def test_open_jobs_are_told_until_they_end(bench: PrinterBench) -> None:
    assert bench.device.open_jobs() == []
    job = bench.device.create("cetak-1", 1, 5)
    assert [open_job.id for open_job in bench.device.open_jobs()] == [job.id]
    assert bench.device.cancel(job)
    assert bench.device.open_jobs() == []
    assert final(bench, job).state is JobState.CANCELED


def test_a_stuck_job_can_be_cancelled(bench: PrinterBench) -> None:
    bench.double.fault(Trouble.MEDIA_JAM, at_sheet=2)
    job = bench.device.create("cetak-1", 3, 5)
    bench.device.send(job, pdf(3), 5)
    until(lambda: bench.device.poll(job).state is JobState.STOPPED, "the jam")
    assert bench.device.cancel(job)
    bench.double.clear()
    assert bench.double.counter == 1, "nothing may come out after a cancel"


def test_cancelling_what_is_over_is_over(bench: PrinterBench) -> None:
    job = bench.device.create("cetak-1", 1, 5)
    bench.device.send(job, pdf(1), 5)
    final(bench, job)
    assert bench.device.cancel(job)
    assert bench.double.jobs[job.id].phase is JobPhase.COMPLETED


def test_cancelling_a_forgotten_job_is_not_known_to_have_worked(bench: PrinterBench) -> None:
    job = bench.device.create("cetak-1", 1, 5)
    bench.double.forget_jobs()
    assert not bench.device.cancel(job)


def test_a_silent_printer_holds_nobody_beyond_the_deadline(bench: PrinterBench) -> None:
    job = bench.device.create("cetak-1", 1, 5)
    bench.double.is_silent = True
    began = time.monotonic()
    with pytest.raises(DeviceError) as caught:
        bench.device.send(job, pdf(1), 0.3)
    assert caught.value.code is ErrorCode.PRINT_UNKNOWN, "bytes may have arrived"
    report = bench.device.poll(job, 0.3)
    assert (report.state, report.has_lost_link) == (JobState.UNKNOWN, True)
    assert not bench.device.cancel(job, 0.3)
    assert time.monotonic() - began < 2.5


def test_another_paper_in_the_tray_is_no_paper(bench: PrinterBench) -> None:
    bench.double.media_loaded = "na_letter_8.5x11in"
    with pytest.raises(DeviceError) as caught:
        bench.device.create("cetak-1", 1, 5)
    is_cards = bench.device.kind is DeviceKind.CARD_PRINTER
    assert caught.value.code is (ErrorCode.CARDS_OUT if is_cards else ErrorCode.PAPER_OUT)
    assert "na_letter" in caught.value.detail


def test_without_pdf_nothing_is_promised(bench: PrinterBench) -> None:
    bench.double.formats = ["image/urf"]
    bench.double.switch(False)
    until(lambda: not bench.device.status().is_usable, "away")
    bench.double.switch(True)
    until(lambda: bench.device.status().reasons == (Reason.NO_PDF,), "the reason")


def test_without_create_job_a_single_print_job_does_it(bench: PrinterBench) -> None:
    bench.double.has_create_job = False
    bench.double.switch(False)
    until(lambda: not bench.device.status().is_usable, "away")
    bench.double.switch(True)
    until(lambda: bench.device.status().is_usable, "back")
    job = bench.device.create("cetak-1", 2, 5)
    assert job.id == 0
    assert bench.double.jobs == {}
    assert bench.device.cancel(job), "nothing has been sent: nothing can come out"
    bench.device.send(job, pdf(2), 5)
    report = final(bench, job)
    assert (report.state, report.impressions) == (JobState.COMPLETED, 2)


def test_without_create_job_the_job_is_found_after_a_crash(bench: PrinterBench) -> None:
    bench.double.has_create_job = False
    bench.double.sheet_s = 0.05
    bench.double.switch(False)
    bench.double.switch(True)
    before = bench.build()
    before.start()
    until(lambda: before.status().is_usable and not before.capabilities().has_create_job, "a printer")
    before.send(before.create("cetak-1", 2, 5), pdf(2), 5)
    before.stop()
    report = final(bench, Job(0, "cetak-1"))
    assert report.state is JobState.COMPLETED


def test_a_printer_without_impressions_says_none(bench: PrinterBench) -> None:
    bench.double.has_impressions = False
    job = bench.device.create("cetak-1", 1, 5)
    bench.device.send(job, pdf(1), 5)
    assert final(bench, job).impressions is None


def test_many_threads_may_poll_at_once(bench: PrinterBench) -> None:
    job = bench.device.create("cetak-1", 1, 5)
    bench.device.send(job, pdf(1), 5)
    reports: list[JobReport] = []
    threads = [threading.Thread(target=lambda: reports.append(bench.device.poll(job))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert [report.state for report in reports] == [JobState.COMPLETED] * 8


class _Dripping:
    """A server that sends one byte every 50 ms for ever."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self.uri = f"ipp://127.0.0.1:{self._listener.getsockname()[1]}/ipp/print"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        held: list[Any] = []
        self._listener.settimeout(0.05)
        while not self._over.is_set():
            with suppress(TimeoutError):
                held.append(self._listener.accept()[0])
            for sock in list(held):
                try:
                    sock.send(b"H")
                except OSError:
                    held.remove(sock)
        for sock in held:
            sock.close()

    def close(self) -> None:
        self._over.set()
        self._thread.join(5)
        self._listener.close()


def test_a_dripping_answer_ends_at_the_deadline() -> None:
    server = _Dripping()
    try:
        printer = IppPrinter(server.uri, A4)
        began = time.monotonic()
        report = printer.poll(Job(1, "cetak-1"), 0.4)
        assert time.monotonic() - began < 1.0
        assert (report.state, report.has_lost_link) == (JobState.UNKNOWN, True)
    finally:
        server.close()


def test_a_printer_that_ignores_the_medium_gets_no_document() -> None:
    double = PrinterDouble(media="iso_a4_210x297mm")
    front = IppFront(double, "ipp://printer.invalid/ipp/print")
    printer = IppPrinter("ipp://printer.invalid/ipp/print", "iso_a4_210x297mm", post=front.post)
    printer._wish = replace(printer._wish, media="om_f4_215x330mm")
    double.media_loaded = "om_f4_215x330mm"
    with pytest.raises(DeviceError) as caught:
        printer.create("cetak-1", 1, 5)
    assert caught.value.code is ErrorCode.PRINTER_REFUSED
    assert all(job.is_over for job in double.jobs.values())
    double.close()


def test_a_job_that_nobody_polled_to_its_end_is_not_active_for_ever(bench: PrinterBench) -> None:
    job = bench.device.create("cetak-1", 1, 5)
    bench.device.send(job, pdf(1), 5)
    until(bench.double.printed, "the paper")
    carrier: Any = getattr(bench.device, "_inner", bench.device)
    assert carrier._jobs.active == {"cetak-1"}
    assert bench.device.open_jobs() == []
    assert carrier._jobs.active == set()
