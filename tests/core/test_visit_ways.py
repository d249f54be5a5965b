"""Ways out of a visit, the events that it takes or drops, and failures of the house around it."""

from types import SimpleNamespace
from typing import Any

import pytest

from kiosk import protocol as p
from kiosk.core.grace import TOLD_S
from kiosk.core.situation import Recovered, StaffStage, StaffView
from kiosk.devices.contract import Band, DeviceKind, Presence, Reason
from kiosk.errors import ErrorCode
from kiosk.flows import effects as fx
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.settings import Settings

from .stand import PIN, UID, Stand, status

VISIT = Settings().visit


@pytest.fixture
def stand() -> Stand:
    return Stand()


def tuned(**visit: Any) -> Settings:
    settings = Settings()
    return settings.model_copy(update={"visit": settings.visit.model_copy(update=visit)})


# --- ways out


def test_a_forgotten_card_is_asked_for_until_it_is_taken(stand: Stand) -> None:
    stand.shell.card_moved(Presence(is_present=True, insertion=1))
    stand.press("start", "service:cetak-kk", "main", "home")
    assert stand.name == "take"
    assert len(stand.runner.ended) == 1, "the wipe does not wait for the card"
    stand.shell.card_moved(Presence(is_present=False, insertion=1))
    stand.settle()
    assert stand.name == "attract"


def test_a_card_that_nobody_takes_does_not_hold_the_machine(stand: Stand) -> None:
    stand.shell.card_moved(Presence(is_present=True, insertion=1))
    stand.press("start", "home").wait(VISIT.take_s - 1)
    assert stand.name == "take"
    stand.wait(1)
    assert stand.name == "attract"
    stand.press("start").wait(VISIT.take_s + 1)
    assert stand.name == "services", "the old visit's timer has no hold on the next"


def test_without_a_card_home_leads_home(stand: Stand) -> None:
    stand.press("start", "home")
    assert stand.name == "attract"


def test_a_print_cannot_be_left(stand: Stand) -> None:
    stand.to_printing()
    for action in ("home", "back", "finish", "second", "main", "service:cek-data"):
        stand.force(action)
        assert stand.name == "printing", action
    assert "Cancel" not in stand.runner.names()
    assert stand.runner.ended == []


def test_an_interrupted_visit_says_so_and_is_over_at_a_touch(stand: Stand) -> None:
    stand.shell.open(stand.shell.situation.services, (Recovered.UNKNOWN,))
    assert stand.name == "interrupted"
    stand.press("finish")
    assert stand.name == "attract"
    assert stand.shell.situation.recovered == ()


def test_after_a_bug_the_person_is_told_and_the_next_one_finds_the_first_page(stand: Stand) -> None:
    stand.to_preview()
    stand.shell.abandon(ErrorCode.INTERNAL)
    assert stand.settle().name == "interrupted"
    assert len(stand.runner.ended) == 1
    stand.press("finish")
    assert stand.settle().name == "attract"
    stand.shell.abandon(ErrorCode.INTERNAL)


def test_a_second_bug_on_that_page_ends_the_visit(stand: Stand) -> None:
    stand.to_preview()
    stand.shell.abandon(ErrorCode.INTERNAL)
    stand.shell.abandon(ErrorCode.INTERNAL)
    assert stand.settle().name == "attract"


def test_an_orderly_stop_ends_the_visit_without_a_page(stand: Stand) -> None:
    stand.to_preview()
    stand.shell.abandon(ErrorCode.CORE_RESTARTED)
    assert not stand.shell.has_visit


def test_what_was_switched_where_nobody_can_begin_is_not_the_next_persons(stand: Stand) -> None:
    stand.shell.change(is_holding=True)
    stand.press("look:size")
    stand.press("look:language")
    assert stand.page.look.text_size is p.TextSize.LARGE
    assert stand.page.look.language == "en"
    stand.shell.change(is_holding=False)
    stand.press("start")
    assert stand.page.look.text_size is p.TextSize.DEFAULT
    assert stand.page.look.language == "id"


