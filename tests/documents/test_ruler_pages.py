"""The ruler pages, measured on their pixels at 300 dpi: a wrong ruler would put every card in the wrong place."""

from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pypdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from kiosk.core.staff_align import AlignView
from kiosk.devices.contract import DeviceKind, ImageShift, RasterForm, ShiftMeans
from kiosk.documents import test_page as ruler
from kiosk.documents.preview import page_sizes_mm
from kiosk.documents.raster import pwg_raster
from kiosk.documents.test_page import RulerFacts, draw_id1_test_page, draw_test_page
from kiosk.documents.verified import ExpectedSize
from kiosk.store.prints import PrinterName
from kiosk.texts import Texts
from tests.documents.test_raster import read_by_libcups

DPI = 300
MM = DPI / 25.4
CLOSE_MM = 0.1
FACTS = RulerFacts(
    "anjungan-demo-01",
    datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
    printer="Printer Contoh",
    media="iso_a4_210x297mm",
    shift=(2.0, -1.0),
    how="digeser oleh anjungan",
)


def picture(pdf: bytes, page: int = 0) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        drawn: Image.Image = document[page].render(scale=DPI / 72).to_pil().convert("L")
        return drawn
    finally:
        document.close()


@pytest.fixture(scope="module")
def a4() -> Image.Image:
    return picture(draw_test_page(Texts("id"), FACTS))


@pytest.fixture(scope="module")
def card() -> Image.Image:
    return picture(draw_id1_test_page(Texts("id"), FACTS))


def run_across(image: Image.Image, y_mm: float, near_x_mm: float) -> tuple[float, float]:
    """Begin and length in mm of the black run through that point, going right."""
    return _run([int(image.getpixel((x, round(y_mm * MM)))) for x in range(image.width)], near_x_mm)  # type: ignore[arg-type]


def run_down(image: Image.Image, x_mm: float, near_y_mm: float) -> tuple[float, float]:
    return _run([int(image.getpixel((round(x_mm * MM), y))) for y in range(image.height)], near_y_mm)  # type: ignore[arg-type]


def _run(line: list[int], near_mm: float) -> tuple[float, float]:
    at = round(near_mm * MM)
    assert line[at] < 128, "no ink there"
    start, end = at, at
    while start > 0 and line[start - 1] < 128:
        start -= 1
    while end + 1 < len(line) and line[end + 1] < 128:
        end += 1
    return start / MM, (end + 1 - start) / MM


@pytest.mark.parametrize("bar", [ruler.A4_BAR, ruler.A4_SHORT_BAR, ruler.A4_BAR_DOWN])
def test_the_bars_of_the_sheet_are_as_long_as_they_say(a4: Image.Image, bar: tuple[float, ...]) -> None:
    x, y, width, height = bar
    assert run_across(a4, y + height / 2, x + width / 2) == pytest.approx((x, width), abs=CLOSE_MM)
    assert run_down(a4, x + width / 2, y + height / 2) == pytest.approx((y, height), abs=CLOSE_MM)
    assert 100.0 in (width, height) or width == 50.0


@pytest.mark.parametrize("bar", [ruler.ID_1_BAR, ruler.ID_1_BAR_DOWN])
@pytest.mark.parametrize("page", [0, 1])
def test_the_bars_of_the_card_are_as_long_as_they_say(page: int, bar: tuple[float, ...]) -> None:
    x, y, width, height = bar
    image = picture(draw_id1_test_page(Texts("en"), FACTS), page)
    assert run_across(image, y + height / 2, x + width / 2) == pytest.approx((x, width), abs=CLOSE_MM)
    assert run_down(image, x + width / 2, y + height / 2) == pytest.approx((y, height), abs=CLOSE_MM)


def test_the_arrows_end_where_they_say(a4: Image.Image, card: Image.Image) -> None:
    for image, nominal, row, column in (
        (a4, ruler.A4_ARROW_MM, 101.0, 101.0),
        (card, ruler.ID_1_ARROW_MM, 19.2, 46.0),
    ):
        start, thick = run_across(image, row, nominal)
        assert start + thick / 2 == pytest.approx(nominal, abs=CLOSE_MM)
        start, thick = run_down(image, column, nominal)
        assert start + thick / 2 == pytest.approx(nominal, abs=CLOSE_MM)


def ticks(line: list[int]) -> list[float]:
    """Centres in mm of the dark runs."""
    found, start = [], None
    for place, value in enumerate([*line, 255]):
        if value < 160 and start is None:
            start = place
        elif value >= 160 and start is not None:
            found.append((start + place) / 2 / MM)
            start = None
    return found


@pytest.mark.parametrize("depth_mm", [9.0, 297 - 9.0])
def test_the_scales_across_have_a_tick_each_millimetre(a4: Image.Image, depth_mm: float) -> None:
    row = [int(a4.getpixel((x, round(depth_mm * MM)))) for x in range(a4.width)]  # type: ignore[arg-type]
    marks = [place for place in ticks(row) if 19.5 < place < 190.5]
    assert len(marks) == 171
    assert marks == pytest.approx([float(mm) for mm in range(20, 191)], abs=CLOSE_MM)


