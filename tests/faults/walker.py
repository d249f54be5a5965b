"""Walks one kiosk from page to page, lets faults meet each, and keeps what was seen."""

import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any

from kiosk import protocol as p
from kiosk.core.grace import LOST_S
from kiosk.demo.stage import STAFF_CODE
from kiosk.devices.contract import Band
from kiosk.texts import Texts
from tests.e2e.conftest import Kiosk
from tests.faults.table import Row, Seen, greyed, look, says, words

PATIENCE_S = 30.0
"""How long a page may take on a busy machine before a row counts as failed."""
TEXTS = Texts("id")
DOCUMENT_OF = {"cetak-kk": "kk", "cek-data": "kk", "cetak-ktp": "ktp-el", "unduh-akta": "akta-kelahiran"}


class Walker:
    """One kiosk, one visitor after another. ``seen`` grows by each row that held."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk = kiosk
        self.seen: list[Seen] = []

    @property
    def page(self) -> p.Page:
        return self.kiosk.face.page

    # --- ways

    def begin(self, service: str = "cetak-kk") -> None:
        """From the attract page to the proofs."""
        self.open(service)
        self.kiosk.face.wait_page("proof")

    def open(self, service: str) -> None:
        """From the attract page through the service standard."""
        face = self.kiosk.face
        self.kiosk.pull()
        self.leave()
        self.kiosk.office.renew()
        face.press("Sentuh layar untuk mulai")
        face.wait(lambda page: page.name == "services" and f"service:{service}" not in greyed(page), "its tile")
        face.press(f"#service:{service}")
        face.wait_page("standard")
        face.press("Saya setuju, lanjut")

    def leave(self) -> None:
        """Home, whatever page there is."""
        face = self.kiosk.face
        self.kiosk.pull()
        for _ in range(8):
            page = face.wait(
                lambda page: page.name not in ("starting", "busy", "card-seen", "printing", "slip", "number-slip"),
                "a quiet page",
            )
            if page.name == "attract":
                return
            if page.home is not None:
                face.press("#home" if page.home.id == "home" else f"#{page.home.id}")
            elif page.main is not None and page.name in ("take", "number", "outcome", "unclear", "interrupted"):
                face.press(f"#{page.main.id}")
            elif page.second is not None:
                face.press(f"#{page.second.id}")
            face.wait(lambda now, was=page: now.serial != was.serial, f"a way out of {page.name}")  # type: ignore[misc]
        raise AssertionError(f"no way home from {self.kiosk.face.names[-8:]}")

    def to_tap(self, service: str = "cetak-kk") -> None:
        self.begin(service)
        self.kiosk.face.press("Tempelkan KTP-el")
        self.kiosk.face.wait_page("tap-card")

    def to_pin(self, service: str = "cetak-kk") -> dict[str, Any]:
        person = self.kiosk.office.person(DOCUMENT_OF[service])
        self.to_tap(service)
        self.kiosk.tap(person)
        self.kiosk.face.wait_page("pin")
        return person

    def to_nik(self) -> None:
        self.begin()
        self.kiosk.face.press("Ketik NIK")
        self.kiosk.face.wait_page("nik")

    def to_scan(self) -> None:
        self.begin()
        self.kiosk.face.press("Pindai kode QR")
        self.kiosk.face.wait_page("scan-code")

    def sign_in(self, service: str = "cetak-kk") -> None:
        person = self.to_pin(service)
        self.kiosk.face.submit("submit", pin=person["pin"])

    def to_preview(self, service: str = "cetak-kk") -> None:
        self.sign_in(service)
        self.choose_document()
        if self.page.name == "menu":
            self.kiosk.face.press("#choose:print")
        self.kiosk.face.wait_page("preview")

    def to_menu(self) -> None:
        """How a certificate shall be had: on paper or on the phone."""
        self.sign_in("unduh-akta")
        self.choose_document()
        self.kiosk.face.wait_page("menu")

    def choose_document(self) -> None:
        face = self.kiosk.face
        page = face.wait_page("documents", "preview", "menu")
        if isinstance(page.body, p.DocumentsBody):
            face.press(f"#{next(tile.action for tile in page.body.tiles if tile.is_enabled)}")
            face.wait_page("preview", "menu")

    def to_phone(self) -> None:
        self.to_menu()
        self.kiosk.face.press("#choose:phone")
        self.kiosk.face.wait_page("hand-over")

    def to_staff(self) -> None:
        face = self.kiosk.face
        self.leave()
        face.press("#staff")
        face.wait_page("staff-code")
        face.submit("staff:enter", code=STAFF_CODE)
        face.wait_page("technician")

    def wait_ready(self) -> None:
        """Until every device has been found and every service stands open on the attract page."""
        self.kiosk.face.wait(lambda page: page.name == "attract" and not greyed(page), "all services open", 60)

    # --- faults

    def note(self, place: str, title: str, row: Row, page: p.Page, back_s: float | None = None) -> None:
        self.seen.append(Seen(place, title, row, page, back_s))

    def until(self, row: Row, name: str, timeout_s: float = PATIENCE_S) -> p.Page:
        """Wait for the page that the row expects."""
        t = TEXTS
        wanted = row.page or name
        try:
            return self.kiosk.face.wait(lambda page: page.name == wanted and says(page, row), "it", timeout_s)
        except AssertionError:
            page = self.page
            expected = [t(key, detail="") for key in row.reads]
            raise AssertionError(
                f"{row.fault.device} {row.fault.name} at {name}: "
                f"expected {wanted} {row.code} {expected} grey {row.grey}; "
                f"there stands {page.name} {getattr(page.body, 'code', '')} {words(page)} grey {greyed(page)}"
            ) from None

    def stand(self, place: str, title: str, *rows: Row) -> None:
        """Faults that meet a page which waits: what it says, and that it is whole again afterwards."""
        for row in rows:
            before = self.page
            row.fault.do(self.kiosk)
            page = self.until(row, before.name)
            self._heard(row)
            row.fault.undo(self.kiosk)
            begun = time.monotonic()
            self.kiosk.face.wait(lambda now, was=before: look(now) == look(was), "the page as it was", PATIENCE_S)  # type: ignore[misc]
            self.note(place, title, row, page, time.monotonic() - begun)

    def quiet(self, place: str, title: str, *rows: Row) -> None:
        """Faults of different devices at once, of which the page must not say a word."""
        face, before = self.kiosk.face, self.page
        for row in rows:
            row.fault.do(self.kiosk)
        for row in rows:
            self._heard(row)
        until = time.monotonic() + LOST_S + 0.3
        while (left := until - time.monotonic()) > 0:
            with face._arrived:
                face._arrived.wait(left)
            assert look(self.page) == look(before), f"{[row.fault.name for row in rows]} at {before.name}"
        for row in rows:
            self.note(place, title, row, self.page, 0.0)
            row.fault.undo(self.kiosk)
        for row in rows:
            self._heard(row, is_over=True)

    def _heard(self, row: Row, *, is_over: bool = False) -> None:
        """The device's own adapter has reported it."""
        kind, reason = row.fault.kind, row.fault.reason
        if kind is None or reason is None:
            return

        def is_there() -> bool:
            of_it = [e for e in self.kiosk.events() if e.get("event") == "DEVICE_CHANGED" and e.get("device") == kind]
            if not of_it:
                return False
            if is_over:
                return bool(of_it[-1]["band"] == Band.OK)
            return reason.value in str(of_it[-1].get("reason", "")).split(",")

        self.kiosk.wait_until(is_there, f"{kind} to report {'OK' if is_over else reason}", PATIENCE_S)


def in_turn(*kinds: Sequence[Row]) -> list[Row]:
    """Rows of several devices, one device after the other: none is hurt so often that it counts as flapping."""
    return [row for rows in itertools.zip_longest(*kinds) for row in rows if row is not None]


Lane = Callable[[Walker], None]
