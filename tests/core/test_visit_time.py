"""A visit against the clock: warnings, the limit, effects that wait for their page, ways out, and the wipe."""

import gc
import logging
from types import FunctionType, SimpleNamespace
from typing import Any

import msgspec
import pytest

from kiosk import protocol as p
from kiosk.core.grace import TOLD_S
from kiosk.core.session import Session
from kiosk.core.situation import Phase, Recovered, StaffStage, StaffView
from kiosk.core.visit import Visit
from kiosk.devices.contract import Band, CardRead, CardReadKind, DeviceKind, Presence, Reason, ScanOutcome
from kiosk.errors import ErrorCode
from kiosk.flows import effects as fx
from kiosk.flows import events as ev
from kiosk.flows import outcomes as out
from kiosk.settings import Settings

from .stand import DOCUMENTS, NIK, PERSON, PIN, UID, Stand, actions_of, status

VISIT = Settings().visit


@pytest.fixture
def stand() -> Stand:
    return Stand()


def tuned(**visit: Any) -> Settings:
    settings = Settings()
    return settings.model_copy(update={"visit": settings.visit.model_copy(update=visit)})


# --- idleness


def test_who_does_nothing_is_asked_then_counted_down_then_wiped(stand: Stand) -> None:
    stand.press("start").wait(VISIT.idle_s - 1)
    assert stand.name == "services"
    stand.wait(1)
    assert stand.name == "still-here"
    assert stand.page.remaining_ms == 30_000
    stand.wait(VISIT.warning_s - 1)
    assert stand.name == "still-here"
    stand.wait(1)
    assert stand.name == "attract"
    assert not stand.shell.has_visit
    assert len(stand.runner.ended) == 1


@pytest.mark.parametrize("sign", ["stay", "scan", "card", "look"])
def test_any_sign_of_life_answers_the_warning(stand: Stand, sign: str) -> None:
    stand.press("start").wait(VISIT.idle_s)
    assert stand.name == "still-here"
    if sign == "stay":
        stand.press("stay")
    elif sign == "scan":
        stand.shell.code_read(ScanOutcome("x"))
    elif sign == "card":
        stand.shell.card_moved(Presence(is_present=True, insertion=1))
    else:
        stand.press("look:contrast")
    stand.settle()
    assert stand.name == "services"
    stand.wait(VISIT.idle_s - 1)
    assert stand.name == "services"
    stand.wait(1)
    assert stand.name == "still-here"


def test_the_touch_that_presses_leave_is_not_taken_for_staying(stand: Stand) -> None:
    """The face reports the finger before the button that it lets go."""
    stand.press("start").wait(VISIT.idle_s)
    assert stand.name == "still-here"
    stand.shell.handle(p.Activity())
    assert stand.settle().name == "still-here"
    stand.press("home")
    assert stand.settle().name == "attract"


def test_the_page_under_the_warning_is_the_same_afterwards(stand: Stand) -> None:
    stand.press("start", "service:cetak-kk", "main", "choose:nik")
    before = stand.page
    stand.wait(VISIT.idle_s).press("stay")
    assert msgspec.structs.replace(stand.page, serial=0, direction=before.direction) == msgspec.structs.replace(
        before, serial=0
    )


def test_work_counts_as_life() -> None:
    """Somebody who waited for the office a minute is not asked whether they are still here the moment it answers."""
    stand = Stand(tuned(idle_s=10))
    stand.to_tap().answer(fx.ReadCard, out.CardSeen(UID, is_stable=True))
    stand.wait(8).answer(fx.FindCard, out.CardFound())
    assert stand.name == "pin"
    stand.wait(8)
    assert stand.name == "pin"
    stand.wait(2)
    assert stand.name == "still-here"


def test_the_ring_counts_from_the_whole_warning(stand: Stand) -> None:
    stand.press("start").wait(VISIT.idle_s)
    assert isinstance(stand.page.body, p.CountdownBody)
    assert stand.page.body.total_ms == VISIT.warning_s * 1000


def test_answering_the_idle_warning_does_not_spend_the_extension(stand: Stand) -> None:
    stand.press("start").wait(VISIT.idle_s)
    stand.press("stay")
    keep_busy(stand, VISIT.overall_s - VISIT.idle_s - VISIT.warning_s)
    assert stand.name == "still-here"
    assert "stay" in actions_of(stand.page)


def test_a_service_standard_that_nobody_answers_ends_by_itself(stand: Stand) -> None:
    stand.press("start", "service:cetak-kk")
    state = stand.shell._visit and stand.shell._visit.state
    assert state
    assert state.deadline is not None
    keep_busy(stand, state.deadline - stand.seconds)
    assert stand.name == "attract"


def test_the_last_page_ends_by_its_own_time_without_a_warning() -> None:
    stand = Stand(tuned(idle_s=5, warning_s=5))
    stand.to_printing().answer(fx.Print, out.Printed(1))
    while stand.name != "take":
        if stand.name == "slip":
            stand.answer(fx.PrintSlip, out.Done())
        elif stand.name == "survey":
            stand.press("second")
        else:
            stand.press("main")
    names: list[str] = []
    stand.wait(120, until=lambda: names.append(stand.name) is not None or stand.name == "attract")
    assert set(names) == {"take", "attract"}


