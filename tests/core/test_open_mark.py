"""Whom the next core tells that a visit was cut: those whose visit was, while they may still stand there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.open_mark import GONE_S, OpenMark
from kiosk.core.situation import Recovered
from kiosk.devices.contract import Presence
from kiosk.errors import ErrorCode
from kiosk.flows import effects as fx
from kiosk.flows import outcomes as out
from kiosk.store.database import open_store
from kiosk.store.stored_state import StoredState
from tests.core.stand import Stand


class Wall:
    seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def mark(tmp_path: Path, wall: Wall) -> Iterator[OpenMark]:
    store = open_store(tmp_path / "kiosk.db", "ab" * 32).store
    yield OpenMark(StoredState(store), wall)
    store.close()


def test_a_cut_visit_is_found_until_somebody_was_told(mark: OpenMark, wall: Wall) -> None:
    assert mark.found() is None
    mark.lay()
    began = wall.seconds
    wall.seconds += 60
    # A second crash, on the very page that tells: what came out in the visit is still looked for since its beginning.
    assert mark.found() == began
    mark.lay()
    assert mark.found() == began
    mark.take_away()
    assert mark.found() is None


def test_after_a_night_nobody_stands_there(mark: OpenMark, wall: Wall) -> None:
    mark.lay()
    wall.seconds += GONE_S + 1
    assert mark.found() is None
    wall.seconds -= GONE_S
    assert mark.found() is None, "it was taken away, and is not the next person's"


def test_a_clock_that_was_set_back_takes_nobodys_page(mark: OpenMark, wall: Wall) -> None:
    mark.lay()
    wall.seconds = 0.0
    assert mark.found() is not None


def cut(stand: Stand) -> bool:
    stand.shell.abandon(ErrorCode.CORE_RESTARTED)
    assert not stand.shell.has_visit
    return stand.shell.was_cut


def at_its_end(stand: Stand) -> Stand:
    stand.to_printing().answer(fx.Print, out.Printed(2))
    while stand.name == "slip":
        stand.answer(fx.PrintSlip, out.Done())
    assert stand.name == "survey"
    return stand


def test_a_stop_in_the_middle_of_a_visit_cuts_it() -> None:
    assert cut(Stand().press("start"))
    assert cut(Stand().to_preview())
    assert cut(Stand().to_printing())
    assert cut(at_its_end(Stand())), "the page that says what came out is the next one"


def test_a_stop_at_the_last_page_cuts_nothing() -> None:
    stand = at_its_end(Stand()).press("second")
    assert stand.name == "take"
    assert not cut(stand)


def test_a_last_page_that_never_came_to_the_screen_told_nobody() -> None:
    stand = at_its_end(Stand())
    stand.paints = False
    stand.press("second")
    assert stand.name == "take"
    assert cut(stand)


def test_a_stop_while_only_the_card_is_waited_for_cuts_nothing() -> None:
    stand = Stand()
    stand.shell.card_moved(Presence(is_present=True, insertion=1))
    stand.press("start", "home")
    assert stand.name == "take"
    assert not cut(stand)


def test_the_page_that_tells_of_a_cut_visit_is_itself_its_last() -> None:
    stand = Stand()
    stand.shell.open((), (Recovered.PRINTED,))
    stand.settle()
    assert stand.name == "interrupted"
    assert not cut(stand)
    unseen = Stand(paints=False)
    unseen.shell.open((), (Recovered.PRINTED,))
    unseen.settle()
    assert cut(unseen)
