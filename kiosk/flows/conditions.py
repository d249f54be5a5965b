"""Declarative conditions: ``{field: person.marital_status, is: "2"}``. There is no expression language.

A condition is compiled once and asked of a state. A field that is not there makes every test false, so that a flow
never stops on it; the linter has refused to read a field before it is set.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from kiosk.flows.state import State

if TYPE_CHECKING:
    from kiosk.flows.compiled import Choice, MenuStep

Scalar = str | int | bool


class Condition(msgspec.Struct, frozen=True, tag=True):
    """Base."""


class Is(Condition, frozen=True):
    path: tuple[str, ...]
    value: Scalar


class In(Condition, frozen=True):
    path: tuple[str, ...]
    values: tuple[Scalar, ...]


class AtLeast(Condition, frozen=True):
    """A number, or the length of a list."""

    path: tuple[str, ...]
    value: int


class Before(Condition, frozen=True):
    """A date, compared as YYYY-MM-DD."""

    path: tuple[str, ...]
    value: str


class Exists(Condition, frozen=True):
    """Whether the field holds anything; an empty text or list is nothing."""

    path: tuple[str, ...]
    value: bool


class All(Condition, frozen=True):
    parts: tuple[Condition, ...]


class AnyOf(Condition, frozen=True):
    parts: tuple[Condition, ...]


class Not(Condition, frozen=True):
    part: Condition


def read(state: State, path: Sequence[str]) -> Any:
    """The field's value, or None. ``document.*`` is the chosen document, ``documents.<kind>`` how many can be used."""
    root = path[0]
    if root == "document":
        value: Any = chosen(state)
    elif root == "documents" and len(path) == 2:
        return sum(1 for item in state.facts.get(root, ()) if item["kind"] == path[1] and is_usable(item, state))
    elif root == "choice":
        return state.values.get(f"choice.{path[1]}")
    else:
        value = state.facts.get(root)
    for name in path[1:]:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def chosen(state: State) -> Mapping[str, Any] | None:
    """The document that was chosen, or None."""
    if not state.document:
        return None
    return next((item for item in state.facts.get("documents", ()) if item["id"] == state.document), None)


def is_usable(document: Mapping[str, Any], state: State) -> bool:
    """Whether anything can be done with the document here and now."""
    return bool(document.get("can_print") or document.get("can_hand_over")) and document["id"] not in state.closed


def plain(value: Any) -> Any:
    """The comparable form: the code of a coded value, ISO text of a date."""
    if isinstance(value, Mapping):
        return value.get("code")
    return value.isoformat() if isinstance(value, date) else value


def holds(condition: Condition | None, state: State) -> bool:
    """Whether the condition is true of the state; no condition is true."""
    return condition is None or _HOLDS[type(condition)](condition, state)


def open_choices(step: "MenuStep", state: State) -> tuple["Choice", ...]:
    """The answers of a menu that stand open for this person."""
    return tuple(choice for choice in step.choices if holds(choice.when, state))


def missing_device(choice: "Choice", state: State) -> str | None:
    """``""``: it stands open; a device: that alone keeps it closed; None: it is not for this person."""
    if holds(choice.when, state):
        return ""
    devices: Mapping[str, bool] = state.facts.get("device", {})
    for device in [name for name, serves in devices.items() if not serves]:
        facts = {**state.facts, "device": {**devices, device: True}}
        if holds(choice.when, msgspec.structs.replace(state, facts=facts)):
            return device
    return None


def _is(test: Is, state: State) -> bool:
    return bool(plain(read(state, test.path)) == test.value)


def _in(test: In, state: State) -> bool:
    return plain(read(state, test.path)) in test.values


def _at_least(test: AtLeast, state: State) -> bool:
    value = read(state, test.path)
    if isinstance(value, int):
        return value >= test.value
    return isinstance(value, (list, tuple)) and len(value) >= test.value


def _before(test: Before, state: State) -> bool:
    value = plain(read(state, test.path))
    return isinstance(value, str) and value < test.value


def _exists(test: Exists, state: State) -> bool:
    value = read(state, test.path)
    return (value is not None and value not in ("", [], ())) == test.value


_HOLDS: dict[type[Condition], Any] = {
    Is: _is,
    In: _in,
    AtLeast: _at_least,
    Before: _before,
    Exists: _exists,
    All: lambda test, state: all(holds(part, state) for part in test.parts),
    AnyOf: lambda test, state: any(holds(part, state) for part in test.parts),
    Not: lambda test, state: not holds(test.part, state),
}
