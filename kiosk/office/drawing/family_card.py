"""The family card (KK): A4 landscape, both tables with all their columns, ten rows a sheet."""

from dataclasses import dataclass
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from kiosk import api
from kiosk.office import regions
from kiosk.office.authority import HEAD_OF_OFFICE, HEAD_OF_OFFICE_NIP
from kiosk.office.drawing import paper
from kiosk.office.drawing.data import Sheet, numeric
from kiosk.office.drawing.paper import A4_HEIGHT, A4_WIDTH, MM, SANS, SANS_BOLD
from kiosk.office.kinds import MEMBERS_ON_A_SHEET

WIDTH, HEIGHT = A4_HEIGHT, A4_WIDTH
LEFT, RIGHT = 10 * MM, WIDTH - 10 * MM
ROW, HEAD, NUMBERS = 13.4, 21.0, 9.0
TEXT = 7.6
PAD = 2.4

FOOTNOTE = (
    "Dokumen ini telah ditandatangani secara elektronik menggunakan sertifikat elektronik dari CA DEMO Anjungan. "
    "Dokumen ini CONTOH: bukan dokumen resmi, bukan terbitan BSrE, dan tidak berlaku untuk keperluan apa pun."
)


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    weight: float
    is_centred: bool = False


_FIRST = (
    Column("No", 16, True),
    Column("Nama Lengkap", 176),
    Column("NIK", 92, True),
    Column("Jenis\nKelamin", 58, True),
    Column("Tempat Lahir", 92),
    Column("Tanggal\nLahir", 54, True),
    Column("Agama", 60, True),
    Column("Pendidikan", 108),
    Column("Jenis Pekerjaan", 124),
    Column("Golongan\nDarah", 48, True),
)
_SECOND = (
    Column("No", 16, True),
    Column("Status Perkawinan", 102),
    Column("Tanggal Perkawinan/\nPerceraian", 74, True),
    Column("Status Hubungan\nDalam Keluarga", 84),
    Column("Kewarga-\nnegaraan", 46, True),
    Column("No. Paspor", 62, True),
    Column("No. KITAP", 66, True),
    Column("Ayah", 189),
    Column("Ibu", 189),
)
_GROUPS = {5: (2, "Dokumen Imigrasi"), 7: (2, "Nama Orang Tua")}
"""Columns of the second table that stand under a common heading: first column, how many, heading."""


