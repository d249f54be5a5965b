"""Test benches: one adapter with hands on its device. What the conformance suite needs of a new adapter.

An integrator writes such a bench for an adapter of their own; ``docs/devices.md`` tells how. To register one, add it
to ``BENCHES`` under a name that begins with the kind of its device (``card-reader-wedge``): it then goes through every
check of ``conformance.py`` and, with the operations of its kind (``operations.py``), through those of
``conformance_operations.py``. A bench that needs a folder takes it as its one parameter and is named in
``NEEDS_FOLDER``. Only the first five fields of ``Bench`` must be given; each further one makes the checks sharper.
"""

import itertools
import os
import pty
import select
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import segno

from kiosk.devices.card.reader import CardReader
from kiosk.devices.card.socket_link import SocketLink
from kiosk.devices.contract import DeviceKind
from kiosk.devices.printing.card_printer import IdCardPrinter, ipp_parts
from kiosk.devices.printing.cups_queue import CupsQueue
from kiosk.devices.printing.document_printer import IppPrinter
from kiosk.devices.scan.camera import CameraScanner
from kiosk.devices.scan.frames import PipeFrames
from kiosk.devices.scan.scanner import SerialScanner
from kiosk.devices.simulated.card_fronts import CardReaderServer
from kiosk.devices.simulated.card_reader_double import CardReaderDouble, MemoryCardLink
from kiosk.devices.simulated.doubles import ID1_MEDIA
from kiosk.devices.simulated.ipp_front import IppFront, IppServer
from kiosk.devices.simulated.printer_double import PrinterDouble
from kiosk.devices.simulated.slip_double import SlipDouble, SlipLine, SlipServer, memory_opener
from kiosk.devices.simulated.virtual_card import VirtualCard
from kiosk.devices.slip.printer import EscPosPrinter
from kiosk.devices.slip.transport import Opener, serial_opener, tcp_opener, usb_opener
from tests.devices.bench import Bench, silence, switches
from tests.devices.benches_around import (
    audio_on_jack,
    box_on_files,
    face_in_memory,
    face_on_socket,
    finger_in_memory,
    keypad_on_node,
    ups_bench,
)

A4 = "iso_a4_210x297mm"


def _hook(double: Any) -> Callable[[Callable[[], None]], None]:
    def on_exchange(act: Callable[[], None]) -> None:
        double.on_exchange = act

    return on_exchange


def _card_hands(double: CardReaderDouble) -> dict[str, Any]:
    """Each call lays on a new piece of plastic, so that insertions count."""

    def give() -> None:
        double.tap(VirtualCard(bytes.fromhex("04a1b2c3d4e5f6")))

    return {"give": give, "take_back": double.pull, "on_exchange": _hook(double)}


def _paper_hands(double: PrinterDouble) -> dict[str, Any]:
    return {"count_output": lambda: double.counter, "on_exchange": _hook(double)}


def _slip_hands(double: SlipDouble) -> dict[str, Any]:
    return {"count_output": lambda: len(double.slips), "on_exchange": _hook(double)}


@contextmanager
def card_reader_in_memory() -> Iterator[Bench[CardReader, CardReaderDouble]]:
    double = CardReaderDouble()

    def build() -> CardReader:
        return CardReader(MemoryCardLink(double))

    yield Bench(build(), double, build, *switches(double), **_card_hands(double))


@contextmanager
def card_reader_on_socket() -> Iterator[Bench[CardReader, CardReaderDouble]]:
    double = CardReaderDouble()
    server = CardReaderServer(double)

    def build() -> CardReader:
        return CardReader(SocketLink(server.address))

    try:
        yield Bench(build(), double, build, *switches(double), **_card_hands(double))
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
        # In memory the answer comes on the caller's own thread: nothing lies between that could stall.
        hands = _paper_hands(double)
        yield Bench(build(), double, build, *switches(double), silence(double), **hands, can_stall=False)
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
        hands = _paper_hands(double)
        yield Bench(build(), double, build, *switches(double), silence(double), {"server": server}, **hands)
    finally:
        server.close()
        double.close()


@contextmanager
def card_printer_on_socket() -> Iterator[Bench[IdCardPrinter, PrinterDouble]]:
    double = PrinterDouble(DeviceKind.CARD_PRINTER, ID1_MEDIA)
    server = IppServer(double)

    def build() -> IdCardPrinter:
        inner = IppPrinter(server.uri, ID1_MEDIA, DeviceKind.CARD_PRINTER)
        return IdCardPrinter(inner, ipp_parts(server.uri))

    try:
        hands = _paper_hands(double)
        yield Bench(build(), double, build, *switches(double), silence(double), {"server": server}, **hands)
    finally:
        server.close()
        double.close()


@contextmanager
def queue_on_socket(folder: Any) -> Iterator[Bench[CupsQueue, PrinterDouble]]:
    """The adapter for CUPS queues; the real scheduler has tests of its own."""
    double = PrinterDouble()
    server = IppServer(double)
    conf = folder / "cupsd.conf"
    conf.write_text("PreserveJobFiles No\nErrorPolicy abort-job\n")

    def build() -> CupsQueue:
        return CupsQueue(server.uri, A4, spool_conf=conf)

    try:
        hands = _paper_hands(double)
        yield Bench(build(), double, build, *switches(double), silence(double), {"server": server}, **hands)
    finally:
        server.close()
        double.close()


@contextmanager
def slip_in_memory() -> Iterator[Bench[EscPosPrinter, SlipDouble]]:
    double = SlipDouble()

    def build() -> EscPosPrinter:
        return EscPosPrinter(memory_opener(double), "memory")

    hands = _slip_hands(double)
    yield Bench(build(), double, build, *switches(double), silence(double), **hands, can_stall=False)


