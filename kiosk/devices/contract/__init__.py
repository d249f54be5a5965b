"""What every device adapter promises, real or simulated.

Status words follow XFS4IoT (CWA 17852) where it has one. An adapter owns its thread; ``status()`` never blocks and may
be called from any thread; listeners are called on the adapter's thread and must return at once. Operations block at
most for their deadline, may be cancelled from another thread, and return a typed outcome; they raise ``DeviceError``
only for what the caller did wrong. Unknown is a value of its own: silence is never good news.
"""

from kiosk.devices.contract.audio import AudioOutput
from kiosk.devices.contract.base import SURROUNDINGS, Band, Device, DeviceKind, Reason, Status, StatusListener
from kiosk.devices.contract.biometrics import (
    Doubt,
    FaceMatcher,
    FingerMatcher,
    FingerSensor,
    FrameSource,
    MatchEnd,
    MatchReport,
    Picture,
    ScoreBand,
)
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
    RasterForm,
    SheetBack,
    ShiftMeans,
)
from kiosk.devices.contract.enclosure import BoxReading, Enclosure
from kiosk.devices.contract.keypad import Keypad
from kiosk.devices.contract.power import PowerReading, PowerSupply
from kiosk.devices.contract.scanner import Rejection, ScanListener, Scanner, ScanOutcome, Symbology
from kiosk.devices.contract.slip_printer import SlipBitmap, SlipEnd, SlipOutcome, SlipPrinter, SlipWords

__all__ = [
    "NO_SHIFT",
    "SURROUNDINGS",
    "AudioOutput",
    "Band",
    "BoxReading",
    "CardRead",
    "CardReadKind",
    "CardReader",
    "Device",
    "DeviceKind",
    "DocumentPrinter",
    "Doubt",
    "Enclosure",
    "FaceMatcher",
    "FingerMatcher",
    "FingerSensor",
    "FrameSource",
    "ImageShift",
    "Job",
    "JobReport",
    "JobState",
    "Keypad",
    "MatchEnd",
    "MatchReport",
    "PageForm",
    "Picture",
    "PowerReading",
    "PowerSupply",
    "Presence",
    "PrinterCapabilities",
    "RasterForm",
    "Reason",
    "Rejection",
    "ScanListener",
    "ScanOutcome",
    "Scanner",
    "ScoreBand",
    "SheetBack",
    "ShiftMeans",
    "SlipBitmap",
    "SlipEnd",
    "SlipOutcome",
    "SlipPrinter",
    "SlipWords",
    "Status",
    "StatusListener",
    "Symbology",
]
