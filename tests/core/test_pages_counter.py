"""Pages of a form and of a number that was given: what they say, and that the number is never off the screen."""

from typing import Any

import msgspec
import pytest

from kiosk import protocol as p
from kiosk.core.pages import pick
from kiosk.core.situation import Overlay, Phase, VisitView
from kiosk.errors import ErrorCode as E
from kiosk.flows import outcomes as out
from kiosk.texts import Texts
from tests.flows.counter_example import counter
from tests.flows.journey import Journey

from .stand import shipped, situation

TAKEN = out.NumberTaken("layanan", "A-007")
NO_SLIP = out.Failed(E.SLIP_PAPER_OUT, is_retryable=False)


def page_of(visit: Journey, language: str = "id", *, is_card_there: bool = False, **changes: Any) -> p.Page:
    view = VisitView(Phase.FLOW, Overlay.NONE, visit.flow, visit.state, is_card_there=is_card_there, language=language)
    return pick(situation(language, visit=view, **changes))


def ticket_of(page: p.Page) -> p.TicketBody:
    assert isinstance(page.body, p.TicketBody)
    return page.body


def at(flow: str, *actions: str) -> Journey:
    return Journey(shipped()[flow] if flow in shipped() else counter()).press("main", *actions)


# --- questions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_question_says_its_place_among_several_and_marks_what_was_answered(language: str) -> None:
    t = Texts(language)
    visit = at("counter")
    page = page_of(visit, language)
    assert page.lead == t("form.progress", number=1, count=2)
    assert isinstance(page.body, p.MenuBody)
    assert [tile.badge for tile in page.body.tiles] == ["", "", ""]
    visit.press("choose:staff", "back")
    again = page_of(visit, language)
    assert isinstance(again.body, p.MenuBody)
    assert {tile.action: tile.badge for tile in again.body.tiles} == {
        "choose:machine": "",
        "choose:staff": t("form.chosen"),
        "choose:other": "",
    }
    assert page_of(at("keluhan"), language).lead.startswith({"id": "Pilih", "en": "Choose"}[language])


def test_each_question_moves_in_as_a_page_of_its_own() -> None:
    visit = at("counter")
    keys = [page_of(visit).key]
    for act in (lambda: visit.press("choose:staff"), lambda: visit.submit(number="12"), lambda: visit.press("main")):
        act()
        keys.append(page_of(visit).key)
    assert len(set(keys)) == 4
    back = at("counter", "choose:staff", "back")
    assert (page_of(back).key, page_of(back).direction) == (keys[0], p.Direction.BACK)


def test_a_pad_says_how_many_digits_and_keeps_them() -> None:
    visit = at("counter", "choose:staff")
    page = page_of(visit)
    assert isinstance(page.body, p.DigitsBody)
    assert (page.body.least, page.body.most, page.body.value) == (2, 3, "")
    assert page.body.hint == Texts("id")("form.digits", least=2, most=3)
    assert page.main is not None
    assert page.main.id == "submit"
    body = page_of(visit.submit(number="012").press("back")).body
    assert isinstance(body, p.DigitsBody)
    assert body.value == "012"


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_would_be_sent_stands_there_and_so_does_what_would_not(language: str) -> None:
    visit = at("keluhan", "choose:illegal-fee")
    page = page_of(visit, language)
    assert isinstance(page.body, p.ConsentBody)
    answer, along, not_sent = page.body.facts
    assert answer.value == {"id": "Diminta membayar", "en": "I was asked to pay"}[language]
    assert along.value == Texts(language)("form.goes-along-what")
    assert "SP4N-LAPOR!" in not_sent.value
    assert [tile.action for tile in page.body.tiles] == ["main", "second"]
    assert page.body.tiles[0].title == {"id": "Kirim keluhan", "en": "Send the complaint"}[language]
    assert page.back is not None
    bare = page_of(at("counter", "choose:staff").submit(number="12"), language).body
    assert isinstance(bare, p.ConsentBody)
    assert bare.tiles[0].title == Texts(language)("form.send")
    assert bare.facts[1].value == "12"


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize(
    ("flow", "acts", "kind"),
    [("keluhan", ("choose:machine", "main"), "form"), ("antrean", ("choose:service",), "ticket")],
)
def test_trouble_says_that_nothing_is_lost_and_who_helps(
    language: str, flow: str, acts: tuple[str, ...], kind: str
) -> None:
    visit = at(flow, *acts)
    t = Texts(language)
    busy = page_of(visit, language)
    assert (busy.name, busy.title) == ("busy", t(f"busy.{kind}-title"))
    page = page_of(visit.answer(out.Failed(E.STORE_FULL)), language)
    assert isinstance(page.body, p.OutcomeBody)
    assert page.body.lines == [t("error.STO-02.what"), t(f"trouble.{kind}-safe"), t(f"trouble.{kind}-do")]
    assert (page.body.code, page.body.tone) == ("STO-02", p.Tone.CAUTION)
    assert page.main is not None
    assert page.main.is_enabled
    assert page.second is not None


