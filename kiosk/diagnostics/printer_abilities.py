"""What a printer said that it can, as ``kiosk diagnose`` tells the technician."""

from kiosk.devices.contract import PrinterCapabilities
from kiosk.texts import Texts


def ability_notes(found: PrinterCapabilities, texts: Texts) -> list[str]:
    """One line a subject; none for a printer that has said nothing yet. The printer's own words stay as they are."""
    if not found.formats:
        return []
    dots = ", ".join(f"{x}" if x == y else f"{x}x{y}" for x, y in found.resolutions)
    notes = [
        texts("printer.made", make=found.make or "-"),
        texts(f"printer.form-{found.page_form}"),
        texts("printer.paper", ready=_words(found.media_ready), trays=_words(found.trays)),
        texts(
            "printer.engine",
            dots=dots or "-",
            colour=texts("printer.colour" if found.has_colour else "printer.grey"),
            sides=_words(found.sides),
        ),
    ]
    if found.is_queue:
        notes.append(texts("printer.queue"))
    elif found.page_counter is not None:
        notes.append(texts("printer.counter", count=found.page_counter))
    elif not found.has_impressions:
        notes.append(texts("printer.counts-nothing"))
    return notes


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(words[:6]) or "-"
