"""Documents and slips to print, made here and without anybody's data."""

import io
import random
from functools import cache

from PIL import Image

from kiosk.devices.contract import SlipBitmap
from kiosk.devices.slip.drawer import defused


@cache
def pdf(pages: int = 1, mark: str = "uji") -> bytes:
    """An A4 PDF with so many pages."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for page in range(1, pages + 1):
        canvas.drawString(72, 720, f"{mark} {page}/{pages}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def slip_of(picture: Image.Image) -> SlipBitmap:
    """A one-bit picture, black on white, as a slip; widened to whole bytes."""
    width = (picture.width + 7) // 8 * 8
    sheet = Image.new("1", (width, picture.height), 1)
    sheet.paste(picture.convert("1"), (0, 0))
    rows = bytes(byte ^ 0xFF for byte in sheet.tobytes())
    return SlipBitmap(width, picture.height, rows)


@cache
def noise_slip(height: int = 300, width: int = 576) -> SlipBitmap:
    """Dots in which every byte turns up, also those that mean a command elsewhere; they come out as they are."""
    rows = bytearray(random.Random(7).randbytes(width // 8 * height))
    trap = b"\x10\x04\x01\x1dV\x00\x1b@\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08\x1dr\x01\x10\x05\x02"
    rows[0 : len(trap)] = trap
    return SlipBitmap(width, height, defused(bytes(rows[: width // 8 * height])))


def rows_of(picture: Image.Image) -> bytes:
    """The dots of a decoded slip, as ``SlipBitmap.rows``."""
    return bytes(byte ^ 0xFF for byte in picture.tobytes())
