"""A QR as rows of modules, for the face to draw crisply."""

import segno


def qr_rows(text: str) -> list[str]:
    """Rows of ``0`` and ``1``, quiet zone excluded, error level M."""
    matrix = segno.make(text, error="m", micro=False).matrix
    return ["".join("1" if module else "0" for module in row) for row in matrix]
