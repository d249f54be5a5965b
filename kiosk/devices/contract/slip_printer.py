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
    """PRINTED only when the printer answered that it stands ready after the cut."""

    end: SlipEnd
    reason: Reason = Reason.NONE
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SlipBitmap:
    """A slip as one bit a dot: ``rows`` of ``width_dots / 8`` bytes, most significant bit left, 1 is black."""

    width_dots: int
    height_dots: int
    rows: bytes = field(repr=False)


class SlipPrinter(Device, Protocol):
    width_dots: int

    def print_slip(self, slip: SlipBitmap, deadline_s: float) -> SlipOutcome:
        """Send, cut, and ask for the state afterwards."""
        ...
