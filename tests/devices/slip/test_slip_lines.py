"""The ways to a slip printer as the kernel gives them: nodes that vanish, fill up, are empty, busy or forbidden."""

import errno
import os
import time
import tty
from pathlib import Path

import pytest

from kiosk.devices.contract import Band, Reason, SlipEnd
from kiosk.devices.slip.encoder import warm_up
from kiosk.devices.slip.printer import EscPosPrinter
from kiosk.devices.slip.transport import TransportError, UsbTransport, serial_opener, tcp_opener, usb_opener
from tests.devices.benches import PtyDevice
from tests.devices.papers import noise_slip


@pytest.fixture
def node(tmp_path: Path) -> PtyDevice:
    device = PtyDevice(tmp_path / "lp0")
    tty.setraw(device.master)
    return device


def test_a_node_that_takes_no_more_bytes(node: PtyDevice) -> None:
    """Nobody reads: the kernel's buffer fills (EAGAIN), and the deadline is kept."""
    line = UsbTransport(str(node.link))
    began = time.monotonic()
    with pytest.raises(TransportError, match=r"takes no more bytes|too slowly"):
        line.write(bytes(1 << 20), time.monotonic() + 0.2)
    assert time.monotonic() - began < 5
    line.close()
    node.unplug()


def test_a_node_that_takes_bytes_too_slowly(node: PtyDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte a write is progress for ever; the deadline holds all the same."""
    line = UsbTransport(str(node.link))
    monkeypatch.setattr(os, "write", lambda fd, data: 1)
    began = time.monotonic()
    with pytest.raises(TransportError, match="too slowly"):
        line.write(bytes(1 << 30), time.monotonic() + 0.05)
    assert time.monotonic() - began < 5
    line.close()
    node.unplug()


def test_a_node_that_vanishes(node: PtyDevice) -> None:
    line = UsbTransport(str(node.link))
    node.unplug()
    with pytest.raises(TransportError):
        line.read(time.monotonic() + 2)
    with pytest.raises(TransportError):
        line.write(b"\x10\x04\x01", time.monotonic() + 2)
    line.close()
    with pytest.raises(TransportError):
        UsbTransport(str(node.link))


def test_what_was_said_to_somebody_else_is_not_read(node: PtyDevice) -> None:
    os.write(node.master, b"\x12\x12\x12\x12")
    line = UsbTransport(str(node.link))
    assert line.read(time.monotonic() + 0.05) == b""
    os.write(node.master, b"\x16")
    assert line.read(time.monotonic() + 2) == b"\x16"
    line.close()
    node.unplug()


def test_empty_reads_are_silence_and_no_busy_loop() -> None:
    """``/dev/null`` is always ready and never has anything, as a printer that sends empty packets."""
    printer = EscPosPrinter(usb_opener("/dev/null"), "null")
    slip = noise_slip(8)
    warm_up()
    began, spent = time.monotonic(), time.thread_time()
    outcome = printer.print_slip(slip, 0.5)
    assert (outcome.end, outcome.reason) == (SlipEnd.FAILED, Reason.SILENT)
    assert 0.3 < time.monotonic() - began < 5
    assert time.thread_time() - spent < 0.25
    assert printer.status().band is Band.UNKNOWN


def test_what_is_no_device_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "lp0"
    file.write_bytes(b"\x12" * 100)
    with pytest.raises(TransportError, match="not a printer"):
        UsbTransport(str(file))
    with pytest.raises(TransportError):
        UsbTransport(str(tmp_path / "lp1"))


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.EACCES, Reason.PORT_FORBIDDEN), (errno.EBUSY, Reason.PORT_BUSY), (errno.ENODEV, Reason.AWAY)],
)
@pytest.mark.parametrize("make", [usb_opener, lambda path: serial_opener(path, 38_400)])
def test_why_a_port_can_t_be_opened(number: int, reason: Reason, make: type, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> int:
        raise OSError(number, os.strerror(number))

    printer = EscPosPrinter(make("/dev/usb/lp9"), "lp9")
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        outcome = printer.print_slip(noise_slip(8), 0.2)
    assert (outcome.end, outcome.reason) == (SlipEnd.FAILED, reason)
    assert printer.status().reasons == (reason,)


def test_a_host_that_refuses_is_away() -> None:
    printer = EscPosPrinter(tcp_opener("127.0.0.1:1"), "nobody")
    outcome = printer.print_slip(noise_slip(8), 1)
    assert (outcome.end, outcome.reason) == (SlipEnd.FAILED, Reason.AWAY)
