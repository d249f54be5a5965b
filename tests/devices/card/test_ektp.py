"""The SAM level on the simulator; its scheme is invented, its ends are those that a real one will have."""

from threading import Event
from typing import Any

import pytest

from kiosk.devices.card.ektp import ChipIdentity, IdentityEnd, read_identity
from kiosk.devices.card.reader import CardReader
from kiosk.devices.contract import CardRead, CardReadKind
from kiosk.devices.simulated.card_reader_double import CardReaderDouble
from kiosk.devices.simulated.ektp_simulator import IdentityCard, SimulatedSam
from kiosk.devices.simulated.virtual_card import VirtualCard
from tests.devices.benches import Bench
from tests.devices.waiting import until

CardBench = Bench[CardReader, CardReaderDouble]
UID = bytes.fromhex("04a1b2c3d4e5f6")
PERSON = {"nik": "9901015708900001", "name": "Sekar Contoh", "birth_place": "Nusa Contoh", "birth_date": "1990-08-17"}


@pytest.fixture
def bench(card_bench: CardBench) -> CardBench:
    card_bench.device.start()
    until(lambda: card_bench.device.status().is_usable, "a reader")
    return card_bench


def tapped(bench: CardBench, card: VirtualCard) -> CardRead:
    bench.double.tap(card)
    until(lambda: bench.device.presence().is_present, "the card")
    read = bench.device.read(3, Event())
    assert read.kind is CardReadKind.READ
    return read


def card(**changes: Any) -> IdentityCard:
    return IdentityCard(**{"uid": UID, "identity": PERSON, **changes})


def test_the_sam_opens_a_card(bench: CardBench) -> None:
    read = tapped(bench, card())
    outcome = read_identity(bench.device, SimulatedSam(), read, 3, Event())
    assert (outcome.end, outcome.identity) == (IdentityEnd.READ, ChipIdentity(**PERSON))
    assert "9901" not in repr(outcome)
    assert "Sekar" not in repr(outcome)


def test_a_long_record_comes_in_blocks(bench: CardBench) -> None:
    read = tapped(bench, card(identity=PERSON | {"name": "S" * 900}))
    outcome = read_identity(bench.device, SimulatedSam(), read, 3, Event())
    assert outcome.identity is not None
    assert outcome.identity.name == "S" * 900


def test_a_forged_card_is_found_out(bench: CardBench) -> None:
    read = tapped(bench, card(secret=b"\0" * 32))
    outcome = read_identity(bench.device, SimulatedSam(), read, 3, Event())
    assert (outcome.end, outcome.identity) == (IdentityEnd.FORGED, None)


def test_a_card_without_the_closed_part_refuses(bench: CardBench) -> None:
    read = tapped(bench, VirtualCard(UID))
    assert read_identity(bench.device, SimulatedSam(), read, 3, Event()).end is IdentityEnd.REFUSED


def test_the_record_stays_shut_without_proof() -> None:
    chip = card()
    chip.power_up()
    chip.answer(bytes.fromhex("00A4000C027F0A"))
    chip.answer(bytes.fromhex("0084000008"))
    assert chip.answer(bytes.fromhex("0082000010") + b"\0" * 16) == b"\x63\x00"
    assert chip.answer(bytes.fromhex("80B0000000")) == b"\x69\x85"


def test_a_swapped_card_is_not_asked(bench: CardBench) -> None:
    read = tapped(bench, card())
    other = card(uid=b"\x04" + b"\x99" * 6)
    bench.double.swap(other, is_seen=False)
    assert read_identity(bench.device, SimulatedSam(), read, 3, Event()).end is IdentityEnd.PULLED
    assert all(apdu[1] != 0x82 for apdu in other.seen)


def test_a_card_pulled_in_the_middle(bench: CardBench) -> None:
    read = tapped(bench, card())
    bench.double.pull_after(3)
    assert read_identity(bench.device, SimulatedSam(), read, 3, Event()).end is IdentityEnd.PULLED


def test_a_slow_card_ends_at_the_deadline(bench: CardBench) -> None:
    slow = card()
    read = tapped(bench, slow)
    slow.delay_s = 3
    assert read_identity(bench.device, SimulatedSam(), read, 0.3, Event()).end is IdentityEnd.TIMED_OUT


def test_cancelled_before_it_began(bench: CardBench) -> None:
    read = tapped(bench, card())
    cancel = Event()
    cancel.set()
    assert read_identity(bench.device, SimulatedSam(), read, 3, cancel).end is IdentityEnd.CANCELLED
