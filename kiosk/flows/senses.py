"""What conditions and reviews read: known names, fitting types, masks, and nothing before it is set."""

from collections.abc import Iterator, Mapping
from typing import Any

from kiosk.flows.effects import ProofKind, Source
from kiosk.flows.fields import FIELDS, MEMBER_FIELDS, TESTS, VALUES, Field, FieldType
from kiosk.flows.loader import Document
from kiosk.flows.model import (
    Card,
    ChoiceField,
    Documents,
    Fetch,
    FlowModel,
    Form,
    HandOver,
    Menu,
    Print,
    Review,
    Slip,
    StepModel,
    When,
)
from kiosk.flows.problems import Problem, Rule, closest

Loc = tuple[str | int, ...]

EACH = ("family.members",)
"""Lists that a section may show member by member."""

_TEST_NAMES = {"is_": "is", "in_": "in", "at_least": "at_least", "before": "before", "exists": "exists"}
_GROUPS = {"all": "all", "any": "any", "not_": "not"}


# --- reviews ----------------------------------------------------------------------------------------------------


def review(document: Document, name: str, step: Review, steps: Mapping[str, StepModel]) -> Iterator[Problem]:
    """Each section is rows or a list, its fields exist, and numbers that identify people are masked."""
    fields = {**FIELDS, **{field: found for field, (found, _) in _own(steps).items() if field.startswith("form.")}}
    for index, block in enumerate(step.sections):
        loc: Loc = ("steps", name, "sections", index)
        if (block.each is None) == (not block.rows):
            yield document.problem(Rule.SHAPE, "review.either", loc)
            continue
        for number, row in enumerate(block.rows):
            yield from _shown(document, row.field, fields, row.mask, (*loc, "rows", number, "field"))
        if block.each is None:
            continue
        if block.each not in EACH:
            values = {"name": block.each}
            yield document.problem(
                Rule.FIELD, "field.unknown", (*loc, "each"), guess=closest(block.each, EACH), values=values
            )
        for key in ("label", "value"):
            field = getattr(block, key)
            if field is None:
                yield document.problem(Rule.SHAPE, "shape.missing", (*loc, key), at_key=True, values={"name": key})
            else:
                yield from _shown(document, field, MEMBER_FIELDS, block.mask and key == "value", (*loc, key))


def _shown(document: Document, name: str, fields: dict[str, Field], is_masked: bool, loc: Loc) -> Iterator[Problem]:
    field = fields.get(name)
    if field is None or field.type is FieldType.LIST:
        guess = closest(name, [known for known in fields if known != name])
        yield document.problem(Rule.FIELD, "field.unknown", loc, guess=guess, values={"name": name})
    elif field.is_secret and not is_masked:
        yield document.problem(Rule.UNMASKED, "field.unmasked", loc, values={"name": name})


# --- conditions -------------------------------------------------------------------------------------------------


def conditions(document: Document, flow: FlowModel, when: When, loc: Loc) -> Iterator[Problem]:
    """One condition and those within it."""
    groups = [name for name in _GROUPS if getattr(when, name) is not None]
    tests = [name for name in _TEST_NAMES if getattr(when, name) is not None]
    is_single = when.field is not None and len(tests) == 1 and not groups
    is_group = when.field is None and not tests and len(groups) == 1
    if not is_single and not is_group:
        yield document.problem(Rule.CONDITION, "condition.one", loc, at_key=True)
        return
    if is_single:
        yield from _single(document, flow, when, tests[0], loc)
        return
    inner = getattr(when, groups[0])
    key = _GROUPS[groups[0]]
    if isinstance(inner, When):
        yield from conditions(document, flow, inner, (*loc, key))
        return
    for index, part in enumerate(inner):
        yield from conditions(document, flow, part, (*loc, key, index))


def _single(document: Document, flow: FlowModel, when: When, test: str, loc: Loc) -> Iterator[Problem]:
    assert when.field is not None
    field, words = _field(flow, when.field)
    if field is None:
        values = {"name": when.field}
        guess = closest(when.field, [*FIELDS, *_own(flow.steps)])
        yield document.problem(Rule.FIELD, "field.unknown", (*loc, "field"), guess=guess, values=values)
        return
    key = _TEST_NAMES[test]
    if key not in TESTS[field.type]:
        values = {"test": key, "name": when.field, "tests": ", ".join(TESTS[field.type])}
        yield document.problem(Rule.CONDITION, "condition.test", (*loc, key), at_key=True, values=values)
        return
    given = getattr(when, test)
    for index, value in enumerate(given if isinstance(given, list) else [given]):
        if key not in ("is", "in"):
            continue
        place = (*loc, key, index) if isinstance(given, list) else (*loc, key)
        if type(value) is not VALUES[field.type]:
            yield document.problem(Rule.CONDITION, f"condition.{VALUES[field.type].__name__}", place)
        elif words and value not in words:
            given_words: dict[str, object] = {"value": value, "words": ", ".join(words)}
            yield document.problem(
                Rule.CONDITION, "condition.never", place, guess=closest(str(value), words), values=given_words
            )