def test_help_is_not_offered_where_it_cannot_open(stand: Stand) -> None:
    assert "help" in [control.id for control in stand.page.strip.controls]
    stand.shell.change(is_holding=True)
    assert "help" not in [control.id for control in stand.page.strip.controls]


# --- events


def test_one_event_is_one_effect_and_a_stale_page_takes_no_touch(stand: Stand) -> None:
    stand.press("start")
    services = stand.page
    press = p.Pressed("same", services.serial, "service:cetak-kk")
    stand.shell.handle(press)
    stand.shell.handle(press)
    assert stand.settle().name == "standard"
    stand.shell.handle(p.Pressed("other", services.serial, "home"))
    assert stand.settle().name == "standard"
    stand.shell.handle(p.Pressed("future", stand.page.serial + 1, "home"))
    assert stand.settle().name == "standard"


def test_one_event_switches_once(stand: Stand) -> None:
    stand.press("start")
    press = p.Pressed("same", stand.page.serial, "look:contrast")
    stand.shell.handle(press)
    stand.shell.handle(press)
    assert stand.settle().page.look.contrast is p.Contrast.HIGH
    stand.shell.face_came()
    stand.shell.handle(p.Pressed("same", stand.settle().page.serial, "look:contrast"))
    assert stand.settle().page.look.contrast is p.Contrast.LIGHT, "a new face counts its events anew"


def test_help_goes_away_when_the_flow_moves_on_under_it(stand: Stand) -> None:
    stand.to_tap().press("help")
    assert stand.name == "help"
    stand.answer(fx.ReadCard, out.CardSeen(UID, is_stable=True))
    assert stand.name == "busy"


def test_an_outcome_of_the_last_visit_never_moves_the_next(stand: Stand) -> None:
    stand.to_tap()
    visit = stand.shell._visit
    assert visit is not None
    old, read = visit.session, stand.runner.last(fx.ReadCard)
    stand.press("home").to_tap()
    assert stand.runner.last(fx.ReadCard).id == read.id, "ids are alike: only the session tells them apart"
    stand.shell.deliver(old, ev.Ended(stand.seconds, read.id, out.CardSeen(UID, is_stable=True)))
    assert stand.settle().name == "tap-card"


def test_the_face_is_told_to_forget_before_the_next_page(stand: Stand) -> None:
    stand.press("start")
    stand.sent.clear()
    stand.press("home")
    kinds = [type(message).__name__ for message in stand.sent]
    assert kinds == ["Forget", "ShowPage"]


def test_no_visit_opens_while_the_technician_is_there(stand: Stand) -> None:
    door: Any = SimpleNamespace(view=lambda: StaffView(StaffStage.HOME), touched=lambda: None)
    stand.shell.door = door
    stand.shell.show()
    for action in ("start", "service:cetak-kk", "help"):
        stand.force(action)
        assert not stand.shell.has_visit
    assert stand.name == "technician"


def test_a_page_that_was_only_updated_still_takes_the_touch(stand: Stand) -> None:
    stand.press("start")
    before = stand.page
    stand.shell.device_changed(status(DeviceKind.CARD_PRINTER, Band.ERROR, Reason.COVER_OPEN))
    assert stand.wait(TOLD_S).page.serial > before.serial
    assert stand.page.direction is p.Direction.NONE
    stand.shell.handle(p.Pressed("e", before.serial, "service:cetak-kk"))
    assert stand.settle().name == "standard"


def test_what_changes_nothing_is_not_sent_again(stand: Stand) -> None:
    count = len(stand.sent)
    stand.shell.show()
    stand.shell.change(devices=dict(stand.shell.situation.devices))
    assert len(stand.settle().sent) == count


def test_a_grey_tile_starts_nothing(stand: Stand) -> None:
    stand.shell.device_changed(status(DeviceKind.DOCUMENT_PRINTER, Band.ERROR, Reason.MEDIA_EMPTY))
    stand.wait(TOLD_S).force("service:cetak-kk")
    assert stand.name == "services"
    stand.force("service:nothing")
    assert stand.name == "services"
    stand.press("service:unduh-akta")
    assert stand.name == "standard"


