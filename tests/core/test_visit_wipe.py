"""The wipe: when a visit is over nothing of a person is left in the core."""

import gc
from types import FunctionType
from typing import Any

import pytest

from kiosk import protocol as p
from kiosk.core.session import Match, Session
from kiosk.core.situation import Phase
from kiosk.core.visit import Visit
from kiosk.devices.contract import CardRead, CardReadKind, Presence
from kiosk.errors import ErrorCode
from kiosk.settings import Settings

from .stand import DOCUMENTS, NIK, PERSON, PIN, UID, Stand

VISIT = Settings().visit


@pytest.fixture
def stand() -> Stand:
    return Stand()


def tuned(**visit: Any) -> Settings:
    settings = Settings()
    return settings.model_copy(update={"visit": settings.visit.model_copy(update=visit)})


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
    session.match = Match("nik:claim-canary", "ticket-canary", "same")
    picture = p.ShowPicture("preview-0", 1, 1, b"picture-canary")
    stand.shell.picture(session, picture)
    stand.loop.run_pending()
    canaries = ("token-canary", PERSON["nik"], b"sheet-canary", b"picture-canary", PIN, UID, b"card-canary")
    canaries = (*canaries, "claim-canary", "ticket-canary")
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
