"""The ruler pages of the technician, A4 and ID-1: does the printer scale, shift or cut, and is the print still good.

Everything is vector and measured from the paper's upper left corner. Two arrows, A from the left and B from the upper
edge, end at a line whose distance is printed beside it: what a ruler says instead is entered on the technician's page.
"""

from dataclasses import dataclass
from datetime import datetime

from kiosk.documents.ruler_drawing import (
    arrow_across,
    arrow_down,
    bar,
    corner_marks,
    edge_scales,
    greys,
    hairlines,
    qr_code,
)
from kiosk.documents.sheet_drawing import SOFT, Sheet
from kiosk.texts import Texts

A4_MM = (210.0, 297.0)
ID_1_MM = (85.6, 53.98)

A4_ARROW_MM = 40.0
ID_1_ARROW_MM = 15.0
"""Where arrows A and B end when nothing is shifted."""

A4_BAR = (45.0, 118.0, 100.0, 4.0)
A4_BAR_DOWN = (160.0, 118.0, 4.0, 100.0)
A4_SHORT_BAR = (45.0, 134.0, 50.0, 4.0)
ID_1_BAR = (18.0, 24.0, 50.0, 2.0)
ID_1_BAR_DOWN = (72.0, 17.0, 2.0, 20.0)
"""x, y, width and height in mm: these lengths show a scale of 100 %."""


@dataclass(frozen=True, slots=True)
class RulerFacts:
    """What stands on the page about itself. ``how`` says in words who moves the picture."""

    kiosk_id: str
    at: datetime
    printer: str = ""
    media: str = ""
    shift: tuple[float, float] = (0.0, 0.0)
    how: str = ""


def shift_words(shift: tuple[float, float]) -> str:
    """``x +1.5 mm, y -0.5 mm``; the same on paper, screen and in ``kiosk diagnose``."""
    return f"x {shift[0]:+.1f} mm, y {shift[1]:+.1f} mm"


def draw_test_page(texts: Texts, facts: RulerFacts) -> bytes:
    """A4 upright, one page."""
    sheet = Sheet(*A4_MM, texts("test-page.title"))
    corner_marks(sheet, inset=6.0, arm=7.0)
    edge_scales(sheet, inset=8.0, free=20.0, size=6.5, ticks=(4.0, 3.0, 2.0))
    arrow_across(sheet, A4_ARROW_MM, 105, 6, f"A = {A4_ARROW_MM:.1f} mm", 11)
    arrow_down(sheet, 105, A4_ARROW_MM, 6, f"B = {A4_ARROW_MM:.1f} mm", 11)
    sheet.text(25, 30, texts("test-page.title"), 22, is_bold=True, room=75)
    y = 52.0
    for key, value in _rows(facts):
        sheet.text(25, y, texts(key), 10, grey=SOFT, room=38)
        sheet.text(64, y, value, 10, is_bold=True, room=120)
        y += 5.2
    sheet.paragraph(25, y + 3, texts("test-page.how"), 10.5, 160)
    bar(sheet, *A4_BAR)
    sheet.text(A4_BAR[0], A4_BAR[1] + 8.5, texts("test-page.bar", mm=100), 9.5)
    bar(sheet, *A4_SHORT_BAR)
    sheet.text(A4_SHORT_BAR[0], A4_SHORT_BAR[1] + 8.5, texts("test-page.bar", mm=50), 9.5)
    bar(sheet, *A4_BAR_DOWN)
    sheet.text(A4_BAR_DOWN[0] + 6, A4_BAR_DOWN[1] + 52, texts("test-page.bar", mm=100), 9.5, room=26)
    greys(sheet, 25, 152, 120, height=14)
    qr_code(sheet, 25, 174, 30, _code(facts, "A4"))
    for row, size in enumerate((14.0, 11.0, 8.0, 6.0, 5.0)):
        line = f"{size:g} pt  Aa Bb Ee Gg 0123456789  {texts('test-page.words')}"
        sheet.text(62, 179 + row * 6, line, size, room=92)
    hairlines(sheet, 25, 212, 120, 14)
    sheet.paragraph(25, 240, texts("test-page.media"), 10.5, 160)
    return sheet.finish()


def draw_id1_test_page(texts: Texts, facts: RulerFacts) -> bytes:
    """Two ID-1 faces, front and back, each with its own scales: the back of a card shifts by itself."""
    sheet = Sheet(*ID_1_MM, texts("test-page.title"))
    for side in ("front", "back"):
        corner_marks(sheet, inset=1.5, arm=3.0)
        edge_scales(sheet, inset=1.5, free=6.0, size=3.6, ticks=(2.0, 1.5, 1.0))
        arrow_across(sheet, ID_1_ARROW_MM, 20.5, 2, f"A = {ID_1_ARROW_MM:.1f} mm", 5)
        arrow_down(sheet, 48, ID_1_ARROW_MM, 3, f"B = {ID_1_ARROW_MM:.1f} mm", 5)
        sheet.text(7, 10.5, f"{texts(f'test-page.{side}')} · {facts.kiosk_id}", 7, is_bold=True, room=36)
        sheet.text(7, 14, f"{facts.at:%Y-%m-%d %H:%M}", 4.8, grey=SOFT, room=36)
        bar(sheet, *ID_1_BAR)
        sheet.text(ID_1_BAR[0], ID_1_BAR[1] + 4.2, texts("test-page.bar", mm=50), 4.8)
        bar(sheet, *ID_1_BAR_DOWN)
        sheet.text(ID_1_BAR_DOWN[0] + 1, ID_1_BAR_DOWN[1] + 22.2, "20 mm", 4.8, align="centre")
        qr_code(sheet, 7, 31, 14, _code(facts, f"ID-1 {side}"))
        greys(sheet, 24, 31, 44, height=4)
        sheet.text(24, 38, f"{facts.printer}  {facts.media}", 4.4, room=44)
        sheet.text(24, 41, f"{shift_words(facts.shift)}  {facts.how}", 4.4, room=44)
        sheet.text(24, 44, f"Aa Bb 0123456789  {texts('test-page.words')}", 5, room=44)
        sheet.next_page()
    return sheet.finish()


def _rows(facts: RulerFacts) -> list[tuple[str, str]]:
    return [
        ("test-page.printer", facts.printer),
        ("test-page.paper", facts.media),
        ("test-page.kiosk", f"{facts.kiosk_id}   {facts.at:%Y-%m-%d %H:%M}"),
        ("test-page.shift", f"{shift_words(facts.shift)}   {facts.how}"),
    ]


def _code(facts: RulerFacts, paper: str) -> str:
    """Nothing personal: it only has to be readable."""
    return f"ANJUNGAN {paper} {facts.kiosk_id} {facts.at:%Y-%m-%dT%H:%M} {shift_words(facts.shift)}"
