"""What all sheets share: fonts, fitted text, the invented emblem, the QR code, the CONTOH mark, the signature block.

Coordinates are points, y upwards. One drawing is made on one thread; ``new_canvas`` prepares the fonts once.
"""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import segno
from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONTS = Path(__file__).resolve().parent.parent / "fonts"
SANS, SANS_BOLD = "OfficeSans-Regular", "OfficeSans-Bold"
SERIF, SERIF_BOLD, SERIF_ITALIC = "OfficeSerif-Regular", "OfficeSerif-Bold", "OfficeSerif-Italic"

MM = 72 / 25.4
A4_WIDTH, A4_HEIGHT = 210 * MM, 297 * MM
ID1_WIDTH, ID1_HEIGHT = 85.60 * MM, 53.98 * MM

INK, SOFT, LINE, MARK = 0.08, 0.38, 0.45, 0.95
"""Greys: text, small print, rules, and the CONTOH that lies under everything."""

VERIFY_URL = "https://periksa.contoh.invalid/d/"
"""Invented: ``.invalid`` leads nowhere on purpose."""


@cache
def _register_fonts() -> None:
    # ASCII85 would make every stream a quarter larger and cost time, for printers of the eighties.
    rl_config.useA85 = 0
    for name in (SANS, SANS_BOLD, SERIF, SERIF_BOLD, SERIF_ITALIC):
        pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf"))


def new_canvas(buffer: BytesIO, width: float, height: float, title: str) -> Canvas:
    """A canvas of this size in points. The title names the kind of document and nobody."""
    _register_fonts()
    # Without an initial font ReportLab leaves a Helvetica in the page that is not embedded; its stubs want a number.
    first_font: Any = SANS
    canvas = Canvas(buffer, pagesize=(width, height), initialFontName=first_font, pageCompression=1, lang="id-ID")
    canvas.setTitle(title)
    canvas.setAuthor("Dinas Dukcapil CONTOH RAYA (DOKUMEN CONTOH)")
    canvas.setSubject("DOKUMEN CONTOH")
    canvas.setProducer("Anjungan reference office")
    canvas.setCreator("Anjungan reference office")
    return canvas


def width_of(text: str, font: str, size: float) -> float:
    return float(pdfmetrics.stringWidth(text, font, size))


def write(canvas: Canvas, x: float, y: float, text: str, font: str, size: float, *, stretch: float = 100) -> None:
    """One line of text; ``stretch`` in per cent of its natural width."""
    line = canvas.beginText(x, y)
    line.setFont(font, size)
    if stretch != 100:
        line.setHorizScale(stretch)
    line.textOut(text)
    if stretch != 100:
        # The stretch belongs to the page's state, not to this line: left alone it narrows all that follows.
        line.setHorizScale(100)
    canvas.drawText(line)


def write_centred(canvas: Canvas, x: float, y: float, text: str, font: str, size: float) -> None:
    write(canvas, x - width_of(text, font, size) / 2, y, text, font, size)


def write_right(canvas: Canvas, x: float, y: float, text: str, font: str, size: float) -> None:
    write(canvas, x - width_of(text, font, size), y, text, font, size)


def write_fitted(
    canvas: Canvas, x: float, y: float, room: float, text: str, font: str, size: float, *, is_centred: bool = False
) -> None:
    """A line that is never wider than ``room`` and never cut: narrowed to 82 %, then set smaller."""
    width = width_of(text, font, size)
    if width > room:
        stretch = max(82.0, 100 * room / width)
        size = min(size, size * room / (width * stretch / 100))
        width = room
    else:
        stretch = 100
    write(canvas, x + ((room - width) / 2 if is_centred else 0), y, text, font, size, stretch=stretch)


def wrap(text: str, font: str, size: float, room: float) -> list[str]:
    """As few lines of whole words as ``room`` allows, all about as long as each other.

    Words joined by ``kept`` stay on one line where they fit on one.
    """
    pieces = [
        piece
        for word in text.split(" ")
        for piece in ([word] if width_of(word, font, size) <= room else word.split(_JOINT))
    ]
    words = [(piece, width_of(piece, font, size)) for piece in pieces]
    gap = width_of(" ", font, size)
    lines = _broken(words, gap, room)
    low, high = 0.0, room
    while high - low > 1:
        middle = (low + high) / 2
        tighter = _broken(words, gap, middle)
        if len(tighter) == len(lines):
            lines, high = tighter, middle
        else:
            low = middle
    return [line.replace(_JOINT, " ") for line in lines] or [""]


