"""Who tries again after the network failed is not told that the document is taken: by themselves, a moment ago."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import api
from kiosk.core.outbox import OutboxPump
from kiosk.core.print_watch import PrinterBay
from kiosk.core.printing import PrintService
from kiosk.documents.verified import ExpectedSize
from kiosk.errors import BackendError, ErrorCode
from kiosk.flows.outcomes import PrintFailed
from kiosk.store.database import open_store
from kiosk.store.journal import Journal
from kiosk.store.outbox import OutboxStore
from kiosk.store.prints import PrinterName
from tests.core.print_fakes import FakeClock, FakeOffice, FakePrinter, FakeVerifier

DOCUMENT = "document-0001"


class StrictOffice(FakeOffice):
    """One grant a document; the next one only when the last was settled as failed. Loses answers on order."""

    def __init__(self) -> None:
        super().__init__()
        self.lost_answers = 0
        self.open: dict[str, str] = {}
        self.keys: list[str] = []

    def grant(self, token: str, document_id: str, key: str) -> api.Grant:
        self.keys.append(key)
        if self.open.get(document_id, key) != key:
            raise BackendError(ErrorCode.DOCUMENT_TAKEN)
        granted = super().grant(token, document_id, key)
        self.open[document_id] = key
        if self.lost_answers:
            self.lost_answers -= 1
            raise BackendError(ErrorCode.OFFICE_SLOW)
        return granted

    def post(self, kind: str, body: bytes, key: str) -> None:
        super().post(kind, body, key)
        if api.Settlement.model_validate_json(body).end is api.PrintEnd.FAILED:
            self.open.clear()


class Bench:
    def __init__(self, folder: Path) -> None:
        self.opened = open_store(folder / "kiosk.db", "ab" * 32)
        self.office = StrictOffice()
        journal = Journal(self.opened.store)
        self.rows = OutboxStore(self.opened.store)
        self.pump = OutboxPump(self.rows, self.office)  # type: ignore[arg-type]
        self.printer = FakePrinter()
        bay = PrinterBay(self.printer, ExpectedSize.A4, "impressions")
        self.service = PrintService(
            journal,
            {PrinterName.A4: bay},
            self.office,  # type: ignore[arg-type]
            FakeVerifier(),
            FakeClock(),
            tell=self.pump.tell,
        )

    def prepare(self) -> object:
        return self.service.prepare("visit-token", DOCUMENT, is_card=False, cancel=threading.Event())


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.opened.store.close()


def test_a_grant_whose_answer_was_lost_is_asked_for_under_the_same_key(bench: Bench) -> None:
    bench.office.lost_answers = 2
    for _ in range(2):
        with pytest.raises(BackendError):
            bench.prepare()
    assert bench.prepare()
    assert len(set(bench.office.keys)) == 1
    assert len(bench.office.grants) == 1


def test_a_lost_key_is_not_kept_beyond_the_visit(bench: Bench) -> None:
    bench.office.lost_answers = 1
    with pytest.raises(BackendError):
        bench.prepare()
    bench.service.visit_ended()
    with pytest.raises(BackendError) as taken:
        bench.prepare()
    assert taken.value.code is ErrorCode.DOCUMENT_TAKEN


def test_a_refusal_uses_the_key_up(bench: Bench) -> None:
    bench.office.grant_error = BackendError(ErrorCode.OFFICE_REFUSED)
    with pytest.raises(BackendError):
        bench.prepare()
    bench.office.grant_error = None
    bench.office.open.clear()
    assert bench.prepare()
    assert len(set(bench.office.keys)) == 2


def test_what_was_given_back_is_told_before_it_is_asked_for_again(bench: Bench) -> None:
    bench.office.fetch_error = BackendError(ErrorCode.OFFICE_OFFLINE)
    with pytest.raises(BackendError):
        bench.prepare()
    assert bench.office.posted == [], "the outbox has not been at it yet"
    bench.office.fetch_error = None
    prepared = bench.prepare()
    assert len(bench.office.posted) == 1
    bench.service.release(prepared)  # type: ignore[arg-type]
    assert bench.prepare()
    assert len(bench.office.posted) == 2
    assert bench.rows.size() == 0


def test_what_the_printer_gave_up_is_free_again_at_the_next_touch(bench: Bench) -> None:
    bench.printer.is_silent = True
    prepared = bench.prepare()
    ended = bench.service.print(prepared, lambda *_: None, threading.Event())  # type: ignore[arg-type]
    assert isinstance(ended, PrintFailed)
    assert bench.office.posted == [], "the outbox has not been at it yet"
    bench.printer.is_silent = False
    assert bench.prepare()
    assert len(bench.office.posted) == 1
