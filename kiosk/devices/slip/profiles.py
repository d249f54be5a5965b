"""What one kind of slip printer can do: which commands are sent to it, and what counts as its proof.

A profile is chosen in ``kiosk.toml`` (``devices.slip_printer.profile``). Width in dots, 8 dots a millimetre.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Cutter(StrEnum):
    """NONE: the slip is torn off by hand."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"


class RasterCommand(StrEnum):
    """ROWS: ``GS v 0``. COLUMNS: ``ESC *``, 24 dots deep, for old heads."""

    ROWS = "rows"
    COLUMNS = "columns"


class Proof(StrEnum):
    """How a printer says that it has worked off a slip.

    ECHO: ``GS ( H`` gives back a number of ours. STATUS: ``GS r`` is answered in its turn. PROBED: ``GS r`` where it is
    answered when the line opens, else TIME. TIME: nothing is answered; the end stays unknown.
    """

    ECHO = "echo"
    STATUS = "status"
    PROBED = "probed"
    TIME = "time"


_LATIN_PAGES: Mapping[str, int] = MappingProxyType({"cp437": 0, "cp858": 19, "cp1252": 16, "cp850": 2})
"""Codec and its number for ``ESC t``, in the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """``has_near_end``: without that sensor the bits of it mean nothing. ``writes_text``: letters of the printer where
    a line of the slip is nothing but words (quicker, plainer); pictures everywhere else and by default."""

    name: str
    width_dots: int = 576
    cutter: Cutter = Cutter.FULL
    raster: RasterCommand = RasterCommand.ROWS
    proof: Proof = Proof.PROBED
    has_near_end: bool = True
    writes_text: bool = False
    code_pages: Mapping[str, int] = field(default_factory=lambda: _LATIN_PAGES)


GENERIC = PrinterProfile("generic")

PROFILES: Mapping[str, PrinterProfile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            GENERIC,
            PrinterProfile("generic-58", width_dots=384, cutter=Cutter.NONE, has_near_end=False),
            PrinterProfile("generic-text", writes_text=True),
            PrinterProfile("epson", cutter=Cutter.PARTIAL, proof=Proof.ECHO),
            PrinterProfile("epson-text", cutter=Cutter.PARTIAL, proof=Proof.ECHO, writes_text=True),
            PrinterProfile("columns", raster=RasterCommand.COLUMNS, proof=Proof.STATUS),
            PrinterProfile("mute", proof=Proof.TIME),
        )
    }
)
"""Every profile by the name that ``kiosk.toml`` gives; ``settings.py`` holds the same names and a test compares."""
