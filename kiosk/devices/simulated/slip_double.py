"""The double of the slip printer behind its fronts: a line, a TCP port, and a transport in memory."""

import select
import socket
import socketserver
import threading
import time
from contextlib import suppress
from typing import Any

from kiosk.devices.simulated.slip_machine import SlipDouble, SlipTrouble
from kiosk.devices.slip.transport import Opener, SlipTransport, TransportError

__all__ = ["MemoryTransport", "SlipDouble", "SlipLine", "SlipServer", "SlipTrouble", "memory_opener"]


class SlipLine:
    """One open line to the double: what comes in, and the answers that go back on this line."""

    def __init__(self, double: SlipDouble) -> None:
        self.double = double
        self._answers = bytearray()

    def feed(self, data: bytes) -> bytes:
        """Take bytes as they come; returns the answers so far. A silent printer swallows them."""
        self.double.on_exchange()
        if not self.double.is_silent:
            self.double.take(data, self._answers)
        return self._taken()

    def work(self) -> bytes:
        """Work off what is due and return the answers in line."""
        self.double.work()
        return self._taken()

    @property
    def is_busy(self) -> bool:
        """Whether something waits to be worked off."""
        return self.double.is_busy

    def _taken(self) -> bytes:
        with self.double.lock:
            answers = bytes(self._answers)
            self._answers.clear()
            return answers


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], double: SlipDouble) -> None:
        self.double = double
        self.is_closing = threading.Event()
        self.connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        """One line until its client or the printer goes."""
        sock, server = self.request, self.server
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.connections.add(sock)
        line = SlipLine(server.double)
        told = b""
        try:
            while not server.is_closing.is_set():
                if server.double.is_deaf:
                    server.is_closing.wait(0.02)
                    continue
                readable, _, _ = select.select([sock], [], [], 0.01 if line.is_busy else 0.1)
                answers = b""
                if readable:
                    data = sock.recv(65_536)
                    if not data:
                        return
                    answers = line.feed(data)
                answers += line.work()
                double = server.double
                if double.sends_unasked and not double.is_silent and (now := double.unasked()) != told:
                    answers += now if told else b""
                    told = now
                if answers:
                    sock.sendall(answers)
        except OSError:
            return
        finally:
            server.connections.discard(sock)


class SlipServer:
    """The double behind a TCP port; follows its power switch."""

    def __init__(self, double: SlipDouble, host: str = "127.0.0.1", port: int = 0) -> None:
        self.double = double
        self._bound = (host, port)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.RLock()
        double.on_power = self.follow_power
        self._open()
        self.address = f"{host}:{self._bound[1]}"

    def follow_power(self) -> None:
        """Open or close the socket as the double's switch says."""
        with self._lock:
            if self.double.is_on:
                self._open()
            else:
                self._shut()

    def close(self) -> None:
        """Give the port back."""
        with self._lock:
            self._shut()

    def _open(self) -> None:
        if self._server is not None:
            return
        self._server = _Server(self._bound, self.double)
        self._bound = (self._bound[0], self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="slip-printer front", daemon=True
        )
        self._thread.start()

    def _shut(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        server.is_closing.set()
        for connection in tuple(server.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        server.shutdown()
        server.server_close()
        if self._thread is not None:
            self._thread.join(5)


class MemoryTransport:
    """The front in memory: a ``SlipTransport`` without a socket."""

    def __init__(self, double: SlipDouble) -> None:
        self._line = SlipLine(double)
        self._double = double
        self._answers = bytearray()

    def write(self, data: bytes, deadline: float) -> None:
        """Into the double."""
        if not self._double.is_on:
            raise TransportError("line lost")
        if self._double.is_deaf:
            raise TransportError("takes no more bytes")
        del deadline
        self._answers += self._line.feed(data)
        self._answers += self._line.work()

    def read(self, deadline: float) -> bytes:
        """What the double answered; waits until the deadline for it."""
        while True:
            if not self._double.is_on:
                raise TransportError("line lost")
            self._answers += self._line.work()
            if self._answers:
                answers = bytes(self._answers)
                self._answers.clear()
                return answers
            left = deadline - time.monotonic()
            if left <= 0:
                return b""
            threading.Event().wait(min(0.01, left))

    def drain(self, deadline: float) -> None:
        """Nothing is on its way."""

    def close(self) -> None:
        """Nothing to give back."""


def memory_opener(double: SlipDouble) -> Opener:
    """Opens lines to the double in memory."""

    def open_memory(deadline: float) -> SlipTransport:
        del deadline
        if not double.is_on:
            raise TransportError("no connection")
        return MemoryTransport(double)

    return open_memory
