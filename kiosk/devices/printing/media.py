"""Sizes of paper by their PWG 5101.1 names, and what a printer tells of its trays."""

import re
from collections.abc import Mapping
from typing import Any

from kiosk.devices.printing.ipp_values import listed

_IDLE = 3


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
    return bool(words) and is_remark and printer.get("printer-state") == _IDLE and has_paper(printer, media)


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
