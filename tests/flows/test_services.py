"""The four shipped services, button by button, to every one of their ends."""

import pytest

from kiosk.errors import ErrorCode as E
from kiosk.flows import effects as fx
from kiosk.flows import engine
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.flows.conditions import open_choices
from kiosk.flows.outcomes import Ending
from kiosk.flows.paper import listed
from kiosk.flows.state import Stage

from .journey import Journey, document, shipped

PERSON = {
    "nik": "9901014202900007",
    "name": "SARI WULANDARI",
    "birth_date": "1990-02-02",
    "sex": {"code": "2", "label": {"id": "PEREMPUAN", "en": "FEMALE"}},
    "address": {"street": "JL. MELATI 3", "rt": "001"},
}
FAMILY = {
    "no_kk": "9901010101200001",
    "members": [{"name": "BUDI", "relation": {"code": "1", "label": {"id": "KEPALA KELUARGA", "en": "HEAD"}}}],
}


@pytest.fixture
def kk() -> Journey:
    return Journey(shipped()["cetak-kk"])


def _end(visit: Journey, ending: Ending) -> None:
    """From FINISH out: nothing that was read, typed or fetched is left."""
    assert visit.state.stage is Stage.FINISH
    assert visit.state.ending is ending
    assert not engine.can_go_back(visit.state)
    visit.press("main")
    state = visit.state
    assert (state.stage, state.ending) == (Stage.ENDED, ending)
    assert (state.facts, state.values, state.document, state.url, state.card_uid) == ({}, {}, "", "", b"")
    assert (state.pending, state.deadline, state.history) == (0, None, ())


# --- cetak-kk ---------------------------------------------------------------------------------------------------


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
    _end(kk, Ending.DONE)
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
    _end(kk, Ending.CANCELLED)


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
    _end(kk, Ending.NOTHING)


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
    _end(kk, Ending.FAILED)


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
    _end(kk, Ending.FAILED)


@pytest.mark.parametrize("how", ["told", "late", "strange"])
def test_unknown_end_goes_to_staff_with_a_slip(kk: Journey, how: str) -> None:
    kk.with_documents(document("kk")).answer(out.Prepared(1)).press("main")
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
    assert kk.state.closed == ("doc-kk",)
    assert kk.state.printed == ()
    kk.answer(out.Done())
    assert kk.here == ("unclear", Stage.FINISH)
    _end(kk, Ending.UNKNOWN)


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


# --- cek-data ---------------------------------------------------------------------------------------------------


def _reviewed() -> Journey:
    visit = Journey(shipped()["cek-data"]).identified()
    assert visit.effects[-1] == fx.Fetch(4, fx.What.PERSON)
    visit.answer(out.Fetched(fx.What.PERSON, PERSON))
    assert visit.effects == (fx.Fetch(5, fx.What.FAMILY),)
    visit.answer(out.Fetched(fx.What.FAMILY, FAMILY))
    assert visit.here == ("review", Stage.SHOW)
    return visit


def test_data_are_seen_and_the_sheet_is_printed() -> None:
    visit = _reviewed().press("main")
    assert visit.here == ("offer", Stage.SHOW)
    visit.press("back")
    assert visit.here == ("review", Stage.SHOW)
    visit.press("main", "choose:print")
    assert visit.effects == (fx.Prepare(6, fx.Source.KIOSK, ""),)
    visit.answer(out.Prepared(1)).press("main").answer(out.Printed(1))
    assert visit.state.printed == ("data-sheet",)
    visit.answer(out.Done()).press("second")
    _end(visit, Ending.DONE)


def test_data_are_seen_and_no_sheet_is_wanted() -> None:
    visit = _reviewed().press("main", "choose:no")
    assert visit.here == ("rate", Stage.RATE)
    visit.press("rate:1")
    assert visit.effects == (fx.Rate(6, 1),)
    _end(visit, Ending.DONE)


def test_sheet_is_not_offered_without_a_printer() -> None:
    visit = Journey(shipped()["cek-data"], usable=("card-reader",)).identified()
    visit.answer(out.Fetched(fx.What.PERSON, PERSON), out.Fetched(fx.What.FAMILY, FAMILY)).press("main")
    step = visit.flow.steps["offer"]
    assert [choice.key for choice in open_choices(step, visit.state)] == ["no"]  # type: ignore[arg-type]
    visit.press("choose:print")
    assert visit.here == ("offer", Stage.SHOW)


def test_sheet_of_unknown_end() -> None:
    visit = _reviewed().press("main", "choose:print").answer(out.Prepared(1)).press("main")
    visit.answer(out.PrintUnknown(E.PRINT_UNKNOWN))
    assert visit.here == ("unclear", Stage.FINISH)
    _end(visit, Ending.UNKNOWN)


def test_review_may_be_left() -> None:
    assert _reviewed().press("second").here == ("stopped", Stage.FINISH)
    assert _reviewed().wait_out().here == ("stopped", Stage.FINISH)


def test_family_that_does_not_come() -> None:
    visit = Journey(shipped()["cek-data"]).identified().answer(out.Fetched(fx.What.PERSON, PERSON))
    visit.answer(out.Failed(E.OFFICE_BAD_ANSWER, is_retryable=False))
    assert (visit.here, visit.state.failure) == (("failed", Stage.FINISH), E.OFFICE_BAD_ANSWER)


# --- unduh-akta -------------------------------------------------------------------------------------------------

BIRTH = document("akta-kelahiran")


def _chosen(*documents: dict[str, object], usable: tuple[str, ...] = ("document-printer",)) -> Journey:
    visit = Journey(shipped()["unduh-akta"], usable).with_documents(*documents)
    assert visit.here == ("choose", Stage.CHOOSE_DOCUMENT), "certificates are always chosen"
    return visit.press(f"choose:{documents[0]['id']}")


