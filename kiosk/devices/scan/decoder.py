"""Codes in a grey picture, by zxing-cpp. The one module that imports it."""

import zxingcpp

from kiosk.devices.contract import ScanOutcome, Symbology
from kiosk.devices.scan.codes import code_of
from kiosk.devices.scan.frames import GreyFrame

_SYMBOLOGIES = {
    zxingcpp.BarcodeFormat.QRCode: Symbology.QR,
    zxingcpp.BarcodeFormat.DataMatrix: Symbology.DATA_MATRIX,
    zxingcpp.BarcodeFormat.PDF417: Symbology.PDF417,
}
_FORMATS = zxingcpp.BarcodeFormats(list(_SYMBOLOGIES))


def codes_in(frame: GreyFrame) -> list[ScanOutcome]:
    """Every code that could be read whole, judged; the same content once. Lets other threads run meanwhile."""
    if len(frame.pixels) != frame.width * frame.height:
        raise ValueError("pixels do not fill the frame")
    picture = memoryview(frame.pixels).cast("B", (frame.height, frame.width))
    found: dict[bytes, ScanOutcome] = {}
    for code in zxingcpp.read_barcodes(picture, formats=_FORMATS, try_downscale=True):
        found.setdefault(code.bytes, code_of(code.bytes, _SYMBOLOGIES.get(code.format, Symbology.OTHER)))
    return list(found.values())
