"""Before each card: its serial, and its chip where an encoder is configured; what fails leaves the books true."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk import api
from kiosk.core.card_station import CardStation, build_station
from kiosk.core.print_watch import PrinterBay
from kiosk.core.printing import PrintService
from kiosk.devices.contract import DeviceKind, ScanOutcome
from kiosk.devices.contract.card_encoder import EncodeEnd, EncodeFault, EncodeOrder
from kiosk.devices.encoding.not_configured import MissingCardEncoder
from kiosk.devices.encoding.simulator import SimulatedCardEncoder
from kiosk.documents.verified import ExpectedSize
from kiosk.errors import ErrorCode, SettingsError
from kiosk.flows.outcomes import Printed, PrintFailed
from kiosk.settings import Settings
from kiosk.store.blanks import BlankFate, Blanks
from kiosk.store.database import Store, open_store
from kiosk.store.journal import Journal
from kiosk.store.outbox import OutboxStore
from kiosk.store.prints import PrinterName
from tests.core.print_fakes import START, FakeClock, FakeOffice, FakePrinter, FakeVerifier, Fault


class Cards(FakePrinter):
    """The scripted printer with the books of a card printer."""

    blanks: Any = None

    has_encoder = True

    def set_blanks(self, blanks: Any) -> None:
        self.blanks = blanks

    def set_encoder(self, *, is_ready: bool) -> None:
        self.has_encoder = is_ready


class InnerScanner:
    """Reads what a test lays before it."""

    def __init__(self) -> None:
        self.listeners: list[Any] = []
        self.is_running = False

    def listen_codes(self, listener: Any) -> Any:
        self.listeners.append(listener)

    def start(self) -> None:
        self.is_running = True

    def stop(self) -> None:
        self.is_running = False


class BrokenEncoder(SimulatedCardEncoder):
    def encode(self, *_: Any) -> Any:
        raise RuntimeError("a vendor's library")


class Bench:
    def __init__(self, store: Store, encoder: Any = None, scanner: Any = None) -> None:
        self.store = store
        self.printer = Cards(kind=DeviceKind.CARD_PRINTER)
        self.office, self.clock = FakeOffice(), FakeClock()
        self.blanks = Blanks(store)
        self.blanks.load("A01", 9, START, is_replacing=True)
        printer: Any = self.printer
        self.station = CardStation(
            self.blanks, printer, encoder or MissingCardEncoder(), low=3, inner_scanner=scanner, now=self.clock.now
        )
        bays = {PrinterName.CARD: PrinterBay(self.printer, ExpectedSize.ID_1)}
        office: Any = self.office
        self.service = PrintService(Journal(store), bays, office, FakeVerifier(), self.clock, station=self.station)

    def print(self) -> Any:
        cancel = self.printer.cancel_event
        prepared = self.service.prepare("token", "document-01", is_card=True, cancel=cancel)
        return self.service.print(prepared, lambda *_: None, cancel)

    def told(self) -> list[api.Blank | None]:
        rows = OutboxStore(self.store).heads()
        return [api.Settlement.model_validate_json(row.body).blank for row in rows]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "kiosk.db", "ab" * 32)
    yield opened.store
    opened.store.close()


def test_each_card_has_the_next_serial_and_the_office_hears_it(store: Store) -> None:
    bench = Bench(store)
    assert [bench.print() for _ in range(2)] == [Printed(2), Printed(2)]
    assert [blank.serial for blank in bench.told() if blank] == ["A01", "A02"]
    assert (bench.printer.blanks.left, bench.printer.blanks.is_unchecked) == (7, False)


def test_without_a_blank_no_job_is_made(store: Store) -> None:
    bench = Bench(store)
    for _ in range(9):
        bench.blanks.skip(START)
    assert bench.print() == PrintFailed(ErrorCode.CARDS_OUT)
    assert bench.printer.calls == []
    assert bench.told() == [None]
    assert bench.printer.blanks.left == 0


def test_a_printer_that_refuses_gives_the_blank_back(store: Store) -> None:
    bench = Bench(store)
    bench.printer.script = {0: Fault.REFUSE}
    assert bench.print() == PrintFailed(ErrorCode.PRINTER_REFUSED)
    assert bench.blanks.stock().next == "A01"
    assert bench.told() == [None]


def test_a_configured_encoder_writes_the_very_blank_before_it_is_printed(store: Store) -> None:
    encoder = SimulatedCardEncoder()
    bench = Bench(store, encoder)
    order: list[str] = []
    bench.printer.on_call = lambda call: order.append(f"{call} {len(encoder.chips)}")
    assert bench.print() == Printed(2)
    assert list(encoder.chips) == ["A01"]
    assert order[0] == "create 1"


@pytest.mark.parametrize(
    ("fault", "fate"),
    [
        (EncodeFault.REFUSED, None),
        (EncodeFault.NO_CARD, None),
        (EncodeFault.WRONG_CARD, None),
        (EncodeFault.CHIP_FAULT, BlankFate.DAMAGED),
        (EncodeFault.TIMED_OUT, BlankFate.DAMAGED),
    ],
)
def test_a_chip_that_may_hold_somebody_is_never_used_again(
    store: Store, fault: EncodeFault, fate: BlankFate | None
) -> None:
    bench = Bench(store, SimulatedCardEncoder(fault=fault))
    assert bench.print() == PrintFailed(ErrorCode.CHIP_NOT_ENCODED)
    assert bench.printer.calls == [], "nothing is printed on a chip that was not written"
    assert bench.blanks.fate_of("A01") is fate
    assert bench.blanks.stock().next == ("A01" if fate is None else "A02")
    assert bench.told() == [None if fate is None else api.Blank(serial="A01", end=api.BlankEnd.DAMAGED)]


@pytest.mark.expects_warnings
def test_a_chip_that_was_being_written_when_all_went_wrong_is_never_used_again(store: Store) -> None:
    """It stands on the disk before the encoder's first byte, whatever the encoder's own library then raises."""
    bench = Bench(store, BrokenEncoder())
    assert bench.print() == PrintFailed(ErrorCode.INTERNAL)
    assert bench.printer.calls == []
    assert bench.blanks.fate_of("A01") is BlankFate.DAMAGED
    assert bench.told() == [api.Blank(serial="A01", end=api.BlankEnd.DAMAGED)]


def test_an_encoder_that_is_away_is_told_to_the_printers_state(store: Store) -> None:
    encoder = SimulatedCardEncoder(is_on=False)
    bench = Bench(store, encoder)
    bench.station.refresh()
    assert not bench.printer.has_encoder
    encoder.is_on = True
    bench.station.refresh()
    assert bench.printer.has_encoder
    Bench(store, MissingCardEncoder()).station.refresh()


def test_a_card_that_was_written_and_not_printed_is_damaged(store: Store) -> None:
    bench = Bench(store, SimulatedCardEncoder())
    bench.printer.script = {0: Fault.REFUSE}
    assert bench.print() == PrintFailed(ErrorCode.PRINTER_REFUSED)
    assert bench.blanks.fate_of("A01") is BlankFate.DAMAGED


def test_the_inner_scanners_word_counts_and_each_reading_once(store: Store) -> None:
    scanner = InnerScanner()
    bench = Bench(store, scanner=scanner)
    bench.station.start()
    (listener,) = scanner.listeners
    listener(ScanOutcome("Z-0042"))
    assert bench.print() == Printed(2)
    assert bench.blanks.fate_of("Z0042") is BlankFate.USED
    listener(ScanOutcome("A03"))
    assert bench.print() == Printed(2)
    assert [lot.first for lot in bench.blanks.stock().lots] == ["A01", "A04"]
    listener(ScanOutcome("A03"))
    assert bench.print() == PrintFailed(ErrorCode.BLANKS_UNCHECKED), "a serial that was used is no blank's"
    assert bench.printer.blanks is None, "who reads each blank needs no books to go on"
    bench.station.stop()
    assert not scanner.is_running


def test_a_blank_that_cannot_be_read_is_not_printed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.core.card_station.READ_S", 0.01)
    bench = Bench(store, scanner=InnerScanner())
    bench.station.code_read("no serial")
    assert bench.print() == PrintFailed(ErrorCode.BLANKS_UNCHECKED)
    assert bench.printer.calls == []


def test_the_simulator_knows_every_end() -> None:
    cancel = threading.Event()
    encoder = SimulatedCardEncoder()
    order = EncodeOrder("p-1", "A01")
    assert encoder.encode(order, 1, cancel).end is EncodeEnd.ENCODED
    assert encoder.encode(order, 1, cancel).fault is EncodeFault.WRONG_CARD
    encoder.is_on = False
    assert encoder.encode(order, 1, cancel).fault is EncodeFault.AWAY
    encoder.is_on, encoder.encode_s = True, 60
    assert encoder.encode(EncodeOrder("p-2", "A02"), 0.01, cancel).fault is EncodeFault.TIMED_OUT
    cancel.set()
    assert encoder.encode(EncodeOrder("p-3", "A03"), 1, cancel).end is EncodeEnd.UNKNOWN
    missing = MissingCardEncoder().encode(order, 1, cancel)
    assert (missing.end, missing.fault) == (EncodeEnd.UNTOUCHED, EncodeFault.NOT_CONFIGURED)


@pytest.mark.parametrize(
    ("table", "is_production", "is_refused"),
    [
        ({"encoder": "simulated"}, True, True),
        ({"encoder": "simulated"}, False, False),
        ({"serials": "scanner"}, False, True),
        ({}, True, False),
    ],
)
def test_settings_that_promise_what_is_not_there_are_refused(
    store: Store, table: dict[str, str], is_production: bool, is_refused: bool
) -> None:
    settings = Settings.model_validate(
        {"kiosk": {"is_production": is_production}, "devices": {"card_printer": {"kind": "ipp", **table}}}
    )
    printer: Any = Cards(kind=DeviceKind.CARD_PRINTER)
    if is_refused:
        with pytest.raises(SettingsError):
            build_station(settings, store, printer)
    else:
        assert build_station(settings, store, printer) is not None
    assert build_station(Settings(), store, printer) is None, "no card printer, no station"