# --- numbers ------------------------------------------------------------------------------------------------------


def test_the_number_stands_while_its_slip_is_printed() -> None:
    page = page_of(at("antrean", "choose:service").answer(TAKEN))
    assert (page.name, page.home, page.back, page.main) == ("number-slip", None, None, None)
    body = ticket_of(page)
    assert (body.number, body.caption, body.notice) == ("A-007", "Layanan kependudukan", "")
    assert body.number_accessible == "Nomor antrean Anda: A - 0 0 7"
    assert [scene.kind for scene in body.scenes] == [p.SceneKind.SLIP_OUT]


@pytest.mark.parametrize("is_card_there", [False, True])
def test_the_last_page_says_what_there_is_to_take(is_card_there: bool) -> None:
    visit = at("antrean", "choose:service").answer(TAKEN, out.Done())
    body = ticket_of(page_of(visit, is_card_there=is_card_there))
    cards = [p.SceneKind.TAKE_CARD] if is_card_there else []
    assert [scene.kind for scene in body.scenes] == [*cards, p.SceneKind.SLIP_OUT]
    assert len(body.labels) == len(body.scenes)
    assert (body.number, body.notice, body.code, body.tone) == ("A-007", "", "", p.Tone.NEUTRAL)
    assert len(body.lines) == 1


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_slip_that_did_not_come_is_said_with_what_to_do(language: str) -> None:
    visit = at("antrean", "choose:service").answer(TAKEN, NO_SLIP)
    body = ticket_of(page_of(visit, language))
    assert (body.number, body.notice) == ("A-007", Texts(language)("number.no-slip"))
    assert (body.code, body.tone, body.scenes) == ("SLP-03", p.Tone.CAUTION, [])


def test_a_flow_without_a_slip_says_to_write_the_number_down() -> None:
    visit = at("antrean", "choose:service")
    straight = msgspec.structs.replace(visit.flow.steps["service"], then="done")
    visit.flow = msgspec.structs.replace(visit.flow, steps={**visit.flow.steps, "service": straight})
    body = ticket_of(page_of(visit.answer(TAKEN)))
    assert (body.notice, body.code) == (Texts("id")("number.note-it"), "")


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_complaint_says_its_topic_number_who_answers_and_by_when(language: str) -> None:
    visit = at("keluhan", "choose:machine", "main").answer(out.Filed("7KQT-4MXW"), out.Done())
    page = page_of(visit, language)
    body = ticket_of(page)
    assert (body.number, body.caption) == ("7KQT-4MXW", {"id": "Mesin ini bermasalah", "en": "This machine"}[language])
    assert "14" in page.lead
    assert body.number_accessible == Texts(language)("number.complaint-spoken", number="7 K Q T - 4 M X W")


def test_of_two_numbers_the_one_that_is_called_out_is_the_large_one() -> None:
    visit = at("counter", "choose:staff").submit(number="12").press("main").answer(out.Filed("7KQT-4MXW"))
    visit.press("choose:yes").answer(TAKEN).press("main").answer(out.Done()).press("choose:done")
    body = ticket_of(page_of(visit))
    assert body.number == "A-007"
    assert body.lines == [Texts("id")("number.complaint-too", number="7KQT-4MXW")]


def test_a_failure_behind_a_number_keeps_it_on_the_page_with_its_code() -> None:
    visit = at("counter", "choose:staff").submit(number="12").press("main").answer(out.Filed("7KQT-4MXW"))
    visit.press("choose:yes").answer(out.Failed(E.NUMBERS_OUT, is_retryable=False))
    body = ticket_of(page_of(visit))
    assert (body.number, body.code) == ("7KQT-4MXW", "NUM-01")
    assert body.lines[0] == Texts("id")("error.NUM-01.what")


def test_an_answer_whose_queue_has_no_number_is_grey_and_lights_up() -> None:
    visit = at("antrean")

    def tiles(**left: int) -> dict[str, tuple[bool, str]]:
        body = page_of(visit, numbers_left=left).body
        assert isinstance(body, p.MenuBody)
        return {tile.action: (tile.is_enabled, tile.reason) for tile in body.tiles}

    out_of = (False, Texts("id")("tile.no-numbers"))
    assert tiles(layanan=2, pengaduan=0) == {"choose:service": (True, ""), "choose:complaint": out_of}
    assert tiles(pengaduan=1) == {"choose:service": out_of, "choose:complaint": (True, "")}
    assert tiles(layanan=1, pengaduan=1) == {"choose:service": (True, ""), "choose:complaint": (True, "")}