@pytest.mark.parametrize(
    "changes",
    [
        {"is_starting": True},
        {"is_holding": True},
        {"out_of_order": ErrorCode.STORE_FULL},
        {"fault": ErrorCode.INTERNAL},
    ],
)
def test_no_visit_opens_on_a_machine_that_is_closed(stand: Stand, changes: dict[str, Any]) -> None:
    stand.shell.change(**changes)
    before = stand.settle().page
    for action in ("start", "service:cetak-kk", "help", "look:language"):
        stand.force(action)
        assert not stand.shell.has_visit
        assert stand.name == before.name


def test_a_look_that_was_switched_where_no_visit_may_begin_goes_back(stand: Stand) -> None:
    stand.shell.change(is_holding=True)
    stand.settle().force("look:contrast")
    assert stand.page.look.contrast is p.Contrast.HIGH
    stand.wait(VISIT.idle_s)
    assert stand.page.look == p.Look()


def test_a_language_that_is_not_there_is_not_switched_to(stand: Stand) -> None:
    stand.press("start").force("language:xx")
    assert stand.page.look.language == "id"
    stand.press("look:language", "language:en")
    assert stand.page.look.language == "en"
    assert stand.name == "services"


def test_sounds_come_with_their_page_and_not_when_switched_off(stand: Stand) -> None:
    stand.to_preview()
    assert [message.name for message in stand.sent if isinstance(message, p.Sound)] == ["done"]
    silent = Stand()
    silent.press("start", "look:sound", "home")
    silent.press("look:sound")
    silent.press("service:cetak-kk", "main", "choose:card")
    silent.answer(fx.ReadCard, out.CardSeen(UID, is_stable=True)).answer(fx.FindCard, out.CardFound())
    silent.submit(pin=PIN).answer(fx.Prove, out.Locked(60))
    assert silent.name == "locked"
    assert not any(isinstance(message, p.Sound) for message in silent.sent)


def test_a_face_that_comes_back_gets_pictures_before_the_page(stand: Stand) -> None:
    stand.to_preview()
    visit = stand.shell._visit
    assert visit is not None
    stand.shell.picture(visit.session, p.ShowPicture("preview-0", 1, 1, b"png"))
    stand.sent.clear()
    stand.shell.face_came()
    stand.settle()
    assert [type(message).__name__ for message in stand.sent][:2] == ["ShowPicture", "ShowPage"]
    assert stand.name == "preview"
    again = stand.sent[1]
    assert isinstance(again, p.ShowPage)
    assert again.page.direction is p.Direction.NONE


def test_pictures_and_outcomes_of_a_visit_that_is_over_are_dropped(stand: Stand) -> None:
    stand.to_tap()
    visit = stand.shell._visit
    assert visit is not None
    old, read = visit.session, stand.runner.last(fx.ReadCard)
    stand.press("home", "start")
    stand.sent.clear()
    stand.shell.picture(old, p.ShowPicture("preview-0", 1, 1, b"png"))
    stand.shell.deliver(old, ev.Ended(stand.seconds, read.id, out.CardSeen(UID, is_stable=True)))
    assert stand.settle().sent == []
    assert stand.name == "services"


# --- failures of the house


def test_a_store_that_fails_between_visits_stops_neither_the_page_nor_the_clock(stand: Stand) -> None:
    calls: list[float] = []

    def fail() -> None:
        calls.append(stand.seconds)
        raise OSError("disk")

    stand.press("start")
    stand.shell.between_visits = fail
    with pytest.raises(OSError, match="disk"):
        stand.shell.abandon(ErrorCode.INTERNAL)
    assert stand.name == "attract"


@pytest.mark.expects_warnings
def test_the_clock_ticks_on_after_a_failed_tick(stand: Stand) -> None:
    calls: list[float] = []

    def fail() -> None:
        calls.append(stand.seconds)
        raise OSError("disk")

    stand.shell.between_visits = fail
    stand.wait(100)
    assert len(calls) >= 6
