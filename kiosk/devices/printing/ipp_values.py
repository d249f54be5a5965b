"""Attribute values of an answer, read without trust: what is no such value is as if it were missing."""

from collections.abc import Mapping
from typing import Any

from kiosk.devices.status import one_line

_PER_INCH, _PER_CM = 3, 4
_LONGEST_WORD = 1023
"""RFC 8011 5.1: no text is longer."""


def listed(value: object) -> list[str]:
    """An attribute of one or many keywords as a list of words, which may be shown."""
    values = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    return [one_line(item, _LONGEST_WORD) for item in values if isinstance(item, str)]


def number(value: object) -> int | None:
    """An integer attribute; None where it is missing or something else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def numbers(value: object) -> list[int]:
    """An attribute of one or many integers."""
    values = value if isinstance(value, (list, tuple)) else [value]
    return [item for item in map(number, values) if item is not None]


def collections(value: object) -> list[Mapping[str, Any]]:
    """An attribute of one or many collections."""
    values = value if isinstance(value, (list, tuple)) else [value]
    return [item for item in values if isinstance(item, Mapping)]


def resolutions(value: object) -> list[tuple[int, int]]:
    """An attribute of one or many resolutions, as dots an inch across and down."""
    values = [value] if isinstance(value, tuple) else value if isinstance(value, list) else []
    found = []
    for item in values:
        if isinstance(item, tuple) and len(item) == 3 and all(isinstance(part, int) for part in item):
            across, down, unit = item
            factor = {_PER_INCH: 1.0, _PER_CM: 2.54}.get(unit, 0.0)
            if 0 < across * factor <= 4800 and 0 < down * factor <= 4800:
                found.append((round(across * factor), round(down * factor)))
    return found
