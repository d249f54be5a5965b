"""What stands around the card printer: the recorded blanks, the machine's inner scanner, and the chip's encoder.

Before each card: take a serial (journaled), write the chip if an encoder is configured (journaled before the first
byte, since a chip that may hold somebody never goes to another person), then the printer's job. Runs on workers.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kiosk.devices.contract import Scanner
from kiosk.devices.contract.card_encoder import CardEncoder, EncodeEnd, EncodeOrder
from kiosk.devices.contract.card_printer import BlankCount, CardPrinter
from kiosk.errors import DeviceError, ErrorCode, SettingsError, StoreError
from kiosk.events import LogEvent, log
from kiosk.settings import Settings
from kiosk.store.blanks import BlankError, cleaned_serial

if TYPE_CHECKING:
    from kiosk.store.blanks import Blanks
    from kiosk.store.database import Store

SCANNER_BAUD = 115_200
READ_S = 5.0
"""How long the inner scanner may take to read the blank that lies ready."""


class CardStation:
    """With an ``inner_scanner`` each blank is read where it lies, and the books only say how many there should be."""

    def __init__(
        self,
        blanks: "Blanks",
        printer: CardPrinter,
        encoder: CardEncoder,
        *,
        low: int,
        inner_scanner: Scanner | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.blanks = blanks
        self._printer = printer
        self._encoder = encoder
        self._low = low
        self._inner_scanner = inner_scanner
        self._now = now
        self._code_came = threading.Condition()
        self._code = ""

    def start(self) -> None:
        """Begin to read blanks where they lie, and let the printer's state know the books."""
        if self._inner_scanner is not None:
            self._inner_scanner.listen_codes(lambda outcome: self.code_read(outcome.text))
            self._inner_scanner.start()
        self.refresh()

    def stop(self) -> None:
        """End the reading."""
        if self._inner_scanner is not None:
            self._inner_scanner.stop()

    def make_ready(self, print_id: str, deadline_s: float, cancel: threading.Event) -> None:
        """A serial, and a written chip where one is written here. Raises DeviceError or StoreError; nothing printed."""
        read = self._read_blank() if self._inner_scanner is not None else None
        serial = self.blanks.take(print_id, self._now(), read)
        if not self._encoder.is_configured:
            return
        self.blanks.mark_written(print_id, is_written=True)
        outcome = self._encoder.encode(EncodeOrder(print_id, serial), deadline_s, cancel)
        log(LogEvent.CHIP_ENDED, state=outcome.end, reason=outcome.fault)
        if outcome.end is EncodeEnd.UNTOUCHED:
            self.blanks.mark_written(print_id, is_written=False)
        if outcome.end is not EncodeEnd.ENCODED:
            raise DeviceError(ErrorCode.CHIP_NOT_ENCODED, f"{outcome.end} {outcome.fault}")

    def refresh(self) -> None:
        """Tell the printer's state how the books stand. Never raises: a store that can't be asked is told elsewhere."""
        self._printer.set_encoder(is_ready=self._encoder.is_ready() or not self._encoder.is_configured)
        try:
            stock = self.blanks.stock()
        except StoreError as error:
            log(LogEvent.STORE_REFUSED, code=error.code, name="blanks")
            return
        if self._inner_scanner is not None:
            # Who reads each blank needs no books to go on, and no technician to look at the next one.
            self._printer.set_blanks(None)
        else:
            self._printer.set_blanks(BlankCount(stock.left, self._low, stock.is_unchecked))

    def code_read(self, text: str) -> None:
        """The inner scanner read the blank that lies ready; what is no serial is no blank's."""
        try:
            serial = cleaned_serial(text)
        except BlankError:
            return
        with self._code_came:
            self._code = serial
            self._code_came.notify_all()

    def _read_blank(self) -> str:
        """The serial of the blank that lies ready, each used once."""
        with self._code_came:
            if not self._code_came.wait_for(lambda: self._code, READ_S):
                raise DeviceError(ErrorCode.BLANKS_UNCHECKED, "the inner scanner read no serial")
            code, self._code = self._code, ""
        return code


def build_station(settings: Settings, store: "Store", printer: CardPrinter) -> CardStation | None:
    """The station of this machine; None without a card printer, or where no serials are kept. Raises SettingsError."""
    table = settings.devices.card_printer
    if table.kind == "none" or table.serials == "none":
        return None
    encoder: CardEncoder
    if table.encoder == "simulated":
        if settings.kiosk.is_production:
            raise SettingsError(ErrorCode.SETTINGS_BROKEN, "devices.card_printer.encoder: simulated, in production")
        from kiosk.devices.encoding.simulator import SimulatedCardEncoder

        encoder = SimulatedCardEncoder()
    else:
        from kiosk.devices.encoding.not_configured import MissingCardEncoder

        encoder = MissingCardEncoder()
    from kiosk.store.blanks import Blanks

    inner = None
    if table.serials == "scanner":
        if not table.inner_scanner:
            raise SettingsError(ErrorCode.SETTINGS_BROKEN, "devices.card_printer.inner_scanner: no serial device")
        from kiosk.devices.scan.scanner import SerialScanner
        from kiosk.devices.slip.transport import serial_opener

        inner = SerialScanner(serial_opener(table.inner_scanner, SCANNER_BAUD), table.inner_scanner)
    station = CardStation(Blanks(store), printer, encoder, low=table.blanks_low, inner_scanner=inner)
    station.start()
    return station
