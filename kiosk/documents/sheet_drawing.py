"""What the kiosk's own A4 sheets share: letters, measures and lines. ReportLab; import on a worker."""

from collections.abc import Mapping
from functools import cache
from io import BytesIO

from fontpkg_atkinson_hyperlegible import ROOT
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

REGULAR, BOLD = "AtkinsonHyperlegible-Regular", "AtkinsonHyperlegible-Bold"
INK, SOFT, LINE = 0.08, 0.32, 0.62
MARGIN_MM = 18.0


@cache
def register_fonts() -> None:
    """Make the letters known to ReportLab, once a process."""
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(ROOT / "files" / f"{name}.ttf")))


class Sheet:
    """A page in millimetres from its upper left corner; every font is embedded."""

    def __init__(self, width_mm: float, height_mm: float, title: str) -> None:
        register_fonts()
        self._out = BytesIO()
        self.width, self.height = width_mm, height_mm
        # Without an initial font ReportLab would name Helvetica, which is not embedded.
        self.canvas = Canvas(
            self._out,
            pagesize=(width_mm * mm, height_mm * mm),
            initialFontName=REGULAR,  # type: ignore[arg-type]  # the stubs take it for a number
            pageCompression=1,
        )
        self.canvas.setTitle(title)
        self.canvas.setAuthor("Anjungan")

    def finish(self) -> bytes:
        self.canvas.save()
        return self._out.getvalue()

    def next_page(self) -> None:
        self.canvas.showPage()

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        *,
        is_bold: bool = False,
        grey: float = INK,
        align: str = "left",
        room: float | None = None,
    ) -> None:
        """One line with its baseline at ``y``; made smaller to fit ``room``."""
        font = BOLD if is_bold else REGULAR
        if room is not None:
            size = _fitted(words, font, size, room * mm)
        self.canvas.setFillGray(grey)
        self.canvas.setFont(font, size)
        draw = {
            "left": self.canvas.drawString,
            "right": self.canvas.drawRightString,
            "centre": self.canvas.drawCentredString,
        }[align]
        draw(x * mm, (self.height - y) * mm, words)

    def paragraph(
        self, x: float, y: float, words: str, size: float, room: float, *, leading: float = 1.35, is_bold: bool = False
    ) -> float:
        """Words broken into lines of ``room`` mm; the baseline after the last one."""
        for line in broken(words, size, room, is_bold=is_bold):
            self.text(x, y, line, size, is_bold=is_bold)
            y += size * leading / mm
        return y

    def line(self, x1: float, y1: float, x2: float, y2: float, *, width: float = 0.25, grey: float = LINE) -> None:
        self.canvas.setStrokeGray(grey)
        self.canvas.setLineWidth(width * mm)
        self.canvas.line(x1 * mm, (self.height - y1) * mm, x2 * mm, (self.height - y2) * mm)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        radius: float = 0.0,
        line: float = 0.25,
        grey: float = LINE,
        fill: float | None = None,
    ) -> None:
        self.canvas.setStrokeGray(grey)
        self.canvas.setLineWidth(line * mm)
        if fill is not None:
            self.canvas.setFillGray(fill)
        self.canvas.roundRect(
            x * mm,
            (self.height - y - height) * mm,
            width * mm,
            height * mm,
            radius * mm,
            stroke=int(line > 0),
            fill=int(fill is not None),
        )


def as_text(value: object, language: str) -> str:
    """A value of ``kiosk.api`` as it crosses in JSON: text, a coded entry with its label, or nothing."""
    if isinstance(value, Mapping):
        label = value.get("label")
        if isinstance(label, Mapping):
            return str(label.get(language) or label.get("id") or "")
        return str(label or "")
    return "" if value is None else str(value)


def broken(words: str, size: float, room: float, *, is_bold: bool = False) -> list[str]:
    """Lines that fit ``room`` mm; a single word that is wider stands alone."""
    font = BOLD if is_bold else REGULAR
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and pdfmetrics.stringWidth(longer, font, size) > room * mm:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _fitted(words: str, font: str, size: float, room: float) -> float:
    """The size at which the words fit: nothing is ever cut from a paper that is for checking."""
    width: float = pdfmetrics.stringWidth(words, font, size)
    return size if width <= room else size * room / width
