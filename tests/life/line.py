"""The network between a kiosk and its office: a cable that can be pulled. Bytes alone: TLS goes through untouched."""

import contextlib
import socket
import threading


class Line:
    """Listens on a port of its own and passes on to ``port``, both on loopback."""

    def __init__(self, port: int) -> None:
        self._office = ("127.0.0.1", port)
        self._lock = threading.Lock()
        self._ends: set[socket.socket] = set()
        self._is_cut = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="line", daemon=True).start()

    def cut(self) -> None:
        """Whoever is connected is so no longer, and nobody comes through."""
        with self._lock:
            self._is_cut = True
            ends = list(self._ends)
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        with self._lock:
            self._is_cut = False

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._open, args=(near,), daemon=True).start()

    def _open(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError), socket.create_connection(self._office, 10) as far:
            for one in (near, far):
                # Else each answer in two pieces waits 40 ms for an acknowledgement.
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            far.settimeout(None)
            with self._lock:
                if self._is_cut:
                    return
                self._ends |= {near, far}
            try:
                back = threading.Thread(target=_pass, args=(far, near), daemon=True)
                back.start()
                _pass(near, far)
                back.join()
            finally:
                with self._lock:
                    self._ends -= {near, far}


def _pass(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    for one in (source, target):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
