"""The kinds that end in something to take away: documents (which one), print, card, hand-over.

A grant is held from PREPARE to the end of PREVIEW and given back on every way out but Print. From Print on there is
no Back and no Home; a print of unknown end closes its document for this visit.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from kiosk.errors import ErrorCode
from kiosk.flows.compiled import CompiledFlow, DocumentsStep, HandOverStep, Kind, Need, PrintStep
from kiosk.flows.conditions import chosen
from kiosk.flows.effects import Cancel, HandOver, Prepare, Print, ShowSheet, Source
from kiosk.flows.events import Ended, Pressed, Progress, Tick
from kiosk.flows.moves import (
    ENTER,
    HANDLERS,
    RESUME,
    WORK_LIMIT_S,
    Effects,
    Result,
    Through,
    drop,
    go,
    leave,
    marked,
    stand,
    with_fact,
    work,
)
from kiosk.flows.outcomes import Ending, HandedOver, Prepared, Printed, PrintFailed, PrintUnknown
from kiosk.flows.simple import CHOOSE, failed, person_left, tried_again, work_is_late, work_stopped
from kiosk.flows.state import Stage, State

DATA_SHEET = "data-sheet"
"""What ``State.printed`` says of the kiosk's own sheet."""


# --- documents --------------------------------------------------------------------------------------------------


def listed(step: DocumentsStep, state: State) -> tuple[tuple[Mapping[str, Any], bool], ...]:
    """The documents of the step's kinds in the office's order, each with whether it can be chosen here and now."""
    return tuple(
        (document, _is_open(document, step.need, state))
        for document in state.facts.get("documents", ())
        if document["kind"] in step.documents
    )


def _is_open(document: Mapping[str, Any], need: Need, state: State) -> bool:
    if document["id"] in state.closed:
        return False
    if need is Need.PRINT:
        return bool(document.get("can_print"))
    if need is Need.HAND_OVER:
        return bool(document.get("can_hand_over"))
    return bool(document.get("can_print") or document.get("can_hand_over"))


def _enter_documents(_flow: CompiledFlow, step: DocumentsStep, state: State, at: float) -> Result | Through:
    documents = listed(step, state)
    if not documents:
        return Through(state, step.none, "none")
    if step.is_auto and len(documents) == 1 and documents[0][1]:
        return Through(replace(state, document=documents[0][0]["id"]), step.then)
    return stand(state, Stage.CHOOSE_DOCUMENT, at + step.limit_s, document="")


def _document_pressed(flow: CompiledFlow, step: DocumentsStep, state: State, event: Pressed) -> Result:
    documents = listed(step, state)
    if event.action == "second":
        if any(is_open for _, is_open in documents):
            return go(flow, state, step.cancel, event.at, way="cancel")
        return go(flow, state, step.none, event.at, way="none")
    if not event.action.startswith(CHOOSE):
        return state, ()
    key = event.action[len(CHOOSE) :]
    if not any(is_open and document["id"] == key for document, is_open in documents):
        return state, ()
    return go(flow, replace(state, history=marked(state), document=key), step.then, event.at)


# --- print and card ---------------------------------------------------------------------------------------------


def _key(step: PrintStep, state: State) -> str:
    """What ``State.closed`` knows the document by."""
    return state.document if step.source is Source.OFFICE else DATA_SHEET


def _enter_print(flow: CompiledFlow, step: PrintStep, state: State, at: float) -> Result | Through:
    if step.source is Source.OFFICE and not state.document:
        return Through(replace(state, failure=state.failure or ErrorCode.INTERNAL), step.failed, "failed")
    if _key(step, state) in state.closed:
        return Through(replace(state, failure=state.failure or ErrorCode.DOCUMENT_TAKEN), step.failed, "failed")
    return _prepare(flow, step, state, at)


def _prepare(_flow: CompiledFlow, step: PrintStep, state: State, at: float) -> Result:
    document = state.document if step.source is Source.OFFICE else ""
    effect = Prepare(state.next_effect, step.source, document, step.is_card)
    return work(state, Stage.PREPARE, at + WORK_LIMIT_S["prepare"], effect, page=0, pages=0, done=0, reason="")


