"""A print service with everything around it, on a store of its own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kiosk import api
from kiosk.core.prepared_print import PreparedPrint
from kiosk.core.print_watch import PrinterBay
from kiosk.core.printing import PrintService
from kiosk.documents.verified import ExpectedSize
from kiosk.flows.outcomes import Printed, PrintFailed, PrintUnknown
from kiosk.store.database import Store, open_store
from kiosk.store.journal import Journal
from kiosk.store.outbox import OutboxStore
from kiosk.store.prints import PrinterName
from tests.core.print_fakes import FakeClock, FakeOffice, FakePrinter, FakeVerifier


@dataclass
class Bench:
    """A service with everything around it."""

    store: Store
    printer: FakePrinter = field(default_factory=FakePrinter)
    office: FakeOffice = field(default_factory=FakeOffice)
    clock: FakeClock = field(default_factory=FakeClock)
    verifier: FakeVerifier = field(default_factory=FakeVerifier)
    progress: list[tuple[int, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.journal = Journal(self.store)
        self.rows = OutboxStore(self.store)
        self.bay = PrinterBay(self.printer, ExpectedSize.A4)
        self.wakes: list[int] = []
        self.service = PrintService(
            self.journal,
            {PrinterName.A4: self.bay},
            self.office,
            self.verifier,
            self.clock,
            on_settled=lambda: self.wakes.append(len(self.settlements())),
        )
        self.cancel = self.printer.cancel_event

    def prepare(self) -> PreparedPrint:
        return self.service.prepare("token", "document-01", is_card=False, cancel=self.cancel)

    def print(self, prepared: PreparedPrint) -> Printed | PrintFailed | PrintUnknown:
        return self.service.print(prepared, lambda *step: self.progress.append(step), self.cancel)

    def settlements(self) -> list[api.Settlement]:
        return [api.Settlement.model_validate_json(row.body) for row in self.rows.heads()]


def open_bench(tmp_path: Path) -> Iterator[Bench]:
    """To be a fixture of a test file."""
    opened = open_store(tmp_path / "kiosk.db", "ab" * 32)
    yield Bench(opened.store)
    opened.store.close()
