"""ESC/POS bytes as a picture and as text: what a thermal printer would have put on the paper.

For the dock, the tests and the documentation. Understands text with its styles, rasters (``GS v 0``, ``ESC *``,
``GS ( L``), QR codes (``GS ( k``), bar codes (``GS k``) and the cut; passes over what only moves hardware; notes what
it doesn't know. Takes any bytes: it raises nothing, and draws at most ``MAX_ROWS`` rows of paper.
"""

from dataclasses import dataclass

from PIL import Image

from kiosk.devices.slip.glyphs import CELL_WIDTH
from kiosk.devices.slip.paper import MAX_HEIGHT, Align, Paper, Style, TooLongError
from kiosk.devices.slip.symbols import bar_picture, bar_widths, qr_picture

ESC, GS, FS, DLE = 0x1B, 0x1D, 0x1C, 0x10
MAX_ROWS = 3 * MAX_HEIGHT
"""Rows of paper in one stream, 7.5 m; what comes behind them is not drawn."""
MAX_BYTES_ACROSS = 512


@dataclass(slots=True)
class DecodedSlip:
    """One cut piece of paper. ``text`` holds the printed lines, ``codes`` the contents of its QR codes."""

    image: Image.Image
    text: str
    codes: list[str]
    has_cut: bool
    unknown: list[str]
    has_opened_drawer: bool = False


