"""How a visit is counted when a way leads straight to ``end``, and the guards behind the linter."""

import re
from typing import Any

import pytest
from msgspec.structs import replace

from kiosk.errors import ErrorCode as E
from kiosk.flows import effects as fx
from kiosk.flows import engine
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.flows.compiled import CardRemoved, CompiledFlow
from kiosk.flows.compiler import compile_flow
from kiosk.flows.loader import parse
from kiosk.flows.model import FlowModel
from kiosk.flows.outcomes import Ending
from kiosk.flows.state import Stage

from .example import TEXT
from .journey import NIK, PIN, UID, Journey, document, shipped

_TAIL = """\
  phone: {kind: hand-over, dot: one, then: slip, failed: end, timeout: end, cancel: end}
  note: {kind: notice, dot: one, title: {id: A, en: A}, then: end, timeout: end, cancel: end}
  slip: {kind: slip, dot: one, layout: receipt, then: rate}
  rate: {kind: survey, dot: one, then: end, timeout: end}
"""


def unlinted(text: str) -> CompiledFlow:
    """A flow that the linter would refuse: what it must survive all the same."""
    return compile_flow(FlowModel.model_validate(parse(text, "contoh.yaml").data), regions=["99"])


@pytest.fixture(scope="module")
def bare() -> CompiledFlow:
    """The example with every way out leading to ``end``."""
    text = re.sub(r"(failed|timeout|cancel|unknown|none): [a-z]+\n", r"\1: end\n", TEXT).replace(
        "then: done", "then: slip"
    )
    text = text.replace("        then: choose\n", "        then: phone\n")
    return unlinted(text + _TAIL)


@pytest.fixture
def visit(bare: CompiledFlow) -> Journey:
    return Journey(bare)


def _reviewed(visit: Journey, *documents: dict[str, Any]) -> Journey:
    visit.identified().answer(out.Fetched(fx.What.PERSON, {}), out.Fetched(fx.What.DOCUMENTS, list(documents)))
    assert visit.here == ("review", Stage.SHOW)
    return visit


def _asked(visit: Journey) -> Journey:
    _reviewed(visit, document("kk")).press("main", "choose:doc-kk")
    assert visit.here == ("ask", Stage.SHOW)
    return visit


def _previewed(visit: Journey) -> Journey:
    return _asked(visit).press("choose:print").answer(out.Prepared(2))


def _over(visit: Journey, ending: Ending, failure: E | None = None, **kept: object) -> None:
    state = visit.state
    assert (state.stage, state.ending, state.failure) == (Stage.ENDED, ending, failure)
    for name, value in kept.items():
        assert getattr(state, name) == value


def test_ways_out_of_identify(bare: CompiledFlow) -> None:
    def begin() -> Journey:
        return Journey(bare).press("main")

    _over(begin().press("second"), Ending.CANCELLED)
    _over(begin().wait_out(), Ending.CANCELLED, E.VISIT_ABANDONED)
    nik = begin().press("choose:nik").submit(nik=NIK).submit(pin=PIN)
    _over(nik.answer(out.Failed(E.OFFICE_FAULT, is_retryable=False)), Ending.FAILED, E.OFFICE_FAULT, proof="nik")
    locked = begin().press("choose:nik").submit(nik=NIK).submit(pin=PIN).answer(out.Locked(5))
    _over(locked.press("second"), Ending.FAILED, E.PROOF_LOCKED)
    late = begin().press("choose:nik").submit(nik=NIK).submit(pin=PIN).wait_out()
    _over(late, Ending.CANCELLED, E.OFFICE_SLOW)
    down = begin().press("choose:nik").submit(nik=NIK).submit(pin=PIN).answer(out.Failed(E.OFFICE_OFFLINE))
    _over(down.press("second"), Ending.FAILED, E.OFFICE_OFFLINE)


def test_strange_answers_of_identify_are_faults(bare: CompiledFlow) -> None:
    tapped = Journey(bare).press("main", "choose:card").answer(out.Done())
    assert (tapped.state.stage, tapped.state.notice) == (Stage.CHOOSE_PROOF, E.INTERNAL)
    proved = Journey(bare).press("main", "choose:nik").submit(nik=NIK).submit(pin=PIN).answer(out.Done())
    _over(proved, Ending.FAILED, E.INTERNAL)


