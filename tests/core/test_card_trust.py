"""What the core trusts a card for: never the wrong one before paper moves, never an unfit identifier for binding."""

import dataclasses
import threading
from typing import Any

import pytest

from kiosk.core import handlers
from kiosk.devices.card.wedge import TapFormat, WedgeCardReader
from kiosk.devices.contract import Band, CardRead, CardReadKind, Presence, Reason
from kiosk.errors import ErrorCode
from kiosk.flows import effects as fx
from kiosk.flows import outcomes as out

from .hands import Bench, HandDocument, HandPrepared, bench
from .stand import PERSON, SOMEBODY, UID

SWAPPED = out.PrintFailed(ErrorCode.CARD_SWAPPED)


@pytest.fixture
def at() -> Bench:
    return bench()


def ready_to_print(at: Bench, kind: fx.ProofKind = fx.ProofKind.CARD) -> Bench:
    at.do(fx.ReadCard(1))
    effect = fx.Prove(2, kind, uid=UID, nik=PERSON["nik"], pin=SOMEBODY.pin)
    assert isinstance(at.do(effect), out.Proved)
    assert at.session.keep_prepared(HandPrepared(HandDocument(b"pdf", 1)))  # type: ignore[arg-type]
    return at


def test_the_card_is_asked_again_before_paper_moves(at: Bench) -> None:
    ready_to_print(at)
    at.reader.asked.clear()
    assert at.do(fx.Print(3)) == out.Printed(1)
    assert "same" in at.reader.asked


def test_another_card_stops_the_print_and_gives_the_grant_back(at: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "GONE_S", 0.05)
    ready_to_print(at)
    at.reader.is_same = False
    assert at.do(fx.Print(3)) == SWAPPED
    assert at.prints.names() == ["release"]


def test_a_card_laid_on_meanwhile_stops_it_too(at: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "GONE_S", 0.05)
    ready_to_print(at)
    at.reader.here = Presence(is_present=True, insertion=2)
    at.reader.result = CardRead(CardReadKind.READ, 2, b"\x04others", is_uid_stable=True)
    assert at.do(fx.Print(3)) == SWAPPED


def test_the_own_card_laid_on_again_does_not(at: Bench) -> None:
    ready_to_print(at)
    at.reader.here = Presence(is_present=True, insertion=2)
    at.reader.result = CardRead(CardReadKind.READ, 2, UID, is_uid_stable=True)
    assert at.do(fx.Print(3)) == out.Printed(1)


def test_a_card_that_was_taken_or_a_reader_that_is_away_does_not(at: Bench) -> None:
    ready_to_print(at)
    at.reader.here = Presence(is_present=False, insertion=1)
    assert at.do(fx.Print(3)) == out.Printed(1)
    ready_to_print(other := bench())
    other.reader.reasons, other.reader.is_same = (Reason.NO_READER,), False
    other.reader.band = Band.ERROR
    assert other.do(fx.Print(3)) == out.Printed(1)


def test_a_card_that_leaves_at_that_moment_does_not(at: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    ready_to_print(at)
    at.reader.is_same = False

    def wait(_seconds: float) -> bool:
        at.reader.here = Presence(is_present=False, insertion=1)
        return False

    monkeypatch.setattr(at.cancel, "wait", wait)
    assert at.do(fx.Print(3)) == out.Printed(1)


def test_who_came_by_their_nik_is_not_asked_for_a_card(at: Bench) -> None:
    ready_to_print(at, fx.ProofKind.NIK)
    at.reader.is_same = False
    assert at.do(fx.Print(3)) == out.Printed(1)


@pytest.mark.parametrize("change", [{"is_uid_stable": False}, {"is_tap_only": True}])
def test_an_unfit_identifier_is_never_bound(at: Bench, change: dict[str, Any]) -> None:
    """Even if a flow asked for it."""
    at.reader.result = dataclasses.replace(at.reader.result, **change)
    at.do(fx.ReadCard(1))
    assert at.do(fx.BindCard(2, UID)) == out.Failed(ErrorCode.CARD_UNKNOWN, is_retryable=False)
    assert at.office.calls["bind_card"] == 0


def test_a_tap_finds_the_account_and_the_pin_opens_it(at: Bench) -> None:
    reader = wedge(at)
    seen = tap(at, reader, UID)
    assert seen == out.CardSeen(UID, is_stable=True, can_be_bound=False)
    prove = fx.Prove(2, fx.ProofKind.CARD, uid=UID, pin=SOMEBODY.pin)
    reader.offer(UID.hex())
    assert isinstance(at.do(prove), out.Proved), "a hand that taps twice is no other card"


def test_somebody_else_s_tap_ends_the_trust_in_the_first(at: Bench) -> None:
    reader = wedge(at)
    tap(at, reader, UID)
    reader.offer("04998877")
    prove = fx.Prove(2, fx.ProofKind.CARD, uid=UID, pin=SOMEBODY.pin)
    assert at.do(prove) == out.CardTrouble(ErrorCode.CARD_SWAPPED)
    assert at.office.calls["prove"] == 0


def wedge(at: Bench) -> WedgeCardReader:
    reader = WedgeCardReader(TapFormat(is_decimal=False, count=len(UID)))
    reader.start()
    at.reader = reader  # type: ignore[assignment]
    return reader


def tap(at: Bench, reader: WedgeCardReader, uid: bytes) -> out.Outcome:
    outcomes: list[out.Outcome] = []
    waiting = threading.Thread(target=lambda: outcomes.append(at.do(fx.ReadCard(1))))
    waiting.start()
    while waiting.is_alive():
        reader.offer(uid.hex())
        waiting.join(0.01)
    return outcomes[0]
