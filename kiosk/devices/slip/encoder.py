"""A slip's dots as ESC/POS bytes. The only module that imports escpos, and it undoes what that import does.

The import configures the root logger, leaves a temporary folder behind and unpickles a file from a shared folder; it
takes 0.3 s, so it happens at the first slip or at ``warm_up``.
"""

import logging
import os
import tempfile
import threading
from functools import cache
from typing import Any

from PIL import Image

from kiosk.devices.contract import SlipBitmap
from kiosk.devices.slip.commands import command_length
from kiosk.devices.slip.drawer import defused
from kiosk.devices.slip.profiles import GENERIC, Cutter, PrinterProfile, RasterCommand
from kiosk.devices.slip.words import written_line

FRAGMENT_ROWS = 240
"""Rows in one raster: a multiple of the 24 that ``ESC *`` prints at once."""
FEED_DOTS_BEFORE_CUT = 120
NO_UNASKED_STATUS = b"\x1da\x00"
"""GS a 0: status bytes that come unasked would look like the answer in line."""
DROP_BUFFER = b"\x10\x05\x02\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE ENQ 2 and DLE DC4 8: recover and forget what is still in the buffer: no rest may come out in the next visit."""
ECHO_DIGITS = 4


def ask_in_line(number: str = "") -> bytes:
    """A question that is answered when everything before it has been worked off, unlike DLE EOT, which overtakes.

    With a ``number`` of four printable characters GS ( H, which gives it back; without one GS r 1.
    """
    if not number:
        return b"\x1dr\x01"
    digits = number.encode("ascii")
    if len(digits) != ECHO_DIGITS:
        raise ValueError("an echo has four characters")
    return b"\x1d(H\x06\x00\x30\x30" + digits


@cache
def warm_up() -> type[Any]:
    """Import the library once, with private folders and without its logging. Returns its printer without a device."""
    me = threading.get_ident()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    make_folder, setting = tempfile.mkdtemp, os.environ.get("ESCPOS_CAPABILITIES_PICKLE_DIR")
    with tempfile.TemporaryDirectory(prefix="escpos-") as folder:

        def own_folder(*args: Any, **kwargs: Any) -> Any:
            return folder if threading.get_ident() == me else make_folder(*args, **kwargs)

        os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = folder
        tempfile.mkdtemp = own_folder
        try:
            from escpos.printer import Dummy
        finally:
            tempfile.mkdtemp = make_folder
            if setting is None:
                del os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"]
            else:
                os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = setting
            for handler in list(root.handlers):
                if handler not in handlers:
                    root.removeHandler(handler)
            root.setLevel(level)
    printer: type[Any] = Dummy
    return printer


_INVERTED = bytes(byte ^ 0xFF for byte in range(256))


def picture(slip: SlipBitmap) -> Image.Image:
    """The slip as a one-bit picture, black on white. Raises ValueError when the rows do not fill the size."""
    if slip.width_dots % 8 or slip.width_dots <= 0 or slip.height_dots <= 0:
        raise ValueError("a slip is a positive multiple of 8 dots wide")
    if len(slip.rows) != slip.width_dots // 8 * slip.height_dots:
        raise ValueError("rows and size differ")
    return Image.frombytes("1", (slip.width_dots, slip.height_dots), slip.rows.translate(_INVERTED))


def body(slip: SlipBitmap, profile: PrinterProfile = GENERIC) -> bytes:
    """Initialise, the slip as pictures and, where the profile writes text, words, and the feed up to the knife."""
    out = bytearray(b"\x1b@" + NO_UNASKED_STATUS)
    sheet, at = picture(slip), 0
    for line in slip.words if profile.writes_text else ():
        written = written_line(line, slip.width_dots, profile)
        top = max(at, line.top)
        if written is None or line.bottom <= top or line.bottom > slip.height_dots:
            continue
        out += _pictured(sheet, at, top, profile)
        out += written
        at = line.bottom
    out += _pictured(sheet, at, slip.height_dots, profile)
    return bytes(out) + b"\x1bJ" + bytes((FEED_DOTS_BEFORE_CUT,))


def cut(profile: PrinterProfile = GENERIC) -> bytes:
    """The command for the knife; nothing where there is none."""
    return {Cutter.FULL: b"\x1dV\x00", Cutter.PARTIAL: b"\x1dV\x01", Cutter.NONE: b""}[profile.cutter]


def scraps_off(profile: PrinterProfile) -> bytes:
    """Move what an unfinished slip left on the paper past the knife, and cut it off."""
    return b"\x1b@\x1bJ" + bytes((FEED_DOTS_BEFORE_CUT,)) + cut(profile)


def encode(slip: SlipBitmap, profile: PrinterProfile = GENERIC) -> bytes:
    """The whole slip. Raises ValueError when the rows do not fill the size. Never opens a cash drawer."""
    return body(slip, profile) + cut(profile)


def _pictured(sheet: Image.Image, top: int, bottom: int, profile: PrinterProfile) -> bytes:
    """Rows ``top`` up to ``bottom`` as dots; blank paper is fed."""
    if bottom <= top:
        return b""
    part = sheet.crop((0, top, sheet.width, bottom))
    if profile.writes_text and part.convert("L").getextrema() == (255, 255):
        return b"".join(b"\x1bJ" + bytes((min(255, bottom - row),)) for row in range(top, bottom, 255))
    printer = warm_up()()
    # Without a width the library writes a line to standard output for every fragment.
    printer.profile.profile_data["media"]["width"]["pixels"] = sheet.width
    in_rows = profile.raster is RasterCommand.ROWS
    printer.image(part, impl="bitImageRaster" if in_rows else "bitImageColumn", fragment_height=FRAGMENT_ROWS)
    return _without_traps(bytes(printer.output))


def _without_traps(data: bytes) -> bytes:
    """The same commands, their dots defused."""
    out, at = bytearray(), 0
    while at < len(data):
        size = command_length(data, at)
        if size is None:
            raise ValueError("half a command")
        command = data[at : at + size]
        head = {b"\x1dv": 8, b"\x1b*": 5}.get(command[:2], size)
        out += command[:head] + defused(command[head:])
        at += size
    return bytes(out)
