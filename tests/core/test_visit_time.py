"""A visit against the clock: warnings, the limit, and effects that wait for their page."""

import logging
from typing import Any

import msgspec
import pytest

from kiosk import protocol as p
from kiosk.devices.contract import Presence, ScanOutcome
from kiosk.errors import ErrorCode
from kiosk.flows import effects as fx
from kiosk.flows import outcomes as out
from kiosk.settings import Settings

from .stand import UID, Stand, actions_of

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
