"""The kiosk that is killed: print service, journal, outbox and IPP client as the core has them, without a screen.

Started once; for every run it forks a child, which waits at a gate until the tracer has hold of it. Commands are lines
of JSON on standard input, answers lines of JSON on standard output.
"""

import base64
import ctypes
import json
import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kiosk import api
from kiosk.backend.contract import Reachability
from kiosk.core.card_station import CardStation
from kiosk.core.desk import Desk, drawn_number
from kiosk.core.numbers import NumberKeeper
from kiosk.core.outbox import OutboxPump
from kiosk.core.print_watch import PrinterBay
from kiosk.core.printing import PrintService
from kiosk.core.recovery import recover
from kiosk.devices.encoding.not_configured import MissingCardEncoder
from kiosk.devices.printing.document_printer import IppPrinter
from kiosk.devices.printing.ipp import IppClient
from kiosk.documents.verified import ExpectedSize
from kiosk.settings import TicketsTable
from kiosk.store import audit
from kiosk.store.blanks import Blanks
from kiosk.store.database import Store, open_store
from kiosk.store.journal import Journal
from kiosk.store.numbers import Numbers
from kiosk.store.outbox import OutboxStore
from kiosk.store.prints import PrinterName
from tests.core.print_fakes import FakeVerifier
from tests.crash import spoilers
from tests.crash.world import LEASED, PAGES, ask

KEY = "ab" * 32
MEDIA = "iso_a4_210x297mm"


class LineOffice:
    """The office of ``world``, as far as printing asks it."""

    def __init__(self, port: int) -> None:
        self._port = port

    def grant(self, token: str, document_id: str, key: str) -> api.Grant:
        answer = ask(self._port, {"do": "grant", "key": key})
        return api.Grant(
            id=answer["id"],
            document_id=document_id,
            kind=api.DocumentKind.KK,
            pages=answer["pages"],
            medium=api.Medium.A4,
            sha256=answer["sha256"],
            expires_at=datetime.now(UTC) + timedelta(minutes=10),
            printed_already=False,
        )

    def fetch(self, token: str, grant_id: str) -> bytes:
        return base64.b64decode(ask(self._port, {"do": "fetch", "grant": grant_id})["document"])

    def post(self, kind: str, body: bytes, key: str) -> None:
        ask(self._port, {"do": "post", "kind": kind, "key": key, "body": base64.b64encode(body).decode()})

    def lease(self, asked: api.LeaseRequest, key: str) -> api.Lease:
        answer = ask(self._port, {"do": "lease", "key": key})
        now = datetime.now().astimezone()
        return api.Lease(queue=asked.queue, prefix="A", day=now.date(), at=now, **answer)

    def slip(self, layout: str, number: str) -> None:
        """Stands for the slip printer: from here on somebody holds this number."""
        ask(self._port, {"do": f"slip-{layout}", "number": number})

    def reachability(self) -> Reachability:
        return Reachability.ONLINE

    def listen(self, listener: Callable[[Reachability], None]) -> Callable[[], None]:
        return lambda: None


