"""The double of the slip printer: paper, cover, a buffer that is worked off in order, and the real-time questions."""

import select
import socket
import socketserver
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from kiosk.devices.slip.commands import command_length, is_cut
from kiosk.devices.slip.decoder import DecodedSlip, decode
from kiosk.devices.slip.transport import Opener, SlipTransport, TransportError


class SlipTrouble(StrEnum):
    """What can be wrong."""

    PAPER_OUT = "paper-out"
    PAPER_LOW = "paper-low"
    COVER_OPEN = "cover-open"
    CUTTER = "cutter-fault"
    OVERHEATED = "overheated"


_STOPS = {SlipTrouble.PAPER_OUT, SlipTrouble.COVER_OPEN, SlipTrouble.CUTTER, SlipTrouble.OVERHEATED}
_MAX_BUFFER = 8 << 20


class SlipDouble:
    """One thermal printer. Thread-safe. ``is_on``, ``is_silent``, ``is_deaf`` are obeyed by its fronts."""

    def __init__(
        self, width_dots: int = 576, dots_per_s: float = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.width_dots = width_dots
        self.dots_per_s = dots_per_s
        self.clock = clock
        self.is_on = True
        self.is_silent = False
        self.is_deaf = False
        self.answers_in_line = True
        self.on_power: Callable[[], None] = lambda: None
        self.on_exchange: Callable[[], None] = lambda: None
        """Called before each piece of what comes in is taken: where tests pull, stall or count."""
        self.slips: list[DecodedSlip] = []
        self.received = bytearray()
        self.rasters_taken = 0
        self._troubles: dict[SlipTrouble, int] = {}
        self._lock = threading.RLock()

    def fault(self, trouble: SlipTrouble, at_slip: int = 0) -> None:
        """Bring trouble now, or in the middle of the ``at_slip``-th slip from now (1 is the next)."""
        with self._lock:
            self._troubles[trouble] = at_slip

    def clear(self) -> None:
        """Put everything right."""
        with self._lock:
            self._troubles.clear()
            self.is_silent = self.is_deaf = False

    def switch(self, is_on: bool) -> None:
        """Power; what was in the buffer is gone."""
        self.is_on = is_on
        self.on_power()

    def troubles(self) -> list[str]:
        """What is wrong now."""
        with self._lock:
            return [trouble.value for trouble, at in self._troubles.items() if at == 0]

    def is_stopped(self) -> bool:
        """Whether paper can't move."""
        with self._lock:
            return any(at == 0 and trouble in _STOPS for trouble, at in self._troubles.items())

    def status_byte(self, number: int) -> int:
        """The answer to DLE EOT 1 to 4."""
        with self._lock:
            now = {trouble for trouble, at in self._troubles.items() if at == 0}
        is_out, is_open = SlipTrouble.PAPER_OUT in now, SlipTrouble.COVER_OPEN in now
        is_cutter, is_hot = SlipTrouble.CUTTER in now, SlipTrouble.OVERHEATED in now
        answer = 0x12
        if number == 1:
            answer |= 0x08 * bool(now & _STOPS)
        elif number == 2:
            answer |= 0x04 * is_open | 0x20 * is_out | 0x40 * (is_cutter or is_hot)
        elif number == 3:
            answer |= 0x08 * is_cutter | 0x40 * is_hot
        elif number == 4:
            answer |= 0x0C * (is_out or SlipTrouble.PAPER_LOW in now) | 0x60 * is_out
        return answer

    def paper_byte(self) -> int:
        """The answer to GS r 1."""
        with self._lock:
            now = {trouble for trouble, at in self._troubles.items() if at == 0}
        is_out = SlipTrouble.PAPER_OUT in now
        return 0x03 * (is_out or SlipTrouble.PAPER_LOW in now) | 0x0C * is_out

    def take_slip(self, data: bytes) -> bool:
        """A slip up to its cut. False when paper stopped in its middle."""
        with self._lock:
            for trouble, at in list(self._troubles.items()):
                if at == 1:
                    self._troubles[trouble] = 0
                elif at > 1:
                    self._troubles[trouble] = at - 1
            if self.is_stopped():
                return False
            self.slips.extend(slip for slip in decode(data, self.width_dots) if slip.has_cut)
            self.received += data
            return True

    def save(self, folder: Path) -> list[Path]:
        """Write the slips as PNG files; returns their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        with self._lock:
            slips = list(self.slips)
        for number, slip in enumerate(slips, 1):
            path = folder / f"slip-{number:02d}.png"
            slip.image.save(path)
            paths.append(path)
        return paths


class SlipLine:
    """One open line to the double: real-time questions overtake, everything else is worked off in order."""

    def __init__(self, double: SlipDouble) -> None:
        self.double = double
        self._incoming = bytearray()
        self._queue: deque[bytes] = deque()
        self._slip = bytearray()
        self._ready_at: float | None = None
        self._sends_unasked = False

    def feed(self, data: bytes) -> bytes:
        """Take bytes as they come; returns the real-time answers. A silent printer swallows them."""
        self.double.on_exchange()
        if self.double.is_silent:
            return b""
        self._incoming += data
        out = bytearray()
        at = 0
        while at < len(self._incoming):
            length = command_length(self._incoming, at)
            if length is None:
                break
            command = bytes(self._incoming[at : at + length])
            at += length
            if command[:2] == b"\x10\x04":
                if 1 <= command[2] <= 4:
                    out.append(self.double.status_byte(command[2]))
            elif command[:3] in (b"\x10\x05\x02", b"\x10\x14\x08"):
                self._queue.clear()
                self._slip.clear()
            else:
                self._queue.append(command)
                self.double.rasters_taken += command[:2] == b"\x1dv"
        del self._incoming[:at]
        if len(self._incoming) > _MAX_BUFFER:
            self._incoming.clear()
        return bytes(out)

    def work(self) -> bytes:
        """Work off what is due and return the answers in line."""
        out = bytearray()
        while self._queue and not self.double.is_silent and not self.double.is_stopped():
            command = self._queue[0]
            if is_cut(command):
                if not self._is_paper_out():
                    break
                if not self.double.take_slip(bytes(self._slip) + command):
                    break
                self._slip.clear()
                self._ready_at = None
            elif command[:2] == b"\x1dr":
                out.append(self.double.paper_byte()) if self.double.answers_in_line else None
            elif command[:2] == b"\x1da":
                self._sends_unasked = command[2] != 0
                if self._sends_unasked:
                    out += self.unasked()
            elif command[:2] == b"\x1dI":
                out += b"\x5fAnjungan\x00" if command[2] >= 65 else b"\x02"
            else:
                self._slip += command
            self._queue.popleft()
        return bytes(out)

    def unasked(self) -> bytes:
        """The four bytes of Automatic Status Back."""
        double = self.double
        stops, offline, error, paper = (double.status_byte(number) for number in (1, 2, 3, 4))
        first = 0x10 | (stops & 0x08) | (offline & 0x04) << 3
        return bytes((first, error & 0x68, (paper & 0x0C) >> 2 | (paper & 0x60) >> 3, 0))

    @property
    def sends_unasked(self) -> bool:
        """Whether the host asked for Automatic Status Back."""
        return self._sends_unasked

    @property
    def is_busy(self) -> bool:
        """Whether something waits to be worked off."""
        return bool(self._queue)

    def _is_paper_out(self) -> bool:
        """Whether the paper of this slip has had its time."""
        if self.double.dots_per_s <= 0:
            return True
        now = self.double.clock()
        if self._ready_at is None:
            rows = sum(slip.image.height for slip in decode(bytes(self._slip), self.double.width_dots))
            self._ready_at = now + rows / self.double.dots_per_s
        return now >= self._ready_at


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
                if line.sends_unasked and not server.double.is_silent and (now := line.unasked()) != told:
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