def _prepare_ended(flow: CompiledFlow, step: PrintStep, state: State, event: Ended) -> Result:
    outcome = event.outcome
    if isinstance(outcome, Prepared):
        facts = with_fact(state, "sheet_title", outcome.title)
        return stand(state, Stage.PREVIEW, event.at + step.limit_s, pages=max(1, outcome.pages), facts=facts)
    return failed(flow, step, state, event)


_LEAF = {"previous": -1, "next": 1}


def _preview_pressed(flow: CompiledFlow, step: PrintStep, state: State, event: Pressed) -> Result:
    if event.action == "main":
        state, effects = _without_sheet(state)
        return work(
            state,
            Stage.PRINT,
            event.at + WORK_LIMIT_S["print"],
            Print(state.next_effect),
            effects,
            is_past_return=True,
            history=(),
            done=0,
            reason="",
        )
    if event.action == "second":
        return leave(flow, state, step.cancel, event.at, "cancel")
    page = state.page + _LEAF.get(event.action, 0)
    if page == state.page or not 0 <= page < state.pages:
        return state, ()
    state, effects = _without_sheet(state)
    sheet = ShowSheet(state.next_effect, page)
    return work(state, Stage.PREVIEW, event.at + WORK_LIMIT_S["sheet"], sheet, effects, page=page)


def _without_sheet(state: State) -> Result:
    """Give up a page that is still being drawn; what was prepared stays."""
    if not state.pending:
        return state, ()
    cancel: Effects = (Cancel(state.next_effect, state.pending),)
    return replace(state, pending=0, next_effect=state.next_effect + 1), cancel


def _sheet_ended(_flow: CompiledFlow, step: PrintStep, state: State, event: Ended) -> Result:
    return stand(state, Stage.PREVIEW, event.at + step.limit_s)


def _preview_late(flow: CompiledFlow, step: PrintStep, state: State, event: Tick) -> Result:
    if state.pending:
        state, effects = _without_sheet(state)
        return stand(state, Stage.PREVIEW, event.at + step.limit_s, effects)
    return leave(flow, state, step.timeout, event.at, "timeout", ErrorCode.VISIT_ABANDONED)


def _progress(_flow: CompiledFlow, _step: PrintStep, state: State, event: Progress) -> Result:
    if event.effect != state.pending:
        return state, ()
    pages = event.total if event.total > 0 else state.pages
    return replace(state, done=min(max(0, event.done), pages), pages=pages, reason=event.reason), ()


def _print_ended(flow: CompiledFlow, step: PrintStep, state: State, event: Ended) -> Result:
    outcome = event.outcome
    if isinstance(outcome, Printed):
        document = chosen(state) if step.source is Source.OFFICE else None
        kind = document["kind"] if document else DATA_SHEET
        state = replace(
            state,
            pending=0,
            done=outcome.pages,
            reason="",
            printed=(*state.printed, str(kind)),
            closed=(*state.closed, _key(step, state)),
            ending=state.ending if state.ending is Ending.UNKNOWN else Ending.DONE,
        )
        return go(flow, state, step.then, event.at)
    if isinstance(outcome, PrintFailed):
        failure = state.failure or outcome.code
        return stand(state, Stage.TROUBLE, event.at + step.limit_s, failure=failure, done=outcome.pages_out, reason="")
    code = outcome.code if isinstance(outcome, PrintUnknown) else ErrorCode.PRINT_UNKNOWN
    return _unknown(flow, step, replace(state, pending=0), event.at, code)


def _unknown(flow: CompiledFlow, step: PrintStep, state: State, at: float, code: ErrorCode) -> Result:
    """Any end that is not told is unknown: staff decides, and nothing is offered again."""
    state, effects = drop(state)
    state = replace(
        state,
        reason="",
        failure=state.failure or code,
        ending=Ending.UNKNOWN,
        closed=(*state.closed, _key(step, state)),
    )
    return go(flow, state, step.unknown, at, effects, way="unknown")


