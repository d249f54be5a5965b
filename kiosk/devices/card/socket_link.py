"""The link to the simulated reader behind a socket: JSON lines, views pushed by the reader, commands by number."""

import json
import socket
import threading
from contextlib import suppress
from typing import Any

from kiosk.devices.card.link import CardFault, CardFaultError, CardSession, LinkState, LinkView

RETRY_S = 0.25
CALL_S = 10.0
"""Bounds a call whose caller gave up long ago; the reader's logic has shorter deadlines of its own."""
MAX_LINE = 65_536


class _SocketSession:
    def __init__(self, link: "SocketLink", number: int, atr: bytes) -> None:
        self._link = link
        self._number = number
        self.atr = atr

    def transmit(self, apdu: bytes) -> bytes:
        answer = self._link.call({"do": "transmit", "session": self._number, "apdu": apdu.hex()})
        return _bytes_of(answer.get("answer"))

    def close(self) -> None:
        """Sessions of the simulated reader hold nothing."""


class SocketLink:
    """Connects to ``host:port`` and again whenever the line breaks. Raises ValueError on an address of another form."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError(f"no host:port: {address!r}")
        self.name = f"simulated reader at {address}"
        self._address = (host.strip("[]"), int(port))
        self._state = threading.Condition()
        self._life = threading.Lock()
        self._sock: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._view = LinkView(LinkState.STARTING)
        self._version = 0
        self._seen = -1
        self._answers: dict[int, dict[str, Any] | None] = {}
        self._last_id = 0
        self._is_closing = False
        self._is_interrupted = False

    def open(self) -> None:
        """Begin to connect, on a thread of its own; an earlier line that was not closed yet is closed first."""
        with self._life:
            self._end()
            self._is_closing = self._is_interrupted = False
            self._show(LinkView(LinkState.STARTING, insertion=self._view.insertion))
            self._thread = threading.Thread(target=self._serve, name="card-reader line", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End the line and its thread."""
        with self._life:
            self._end()

    def _end(self) -> None:
        with self._state:
            self._is_closing = True
            sock = self._sock
            self._state.notify_all()
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join(5)
            self._thread = None

    def wait(self, timeout_s: float) -> LinkView:
        """See ``CardLink.wait``."""
        with self._state:
            self._state.wait_for(lambda: self._version != self._seen or self._is_interrupted, timeout_s)
            self._seen = self._version
            return self._view

    def interrupt(self) -> None:
        """See ``CardLink.interrupt``."""
        with self._state:
            self._is_interrupted = True
            self._state.notify_all()

    def connect(self) -> CardSession:
        """See ``CardLink.connect``."""
        answer = self.call({"do": "connect"})
        number = answer.get("session")
        if not isinstance(number, int):
            raise CardFaultError(CardFault.AWAY, "no session")
        return _SocketSession(self, number, _bytes_of(answer.get("atr")))

    def call(self, request: dict[str, Any]) -> dict[str, Any]:
        """One command and its answer. Raises CardFaultError."""
        with self._state:
            sock = self._sock
            if sock is None:
                raise CardFaultError(CardFault.AWAY, "not connected")
            self._last_id += 1
            number = self._last_id
            self._answers[number] = None
        try:
            sock.sendall(json.dumps(request | {"id": number}).encode() + b"\n")
            with self._state:
                self._state.wait_for(lambda: self._answers[number] is not None or self._sock is not sock, CALL_S)
                answer = self._answers[number]
        except OSError as error:
            raise CardFaultError(CardFault.AWAY, "line lost") from error
        finally:
            with self._state:
                self._answers.pop(number, None)
        if answer is None:
            raise CardFaultError(CardFault.AWAY, "no answer")
        if "fault" in answer:
            raise CardFaultError(_fault_of(answer["fault"]), str(answer.get("detail", "")))
        return answer

    # --- the line's thread ------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        while not self._is_closing:
            try:
                sock = socket.create_connection(self._address, 1.0)
            except OSError:
                self._show(LinkView(LinkState.AWAY, insertion=self._view.insertion, detail="not reachable"))
                with self._state:
                    self._state.wait_for(lambda: self._is_closing, RETRY_S)
                continue
            with sock:
                sock.settimeout(None)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._state:
                    self._sock = sock
                self._listen(sock)
                with self._state:
                    self._sock = None
                    self._state.notify_all()
            if not self._is_closing:
                self._show(LinkView(LinkState.AWAY, insertion=self._view.insertion, detail="line lost"))

    def _listen(self, sock: socket.socket) -> None:
        rest = b""
        while not self._is_closing:
            try:
                data = sock.recv(65_536)
            except OSError:
                return
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > MAX_LINE or not all(self._take(line) for line in lines):
                return

    def _take(self, line: bytes) -> bool:
        """One line; False when it is no message, and then nothing more on this line can be trusted."""
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return False
        if not isinstance(message, dict):
            return False
        if isinstance(message.get("view"), dict):
            view = _view_of(message["view"])
            if view is None:
                return False
            self._show(view)
        number = message.get("id")
        with self._state:
            if type(number) is int and number in self._answers:
                self._answers[number] = message
                self._state.notify_all()
        return True

    def _show(self, view: LinkView) -> None:
        with self._state:
            if view != self._view:
                self._view = view
                self._version += 1
                self._state.notify_all()


def _view_of(raw: dict[str, Any]) -> LinkView | None:
    try:
        state = LinkState(str(raw.get("state")))
    except ValueError:
        return None
    insertion = raw.get("insertion")
    flags = [raw.get(name) for name in ("is_present", "is_mute", "is_several")]
    if type(insertion) is not int or not all(isinstance(flag, bool) for flag in flags):
        return None
    return LinkView(state, bool(flags[0]), insertion, bool(flags[1]), bool(flags[2]))


def _fault_of(word: object) -> CardFault:
    try:
        return CardFault(str(word))
    except ValueError:
        return CardFault.AWAY


def _bytes_of(value: object) -> bytes:
    try:
        return bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        return b""
