"""One total deadline for a call over ``requests``, from the look-up of the name to the last byte of the body.

The time-outs of requests and urllib3 count per socket operation, so a server that drips holds a page for minutes.
Here the sockets of a call are known to its ``Deadline``; when time is up they are shut down, and whatever was waiting
on them ends. The shut-down goes through duplicates of their descriptors that the deadline owns: shutting an
``SSLSocket`` down from another thread breaks the object that the first thread is using, and urllib3 lets go of a
connection whose answer has no length while its body is still being read.
"""

import contextlib
import os
import queue
import socket
import threading
import time
from types import TracebackType
from typing import Any, Self

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.poolmanager import PoolManager

_current = threading.local()


class Deadline:
    """A context in which every connection made or used by this thread ends after ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._twins: list[socket.socket] = []
        self._is_over = False
        self.is_expired = False

    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._ends_at - time.monotonic())

    def watch(self, connected: socket.socket) -> None:
        """Shut this connection down when time is up; at once when it is up already."""
        twin = socket.socket(fileno=os.dup(connected.fileno()))
        with self._lock:
            self._twins.append(twin)
            if self.is_expired:
                _shut(twin)

    def __enter__(self) -> Self:
        _current.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._is_over = True
            twins, self._twins = self._twins, []
        for twin in twins:
            twin.close()
        _current.deadline = None

    def _expire(self) -> None:
        with self._lock:
            if self._is_over:
                return
            self.is_expired = True
            # Inside the lock: afterwards the call closes them, and the numbers may be other people's sockets.
            for twin in self._twins:
                _shut(twin)


class DeadlineAdapter(HTTPAdapter):
    """Mount it on a session; calls outside a ``Deadline`` are refused, so that none is forgotten."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def _deadline() -> Deadline:
    deadline: Deadline | None = getattr(_current, "deadline", None)
    if deadline is None:
        raise RuntimeError("a call to the office needs a deadline")
    return deadline


def _shut(twin: socket.socket) -> None:
    with contextlib.suppress(OSError):
        twin.shutdown(socket.SHUT_RDWR)


class _Watched(HTTPConnection):
    """A connection whose socket the call's deadline can shut down."""

    def _new_conn(self) -> socket.socket:
        deadline = _deadline()
        made = self._connect(deadline)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        deadline.watch(made)
        return made

    def request(self, *arguments: Any, **named: Any) -> None:
        if self.sock is not None:
            _deadline().watch(self.sock)
        super().request(*arguments, **named)

    def _connect(self, deadline: Deadline) -> socket.socket:
        problem: OSError | None = None
        for address in _addresses(self, deadline):
            left = deadline.remaining()
            if left <= 0:
                raise ConnectTimeoutError(self, "the deadline passed while connecting")
            try:
                return socket.create_connection(address, timeout=left)
            except TimeoutError:
                raise ConnectTimeoutError(self, "the deadline passed while connecting") from None
            except OSError as error:
                problem = error
        raise NewConnectionError(self, str(problem))


class _WatchedTls(_Watched, HTTPSConnection):
    """The same below TLS: the twin exists before the handshake, which can drip as well."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


def _addresses(connection: _Watched, deadline: Deadline) -> list[tuple[Any, ...]]:
    """Look the name up on a side thread, since a resolver obeys no time-out."""
    host, port = connection.host, connection.port
    answers: queue.Queue[list[tuple[Any, ...]] | OSError] = queue.Queue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([entry[4][:2] for entry in found])
        except OSError as error:
            answers.put(error)

    if _is_numeric(host):
        return [(host, port)]
    threading.Thread(target=ask, name="office-name", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.remaining())
    except queue.Empty:
        raise ConnectTimeoutError(connection, "the deadline passed while looking the name up") from None
    if isinstance(answer, socket.gaierror):
        raise NameResolutionError(host, connection, answer)
    if isinstance(answer, OSError):
        raise NewConnectionError(connection, str(answer))
    return answer


def _is_numeric(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        with contextlib.suppress(OSError):
            socket.inet_pton(family, host)
            return True
    return False
