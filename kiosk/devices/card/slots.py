"""What a PC/SC name stands for: one box shows its contactless field, its contact slot and its SAM slots as readers."""

import re
from collections.abc import Sequence
from enum import StrEnum


class SlotKind(StrEnum):
    """What is behind a PC/SC reader name."""

    CONTACTLESS = "contactless"
    CONTACT = "contact"
    SAM = "sam"
    UNKNOWN = "unknown"


_WORDS = (
    (SlotKind.SAM, re.compile(r"(?<![a-z])sam(?![a-z])")),
    (SlotKind.CONTACTLESS, re.compile(r"contactless|(?<![a-z])(picc|nfc|rfid)(?![a-z])|(?<![a-z])cl(?![a-z])")),
    (SlotKind.CONTACT, re.compile(r"contact|(?<![a-z])icc(?![a-z])")),
)
"""In this order: `contactless` holds `contact`, and a SAM slot is often called after the box's contactless side."""


def slot_kind(name: str) -> SlotKind:
    """By the words that makers put into names; UNKNOWN where there is none, as with many boxes of one slot."""
    lowered = name.lower()
    return next((kind for kind, words in _WORDS if words.search(lowered)), SlotKind.UNKNOWN)


def choose_readers(names: Sequence[str], wanted: str) -> list[str]:
    """The readers to watch: all that hold the wanted part of a name, else the contactless ones, else the first unknown.

    Slots for SAMs and contact cards are left out unless they are asked for: a card always lies in them.
    """
    if wanted:
        return [name for name in names if wanted.lower() in name.lower()]
    contactless = [name for name in names if slot_kind(name) is SlotKind.CONTACTLESS]
    return contactless or [name for name in names if slot_kind(name) is SlotKind.UNKNOWN][:1]


def slots_line(names: Sequence[str], watched: Sequence[str]) -> str:
    """For the technician: each reader that PC/SC shows, what it is, and a star at those that are watched."""
    return "; ".join(f"{'*' if name in watched else ''}{name} ({slot_kind(name).value})" for name in names)
