"""Dots for printers without PDF, read back by libcups, which no one here wrote, and held against poppler's picture."""

import ctypes
import ctypes.util
import io
import os
import subprocess
import tracemalloc
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import fontpkg_atkinson_hyperlegible
import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageStat

from kiosk.devices.contract import ImageShift, RasterForm, SheetBack
from kiosk.documents.raster import BAND_BYTES, pwg_raster
from kiosk.errors import DocumentError, ErrorCode
from tests.documents.signing import A4, A4_LANDSCAPE, plain_pdf

GREY = RasterForm("sgray_8", 300, 300, 210, 297)
COLOUR = replace(GREY, kind="srgb_8")
QR_TEXT = "https://layanan.example/verifikasi/0001-UJI"


@dataclass(frozen=True)
class Page:
    header: bytes
    picture: Image.Image

    def number(self, offset: int) -> int:
        """libcups turns the header into the machine's own order."""
        return int.from_bytes(self.header[offset : offset + 4], "little")


def read_by_libcups(raster: bytes, folder: Path) -> list[Page]:
    path = folder / "pages.pwg"
    path.write_bytes(raster)
    cups = ctypes.CDLL(ctypes.util.find_library("cups") or "libcups.so.2")
    cups.cupsRasterOpen.restype = ctypes.c_void_p
    cups.cupsRasterReadHeader2.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    cups.cupsRasterReadPixels.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint]
    cups.cupsRasterClose.argtypes = [ctypes.c_void_p]
    fd = os.open(path, os.O_RDONLY)
    stream = cups.cupsRasterOpen(fd, 0)
    assert stream, "libcups takes it for no raster"
    pages = []
    try:
        header = ctypes.create_string_buffer(1796 + 64)
        while cups.cupsRasterReadHeader2(stream, header):
            page = Page(header.raw[:1796], Image.new("L", (1, 1)))
            width, height, line, space = (page.number(at) for at in (372, 376, 392, 400))
            dots = ctypes.create_string_buffer(line * height)
            assert cups.cupsRasterReadPixels(stream, dots, line * height) == line * height
            mode = {18: "L", 19: "RGB"}[space]
            pages.append(replace(page, picture=Image.frombytes(mode, (width, height), dots.raw)))
    finally:
        cups.cupsRasterClose(stream)
        os.close(fd)
    return pages


def by_poppler(pdf: bytes, dpi: int, folder: Path) -> Image.Image:
    (folder / "page.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", str(dpi), "-gray", "-singlefile", str(folder / "page.pdf"), str(folder / "page")]
    subprocess.run(command, check=True, timeout=30)
    return Image.open(folder / "page.pgm").convert("L")


@cache
def paper() -> bytes:
    """A page with text, rules, a grey field and a QR code of 25 mm, as a family card has."""
    import segno
    from reportlab.lib.units import mm
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    out, code = io.BytesIO(), io.BytesIO()
    segno.make(QR_TEXT, error="m").save(code, kind="png", scale=8, border=4)
    canvas = Canvas(out, pagesize=(210 * mm, 297 * mm), invariant=1)
    canvas.setFillGray(0.8)
    canvas.rect(20 * mm, 200 * mm, 60 * mm, 30 * mm, stroke=0, fill=1)
    canvas.setFillGray(0)
    # Embedded, as in every signed document: each drawer has a Helvetica of its own.
    font = Path(fontpkg_atkinson_hyperlegible.__file__).parent / "files" / "AtkinsonHyperlegible-Regular.ttf"
    registerFont(TTFont("Uji", str(font)))
    canvas.setFont("Uji", 8)
    for line in range(40):
        canvas.drawString(20 * mm, (190 - 4 * line) * mm, f"Baris uji {line}: 9901010000000000 nama yang dikarang")
        canvas.line(20 * mm, (189 - 4 * line) * mm, 190 * mm, (189 - 4 * line) * mm)
    canvas.drawImage(ImageReader(code), 160 * mm, 250 * mm, 25 * mm, 25 * mm)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def difference(first: Image.Image, second: Image.Image) -> float:
    """Mean over the sheet, 0 to 255, after four by four dots became one: two drawers set lines half a dot apart."""
    size = (min(first.width, second.width), min(first.height, second.height))
    one, other = (picture.crop((0, 0, *size)).reduce(4) for picture in (first, second))
    return ImageStat.Stat(ImageChops.difference(one, other)).mean[0]


