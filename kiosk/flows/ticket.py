"""The next number of a queue. It is given when it is drawn: no Back leads behind it, and Home keeps it given."""

from msgspec.structs import replace

from kiosk.flows.compiled import CompiledFlow, Kind, TicketStep
from kiosk.flows.effects import TakeNumber
from kiosk.flows.events import Ended, Pressed, Tick
from kiosk.flows.moves import ENTER, HANDLERS, WORK_LIMIT_S, Result, given, go, with_fact, work
from kiosk.flows.outcomes import NumberTaken
from kiosk.flows.simple import disk_is_late, failed, person_left, tried_again
from kiosk.flows.state import Stage, State


def _enter(_flow: CompiledFlow, step: TicketStep, state: State, at: float) -> Result:
    return work(state, Stage.WORK, at + WORK_LIMIT_S["counter"], TakeNumber(state.next_effect, step.queue))


def _taken(flow: CompiledFlow, step: TicketStep, state: State, event: Ended) -> Result:
    outcome = event.outcome
    if not isinstance(outcome, NumberTaken) or outcome.queue != step.queue:
        return failed(flow, step, state, event)
    ticket = {"queue": outcome.queue, "label": outcome.label, "name": step.name}
    return go(flow, given(replace(state, facts=with_fact(state, "ticket", ticket))), step.then, event.at)


_T = Kind.TICKET

ENTER[_T] = _enter
HANDLERS.update(
    {
        (_T, Stage.WORK, Ended): _taken,
        (_T, Stage.WORK, Tick): disk_is_late,
        (_T, Stage.TROUBLE, Pressed): tried_again(_enter),
        (_T, Stage.TROUBLE, Tick): person_left,
    }
)
