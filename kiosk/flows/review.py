"""What a review shows: the fields of a step as labelled texts, with identifying numbers masked."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from kiosk.flows.compiled import Block, ReviewStep, say
from kiosk.flows.conditions import read
from kiosk.flows.state import State
from kiosk.masking import mask_number

NOTHING = "-"
"""What stands where the registry holds nothing, as on its own papers."""


class ShownRow(msgspec.Struct, frozen=True):
    label: str
    value: str


class ShownSection(msgspec.Struct, frozen=True):
    title: str
    rows: tuple[ShownRow, ...]


def sections(step: ReviewStep, state: State, language: str) -> tuple[ShownSection, ...]:
    """The step's sections in ``language``; a section whose list is empty is left out."""
    found = (ShownSection(say(block.title, language), _rows(block, state, language)) for block in step.blocks)
    return tuple(section for section in found if section.rows)


def _rows(block: Block, state: State, language: str) -> tuple[ShownRow, ...]:
    if not block.each:
        return tuple(
            ShownRow(say(row.text, language), shown(read(state, row.field.split(".")), language, row.is_masked))
            for row in block.rows
        )
    members = read(state, block.each.split(".")) or ()
    label, value = block.label.partition(".")[2], block.value.partition(".")[2]
    return tuple(
        ShownRow(shown(member.get(label), language), shown(member.get(value), language, block.is_masked))
        for member in members
    )


def shown(value: Any, language: str, is_masked: bool = False) -> str:
    """One value as people read it: a coded one by its label, a date as the registry writes it."""
    if isinstance(value, Mapping):
        label = value.get("label", "")
        value = say(label, language) if isinstance(label, Mapping) else label
    elif isinstance(value, date):
        value = value.strftime("%d-%m-%Y")
    elif isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-" and value[:4].isdigit():
        value = f"{value[8:]}-{value[5:7]}-{value[:4]}"
    if value is None or value == "":
        return NOTHING
    return mask_number(str(value)) if is_masked else str(value)
