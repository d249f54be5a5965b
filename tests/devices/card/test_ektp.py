"""The identity on the chip: our session over the SAM's steps, on the simulator, whose scheme is invented."""

import dataclasses
import threading
from collections.abc import Callable, Iterator
from datetime import date
from threading import Event
from typing import Any

import pytest

from kiosk.devices.card.biodata import ChipIdentity, parse_biodata
from kiosk.devices.card.ektp import IdentityEnd, IdentityOutcome, SamIdentity
from kiosk.devices.card.ektp_files import EktpFile, read_binary, select
from kiosk.devices.card.reader import CardReader
from kiosk.devices.contract import CardRead, CardReadKind
from kiosk.devices.simulated.card_reader_double import CardReaderDouble
from kiosk.devices.simulated.ektp_simulator import (
    IdentityCard,
    SamDouble,
    biodata_record,
    signature_file,
    with_length,
)
from kiosk.devices.simulated.virtual_card import VirtualCard
from tests.devices.bench import Bench
from tests.devices.card.vendor_sdk import FakeSdk, VendorIdentity
from tests.devices.waiting import until

CardBench = Bench[CardReader, CardReaderDouble]
UID = bytes.fromhex("04a1b2c3d4e5f6")
OTHER = bytes.fromhex("04998877665544")
PERSON = ChipIdentity(
    nik="9901015708900001",
    address="JL CONTOH NO 1",
    rt="003",
    rw="005",
    birth_place="NUSA CONTOH",
    district="CONTOH TENGAH",
    village="CONTOH BARU",
    regency="KOTA CONTOH",
    sex="PEREMPUAN",
    blood_type="O",
    religion="ISLAM",
    marital_status="KAWIN",
    occupation="GURU",
    name="SEKAR CONTOH",
    birth_date=date(1990, 8, 17),
    nationality="WNI",
    unnamed=("PROVINSI CONTOH", "SEUMUR HIDUP", "", "", ""),
)
RECORD = biodata_record(PERSON)


@pytest.fixture
def bench(card_bench: CardBench) -> CardBench:
    card_bench.device.start()
    until(lambda: card_bench.device.status().is_usable, "a reader")
    return card_bench


@pytest.fixture
def sam() -> SamDouble:
    return SamDouble()


@pytest.fixture
def identity(sam: SamDouble) -> Iterator[SamIdentity]:
    made = SamIdentity(sam)
    yield made
    made.stop()


def tapped(bench: CardBench, card: VirtualCard) -> CardRead:
    bench.double.tap(card)
    until(lambda: bench.device.presence().is_present, "the card")
    read = bench.device.read(3, Event())
    assert read.kind is CardReadKind.READ
    return read


def card(**changes: Any) -> IdentityCard:
    made = IdentityCard.of(PERSON, UID)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def with_record(record: bytes, *, is_signed: bool = True, uid: bytes = UID) -> IdentityCard:
    made = card(uid=uid)
    made.files[EktpFile.BIODATA] = with_length(record)
    if is_signed:
        made.files[EktpFile.DIGITAL_SIGNATURE] = signature_file(uid, record)
    return made


def ask(bench: CardBench, identity: SamIdentity, read: CardRead, deadline_s: float = 3.0) -> IdentityOutcome:
    outcome = identity.read_identity(bench.device, read, deadline_s, Event())
    assert (outcome.identity is not None) == (outcome.end is IdentityEnd.READ)
    assert "9901" not in repr(outcome)
    assert "SEKAR" not in repr(outcome)
    return outcome


def test_the_sam_opens_a_card(bench: CardBench, identity: SamIdentity) -> None:
    read = tapped(bench, card())
    assert ask(bench, identity, read).identity == PERSON


def test_the_order_of_the_session_is_kept(bench: CardBench, identity: SamIdentity, sam: SamDouble) -> None:
    chip = card()
    read = tapped(bench, chip)
    chip.seen.clear()
    assert ask(bench, identity, read).end is IdentityEnd.READ
    secret = [step for step in sam.steps if step not in ("wrap", "unwrap")]
    assert secret == ["reset", "answer-challenge", "accept-card", "take-signature", "check-biodata"]
    plain = [apdu for apdu in chip.seen if apdu[0] != 0x0C]
    wanted = ["FFCA000000", "00A4000C027F0A", "00A4000C026FF0", "00B0000035"]
    assert [apdu.hex().upper() for apdu in plain] == wanted
    assert all(b"\x6f\xf2" not in apdu for apdu in chip.seen), "the photograph is off by default"


def test_the_photograph_comes_only_when_asked_for(bench: CardBench, sam: SamDouble) -> None:
    picture = bytes(range(256)) * 9
    read = tapped(bench, IdentityCard.of(PERSON, UID, picture))
    for reads_photo, photo in ((False, b""), (True, picture)):
        asker = SamIdentity(sam, reads_photo=reads_photo)
        found = ask(bench, asker, read).identity
        asker.stop()
        assert found is not None
        assert found.photo == photo