KATAKANA = "katakana"
_BLOCKS = "▁▂▃▄▅▆▇█▏▎▍▌▋▊▉┼┴┬┤├▔─│▕┌┐└┘╭╮╰╯"
# The code tables that receipts use; any other falls back to cp437.
_CODE_TABLES = {
    1: KATAKANA,
    0: "cp437",
    2: "cp850",
    3: "cp860",
    4: "cp863",
    5: "cp865",
    13: "cp857",
    16: "cp1252",
    17: "cp866",
}
_CODE_TABLES |= {16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858"}


class _Decoder:
    """Reads the bytes from left to right; every branch moves on by at least one."""

    def __init__(self, data: bytes, width: int) -> None:
        self.data = data
        self.width = width
        self.at = 0
        self.style = Style()
        self.codepage = "cp437"
        self.paper = Paper(width)
        self.slips: list[DecodedSlip] = []
        self.qr_module = 3
        self.qr_level = "l"
        self.qr_data = b""
        self.graphics: Image.Image | None = None
        self.bar_height, self.bar_module, self.bar_words = 162, 3, 0
        self.rows = 0

    def run(self) -> list[DecodedSlip]:
        try:
            self._read()
        except TooLongError:
            self.paper.note("too long")
            self._end(has_cut=False)
        return self.slips

    def _read(self) -> None:
        while self.at < len(self.data):
            byte = self.data[self.at]
            self.at += 1
            if byte == ESC:
                self._esc()
            elif byte == GS:
                self._gs()
            elif byte == FS:
                self._fs()
            elif byte == DLE:
                self._dle()
            elif byte == 0x0A:
                self._line_feed()
            elif byte == 0x09:
                self.paper.x = (self.paper.x // (8 * CELL_WIDTH) + 1) * 8 * CELL_WIDTH
            elif byte >= 0x20:
                self._put(self._char(byte))
        if not self.paper.is_blank:
            self._cut(has_cut=False)

    # --- reading ----------------------------------------------------------------------------------------------------

    def _take(self, count: int) -> bytes:
        taken = self.data[self.at : self.at + count]
        self.at += count
        return taken

    def _byte(self) -> int:
        taken = self._take(1)
        return taken[0] if taken else 0

    def _word(self) -> int:
        return int.from_bytes(self._take(2), "little")

    # --- text -------------------------------------------------------------------------------------------------------

    def _char(self, byte: int) -> str:
        if self.codepage == KATAKANA:
            if 0x80 <= byte < 0xA0:
                return _BLOCKS[byte - 0x80]
            return bytes((byte,)).decode("shift_jis", "replace")
        return bytes((byte,)).decode(self.codepage, "replace")

    def _put(self, text: str) -> None:
        for char in text:
            self.paper.put(char, self.style)

    def _line_feed(self) -> None:
        self.paper.line_feed(self.style)

    def _feed(self, dots: int) -> None:
        if self.paper.is_line_open:
            self._line_feed()
        self.paper.feed(dots)

    def _cut(self, has_cut: bool = True) -> None:
        if self.paper.is_line_open:
            self._line_feed()
        self._end(has_cut)
        if self.rows > MAX_ROWS:
            self.at = len(self.data)

    def _end(self, has_cut: bool) -> None:
        paper = self.paper
        image = paper.cut()
        self.rows += image.height
        self.slips.append(
            DecodedSlip(image, "\n".join(paper.lines), paper.codes, has_cut, paper.unknown, paper.has_opened_drawer)
        )
        self.paper = Paper(self.width, left=paper.left, area=paper.area)

    # --- commands ---------------------------------------------------------------------------------------------------

    def _esc(self) -> None:
        code = self._byte()
        style = self.style
        match chr(code):
            case "@":
                self.style, self.codepage = Style(), "cp437"
                self.paper.left, self.paper.area = 0, None
            case "!":
                mode = self._byte()
                style.is_bold, style.is_underlined = bool(mode & 8), bool(mode & 128)
                style.height, style.width = (2 if mode & 16 else 1), (2 if mode & 32 else 1)
            case "E" | "G":
                style.is_bold = bool(self._byte() & 1)
            case "-":
                style.is_underlined = self._byte() % 48 > 0
            case "a":
                style.align = Align(min(self._byte() % 48, 2))
            case "d":
                lines = self._byte()
                if self.paper.is_line_open:
                    self._line_feed()
                    lines -= 1
                self._feed(max(0, lines) * style.spacing)
            case "J":
                self._feed(self._byte())
            case "2":
                style.spacing = 30
            case "3":
                style.spacing = self._byte()
            case "t":
                self.codepage = _CODE_TABLES.get(self._byte(), "cp437")
            case "*":
                self._column_image()
            case "i" | "m":
                self._cut()
            case "p":
                self._take(3)
                self.paper.has_opened_drawer = True
            case "$":
                self.paper.x = self._word()
            case "\\":
                moved = self._word()
                self.paper.x = max(0, self.paper.x + (moved - 0x10000 if moved > 0x7FFF else moved))
            case "c":
                self._take(2)
            case "D":
                end = self.data.find(b"\x00", self.at)
                self.at = len(self.data) if end < 0 else end + 1
            case "W":
                self._take(8)
            case "(":
                self._byte()
                self._take(self._word())
            case "<" | "L" | "S" | "\x0c":
                pass
            case "M" | "R" | "V" | " " | "r" | "U" | "=" | "T" | "{" | "s" | "%" | "?" | "e":
                self._byte()
            case _:
                self.paper.note(f"ESC {code:02x}")

    def _gs(self) -> None:
        code = self._byte()
        style = self.style
        match chr(code):
            case "!":
                size = self._byte()
                style.width, style.height = (size >> 4 & 7) + 1, (size & 7) + 1
            case "B":
                style.is_inverted = bool(self._byte() & 1)
            case "V":
                mode = self._byte()
                if mode in (65, 66, 97, 98, 103, 104):
                    self._feed(self._byte())
                self._cut()
            case "v":
                self._byte()
                mode, wide, high = self._byte(), self._word(), self._word()
                self._raster(self._take(wide * high), wide, high, mode & 1, mode >> 1 & 1)
            case "(":
                self._extended()
            case "8":
                self._byte()
                length = int.from_bytes(self._take(4), "little")
                self._graphics(self._take(length))
            case "k":
                self._barcode()
            case "L":
                self.paper.left = self._word()
            case "W":
                self.paper.area = self._word()
            case "h":
                self.bar_height = max(1, self._byte())
            case "w":
                self.bar_module = max(1, min(self._byte(), 6))
            case "H":
                self.bar_words = self._byte() % 48
            case "P" | "$" | "\\":
                self._take(2)
            case "*":
                across, down = self._byte(), self._byte()
                self._take(across * down * 8)
            case ":":
                pass
            case "a" | "r" | "I" | "f" | "b" | "T" | "E" | "/" | "c" | "j":
                self._byte()
            case "g":
                self._take(4)
            case _:
                self.paper.note(f"GS {code:02x}")

    def _fs(self) -> None:
        code = self._byte()
        match chr(code):
            case "." | "&":
                pass
            case "!" | "C" | "-" | "W":
                self._byte()
            case "S" | "p":
                self._take(2)
            case "(":
                self._byte()
                self._take(self._word())
            case _:
                self.paper.note(f"FS {code:02x}")

    def _dle(self) -> None:
        code = self._byte()
        if code in (0x04, 0x05):
            self._byte()
        elif code == 0x14:
            function = self._byte()
            self._take(7 if function == 8 else 2)
        else:
            self.paper.note(f"DLE {code:02x}")

    def _extended(self) -> None:
        family = self._byte()
        body = self._take(self._word())
        if family == ord("k") and len(body) >= 2:
            self._two_dimensional(body[0], body[1], body[2:])
        elif family == ord("L"):
            self._graphics(body)

    def _two_dimensional(self, symbol: int, function: int, body: bytes) -> None:
        if symbol != 49:
            self.paper.note(f"symbol {symbol}")
        elif function == 67 and body:
            self.qr_module = max(1, min(body[0], 16))
        elif function == 69 and body:
            self.qr_level = {48: "l", 49: "m", 50: "q", 51: "h"}.get(body[0], "l")
        elif function == 80:
            self.qr_data = body[1:]
        elif function == 81 and self.qr_data:
            self._draw_qr()

    def _draw_qr(self) -> None:
        picture = qr_picture(self.qr_data, self.qr_level, self.qr_module)
        if picture is None or picture.width > self.width:
            self.paper.note("QR too large")
            return
        if self.paper.is_line_open:
            self._line_feed()
        self.paper.place(picture, self.style.align)
        self.paper.codes.append(self.qr_data.decode("utf-8", "replace"))

    def _barcode(self) -> None:
        """Bars, and their words where the host asked for them; a kind that is not drawn stands as its words."""
        kind = self._byte()
        if kind >= 65:
            content = self._take(self._byte())
        else:
            end = self.data.find(b"\x00", self.at)
            content = self._take((len(self.data) if end < 0 else end) - self.at)
            self._byte()
        if self.paper.is_line_open:
            self._line_feed()
        drawn = bar_widths(kind, content)
        picture = bar_picture(drawn[0], self.bar_module, self.bar_height) if drawn is not None else None
        if drawn is None or picture is None or picture.width > self.width:
            self.paper.note(f"bar code {kind}")
            return
        if self.bar_words & 1:
            self._barcode_words(drawn[1])
        self.paper.place(picture, self.style.align)
        if self.bar_words & 2:
            self._barcode_words(drawn[1])

    def _barcode_words(self, words: str) -> None:
        for char in words:
            self.paper.put(char, Style(align=self.style.align))
        self.paper.line_feed(Style(align=self.style.align, spacing=24))

    # --- pictures ---------------------------------------------------------------------------------------------------

    def _raster(self, rows: bytes, wide: int, high: int, is_double_wide: int, is_double_high: int) -> None:
        if wide == 0 or high == 0 or len(rows) < wide * high:
            return
        if wide > MAX_BYTES_ACROSS or high > MAX_HEIGHT:
            self.paper.note("raster too large")
            return
        # What is wider than the head is not burnt.
        picture = _from_bits(rows, wide, high).crop((0, 0, min(wide * 8, self.width), high))
        if is_double_wide or is_double_high:
            picture = picture.resize(
                (picture.width << is_double_wide, high << is_double_high), Image.Resampling.NEAREST
            )
        if self.paper.is_line_open:
            self._line_feed()
        self.paper.place(picture, self.style.align)

    def _graphics(self, body: bytes) -> None:
        if len(body) >= 10 and body[1] in (112, 49) and body[2] == 48:
            across, down = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
            wide = (across + 7) // 8
            if across and 0 < down <= MAX_HEIGHT and wide <= MAX_BYTES_ACROSS and len(body) - 10 >= wide * down:
                across = min(across, self.width)
                picture = _from_bits(body[10 : 10 + wide * down], wide, down).crop((0, 0, across, down))
                scale = (across * (2 if body[3] == 2 else 1), down * (2 if body[4] == 2 else 1))
                self.graphics = picture.resize(scale, Image.Resampling.NEAREST)
        elif len(body) >= 2 and body[1] in (50, 2) and self.graphics is not None:
            if self.paper.is_line_open:
                self._line_feed()
            self.paper.place(self.graphics, self.style.align)
            self.graphics = None

    def _column_image(self) -> None:
        mode, columns = self._byte(), self._word()
        deep = 3 if mode in (32, 33) else 1
        data = self._take(columns * deep)
        if columns == 0 or len(data) < columns * deep or columns > MAX_BYTES_ACROSS * 8:
            return
        # Each column comes top down: as rows of a picture that lies on its side.
        lying = _from_bits(data, deep, columns)
        picture = lying.transpose(Image.Transpose.TRANSPOSE)
        across = columns * (2 if mode in (0, 32) else 1)
        down = deep * 8 * (3 if deep == 1 else 1)
        self.paper.hang(picture.resize((across, down), Image.Resampling.NEAREST))


_INVERTED = bytes(byte ^ 0xFF for byte in range(256))


def _from_bits(rows: bytes, wide: int, high: int) -> Image.Image:
    return Image.frombytes("1", (wide * 8, high), rows[: wide * high].translate(_INVERTED))


def decode(data: bytes, width_dots: int = 576) -> list[DecodedSlip]:
    """The slips in a stream of any bytes; an uncut rest comes last. One that is longer than any roll ends the drawing,
    and its ``unknown`` says so."""
    return _Decoder(data, width_dots).run()
