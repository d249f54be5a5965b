"""A network that hurts: it stands before the real office and spoils chosen calls, byte by byte.

Each connection carries one call (``Connection: close`` is put into every answer, but for the duplicate), so that what
was armed before a call is what that call meets, from the handshake on.
"""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Self

from tests.backend.rogue import read_request

WAIT_S = 20.0
DRIP_S = 1.0
RESET = b"\x01\x00\x00\x00\x00\x00\x00\x00"
"""SO_LINGER on, zero seconds: closing sends a reset."""


class Fault(StrEnum):
    NONE = "none"
    LATENCY = "latency"
    """The answer comes late, and still in time."""
    DUPLICATE = "duplicate"
    """The answer comes twice, on a connection that is used again."""
    BLACK_HOLE = "black-hole"
    """The request arrives nowhere, and nothing comes back."""
    LOST_ANSWER = "lost-answer"
    """The office did it; its answer never comes."""
    DRIP = "drip"
    RESET = "reset"
    RESET_AFTER = "reset-after"
    """The office did it; instead of its answer comes a reset."""
    HALF_CLOSE = "half-close"
    TRUNCATED_HEAD = "truncated-head"
    TRUNCATED_BODY = "truncated-body"
    GARBAGE = "garbage"
    HTML = "html"
    GATEWAY = "gateway"
    """A proxy's own 502 with a page of its own."""
    REFUSED = "refused"
    """Nobody listens: the connection is refused by a reset before a byte was read."""
    OTHER_CA = "other-ca"
    EXPIRED = "expired"
    WRONG_HOST = "wrong-host"
    OLD_TLS = "old-tls"
    """The peer speaks nothing newer than TLS 1.1."""
    NO_TLS = "no-tls"
    """Plain HTTP where TLS was agreed."""


TLS_FAULTS = (Fault.OTHER_CA, Fault.EXPIRED, Fault.WRONG_HOST, Fault.OLD_TLS, Fault.NO_TLS)
_CLOSE = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)
HTML_PAGE = b"<html><body><h1>Log in to the network</h1></body></html>"


