"""Letters, lines and blocks in a thermal printer's cell of 12 by 24 dots (font A)."""

from functools import cache, lru_cache
from typing import Any

from PIL import Image, ImageChops, ImageDraw, ImageFont

CELL_WIDTH, CELL_HEIGHT = 12, 24
_BASE = 19

# Line drawing, which the font lacks: the arms that go out from the middle of the cell.
_BOX_ARMS = {"lr": "─═", "ud": "│║", "lrud": "┼╬╫╪"}
_BOX_ARMS |= {"rd": "┌╭╔╓╒", "ld": "┐╮╗╖╕", "ru": "└╰╚╙╘", "lu": "┘╯╝╜╛"}
_BOX_ARMS |= {"udr": "├╠╟╞", "udl": "┤╣╢╡", "lrd": "┬╦╥╤", "lru": "┴╩╨╧"}
_ARMS = {char: arms for arms, chars in _BOX_ARMS.items() for char in chars}
_MIDDLE = (CELL_WIDTH // 2, CELL_HEIGHT // 2)
_ARM_ENDS = {"l": (0, 12), "r": (CELL_WIDTH, 12), "u": (6, 0), "d": (6, CELL_HEIGHT)}
_BLOCKS = {"█": (0, 0, 12, 24), "▀": (0, 0, 12, 12), "▄": (0, 12, 12, 24), "▌": (0, 0, 6, 24), "▐": (6, 0, 12, 24)}
_SHADES = {"░": 4, "▒": 2, "▓": 3}


@cache
def _font() -> Any:
    from fontpkg_atkinson_hyperlegible import ROOT

    return ImageFont.truetype(str(ROOT / "files" / "AtkinsonHyperlegible-Regular.ttf"), 20)


@lru_cache(maxsize=512)
def glyph(char: str, across: int, down: int, is_bold: bool, is_underlined: bool, is_inverted: bool) -> Image.Image:
    """One cell, ``across`` times as wide and ``down`` times as high, black on white, one bit a dot."""
    arms = _ARMS.get(char)
    if arms is not None or char in _BLOCKS or char in _SHADES:
        cell = _drawn(char, arms or "")
    else:
        cell = _letter(char)
        if is_bold:
            cell = ImageChops.darker(cell.convert("L"), ImageChops.offset(cell.convert("L"), 1, 0)).convert("1")
    if is_underlined:
        ImageDraw.Draw(cell).line((0, CELL_HEIGHT - 1, CELL_WIDTH, CELL_HEIGHT - 1), fill=0)
    if is_inverted:
        # By way of grey: in a one-bit picture white may be held as 1 or as 255, and then inverts to nothing.
        cell = ImageChops.invert(cell.convert("L")).convert("1")
    return cell.resize((CELL_WIDTH * across, CELL_HEIGHT * down), Image.Resampling.NEAREST)


def _drawn(char: str, arms: str) -> Image.Image:
    cell = Image.new("1", (CELL_WIDTH, CELL_HEIGHT), 1)
    for arm in arms:
        ImageDraw.Draw(cell).line((_MIDDLE, _ARM_ENDS[arm]), fill=0, width=2)
    if char in _BLOCKS:
        cell.paste(0, _BLOCKS[char])
    step = _SHADES.get(char, 0)
    if step:
        for x in range(CELL_WIDTH):
            for y in range(CELL_HEIGHT):
                is_dark = (x + y) % step == 0 if char != "▓" else (x + y) % step != 0
                cell.putpixel((x, y), 0 if is_dark else 1)
    return cell


def _letter(char: str) -> Image.Image:
    """A letter in the middle of its cell; a wide one is drawn narrower."""
    length = _font().getlength(char)
    wide = Image.new("L", (max(CELL_WIDTH, round(length) + 1), CELL_HEIGHT), 255)
    ImageDraw.Draw(wide).text((wide.width / 2, _BASE), char, font=_font(), fill=0, anchor="ms")
    if wide.width > CELL_WIDTH:
        wide = wide.resize((CELL_WIDTH, CELL_HEIGHT), Image.Resampling.BOX)
    return wide.point(lambda value: 255 if value > 150 else 0).convert("1")
