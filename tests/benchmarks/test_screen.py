"""How pixels are judged: ink in a zone, and the first frame that holds a document. No screen is needed."""

import pytest

from benchmarks.interaction import first_frame_of
from benchmarks.pages import ROUND, VISIT
from benchmarks.screen import WIDTH, Ink, NeverChangedError, Zone

PAPER = bytes([247]) * 1000


def written(amount: int, ground: int = 247) -> bytes:
    return bytes([20]) * amount + bytes([ground]) * (1000 - amount)


def test_ink_counts_what_stands_out_from_the_ground() -> None:
    ink = Ink(written(300))
    assert ink.amount == 300
    assert not ink.is_written(PAPER)
    assert not ink.is_written(written(170))
    assert ink.is_written(written(180))


def test_ink_takes_light_text_on_a_dark_ground_too() -> None:
    ink = Ink(bytes([250]) * 200 + bytes([40]) * 800)
    assert ink.amount == 200


def test_a_soft_shade_is_no_ink() -> None:
    assert Ink(bytes([200]) * 300 + bytes([247]) * 700).amount == 0


def test_the_first_frame_is_the_first_that_holds_the_document_even_while_it_slides() -> None:
    grey = bytes([60]) * 1000
    frames = [(0.0, written(20)), (1.0, PAPER), (2.0, grey), (3.0, written(280)), (4.0, written(300))]
    assert first_frame_of(frames) == 3.0


def test_a_document_that_cannot_be_told_from_the_page_before_is_no_sample() -> None:
    with pytest.raises(NeverChangedError):
        first_frame_of([(0.0, written(300)), (1.0, written(300))])
    with pytest.raises(NeverChangedError):
        first_frame_of([(0.0, PAPER)])


def test_a_band_stays_inside_the_screen() -> None:
    band = Zone(-20, 100, WIDTH + 80, 60).band(22, 12)
    assert (band.x, band.width, band.y, band.height) == (0, WIDTH, 122, 12)


def test_a_visit_is_made_of_pages_of_the_round() -> None:
    assert set(VISIT) <= set(ROUND)
