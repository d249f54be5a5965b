"""What a killed kiosk cannot take with it: an office that counts settlements and a printer that counts paper."""

import base64
import hashlib
import json
import socket
import socketserver
import threading
from dataclasses import dataclass, field
from typing import Any

from kiosk import api
from kiosk.devices.simulated.ipp_front import IppServer
from kiosk.devices.simulated.printer_double import PrinterDouble
from tests.documents.signing import plain_pdf

PAGES = 2
SHEET_S = 0.04
LEASED = 4
"""Numbers of one lease."""
DESK: dict[str, type[api.Ticket] | type[api.Complaint]] = {"ticket": api.Ticket, "complaint": api.Complaint}


@dataclass
class OfficeBook:
    """One line of JSON in, one out. Everything that a kiosk told is kept, by the key of the print."""

    document: bytes
    grants: dict[str, str] = field(default_factory=dict)
    fetched: set[str] = field(default_factory=set)
    settlements: list[api.Settlement] = field(default_factory=list)
    keys: dict[str, bytes] = field(default_factory=dict)
    leases: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By the key of the request."""
    slips: list[tuple[str, str]] = field(default_factory=list)
    """What was printed on slips: the layout and the number."""
    told: list[api.Ticket | api.Complaint] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            match request["do"]:
                case "grant":
                    grant_id = self.grants.setdefault(request["key"], f"grant-{len(self.grants):06d}")
                    return {"id": grant_id, "sha256": hashlib.sha256(self.document).hexdigest(), "pages": PAGES}
                case "fetch":
                    self.fetched.add(request["grant"])
                    return {"document": base64.b64encode(self.document).decode()}
                case "lease":
                    first = 1 + LEASED * len(self.leases)
                    lease = {"id": f"lease-{len(self.leases):06d}", "first": first, "last": first + LEASED - 1}
                    return self.leases.setdefault(request["key"], lease)
                case "slip-ticket" | "slip-complaint":
                    self.slips.append((request["do"].removeprefix("slip-"), request["number"]))
                    return {}
                case _:
                    body = base64.b64decode(request["body"])
                    is_again = request["key"] in self.keys
                    assert self.keys.setdefault(request["key"], body) == body, "one key, two bodies"
                    model = DESK.get(request["kind"])
                    if model is not None:
                        if not is_again:
                            self.told.append(model.model_validate_json(body))
                        return {}
                    self.settlements.append(api.Settlement.model_validate_json(body))
                    return {}


class World:
    """Both, on ports of their own."""

    def __init__(self) -> None:
        book = self.book = OfficeBook(plain_pdf(PAGES))

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                try:
                    line = self.rfile.readline()
                    if line.endswith(b"\n"):
                        self.wfile.write(json.dumps(book.answer(json.loads(line))).encode() + b"\n")
                except OSError:
                    return  # the kiosk died while it spoke

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler, bind_and_activate=True)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.office_port = self._server.server_address[1]
        self.double = PrinterDouble(sheet_s=SHEET_S)
        self.printer = IppServer(self.double)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.printer.close()
        self.double.close()


def ask(port: int, request: dict[str, Any]) -> dict[str, Any]:
    """The kiosk's side of the line."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(json.dumps(request).encode() + b"\n")
        with line.makefile("rb") as answer:
            parsed: dict[str, Any] = json.loads(answer.readline())
    return parsed
