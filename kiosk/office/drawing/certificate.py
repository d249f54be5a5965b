"""Excerpts of certificates (kutipan akta): A4 portrait, Indonesian with English beneath."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from kiosk.api import DocumentKind
from kiosk.office import codes, regions
from kiosk.office.authority import HEAD_OF_OFFICE, HEAD_OF_OFFICE_NIP
from kiosk.office.drawing import paper
from kiosk.office.drawing.data import Sheet
from kiosk.office.drawing.family_card import FOOTNOTE
from kiosk.office.drawing.paper import A4_HEIGHT, A4_WIDTH, MM, SANS, SANS_BOLD, SERIF, SERIF_BOLD, SERIF_ITALIC
from kiosk.office.drawing.spelling import (
    day_in_english_words,
    day_in_words,
    long_day,
    ordinal_english,
    spelled,
)

LEFT, RIGHT = 25 * MM, A4_WIDTH - 25 * MM
MIDDLE = A4_WIDTH / 2
BODY, SMALL = 12.0, 9.2
LEADING, SMALL_LEADING = 17.0, 11.6
LEAST_GAP, MOST_GAP = 5.0, 28.0
CLOSING_TOP = 84 * MM
"""What is stated ends above this line; the place, the day and the signature stand below."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One statement: Indonesian, its English, and whether it is a name set large in the middle."""

    text: str
    english: str = ""
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class _Form:
    title: str
    english: str
    passages: Callable[[Sheet], list[Passage]]


def draw(sheet: Sheet) -> bytes:
    """The unsigned PDF: one page. Raises KeyError for a kind that is no certificate."""
    form = _FORMS[sheet.kind]
    buffer = BytesIO()
    canvas = paper.new_canvas(buffer, A4_WIDTH, A4_HEIGHT, f"{form.title.title()} (CONTOH)")
    _frame(canvas)
    y = _heading(canvas, sheet, form)
    blocks, gap = _fitted(form.passages(sheet), y - CLOSING_TOP)
    for block in blocks:
        block.draw(canvas, y)
        y -= block.height + gap
    _closing(canvas, sheet)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _frame(canvas: Canvas) -> None:
    paper.contoh(canvas, A4_WIDTH, A4_HEIGHT, 130)
    canvas.setStrokeGray(0.55)
    for inset, width in ((11 * MM, 1.1), (12.4 * MM, 0.4)):
        canvas.setLineWidth(width)
        canvas.rect(inset, inset, A4_WIDTH - 2 * inset, A4_HEIGHT - 2 * inset)
    paper.pill(canvas, A4_WIDTH - 17 * MM, A4_HEIGHT - 19.5 * MM, 6)


def _heading(canvas: Canvas, sheet: Sheet, form: _Form) -> float:
    top = A4_HEIGHT - 20 * MM
    paper.write(canvas, 17 * MM, top, "Nomor Induk Kependudukan", SANS, 8)
    canvas.setFillGray(paper.SOFT)
    paper.write(canvas, 17 * MM, top - 9, "Personal Registration Number", SANS, 6.6)
    canvas.setFillGray(paper.INK)
    paper.write(canvas, 17 * MM + 100, top, f": {sheet.subject_nik}", SANS_BOLD, 9.4)
    y = top - 44
    paper.emblem(canvas, MIDDLE, y, 25)
    y -= 44
    for text, english, font, size in (
        ("REPUBLIK INDONESIA", "", SERIF_BOLD, 13.5),
        ("PENCATATAN SIPIL", "Registry Office", SERIF_BOLD, 12.5),
        ("WARGA NEGARA INDONESIA", "Nationality Indonesian", SERIF, 11),
    ):
        paper.write_centred(canvas, MIDDLE, y, text, font, size)
        if english:
            _soft_centred(canvas, y - 11, english, SMALL)
        y -= 33 if english else 20
    y -= 14
    paper.write_centred(canvas, MIDDLE, y, form.title, SERIF_BOLD, 19)
    _soft_centred(canvas, y - 14, form.english, 10.5)
    return y - 46


@dataclass(frozen=True, slots=True)
class _Block:
    """A passage broken into lines. ``height`` is from its first base line to the next block's, without the gap."""

    passage: Passage
    lines: list[str]
    english: list[str]
    scale: float

    @property
    def height(self) -> float:
        if self.passage.is_name:
            return 31.0 * self.scale
        return (LEADING * len(self.lines) + SMALL_LEADING * len(self.english) + 2) * self.scale

    def draw(self, canvas: Canvas, y: float) -> None:
        scale = self.scale
        if self.passage.is_name:
            room = RIGHT - LEFT
            text = self.passage.text
            paper.write_fitted(canvas, LEFT, y - 5 * scale, room, text, SERIF_BOLD, 17 * scale, is_centred=True)
            canvas.setLineWidth(0.5)
            canvas.setStrokeGray(paper.LINE)
            canvas.line(LEFT + 20, y - 12 * scale, RIGHT - 20, y - 12 * scale)
            return
        for line in self.lines:
            _line_with_capitals(canvas, y, line, BODY * scale)
            y -= LEADING * scale
        y += (LEADING - SMALL_LEADING - 1.5) * scale
        for line in self.english:
            _soft_centred(canvas, y, line, SMALL * scale)
            y -= SMALL_LEADING * scale


