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
from kiosk.core.outbox import OutboxPump
from kiosk.core.print_watch import PrinterBay
from kiosk.core.printing import PrintService
from kiosk.core.recovery import recover
from kiosk.devices.printing.document_printer import IppPrinter
from kiosk.devices.printing.ipp import IppClient
from kiosk.documents.verified import ExpectedSize
from kiosk.store import audit
from kiosk.store.database import Store, open_store
from kiosk.store.journal import Journal
from kiosk.store.outbox import OutboxStore
from kiosk.store.prints import PrinterName
from tests.core.print_fakes import FakeVerifier
from tests.crash import spoilers
from tests.crash.world import PAGES, ask

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
        ask(self._port, {"do": "post", "key": key, "body": base64.b64encode(body).decode()})

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
        if command.get("forgets_created"):
            # The fault that the harness must notice: bytes go out before the job id stands on the disk.
            self.journal.created = lambda *_, **__: None  # type: ignore[method-assign]
            self.journal.sent = lambda *_, **__: None  # type: ignore[method-assign]
        spoilers.prepare(self, command.get("spoiler", ""), is_marked=bool(command.get("is_marked")))

    def close(self) -> dict[str, Any]:
        self.store.close()
        return {}

    def print(self) -> dict[str, Any]:
        printers = {PrinterName.A4: self.bay}
        service = PrintService(self.journal, printers, self.office, FakeVerifier(PAGES))  # type: ignore[arg-type]
        cancel = threading.Event()
        prepared = service.prepare("token", "document-01", is_card=False, cancel=cancel)
        outcome = service.print(prepared, lambda *_: None, cancel)
        self.pump.deliver_due()
        self.store.close()
        return {"outcome": type(outcome).__name__}

    def reconcile(self) -> dict[str, Any]:
        """An attendant says of every unknown print that it came out."""
        for record in self.journal.unknown_prints():
            self.journal.reconcile(record.print_id, api.PrintEnd.PRINTED, PAGES, datetime.now(UTC))
        self.pump.deliver_due()
        left = len(self.journal.unknown_prints())
        self.store.close()
        return {"left": left}

    def recover(self) -> dict[str, Any]:
        found = recover(self.journal, {PrinterName.A4: self.bay}, threading.Event(), patience_s=10.0)
        again = recover(self.journal, {PrinterName.A4: self.bay}, threading.Event(), patience_s=10.0)
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
        }
        self.store.close()
        return result


def _child(command: dict[str, Any]) -> None:
    folder = Path(command["folder"])
    if command.get("is_gated"):
        # Let a tracer that is no ancestor attach where the kernel asks for consent.
        ctypes.CDLL(None).prctl(0x59616D61, -1, 0, 0, 0)
        gate = os.open(folder / "gate", os.O_RDONLY)
        os.read(gate, 1)
        os.close(gate)
    kiosk = Kiosk(command)
    acts = {"open": kiosk.close, "print": kiosk.print, "recover": kiosk.recover, "reconcile": kiosk.reconcile}
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
