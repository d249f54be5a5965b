"""What goes over the wire between kiosk and office, as a listener on the network would see it.

The kiosk speaks to a recorder, which passes on the bytes as they are: TLS ends at the office and nowhere else.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]

_MOST = 64 * 1024 * 1024


class Passage:
    """Listens on loopback, passes bytes on to ``target`` and keeps a copy of them."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self.seen = bytearray()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="passage", daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._open, args=(sock,), daemon=True).start()

    def _open(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            far = socket.create_connection(self._target, timeout=10)
            far.settimeout(None)
            back = threading.Thread(target=self._pass, args=(far, sock), daemon=True)
            back.start()
            self._pass(sock, far)

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                with self._lock:
                    if len(self.seen) < _MOST:
                        self.seen += data
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def take(self) -> bytes:
        """What went by since the last call, both ways."""
        with self._lock:
            seen = bytes(self.seen)
            self.seen.clear()
        return seen


class Sniffer:
    """Frames on loopback to and from one port, where the system lets this user capture; ``is_on`` says whether."""

    def __init__(self, port: int) -> None:
        self._port = port.to_bytes(2, "big")
        self._frames: list[tuple[float, bytes]] = []
        self._lock = threading.Lock()
        self.is_on = False
        try:
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            self._socket.bind(("lo", 0))
        except (PermissionError, OSError):
            return
        self.is_on = True
        self._socket.settimeout(0.2)
        self._is_done = False
        self._thread = threading.Thread(target=self._run, name="sniffer", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._is_done:
            try:
                frame = self._socket.recv(131_072)
            except TimeoutError:
                continue
            header = 14 + (frame[14] & 15) * 4
            if frame[12:14] == b"\x08\x00" and self._port in (
                frame[header : header + 2],
                frame[header + 2 : header + 4],
            ):
                with self._lock:
                    self._frames.append((time.time(), frame))

    def take_frames(self) -> list[tuple[float, bytes]]:
        """Each frame since the last call with the moment it was seen, in seconds since 1970."""
        with self._lock:
            frames, self._frames = self._frames, []
        return frames

    def take(self) -> bytes:
        """Their bytes alone."""
        return b"".join(frame for _, frame in self.take_frames())

    def close(self) -> None:
        if self.is_on:
            self._is_done = True
            self._thread.join(2)
            self._socket.close()


@dataclass(frozen=True)
class Wire:
    """``url`` is the office as a kiosk reaches it through the recorder."""

    url: str
    recorder: Passage
    sniffer: Sniffer


class Peers:
    """Everybody that a process speaks to over the network, looked at again and again."""

    def __init__(self, pid: Callable[[], int]) -> None:
        self.ports: set[tuple[str, int]] = set()
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="peers", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._done.wait(0.1):
            with contextlib.suppress(psutil.Error):
                for one in psutil.Process(self._pid()).net_connections(kind="inet"):
                    if one.raddr:
                        self.ports.add((one.raddr.ip, one.raddr.port))

    def close(self) -> None:
        self._done.set()
        self._thread.join(2)
