"""Single commands of the decoder; what foreign encoders write stands in test_peer_slip.py."""

import pytest
from PIL import Image, ImageChops

from kiosk.devices.slip.decoder import decode
from kiosk.devices.slip.encoder import FEED_DOTS_BEFORE_CUT, encode, picture
from kiosk.devices.slip.glyphs import CELL_HEIGHT, CELL_WIDTH
from kiosk.devices.slip.paper import MAX_HEIGHT
from tests.devices.papers import noise_slip, rows_of

CUT = b"\x1dV\x00"


def ink_box(image: Image.Image) -> tuple[int, int, int, int]:
    """The box around everything black."""
    box = ImageChops.invert(image.convert("L")).getbbox()
    assert box is not None, "blank paper"
    return box


def test_lines_and_cuts() -> None:
    first, second = decode(b"satu\ndua\n" + CUT + b"tiga")
    assert (first.text, first.has_cut) == ("satu\ndua", True)
    assert (second.text, second.has_cut) == ("tiga", False)


def test_nothing_is_no_slip() -> None:
    assert decode(b"") == []
    assert decode(b"\x1b@\x1bE\x01\x10\x04\x01") == []


@pytest.mark.parametrize(("align", "side"), [(0, "left"), (1, "middle"), (2, "right")])
def test_alignment(align: int, side: str) -> None:
    (slip,) = decode(b"\x1ba" + bytes((align,)) + b"XXXX\n")
    left, _, right, _ = ink_box(slip.image)
    middle = (left + right) / 2
    assert {"left": middle < 40, "middle": abs(middle - 288) < 6, "right": middle > 536}[side]


@pytest.mark.parametrize(("size", "times"), [(0x00, (1, 1)), (0x11, (2, 2)), (0x20, (3, 1)), (0x07, (1, 8))])
def test_character_size(size: int, times: tuple[int, int]) -> None:
    (plain,) = decode(b"H\n")
    (sized,) = decode(b"\x1d!" + bytes((size,)) + b"H\n")
    left, top, right, bottom = ink_box(plain.image)
    wide_left, wide_top, wide_right, wide_bottom = ink_box(sized.image)
    assert wide_right - wide_left == (right - left) * times[0]
    assert wide_bottom - wide_top == (bottom - top) * times[1]


def test_bold_has_more_ink_and_inverse_has_most() -> None:
    def ink(data: bytes) -> int:
        return decode(data)[0].image.convert("L").histogram()[0]

    assert ink(b"Nomor\n") < ink(b"\x1bE\x01Nomor\n") < ink(b"\x1dB\x01Nomor\n")
    assert ink(b"Nomor\n") < ink(b"\x1b-\x01Nomor\n")


def test_rules_are_drawn_from_edge_to_edge() -> None:
    (slip,) = decode(b"\xc4" * 48 + b"\n")
    assert slip.text == "─" * 48
    left, top, right, bottom = ink_box(slip.image)
    assert (left, right) == (0, 576)
    assert bottom - top <= 3


def test_long_lines_wrap() -> None:
    columns = 576 // CELL_WIDTH
    (slip,) = decode(b"x" * (columns + 3) + b"\n")
    assert slip.text == "x" * columns + "\nxxx"


def test_absolute_places_stand_as_blanks() -> None:
    (slip,) = decode(b"a\x1b$\x78\x00b\n")
    assert slip.text == "a         b"


def test_feed_and_spacing() -> None:
    (slip,) = decode(b"a\n\x1bJ\x64")
    assert slip.image.height == max(CELL_HEIGHT, 30) + 100
    (slip,) = decode(b"\x1b3\x50a\nb\n")
    assert slip.image.height == 160


def test_a_double_raster_is_twice_as_large() -> None:
    dots = b"\x1dv0\x03\x01\x00\x02\x00\xff\x00"
    (slip,) = decode(dots)
    assert ink_box(slip.image) == (0, 0, 16, 2), "the second row is white"


def test_a_drawer_kick_is_noticed() -> None:
    (slip,) = decode(b"\x1bp\x00\x19\xfahalo\n")
    assert slip.has_opened_drawer
    assert slip.text == "halo"


def test_what_is_unknown_is_named() -> None:
    (slip,) = decode(b"\x1b\x01halo\n")
    assert slip.unknown == ["ESC 01"]


def test_a_slip_without_an_end_is_ended() -> None:
    (slip,) = decode(b"halo\n" + b"\x1bJ\xff" * 100)
    assert slip.unknown == ["too long"]
    assert not slip.has_cut
    assert slip.text == "halo"
    assert slip.image.height <= MAX_HEIGHT


def test_a_cut_off_raster_prints_nothing() -> None:
    assert decode(b"\x1dv0\x00\x48\x00\xff\xff\x00") == []


def test_the_encoder_and_the_decoder_are_each_other_s_mirror() -> None:
    slip = noise_slip(700)
    (read,) = decode(encode(slip))
    assert rows_of(read.image.crop((0, 0, 576, 700))) == slip.rows
    assert read.image.height == 700 + FEED_DOTS_BEFORE_CUT
    assert (read.text, read.unknown, read.has_cut) == ("", [], True)


def test_rows_that_do_not_fill_the_size_are_refused() -> None:
    from kiosk.devices.contract import SlipBitmap

    for slip in (SlipBitmap(575, 1, bytes(72)), SlipBitmap(576, 2, bytes(72)), SlipBitmap(0, 0, b"")):
        with pytest.raises(ValueError):
            picture(slip)
