from io import BytesIO

import pytest
from PIL import Image

from kiosk.documents.preview import page_sizes_mm, render_page
from kiosk.errors import DocumentError
from tests.documents.signing import A4, A4_LANDSCAPE, plain_pdf


def picture(pdf: bytes, page: int = 0, width_px: int = 600) -> Image.Image:
    return Image.open(BytesIO(render_page(pdf, page, width_px)))


@pytest.mark.parametrize(("size", "height"), [(A4, 849), (A4_LANDSCAPE, 424)])
def test_a_page_comes_at_the_wanted_width(size: tuple[float, float], height: int) -> None:
    image = picture(plain_pdf(1, size))
    assert image.format == "PNG"
    assert image.size[0] == 600
    assert abs(image.size[1] - height) <= 1


def test_it_is_white_behind_and_has_ink() -> None:
    image = picture(plain_pdf()).convert("L")
    histogram = image.histogram()
    assert histogram[255] > image.width * image.height * 0.9
    assert sum(histogram[:200]) > 100


def test_each_page_is_its_own() -> None:
    pdf = plain_pdf(2)
    assert render_page(pdf, 0, 500) != render_page(pdf, 1, 500)


def test_pages_are_measured() -> None:
    sizes = page_sizes_mm(plain_pdf(3, A4))
    assert [(round(width), round(height)) for width, height in sizes] == [(210, 297)] * 3


def test_what_is_not_there() -> None:
    with pytest.raises(ValueError):
        render_page(plain_pdf(), 1, 500)
    with pytest.raises(ValueError):
        render_page(plain_pdf(), -1, 500)
    with pytest.raises(ValueError):
        render_page(plain_pdf(), 0, 0)


@pytest.mark.parametrize("junk", [b"", b"no pdf", b"%PDF-1.7\n"])
def test_what_is_no_document(junk: bytes) -> None:
    with pytest.raises(DocumentError):
        render_page(junk, 0, 500)
    with pytest.raises(DocumentError):
        page_sizes_mm(junk)