def _print_late(flow: CompiledFlow, step: PrintStep, state: State, event: Tick) -> Result:
    return _unknown(flow, step, state, event.at, ErrorCode.PRINT_TIMED_OUT)


# --- hand-over --------------------------------------------------------------------------------------------------


def _enter_hand_over(flow: CompiledFlow, step: HandOverStep, state: State, at: float) -> Result | Through:
    if not state.document:
        return Through(replace(state, failure=state.failure or ErrorCode.INTERNAL), step.failed, "failed")
    return _hand_over(flow, step, state, at)


def _hand_over(_flow: CompiledFlow, _step: HandOverStep, state: State, at: float) -> Result:
    effect = HandOver(state.next_effect, state.document)
    return work(state, Stage.WORK, at + WORK_LIMIT_S["hand-over"], effect)


def _hand_over_ended(flow: CompiledFlow, step: HandOverStep, state: State, event: Ended) -> Result:
    outcome = event.outcome
    if isinstance(outcome, HandedOver):
        return stand(state, Stage.PHONE, event.at + max(1, outcome.expires_in_s), url=outcome.url)
    return failed(flow, step, state, event)


def _phone_pressed(flow: CompiledFlow, step: HandOverStep, state: State, event: Pressed) -> Result:
    if event.action == "main":
        ending = state.ending or Ending.DONE
        return go(flow, replace(state, url="", ending=ending, history=()), step.then, event.at)
    if event.action == "second":
        return go(flow, replace(state, url=""), step.cancel, event.at, way="cancel")
    return state, ()


def _phone_over(flow: CompiledFlow, step: HandOverStep, state: State, event: Tick) -> Result:
    """The page's time is over: the code on the screen opens nothing any more."""
    return go(flow, replace(state, url=""), step.timeout, event.at, way="timeout")


# --- tables -----------------------------------------------------------------------------------------------------

ENTER.update(
    {
        Kind.DOCUMENTS: _enter_documents,
        Kind.PRINT: _enter_print,
        Kind.CARD: _enter_print,
        Kind.HAND_OVER: _enter_hand_over,
    }
)


def _resume_documents(step: DocumentsStep, state: State, at: float) -> Result:
    return stand(state, Stage.CHOOSE_DOCUMENT, at + step.limit_s, document="")


RESUME[Kind.DOCUMENTS, Stage.CHOOSE_DOCUMENT] = _resume_documents
for _kind in (Kind.PRINT, Kind.CARD):
    HANDLERS.update(
        {
            (_kind, Stage.PREPARE, Ended): _prepare_ended,
            (_kind, Stage.PREPARE, Pressed): work_stopped,
            (_kind, Stage.PREPARE, Tick): work_is_late,
            (_kind, Stage.PREVIEW, Pressed): _preview_pressed,
            (_kind, Stage.PREVIEW, Ended): _sheet_ended,
            (_kind, Stage.PREVIEW, Tick): _preview_late,
            (_kind, Stage.PRINT, Progress): _progress,
            (_kind, Stage.PRINT, Ended): _print_ended,
            (_kind, Stage.PRINT, Tick): _print_late,
            (_kind, Stage.TROUBLE, Pressed): tried_again(_prepare),
            (_kind, Stage.TROUBLE, Tick): person_left,
        }
    )
HANDLERS.update(
    {
        (Kind.DOCUMENTS, Stage.CHOOSE_DOCUMENT, Pressed): _document_pressed,
        (Kind.DOCUMENTS, Stage.CHOOSE_DOCUMENT, Tick): person_left,
        (Kind.HAND_OVER, Stage.WORK, Ended): _hand_over_ended,
        (Kind.HAND_OVER, Stage.WORK, Pressed): work_stopped,
        (Kind.HAND_OVER, Stage.WORK, Tick): work_is_late,
        (Kind.HAND_OVER, Stage.PHONE, Pressed): _phone_pressed,
        (Kind.HAND_OVER, Stage.PHONE, Tick): _phone_over,
        (Kind.HAND_OVER, Stage.TROUBLE, Pressed): tried_again(_hand_over),
        (Kind.HAND_OVER, Stage.TROUBLE, Tick): person_left,
    }
)
