"""The pen that slips are drawn with: it moves down a strip of paper and knows the house's letters and band."""

import math
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache

import segno
from fontpkg_plus_jakarta_sans import ROOT
from PIL import Image, ImageDraw, ImageFont, ImageOps

FONT = ROOT / "files" / "PlusJakartaSans[wght].ttf"
BLACK, WHITE = 0, 255
MARGIN = 16
MAX_HEIGHT = 4000
LARGEST = 190
"""Size of the largest letters, in dots."""
DOTS_PER_MM = 8


class Type(Enum):
    """Size in dots and weight. Cap height is 0.7 of the size: BODY is 3.5 mm, the least that an elder reads."""

    OUTCOME = (64, 800)
    SERVICE = (46, 700)
    HEAD = (40, 700)
    BODY = (40, 500)
    LABEL = (32, 500)
    SMALL = (26, 500)

    def narrowed(self, width_dots: int) -> int:
        """The size on paper of this width: headlines shrink on narrow paper, text that must be read does not."""
        size: int = self.value[0]
        return size if width_dots >= 576 or size <= 40 else round(size * 0.8)


@dataclass(frozen=True, slots=True)
class Words:
    """Rows ``top`` up to ``bottom`` hold these words and nothing else; ``right`` stands at the right edge."""

    top: int
    bottom: int
    left: str
    right: str
    size_dots: int
    is_centred: bool
    is_bold: bool


BOLD_FROM = 600
"""Weight from which letters count as bold."""


@cache
def font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    """The house's letters at one size and weight."""
    face = ImageFont.truetype(str(FONT), size)
    face.set_variation_by_axes([weight])
    return face


