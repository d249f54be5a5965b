"""Slips over every transport, and what counts as printed."""

import threading
import time

import pytest

from kiosk.devices.contract import Reason, SlipEnd, SlipOutcome
from kiosk.devices.simulated.slip_double import SlipDouble, SlipTrouble
from kiosk.devices.slip import printer
from kiosk.devices.slip.encoder import FEED_DOTS_BEFORE_CUT, encode
from kiosk.devices.slip.printer import EscPosPrinter, reasons_of_answers
from tests.devices.bench import Bench
from tests.devices.papers import noise_slip, rows_of
from tests.devices.waiting import until

SlipBench = Bench[EscPosPrinter, SlipDouble]

pytestmark = pytest.mark.conformance


@pytest.fixture
def bench(slip_bench: SlipBench) -> SlipBench:
    slip_bench.device.start()
    until(lambda: slip_bench.device.status().is_usable, "a printer")
    return slip_bench


def test_the_dots_come_out_as_they_went_in(bench: SlipBench) -> None:
    assert bench.device.print_slip(noise_slip(), 5) == SlipOutcome(SlipEnd.PRINTED)
    (slip,) = bench.double.slips
    assert slip.image.size == (576, 300 + FEED_DOTS_BEFORE_CUT)
    assert rows_of(slip.image.crop((0, 0, 576, 300))) == noise_slip().rows
    assert slip.unknown == []
    assert slip.has_cut
    assert not slip.has_opened_drawer


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (SlipTrouble.PAPER_OUT, Reason.MEDIA_EMPTY),
        (SlipTrouble.COVER_OPEN, Reason.COVER_OPEN),
        (SlipTrouble.CUTTER, Reason.CUTTER_FAULT),
        (SlipTrouble.OVERHEATED, Reason.OVERHEATED),
        (SlipTrouble.FEED_BUTTON, Reason.FEED_BUTTON),
        (SlipTrouble.RECOVERABLE, Reason.STOPPED),
        (SlipTrouble.BROKEN, Reason.BROKEN),
    ],
)
def test_trouble_before_and_in_the_middle(bench: SlipBench, trouble: SlipTrouble, reason: Reason) -> None:
    bench.double.fault(trouble)
    outcome = bench.device.print_slip(noise_slip(), 5)
    assert (outcome.end, outcome.reason) == (SlipEnd.FAILED, reason)
    assert bench.device.status().reasons == (reason,)
    bench.double.clear()
    bench.double.fault(trouble, at_slip=1)
    outcome = bench.device.print_slip(noise_slip(), 5)
    assert (outcome.end, outcome.reason) == (SlipEnd.FAILED, reason)
    bench.double.clear()
    assert bench.device.print_slip(noise_slip(), 5).end is SlipEnd.PRINTED
    assert len(bench.double.slips) == 1, "the rest of the failed slip must not come out later"


def test_low_paper_prints_and_warns(bench: SlipBench) -> None:
    bench.double.fault(SlipTrouble.PAPER_LOW)
    assert bench.device.print_slip(noise_slip(), 5).end is SlipEnd.PRINTED
    until(lambda: bench.device.status().reasons == (Reason.MEDIA_LOW,), "the warning")
    assert bench.device.status().is_usable


def test_silence_is_never_printed(bench: SlipBench) -> None:
    bench.double.is_silent = True
    began = time.monotonic()
    outcome = bench.device.print_slip(noise_slip(), 1)
    assert outcome.end is not SlipEnd.PRINTED
    assert outcome.reason is Reason.SILENT
    assert time.monotonic() - began < 2


def test_silence_after_the_bytes_is_unknown(bench: SlipBench) -> None:
    """It answered before, took everything, and then said no more."""
    bench.double.dots_per_s = 200
    outcomes: list[SlipOutcome] = []
    printing = threading.Thread(target=lambda: outcomes.append(bench.device.print_slip(noise_slip(), 1.5)))
    printing.start()
    until(lambda: bench.double.rasters_taken, "the slip under way")
    bench.double.is_silent = True
    printing.join(5)
    assert outcomes[0].end is SlipEnd.UNKNOWN
    assert bench.double.slips == []


def test_a_slow_printer_is_awaited(bench: SlipBench) -> None:
    bench.double.dots_per_s = 800
    began = time.monotonic()
    assert bench.device.print_slip(noise_slip(), 5).end is SlipEnd.PRINTED
    assert time.monotonic() - began >= (300 + FEED_DOTS_BEFORE_CUT) / 800 * 0.9, "said printed before it was"


