"""The print service, case by case; every combination of faults is in ``test_printing_faults``."""

import threading
from datetime import timedelta

import pytest

from kiosk import api
from kiosk.core.printing import PrintService
from kiosk.devices.contract import JobState
from kiosk.errors import BackendError, DeviceError, DocumentError, ErrorCode, KioskError, StoreError
from kiosk.flows.outcomes import Printed, PrintFailed
from kiosk.store import audit
from kiosk.store.prints import PrinterName, PrintState
from tests.core.print_bench import Bench, open_bench
from tests.core.print_fakes import FakeOffice, Fault

bench = pytest.fixture(open_bench)


def test_a_print_that_goes_well(bench: Bench) -> None:
    states: list[tuple[str, str]] = []
    bench.printer.on_call = lambda call: states.append((call, bench.journal.record(prepared.print_id).state))
    prepared = bench.prepare()
    assert bench.journal.record(prepared.print_id).state is PrintState.VERIFIED
    assert bench.print(prepared) == Printed(2)
    assert bench.printer.sheets == {prepared.print_id: 2}
    assert bench.printer.documents[prepared.print_id] == [bench.office.document]
    assert states[:2] == [("create", "verified"), ("send", "created")], "the job id is journaled before a byte goes"
    (settlement,) = bench.settlements()
    assert (settlement.end, settlement.evidence, settlement.pages_out) == (api.PrintEnd.PRINTED, "impressions", 2)
    assert settlement.sha256 == bench.office.sha256
    assert bench.wakes == [1], "the outbox is woken when the message stands there"
    assert bench.progress[-1][1] == 2


def test_the_grant_and_the_job_bear_the_journals_key(bench: Bench) -> None:
    prepared = bench.prepare()
    assert list(bench.office.grants) == [prepared.print_id]
    bench.print(prepared)
    assert list(bench.printer.documents) == [prepared.print_id]


def test_nothing_prints_twice_from_one_preparation(bench: Bench) -> None:
    prepared = bench.prepare()
    assert isinstance(bench.print(prepared), Printed)
    assert bench.print(prepared) == PrintFailed(ErrorCode.INTERNAL)
    bench.service.release(prepared)
    assert bench.printer.sheets == {prepared.print_id: 2}
    assert len(bench.settlements()) == 1


def test_released_is_free_again_and_cannot_print(bench: Bench) -> None:
    prepared = bench.prepare()
    bench.service.release(prepared)
    bench.service.release(prepared)
    assert prepared.document.data == b""
    assert bench.print(prepared) == PrintFailed(ErrorCode.INTERNAL)
    (settlement,) = bench.settlements()
    assert (settlement.end, settlement.reason, settlement.sha256) == (api.PrintEnd.FAILED, "sys-03", None)
    assert bench.printer.calls == []


def test_a_preparation_shows_nothing_of_the_document(bench: Bench) -> None:
    assert "PDF" not in repr(bench.prepare())


