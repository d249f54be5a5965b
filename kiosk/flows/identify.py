"""Who are you: a card finds the account and a PIN opens it, or NIK and PIN, or a QR token, or a code of the counter.

The PIN lives in the Prove effect alone and never in a state. The NIK that was typed stays for Back. A card that leads
nowhere, or whose identifier changes at each tap, leads on to NIK and PIN.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from kiosk.errors import ErrorCode
from kiosk.flows import nik
from kiosk.flows.compiled import CompiledFlow, IdentifyStep, Kind
from kiosk.flows.effects import (
    BindCard,
    FindCard,
    ProofKind,
    Prove,
    ReadCard,
    Secret,
)
from kiosk.flows.events import CardGone, Ended, Pressed, Scanned, Submitted, Tick, Unreadable
from kiosk.flows.moves import (
    ENTER,
    HANDLERS,
    RESUME,
    WORK_LIMIT_S,
    Effects,
    Result,
    drop,
    go,
    leave,
    marked,
    stand,
    work,
)
from kiosk.flows.outcomes import (
    CardFound,
    CardSeen,
    CardStranger,
    CardTrouble,
    Failed,
    Locked,
    Proved,
    Wrong,
)
from kiosk.flows.print_code import ask_code
from kiosk.flows.second_proof import FAMILIAR, ask_pin, second_proof, to_pin
from kiosk.flows.simple import CHOOSE, person_left
from kiosk.flows.state import Mark, Stage, State

MAX_CODE = 200
"""Characters of a token; what a scanner sends beyond it is no token of ours."""

LOCKED_PAGE_S = 45.0


# --- choose -----------------------------------------------------------------------------------------------------


def _enter(_flow: CompiledFlow, step: IdentifyStep, state: State, at: float) -> Result:
    if len(step.proofs) == 1:
        return _begin(step, state, at, step.proofs[0])
    return _choose(step, state, at)


def _choose(step: IdentifyStep, state: State, at: float, notice: ErrorCode | None = None) -> Result:
    return stand(state, Stage.CHOOSE_PROOF, at + step.limit_s, notice=notice, proof=None)


def _chose(flow: CompiledFlow, step: IdentifyStep, state: State, event: Pressed) -> Result:
    if event.action == "second":
        return go(flow, state, step.cancel, event.at, way="cancel")
    for proof in step.proofs:
        if event.action == CHOOSE + proof:
            return _begin(step, replace(state, history=marked(state)), event.at, proof)
    return state, ()


def _begin(step: IdentifyStep, state: State, at: float, proof: ProofKind) -> Result:
    if proof is ProofKind.CARD:
        return _tap(step, state, at)
    if proof is ProofKind.NIK:
        return _ask_nik(step, state, at)
    if proof is ProofKind.CODE:
        return ask_code(step, state, at)
    return _scan(step, state, at)


# --- card -------------------------------------------------------------------------------------------------------


def _tap(step: IdentifyStep, state: State, at: float, notice: ErrorCode | None = None, effects: Effects = ()) -> Result:
    return work(
        state,
        Stage.TAP,
        at + step.limit_s,
        ReadCard(state.next_effect),
        effects,
        notice=notice,
        proof=ProofKind.CARD,
        card_uid=b"",
        card_is_stable=False,
        card_is_unknown=False,
        biometric=None,
    )


def _tap_ended(_flow: CompiledFlow, step: IdentifyStep, state: State, event: Ended) -> Result:
    outcome = event.outcome
    if isinstance(outcome, CardSeen):
        if not outcome.is_ktp:
            return _tap(step, state, event.at, ErrorCode.CARD_FOREIGN)
        can_be_bound = outcome.is_stable and outcome.can_be_bound
        state = replace(state, card_uid=outcome.uid, card_is_stable=can_be_bound)
        if not outcome.is_stable or not outcome.uid:
            return _stranger(step, state, event.at)
        effect = FindCard(state.next_effect, outcome.uid)
        return work(state, Stage.FIND, event.at + WORK_LIMIT_S["find"], effect)
    if isinstance(outcome, CardTrouble):
        return _tap(step, state, event.at, outcome.code)
    code = outcome.code if isinstance(outcome, Failed) else ErrorCode.INTERNAL
    if len(step.proofs) > 1:
        return _choose(step, replace(state, history=_before(state, step)), event.at, code)
    return _trouble(step, state, event.at, code)


def _before(state: State, step: IdentifyStep) -> tuple[Mark, ...]:
    """The history as it was when the proofs were offered, so that Back does not lead there twice."""
    history = state.history
    while history and history[-1].step == step.id and history[-1].stage is not Stage.STANDARD:
        history = history[:-1]
    return history


def _tap_pressed(flow: CompiledFlow, step: IdentifyStep, state: State, event: Pressed) -> Result:
    """Without the card: on to the NIK where it is allowed."""
    if event.action not in ("second", CHOOSE + ProofKind.NIK):
        return state, ()
    if ProofKind.NIK not in step.proofs:
        return leave(flow, state, step.cancel, event.at, "cancel") if event.action == "second" else (state, ())
    history = marked(state)
    state, effects = drop(state)
    return _ask_nik(step, replace(state, history=history), event.at, effects=effects)


def _find_ended(_flow: CompiledFlow, step: IdentifyStep, state: State, event: Ended) -> Result:
    outcome = event.outcome
    if isinstance(outcome, CardFound):
        return second_proof(step, state, event.at)
    if isinstance(outcome, CardStranger):
        return _stranger(step, state, event.at)
    return _work_failed(_flow, step, state, event)


def _stranger(step: IdentifyStep, state: State, at: float) -> Result:
    """The card leads nowhere; its owner may still prove who they are, and bind it afterwards."""
    state = replace(state, card_is_unknown=True)
    if ProofKind.NIK in step.proofs:
        return _ask_nik(step, state, at, ErrorCode.CARD_UNKNOWN)
    return _trouble(step, state, at, ErrorCode.CARD_UNKNOWN)


def _card_pulled(_flow: CompiledFlow, step: IdentifyStep, state: State, event: CardGone) -> Result:
    """FIND, PIN, PROVE. Of a card proof: tap again. Of a NIK proof: there is no card left to bind."""
    if state.proof is not ProofKind.CARD:
        return _card_forgotten(_flow, step, state, event)
    state, effects = drop(state)
    return _tap(step, state, event.at, ErrorCode.CARD_PULLED, effects)


def _card_forgotten(_flow: CompiledFlow, _step: IdentifyStep, state: State, _event: CardGone) -> Result:
    return replace(state, card_uid=b"", card_is_stable=False, card_is_unknown=False), ()


# --- NIK --------------------------------------------------------------------------------------------------------


def _ask_nik(
    step: IdentifyStep, state: State, at: float, notice: ErrorCode | None = None, effects: Effects = ()
) -> Result:
    return stand(state, Stage.NIK, at + step.limit_s, effects, notice=notice, proof=ProofKind.NIK)


def _keep(state: State, typed: str) -> Mapping[str, str]:
    """The values with the digits that were typed, for Back."""
    digits = "".join(mark for mark in typed if mark in "0123456789")
    return {**state.values, "nik": digits[: nik.LENGTH]}


def _nik_typed(flow: CompiledFlow, step: IdentifyStep, state: State, at: float, text: str) -> Result:
    typed = nik.clean(text)
    state = replace(state, values=_keep(state, typed))
    code = nik.check(typed, flow.provinces)
    if code is not None:
        return _ask_nik(step, state, at, code)
    return second_proof(step, replace(state, history=marked(state)), at)


def _nik_submitted(flow: CompiledFlow, step: IdentifyStep, state: State, event: Submitted) -> Result:
    if event.action not in FAMILIAR:
        return state, ()
    return _nik_typed(flow, step, state, event.at, event.values.get("nik", ""))


def _nik_scanned(flow: CompiledFlow, step: IdentifyStep, state: State, event: Scanned) -> Result:
    return _nik_typed(flow, step, state, event.at, clean_code(nik.clean(event.text)) or "?")


# --- code -------------------------------------------------------------------------------------------------------


def clean_code(text: str) -> str:
    """A scanned code without outer spaces; ``""`` when it can't be a token. Nothing inside it is mended."""
    cleaned = text.strip(" ") if len(text) <= MAX_CODE * 2 else ""
    is_token = 0 < len(cleaned) <= MAX_CODE and cleaned.isascii() and cleaned.isprintable() and " " not in cleaned
    return cleaned if is_token else ""


