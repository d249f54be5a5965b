"""What is sent to each kind of printer: profiles, words in its own letters, and never a byte that opens a drawer."""

import dataclasses
import random
from datetime import datetime
from typing import get_args

import pytest
import zxingcpp

from kiosk.core.paper import _slip_of
from kiosk.devices.contract import SlipBitmap, SlipWords
from kiosk.devices.simulated.slip_double import SlipDouble, memory_opener
from kiosk.devices.slip.decoder import DecodedSlip, decode
from kiosk.devices.slip.drawer import FORBIDDEN, REAL_TIME, DrawerRefusedError, GuardedLine, defused, guarded
from kiosk.devices.slip.encoder import DROP_BUFFER, FEED_DOTS_BEFORE_CUT, ask_in_line, encode, scraps_off
from kiosk.devices.slip.printer import EscPosPrinter
from kiosk.devices.slip.profiles import GENERIC, PROFILES, PrinterProfile
from kiosk.devices.slip.words import CELL_HEIGHT, CELL_WIDTH, written_line
from kiosk.documents.slip import SlipFacts, SlipLayout, draw_slip
from kiosk.settings import SlipPrinterTable
from kiosk.texts import Texts
from tests.devices.papers import rows_of

FACTS = SlipFacts(
    office="Dinas Kependudukan dan Pencatatan Sipil",
    place="Kabupaten Nusa Contoh",
    service="Cetak Kartu Keluarga",
    at=datetime(2026, 11, 22, 9, 41),  # noqa: DTZ001 - wall time of the office, for display
    slip_id="K7QF2M9XR4TB",
    kiosk_id="anjungan-demo-01",
    pages=2,
    code="PRN-05",
    label="B-017",
    about="Pengaduan dan informasi",
)
EVERY = [(layout, width, language) for layout in SlipLayout for width in (384, 576) for language in ("id", "en")]
WRITING = PROFILES["generic-text"]
DISTINCT = ["generic-58", "epson-text", "columns"]


def slip(
    layout: SlipLayout = SlipLayout.RECEIPT, width: int = 576, language: str = "id", **facts: object
) -> SlipBitmap:
    changed = dataclasses.replace(FACTS, **facts)  # type: ignore[arg-type]
    return _slip_of(draw_slip(layout, changed, Texts(language), width))


def only(data: bytes, width: int) -> DecodedSlip:
    (piece,) = decode(data, width)
    return piece


def test_the_settings_know_the_same_profiles() -> None:
    names = get_args(SlipPrinterTable.model_fields["profile"].annotation)
    assert set(names) == set(PROFILES)
    assert all(name == profile.name for name, profile in PROFILES.items())


@pytest.mark.parametrize("profile", [PROFILES[name] for name in DISTINCT], ids=DISTINCT)
@pytest.mark.parametrize(("layout", "width", "language"), EVERY)
def test_every_slip_in_every_profile(layout: SlipLayout, width: int, language: str, profile: PrinterProfile) -> None:
    """Comes out whole, is cut as the profile can, its QR is read, and no drawer is opened."""
    data = encode(slip(layout, width, language), profile)
    assert not any(pattern in data for pattern in FORBIDDEN)
    assert not any(pattern in data for pattern in REAL_TIME)
    piece = only(data, width)
    assert piece.unknown == []
    assert not piece.has_opened_drawer
    assert piece.has_cut == (profile.cutter != "none")
    assert [code.text for code in zxingcpp.read_barcodes(piece.image.convert("L"))] == [FACTS.slip_id]


def test_words_in_the_printer_s_letters_are_read_back() -> None:
    sent = slip()
    piece = only(encode(sent, WRITING), 576)
    words = piece.text.split()
    assert "Selesai" in words
    assert "Kependudukan" in words
    assert "Tanggal 22 Nov 2026" in " ".join(words)
    assert abs(piece.image.height - sent.height_dots - FEED_DOTS_BEFORE_CUT) < 40, "it keeps its shape"
    assert len(encode(sent, WRITING)) < 0.7 * len(encode(sent)), "that is what it is for"


def test_a_character_that_no_page_has_makes_its_line_a_picture() -> None:
    sent = slip(place="Kabupaten Łódź")
    piece = only(encode(sent, WRITING), 576)
    assert "Kabupaten" not in piece.text
    assert "Selesai" in piece.text
    (line,) = [words for words in sent.words if words.left == "Kabupaten Łódź"]
    drawn = draw_slip(SlipLayout.RECEIPT, dataclasses.replace(FACTS, place="Kabupaten Łódź"), Texts("id")).picture()
    wanted = drawn.crop((0, line.top + 4, 576, line.bottom - 4))
    heights = range(piece.image.height - wanted.height)
    assert any(piece.image.crop((0, y, 576, y + wanted.height)).tobytes() == wanted.tobytes() for y in heights)


@pytest.mark.parametrize(("words", "page"), [("Déjà vu", 0), ("Rp5 €", 19), ("Õ ñ", 19), ("© ™", 16)])
def test_the_first_page_that_has_all_characters_is_chosen(words: str, page: int) -> None:
    rows = SlipBitmap(576, 60, bytes(72 * 60), (SlipWords(0, 60, words),))
    data = encode(rows, WRITING)
    assert b"\x1bt" + bytes((page,)) in data
    assert only(data, 576).text.strip() == words


