"""Ways to a slip printer: TCP, and a character device (serial line, pty, usblp). Every wait ends at a deadline."""

import errno
import fcntl
import os
import select
import socket
import stat
import sys
import termios
import time
import tty
from contextlib import suppress
from typing import Protocol

from kiosk.devices.contract import Reason

CHUNK = 4096
STALE_READS = 16
EMPTY_PACKET_S = 0.02


class TransportError(Exception):
    """The line is broken, can't be opened, or does not take the bytes in time. ``reason`` where it is known."""

    def __init__(self, message: str, reason: Reason | None = None) -> None:
        super().__init__(message)
        self.reason = reason


_REASONS = {
    errno.EACCES: Reason.PORT_FORBIDDEN,
    errno.EPERM: Reason.PORT_FORBIDDEN,
    errno.EBUSY: Reason.PORT_BUSY,
}


def _not_opened(error: OSError) -> TransportError:
    return TransportError(error.strerror or "can't open", _REASONS.get(error.errno or 0))


class SlipTransport(Protocol):
    """An open line. Not thread-safe: the printer's lock guards it."""

    def write(self, data: bytes, deadline: float) -> None:
        """All of it before ``deadline`` (monotonic) or TransportError; some of it may have gone then."""
        ...

    def read(self, deadline: float) -> bytes:
        """What there is, at least one byte; empty at the deadline. Raises TransportError when the line ended."""
        ...

    def drain(self, deadline: float) -> None:
        """Wait until what was written has left, at most until ``deadline``; never raises."""
        ...

    def close(self) -> None: ...


class Opener(Protocol):
    """Opens a line; raises TransportError."""

    def __call__(self, deadline: float) -> SlipTransport: ...


class _Descriptor:
    """Non-blocking reads and writes on a file descriptor."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        os.set_blocking(fd, False)

    def write(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            if time.monotonic() > deadline:
                raise TransportError("takes its bytes too slowly")
            try:
                view = view[os.write(self._fd, view[:CHUNK]) :]
            except BlockingIOError:
                if not self._wait(deadline, select.POLLOUT):
                    raise TransportError("takes no more bytes") from None
            except OSError as error:
                raise TransportError(error.strerror or "write failed") from error

    def read(self, deadline: float) -> bytes:
        while True:
            if not self._wait(deadline, select.POLLIN):
                return b""
            try:
                data = os.read(self._fd, CHUNK)
            except BlockingIOError:
                continue
            except OSError as error:
                raise TransportError(error.strerror or "read failed") from error
            if data:
                return data
            self._nothing_read(deadline)
            if time.monotonic() >= deadline:
                return b""

    def _nothing_read(self, deadline: float) -> None:
        """A read that was ready and gave nothing."""
        raise TransportError("the line ended")

    def _wait(self, deadline: float, event: int) -> bool:
        """Whether it is ready. Raises TransportError on a line that is dead and has nothing more to give."""
        left = deadline - time.monotonic()
        poll = select.poll()
        poll.register(self._fd, event)
        ready = poll.poll(max(0.0, left) * 1000)
        if ready and not ready[0][1] & event:
            raise TransportError("line lost")
        return bool(ready)

    def drain(self, deadline: float) -> None:
        """The kernel goes on sending after the end; nothing to wait for."""

    def close(self) -> None:
        with suppress(OSError):
            os.close(self._fd)


class TcpTransport(_Descriptor):
    """A printer on port 9100 or the like."""

    def __init__(self, host: str, port: int, deadline: float) -> None:
        try:
            sock = socket.create_connection((host, port), max(0.01, deadline - time.monotonic()))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise TransportError(error.strerror or "no connection") from error
        super().__init__(sock.detach())

    def close(self) -> None:
        """Close at once, so that nothing unsent lingers for a later citizen."""
        with suppress(OSError), socket.socket(fileno=self._fd) as sock:
            sock.shutdown(socket.SHUT_RDWR)


class SerialTransport(_Descriptor):
    """A character device; a terminal is set to raw, 8 bits, no parity, and its speed."""

    def __init__(self, path: str, baud: int) -> None:
        try:
            fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise _not_opened(error) from error
        try:
            if os.isatty(fd):
                tty.setraw(fd, termios.TCSANOW)
                speed = getattr(termios, f"B{baud}", None)
                if speed is None:
                    raise TransportError(f"no such speed: {baud}")
                attributes = termios.tcgetattr(fd)
                attributes[2] |= termios.CLOCAL | termios.CREAD
                attributes[4] = attributes[5] = speed
                termios.tcsetattr(fd, termios.TCSANOW, attributes)
                termios.tcflush(fd, termios.TCIOFLUSH)
        except termios.error as error:
            os.close(fd)
            raise TransportError("not a serial line") from error
        except TransportError:
            os.close(fd)
            raise
        super().__init__(fd)

    def drain(self, deadline: float) -> None:
        """Until the last byte has left the line, or the deadline."""
        while self._unsent() and time.monotonic() < deadline:
            select.select([], [], [], 0.002)

    def close(self) -> None:
        """What has not been sent is dropped: closing a terminal would else wait up to 30 s for it."""
        if self._unsent():
            with suppress(OSError, termios.error):
                termios.tcflush(self._fd, termios.TCOFLUSH)
        super().close()

    def _unsent(self) -> int:
        """Bytes that wait in the kernel."""
        try:
            answer = fcntl.ioctl(self._fd, termios.TIOCOUTQ, b"\0\0\0\0")
        except OSError:
            return 0
        return int.from_bytes(answer, sys.byteorder)


class UsbTransport(_Descriptor):
    """A printer of the kernel's ``usblp`` driver. An empty read is an empty USB packet there, and not the end."""

    def __init__(self, path: str) -> None:
        try:
            fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise _not_opened(error) from error
        if not stat.S_ISCHR(os.fstat(fd).st_mode):
            os.close(fd)
            raise TransportError("not a printer's device")
        super().__init__(fd)
        # Answers to questions of an earlier life are no answers to ours.
        with suppress(OSError):
            for _ in range(STALE_READS):
                if not os.read(fd, CHUNK):
                    break

    def _nothing_read(self, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._fd, 0)
        if poll.poll(0):
            raise TransportError("line lost")
        select.select([], [], [], max(0.0, min(EMPTY_PACKET_S, deadline - time.monotonic())))


def tcp_opener(address: str) -> Opener:
    """For ``host:port``. Raises ValueError on anything else."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(f"no host:port: {address!r}")
    number = int(port)

    def open_tcp(deadline: float) -> SlipTransport:
        return TcpTransport(host.strip("[]"), number, deadline)

    return open_tcp


def serial_opener(path: str, baud: int) -> Opener:
    """For a character device."""

    def open_serial(deadline: float) -> SlipTransport:
        del deadline  # opening a device does not block
        return SerialTransport(path, baud)

    return open_serial


def usb_opener(path: str) -> Opener:
    """For ``/dev/usb/lp0`` and its like; better by a name of udev's that stays in whichever socket it is plugged."""

    def open_usb(deadline: float) -> SlipTransport:
        del deadline  # opening a device does not block
        return UsbTransport(path)

    return open_usb
