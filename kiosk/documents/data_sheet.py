"""The "lembar cek data": what the registry holds about a person, on A4, to check at home and mark what is wrong.

It is the kiosk's own drawing and says so in three places; it proves nothing and needs no grant. In memory only.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_datetime

from kiosk.documents.sheet_drawing import BOLD, INK, LINE, MARGIN_MM, SOFT, Sheet, as_text, broken
from kiosk.masking import mask_number
from kiosk.texts import Texts

WIDTH_MM, HEIGHT_MM = 210.0, 297.0
INNER_MM = WIDTH_MM - 2 * MARGIN_MM
RIGHT_MM = WIDTH_MM - MARGIN_MM
FOOT_MM = 279.0
MEMBER_ROW_MM = 8.2

MASKED = frozenset({"member.nik"})
"""What is masked unless the caller says otherwise: other people's numbers on a paper that may be left lying."""

_FIELDS = (
    ("nik", "name"),
    ("birth_place", "birth_date"),
    ("sex", "blood"),
    ("religion", "nationality"),
    ("marital_status", "marital_date"),
    ("education", "occupation"),
    ("father", "mother"),
)
_COLUMNS = (("nik", 58.0, 38.0), ("relation", 99.0, 30.0), ("sex", 132.0, 18.5), ("birth_date", 153.0, 21.0))
"""Name, left edge and width in mm; before them stands the name, which may take several lines."""
_NAME_MM = 55.0


def draw_data_sheet(
    person: Mapping[str, Any],
    family: Mapping[str, Any],
    texts: Texts,
    *,
    office: str,
    place: str,
    at: datetime,
    masked: Collection[str] = MASKED,
) -> bytes:
    """The sheet as a PDF. ``person`` and ``family`` are ``api.Person`` and ``api.Family`` as JSON; either may be empty.

    ``masked`` names fields whose middle is hidden: ``nik``, ``no_kk``, ``member.nik``. About 15 ms after the first.
    """
    sheet = Sheet(WIDTH_MM, HEIGHT_MM, texts("sheet.title"))
    drawing = _DataSheet(sheet, texts, frozenset(masked), at)
    y = drawing.head(office, place)
    if person:
        y = drawing.person(person, y)
    members = family.get("members") or []
    if members:
        y = drawing.members(members, y)
    drawing.advice(y)
    drawing.foot()
    return sheet.finish()


def group_number(number: str) -> str:
    """A 16-digit number in the groups that people read it in: 6, 6, 4."""
    return f"{number[:6]} {number[6:12]} {number[12:]}" if len(number) == 16 else number


