"""Reading a tap, on every link."""

import threading
import time
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from kiosk.devices.card.identifier import is_stable_identifier, is_type_b
from kiosk.devices.card.link import LinkState
from kiosk.devices.card.reader import CardReader
from kiosk.devices.contract import CardRead, CardReadKind, Presence, Reason
from kiosk.devices.exchange_worker import ExchangeWorker, StuckError
from kiosk.devices.simulated.card_reader_double import CardReaderDouble
from kiosk.devices.simulated.virtual_card import CardType, VirtualCard, atr_of_type_b
from tests.devices.bench import Bench
from tests.devices.waiting import until

CardBench = Bench[CardReader, CardReaderDouble]
UID = bytes.fromhex("04a1b2c3d4e5f6")


def ktp(**changes: Any) -> VirtualCard:
    return VirtualCard(**{"uid": UID, **changes})


pytestmark = pytest.mark.conformance


@pytest.fixture
def bench(card_bench: CardBench) -> CardBench:
    card_bench.device.start()
    until(lambda: card_bench.device.status().is_usable, "a reader")
    return card_bench


def lay(bench: CardBench, card: VirtualCard) -> VirtualCard:
    """Lay a card on and wait until the adapter has seen it."""
    before = bench.device.presence().insertion
    bench.double.tap(card)
    until(lambda: bench.device.presence().insertion != before, "the card")
    return card


def read(bench: CardBench, deadline_s: float = 3.0) -> CardRead:
    return bench.device.read(deadline_s, Event())


def test_a_ktp_el_is_read(bench: CardBench) -> None:
    card = lay(bench, ktp())
    result = read(bench)
    assert (result.kind, result.uid, result.is_uid_stable) == (CardReadKind.READ, UID, True)
    assert bytes.fromhex("00A4000C027F0A") in card.seen
    assert bench.device.is_same_card(result, 1)


def test_the_identifier_stands_in_no_repr(bench: CardBench) -> None:
    lay(bench, ktp())
    assert UID.hex() not in repr(read(bench)).lower()


def test_a_card_that_comes_later_is_awaited(bench: CardBench) -> None:
    results: list[CardRead] = []
    reader = threading.Thread(target=lambda: results.append(read(bench, 5)))
    reader.start()
    bench.double.tap(ktp())
    reader.join(5)
    assert results[0].kind is CardReadKind.READ


def test_without_a_card_the_wait_ends_at_its_deadline(bench: CardBench) -> None:
    began = time.monotonic()
    assert read(bench, 0.2).kind is CardReadKind.NO_CARD
    assert time.monotonic() - began < 0.5


def test_a_wait_can_be_cancelled(bench: CardBench) -> None:
    cancel = Event()
    results: list[CardRead] = []
    reader = threading.Thread(target=lambda: results.append(bench.device.read(30, cancel)))
    reader.start()
    cancel.set()
    reader.join(2)
    assert [result.kind for result in results] == [CardReadKind.CANCELLED]


def test_stopping_ends_a_wait(bench: CardBench) -> None:
    results: list[CardRead] = []
    reader = threading.Thread(target=lambda: results.append(read(bench, 30)))
    reader.start()
    bench.device.stop()
    reader.join(2)
    assert [result.kind for result in results] == [CardReadKind.READER_AWAY]


def test_a_foreign_card_is_told_apart(bench: CardBench) -> None:
    lay(bench, ktp(is_ktp=False))
    result = read(bench)
    assert (result.kind, result.uid) == (CardReadKind.FOREIGN, UID)


def test_a_card_that_wants_an_fci_is_asked_for_one(bench: CardBench) -> None:
    lay(bench, ktp(only_with_fci=True))
    assert read(bench).kind is CardReadKind.READ


def test_a_mute_card_is_mute(bench: CardBench) -> None:
    lay(bench, ktp(is_mute=True))
    result = read(bench)
    assert (result.kind, result.uid) == (CardReadKind.MUTE, b"")


