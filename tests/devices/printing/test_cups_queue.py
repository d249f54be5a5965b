"""The fallback: a real scheduler, a real printer behind it. It calls completed what never came out; we do not."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from kiosk import api
from kiosk.core.print_watch import PrintEnded, PrinterBay
from kiosk.core.printing import PrintService
from kiosk.devices.contract import Band, JobState, Reason
from kiosk.devices.printing.cups_queue import CupsQueue, spool_faults
from kiosk.devices.simulated.stacks import Cupsd, EvePrinter, is_listening
from kiosk.documents.verified import ExpectedSize
from kiosk.errors import ErrorCode
from kiosk.flows.outcomes import PrintUnknown
from kiosk.store.database import open_store
from kiosk.store.journal import Journal
from kiosk.store.prints import PrinterName
from tests.core.print_fakes import FakeOffice, FakeVerifier
from tests.devices.benches import A4
from tests.devices.papers import pdf
from tests.devices.waiting import until

pytestmark = pytest.mark.peer


@dataclass
class Bench:
    """The real print service on a real queue."""

    queue: CupsQueue
    service: PrintService
    journal: Journal
    cupsd: Cupsd
    printer: EvePrinter
    cancel: threading.Event = field(default_factory=threading.Event)
    progress: list[tuple[int, int, str]] = field(default_factory=list)

    def print(self) -> tuple[PrintEnded, str]:
        """The end of a print of three pages, and its id."""
        prepared = self.service.prepare("token", "document-01", is_card=False, cancel=self.cancel)
        end = self.service.print(prepared, lambda *step: self.progress.append(step), self.cancel)
        return end, prepared.print_id

    def in_the_background(self) -> tuple[threading.Thread, list[PrintEnded]]:
        ends: list[PrintEnded] = []
        thread = threading.Thread(target=lambda: ends.append(self.print()[0]), daemon=True)
        thread.start()
        return thread, ends


@pytest.fixture
def bench(cupsd: Cupsd, eve_printer: EvePrinter, eager: None, tmp_path: Path) -> Iterator[Bench]:
    uri = cupsd.add_queue("a4", eve_printer.uri)
    set_policy(cupsd, "abort-job")
    queue = CupsQueue(uri, A4, spool_conf=cupsd.folder / "etc" / "cupsd.conf")
    queue.start()
    until(lambda: queue.status().is_usable, "the queue", 10)
    opened = open_store(tmp_path / "kiosk.db", "ab" * 32)
    journal = Journal(opened.store)
    bay = PrinterBay(queue, ExpectedSize.A4, job_s=20)
    office = cast("Any", FakeOffice(pdf(3), pages=3, began=datetime.now(UTC)))
    service = PrintService(journal, {PrinterName.A4: bay}, office, FakeVerifier(pages=3))
    yield Bench(queue, service, journal, cupsd, eve_printer)
    queue.stop()
    opened.store.close()


def set_policy(cupsd: Cupsd, policy: str) -> None:
    command = ["/usr/sbin/lpadmin", "-p", "a4", "-o", f"printer-error-policy={policy}"]
    subprocess.run(command, env=cupsd.environment(), check=True, timeout=20)


def assert_only_sent(bench: Bench, end: PrintEnded, print_id: str) -> None:
    assert isinstance(end, PrintUnknown)
    verdict = bench.journal.record(print_id).verdict
    assert verdict is not None
    assert (verdict.end, verdict.pages_out) == (api.PrintEnd.UNKNOWN, None)
    assert [record.print_id for record in bench.journal.unknown_prints()] == [print_id], "staff is to look"


def test_even_a_print_that_goes_well_is_only_sent(bench: Bench) -> None:
    end, print_id = bench.print()
    assert end == PrintUnknown(ErrorCode.PRINT_SENT_ONLY)
    assert_only_sent(bench, end, print_id)
    assert bench.printer.sheets() == 3
    assert bench.queue.capabilities().is_queue
    assert bench.queue.capabilities().page_counter is None
    assert not bench.queue.capabilities().has_impressions


def test_a_printer_that_dies_at_its_second_sheet_did_not_print(bench: Bench) -> None:
    """CUPS says *completed*, three sheets, as soon as the printer is back and knows nothing of the job."""
    bench.printer.plan(die_at=2, sheet_s=0.2)
    thread, ends = bench.in_the_background()
    until(lambda: bench.printer.sheets() == 1 and not is_listening(bench.printer.port), "the power cut", 20)
    bench.printer.plan()
    bench.printer.start()
    thread.join(40)
    assert isinstance(ends[0], PrintUnknown)
    (record,) = bench.journal.unknown_prints()
    assert_only_sent(bench, ends[0], record.print_id)
    assert bench.printer.sheets() == 1


def test_an_engine_that_gives_up_did_not_print(bench: Bench) -> None:
    bench.printer.plan(abort_at=2)
    end, print_id = bench.print()
    assert_only_sent(bench, end, print_id)
    assert bench.printer.sheets() == 1


def test_an_empty_tray_counts_no_sheet_and_a_cancel_leaves_nothing(bench: Bench) -> None:
    bench.printer.plan(empty_at=1)
    thread, ends = bench.in_the_background()
    until(lambda: bench.printer.documents(), "the job at the printer", 15)
    assert {done for done, _, _ in bench.progress} <= {0}, "what CUPS counts are no sheets"
    bench.cancel.set()
    bench.printer.plan(abort_at=1)
    thread.join(30)
    assert not thread.is_alive()
    assert isinstance(ends[0], PrintUnknown)
    bench.service.visit_ended()
    assert bench.service.is_to_be_cleared
    bench.service.clear_holds()
    assert not bench.service.is_to_be_cleared
    assert bench.queue.open_jobs() == []
    assert bench.printer.sheets() == 0


def test_a_scheduler_that_dies_in_the_middle_is_unknown_and_holds_nothing_of_ours(bench: Bench) -> None:
    """It would print the whole job again after its restart: six sheets for three."""
    bench.printer.plan(sheet_s=0.6)
    thread, ends = bench.in_the_background()
    until(lambda: bench.printer.sheets() >= 1, "the first sheet", 20)
    child = bench.cupsd._child
    assert child is not None
    os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait(5)
    bench.cupsd.start()
    thread.join(40)
    assert not thread.is_alive()
    assert isinstance(ends[0], PrintUnknown)
    assert len(bench.journal.unknown_prints()) == 1
    until(lambda: bench.queue.status().is_usable, "the queue again", 15)
    until(lambda: bench.queue.open_jobs() == [], "nothing left", 15)
    bench.printer.plan()
    assert len(bench.printer.documents()) <= 2
    assert bench.printer.sheets() < 6, "it was stopped before it had printed everything twice"


def test_what_it_held_when_the_kiosk_came_up_is_cancelled(bench: Bench) -> None:
    bench.printer.plan(empty_at=1)
    bench.queue.stop()
    job = bench.queue.create(f"p-{7:032x}", 1, 5)
    foreign = bench.queue.create("someone-else", 1, 5)
    later = CupsQueue(bench.queue.name, A4, spool_conf=bench.cupsd.folder / "etc" / "cupsd.conf")
    later.start()
    try:
        until(lambda: later.status().is_usable, "the queue", 10)
        until(lambda: later.poll(job).state is JobState.CANCELED, "its end", 10)
        assert [left.name for left in later.open_jobs()] == ["someone-else"]
        later.cancel(foreign)
    finally:
        later.stop()


def test_no_document_stays_in_the_spool(bench: Bench) -> None:
    bench.print()
    until(lambda: bench.queue.open_jobs() == [], "the end", 10)
    spool = bench.cupsd.folder / "spool"
    until(lambda: [path.name for path in spool.iterdir() if path.name.startswith("d")] == [], "an empty spool", 10)


def test_a_queue_that_would_print_later_is_refused(bench: Bench) -> None:
    set_policy(bench.cupsd, "retry-job")
    bench.queue.stop()
    other = CupsQueue(bench.queue.name, A4, spool_conf=bench.cupsd.folder / "etc" / "cupsd.conf")
    other.look()
    assert other.status().band is Band.ERROR
    assert other.status().reasons == (Reason.QUEUE_UNSAFE,)
    assert other.status().detail == "ErrorPolicy retry-job"


@pytest.mark.parametrize(
    ("text", "policy", "found"),
    [
        ("PreserveJobFiles No\nErrorPolicy abort-job\n", [], []),
        ("PreserveJobFiles Off # never\n", ["abort-job"], []),
        ("ErrorPolicy abort-job\n", [], [(Reason.QUEUE_UNSAFE, "PreserveJobFiles 86400")]),
        ("PreserveJobFiles Yes\n", ["abort-job"], [(Reason.QUEUE_UNSAFE, "PreserveJobFiles Yes")]),
        ("  preservejobfiles no\n", ["stop-printer"], [(Reason.QUEUE_UNSAFE, "ErrorPolicy stop-printer")]),
        ("PreserveJobFiles No\n", [], [(Reason.QUEUE_UNCHECKED, "ErrorPolicy")]),
        ("#PreserveJobFiles No\n", ["abort-job"], [(Reason.QUEUE_UNSAFE, "PreserveJobFiles 86400")]),
    ],
)
def test_what_the_spool_keeps(tmp_path: Path, text: str, policy: list[str], found: list[tuple[Reason, str]]) -> None:
    conf = tmp_path / "cupsd.conf"
    conf.write_text(text)
    assert list(spool_faults(conf, policy)) == found


def test_settings_that_cannot_be_read_are_said_so(tmp_path: Path) -> None:
    (only,) = spool_faults(tmp_path / "none.conf", ["abort-job"])
    assert only[0] is Reason.QUEUE_UNCHECKED
