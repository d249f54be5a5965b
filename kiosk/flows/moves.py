"""How a state moves: the few constructors that every kind uses, so that no rule is kept in two places.

A handler gets ``(flow, step, state, event)`` and gives ``(state, effects)``. Nothing here knows a kind.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from kiosk.errors import ErrorCode
from kiosk.flows.compiled import END, CompiledFlow, Kind
from kiosk.flows.conditions import holds
from kiosk.flows.effects import Cancel, Effect, Release
from kiosk.flows.outcomes import Ending
from kiosk.flows.state import Mark, Stage, State

Effects = tuple[Effect, ...]
Result = tuple[State, Effects]
# A handler's step and event are those of its place in the table, which the type checker can't see.
Handler = Callable[[CompiledFlow, Any, State, Any], Result]


class Through(msgspec.Struct, frozen=True):
    """A step that needs nobody: on to ``target`` by ``way`` at once."""

    state: State
    target: str
    way: str = "then"


Enter = Callable[[CompiledFlow, Any, State, float], Result | Through]

ENTER: dict[Kind, Enter] = {}
"""How each kind begins."""

RESUME: dict[tuple[Kind, Stage], Callable[[Any, State, float], Result]] = {}
"""How Back comes into a stage that has to do something there."""

HANDLERS: dict[tuple[Kind, Stage, type], Handler] = {}
"""The event table; what is not in it is ignored."""

WORK_LIMIT_S: Mapping[str, float] = {
    "find": 15,
    "prove": 20,
    "compare": 20,
    "bind": 15,
    "fetch": 20,
    "prepare": 45,
    "sheet": 10,
    "print": 900,
    "hand-over": 20,
    "slip": 30,
    "counter": 10,
}
"""Seconds after which work that has not answered is given up; the core's own deadlines come first."""

MAX_HISTORY = 40

_ENDINGS = {
    "then": Ending.DONE,
    "failed": Ending.FAILED,
    "locked": Ending.FAILED,
    "unknown": Ending.UNKNOWN,
    "none": Ending.NOTHING,
    "timeout": Ending.CANCELLED,
    "cancel": Ending.CANCELLED,
}

_HOLDS_GRANT = frozenset({Stage.PREPARE, Stage.PREVIEW})


def stand(state: State, stage: Stage, deadline: float | None, effects: Effects = (), **changes: Any) -> Result:
    """Wait in ``stage`` with nothing pending. What belonged to the last page (notice, attempts) is gone."""
    fresh = {
        "stage": stage,
        "deadline": deadline,
        "pending": 0,
        "notice": None,
        "attempts_left": None,
        "direction_is_back": False,
    }
    fresh.update(changes)
    return replace(state, **fresh), effects


def work(
    state: State, stage: Stage, deadline: float | None, effect: Effect, effects: Effects = (), **changes: Any
) -> Result:
    """Wait in ``stage`` for ``effect``, whose id is ``state.next_effect``."""
    fresh = {
        "stage": stage,
        "deadline": deadline,
        "pending": effect.id,
        "next_effect": effect.id + 1,
        "notice": None,
        "attempts_left": None,
        "direction_is_back": False,
    }
    fresh.update(changes)
    return replace(state, **fresh), (*effects, effect)


def drop(state: State) -> Result:
    """Give up what runs and what is held: a Cancel for the pending effect, a Release for a prepared document."""
    effects: list[Effect] = []
    number = state.next_effect
    if state.pending:
        effects.append(Cancel(number, state.pending))
        number += 1
    if state.stage in _HOLDS_GRANT:
        effects.append(Release(number))
        number += 1
    if not effects:
        return state, ()
    return replace(state, pending=0, next_effect=number), tuple(effects)


def marked(state: State) -> tuple[Mark, ...]:
    """The history with this place in it, unless Back is over for good."""
    if state.is_past_return:
        return ()
    return (*state.history[-MAX_HISTORY:], Mark(state.step, state.stage, state.question))


def go(flow: CompiledFlow, state: State, target: str, at: float, effects: Effects = (), way: str = "then") -> Result:
    """Enter ``target``, through steps that need nobody; ``way`` decides the ending where the target is ``END``."""
    for _ in range(len(flow.steps) + 1):
        step = flow.steps.get(target)
        if step is None:
            return end(state, _ending(state, way), effects)
        if step.when is not None and not holds(step.when, state):
            target, way = step.otherwise, "then"
            continue
        result = ENTER[step.kind](flow, step, replace(state, step=target, question=""), at)
        if isinstance(result, Through):
            state, target, way = result.state, result.target, result.way
            continue
        return result[0], effects + result[1]
    # The linter refuses such a circle; a flow that came past it still ends.
    return end(replace(state, failure=state.failure or ErrorCode.INTERNAL), Ending.FAILED, effects)


def leave(flow: CompiledFlow, state: State, target: str, at: float, way: str, code: ErrorCode | None = None) -> Result:
    """Leave a step by ``way``, giving up what runs; ``code`` is the failure if none came before it."""
    state, effects = drop(state)
    if code is not None and state.failure is None:
        state = replace(state, failure=code)
    return go(flow, state, target or END, at, effects, way)


def end(state: State, ending: Ending, effects: Effects = ()) -> Result:
    """The flow is over. What was typed, read and fetched goes; how it ended stays."""
    return (
        State(
            flow=state.flow,
            step=state.step,
            stage=Stage.ENDED,
            next_effect=state.next_effect,
            proof=state.proof,
            failure=state.failure,
            ending=ending,
            rating=state.rating,
            is_past_return=state.is_past_return,
            printed=state.printed,
            closed=state.closed,
        ),
        effects,
    )


def quit_flow(state: State) -> Result:
    """Home: everything is given up and forgotten."""
    state, effects = drop(state)
    return end(state, state.ending or Ending.CANCELLED, effects)


def given(state: State) -> State:
    """The same visit after something was given that is not taken back: a number, a receipt."""
    ending = state.ending if state.ending is Ending.UNKNOWN else Ending.DONE
    return replace(state, pending=0, is_past_return=True, history=(), ending=ending)


def with_fact(state: State, name: str, value: object) -> dict[str, Any]:
    """The facts with one more."""
    return {**state.facts, name: value}


def _ending(state: State, way: str) -> Ending:
    ending = _ENDINGS[way]
    if state.ending is Ending.UNKNOWN or ending is Ending.FAILED:
        return state.ending if state.ending is Ending.UNKNOWN else ending
    return state.ending or ending
