"""What can happen to a card at every exchange of a read: on the double all of it, at every moment there is."""

import time
from collections.abc import Callable
from threading import Event

import pytest

from kiosk.devices.card import reader as reader_module
from kiosk.devices.card.link import LinkState
from kiosk.devices.card.reader import CardReader
from kiosk.devices.contract import CardRead, CardReadKind
from kiosk.devices.simulated.card_reader_double import CardReaderDouble
from kiosk.devices.simulated.virtual_card import VirtualCard
from tests.devices.bench import Bench
from tests.devices.waiting import until

CardBench = Bench[CardReader, CardReaderDouble]
UID = bytes.fromhex("04a1b2c3d4e5f6")
OTHER = bytes.fromhex("04998877665544")
EXCHANGES = 6
"""Power, identifier, application, identifier; power again, identifier."""
DEADLINE_S = 1.5

K = CardReadKind

Act = Callable[[CardReaderDouble], None]


def lay_again(double: CardReaderDouble) -> None:
    double.pull()
    double.tap(VirtualCard(UID))


def blink(double: CardReaderDouble) -> None:
    double.switch(False)
    double.switch(True)


ACTS: dict[str, tuple[Act, set[CardReadKind]]] = {
    "pulled": (lambda d: d.pull(), {K.PULLED}),
    "pulled and laid on again": (lay_again, {K.PULLED, K.READ}),
    "swapped": (lambda d: d.swap(VirtualCard(OTHER)), {K.PULLED, K.READ}),
    "swapped unseen": (lambda d: d.swap(VirtualCard(OTHER), is_seen=False), {K.PULLED, K.READ}),
    "swapped unseen for no KTP-el": (
        lambda d: d.swap(VirtualCard(OTHER, is_ktp=False), is_seen=False),
        {K.PULLED, K.READ, K.FOREIGN},
    ),
    "a second card": (lambda d: d.lay_beside(VirtualCard(OTHER)), {K.PULLED, K.MUTE, K.SEVERAL}),
    "unplugged": (lambda d: d.switch(False), {K.READER_AWAY}),
    "unplugged and plugged in": (blink, {K.PULLED, K.READER_AWAY, K.READ}),
    "service away": (lambda d: d.set_state(LinkState.SERVICE_AWAY), {K.READER_AWAY}),
    "forbidden": (lambda d: d.set_state(LinkState.NO_PERMISSION), {K.READER_AWAY}),
    "held by another": (lambda d: d.set_state(LinkState.HELD), {K.READER_AWAY}),
}


@pytest.fixture
def bench(card_bench: CardBench, monkeypatch: pytest.MonkeyPatch) -> CardBench:
    monkeypatch.setattr(reader_module, "AWAY_GRACE_S", 0.1)
    card_bench.device.start()
    until(lambda: card_bench.device.status().is_usable, "a reader")
    return card_bench


def wait_for(gate: Event) -> None:
    gate.wait(5)


def at_exchange(double: CardReaderDouble, moment: int, act: Callable[[], None]) -> list[int]:
    left = [moment]

    def count() -> None:
        left[0] -= 1
        if left[0] == 0:
            act()

    double.on_exchange = count
    return left


@pytest.mark.conformance
@pytest.mark.parametrize("moment", range(1, EXCHANGES + 1))
@pytest.mark.parametrize("act", list(ACTS))
def test_one_true_outcome_within_the_deadline(bench: CardBench, act: str, moment: int) -> None:
    do, allowed = ACTS[act]
    card = VirtualCard(UID)
    bench.double.tap(card)
    until(lambda: bench.device.presence().is_present, "the card")
    left = at_exchange(bench.double, moment, lambda: do(bench.double))
    began = time.monotonic()
    result = bench.device.read(DEADLINE_S, Event())
    assert time.monotonic() - began < DEADLINE_S + 0.5
    assert left[0] <= 0
    assert result.kind in allowed, (act, moment, result)
    bench.double.on_exchange = lambda: None
    never_of_two_cards(bench, result, act)


def never_of_two_cards(bench: CardBench, result: CardRead, act: str) -> None:
    """An identifier is told only of the card that lies there now and answered everything itself."""
    assert result.uid in (b"", UID, OTHER)
    if not result.uid:
        return
    there = bench.double.cards
    assert [card.uid for card in there] == [result.uid], act
    assert there[0].is_ktp == (result.kind is K.READ), act
    assert any(apdu[:2] == b"\x00\xa4" for apdu in there[0].seen), "it was asked for its application itself"
    assert bench.device.is_same_card(result, 2)


@pytest.mark.parametrize("moment", range(1, EXCHANGES + 1))
def test_a_card_that_stalls_at_any_exchange(bench: CardBench, moment: int) -> None:
    """The stuck call costs a thread until it returns, and the next card is read meanwhile."""
    bench.double.tap(VirtualCard(UID))
    until(lambda: bench.device.presence().is_present, "the card")
    gate = Event()
    left = at_exchange(bench.double, moment, lambda: wait_for(gate))
    began = time.monotonic()
    result = bench.device.read(0.3, Event())
    took = time.monotonic() - began
    bench.double.on_exchange = lambda: None
    assert left[0] <= 0
    assert (result.kind, result.uid) == (K.TIMED_OUT, b"")
    assert took < 0.3 + 0.5
    assert bench.device._worker.left_behind == 1
    before = bench.device.presence().insertion
    bench.double.tap(VirtualCard(OTHER))
    until(lambda: bench.device.presence().insertion != before, "the next card")
    assert bench.device.read(3, Event()).uid == OTHER
    gate.set()
    until(lambda: bench.device._worker.left_behind == 0, "the stuck thread back")
    assert bench.device.read(3, Event()).uid == OTHER
