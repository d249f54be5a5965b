"""Around a life of the engine: who comes, what is not at stake, and a journal that may be struck."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from kiosk import api
from kiosk.core.paper import Picture
from kiosk.core.session import Session
from kiosk.devices.contract import SlipBitmap, SlipEnd, SlipOutcome
from kiosk.store.numbers import Given, NoNumberError
from tests.soak.engine.faults import Fates
from tests.soak.engine.models import (
    Paper,
    Person,
)

_WRITES = ("intend", "granted", "verified", "created", "sent", "settle", "close_unreported", "delivered")


class Guarded:
    """A journal with a place before and after each commit, where the kiosk may die or the disk be full."""

    def __init__(self, journal: Any, fates: Fates) -> None:
        for name in _WRITES:
            setattr(self, name, self._guard(getattr(journal, name), fates))
        for name in ("record", "has_grant", "open_prints", "unreported_prints", "unknown_prints"):
            setattr(self, name, getattr(journal, name))

    @staticmethod
    def _guard(write: Callable[..., None], fates: Fates) -> Callable[..., None]:
        def guarded(*values: Any, **named: Any) -> None:
            fates.disk_write()
            write(*values, **named)
            fates.disk()

        return guarded


def no_number(queue: str) -> Given:
    raise NoNumberError


class NoPaper:
    """Slips and pictures, of which nothing is at stake here."""

    _PICTURE = Picture(1, 1, b"")
    _SLIP = SlipBitmap(8, 1, b"\0")

    def pages_of(self, pdf: bytes) -> int:
        return 1

    def picture(self, pdf: bytes, page: int) -> Picture:
        return self._PICTURE

    def slip(self, session: Session, layout: str, width_dots: int) -> SlipBitmap:
        return self._SLIP


class NoSlips:
    width_dots = 576

    def print_slip(self, slip: SlipBitmap, deadline_s: float) -> SlipOutcome:
        return SlipOutcome(SlipEnd.PRINTED)


def people_with_papers(count: int) -> tuple[list[Person], dict[str, Paper]]:
    people, papers = [], {}
    for number in range(count):
        ids = []
        for kind, index, pages in (("kk", 0, 2), ("kk", 1, 1), ("akta-kelahiran", 0, 2), ("ktp-el", 0, 2)):
            name = f"{kind}-{number}-{index}"
            data = b"%PDF-" + bytes([pages]) + name.encode()
            papers[name] = Paper(name, number, api.DocumentKind(kind), pages, data, sha256(data).hexdigest())
            ids.append(name)
        person = Person(
            number, f"99010142029000{number:02d}", b"\x04card" + bytes([number]), f"48151{number}", tuple(ids)
        )
        people.append(person)
    return people, papers
