"""Dates and times as people read them, in the language of the screen."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime


def long_date(iso: str, language: str) -> str:
    """``2026-11-22`` as ``22 November 2026``; what is not a date comes back as it is."""
    try:
        return format_date(date.fromisoformat(iso), "d MMMM y", locale=language)
    except ValueError:
        return iso


def moment(at: datetime, language: str) -> str:
    """Date and time for a slip or the report."""
    return format_datetime(at, "d MMMM y, HH.mm" if language == "id" else "d MMMM y, HH:mm", locale=language)


def clock(at: datetime, language: str) -> str:
    """Hours and minutes: 09.41 in Indonesian, 09:41 in English."""
    return at.strftime("%H.%M" if language == "id" else "%H:%M")


def local_now() -> datetime:
    """Wall time of the machine's zone, for display and paper alone."""
    return datetime.now().astimezone()
