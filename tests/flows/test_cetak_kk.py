"""Reprinting the family card, button by button, to every one of its ends."""

import pytest

from kiosk.errors import ErrorCode as E
from kiosk.flows import effects as fx
from kiosk.flows import engine
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.flows.outcomes import Ending
from kiosk.flows.paper import listed
from kiosk.flows.state import Stage

from .journey import Journey, document, ends, shipped


@pytest.fixture
def kk() -> Journey:
    return Journey(shipped()["cetak-kk"])


def test_kk_to_paper(kk: Journey) -> None:
    kk.with_documents(document("kk"), document("akta-kelahiran"))
    assert kk.here == ("print", Stage.PREPARE), "a single KK needs no choice"
    assert kk.effects == (fx.Prepare(5, fx.Source.OFFICE, "doc-kk"),)
    kk.answer(out.Prepared(2, "KARTU KELUARGA"))
    assert kk.here == ("print", Stage.PREVIEW)
    assert (kk.state.pages, kk.state.page) == (2, 0)
    assert kk.state.facts["sheet_title"] == "KARTU KELUARGA"
    kk.press("main")
    assert kk.effects == (fx.Print(6),)
    assert kk.state.is_past_return
    kk.happen(ev.Progress(kk.at, 6, 1, 2, "media-low"))
    assert (kk.state.done, kk.state.pages, kk.state.reason) == (1, 2, "media-low")
    kk.answer(out.Printed(2))
    assert kk.here == ("slip", Stage.SLIP)
    assert (kk.state.ending, kk.state.printed, kk.state.reason) == (Ending.DONE, ("kk",), "")
    assert kk.effects == (fx.PrintSlip(7, "receipt"),)
    kk.answer(out.Done())
    assert kk.here == ("rate", Stage.RATE)
    assert kk.state.facts["slip"] == "printed"
    kk.press("rate:4")
    assert kk.effects == (fx.Rate(8, 4),)
    assert (kk.here, kk.state.rating) == (("done", Stage.FINISH), 4)
    ends(kk, Ending.DONE)
    assert kk.state.printed == ("kk",)


def test_dots_follow_the_visit(kk: Journey) -> None:
    flow = kk.flow
    names = [flow.dots[step.dot].id for step in flow.steps.values() if step.dot >= 0]
    assert names[:5] == ["identity", "choose", "choose", "print", "done"]


def test_preview_leafs_page_by_page(kk: Journey) -> None:
    kk.with_documents(document("kk")).answer(out.Prepared(3))
    kk.press("previous")
    assert kk.state.page == 0
    assert kk.effects == ()
    kk.press("next")
    assert (kk.state.page, kk.effects) == (1, (fx.ShowSheet(6, 1),))
    kk.press("next")
    assert kk.effects == (fx.Cancel(7, 6), fx.ShowSheet(8, 2))
    kk.press("next")
    assert kk.effects == ()
    kk.answer(out.Done())
    assert (kk.state.stage, kk.state.page, kk.state.pending) == (Stage.PREVIEW, 2, 0)
    kk.press("previous")
    assert kk.effects == (fx.ShowSheet(9, 1),)
    kk.press("main")
    assert kk.effects == (fx.Cancel(10, 9), fx.Print(11))


def test_sheet_that_is_never_drawn_does_not_end_the_preview(kk: Journey) -> None:
    kk.with_documents(document("kk")).answer(out.Prepared(3)).press("next").wait(10)
    assert (kk.state.stage, kk.kinds()) == (Stage.PREVIEW, ["Cancel"])
    kk.wait(299)
    assert kk.state.stage is Stage.PREVIEW
    kk.wait(1)
    assert (kk.here, kk.kinds()) == (("stopped", Stage.FINISH), ["Release"])


def test_not_now_gives_the_grant_back(kk: Journey) -> None:
    kk.with_documents(document("kk")).answer(out.Prepared(1)).press("second")
    assert (kk.here, kk.kinds()) == (("stopped", Stage.FINISH), ["Release"])
    ends(kk, Ending.CANCELLED)


