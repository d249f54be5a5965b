"""Documents on printers and schedulers that no one here wrote, and our printer double under their tools."""

import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest

from kiosk.devices.contract import Job, JobReport, JobState, Reason
from kiosk.devices.printing.document_printer import IppPrinter
from kiosk.devices.simulated.ipp_front import IppServer
from kiosk.devices.simulated.printer_double import PrinterDouble, Trouble
from kiosk.devices.simulated.stacks import Cupsd, EvePrinter
from kiosk.errors import DeviceError, ErrorCode
from tests.devices import conformance
from tests.devices.benches import A4, Bench
from tests.devices.papers import pdf
from tests.devices.waiting import until

pytestmark = pytest.mark.peer


@pytest.fixture
def printer(eve_printer: EvePrinter, eager: None) -> Iterator[IppPrinter]:
    adapter = IppPrinter(eve_printer.uri, A4)
    adapter.start()
    until(lambda: adapter.status().is_usable, "ippeveprinter")
    yield adapter
    adapter.stop()


def start(printer: IppPrinter, pages: int = 3, name: str = "cetak-1") -> Job:
    job = printer.create(name, pages, 5)
    printer.send(job, pdf(pages), 5)
    return job


def final(printer: IppPrinter, job: Job, timeout_s: float = 10) -> JobReport:
    reports: list[JobReport] = []

    def is_over() -> bool:
        reports.append(printer.poll(job))
        return reports[-1].state.is_final

    try:
        until(is_over, "the end of the job", timeout_s)
    except AssertionError as error:
        raise AssertionError(f"{error}; the last word was {reports[-1]}") from error
    return reports[-1]


def test_a_pdf_arrives_byte_for_byte(printer: IppPrinter, eve_printer: EvePrinter) -> None:
    report = final(printer, start(printer))
    assert (report.state, report.impressions) == (JobState.COMPLETED, 3)
    assert eve_printer.documents() == [pdf(3)]
    assert eve_printer.sheets() == 3


def test_the_job_is_known_before_a_sheet_can_move(printer: IppPrinter, eve_printer: EvePrinter) -> None:
    job = printer.create("cetak-1", 1, 5)
    assert job.id > 0
    assert printer.poll(job).state is JobState.HELD
    assert eve_printer.documents() == []
    assert printer.cancel(job)


def test_an_empty_tray_before_the_start(printer: IppPrinter, eve_printer: EvePrinter) -> None:
    eve_printer.load_tray(0)
    with pytest.raises(DeviceError) as caught:
        printer.create("cetak-1", 1, 5)
    assert caught.value.code is ErrorCode.PAPER_OUT
    eve_printer.load_tray()
    assert final(printer, start(printer, 1)).state is JobState.COMPLETED


def test_an_empty_bypass_tray_is_only_a_warning(printer: IppPrinter, eve_printer: EvePrinter) -> None:
    query = f"size1={A4}&type1=stationery&level1=250"
    with urllib.request.urlopen(f"http://127.0.0.1:{eve_printer.port}/media?{query}", timeout=5) as answer:
        assert answer.status == 200
    until(lambda: printer.status().reasons == (Reason.MEDIA_LOW,), "the warning")
    assert printer.status().is_usable


@pytest.mark.parametrize(("fault", "reason"), [("empty_at", Reason.MEDIA_EMPTY), ("jam_at", Reason.MEDIA_JAM)])
def test_trouble_in_the_middle_shows_and_passes(
    printer: IppPrinter, eve_printer: EvePrinter, fault: str, reason: Reason
) -> None:
    eve_printer.plan(**{fault: 2})
    job = start(printer)
    until(lambda: reason in printer.poll(job).reasons, "the reason", 10)
    report = printer.poll(job)
    assert not report.state.is_final
    assert report.impressions == 1
    assert not printer.status().is_usable
    eve_printer.plan()
    assert final(printer, job).impressions == 3


def test_an_engine_that_gives_up_is_aborted(printer: IppPrinter, eve_printer: EvePrinter) -> None:
    eve_printer.plan(abort_at=2)
    report = final(printer, start(printer))
    assert (report.state, report.impressions) == (JobState.ABORTED, 1)


def test_a_power_cut_is_unknown_for_ever(printer: IppPrinter, eve_printer: EvePrinter) -> None:
    eve_printer.plan(die_at=2)
    job = start(printer)
    until(lambda: printer.poll(job).has_lost_link, "the lost link", 10)
    eve_printer.plan()
    eve_printer.start()
    until(lambda: printer.status().is_usable, "the printer again", 10)
    report = printer.poll(job)
    assert (report.state, report.has_lost_link) == (JobState.UNKNOWN, False)
    assert printer.find("cetak-1") is None
    assert eve_printer.sheets() == 1


def test_a_job_is_found_by_name_after_a_crash_of_ours(printer: IppPrinter, eve_printer: EvePrinter) -> None:
    job = start(printer)
    final(printer, job)
    other = IppPrinter(eve_printer.uri, A4)
    found = other.find("cetak-1")
    assert found is not None
    assert (found[0].id, found[1].state, found[1].impressions) == (job.id, JobState.COMPLETED, 3)
    assert other.find("cetak-2") is None