def test_two_cards_are_one_too_many(bench: CardBench) -> None:
    lay(bench, ktp())
    before = bench.device.presence().insertion
    bench.double.lay_beside(ktp(uid=b"\x04" * 7))
    until(lambda: bench.device.presence().insertion != before, "the second card")
    assert read(bench).kind is CardReadKind.SEVERAL


def test_a_type_b_card_is_never_stable(bench: CardBench) -> None:
    lay(bench, ktp(uid=b"\x11" * 8, type=CardType.B))
    result = read(bench)
    assert (result.kind, result.uid, result.is_uid_stable) == (CardReadKind.READ, b"\x11" * 8, False)


def test_a_random_identifier_is_never_stable(bench: CardBench) -> None:
    lay(bench, ktp(is_random=True))
    result = read(bench)
    assert result.kind is CardReadKind.READ
    assert result.uid[0] == 0x08
    assert not result.is_uid_stable
    assert not bench.device.is_same_card(result, 1), "the next power-up has another identifier"


class _ShiftingCard(VirtualCard):
    """Another identifier at each question."""

    asked = 0

    def answer(self, apdu: bytes) -> bytes:
        if apdu[:2] == b"\xff\xca":
            self.asked += 1
            return b"\x04" + self.asked.to_bytes(6, "big") + b"\x90\x00"
        return super().answer(apdu)


def test_an_identifier_that_changes_between_two_questions_is_never_stable(bench: CardBench) -> None:
    lay(bench, _ShiftingCard(UID))
    result = read(bench)
    assert result.kind is CardReadKind.READ
    assert not result.is_uid_stable


@pytest.mark.parametrize("exchanges", [1, 2])
def test_a_card_pulled_in_the_middle_is_pulled(bench: CardBench, exchanges: int) -> None:
    bench.double.pull_after(exchanges)
    lay(bench, ktp())
    result = read(bench, 1)
    assert (result.kind, result.uid) == (CardReadKind.PULLED, b"")


def test_a_pulled_card_is_not_the_same(bench: CardBench) -> None:
    lay(bench, ktp())
    result = read(bench)
    bench.double.pull()
    until(lambda: not bench.device.presence().is_present, "an empty reader")
    assert not bench.device.is_same_card(result, 0.5)


def test_the_same_card_laid_on_again_is_another_insertion(bench: CardBench) -> None:
    card = lay(bench, ktp())
    result = read(bench)
    bench.double.pull()
    lay(bench, card)
    assert not bench.device.is_same_card(result, 0.5)


def test_a_swap_that_nobody_signalled_is_found_out(bench: CardBench) -> None:
    """Within the driver's poll interval no event tells of it; only the chip's identifier does."""
    lay(bench, ktp())
    result = read(bench)
    bench.double.swap(ktp(uid=b"\x04" + b"\x99" * 6), is_seen=False)
    assert bench.device.presence().insertion == result.insertion
    assert not bench.device.is_same_card(result, 1)


def test_after_an_error_nothing_more_goes_over_the_same_session(bench: CardBench) -> None:
    """The swapped-in card must not be asked for anything on the first card's handle."""

    class Swapping(VirtualCard):
        def answer(self, apdu: bytes) -> bytes:
            answer = super().answer(apdu)
            bench.double.swap(other, is_seen=False)
            return answer

    other = VirtualCard(b"\x04" + b"\x99" * 6)
    lay(bench, Swapping(UID))
    assert read(bench, 0.5).kind is CardReadKind.PULLED
    assert other.seen == []


def test_a_slow_card_does_not_hold_a_read_beyond_its_deadline(bench: CardBench) -> None:
    lay(bench, ktp(delay_s=5))
    began = time.monotonic()
    assert read(bench, 0.4).kind is CardReadKind.TIMED_OUT
    assert time.monotonic() - began < 1.0
    bench.double.pull()
    lay(bench, ktp())
    assert read(bench).kind is CardReadKind.READ, "a stuck exchange must not block the next card"


