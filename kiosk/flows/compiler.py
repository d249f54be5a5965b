"""From the checked model of a file to the compiled flow that the engine runs."""

from collections.abc import Callable, Iterable
from typing import Any

from kiosk.flows import compiled, conditions, model
from kiosk.flows.compiled import AskKind, CompiledFlow, Kind, Text
from kiosk.flows.doable import OFFICE, is_blocked, queues_of
from kiosk.flows.effects import Source
from kiosk.flows.nik import REAL_PROVINCES

LIMITS_S = {Kind.SURVEY: 30.0, Kind.FINISH: 15.0}
"""How long a page waits where the file does not say; all others wait ``Step.limit_s``."""


def compile_flow(flow: model.FlowModel, regions: Iterable[str] = ()) -> CompiledFlow:
    """The fast form of a flow without problems. ``regions`` are province codes accepted besides the real ones."""
    dots = tuple(compiled.Dot(dot.id, dot.text) for dot in flow.dots)
    index = {dot.id: number for number, dot in enumerate(dots)}
    steps = {name: _step(name, step, index) for name, step in flow.steps.items()}
    first = next(iter(flow.steps))
    return CompiledFlow(
        id=flow.id,
        icon=flow.icon,
        title=flow.title,
        text=flow.text,
        standard=compiled.Standard(**{name: getattr(flow.standard, name) for name in model.Standard.model_fields}),
        dots=dots,
        first=first,
        steps=steps,
        devices=tuple(flow.devices),
        consent=flow.consent or {},
        card_removed=flow.card_removed,
        provinces=REAL_PROVINCES | frozenset(regions),
        needs_office=is_blocked(steps, first, {OFFICE}),
        queues=queues_of(steps),
    )


def _step(name: str, step: Any, dots: dict[str, int]) -> Any:
    kind = Kind(step.kind)
    shared: dict[str, Any] = {
        "id": name,
        "kind": kind,
        "dot": dots.get(step.dot or "", -1),
        "title": step.title or {},
        "text": step.text or {},
        "then": getattr(step, "then", ""),
        "failed": getattr(step, "failed", None) or "",
        "timeout": getattr(step, "timeout", compiled.END),
        "cancel": getattr(step, "cancel", compiled.END),
        "when": _condition(step.when),
        "otherwise": step.otherwise or getattr(step, "then", compiled.END),
    }
    limit = step.limit_s or LIMITS_S.get(kind)
    if limit:
        shared["limit_s"] = float(limit)
    return _BUILD[kind](step, shared)


def _texts(texts: Iterable[Text]) -> tuple[Text, ...]:
    return tuple(texts)


def _notice(step: model.Notice, shared: dict[str, Any]) -> compiled.Step:
    return compiled.NoticeStep(**shared, button=step.button or {}, lines=_texts(step.lines), scene=step.scene)


def _menu(step: model.Menu, shared: dict[str, Any]) -> compiled.Step:
    choices = tuple(
        compiled.Choice(key, one.title, one.then, one.text or {}, one.icon or "", _condition(one.when))
        for key, one in step.choices.items()
    )
    return compiled.MenuStep(**shared, choices=choices)


def _form(step: model.Form, shared: dict[str, Any]) -> compiled.Step:
    questions = tuple(_question(key, one) for key, one in step.fields.items())
    sends = step.send is not None
    return compiled.FormStep(
        **shared, questions=questions, is_complaint=sends, button=step.button or {}, note=step.note or {}
    )


def _question(key: str, field: model.ChoiceField | model.NumberField) -> compiled.Question:
    shared: dict[str, Any] = {"id": key, "kind": AskKind(field.kind), "title": field.title, "text": field.text or {}}
    if isinstance(field, model.NumberField):
        return compiled.Question(**shared, least=field.min_length, most=field.max_length)
    answers = tuple(
        compiled.Answer(name, one.title, one.text or {}, one.icon or "") for name, one in field.choices.items()
    )
    return compiled.Question(**shared, answers=answers)