class TestBeforeThePaper:
    @pytest.mark.parametrize("code", [ErrorCode.OFFICE_OFFLINE, ErrorCode.DOCUMENT_TAKEN])
    def test_no_grant(self, bench: Bench, code: ErrorCode) -> None:
        bench.office.grant_error = BackendError(code)
        with pytest.raises(BackendError) as caught:
            bench.prepare()
        assert caught.value.code is code
        assert bench.journal.open_prints() == []
        assert bench.settlements() == [], "there is no grant to settle"

    def test_a_grant_that_was_printed_before(self, bench: Bench) -> None:
        bench.office.printed_already = True
        with pytest.raises(BackendError) as caught:
            bench.prepare()
        assert caught.value.code is ErrorCode.DOCUMENT_TAKEN
        assert bench.settlements() == [], "it was settled as printed: nothing may say otherwise"
        assert bench.journal.open_prints() == []

    def test_an_answer_of_old_is_not_printed_again(self, bench: Bench) -> None:
        """Whatever the office says of it: the grant stands in the journal, for a print that came out."""
        assert bench.print(bench.prepare()) == Printed(2)
        (old,) = bench.office.grants.values()
        bench.office.grant = lambda *_: old  # type: ignore[method-assign]
        with pytest.raises(BackendError) as caught:
            bench.prepare()
        assert caught.value.code is ErrorCode.DOCUMENT_TAKEN
        assert [s.end for s in bench.settlements()] == [api.PrintEnd.PRINTED]
        assert bench.journal.open_prints() == []

    def test_a_grant_for_another_document(self, bench: Bench) -> None:
        real = bench.office.grant
        bench.office.grant = lambda token, _document, key: real(token, "document-99", key)  # type: ignore[method-assign]
        with pytest.raises(BackendError) as caught:
            bench.prepare()
        assert caught.value.code is ErrorCode.OFFICE_BAD_ANSWER
        assert [(s.end, s.reason) for s in bench.settlements()] == [(api.PrintEnd.FAILED, "off-04")]

    def test_the_document_does_not_come(self, bench: Bench) -> None:
        bench.office.fetch_error = BackendError(ErrorCode.OFFICE_SLOW)
        with pytest.raises(BackendError):
            bench.prepare()
        (settlement,) = bench.settlements()
        assert (settlement.end, settlement.reason, settlement.pages_out) == (api.PrintEnd.FAILED, "off-02", 0)

    def test_a_document_that_the_gate_refuses(self, bench: Bench) -> None:
        bench.office.sha256 = "00" * 32
        with pytest.raises(DocumentError):
            bench.prepare()
        assert [s.reason for s in bench.settlements()] == ["doc-02"]
        assert "print.verified" not in "".join(audit.entries(bench.store)), "nobody says of it that it was checked"

    def test_another_number_of_pages_than_granted(self, bench: Bench) -> None:
        bench.verifier.pages = 3
        with pytest.raises(DocumentError):
            bench.prepare()
        assert [s.reason for s in bench.settlements()] == ["doc-04"]

    def test_a_visit_that_ended_meanwhile(self, bench: Bench) -> None:
        bench.cancel.set()
        with pytest.raises(KioskError) as caught:
            bench.prepare()
        assert caught.value.code is ErrorCode.VISIT_ABANDONED
        assert [s.reason for s in bench.settlements()] == ["sys-03"]

    def test_a_bug_on_the_way_frees_the_grant_too(self, bench: Bench) -> None:
        bench.office.fetch_error = RuntimeError("a bug")
        with pytest.raises(RuntimeError):
            bench.prepare()
        assert [s.reason for s in bench.settlements()] == ["sys-99"]

    def test_no_such_printer(self, bench: Bench) -> None:
        with pytest.raises(DeviceError) as caught:
            bench.service.prepare("token", "document-01", is_card=True, cancel=bench.cancel)
        assert caught.value.code is ErrorCode.PRINTER_AWAY
        assert bench.office.grants == {}

    def test_a_grant_that_ran_out(self, bench: Bench) -> None:
        bench.office.lifetime = timedelta(seconds=30)
        prepared = bench.prepare()
        bench.clock.seconds += 31
        assert bench.print(prepared) == PrintFailed(ErrorCode.OFFICE_VISIT_EXPIRED)
        assert bench.printer.calls == []
        assert bench.settlements()[0].end is api.PrintEnd.FAILED

    @pytest.mark.parametrize("off", [timedelta(days=365), timedelta(days=-365)])
    def test_a_wrong_clock_neither_ends_a_grant_nor_keeps_one(self, bench: Bench, off: timedelta) -> None:
        bench.office.began += off
        bench.office.expires_in_s = 30
        assert isinstance(bench.print(bench.prepare()), Printed)
        again = bench.prepare()
        bench.clock.seconds += 31
        assert bench.print(again) == PrintFailed(ErrorCode.OFFICE_VISIT_EXPIRED)

    @pytest.mark.expects_warnings
    def test_a_clock_that_is_ahead_of_the_offices_is_told_before_anybody_waits(
        self, bench: Bench, caplog: pytest.LogCaptureFixture
    ) -> None:
        bench.office.lifetime = timedelta(seconds=-1)
        with pytest.raises(BackendError) as caught:
            bench.prepare()
        assert caught.value.code is ErrorCode.OFFICE_VISIT_EXPIRED
        assert [record.getMessage() for record in caplog.records] == ["MACHINE_LACKS"]
        assert [s.reason for s in bench.settlements()] == ["off-08"], "and the grant is free again"

    def test_the_printer_refuses_the_job(self, bench: Bench) -> None:
        bench.printer.script = {0: Fault.REFUSE}
        assert bench.print(bench.prepare()) == PrintFailed(ErrorCode.PRINTER_REFUSED)
        assert bench.settlements()[0].sha256 is None

    @pytest.mark.expects_warnings
    def test_a_bug_before_the_bytes_frees_the_grant(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        prepared = bench.prepare()
        monkeypatch.setattr(bench.printer, "create", lambda *_: 1 / 0)
        assert bench.print(prepared) == PrintFailed(ErrorCode.INTERNAL)
        assert [(s.end, s.reason) for s in bench.settlements()] == [(api.PrintEnd.FAILED, "sys-99")]
        assert bench.journal.open_prints() == []

    def test_a_create_job_whose_answer_was_lost(self, bench: Bench) -> None:
        """The empty job is found by its name and ended; nothing is held."""
        real = bench.printer.create

        def create(name: str, pages: int, deadline_s: float) -> object:
            real(name, pages, deadline_s)
            raise DeviceError(ErrorCode.PRINTER_AWAY)

        bench.printer.create = create  # type: ignore[method-assign,assignment]
        assert bench.print(bench.prepare()) == PrintFailed(ErrorCode.PRINTER_AWAY)
        assert [job.state for job in bench.printer.jobs.values()] == [JobState.CANCELED]
        assert bench.service.hold_reason() is None

    @pytest.mark.expects_warnings
    def test_without_the_job_id_on_the_disk_not_a_byte_goes(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise StoreError(ErrorCode.STORE_FULL)

        prepared = bench.prepare()
        monkeypatch.setattr(bench.journal, "created", refuse)
        assert bench.print(prepared) == PrintFailed(ErrorCode.STORE_FULL)
        assert bench.printer.documents == {}
        assert [job.state for job in bench.printer.jobs.values()] == [JobState.CANCELED]
        assert bench.settlements()[0].end is api.PrintEnd.FAILED


class TestOwnSheets:
    def own(self) -> bytes:
        from tests.documents.signing import A4, plain_pdf

        return plain_pdf(2, A4)

    def test_it_prints_without_the_office(self, bench: Bench) -> None:
        outcome = bench.service.print_own(self.own(), lambda *step: bench.progress.append(step), bench.cancel)
        assert outcome == Printed(2)
        assert bench.office.grants == {}
        assert bench.rows.size() == 0
        assert bench.journal.open_prints() == []

    def test_it_ends_with_the_visit(self, bench: Bench) -> None:
        bench.cancel.set()
        outcome = bench.service.print_own(self.own(), lambda *_: None, bench.cancel)
        assert outcome == PrintFailed(ErrorCode.VISIT_ABANDONED)
        assert bench.printer.calls == []


def test_the_preview_is_of_the_very_bytes(bench: Bench) -> None:
    from tests.documents.signing import plain_pdf

    bench.office = FakeOffice(plain_pdf(2))
    bench.service = PrintService(bench.journal, {PrinterName.A4: bench.bay}, bench.office, bench.verifier, bench.clock)
    prepared = bench.prepare()
    first, second = (bench.service.sheet(prepared, page, 400) for page in (0, 1))
    assert first.startswith(b"\x89PNG")
    assert first != second
    with pytest.raises(ValueError):
        bench.service.sheet(prepared, 2, 400)


def test_two_prints_never_share_the_printer(bench: Bench) -> None:
    """The second waits for the first: one document at a time."""
    order: list[str] = []
    bench.printer.on_call = lambda call: order.append(f"{threading.current_thread().name} {call}")
    prepared = [bench.prepare(), bench.prepare()]
    threads = [
        threading.Thread(target=bench.service.print, args=(one, lambda *_: None, threading.Event()), name=str(number))
        for number, one in enumerate(prepared)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [entry.split()[0] for entry in order]
    assert names == sorted(names) or names == sorted(names, reverse=True)
    assert set(bench.printer.sheets.values()) == {2}
