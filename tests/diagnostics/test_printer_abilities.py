"""What the technician reads of a printer's abilities, in both languages."""

import pytest

from kiosk.devices.contract import PageForm, PrinterCapabilities
from kiosk.diagnostics.printer_abilities import ability_notes
from kiosk.texts import Texts

FOUND = PrinterCapabilities(
    formats=("application/pdf",),
    make="Anjungan A4",
    media_ready=("iso_a4_210x297mm",),
    trays=("main", "by-pass-tray"),
    sides=("one-sided", "two-sided-long-edge"),
    resolutions=((300, 300), (600, 1200)),
    page_form=PageForm.PDF,
    page_counter=1234,
    has_impressions=True,
)


def test_everything_is_told() -> None:
    assert ability_notes(FOUND, Texts("en")) == [
        "Printer: Anjungan A4",
        "Documents go as they are (PDF).",
        "Paper loaded: iso_a4_210x297mm. Trays: main, by-pass-tray.",
        "300, 600x1200 dots an inch, black and white, sides: one-sided, two-sided-long-edge.",
        "Page counter: 1234.",
    ]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("form", list(PageForm))
def test_every_form_has_its_sentence(form: PageForm, language: str) -> None:
    bare = PrinterCapabilities(formats=("image/urf",), page_form=form)
    queue = PrinterCapabilities(formats=("image/urf",), page_form=form, is_queue=True, has_colour=True)
    for found in (bare, queue):
        notes = ability_notes(found, Texts(language))
        assert len(notes) == 5
        assert all("{" not in note for note in notes)
    assert "CUPS" in ability_notes(queue, Texts(language))[-1]


def test_a_printer_that_said_nothing_has_no_notes() -> None:
    assert ability_notes(PrinterCapabilities(), Texts("id")) == []
