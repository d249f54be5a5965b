"""The printer of ID-1 cards: a document printer, plus what its parts say and what the kiosk's books say of the blanks.

The job itself is the document printer's (one signed PDF of two faces, one job); here the parts are asked for, a full
reject tray is told from a full outlet, a card without a flipper is refused a second face, and the recorded blanks
count into the state, so that one place greys the service.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kiosk.devices.contract import (
    Band,
    DeviceKind,
    DocumentPrinter,
    Job,
    JobReport,
    PrinterCapabilities,
    Reason,
    Status,
)
from kiosk.devices.contract.card_printer import BlankCount, CardPrinterParts, Fitted, Level
from kiosk.devices.contract.document_printer import ImageShift, RasterForm
from kiosk.devices.printing.card_parts import PART_ATTRIBUTES, PartSettings, is_main_bin_full, parts_of
from kiosk.devices.printing.ipp import IppClient, Operation, Post
from kiosk.devices.printing.ipp_link import LinkError
from kiosk.devices.reasons import band_of, severity, worst_first
from kiosk.devices.status import Clock
from kiosk.devices.watching import WatchedDevice
from kiosk.errors import DeviceError, ErrorCode

ASK_S = 5.0
"""How often the parts are asked for at rest; a change of the printer's own state asks at once."""
DAMPED_S = 0.5
"""How soon they are asked for again while a better state must still prove itself."""

CALL_S = 1.0

AskParts = Callable[[list[str]], Mapping[str, Any] | None]
"""Printer attributes by name, or None when the printer can't be asked; blocks a second at most."""