@pytest.mark.parametrize(("way", "reason"), [("idle", "idle"), ("limit", "limit"), ("home", "home"), ("bug", "SYS-99")])
def test_the_log_says_why_a_visit_ended(way: str, reason: str) -> None:
    said: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.getMessage() == "VISIT_ENDED":
                said.append(record.kiosk_fields["visit_end"])  # type: ignore[attr-defined]

    logger, keep = logging.getLogger("kiosk"), Keep()
    level = logger.level
    logger.addHandler(keep)
    logger.setLevel(logging.INFO)
    try:
        stand = Stand().press("start")
        if way == "idle":
            stand.wait(VISIT.idle_s + VISIT.warning_s)
        elif way == "limit":
            keep_busy(stand, VISIT.overall_s)
        elif way == "home":
            stand.press("home")
        else:
            stand.shell.abandon(ErrorCode.INTERNAL)
    finally:
        logger.removeHandler(keep)
        logger.setLevel(level)
    assert said[0] == reason


# --- the limit


def keep_busy(stand: Stand, seconds: float) -> None:
    """Touch every ten seconds."""
    end = stand.seconds + seconds
    while stand.seconds < end:
        stand.wait(min(10.0, end - stand.seconds))
        stand.shell.handle(p.Activity())
        stand.settle()


def test_the_limit_is_extended_once_and_then_ends(stand: Stand) -> None:
    stand.press("start")
    keep_busy(stand, VISIT.overall_s - VISIT.warning_s - 1)
    assert stand.name == "services"
    stand.wait(1)
    assert stand.name == "still-here"
    keep_busy(stand, 5)
    assert stand.name == "still-here", "a mere touch does not answer this one"
    stand.press("stay")
    assert stand.name == "services"
    keep_busy(stand, VISIT.extension_s - VISIT.warning_s)
    assert stand.name == "still-here"
    assert "stay" not in actions_of(stand.page)
    stand.wait(VISIT.warning_s)
    assert stand.name == "attract"


@pytest.mark.parametrize("action", ["stay", "close", "help", "look:language", "finish"])
def test_a_spent_limit_cannot_be_talked_away(stand: Stand, action: str) -> None:
    stand = Stand(tuned(overall_s=60, extension_s=0, idle_s=40))
    stand.press("start")
    keep_busy(stand, 30)
    stand.press("stay").wait(1)
    assert stand.name == "still-here"
    stand.force(action)
    assert stand.name == "still-here"
    stand.wait(VISIT.warning_s)
    assert stand.name == "attract"


def test_neither_idleness_nor_the_limit_cuts_a_print(stand: Stand) -> None:
    stand.to_printing().wait(VISIT.overall_s + 60)
    assert stand.name == "printing"
    assert stand.runner.ended == []
    stand.answer(fx.Print, out.Printed(1))
    if stand.name == "slip":
        stand.answer(fx.PrintSlip, out.Done())
    names = {stand.name}
    stand.wait(VISIT.take_s - 1, until=lambda: names.add(stand.name) is not None)
    assert "still-here" not in names, "there is time to take the paper"
    assert stand.shell.has_visit


# --- effects wait for their page


def test_a_step_runs_when_its_page_is_painted_and_not_before() -> None:
    stand = Stand(paints=False)
    stand.press("start", "service:cetak-kk", "main")
    assert stand.runner.ran == []
    stand.press("choose:card")
    tap = stand.page.serial
    stand.shell.handle(p.Painted(tap - 1, "x"))
    assert stand.runner.names() == []
    stand.shell.handle(p.Painted(tap, "tap-card"))
    assert stand.runner.names() == ["ReadCard"]
    stand.shell.handle(p.Painted(tap, "tap-card"))
    stand.wait(VISIT.painted_s + 1)
    assert stand.runner.names() == ["ReadCard"], "once"


def test_a_face_that_never_paints_holds_nothing_up() -> None:
    stand = Stand(paints=False)
    stand.press("start", "service:cetak-kk", "main", "choose:card").wait(VISIT.painted_s - 0.5)
    assert stand.runner.ran == []
    stand.wait(0.5)
    assert stand.runner.names() == ["ReadCard"]


def test_what_is_cancelled_before_it_was_shown_never_runs() -> None:
    stand = Stand(paints=False)
    stand.press("start", "service:cetak-kk", "main", "choose:card", "back")
    stand.wait(VISIT.painted_s + 1)
    assert "ReadCard" not in stand.runner.names()


def test_cancel_does_not_wait_for_a_page() -> None:
    stand = Stand()
    stand.to_tap()
    read = stand.runner.last(fx.ReadCard)
    stand.paints = False
    stand.press("back")
    assert stand.runner.last(fx.Cancel).target == read.id


def test_giving_a_grant_back_does_not_wait_for_a_page() -> None:
    stand = Stand()
    stand.to_preview()
    stand.paints = False
    stand.press("second")
    assert "Release" in stand.runner.names()


