"""The port of the thermal printer."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from kiosk.devices.contract.base import Device, Reason


class SlipEnd(StrEnum):
    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SlipOutcome:
    """PRINTED: the printer said that it has worked off the slip and its cut. FAILED: it did not come out whole, and
    what is left of it will not come out later. UNKNOWN: nobody can say; ``reason`` is NONE where the printer
    gives no proof.
    """

    end: SlipEnd
    reason: Reason = Reason.NONE
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SlipWords:
    """Rows ``top`` up to ``bottom`` of a slip hold these words and nothing else, so that a printer may write them with
    letters of its own. ``right`` stands at the right edge of the same line; ``size_dots`` is their size."""

    top: int
    bottom: int
    left: str
    right: str = ""
    size_dots: int = 32
    is_centred: bool = False
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class SlipBitmap:
    """A slip as one bit a dot: ``rows`` of ``width_dots / 8`` bytes, most significant bit left, 1 is black.

    ``words``, from the top down, name lines that are text; the dots alone are the slip.
    """

    width_dots: int
    height_dots: int
    rows: bytes = field(repr=False)
    words: tuple[SlipWords, ...] = field(default=(), repr=False)


class SlipPrinter(Device, Protocol):
    width_dots: int

    def print_slip(self, slip: SlipBitmap, deadline_s: float) -> SlipOutcome:
        """Send, cut, and await the printer's word that it is done, at most ``deadline_s``. Raises ValueError when the
        rows do not fill the size."""
        ...