def _fitted(passages: list[Passage], room: float) -> tuple[list[_Block], float]:
    """The passages set as large as ``room`` allows, and the gap between them: long names cost size, never words."""
    for percent in range(100, 60, -4):
        blocks = [_set(passage, percent / 100) for passage in passages]
        spare = room - sum(block.height for block in blocks)
        if spare >= LEAST_GAP * len(blocks):
            break
    return blocks, min(MOST_GAP, spare / len(blocks))


def _set(passage: Passage, scale: float) -> _Block:
    if passage.is_name:
        return _Block(passage, [], [], scale)
    # Broken for the bold face, the wider of the two that a line is set in.
    lines = paper.wrap(passage.text, SERIF_BOLD, BODY * scale, RIGHT - LEFT)
    english = paper.wrap(passage.english, SERIF_ITALIC, SMALL * scale, RIGHT - LEFT)
    return _Block(passage, lines, english, scale)


def _line_with_capitals(canvas: Canvas, y: float, line: str, size: float) -> None:
    """A centred line; what was filled in (capitals and numbers) stands bold between the form's own words."""
    words = line.split(" ")
    fonts = [SERIF_BOLD if word.upper() == word and any(c.isalnum() for c in word) else SERIF for word in words]
    gap = paper.width_of(" ", SERIF, size)
    widths = [paper.width_of(word, font, size) for word, font in zip(words, fonts, strict=True)]
    text = canvas.beginText(MIDDLE - (sum(widths) + gap * (len(words) - 1)) / 2, y)
    # One run per font: a reader that selects the text gets the sentence, spaces and all.
    run, run_font = "", fonts[0]
    for word, font in zip(words, fonts, strict=True):
        if font is not run_font:
            text.setFont(run_font, size)
            text.textOut(run)
            run, run_font = "", font
        run += word + " "
    text.setFont(run_font, size)
    text.textOut(run.rstrip())
    canvas.drawText(text)


def _soft_centred(canvas: Canvas, y: float, text: str, size: float) -> None:
    canvas.setFillGray(paper.SOFT)
    paper.write_centred(canvas, MIDDLE, y, text, SERIF_ITALIC, size)
    canvas.setFillGray(paper.INK)


def _closing(canvas: Canvas, sheet: Sheet) -> None:
    y = 77 * MM
    place = regions.REGENCY
    paper.write(canvas, LEFT, y, f"Kutipan ini dikeluarkan di {place} pada tanggal {long_day(sheet.issued)}", SERIF, 11)
    canvas.setFillGray(paper.SOFT)
    paper.write(canvas, LEFT, y - 11.5, "The excerpt is issued in this place and on this date", SERIF_ITALIC, SMALL)
    canvas.setFillGray(paper.INK)
    side = 31 * MM
    bottom = 33 * MM
    paper.qr(canvas, RIGHT - side, bottom, side, paper.VERIFY_URL + sheet.verify_id)
    right = RIGHT - side - 10
    paper.write_right(canvas, right, bottom + side - 9, "Kepala Dinas Kependudukan dan Pencatatan Sipil", SERIF, 10.5)
    paper.write_right(canvas, right, bottom + side - 22, f"Kabupaten {place.title()}", SERIF, 10.5)
    canvas.setFillGray(paper.SOFT)
    paper.write_right(canvas, right, bottom + side - 40, "Ditandatangani secara elektronik", SERIF_ITALIC, 9)
    canvas.setFillGray(paper.INK)
    paper.write_right(canvas, right, bottom + 18, HEAD_OF_OFFICE, SERIF_BOLD, 10.5)
    paper.write_right(canvas, right, bottom + 5, f"NIP. {HEAD_OF_OFFICE_NIP}", SERIF, 10)
    canvas.setFillGray(paper.SOFT)
    y = 24 * MM
    for line in paper.wrap(FOOTNOTE, SANS, 7, A4_WIDTH - 2 * 17 * MM):
        paper.write_centred(canvas, MIDDLE, y, line, SANS, 7)
        y -= 9
    canvas.setFillGray(paper.INK)


def _record(sheet: Sheet, name: str, english: str) -> Passage:
    return Passage(
        f"Berdasarkan Akta {name} Nomor {sheet.number}", f"By virtue of {english} Certificate Number {sheet.number}"
    )


def _day(sheet: Sheet, name: str) -> date:
    return date.fromisoformat(sheet.details[name])


