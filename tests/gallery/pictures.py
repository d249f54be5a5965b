"""Sample pictures: a sheet that looks like a family card, and a QR code."""

from functools import cache

import segno
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

PICTURE_NAME = "kk-1"
SHEET = (1403, 992)
"""Pixels of A4 landscape at 120 dpi."""


def code_rows() -> list[str]:
    code = segno.make("https://dukcapil.tanjungsari.example/u/7KQ2M4", error="m", micro=False)
    return ["".join("1" if module else "0" for module in row) for row in code.matrix]


@cache
def sheet_png() -> bytes:
    """A drawn sample: heading, two tables, a code. Not a document of any office."""
    image = QImage(*SHEET, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    ink = QColor("#222222")
    painter.setPen(ink)

    def write(x: float, y: float, width: float, text: str, pixels: int, align: Qt.AlignmentFlag, is_bold: bool) -> None:
        font = QFont()
        font.setPixelSize(pixels)
        font.setBold(is_bold)
        painter.setFont(font)
        painter.drawText(QRectF(x, y, width, pixels * 1.5), align, text)

    centre, left = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignLeft
    write(0, 60, SHEET[0], "KARTU KELUARGA", 40, centre, True)
    write(0, 116, SHEET[0], "No. 9901010101200001", 26, centre, False)
    for row, (label, value) in enumerate(
        [
            ("Nama Kepala Keluarga", "BAYU WIBISONO"),
            ("Alamat", "JALAN MELATI 12"),
            ("RT/RW", "003/005"),
            ("Desa/Kelurahan", "SUKAMAJU BARU"),
        ]
    ):
        write(80, 180 + row * 26, 400, label, 18, left, False)
        write(300, 180 + row * 26, 400, f": {value}", 18, left, False)
    people = [
        ("BAYU WIBISONO", "990101 120385 0001", "LAKI-LAKI"),
        ("SEKAR ARUM WIBISONO", "990101 410787 0003", "PEREMPUAN"),
        ("LARAS WIBISONO", "990101 560612 0002", "PEREMPUAN"),
        ("DAMAR WIBISONO", "990101 080915 0001", "LAKI-LAKI"),
    ]
    edges = [80, 130, 470, 760, 930, 1090, 1220, 1323]
    for top, count in ((310, 8), (600, 8)):
        for line in range(count + 1):
            painter.drawLine(80, top + line * 30, 1323, top + line * 30)
        for edge in edges:
            painter.drawLine(edge, top, edge, top + count * 30)
        for row, person in enumerate(people, start=1):
            write(95, top + row * 30 + 5, 40, str(row), 15, left, False)
            for place, text in enumerate(person):
                write(edges[place + 1] + 8, top + row * 30 + 5, 300, text, 15, left, False)
    rows = code_rows()
    for y, row in enumerate(rows):
        for x, module in enumerate(row):
            if module == "1":
                painter.fillRect(1180 + x * 3, 866 + y * 3, 3, 3, ink)
    write(80, 900, 900, "Contoh untuk galeri, bukan dokumen resmi", 18, left, False)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())
