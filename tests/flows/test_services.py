"""The other three shipped services, button by button, to every one of their ends."""

import pytest

from kiosk.errors import ErrorCode as E
from kiosk.flows import effects as fx
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.flows.conditions import open_choices
from kiosk.flows.outcomes import Ending
from kiosk.flows.state import Stage

from .journey import Journey, document, ends, shipped

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
    ends(visit, Ending.DONE)


def test_data_are_seen_and_no_sheet_is_wanted() -> None:
    visit = _reviewed().press("main", "choose:no")
    assert visit.here == ("rate", Stage.RATE)
    visit.press("rate:1")
    assert visit.effects == (fx.Rate(6, 1),)
    ends(visit, Ending.DONE)


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
    ends(visit, Ending.UNKNOWN)


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
    ends(visit, Ending.DONE)


def test_certificate_to_the_phone() -> None:
    visit = _chosen(BIRTH).press("choose:phone")
    assert visit.effects == (fx.HandOver(5, "doc-akta-kelahiran"),)
    visit.answer(out.HandedOver("https://kantor.invalid/h/abc", 300))
    assert (visit.here, visit.state.url) == (("phone", Stage.PHONE), "https://kantor.invalid/h/abc")
    assert visit.state.deadline == visit.at + 300
    visit.press("main")
    assert (visit.here, visit.state.url) == (("rate", Stage.RATE), "")
    visit.press("second")
    ends(visit, Ending.DONE)


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
    ends(visit, Ending.DONE)


def test_card_printer_of_unknown_end() -> None:
    visit = Journey(shipped()["cetak-ktp"]).with_documents(document("ktp-el")).answer(out.Prepared(2)).press("main")
    visit.answer(out.PrintUnknown(E.PRINT_UNKNOWN), out.Failed(E.SLIP_PRINTER_AWAY))
    ends(visit, Ending.UNKNOWN)


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


def test_all_services_are_free_and_those_that_give_documents_name_the_law() -> None:
    """Art. 79A is about documents; a queue number and a complaint are none."""
    for flow in shipped().values():
        assert "GRATIS" in flow.standard.fee["id"]
        assert "FREE" in flow.standard.fee["en"]
        assert ("79A" in flow.standard.fee["id"]) == (flow.id not in ("antrean", "keluhan")), flow.id
