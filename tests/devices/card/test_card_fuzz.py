"""Noise by the hundred thousand: at our chip, at the reader's logic, at the record's parser, at the SAM's session."""

import random
from threading import Event

import pytest

from kiosk.devices.card import reader as reader_module
from kiosk.devices.card.biodata import ChipIdentity, GarbledError, parse_biodata
from kiosk.devices.card.ektp import IdentityEnd, SamIdentity
from kiosk.devices.card.link import CardFault, CardFaultError, CardSession, LinkState, LinkView
from kiosk.devices.card.reader import CardReader
from kiosk.devices.card.wedge import TapFormat
from kiosk.devices.contract import CardRead, CardReadKind
from kiosk.devices.simulated.ektp_simulator import IdentityCard, SamDouble
from kiosk.devices.simulated.virtual_card import VirtualCard
from tests.devices.card.test_ektp import PERSON, RECORD, UID
from tests.devices.waiting import until

STARTS = [
    bytes.fromhex(text) for text in ("00A4000C027F0A", "00A4000C026FF1", "00B0000002", "0084000008", "0CB0000010")
]


def test_random_commands_at_our_chip() -> None:
    """100,000: each answered with a status word, and the closed files never leave it."""
    chance = random.Random(31)
    chip = IdentityCard.of(PERSON, UID)
    secret = RECORD[:24]
    for number in range(100_000):
        if chance.random() < 0.4:
            command = bytearray(chance.choice(STARTS) + chance.randbytes(chance.randrange(3)))
            if chance.random() < 0.5:
                command[chance.randrange(len(command))] = chance.randrange(256)
        else:
            command = bytearray(chance.randbytes(chance.randrange(0, 48)))
        answer = chip.answer(bytes(command))
        assert len(answer) >= 2
        assert secret not in answer
        if number % 1000 == 0:
            chip.power_up()
            chip.seen.clear()


class NoisyLink:
    """A link whose card answers noise, faults, or half of the truth."""

    name = "noise"

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.insertion = 1
        self.answers = 0
        self.atr = b""
        self.selects: list[bytes] = []
        self.told: list[bytes] = []
        self._moved = Event()

    def open(self) -> None: ...
    def close(self) -> None: ...
    def interrupt(self) -> None:
        self._moved.set()

    def wait(self, timeout_s: float) -> LinkView:
        self._moved.wait(0.2)
        return LinkView(LinkState.READY, True, self.insertion)

    def connect(self) -> CardSession:
        if self.chance.random() < 0.02:
            raise CardFaultError(self.chance.choice(list(CardFault)))
        self.atr = self.chance.randbytes(self.chance.randrange(0, 20))
        return self

    def transmit(self, apdu: bytes) -> bytes:
        self.answers += 1
        dice = self.chance.random()
        if dice < 0.02:
            raise CardFaultError(self.chance.choice(list(CardFault)))
        if dice < 0.5:
            answer = (UID if apdu[1] == 0xCA else b"") + b"\x90\x00"
        else:
            answer = self.chance.randbytes(self.chance.randrange(0, 40))
        if apdu[1] == 0xA4:
            self.selects.append(answer)
        elif len(answer) > 2 and answer[-2:] == b"\x90\x00":
            self.told.append(answer[:-2])
        return answer


def test_random_answers_at_the_reader_s_logic(monkeypatch: pytest.MonkeyPatch) -> None:
    """100,000: one typed outcome each read, READ only after a good SELECT, only identifiers that were told."""
    monkeypatch.setattr(reader_module, "SETTLE_S", 0.0)
    monkeypatch.setattr(reader_module, "GONE_S", 0.0)
    link = NoisyLink(random.Random(32))
    device = CardReader(link)
    device.start()
    until(lambda: device.presence().is_present, "the card")
    seen: dict[CardReadKind, int] = {}
    try:
        while link.answers < 100_000:
            link.selects.clear()
            link.told.clear()
            result = device.read(5, Event())
            seen[result.kind] = seen.get(result.kind, 0) + 1
            if result.kind is CardReadKind.READ:
                assert link.selects[-1][-2:] == b"\x90\x00" or link.selects[-1][-2:-1] == b"\x61"
            if result.uid:
                assert link.told.count(result.uid) >= 2, "told twice alike"
                assert result.kind in (CardReadKind.READ, CardReadKind.FOREIGN)
            if result.is_uid_stable and result.kind is CardReadKind.READ:
                assert link.told.count(result.uid) >= 3
    finally:
        device.stop()
    assert seen[CardReadKind.READ] > 100
    assert seen[CardReadKind.PULLED] > 100
    assert CardReadKind.TIMED_OUT not in seen


