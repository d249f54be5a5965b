"""Pages of a verified PDF as PWG raster (PWG 5102.4), for printers that take no PDF.

Written by hand because no library writes it from Python; PDFium draws the dots, so nothing else reads the document. It
comes out band by band and page by page: a page of 300 dots an inch needs some megabytes, however many pages follow.
One point of the page is 1/72 inch on the paper, whatever the printer's resolution: nothing is scaled to fit.
"""

import re
import struct
from collections.abc import Iterator
from typing import Any, Protocol

import pypdfium2
import pypdfium2.raw as pdfium

from kiosk.documents.preview import PDFIUM
from kiosk.errors import DocumentError, ErrorCode

SYNC = b"RaS2"
HEADER_BYTES = 1796
MAX_SIDE = 20_000
"""Dots; more than A4 at 1,200 dots an inch."""
BAND_BYTES = 4 << 20

_MM_PER_INCH = 25.4
_COLOURS = {"sgray_8": (18, 1), "srgb_8": (19, 3)}
"""PWG colour space and bytes a dot."""
_TURN = 3
"""A landscape page on portrait paper goes round against the clock, as IPP's ``landscape`` does."""
_LAST_REPEAT = 256
_BACKWARDS = 0xFFFFFFFF
"""-1, as PWG 5102.4 writes it."""


class Shift(Protocol):
    """Millimetres to the right and down."""

    @property
    def x_mm(self) -> float: ...
    @property
    def y_mm(self) -> float: ...


class Form(Protocol):
    """What a printer wants of the dots; ``kiosk.devices.contract.RasterForm`` is one."""

    @property
    def kind(self) -> str: ...
    @property
    def x_dpi(self) -> int: ...
    @property
    def y_dpi(self) -> int: ...
    @property
    def width_mm(self) -> float: ...
    @property
    def height_mm(self) -> float: ...
    @property
    def shift(self) -> Shift: ...
    @property
    def is_two_sided(self) -> bool: ...
    @property
    def back(self) -> str: ...


def pwg_raster(pdf: bytes, form: Form) -> Iterator[bytes]:
    """The whole stream in pieces. Raises DocumentError (DOCUMENT_UNREADABLE), at the first piece or at a later page."""
    if form.kind not in _COLOURS:
        raise ValueError(f"no raster kind {form.kind}")
    width, height = _dots(form.width_mm, form.x_dpi), _dots(form.height_mm, form.y_dpi)
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise ValueError(f"{width} x {height} dots")
    document = _open(pdf)
    try:
        pages = len(document)
        yield SYNC
        for number in range(pages):
            yield page_header(form, width, height, pages, number)
            yield from _bands(document, number, form, width, height)
    except pypdfium2.PdfiumError as error:
        raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, "PDFium cannot draw it") from error
    finally:
        with PDFIUM:
            document.close()


def _open(pdf: bytes) -> Any:
    with PDFIUM:
        try:
            return pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, "PDFium cannot open it") from error


def _dots(length_mm: float, dpi: int) -> int:
    return round(length_mm / _MM_PER_INCH * dpi)


def _turned(form: Form, number: int) -> tuple[bool, bool]:
    """Whether the dots of that page (0 is the first) go backwards across the sheet, and up it (PWG 5102.4, 4.3.5.3)."""
    is_back = form.is_two_sided and number % 2 == 1
    # A back that is turned over the long edge; "manual-tumble" is about the short one.
    return is_back and form.back == "rotated", is_back and form.back in ("rotated", "flipped")


def page_header(form: Form, width: int, height: int, pages: int, number: int = 0) -> bytes:
    """PWG 5102.4 table 2, big-endian, 1,796 bytes; every field that is not named here is zero."""
    space, depth = _COLOURS[form.kind]
    header = bytearray(HEADER_BYTES)
    header[0:9] = b"PwgRaster"
    header[128:138] = b"stationery"

    def put(offset: int, *values: int) -> None:
        struct.pack_into(f">{len(values)}I", header, offset, *values)

    put(272, int(form.is_two_sided))
    put(276, form.x_dpi, form.y_dpi)
    put(340, 1)  # NumCopies
    put(352, round(form.width_mm / _MM_PER_INCH * 72), round(form.height_mm / _MM_PER_INCH * 72))
    put(372, width, height)
    put(384, 8, 8 * depth, width * depth)  # bits a colour, bits a dot, bytes a line
    put(396, 0, space)
    put(420, depth)
    across, up = (_BACKWARDS if is_turned else 1 for is_turned in _turned(form, number))
    put(452, pages, across, up)  # pages in all; which way the dots go across the sheet, and along it
    put(464, 0, 0, width, height)  # where the picture is: everywhere
    put(484, 0xFFFFFF)  # the colour of the paper
    return bytes(header)


