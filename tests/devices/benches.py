"""Test benches: one adapter with hands on its device. What the conformance suite needs of a new adapter.

An integrator writes such a bench for an adapter of their own; ``docs/devices.md`` tells how.
"""

import os
import pty
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from kiosk.devices.card.reader import CardReader
from kiosk.devices.card.socket_link import SocketLink
from kiosk.devices.contract import DeviceKind
from kiosk.devices.printing.document_printer import IppPrinter
from kiosk.devices.scan.scanner import SerialScanner
from kiosk.devices.simulated.card_fronts import CardReaderServer
from kiosk.devices.simulated.card_reader_double import CardReaderDouble, MemoryCardLink
from kiosk.devices.simulated.doubles import ID1_MEDIA
from kiosk.devices.simulated.ipp_front import IppFront, IppServer
from kiosk.devices.simulated.printer_double import PrinterDouble
from kiosk.devices.simulated.slip_double import SlipDouble, SlipLine, SlipServer, memory_opener
from kiosk.devices.slip.printer import EscPosPrinter
from kiosk.devices.slip.transport import serial_opener, tcp_opener

A4 = "iso_a4_210x297mm"

D = TypeVar("D")
T = TypeVar("T")


@dataclass
class Bench(Generic[D, T]):
    """``device`` is the adapter, not started; ``double`` is what it talks to; ``build`` makes another adapter of it."""

    device: D
    double: T
    build: Callable[[], D]
    take_away: Callable[[], None]
    bring_back: Callable[[], None]
    fall_silent: Callable[[], None] | None = None
    extras: dict[str, Any] = field(default_factory=dict)


def _switches(double: Any) -> tuple[Callable[[], None], Callable[[], None]]:
    return lambda: double.switch(False), lambda: double.switch(True)


def _silence(double: Any) -> Callable[[], None]:
    def fall_silent() -> None:
        double.is_silent = True

    return fall_silent


@contextmanager
def card_reader_in_memory() -> Iterator[Bench[CardReader, CardReaderDouble]]:
    double = CardReaderDouble()

    def build() -> CardReader:
        return CardReader(MemoryCardLink(double))

    yield Bench(build(), double, build, *_switches(double))


@contextmanager
def card_reader_on_socket() -> Iterator[Bench[CardReader, CardReaderDouble]]:
    double = CardReaderDouble()
    server = CardReaderServer(double)

    def build() -> CardReader:
        return CardReader(SocketLink(server.address))

    try:
        yield Bench(build(), double, build, *_switches(double))
    finally:
        double.pull()
        server.close()


@contextmanager
def printer_in_memory(kind: DeviceKind = DeviceKind.DOCUMENT_PRINTER) -> Iterator[Bench[IppPrinter, PrinterDouble]]:
    media = A4 if kind is DeviceKind.DOCUMENT_PRINTER else ID1_MEDIA
    double = PrinterDouble(kind, media)
    uri = "ipp://printer.invalid/ipp/print"
    front = IppFront(double, uri)

    def build() -> IppPrinter:
        return IppPrinter(uri, media, kind, post=front.post)

    try:
        yield Bench(build(), double, build, *_switches(double), _silence(double))
    finally:
        double.close()


@contextmanager
def printer_on_socket(kind: DeviceKind = DeviceKind.DOCUMENT_PRINTER) -> Iterator[Bench[IppPrinter, PrinterDouble]]:
    media = A4 if kind is DeviceKind.DOCUMENT_PRINTER else ID1_MEDIA
    double = PrinterDouble(kind, media)
    server = IppServer(double)

    def build() -> IppPrinter:
        return IppPrinter(server.uri, media, kind)

    try:
        yield Bench(build(), double, build, *_switches(double), _silence(double), {"server": server})
    finally:
        server.close()
        double.close()


def card_printer_on_socket() -> Any:
    return printer_on_socket(DeviceKind.CARD_PRINTER)


@contextmanager
def slip_in_memory() -> Iterator[Bench[EscPosPrinter, SlipDouble]]:
    double = SlipDouble()

    def build() -> EscPosPrinter:
        return EscPosPrinter(memory_opener(double), "memory")

    yield Bench(build(), double, build, *_switches(double), _silence(double))


@contextmanager
def slip_on_socket() -> Iterator[Bench[EscPosPrinter, SlipDouble]]:
    double = SlipDouble()
    server = SlipServer(double)

    def build() -> EscPosPrinter:
        return EscPosPrinter(tcp_opener(server.address), server.address)

    try:
        yield Bench(build(), double, build, *_switches(double), _silence(double))
    finally:
        server.close()


class PtyDevice:
    """A serial device behind a name that can be unplugged: a link to a pty whose other end is ours."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.master = -1
        self.plug()

    def plug(self) -> None:
        """A new pty under the same name."""
        self.master, slave = pty.openpty()
        name = os.ttyname(slave)
        os.close(slave)
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(name)
        os.set_blocking(self.master, False)

    def unplug(self) -> None:
        """The name goes and the line with it."""
        self.link.unlink(missing_ok=True)
        if self.master >= 0:
            os.close(self.master)
            self.master = -1


@contextmanager
def slip_on_serial(folder: Any) -> Iterator[Bench[EscPosPrinter, SlipDouble]]:
    double = SlipDouble()
    device = PtyDevice(folder / "ttyS")
    over = threading.Event()

    def play() -> None:
        line = SlipLine(double)
        while not over.wait(0.002):
            answers = b""
            with suppress(OSError):
                answers = line.feed(os.read(device.master, 65_536))
            answers += line.work()
            while answers:
                with suppress(OSError):
                    answers = answers[os.write(device.master, answers) :]
                    continue
                break

    thread = threading.Thread(target=play, daemon=True)
    thread.start()

    def build() -> EscPosPrinter:
        return EscPosPrinter(serial_opener(str(device.link), 38_400), str(device.link))

    try:
        yield Bench(build(), double, build, device.unplug, device.plug, _silence(double))
    finally:
        over.set()
        thread.join(5)
        device.unplug()


@contextmanager
def scanner_on_serial(folder: Any) -> Iterator[Bench[SerialScanner, PtyDevice]]:
    device = PtyDevice(folder / "ttyACM")

    def build() -> SerialScanner:
        return SerialScanner(serial_opener(str(device.link), 115_200), str(device.link))

    try:
        yield Bench(build(), device, build, device.unplug, device.plug)
    finally:
        device.unplug()


BENCHES: dict[str, Callable[..., Any]] = {
    "card-reader-memory": card_reader_in_memory,
    "card-reader-socket": card_reader_on_socket,
    "document-printer-memory": printer_in_memory,
    "document-printer-socket": printer_on_socket,
    "card-printer-socket": card_printer_on_socket,
    "slip-printer-memory": slip_in_memory,
    "slip-printer-socket": slip_on_socket,
    "slip-printer-serial": slip_on_serial,
    "scanner-serial": scanner_on_serial,
}
"""Every adapter with every front; those that need a folder are given one."""

NEEDS_FOLDER = {"slip-printer-serial", "scanner-serial"}


def open_bench(name: str, folder: Any, stack: ExitStack) -> Bench[Any, Any]:
    """The bench of that name; the stack takes it down."""
    make = BENCHES[name]
    return stack.enter_context(make(folder) if name in NEEDS_FOLDER else make())