def _scan(step: IdentifyStep, state: State, at: float, notice: ErrorCode | None = None) -> Result:
    return stand(state, Stage.SCAN, at + step.limit_s, notice=notice, proof=ProofKind.QR)


def _scanned(_flow: CompiledFlow, step: IdentifyStep, state: State, event: Scanned) -> Result:
    token = clean_code(event.text)
    if not token:
        return _scan(step, state, event.at, ErrorCode.CODE_UNREADABLE)
    effect = Prove(state.next_effect, ProofKind.QR, token=Secret(token))
    return work(state, Stage.PROVE, event.at + WORK_LIMIT_S["prove"], effect, proof=ProofKind.QR)


def _scanned_early(flow: CompiledFlow, step: IdentifyStep, state: State, event: Scanned) -> Result:
    """A code held to the scanner while the proofs are offered is an answer."""
    if ProofKind.QR not in step.proofs:
        return state, ()
    return _scanned(flow, step, replace(state, history=marked(state)), event)


def _unreadable(_flow: CompiledFlow, step: IdentifyStep, state: State, event: Unreadable) -> Result:
    """Said on the page that waits for a code, and kept from the others."""
    if state.stage is Stage.SCAN:
        return _scan(step, state, event.at, ErrorCode.CODE_UNREADABLE)
    if state.stage is Stage.NIK:
        return _ask_nik(step, state, event.at, ErrorCode.CODE_UNREADABLE)
    if ProofKind.QR in step.proofs:
        return _choose(step, state, event.at, ErrorCode.CODE_UNREADABLE)
    return state, ()


