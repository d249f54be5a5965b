"""The core's end of the wall: a Unix socket on which one face, and for demo and tests a robot, connect.

Its mode is 0600, or 0660 where the face runs as another user of the same group (the units of ``systemd/``).

Reading and writing have a thread each per connection, so that a face that hangs can't hold the core: its frames are
dropped with its connection once more than a handful wait.
"""

import contextlib
import os
import queue
import socket
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

from kiosk import protocol
from kiosk.events import LogEvent, log

_PEERCRED = struct.Struct("3i")
_WAITING_FRAMES = 256


class Connection:
    """One peer. ``send`` may be called from any thread and never blocks."""

    def __init__(self, sock: socket.socket, on_closed: Callable[["Connection"], None]) -> None:
        self.role = ""
        self._sock = sock
        self._on_closed = on_closed
        self._frames: queue.Queue[bytes | None] = queue.Queue(_WAITING_FRAMES)
        self._is_closed = False
        threading.Thread(target=self._write, name="link-write", daemon=True).start()

    def send(self, message: protocol.Model) -> None:
        """Queue a message; a peer that takes nothing is cut off."""
        if self._is_closed:
            return
        try:
            self._frames.put_nowait(protocol.encode(message))
        except queue.Full:
            self.close()

    def close(self) -> None:
        """Cut the connection; waiting frames are dropped."""
        self._is_closed = True
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(queue.Full):
            self._frames.put_nowait(None)

    def flush(self) -> None:
        """Let what is queued go out, then cut."""
        with contextlib.suppress(queue.Full):
            self._frames.put_nowait(None)

    def read(self, on_body: Callable[["Connection", bytes], None]) -> None:
        """Read frames until the peer goes or breaks the protocol; runs on the connection's own thread."""
        frames = protocol.FrameReader()
        try:
            while data := self._sock.recv(65_536):
                for body in frames.feed(data):
                    on_body(self, body)
        except (OSError, protocol.ProtocolError):
            pass
        finally:
            self.close()
            self._sock.close()
            self._on_closed(self)

    def _write(self) -> None:
        while (frame := self._frames.get()) is not None:
            try:
                self._sock.sendall(frame)
            except OSError:
                break
        self.close()


class Link:
    """Listens, checks who comes, and hands decoded messages to the core through ``post``.

    ``on_message(message)`` gets what the face sends; ``on_face()`` is called when a face has said Hello and
    ``on_face_lost()`` when it went. A second face takes the place of the first. The robot's Drive frames go to
    ``on_drive(connection, drive)``. All are called on the loop.
    """

    def __init__(
        self,
        path: Path,
        post: Callable[[Callable[[], None]], None],
        *,
        is_robot_allowed: bool,
        is_shared_with_group: bool = False,
    ) -> None:
        self.path = path
        self.is_robot_allowed = is_robot_allowed
        self.face_seen = threading.Event()
        """Set by the first face: its first page is on the screen then."""
        self.on_message: Callable[[protocol.FromFace], None] = lambda message: None
        self.on_face: Callable[[], None] = lambda: None
        self.on_face_lost: Callable[[], None] = lambda: None
        self.on_drive: Callable[[Connection, protocol.Drive], None] = lambda connection, drive: None
        self._post = post
        self._face: Connection | None = None
        self._connections: set[Connection] = set()
        self._is_closed = False
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        old = os.umask(0o117 if is_shared_with_group else 0o177)
        try:
            self._listener.bind(str(path))
        finally:
            os.umask(old)
        self._listener.listen(8)
        threading.Thread(target=self._accept, name="link-accept", daemon=True).start()

    @property
    def has_face(self) -> bool:
        return self._face is not None

    def to_face(self, message: protocol.ToFace) -> bool:
        """Send to the face; False when there is none."""
        face = self._face
        if face is None:
            return False
        face.send(message)
        return True

    def close(self) -> None:
        """Stop listening and let queued frames go."""
        self._is_closed = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.path.unlink(missing_ok=True)
        for connection in list(self._connections):
            connection.flush()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError as error:
                if self._is_closed:
                    return
                # Out of descriptors, say: the next face must still find a door.
                log(LogEvent.PEER_REFUSED, reason=type(error).__name__)
                time.sleep(0.1)
                continue
            credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEERCRED.size)
            _, uid, _ = _PEERCRED.unpack(credentials)
            if uid not in (os.getuid(), 0) and not _is_same_group(sock):
                log(LogEvent.PEER_REFUSED, reason="user")
                sock.close()
                continue
            connection = Connection(sock, self._closed)
            self._connections.add(connection)
            threading.Thread(target=connection.read, args=(self._body,), name="link-read", daemon=True).start()

    def _body(self, connection: Connection, body: bytes) -> None:
        """On the connection's thread: the first frame must be Hello, the rest is posted to the loop."""
        if not connection.role:
            message = protocol.decode_from_face(body)
            is_known = isinstance(message, protocol.Hello) and message.version == protocol.VERSION
            role = message.role if isinstance(message, protocol.Hello) else ""
            if not is_known or role not in ("face", "robot") or (role == "robot" and not self.is_robot_allowed):
                log(LogEvent.PEER_REFUSED, reason="version or role", role=role[:16])
                raise protocol.ProtocolError("refused")
            connection.role = role
            connection.send(protocol.Welcome(protocol.VERSION, is_robot_allowed=self.is_robot_allowed))
            if role == "face":
                self.face_seen.set()
                self._post(lambda: self._take_face(connection))
        elif connection.role == "robot":
            drive = protocol.decode_to_face(body)
            if isinstance(drive, protocol.Drive):
                self._post(lambda: self.on_drive(connection, drive))
        else:
            message = protocol.decode_from_face(body)
            self._post(lambda: self._from_face(connection, message))

    def _take_face(self, connection: Connection) -> None:
        if self._face is not None:
            self._face.close()
        self._face = connection
        log(LogEvent.FACE_CONNECTED)
        self.on_face()

    def _from_face(self, connection: Connection, message: protocol.FromFace) -> None:
        if connection is self._face:
            self.on_message(message)

    def _closed(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._post(lambda: self._lost(connection))

    def _lost(self, connection: Connection) -> None:
        if connection is self._face:
            self._face = None
            log(LogEvent.FACE_LOST)
            self.on_face_lost()


def is_core_running(path: Path) -> bool:
    """Whether a core listens at this socket, also one that this user may not speak to. Says nothing to it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        try:
            knock.connect(str(path))
        except PermissionError:
            return True
        except OSError:
            return False
    return True


def _is_same_group(sock: socket.socket) -> bool:
    """In production face and core are two users who share the core's group."""
    _, _, gid = _PEERCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEERCRED.size))
    return bool(gid == os.getgid())