def _bands(document: Any, number: int, form: Form, width: int, height: int) -> Iterator[bytes]:
    """Packed lines of one page, a band at a time; equal lines are joined across bands."""
    depth = _COLOURS[form.kind][1]
    stride = width * depth
    rows = max(1, min(height, BAND_BYTES // stride))
    pack = _packer(depth)
    goes_back, goes_up = _turned(form, number)
    last, repeats = b"", 0
    with PDFIUM:
        page = document[number]
    try:
        for top in range(0, height, rows):
            count = min(rows, height - top)
            with PDFIUM:
                dots = _draw(page, form, width, height - top - count if goes_up else top, count)
            out = bytearray()
            for row in range(count):
                start = stride * (count - 1 - row if goes_up else row)
                line = dots[start : start + stride]
                line = _mirrored(line, depth) if goes_back else line
                if line == last and repeats < _LAST_REPEAT:
                    repeats += 1
                    continue
                if repeats:
                    out += bytes((repeats - 1,)) + pack(last)
                last, repeats = line, 1
            yield bytes(out)
        yield bytes((repeats - 1,)) + pack(last)
    finally:
        with PDFIUM:
            page.close()


def _mirrored(line: bytes, depth: int) -> bytes:
    """The dots in the other order, each as it was."""
    out = bytearray(len(line))
    for part in range(depth):
        out[part::depth] = line[part::depth][::-1]
    return bytes(out)


def _draw(page: Any, form: Form, width: int, top: int, rows: int) -> bytes:
    """Lines ``top`` to ``top + rows`` of the sheet, white where the page has nothing."""
    across, down = page.get_width() / 72 * form.x_dpi, page.get_height() / 72 * form.y_dpi
    is_turned = (page.get_width() > page.get_height()) != (form.width_mm > form.height_mm)
    if is_turned:
        across, down = page.get_height() / 72 * form.x_dpi, page.get_width() / 72 * form.y_dpi
    left = round(form.shift.x_mm / _MM_PER_INCH * form.x_dpi)
    upper = round(form.shift.y_mm / _MM_PER_INCH * form.y_dpi) - top
    depth = _COLOURS[form.kind][1]
    shape = pdfium.FPDFBitmap_Gray if depth == 1 else pdfium.FPDFBitmap_BGR
    bitmap = pypdfium2.PdfBitmap.new_native(width, rows, shape, rev_byteorder=depth == 3)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, rows)
        flags = pdfium.FPDF_ANNOT | pdfium.FPDF_PRINTING | (pdfium.FPDF_REVERSE_BYTE_ORDER if depth == 3 else 0)
        flags |= pdfium.FPDF_GRAYSCALE if depth == 1 else 0
        turn = _TURN if is_turned else 0
        pdfium.FPDF_RenderPageBitmap(bitmap, page, left, upper, round(across), round(down), turn, flags)
        buffer = bytes(bitmap.buffer)
        if bitmap.stride == width * depth:
            return buffer
        return b"".join(buffer[row * bitmap.stride : row * bitmap.stride + width * depth] for row in range(rows))
    finally:
        bitmap.close()


def _packer(depth: int) -> Any:
    """PackBits of whole dots: a run is its length less one and one dot, others are 257 less their number."""
    dot = b"." * depth
    tokens = re.compile(rb"(%b)\1{1,127}|(?:(%b)(?!\2)){1,128}" % (dot, dot), re.DOTALL)

    def pack(line: bytes) -> bytes:
        out = bytearray()
        for match in tokens.finditer(line):
            piece = match[0]
            count = len(piece) // depth
            if match[1] is not None:
                out.append(count - 1)
                out += match[1]
            elif count == 1:
                out.append(0)
                out += piece
            else:
                out.append(257 - count)
                out += piece
        return bytes(out)

    return pack