class Kiosk:
    """One life of the kiosk, from the opened store to its death."""

    def __init__(self, command: dict[str, Any]) -> None:
        opened = open_store(Path(command["folder"]) / "kiosk.db", KEY)
        self.store: Store = opened.store
        self.was_set_aside = opened.set_aside is not None
        self.office = LineOffice(command["office"])
        self.bay = PrinterBay(IppPrinter(command["printer"], MEDIA), ExpectedSize.A4)
        self.journal = Journal(self.store)
        self.rows = OutboxStore(self.store)
        self.pump = OutboxPump(self.rows, self.office)  # type: ignore[arg-type]
        self.numbers = Numbers(self.store, self.rows)
        self.blanks = Blanks(self.store)
        station = CardStation(self.blanks, _NoBooks(), MissingCardEncoder(), low=1)  # type: ignore[arg-type]
        self.station = station
        if command.get("forgets_created"):
            # The fault that the harness must notice: bytes go out before the job id stands on the disk.
            self.journal.created = lambda *_, **__: None  # type: ignore[method-assign]
            self.journal.sent = lambda *_, **__: None  # type: ignore[method-assign]
        spoilers.prepare(self, command.get("spoiler", ""), is_marked=bool(command.get("is_marked")))

    def close(self) -> dict[str, Any]:
        self.store.close()
        return {}

    def load(self) -> dict[str, Any]:
        """A technician lays blanks into the card printer."""
        self.blanks.load("A0001", 9, datetime.now(UTC))
        self.store.close()
        return {}

    def card(self) -> dict[str, Any]:
        return self.print(is_card=True)

    def print(self, *, is_card: bool = False) -> dict[str, Any]:
        printers = {PrinterName.CARD if is_card else PrinterName.A4: self.bay}
        station = self.station if is_card else None
        office, verifier = self.office, FakeVerifier(PAGES)
        service = PrintService(self.journal, printers, office, verifier, station=station)  # type: ignore[arg-type]
        cancel = threading.Event()
        prepared = service.prepare("token", "document-01", is_card=is_card, cancel=cancel)
        outcome = service.print(prepared, lambda *_: None, cancel)
        self.pump.deliver_due()
        self.store.close()
        return {"outcome": type(outcome).__name__}

    def counter(self) -> dict[str, Any]:
        """Numbers are leased, one is taken, a complaint is filed; both get a slip, and the office hears of both."""
        table = TicketsTable(queues=["layanan"], low=LEASED - 2, count=LEASED)
        keeper = NumberKeeper(self.numbers, self.office, table)  # type: ignore[arg-type]
        keeper.look()
        desk = Desk(self.rows, keeper, wake=lambda: None)
        self.office.slip("ticket", desk.take_number("layanan").label)
        number = drawn_number()
        desk.complain("machine", number)
        self.office.slip("complaint", number)
        self.pump.deliver_due()
        broken, left = audit.verify(self.store), keeper.left()["layanan"]
        self.store.close()
        return {"was_set_aside": self.was_set_aside, "broken_link": broken, "left": left}

    def reconcile(self) -> dict[str, Any]:
        """An attendant says of every unknown print that it came out."""
        for record in self.journal.unknown_prints():
            self.journal.reconcile(record.print_id, api.PrintEnd.PRINTED, PAGES, datetime.now(UTC))
        self.pump.deliver_due()
        left = len(self.journal.unknown_prints())
        self.store.close()
        return {"left": left}

    def recover(self) -> dict[str, Any]:
        bays = {PrinterName.A4: self.bay, PrinterName.CARD: self.bay}
        found = recover(self.journal, bays, threading.Event(), patience_s=10.0)
        again = recover(self.journal, bays, threading.Event(), patience_s=10.0)
        self.pump.deliver_due()
        result = {
            "found": [one.end for one in found],
            "again": len(again),
            "open": len(self.journal.open_prints()),
            "unreported": len(self.journal.unreported_prints()),
            "waiting": OutboxStore(self.store).size(),
            "was_set_aside": self.was_set_aside,
            "broken_link": audit.verify(self.store),
            "open_jobs": len(self.bay.device.open_jobs()),
            "blanks": self._blanks(),
        }
        self.store.close()
        return result

    def _blanks(self) -> dict[str, Any]:
        """Where the blanks are by the books, if any were loaded."""
        stock = self.blanks.stock()
        return {"left": stock.left, "next": stock.next, "ended": stock.used + stock.damaged + stock.unknown}


class _NoBooks:
    """The printer's side of the books of blanks, which is about its state on the screen alone."""

    def set_blanks(self, count: object) -> None:
        pass

    def set_encoder(self, *, is_ready: bool) -> None:
        pass


def _child(command: dict[str, Any]) -> None:
    folder = Path(command["folder"])
    if command.get("is_gated"):
        # Let a tracer that is no ancestor attach where the kernel asks for consent.
        ctypes.CDLL(None).prctl(0x59616D61, -1, 0, 0, 0)
        gate = os.open(folder / "gate", os.O_RDONLY)
        os.read(gate, 1)
        os.close(gate)
    kiosk = Kiosk(command)
    acts: dict[str, Callable[[], dict[str, Any]]] = {
        "open": kiosk.close,
        "load": kiosk.load,
        "print": kiosk.print,
        "card": kiosk.card,
        "counter": kiosk.counter,
        "recover": kiosk.recover,
        "reconcile": kiosk.reconcile,
    }
    result = acts[command["do"]]()
    (folder / f"{command['do']}.json").write_text(json.dumps(result))


def main() -> None:
    # The codec is loaded with the first client: here once, and not in every child.
    IppClient("ipp://127.0.0.1:9/ipp/print", lambda *_: b"")
    for line in sys.stdin:
        command = json.loads(line)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                _child(command)
                status = 0
            finally:
                os._exit(status)
        print(json.dumps({"pid": pid}), flush=True)
        _, raw = os.waitpid(pid, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(raw)}), flush=True)


if __name__ == "__main__":
    main()