def test_several_kk_are_a_choice_and_back_returns_to_it(kk: Journey) -> None:
    kk.with_documents(document("kk", "one"), document("kk", "two", can_print=False), document("kk", "three"))
    assert kk.here == ("choose", Stage.CHOOSE_DOCUMENT)
    step = kk.flow.steps["choose"]
    assert [(item["id"], is_open) for item, is_open in listed(step, kk.state)] == [  # type: ignore[arg-type]
        ("one", True),
        ("two", False),
        ("three", True),
    ]
    kk.press("choose:two", "choose:nobody")
    assert kk.state.stage is Stage.CHOOSE_DOCUMENT
    kk.press("choose:three")
    assert kk.effects == (fx.Prepare(5, fx.Source.OFFICE, "three"),)
    kk.answer(out.Prepared(1)).press("back")
    assert (kk.here, kk.kinds()) == (("choose", Stage.CHOOSE_DOCUMENT), ["Release"])
    assert (kk.state.document, kk.state.direction_is_back) == ("", True)
    kk.press("second")
    assert kk.here == ("stopped", Stage.FINISH)


def test_no_kk_is_ready(kk: Journey) -> None:
    kk.with_documents(document("akta-kelahiran"))
    assert kk.here == ("nothing", Stage.FINISH)
    ends(kk, Ending.NOTHING)


def test_kk_that_cannot_be_printed_here_is_shown_with_its_reason(kk: Journey) -> None:
    kk.with_documents(document("kk", can_print=False, reason="printed-already"))
    assert kk.here == ("choose", Stage.CHOOSE_DOCUMENT)
    kk.press("second")
    assert kk.here == ("nothing", Stage.FINISH)


def test_office_down_at_the_list(kk: Journey) -> None:
    kk.identified().answer(out.Failed(E.OFFICE_OFFLINE))
    assert (kk.here, kk.state.failure) == (("look-up", Stage.TROUBLE), E.OFFICE_OFFLINE)
    kk.press("main")
    assert kk.kinds() == ["Fetch"]
    assert kk.state.failure is None
    kk.answer(out.Failed(E.OFFICE_SLOW)).press("second")
    assert (kk.here, kk.state.failure) == (("failed", Stage.FINISH), E.OFFICE_SLOW)
    ends(kk, Ending.FAILED)


def test_office_refuses_the_list(kk: Journey) -> None:
    kk.identified().answer(out.Failed(E.OFFICE_REFUSED, is_retryable=False))
    assert (kk.here, kk.state.failure) == (("failed", Stage.FINISH), E.OFFICE_REFUSED)


def test_list_that_never_comes(kk: Journey) -> None:
    kk.identified().wait(20)
    assert (kk.here, kk.state.failure, kk.kinds()) == (("failed", Stage.FINISH), E.OFFICE_SLOW, ["Cancel"])


def test_list_that_is_not_waited_for(kk: Journey) -> None:
    kk.identified().press("second")
    assert (kk.here, kk.kinds()) == (("stopped", Stage.FINISH), ["Cancel"])


def test_answer_of_another_fetch_is_a_fault(kk: Journey) -> None:
    kk.identified().answer(out.Fetched(fx.What.PERSON, {}))
    assert (kk.here, kk.state.failure) == (("failed", Stage.FINISH), E.INTERNAL)


def test_tampered_pdf_is_refused(kk: Journey) -> None:
    kk.with_documents(document("kk")).answer(out.Failed(E.SIGNATURE_BROKEN, is_retryable=False))
    assert (kk.here, kk.state.failure) == (("failed", Stage.FINISH), E.SIGNATURE_BROKEN)
    assert "Release" not in kk.kinds(), "what was never prepared is not given back"


def test_document_that_does_not_come(kk: Journey) -> None:
    kk.with_documents(document("kk")).wait(45)
    assert (kk.here, kk.kinds()) == (("stopped", Stage.FINISH), ["Cancel", "Release"])
    assert kk.state.failure is E.OFFICE_SLOW


def test_document_that_comes_at_the_second_try(kk: Journey) -> None:
    kk.with_documents(document("kk")).answer(out.Failed(E.OFFICE_SLOW)).press("retry")
    assert (kk.state.stage, kk.kinds()) == (Stage.PREPARE, ["Prepare"])
    kk.answer(out.Prepared(1)).press("main").answer(out.Printed(1))
    assert (kk.here, kk.state.failure) == (("slip", Stage.SLIP), None)


def test_home_while_it_is_prepared_gives_everything_back(kk: Journey) -> None:
    kk.with_documents(document("kk")).press("home")
    assert (kk.state.stage, kk.kinds()) == (Stage.ENDED, ["Cancel", "Release"])
    assert kk.state.ending is Ending.CANCELLED


def test_a_running_print_is_never_torn(kk: Journey) -> None:
    before = kk.with_documents(document("kk")).answer(out.Prepared(1)).press("main").state
    assert not engine.can_go_home(before)
    assert not engine.can_go_back(before)
    assert not engine.is_waiting_for_person(before)
    kk.press("home", "back", "second", "main").pull_card().submit(pin="1").scan("x").wait(899)
    assert kk.state == before
    assert kk.kinds() == []


