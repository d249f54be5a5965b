"""The identity card (KTP-el) as a two-page PDF of ID-1 size: data in front, emblem behind."""

from io import BytesIO
from math import pi, sin

from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from kiosk import api
from kiosk.office import codes, regions
from kiosk.office.drawing import paper
from kiosk.office.drawing.data import Sheet, numeric
from kiosk.office.drawing.paper import ID1_HEIGHT, ID1_WIDTH, MM, SANS, SANS_BOLD

GROUND = Color(0.86, 0.925, 0.945)
WAVE = Color(0.76, 0.865, 0.9)
HEADLINE = Color(0.04, 0.2, 0.36)
RED, BLUE = Color(0.72, 0.12, 0.14), Color(0.13, 0.33, 0.62)
"""Photo grounds: red for odd birth years, blue for even ones."""

LABEL_LEFT, COLON, VALUE_LEFT = 4 * MM, 22.2 * MM, 23.6 * MM
PHOTO_LEFT, PHOTO_WIDTH, PHOTO_HEIGHT = 63.4 * MM, 18.6 * MM, 23.4 * MM
TEXT, LEADING = 6.3, 8.05
LOWEST = 5.2 * MM
"""The last line of the data stands no lower."""


def draw(sheet: Sheet) -> bytes:
    """The unsigned PDF: front and back."""
    buffer = BytesIO()
    canvas = paper.new_canvas(buffer, ID1_WIDTH, ID1_HEIGHT, "KTP-el (CONTOH)")
    _ground(canvas)
    _front(canvas, sheet, sheet.member(sheet.subject_nik))
    canvas.showPage()
    _ground(canvas)
    _back(canvas)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _ground(canvas: Canvas) -> None:
    canvas.setFillColor(GROUND)
    canvas.rect(0, 0, ID1_WIDTH, ID1_HEIGHT, stroke=0, fill=1)
    canvas.setStrokeColor(WAVE)
    canvas.setLineWidth(0.28)
    steps = 36
    for line in range(26):
        base = line * ID1_HEIGHT / 25
        path = canvas.beginPath()
        for step in range(steps + 1):
            x = step * ID1_WIDTH / steps
            y = base + 3.4 * sin(2 * pi * step / steps * 2 + line * 0.45)
            (path.lineTo if step else path.moveTo)(x, y)
        canvas.drawPath(path)
    canvas.saveState()
    canvas.setFillColor(Color(0.8, 0.885, 0.915))
    canvas.translate(ID1_WIDTH / 2, ID1_HEIGHT / 2)
    canvas.rotate(28)
    paper.write_centred(canvas, 0, -17, "CONTOH", SANS_BOLD, 48)
    canvas.restoreState()


def _front(canvas: Canvas, sheet: Sheet, holder: api.FamilyMember) -> None:
    address = sheet.family.address
    canvas.setFillColor(HEADLINE)
    top = ID1_HEIGHT - 4.2 * MM
    paper.write_centred(canvas, ID1_WIDTH / 2, top, f"PROVINSI {address.province}", SANS_BOLD, 7.6)
    paper.write_centred(canvas, ID1_WIDTH / 2, top - 8.6, f"KABUPATEN {address.regency}", SANS_BOLD, 7.6)
    canvas.setFillGray(paper.INK)
    y = top - 20.4
    paper.write(canvas, LABEL_LEFT, y, "NIK", SANS_BOLD, 8.6)
    paper.write(canvas, 14 * MM, y, f": {holder.nik}", SANS_BOLD, 10.2)
    y -= 10.8
    blood = "-" if holder.blood.code == codes.BLOOD_UNKNOWN else holder.blood.label.id
    marital = codes.label("marital_status_card", codes.CARD_MARITAL[holder.marital_status.code])
    rows = (
        ("Nama", holder.name),
        ("Tempat/Tgl Lahir", f"{holder.birth_place}, {numeric(holder.birth_date)}"),
        ("Jenis Kelamin", holder.sex.label.id),
        ("Alamat", address.street),
        ("     RT/RW", f"{address.rt}/{address.rw}"),
        ("     Kel/Desa", address.village),
        ("     Kecamatan", address.district),
        ("Agama", holder.religion.label.id),
        ("Status Perkawinan", marital),
        ("Pekerjaan", holder.occupation.label.id),
        ("Kewarganegaraan", holder.nationality.label.id),
        ("Berlaku Hingga", "SEUMUR HIDUP"),
    )
    room = PHOTO_LEFT - VALUE_LEFT - 1.5 * MM
    lines = [
        (name if first else "", line)
        for name, value in rows
        for first, line in _broken(value, SANS_BOLD if name == "Nama" else SANS, room)
    ]
    leading = min(LEADING, (y - LOWEST) / (len(lines) - 1))
    font = SANS
    for name, line in lines:
        if name:
            font = SANS_BOLD if name == "Nama" else SANS
            paper.write(canvas, LABEL_LEFT, y, name, SANS, TEXT)
            paper.write(canvas, COLON, y, ":", SANS, TEXT)
        if name == "Jenis Kelamin":
            paper.write(canvas, VALUE_LEFT + 22 * MM, y, f"Gol. Darah : {blood}", SANS, TEXT)
        paper.write_fitted(canvas, VALUE_LEFT, y, room, line, font, TEXT)
        y -= leading
    _photo(canvas, is_odd_year=holder.birth_date.year % 2 == 1, is_female=holder.sex.code == codes.FEMALE)
    middle = PHOTO_LEFT + PHOTO_WIDTH / 2
    under = ID1_HEIGHT - 13.5 * MM - PHOTO_HEIGHT
    paper.write_centred(canvas, middle, under - 7.5, regions.REGENCY, SANS, 5)
    paper.write_centred(canvas, middle, under - 13.5, numeric(sheet.issued), SANS, 5)
    _signature(canvas, middle, under - 24.5, seed=sum(map(ord, holder.name)))
    _sample(canvas, "DOKUMEN CONTOH \u2022 NAMA DAN NOMOR REKAAN")


