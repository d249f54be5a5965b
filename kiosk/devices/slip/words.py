"""A line of words in the printer's own letters: the code page that has them all, the size, the place."""

from kiosk.devices.contract import SlipWords
from kiosk.devices.slip.profiles import PrinterProfile

CELL_WIDTH, CELL_HEIGHT = 12, 24
"""Font A, in dots."""
_DOUBLE_HIGH_FROM, _DOUBLE_WIDE_FROM = 34, 46
"""Sizes of letters, in dots, from which they are written twice as high, and twice as wide."""
_HUGE_FROM, _MOST_TIMES = 80, 8
"""A number to be read from afar: as many times the letter as its room takes, in both ways."""
_MAX_SPACING = 255
MARGIN_DOTS = 16
"""Blank on both sides, as the pictures have it."""


def written_line(line: SlipWords, width_dots: int, profile: PrinterProfile) -> bytes | None:
    """The commands for one line, style set and reset. None where no code page has every character, or it won't fit."""
    high = 2 if line.size_dots >= _DOUBLE_HIGH_FROM else 1
    wide = 2 if line.size_dots >= _DOUBLE_WIDE_FROM else 1
    spacing = line.bottom - line.top
    columns = (width_dots - 2 * MARGIN_DOTS) // CELL_WIDTH
    need = len(line.left) + len(line.right) + bool(line.right)
    if need * wide > columns:
        wide = 1
    if line.size_dots >= _HUGE_FROM and need:
        high = wide = max(1, min(_MOST_TIMES, columns // need, spacing // CELL_HEIGHT))
    if need == 0 or need > columns or spacing > _MAX_SPACING or spacing < CELL_HEIGHT * high:
        return None
    words = line.left
    if line.right:
        words += " " * (columns // wide - len(line.left) - len(line.right)) + line.right
    written = _in_page(words, profile)
    if written is None:
        return None
    style = b"\x1ba" + bytes((int(line.is_centred and not line.right),))
    style += b"\x1bE" + bytes((int(line.is_bold),)) + b"\x1d!" + bytes(((wide - 1) << 4 | (high - 1),))
    indent = b"" if line.is_centred and not line.right else b"\x1b$" + MARGIN_DOTS.to_bytes(2, "little")
    return style + b"\x1b3" + bytes((spacing,)) + indent + written + b"\n" + b"\x1b2\x1d!\x00\x1bE\x00\x1ba\x00"


def _in_page(words: str, profile: PrinterProfile) -> bytes | None:
    """The characters with the page chosen before them; a control character is in no page."""
    if not words.isprintable():
        return None
    for codec, number in profile.code_pages.items():
        try:
            return b"\x1bt" + bytes((number,)) + words.encode(codec)
        except UnicodeEncodeError:
            continue
    return None
