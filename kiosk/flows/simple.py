"""The kinds that are one page each: notice, menu, fetch, review, slip, survey, finish."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from kiosk.errors import ErrorCode
from kiosk.flows.compiled import (
    CompiledFlow,
    FetchStep,
    FinishStep,
    Kind,
    MenuStep,
    NoticeStep,
    ReviewStep,
    SlipStep,
    Step,
    SurveyStep,
)
from kiosk.flows.conditions import holds, open_choices
from kiosk.flows.effects import Fetch, PrintSlip, Rate
from kiosk.flows.events import Ended, Pressed, Tick
from kiosk.flows.moves import (
    ENTER,
    HANDLERS,
    WORK_LIMIT_S,
    Handler,
    Result,
    Through,
    end,
    go,
    leave,
    marked,
    stand,
    with_fact,
    work,
)
from kiosk.flows.outcomes import Done, Ending, Failed, Fetched
from kiosk.flows.state import Stage, State

NUMBER_S = 60.0
"""A last page with a number that no slip bears stays at least so long: it is written down or photographed."""
CHOOSE = "choose:"
"""How the action of a choice begins; its key follows."""


# --- notice and review ------------------------------------------------------------------------------------------


def _show(_flow: CompiledFlow, step: NoticeStep | ReviewStep, state: State, at: float) -> Result:
    return stand(state, Stage.SHOW, at + step.limit_s)


def _page_pressed(flow: CompiledFlow, step: NoticeStep | ReviewStep, state: State, event: Pressed) -> Result:
    if event.action == "main":
        return go(flow, replace(state, history=marked(state)), step.then, event.at)
    if event.action == "second":
        return go(flow, state, step.cancel, event.at, way="cancel")
    return state, ()


def person_left(flow: CompiledFlow, step: NoticeStep, state: State, event: Tick) -> Result:
    """The person's time is over."""
    return leave(flow, state, step.timeout, event.at, "timeout", ErrorCode.VISIT_ABANDONED)


# --- menu -------------------------------------------------------------------------------------------------------


def _enter_menu(_flow: CompiledFlow, step: MenuStep, state: State, at: float) -> Result | Through:
    if not open_choices(step, state):
        return Through(state, step.cancel, "cancel")
    return stand(state, Stage.SHOW, at + step.limit_s)


def _menu_pressed(flow: CompiledFlow, step: MenuStep, state: State, event: Pressed) -> Result:
    if event.action == "second":
        return go(flow, state, step.cancel, event.at, way="cancel")
    if not event.action.startswith(CHOOSE):
        return state, ()
    key = event.action[len(CHOOSE) :]
    for choice in step.choices:
        if choice.key == key and holds(choice.when, state):
            values = {**state.values, f"choice.{step.id}": key}
            return go(flow, replace(state, history=marked(state), values=values), choice.then, event.at)
    return state, ()


# --- fetch ------------------------------------------------------------------------------------------------------


def _enter_fetch(_flow: CompiledFlow, step: FetchStep, state: State, at: float) -> Result:
    return work(state, Stage.WORK, at + WORK_LIMIT_S["fetch"], Fetch(state.next_effect, step.what))


def _fetch_ended(flow: CompiledFlow, step: FetchStep, state: State, event: Ended) -> Result:
    outcome = event.outcome
    if isinstance(outcome, Fetched) and outcome.what is step.what:
        state = replace(state, pending=0, facts=with_fact(state, step.what.value, outcome.value))
        return go(flow, state, step.then, event.at)
    return failed(flow, step, state, event)


def failed(flow: CompiledFlow, step: Step, state: State, event: Ended) -> Result:
    """Work failed: offered again where that can help. An outcome that the effect can't have counts as a failure."""
    outcome = event.outcome
    code = outcome.code if isinstance(outcome, Failed) else ErrorCode.INTERNAL
    if isinstance(outcome, Failed) and outcome.is_retryable:
        return stand(state, Stage.TROUBLE, event.at + step.limit_s, failure=state.failure or code)
    state = replace(state, pending=0, failure=state.failure or code)
    return go(flow, state, step.failed, event.at, way="failed")


def tried_again(begin: Callable[[CompiledFlow, Any, State, float], Result]) -> Handler:
    """What a touch does on the page of a step that failed: ``begin`` once more, or give it up."""

    def pressed(flow: CompiledFlow, step: Step, state: State, event: Pressed) -> Result:
        if event.action in ("main", "retry"):
            return begin(flow, step, replace(state, failure=None), event.at)
        if event.action == "second":
            return go(flow, state, step.failed, event.at, way="failed")
        return state, ()

    return pressed


def work_stopped(flow: CompiledFlow, step: FetchStep, state: State, event: Pressed) -> Result:
    """The person does not want to wait."""
    if event.action == "second":
        return leave(flow, state, step.cancel, event.at, "cancel")
    return state, ()


def work_is_late(flow: CompiledFlow, step: FetchStep, state: State, event: Tick) -> Result:
    """The office did not answer within the work's limit."""
    return leave(flow, state, step.timeout, event.at, "timeout", ErrorCode.OFFICE_SLOW)