class IdCardPrinter(WatchedDevice):
    """``inner`` carries the jobs and is started and stopped with it; ``ask`` brings the attributes of the parts."""

    def __init__(
        self,
        inner: DocumentPrinter,
        ask: AskParts,
        settings: PartSettings | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        super().__init__(DeviceKind.CARD_PRINTER, inner.name, clock)
        self._inner = inner
        self._ask = ask
        self._settings = settings or PartSettings()
        self._is_encoder_ready = True
        self._parts = parts_of({}, self._settings)
        self._is_outlet_full = False
        self._blanks: BlankCount | None = None
        self._wake = threading.Event()
        self._end_listening: Callable[[], None] = lambda: None

    # --- life -----------------------------------------------------------------------------------------------------

    def _opened(self) -> None:
        self._inner.start()
        self._end_listening = self._inner.listen(self._inner_changed)

    def _interrupt(self) -> None:
        # First deaf, then stopped: the last word of this device is its own.
        self._end_listening()
        self._wake.set()

    def _closed(self) -> None:
        self._end_listening()
        self._inner.stop()

    def _turn(self, stopping: threading.Event) -> None:
        self._wake.clear()
        seen, shown = self._look(), self._board.status()
        if not stopping.is_set():
            is_shown = (seen.band, seen.reasons) == (shown.band, shown.reasons)
            self._wake.wait(ASK_S if is_shown else DAMPED_S)

    def _inner_changed(self, status: Status) -> None:
        """On the inner printer's thread: the worse counts at once; the better with the parts, which are asked anew."""
        if severity(status.band) >= severity(self._board.status().band):
            self._tell(status)
        self._wake.set()

    def _look(self) -> Status:
        """Ask for the parts where the printer can be asked, and put all together; what was seen, undamped."""
        if self._inner.status().band is not Band.UNKNOWN:
            found = self._ask(PART_ATTRIBUTES)
            if found is not None:
                self._parts = parts_of(found, self._settings)
                self._is_outlet_full = is_main_bin_full(found)
        else:
            # What comes back may be another printer, or this one with another ribbon.
            self._parts = parts_of({}, self._settings)
        return self._tell(self._inner.status())

    def _tell(self, status: Status) -> Status:
        reasons = [*self._renamed(status.reasons), *self._own_reasons()]
        band = max((status.band, band_of(reasons)), key=severity)
        detail = ", ".join(part for part in (status.detail, self._detail()) if part)
        return self._board.report(reasons, detail, band)

    def _renamed(self, reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
        """A full outlet that is only the reject tray is named so."""
        is_reject = self._parts.reject_tray.level is Level.FULL and not self._is_outlet_full
        return tuple(Reason.REJECT_FULL if is_reject and one is Reason.OUTPUT_FULL else one for one in reasons)

    def _own_reasons(self) -> list[Reason]:
        found = []
        if self._parts.reject_tray.level is Level.FULL:
            found.append(Reason.REJECT_FULL)
        # A ribbon at 0 of 250 may still have a panel: empty is what the printer says when it stops for it.
        if self._parts.ribbon.level in (Level.LOW, Level.EMPTY):
            found.append(Reason.RIBBON_LOW)
        if self._parts.feeder.level is Level.LOW:
            found.append(Reason.CARDS_LOW)
        blanks = self._blanks
        if blanks is not None:
            if blanks.is_unchecked:
                found.append(Reason.BLANKS_UNCHECKED)
            if blanks.left == 0:
                found.append(Reason.CARDS_EMPTY)
            elif blanks.left <= blanks.low:
                found.append(Reason.CARDS_LOW)
        if not self._is_encoder_ready:
            found.append(Reason.ENCODER_AWAY)
        return found

    def _detail(self) -> str:
        """Numbers for staff: recorded blanks, and ribbon panels or percent."""
        words = []
        if self._blanks is not None:
            words.append(f"# {self._blanks.left}")
        ribbon = self._parts.ribbon
        if ribbon.left is not None or ribbon.percent is not None:
            words.append(f"ribbon {ribbon.left if ribbon.left is not None else f'{ribbon.percent} %'}")
        return ", ".join(words)

    # --- cards ----------------------------------------------------------------------------------------------------

    def parts(self) -> CardPrinterParts:
        """See ``CardPrinter.parts``."""
        return self._parts

    def set_blanks(self, blanks: BlankCount | None) -> None:
        """See ``CardPrinter.set_blanks``; counts at once."""
        self._blanks = blanks
        if self._thread is not None:
            self._tell(self._inner.status())

    def set_encoder(self, *, is_ready: bool) -> None:
        """See ``CardPrinter.set_encoder``; counts at once."""
        self._is_encoder_ready = is_ready
        if self._thread is not None:
            self._tell(self._inner.status())

    # --- jobs -----------------------------------------------------------------------------------------------------

    def capabilities(self) -> PrinterCapabilities:
        """See ``DocumentPrinter.capabilities``."""
        return self._inner.capabilities()

    def set_shift(self, shift: ImageShift) -> None:
        """See ``DocumentPrinter.set_shift``."""
        self._inner.set_shift(shift)

    def raster_form(self) -> RasterForm | None:
        """See ``DocumentPrinter.raster_form``."""
        return self._inner.raster_form()

    def look(self, deadline_s: float = 2.0) -> PrinterCapabilities:
        """See ``DocumentPrinter.look``."""
        return self._inner.look(deadline_s)

    def create(self, name: str, pages: int, deadline_s: float) -> Job:
        """See ``DocumentPrinter.create``. Also raises for two faces without a flipper, and for a full reject tray."""
        if self._parts.reject_tray.level is Level.FULL:
            self._look()
            if self._parts.reject_tray.level is Level.FULL:
                raise DeviceError(ErrorCode.REJECT_TRAY_FULL)
        if pages > 1 and self._parts.flipper.fitted is Fitted.NO:
            raise DeviceError(ErrorCode.PRINTER_REFUSED, "no flipper: two faces would come out on two cards")
        return self._inner.create(name, pages, deadline_s)

    def send(self, job: Job, document: bytes | Iterable[bytes], deadline_s: float) -> None:
        """See ``DocumentPrinter.send``."""
        self._inner.send(job, document, deadline_s)

    def poll(self, job: Job, deadline_s: float = 2.0) -> JobReport:
        """See ``DocumentPrinter.poll``; a full reject tray under its own name."""
        report = self._inner.poll(job, deadline_s)
        if Reason.OUTPUT_FULL not in report.reasons:
            return report
        if self._parts.reject_tray.fitted is Fitted.YES and self._parts.reject_tray.level is not Level.FULL:
            self._look()
        reasons = worst_first(self._renamed(report.reasons))
        return JobReport(report.state, report.impressions, reasons, report.has_lost_link, report.detail)

    def find(self, name: str, deadline_s: float = 5.0) -> tuple[Job, JobReport] | None:
        """See ``DocumentPrinter.find``."""
        return self._inner.find(name, deadline_s)

    def cancel(self, job: Job, deadline_s: float = 5.0) -> bool:
        """See ``DocumentPrinter.cancel``."""
        return self._inner.cancel(job, deadline_s)

    def open_jobs(self, deadline_s: float = 5.0) -> list[Job]:
        """See ``DocumentPrinter.open_jobs``."""
        return self._inner.open_jobs(deadline_s)


def ipp_parts(uri: str, post: Post | None = None) -> AskParts:
    """Ask a printer (or its CUPS queue, which passes on what it knows) for the attributes of its parts."""
    client = IppClient(uri, post)

    def ask(names: list[str]) -> Mapping[str, Any] | None:
        attributes = {"requesting-user-name": "anjungan", "requested-attributes": names}
        try:
            answer = client.call(Operation.GET_PRINTER_ATTRIBUTES, CALL_S, attributes)
        except LinkError:
            return None
        return answer.printer if answer.is_ok else None

    return ask