@pytest.mark.parametrize("form", [GREY, COLOUR, replace(GREY, x_dpi=600, y_dpi=600)])
def test_it_is_the_picture_that_poppler_draws(form: RasterForm, tmp_path: Path) -> None:
    (page,) = read_by_libcups(b"".join(pwg_raster(paper(), form)), tmp_path)
    assert page.picture.size == (round(210 / 25.4 * form.x_dpi), round(297 / 25.4 * form.y_dpi))
    assert page.picture.mode == ("L" if form.kind == "sgray_8" else "RGB")
    other = by_poppler(paper(), form.x_dpi, tmp_path)
    ours = page.picture.convert("L")
    close = difference(ours, other)
    assert close < 4.0
    assert abs(ImageStat.Stat(ours).mean[0] - ImageStat.Stat(other).mean[0]) < 0.5
    # One that were a millimetre off would differ by much more: the measure can fail.
    assert difference(ImageChops.offset(ours, round(form.x_dpi / 25.4), 0), other) > 2 * close


@pytest.mark.parametrize("form", [GREY, COLOUR, replace(GREY, x_dpi=203, y_dpi=203)])
def test_the_code_on_it_still_reads(form: RasterForm, tmp_path: Path) -> None:
    (page,) = read_by_libcups(b"".join(pwg_raster(paper(), form)), tmp_path)
    assert [found.text for found in zxingcpp.read_barcodes(page.picture)] == [QR_TEXT]


def test_the_header_says_what_it_is(tmp_path: Path) -> None:
    first, second = read_by_libcups(b"".join(pwg_raster(plain_pdf(2, A4), GREY)), tmp_path)
    assert first.header[:9] == b"PwgRaster"
    for page in (first, second):
        assert [page.number(at) for at in (276, 280, 340, 352, 356, 384, 388, 420)] == [300, 300, 1, 595, 842, 8, 8, 1]
        assert page.number(452) == 2
        assert page.number(484) == 0xFFFFFF
    assert first.picture.tobytes() != second.picture.tobytes()


CARD = RasterForm("srgb_8", 300, 300, 54, 85.6, is_two_sided=True)
_OF_SIDES = (272, 368, 456, 460)
"""Duplex, Tumble, and which way the dots go: across the sheet and along it."""


def header_of_cups(back: str | None) -> list[int]:
    """What CUPS writes of a front, or of a back for such a printer."""
    cups = ctypes.CDLL(ctypes.util.find_library("cups") or "libcups.so.2")
    cups.pwgMediaForPWG.restype = ctypes.c_void_p
    word_type, number_type = ctypes.c_char_p, ctypes.c_int
    cups.cupsRasterInitPWGHeader.argtypes = [
        *(word_type, ctypes.c_void_p, word_type, number_type, number_type, word_type, word_type)
    ]
    header = ctypes.create_string_buffer(1796 + 64)
    media = cups.pwgMediaForPWG(b"iso_a4_210x297mm")
    word = None if back is None else back.encode()
    assert cups.cupsRasterInitPWGHeader(header, media, b"srgb_8", 300, 300, b"two-sided-long-edge", word)
    return [int.from_bytes(header.raw[at : at + 4], "little") for at in _OF_SIDES]


