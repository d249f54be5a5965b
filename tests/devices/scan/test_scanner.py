"""Codes from a serial line and from a keyboard wedge."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.contract import Rejection, ScanOutcome, Symbology
from kiosk.devices.scan import scanner as scanner_module
from kiosk.devices.scan.codes import MAX_CODE, code_of
from kiosk.devices.scan.framer import HALF_AFTER_S, LONGEST, Framer
from kiosk.devices.scan.scanner import SerialScanner, WedgeScanner
from kiosk.devices.slip.transport import serial_opener
from tests.devices.benches import Bench, PtyDevice, open_bench
from tests.devices.waiting import until


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench[SerialScanner, PtyDevice]]:
    monkeypatch.setattr(scanner_module, "POLL_S", 0.02)
    monkeypatch.setattr(scanner_module, "RETRY_S", 0.05)
    with ExitStack() as stack:
        made = open_bench("scanner-serial", tmp_path, stack)
        made.device.start()
        until(lambda: made.device.status().is_usable, "the line")
        yield made
        made.device.stop()


@pytest.fixture
def heard(bench: Bench[SerialScanner, PtyDevice]) -> list[ScanOutcome]:
    outcomes: list[ScanOutcome] = []
    bench.device.listen_codes(outcomes.append)
    return outcomes


def test_a_code_comes_whole(bench: Bench[SerialScanner, PtyDevice]) -> None:
    codes: list[ScanOutcome] = []
    end = bench.device.listen_codes(codes.append)
    os.write(bench.double.master, b"anjungan:abc-")
    os.write(bench.double.master, b"123\r\nDEF\r")
    until(lambda: len(codes) == 2, "both codes")
    assert [code.text for code in codes] == ["anjungan:abc-123", "DEF"]
    end()
    seen: list[ScanOutcome] = []
    bench.device.listen_codes(seen.append)
    os.write(bench.double.master, b"JKL\r")
    until(lambda: [code.text for code in seen] == ["JKL"], "the last code")
    assert len(codes) == 2


def test_an_unplugged_scanner_comes_back_without_the_half_it_had_sent(
    bench: Bench[SerialScanner, PtyDevice], heard: list[ScanOutcome]
) -> None:
    os.write(bench.double.master, b"half of a co")
    bench.take_away()
    until(lambda: not bench.device.status().is_usable, "the missing line")
    bench.bring_back()
    until(lambda: bench.device.status().is_usable, "the line")
    os.write(bench.double.master, b"again\r")
    until(lambda: ScanOutcome("again") in heard, "the code")
    assert all(outcome.text in ("", "again") for outcome in heard)


def test_a_code_that_stops_is_told_as_half_and_its_rest_stands_alone(
    bench: Bench[SerialScanner, PtyDevice], heard: list[ScanOutcome]
) -> None:
    os.write(bench.double.master, b"TOKEN-12")
    until(lambda: heard == [ScanOutcome(rejection=Rejection.HALF)], "the half code")
    os.write(bench.double.master, b"345\r")
    until(lambda: len(heard) == 2, "what came after")
    assert heard[1].text == "345"


def test_a_hostile_code_is_refused_and_the_next_one_read(
    bench: Bench[SerialScanner, PtyDevice], heard: list[ScanOutcome]
) -> None:
    left = b"a\x1b[2Jb\r" + b"x" * 20_480 + b"\rkode\r"
    while left:
        with suppress(BlockingIOError):
            left = left[os.write(bench.double.master, left) :]
    until(lambda: ScanOutcome("kode") in heard, "the code")
    assert [outcome.rejection for outcome in heard] == [Rejection.CONTROL, Rejection.TOO_LONG, None]


@pytest.mark.peer
def test_a_line_of_socat_is_a_scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner_module, "POLL_S", 0.02)
    monkeypatch.setattr(scanner_module, "RETRY_S", 0.05)
    assert shutil.which("socat")
    here, there = tmp_path / "ttyA", tmp_path / "ttyB"
    command = ["socat", f"pty,raw,echo=0,link={here}", f"pty,raw,echo=0,link={there}"]
    process = subprocess.Popen(command)
    device = SerialScanner(serial_opener(str(here), 115_200), "socat")
    heard: list[ScanOutcome] = []
    device.listen_codes(heard.append)
    try:
        device.start()
        until(lambda: device.status().is_usable, "the line")
        with there.open("wb", buffering=0) as line:
            line.write(b"\x02]Q1TOKEN-abc_123\x03\r\n]d2DM-1\r]L0PDF-1\n")
            until(lambda: len(heard) == 3, "three codes")
        assert heard == [
            ScanOutcome("TOKEN-abc_123", None, Symbology.QR),
            ScanOutcome("DM-1", None, Symbology.DATA_MATRIX),
            ScanOutcome("PDF-1", None, Symbology.PDF417),
        ]
        process.terminate()
        process.wait(5)
        until(lambda: not device.status().is_usable, "the line that went")
    finally:
        process.kill()
        process.wait(5)
        device.stop()


def test_a_wedge_hands_on_what_it_is_offered() -> None:
    scanner = WedgeScanner()
    codes: list[ScanOutcome] = []
    scanner.start()
    end = scanner.listen_codes(codes.append)
    scanner.offer("kode-1")
    scanner.offer("\x02kode-1\x03")
    scanner.offer("")
    end()
    scanner.offer("kode-2")
    assert codes == [
        ScanOutcome("kode-1"),
        ScanOutcome(rejection=Rejection.CONTROL),
        ScanOutcome(rejection=Rejection.HALF),
    ]
    assert scanner.status().is_usable


@pytest.mark.parametrize(
    ("raw", "text", "rejection"),
    [
        ("  abc ", "abc", None),
        ("é", "é", None),
        ("x" * MAX_CODE, "x" * MAX_CODE, None),
        ("x" * (MAX_CODE + 1), "", Rejection.TOO_LONG),
        ("x" * 10_240, "", Rejection.TOO_LONG),
        (b"x" * 10_240, "", Rejection.TOO_LONG),
        (b"x" * 10_000_000, "", Rejection.TOO_LONG),
        ("", "", Rejection.EMPTY),
        ("   ", "", Rejection.EMPTY),
        ("]Q1", "", Rejection.EMPTY),
        ("a\x00b", "", Rejection.CONTROL),
        (b"a\x00", "", Rejection.CONTROL),
        ("a\x1b[31mc", "", Rejection.CONTROL),
        ("a\x9bc", "", Rejection.CONTROL),
        ("a\nb", "", Rejection.CONTROL),
        ("a\tb", "", Rejection.CONTROL),
        ("a\x7fb", "", Rejection.CONTROL),
        ("a\u202eb", "", Rejection.HIDDEN),
        ("a\u2066b\u2069", "", Rejection.HIDDEN),
        ("a\u200bb", "", Rejection.HIDDEN),
        ("\ufeffab", "", Rejection.HIDDEN),
        ("a\u2028b", "", Rejection.HIDDEN),
        ("a\ue000b", "", Rejection.HIDDEN),
        ("a\U000e0041b", "", Rejection.HIDDEN),
        ("a\ud800", "", Rejection.HIDDEN),
        (b"a\xff\xfe", "", Rejection.ENCODING),
        (b"caf\xe9", "", Rejection.ENCODING),
        (b"\xc0\x80", "", Rejection.ENCODING),
        (b"\xed\xa0\x80", "", Rejection.ENCODING),
    ],
)
def test_what_is_a_code_and_why_not(raw: str | bytes, text: str, rejection: Rejection | None) -> None:
    outcome = code_of(raw)
    assert (outcome.text, outcome.rejection) == (text, rejection)


@pytest.mark.parametrize(
    ("raw", "symbology", "text"),
    [
        ("]Q1TOKEN", Symbology.QR, "TOKEN"),
        ("]d2TOKEN", Symbology.DATA_MATRIX, "TOKEN"),
        ("]L0TOKEN", Symbology.PDF417, "TOKEN"),
        ("]z0TOKEN", Symbology.AZTEC, "TOKEN"),
        ("]C0TOKEN", Symbology.LINEAR, "TOKEN"),
        ("]XfTOKEN", Symbology.OTHER, "TOKEN"),
        ("]TOKEN", Symbology.OTHER, "KEN"),
        ("] 1TOKEN", Symbology.UNTOLD, "] 1TOKEN"),
    ],
)
def test_the_identifier_of_the_symbology_is_taken_off(raw: str, symbology: Symbology, text: str) -> None:
    assert code_of(raw) == ScanOutcome(text, None, symbology)


def test_an_outcome_does_not_show_what_was_scanned() -> None:
    assert "TOKEN" not in repr(code_of("TOKEN-secret"))
    assert "TOKEN" not in str([code_of("TOKEN-secret")])


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\x03", b"\x03\r\n"])
@pytest.mark.parametrize("begin", [b"", b"\x02", b"\x02\x02"])
def test_every_framing(begin: bytes, end: bytes) -> None:
    framer = Framer()
    assert framer.feed(begin + b"kode" + end, 1.0) == [ScanOutcome("kode")]
    assert framer.feed(begin + b"next" + end, 1.0) == [ScanOutcome("next")]
    assert framer.rest(99.0) == []


def test_a_code_that_begins_within_another_cuts_it() -> None:
    assert Framer().feed(b"\x02first\x02second\x03", 1.0) == [
        ScanOutcome(rejection=Rejection.HALF),
        ScanOutcome("second"),
    ]


def test_where_no_end_is_sent_a_pause_is_one() -> None:
    framer = Framer(ends_by_pause=True)
    assert framer.feed(b"TOKEN-", 1.0) == []
    assert framer.feed(b"12345", 1.1) == []
    assert framer.rest(1.1 + HALF_AFTER_S - 0.01) == []
    assert framer.rest(1.1 + HALF_AFTER_S) == [ScanOutcome("TOKEN-12345")]
    assert framer.rest(9.0) == []


def test_an_endless_line_is_thrown_away_told_once_and_the_next_code_read() -> None:
    framer = Framer()
    for _ in range(100):
        assert framer.feed(b"x" * 10_000, 1.0) == []
        assert len(framer._pending) <= LONGEST
    assert framer.feed(b"\rkode\r", 1.0) == [ScanOutcome(rejection=Rejection.TOO_LONG), ScanOutcome("kode")]


@given(st.binary(max_size=300), st.lists(st.integers(1, 20)))
def test_pieces_make_no_difference(data: bytes, sizes: list[int]) -> None:
    whole = Framer().feed(data + b"\r", 1.0)
    framer, at = Framer(), 0
    pieces: list[ScanOutcome] = []
    for size in sizes:
        pieces += framer.feed(data[at : at + size], 1.0)
        at += size
    pieces += framer.feed(data[at:] + b"\r", 1.0)
    assert pieces == whole


@given(st.binary(max_size=600))
def test_no_noise_passes_for_a_code_that_does_not_show(data: bytes) -> None:
    for outcome in Framer().feed(data + b"\r", 1.0):
        assert bool(outcome.text) == (outcome.rejection is None)
        assert outcome.text.isprintable()
        assert len(outcome.text) <= MAX_CODE
        assert outcome.text.encode() in data, "what is told stands in the code as it is told"
