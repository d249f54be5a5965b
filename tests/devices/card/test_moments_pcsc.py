"""pcscd killed, stopped, frozen, without its reader; cards pulled and swapped: on the real stack, at every command."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from kiosk.devices.card.link import CardSession
from kiosk.devices.card.reader import CardReader
from kiosk.devices.contract import CardRead, CardReadKind, Reason
from kiosk.devices.simulated.card_fronts import VpcdPlug
from kiosk.devices.simulated.card_reader_double import CardReaderDouble
from kiosk.devices.simulated.stacks import Pcscd
from kiosk.devices.simulated.virtual_card import VirtualCard
from tests.devices.waiting import until

pytestmark = pytest.mark.peer
UID = bytes.fromhex("04a1b2c3d4e5f6")
OTHER = bytes.fromhex("04998877665544")
COMMANDS = 4
"""Identifier, application, identifier, and after the second power-up the identifier: all that the card sees."""
DEADLINE_S = 3.0
K = CardReadKind


class ActingCard(VirtualCard):
    """Does something while its command number ``moment`` waits for an answer."""

    moment = 0
    act: Callable[[], None] = staticmethod(lambda: None)
    is_done = False

    def answer(self, apdu: bytes) -> bytes:
        self.moment -= 1
        if self.moment == 0:
            self.act()
            self.is_done = True
            if self.interrupted.is_set():
                raise OSError("taken off in the middle of a command")
        return super().answer(apdu)


class Table:
    """The reader on the real stack, with hands."""

    def __init__(self, pcscd: Pcscd) -> None:
        from kiosk.devices.card.pcsc_link import PcscLink

        self.pcscd = pcscd
        self.double = CardReaderDouble()
        self.plug = VpcdPlug(self.double, pcscd.port)
        self.device = CardReader(PcscLink("Virtual PCD"))
        self.helpers: list[Thread] = []

    def lay(self, card: VirtualCard) -> None:
        before = self.device.presence().insertion
        self.double.tap(card)
        until(lambda: self.device.presence().insertion != before and self.device.presence().is_present, "the card")

    def aside(self, act: Callable[[], object]) -> None:
        """On a thread of its own: whoever pulls a card waits for the card's thread to end."""
        helper = Thread(target=act)
        self.helpers.append(helper)
        helper.start()

    def close(self) -> None:
        for helper in self.helpers:
            helper.join(10)
        self.device.stop()
        self.plug.close()


@pytest.fixture
def table(pcscd: Pcscd) -> Iterator[Table]:
    made = Table(pcscd)
    made.device.start()
    until(lambda: made.device.status().is_usable, "the virtual reader")
    yield made
    made.close()


def taken(table: Table, act: Callable[[], None]) -> None:
    card = table.double.cards[0]
    table.aside(act)
    assert card.interrupted.wait(5)


def in_turn(*acts: Callable[[], None]) -> None:
    for act in acts:
        act()


ACTS: dict[str, Callable[[Table], None]] = {
    "killed": lambda t: t.pcscd.kill(),
    "killed and restarted": lambda t: t.aside(lambda: in_turn(t.pcscd.kill, t.pcscd.start)),
    "stopped and restarted": lambda t: t.aside(lambda: in_turn(t.pcscd.stop, t.pcscd.start)),
    "reader unplugged": lambda t: t.aside(lambda: in_turn(t.pcscd.kill, t.pcscd.unplug, t.pcscd.start)),
    "card pulled": lambda t: taken(t, t.double.pull),
    "card swapped": lambda t: taken(t, lambda: t.double.swap(VirtualCard(OTHER))),
}


@pytest.mark.parametrize("moment", range(1, COMMANDS + 1))
@pytest.mark.parametrize("act", list(ACTS))
def test_one_true_outcome_within_the_deadline(table: Table, act: str, moment: int) -> None:
    card = ActingCard(UID)
    card.moment, card.act = moment, lambda: ACTS[act](table)
    table.lay(card)
    began = time.monotonic()
    result = table.device.read(DEADLINE_S, Event())
    assert time.monotonic() - began < DEADLINE_S + 0.5
    # The card's own thread notes it, and a read that lost its service can be over before that.
    until(lambda: card.is_done, "the moment", 5)
    for helper in table.helpers:
        helper.join(10)
    if result.kind is K.READ and result.uid:
        assert [lying.uid for lying in table.double.cards] == [result.uid]
        assert act != "card pulled"
    else:
        assert result.kind in (K.PULLED, K.READER_AWAY, K.TIMED_OUT, K.NO_CARD, K.MUTE), (act, result)
        assert result.uid == b""
    if act == "killed":
        until(lambda: table.device.status().reasons == (Reason.SERVICE_AWAY,), "the missing service")
    elif act == "reader unplugged":
        until(lambda: table.device.status().reasons == (Reason.NO_READER,), "the missing reader")
    if moment == COMMANDS:
        comes_back(table, act)


