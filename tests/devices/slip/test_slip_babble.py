"""A printer that babbles, by the ten thousand over a real socket: never believed, never printed, never hung.

Nobody waits here: the peer answers in the thread that asks, so what is not there yet never comes, and the clock jumps
to the deadline instead of going there. All else is the adapter's own: its line's reads and writes, its deadlines, its
judge. More of it: ``FUZZ=100000 pytest tests/devices/slip/test_slip_babble.py``.
"""

import os
import random
import socket
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from kiosk.devices.contract import Band, Reason, SlipEnd
from kiosk.devices.slip import conversation, printer, transport
from kiosk.devices.slip.answers import AnswerKind, AnswerReader
from kiosk.devices.slip.printer import EscPosPrinter
from kiosk.devices.slip.profiles import PROFILES
from tests.devices.papers import noise_slip

LOOKS = int(os.environ.get("FUZZ", "20000"))
SHAPES = [byte for byte in range(256) if byte & 0x93 == 0x12]
GOOD = (0x12, 0x16)
SLIP = noise_slip(8)

pytestmark = pytest.mark.timeout(120 + LOOKS // 100)

Peer = Callable[[bytes], bytes | None]
"""What comes back for what was written; None hangs up."""


class Hours:
    """Time that only a wait for nothing moves."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


class SteppedLine(transport._Descriptor):
    """The adapter's end of a socket pair, whose other end answers as soon as something was written."""

    def __init__(self, peer: Peer, hours: Hours) -> None:
        ours, self._theirs = socket.socketpair()
        self._peer, self._hours = peer, hours
        super().__init__(ours.detach())
        self._theirs.setblocking(False)

    def write(self, data: bytes, deadline: float) -> None:
        super().write(data, deadline)
        answer = self._peer(self._theirs.recv(1 << 16))
        if answer is None:
            self._theirs.close()
        elif answer:
            self._theirs.send(answer)

    def _wait(self, deadline: float, event: int) -> bool:
        if super()._wait(min(deadline, self._hours.now), event):
            return True
        self._hours.now = max(self._hours.now, deadline)
        return False

    def close(self) -> None:
        super().close()
        self._theirs.close()


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    hours = Hours()
    for module in (conversation, printer, transport):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=hours.monotonic))
    return hours