def _identify(step: model.Identify, shared: dict[str, Any]) -> compiled.Step:
    proofs = tuple(step.proofs)
    return compiled.IdentifyStep(
        **shared,
        proofs=proofs,
        biometrics=tuple(step.biometrics),
        offer_bind=step.offer_bind,
        locked=step.locked or step.failed,
    )


def _fetch(step: model.Fetch, shared: dict[str, Any]) -> compiled.Step:
    return compiled.FetchStep(**shared, what=step.what)


def _review(step: model.Review, shared: dict[str, Any]) -> compiled.Step:
    blocks = tuple(
        compiled.Block(
            title=block.title,
            rows=tuple(compiled.Row(row.field, row.text, row.mask) for row in block.rows),
            each=block.each or "",
            label=block.label or "",
            value=block.value or "",
            is_masked=block.mask,
        )
        for block in step.sections
    )
    return compiled.ReviewStep(**shared, blocks=blocks, button=step.button or {}, note=step.note or {})


def _documents(step: model.Documents, shared: dict[str, Any]) -> compiled.Step:
    kinds = tuple(step.documents)
    return compiled.DocumentsStep(
        **shared, documents=kinds, need=step.need, is_auto=step.auto, none=step.none, note=step.note or {}
    )


def _print(step: model.Print, shared: dict[str, Any]) -> compiled.Step:
    return compiled.PrintStep(**shared, source=step.source, unknown=step.unknown)


def _card(step: model.Card, shared: dict[str, Any]) -> compiled.Step:
    return compiled.PrintStep(**shared, source=Source.OFFICE, is_card=True, unknown=step.unknown)


def _hand_over(step: model.HandOver, shared: dict[str, Any]) -> compiled.Step:
    return compiled.HandOverStep(**shared, lines=_texts(step.lines))


def _slip(step: model.Slip, shared: dict[str, Any]) -> compiled.Step:
    return compiled.SlipStep(**shared, layout=step.layout)


def _ticket(step: model.Ticket, shared: dict[str, Any]) -> compiled.Step:
    return compiled.TicketStep(**shared, queue=step.queue, name=step.name)


def _survey(_step: model.Survey, shared: dict[str, Any]) -> compiled.Step:
    return compiled.SurveyStep(**shared)


def _finish(step: model.Finish, shared: dict[str, Any]) -> compiled.Step:
    return compiled.FinishStep(**shared, ending=step.ending, lines=_texts(step.lines))


_BUILD: dict[Kind, Callable[[Any, dict[str, Any]], compiled.Step]] = {
    Kind.NOTICE: _notice,
    Kind.MENU: _menu,
    Kind.FORM: _form,
    Kind.IDENTIFY: _identify,
    Kind.FETCH: _fetch,
    Kind.REVIEW: _review,
    Kind.DOCUMENTS: _documents,
    Kind.PRINT: _print,
    Kind.CARD: _card,
    Kind.HAND_OVER: _hand_over,
    Kind.SLIP: _slip,
    Kind.TICKET: _ticket,
    Kind.SURVEY: _survey,
    Kind.FINISH: _finish,
}


def _condition(when: model.When | None) -> conditions.Condition | None:
    if when is None:
        return None
    if when.all is not None:
        return conditions.All(tuple(_sure(part) for part in when.all))
    if when.any is not None:
        return conditions.AnyOf(tuple(_sure(part) for part in when.any))
    if when.not_ is not None:
        return conditions.Not(_sure(when.not_))
    assert when.field is not None
    path = tuple(when.field.split("."))
    if when.in_ is not None:
        return conditions.In(path, tuple(when.in_))
    if when.at_least is not None:
        return conditions.AtLeast(path, when.at_least)
    if when.before is not None:
        return conditions.Before(path, when.before)
    if when.exists is not None:
        return conditions.Exists(path, when.exists)
    assert when.is_ is not None
    return conditions.Is(path, when.is_)


def _sure(when: model.When) -> conditions.Condition:
    condition = _condition(when)
    assert condition is not None
    return condition
