"""From pydantic's errors to problems: the place in the file, and words that an administrator can act on."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from kiosk.flows.loader import Document, Loc
from kiosk.flows.model import (
    FIELD_MODELS,
    FORMAT,
    STEP_MODELS,
    AnswerModel,
    AnyStep,
    BlockModel,
    ChoiceField,
    ChoiceModel,
    DotModel,
    FlowModel,
    Part,
    RowModel,
    Standard,
    StepModel,
    When,
)
from kiosk.flows.problems import Problem, Rule, closest

TARGETS = ("then", "failed", "timeout", "cancel", "unknown", "none", "locked", "otherwise")
"""The keys of a step that lead to another step."""

_step = TypeAdapter[StepModel](AnyStep)
_LISTED: dict[str, type[Part]] = {"dots": DotModel, "sections": BlockModel, "rows": RowModel, "choices": ChoiceModel}


def validate(document: Document) -> tuple[FlowModel | None, dict[str, StepModel], list[Problem]]:
    """The model if the shape is right; else the steps whose own shape is right, so that they can be linted too."""
    try:
        model = FlowModel.model_validate(document.data)
    except ValidationError as error:
        problems = [_problem(document, item) for item in error.errors(include_url=False, include_input=False)]
        return None, _good_steps(document), problems
    return model, dict(model.steps), []


def _good_steps(document: Document) -> dict[str, StepModel]:
    raw = document.data.get("steps") if isinstance(document.data, dict) else None
    steps: dict[str, StepModel] = {}
    for name, value in (raw if isinstance(raw, dict) else {}).items():
        try:
            steps[name] = _step.validate_python(value)
        except ValidationError:
            continue
    return steps


def _problem(document: Document, error: Any) -> Problem:
    loc, is_key = _without_tags(document, error["loc"])
    kind: str = error["type"]
    context: dict[str, Any] = error.get("ctx", {})
    name = str(loc[-1]) if loc else ""
    if kind == "missing":
        return _missing(document, loc, name)
    if kind == "extra_forbidden":
        guess = closest(name, _keys_at(document, loc[:-1]))
        return document.problem(Rule.SHAPE, "shape.extra", loc, at_key=True, guess=guess, values={"name": name})
    if kind in ("union_tag_invalid", "union_tag_not_found") and isinstance(_at(document.data, loc), dict):
        return _kind(document, loc, str(context.get("tag", "")))
    if is_key:
        return document.problem(Rule.SHAPE, "shape.name", loc, at_key=True, values={"name": name})
    if kind in ("enum", "literal_error"):
        words = [word.strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")]
        given = _at(document.data, loc)
        guess = closest(given, words) if isinstance(given, str) else ""
        allowed = ", ".join(word for word in words if word)
        return document.problem(Rule.SHAPE, "shape.word", loc, guess=guess, values={"words": allowed})
    if name == "format":
        return document.problem(Rule.SHAPE, "shape.format", loc, values={"format": FORMAT})
    if kind == "string_pattern_mismatch":
        return document.problem(Rule.SHAPE, _pattern(name), loc, values={"name": _at(document.data, loc)})
    # A value that may be text, number or truth was tried as each, and failed thrice in one place.
    is_scalar = loc[-2:-1] == ("in",) or name == "is"
    key = "shape.scalar" if is_scalar else _SENTENCES.get(kind, "shape.other")
    limits = [context[bound] for bound in _BOUNDS if bound in context]
    values = {"limit": limits[0]} if limits else {}
    return document.problem(Rule.SHAPE, key, loc, values=values)


_BOUNDS = ("min_length", "max_length", "ge", "le")
_SENTENCES = {
    "string_too_short": "shape.empty",
    "string_too_long": "shape.long",
    "too_short": "shape.few",
    "too_long": "shape.many",
    "greater_than_equal": "shape.small",
    "less_than_equal": "shape.large",
    "int_type": "shape.integer",
    "bool_type": "shape.truth",
    "string_type": "shape.text",
    "dict_type": "shape.mapping",
    "model_type": "shape.mapping",
    "model_attributes_type": "shape.mapping",
    "list_type": "shape.list",
    "union_tag_not_found": "shape.mapping",
}


def _pattern(name: str) -> str:
    if name == "before":
        return "shape.date"
    return "shape.field" if name in ("field", "each", "label", "value") else "shape.name"


def _missing(document: Document, loc: Loc, name: str) -> Problem:
    if loc[0] == "standard" and len(loc) == 2:
        return document.problem(Rule.STANDARD, f"standard.{name}", loc, at_key=True)
    if loc[0] == "standard":
        return document.problem(Rule.STANDARD, "standard.whole", loc, at_key=True)
    if loc[0] == "steps" and name in TARGETS:
        return document.problem(Rule.WIRING, f"wiring.{name}", loc, at_key=True)
    return document.problem(Rule.SHAPE, "shape.missing", loc, at_key=True, values={"name": name})


def _kind(document: Document, loc: Loc, tag: str) -> Problem:
    if not tag:
        return document.problem(Rule.KIND, "kind.none", loc, at_key=True)
    kinds = list(FIELD_MODELS if "fields" in loc else STEP_MODELS)
    values = {"kind": tag, "kinds": ", ".join(kinds)}
    return document.problem(Rule.KIND, "kind.unknown", (*loc, "kind"), guess=closest(tag, kinds), values=values)


def _without_tags(document: Document, raw: Sequence[str | int]) -> tuple[Loc, bool]:
    """The place in the file: pydantic's path without the union's tag, and whether the key itself is meant."""
    loc = tuple(raw)
    if len(loc) > 2 and loc[0] == "steps" and loc[2] in STEP_MODELS:
        loc = loc[:2] + loc[3:]
        if len(loc) > 4 and loc[2] == "fields" and loc[4] in FIELD_MODELS:
            loc = loc[:4] + loc[5:]
    if loc and loc[-1] == "[key]":
        return loc[:-1], True
    # A value that may be text, number or truth is tried as each; the file has one place for it.
    if loc and loc[-1] in ("str", "int", "bool", "constrained-str") and loc not in document.places:
        loc = loc[:-1]
    return loc, False


def _keys_at(document: Document, loc: Loc) -> list[str]:
    model: type[Part] = FlowModel
    names = [part for part in loc if isinstance(part, str)]
    if loc and names[-1] in ("when", "all", "any", "not"):
        model = When
    elif len(loc) == 2 and loc[0] == "steps":
        model = STEP_MODELS.get(str(_at(document.data, (*loc, "kind"))), StepModel)
    elif loc and loc[0] == "standard":
        model = Standard
    elif len(names) > 1 and names[-2] == "choices":
        model = AnswerModel if "fields" in names else ChoiceModel
    elif len(names) > 1 and names[-2] == "fields":
        model = FIELD_MODELS.get(str(_at(document.data, (*loc, "kind"))), ChoiceField)
    elif loc and isinstance(loc[-1], int):
        model = _LISTED.get(names[-1], FlowModel)
    return [field.alias or name for name, field in model.model_fields.items()]


def _at(data: Any, loc: Sequence[str | int]) -> Any:
    for part in loc:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data
