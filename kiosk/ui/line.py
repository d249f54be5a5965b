"""The face's end of the socket: connects, retries, cuts frames, never blocks the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, QTimer

from kiosk.protocol import FrameReader, Model, ProtocolError, ToFace, decode_to_face, encode

if TYPE_CHECKING:
    import socket

RETRY_MS = 50
_CHUNK = 256 * 1024
_MAX_WAITING = 4 * 1024 * 1024


class Line(QObject):
    """One connection to the core at a time. All calls and callbacks happen in the GUI thread.

    ``opened`` is called after each connect, ``received`` for each valid message, ``closed`` once when the peer has
    gone, sent what does not fit, or reads so slowly that more than 4 MiB wait.
    """

    def __init__(
        self,
        path: Path,
        opened: Callable[[], None],
        received: Callable[[ToFace], None],
        closed: Callable[[], None],
    ) -> None:
        super().__init__()
        self._path = str(path)
        self._opened = opened
        self._received = received
        self._closed = closed
        self._socket: socket.socket | None = None
        self._reader = FrameReader()
        self._waiting = bytearray()
        self._incoming: QSocketNotifier | None = None
        self._outgoing: QSocketNotifier | None = None
        self._retry = QTimer(self)
        self._retry.setInterval(RETRY_MS)
        self._retry.timeout.connect(self._connect)

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    def start(self) -> None:
        """Connect now, and again every 50 ms until a core listens."""
        self._connect()

    def adopt(self, connected: socket.socket) -> None:
        """Use a socket that is connected already (tests, socket activation)."""
        self._retry.stop()
        connected.setblocking(False)
        self._socket = connected
        self._reader = FrameReader()
        self._waiting.clear()
        self._incoming = QSocketNotifier(connected.fileno(), QSocketNotifier.Type.Read, self)
        self._incoming.activated.connect(self._read)
        self._outgoing = QSocketNotifier(connected.fileno(), QSocketNotifier.Type.Write, self)
        self._outgoing.setEnabled(False)
        self._outgoing.activated.connect(self._write)
        self._opened()

    def send(self, message: Model) -> None:
        """Queue a message; dropped when no core is connected, since a new core knows nothing of the old pages."""
        if self._socket is None:
            return
        self._waiting += encode(message)
        if len(self._waiting) > _MAX_WAITING:
            self._drop()
            return
        self._write()

    def stop(self) -> None:
        """Close without reconnecting and without a callback."""
        self._retry.stop()
        self._close()

    def _connect(self) -> None:
        import socket  # 5 ms that the first frame does not wait for

        attempt = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        attempt.setblocking(False)
        try:
            attempt.connect(self._path)
        except OSError:
            attempt.close()
            self._retry.start()
            return
        self.adopt(attempt)

    def _read(self) -> None:
        if self._socket is None:
            return
        try:
            data = self._socket.recv(_CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self._drop()
            return
        current = self._socket
        try:
            for body in self._reader.feed(data):
                self._received(decode_to_face(body))
                if self._socket is not current:
                    return
        except ProtocolError:
            self._drop()

    def _write(self) -> None:
        if self._socket is None or self._outgoing is None:
            return
        try:
            while self._waiting:
                sent = self._socket.send(self._waiting)
                del self._waiting[:sent]
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            # The read side reports the end; dropping here could re-enter the caller.
            self._waiting.clear()
        self._outgoing.setEnabled(bool(self._waiting))

    def drop(self) -> None:
        """End this connection, tell, and try again: the peer speaks another version."""
        self._drop()

    def _drop(self) -> None:
        self._close()
        self._closed()
        self._retry.start()

    def _close(self) -> None:
        for notifier in (self._incoming, self._outgoing):
            if notifier is not None:
                notifier.setEnabled(False)
                notifier.deleteLater()
        self._incoming = self._outgoing = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._waiting.clear()
