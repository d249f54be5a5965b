"""QR codes and bar codes as a printer draws them from their contents, one dot a module."""

from PIL import Image

MAX_CONTENT = 2000

_CODE128 = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221"
    "223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321"
    "112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131"
    "311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114"
    "122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232"
)
"""Six widths, bar and space in turn, for each of 0 to 105."""
_CODE128_STOP = "2331112"
_CODE128_STARTS = {"A": 103, "B": 104, "C": 105}
_EAN_LEFT = ("3211", "2221", "2122", "1411", "1132", "1231", "1114", "1312", "1213", "3112")
_EAN_MIRRORED = ("000000", "001011", "001101", "001110", "010011", "011001", "011100", "010101", "010110", "011010")
_ITF = ("00110", "10001", "01001", "11000", "00101", "10100", "01100", "00011", "10010", "01010")
_CODE39_CHARS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. *$/+%"
_CODE39 = (
    "000110100100100001001100001101100000000110001100110000001110000000100101100100100001100100100001001001001001"
    "101001000000011001100011000001011000000001101100001100001001100000011100100000011001000011101000010000010011"
    "100010010001010010000000111100000110001000110000010110110000001011000001111000000010010001110010000011010000"
    "010000101110000100011000100010010100010101000010100010010001010000101010"
)
"""Nine bars and spaces for each character, 1 is wide."""


def qr_picture(content: bytes, level: str, module: int) -> Image.Image | None:
    """A QR code with ``module`` dots a module; None when it holds more than a QR can."""
    import segno

    try:
        code = segno.make_qr(content.decode("utf-8", "replace"), error=level, boost_error=False)
    except (segno.DataOverflowError, ValueError):
        return None
    rows = [[0 if cell else 1 for cell in row] for row in code.matrix]
    picture = Image.new("1", (len(rows[0]), len(rows)), 1)
    picture.putdata([cell for row in rows for cell in row])
    return picture.resize((picture.width * module, picture.height * module), Image.Resampling.NEAREST)


def bar_widths(kind: int, content: bytes) -> tuple[str, str] | None:
    """Widths of bars and spaces in turn, and the words below. ``kind`` as in ``GS k``; None for what is not drawn."""
    kind = kind + 65 if kind < 7 else kind
    text = content.decode("ascii", "replace")[:MAX_CONTENT]
    if kind in (65, 67, 68) and text.isdecimal():
        return _ean(text, {65: 12, 67: 13, 68: 8}[kind])
    if kind == 69 and set(text) <= set(_CODE39_CHARS):
        return _code39(text.strip("*"))
    if kind == 70 and text.isdecimal() and len(text) % 2 == 0:
        return _itf(text)
    if kind == 73:
        return _code128(content[:MAX_CONTENT])
    return None


def bar_picture(widths: str, module: int, height: int) -> Image.Image:
    """The bars, ``module`` dots wide each and ``height`` dots high."""
    picture = Image.new("1", (sum(map(int, widths)) * module, height), 1)
    x, is_bar = 0, True
    for width in map(int, widths):
        if is_bar:
            picture.paste(0, (x, 0, x + width * module, height))
        x += width * module
        is_bar = not is_bar
    return picture


def _ean(text: str, digits: int) -> tuple[str, str] | None:
    if len(text) == digits - 1:
        weights = [3 if (digits - at) % 2 == 0 else 1 for at in range(digits - 1)]
        text += str(-sum(int(digit) * weight for digit, weight in zip(text, weights, strict=True)) % 10)
    if len(text) != digits:
        return None
    bars = text if digits == 8 else text.rjust(13, "0")
    half = len(bars) // 2
    mirrored = _EAN_MIRRORED[int(bars[0])] if len(bars) == 13 else "0000"
    left, right = bars[-2 * half : -half], bars[-half:]
    widths = "111"
    for digit, is_mirrored in zip(left, mirrored, strict=True):
        widths += _EAN_LEFT[int(digit)][:: -1 if is_mirrored == "1" else 1]
    return widths + "11111" + "".join(_EAN_LEFT[int(digit)] for digit in right) + "111", text


def _code39(text: str) -> tuple[str, str]:
    places = [9 * _CODE39_CHARS.index(char) for char in f"*{text}*"]
    codes = [_CODE39[place : place + 9] for place in places]
    return "1".join("".join("3" if bit == "1" else "1" for bit in code) for code in codes), text


def _itf(text: str) -> tuple[str, str]:
    widths = "1111"
    for first, second in zip(text[::2], text[1::2], strict=True):
        for bar, space in zip(_ITF[int(first)], _ITF[int(second)], strict=True):
            widths += ("3" if bar == "1" else "1") + ("3" if space == "1" else "1")
    return widths + "311", text


def _code128(content: bytes) -> tuple[str, str] | None:
    """``{A``, ``{B`` and ``{C`` choose the set, ``{{`` is a brace; in set C each byte is a pair of digits."""
    values: list[int] = []
    words, chosen, at = "", "", 0
    while at < len(content):
        byte = content[at]
        mark = chr(content[at + 1]) if byte == 0x7B and at + 1 < len(content) else ""
        if mark in _CODE128_STARTS and mark:
            if mark != chosen:
                values.append({"A": 101, "B": 100, "C": 99}[mark] if chosen else _CODE128_STARTS[mark])
            chosen, at = mark, at + 2
            continue
        if mark in ("1", "2", "3", "4"):
            values.append({"1": 102, "2": 97, "3": 96, "4": {"A": 101}.get(chosen, 100)}[mark])
            at += 2
            continue
        at += 2 if mark == "{" else 1
        if chosen == "C":
            if byte > 99:
                return None
            values.append(byte)
            words += f"{byte:02d}"
        elif chosen == "B" and 0x20 <= byte < 0x80:
            values.append(byte - 0x20)
            words += chr(byte)
        elif chosen == "A" and byte < 0x60:
            values.append(byte - 0x20 if byte >= 0x20 else byte + 0x40)
            words += chr(byte) if byte >= 0x20 else " "
        else:
            return None
    if not values:
        return None
    values.append((values[0] + sum(at * value for at, value in enumerate(values))) % 103)
    return "".join(_CODE128[6 * value : 6 * value + 6] for value in values) + _CODE128_STOP, words