@pytest.mark.parametrize("words", ["a\x1bp\x00", "a\nb", "a" * 49, "", "a\x10\x14\x01"])
def test_what_is_no_line_of_words_is_a_picture(words: str) -> None:
    rows = SlipBitmap(576, 60, bytes(72 * 60), (SlipWords(0, 60, words),))
    data = encode(rows, WRITING)
    assert b"\x1bt" not in data
    assert not any(pattern in data for pattern in FORBIDDEN)


def test_words_that_lie_across_each_other_or_off_the_paper_do_no_harm() -> None:
    words = (
        SlipWords(0, 40, "satu"),
        SlipWords(20, 38, "dua"),
        SlipWords(50, 90, "tiga"),
        SlipWords(100, 140, "empat"),
    )
    piece = only(encode(SlipBitmap(576, 120, bytes(72 * 120), words), WRITING), 576)
    assert piece.text.split() == ["satu", "tiga"]


# --- the drawer -------------------------------------------------------------------------------------------------------


def trapped(chance: random.Random) -> SlipBitmap:
    """Dots with drawer and real-time commands all over them, at every offset."""
    high = chance.randrange(1, 60)
    rows = bytearray(chance.randbytes(72 * high))
    for _ in range(20):
        trap = chance.choice((*FORBIDDEN, *REAL_TIME, DROP_BUFFER, b"\x10\x10\x14\x01", b"\x1b\x1bp"))
        at = chance.randrange(len(rows))
        rows[at : at + len(trap)] = trap[: len(rows) - at]
    return SlipBitmap(576, high, bytes(rows))


@pytest.mark.parametrize("name", ["generic", "columns", "epson-text"])
def test_no_dots_spell_a_drawer_command(name: str) -> None:
    chance = random.Random(4)
    for _ in range(60):
        sent = trapped(chance)
        data = encode(sent, PROFILES[name]) + ask_in_line("0001") + scraps_off(PROFILES[name])
        assert not any(pattern in data for pattern in (*FORBIDDEN, *REAL_TIME))
        printed = rows_of(decode(data)[0].image.crop((0, 0, 576, sent.height_dots)))
        changed = sum((before ^ after).bit_count() for before, after in zip(sent.rows, printed, strict=True))
        assert changed <= 60, "one dot for each command"


def test_defusing_changes_nothing_else() -> None:
    chance = random.Random(6)
    for _ in range(2000):
        dots = bytes(chance.choices((0x10, 0x14, 0x01, 0x1B, 0x70, 0x04, 0x05, 0xFF), k=30))
        safe = defused(dots)
        assert not any(pattern in safe for pattern in (*FORBIDDEN, *REAL_TIME))
        assert defused(safe) == safe
        assert all(before & ~after == 0 for before, after in zip(dots, safe, strict=True)), "dots are only added"


@pytest.mark.parametrize(
    "pieces",
    [
        [b"\x1bp\x00\x19\xfa"],
        [b"halo\x1b", b"p\x00\x19\xfa"],
        [b"\x10\x14\x01\x00\x01"],
        [b"\x10", b"\x14", b"\x01\x00\x01"],
        [b"\x1dv0\x00\x01\x00\x02\x00\x1bp"],
    ],
)
def test_the_guard_refuses_and_sends_nothing_of_it(pieces: list[bytes]) -> None:
    double = SlipDouble()
    line = guarded(memory_opener(double))(0)
    assert isinstance(line, GuardedLine)
    sent: list[bytes] = []
    line._line.write = lambda data, deadline: sent.append(data)  # type: ignore[method-assign]
    *before, last = pieces
    for piece in before:
        line.write(piece, 0)
    with pytest.raises(DrawerRefusedError):
        line.write(last, 0)
    assert not any(pattern in b"".join(sent) for pattern in FORBIDDEN)
    line.write(b"\n", 0)


def test_no_random_bytes_get_a_drawer_command_past_the_guard() -> None:
    chance = random.Random(8)
    alphabet = (0x1B, 0x70, 0x10, 0x14, 0x01, 0x41)
    for _ in range(3000):
        sent = bytearray()
        line = GuardedLine(memory_opener(SlipDouble())(0))
        line._line.write = lambda data, deadline, sent=sent: sent.extend(data)  # type: ignore[method-assign, misc]
        for _ in range(12):
            try:
                line.write(bytes(chance.choices(alphabet, k=chance.randrange(1, 5))), 0)
            except DrawerRefusedError:
                continue
        assert not any(pattern in sent for pattern in FORBIDDEN)


def test_every_line_of_the_adapter_is_behind_the_guard() -> None:
    device = EscPosPrinter(memory_opener(SlipDouble()), "memory", profile=GENERIC)
    assert isinstance(device._opener(0), GuardedLine)
    assert not any(pattern in DROP_BUFFER for pattern in FORBIDDEN)


@pytest.mark.parametrize(("label", "width", "least"), [("B-017", 576, 4), ("B-017", 384, 3), ("K7M4-9XPT", 576, 2)])
def test_a_number_in_the_printers_own_letters_is_as_large_as_its_room(label: str, width: int, least: int) -> None:
    drawn = _slip_of(draw_slip(SlipLayout.TICKET, dataclasses.replace(FACTS, label=label), Texts("id"), width))
    (line,) = [one for one in drawn.words if one.left == label]
    written = written_line(line, width, WRITING)
    assert written is not None
    size = written[written.index(b"\x1d!") + 2]
    times = (size >> 4) + 1
    assert (size & 0xF) + 1 == times >= least
    assert len(label) * times * CELL_WIDTH <= width
    assert times * CELL_HEIGHT <= line.bottom - line.top
