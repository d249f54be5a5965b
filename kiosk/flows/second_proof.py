"""The second proof after a card or a NIK: the PIN, or with consent a face or a finger in its place.

A comparison opens nothing by itself: its outcome only lets the office be asked, together with the card or the NIK. What
is refused, unsure or of no use ends at the PIN, and nobody has lost an attempt of it.
"""

from msgspec.structs import replace

from kiosk.errors import ErrorCode
from kiosk.flows.compiled import CompiledFlow, IdentifyStep, Kind
from kiosk.flows.effects import BiometricKind, CompareBiometric, ProofKind, Prove, Secret
from kiosk.flows.events import Ended, Pressed, Submitted, Tick
from kiosk.flows.moves import HANDLERS, WORK_LIMIT_S, Effects, Result, drop, stand, work
from kiosk.flows.outcomes import Compared, NotCompared
from kiosk.flows.simple import CHOOSE, person_left
from kiosk.flows.state import Stage, State

PIN_LENGTH = 6
FAMILIAR = frozenset({"main", "submit"})
"""Actions that a pad may come with."""

# --- PIN --------------------------------------------------------------------------------------------------------


def ask_pin(
    step: IdentifyStep, state: State, at: float, notice: ErrorCode | None = None, attempts: int | None = None
) -> Result:
    return stand(state, Stage.PIN, at + step.limit_s, notice=notice, attempts_left=attempts, biometric=None)


def _pin_submitted(_flow: CompiledFlow, step: IdentifyStep, state: State, event: Submitted) -> Result:
    if event.action not in FAMILIAR:
        return state, ()
    pin = event.values.get("pin", "")
    if len(pin) != PIN_LENGTH or not (pin.isascii() and pin.isdigit()):
        return ask_pin(step, state, event.at, ErrorCode.PIN_LENGTH, state.attempts_left)
    if state.proof is ProofKind.CARD:
        effect = Prove(state.next_effect, ProofKind.CARD, uid=state.card_uid, pin=Secret(pin))
    else:
        typed = Secret(state.values.get("nik", ""))
        effect = Prove(state.next_effect, ProofKind.NIK, nik=typed, pin=Secret(pin))
    return work(state, Stage.PROVE, event.at + WORK_LIMIT_S["prove"], effect)


# --- face or finger ---------------------------------------------------------------------------------------------

MAX_TRIES = 2
_USE_PIN = CHOOSE + "pin"


def offered(step: IdentifyStep, state: State) -> tuple[BiometricKind, ...]:
    """What may stand in the place of the PIN now: after a card or a NIK alone, and never after it was refused."""
    has_claim = (state.proof is ProofKind.CARD and bool(state.card_uid)) or (
        state.proof is ProofKind.NIK and bool(state.values.get("nik"))
    )
    if not has_claim or state.is_biometric_over or state.tries >= MAX_TRIES:
        return ()
    usable = state.facts.get("device", {})
    kinds = tuple(kind for kind in step.biometrics if usable.get(kind.value))
    return tuple(kind for kind in kinds if kind is state.biometric) if state.tries else kinds


def second_proof(step: IdentifyStep, state: State, at: float) -> Result:
    """The consent page where this machine and this service have one, else the PIN."""
    if not offered(step, state):
        return ask_pin(step, state, at)
    return stand(state, Stage.CONSENT, at + step.limit_s, hint="")


def to_pin(
    step: IdentifyStep, state: State, at: float, notice: ErrorCode | None = None, effects: Effects = ()
) -> Result:
    """The PIN for the rest of the visit; nobody loses an attempt of it by what a camera could not tell."""
    result, more = ask_pin(step, replace(state, is_biometric_over=True, hint=""), at, notice)
    return result, effects + more


def _consented(_flow: CompiledFlow, step: IdentifyStep, state: State, event: Pressed) -> Result:
    if event.action == _USE_PIN:
        return to_pin(step, state, event.at)
    for kind in offered(step, state):
        if event.action == CHOOSE + kind:
            claim = state.proof
            assert claim is not None
            effect = CompareBiometric(
                state.next_effect,
                kind,
                claim,
                uid=state.card_uid if claim is ProofKind.CARD else b"",
                nik=Secret(state.values.get("nik", "")) if claim is ProofKind.NIK else "",
            )
            return work(
                state,
                Stage.CAPTURE,
                event.at + WORK_LIMIT_S["compare"],
                effect,
                biometric=kind,
                has_consented=True,
                tries=state.tries + 1,
                hint="",
            )
    return state, ()


def _compared(_flow: CompiledFlow, step: IdentifyStep, state: State, event: Ended) -> Result:
    """A match goes to the office together with the card or the NIK; anything else ends at the PIN."""
    outcome = event.outcome
    if isinstance(outcome, Compared) and state.has_consented:
        claim = state.proof
        assert claim is not None
        effect = Prove(
            state.next_effect,
            claim,
            uid=state.card_uid if claim is ProofKind.CARD else b"",
            nik=Secret(state.values.get("nik", "")) if claim is ProofKind.NIK else "",
            biometric=state.biometric,
        )
        return work(state, Stage.PROVE, event.at + WORK_LIMIT_S["prove"], effect)
    if isinstance(outcome, NotCompared):
        state = replace(state, pending=0)
        if outcome.hint and offered(step, state):
            return stand(state, Stage.CONSENT, event.at + step.limit_s, hint=outcome.hint)
        return to_pin(step, state, event.at, ErrorCode.BIOMETRIC_UNSURE)
    return to_pin(step, state, event.at, ErrorCode.BIOMETRIC_AWAY)


def _capture_pressed(_flow: CompiledFlow, step: IdentifyStep, state: State, event: Pressed) -> Result:
    if event.action not in ("second", _USE_PIN):
        return state, ()
    state, effects = drop(state)
    return to_pin(step, state, event.at, effects=effects)


def _capture_is_late(_flow: CompiledFlow, step: IdentifyStep, state: State, event: Tick) -> Result:
    state, effects = drop(state)
    return to_pin(step, state, event.at, ErrorCode.BIOMETRIC_UNSURE, effects)


# --- tables -----------------------------------------------------------------------------------------------------

_I = Kind.IDENTIFY

HANDLERS.update(
    {
        (_I, Stage.PIN, Submitted): _pin_submitted,
        (_I, Stage.PIN, Tick): person_left,
        (_I, Stage.CONSENT, Pressed): _consented,
        (_I, Stage.CONSENT, Tick): person_left,
        (_I, Stage.CAPTURE, Ended): _compared,
        (_I, Stage.CAPTURE, Pressed): _capture_pressed,
        (_I, Stage.CAPTURE, Tick): _capture_is_late,
    }
)
