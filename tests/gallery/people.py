"""The invented family whose documents the gallery shows."""

from functools import cache
from typing import Any, TypeVar

from kiosk import api
from kiosk.backend.invented import invent_person
from kiosk.backend.simulated import SimulatedPerson

M = TypeVar("M", api.Person, api.Family, api.ReadyDocument)

KINDS = [kind for kind in api.DocumentKind if kind is not api.DocumentKind.DEATH]
NAMES = {
    "ADI CONTOH A": "BAYU WIBISONO",
    "SARI CONTOH A": "SEKAR ARUM PUSPITA WULANDARI",
    "BUDI CONTOH J": "DAMAR WIBISONO",
    "BUDI CONTOH K": "GALIH ADHITYA WIBISONO",
    "TONO CONTOH": "SUGIARTO",
    "RINI CONTOH": "LASTRI HANDAYANI",
    "JL. CONTOH NO. 1": "JL. MELATI RAYA GANG II NO. 12",
}
"""Invented names as people have them, in place of those that only tell tests apart."""


@cache
def somebody() -> SimulatedPerson:
    """A head of family with two children and one document of each kind but one."""
    bare = invent_person(1, children=2, kinds=KINDS)
    return SimulatedPerson(
        _named(bare.person),
        _named(bare.family),
        documents=[_named(document) for document in bare.documents],
    )


def _named(model: M) -> M:
    text = model.model_dump_json()
    for placeholder, name in NAMES.items():
        text = text.replace(f'"{placeholder}"', f'"{name}"')
    return type(model).model_validate_json(text)


def person() -> dict[str, Any]:
    return somebody().person.model_dump(mode="json")


def family() -> dict[str, Any]:
    return somebody().family.model_dump(mode="json")


def documents(**closed: str) -> list[dict[str, Any]]:
    """The ready documents as the core gives them to the engine; ``closed``: kind (with _) and why it is not ready."""
    found = []
    for document in somebody().documents:
        reason = closed.get(document.kind.value.replace("-", "_"))
        changes = {"can_print": False, "can_hand_over": False, "reason": reason} if reason else {}
        found.append(document.model_dump(mode="json") | changes)
    return found