def test_ways_out_of_fetch(bare: CompiledFlow) -> None:
    _over(Journey(bare).identified().press("second"), Ending.CANCELLED)
    _over(Journey(bare).identified().wait_out(), Ending.CANCELLED, E.OFFICE_SLOW)
    down = Journey(bare).identified().answer(out.Failed(E.OFFICE_OFFLINE))
    _over(down.press("second"), Ending.FAILED, E.OFFICE_OFFLINE)
    _over(Journey(bare).identified().answer(out.Failed(E.OFFICE_FAULT, False)), Ending.FAILED, E.OFFICE_FAULT)
    waiting = Journey(bare).identified().answer(out.Failed(E.OFFICE_OFFLINE)).wait_out()
    _over(waiting, Ending.CANCELLED, E.OFFICE_OFFLINE)


def test_ways_out_of_the_pages(visit: Journey, bare: CompiledFlow) -> None:
    _over(_reviewed(visit).press("second"), Ending.CANCELLED)
    _over(_reviewed(Journey(bare)).press("main"), Ending.NOTHING)
    listed = _reviewed(Journey(bare), document("kk")).press("main")
    _over(listed.press("second"), Ending.CANCELLED)
    grey = _reviewed(Journey(bare), document("kk", can_print=False)).press("main")
    assert grey.here == ("choose", Stage.CHOOSE_DOCUMENT)
    _over(grey.press("second"), Ending.NOTHING)
    _over(_asked(Journey(bare)).press("second"), Ending.CANCELLED)
    _over(_asked(Journey(bare)).wait_out(), Ending.CANCELLED, E.VISIT_ABANDONED)


def test_ways_out_of_print(bare: CompiledFlow) -> None:
    def ready() -> Journey:
        return _previewed(Journey(bare))

    _over(ready().press("second"), Ending.CANCELLED)
    _over(ready().wait_out(), Ending.CANCELLED, E.VISIT_ABANDONED)
    _over(_asked(Journey(bare)).press("choose:print").wait_out(), Ending.CANCELLED, E.OFFICE_SLOW)
    _over(_asked(Journey(bare)).press("choose:print", "second"), Ending.CANCELLED)
    failed = ready().press("main").answer(out.PrintFailed(E.PAPER_JAM))
    _over(failed.press("second"), Ending.FAILED, E.PAPER_JAM, is_past_return=True)
    unknown = ready().press("main").answer(out.PrintUnknown(E.PRINTER_AWAY))
    _over(unknown, Ending.UNKNOWN, E.PRINTER_AWAY, closed=("doc-kk",), printed=(), is_past_return=True)
    done = ready().press("main").answer(out.Printed(2), out.Done())
    _over(done.press("rate:2"), Ending.DONE, printed=("kk",), closed=("doc-kk",), rating=2)
    assert done.state.next_effect == done.effects[-1].id + 1
    skipped = ready().press("main").answer(out.Printed(2), out.Done()).wait_out()
    _over(skipped, Ending.DONE)
    assert skipped.state.rating == 0


def test_ways_out_of_the_hand_over(bare: CompiledFlow) -> None:
    def begin() -> Journey:
        return _asked(Journey(bare)).press("choose:again")

    shown = out.HandedOver("https://kantor.invalid/h/x", 60)
    _over(begin().press("second"), Ending.CANCELLED)
    _over(begin().wait_out(), Ending.CANCELLED, E.OFFICE_SLOW)
    _over(begin().answer(shown).press("second"), Ending.CANCELLED)
    _over(begin().answer(shown).wait_out(), Ending.CANCELLED)
    failed = begin().answer(out.Failed(E.OFFICE_FAULT)).press("retry")
    assert failed.effects == (fx.HandOver(failed.state.pending, "doc-kk"),)
    assert failed.state.failure is None
    _over(failed.answer(out.Failed(E.OFFICE_FAULT)).press("second"), Ending.FAILED, E.OFFICE_FAULT)
    taken = begin().answer(shown).press("main")
    assert (taken.here, taken.state.ending, taken.state.history) == (("slip", Stage.SLIP), Ending.DONE, ())
    _over(taken.press("home"), Ending.DONE)
    at_once = begin().answer(out.HandedOver("https://kantor.invalid/h/x", 0))
    assert at_once.state.deadline == at_once.at + 1


