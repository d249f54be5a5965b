"""What a card printer says of its ribbon, feeder, reject tray and flipper (PWG 5100.13 and 5100.9), as parts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kiosk.devices.contract.card_printer import (
    CardPart,
    CardPrinterParts,
    Fitted,
    Level,
    PartState,
    RibbonKind,
    Source,
)
from kiosk.devices.printing.ipp_values import listed, numbers

PART_ATTRIBUTES = [
    *("printer-supply", "printer-supply-description", "printer-input-tray", "printer-output-tray"),
    *("marker-names", "marker-types", "marker-levels", "marker-low-levels", "marker-colors"),
    *("media-source-supported", "output-bin-supported", "sides-supported"),
]
REJECT_WORDS = ("reject", "trash", "waste", "defect")
"""In the name of an output bin: where spoiled cards go."""
_OTHER, _UNKNOWN, _SOME = -1, -2, -3
"""RFC 3805 levels: no restriction, unknown, at least one."""


@dataclass(frozen=True, slots=True)
class PartSettings:
    """What ``kiosk.toml`` says for a printer that is silent about itself. ``ribbon_low`` counts panel sets or %."""

    has_flipper: Fitted = Fitted.UNKNOWN
    has_reject_tray: Fitted = Fitted.UNKNOWN
    ribbon_low: int = 10
    cards_low: int = 20


def parts_of(printer: Mapping[str, Any], settings: PartSettings) -> CardPrinterParts:
    """The parts from a Get-Printer-Attributes answer; what it does not tell comes from the settings."""
    ribbon, kind = _ribbon(printer, settings.ribbon_low)
    return CardPrinterParts(
        ribbon=ribbon,
        feeder=_feeder(printer, settings.cards_low),
        reject_tray=_reject_tray(printer, settings.has_reject_tray),
        flipper=_flipper(printer, settings.has_flipper),
        ribbon_kind=kind,
    )


def parts_from_settings(settings: PartSettings) -> CardPrinterParts:
    """As long as the printer has said nothing."""
    return parts_of({}, settings)


def _fields(text: str) -> dict[str, str]:
    pairs = (part.split("=", 1) for part in text.split(";") if "=" in part)
    return {name.strip().lower(): value.strip() for name, value in pairs}


def _integer(fields: Mapping[str, str], name: str) -> int | None:
    try:
        return int(fields[name])
    except (KeyError, ValueError):
        return None


def _ribbon(printer: Mapping[str, Any], low: int) -> tuple[PartState, RibbonKind]:
    supplies = [_fields(text) for text in listed(printer.get("printer-supply"))]
    consumed = [one for one in supplies if one.get("class", "supplyThatIsConsumed") != "receptacleThatIsFilled"]
    named = [one for one in consumed if "ribbon" in one.get("type", "").lower()]
    supply = next(iter(named or consumed), None)
    words = " ".join(listed(printer.get("printer-supply-description")) + listed(printer.get("marker-names"))).lower()
    part = PartState(CardPart.RIBBON)
    if supply is not None:
        level, most = _integer(supply, "level"), _integer(supply, "maxcapacity")
        is_percent = supply.get("unit") == "percent" or most in (None, 100)
        kind = _ribbon_kind(words, supply.get("colorantname", ""))
        if level is None or level < 0:
            return replace(part, fitted=Fitted.YES, source=Source.PRINTER, level=_vague(level)), kind
        percent = level if is_percent else round(100 * level / most) if most else None
        left = None if is_percent else level
        return _levelled(part, level, low, left=left, percent=percent), kind
    levels = numbers(printer.get("marker-levels"))
    if levels:
        kind = _ribbon_kind(words, " ".join(listed(printer.get("marker-colors"))))
        known = [level for level in levels if level >= 0]
        if not known:
            return replace(part, fitted=Fitted.YES, source=Source.PRINTER, level=_vague(levels[0])), kind
        its_low = numbers(printer.get("marker-low-levels"))
        return _levelled(part, min(known), its_low[0] if its_low else low, percent=min(known)), kind
    return part, RibbonKind.UNKNOWN


def _ribbon_kind(words: str, colours: str) -> RibbonKind:
    if "ymc" in words or "colour" in words or "color" in words or "multi" in colours or colours.count("#") > 1:
        return RibbonKind.COLOUR
    if "rewrit" in words:
        return RibbonKind.REWRITABLE
    if "black" in words or "mono" in words or colours.lower() in ("black", "#000000"):
        return RibbonKind.MONOCHROME
    return RibbonKind.UNKNOWN


def _vague(level: int | None) -> Level:
    return Level.GOOD if level in (_OTHER, _SOME) else Level.UNKNOWN


def _levelled(part: PartState, level: int, low: int, *, left: int | None = None, percent: int | None) -> PartState:
    word = Level.EMPTY if level == 0 else Level.LOW if level <= low else Level.GOOD
    return replace(part, fitted=Fitted.YES, source=Source.PRINTER, level=word, left=left, percent=percent)


def _feeder(printer: Mapping[str, Any], low: int) -> PartState:
    part = PartState(CardPart.FEEDER)
    trays = [_fields(text) for text in listed(printer.get("printer-input-tray"))]
    levels = [level for tray in trays if (level := _integer(tray, "level")) is not None]
    if not levels:
        sources = listed(printer.get("media-source-supported"))
        return replace(part, fitted=Fitted.YES, source=Source.PRINTER) if sources else part
    counted = [level for level in levels if level >= 0]
    if not counted:
        return replace(part, fitted=Fitted.YES, source=Source.PRINTER, level=_vague(levels[0]))
    return _levelled(part, sum(counted), low, left=sum(counted), percent=None)


def _reject_tray(printer: Mapping[str, Any], told: Fitted) -> PartState:
    part = PartState(CardPart.REJECT_TRAY)
    for text in listed(printer.get("printer-output-tray")):
        fields = _fields(text)
        if not _is_reject(fields.get("name", "")):
            continue
        remaining = _integer(fields, "remaining")
        level = Level.UNKNOWN if remaining is None or remaining == _UNKNOWN else Level.GOOD
        if remaining == 0:
            level = Level.FULL
        left = remaining if remaining is not None and remaining >= 0 else None
        return replace(part, fitted=Fitted.YES, source=Source.PRINTER, level=level, left=left)
    bins = listed(printer.get("output-bin-supported"))
    if any(_is_reject(name) for name in bins):
        return replace(part, fitted=Fitted.YES, source=Source.PRINTER)
    if told is not Fitted.UNKNOWN:
        return replace(part, fitted=told, source=Source.SETTINGS)
    return part


def _is_reject(name: str) -> bool:
    return any(word in name.lower() for word in REJECT_WORDS)


def _flipper(printer: Mapping[str, Any], told: Fitted) -> PartState:
    part = PartState(CardPart.FLIPPER)
    if told is not Fitted.UNKNOWN:
        # Whoever set the machine up has seen it; printers call two passes by hand duplex as well.
        return replace(part, fitted=told, source=Source.SETTINGS)
    sides = listed(printer.get("sides-supported"))
    if not sides:
        return part
    is_there = any(word.startswith("two-sided") for word in sides)
    return replace(part, fitted=Fitted.YES if is_there else Fitted.NO, source=Source.PRINTER)


def is_main_bin_full(printer: Mapping[str, Any]) -> bool:
    """Whether a bin that is no reject tray says that it is full."""
    trays = [_fields(text) for text in listed(printer.get("printer-output-tray"))]
    return any(_integer(one, "remaining") == 0 and not _is_reject(one.get("name", "")) for one in trays)
