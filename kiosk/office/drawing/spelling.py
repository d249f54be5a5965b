"""Dates and numbers in words, as certificates write them: Indonesian in capitals, English beside it."""

from datetime import date

_UNITS = ("NOL", "SATU", "DUA", "TIGA", "EMPAT", "LIMA", "ENAM", "TUJUH", "DELAPAN", "SEMBILAN")
_MONTHS = (
    "JANUARI", "FEBRUARI", "MARET", "APRIL", "MEI", "JUNI", "JULI", "AGUSTUS", "SEPTEMBER", "OKTOBER", "NOVEMBER",
    "DESEMBER",
)  # fmt: skip
_ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_ENGLISH_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_ENGLISH_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ENGLISH_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def spelled(number: int) -> str:
    """0 to 9999 in Indonesian capitals. Raises ValueError beyond."""
    if not 0 <= number <= 9999:
        raise ValueError("only numbers from 0 to 9999 are spelled")
    if number < 10:
        return _UNITS[number]
    if number < 20:
        return {10: "SEPULUH", 11: "SEBELAS"}.get(number, f"{_UNITS[number - 10]} BELAS")
    for size, name, one in ((1000, "RIBU", "SERIBU"), (100, "RATUS", "SERATUS"), (10, "PULUH", "SEPULUH")):
        if number >= size:
            count, rest = divmod(number, size)
            head = one if count == 1 else f"{_UNITS[count]} {name}"
            return f"{head} {spelled(rest)}" if rest else head
    raise AssertionError("unreachable")


def spelled_english(number: int) -> str:
    """0 to 9999 in English."""
    if not 0 <= number <= 9999:
        raise ValueError("only numbers from 0 to 9999 are spelled")
    if number < 20:
        return _ENGLISH_UNITS[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return _ENGLISH_TENS[tens] + (f"-{_ENGLISH_UNITS[rest]}" if rest else "")
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    count, rest = divmod(number, size)
    joint = " and " if rest < 100 else " "
    return f"{_ENGLISH_UNITS[count]} {name}" + (joint + spelled_english(rest) if rest else "")


def ordinal_english(number: int) -> str:
    """``first``, ``twenty-third``."""
    head, dash, last = spelled_english(number).rpartition("-")
    last = _ENGLISH_ORDINALS.get(last, last[:-1] + "ieth" if last.endswith("y") else f"{last}th")
    return f"{head}{dash}{last}"


def day_in_words(day: date) -> str:
    """``tanggal DUA BELAS bulan MEI tahun DUA RIBU SEPULUH``."""
    return f"tanggal {spelled(day.day)} bulan {_MONTHS[day.month - 1]} tahun {spelled(day.year)}"


def day_in_english_words(day: date) -> str:
    """``on the twelfth of May two thousand and ten``."""
    return f"on the {ordinal_english(day.day)} of {_ENGLISH_MONTHS[day.month - 1]} {spelled_english(day.year)}"


def long_day(day: date) -> str:
    """``12 Mei 2010``."""
    return f"{day.day} {_MONTHS[day.month - 1].title()} {day.year}"
