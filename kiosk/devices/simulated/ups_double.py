"""A UPS that does not exist, behind NUT's protocol and apcupsd's. Moved by fields; for tests and for the demo."""

import socket
import socketserver
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

NAME = "ups"


@dataclass
class UpsDouble:
    """What the UPS would say. ``is_silent`` takes questions and answers none; ``is_lost`` has lost its cable."""

    is_on_battery: bool = False
    is_battery_low: bool = False
    needs_battery: bool = False
    is_overloaded: bool = False
    charge: int = 97
    runtime_s: int = 1500
    is_silent: bool = False
    is_lost: bool = False

    def mains(self, *, are_there: bool, is_low: bool = False) -> None:
        """The mains come or go; ``is_low``: and the battery is nearly empty."""
        self.is_on_battery, self.is_battery_low = not are_there, is_low and not are_there
        self.charge = 97 if are_there else 12 if is_low else 80

    def nut_status(self) -> str:
        """``ups.status`` in NUT's words."""
        flags = ("OB" if self.is_on_battery else "OL", "LB" * self.is_battery_low, "RB" * self.needs_battery)
        return " ".join(filter(None, (*flags, "OVER" * self.is_overloaded)))

    def apcupsd_status(self) -> str:
        """``STATUS`` in apcupsd's words."""
        if self.is_lost:
            return "COMMLOST"
        flags = ("ONBATT" if self.is_on_battery else "ONLINE", "LOWBATT" * self.is_battery_low)
        return " ".join(filter(None, (*flags, "REPLACEBATT" * self.needs_battery, "OVERLOAD" * self.is_overloaded)))


def nut_answer(double: UpsDouble, question: str) -> str:
    """What ``upsd`` says to one line."""
    words = question.split()
    if words[:1] == ["LOGOUT"]:
        return "OK Goodbye\n"
    if words[:2] != ["LIST", "VAR"] or len(words) != 3:
        return "ERR UNKNOWN-COMMAND\n"
    if words[2] != NAME:
        return "ERR UNKNOWN-UPS\n"
    if double.is_lost:
        return "ERR DATA-STALE\n"
    variables = {
        "battery.charge": double.charge,
        "battery.runtime": double.runtime_s,
        "ups.model": 'A \\"double\\"',
        "ups.status": double.nut_status(),
    }
    rows = "".join(f'VAR {NAME} {key} "{value}"\n' for key, value in variables.items())
    return f"BEGIN LIST VAR {NAME}\n{rows}END LIST VAR {NAME}\n"


def apcupsd_answer(double: UpsDouble, question: bytes) -> bytes:
    """What apcupsd's information server says: frames of a 16-bit length, ended by an empty one."""
    if question != b"status":
        return b"\x00\x00"
    rows = {
        "APC": "001,018,0400",
        "HOSTNAME": "double",
        "VERSION": "3.14.14",
        "UPSNAME": NAME,
        "MODEL": "A double",
        "STATUS": f"{double.apcupsd_status()} ",
        "LINEV": f"{0 if double.is_on_battery else 230}.0 Volts",
        "BCHARGE": f"{double.charge}.0 Percent",
        "TIMELEFT": f"{double.runtime_s / 60:.1f} Minutes",
        "END APC": "2026-11-22 05:00:00 +0000",
    }
    frames = [f"{key:<9}: {value}\n".encode() for key, value in rows.items()]
    return b"".join(len(frame).to_bytes(2) + frame for frame in frames) + b"\x00\x00"


class _NutHandler(socketserver.StreamRequestHandler):
    server: "UpsServer"

    def handle(self) -> None:
        with suppress(OSError):
            while line := self.rfile.readline(4096):
                if not self.server.double.is_silent:
                    self.wfile.write(nut_answer(self.server.double, line.decode("ascii", "replace")).encode())


class _ApcupsdHandler(socketserver.StreamRequestHandler):
    server: "UpsServer"

    def handle(self) -> None:
        with suppress(OSError):
            while len(head := self.rfile.read(2)) == 2:
                question = self.rfile.read(int.from_bytes(head))
                if not self.server.double.is_silent:
                    self.wfile.write(apcupsd_answer(self.server.double, question))


class UpsServer(socketserver.ThreadingTCPServer):
    """One front of a double on a port of its own."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, double: UpsDouble, *, is_nut: bool, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _NutHandler if is_nut else _ApcupsdHandler)
        self.double = double
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=lambda: self.serve_forever(0.05), name="ups double", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def close(self) -> None:
        """Nobody listens any more, and who was spoken to is cut."""
        self.shutdown()
        self._thread.join(5)
        self.server_close()
        for request in tuple(self._open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)
