"""Pages of a PDF as pictures, in memory only, by PDFium.

PDFium is not thread-safe: every call of the kiosk into it goes through ``PDFIUM``.
"""

from io import BytesIO
from threading import Lock

import pypdfium2

from kiosk.errors import DocumentError, ErrorCode

PDFIUM = Lock()
MM_PER_POINT = 25.4 / 72
MAX_WIDTH_PX = 4096


def page_sizes_mm(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of every page as it is shown (rotation applied). Raises DocumentError (DOCUMENT_UNREADABLE)."""
    with PDFIUM:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, "PDFium cannot open it") from error
        try:
            sizes = [document.get_page_size(index) for index in range(len(document))]
        except pypdfium2.PdfiumError as error:
            raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, "PDFium cannot read a page") from error
        finally:
            document.close()
    return [(width * MM_PER_POINT, height * MM_PER_POINT) for width, height in sizes]


def render_page(pdf: bytes, page: int, width_px: int) -> bytes:
    """PNG of one page (from 0) at ``width_px``, white behind. Raises DocumentError, or ValueError: no such page."""
    if not 1 <= width_px <= MAX_WIDTH_PX:
        raise ValueError(f"width {width_px}")
    with PDFIUM:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, "PDFium cannot open it") from error
        try:
            if not 0 <= page < len(document):
                raise ValueError(f"page {page} of {len(document)}")
            sheet = document[page]
            bitmap = sheet.render(
                scale=width_px / sheet.get_width(), fill_color=(255, 255, 255, 255), rev_byteorder=True
            )
            picture = bitmap.to_pil().convert("RGB")
        except pypdfium2.PdfiumError as error:
            raise DocumentError(ErrorCode.DOCUMENT_UNREADABLE, "PDFium cannot draw it") from error
        finally:
            document.close()
    out = BytesIO()
    # Level 1: the picture crosses a local socket once; a smaller one would cost more time than it saves.
    picture.save(out, "PNG", compress_level=1)
    return out.getvalue()
