"""NIK, family card and certificate numbers, given out as a registry does: serial by serial."""

from collections import Counter
from datetime import date


class Numbering:
    """Gives every number once. Serials count up from 0001 for each region and day."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def nik(self, district: str, birth: date, is_female: bool) -> str:
        """``PPKKCC DDMMYY SSSS``, the day plus 40 for women."""
        day = birth.day + 40 if is_female else birth.day
        return self._next(f"{district}{day:02d}{birth:%m%y}", "nik")

    def no_kk(self, district: str, recorded: date) -> str:
        """Region, day of recording, serial; no plus 40."""
        return self._next(f"{district}{recorded:%d%m%y}", "kk")

    def certificate(self, regency: str, kind: str, registered: date) -> str:
        """``9901-LU-DDMMYYYY-0001``; kinds: LU birth in time, LT birth late, KM death, KW marriage, CR divorce."""
        stem = f"{regency}-{kind}-{registered:%d%m%Y}-"
        self._given[stem] += 1
        return f"{stem}{self._given[stem]:04d}"

    def _next(self, stem: str, series: str) -> str:
        self._given[series + stem] += 1
        serial = self._given[series + stem]
        if serial > 9999:
            raise OverflowError("no serial left for this region and day")
        return f"{stem}{serial:04d}"