def test_unplugging_during_a_wait_is_told(bench: CardBench) -> None:
    results: list[CardRead] = []
    reader = threading.Thread(target=lambda: results.append(read(bench, 30)))
    reader.start()
    bench.double.switch(False)
    reader.join(5)
    assert [result.kind for result in results] == [CardReadKind.READER_AWAY]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (LinkState.SERVICE_AWAY, Reason.SERVICE_AWAY),
        (LinkState.NO_PERMISSION, Reason.NO_PERMISSION),
        (LinkState.HELD, Reason.HELD_BY_ANOTHER),
        (LinkState.NO_READER, Reason.NO_READER),
    ],
)
def test_each_way_to_be_away_has_its_own_reason(bench: CardBench, state: LinkState, reason: Reason) -> None:
    bench.double.set_state(state)
    until(lambda: bench.device.status().reasons == (reason,), str(reason))
    assert not bench.device.status().is_usable


def test_cards_are_told_as_they_come_and_go(bench: CardBench) -> None:
    seen: list[Presence] = []
    end = bench.device.listen_cards(seen.append)
    lay(bench, ktp())
    bench.double.pull()
    until(lambda: len(seen) == 2, "both moves")
    end()
    lay(bench, ktp())
    assert [presence.is_present for presence in seen] == [True, False]
    assert seen[0].insertion == seen[1].insertion


def test_a_second_reader_of_the_same_tap_waits_its_turn(bench: CardBench) -> None:
    lay(bench, ktp(delay_s=0.05))
    results: list[CardRead] = []
    threads = [threading.Thread(target=lambda: results.append(read(bench, 5))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert [result.kind for result in results] == [CardReadKind.READ] * 4


@pytest.mark.parametrize("size", [1, 5, 11, 250])
def test_what_has_no_identifier_s_length_is_none(bench: CardBench, size: int) -> None:
    """A card of a stranger may answer the question for its identifier with anything."""
    lay(bench, ktp(uid=bytes(number % 251 + 1 for number in range(size))))
    result = read(bench)
    assert (result.kind, result.uid, result.is_uid_stable) == (CardReadKind.READ, b"", False)


@pytest.mark.parametrize(
    ("uid", "is_stable"),
    [
        ("04a1b2c3d4e5f6", True),
        ("0102030405060708090a", True),
        ("01020304", True),
        ("08020304", False),
        ("3f020304", False),
        ("88020304", False),
        ("00000000000000", False),
        ("ffffffffffffff", False),
        ("22222222", False),
        ("0102030405060708", False),
        ("", False),
    ],
)
def test_which_identifiers_are_stable(uid: str, is_stable: bool) -> None:
    assert is_stable_identifier(bytes.fromhex(uid), is_from_type_b=False) is is_stable
    assert not is_stable_identifier(bytes.fromhex(uid), is_from_type_b=True)


def test_the_atr_tells_type_b() -> None:
    assert is_type_b(atr_of_type_b())
    assert not is_type_b(bytes.fromhex("3B80800101"))


def test_a_worker_ends_a_late_call_on_its_own_thread() -> None:
    worker = ExchangeWorker("test")
    gate, released = Event(), Event()

    def slow() -> str:
        gate.wait(5)
        return "late"

    ended: list[Any] = []

    def after(result: Any) -> None:
        ended.append(result)
        released.set()

    with pytest.raises(StuckError):
        worker.run(slow, 0.05, after)
    assert worker.run(lambda: 7, 1) == 7
    gate.set()
    assert released.wait(5)
    assert ended == ["late"]
    worker.stop()


def test_a_worker_refuses_when_all_calls_are_stuck() -> None:
    worker = ExchangeWorker("test")
    gate = Event()
    stuck: Callable[[], bool] = lambda: gate.wait(5)  # noqa: E731 (it is a value here)
    for _ in range(2):
        with pytest.raises(StuckError):
            worker.run(stuck, 0.02)
    began = time.monotonic()
    with pytest.raises(StuckError):
        worker.run(lambda: 1, 5)
    assert time.monotonic() - began < 1
    gate.set()
    until(lambda: _runs(worker), "the worker to recover")
    worker.stop()


def _runs(worker: ExchangeWorker) -> bool:
    try:
        return worker.run(lambda: True, 1)
    except StuckError:
        return False
