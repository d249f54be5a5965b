"""The port of a reader of printed codes."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kiosk.devices.contract.base import Device


class Symbology(StrEnum):
    """What kind of code it was, where the scanner says so."""

    QR = "qr"
    DATA_MATRIX = "data-matrix"
    PDF417 = "pdf417"
    AZTEC = "aztec"
    LINEAR = "linear"
    OTHER = "other"
    UNTOLD = "untold"


class Rejection(StrEnum):
    """Why a code is no code of ours. Nothing of it is kept."""

    EMPTY = "empty"
    TOO_LONG = "too-long"
    CONTROL = "control"
    """Control characters, NUL and escape sequences among them."""
    HIDDEN = "hidden"
    """Characters that do not show or turn the reading round: zero width, bidi, private use, unassigned."""
    ENCODING = "encoding"
    """No UTF-8."""
    HALF = "half"
    """It stopped before its end."""
    SEVERAL = "several"
    """Several codes in one picture: which one was meant?"""


@dataclass(frozen=True, slots=True)
class ScanOutcome:
    """What a scan told: ``text`` as it stands in the code, or a ``rejection`` and no text at all."""

    text: str = ""
    rejection: Rejection | None = None
    symbology: Symbology = Symbology.UNTOLD

    def __repr__(self) -> str:
        return f"ScanOutcome(<{len(self.text)} characters>, {self.rejection}, {self.symbology})"


ScanListener = Callable[[ScanOutcome], None]


class Scanner(Device, Protocol):
    def listen_codes(self, listener: ScanListener) -> Callable[[], None]:
        """Call ``listener`` with each outcome; the result ends it. On the scanner's thread."""
        ...

    def expect(self, is_expected: bool) -> None:
        """Whether a page waits for a code now; a camera looks only then. From any thread, returns at once."""
        ...