def test_a_second_document_while_one_prints_is_busy(printer: IppPrinter, eve_printer: EvePrinter) -> None:
    eve_printer.plan(sheet_s=0.5)
    job = start(printer, 2)
    with pytest.raises(DeviceError) as caught:
        start(printer, 1, "cetak-2")
    assert caught.value.code is ErrorCode.PRINTER_BUSY
    eve_printer.plan()
    assert final(printer, job).state is JobState.COMPLETED


@pytest.mark.conformance
@pytest.mark.parametrize(
    "check",
    [
        conformance.starts_and_stops_any_number_of_times,
        conformance.says_unknown_or_error_when_it_is_away_and_comes_back,
        conformance.keeps_band_and_reasons_together,
    ],
)
def test_the_real_printer_conforms(eve_printer: EvePrinter, eager: None, check: Any) -> None:
    def build() -> IppPrinter:
        return IppPrinter(eve_printer.uri, A4)

    bench: Bench[IppPrinter, EvePrinter] = Bench(build(), eve_printer, build, eve_printer.cut_power, eve_printer.start)
    try:
        check(bench)
    finally:
        bench.device.stop()


# --- their tools on our double --------------------------------------------------------------------------------------


@pytest.fixture
def double() -> Iterator[tuple[PrinterDouble, IppServer]]:
    printer = PrinterDouble()
    server = IppServer(printer)
    yield printer, server
    server.close()
    printer.close()


@pytest.mark.parametrize(
    ("suite", "version", "passed"), [("1.1", "1.1", 30), ("2.0", "2.0", 31), ("everywhere", "2.0", 32)]
)
def test_ipptool_finds_no_fault_with_our_printer(
    double: tuple[PrinterDouble, IppServer], tmp_path: Path, suite: str, version: str, passed: int
) -> None:
    """While its sheets move; what is passed over are Print-URI and Send-URI, which no kiosk needs."""
    double[0].sheet_s = 0.4
    document = tmp_path / "uji.pdf"
    document.write_bytes(pdf(2))
    command = ["ipptool", "-tI", "-V", version, "-d", "filetype=application/pdf", "-f", str(document)]
    command += [double[1].uri, f"ipp-{suite}.test"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert [line for line in done.stdout.splitlines() if "[FAIL]" in line] == []
    assert done.stdout.count("[PASS]") >= passed
    skipped = [line for line in done.stdout.splitlines() if "[SKIP]" in line]
    assert all("-URI" in line or "bad URI" in line or "Create-Job" in line for line in skipped), skipped
    assert double[0].counter > 0, "it did print"


@pytest.mark.parametrize("suite", ["ipp-1.1", "ipp-2.0", "ipp-everywhere"])
def test_ipptool_finds_no_fault_with_a_printer_that_is_done_at_once(
    double: tuple[PrinterDouble, IppServer], tmp_path: Path, suite: str
) -> None:
    document = tmp_path / "uji.pdf"
    document.write_bytes(pdf(2))
    command = ["ipptool", "-tI", "-V", "1.1" if suite == "ipp-1.1" else "2.0", "-d", "filetype=application/pdf"]
    command += ["-f", str(document), double[1].uri, f"{suite}.test"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "[FAIL]" not in done.stdout
    assert done.stdout.count("[PASS]") >= 24


def test_ipptool_sees_our_faults(double: tuple[PrinterDouble, IppServer]) -> None:
    double[0].fault(Trouble.MEDIA_JAM)
    done = subprocess.run(
        ["ipptool", "-tv", double[1].uri, "get-printer-attributes.test"],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert "printer-state (enum) = stopped" in done.stdout
    assert "printer-state-reasons (keyword) = media-jam" in done.stdout


def test_cups_prints_through_to_our_printer(
    cupsd: Cupsd, double: tuple[PrinterDouble, IppServer], tmp_path: Path
) -> None:
    """Through the scheduler the pages arrive, though not byte for byte: it lays them out anew."""
    cupsd.add_queue("a4", double[1].uri)
    document = tmp_path / "uji.pdf"
    document.write_bytes(pdf(3))
    subprocess.run(["/usr/bin/lp", "-d", "a4", str(document)], env=cupsd.environment(), check=True, timeout=20)
    until(double[0].printed, "the job from CUPS", 30)
    received = double[0].printed()[0]
    assert received.format in ("application/pdf", "image/pwg-raster")
    if received.format == "application/pdf":
        copy = tmp_path / "received.pdf"
        copy.write_bytes(received.document)
        pages = pypdf.PdfReader(copy).pages
        assert len(pages) == 3
        assert "uji 2/3" in pages[1].extract_text()


def test_our_adapter_prints_through_a_cups_queue(cupsd: Cupsd, double: tuple[PrinterDouble, IppServer]) -> None:
    """The fallback for printers without IPP: there ``completed`` only means that it was sent."""
    uri = cupsd.add_queue("a4", double[1].uri)
    adapter = IppPrinter(uri, A4)
    adapter.start()
    try:
        until(lambda: adapter.status().is_usable, "the queue", 10)
        job = start(adapter, 2)
        report = final(adapter, job, 30)
        assert report.state is JobState.COMPLETED, report
        assert double[0].counter == 2
    finally:
        adapter.stop()