def test_nothing_runs_for_a_visit_that_was_left_before_its_page_was_painted() -> None:
    stand = Stand(paints=False)
    stand.press("start", "service:cetak-kk", "main", "choose:card", "home")
    assert stand.name == "attract"
    stand.paints = True
    stand.wait(VISIT.painted_s + 1)
    assert "ReadCard" not in stand.runner.names()


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


# --- the wipe


def reachable(roots: list[object]) -> list[object]:
    """Everything that the roots lead to, modules and types left out."""
    seen: dict[int, object] = {}
    todo = list(roots)
    while todo:
        thing = todo.pop()
        if id(thing) in seen or isinstance(thing, type) or type(thing).__name__ in ("module", "frame"):
            continue
        seen[id(thing)] = thing
        if isinstance(thing, FunctionType):
            todo += [thing.__closure__, thing.__defaults__]  # not its module, which holds what tests made up
        else:
            todo += gc.get_referents(thing)
    return list(seen.values())


def traces(stand: Stand, *canaries: str | bytes) -> list[object]:
    """What the shell and the loop still hold of a person."""
    stand.sent.clear()
    stand.runner.ran.clear()
    found = reachable([stand.shell, stand.loop, *stand.runner.ended])
    wanted = [canary.encode() if isinstance(canary, str) else canary for canary in canaries]
    texts = [(thing.encode(errors="replace") if isinstance(thing, str) else thing) for thing in found]
    return [text for text in texts if isinstance(text, bytes) and any(canary in text for canary in wanted)]


@pytest.mark.parametrize("way", ["home", "idle", "bug", "card"])
def test_nothing_of_a_person_is_left_in_the_core(stand: Stand, way: str) -> None:
    stand.to_preview()
    visit = stand.shell._visit
    assert visit is not None
    session = visit.session
    session.token = "token-canary"
    session.card = CardRead(CardReadKind.READ, 1, b"card-canary", is_uid_stable=True)
    session.fetched["person"] = dict(PERSON)
    session.sheet = b"%PDF sheet-canary"
    picture = p.ShowPicture("preview-0", 1, 1, b"picture-canary")
    stand.shell.picture(session, picture)
    stand.loop.run_pending()
    canaries = ("token-canary", PERSON["nik"], b"sheet-canary", b"picture-canary", PIN, UID, b"card-canary")
    name = DOCUMENTS[0]["subject"]
    del visit, picture
    assert len(traces(stand, *canaries[:4], UID)) >= 4, "the search finds what is there"
    stand.runner.ended.clear()
    if way == "card":
        stand.shell.card_moved(Presence(is_present=True, insertion=1))
    if way == "idle":
        stand.wait(VISIT.idle_s + VISIT.warning_s + 1)
    elif way == "bug":
        stand.shell.abandon(ErrorCode.INTERNAL)
    else:
        stand.press("home")
    assert stand.settle().name == {"card": "take", "bug": "interrupted"}.get(way, "attract")
    assert stand.runner.ended[:1] == [session]
    if way == "bug":
        assert traces(stand, *canaries, NIK) == [], "the wipe does not wait for the person"
        stand.press("finish")
    if way == "card":
        assert traces(stand, *canaries[:3], *canaries[4:], NIK) == [], "the wipe does not wait for the card"
        stand.wait(VISIT.take_s + 1)
    assert stand.name == "attract"
    assert traces(stand, *canaries, NIK) == []
    leftovers = [thing for thing in reachable([stand.shell, stand.loop]) if isinstance(thing, Visit | Session)]
    assert [thing for thing in leftovers if thing is not session] == []
    assert name not in repr(stand.shell.page)


def test_a_session_that_is_over_takes_nothing_more() -> None:
    session = Session()
    assert session.keep_token("one")
    assert session.wipe() == "one"
    assert not session.keep_token("two")
    assert session.token == ""
    assert session.wipe() == ""
    prepared: Any = object()
    assert not session.keep_prepared(prepared)
    assert session.take_prepared() is None


def test_what_was_prepared_is_handed_over_once_even_after_the_wipe() -> None:
    session = Session()
    prepared: Any = object()
    assert session.keep_prepared(prepared)
    session.wipe()
    assert session.take_prepared() is prepared
    assert session.take_prepared() is None


def test_a_session_never_shows_its_secrets() -> None:
    session = Session(token="token-canary", sheet=b"sheet-canary")
    session.fetched["person"] = dict(PERSON)
    shown = f"Session(ref='{session.ref}', is_proved_by_card=False, troubled_insertion=-1, is_over=False)"
    assert repr(session) == shown
    assert Session().ref != session.ref


def test_leaving_is_a_phase_of_its_own(stand: Stand) -> None:
    stand.shell.card_moved(Presence(is_present=True, insertion=1))
    stand.press("start", "home")
    visit = stand.shell._visit
    assert visit is not None
    assert visit.phase is Phase.LEAVING
    stand.press("finish")
    assert stand.name == "attract"
