"""The engine: one pure function from a flow, a state and an event to a state and effects.

No I/O, no clock, no threads; time comes in with the event. Total: any event in any state gives a state, and what means
nothing there changes nothing. One module a composite kind fills the tables of ``moves``; here are only the rules that
all kinds share: consent, Back, Home, the card that is taken away, and outcomes that come too late.
"""

from collections.abc import Collection
from typing import Any

from msgspec.structs import replace

from kiosk.errors import ErrorCode
from kiosk.flows import form, identify, paper, simple, ticket  # noqa: F401 - they fill the tables
from kiosk.flows.compiled import CardRemoved, CompiledFlow, FormStep
from kiosk.flows.effects import ProofKind
from kiosk.flows.events import CardGone, Ended, Event, Pressed, Submitted, Tick
from kiosk.flows.fields import DEVICES
from kiosk.flows.moves import HANDLERS, RESUME, Result, drop, end, go, quit_flow, stand
from kiosk.flows.nik import LENGTH
from kiosk.flows.outcomes import Ending
from kiosk.flows.state import Mark, Stage, State

STANDARD_S = 300.0
"""Seconds that the service standard waits for consent."""

_FOR_PEOPLE = frozenset(
    {
        Stage.STANDARD,
        Stage.SHOW,
        Stage.CONFIRM,
        Stage.TROUBLE,
        Stage.CHOOSE_PROOF,
        Stage.TAP,
        Stage.NIK,
        Stage.PIN,
        Stage.CONSENT,
        Stage.SCAN,
        Stage.CODE,
        Stage.LOCKED,
        Stage.OFFER_BIND,
        Stage.CHOOSE_DOCUMENT,
        Stage.PREVIEW,
        Stage.PHONE,
        Stage.RATE,
        Stage.FINISH,
    }
)
_WITH_BACK = _FOR_PEOPLE - {Stage.TROUBLE, Stage.LOCKED, Stage.OFFER_BIND, Stage.RATE, Stage.FINISH}
_WITHOUT_HOME = frozenset({Stage.PRINT, Stage.ENDED})


def start(flow: CompiledFlow, at: float, usable: Collection[str] = DEVICES) -> State:
    """The service standard and consent, before the first step. ``usable`` are the kinds of devices that serve now."""
    state = State(flow=flow.id, step=flow.first, stage=Stage.STANDARD, deadline=at + STANDARD_S)
    return with_devices(state, usable)


def with_devices(state: State, usable: Collection[str]) -> State:
    """The same place, with the kinds of devices that serve now."""
    return replace(state, facts={**state.facts, "device": {device: device in usable for device in DEVICES}})


def step(flow: CompiledFlow, state: State, event: Event) -> Result:
    """What ``event`` makes of ``state``, and what the outside is asked to do. Never raises for a linted flow."""
    kind = type(event)
    if state.stage is Stage.ENDED:
        return state, ()
    if kind is Pressed:
        shared = _SHARED.get(event.action)  # type: ignore[attr-defined]
        if shared is not None:
            return shared(flow, state, event)
    elif kind is Tick:
        if state.deadline is None or event.at < state.deadline:
            return state, ()
    elif kind is Ended:
        if event.effect != state.pending or not state.pending:  # type: ignore[attr-defined]
            return state, ()
    elif kind is Submitted and event.action in _SHARED:  # type: ignore[attr-defined]
        return _SHARED[event.action](flow, _with_typed(flow, state, event), event)  # type: ignore[attr-defined]
    if state.stage is Stage.STANDARD:
        return _standard(flow, state, event)
    current = flow.steps[state.step]
    handler = HANDLERS.get((current.kind, state.stage, kind))
    if handler is not None:
        return handler(flow, current, state, event)
    if kind is CardGone:
        return _card_gone(flow, state)
    return state, ()


def can_go_back(state: State) -> bool:
    """Whether the page bears Back: there is a place to go to, and no act in between that can't be undone."""
    return bool(state.history) and not state.is_past_return and state.stage in _WITH_BACK


def can_go_home(state: State) -> bool:
    """Whether the visit may be given up here; not while paper moves."""
    return state.stage not in _WITHOUT_HOME


def is_waiting_for_person(state: State) -> bool:
    """Whether it is the person's turn, so that the idle warning may run."""
    return state.stage in _FOR_PEOPLE


def _standard(flow: CompiledFlow, state: State, event: Any) -> Result:
    kind = type(event)
    if kind is Tick:
        return end(replace(state, failure=ErrorCode.VISIT_ABANDONED), Ending.CANCELLED)
    if kind is Pressed and event.action == "main":
        return go(flow, replace(state, history=(Mark(flow.first, Stage.STANDARD),)), flow.first, event.at)
    if kind is Pressed and event.action == "second":
        return end(state, Ending.CANCELLED)
    return state, ()


def _back(flow: CompiledFlow, state: State, event: Any) -> Result:
    """To the place before, with what was typed there. From the standard: out. Ignored where there is no Back."""
    if state.stage is Stage.STANDARD:
        return end(state, Ending.CANCELLED)
    if not can_go_back(state):
        return state, ()
    mark = state.history[-1]
    state, effects = drop(state)
    state = replace(state, step=mark.step, history=state.history[:-1], question=mark.question, url="")
    if mark.stage is Stage.STANDARD:
        return stand(state, Stage.STANDARD, event.at + STANDARD_S, effects, direction_is_back=True)
    current = flow.steps[mark.step]
    resume = RESUME.get((current.kind, mark.stage))
    if resume is None:
        return stand(state, mark.stage, event.at + current.limit_s, effects, direction_is_back=True)
    state, more = resume(current, state, event.at)
    return replace(state, direction_is_back=True), effects + more


def _home(_flow: CompiledFlow, state: State, _event: Any) -> Result:
    return quit_flow(state) if can_go_home(state) else (state, ())


def _card_gone(flow: CompiledFlow, state: State) -> Result:
    """After the proof the flow says whether the card must stay; a print that runs is never torn."""
    is_proved_by_card = state.proof is ProofKind.CARD and "proof" in state.facts
    if flow.card_removed is CardRemoved.END and is_proved_by_card and state.stage not in _UNTORN:
        state, effects = drop(state)
        ending = state.ending or Ending.CANCELLED
        return end(replace(state, failure=state.failure or ErrorCode.CARD_PULLED), ending, effects)
    return state, ()


_UNTORN = frozenset({Stage.PRINT, Stage.SLIP, Stage.RATE, Stage.FINISH})


def _with_typed(flow: CompiledFlow, state: State, event: Any) -> State:
    """What stood on a pad when the person went back."""
    current = flow.steps.get(state.step)
    if isinstance(current, FormStep) and state.stage is Stage.SHOW:
        return form.with_typed(current, state, event.values)
    if state.stage is not Stage.NIK:
        return state
    digits = "".join(mark for mark in event.values.get("nik", "") if mark in "0123456789")
    return replace(state, values={**state.values, "nik": digits[:LENGTH]})


_SHARED = {"back": _back, "home": _home}
