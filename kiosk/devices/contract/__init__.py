"""What every device adapter promises, real or simulated.

Status words follow XFS4IoT (CWA 17852) where it has one. An adapter owns its thread; ``status()`` never blocks and may
be called from any thread; listeners are called on the adapter's thread and must return at once. Operations block at
most for their deadline, may be cancelled from another thread, and return a typed outcome; they raise ``DeviceError``
only for what the caller did wrong. Unknown is a value of its own: silence is never good news.
"""

from kiosk.devices.contract.base import Band, Device, DeviceKind, Reason, Status, StatusListener
from kiosk.devices.contract.card_reader import CardRead, CardReader, CardReadKind, Presence
from kiosk.devices.contract.document_printer import (
    NO_SHIFT,
    DocumentPrinter,
    ImageShift,
    Job,
    JobReport,
    JobState,
    PageForm,
    PrinterCapabilities,
    ShiftMeans,
)
from kiosk.devices.contract.scanner import Scanner
from kiosk.devices.contract.slip_printer import SlipBitmap, SlipEnd, SlipOutcome, SlipPrinter

__all__ = [
    "NO_SHIFT",
    "Band",
    "CardRead",
    "CardReadKind",
    "CardReader",
    "Device",
    "DeviceKind",
    "DocumentPrinter",
    "ImageShift",
    "Job",
    "JobReport",
    "JobState",
    "PageForm",
    "Presence",
    "PrinterCapabilities",
    "Reason",
    "Scanner",
    "ShiftMeans",
    "SlipBitmap",
    "SlipEnd",
    "SlipOutcome",
    "SlipPrinter",
    "Status",
    "StatusListener",
]