def test_random_records_at_the_parser() -> None:
    """100,000: GarbledError or a person with a NIK of 16 digits; what is garbled tells nothing of the record."""
    chance = random.Random(33)
    good, told = 0, set()
    for _ in range(100_000):
        record = bytearray(RECORD)
        for _ in range(chance.randrange(1, 4)):
            act, place = chance.randrange(4), chance.randrange(len(record))
            if act == 0:
                record[place] = chance.randrange(256)
            elif act == 1:
                del record[place : place + chance.randrange(1, 30)]
            elif act == 2:
                record[place:place] = chance.randbytes(chance.randrange(1, 6))
            else:
                record[place:place] = chance.choice([b'"', b",", b'","', b"\0", b"9", b"\x1b"])
        try:
            person = parse_biodata(bytes(record))
        except GarbledError as error:
            told.add(str(error))
            continue
        good += 1
        assert isinstance(person, ChipIdentity)
        assert len(person.nik) == 16
        assert person.nik.isdigit()
        assert "9901" not in repr(person)
    assert not any("9901" in words for words in told)
    assert 1000 < good < 60_000, "both happen"


class _Straight:
    """The card without a reader in between: the session's logic alone."""

    def __init__(self, card: VirtualCard, chance: random.Random) -> None:
        self.card, self.chance = card, chance

    def converse(self, read: CardRead, deadline_s: float, talk: object) -> object:
        self.card.power_up()
        self.card.answer(bytes.fromhex("00A4000C027F0A"))
        return talk(self.exchange)  # type: ignore[operator]

    def is_same_card(self, read: CardRead, deadline_s: float) -> bool:
        return True

    def exchange(self, apdu: bytes) -> bytes:
        answer = bytearray(self.card.answer(apdu))
        dice = self.chance.random()
        if dice < 0.03:
            answer[self.chance.randrange(len(answer))] ^= 1 << self.chance.randrange(8)
        elif dice < 0.04:
            return self.chance.randbytes(self.chance.randrange(2, 300))
        return bytes(answer)


def test_a_noisy_session_with_the_sam_gives_the_true_person_or_none() -> None:
    chance = random.Random(34)
    identity = SamIdentity(SamDouble())
    read = CardRead(CardReadKind.READ, 1, UID, is_uid_stable=True)
    ends: dict[IdentityEnd, int] = {}
    for _ in range(900):
        card = IdentityCard.of(PERSON, UID)
        outcome = identity.read_identity(_Straight(card, chance), read, 10, Event())  # type: ignore[arg-type]
        ends[outcome.end] = ends.get(outcome.end, 0) + 1
        assert outcome.identity == (PERSON if outcome.end is IdentityEnd.READ else None)
    identity.stop()
    assert ends[IdentityEnd.READ] > 150
    assert ends[IdentityEnd.FORGED] > 20


@pytest.mark.parametrize("shape", [TapFormat(), TapFormat(is_decimal=False, count=7), TapFormat(count=10)])
def test_random_bursts_are_no_taps(shape: TapFormat) -> None:
    chance = random.Random(35)
    for _ in range(8_000):
        text = "".join(chr(chance.choice([chance.randrange(32, 127), chance.randrange(0x2FFF)])) for _ in range(12))
        assert shape.identifier(text) == b""