def test_printer_fails_and_the_second_try_comes_out(kk: Journey) -> None:
    kk.with_documents(document("kk")).answer(out.Prepared(1)).press("main").answer(out.PrintFailed(E.PAPER_OUT))
    assert (kk.here, kk.state.failure) == (("print", Stage.TROUBLE), E.PAPER_OUT)
    assert kk.state.ending is None
    kk.press("main")
    assert kk.kinds() == ["Prepare"]
    kk.answer(out.Prepared(1))
    assert not engine.can_go_back(kk.state)
    kk.press("back")
    assert kk.here == ("print", Stage.PREVIEW)
    kk.press("main").answer(out.Printed(1))
    assert (kk.here, kk.state.failure, kk.state.ending) == (("slip", Stage.SLIP), None, Ending.DONE)


def test_printer_fails_and_the_person_gives_up(kk: Journey) -> None:
    kk.with_documents(document("kk")).answer(out.Prepared(1)).press("main").answer(out.PrintFailed(E.PAPER_JAM, 1))
    assert kk.state.done == 1
    kk.press("second")
    assert (kk.here, kk.state.failure) == (("failed", Stage.FINISH), E.PAPER_JAM)
    ends(kk, Ending.FAILED)


@pytest.mark.parametrize("how", ["told", "late", "strange"])
def test_unknown_end_goes_to_staff_with_a_slip(kk: Journey, how: str) -> None:
    kk.with_documents(document("kk")).answer(out.Prepared(1)).press("main")
    kk.happen(ev.Progress(kk.at, kk.state.pending, 0, 1, "media-jam"))
    if how == "told":
        kk.answer(out.PrintUnknown(E.PRINT_UNKNOWN, 1))
    elif how == "late":
        kk.wait(900)
        assert kk.kinds() == ["Cancel", "PrintSlip"]
    else:
        kk.answer(out.Done())
    assert kk.here == ("slip-unclear", Stage.SLIP)
    assert kk.state.ending is Ending.UNKNOWN
    assert kk.state.failure is (E.PRINT_TIMED_OUT if how == "late" else E.PRINT_UNKNOWN)
    assert (kk.state.closed, kk.state.printed, kk.state.reason) == (("doc-kk",), (), "")
    kk.answer(out.Done())
    assert kk.here == ("unclear", Stage.FINISH)
    ends(kk, Ending.UNKNOWN)


@pytest.mark.parametrize(
    ("outcome", "fact"),
    [(out.Failed(E.SLIP_PAPER_OUT), "SLP-03"), (out.Failed(E.SLIP_PRINTER_AWAY), "SLP-01"), (None, "SLP-02")],
)
def test_slip_that_fails_stops_nobody(kk: Journey, outcome: out.Outcome | None, fact: str) -> None:
    kk.with_documents(document("kk")).answer(out.Prepared(1)).press("main").answer(out.Printed(1))
    if outcome is None:
        kk.wait(30)
        assert kk.kinds() == ["Cancel"]
    else:
        kk.answer(outcome)
    assert kk.here == ("rate", Stage.RATE)
    assert kk.state.facts["slip"] == fact
    assert kk.state.failure is None


def test_rating_is_skipped_by_hand_or_by_time(kk: Journey) -> None:
    kk.with_documents(document("kk")).answer(out.Prepared(1)).press("main").answer(out.Printed(1), out.Done())
    at_rate = kk.state
    kk.press("rate:5", "rate:0", "main")
    assert kk.state == at_rate
    kk.wait(29)
    assert kk.state == at_rate
    kk.wait(1)
    assert (kk.here, kk.state.rating, kk.effects) == (("done", Stage.FINISH), 0, ())
    by_hand, effects = engine.step(kk.flow, at_rate, ev.Pressed(kk.at, "second"))
    assert (by_hand.step, by_hand.rating, effects) == ("done", 0, ())
    kk.wait(15)
    assert (kk.state.stage, kk.state.ending) == (Stage.ENDED, Ending.DONE)


def test_home_after_the_print_still_says_what_was_done(kk: Journey) -> None:
    kk.with_documents(document("kk")).answer(out.Prepared(1)).press("main").answer(out.Printed(1)).press("home")
    assert (kk.state.stage, kk.state.ending, kk.kinds()) == (Stage.ENDED, Ending.DONE, ["Cancel"])
