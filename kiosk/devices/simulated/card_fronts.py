"""The card reader double's fronts beyond memory: a socket for the demo, and a plug into a real pcscd through vpcd."""

import json
import socket
import socketserver
import struct
import threading
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from kiosk.devices.card.link import CardFault, CardFaultError
from kiosk.devices.simulated.card_reader_double import CardReaderDouble
from kiosk.devices.simulated.virtual_card import VirtualCard


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], double: CardReaderDouble) -> None:
        self.double = double
        self.connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Push the view at each change; answer commands, each on a thread of its own, since a card may be slow."""
        self.server.connections.add(self.connection)
        self._sending = threading.Lock()
        double = self.server.double
        end = double.on_change(self._push)
        try:
            self._push()
            for line in self.rfile:
                try:
                    message = json.loads(line)
                except ValueError:
                    return
                if not isinstance(message, dict):
                    return
                threading.Thread(target=self._answer, args=(message,), daemon=True).start()
        except OSError:
            return
        finally:
            end()
            self.server.connections.discard(self.connection)

    def _push(self) -> None:
        view = asdict(self.server.double.view())
        view["state"] = view["state"].value
        self._send({"view": view})

    def _answer(self, message: dict[str, Any]) -> None:
        number = message.get("id")
        try:
            if message.get("do") == "connect":
                session, atr = self.server.double.power_up()
                self._send({"id": number, "session": session, "atr": atr.hex()})
            elif message.get("do") == "transmit":
                answer = self.server.double.exchange(int(message["session"]), bytes.fromhex(message["apdu"]))
                self._send({"id": number, "answer": answer.hex()})
            else:
                self._send({"id": number, "fault": CardFault.AWAY.value, "detail": "no such command"})
        except CardFaultError as error:
            self._send({"id": number, "fault": error.fault.value, "detail": error.detail})
        except (KeyError, TypeError, ValueError):
            self._send({"id": number, "fault": CardFault.AWAY.value, "detail": "no such command"})

    def _send(self, message: dict[str, Any]) -> None:
        with self._sending, suppress(OSError):
            self.connection.sendall(json.dumps(message).encode() + b"\n")


class CardReaderServer:
    """The double behind a TCP port."""

    def __init__(self, double: CardReaderDouble, host: str = "127.0.0.1", port: int = 0) -> None:
        self.double = double
        self._server = _Server((host, port), double)
        self.address = f"{host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="card-reader front", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Give the port back."""
        self._server.shutdown()
        for connection in tuple(self._server.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()
        self._thread.join(5)


_POWER_ON, _RESET, _GET_ATR = 1, 2, 4
_TCP_QUICKACK = 12
"""vpcd writes length and body apart: without quick acknowledgements every command takes 44 ms instead of 45 us."""


class VpcdPlug:
    """Keeps the double's card plugged into vpcd, so that a real pcscd sees it come and go, also after its restart.

    Two cards go into both of vpcd's slots. A mute card shows an ATR that no protocol can be chosen from.
    """

    def __init__(self, double: CardReaderDouble, port: int, host: str = "127.0.0.1") -> None:
        self._double = double
        self._address = (host, port)
        self._lock = threading.Lock()
        self._plugged: dict[int, _PluggedCard] = {}
        self._is_closed = False
        self._end = double.on_change(self.follow)
        self.follow()

    def follow(self) -> None:
        """Plug in and pull out as the double says."""
        with self._lock:
            cards = [] if self._is_closed or not self._double.is_on else list(self._double.cards[:2])
            for slot in (0, 1):
                wanted = cards[slot] if slot < len(cards) else None
                held = self._plugged.get(slot)
                if held is not None and held.card is not wanted:
                    self._plugged.pop(slot).pull()
                if wanted is not None and slot not in self._plugged:
                    self._plugged[slot] = _PluggedCard(wanted, (self._address[0], self._address[1] + slot))

    def close(self) -> None:
        """Pull everything out."""
        self._end()
        with self._lock:
            self._is_closed = True
            for slot in tuple(self._plugged):
                self._plugged.pop(slot).pull()


class _PluggedCard:
    """One card in one slot: a connection to vpcd, made anew for as long as the card lies there."""

    def __init__(self, card: VirtualCard, address: tuple[str, int]) -> None:
        self.card = card
        self._address = address
        self._pulled = threading.Event()
        self._sock: socket.socket | None = None
        self._thread = threading.Thread(target=self._lie_there, name="card in vpcd", daemon=True)
        self._thread.start()

    def pull(self) -> None:
        """Take the card out."""
        self._pulled.set()
        sock = self._sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(3)

    def _lie_there(self) -> None:
        while not self._pulled.is_set():
            try:
                with socket.create_connection(self._address, 2) as sock:
                    sock.settimeout(None)
                    self._sock = sock
                    if not self._pulled.is_set():
                        self._serve(sock)
            except OSError:
                self._sock = None
            self._pulled.wait(0.05)

    def _serve(self, sock: socket.socket) -> None:
        card = self.card
        while True:
            (length,) = struct.unpack(">H", _exactly(sock, 2))
            body = _exactly(sock, length)
            if length != 1:
                answer = card.answer(body)
                sock.sendall(struct.pack(">H", len(answer)) + answer)
            elif body[0] == _GET_ATR:
                atr = b"\x3b" if card.is_mute else card.atr
                sock.sendall(struct.pack(">H", len(atr)) + atr)
            elif body[0] in (_POWER_ON, _RESET):
                card.power_up()


def _exactly(sock: socket.socket, count: int) -> bytes:
    out = b""
    while len(out) < count:
        sock.setsockopt(socket.IPPROTO_TCP, _TCP_QUICKACK, 1)
        got = sock.recv(count - len(out))
        if not got:
            raise OSError("vpcd closed")
        out += got
    return out
