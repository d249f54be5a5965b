"""Paper as a thermal printer fills it: lines of characters at dot positions, and pictures, one below the other."""

from dataclasses import dataclass, field
from enum import IntEnum

from PIL import Image

from kiosk.devices.slip.glyphs import CELL_HEIGHT, CELL_WIDTH, glyph

MAX_HEIGHT = 20_000
MAX_RUN = 2_000
MAX_NOTES = 64


class TooLongError(Exception):
    """No roll is that long."""


class Align(IntEnum):
    """ESC a."""

    LEFT = 0
    CENTRE = 1
    RIGHT = 2


@dataclass(slots=True)
class Style:
    """How the next characters look; ``width`` and ``height`` multiply a cell, ``spacing`` is the line's dots."""

    is_bold: bool = False
    is_underlined: bool = False
    is_inverted: bool = False
    width: int = 1
    height: int = 1
    align: Align = Align.LEFT
    spacing: int = 30


@dataclass(frozen=True, slots=True)
class _Placed:
    x: int
    char: str
    width: int
    height: int
    is_bold: bool
    is_underlined: bool
    is_inverted: bool

    @property
    def end(self) -> int:
        return self.x + self.width * CELL_WIDTH


@dataclass(slots=True)
class Paper:
    """The growing slip; ``left`` and ``area`` bound what is printed, in dots. Raises TooLongError."""

    width: int
    left: int = 0
    area: int | None = None
    image: Image.Image = field(init=False)
    y: int = 0
    x: int = 0
    lines: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    has_opened_drawer: bool = False
    _run: list[_Placed] = field(default_factory=list)
    _strip: list[Image.Image] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.image = Image.new("1", (self.width, 256), 1)

    @property
    def room(self) -> int:
        """Dots between the margins; the whole paper where they leave less than a letter."""
        room = min(self.width - self.left, self.width if self.area is None else self.area)
        return room if room >= CELL_WIDTH else self.width

    @property
    def is_line_open(self) -> bool:
        """Whether something waits for the line feed."""
        return bool(self._run or self._strip)

    @property
    def is_blank(self) -> bool:
        """Whether nothing at all has been put on it."""
        return not (self.y or self.lines or self.is_line_open)

    def note(self, what: str) -> None:
        """Something that was not understood; the first ``MAX_NOTES`` are kept."""
        if len(self.unknown) < MAX_NOTES:
            self.unknown.append(what)

    def put(self, char: str, style: Style) -> None:
        """One character at the present position; wraps at the edge."""
        if self.x + style.width * CELL_WIDTH > self.room or len(self._run) >= MAX_RUN:
            self.line_feed(style)
        placed = _Placed(self.x, char, style.width, style.height, style.is_bold, style.is_underlined, style.is_inverted)
        self._run.append(placed)
        self.x = placed.end

    def hang(self, picture: Image.Image) -> None:
        """A strip of ESC * beside what stands in the line already."""
        # What is wider than the head is not burnt.
        if sum(part.width for part in self._strip) + picture.width <= self.width:
            self._strip.append(picture)

    def line_feed(self, style: Style) -> None:
        """Print the open line."""
        run, strip = self._run, self._strip
        self._run, self._strip, self.x = [], [], 0
        if strip:
            picture = _side_by_side(strip)
            self.place(picture, style.align)
            self.feed(max(0, style.spacing - picture.height))
        if not run:
            if not strip:
                self.feed(style.spacing)
                self.lines.append("")
            return
        height = max(item.height for item in run) * CELL_HEIGHT
        line = Image.new("1", (max(item.end for item in run), height), 1)
        for item in run:
            picture = glyph(item.char, item.width, item.height, item.is_bold, item.is_underlined, item.is_inverted)
            line.paste(picture, (item.x, height - item.height * CELL_HEIGHT))
        self.lines.append(_text_of(run))
        self.place(line, style.align)
        self.feed(max(0, style.spacing - height))

    def feed(self, dots: int) -> None:
        """Blank paper."""
        self._room(dots)
        self.y += dots

    def place(self, picture: Image.Image, align: Align) -> None:
        """A picture at the present row."""
        self._room(picture.height)
        spare = max(0, self.room - picture.width)
        left = self.left + {Align.LEFT: 0, Align.CENTRE: spare // 2}.get(align, spare)
        self.image.paste(picture, (min(left, self.width), self.y))
        self.y += picture.height

    def cut(self) -> Image.Image:
        """The slip as it is."""
        return self.image.crop((0, 0, self.width, max(1, self.y)))

    def _room(self, height: int) -> None:
        need = self.y + height
        if need > MAX_HEIGHT:
            raise TooLongError
        if need > self.image.height:
            taller = Image.new("1", (self.width, max(need, 2 * self.image.height)), 1)
            taller.paste(self.image, (0, 0))
            self.image = taller


def _text_of(run: list[_Placed]) -> str:
    """The characters in the order of their places, gaps as blanks."""
    out, end = "", 0
    for item in sorted(run, key=lambda item: item.x):
        out += " " * max(0, (item.x - end) // CELL_WIDTH) + item.char
        end = item.end
    return out.rstrip()


def _side_by_side(pictures: list[Image.Image]) -> Image.Image:
    strip = Image.new("1", (sum(p.width for p in pictures), max(p.height for p in pictures)), 1)
    x = 0
    for picture in pictures:
        strip.paste(picture, (x, 0))
        x += picture.width
    return strip
