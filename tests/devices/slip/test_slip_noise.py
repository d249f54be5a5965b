"""Random bytes against everything that reads from or for a slip printer: no crash, no hang, no false good news."""

import random
import time
from itertools import product

import pytest

from kiosk.devices.slip.answers import AnswerKind, AnswerReader
from kiosk.devices.slip.decoder import MAX_ROWS, decode
from kiosk.devices.slip.printer import reasons_of_answers

LEADS = (
    b"\x1b*", b"\x1d(k", b"\x1d(L", b"\x1d8L", b"\x1dv0", b"\x1dk", b"\x1b!", b"\x1d!", b"\x1b$", b"\x1b\\", b"\x1dL",
    b"\x1dW", b"\x1bD", b"\x1dV", b"\x1bd", b"\x1bJ", b"\x10\x14", b"\x1ba", b"\x1bt", b"\n", b"A", b"\x1dh", b"\x1dw",
    b"\x1d(k\x03\x001Q0", b"\x1d(k\x05\x001P0ab", b"\x1dH", b"\x1b3", b"\x1c", b"\x1b(", b"\x1d*", b"\x1d(H",
)  # fmt: skip
SHAPES = [byte for byte in range(256) if byte & 0x93 == 0x12]


def test_the_decoder_takes_any_bytes() -> None:
    """A quarter of a million bytes: plain noise, commands with noise behind them, commands with giant lengths."""
    chance = random.Random(3)
    total = 0
    began = time.monotonic()
    for turn in range(6000):
        if turn % 3 == 0:
            data = chance.randbytes(chance.randrange(60))
        else:
            tail = (
                chance.randbytes if turn % 3 == 1 else lambda size: chance.choice((b"\xff", b"\0", b"\1", b"0")) * size
            )
            data = b"".join(chance.choice(LEADS) + tail(chance.randrange(9)) for _ in range(chance.randrange(1, 12)))
        slips = decode(data, chance.choice((384, 576)))
        assert all(slip.image.width in (384, 576) for slip in slips)
        assert sum(slip.image.height for slip in slips) < 2 * MAX_ROWS
        total += len(data)
    assert total > 200_000
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "data",
    [
        random.Random(5).randbytes(200_000),
        b"\n" * 300_000,
        b"\x1dV\x00" * 30_000,
        b"\x1b\x07" * 100_000,
        b"A\x1d!\x77" * 50_000,
        b"\x1d8L\xff\xff\xff\xff" + b"a" * 100,
        b"\x1d8L\x0c\x00\x00\x00\x30\x70\x30\xff\xff1\x08\x00\x01\x00\xff\xff\x1d(L\x02\x00\x30\x32",
        b"\x1d(k\xff\xff1P0" + b"a" * 65_530 + b"\x1d(k\x03\x001Q0",
        b"\x1dv0\x03\xff\xff\xff\xff" + b"a" * 1000,
        b"\x1b$\x00\x00A" * 50_000,
    ],
    ids=["noise", "feeds", "cuts", "unknown", "huge", "length", "scale", "qr", "raster", "overprint"],
)
def test_large_streams_end_soon_and_small(data: bytes) -> None:
    began = time.monotonic()
    slips = decode(data)
    assert time.monotonic() - began < 20
    assert sum(slip.image.height for slip in slips) < 2 * MAX_ROWS
    assert all(len(slip.unknown) < 100 for slip in slips)


def test_clean_answers_alone_are_good_news() -> None:
    """All 65,536 well-formed quadruples: nothing is said to be wrong only where no bit of trouble is set."""
    for first, second, third, fourth in product(SHAPES, repeat=4):
        is_clean = first & ~0x04 == 0x12 and (second, third, fourth) == (0x12, 0x12, 0x12)
        assert (reasons_of_answers(first, second, third, fourth) == []) == is_clean


def test_a_sensor_that_is_not_there_says_nothing() -> None:
    assert reasons_of_answers(0x12, 0x12, 0x12, 0x1E, has_near_end=False) == []
    assert reasons_of_answers(0x12, 0x12, 0x12, 0x7E, has_near_end=False) != []
    assert reasons_of_answers(0x12, 0x12, 0x1A, 0x12, has_cutter=False) == []


def test_every_byte_is_part_of_one_answer_however_it_is_cut_up() -> None:
    """A hundred thousand random bytes: the same answers whole and in pieces, each byte at most once."""
    chance = random.Random(9)
    alphabet = [*range(256), *[0x37, 0x22, 0x00, 0x10, 0x12, 0x30] * 20]
    for _ in range(1000):
        data = bytes(chance.choices(alphabet, k=100))
        whole = AnswerReader().feed(data)
        reader, pieces, at = AnswerReader(), [], 0
        while at < len(data):
            size = chance.randrange(1, 9)
            pieces += reader.feed(data[at : at + size])
            at += size
        assert pieces == whole
        used = sum(7 if answer.kind is AnswerKind.ECHO else len(answer.data) for answer in whole)
        assert len(data) - 7 < used <= len(data)


def test_what_comes_unasked_is_no_answer() -> None:
    def kinds(data: bytes) -> list[AnswerKind]:
        return [answer.kind for answer in AnswerReader().feed(data)]

    assert kinds(b"\x14\x00\x00\x0f") == [AnswerKind.UNASKED]
    assert kinds(b"\x18\x00\x0c\x00\x12\x00") == [AnswerKind.UNASKED, AnswerKind.REAL_TIME, AnswerKind.IN_LINE]
    assert kinds(b"\x14\x00\x12") == [AnswerKind.NOISE, AnswerKind.IN_LINE, AnswerKind.REAL_TIME]
    assert kinds(b"\x37\x220262\x00") == [AnswerKind.ECHO], "the digits 2 and 6 look like status bytes"
    assert kinds(b"\x37\x25\x00") == [AnswerKind.CLEARED]
    assert kinds(b"\x11\x13\xff") == [AnswerKind.NOISE] * 3
