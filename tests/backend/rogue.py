"""A server that says exactly what a test tells it to, and nothing an HTTP library would allow."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Self

Behaviour = Callable[[socket.socket], None]

WAIT_S = 20.0


class RogueServer:
    """Each connection gets the next behaviour, the last one for ever. ``connections`` counts them."""

    def __init__(self, *behaviours: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        self._behaviours = behaviours
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self.connections = 0
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="rogue", daemon=True)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        # A listener that another thread waits on is woken by a shutdown, not by a close.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError), one:
                    one.shutdown(socket.SHUT_RDWR)
        self._thread.join(WAIT_S)
        for thread in self._threads:
            thread.join(WAIT_S)

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            behaviour = self._behaviours[min(self.connections, len(self._behaviours) - 1)]
            self.connections += 1
            # A twin for the end: TLS takes the connection's own descriptor away.
            twin = connection.dup()
            with self._lock:
                self._open.append(twin)
            arguments = (connection, twin, behaviour)
            thread = threading.Thread(target=self._serve, args=arguments, name="rogue-one", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, twin: socket.socket, behaviour: Behaviour) -> None:
        connection.settimeout(WAIT_S)
        with twin, contextlib.suppress(OSError), connection:
            if self._tls is None:
                behaviour(connection)
                return
            with self._tls.wrap_socket(connection, server_side=True) as secured:
                behaviour(secured)


def read_request(connection: socket.socket) -> bytes:
    """Head and body of one request."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def answer(body: bytes, *, status: str = "200 OK", kind: str = "application/json", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


def says(reply: bytes) -> Behaviour:
    """Answers every request of the connection with these bytes."""

    def behave(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(reply)

    return behave


def says_and_hangs_up(reply: bytes) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(reply)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)

    return behave


def drips(reply: bytes, pause_s: float, server_closing: Callable[[], threading.Event]) -> Behaviour:
    """One byte every ``pause_s``."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        for place in range(len(reply)):
            connection.sendall(reply[place : place + 1])
            if server_closing().wait(pause_s):
                return

    return behave


def resets(connection: socket.socket) -> None:
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def says_nothing(connection: socket.socket) -> None:
    while connection.recv(65_536):
        pass


def hangs_up_at_once(connection: socket.socket) -> None:
    connection.close()
