"""Slips: designed pictures of one bit a dot, so that every thermal printer shows the same letters and the same band.

203 dots an inch (8 dots a millimetre), 576 or 384 dots wide. Nothing personal stands on a slip: no name, no number of a
person; its QR holds an opaque slip id, or the very number that stands above it. Import on the core's side: Pillow is
slow to load.
"""

from dataclasses import dataclass, field
from datetime import datetime

from PIL import Image

from kiosk.documents.slip_drawing import Pen, Words
from kiosk.documents.slip_layouts import DRAW, SlipLayout
from kiosk.texts import Texts

__all__ = ["Bitmap", "SlipFacts", "SlipLayout", "draw_slip"]

WIDTHS_DOTS = (384, 576)
_INVERTED = bytes(byte ^ 0xFF for byte in range(256))


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """What a slip may tell. ``service`` is the flow's title; ``slip_id`` leads to nobody.

    ``label`` is the number that was given, ``about`` the queue's name or the complaint's topic.
    """

    office: str
    place: str
    service: str
    at: datetime
    slip_id: str
    kiosk_id: str
    pages: int | None = None
    code: str = ""
    label: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Bitmap:
    """``rows`` of ``width_dots / 8`` bytes, most significant bit left, 1 is black; ``words``: the lines of text."""

    width_dots: int
    height_dots: int
    rows: bytes = field(repr=False)
    words: tuple[Words, ...] = field(default=(), repr=False)

    def picture(self) -> Image.Image:
        """As a picture, black on white."""
        return Image.frombytes("1", (self.width_dots, self.height_dots), self.rows.translate(_INVERTED))


def draw_slip(layout: SlipLayout, facts: SlipFacts, texts: Texts, width_dots: int = 576) -> Bitmap:
    """Draw one slip; about 25 ms. Raises ValueError for a width that no printer of ours has."""
    if width_dots not in WIDTHS_DOTS:
        raise ValueError(f"{width_dots} dots")
    pen = Pen(width_dots)
    DRAW[layout](pen, facts, texts)
    picture = pen.finish()
    rows = picture.tobytes().translate(_INVERTED)
    return Bitmap(width_dots, picture.height, rows, tuple(pen.words))