def test_a_card_without_the_closed_part_refuses(bench: CardBench, identity: SamIdentity) -> None:
    read = tapped(bench, VirtualCard(UID))
    assert ask(bench, identity, read).end is IdentityEnd.REFUSED


def test_a_sam_of_another_scheme_is_not_taken(bench: CardBench) -> None:
    other = SamIdentity(SamDouble(secret=b"\1" * 32))
    read = tapped(bench, card())
    assert ask(bench, other, read).end is IdentityEnd.WRONG_SAM
    other.stop()


def test_no_sam_and_a_broken_one(bench: CardBench, identity: SamIdentity, sam: SamDouble) -> None:
    read = tapped(bench, card())
    sam.is_plugged = False
    assert not identity.is_there()
    assert ask(bench, identity, read).end is IdentityEnd.NO_SAM
    sam.is_plugged, sam.breaks = True, True
    assert ask(bench, identity, read).end is IdentityEnd.SAM_FAULT
    sam.breaks = False
    assert ask(bench, identity, read).end is IdentityEnd.READ


FORGERIES: dict[str, Callable[[], IdentityCard]] = {
    "a changed biodata file": lambda: with_record(RECORD.replace(b"SEKAR", b"WULAN"), is_signed=False),
    "another issuer's signature": lambda: card(
        files=card().files | {EktpFile.DIGITAL_SIGNATURE: signature_file(UID, RECORD, b"\7" * 32)}
    ),
    "files of another card": lambda: card(uid=OTHER),
    "an empty signature": lambda: card(files=card().files | {EktpFile.DIGITAL_SIGNATURE: bytes(0x50)}),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=list(FORGERIES))
def test_a_forged_card_is_found_out(bench: CardBench, identity: SamIdentity, forge: Callable[[], IdentityCard]) -> None:
    assert ask(bench, identity, tapped(bench, forge())).end is IdentityEnd.FORGED


class _Liar(IdentityCard):
    """Takes any SAM and proves itself with noise."""

    def answer(self, apdu: bytes) -> bytes:
        return bytes(32) + b"\x90\x00" if apdu[1:2] == b"\x82" else super().answer(apdu)


def test_a_card_that_cannot_prove_itself_is_forged(bench: CardBench, identity: SamIdentity) -> None:
    assert ask(bench, identity, tapped(bench, _Liar(UID, files=card().files))).end is IdentityEnd.FORGED


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"\0" * 40,
        RECORD[:-1],
        RECORD.replace(b'","WNI', b"WNI"),
        RECORD.replace(b"9901015708900001", b"990101570890000"),
        RECORD.replace(b"17-08-1990", b"31-02-1990"),
        RECORD.replace(b"GURU", b"GU\nRU"),
        RECORD.replace(b"GURU", "GUÉ".encode()),
        RECORD.replace(b"SEKAR CONTOH", b""),
    ],
)
def test_a_garbled_record_is_no_identity(bench: CardBench, identity: SamIdentity, record: bytes) -> None:
    """Even where the signature over it is right."""
    assert ask(bench, identity, tapped(bench, with_record(record))).end is IdentityEnd.GARBLED


def test_a_file_that_lies_about_its_length_is_garbled(bench: CardBench, identity: SamIdentity) -> None:
    chip = card()
    chip.files[EktpFile.BIODATA] = b"\xff\xff" + RECORD
    assert ask(bench, identity, tapped(bench, chip)).end is IdentityEnd.GARBLED
    chip.files[EktpFile.BIODATA] = (len(RECORD) + 400).to_bytes(2, "big") + RECORD
    assert ask(bench, identity, tapped(bench, chip)).end is IdentityEnd.REFUSED, "6B00 past its end"


def _count_exchanges(bench: CardBench, identity: SamIdentity) -> int:
    counted = [0]

    def count() -> None:
        counted[0] += 1

    read = tapped(bench, card())
    bench.double.on_exchange = count
    assert ask(bench, identity, read).end is IdentityEnd.READ
    bench.double.on_exchange = lambda: None
    bench.double.pull()
    until(lambda: not bench.device.presence().is_present, "an empty reader")
    return counted[0]