class _DataSheet:
    """One sheet in the making; each part takes the height where it begins and gives back where it ends, in mm."""

    def __init__(self, sheet: Sheet, texts: Texts, masked: frozenset[str], at: datetime) -> None:
        self._sheet, self._texts, self._masked, self._at = sheet, texts, masked, at
        self._page = 1
        self._watermark()

    def head(self, office: str, place: str) -> float:
        sheet, texts = self._sheet, self._texts
        sheet.text(MARGIN_MM, 21, office, 10.5, is_bold=True, room=INNER_MM)
        sheet.text(MARGIN_MM, 26, place, 9.5, grey=SOFT, room=INNER_MM)
        sheet.line(MARGIN_MM, 30, RIGHT_MM, 30, width=0.5, grey=INK)
        sheet.text(MARGIN_MM, 43, texts("sheet.title"), 25, is_bold=True, room=INNER_MM)
        sheet.box(MARGIN_MM, 48, INNER_MM, 17, radius=2, line=0.5, grey=INK)
        sheet.text(MARGIN_MM + 5, 55, texts("sheet.unofficial"), 13, is_bold=True, room=INNER_MM - 10)
        sheet.text(MARGIN_MM + 5, 61, texts("sheet.unofficial-why"), 9.5, grey=INK, room=INNER_MM - 10)
        return 75.0

    def person(self, person: Mapping[str, Any], y: float) -> float:
        y = self._title(y, "sheet.person", "sheet.mark")
        half = INNER_MM / 2
        for left, right in _FIELDS:
            self._field(MARGIN_MM, y, left, self._value(person, left), half - 4)
            self._field(MARGIN_MM + half, y, right, self._value(person, right), half - 4)
            y += 11.0
        address = person.get("address")
        if isinstance(address, Mapping):
            local, region = _address(address, self._texts.language)
            self._field(MARGIN_MM, y, "address", local, INNER_MM - 4)
            self._sheet.text(MARGIN_MM + 6.4, y + 9.2, region, 11.5, is_bold=True, room=INNER_MM - 10.4)
            y += 16.0
        self._field(MARGIN_MM, y, "no_kk", self._value(person, "no_kk"), half - 4)
        self._field(MARGIN_MM + half, y, "relation", self._value(person, "relation"), half - 4)
        return y + 16

    def members(self, members: list[Mapping[str, Any]], y: float) -> float:
        y = self._member_head(self._title(y, "sheet.members"))
        for number, member in enumerate(members, start=1):
            if y > FOOT_MM - 18:
                y = self._member_head(self._turn())
            y = self._member(number, member, y)
        return y + 6

    def advice(self, y: float) -> None:
        """What to do when something is wrong, kept together on one page."""
        if y > FOOT_MM - 22:
            y = self._turn() - 4
        y = self._title(y, "sheet.wrong")
        self._sheet.paragraph(MARGIN_MM, y, self._texts("sheet.wrong-what"), 10.5, INNER_MM)

    def foot(self) -> None:
        pattern = "d MMMM y, HH.mm" if self._texts.language == "id" else "d MMMM y, HH:mm"
        moment = format_datetime(self._at, pattern, locale=self._texts.language)
        sheet = self._sheet
        sheet.line(MARGIN_MM, FOOT_MM, RIGHT_MM, FOOT_MM)
        sheet.text(MARGIN_MM, FOOT_MM + 5, self._texts("sheet.printed", at=moment), 8.5, grey=SOFT)
        sheet.text(WIDTH_MM / 2, FOOT_MM + 5, self._texts("sheet.unofficial"), 8.5, is_bold=True, align="centre")
        sheet.text(RIGHT_MM, FOOT_MM + 5, self._texts("sheet.page", page=self._page), 8.5, grey=SOFT, align="right")

    # --- parts ----------------------------------------------------------------------------------------------------

    def _turn(self) -> float:
        self.foot()
        self._sheet.next_page()
        self._page += 1
        self._watermark()
        return 24.0

    def _watermark(self) -> None:
        """Across the whole page and behind everything: a copy without it is plainly a forgery."""
        canvas = self._sheet.canvas
        canvas.saveState()
        canvas.translate(WIDTH_MM / 2 * 72 / 25.4, HEIGHT_MM / 2 * 72 / 25.4)
        canvas.rotate(52)
        canvas.setFillGray(0.93)
        words = self._texts("sheet.watermark")
        canvas.setFont(BOLD, min(62.0, 1500.0 / max(1, len(words))))
        canvas.drawCentredString(0, -20, words)
        canvas.restoreState()

    def _title(self, y: float, key: str, note: str | None = None) -> float:
        sheet = self._sheet
        sheet.text(MARGIN_MM, y, self._texts(key), 14, is_bold=True)
        if note is not None:
            sheet.box(RIGHT_MM - 2.6, y - 2.7, 2.8, 2.8, line=0.25, grey=SOFT)
            sheet.text(RIGHT_MM - 4.2, y, self._texts(note), 9, grey=SOFT, align="right")
        sheet.line(MARGIN_MM, y + 2.6, RIGHT_MM, y + 2.6, width=0.3, grey=INK)
        return y + 9.0

    def _field(self, x: float, y: float, name: str, value: str, room: float) -> None:
        """A box to tick, a small label, and the value below it."""
        self._sheet.box(x, y - 1.2, 3.4, 3.4, line=0.25, grey=SOFT)
        self._sheet.text(x + 6.4, y - 0.6, self._texts(f"sheet.field.{name}"), 8.2, grey=SOFT, room=room - 6.4)
        self._sheet.text(x + 6.4, y + 4.3, value or "–", 11.5, is_bold=True, room=room - 6.4)

    def _member_head(self, y: float) -> float:
        for name, x, room in (("name", 0.0, _NAME_MM), *_COLUMNS):
            self._sheet.text(MARGIN_MM + x, y - 1, self._texts(f"sheet.field.{name}"), 8.2, grey=SOFT, room=room)
        self._sheet.line(MARGIN_MM, y + 1, RIGHT_MM, y + 1)
        return y + 6.2

    def _member(self, number: int, member: Mapping[str, Any], y: float) -> float:
        sheet, language = self._sheet, self._texts.language
        for name, x, room in _COLUMNS:
            value = as_text(member.get(name), language)
            if name == "nik":
                value = mask_number(value) if "member.nik" in self._masked else group_number(value)
            elif name == "birth_date":
                value = _date(value, "d MMM y", language)
            sheet.text(MARGIN_MM + x, y, value, 9.6, room=room)
        full_name = f"{number}. {as_text(member.get('name'), language)}"
        lines = broken(full_name, 9.6, _NAME_MM, is_bold=True)
        for index, line in enumerate(lines):
            sheet.text(MARGIN_MM, y + index * 4.4, line, 9.6, is_bold=True, room=_NAME_MM)
        y += (len(lines) - 1) * 4.4
        sheet.line(MARGIN_MM, y + 2.6, RIGHT_MM, y + 2.6, width=0.15, grey=LINE)
        return y + MEMBER_ROW_MM

    def _value(self, person: Mapping[str, Any], name: str) -> str:
        value = as_text(person.get(name), self._texts.language)
        if name in ("nik", "no_kk"):
            return mask_number(value) if name in self._masked else group_number(value)
        return _date(value, "d MMMM y", self._texts.language) if name.endswith("_date") else value


def _date(value: object, pattern: str, language: str) -> str:
    try:
        return format_date(date.fromisoformat(str(value)), pattern, locale=language)
    except ValueError:
        return as_text(value, language)


def _address(address: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Two lines: the neighbourhood, and the region with its postal code."""
    part = {name: as_text(value, language) for name, value in address.items()}
    if part.get("rt") and part.get("rw"):
        part["rt"] = f"RT {part['rt']} / RW {part['rw']}"

    def joined(*names: str) -> str:
        return ", ".join(part[name] for name in names if part.get(name))

    return joined("street", "rt", "village", "district"), joined("regency", "province", "postal_code")
