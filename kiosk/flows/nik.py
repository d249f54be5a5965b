"""What a kiosk can say about a NIK by itself: shape only. Whether it is anybody's is the office's to say.

PPKKCC DDMMYY SSSS: province, regency and district of first registration, birth date with 40 added to a woman's day,
serial. There is no check digit. Regency and district codes change when regions split and old numbers keep the old
ones, so nothing but ``00`` is refused there.
"""

import re
from collections.abc import Collection

from kiosk.errors import ErrorCode

LENGTH = 16

REAL_PROVINCES = frozenset(
    str(code)
    for codes in (
        range(11, 20),
        [21],
        range(31, 37),
        range(51, 55),
        range(61, 66),
        range(71, 77),
        [81, 82],
        range(91, 97),
    )
    for code in codes
)
"""Codes of the 38 provinces; 54 was East Timor and stands in numbers given before 2002."""

_SEPARATORS = re.compile(r"[\s.\-\u00a0\u2010-\u2015]+")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def clean(text: str) -> str:
    """The text without the spaces, dots and hyphens that people type between the groups."""
    return _SEPARATORS.sub("", text)


def check(nik: str, provinces: Collection[str] = REAL_PROVINCES) -> ErrorCode | None:
    """What is wrong with a cleaned NIK, or None. Letters are told before the length."""
    if not (nik.isascii() and nik.isdigit()) and nik:
        return ErrorCode.NIK_DIGITS
    if len(nik) != LENGTH:
        return ErrorCode.NIK_LENGTH
    if nik[:2] not in provinces or nik[2:4] == "00" or nik[4:6] == "00":
        return ErrorCode.NIK_REGION
    if not _date_exists(int(nik[6:8]), int(nik[8:10]), int(nik[10:12])):
        return ErrorCode.NIK_DATE
    if nik[12:] == "0000":
        return ErrorCode.NIK_SERIAL
    return None


def _date_exists(day: int, month: int, year: int) -> bool:
    """Whether the day, 40 more for a woman, exists in some century: 29 February of 00 does, in 2000."""
    if day > 40:
        day -= 40
    if not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1]:
        return False
    return not (month == 2 and day == 29 and year % 4)
