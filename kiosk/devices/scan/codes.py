"""What may pass as the content of a code, and who listens for it.

A hostile payload is never mended into something else: what is left of it after a clean-up could be another person's
token. It is refused whole, with the reason. Only the wrapping of the line goes: outer blanks and the AIM identifier.
"""

import re
import threading
import unicodedata
from collections.abc import Callable

from kiosk.devices.contract import DeviceKind, Rejection, ScanListener, ScanOutcome, Symbology
from kiosk.devices.status import tell_each

MAX_CODE = 4096
"""Characters. The largest QR holds 4,296, and nothing of ours comes near."""

_AIM = re.compile(r"\](?P<letter>[A-Za-z])[0-9A-Za-z]")
_SYMBOLOGIES = {
    "Q": Symbology.QR,
    "d": Symbology.DATA_MATRIX,
    "L": Symbology.PDF417,
    "z": Symbology.AZTEC,
    "C": Symbology.LINEAR,
    "A": Symbology.LINEAR,
    "E": Symbology.LINEAR,
    "F": Symbology.LINEAR,
    "G": Symbology.LINEAR,
    "I": Symbology.LINEAR,
    "e": Symbology.LINEAR,
}
_HIDDEN = frozenset({"Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def code_of(raw: bytes | str, symbology: Symbology = Symbology.UNTOLD) -> ScanOutcome:
    """Judge what a scanner, a wedge or a camera read. ``]Q1`` and its like are taken off and name the symbology."""
    if len(raw) > 4 * MAX_CODE:
        return ScanOutcome("", Rejection.TOO_LONG, symbology)
    if isinstance(raw, bytes):
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            return ScanOutcome("", Rejection.ENCODING, symbology)
    else:
        text = raw
    text = text.strip(" ")
    aim = _AIM.match(text)
    if aim is not None:
        text = text[aim.end() :].strip(" ")
        symbology = _SYMBOLOGIES.get(aim["letter"], Symbology.OTHER)
    rejection = _why_not(text)
    return ScanOutcome("" if rejection else text, rejection, symbology)


def _why_not(text: str) -> Rejection | None:
    if not text:
        return Rejection.EMPTY
    if len(text) > MAX_CODE:
        return Rejection.TOO_LONG
    kinds = {unicodedata.category(character) for character in text}
    if "Cc" in kinds:
        return Rejection.CONTROL
    if kinds & _HIDDEN:
        return Rejection.HIDDEN
    return None


class CodeListeners:
    """Who listens for codes; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[ScanListener] = []

    def listen(self, listener: ScanListener) -> Callable[[], None]:
        """Call ``listener`` with each outcome; the result ends it."""
        with self._lock:
            self._listeners.append(listener)

        def end() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end

    def tell(self, outcome: ScanOutcome) -> None:
        """One outcome to all; on the caller's thread."""
        with self._lock:
            listeners = tuple(self._listeners)
        tell_each(DeviceKind.SCANNER, listeners, outcome)
