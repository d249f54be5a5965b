"""The print service from the first byte to the end: what a printer says on the way, and what proves a print."""

from dataclasses import replace

import pytest

from kiosk import api
from kiosk.core.print_watch import LOST_S
from kiosk.devices.contract import JobState
from kiosk.errors import DeviceError, ErrorCode, StoreError
from kiosk.flows.outcomes import Printed, PrintFailed, PrintUnknown
from tests.core.print_bench import Bench, open_bench
from tests.core.print_fakes import Fault

bench = pytest.fixture(open_bench)


class TestOnTheWay:
    def test_paper_out_and_refilled(self, bench: Bench) -> None:
        bench.printer.script = {2: Fault.EMPTY}
        assert bench.print(bench.prepare()) == Printed(2)
        assert (1, 2, "media-empty") in bench.progress or (0, 2, "media-empty") in bench.progress
        assert bench.progress[-1][2] == "", "the reason goes when the paper is there"

    def test_paper_out_and_nobody_comes(self, bench: Bench) -> None:
        bench.printer.empty_for = 10**6
        outcome = bench.print(bench.prepare())
        assert outcome == PrintFailed(ErrorCode.PAPER_OUT)
        assert bench.clock.seconds >= 1000 + bench.bay.job_s
        (settlement,) = bench.settlements()
        assert (settlement.end, settlement.reason, settlement.pages_out) == (api.PrintEnd.FAILED, "media-empty", 0)
        assert bench.service.hold_reason() is None

    def test_a_jam_after_the_first_sheet(self, bench: Bench) -> None:
        bench.printer.script = {2: Fault.JAM}
        assert bench.print(bench.prepare()) == PrintUnknown(ErrorCode.PAPER_JAM, 1)
        assert bench.settlements()[0].pages_out == 1

    def test_the_engine_gives_up_before_the_first_sheet(self, bench: Bench) -> None:
        bench.printer.script = {1: Fault.ABORT}
        assert bench.print(bench.prepare()) == PrintFailed(ErrorCode.PRINT_FAILED)

    def test_completed_with_a_sheet_less_is_not_printed(self, bench: Bench) -> None:
        real = bench.printer.create
        bench.printer.create = lambda name, pages, deadline_s: real(name, pages - 1, deadline_s)  # type: ignore[method-assign]
        assert bench.print(bench.prepare()) == PrintUnknown(ErrorCode.PRINT_UNKNOWN, 1)

    def test_completed_with_a_sheet_more_is_not_printed(self, bench: Bench) -> None:
        """Somebody else's sheets are in the count, or one of ours came twice."""
        real = bench.printer.create
        bench.printer.create = lambda name, pages, deadline_s: real(name, pages + 1, deadline_s)  # type: ignore[method-assign]
        assert isinstance(bench.print(bench.prepare()), PrintUnknown)

    def test_a_lost_link_is_never_printed(self, bench: Bench) -> None:
        bench.printer.script = {2: Fault.LINK}
        assert bench.print(bench.prepare()) == PrintUnknown(ErrorCode.PRINTER_AWAY, 2)

    def test_a_printer_that_falls_silent_is_given_up_and_held(self, bench: Bench) -> None:
        bench.printer.script = {2: Fault.SILENT}
        began = bench.clock.seconds
        assert isinstance(bench.print(bench.prepare()), PrintUnknown)
        assert LOST_S <= bench.clock.seconds - began < LOST_S + 5
        assert bench.service.hold_reason() is None, "it greys its own tiles; others may be served"
        with pytest.raises(DeviceError) as caught:
            bench.prepare()
        assert caught.value.code is ErrorCode.PRINTER_BUSY
        bench.printer.is_silent = False
        assert bench.prepare().document.pages == 2

    def test_a_power_cut_of_the_printer(self, bench: Bench) -> None:
        bench.printer.script = {3: Fault.POWER}
        assert isinstance(bench.print(bench.prepare()), PrintUnknown)

    def test_the_visit_ends_while_it_prints(self, bench: Bench) -> None:
        bench.office.pages = bench.verifier.pages = 9
        bench.printer.script = {2: Fault.CANCEL}
        outcome = bench.print(bench.prepare())
        assert isinstance(outcome, PrintUnknown)
        assert outcome.code is ErrorCode.VISIT_ABANDONED
        assert 1 <= outcome.pages_out < 9
        assert [job.state for job in bench.printer.jobs.values()] == [JobState.CANCELED]

    def test_a_send_that_the_printer_refuses(self, bench: Bench) -> None:
        bench.printer.script = {1: Fault.REFUSE}
        outcome = bench.print(bench.prepare())
        assert isinstance(outcome, PrintFailed | PrintUnknown)
        assert bench.printer.sheets == {} or isinstance(outcome, PrintUnknown)

    def test_a_job_that_will_not_go_is_held_until_it_does(self, bench: Bench) -> None:
        bench.printer.refuses_cancel = True
        bench.printer.is_jammed = True
        bench.bay.job_s = 5.0
        assert isinstance(bench.print(bench.prepare()), PrintUnknown)
        assert bench.service.hold_reason() is ErrorCode.PRINTER_BUSY
        bench.service.clear_holds()
        assert bench.service.hold_reason() is ErrorCode.PRINTER_BUSY
        bench.printer.refuses_cancel = False
        bench.service.clear_holds()
        assert bench.service.hold_reason() is None

    def test_what_a_print_left_behind_is_asked_for_before_the_next_visit(self, bench: Bench) -> None:
        """The printer says that it let go, and did not: the next person's print finds the sheet still there."""
        prepared = bench.prepare()
        assert bench.print(prepared) == Printed(2)
        bench.printer.create(prepared.print_id, 1, 1.0)
        assert not bench.service.is_to_be_cleared
        bench.service.visit_ended()
        assert bench.service.is_to_be_cleared
        bench.printer.refuses_cancel = True
        with pytest.raises(DeviceError) as caught:
            bench.prepare()
        assert caught.value.code is ErrorCode.PRINTER_BUSY

    def test_a_printer_that_cannot_be_asked_after_a_visit_prints_nothing_before_it_was(self, bench: Bench) -> None:
        """It is away for the preparation and back for the print, with what was left in it."""
        old = bench.prepare()
        assert bench.print(old) == Printed(2)
        bench.printer.create(old.print_id, 1, 1.0)
        bench.service.visit_ended()
        bench.printer.is_silent = True
        prepared = bench.prepare()
        bench.printer.is_silent = False
        assert bench.print(prepared) == PrintFailed(ErrorCode.PRINTER_BUSY)
        assert prepared.print_id not in bench.printer.documents
        bench.service.clear_holds()
        assert bench.print(bench.prepare()) == Printed(2)

    def test_a_document_whose_receipt_was_lost_is_unknown_even_when_completed(self, bench: Bench) -> None:
        bench.office.pages = bench.verifier.pages = 1
        bench.printer.script = {1: Fault.LINK}
        assert bench.print(bench.prepare()) == PrintUnknown(ErrorCode.PRINTER_AWAY, 1)
        assert bench.settlements()[0].evidence == "none"

    def test_a_printer_that_forgot_its_count_behind_a_lost_link_is_not_believed(self, bench: Bench) -> None:
        """It lost power after a sheet, and comes back with the job aborted and a count of zero."""

        def lose_power(call: str) -> None:
            if len(bench.printer.calls) == 4:
                job = bench.printer.jobs[1]
                job.state, job.out = JobState.ABORTED, 0

        bench.office.pages = bench.verifier.pages = 5
        bench.printer.script = {2: Fault.LINK}
        bench.printer.on_call = lose_power
        assert isinstance(bench.print(bench.prepare()), PrintUnknown)
        assert sum(bench.printer.sheets.values()) > 0

    def test_what_was_prepared_before_a_hold_waits_for_no_paper(self, bench: Bench) -> None:
        first, second = bench.prepare(), bench.prepare()
        bench.printer.refuses_cancel = bench.printer.is_jammed = True
        bench.bay.job_s = 5.0
        assert isinstance(bench.print(first), PrintUnknown)
        assert bench.print(second) == PrintFailed(ErrorCode.PRINTER_BUSY)
        assert second.print_id not in bench.printer.documents

    @pytest.mark.expects_warnings
    def test_a_settlement_that_the_store_refuses_is_kept(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise StoreError(ErrorCode.STORE_FULL)

        prepared = bench.prepare()
        with monkeypatch.context() as patch:
            patch.setattr(bench.journal, "settle", refuse)
            patch.setattr(bench.journal, "sent", refuse)
            assert bench.print(prepared) == Printed(2)
        assert bench.settlements() == []
        bench.prepare()
        assert [s.end for s in bench.settlements()] == [api.PrintEnd.PRINTED]

    @pytest.mark.expects_warnings
    def test_a_bug_in_the_middle_ends_the_job_and_is_unknown(self, bench: Bench) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("a bug")

        outcome = bench.service.print(bench.prepare(), broken, bench.cancel)
        assert outcome == PrintUnknown(ErrorCode.INTERNAL)
        assert [s.end for s in bench.settlements()] == [api.PrintEnd.UNKNOWN]
        assert all(job.state.is_final for job in bench.printer.jobs.values())


class TestEvidence:
    @pytest.mark.parametrize(
        ("evidence", "counts", "end"),
        [
            ("impressions", True, Printed),
            ("impressions", False, PrintUnknown),
            ("page-counter", False, Printed),
            ("page-counter", True, Printed),
            ("attendant", True, PrintUnknown),
            ("none", True, PrintUnknown),
            ("none", False, PrintUnknown),
        ],
    )
    def test_what_the_profile_trusts(self, bench: Bench, evidence: str, counts: bool, end: type) -> None:
        bench.printer.counts = counts
        bench.bay.evidence = evidence
        assert isinstance(bench.print(bench.prepare()), end)

    @pytest.mark.parametrize("evidence", ["impressions", "page-counter"])
    def test_a_queue_is_not_believed_whatever_it_counts(
        self, bench: Bench, evidence: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What it calls completed was passed on."""
        bench.bay.evidence = evidence
        known = replace(bench.printer.capabilities(), is_queue=True)
        monkeypatch.setattr(bench.printer, "capabilities", lambda: known)
        assert bench.print(bench.prepare()) == PrintUnknown(ErrorCode.PRINT_SENT_ONLY, 2)

    def test_a_page_counter_that_another_job_moved(self, bench: Bench) -> None:
        bench.printer.counts = False
        bench.bay.evidence = "page-counter"
        prepared = bench.prepare()
        bench.printer.on_call = lambda call: setattr(
            bench.printer, "counter", bench.printer.counter + int(call == "send")
        )
        assert isinstance(bench.print(prepared), PrintUnknown)
