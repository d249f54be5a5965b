"""What the kiosk draws itself, and the dates and codes that stand on it."""

from datetime import UTC, datetime

import pytest
import zxingcpp
from PIL import Image

from kiosk.core.dates import clock, long_date, moment
from kiosk.core.qr import qr_rows
from kiosk.devices.contract import Reason, SlipBitmap, SlipEnd, SlipOutcome

from .hands import Bench, bench


@pytest.fixture
def at() -> Bench:
    return bench()


def test_dates_are_read_as_people_of_the_language_read_them() -> None:
    assert long_date("2026-08-17", "id") == "17 Agustus 2026"
    assert long_date("2026-08-17", "en") == "17 August 2026"
    for strange in ("", "17-08-2026", "2026-02-30", "besok"):
        assert long_date(strange, "id") == strange
    at = datetime(2026, 3, 5, 9, 7, tzinfo=UTC)
    assert (clock(at, "id"), clock(at, "en")) == ("09.07", "09:07")
    assert (moment(at, "id"), moment(at, "en")) == ("5 Maret 2026, 09.07", "5 March 2026, 09:07")


@pytest.mark.parametrize("text", ["https://kantor.invalid/h/abc123", "x" * 200, "é漢"])
def test_a_code_on_the_screen_can_be_read(text: str) -> None:
    rows = qr_rows(text)
    assert len({len(row) for row in rows} | {len(rows)}) == 1, "a square"
    assert set("".join(rows)) == {"0", "1"}
    side = len(rows)
    image = Image.new("L", (side + 8, side + 8), 255)
    for y, row in enumerate(rows):
        for x, module in enumerate(row):
            image.putpixel((x + 4, y + 4), 0 if module == "1" else 255)
    (found,) = zxingcpp.read_barcodes(image.resize((8 * (side + 8), 8 * (side + 8)), Image.Resampling.NEAREST))
    assert found.text == text


@pytest.mark.parametrize("width", [384, 576])
def test_the_test_slip_fits_its_printer_and_says_how_it_ended(at: Bench, width: int) -> None:
    at.slips.width_dots = width
    assert at.paper.print_test_slip(at.slips)[0] is SlipEnd.PRINTED
    (slip,) = at.slips.slips
    assert isinstance(slip, SlipBitmap)
    assert slip.width_dots == width
    assert len(slip.rows) == slip.height_dots * width // 8
    at.slips.outcome = SlipOutcome(SlipEnd.FAILED, Reason.MEDIA_EMPTY)
    end, words = at.paper.print_test_slip(at.slips)
    assert end is SlipEnd.FAILED
    assert len(words.split()) > 2


def test_slips_of_two_visits_differ_by_their_reference_alone(at: Bench) -> None:
    one = at.paper.slip(at.session, "receipt", 576)
    assert at.paper.slip(at.session, "receipt", 576) == one
    other = bench()
    assert other.paper.slip(other.session, "receipt", 576) != one
