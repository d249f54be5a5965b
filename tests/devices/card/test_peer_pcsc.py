"""The card reader on a real pcscd with vpcd: our card, a foreign card, foreign readers of our card."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from kiosk.devices.card.ektp import IdentityEnd, SamIdentity
from kiosk.devices.card.reader import CardReader
from kiosk.devices.contract import CardRead, CardReadKind, Reason
from kiosk.devices.simulated.card_fronts import VpcdPlug
from kiosk.devices.simulated.card_reader_double import CardReaderDouble
from kiosk.devices.simulated.ektp_simulator import IdentityCard, SamDouble
from kiosk.devices.simulated.stacks import Pcscd
from kiosk.devices.simulated.virtual_card import CardType, VirtualCard
from tests.devices import conformance
from tests.devices.bench import Bench
from tests.devices.card.test_ektp import PERSON
from tests.devices.waiting import until

pytestmark = pytest.mark.peer
UID = bytes.fromhex("04a1b2c3d4e5f6")
OTHER = bytes.fromhex("04998877665544")


@contextmanager
def _bench(pcscd: Pcscd) -> Iterator[Bench[CardReader, CardReaderDouble]]:
    from kiosk.devices.card.pcsc_link import PcscLink

    double = CardReaderDouble()
    plug = VpcdPlug(double, pcscd.port)

    def build() -> CardReader:
        return CardReader(PcscLink("Virtual PCD"))

    bench = Bench(build(), double, build, pcscd.kill, pcscd.start)
    try:
        yield bench
    finally:
        bench.device.stop()
        plug.close()


@pytest.fixture
def bench(pcscd: Pcscd) -> Iterator[Bench[CardReader, CardReaderDouble]]:
    with _bench(pcscd) as made:
        made.device.start()
        until(lambda: made.device.status().is_usable, "the virtual reader")
        yield made


PcscBench = Bench[CardReader, CardReaderDouble]


def lay(bench: PcscBench, card: VirtualCard) -> VirtualCard:
    before = bench.device.presence().insertion
    bench.double.tap(card)
    until(lambda: bench.device.presence().insertion != before and bench.device.presence().is_present, "the card")
    return card


def read(bench: PcscBench, deadline_s: float = 5.0) -> CardRead:
    return bench.device.read(deadline_s, Event())


def test_pcscd_shows_our_card(bench: PcscBench) -> None:
    lay(bench, VirtualCard(UID))
    result = read(bench)
    assert (result.kind, result.uid, result.is_uid_stable) == (CardReadKind.READ, UID, True)
    assert bench.device.is_same_card(result, 2)


def test_pcscd_shows_a_type_b_card(bench: PcscBench) -> None:
    lay(bench, VirtualCard(b"\x01" * 8, CardType.B))
    result = read(bench)
    assert (result.kind, result.uid, result.is_uid_stable) == (CardReadKind.READ, b"\x01" * 8, False)


def test_pcscd_shows_a_mute_card(bench: PcscBench) -> None:
    lay(bench, VirtualCard(UID, is_mute=True))
    assert read(bench).kind is CardReadKind.MUTE


def test_two_cards_in_two_slots_are_one_too_many(bench: PcscBench) -> None:
    lay(bench, VirtualCard(UID))
    before = bench.device.presence().insertion
    bench.double.lay_beside(VirtualCard(OTHER))
    until(lambda: bench.device.presence().insertion != before, "the second card")
    assert read(bench).kind is CardReadKind.SEVERAL


def test_a_card_pulled_in_the_middle_of_a_command(bench: PcscBench) -> None:
    card = lay(bench, VirtualCard(UID, delay_s=0.3))
    results: list[CardRead] = []
    reader = Thread(target=lambda: results.append(read(bench)))
    reader.start()
    until(lambda: card._current, "a powered card")
    bench.double.pull()
    reader.join(8)
    assert results[0].kind in (CardReadKind.PULLED, CardReadKind.NO_CARD)
    assert results[0].uid == b""


def test_a_swap_faster_than_the_poll_is_found_out(bench: PcscBench) -> None:
    """Measured: no event, one failing command, and then the other card on the same handle."""
    lay(bench, VirtualCard(UID))
    result = read(bench)
    bench.double.swap(VirtualCard(OTHER))
    assert not bench.device.is_same_card(result, 2)


def test_pcscd_killed_and_restarted(bench: PcscBench, pcscd: Pcscd) -> None:
    lay(bench, VirtualCard(UID))
    assert read(bench).kind is CardReadKind.READ
    pcscd.kill()
    until(lambda: bench.device.status().reasons == (Reason.SERVICE_AWAY,), "the missing service")
    assert read(bench, 0.2).kind is CardReadKind.READER_AWAY
    pcscd.start()
    until(lambda: bench.device.status().is_usable, "the service")
    until(lambda: bench.device.presence().is_present, "the card that lay there all the time")
    result = read(bench)
    assert (result.kind, result.uid) == (CardReadKind.READ, UID)


def test_pcscd_killed_in_the_middle_of_a_command(bench: PcscBench, pcscd: Pcscd) -> None:
    card = lay(bench, VirtualCard(UID, delay_s=0.5))
    results: list[CardRead] = []
    reader = Thread(target=lambda: results.append(read(bench)))
    reader.start()
    until(lambda: card._current, "a powered card")
    pcscd.kill()
    reader.join(8)
    assert results
    assert results[0].kind in (CardReadKind.READER_AWAY, CardReadKind.PULLED)


def test_no_reader_is_told_apart_from_no_service(pcscd: Pcscd) -> None:
    from kiosk.devices.card.pcsc_link import PcscLink

    device = CardReader(PcscLink("a reader that is not plugged in"))
    device.start()
    try:
        until(lambda: device.status().reasons == (Reason.NO_READER,), "the missing reader")
    finally:
        device.stop()


def test_another_program_that_holds_the_card_is_told(bench: PcscBench) -> None:
    from smartcard import scard

    lay(bench, VirtualCard(UID))
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    _, names = scard.SCardListReaders(context, [])
    result, card, _ = scard.SCardConnect(context, names[0], scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_PROTOCOL_ANY)
    assert result == 0
    try:
        until(lambda: bench.device.status().reasons == (Reason.HELD_BY_ANOTHER,), "the other holder")
    finally:
        scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(context)
    until(lambda: bench.device.status().is_usable, "the card set free")


@pytest.mark.conformance
@pytest.mark.expects_warnings  # one of the checks makes the adapter complain on purpose
@pytest.mark.parametrize("check", [check for check in conformance.CHECKS if check is not conformance.leaks_nothing])
def test_the_real_reader_conforms(pcscd: Pcscd, check: Any) -> None:
    with _bench(pcscd) as made:
        check(made)


@pytest.mark.conformance
def test_the_real_reader_leaks_nothing(pcscd: Pcscd) -> None:
    with _bench(pcscd) as made:
        conformance.leaks_nothing(made, 40)


# --- a card and readers that no one here wrote ----------------------------------------------------------------------


@pytest.fixture
def foreign_card(pcscd: Pcscd) -> Iterator[Any]:
    with ExitStack() as stack:

        def insert(*words: str) -> None:
            script = Path(__file__).with_name("foreign_card.py")
            process = subprocess.Popen(
                [sys.executable, str(script), str(pcscd.port), *words],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

            def end() -> None:
                process.kill()
                process.wait(5)

            stack.callback(end)

        yield insert


def test_a_foreign_card_with_the_application_is_read(bench: PcscBench, foreign_card: Any) -> None:
    foreign_card("ktp")
    until(lambda: bench.device.presence().is_present, "the foreign card", 10)
    result = read(bench)
    assert (result.kind, result.uid) == (CardReadKind.READ, bytes.fromhex("04c0ffee123456"))
    assert bench.device.is_same_card(result, 3)


def test_a_foreign_card_without_it_is_foreign(bench: PcscBench, foreign_card: Any) -> None:
    foreign_card()
    until(lambda: bench.device.presence().is_present, "the foreign card", 10)
    assert read(bench).kind is CardReadKind.FOREIGN


def _opensc(pcscd: Pcscd, *words: str) -> str:
    done = subprocess.run(
        ["opensc-tool", "-r", "0", *words],
        env={"PATH": "/usr/bin:/bin", **pcscd.environment()},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    return done.stdout


def test_opensc_reads_our_card(bench: PcscBench, pcscd: Pcscd) -> None:
    lay(bench, VirtualCard(UID))
    bench.device.stop()
    assert "3b:80:80:01:01" in _opensc(pcscd, "-a").lower()
    told = _opensc(pcscd, "-s", "00A4000C027F0A", "-s", "FFCA000000")
    assert told.count("SW1=0x90, SW2=0x00") == 2
    assert "04 A1 B2 C3 D4 E5 F6" in told


def test_scriptor_reads_our_card(bench: PcscBench, pcscd: Pcscd) -> None:
    lay(bench, VirtualCard(UID, is_ktp=False))
    bench.device.stop()
    done = subprocess.run(
        ["scriptor", "-r", "Virtual PCD 00 00"],
        env={"PATH": "/usr/bin:/bin", **pcscd.environment()},
        input="00 A4 00 0C 02 7F 0A\nFF CA 00 00 00\n",
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert "6A 82" in done.stdout
    assert "04 A1 B2 C3 D4 E5 F6 90 00" in done.stdout


def test_our_sam_is_not_taken_by_a_foreign_card(bench: PcscBench, foreign_card: Any) -> None:
    """It has the DF, the card control file and a GET CHALLENGE of its own; the mutual proof is where it ends."""
    foreign_card("ktp")
    until(lambda: bench.device.presence().is_present, "the foreign card", 10)
    result = read(bench)
    sam = SamDouble()
    identity = SamIdentity(sam)
    outcome = identity.read_identity(bench.device, result, 5, Event())
    identity.stop()
    assert outcome.end in (IdentityEnd.WRONG_SAM, IdentityEnd.REFUSED)
    assert sam.steps == ["reset", "answer-challenge"]


def test_the_identity_comes_over_the_real_stack(bench: PcscBench) -> None:
    lay(bench, IdentityCard.of(PERSON, UID))
    identity = SamIdentity(SamDouble())
    assert identity.read_identity(bench.device, read(bench), 5, Event()).identity == PERSON
    identity.stop()


def test_opensc_and_scriptor_walk_our_file_tree(bench: PcscBench, pcscd: Pcscd) -> None:
    """List, ATR, select, the open file, a closed one, no such file, a wrong INS and a wrong class."""
    lay(bench, IdentityCard.of(PERSON, UID))
    bench.device.stop()
    listed = subprocess.run(
        ["opensc-tool", "-l"],
        env={"PATH": "/usr/bin:/bin", **pcscd.environment()},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert "Virtual PCD 00 00" in listed.stdout
    commands = ["00A4000C027F0A", "00A4000C026FF0", "00B0000035", "00A4000C026FF1", "00B0000002", "00A4000C026FFF"]
    told = _opensc(pcscd, *[word for command in commands for word in ("-s", command)])
    words = [line.split("SW1=0x")[1][:12] for line in told.splitlines() if "SW1=0x" in line]
    assert words == ["90, SW2=0x00"] * 4 + ["69, SW2=0x82", "6A, SW2=0x82"]
    assert "00 33" in told, "the card control file says 51 bytes"
    assert "SEKAR" not in told
    done = subprocess.run(
        ["scriptor", "-r", "Virtual PCD 00 00"],
        env={"PATH": "/usr/bin:/bin", **pcscd.environment()},
        input="00 A4 00 0C 02 7F 0A\n00 C1 00 00 00\n55 A4 00 00 00\n00 84 00 00 08\n",
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert "6D 00" in done.stdout
    assert "6E 00" in done.stdout
