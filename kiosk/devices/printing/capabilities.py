"""What a printer can, from one Get-Printer-Attributes answer, and what is then asked of it for every job."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kiosk.devices.contract import (
    NO_SHIFT,
    ImageShift,
    PageForm,
    PrinterCapabilities,
    RasterForm,
    SheetBack,
    ShiftMeans,
)
from kiosk.devices.printing.ipp import Operation
from kiosk.devices.printing.ipp_values import collections, listed, number, numbers, resolutions
from kiosk.devices.printing.media import media_size_mm

PDF, RASTER = "application/pdf", "image/pwg-raster"
ONE_SIDED, BOTH_FACES = "one-sided", "two-sided-long-edge"
"""PWG 5100.13: a sheet for each page, or the second page on the back of the first."""
PLAIN_PAPER = "stationery"
"""PWG 5101.1: HVS and every other plain paper."""

WANTED_DPI = 300
"""Of several resolutions the nearest above this: a QR code and 8 point text are sharp, and a page is 8.7 MB of grey."""

_RASTER_KINDS = ("srgb_8", "sgray_8")


@dataclass(frozen=True, slots=True)
class Probe:
    """``capabilities`` for people and the core, the rest for the tickets of jobs."""

    capabilities: PrinterCapabilities = field(default_factory=PrinterCapabilities)
    scaling: str | None = None
    has_sides: bool = False
    takes_impressions: bool = False
    media_members: tuple[str, ...] = ()
    raster_dots: tuple[tuple[int, int], ...] = ()
    raster_back: SheetBack = SheetBack.NORMAL
    shift_range: tuple[int, int] | None = None
    """Hundredths of a millimetre, both axes."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What ``kiosk.toml`` asks for. ``tray`` is a ``media-source`` word, or empty for the printer's choice."""

    media: str
    tray: str = ""
    paper_type: str = PLAIN_PAPER
    shift: ImageShift = field(default=NO_SHIFT)
    sides: str = ONE_SIDED


def probe(printer: Mapping[str, Any]) -> Probe:
    """Read what the printer tells of itself; what it does not tell, it cannot."""
    operations = numbers(printer.get("operations-supported"))
    formats = listed(printer.get("document-format-supported"))
    counter = number(printer.get("printer-impressions-completed"))
    dots = resolutions(printer.get("pwg-raster-document-resolution-supported"))
    kinds = listed(printer.get("pwg-raster-document-type-supported"))
    takes_raster = RASTER in formats and bool(dots) and any(kind in kinds for kind in _RASTER_KINDS)
    form = PageForm.PDF if PDF in formats else PageForm.RASTER if takes_raster else PageForm.UNKNOWN
    shifts = [_range(printer.get(f"{axis}-image-shift-supported")) for axis in "xy"]
    shift_range = (max(s[0] for s in shifts if s), min(s[1] for s in shifts if s)) if all(shifts) else None
    if shift_range is not None and form is PageForm.PDF:
        means = ShiftMeans.PRINTER
    else:
        means = ShiftMeans.RASTER if takes_raster else ShiftMeans.NONE
    return Probe(
        PrinterCapabilities(
            formats=tuple(formats),
            media=tuple(listed(printer.get("media-supported"))),
            has_create_job=Operation.CREATE_JOB in operations and Operation.SEND_DOCUMENT in operations,
            has_impressions="ipp-everywhere" in listed(printer.get("ipp-features-supported")) or counter is not None,
            page_counter=counter,
            make=next(iter(listed(printer.get("printer-make-and-model"))), ""),
            media_ready=tuple(listed(printer.get("media-ready"))),
            media_types=tuple(listed(printer.get("media-type-supported"))),
            trays=tuple(_trays(printer)),
            sides=tuple(listed(printer.get("sides-supported"))),
            has_colour=printer.get("color-supported") is True,
            resolutions=tuple(resolutions(printer.get("printer-resolution-supported")) or dots),
            raster_types=tuple(kinds) if takes_raster else (),
            page_form=form,
            shift=means,
        ),
        scaling="none" if "none" in listed(printer.get("print-scaling-supported")) else None,
        has_sides=ONE_SIDED in listed(printer.get("sides-supported")),
        takes_impressions="job-impressions-supported" in printer,
        media_members=tuple(listed(printer.get("media-col-supported"))),
        raster_dots=tuple(dots) if takes_raster else (),
        raster_back=_sheet_back(printer.get("pwg-raster-document-sheet-back")),
        shift_range=shift_range,
    )