class Pen:
    """Draws from the top down on white paper; ``y`` is where the next thing goes, in dots."""

    def __init__(self, width_dots: int) -> None:
        self.width = width_dots
        self.y = 0
        self.words: list[Words] = []
        self._paper = Image.new("L", (width_dots, MAX_HEIGHT), WHITE)
        self._draw = ImageDraw.Draw(self._paper)

    @property
    def inner(self) -> int:
        """Width between the margins."""
        return self.width - 2 * MARGIN

    def finish(self) -> Image.Image:
        """The strip as black and white dots, cut below the last thing."""
        return self._paper.crop((0, 0, self.width, self.y)).convert("1", dither=Image.Dither.NONE)

    def skip(self, dots: int) -> None:
        self.y += dots

    def text(self, words: str, kind: Type, *, is_centred: bool = False, indent: int = 0, room: int = 0) -> None:
        """Words broken into lines within ``room`` (the inner width by default), ``indent`` from the left margin."""
        size, weight = kind.narrowed(self.width), kind.value[1]
        face = font(size, weight)
        room = room or self.inner - indent
        for line in broken(words, face, room, is_centred=is_centred):
            x, anchor = (self.width / 2, "ma") if is_centred else (MARGIN + indent, "la")
            self._write(x, self.y, line, face, anchor)
            if not indent:
                bottom = self.y + math.ceil(size * 1.3)
                self.words.append(Words(self.y, bottom, line, "", size, is_centred, weight >= BOLD_FROM))
            self.y += round(face.size * 1.22)

    def _write(
        self, x: float, y: float, words: str, face: ImageFont.FreeTypeFont, anchor: str, ink: int = BLACK
    ) -> None:
        """One line, word by word. ``anchor`` as in Pillow: l, m or r, then a or s."""
        x -= {"l": 0.0, "m": 0.5, "r": 1.0}[anchor[0]] * _length(words, face)
        for word in words.split():
            self._draw.text((x, y), word, font=face, fill=ink, anchor=f"l{anchor[1]}")
            x += _wide(word, face) + _space(face)

    def number(self, words: str) -> None:
        """A number as large as the paper is wide, in the middle: to be read at arm's length and from across a table."""
        if not words:
            return
        size = LARGEST
        while _length(words, font(size, 800)) > self.inner:
            size -= 2
        paper = Image.new("L", (2 * self.width, 2 * size), BLACK)
        ImageDraw.Draw(paper).text((size, size), words, font=font(size, 800), fill=WHITE, anchor="lm")
        # In the middle by its ink: a 1 at an end has white beside it.
        ink = ImageOps.invert(paper.crop(paper.getbbox()))
        self._paper.paste(ink, ((self.width - ink.width) // 2, self.y))
        self.words.append(Words(self.y, self.y + ink.height, words, "", size, is_centred=True, is_bold=True))
        self.y += ink.height

    def row(self, label: str, value: str) -> None:
        """A label on the left and its value on the right; below each other where they do not fit."""
        # Narrow paper takes "Tanggal" and a date side by side only when both are a little smaller.
        small, large = (32, 36) if self.width >= 576 else (28, 32)
        left, right = font(small, 500), font(large, 700)
        if _length(label, left) + _length(value, right) + 24 > self.inner:
            self.text(label, Type.LABEL)
            self.text(value, Type.HEAD)
            return
        base = self.y + 38
        self._write(MARGIN, base, label, left, "ls")
        self._write(self.width - MARGIN, base, value, right, "rs")
        self.words.append(Words(self.y, self.y + 54, label, value, small, is_centred=False, is_bold=False))
        self.y += 54

    def rule(self) -> None:
        """A dotted line across: prints cleaner than a hairline, and cuts nothing in two."""
        for x in range(MARGIN, self.width - MARGIN, 12):
            self._draw.ellipse((x, self.y, x + 3, self.y + 3), fill=BLACK)
        self.y += 4

    def band(self) -> None:
        """The kawung band: four seeds around each crossing, one row, from edge to edge."""
        cells = self.width // 48
        cell = self.width / cells
        tile = _kawung(round(cell * 4)).resize((round(cell), round(cell)), Image.Resampling.LANCZOS)
        for index in range(cells):
            self._paper.paste(tile, (round(index * cell), self.y + 6))
        bottom = self.y + 6 + tile.height + 4
        self._draw.rectangle((0, self.y, self.width, self.y + 2), fill=BLACK)
        self._draw.rectangle((0, bottom, self.width, bottom + 2), fill=BLACK)
        self.y = bottom + 3

    def banner(self, words: str, below: str) -> None:
        """White words on black, for what people should see from afar, and one line below them inside."""
        big, small = font(56 if self.width >= 576 else 48, 800), font(28, 600)
        lines = broken(below, small, self.inner - 32, is_centred=True)
        height = round(big.size * 1.15) + len(lines) * 36 + 36
        self._draw.rounded_rectangle((MARGIN, self.y, self.width - MARGIN, self.y + height), 16, fill=BLACK)
        middle = self.width / 2
        self._write(middle, self.y + 8, words, big, "ma", WHITE)
        y = self.y + 16 + round(big.size * 1.15)
        for line in lines:
            self._write(middle, y, line, small, "ma", WHITE)
            y += 36
        self.y += height

    def ruler(self) -> None:
        """Millimetres across the whole head, every dot column once, and a stair of greys to see dead or weak dots."""
        for millimetre in range(self.width // DOTS_PER_MM + 1):
            height = 40 if millimetre % 10 == 0 else 28 if millimetre % 5 == 0 else 16
            x = min(millimetre * DOTS_PER_MM, self.width - 1)
            self._draw.line((x, self.y, x, self.y + height), fill=BLACK)
        self.y += 48
        for step in range(6):
            left, right = self.width * step // 6, self.width * (step + 1) // 6
            for x in range(left, right):
                for y in range(self.y, self.y + 40):
                    if (x + y) % (step + 1) == 0:
                        self._paper.putpixel((x, y), BLACK)
        self.y += 40

    def sign(self, kind: str) -> None:
        """A round sign in the middle: ``done`` a tick, ``stop`` a cross, ``ask`` a question mark. Shape, not colour."""
        size, middle, top = 112, self.width // 2, self.y
        box = (middle - size // 2, top, middle + size // 2, top + size)
        if kind == "done":
            self._draw.ellipse(box, fill=BLACK)
            points = [(middle - 26, top + 58), (middle - 7, top + 76), (middle + 28, top + 36)]
            self._draw.line(points, fill=WHITE, width=12, joint="curve")
            for x, y in (points[0], points[2]):
                self._draw.ellipse((x - 6, y - 6, x + 6, y + 6), fill=WHITE)
        else:
            self._draw.ellipse(box, outline=BLACK, width=9)
            mark = "!" if kind == "stop" else "?"
            self._draw.text((middle, top + size // 2), mark, font=font(76, 800), fill=BLACK, anchor="mm")
        self.y += size

    def qr(self, content: str, beside: list[tuple[str, Type]]) -> None:
        """A QR on the left and lines on its right; on narrow paper the lines go below it."""
        matrix = [list(row) for row in segno.make(content, error="m", micro=False).matrix]
        dot = 7
        side, top, quiet = len(matrix) * dot, self.y, 4 * dot
        is_wide = self.width >= 576
        x0 = quiet if is_wide else (self.width - side) // 2
        for row, modules in enumerate(matrix):
            for column, is_dark in enumerate(modules):
                if is_dark:
                    x, y = x0 + column * dot, top + quiet + row * dot
                    self._draw.rectangle((x, y, x + dot - 1, y + dot - 1), fill=BLACK)
        end = top + side + 2 * quiet
        if not is_wide:
            self.y = end
            for words, kind in beside:
                self.text(words, kind, is_centred=True)
            self.skip(10)
            return
        indent = x0 + side + quiet - MARGIN + 8
        self.y = top + quiet - 6
        for words, kind in beside:
            self.text(words, kind, indent=indent)
            self.skip(4)
        self.y = max(self.y, end)


@cache
def _kawung(size: int) -> Image.Image:
    """One cell, drawn large: four seed-shaped petals that point to the corners, a slit in each, a dot between."""
    tile = Image.new("L", (size, size), WHITE)
    petal = Image.new("L", (size, size), WHITE)
    pen = ImageDraw.Draw(petal)
    centre = size / 2
    length, half = size * 0.46, size * 0.135
    left, right = centre + size * 0.075, centre + size * 0.075 + length
    pen.ellipse((left, centre - half, right, centre + half), fill=BLACK)
    pen.ellipse((left + length * 0.30, centre - half * 0.24, right - length * 0.22, centre + half * 0.24), fill=WHITE)
    for angle in (45, 135, 225, 315):
        turned = petal.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=WHITE)
        tile.paste(BLACK, mask=turned.point(lambda value: 255 - value))
    pen = ImageDraw.Draw(tile)
    dot = size * 0.05
    for x, y in ((centre, 0), (centre, size), (0, centre), (size, centre)):
        pen.ellipse((x - dot, y - dot, x + dot, y + dot), fill=BLACK)
    return tile


def _space(face: ImageFont.FreeTypeFont) -> float:
    """The blank between words, wider than the font's own: heat makes letters run towards each other."""
    return _wide(" ", face) * 1.4


@lru_cache(maxsize=256)
def _wide(word: str, face: ImageFont.FreeTypeFont) -> float:
    """Kept, since lines are tried in many widths. Nothing personal stands on a slip."""
    return face.getlength(word)


def _length(words: str, face: ImageFont.FreeTypeFont) -> float:
    parts = words.split()
    return sum(_wide(part, face) for part in parts) + _space(face) * max(0, len(parts) - 1)


def broken(words: str, face: ImageFont.FreeTypeFont, room: float, *, is_centred: bool = False) -> list[str]:
    """Lines that fit ``room``, as few as can be. Centred ones are made even, and no single word stands on the last line
    where that can be helped; a word that alone is too long is broken by letters."""
    lines = best = _filled(words, face, room)
    if len(lines) < 2 or not (is_centred or " " not in lines[-1]):
        return lines
    narrower = room - 4
    while narrower > room / 2:
        closer = _filled(words, face, narrower)
        is_whole = " ".join(closer) == " ".join(lines)
        if len(closer) > len(lines) or not is_whole or any(_length(line, face) > narrower for line in closer):
            break
        if is_centred:
            best = closer
        elif " " in closer[-1]:
            return closer
        narrower -= 4
    return best


def _filled(words: str, face: ImageFont.FreeTypeFont, room: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in words.split():
        longer = f"{line} {word}".strip()
        if _length(longer, face) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while face.getlength(line) > room:
            fit = next(end for end in range(len(line) - 1, 0, -1) if face.getlength(line[:end]) <= room or end == 1)
            lines.append(line[:fit])
            line = line[fit:]
    return [*lines, line] if line else lines
