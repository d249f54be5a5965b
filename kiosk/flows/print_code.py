"""A print code of the counter, typed on the pad. As a PIN it lives in the Prove effect alone and never in a state."""

from kiosk.errors import ErrorCode
from kiosk.flows.compiled import CompiledFlow, IdentifyStep, Kind
from kiosk.flows.effects import ProofKind, Prove, Secret
from kiosk.flows.events import Submitted, Tick
from kiosk.flows.moves import HANDLERS, RESUME, WORK_LIMIT_S, Result, stand, work
from kiosk.flows.second_proof import FAMILIAR
from kiosk.flows.simple import person_left
from kiosk.flows.state import Stage, State

LENGTH = 10


def ask_code(step: IdentifyStep, state: State, at: float, notice: ErrorCode | None = None) -> Result:
    """Nothing of what was typed is kept here, not for Back either."""
    return stand(state, Stage.CODE, at + step.limit_s, notice=notice, proof=ProofKind.CODE)


def _submitted(_flow: CompiledFlow, step: IdentifyStep, state: State, event: Submitted) -> Result:
    if event.action not in FAMILIAR:
        return state, ()
    digits = "".join(mark for mark in event.values.get("code", "") if mark in "0123456789")
    if len(digits) != LENGTH:
        return ask_code(step, state, event.at, ErrorCode.CODE_REFUSED)
    effect = Prove(state.next_effect, ProofKind.CODE, token=Secret(digits))
    return work(state, Stage.PROVE, event.at + WORK_LIMIT_S["prove"], effect)


RESUME[Kind.IDENTIFY, Stage.CODE] = ask_code
HANDLERS[Kind.IDENTIFY, Stage.CODE, Submitted] = _submitted
HANDLERS[Kind.IDENTIFY, Stage.CODE, Tick] = person_left
