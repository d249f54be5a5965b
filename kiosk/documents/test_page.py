"""Test pages of the technician: a ruler tells at a glance whether a printer scales, shifts or cuts."""

from datetime import datetime

from kiosk.documents.sheet_drawing import INK, LINE, SOFT, Sheet
from kiosk.texts import Texts

A4_MM = (210.0, 297.0)
ID_1_MM = (85.6, 53.98)


def draw_test_page(texts: Texts, *, kiosk_id: str, at: datetime) -> bytes:
    """A4 upright with rulers along both axes, corner marks 10 mm in, greys and small letters."""
    width, height = A4_MM
    sheet = Sheet(width, height, texts("test-page.title"))
    _corners(sheet, width, height, inset=10.0, arm=8.0)
    sheet.text(25, 40, texts("test-page.title"), 25, is_bold=True, room=width - 50)
    sheet.text(25, 48, f"{kiosk_id}   {at:%Y-%m-%d %H:%M}", 11, grey=SOFT)
    y = sheet.paragraph(25, 60, texts("test-page.how"), 12, width - 50)
    _ruler_across(sheet, 25, y + 10, 160)
    _ruler_down(sheet, 25, y + 10, 140)
    _greys(sheet, 45, y + 30, width - 70)
    for row, size in enumerate((16.0, 12.0, 9.0, 7.0, 5.0)):
        sheet.text(45, y + 62 + row * 9, f"{size:g} pt  Aa Bb Ee Gg 0123456789  {texts('test-page.words')}", size)
    for step in range(6):
        x = 45 + step * 24
        sheet.line(x, y + 112, x + 20, y + 132, width=0.05 * 2**step, grey=INK)
    return sheet.finish()


def draw_id1_test_page(texts: Texts, *, kiosk_id: str, at: datetime) -> bytes:
    """Two ID-1 faces, front and back: edge frame 2 mm in, rulers, and the side written large."""
    width, height = ID_1_MM
    sheet = Sheet(width, height, texts("test-page.title"))
    for side in ("front", "back"):
        _corners(sheet, width, height, inset=2.0, arm=4.0)
        sheet.text(8, 14, texts(f"test-page.{side}"), 14, is_bold=True, room=width - 16)
        sheet.text(8, 19.5, f"{kiosk_id}   {at:%Y-%m-%d %H:%M}", 6.5, grey=SOFT, room=width - 16)
        _ruler_across(sheet, 8, 26, 60)
        _greys(sheet, 8, 36, width - 16, height=8)
        sheet.text(8, height - 5, f"Aa Bb 0123456789  {texts('test-page.words')}", 5.5, room=width - 16)
        sheet.next_page()
    return sheet.finish()


def _corners(sheet: Sheet, width: float, height: float, *, inset: float, arm: float) -> None:
    for x, to_x in ((inset, 1), (width - inset, -1)):
        for y, to_y in ((inset, 1), (height - inset, -1)):
            sheet.line(x, y, x + arm * to_x, y, width=0.3, grey=INK)
            sheet.line(x, y, x, y + arm * to_y, width=0.3, grey=INK)


def _ruler_across(sheet: Sheet, x: float, y: float, length: int) -> None:
    sheet.line(x, y, x + length, y, width=0.25, grey=INK)
    for step in range(length + 1):
        tall = 5.0 if step % 10 == 0 else 3.5 if step % 5 == 0 else 2.0
        sheet.line(x + step, y, x + step, y + tall, width=0.12, grey=INK)
        if step % 10 == 0:
            sheet.text(x + step, y + 8, str(step), 7, grey=SOFT, align="centre")


def _ruler_down(sheet: Sheet, x: float, y: float, length: int) -> None:
    sheet.line(x, y, x, y + length, width=0.25, grey=INK)
    for step in range(10, length + 1):
        long = 5.0 if step % 10 == 0 else 3.5 if step % 5 == 0 else 2.0
        sheet.line(x, y + step, x + long, y + step, width=0.12, grey=INK)
        if step % 10 == 0:
            sheet.text(x + 6.5, y + step + 0.9, str(step), 7, grey=SOFT)


def _greys(sheet: Sheet, x: float, y: float, width: float, *, height: float = 18.0) -> None:
    step = width / 9
    for index in range(9):
        sheet.box(x + index * step, y, step, height, line=0.1, grey=LINE, fill=1.0 - index / 8)