def test_slip_with_a_strange_answer(visit: Journey) -> None:
    visit = _previewed(visit).press("main").answer(out.Printed(2), out.Printed(1))
    assert (visit.here, visit.state.facts["slip"]) == (("rate", Stage.RATE), "SYS-99")


def test_notice_is_read_left_or_forgotten(bare: CompiledFlow) -> None:
    flow = replace(bare, first="note")
    _over(Journey(flow).press("main", "main"), Ending.DONE)
    _over(Journey(flow).press("main", "second"), Ending.CANCELLED)
    _over(Journey(flow).press("main").wait_out(), Ending.CANCELLED, E.VISIT_ABANDONED)
    back = Journey(flow).press("main", "back")
    assert (back.state.stage, back.state.direction_is_back) == (Stage.STANDARD, True)
    assert back.state.deadline == engine.STANDARD_S


def test_menu_without_an_open_choice_is_left_by_cancel(bare: CompiledFlow) -> None:
    steps = dict(bare.steps)
    steps["ask"] = replace(steps["ask"], choices=steps["ask"].choices[:1])  # type: ignore[union-attr]
    visit = _reviewed(Journey(replace(bare, steps=steps)), document("kk", can_print=False, can_hand_over=True))
    steps["choose"] = replace(steps["choose"], need="any")
    visit = Journey(replace(bare, steps=steps))
    _reviewed(visit, document("kk", can_print=False)).press("main", "choose:doc-kk")
    _over(visit, Ending.CANCELLED)


def test_print_without_a_chosen_document_fails(bare: CompiledFlow) -> None:
    for name in ("print", "phone"):
        visit = Journey(replace(bare, first=name)).press("main")
        _over(visit, Ending.FAILED, E.INTERNAL)
        assert visit.all == []


def test_printed_document_is_never_prepared_again(bare: CompiledFlow) -> None:
    text = TEXT.replace("then: done", "then: print").replace("unknown: unclear", "unknown: print")
    for outcome, ending in ((out.Printed(1), Ending.FAILED), (out.PrintUnknown(E.PRINT_UNKNOWN), Ending.UNKNOWN)):
        visit = _previewed(Journey(unlinted(text))).press("main").answer(outcome)
        assert visit.here == ("failed", Stage.FINISH)
        assert visit.effects == ()
        first = E.PRINT_UNKNOWN if ending is Ending.UNKNOWN else E.DOCUMENT_TAKEN
        assert (visit.state.failure, visit.state.ending) == (first, ending)


def test_first_cause_wins(bare: CompiledFlow) -> None:
    text = TEXT.replace("unknown: unclear", "unknown: choose").replace("none: stopped", "none: person")
    visit = _previewed(Journey(unlinted(text))).press("main").answer(out.PrintUnknown(E.PRINTER_AWAY))
    assert visit.here == ("choose", Stage.CHOOSE_DOCUMENT)
    visit.press("choose:doc-kk")
    assert visit.state.stage is Stage.CHOOSE_DOCUMENT
    visit.press("second").answer(out.Failed(E.OFFICE_FAULT, is_retryable=False))
    assert (visit.here, visit.state.failure) == (("failed", Stage.FINISH), E.PRINTER_AWAY)
    assert visit.state.ending is Ending.UNKNOWN


def test_circle_that_came_past_the_linter_still_ends(bare: CompiledFlow) -> None:
    text = TEXT.replace("documents: [kk]", "documents: [kk]\n    auto: true").replace("none: stopped", "none: choose")
    visit = _reviewed(Journey(unlinted(text))).press("main")
    _over(visit, Ending.FAILED, E.INTERNAL)


def test_skipped_steps(bare: CompiledFlow) -> None:
    text = TEXT.replace(
        "    what: person\n", "    what: person\n    when: {field: proof, is: nik}\n    otherwise: look-up\n"
    ).replace("    what: documents\n", "    what: documents\n    when: {field: proof, is: nik}\n")
    visit = Journey(unlinted(text)).identified()
    assert visit.here == ("review", Stage.SHOW)
    by_nik = Journey(unlinted(text)).press("main", "choose:nik").submit(nik=NIK).submit(pin=PIN)
    assert by_nik.answer(out.Proved("S*")).here == ("person", Stage.WORK)


