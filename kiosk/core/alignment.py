"""Where on the sheet each printer prints: the stored shift, who applies it, and the ruler page that shows it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from kiosk.devices.contract import DeviceKind, DocumentPrinter, ImageShift, ShiftMeans
from kiosk.settings import Settings
from kiosk.store.prints import PrinterName
from kiosk.texts import Texts

if TYPE_CHECKING:
    from kiosk.store.shifts import Shifts

KINDS = {PrinterName.A4: DeviceKind.DOCUMENT_PRINTER, PrinterName.CARD: DeviceKind.CARD_PRINTER}


class Alignment:
    """Any thread. Raises StoreError where the store is asked."""

    def __init__(
        self,
        settings: Settings,
        shifts: "Shifts",
        printers: Mapping[PrinterName, DocumentPrinter],
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._shifts = shifts
        self._printers = printers
        self._now = now

    def apply(self) -> None:
        """Give every printer what is stored for it, after a start."""
        for name, printer in self._printers.items():
            printer.set_shift(ImageShift(*self._shifts.get(name)))

    def shift(self, name: PrinterName) -> tuple[float, float]:
        """Millimetres to the right and down, in force."""
        return self._shifts.get(name)

    def means(self, name: PrinterName) -> ShiftMeans:
        """Who can move this printer's picture."""
        return self._printers[name].capabilities().shift

    def set(self, name: PrinterName, x_mm: float, y_mm: float) -> None:
        """Store it, then use it from the next page on. Raises ValueError beyond the range."""
        self._shifts.set(name, x_mm, y_mm)
        self._printers[name].set_shift(ImageShift(x_mm, y_mm))

    def facts(self, texts: Texts) -> tuple[tuple[str, str], ...]:
        """A line for each printer of the machine, for the technician's page."""
        from kiosk.documents.test_page import shift_words

        lines = []
        for name, printer in self._printers.items():
            if not printer.status().is_usable and not printer.capabilities().formats:
                continue
            label = texts("shift.fact", device=texts(f"device.{KINDS[name]}"))
            lines.append((label, f"{shift_words(self.shift(name))}, {texts(f'shift.{self.means(name)}')}"))
        return tuple(lines)

    def ruler_page(self, name: PrinterName, texts: Texts) -> bytes:
        """The ruler page of that printer's paper, drawn as if nothing were shifted. Import-heavy: on a worker."""
        from kiosk.documents.test_page import RulerFacts, draw_id1_test_page, draw_test_page

        printer, devices = self._printers[name], self._settings.devices
        table = devices.card_printer if name is PrinterName.CARD else devices.document_printer
        facts = RulerFacts(
            kiosk_id=self._settings.kiosk.id,
            at=self._now(),
            printer=printer.capabilities().make or texts(f"device.{KINDS[name]}"),
            media=table.media,
            shift=self.shift(name),
            how=texts(f"shift.{self.means(name)}"),
        )
        draw = draw_id1_test_page if name is PrinterName.CARD else draw_test_page
        return draw(texts, facts)


def nominal_mm(name: PrinterName) -> float:
    """Where arrows A and B of that printer's ruler page end."""
    from kiosk.documents.test_page import A4_ARROW_MM, ID_1_ARROW_MM

    return ID_1_ARROW_MM if name is PrinterName.CARD else A4_ARROW_MM