def _scan_pressed(flow: CompiledFlow, step: IdentifyStep, state: State, event: Pressed) -> Result:
    if event.action != "second":
        return state, ()
    if ProofKind.NIK in step.proofs:
        return _ask_nik(step, replace(state, history=marked(state)), event.at)
    return go(flow, state, step.cancel, event.at, way="cancel")


# --- prove ------------------------------------------------------------------------------------------------------


def _prove_ended(flow: CompiledFlow, step: IdentifyStep, state: State, event: Ended) -> Result:
    outcome = event.outcome
    at = event.at
    if isinstance(outcome, Proved):
        facts = {**state.facts, "name": outcome.name, "proof": str(state.proof)}
        # What led here is of no use after it: Back into a PIN page would only ask for the PIN again.
        state = replace(state, pending=0, facts=facts, history=())
        can_bind = outcome.can_bind_card and step.offer_bind and state.proof is ProofKind.NIK
        if can_bind and state.card_is_unknown and state.card_is_stable and state.card_uid:
            return stand(state, Stage.OFFER_BIND, at + step.limit_s)
        return _proved(flow, step, state, at)
    if isinstance(outcome, Wrong):
        if state.proof is ProofKind.QR:
            return _scan(step, state, at, ErrorCode.CODE_REFUSED)
        if state.proof is ProofKind.CODE:
            return ask_code(step, state, at, ErrorCode.CODE_REFUSED)
        if state.biometric is not None:
            return to_pin(step, state, at, ErrorCode.BIOMETRIC_UNSURE)
        return ask_pin(step, state, at, ErrorCode.PROOF_WRONG, outcome.attempts_left)
    if isinstance(outcome, Locked):
        return stand(
            state,
            Stage.LOCKED,
            at + LOCKED_PAGE_S,
            retry_after_s=outcome.retry_after_s,
            failure=ErrorCode.OFFICE_THROTTLED if outcome.is_machine else state.failure or ErrorCode.PROOF_LOCKED,
        )
    if isinstance(outcome, CardStranger):
        return _stranger(step, state, at)
    if isinstance(outcome, CardTrouble):
        return _tap(step, state, at, outcome.code)
    return _work_failed(flow, step, state, event)


def _proved(flow: CompiledFlow, step: IdentifyStep, state: State, at: float) -> Result:
    """The NIK that was typed has done its work and goes."""
    values = {name: value for name, value in state.values.items() if name != "nik"}
    state = replace(state, values=values, card_uid=b"", card_is_stable=False, biometric=None, hint="")
    return go(flow, state, step.then, at)


def _locked_pressed(flow: CompiledFlow, step: IdentifyStep, state: State, event: Pressed) -> Result:
    return _locked_over(flow, step, state, event) if event.action in ("main", "second") else (state, ())


def _locked_over(flow: CompiledFlow, step: IdentifyStep, state: State, event: Pressed | Tick) -> Result:
    return go(flow, state, step.locked, event.at, way="locked")


# --- bind -------------------------------------------------------------------------------------------------------


def _bind_pressed(flow: CompiledFlow, step: IdentifyStep, state: State, event: Pressed) -> Result:
    if event.action == "main":
        effect = BindCard(state.next_effect, state.card_uid)
        return work(state, Stage.WORK, event.at + WORK_LIMIT_S["bind"], effect)
    return _proved(flow, step, state, event.at) if event.action == "second" else (state, ())


def _bind_pulled(flow: CompiledFlow, step: IdentifyStep, state: State, event: CardGone) -> Result:
    return _proved(flow, step, state, event.at)