def disk_is_late(flow: CompiledFlow, step: Step, state: State, event: Tick) -> Result:
    """The kiosk's own disk did not answer. Never offered again: it may be done all the same, and twice is wrong."""
    return leave(flow, state, step.failed, event.at, "failed", ErrorCode.INTERNAL)


# --- slip -------------------------------------------------------------------------------------------------------


def _enter_slip(_flow: CompiledFlow, step: SlipStep, state: State, at: float) -> Result:
    return work(state, Stage.SLIP, at + WORK_LIMIT_S["slip"], PrintSlip(state.next_effect, step.layout))


def _slip_ended(flow: CompiledFlow, step: SlipStep, state: State, event: Ended) -> Result:
    outcome = event.outcome
    if isinstance(outcome, Done):
        slip = "printed"
    else:
        slip = str(outcome.code if isinstance(outcome, Failed) else ErrorCode.INTERNAL)
    return go(flow, replace(state, pending=0, facts=with_fact(state, "slip", slip)), step.then, event.at)


def _slip_is_late(flow: CompiledFlow, step: SlipStep, state: State, event: Tick) -> Result:
    state = replace(state, facts=with_fact(state, "slip", str(ErrorCode.SLIP_PRINTER_SILENT)))
    return leave(flow, state, step.then, event.at, "then")


# --- survey -----------------------------------------------------------------------------------------------------


def _enter_survey(_flow: CompiledFlow, step: SurveyStep, state: State, at: float) -> Result:
    return stand(state, Stage.RATE, at + step.limit_s)


_RATINGS = {f"rate:{rating}": rating for rating in (1, 2, 3, 4)}


def _survey_pressed(flow: CompiledFlow, step: SurveyStep, state: State, event: Pressed) -> Result:
    rating = _RATINGS.get(event.action)
    if rating is not None:
        effect = Rate(state.next_effect, rating)
        state = replace(state, rating=rating, next_effect=effect.id + 1)
        return go(flow, state, step.then, event.at, (effect,))
    if event.action == "second":
        return go(flow, state, step.then, event.at)
    return state, ()


def _survey_skipped(flow: CompiledFlow, step: SurveyStep, state: State, event: Tick) -> Result:
    return go(flow, state, step.timeout, event.at, way="timeout")


# --- finish -----------------------------------------------------------------------------------------------------


def _enter_finish(_flow: CompiledFlow, step: FinishStep, state: State, at: float) -> Result:
    # A print whose end is not known stays so, whatever a flow calls its last page.
    ending = Ending.UNKNOWN if state.ending is Ending.UNKNOWN else step.ending
    is_on_paper = state.facts.get("slip") == "printed"
    has_number = "ticket" in state.facts or "complaint" in state.facts
    limit_s = max(step.limit_s, NUMBER_S) if has_number and not is_on_paper else step.limit_s
    return stand(state, Stage.FINISH, at + limit_s, ending=ending, history=(), url="")


def _finish_pressed(_flow: CompiledFlow, step: FinishStep, state: State, event: Pressed) -> Result:
    return end(state, state.ending or step.ending) if event.action == "main" else (state, ())


def _finish_over(_flow: CompiledFlow, step: FinishStep, state: State, _event: Tick) -> Result:
    return end(state, state.ending or step.ending)


ENTER.update(
    {
        Kind.NOTICE: _show,
        Kind.REVIEW: _show,
        Kind.MENU: _enter_menu,
        Kind.FETCH: _enter_fetch,
        Kind.SLIP: _enter_slip,
        Kind.SURVEY: _enter_survey,
        Kind.FINISH: _enter_finish,
    }
)
HANDLERS.update(
    {
        (Kind.NOTICE, Stage.SHOW, Pressed): _page_pressed,
        (Kind.NOTICE, Stage.SHOW, Tick): person_left,
        (Kind.REVIEW, Stage.SHOW, Pressed): _page_pressed,
        (Kind.REVIEW, Stage.SHOW, Tick): person_left,
        (Kind.MENU, Stage.SHOW, Pressed): _menu_pressed,
        (Kind.MENU, Stage.SHOW, Tick): person_left,
        (Kind.FETCH, Stage.WORK, Ended): _fetch_ended,
        (Kind.FETCH, Stage.WORK, Pressed): work_stopped,
        (Kind.FETCH, Stage.WORK, Tick): work_is_late,
        (Kind.FETCH, Stage.TROUBLE, Pressed): tried_again(_enter_fetch),
        (Kind.FETCH, Stage.TROUBLE, Tick): person_left,
        (Kind.SLIP, Stage.SLIP, Ended): _slip_ended,
        (Kind.SLIP, Stage.SLIP, Tick): _slip_is_late,
        (Kind.SURVEY, Stage.RATE, Pressed): _survey_pressed,
        (Kind.SURVEY, Stage.RATE, Tick): _survey_skipped,
        (Kind.FINISH, Stage.FINISH, Pressed): _finish_pressed,
        (Kind.FINISH, Stage.FINISH, Tick): _finish_over,
    }
)
