"""A kiosk that prints on a disk that fails under it: what came out, what the office was told, what was said."""

import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kiosk.core.outbox import OutboxPump
from kiosk.core.print_watch import PrinterBay
from kiosk.core.printing import PrintService
from kiosk.core.recovery import recover
from kiosk.devices.contract import JobState
from kiosk.documents.verified import ExpectedSize
from kiosk.errors import KioskError, StoreError
from kiosk.store import audit
from kiosk.store.database import OpenedStore, Store, open_store
from kiosk.store.journal import Journal
from kiosk.store.outbox import OutboxStore
from kiosk.store.prints import PrinterName
from tests.core.print_fakes import FakeClock, FakeOffice, FakePrinter, FakeVerifier, PaperJob

PAGES = 2
TRIES = 4
"""So often somebody comes again while the disk may still be failing."""


class NotingOffice(FakeOffice):
    """Knows of which grants the bytes were fetched."""

    def __init__(self) -> None:
        super().__init__(pages=PAGES)
        self.fetched: set[str] = set()

    def fetch(self, token: str, grant_id: str) -> bytes:
        self.fetched.add(grant_id)
        return super().fetch(token, grant_id)


class World:
    """Printer and office: outside of the failing disk."""

    def __init__(self) -> None:
        self.printer, self.office, self.clock = FakePrinter(), NotingOffice(), FakeClock()
        self.bay = PrinterBay(self.printer, ExpectedSize.A4)
        self.printers = {PrinterName.A4: self.bay}
        self.said: list[str] = []

    def told(self) -> dict[str, Any]:
        """All that a judge needs, as JSON."""
        return {
            "said": self.said,
            "sheets": self.printer.sheets,
            "documents": {name: len(sent) for name, sent in self.printer.documents.items()},
            "jobs": [asdict(job) for job in self.printer.jobs.values()],
            "grants": {name: grant.id for name, grant in self.office.grants.items()},
            "fetched": sorted(self.office.fetched),
            "posted": [(body.decode(), key) for _, body, key in self.office.posted],
        }

    def restore(self, told: dict[str, Any]) -> None:
        """The same printer and office, before another process of the kiosk."""
        for job in told["jobs"]:
            self.printer.jobs[job["id"]] = PaperJob(**{**job, "state": JobState(job["state"])})
        self.printer.sheets = dict(told["sheets"])
        self.printer.documents = {name: [b""] * count for name, count in told["documents"].items()}
        self.printer.next_id = 1 + max(self.printer.jobs, default=0)


def visits(folder: str, key: str) -> dict[str, Any]:
    """Visitors come until two prints went well, or nobody's did ``TRIES`` times; the kiosk's end is orderly."""
    world = World()
    path = Path(folder) / "kiosk.db"
    opened: OpenedStore | None = None
    for _ in range(TRIES):
        try:
            opened = open_store(path, key)
            break
        except StoreError as error:
            world.said.append(f"open {error.code}")
    if opened is None:
        return world.told() | {"set_aside": False}
    journal = Journal(opened.store)
    service = PrintService(journal, world.printers, world.office, FakeVerifier(PAGES), world.clock)  # type: ignore[arg-type]
    pump = OutboxPump(OutboxStore(opened.store), world.office, now=lambda: 2e9)  # type: ignore[arg-type]
    went_well = 0
    for number in range(TRIES):
        cancel = threading.Event()
        try:
            prepared = service.prepare("token", f"document-{number}", is_card=False, cancel=cancel)
            outcome = service.print(prepared, lambda *_: None, cancel)
        except KioskError as error:
            world.said.append(f"prepare {error.code}")
        else:
            world.said.append(f"{type(outcome).__name__} {getattr(outcome, 'code', '')}".strip())
            went_well += type(outcome).__name__ == "Printed"
        for act in (service.clear_holds, pump.deliver_due):
            try:
                act()
            except StoreError as error:
                world.said.append(f"after {error.code}")
        if went_well == 2:
            break
    opened.store.close()
    return world.told() | {"set_aside": opened.set_aside is not None}


def next_start(folder: str, key: str, told: dict[str, Any]) -> dict[str, Any]:
    """The disk is well again, and the kiosk starts."""
    world = World()
    world.restore(told)
    opened = open_store(Path(folder) / "kiosk.db", key)
    journal = Journal(opened.store)
    found = recover(journal, world.printers, threading.Event(), clock=world.clock)  # type: ignore[arg-type]
    pump = OutboxPump(OutboxStore(opened.store), world.office, now=lambda: 2e9)  # type: ignore[arg-type]
    pump.deliver_due()
    result = {
        "set_aside": opened.set_aside is not None,
        "broken_link": audit.verify(opened.store),
        "open": len(journal.open_prints()),
        "waiting": OutboxStore(opened.store).size(),
        "recovered": [one.end for one in found],
    }
    opened.store.close()
    return world.told() | result


def until_full(world: World, store: Store, most: int = 500) -> int:
    """Visitors come and print until the store takes no more, at most so many; how many prints went well."""
    service = PrintService(Journal(store), world.printers, world.office, FakeVerifier(PAGES), world.clock)  # type: ignore[arg-type]
    pump = OutboxPump(OutboxStore(store), world.office, now=lambda: 2e9)  # type: ignore[arg-type]
    for number in range(most):
        cancel = threading.Event()
        try:
            prepared = service.prepare("token", f"document-{number}", is_card=False, cancel=cancel)
            outcome = service.print(prepared, lambda *_: None, cancel)
            world.said.append(type(outcome).__name__)
            service.clear_holds()
            pump.deliver_due()
        except StoreError as error:
            world.said.append(f"prepare {error.code}")
            return number
    return most
