"""What the ruler pages are drawn with: scales along the edges, bars of a known length, arrows, greys, a QR."""

from collections.abc import Iterable

from kiosk.documents.sheet_drawing import INK, LINE, SOFT, Sheet

TICK_MM = 0.12


def corner_marks(sheet: Sheet, *, inset: float, arm: float) -> None:
    """An angle in each corner, so far from both edges."""
    for x, to_x in ((inset, 1), (sheet.width - inset, -1)):
        for y, to_y in ((inset, 1), (sheet.height - inset, -1)):
            sheet.line(x, y, x + arm * to_x, y, width=0.3, grey=INK)
            sheet.line(x, y, x, y + arm * to_y, width=0.3, grey=INK)


def edge_scales(sheet: Sheet, *, inset: float, free: float, size: float, ticks: tuple[float, float, float]) -> None:
    """Millimetres along all four sides, counted from the left and the upper edge of the paper.

    ``inset`` from the edge, ``free`` at the corners; ``ticks`` are the lengths for 10, 5 and 1 mm.
    """
    for step in _steps(sheet.width, free):
        length, is_ten = _tick(step, ticks), step % 10 == 0
        sheet.line(step, inset, step, inset + length, width=TICK_MM, grey=INK)
        sheet.line(step, sheet.height - inset, step, sheet.height - inset - length, width=TICK_MM, grey=INK)
        if is_ten:
            below = inset + ticks[0] + size * 0.36
            sheet.text(step, below, str(step), size, grey=SOFT, align="centre")
            sheet.text(step, sheet.height - inset - ticks[0] - 0.4, str(step), size, grey=SOFT, align="centre")
    for step in _steps(sheet.height, free):
        length, is_ten = _tick(step, ticks), step % 10 == 0
        sheet.line(inset, step, inset + length, step, width=TICK_MM, grey=INK)
        sheet.line(sheet.width - inset, step, sheet.width - inset - length, step, width=TICK_MM, grey=INK)
        if is_ten:
            base = step + size * 0.12
            sheet.text(inset + ticks[0] + 0.5, base, str(step), size, grey=SOFT)
            sheet.text(sheet.width - inset - ticks[0] - 0.5, base, str(step), size, grey=SOFT, align="right")


def _steps(length: float, free: float) -> Iterable[int]:
    return range(int(free), int(length - free) + 1)


def _tick(step: int, ticks: tuple[float, float, float]) -> float:
    return ticks[0] if step % 10 == 0 else ticks[1] if step % 5 == 0 else ticks[2]


def bar(sheet: Sheet, x: float, y: float, width: float, height: float) -> None:
    """A solid bar without an outline, so that its edges are exactly where they are said to be."""
    sheet.box(x, y, width, height, line=0, fill=0.0)


def arrow_across(sheet: Sheet, x: float, y: float, half: float, label: str, size: float) -> None:
    """From the left edge to a line at ``x``: what is measured there is the shift to the right."""
    sheet.line(x, y - half, x, y + half, width=0.25, grey=INK)
    sheet.line(x - 6, y, x, y, width=0.25, grey=INK)
    for side in (-1, 1):
        sheet.line(x, y, x - 1.6, y + 1.1 * side, width=0.25, grey=INK)
    sheet.text(x + 1.5, y + size * 0.12, label, size, is_bold=True)


def arrow_down(sheet: Sheet, x: float, y: float, half: float, label: str, size: float) -> None:
    """From the upper edge to a line at ``y``."""
    sheet.line(x - half, y, x + half, y, width=0.25, grey=INK)
    sheet.line(x, y - 6, x, y, width=0.25, grey=INK)
    for side in (-1, 1):
        sheet.line(x, y, x + 1.1 * side, y - 1.6, width=0.25, grey=INK)
    sheet.text(x + half + 1.0, y + size * 0.12, label, size, is_bold=True)


def greys(sheet: Sheet, x: float, y: float, width: float, *, height: float) -> None:
    """Nine steps from white to black: a worn ribbon or toner shows first in the middle."""
    step = width / 9
    for index in range(9):
        sheet.box(x + index * step, y, step, height, line=0.1, grey=LINE, fill=1.0 - index / 8)


def hairlines(sheet: Sheet, x: float, y: float, width: float, height: float) -> None:
    """Six slanting lines from 0.05 mm up."""
    step = width / 6
    for index in range(6):
        left = x + index * step
        sheet.line(left, y, left + step * 0.8, y + height, width=0.05 * 2**index, grey=INK)


def qr_code(sheet: Sheet, x: float, y: float, side: float, content: str) -> None:
    """A QR without its quiet zone, ``side`` mm wide."""
    import segno

    matrix = list(segno.make_qr(content, error="m").matrix)
    module = side / len(matrix)
    for row, cells in enumerate(matrix):
        start = None
        for column, is_dark in enumerate([*cells, 0]):
            if is_dark and start is None:
                start = column
            elif not is_dark and start is not None:
                # Runs, not single squares: no white hair between neighbours.
                bar(sheet, x + start * module, y + row * module, (column - start) * module, module)
                start = None
