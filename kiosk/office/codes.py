"""The registry's code lists, as the office writes and translates them."""

import json
from functools import cache
from pathlib import Path

from kiosk import api

FILE = Path(__file__).with_name("codelists.json")

MALE, FEMALE = "1", "2"
WNI = "1"
SINGLE, MARRIED, MARRIED_UNREGISTERED, DIVORCED, DIVORCED_UNREGISTERED, WIDOWED = "1", "2", "3", "4", "5", "6"
HEAD, HUSBAND, WIFE, CHILD, IN_LAW_CHILD, GRANDCHILD, PARENT, PARENT_IN_LAW, RELATIVE, HELPER = (
    str(number) for number in range(1, 11)
)
ISLAM = "1"
BLOOD_UNKNOWN = "13"

CARD_MARITAL = {
    SINGLE: "1",
    MARRIED: "2",
    MARRIED_UNREGISTERED: "2",
    DIVORCED: "3",
    DIVORCED_UNREGISTERED: "3",
    WIDOWED: "4",
}
"""The identity card still writes four marital states where the family card writes six."""


@cache
def lists() -> dict[str, dict[str, api.Coded]]:
    """Every list by name; every entry by code."""
    raw = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        name: {code: api.Coded(code=code, label=api.Words(**words)) for code, words in entries.items()}
        for name, entries in raw.items()
    }


def coded(name: str, code: str) -> api.Coded:
    """One entry. Raises KeyError for a code that the list lacks."""
    return lists()[name][code]


def label(name: str, code: str) -> str:
    """The registry's own label: Indonesian in capitals."""
    return coded(name, code).label.id
