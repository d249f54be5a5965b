"""Real devices at the bench, opt-in by name: a bench for each, whose hands are a person's.

    pytest tests/devices --reader "NAME"  (or --document-printer, --card-printer, --slip-printer, --scanner)

The person is asked on the terminal to lay a card, pull a cable and so on. ``--person COMMAND`` asks a program instead:
it gets the act and the sentence as its two last arguments, and its end with 0 says that the hand has moved.
"""

import os
import select
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pytest

from kiosk.devices.contract import DeviceKind
from tests.devices.benches import A4, Bench

ANSWER_S = 180.0
"""How long a person may take for one act."""

OPTIONS = {
    DeviceKind.CARD_READER: "--reader",
    DeviceKind.DOCUMENT_PRINTER: "--document-printer",
    DeviceKind.CARD_PRINTER: "--card-printer",
    DeviceKind.SLIP_PRINTER: "--slip-printer",
    DeviceKind.SCANNER: "--scanner",
}
BAUD = {DeviceKind.SLIP_PRINTER: 38_400, DeviceKind.SCANNER: 115_200}


class Act(StrEnum):
    """What a hand can do."""

    LAY_CARD = "lay-card"
    TAKE_CARD = "take-card"
    PULL_CABLE = "pull-cable"
    PLUG_CABLE = "plug-cable"
    SHOW_CODE = "show-code"


SENTENCES = {
    Act.LAY_CARD: "Lay one KTP-el on the reader and leave it there.",
    Act.TAKE_CARD: "Take the card off.",
    Act.PULL_CABLE: "Pull the cable of the {kind} (or switch it off).",
    Act.PLUG_CABLE: "Plug the {kind} in again and switch it on; wait until it is ready.",
    Act.SHOW_CODE: "Show the scanner a code.",
}


def named(config: pytest.Config) -> dict[DeviceKind, str]:
    """The devices that the command line names."""
    found = {kind: config.getoption(option) for kind, option in OPTIONS.items()}
    return {kind: str(name) for kind, name in found.items() if name}


@dataclass
class Person:
    """Who stands at the bench; ``command`` is empty for somebody at the terminal."""

    command: str = ""

    def do(self, act: Act, kind: DeviceKind) -> None:
        """Ask, and wait until it is done. Fails the test when nobody answers in ``ANSWER_S``."""
        sentence = SENTENCES[act].format(kind=kind.value)
        if self.command:
            command = [*shlex.split(self.command), act.value, sentence]
            done = subprocess.run(command, timeout=ANSWER_S, check=False)
            assert done.returncode == 0, f"{act}: the person's program ended with {done.returncode}"
            return
        self._ask_terminal(sentence)

    @staticmethod
    def _ask_terminal(sentence: str) -> None:
        fd = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        try:
            os.write(fd, f"\n>>> {sentence} Then press Enter: ".encode())
            end = time.monotonic() + ANSWER_S
            while select.select([fd], [], [], max(0.0, end - time.monotonic()))[0]:
                if b"\n" in os.read(fd, 1024):
                    return
            raise AssertionError(f"nobody answered: {sentence}")
        finally:
            os.close(fd)


@dataclass
class Hands:
    """What the person did last, so that nobody is asked for what is so already."""

    person: Person
    kind: DeviceKind
    is_away: bool = False
    has_card: bool = False

    def pull(self) -> None:
        if not self.is_away:
            self.person.do(Act.PULL_CABLE, self.kind)
        self.is_away = True

    def plug(self) -> None:
        if self.is_away:
            self.person.do(Act.PLUG_CABLE, self.kind)
        self.is_away = False

    def lay(self) -> None:
        if not self.has_card:
            self.person.do(Act.LAY_CARD, self.kind)
        self.has_card = True

    def take(self) -> None:
        if self.has_card:
            self.person.do(Act.TAKE_CARD, self.kind)
        self.has_card = False

    def show(self) -> None:
        self.person.do(Act.SHOW_CODE, self.kind)


def _builder(kind: DeviceKind, name: str) -> Callable[[], Any]:
    match kind:
        case DeviceKind.CARD_READER:
            from kiosk.devices.card.pcsc_link import PcscLink
            from kiosk.devices.card.reader import CardReader

            return lambda: CardReader(PcscLink(name))
        case DeviceKind.DOCUMENT_PRINTER | DeviceKind.CARD_PRINTER:
            from kiosk.devices.printing.document_printer import IppPrinter
            from kiosk.devices.simulated.doubles import ID1_MEDIA

            media = A4 if kind is DeviceKind.DOCUMENT_PRINTER else ID1_MEDIA
            return lambda: IppPrinter(name, media, kind)
        case DeviceKind.SLIP_PRINTER:
            from kiosk.devices.slip.printer import EscPosPrinter

            return lambda: EscPosPrinter(_opener(kind, name), name)
        case _:
            from kiosk.devices.scan.scanner import SerialScanner

            return lambda: SerialScanner(_opener(kind, name), name)


def _opener(kind: DeviceKind, name: str) -> Any:
    from kiosk.devices.slip.transport import serial_opener, tcp_opener

    return serial_opener(name, BAUD[kind]) if name.startswith("/") else tcp_opener(name)


@contextmanager
def real_bench(kind: DeviceKind, name: str, hands: Hands) -> Iterator[Bench[Any, Hands]]:
    """The named device. The cable is in at the beginning; an adapter of your own is built here as yours."""
    hands.plug()
    build = _builder(kind, name)
    gives: dict[DeviceKind, Callable[[], None]] = {
        DeviceKind.CARD_READER: hands.lay,
        DeviceKind.SCANNER: hands.show,
    }
    bench = Bench(build(), hands, build, hands.pull, hands.plug, give=gives.get(kind))
    try:
        yield bench
    finally:
        bench.device.stop()