def _bind_ended(flow: CompiledFlow, step: IdentifyStep, state: State, event: Ended) -> Result:
    """Whatever became of it, the person came for something else."""
    facts = {**state.facts, "card_bound": not isinstance(event.outcome, Failed)}
    return _proved(flow, step, replace(state, pending=0, facts=facts), event.at)


def _bind_is_late(flow: CompiledFlow, step: IdentifyStep, state: State, event: Tick) -> Result:
    state, effects = drop(state)
    result, more = _proved(flow, step, state, event.at)
    return result, effects + more


# --- trouble ----------------------------------------------------------------------------------------------------


def _work_failed(flow: CompiledFlow, step: IdentifyStep, state: State, event: Ended) -> Result:
    outcome = event.outcome
    code = outcome.code if isinstance(outcome, Failed) else ErrorCode.INTERNAL
    if isinstance(outcome, Failed) and outcome.is_retryable:
        return _trouble(step, state, event.at, code)
    state = replace(state, pending=0, failure=state.failure or code)
    return go(flow, state, step.failed, event.at, way="failed")


def _trouble(step: IdentifyStep, state: State, at: float, code: ErrorCode) -> Result:
    return stand(state, Stage.TROUBLE, at + step.limit_s, failure=state.failure or code)


def _trouble_pressed(flow: CompiledFlow, step: IdentifyStep, state: State, event: Pressed) -> Result:
    """Again from the person's last act: the PIN was not kept, so it is asked again."""
    if event.action == "second":
        return go(flow, state, step.failed, event.at, way="failed")
    if event.action not in ("main", "retry"):
        return state, ()
    state = replace(state, failure=None)
    if state.proof is ProofKind.NIK:
        return ask_pin(step, state, event.at)
    return _begin(step, state, event.at, state.proof or step.proofs[0])


def _work_is_late(flow: CompiledFlow, step: IdentifyStep, state: State, event: Tick) -> Result:
    return leave(flow, state, step.timeout, event.at, "timeout", ErrorCode.OFFICE_SLOW)


# --- tables -----------------------------------------------------------------------------------------------------

_I = Kind.IDENTIFY

ENTER[_I] = _enter
RESUME.update(
    {
        (_I, Stage.TAP): _tap,
        (_I, Stage.CHOOSE_PROOF): _choose,
        (_I, Stage.NIK): _ask_nik,
        (_I, Stage.SCAN): _scan,
    }
)
HANDLERS.update(
    {
        (_I, Stage.CHOOSE_PROOF, Pressed): _chose,
        (_I, Stage.CHOOSE_PROOF, Scanned): _scanned_early,
        (_I, Stage.CHOOSE_PROOF, Unreadable): _unreadable,
        (_I, Stage.CHOOSE_PROOF, Tick): person_left,
        (_I, Stage.TAP, Ended): _tap_ended,
        (_I, Stage.TAP, Pressed): _tap_pressed,
        (_I, Stage.TAP, Tick): person_left,
        (_I, Stage.FIND, Ended): _find_ended,
        (_I, Stage.FIND, CardGone): _card_pulled,
        (_I, Stage.FIND, Tick): _work_is_late,
        (_I, Stage.NIK, Submitted): _nik_submitted,
        (_I, Stage.NIK, Scanned): _nik_scanned,
        (_I, Stage.NIK, Unreadable): _unreadable,
        (_I, Stage.NIK, CardGone): _card_forgotten,
        (_I, Stage.NIK, Tick): person_left,
        (_I, Stage.PIN, CardGone): _card_pulled,
        (_I, Stage.CONSENT, CardGone): _card_pulled,
        (_I, Stage.CAPTURE, CardGone): _card_pulled,
        (_I, Stage.SCAN, Scanned): _scanned,
        (_I, Stage.SCAN, Unreadable): _unreadable,
        (_I, Stage.SCAN, Pressed): _scan_pressed,
        (_I, Stage.SCAN, Tick): person_left,
        (_I, Stage.PROVE, Ended): _prove_ended,
        (_I, Stage.PROVE, CardGone): _card_pulled,
        (_I, Stage.PROVE, Tick): _work_is_late,
        (_I, Stage.LOCKED, Pressed): _locked_pressed,
        (_I, Stage.LOCKED, Tick): _locked_over,
        (_I, Stage.OFFER_BIND, Pressed): _bind_pressed,
        (_I, Stage.OFFER_BIND, CardGone): _bind_pulled,
        (_I, Stage.OFFER_BIND, Tick): person_left,
        (_I, Stage.WORK, Ended): _bind_ended,
        (_I, Stage.WORK, Tick): _bind_is_late,
        (_I, Stage.TROUBLE, Pressed): _trouble_pressed,
        (_I, Stage.TROUBLE, Tick): person_left,
    }
)
