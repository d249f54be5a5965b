"""The sheet of the previews: the invented family's card, drawn by the office and rastered as the core does it."""

from functools import cache

from kiosk.api import DocumentKind
from kiosk.documents.preview import render_page
from kiosk.office.drawing import family_card
from kiosk.office.drawing.data import Sheet
from kiosk.ui.pictures import HeldPictures
from tests.gallery.people import somebody

PICTURE_NAME = "preview-0"
"""What the core calls the first sheet."""
SHEETS = 3
"""So many sheets the longest preview of the gallery has."""
WIDTH_PX = 1400


@cache
def sheet_png() -> bytes:
    """The family card (KK): A4 landscape."""
    whose = somebody()
    sheet = Sheet(
        kind=DocumentKind.KK,
        number=whose.person.no_kk,
        issued=whose.family.issued,
        verify_id="7KQ2M4X9",
        subject_nik=whose.person.nik,
        subject_name=whose.person.name,
        family=whose.family,
        details={},
    )
    return render_page(family_card.draw(sheet), 0, WIDTH_PX)


@cache
def card_png() -> bytes:
    """The front of the identity card: ID-1."""
    from kiosk.office.drawing import identity_card

    whose = somebody()
    sheet = Sheet(
        kind=DocumentKind.KTP_EL,
        number=whose.person.nik,
        issued=whose.family.issued,
        verify_id="7KQ2M4X9",
        subject_nik=whose.person.nik,
        subject_name=whose.person.name,
        family=whose.family,
        details={},
    )
    return render_page(identity_card.draw(sheet), 0, WIDTH_PX)


def hold(held: HeldPictures, png: bytes = b"") -> None:
    """Give the face the sheets, as the core does before a preview."""
    for number in range(SHEETS):
        held.hold(f"preview-{number}", png or sheet_png())