def _keys(visit: Journey) -> list[str]:
    return [choice.key for choice in open_choices(visit.flow.steps[visit.state.step], visit.state)]  # type: ignore[arg-type]


def test_certificate_to_paper() -> None:
    visit = _chosen(BIRTH, document("kk"))
    assert (visit.here, _keys(visit)) == (("way", Stage.SHOW), ["print", "phone", "later"])
    visit.press("choose:print").answer(out.Prepared(1)).press("main").answer(out.Printed(1), out.Done())
    visit.press("rate:3")
    assert visit.state.printed == ("akta-kelahiran",)
    _end(visit, Ending.DONE)


def test_certificate_to_the_phone() -> None:
    visit = _chosen(BIRTH).press("choose:phone")
    assert visit.effects == (fx.HandOver(5, "doc-akta-kelahiran"),)
    visit.answer(out.HandedOver("https://kantor.invalid/h/abc", 300))
    assert (visit.here, visit.state.url) == (("phone", Stage.PHONE), "https://kantor.invalid/h/abc")
    assert visit.state.deadline == visit.at + 300
    visit.press("main")
    assert (visit.here, visit.state.url) == (("rate", Stage.RATE), "")
    visit.press("second")
    _end(visit, Ending.DONE)


def test_phone_page_runs_out() -> None:
    visit = _chosen(BIRTH).press("choose:phone").answer(out.HandedOver("https://kantor.invalid/h/abc", 60)).wait(60)
    assert (visit.here, visit.state.url) == (("stopped", Stage.FINISH), "")


def test_phone_page_is_left_backwards_and_by_hand() -> None:
    visit = (
        _chosen(BIRTH).press("choose:phone").answer(out.HandedOver("https://kantor.invalid/h/abc", 60)).press("back")
    )
    assert (visit.here, visit.state.url) == (("way", Stage.SHOW), "")
    visit.press("choose:phone").answer(out.HandedOver("https://kantor.invalid/h/def", 60)).press("second")
    assert (visit.here, visit.state.url) == (("stopped", Stage.FINISH), "")


def test_hand_over_that_fails() -> None:
    visit = _chosen(BIRTH).press("choose:phone").answer(out.Failed(E.OFFICE_FAULT))
    assert visit.here == ("phone", Stage.TROUBLE)
    visit.press("main").answer(out.Failed(E.OFFICE_FAULT)).press("second")
    assert (visit.here, visit.state.failure) == (("failed", Stage.FINISH), E.OFFICE_FAULT)
    assert _chosen(BIRTH).press("choose:phone").wait(20).here == ("stopped", Stage.FINISH)


def test_only_what_is_possible_is_offered() -> None:
    assert _keys(_chosen(document("akta-kelahiran", can_print=False))) == ["phone", "later"]
    assert _keys(_chosen(document("akta-kelahiran", can_hand_over=False))) == ["print", "later"]
    assert _keys(_chosen(BIRTH, usable=())) == ["phone", "later"]
    visit = _chosen(document("akta-kelahiran", can_print=False)).press("choose:print")
    assert visit.here == ("way", Stage.SHOW)
    visit.press("choose:later")
    assert visit.here == ("stopped", Stage.FINISH)


def test_back_from_the_way_to_the_choice() -> None:
    visit = _chosen(BIRTH, document("akta-kematian")).press("back")
    assert (visit.here, visit.state.document) == (("choose", Stage.CHOOSE_DOCUMENT), "")


def test_no_certificate() -> None:
    visit = Journey(shipped()["unduh-akta"]).with_documents(document("kk"))
    assert visit.here == ("nothing", Stage.FINISH)


# --- cetak-ktp --------------------------------------------------------------------------------------------------


def test_identity_card_on_the_card_printer() -> None:
    visit = Journey(shipped()["cetak-ktp"]).with_documents(document("ktp-el"), document("kk"))
    assert visit.effects == (fx.Prepare(5, fx.Source.OFFICE, "doc-ktp-el", is_card=True),)
    visit.answer(out.Prepared(2)).press("main").answer(out.Printed(2), out.Done()).press("rate:4")
    assert visit.state.printed == ("ktp-el",)
    _end(visit, Ending.DONE)


def test_card_printer_of_unknown_end() -> None:
    visit = Journey(shipped()["cetak-ktp"]).with_documents(document("ktp-el")).answer(out.Prepared(2)).press("main")
    visit.answer(out.PrintUnknown(E.PRINT_UNKNOWN), out.Failed(E.SLIP_PRINTER_AWAY))
    _end(visit, Ending.UNKNOWN)


# --- all --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cetak-kk", "cek-data", "unduh-akta", "cetak-ktp"])
def test_late_and_foreign_outcomes_are_dropped(name: str) -> None:
    visit = Journey(shipped()[name]).press("main", "choose:card")
    before = visit.state
    for effect in (0, 7, 99):
        visit.happen(ev.Ended(visit.at, effect, out.CardSeen(b"abcd", is_stable=True)))
        assert visit.state == before
    visit.press("home")
    after = visit.state
    visit.happen(ev.Ended(visit.at, 1, out.CardSeen(b"abcd", is_stable=True))).press("main").wait(9999)
    assert visit.state == after


def test_the_four_services_are_free_and_say_so() -> None:
    for flow in shipped().values():
        assert "GRATIS" in flow.standard.fee["id"]
        assert "79A" in flow.standard.fee["id"]
        assert "FREE" in flow.standard.fee["en"]
