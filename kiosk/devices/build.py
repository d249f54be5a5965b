"""The devices that ``kiosk.toml`` names, built but not started."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.devices.contract import CardReader, Device, DeviceKind, DocumentPrinter, Scanner, SlipPrinter
from kiosk.devices.not_configured import MissingCardReader, MissingPrinter, MissingScanner, MissingSlipPrinter
from kiosk.devices.status import Clock
from kiosk.errors import ErrorCode, SettingsError
from kiosk.settings import CardReaderTable, DevicesTable, PrinterTable, ScannerTable, SlipPrinterTable

SCANNER_BAUD = 115_200
"""USB CDC has no line speed; one must be given all the same."""


@dataclass(frozen=True, slots=True)
class Devices:
    """All devices of a machine; what it lacks is there too, and says NOT_CONFIGURED."""

    card_reader: CardReader
    document_printer: DocumentPrinter
    card_printer: DocumentPrinter
    slip_printer: SlipPrinter
    scanner: Scanner

    def __iter__(self) -> Iterator[Device]:
        return iter((self.card_reader, self.document_printer, self.card_printer, self.slip_printer, self.scanner))

    def start(self) -> None:
        """Start them all; returns at once."""
        for device in self:
            device.start()

    def stop(self) -> None:
        """Stop them all."""
        for device in self:
            device.stop()


def build_devices(settings: DevicesTable, clock: Clock = time.monotonic) -> Devices:
    """Build what the settings name. Raises SettingsError on a bad address. Imports what is needed, no more."""
    try:
        return Devices(
            _card_reader(settings.card_reader, clock),
            _printer(settings.document_printer, DeviceKind.DOCUMENT_PRINTER, clock),
            _printer(settings.card_printer, DeviceKind.CARD_PRINTER, clock),
            _slip_printer(settings.slip_printer, clock),
            _scanner(settings.scanner, clock),
        )
    except (ValueError, ImportError) as error:
        raise SettingsError(ErrorCode.SETTINGS_BROKEN, f"devices: {error}") from error


def _card_reader(table: CardReaderTable, clock: Clock) -> CardReader:
    if table.kind == "none":
        return MissingCardReader(clock)
    from kiosk.devices.card.reader import CardReader as ReaderOverLink

    if table.kind == "socket":
        from kiosk.devices.card.socket_link import SocketLink

        return ReaderOverLink(SocketLink(table.address), clock)
    from kiosk.devices.card.pcsc_link import PcscLink

    return ReaderOverLink(PcscLink(table.reader), clock)


def _printer(table: PrinterTable, kind: DeviceKind, clock: Clock) -> DocumentPrinter:
    if table.kind == "none":
        return MissingPrinter(kind, clock)
    from kiosk.devices.printing.document_printer import IppPrinter

    return IppPrinter(table.uri, table.media, kind, clock)


def _slip_printer(table: SlipPrinterTable, clock: Clock) -> SlipPrinter:
    if table.kind == "none":
        return MissingSlipPrinter(table.width_dots, clock)
    from kiosk.devices.slip.printer import EscPosPrinter
    from kiosk.devices.slip.transport import serial_opener, tcp_opener

    opener = tcp_opener(table.address) if table.kind == "tcp" else serial_opener(table.address, table.baud)
    return EscPosPrinter(opener, table.address, table.width_dots, clock)


def _scanner(table: ScannerTable, clock: Clock) -> Scanner:
    from kiosk.devices.scan.scanner import SerialScanner, WedgeScanner
    from kiosk.devices.slip.transport import serial_opener

    if table.kind == "none":
        return MissingScanner(clock)
    if table.kind == "wedge":
        return WedgeScanner(clock)
    return SerialScanner(serial_opener(table.address, SCANNER_BAUD), table.address, clock)