def _own(steps: Mapping[str, StepModel]) -> dict[str, tuple[Field, tuple[str, ...]]]:
    """The fields that the file's own menus and forms set, with the only values that they can have."""
    own: dict[str, tuple[Field, tuple[str, ...]]] = {}
    for name, step in steps.items():
        if isinstance(step, Menu):
            own[f"choice.{name}"] = Field(FieldType.CODE, f"choice.{name}"), tuple(step.choices)
        elif isinstance(step, Form):
            for key, field in step.fields.items():
                is_choice = isinstance(field, ChoiceField)
                type_ = FieldType.CODE if is_choice else FieldType.TEXT
                words = tuple(field.choices) if isinstance(field, ChoiceField) else ()
                own[f"form.{name}.{key}"] = Field(type_, f"form.{name}"), words
    return own


def _field(flow: FlowModel, name: str) -> tuple[Field | None, tuple[str, ...]]:
    """The field of that name and, where they are known, the only values that it can have."""
    own = _own(flow.steps).get(name)
    if own is not None:
        return own
    return FIELDS.get(name), tuple(ProofKind) if name == "proof" else ()


# --- order ------------------------------------------------------------------------------------------------------


def known_before(document: Document, flow: FlowModel, known: dict[str, frozenset[str]]) -> Iterator[Problem]:
    """Nothing is read before it is set, whichever way the visit came."""
    for name, step in flow.steps.items():
        for when, loc in _whens(name, step):
            yield from conditions(document, flow, when, loc)
        if name not in known:
            continue
        for need, loc, field in _reads(flow, name, step):
            if need and need not in known[name]:
                values = {"name": field, "setter": _setter(need)}
                yield document.problem(Rule.UNSET, "field.unset", loc, values=values)


_SETTERS = {
    "proof": "identify",
    "person": "fetch (what: person)",
    "family": "fetch (what: family)",
    "documents": "fetch (what: documents)",
    "document": "documents",
    "ticket": "ticket",
    "complaint": "form (send: complaint)",
}


def _setter(need: str) -> str:
    kind, _, name = need.partition(".")
    return _SETTERS.get(need) or f"{'menu' if kind == 'choice' else kind} ({name})"


def _whens(name: str, step: StepModel) -> Iterator[tuple[When, Loc]]:
    if step.when is not None:
        yield step.when, ("steps", name, "when")
    if isinstance(step, Menu):
        for key, choice in step.choices.items():
            if choice.when is not None:
                yield choice.when, ("steps", name, "choices", key, "when")


def _reads(flow: FlowModel, name: str, step: StepModel) -> Iterator[tuple[str, Loc, str]]:
    """(fact that is needed, place, what reads it)."""
    loc: Loc = ("steps", name)
    for when, place in _whens(name, step):
        for field, where in _leaves(when, place):
            found, _ = _field(flow, field)
            if found is not None:
                yield found.needs, where, field
    if isinstance(step, Review):
        for index, block in enumerate(step.sections):
            for number, row in enumerate(block.rows):
                found, _ = _field(flow, row.field)
                if found is not None and found.type is not FieldType.LIST:
                    yield found.needs, (*loc, "sections", index, "rows", number, "field"), row.field
            if block.each in EACH:
                yield "family", (*loc, "sections", index, "each"), str(block.each)
    for need in _needs(step):
        yield need, (*loc, "layout" if isinstance(step, Slip) else "kind"), need


def _needs(step: StepModel) -> tuple[str, ...]:
    if isinstance(step, Fetch):
        return ("proof",)
    if isinstance(step, Documents):
        return ("documents",)
    if isinstance(step, Print):
        return ("document",) if step.source is Source.OFFICE else ("person", "family")
    if isinstance(step, Slip):
        return (step.layout,) if step.layout in ("ticket", "complaint") else ()
    return ("document",) if isinstance(step, Card | HandOver) else ()


def _leaves(when: When, loc: Loc) -> Iterator[tuple[str, Loc]]:
    if when.field is not None:
        yield when.field, (*loc, "field")
    for attribute, key in _GROUPS.items():
        inner: Any = getattr(when, attribute)
        if isinstance(inner, When):
            yield from _leaves(inner, (*loc, key))
        elif inner is not None:
            for index, part in enumerate(inner):
                yield from _leaves(part, (*loc, key, index))