@pytest.mark.parametrize("depth_mm", [9.0, 210 - 9.0])
def test_the_scales_down_have_a_tick_each_millimetre(a4: Image.Image, depth_mm: float) -> None:
    column = [int(a4.getpixel((round(depth_mm * MM), y))) for y in range(a4.height)]  # type: ignore[arg-type]
    marks = [place for place in ticks(column) if 19.5 < place < 277.5]
    assert marks == pytest.approx([float(mm) for mm in range(20, 278)], abs=CLOSE_MM)


@pytest.mark.parametrize(("name", "inset"), [("a4", 6.0), ("card", 1.5)])
def test_the_corner_marks_are_equally_far_from_all_edges(
    name: str, inset: float, request: pytest.FixtureRequest
) -> None:
    image: Image.Image = request.getfixturevalue(name)
    width, height = image.width / MM, image.height / MM
    for x in (inset, width - inset):
        start, thick = run_across(image, inset + 1.5, x)
        assert start + thick / 2 == pytest.approx(x, abs=0.15)
    for y in (inset, height - inset):
        start, thick = run_down(image, inset + 1.5, y)
        assert start + thick / 2 == pytest.approx(y, abs=0.15)


@pytest.mark.parametrize("name", ["a4", "card"])
def test_a_phone_reads_the_code(name: str, request: pytest.FixtureRequest) -> None:
    (found,) = zxingcpp.read_barcodes(request.getfixturevalue(name))
    assert found.text.startswith("ANJUNGAN ")
    assert "x +2.0 mm, y -1.0 mm" in found.text


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_pages_say_what_they_are(language: str) -> None:
    texts = Texts(language)
    sheet, card = draw_test_page(texts, FACTS), draw_id1_test_page(texts, FACTS)
    assert [ExpectedSize.A4.fits(*size) for size in page_sizes_mm(sheet)] == [True]
    assert [ExpectedSize.ID_1.fits(*size) for size in page_sizes_mm(card)] == [True, True]
    words = pypdf.PdfReader(BytesIO(sheet)).pages[0].extract_text()
    for told in ("anjungan-demo-01", "Printer Contoh", "iso_a4_210x297mm", "x +2.0 mm, y -1.0 mm", "2026-11-22 09:00"):
        assert told in words
    assert texts("test-page.how")[:30] in " ".join(words.split())


def test_the_greys_differ_and_nothing_is_a_picture(a4: Image.Image) -> None:
    levels = [int(a4.getpixel((round((25 + 120 / 9 * (i + 0.5)) * MM), round(159 * MM)))) for i in range(9)]  # type: ignore[arg-type]
    assert levels == sorted(levels, reverse=True)
    assert min(a - b for a, b in pairwise(levels)) > 20
    pages = pypdf.PdfReader(BytesIO(draw_test_page(Texts("id"), FACTS))).pages
    assert all(not page.images for page in pages)


def dots(shift: ImageShift, folder: Path) -> Image.Image:
    """The sheet as a printer without PDF gets it, read back by libcups."""
    form = RasterForm("sgray_8", DPI, DPI, *ruler.A4_MM, shift)
    (page,) = read_by_libcups(b"".join(pwg_raster(draw_test_page(Texts("id"), FACTS), form)), folder)
    return page.picture


def arrows(image: Image.Image, near: tuple[float, float]) -> tuple[float, float]:
    """Where arrows A and B end in mm, as a ruler would say."""
    across, thick = run_across(image, 101.0 + near[1] - ruler.A4_ARROW_MM, near[0])
    down, high = run_down(image, 101.0 + near[0] - ruler.A4_ARROW_MM, near[1])
    return across + thick / 2, down + high / 2


def test_a_shift_moves_the_arrows_by_just_so_much(tmp_path: Path) -> None:
    assert arrows(dots(ImageShift(), tmp_path), (40.0, 40.0)) == pytest.approx((40.0, 40.0), abs=CLOSE_MM)
    moved = dots(ImageShift(2.0, -1.0), tmp_path)
    assert arrows(moved, (42.0, 39.0)) == pytest.approx((42.0, 39.0), abs=CLOSE_MM)
    x, y, width, height = ruler.A4_BAR
    assert run_across(moved, y + height / 2 - 1, x + width / 2) == pytest.approx((x + 2, width), abs=CLOSE_MM)


def test_what_is_read_at_the_arrows_puts_them_right(tmp_path: Path) -> None:
    """A machine that prints 2 mm too far right and 1 mm too high; its readings are entered; the next page is right."""
    off = ImageShift(2.0, -1.0)
    read = arrows(dots(off, tmp_path), (42.0, 39.0))
    rounded = (round(read[0] * 2) / 2, round(read[1] * 2) / 2)
    view = AlignView(PrinterName.A4, DeviceKind.DOCUMENT_PRINTER, ShiftMeans.RASTER, 40.0, rounded, (0.0, 0.0))
    after = dots(ImageShift(off.x_mm + view.result[0], off.y_mm + view.result[1]), tmp_path)
    assert arrows(after, (40.0, 40.0)) == pytest.approx((40.0, 40.0), abs=CLOSE_MM)