def test_the_deadline_is_kept_while_it_prints(bench: SlipBench) -> None:
    bench.double.dots_per_s = 20
    began = time.monotonic()
    assert bench.device.print_slip(noise_slip(), 0.6).end is SlipEnd.UNKNOWN
    assert time.monotonic() - began < 1.6


def test_a_printer_without_an_answer_in_line_gets_its_time(bench: SlipBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printer, "CUT_S", 0.1)
    monkeypatch.setattr(printer, "ROWS_PER_S", 3000)
    bench.double.answers_in_line = False
    bench.double.switch(False) if "memory" in bench.device.name else bench.take_away()
    until(lambda: not bench.device.status().is_usable, "away")
    bench.double.switch(True) if "memory" in bench.device.name else bench.bring_back()
    until(lambda: bench.device.status().is_usable, "back")
    outcome = bench.device.print_slip(noise_slip(), 5)
    assert (outcome.end, outcome.reason) == (SlipEnd.UNKNOWN, Reason.NONE), "nothing proves it"
    assert len(bench.double.slips) == 1
    bench.double.fault(SlipTrouble.PAPER_OUT, at_slip=1)
    assert bench.device.print_slip(noise_slip(), 5).end is SlipEnd.FAILED


def test_two_slips_at_once_come_out_one_after_the_other(bench: SlipBench) -> None:
    outcomes: list[SlipOutcome] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(bench.device.print_slip(noise_slip(), 5))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(8)
    assert [outcome.end for outcome in outcomes] == [SlipEnd.PRINTED] * 3
    assert len(bench.double.slips) == 3


def test_a_slip_wider_than_the_paper_is_refused(bench: SlipBench) -> None:
    outcome = bench.device.print_slip(noise_slip(10, 640), 5)
    assert outcome.end is SlipEnd.FAILED
    assert bench.double.received == b""


def test_a_printer_that_takes_no_bytes_is_not_waited_for() -> None:
    from kiosk.devices.simulated.slip_double import SlipServer
    from kiosk.devices.slip.transport import tcp_opener

    double = SlipDouble()
    server = SlipServer(double)
    device = EscPosPrinter(tcp_opener(server.address), server.address)
    try:
        assert device.print_slip(noise_slip(), 5).end is SlipEnd.PRINTED
        double.is_deaf = True
        began = time.monotonic()
        assert device.print_slip(noise_slip(8000), 1.0).end is not SlipEnd.PRINTED
        assert time.monotonic() - began < 2.5
    finally:
        device.stop()
        server.close()


def test_nothing_sent_opens_a_drawer() -> None:
    data = encode(noise_slip(8))
    raster = data.index(b"\x1dv0")
    assert b"\x1bp" not in data[:raster]
    assert b"\x1bp" not in data[raster + 8 + 72 * 8 :]


@pytest.mark.parametrize(
    ("answers", "reasons"),
    [
        ((0x12, 0x12, 0x12, 0x12), []),
        ((0x1A, 0x16, 0x12, 0x12), [Reason.COVER_OPEN]),
        ((0x1A, 0x32, 0x12, 0x72), [Reason.MEDIA_EMPTY]),
        ((0x12, 0x12, 0x12, 0x1E), [Reason.MEDIA_LOW]),
        ((0x1A, 0x52, 0x1A, 0x12), [Reason.CUTTER_FAULT]),
        ((0x1A, 0x52, 0x52, 0x12), [Reason.OVERHEATED]),
        ((0x1A, 0x52, 0x32, 0x12), [Reason.BROKEN]),
        ((0x1A, 0x52, 0x16, 0x12), [Reason.STOPPED]),
        ((0x5A, 0x1A, 0x12, 0x12), [Reason.FEED_BUTTON]),
        ((0x32, 0x12, 0x12, 0x12), [Reason.OFFLINE]),
        ((0x12, 0x12, 0x12, 0x72), [Reason.MEDIA_EMPTY]),
        ((0x1A, 0x52, 0x12, 0x12), [Reason.STOPPED]),
        ((0x1A, 0x12, 0x12, 0x12), [Reason.OFFLINE]),
    ],
)
def test_what_the_four_answers_mean(answers: tuple[int, int, int, int], reasons: list[Reason]) -> None:
    assert reasons_of_answers(*answers) == reasons