def _broken(value: str, font: str, room: float) -> list[tuple[bool, str]]:
    """The lines of a value, the first marked: two for what a little narrowing would not fit."""
    if paper.width_of(value, font, TEXT) <= room * 1.2:
        return [(True, value)]
    return [(number == 0, line) for number, line in enumerate(paper.wrap(value, font, TEXT, room))]


def _photo(canvas: Canvas, *, is_odd_year: bool, is_female: bool) -> None:
    """A drawn silhouette: there is no photo of people who do not exist."""
    bottom = ID1_HEIGHT - 13.5 * MM - PHOTO_HEIGHT
    canvas.saveState()
    frame = canvas.beginPath()
    frame.rect(PHOTO_LEFT, bottom, PHOTO_WIDTH, PHOTO_HEIGHT)
    canvas.clipPath(frame, stroke=0, fill=0)
    canvas.setFillColor(RED if is_odd_year else BLUE)
    canvas.rect(PHOTO_LEFT, bottom, PHOTO_WIDTH, PHOTO_HEIGHT, stroke=0, fill=1)
    middle = PHOTO_LEFT + PHOTO_WIDTH / 2
    head_y = bottom + PHOTO_HEIGHT * 0.585
    hair, skin, cloth = Color(0.16, 0.13, 0.12), Color(0.93, 0.86, 0.78), Color(0.97, 0.97, 0.96)
    if is_female:
        canvas.setFillColor(hair)
        canvas.ellipse(middle - 13.2, head_y - 20, middle + 13.2, head_y + 15.4, stroke=0, fill=1)
    canvas.setFillColor(cloth)
    canvas.ellipse(middle - 23, bottom - 22, middle + 23, bottom + 19.5, stroke=0, fill=1)
    canvas.setFillColor(skin)
    canvas.rect(middle - 4.2, head_y - 17, 8.4, 12, stroke=0, fill=1)
    canvas.ellipse(middle - 4.2, head_y - 20, middle + 4.2, head_y - 13.5, stroke=0, fill=1)
    canvas.ellipse(middle - 9.4, head_y - 11.8, middle + 9.4, head_y + 11.8, stroke=0, fill=1)
    canvas.setFillColor(hair)
    cap = canvas.beginPath()
    cap.arc(middle - 9.9, head_y - 11.2, middle + 9.9, head_y + 13, startAng=12, extent=156)
    cap.curveTo(middle - 5, head_y + (7.5 if is_female else 5.5), middle + 4, head_y + 9, middle + 9.6, head_y + 3.2)
    cap.close()
    canvas.drawPath(cap, stroke=0, fill=1)
    canvas.restoreState()
    canvas.setFillGray(paper.INK)


def _signature(canvas: Canvas, x: float, y: float, seed: int) -> None:
    """A scribble that no hand wrote."""
    canvas.saveState()
    canvas.setStrokeGray(0.15)
    canvas.setLineWidth(0.55)
    path = canvas.beginPath()
    path.moveTo(x - 15, y)
    for step in range(4):
        rise = 3 + (seed >> step) % 5
        left = x - 15 + step * 7.4
        path.curveTo(left + 1, y + rise * 1.5, left + 4.5, y + rise, left + 3.6, y - 1.6)
        path.curveTo(left + 3, y - 4, left + 6, y + 1 + rise / 3, left + 7.4, y + (step % 2) * 1.5)
    canvas.drawPath(path)
    canvas.restoreState()


def _back(canvas: Canvas) -> None:
    canvas.setFillColor(HEADLINE)
    paper.write_centred(canvas, ID1_WIDTH / 2, ID1_HEIGHT - 9 * MM, "REPUBLIK INDONESIA", SANS_BOLD, 10)
    paper.emblem(canvas, ID1_WIDTH / 2, ID1_HEIGHT / 2 + 1 * MM, 11 * MM, grey=0.22)
    canvas.setFillColor(HEADLINE)
    paper.write_centred(canvas, ID1_WIDTH / 2, 9.6 * MM, "KARTU TANDA PENDUDUK ELEKTRONIK", SANS_BOLD, 8.4)
    _sample(canvas, "DOKUMEN CONTOH \u2022 BUKAN KARTU RESMI \u2022 TIDAK BERLAKU")


def _sample(canvas: Canvas, text: str) -> None:
    canvas.setFillColor(HEADLINE)
    paper.write_centred(canvas, ID1_WIDTH / 2, 1.7 * MM, text, SANS_BOLD, 4)
    canvas.setFillGray(paper.INK)