def _sheet_back(value: object) -> SheetBack:
    """What a printer that does not tell wants is what CUPS gives it."""
    word = next(iter(listed(value)), "")
    return SheetBack(word) if word in set(SheetBack) else SheetBack.NORMAL


def _range(value: object) -> tuple[int, int] | None:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(part, int) for part in value):
        return int(value[0]), int(value[1])
    return None


def _trays(printer: Mapping[str, Any]) -> list[str]:
    """The words of ``media-source-supported``, or those that ``media-col-ready`` names."""
    named = listed(printer.get("media-source-supported"))
    return named or [s for c in collections(printer.get("media-col-ready")) for s in listed(c.get("media-source"))]


def tray_fault(found: Probe, wish: Wish) -> str:
    """Why the wished tray cannot be had; empty where it can, or none was wished."""
    if not wish.tray:
        return ""
    trays = found.capabilities.trays
    if wish.tray not in trays:
        return f"{wish.tray}; the printer has {', '.join(trays) or 'named none'}"
    if not {"media-size", "media-source"} <= set(found.media_members):
        return f"{wish.tray}; the printer takes no choice of tray"
    return ""


def raster_form(found: Probe, wish: Wish) -> RasterForm | None:
    """How the pages are to be drawn for this printer; None where it gets the PDF itself."""
    form = found.capabilities.page_form
    is_shifted = wish.shift != NO_SHIFT and found.capabilities.shift is ShiftMeans.RASTER
    if form is PageForm.UNKNOWN or (form is PageForm.PDF and not is_shifted):
        return None
    size = media_size_mm(wish.media)
    kind = next((kind for kind in _RASTER_KINDS if kind in found.capabilities.raster_types), None)
    dots = found.raster_dots
    if size is None or kind is None or not dots:
        return None
    best = min(dots, key=lambda dpi: (dpi[0] < WANTED_DPI, abs(dpi[0] - WANTED_DPI)))
    is_two_sided = wish.sides == BOTH_FACES and BOTH_FACES in found.capabilities.sides
    return RasterForm(kind, best[0], best[1], size[0], size[1], wish.shift, is_two_sided, found.raster_back)


def ticket(found: Probe, wish: Wish) -> dict[str, Any]:
    """The job template: our paper from our tray, once, on one side, at 100 %, shifted where the printer can."""
    asked: dict[str, Any] = {"copies": 1}
    paper = _media_col(found, wish)
    if paper is None:
        asked["media"] = wish.media
    else:
        asked["media-col"] = paper
    if found.has_sides:
        asked["sides"] = wish.sides if wish.sides in found.capabilities.sides else ONE_SIDED
    if found.scaling:
        asked["print-scaling"] = found.scaling
    if found.capabilities.shift is ShiftMeans.PRINTER and found.shift_range and wish.shift != NO_SHIFT:
        low, high = found.shift_range
        # PWG 5100.3 counts from the lower left corner, so up is positive there and down is here.
        asked["x-image-shift"] = min(high, max(low, round(wish.shift.x_mm * 100)))
        asked["y-image-shift"] = min(high, max(low, round(-wish.shift.y_mm * 100)))
    return asked


def _media_col(found: Probe, wish: Wish) -> dict[str, Any] | None:
    """Size, tray and kind of paper where the printer takes them apart; None where its size's name says it all."""
    size = media_size_mm(wish.media)
    has_type = wish.paper_type in found.capabilities.media_types and "media-type" in found.media_members
    if size is None or "media-size" not in found.media_members or not (wish.tray or has_type):
        return None
    dimensions = {"x-dimension": round(size[0] * 100), "y-dimension": round(size[1] * 100)}
    paper: dict[str, Any] = {"media-size": dimensions}
    if wish.tray:
        paper["media-source"] = wish.tray
    if has_type:
        paper["media-type"] = wish.paper_type
    return paper


STRICT = frozenset({"media", "media-col", "media-source", "media-type", "media-size", "print-scaling", "sides"}) | {
    "x-image-shift",
    "y-image-shift",
}
"""What must not be ignored: the page would come out on another paper, at another size or in another place."""