_JOINT = "\u00a0"


def kept(name: str) -> str:
    """A name that ``wrap`` does not break while it fits on a line."""
    return name.replace(" ", _JOINT)


def _broken(words: list[tuple[str, float]], gap: float, room: float) -> list[str]:
    lines: list[str] = []
    used = 0.0
    for word, width in words:
        if lines and used + gap + width <= room:
            lines[-1] += f" {word}"
            used += gap + width
        else:
            lines.append(word)
            used = width
    return lines


def contoh(canvas: Canvas, width: float, height: float, size: float) -> None:
    """The mark: large and pale across the sheet, under what is written. Draw it first."""
    canvas.saveState()
    canvas.setFillGray(MARK)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(32)
    write_centred(canvas, 0, -size * 0.36, "CONTOH", SANS_BOLD, size)
    canvas.restoreState()
    canvas.setFillGray(INK)
    canvas.setStrokeGray(LINE)


def pill(canvas: Canvas, right: float, y: float, size: float) -> None:
    """The mark in words, right-aligned."""
    text = "DOKUMEN CONTOH \u2022 SEMUA NAMA DAN NOMOR REKAAN"
    width = width_of(text, SANS_BOLD, size) + size * 1.6
    canvas.setStrokeGray(SOFT)
    canvas.setLineWidth(0.5)
    canvas.roundRect(right - width, y - size * 0.55, width, size * 1.75, size * 0.8, stroke=1, fill=0)
    canvas.setFillGray(SOFT)
    write(canvas, right - width + size * 0.8, y, text, SANS_BOLD, size)
    canvas.setFillGray(INK)


def emblem(canvas: Canvas, x: float, y: float, radius: float, grey: float = INK) -> None:
    """The invented region's emblem: a kawung of four ellipses in an eight-pointed ring. ``x, y`` is its middle."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.setStrokeGray(grey)
    canvas.setFillGray(grey)
    canvas.setLineWidth(radius * 0.06)
    for size in (1.0, 0.9):
        path = canvas.beginPath()
        for corner in range(16):
            reach = radius * size * (1.0 if corner % 2 == 0 else 0.86)
            angle = corner * pi / 8
            point = (reach * cos(angle), reach * sin(angle))
            (path.lineTo if corner else path.moveTo)(*point)
        path.close()
        canvas.drawPath(path)
    for _ in range(4):
        canvas.rotate(90)
        canvas.saveState()
        canvas.rotate(45)
        canvas.ellipse(radius * 0.09, -radius * 0.17, radius * 0.68, radius * 0.17, stroke=1, fill=0)
        canvas.ellipse(radius * 0.26, -radius * 0.05, radius * 0.50, radius * 0.05, stroke=0, fill=1)
        canvas.restoreState()
    canvas.circle(0, 0, radius * 0.06, stroke=0, fill=1)
    canvas.restoreState()


def qr(canvas: Canvas, x: float, y: float, side: float, payload: str) -> None:
    """A QR code with its quiet zone inside ``side``; ``x, y`` is its lower left corner."""
    # A fixed mask: trying all eight costs more than the rest of the sheet, and every mask is readable.
    code = segno.make_qr(payload, error="m", mask=4)
    rows: Sequence[Sequence[int]] = code.matrix
    quiet = 4
    cell = side / (len(rows) + 2 * quiet)
    canvas.setFillGray(1)
    canvas.rect(x, y, side, side, stroke=0, fill=1)
    canvas.setFillGray(0)
    path = canvas.beginPath()
    for number, row in enumerate(rows):
        top = y + side - (number + quiet + 1) * cell
        column = 0
        while column < len(row):
            if row[column]:
                end = column
                while end < len(row) and row[end]:
                    end += 1
                path.rect(x + (column + quiet) * cell, top, (end - column) * cell, cell)
                column = end
            column += 1
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.setFillGray(INK)