def draw(sheet: Sheet) -> bytes:
    """The unsigned PDF: one sheet for every ten members."""
    buffer = BytesIO()
    canvas = paper.new_canvas(buffer, WIDTH, HEIGHT, "Kartu Keluarga (CONTOH)")
    members = sheet.family.members
    pages = -(-len(members) // MEMBERS_ON_A_SHEET)
    for page in range(pages):
        first = page * MEMBERS_ON_A_SHEET
        _draw_page(canvas, sheet, members[first : first + MEMBERS_ON_A_SHEET], first, page + 1, pages)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw_page(
    canvas: Canvas, sheet: Sheet, members: list[api.FamilyMember], first: int, page: int, pages: int
) -> None:
    paper.contoh(canvas, WIDTH, HEIGHT, 150)
    y = _heading(canvas, sheet, page, pages)
    y = _table(canvas, y, _FIRST, [_first_row(m) for m in members], first, number_from=1)
    y = _table(canvas, y - 9, _SECOND, [_second_row(m) for m in members], first, number_from=10, groups=_GROUPS)
    _foot(canvas, sheet, y - 6)


def _heading(canvas: Canvas, sheet: Sheet, page: int, pages: int) -> float:
    family = sheet.family
    top = HEIGHT - 10 * MM
    paper.emblem(canvas, LEFT + 21, top - 21, 21)
    canvas.setFillGray(paper.SOFT)
    paper.write(canvas, LEFT + 50, top - 15, f"PROVINSI {regions.PROVINCE}", SANS_BOLD, 7.4)
    paper.write(canvas, LEFT + 50, top - 25, f"KABUPATEN {regions.REGENCY}", SANS_BOLD, 7.4)
    paper.write(canvas, LEFT + 50, top - 34.5, "Dinas Kependudukan dan Pencatatan Sipil", SANS, 7.4)
    canvas.setFillGray(paper.INK)
    paper.write_centred(canvas, WIDTH / 2, top - 18, "KARTU KELUARGA", SANS_BOLD, 21)
    paper.write_centred(canvas, WIDTH / 2, top - 35, f"No. {family.no_kk}", SANS_BOLD, 13)
    paper.pill(canvas, RIGHT, top - 12, 6)
    if pages > 1:
        paper.write_right(canvas, RIGHT, top - 34.5, f"Lembar {page} dari {pages}", SANS, 7.4)
    address = family.address
    y = top - 54
    left = (
        ("Nama Kepala Keluarga", family.head),
        ("Alamat", address.street),
        ("RT/RW", f"{address.rt}/{address.rw}"),
        ("Desa/Kelurahan", address.village),
    )
    right = (
        ("Kecamatan", address.district),
        ("Kabupaten/Kota", address.regency),
        ("Kode Pos", address.postal_code),
        ("Provinsi", address.province),
    )
    for number, ((name, value), (other_name, other_value)) in enumerate(zip(left, right, strict=True)):
        line = y - number * 11
        paper.write(canvas, LEFT, line, name, SANS, 8)
        paper.write(canvas, LEFT + 88, line, ":", SANS, 8)
        paper.write_fitted(canvas, LEFT + 94, line, 380, value, SANS_BOLD, 8.2)
        paper.write(canvas, WIDTH - 300, line, other_name, SANS, 8)
        paper.write(canvas, WIDTH - 300 + 66, line, ":", SANS, 8)
        paper.write_fitted(canvas, WIDTH - 300 + 72, line, RIGHT - (WIDTH - 228), other_value, SANS_BOLD, 8.2)
    return y - 3 * 11 - 8


def _first_row(member: api.FamilyMember) -> tuple[str, ...]:
    return (
        member.name,
        member.nik,
        member.sex.label.id,
        member.birth_place,
        numeric(member.birth_date),
        member.religion.label.id,
        member.education.label.id,
        member.occupation.label.id,
        member.blood.label.id,
    )


def _second_row(member: api.FamilyMember) -> tuple[str, ...]:
    return (
        member.marital_status.label.id,
        numeric(member.marital_date),
        member.relation.label.id,
        member.nationality.label.id,
        member.passport or "-",
        member.kitap or "-",
        member.father,
        member.mother,
    )


def _table(
    canvas: Canvas,
    top: float,
    columns: tuple[Column, ...],
    rows: list[tuple[str, ...]],
    first: int,
    *,
    number_from: int,
    groups: dict[int, tuple[int, str]] | None = None,
) -> float:
    """Draw one table downwards from ``top``; returns its lower edge."""
    scale = (RIGHT - LEFT) / sum(column.weight for column in columns)
    edges = [LEFT]
    for column in columns:
        edges.append(edges[-1] + column.weight * scale)
    bottom = top - HEAD - NUMBERS - ROW * MEMBERS_ON_A_SHEET
    _rules(canvas, top, bottom, edges, groups or {})
    _titles(canvas, top, columns, edges, number_from, groups or {})
    for number in range(MEMBERS_ON_A_SHEET):
        base = top - HEAD - NUMBERS - ROW * number - ROW / 2 - TEXT * 0.35
        cells = rows[number] if number < len(rows) else ("-",) * (len(columns) - 1)
        paper.write_fitted(
            canvas, edges[0], base, edges[1] - edges[0], str(first + number + 1), SANS, TEXT, is_centred=True
        )
        for place, cell in enumerate(cells, start=1):
            room = edges[place + 1] - edges[place] - 2 * PAD
            is_centred = columns[place].is_centred or cell == "-"
            paper.write_fitted(canvas, edges[place] + PAD, base, room, cell, SANS, TEXT, is_centred=is_centred)
    return bottom


def _rules(canvas: Canvas, top: float, bottom: float, edges: list[float], groups: dict[int, tuple[int, str]]) -> None:
    canvas.setStrokeGray(paper.LINE)
    canvas.setLineWidth(0.4)
    lines = [(LEFT, top - HEAD, RIGHT, top - HEAD)]
    for number in range(MEMBERS_ON_A_SHEET):
        y = top - HEAD - NUMBERS - ROW * number
        lines.append((LEFT, y, RIGHT, y))
    inner = {first + step for first, (count, _) in groups.items() for step in range(1, count)}
    for place, edge in enumerate(edges[1:-1], start=1):
        lines.append((edge, top - HEAD / 2 if place in inner else top, edge, bottom))
    for first, (count, _) in groups.items():
        lines.append((edges[first], top - HEAD / 2, edges[first + count], top - HEAD / 2))
    canvas.lines(lines)
    canvas.setLineWidth(0.9)
    canvas.setStrokeGray(paper.INK)
    canvas.rect(LEFT, bottom, RIGHT - LEFT, top - bottom)


def _titles(
    canvas: Canvas,
    top: float,
    columns: tuple[Column, ...],
    edges: list[float],
    number_from: int,
    groups: dict[int, tuple[int, str]],
) -> None:
    grouped = {first + step for first, (count, _) in groups.items() for step in range(count)}
    size = 7.0
    for place, column in enumerate(columns):
        middle = (edges[place] + edges[place + 1]) / 2
        lines = column.title.split("\n")
        height = HEAD / 2 if place in grouped else HEAD
        y = top - HEAD + height / 2 + (len(lines) - 1) * 4 - size * 0.35
        for line in lines:
            paper.write_centred(canvas, middle, y, line, SANS_BOLD, size)
            y -= 8
        if place:
            number = f"({number_from + place - 1})"
            paper.write_centred(canvas, middle, top - HEAD - NUMBERS + 2.3, number, SANS, 5.8)
    for first, (count, title) in groups.items():
        middle = (edges[first] + edges[first + count]) / 2
        paper.write_centred(canvas, middle, top - HEAD / 4 - size * 0.35, title, SANS_BOLD, size)


def _foot(canvas: Canvas, sheet: Sheet, top: float) -> None:
    side = 27 * MM
    qr_left = RIGHT - side
    bottom = 7.5 * MM
    paper.qr(canvas, qr_left, bottom, side, paper.VERIFY_URL + sheet.verify_id)
    paper.write(canvas, LEFT, top - 10, "Dikeluarkan Tanggal", SANS, 8)
    paper.write(canvas, LEFT + 78, top - 10, f": {numeric(sheet.family.issued)}", SANS_BOLD, 8)
    paper.write(canvas, LEFT, top - 26, "KEPALA KELUARGA", SANS, 8)
    paper.write_fitted(canvas, LEFT, bottom + 17, 250, sheet.family.head, SANS_BOLD, 8.6)
    right = qr_left - 8
    paper.write_right(canvas, right, top - 10, "KEPALA DINAS KEPENDUDUKAN DAN PENCATATAN SIPIL", SANS, 8)
    paper.write_right(canvas, right, top - 20, f"KABUPATEN {regions.REGENCY}", SANS, 8)
    canvas.setFillGray(paper.SOFT)
    paper.write_right(canvas, right, top - 34, "Ditandatangani secara elektronik", SANS, 6.8)
    canvas.setFillGray(paper.INK)
    paper.write_right(canvas, right, bottom + 27, HEAD_OF_OFFICE, SANS_BOLD, 8.6)
    paper.write_right(canvas, right, bottom + 17, f"NIP. {HEAD_OF_OFFICE_NIP}", SANS, 8)
    canvas.setFillGray(paper.SOFT)
    paper.write_fitted(canvas, LEFT, bottom, right - LEFT, FOOTNOTE, SANS, 6.4)
    canvas.setFillGray(paper.INK)
