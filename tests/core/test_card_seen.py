"""Whoever lays a card on reads at once that it was noticed, long before it is read, and only while that is true."""

import pytest

from kiosk import protocol as p
from kiosk.devices.contract import Band, DeviceKind, Presence, Reason
from kiosk.errors import ErrorCode
from kiosk.flows import effects as fx
from kiosk.flows import outcomes as out
from kiosk.texts import Texts
from tests.core.stand import UID, Stand, all_well, status

PULLED = out.CardTrouble(ErrorCode.CARD_PULLED)


def lie(stand: Stand, insertion: int) -> Stand:
    stand.shell.card_moved(Presence(is_present=True, insertion=insertion))
    return stand.settle()


def take(stand: Stand, insertion: int) -> Stand:
    stand.shell.card_moved(Presence(is_present=False, insertion=insertion))
    return stand.settle()


def notice(stand: Stand) -> str:
    assert isinstance(stand.page.body, p.SceneBody)
    return stand.page.body.notice


def test_the_page_changes_with_the_card_and_not_with_the_read() -> None:
    stand = Stand().to_tap()
    before = stand.page
    shown = len(stand.sent)
    lie(stand, 1)
    assert isinstance(stand.sent[shown], p.ShowPage), "nothing comes before it"
    assert stand.runner.names().count("ReadCard") == 1, "the same read goes on"
    assert (stand.name, stand.page.title) == ("card-seen", Texts("id")("tap.seen-title"))
    assert isinstance(stand.page.body, p.SceneBody)
    assert stand.page.body.tone is p.Tone.GOOD
    assert stand.page.key == before.key, "in place: no page slides under a card"
    assert stand.page.second == before.second
    assert stand.answer(fx.ReadCard, out.CardSeen(UID, is_stable=True)).name == "busy"


def test_in_the_language_of_the_visit() -> None:
    stand = Stand().to_tap().force("language:en")
    assert lie(stand, 1).page.title == Texts("en")("tap.seen-title")


def test_a_card_that_lay_there_before_is_seen_with_the_page() -> None:
    stand = Stand()
    lie(stand, 1)
    assert stand.press("start", "service:cetak-kk", "main", "choose:card").name == "card-seen"


def test_a_card_that_was_taken_again_is_not_seen() -> None:
    stand = lie(Stand().to_tap(), 1)
    assert take(stand, 1).name == "tap-card"
    assert notice(stand.answer(fx.ReadCard, PULLED)) != ""
    assert stand.name == "tap-card"
    assert lie(stand, 2).name == "card-seen"


@pytest.mark.parametrize("code", [ErrorCode.CARD_FOREIGN, ErrorCode.CARD_MUTE, ErrorCode.CARD_SEVERAL])
def test_a_card_that_gave_trouble_has_its_sentence_until_it_moves(code: ErrorCode) -> None:
    stand = lie(Stand().to_tap(), 1).answer(fx.ReadCard, out.CardTrouble(code))
    assert stand.name == "tap-card"
    assert Texts("id")(f"error.{code}.do") in notice(stand)
    assert lie(stand, 2).name == "card-seen", "another one in one move"
    stand.answer(fx.ReadCard, out.CardTrouble(code))
    assert stand.name == "tap-card"
    assert take(stand, 2).name == "tap-card"
    assert lie(stand, 3).name == "card-seen"


def test_a_reader_that_is_away_sees_nothing() -> None:
    stand = lie(Stand().to_tap(), 1)
    away = status(DeviceKind.CARD_READER, Band.ERROR, Reason.NO_READER)
    stand.shell.change(devices=all_well() | {DeviceKind.CARD_READER: away})
    assert stand.settle().name == "tap-card"


def test_no_other_page_speaks_of_it() -> None:
    stand = lie(Stand().to_tap(), 1).answer(fx.ReadCard, out.CardSeen(UID, is_stable=True))
    stand.answer(fx.FindCard, out.CardFound())
    assert stand.name == "pin"
    assert lie(take(stand, 1), 2).name in ("tap-card", "card-seen")