@pytest.mark.parametrize(
    ("back", "undo"),
    [
        (SheetBack.NORMAL, None),
        (SheetBack.MANUAL_TUMBLE, None),
        (SheetBack.FLIPPED, Image.Transpose.FLIP_TOP_BOTTOM),
        (SheetBack.ROTATED, Image.Transpose.ROTATE_180),
    ],
)
def test_two_faces_are_one_sheet_as_the_printer_wants_them(
    back: SheetBack, undo: Image.Transpose | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card's back, turned over the long edge: the header as CUPS writes it, and the dots go as it says."""
    pdf = plain_pdf(3, (54, 85.6))
    plain = read_by_libcups(b"".join(pwg_raster(pdf, replace(CARD, is_two_sided=False))), tmp_path)
    monkeypatch.setattr("kiosk.documents.raster.BAND_BYTES", 100_000)
    pages = read_by_libcups(b"".join(pwg_raster(pdf, replace(CARD, back=back))), tmp_path)
    fields = [[page.number(at) for at in _OF_SIDES] for page in pages]
    assert fields == [header_of_cups(None), header_of_cups(back), header_of_cups(None)]
    assert [page.number(272) for page in plain] == [0, 0, 0]
    seen = pages[1].picture if undo is None else pages[1].picture.transpose(undo)
    assert unlike(pages[0].picture, plain[0].picture) < 8, "PDFium draws a band's edge a shade lighter or darker"
    assert unlike(seen, plain[1].picture) < 8
    assert (unlike(pages[1].picture, plain[1].picture) < 8) is (undo is None)


def unlike(first: Image.Image, second: Image.Image) -> int:
    """How much the two pictures differ at the most, of 255."""
    return max(most for _, most in ImageChops.difference(first, second).getextrema())


def ink_box(picture: Image.Image) -> tuple[int, int, int, int]:
    box = ImageChops.invert(picture).point(lambda value: 255 if value > 128 else 0).getbbox()
    assert box is not None
    return box


@pytest.mark.parametrize("shift", [ImageShift(2.5, 0), ImageShift(0, 3), ImageShift(-1.5, -4)])
def test_a_shift_moves_the_ink_and_nothing_else(shift: ImageShift, tmp_path: Path) -> None:
    (still,) = read_by_libcups(b"".join(pwg_raster(paper(), GREY)), tmp_path)
    (moved,) = read_by_libcups(b"".join(pwg_raster(paper(), replace(GREY, shift=shift))), tmp_path)
    assert moved.picture.size == still.picture.size
    before, after = ink_box(still.picture), ink_box(moved.picture)
    dots = (round(shift.x_mm / 25.4 * 300), round(shift.y_mm / 25.4 * 300))
    assert [b - a for a, b in zip(before, after, strict=True)] == [*dots, *dots]


def test_a_landscape_page_is_turned_and_not_shrunk(tmp_path: Path) -> None:
    (page,) = read_by_libcups(b"".join(pwg_raster(plain_pdf(1, A4_LANDSCAPE), GREY)), tmp_path)
    assert page.picture.size == (2480, 3508)
    upright = by_poppler(plain_pdf(1, A4_LANDSCAPE), 300, tmp_path).transpose(Image.Transpose.ROTATE_90)
    assert difference(page.picture, upright) < 4.0


def test_bands_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = b"".join(pwg_raster(paper(), GREY))
    monkeypatch.setattr("kiosk.documents.raster.BAND_BYTES", 200_000)
    assert b"".join(pwg_raster(paper(), GREY)) == whole


def test_many_pages_need_no_more_memory_than_one() -> None:
    def peak(pages: int) -> int:
        tracemalloc.start()
        for _ in pwg_raster(plain_pdf(pages, A4), COLOUR):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)
    one, six = peak(1), peak(6)
    assert six < one * 1.2 + 200_000
    assert one < 4 * BAND_BYTES


def test_what_is_no_pdf_makes_no_raster() -> None:
    with pytest.raises(DocumentError) as caught:
        next(pwg_raster(b"%PDF-1.7 nothing", GREY))
    assert caught.value.code is ErrorCode.DOCUMENT_UNREADABLE


@pytest.mark.parametrize("form", [replace(GREY, kind="cmyk_8"), replace(GREY, width_mm=0), replace(GREY, x_dpi=9_999)])
def test_a_form_that_nobody_can_draw_is_refused(form: RasterForm) -> None:
    with pytest.raises(ValueError):
        next(pwg_raster(paper(), form))