def seen_within(table: Table, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not table.device.presence().is_present and time.monotonic() < end:
        Event().wait(0.02)
    return table.device.presence().is_present


def comes_back(table: Table, act: str) -> None:
    """By itself, and reads whatever lies there by then."""
    if act == "reader unplugged":
        table.pcscd.kill()
        table.pcscd.plug()
    table.pcscd.start()
    if act == "card pulled":
        until(lambda: not table.device.presence().is_present, "an empty reader")
        table.double.tap(VirtualCard(UID))
        assert seen_within(table, 1.5), "a card that is laid on once is seen"
    until(lambda: table.device.status().is_usable and table.device.presence().is_present, "reader and card", 10)
    # pcscd looks each 0.4 s: a read that meets its word of the swap is PULLED, and the next one reads what lies there.
    result = table.device.read(5, Event())
    for _ in range(4):
        if result.kind is not K.PULLED:
            break
        Event().wait(0.4)
        result = table.device.read(5, Event())
    assert (result.kind, result.uid) == (K.READ, OTHER if act == "card swapped" else UID)


@pytest.mark.parametrize("apart_s", [0.0, 0.05, 0.2, 0.6])
def test_a_card_that_wobbles_is_seen_without_being_laid_on_twice(table: Table, apart_s: float) -> None:
    """Taken in the middle of a command and laid back at once.

    A plain client (SCardConnect, SCardTransmit, the card gone, SCardDisconnect with SCARD_UNPOWER_CARD, the card back
    before pcscd's next look 0.4 s later) never sees that card again on pcscd 1.9.9: the slot stays "empty", its counter
    unmoved, until the card is taken off. The link notices the unmoved counter and lets pcscd look again.
    """
    for _ in range(2):
        card = ActingCard(UID)
        card.moment, card.act = 2, lambda: ACTS["card pulled"](table)
        table.lay(card)
        before = table.device.presence().insertion
        result = table.device.read(DEADLINE_S, Event())
        assert (result.kind, result.uid) == (K.PULLED, b"")
        for helper in table.helpers:
            helper.join(10)
        until(lambda: not table.device.presence().is_present, "an empty reader")
        Event().wait(apart_s)
        table.double.tap(VirtualCard(UID))
        assert seen_within(table, 1.0)
        assert table.device.presence().insertion == before + 1, "one card more, and not two"
        result = table.device.read(DEADLINE_S, Event())
        assert (result.kind, result.uid, result.insertion) == (K.READ, UID, before + 1)
        table.double.pull()
        until(lambda: not table.device.presence().is_present, "an empty reader")


def test_a_card_lifted_before_its_second_power_up_was_pulled(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """pcscd says of it that it is not powered, as of a mute card; but this one had answered."""
    link = table.device._link
    connect, times = link.connect, iter(range(2))

    def late() -> CardSession:
        if next(times, None) == 1:
            table.double.pull()
        return connect()

    monkeypatch.setattr(link, "connect", late)
    table.lay(VirtualCard(UID))
    result = table.device.read(DEADLINE_S, Event())
    assert (result.kind, result.uid) == (K.PULLED, b"")


def test_a_card_lifted_after_its_read_is_none_and_not_mute(table: Table) -> None:
    """pcscd looks each 0.4 s, and until then says of it what it says of a mute card."""
    table.lay(VirtualCard(UID))
    assert table.device.read(DEADLINE_S, Event()).kind is K.READ
    table.double.pull()
    assert table.device.read(0.8, Event()).kind is K.NO_CARD
    table.lay(VirtualCard(UID))
    table.double.pull()
    assert table.device.read(0.8, Event()).kind in (K.PULLED, K.NO_CARD), "it was laid on, and lifted unread"


def test_a_service_that_hangs_is_silent_and_comes_back(table: Table) -> None:
    """SIGSTOP: the socket is there, connections are taken, and no call ever returns."""
    card = ActingCard(UID)
    card.moment, card.act = 2, table.pcscd.freeze
    table.lay(card)
    began = time.monotonic()
    try:
        result = table.device.read(1.0, Event())
        assert time.monotonic() - began < 1.5
        assert (result.kind, result.uid) == (K.TIMED_OUT, b"")
        until(lambda: table.device.status().reasons == (Reason.SILENT,), "silence")
        assert table.device.read(0.1, Event()).kind is K.READER_AWAY
        assert table.device._worker.left_behind <= 2
    finally:
        table.pcscd.freeze(False)
    until(lambda: table.device.status().is_usable and table.device.presence().is_present, "reader and card", 10)
    until(lambda: table.device._worker.left_behind == 0, "the stuck call back")
    until(lambda: table.device.read(3, Event()).uid == UID, "a read", 10)


def test_a_stop_does_not_wait_for_a_service_that_hangs(table: Table) -> None:
    table.pcscd.freeze()
    try:
        began = time.monotonic()
        table.device.stop()
        assert time.monotonic() - began < 5.0
    finally:
        table.pcscd.freeze(False)
    table.device.start()
    until(lambda: table.device.status().is_usable, "the reader again", 10)


_HOLDER = """
import sys
from smartcard import scard
_, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
_, names = scard.SCardListReaders(context, [])
code, card, _ = scard.SCardConnect(context, names[0], scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_ANY)
print(code, flush=True)
sys.stdin.readline()
scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
"""


def test_a_card_that_another_program_holds(table: Table) -> None:
    table.lay(VirtualCard(UID))
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=clean(table.pcscd),
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline().strip() == "0"
        result = table.device.read(1.5, Event())
        assert (result.kind, result.uid) == (K.READER_AWAY, b"")
        until(lambda: table.device.status().reasons == (Reason.HELD_BY_ANOTHER,), "the other holder")
        holder.stdin.write("\n")
        holder.stdin.flush()
        until(lambda: table.device.status().is_usable, "the card set free", 8)
    assert table.device.read(3, Event()).uid == UID


def clean(pcscd: Pcscd) -> dict[str, str]:
    return {**os.environ, **pcscd.environment()}


_ASKER = """
import json, os, sys, time
sys.path[:0] = json.loads(sys.argv[1])
from threading import Event
from kiosk.devices.card.pcsc_link import PcscLink
from kiosk.devices.card.link import CardSession
from kiosk.devices.card.reader import CardReader
if os.getuid() == 0:
    # Root may use every socket, so somebody else asks; everything was imported before, under whatever folder.
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
device = CardReader(PcscLink("Virtual PCD"))
device.start()
end = time.monotonic() + 5
while device.status().reasons == ("starting",) and time.monotonic() < end:
    Event().wait(0.02)
told = device.status().reasons[0].value if device.status().reasons else "none"
print(json.dumps([os.getuid(), told, device.read(0.2, Event()).kind.value]))
device.stop()
"""


@pytest.fixture
def locked_socket(pcscd: Pcscd) -> Iterator[Path]:
    """The service's socket, that everybody reaches and nobody but root may use: its owner neither."""
    opened = []
    for parent in pcscd.socket_path.parents:
        mode = parent.stat().st_mode
        # Folders of others stand open as they are: every one of them is reached by us already.
        if mode & 0o001 == 0 and parent.stat().st_uid == os.getuid():
            opened.append((parent, mode))
            parent.chmod(mode | 0o001)
    pcscd.socket_path.chmod(0)
    yield pcscd.socket_path
    for parent, mode in opened:
        parent.chmod(mode)


def test_a_service_that_others_may_use_and_we_may_not(pcscd: Pcscd, locked_socket: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ASKER, json.dumps([entry or str(Path.cwd()) for entry in sys.path])],
        env=clean(pcscd),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    asker, *told = json.loads(done.stdout)
    assert asker != 0, "root is refused by no mode"
    assert told == ["no-permission", "reader-away"]


def test_the_technician_reads_what_each_slot_is(table: Table) -> None:
    detail = table.device.status().detail
    assert "*Virtual PCD 00 00 (unknown)" in detail
    assert "*Virtual PCD 00 01 (unknown)" in detail


def told(results: list[CardRead]) -> list[CardReadKind]:
    return [result.kind for result in results]


def test_cards_in_both_slots_and_one_taken_again(table: Table) -> None:
    table.lay(VirtualCard(UID))
    before = table.device.presence().insertion
    second = VirtualCard(OTHER)
    table.double.lay_beside(second)
    until(lambda: table.device.presence().insertion != before, "the second card")
    results = [table.device.read(2, Event())]
    table.double.cards.remove(second)
    table.plug.follow()

    def reads() -> bool:
        results.append(table.device.read(2, Event()))
        return results[-1].kind is K.READ

    until(reads, "one card alone", 8)
    assert told(results)[0] is K.SEVERAL
    assert results[-1].uid == UID
