"""Questions, one page each; Back leads to the question before, with what was answered there.

A form that sends asks once more before it does, since from then on there is no Back. What was answered is a fact of the
visit; a complaint takes nothing of it along but its topic.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from kiosk.flows.compiled import AskKind, CompiledFlow, FormStep, Kind, Question
from kiosk.flows.effects import Complain
from kiosk.flows.events import Ended, Pressed, Submitted, Tick
from kiosk.flows.moves import ENTER, HANDLERS, WORK_LIMIT_S, Result, given, go, marked, stand, with_fact, work
from kiosk.flows.outcomes import Filed
from kiosk.flows.simple import CHOOSE, disk_is_late, failed, person_left, tried_again
from kiosk.flows.state import Stage, State

TOPIC = "topic"
"""The question whose answer a complaint is about."""
FIELD = "number"
"""The name under which a pad hands in its digits."""


def asked(step: FormStep, state: State) -> Question | None:
    """The question that stands on the page; None while all are answered."""
    return next((question for question in step.questions if question.id == state.question), None)


def answer_of(step: FormStep, state: State, question: str) -> Any:
    """What was answered: ``{"code": …, "label": texts}`` of a choice, the digits of a number, None before."""
    return state.facts.get("form", {}).get(step.id, {}).get(question)


def typed(step: FormStep, state: State, question: str) -> str:
    """The digits that stand on the pad when its page comes: what was left half typed, or what was answered."""
    answered = answer_of(step, state, question)
    return state.values.get(_key(step, question)) or (answered if isinstance(answered, str) else "")


def with_typed(step: FormStep, state: State, values: Mapping[str, str]) -> State:
    """What stood on the pad when the person went back."""
    question = asked(step, state)
    if question is None or question.kind is not AskKind.NUMBER:
        return state
    digits = _digits(values)[: question.most]
    return replace(state, values={**state.values, _key(step, question.id): digits})


def _key(step: FormStep, question: str) -> str:
    return f"form.{step.id}.{question}"


def _digits(values: Mapping[str, str]) -> str:
    return "".join(mark for mark in values.get(FIELD, "") if mark in "0123456789")


def _enter(_flow: CompiledFlow, step: FormStep, state: State, at: float) -> Result:
    return _ask(step, state, at, step.questions[0].id)


def _ask(step: FormStep, state: State, at: float, question: str) -> Result:
    return stand(state, Stage.SHOW, at + step.limit_s, question=question)


def _pressed(flow: CompiledFlow, step: FormStep, state: State, event: Pressed) -> Result:
    if event.action == "second":
        return go(flow, state, step.cancel, event.at, way="cancel")
    question = asked(step, state)
    if question is None or not event.action.startswith(CHOOSE):
        return state, ()
    key = event.action[len(CHOOSE) :]
    for answer in question.answers:
        if answer.key == key:
            return _answered(flow, step, state, event.at, question, {"code": key, "label": answer.title})
    return state, ()


def _submitted(flow: CompiledFlow, step: FormStep, state: State, event: Submitted) -> Result:
    question = asked(step, state)
    if question is None or question.kind is not AskKind.NUMBER or event.action != "submit":
        return state, ()
    digits = _digits(event.values)
    if not question.least <= len(digits) <= question.most:
        return state, ()
    return _answered(flow, step, state, event.at, question, digits)


def _answered(
    flow: CompiledFlow, step: FormStep, state: State, at: float, question: Question, answer: object
) -> Result:
    forms = state.facts.get("form", {})
    mine = {**forms.get(step.id, {}), question.id: answer}
    values = {name: value for name, value in state.values.items() if name != _key(step, question.id)}
    facts = with_fact(state, "form", {**forms, step.id: mine})
    state = replace(state, history=marked(state), facts=facts, values=values)
    place = step.questions.index(question) + 1
    if place < len(step.questions):
        return _ask(step, state, at, step.questions[place].id)
    if step.is_complaint:
        return stand(state, Stage.CONFIRM, at + step.limit_s, question="")
    return go(flow, state, step.then, at)


def _confirmed(flow: CompiledFlow, step: FormStep, state: State, event: Pressed) -> Result:
    if event.action == "main":
        return _send(flow, step, state, event.at)
    if event.action == "second":
        return go(flow, state, step.cancel, event.at, way="cancel")
    return state, ()


def _send(_flow: CompiledFlow, step: FormStep, state: State, at: float) -> Result:
    topic = answer_of(step, state, TOPIC)["code"]
    return work(state, Stage.WORK, at + WORK_LIMIT_S["counter"], Complain(state.next_effect, topic))


def _sent(flow: CompiledFlow, step: FormStep, state: State, event: Ended) -> Result:
    outcome = event.outcome
    if not isinstance(outcome, Filed):
        return failed(flow, step, state, event)
    topic = answer_of(step, state, TOPIC)
    complaint = {"number": outcome.number, "topic": topic["code"], "label": topic["label"]}
    return go(flow, given(replace(state, facts=with_fact(state, "complaint", complaint))), step.then, event.at)


_F = Kind.FORM

ENTER[_F] = _enter
HANDLERS.update(
    {
        (_F, Stage.SHOW, Pressed): _pressed,
        (_F, Stage.SHOW, Submitted): _submitted,
        (_F, Stage.SHOW, Tick): person_left,
        (_F, Stage.CONFIRM, Pressed): _confirmed,
        (_F, Stage.CONFIRM, Tick): person_left,
        (_F, Stage.WORK, Ended): _sent,
        (_F, Stage.WORK, Tick): disk_is_late,
        (_F, Stage.TROUBLE, Pressed): tried_again(_send),
        (_F, Stage.TROUBLE, Tick): person_left,
    }
)