class FaultProxy:
    """Listens on loopback and hands calls on to ``office_port``.

    ``arm`` sets what every call meets from now on; ``only`` narrows it to calls whose request line it accepts.
    ``seen`` counts calls that came in, ``passed`` those that the office answered.
    """

    def __init__(self, office_port: int, tls: dict[Fault, ssl.SSLContext] | None = None) -> None:
        self._office_port = office_port
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="fault-proxy", daemon=True)
        self._fault = Fault.NONE
        self._only: Callable[[str], bool] = lambda line: True
        self.seen: list[str] = []
        self.passed: list[str] = []
        self.hits = 0
        """Calls that met the fault."""
        self.latency_s = 0.1
        self.port = int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def arm(self, fault: Fault, only: Callable[[str], bool] = lambda line: True) -> None:
        with self._lock:
            self._fault, self._only, self.hits = fault, only, 0

    def heal(self) -> None:
        """No fault any more; connections that still hang are cut."""
        with self._lock:
            self._fault = Fault.NONE
            hanging = list(self._open)
        for one in hanging:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.heal()
        self._thread.join(WAIT_S)
        for thread in self._threads:
            thread.join(WAIT_S)

    # --- inside

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._threads = [one for one in self._threads if one.is_alive()]
            thread = threading.Thread(target=self._serve, args=(connection,), name="fault-proxy-call", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(WAIT_S)
        # A twin: TLS takes the connection's own descriptor away.
        twin = connection.dup()
        with self._lock:
            self._open.add(twin)
            fault = self._fault
        try:
            with contextlib.suppress(OSError, ValueError):
                if fault is Fault.REFUSED:
                    self._hit()
                    _reset(connection)
                    return
                if fault is Fault.NO_TLS:
                    self._hit()
                    connection.recv(65_536)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    return
                if self._tls is not None:
                    context = self._tls.get(fault, self._tls[Fault.NONE])
                    if fault in TLS_FAULTS:
                        self._hit()
                    connection = context.wrap_socket(connection, server_side=True)
                while self._call(connection):
                    pass
        finally:
            with self._lock:
                self._open.discard(twin)
            twin.close()
            with contextlib.suppress(OSError):
                connection.close()

    def _call(self, connection: socket.socket) -> bool:
        """One call; True when the connection may carry another."""
        request = read_request(connection)
        line = request.partition(b"\r\n")[0].decode("latin-1")
        if not line:
            return False
        with self._lock:
            fault = self._fault if self._only(line) else Fault.NONE
        self.seen.append(line)
        if fault is not Fault.NONE:
            self._hit()
        return _SPOIL[fault](self, connection, request, line)

    def _hit(self) -> None:
        with self._lock:
            self.hits += 1

    def _ask(self, request: bytes, line: str, *, keeps: bool = False) -> bytes:
        """What the office answers, whole; empty when it does not."""
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [one for one in head.split(b"\r\n") if not one.lower().startswith(b"connection:")]
        with socket.create_connection(("127.0.0.1", self._office_port), timeout=WAIT_S) as office:
            office.sendall(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body)
            answer = b""
            while piece := office.recv(65_536):
                answer += piece
        self.passed.append(line)
        if keeps:
            head, _, body = answer.partition(b"\r\n\r\n")
            answer = _CLOSE.sub(b"", head) + b"\r\n\r\n" + body
        return answer

    def _pause(self, seconds: float) -> None:
        self._closing.wait(seconds)


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    if isinstance(connection, ssl.SSLSocket):
        connection = socket.socket(fileno=connection.detach())
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.close()


def _hang(connection: socket.socket) -> None:
    """Until the other side gives up, or the network is healed."""
    while connection.recv(65_536):
        pass


Spoil = Callable[[FaultProxy, socket.socket, bytes, str], bool]


def _pass(proxy: FaultProxy, connection: socket.socket, request: bytes, line: str) -> bool:
    connection.sendall(proxy._ask(request, line))
    return False


def _late(proxy: FaultProxy, connection: socket.socket, request: bytes, line: str) -> bool:
    proxy._pause(proxy.latency_s)
    return _pass(proxy, connection, request, line)


def _twice(proxy: FaultProxy, connection: socket.socket, request: bytes, line: str) -> bool:
    """The second copy waits on the wire until the next call is asked, where it would be taken for its answer."""
    answer = proxy._ask(request, line, keeps=True)
    connection.sendall(answer)
    read_request(connection)
    connection.sendall(answer)
    return False


def _black_hole(proxy: FaultProxy, connection: socket.socket, request: bytes, line: str) -> bool:
    _hang(connection)
    return False


def _lost_answer(proxy: FaultProxy, connection: socket.socket, request: bytes, line: str) -> bool:
    proxy._ask(request, line)
    _hang(connection)
    return False


def _drip(proxy: FaultProxy, connection: socket.socket, request: bytes, line: str) -> bool:
    answer = proxy._ask(request, line)
    for place in range(len(answer)):
        connection.sendall(answer[place : place + 1])
        proxy._pause(DRIP_S)
        if proxy._closing.is_set() or proxy._fault is not Fault.DRIP:
            break
    return False


def _cut(proxy: FaultProxy, connection: socket.socket, request: bytes, line: str) -> bool:
    _reset(connection)
    return False


def _cut_after(proxy: FaultProxy, connection: socket.socket, request: bytes, line: str) -> bool:
    proxy._ask(request, line)
    _reset(connection)
    return False


def _half_close(proxy: FaultProxy, connection: socket.socket, request: bytes, line: str) -> bool:
    connection.shutdown(socket.SHUT_WR)
    _hang(connection)
    return False


def _truncated(at_head: bool) -> Spoil:
    def spoil(proxy: FaultProxy, connection: socket.socket, request: bytes, line: str) -> bool:
        answer = proxy._ask(request, line)
        head, _, body = answer.partition(b"\r\n\r\n")
        connection.sendall(head[: len(head) // 2] if at_head else head + b"\r\n\r\n" + body[: len(body) // 2])
        return False

    return spoil


def _says(status: bytes, kind: bytes, body: bytes) -> Spoil:
    def spoil(proxy: FaultProxy, connection: socket.socket, request: bytes, line: str) -> bool:
        head = b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        connection.sendall(head % (status, kind, len(body)) + body)
        return False

    return spoil


_SPOIL: dict[Fault, Spoil] = {
    Fault.NONE: _pass,
    Fault.LATENCY: _late,
    Fault.DUPLICATE: _twice,
    Fault.BLACK_HOLE: _black_hole,
    Fault.LOST_ANSWER: _lost_answer,
    Fault.DRIP: _drip,
    Fault.RESET: _cut,
    Fault.RESET_AFTER: _cut_after,
    Fault.HALF_CLOSE: _half_close,
    Fault.TRUNCATED_HEAD: _truncated(at_head=True),
    Fault.TRUNCATED_BODY: _truncated(at_head=False),
    Fault.GARBAGE: _says(b"200 OK", b"application/json", bytes(range(256))),
    Fault.HTML: _says(b"200 OK", b"text/html", HTML_PAGE),
    Fault.GATEWAY: _says(b"502 Bad Gateway", b"text/html", HTML_PAGE),
    **dict.fromkeys(TLS_FAULTS, _pass),
    Fault.REFUSED: _cut,
}