@contextmanager
def slip_on_socket() -> Iterator[Bench[EscPosPrinter, SlipDouble]]:
    double = SlipDouble()
    server = SlipServer(double)

    def build() -> EscPosPrinter:
        return EscPosPrinter(tcp_opener(server.address), server.address)

    try:
        yield Bench(build(), double, build, *switches(double), silence(double), **_slip_hands(double))
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
        master, self.master = self.master, -1
        if master >= 0:
            os.close(master)


@contextmanager
def slip_on_node(
    node: Path, opener: Callable[[str], Opener], is_raw: bool = False
) -> Iterator[Bench[EscPosPrinter, SlipDouble]]:
    """A printer behind a character device. ``is_raw``: the pty passes bytes as a printer's node does, without a tty."""
    double = SlipDouble()
    device = PtyDevice(node)
    if is_raw:
        tty.setraw(device.master)
    over = threading.Event()
    lines = [SlipLine(double)]

    def unplug() -> None:
        device.unplug()
        lines.append(SlipLine(double))

    def plug() -> None:
        device.plug()
        if is_raw:
            tty.setraw(device.master)

    def play() -> None:
        while not over.is_set():
            line = lines[-1]
            answers = b""
            try:
                select.select([device.master], [], [], 0.002)
                answers = line.feed(os.read(device.master, 65_536))
            except BlockingIOError:
                pass
            except (OSError, ValueError):
                # Nobody has the line open, or it is unplugged: then it is ready for ever.
                over.wait(0.002)
            answers += line.work()
            while answers:
                with suppress(OSError):
                    answers = answers[os.write(device.master, answers) :]
                    continue
                break

    thread = threading.Thread(target=play, daemon=True)
    thread.start()

    def build() -> EscPosPrinter:
        return EscPosPrinter(opener(str(device.link)), str(device.link))

    try:
        yield Bench(build(), double, build, unplug, plug, silence(double), **_slip_hands(double))
    finally:
        over.set()
        thread.join(5)
        device.unplug()


def slip_on_serial(folder: Any) -> Any:
    return slip_on_node(folder / "ttyS", lambda path: serial_opener(path, 38_400))


def slip_on_usb(folder: Any) -> Any:
    return slip_on_node(folder / "lp0", usb_opener, is_raw=True)


@contextmanager
def scanner_on_serial(folder: Any) -> Iterator[Bench[SerialScanner, PtyDevice]]:
    device = PtyDevice(folder / "ttyACM")

    def build() -> SerialScanner:
        return SerialScanner(serial_opener(str(device.link), 115_200), str(device.link))

    def show() -> None:
        with suppress(OSError):
            os.write(device.master, b"ANJ-0123456789\r\n")

    try:
        yield Bench(build(), device, build, device.unplug, device.plug, give=show)
    finally:
        device.unplug()


@contextmanager
def scanner_on_camera(folder: Any) -> Iterator[Bench[CameraScanner, Path]]:
    """A camera program that writes small grey frames into a named pipe while it is plugged in."""
    pipe = folder / "camera"
    os.mkfifo(pipe)
    over, is_in, speaks = threading.Event(), threading.Event(), threading.Event()
    numbers = itertools.count(1)
    frame = [b"P5 8 8 255\n" + bytes(64)]

    def show() -> None:
        rows = list(segno.make(f"TOKEN-{next(numbers)}", error="m", micro=False).matrix_iter(scale=4, border=4))
        pixels = b"".join(bytes(0 if dark else 255 for dark in row) for row in rows)
        frame[0] = b"P5 %d %d 255\n" % (len(rows[0]), len(rows)) + pixels

    is_in.set()
    speaks.set()

    def play() -> None:
        while not over.wait(0.005):
            if not is_in.is_set():
                continue
            with suppress(OSError):
                fd = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
                try:
                    while is_in.is_set() and not over.wait(0.005):
                        if speaks.is_set():
                            os.write(fd, frame[0])
                finally:
                    os.close(fd)

    thread = threading.Thread(target=play, daemon=True)
    thread.start()

    def build() -> CameraScanner:
        return CameraScanner(PipeFrames(pipe))

    try:
        yield Bench(build(), pipe, build, is_in.clear, is_in.set, speaks.clear, give=show)
    finally:
        over.set()
        thread.join(5)


BENCHES: dict[str, Callable[..., Any]] = {
    "card-reader-memory": card_reader_in_memory,
    "card-reader-socket": card_reader_on_socket,
    "document-printer-memory": printer_in_memory,
    "document-printer-socket": printer_on_socket,
    "queue-socket": queue_on_socket,
    "card-printer-socket": card_printer_on_socket,
    "slip-printer-memory": slip_in_memory,
    "slip-printer-socket": slip_on_socket,
    "slip-printer-serial": slip_on_serial,
    "slip-printer-usb": slip_on_usb,
    "scanner-serial": scanner_on_serial,
    "scanner-camera": scanner_on_camera,
    "keypad-node": keypad_on_node,
    "audio-jack": audio_on_jack,
    "power-nut": ups_bench(True),
    "power-apcupsd": ups_bench(False),
    "box-files": box_on_files,
    "face-memory": face_in_memory,
    "finger-memory": finger_in_memory,
    "face-socket": face_on_socket,
}
"""Every adapter with every front; those that need a folder are given one."""

NEEDS_FOLDER = {"queue-socket", "slip-printer-serial", "slip-printer-usb", "scanner-serial"} | {
    "scanner-camera",
    "keypad-node",
    "audio-jack",
    "box-files",
}


def open_bench(name: str, folder: Any, stack: ExitStack) -> Bench[Any, Any]:
    """The bench of that name; the stack takes it down."""
    make = BENCHES[name]
    return stack.enter_context(make(folder) if name in NEEDS_FOLDER else make())
