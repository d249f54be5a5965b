"""What a printer says of itself (RFC 8011 5.4.11 and 5.4.12, PWG 5100.9) in our reasons."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from kiosk.devices.contract import Band, DeviceKind, Reason
from kiosk.devices.reasons import band_of, severity

_SUFFIX = re.compile(r"-(error|warning|report)$")

_WORDS = {
    "media-low": Reason.MEDIA_LOW,
    "media-empty": Reason.MEDIA_EMPTY,
    "media-needed": Reason.MEDIA_EMPTY,
    "input-media-supply-low": Reason.MEDIA_LOW,
    "input-media-supply-empty": Reason.MEDIA_EMPTY,
    "input-tray-missing": Reason.MEDIA_EMPTY,
    "input-media-tray-empty": Reason.MEDIA_EMPTY,
    "media-jam": Reason.MEDIA_JAM,
    "media-path-jam": Reason.MEDIA_JAM,
    "media-path-media-jam": Reason.MEDIA_JAM,
    "cover-open": Reason.COVER_OPEN,
    "door-open": Reason.COVER_OPEN,
    "interlock-open": Reason.COVER_OPEN,
    "input-cover-open": Reason.COVER_OPEN,
    "output-cover-open": Reason.COVER_OPEN,
    "marker-supply-low": Reason.MARKER_LOW,
    "marker-supply-empty": Reason.MARKER_EMPTY,
    "marker-supply-missing": Reason.MARKER_EMPTY,
    "marker-ink-almost-empty": Reason.MARKER_LOW,
    "marker-ink-empty": Reason.MARKER_EMPTY,
    "marker-toner-cartridge-missing": Reason.MARKER_EMPTY,
    "toner-low": Reason.MARKER_LOW,
    "toner-empty": Reason.MARKER_EMPTY,
    "developer-low": Reason.MARKER_LOW,
    "developer-empty": Reason.MARKER_EMPTY,
    "marker-print-ribbon-almost-empty": Reason.RIBBON_LOW,
    "marker-print-ribbon-empty": Reason.RIBBON_EMPTY,
    "output-area-full": Reason.OUTPUT_FULL,
    "output-tray-missing": Reason.OUTPUT_FULL,
    "spool-area-full": Reason.SPOOL_FULL,
    "stopped": Reason.STOPPED,
    "stopped-partly": Reason.STOPPED,
    "stopping": Reason.STOPPED,
    "printer-stopped": Reason.STOPPED,
    "printer-stopped-partly": Reason.STOPPED,
    "fuser-under-temp": Reason.UNNAMED,
    "fuser-over-temp": Reason.OVERHEATED,
    "printer-temperature-high": Reason.OVERHEATED,
    "paused": Reason.PAUSED,
    "moving-to-paused": Reason.PAUSED,
    "hold-new-jobs": Reason.PAUSED,
    "deactivated": Reason.PAUSED,
    "shutdown": Reason.OFFLINE,
    "offline": Reason.OFFLINE,
    "timed-out": Reason.AWAY,
    "connecting-to-device": Reason.NONE,
    "cutter-error": Reason.CUTTER_FAULT,
    "trimmer-failure": Reason.CUTTER_FAULT,
    "none": Reason.NONE,
    "": Reason.NONE,
}

_ON_CARDS = {
    Reason.MEDIA_LOW: Reason.CARDS_LOW,
    Reason.MEDIA_EMPTY: Reason.CARDS_EMPTY,
    Reason.MARKER_LOW: Reason.RIBBON_LOW,
    Reason.MARKER_EMPTY: Reason.RIBBON_EMPTY,
}

IDLE, PROCESSING, STOPPED = 3, 4, 5


def listed(value: object) -> list[str]:
    """An attribute of one or many keywords as a list of words."""
    values = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    return [item for item in values if isinstance(item, str)]


def number(value: object) -> int | None:
    """An integer attribute; None where it is missing or something else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def reason_of(word: str, kind: DeviceKind) -> Reason:
    """The reason behind one keyword, whatever its suffix; UNNAMED for a word that nobody here knows."""
    bare = _SUFFIX.sub("", word.strip().lower())
    reason = _WORDS.get(bare, Reason.UNNAMED)
    return _ON_CARDS.get(reason, reason) if kind is DeviceKind.CARD_PRINTER else reason