def _parents(details: dict[str, str], whose: str = "") -> tuple[str, str]:
    """Father and mother, each kept on one line."""
    return paper.kept(details[f"{whose}father"]), paper.kept(details[f"{whose}mother"])


def _birth(sheet: Sheet) -> list[Passage]:
    day, details = _day(sheet, "date"), sheet.details
    order = int(details["order"])
    father, mother = _parents(details)
    is_female = sheet.member(sheet.subject_nik).sex.code == codes.FEMALE
    sex, english_sex = ("PEREMPUAN", "female") if is_female else ("LAKI-LAKI", "male")
    return [
        _record(sheet, "Kelahiran", "Birth"),
        Passage(
            f"bahwa di {details['place']} pada {day_in_words(day)} telah lahir",
            f"that in {details['place'].title()} {day_in_english_words(day)} was born",
        ),
        Passage(sheet.subject_name, is_name=True),
        Passage(
            f"anak ke {spelled(order)}, {sex}, dari ayah {father} dan ibu {mother}",
            f"{ordinal_english(order)} child, {english_sex}, of the father and mother named above",
        ),
    ]


def _death(sheet: Sheet) -> list[Passage]:
    day, born, details = _day(sheet, "date"), _day(sheet, "birth_date"), sheet.details
    father, mother = _parents(details)
    is_female = details["sex"] == codes.FEMALE
    sex, english_sex = ("PEREMPUAN", "female") if is_female else ("LAKI-LAKI", "male")
    return [
        _record(sheet, "Kematian", "Death"),
        Passage(
            f"bahwa di {details['place']} pada {day_in_words(day)} telah meninggal dunia",
            f"that in {details['place'].title()} {day_in_english_words(day)} died",
        ),
        Passage(sheet.subject_name, is_name=True),
        Passage(
            f"{sex}, lahir di {details['birth_place']} pada {day_in_words(born)}",
            f"{english_sex}, born in {details['birth_place'].title()} {day_in_english_words(born)}",
        ),
        Passage(
            f"anak dari ayah {father} dan ibu {mother}",
            "child of the father and mother named above",
        ),
    ]


def _marriage(sheet: Sheet) -> list[Passage]:
    day, details = _day(sheet, "date"), sheet.details
    religion = codes.coded("religion", details["religion"]).label
    his_father, his_mother = _parents(details, "husband_")
    her_father, her_mother = _parents(details, "wife_")
    return [
        _record(sheet, "Perkawinan", "Marriage"),
        Passage(
            f"bahwa di {details['place']} pada {day_in_words(day)} telah tercatat perkawinan antara",
            f"that in {details['place'].title()} {day_in_english_words(day)} was registered the marriage between",
        ),
        Passage(details["husband"], is_name=True),
        Passage(
            f"NIK {details['husband_nik']}, anak dari {his_father} dan {his_mother}",
            "husband, son of the parents named above, and",
        ),
        Passage(details["wife"], is_name=True),
        Passage(
            f"NIK {details['wife_nik']}, anak dari {her_father} dan {her_mother}",
            "wife, daughter of the parents named above",
        ),
        Passage(
            f"yang dilangsungkan di hadapan pemuka agama {religion.id} bernama {paper.kept(details['officiant'])}",
            f"solemnised before a religious leader ({religion.en})",
        ),
    ]


def _divorce(sheet: Sheet) -> list[Passage]:
    day, wedding, details = _day(sheet, "date"), _day(sheet, "wedding"), sheet.details
    return [
        _record(sheet, "Perceraian", "Divorce"),
        Passage(
            f"bahwa pada {day_in_words(day)} telah tercatat perceraian antara",
            f"that {day_in_english_words(day)} was registered the divorce between",
        ),
        Passage(details["husband"], is_name=True),
        Passage(f"NIK {details['husband_nik']}, dengan", "and"),
        Passage(details["wife"], is_name=True),
        Passage(
            f"NIK {details['wife_nik']}, yang menikah pada {day_in_words(wedding)}",
            f"who were married {day_in_english_words(wedding)}",
        ),
        Passage(
            f"berdasarkan putusan {details['court']} Nomor {details['ruling'].upper()}",
            "by virtue of the ruling of the district court named above",
        ),
    ]


_FORMS = {
    DocumentKind.BIRTH: _Form("KUTIPAN AKTA KELAHIRAN", "Excerpt of Birth Certificate", _birth),
    DocumentKind.DEATH: _Form("KUTIPAN AKTA KEMATIAN", "Excerpt of Death Certificate", _death),
    DocumentKind.MARRIAGE: _Form("KUTIPAN AKTA PERKAWINAN", "Excerpt of Marriage Certificate", _marriage),
    DocumentKind.DIVORCE: _Form("KUTIPAN AKTA PERCERAIAN", "Excerpt of Divorce Certificate", _divorce),
}