def test_choice_is_remembered_and_back_returns_to_it(visit: Journey) -> None:
    _asked(visit).press("choose:again")
    assert visit.state.values == {"choice.ask": "again"}
    visit.answer(out.HandedOver("https://kantor.invalid/h/x", 60)).press("back")
    assert visit.here == ("ask", Stage.SHOW)
    assert visit.state.direction_is_back
    assert visit.state.deadline == visit.at + 300
    assert visit.kinds() == []


def test_progress_is_kept_within_its_bounds(visit: Journey) -> None:
    _previewed(visit).press("main")
    number = visit.state.pending

    def told(done: int, total: int) -> tuple[int, int]:
        visit.happen(ev.Progress(visit.at, number, done, total))
        return visit.state.done, visit.state.pages

    assert told(0, 3) == (0, 3)
    assert told(-1, 1) == (0, 1)
    assert told(5, 4) == (4, 4)
    assert told(2, 0) == (2, 4)
    assert told(2, -1) == (2, 4)
    visit.happen(ev.Progress(visit.at, number + 1, 4, 4, "media-jam"))
    assert (visit.state.done, visit.state.reason) == (2, "")


def test_progress_of_one_print_is_gone_at_the_next(visit: Journey) -> None:
    _previewed(visit).press("next").answer(out.Done()).press("main")
    visit.happen(ev.Progress(visit.at, visit.state.pending, 1, 2, "media-jam"))
    visit.answer(out.PrintFailed(E.PAPER_JAM, 1))
    assert (visit.state.reason, visit.state.done) == ("", 1)
    visit.press("main")
    assert (visit.state.page, visit.state.pages, visit.state.done, visit.state.reason) == (0, 0, 0, "")


def test_preview_of_one_page(visit: Journey) -> None:
    _asked(visit).press("choose:print").answer(out.Prepared(0, "X"))
    assert visit.state.pages == 1
    before = visit.state
    visit.press("next", "previous", "choose:print", "löschen")
    assert (visit.state, visit.effects) == (before, ())


def test_leafing_back_to_the_first_page(visit: Journey) -> None:
    _previewed(visit).press("next").answer(out.Done()).press("previous")
    assert (visit.state.page, visit.kinds()) == (0, ["ShowSheet"])


def test_card_that_must_stay(bare: CompiledFlow) -> None:
    flow = replace(bare, card_removed=CardRemoved.END)

    def by_nik() -> Journey:
        visit = Journey(flow).press("main", "choose:nik").submit(nik=NIK).submit(pin=PIN)
        return visit.answer(out.Proved("S*"))

    before = by_nik().state
    assert by_nik().pull_card().state == before, "who proved by NIK has no card to leave"
    held = _previewed(Journey(flow)).pull_card()
    _over(held, Ending.CANCELLED, E.CARD_PULLED)
    assert held.kinds() == ["Release"]
    printed = _previewed(Journey(flow)).press("main").answer(out.Printed(1))
    assert printed.pull_card().here == ("slip", Stage.SLIP), "a slip on its way is not torn"
    tapping = Journey(flow).press("main", "choose:card")
    assert tapping.pull_card().state.stage is Stage.TAP


def test_identify_again_in_one_visit_begins_afresh(bare: CompiledFlow) -> None:
    visit = Journey(bare).press("main", "choose:card").answer(out.CardSeen(UID, is_stable=True), out.CardStranger())
    visit.press("back").press("choose:card")
    assert (visit.state.card_uid, visit.state.card_is_stable, visit.state.card_is_unknown) == (b"", False, False)
    visit.press("back")
    assert visit.state.proof is None


def test_pulled_card_of_a_nik_proof_is_forgotten(bare: CompiledFlow) -> None:
    for typed in (False, True):
        visit = Journey(bare).press("main", "choose:card").answer(out.CardSeen(UID, is_stable=True), out.CardStranger())
        if typed:
            visit.submit(nik=NIK)
        visit.pull_card()
        assert (visit.state.card_uid, visit.state.card_is_stable, visit.state.card_is_unknown) == (b"", False, False)
        assert visit.effects == ()


def test_shipped_flows_wait_no_longer_than_they_say() -> None:
    for flow in shipped().values():
        assert all(5 <= step.limit_s <= 600 for step in flow.steps.values())
        assert Journey(flow).state.deadline == engine.STANDARD_S