@pytest.mark.parametrize("how", ["pulled", "swapped", "swapped unseen"])
def test_a_card_that_goes_at_any_exchange_of_the_session(bench: CardBench, identity: SamIdentity, how: str) -> None:
    """Never an identity, least of all the other card's."""
    other = IdentityCard.of(dataclasses.replace(PERSON, nik="9901014101800009", name="BUDI CONTOH"), OTHER)
    for moment in range(1, _count_exchanges(bench, identity) + 1):
        read = tapped(bench, card())
        left = [moment]

        def act(left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                if how == "pulled":
                    bench.double.pull()
                else:
                    bench.double.swap(other, is_seen=how == "swapped")

        bench.double.on_exchange = act
        outcome = ask(bench, identity, read)
        bench.double.on_exchange = lambda: None
        assert left[0] <= 0, "the moment was reached"
        allowed = {IdentityEnd.PULLED} if how == "pulled" else {IdentityEnd.PULLED, IdentityEnd.SWAPPED}
        assert outcome.end in allowed, (moment, outcome)
        if how == "swapped" and moment > 1:
            assert outcome.end is IdentityEnd.SWAPPED, moment
        bench.double.clear()
        until(lambda: not bench.device.presence().is_present, "an empty reader")


def test_a_card_swapped_before_the_question_is_swapped(bench: CardBench, identity: SamIdentity) -> None:
    read = tapped(bench, card())
    other = IdentityCard.of(PERSON, OTHER)
    bench.double.swap(other, is_seen=False)
    assert ask(bench, identity, read).end is IdentityEnd.SWAPPED
    assert all(apdu[1] != 0x82 for apdu in other.seen)


def test_a_slow_card_ends_at_the_deadline(bench: CardBench, identity: SamIdentity) -> None:
    slow = card()
    read = tapped(bench, slow)
    slow.delay_s = 3
    assert ask(bench, identity, read, 0.3).end is IdentityEnd.TIMED_OUT


def test_a_sam_that_hangs_ends_at_the_deadline(bench: CardBench) -> None:
    gate = threading.Event()

    class Hanging(SamDouble):
        def accept_card(self, answer: bytes) -> None:
            gate.wait(10)

    asker = SamIdentity(Hanging())
    read = tapped(bench, card())
    assert ask(bench, asker, read, 0.4).end is IdentityEnd.TIMED_OUT
    assert bench.device.is_same_card(read, 2), "the reader is free again"
    gate.set()
    asker.stop()


def test_cancelled_before_and_in_the_middle(bench: CardBench, identity: SamIdentity) -> None:
    read = tapped(bench, card())
    cancel = Event()
    cancel.set()
    assert identity.read_identity(bench.device, read, 3, cancel).end is IdentityEnd.CANCELLED
    cancel.clear()
    left = [6]

    def act() -> None:
        left[0] -= 1
        if left[0] == 0:
            cancel.set()

    bench.double.on_exchange = act
    assert identity.read_identity(bench.device, read, 3, cancel).end is IdentityEnd.CANCELLED


# --- the chip of the simulator ----------------------------------------------------------------------------------


def selected() -> IdentityCard:
    chip = card()
    chip.power_up()
    assert chip.answer(bytes.fromhex("00A4000C027F0A"))[-2:] == b"\x90\x00"
    return chip


def test_closed_files_stay_shut_without_proof() -> None:
    chip = selected()
    assert chip.answer(read_binary(0, 2)) == b"\x69\x86"
    assert chip.answer(select(EktpFile.BIODATA)) == b"\x90\x00"
    assert chip.answer(read_binary(0, 2)) == b"\x69\x82"
    chip.answer(bytes.fromhex("0084000008"))
    assert chip.answer(bytes.fromhex("0082000028") + bytes(40)) == b"\x63\x00"
    assert chip.answer(bytes.fromhex("0CB0000000")) == b"\x69\x82"


def test_a_secured_command_cannot_be_sent_twice() -> None:
    chip, sam = selected(), SamDouble()
    sam.reset()
    control = chip.files[EktpFile.CARD_CONTROL]
    challenge = chip.answer(bytes.fromhex("0084000008"))[:-2]
    proof = sam.answer_challenge(control, b"\x80" + UID, challenge)
    sam.accept_card(chip.answer(bytes.fromhex("0082000028") + proof)[:-2])
    command = sam.wrap(select(EktpFile.BIODATA))
    assert chip.answer(command)[-2:] == b"\x90\x00"
    assert chip.answer(command) == b"\x69\x88"


def test_the_record_goes_there_and_back() -> None:
    assert parse_biodata(RECORD) == PERSON
    assert RECORD.count(b'","') == 20


# --- a vendor's SDK, as docs/devices.md shows it ----------------------------------------------------------------


def test_a_vendor_s_sdk_stands_behind_the_port(bench: CardBench) -> None:
    read = tapped(bench, VirtualCard(UID))
    sdk = FakeSdk(RECORD)
    vendor = VendorIdentity(sdk)
    assert vendor.is_there()
    assert vendor.read_identity(bench.device, read, 3, Event()).identity == PERSON
    for code, end in (
        (1, IdentityEnd.NO_SAM),
        (7, IdentityEnd.FORGED),
        (9, IdentityEnd.PULLED),
        (99, IdentityEnd.SAM_FAULT),
    ):
        sdk.code = code
        assert vendor.read_identity(bench.device, read, 3, Event()).end is end
    sdk.code, sdk.record = 0, b"noise"
    assert vendor.read_identity(bench.device, read, 3, Event()).end is IdentityEnd.GARBLED


def test_a_vendor_s_answer_for_a_card_that_was_swapped_is_not_taken(bench: CardBench) -> None:
    """The SDK holds the reader by itself; so the card is asked for again behind it."""
    read = tapped(bench, VirtualCard(UID))
    sdk = FakeSdk(RECORD)
    sdk.on_read = lambda: bench.double.swap(VirtualCard(OTHER), is_seen=False)
    outcome = VendorIdentity(sdk).read_identity(bench.device, read, 3, Event())
    assert outcome == IdentityOutcome(IdentityEnd.SWAPPED)