class Babble:
    """Mostly a good printer, one time in five not; keeps what it sent and what it was asked."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.sent = bytearray()
        self.asked: list[bytes] = []

    def __call__(self, data: bytes) -> bytes | None:
        self.asked.append(data)
        answer = self._answer(data)
        if answer is not None:
            self.sent += answer
        return answer

    def _answer(self, data: bytes) -> bytes | None:
        chance = self.chance
        is_status = data[-3:-1] == b"\x10\x04"
        if chance.random() < 0.8:
            return bytes((chance.choice((0x12, 0x12, 0x12, 0x16)),)) if is_status else b""
        match chance.randrange(8):
            case 0:
                return data[-20:]
            case 1:
                return chance.randbytes(chance.randrange(1, 12))
            case 2:
                return bytes(chance.choices(SHAPES, k=chance.randrange(1, 4)))
            case 3:
                return b"\x11\x13" * chance.randrange(1, 5) + (b"\x12" if is_status else b"")
            case 4:
                return b"\x37\x22%04d\x00" % chance.randrange(10_000)
            case 5:
                return b"\x14\x00\x00\x0f" + (b"\x12" if is_status else b"")
            case 6:
                return None if chance.random() < 0.3 else b""
        return bytes((chance.choice((0x12, 0x16, 0x12, 0x12, 0x00, 0x37, 0x10)),))


def test_a_babbling_printer_is_never_believed(hours: Hours) -> None:
    """OK needs four clean bytes, PRINTED two echoes that nobody guesses."""
    babble = Babble(random.Random(41))
    bands: dict[Band, int] = dict.fromkeys(Band, 0)
    ends: dict[SlipEnd, int] = dict.fromkeys(SlipEnd, 0)
    device = EscPosPrinter(
        lambda _: SteppedLine(babble, hours), "babble", clock=hours.monotonic, profile=PROFILES["epson"]
    )
    for turn in range(LOOKS):
        babble.sent.clear()
        # The board would hold back a better state of a device that flaps; here the bare look is meant.
        began = hours.now
        status = device._look(hours.now + 3, is_watch=turn % 2 == 0)
        assert hours.now - began <= 3.001
        bands[status.band] += 1
        if status.band is Band.OK:
            assert sum(byte in GOOD for byte in babble.sent) >= 4
        if turn % 20 == 0:
            began = hours.now
            outcome = device.print_slip(SLIP, 5)
            assert hours.now - began <= 5 + printer.DROP_S + 0.001
            ends[outcome.end] += 1
            if outcome.end is SlipEnd.PRINTED:
                numbers = [data[-4:] for data in babble.asked if b"\x1d(H" in data]
                echoes = [a.data for a in AnswerReader().feed(bytes(babble.sent)) if a.kind is AnswerKind.ECHO]
                assert set(numbers[-2:]) <= set(echoes), "an echo of our own number came back"
        babble.asked.clear()
    device.stop()
    assert bands[Band.OK] > LOOKS // 20, "it does get through at times"
    assert bands[Band.UNKNOWN] > LOOKS // 20
    assert ends[SlipEnd.UNKNOWN] > LOOKS // 400
    assert ends[SlipEnd.FAILED] > LOOKS // 400


def test_pure_noise_is_never_good(hours: Hours) -> None:
    """Answers of random length: four single bytes of the right shape in a row are rare, and nothing else is good."""
    chance = random.Random(42)
    seen: list[bytes] = []

    def noise(data: bytes) -> bytes:
        seen.append(chance.randbytes(chance.choice((0, 1, 1, 2, 3, 9, 40))))
        return seen[-1]

    device = EscPosPrinter(lambda _: SteppedLine(noise, hours), "noise", clock=hours.monotonic)
    answers = 0
    while answers < LOOKS:
        seen.clear()
        status = device._look(hours.now + 3, is_watch=True)
        answers += len(seen)
        if status.band in (Band.OK, Band.WARNING):
            shapes = [sum(byte & 0x93 == 0x12 for byte in answer) for answer in seen]
            assert sum(shapes) >= 4, [answer.hex() for answer in seen]
    device.stop()


def honest(data: bytes) -> bytes:
    if data[-3:-1] == b"\x10\x04":
        return b"\x12"
    if b"\x1d(H" in data:
        return b"\x37\x22" + data[-4:] + b"\x00"
    return b"\x00" if b"\x1dr" in data[-4:] else b""


@pytest.mark.parametrize("name", ["generic", "epson"])
def test_a_good_printer_is_believed(hours: Hours, name: str) -> None:
    """The harness lets good news through."""
    device = EscPosPrinter(lambda _: SteppedLine(honest, hours), "good", clock=hours.monotonic, profile=PROFILES[name])
    assert device._look(hours.now + 3, is_watch=True).band is Band.OK
    assert device.print_slip(SLIP, 5).end is SlipEnd.PRINTED
    device.stop()


class LateLine(SteppedLine):
    """Says the last answer once more, a moment later."""

    def _wait(self, deadline: float, event: int) -> bool:
        if super()._wait(self._hours.now, event):
            return True
        if deadline - self._hours.now > 0.02:
            self._hours.now = deadline
            self._theirs.send(b"\x12")
        return super()._wait(deadline, event)


def test_answers_that_nobody_asked_for_are_no_status(hours: Hours) -> None:
    """Each question found one answer in time; the watch listens on, and hears one too many."""
    device = EscPosPrinter(lambda _: LateLine(honest, hours), "late", clock=hours.monotonic, profile=PROFILES["epson"])
    assert device._look(hours.now + 3).band is Band.OK
    device.stop()
    device = EscPosPrinter(lambda _: LateLine(honest, hours), "late", clock=hours.monotonic, profile=PROFILES["epson"])
    status = device._look(hours.now + 3, is_watch=True)
    assert (status.band, status.reasons) == (Band.UNKNOWN, (Reason.SILENT,))
    device.stop()
