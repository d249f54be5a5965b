"""Codes from a serial line and from a keyboard wedge."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.scan.scanner import MAX_CODE, Framer, SerialScanner, WedgeScanner, clean
from tests.devices.benches import Bench, PtyDevice, open_bench
from tests.devices.waiting import until


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench[SerialScanner, PtyDevice]]:
    with ExitStack() as stack:
        made = open_bench("scanner-serial", tmp_path, stack)
        made.device.start()
        until(lambda: made.device.status().is_usable, "the line")
        yield made
        made.device.stop()


def test_a_code_comes_whole(bench: Bench[SerialScanner, PtyDevice]) -> None:
    codes: list[str] = []
    end = bench.device.listen_codes(codes.append)
    os.write(bench.double.master, b"anjungan:abc-")
    os.write(bench.double.master, b"123\r\nDEF\r")
    until(lambda: len(codes) == 2, "both codes")
    assert codes == ["anjungan:abc-123", "DEF"]
    end()
    os.write(bench.double.master, b"GHI\r")
    seen: list[str] = []
    bench.device.listen_codes(seen.append)
    os.write(bench.double.master, b"JKL\r")
    until(lambda: "JKL" in seen, "the last code")
    assert codes == ["anjungan:abc-123", "DEF"]


def test_an_unplugged_scanner_comes_back(bench: Bench[SerialScanner, PtyDevice]) -> None:
    codes: list[str] = []
    bench.device.listen_codes(codes.append)
    bench.take_away()
    until(lambda: not bench.device.status().is_usable, "the missing line")
    bench.bring_back()
    until(lambda: bench.device.status().is_usable, "the line")
    os.write(bench.double.master, b"again\r")
    until(lambda: codes == ["again"], "the code")


def test_a_wedge_hands_on_what_it_is_offered() -> None:
    scanner = WedgeScanner()
    codes: list[str] = []
    scanner.start()
    end = scanner.listen_codes(codes.append)
    scanner.offer("\x02kode-1\x03")
    scanner.offer("\r\n")
    end()
    scanner.offer("kode-2")
    assert codes == ["kode-1"]
    assert scanner.status().is_usable


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("  abc ", "abc"),
        ("a\x00b\x1bc", "abc"),
        ("a\u202eb", "ab"),
        ("é", "é"),
        ("x" * MAX_CODE, "x" * MAX_CODE),
        ("x" * (MAX_CODE + 1), ""),
    ],
)
def test_what_is_left_of_a_code(raw: str, code: str) -> None:
    assert clean(raw) == code


def test_an_endless_line_is_thrown_away_and_the_next_code_read() -> None:
    framer = Framer()
    assert framer.feed(b"x" * 100_000) == []
    assert framer.feed(b"\rkode\r") == ["kode"]


@given(st.binary(max_size=300), st.lists(st.integers(1, 20)))
def test_pieces_make_no_difference(data: bytes, sizes: list[int]) -> None:
    whole = Framer().feed(data + b"\r")
    framer, pieces, at = Framer(), [], 0
    for size in sizes:
        pieces += framer.feed(data[at : at + size])
        at += size
    pieces += framer.feed(data[at:] + b"\r")
    assert pieces == whole
    assert all(code.isprintable() and 0 < len(code) <= MAX_CODE for code in whole)
