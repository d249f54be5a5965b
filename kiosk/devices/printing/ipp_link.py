"""HTTP under IPP: one exchange with one real deadline.

What only asks may use a connection that was kept, and is asked once more on a new one when the kept one turns out dead:
polling all day then costs no handshake. What moves paper always gets a new connection: a stale one would make "was it
sent?" unanswerable.
"""

import http.client
import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from urllib.parse import urlsplit

MAX_ANSWER_BYTES = 1 << 20
MAX_KEPT = 2

Body = bytes | Iterable[bytes]


class LinkError(Exception):
    """No usable answer. ``was_reached`` is False only when nothing can have arrived at the printer."""

    def __init__(self, detail: str, was_reached: bool) -> None:
        super().__init__(detail)
        self.detail = detail
        self.was_reached = was_reached


Post = Callable[[bytes, float], bytes]
"""Carry a request body to the printer within so many seconds and bring the answer's body. Raises LinkError."""


class _StaleError(Exception):
    """A kept connection was dead before a byte of an answer came."""


def _grip(sock: socket.socket) -> socket.socket:
    """A second handle on a connection, to end it by: the first is lost from sight in TLS and in the library, which lets
    go of its own as soon as a head says ``close`` and reads the body on."""
    return socket.socket(fileno=os.dup(sock.fileno()))


def _connected(host: str, port: int, end: float) -> socket.socket:
    """A connection to one of the host's addresses, all of them within one deadline. Raises OSError."""
    last: OSError = TimeoutError("no address answers in time")
    for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        left = end - time.monotonic()
        if left <= 0:
            break
        try:
            sock = socket.create_connection((str(address[0]), port), left)
        except OSError as error:
            last = error
            continue
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock
    raise last


class HttpLink:
    """POST to an ipp:// or ipps:// address. Thread-safe: no two exchanges share a connection at a time.

    Connections are kept only between ``open`` and ``close``. Raises ValueError on what is no printer address.
    """

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        scheme = {"ipp": "http", "ipps": "https"}.get(parts.scheme, parts.scheme)
        if scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"no printer address: {uri!r}")
        self._is_tls = scheme == "https"
        self._host, self._port = parts.hostname, parts.port or 631
        self._path = parts.path or "/ipp/print"
        self._context = ssl.create_default_context() if self._is_tls else None
        self._lock = threading.Lock()
        self._kept: list[http.client.HTTPConnection] = []
        self._is_open = False
        self.breaks = 0
        """How many kept connections the other side has ended: one that is polled without a rest does so by dying."""

    def open(self) -> None:
        """From now on connections are kept."""
        with self._lock:
            self._is_open = True

    def close(self) -> None:
        """Keep none any more, and close those that rest."""
        with self._lock:
            self._is_open = False
            kept, self._kept = self._kept, []
        for connection in kept:
            connection.close()

    def ask(self, body: bytes, deadline_s: float) -> bytes:
        """An exchange that may be repeated without harm. Raises LinkError."""
        end = time.monotonic() + deadline_s
        connection = self._take()
        if connection is not None:
            with suppress(_StaleError):
                return self._exchange(connection, body, end, is_kept=True)
        return self._exchange(self._new(deadline_s), body, end, is_kept=False, may_keep=True)

    def tell(self, body: Body, deadline_s: float) -> bytes:
        """An exchange that happens at most once; an iterable goes out piece by piece. Raises LinkError."""
        return self._exchange(self._new(deadline_s), body, time.monotonic() + deadline_s, is_kept=False)

    def _take(self) -> http.client.HTTPConnection | None:
        """A kept connection that the printer has not closed."""
        while True:
            with self._lock:
                if not self._kept:
                    return None
                connection = self._kept.pop()
            with suppress(OSError, ValueError):
                poller = select.poll()
                poller.register(connection.sock, select.POLLIN | select.POLLHUP | select.POLLERR)
                if not poller.poll(0):
                    return connection
            self.breaks += 1
            connection.close()

    def _new(self, timeout_s: float) -> http.client.HTTPConnection:
        if self._is_tls:
            return http.client.HTTPSConnection(self._host, self._port, timeout=timeout_s, context=self._context)
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout_s)

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        body: Body,
        end: float,
        *,
        is_kept: bool,
        may_keep: bool = False,
    ) -> bytes:
        """One request and its answer; afterwards the connection is kept or closed."""
        may_keep = may_keep or is_kept
        is_connected, has_answered, is_sound = is_kept, False, False
        has_expired = threading.Event()
        grips: list[socket.socket] = []

        def hang_up() -> None:
            has_expired.set()
            for grip in tuple(grips):
                with suppress(OSError):
                    grip.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(max(0.0, end - time.monotonic()), hang_up)
        timer.daemon = True
        timer.start()
        try:
            if not is_kept:
                connection.sock = _connected(self._host, self._port, end)
            sock = connection.sock
            grips.append(_grip(sock))
            sock.settimeout(max(0.001, end - time.monotonic()))
            if has_expired.is_set():
                raise TimeoutError
            if not is_kept:
                # Under the grip: a handshake may drip too.
                if self._context is not None:
                    connection.sock = self._context.wrap_socket(sock, server_hostname=self._host)
                is_connected = True
            headers = {"Content-Type": "application/ipp", "Connection": "keep-alive" if may_keep else "close"}
            if isinstance(body, bytes):
                connection.request("POST", self._path, body, headers)
            else:
                headers["Transfer-Encoding"] = "chunked"
                connection.request("POST", self._path, body, headers, encode_chunked=True)
            response = connection.getresponse()
            has_answered = True
            if response.status != 200:
                raise LinkError(f"HTTP {response.status}", True)
            answer = response.read(MAX_ANSWER_BYTES + 1)
            if len(answer) > MAX_ANSWER_BYTES:
                raise LinkError("answer too large", True)
            if has_expired.is_set() or time.monotonic() > end:
                raise LinkError("no answer in time", True)
            if response.length:
                raise LinkError("answer cut short", True)
            is_sound = may_keep and not response.will_close
            return bytes(answer)
        except (OSError, http.client.HTTPException, ValueError) as error:
            is_late = has_expired.is_set() or time.monotonic() > end or isinstance(error, TimeoutError)
            if is_kept and not has_answered and not is_late:
                self.breaks += 1
                raise _StaleError from error
            if not is_connected:
                raise LinkError("not reachable", False) from error
            word = "no answer in time" if is_late else f"link lost ({type(error).__name__})"
            raise LinkError(word, True) from error
        finally:
            timer.cancel()
            timer.join()
            self._put_back(connection, is_sound and not has_expired.is_set())
            for grip in grips:
                grip.close()

    def _put_back(self, connection: http.client.HTTPConnection, is_sound: bool) -> None:
        with self._lock:
            if is_sound and self._is_open and len(self._kept) < MAX_KEPT:
                self._kept.append(connection)
                return
        connection.close()
