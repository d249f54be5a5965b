"""How identifying numbers are shown where others could read them: the one place.

A NIK is region (6), date of birth (6) and a serial (4, nearly always below 100); a KK number is built alike. With the
birth date beside it, which a review shows, a mask of first and last digits is no mask. So the region alone stays.
"""

HIDDEN = "•"
_NIK = 16
_REGION = 6
_SHORT = 6


def mask_number(number: str) -> str:
    """``990101 •••••• ••••``; of another number (passport, KITAP) the first sign alone, of a short one nothing."""
    if len(number) == _NIK:
        return f"{number[:_REGION]} {HIDDEN * 6} {HIDDEN * 4}"
    if len(number) < _SHORT:
        return HIDDEN * len(number)
    return number[0] + HIDDEN * (len(number) - 1)
