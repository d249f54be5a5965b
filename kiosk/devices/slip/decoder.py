"""ESC/POS bytes as a picture and as text: what a thermal printer would have put on the paper.

For the dock, the tests and the documentation. Understands text with its styles, rasters (``GS v 0``, ``ESC *``,
``GS ( L``), QR codes (``GS ( k``) and the cut; passes over what only moves hardware; notes what it doesn't know.
"""

from dataclasses import dataclass

from PIL import Image

from kiosk.devices.slip.paper import CELL_WIDTH, MAX_HEIGHT, Align, Paper, Style

ESC, GS, FS, DLE = 0x1B, 0x1D, 0x1C, 0x10


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
        self.multibyte = False

    def run(self) -> list[DecodedSlip]:
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
        return self.slips

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
        paper = self.paper
        image = paper.cut()
        self.slips.append(
            DecodedSlip(image, "\n".join(paper.lines), paper.codes, has_cut, paper.unknown, paper.has_opened_drawer)
        )
        self.paper = Paper(self.width)

    # --- commands ---------------------------------------------------------------------------------------------------

    def _esc(self) -> None:
        code = self._byte()
        style = self.style
        match chr(code):
            case "@":
                self.style, self.codepage = Style(), "cp437"
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
                while self._byte():
                    pass
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
                self.paper.unknown.append(f"ESC {code:02x}")

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
            case "L" | "W" | "P" | "$" | "\\":
                self._take(2)
            case "*":
                across, down = self._byte(), self._byte()
                self._take(across * down * 8)
            case ":":
                pass
            case "a" | "r" | "I" | "h" | "w" | "H" | "f" | "b" | "T" | "E" | "/" | "c" | "j":
                self._byte()
            case "g":
                self._take(4)
            case _:
                self.paper.unknown.append(f"GS {code:02x}")

    def _fs(self) -> None:
        code = self._byte()
        match chr(code):
            case "." | "&":
                self.multibyte = chr(code) == "&"
            case "!" | "C" | "-" | "W":
                self._byte()
            case "S" | "p":
                self._take(2)
            case "(":
                self._byte()
                self._take(self._word())
            case _:
                self.paper.unknown.append(f"FS {code:02x}")

    def _dle(self) -> None:
        code = self._byte()
        if code in (0x04, 0x05):
            self._byte()
        elif code == 0x14:
            function = self._byte()
            self._take(7 if function == 8 else 2)
        else:
            self.paper.unknown.append(f"DLE {code:02x}")

    def _extended(self) -> None:
        family = self._byte()
        body = self._take(self._word())
        if family == ord("k") and len(body) >= 2:
            self._two_dimensional(body[0], body[1], body[2:])
        elif family == ord("L"):
            self._graphics(body)

    def _two_dimensional(self, symbol: int, function: int, body: bytes) -> None:
        if symbol != 49:
            self.paper.unknown.append(f"symbol {symbol}")
        elif function == 67 and body:
            self.qr_module = max(1, min(body[0], 16))
        elif function == 69 and body:
            self.qr_level = {48: "l", 49: "m", 50: "q", 51: "h"}.get(body[0], "l")
        elif function == 80:
            self.qr_data = body[1:]
        elif function == 81 and self.qr_data:
            self._draw_qr()

    def _draw_qr(self) -> None:
        import segno

        text = self.qr_data.decode("utf-8", "replace")
        code = segno.make_qr(text, error=self.qr_level, boost_error=False)
        rows = [[0 if cell else 1 for cell in row] for row in code.matrix]
        picture = Image.new("1", (len(rows[0]), len(rows)), 1)
        picture.putdata([cell for row in rows for cell in row])
        size = (picture.width * self.qr_module, picture.height * self.qr_module)
        if self.paper.is_line_open:
            self._line_feed()
        self.paper.place(picture.resize(size, Image.Resampling.NEAREST), self.style.align)
        self.paper.codes.append(text)

    def _barcode(self) -> None:
        """Bars are not drawn; the digits stand as text."""
        kind = self._byte()
        if kind >= 65:
            content = self._take(self._byte())
        else:
            end = self.data.find(b"\x00", self.at)
            content = self._take((len(self.data) if end < 0 else end) - self.at)
            self._byte()
        self._put(content.decode("ascii", "replace"))
        self._line_feed()

    # --- pictures ---------------------------------------------------------------------------------------------------

    def _raster(self, rows: bytes, wide: int, high: int, is_double_wide: int, is_double_high: int) -> None:
        if wide == 0 or high == 0 or len(rows) < wide * high:
            return
        if wide > 4096 or high > MAX_HEIGHT:
            raise ValueError("raster too large")
        picture = _from_bits(rows, wide, high)
        if is_double_wide or is_double_high:
            picture = picture.resize((wide * 8 << is_double_wide, high << is_double_high), Image.Resampling.NEAREST)
        if self.paper.is_line_open:
            self._line_feed()
        self.paper.place(picture, self.style.align)

    def _graphics(self, body: bytes) -> None:
        if len(body) >= 10 and body[1] in (112, 49) and body[2] == 48:
            across, down = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
            wide = (across + 7) // 8
            if across and down and len(body) - 10 >= wide * down:
                picture = _from_bits(body[10 : 10 + wide * down], wide, down).crop((0, 0, across, down))
                scale = (across * max(1, body[3]), down * max(1, body[4]))
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
        if columns == 0 or len(data) < columns * deep:
            return
        # Each column comes top down: as rows of a picture that lies on its side.
        lying = _from_bits(data, deep, columns)
        picture = lying.transpose(Image.Transpose.TRANSPOSE)
        across = columns * (2 if mode in (0, 32) else 1)
        down = deep * 8 * (3 if deep == 1 else 1)
        self.paper.hang(picture.resize((across, down), Image.Resampling.NEAREST))


def _from_bits(rows: bytes, wide: int, high: int) -> Image.Image:
    inverted = bytes(byte ^ 0xFF for byte in rows[: wide * high])
    return Image.frombytes("1", (wide * 8, high), inverted)


def decode(data: bytes, width_dots: int = 576) -> list[DecodedSlip]:
    """The slips in a stream of bytes; an uncut rest comes last. Raises ValueError when one is longer than any roll."""
    return _Decoder(data, width_dots).run()