def reasons_of(words: Iterable[str], kind: DeviceKind) -> tuple[list[Reason], list[str]]:
    """Our reasons, and the raw words that have no name of ours.

    The suffix does not soften paper, jam or cover: printers write ``media-empty-warning`` while they stand still for
    want of paper. It does silence the unknown: a ``-report`` that we have no name for is news, not a fault.
    """
    reasons: list[Reason] = []
    unnamed: list[str] = []
    for word in words:
        reason = reason_of(word, kind)
        if reason is Reason.UNNAMED:
            if word.lower().endswith("-report"):
                continue
            unnamed.append(word)
        if reason is not Reason.NONE and reason not in reasons:
            reasons.append(reason)
    return reasons, unnamed


def printer_state(printer: Mapping[str, Any], kind: DeviceKind) -> tuple[Band, list[Reason], str]:
    """Band, reasons and detail of a Get-Printer-Attributes answer. A state that is no state is SILENT, never OK."""
    state = number(printer.get("printer-state"))
    if state not in (IDLE, PROCESSING, STOPPED):
        return Band.UNKNOWN, [Reason.SILENT], f"printer-state {state}"
    reasons, unnamed = reasons_of(listed(printer.get("printer-state-reasons")), kind)
    detail = ", ".join(unnamed)
    if printer.get("printer-is-accepting-jobs") is False and not reasons:
        reasons.append(Reason.PAUSED)
    if state == STOPPED and severity(band_of(reasons)) < severity(Band.ERROR):
        if Reason.UNNAMED in reasons:
            # The raw word is all that the technician has; it stays beside the plain fact that it stands still.
            return Band.ERROR, reasons, detail
        reasons.append(Reason.STOPPED)
    return band_of(reasons), reasons, detail


def has_paper(printer: Mapping[str, Any], media: str) -> bool:
    """Whether a tray with our medium says that it holds some (PWG 5100.13 printer-input-tray).

    Level -3 is "some" and -2 "unknown", which counts as some. False also where the printer tells nothing of its trays.
    """
    size = media_size_mm(media)
    for tray in listed(printer.get("printer-input-tray")):
        fields = dict(part.split("=", 1) for part in tray.split(";") if "=" in part)
        try:
            level, width, length = (int(fields[name]) for name in ("level", "mediaxfeed", "mediafeed"))
        except (KeyError, ValueError):
            continue
        # The standard counts in micrometres; some printers count in hundredths of a millimetre.
        is_ours = size is not None and any(
            abs(width / unit - size[0]) <= 1 and abs(length / unit - size[1]) <= 1 for unit in (1000, 100)
        )
        if is_ours and level not in (0, -1):
            return True
    return False


def is_other_tray(printer: Mapping[str, Any], media: str) -> bool:
    """Whether the only emptiness reported is a remark, at rest, while the tray with our medium holds paper."""
    words = [w for w in listed(printer.get("printer-state-reasons")) if "media-empty" in w or "tray-empty" in w]
    is_remark = all(word.endswith(("-report", "-warning")) for word in words)
    return bool(words) and is_remark and printer.get("printer-state") == IDLE and has_paper(printer, media)


_METRIC = re.compile(r"_(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(mm|in)$")


def media_size_mm(name: str) -> tuple[float, float] | None:
    """Width and height in mm of a PWG 5101.1 media name; None where the name does not tell."""
    match = _METRIC.search(name)
    if match is None:
        return None
    factor = 25.4 if match[3] == "in" else 1.0
    return float(match[1]) * factor, float(match[2]) * factor


def is_same_media(first: str, second: str) -> bool:
    """Equal names, or equal sizes within 1 mm."""
    if first == second:
        return True
    a, b = media_size_mm(first), media_size_mm(second)
    return a is not None and b is not None and abs(a[0] - b[0]) <= 1 and abs(a[1] - b[1]) <= 1
