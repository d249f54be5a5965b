"""What ``kiosk diagnose`` adds to a printer's line: who moves its pages and how far, and a card printer's parts."""

from kiosk.devices.contract import DocumentPrinter, ShiftMeans
from kiosk.devices.contract.card_printer import CardPrinterParts, Fitted, Level, PartState
from kiosk.errors import KioskError
from kiosk.settings import Settings
from kiosk.store.prints import PrinterName
from kiosk.texts import Texts

Shift = tuple[float, float]


def stored_shifts(settings: Settings) -> dict[PrinterName, Shift]:
    """What the store holds, read beside a running core; empty where it can't be read. Nothing is made or set aside."""
    if not settings.store.path.is_file():
        return {}
    from sqlalchemy.exc import SQLAlchemyError

    from kiosk.store.database import Store, load_key
    from kiosk.store.shifts import Shifts
    from kiosk.store.stored_state import StoredState

    try:
        # In production mode no key is made where there is none.
        store = Store(settings.store.path, load_key(settings.store.key_file, is_production=True))
        try:
            shifts = Shifts(StoredState(store))
            return {name: shifts.get(name) for name in PrinterName}
        finally:
            store.close()
    except (KioskError, SQLAlchemyError):
        return {}


def shift_notes(printer: DocumentPrinter, shift: Shift | None, texts: Texts) -> list[str]:
    """The shift in force and who carries it out; how to adjust at the printer where nobody can."""
    found = printer.capabilities()
    if not found.formats:
        return []
    from kiosk.documents.test_page import shift_words

    told = f"{shift_words(shift)}, " if shift is not None else ""
    notes = [f"{texts('test-page.shift')}: {told}{texts(f'shift.{found.shift}')}"]
    if found.shift is ShiftMeans.NONE:
        notes.append(texts("shift.none-do"))
    return notes


def part_notes(parts: CardPrinterParts, texts: Texts) -> list[str]:
    """One line a part: whether it is there, who says so, and how much is left."""
    return [_part(part, texts) for part in parts.all()]


def _part(part: PartState, texts: Texts) -> str:
    words = [texts(f"part.{part.part}") + ":", texts(f"part.fitted.{part.fitted}")]
    if part.fitted is Fitted.YES and part.level is not Level.UNKNOWN:
        words.append(texts(f"part.level.{part.level}"))
    if part.left is not None:
        words.append(str(part.left))
    elif part.percent is not None:
        words.append(f"{part.percent} %")
    words.append(f"({texts(f'part.source.{part.source}')})")
    return " ".join(words)
