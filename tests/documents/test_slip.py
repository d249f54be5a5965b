"""Slips as dots: read back by a QR reader, measured, and never with anything personal."""

import itertools
from datetime import datetime

import pytest
import zxingcpp
from PIL import Image, ImageChops

from kiosk.documents.slip import Bitmap, SlipFacts, SlipLayout, draw_slip
from kiosk.documents.slip_drawing import DOTS_PER_MM, Type, font
from kiosk.texts import Texts, has_text

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


def drawn(layout: SlipLayout = SlipLayout.RECEIPT, width: int = 576, language: str = "id", **changes: object) -> Bitmap:
    import dataclasses

    return draw_slip(layout, dataclasses.replace(FACTS, **changes), Texts(language), width)  # type: ignore[arg-type]


@pytest.mark.parametrize(("layout", "width", "language"), EVERY)
def test_every_slip_is_whole(layout: SlipLayout, width: int, language: str) -> None:
    slip = drawn(layout, width, language)
    assert slip.width_dots == width
    assert len(slip.rows) == width // 8 * slip.height_dots
    assert 120 * DOTS_PER_MM < slip.height_dots < 320 * DOTS_PER_MM
    image = slip.picture().convert("L")
    # Paper stays white at both edges of the words: nothing runs over the margin between the two bands.
    inner = image.crop((0, 80, 12, image.height - 80))
    if layout is not SlipLayout.TEST:
        assert inner.getextrema() == (255, 255)
        assert image.crop((width - 12, 80, width, image.height - 80)).getextrema() == (255, 255)
    darkness = image.histogram()[0] / (image.width * image.height)
    assert 0.05 < darkness < 0.3


@pytest.mark.parametrize(("layout", "width", "language"), EVERY)
def test_a_reader_gets_the_slip_id_and_nothing_else(layout: SlipLayout, width: int, language: str) -> None:
    image = drawn(layout, width, language).picture().convert("L")
    codes = zxingcpp.read_barcodes(image)
    assert [code.text for code in codes] == [FACTS.slip_id]


def test_the_bits_are_black_on_white_from_the_left() -> None:
    slip = drawn()
    first = slip.rows[: slip.width_dots // 8]
    assert first == b"\xff" * 72, "the band begins with a black line from edge to edge"
    assert slip.picture().getpixel((0, 0)) == 0


def test_layouts_languages_and_facts_differ() -> None:
    slips = {drawn(layout, language=language).rows for layout in SlipLayout for language in ("id", "en")}
    assert len(slips) == 2 * len(SlipLayout)
    assert drawn(SlipLayout.FAILED, code="PRN-07").rows != drawn(SlipLayout.FAILED).rows
    assert drawn(pages=None).height_dots < drawn().height_dots


def test_a_long_name_is_broken_and_not_cut() -> None:
    long_office = "Dinas Kependudukan dan Pencatatan Sipil " * 3 + "X" * 60
    slip = drawn(office=long_office, width=384)
    image = slip.picture().convert("L")
    assert image.crop((384 - 12, 80, 384, image.height - 80)).getextrema() == (255, 255)
    assert slip.height_dots > drawn(width=384).height_dots


def test_what_must_be_read_is_large_enough() -> None:
    for width in (384, 576):
        for kind in (Type.BODY, Type.HEAD, Type.SERVICE, Type.OUTCOME):
            face = font(kind.narrowed(width), kind.value[1])
            _, top, _, bottom = face.getbbox("H")
            assert (bottom - top) / DOTS_PER_MM >= 3.5


def test_a_strange_width_is_refused() -> None:
    with pytest.raises(ValueError):
        drawn(width=500)


def test_a_picture_is_what_the_rows_say() -> None:
    slip = drawn()
    assert isinstance(slip.picture(), Image.Image)
    assert slip.picture().size == (slip.width_dots, slip.height_dots)


@pytest.mark.parametrize(("layout", "width", "language"), EVERY)
def test_no_word_is_cut_and_no_line_of_a_text_ends_with_one_word(layout: SlipLayout, width: int, language: str) -> None:
    """The words that stand on the slip are whole words of its texts; long paragraphs don't end with a lone word."""
    slip = drawn(layout, width, language)
    texts = Texts(language)
    name = layout.value
    for part in ("what", "next", "look"):
        key = f"slip.{name}.{part}"
        if not has_text(language, key):
            continue
        sentence = texts(key)
        lines = [line.left for line in slip.words]
        assert sentence in " ".join(lines), "every word is whole and in its place"
        assert any(sentence.endswith(line) and " " in line for line in lines), f"{key} ends with one word alone"


def test_the_words_lie_where_their_rows_are_black() -> None:
    slip = drawn(width=384)
    image = slip.picture().convert("L")
    assert len(slip.words) > 12
    for line, following in itertools.pairwise(slip.words):
        assert 0 <= line.top < line.bottom <= slip.height_dots
        assert following.top > line.top
        ink = ImageChops.invert(image.crop((0, line.top, slip.width_dots, line.bottom))).getbbox()
        assert ink is not None
        assert ink[2] - ink[0] > 4 * len(line.left)


@pytest.mark.parametrize("label", ["A-001", "AB-9999", "K7M4-9XPT"])
@pytest.mark.parametrize("width", [384, 576])
@pytest.mark.parametrize("layout", [SlipLayout.TICKET, SlipLayout.COMPLAINT])
def test_a_number_is_as_large_as_the_paper_and_stands_alone_in_its_rows(
    layout: SlipLayout, width: int, label: str
) -> None:
    slip = drawn(layout, width, label=label, slip_id=label)
    (line,) = [one for one in slip.words if one.left == label]
    ink = ImageChops.invert(slip.picture().convert("L").crop((0, line.top, width, line.bottom))).getbbox()
    assert ink is not None
    left, top, right, bottom = ink
    assert top <= 1, "its faintest edge is white on paper"
    assert bottom >= line.bottom - line.top - 1
    assert left >= 12
    assert right <= width - 12
    assert right - left > 0.8 * (width - 32) or line.size_dots == 190
    assert abs(left + right - width) <= 8, "it stands in the middle"
    assert [code.text for code in zxingcpp.read_barcodes(slip.picture().convert("L"))] == [label]


def test_a_slip_with_a_number_names_its_queue_and_hides_the_word_of_the_visit() -> None:
    lines = [line.left for line in drawn(SlipLayout.TICKET).words]
    assert "Pengaduan dan informasi" in lines
    assert not any("K7QF" in line for line in lines)
