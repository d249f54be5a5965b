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

FRAGMENT_ROWS = 256
FEED_DOTS_BEFORE_CUT = 120
ASK_IN_LINE = b"\x1dr\x01"
"""GS r 1: answered when everything before it has been worked off, unlike DLE EOT, which overtakes."""
NO_UNASKED_STATUS = b"\x1da\x00"
"""GS a 0: status bytes that come unasked would look like the answer in line."""
DROP_BUFFER = b"\x10\x05\x02\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE ENQ 2 and DLE DC4 8: recover and forget what is still in the buffer: no rest may come out in the next visit."""


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


def picture(slip: SlipBitmap) -> Image.Image:
    """The slip as a one-bit picture, black on white. Raises ValueError when the rows do not fill the size."""
    if slip.width_dots % 8 or slip.width_dots <= 0 or slip.height_dots <= 0:
        raise ValueError("a slip is a positive multiple of 8 dots wide")
    if len(slip.rows) != slip.width_dots // 8 * slip.height_dots:
        raise ValueError("rows and size differ")
    inverted = bytes(byte ^ 0xFF for byte in slip.rows)
    return Image.frombytes("1", (slip.width_dots, slip.height_dots), inverted)


def encode(slip: SlipBitmap) -> bytes:
    """Initialise, raster in fragments, feed, full cut, and the question that is answered in line. No cash drawer."""
    printer = warm_up()()
    # Without a width the library writes a line to standard output for every fragment.
    printer.profile.profile_data["media"]["width"]["pixels"] = slip.width_dots
    printer.hw("INIT")
    printer._raw(NO_UNASKED_STATUS)
    printer.image(picture(slip), impl="bitImageRaster", fragment_height=FRAGMENT_ROWS)
    printer._raw(b"\x1bJ" + bytes((FEED_DOTS_BEFORE_CUT,)))
    printer.cut(mode="FULL", feed=False)
    printer._raw(ASK_IN_LINE)
    return bytes(printer.output)
