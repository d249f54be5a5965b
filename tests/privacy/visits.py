"""Whole visits of a canary person, by the labels on the pages, each to the attract page and the wipe."""

import base64
from collections.abc import Callable

from kiosk import api
from kiosk import protocol as p
from kiosk.devices.scan.decoder import codes_in
from kiosk.devices.scan.frames import GreyFrame
from kiosk.office.reception import open_services
from tests.e2e.conftest import Kiosk
from tests.e2e.test_services import begin, rate_and_leave, sign_in
from tests.privacy.canary import Person

Visit = Callable[[Kiosk, Person, Callable[[], None]], None]
"""``at_height`` is called when the machine holds the most of the person."""


def _preview(kiosk: Kiosk, person: Person) -> p.Page:
    page = kiosk.face.wait_page("documents", "preview")
    if isinstance(page.body, p.DocumentsBody):
        kiosk.face.press(f"#{page.body.tiles[0].action}")
    page = kiosk.face.wait_page("preview")
    for picture in kiosk.face.pictures.values():
        person.add_document(picture)
    return page


def _printed(kiosk: Kiosk, person: Person) -> None:
    for name in ("document-printer", "card-printer"):
        for document in kiosk.printed(name):
            person.add_document(base64.b64decode(document["base64"]))


def family_card(kiosk: Kiosk, person: Person, at_height: Callable[[], None]) -> None:
    begin(kiosk.face, "cetak-kk")
    sign_in(kiosk, person.card)
    _preview(kiosk, person)
    at_height()
    kiosk.face.press("Cetak sekarang")
    rate_and_leave(kiosk)
    _printed(kiosk, person)


def data_by_nik(kiosk: Kiosk, person: Person, at_height: Callable[[], None]) -> None:
    face = kiosk.face
    begin(face, "cek-data")
    face.wait_page("proof")
    face.press("Ketik NIK")
    face.wait_page("nik")
    face.submit("submit", nik=person.card["nik"])
    face.wait_page("pin")
    face.submit("submit", pin=person.card["pin"])
    face.wait_page("review")
    at_height()
    face.press("#main")
    if face.wait_page("menu", "preview").name == "menu":
        face.press("#choose:print")
    _preview(kiosk, person)
    face.press("Cetak sekarang")
    rate_and_leave(kiosk)
    _printed(kiosk, person)


def certificate_by_code(kiosk: Kiosk, person: Person, at_height: Callable[[], None]) -> None:
    face = kiosk.face
    begin(face, "unduh-akta")
    face.wait_page("proof")
    face.press("Pindai kode QR")
    face.wait_page("scan-code")
    face.scan(person.card["token"])
    page = face.wait_page("documents")
    assert isinstance(page.body, p.DocumentsBody)
    face.press(f"#{page.body.tiles[0].action}")
    face.wait_page("menu")
    face.press("Simpan di ponsel")
    page = face.wait_page("hand-over")
    assert isinstance(page.body, p.HandOverBody)
    person.words.add(_address_in(page.body.rows).rpartition("/")[2])
    at_height()
    face.press("#home")
    face.wait_page("attract")


def by_print_code(kiosk: Kiosk, person: Person, at_height: Callable[[], None]) -> None:
    """Neither card nor PIN: ten digits of the counter."""
    office = open_services(kiosk.office.data)
    code = office.proofs.print_codes.make(person.nik, api.DocumentKind.KK).code
    office.database.close()
    person.words.add(code)
    begin(kiosk.face, "cetak-kk")
    kiosk.face.wait_page("proof")
    kiosk.face.press("Ketik kode cetak")
    kiosk.face.wait_page("print-code")
    kiosk.face.submit("submit", code=code)
    _preview(kiosk, person)
    at_height()
    kiosk.face.press("Cetak sekarang")
    rate_and_leave(kiosk)
    _printed(kiosk, person)


def left_at_the_preview(kiosk: Kiosk, person: Person, at_height: Callable[[], None]) -> None:
    begin(kiosk.face, "cetak-kk")
    sign_in(kiosk, person.card)
    _preview(kiosk, person)
    at_height()
    _go_home(kiosk)


def wrong_pin(kiosk: Kiosk, person: Person, at_height: Callable[[], None]) -> None:
    face = kiosk.face
    begin(face, "cek-data")
    face.wait_page("proof")
    face.press("Ketik NIK")
    face.wait_page("nik")
    face.submit("submit", nik=person.card["nik"])
    page = face.wait_page("pin")
    wrong = str((int(person.card["pin"]) + 7) % 1_000_000).zfill(6)
    person.whole.add(wrong)
    at_height()
    face.submit("submit", pin=wrong)
    face.wait(lambda now: now.serial != page.serial and now.name != "busy", "the refusal")
    _go_home(kiosk)


def office_gone_at_the_proof(kiosk: Kiosk, person: Person, at_height: Callable[[], None]) -> None:
    face = kiosk.face
    begin(face, "cetak-kk")
    face.wait_page("proof")
    face.press("Tempelkan KTP-el")
    face.wait_page("tap-card")
    kiosk.tap(person.card)
    page = face.wait_page("pin")
    at_height()
    kiosk.office.fault("garbage")
    face.submit("submit", pin=person.card["pin"])
    face.wait(lambda now: now.serial != page.serial and now.name in ("outcome", "device-fault", "offline"), "the fault")
    kiosk.office.fault("none")
    kiosk.pull()
    _go_home(kiosk)


def left_while_the_office_is_slow(kiosk: Kiosk, person: Person, at_height: Callable[[], None]) -> None:
    """The call is still under way when the visit is wiped: its worker lets go when the answer comes."""
    face = kiosk.face
    begin(face, "cetak-kk")
    face.wait_page("proof")
    face.press("Tempelkan KTP-el")
    face.wait_page("tap-card")
    kiosk.tap(person.card)
    face.wait_page("pin")
    at_height()
    kiosk.office.fault("slow", 3.0)
    face.submit("submit", pin=person.card["pin"])
    face.wait_page("busy")
    _go_home(kiosk)
    kiosk.office.fault("none")


def printer_jam(kiosk: Kiosk, person: Person, at_height: Callable[[], None]) -> None:
    face = kiosk.face
    begin(face, "cetak-kk")
    sign_in(kiosk, person.card)
    _preview(kiosk, person)
    at_height()
    kiosk.doubles.act("document-printer", "cut-power", at_sheet=1)
    face.press("Cetak sekarang")
    face.wait_page("outcome", "device-fault", timeout_s=60)
    kiosk.doubles.act("document-printer", "clear")
    kiosk.pull()
    _go_home(kiosk)


def identity_card(kiosk: Kiosk, person: Person, at_height: Callable[[], None]) -> None:
    begin(kiosk.face, "cetak-ktp")
    sign_in(kiosk, person.card)
    _preview(kiosk, person)
    at_height()
    kiosk.face.press("Cetak sekarang")
    kiosk.face.wait_page("survey", timeout_s=40)
    rate_and_leave(kiosk)
    _printed(kiosk, person)


def idle(kiosk: Kiosk, person: Person, at_height: Callable[[], None]) -> None:
    begin(kiosk.face, "cetak-kk")
    sign_in(kiosk, person.card)
    _preview(kiosk, person)
    at_height()
    kiosk.face.wait_page("still-here", timeout_s=30)
    kiosk.face.wait_page("take", timeout_s=30)
    kiosk.pull()
    kiosk.face.wait_page("attract", timeout_s=30)


def killed_at_the_preview(kiosk: Kiosk, person: Person, at_height: Callable[[], None]) -> None:
    """The core dies without a word while it holds the most, and another takes its place."""
    begin(kiosk.face, "cetak-kk")
    sign_in(kiosk, person.card)
    _preview(kiosk, person)
    at_height()
    kiosk.restart_core(kills=True)
    kiosk.pull()
    kiosk.face.wait(lambda page: page.name in ("attract", "interrupted", "outcome"), "the new core", timeout_s=60)
    _go_home(kiosk)


def _address_in(rows: list[str]) -> str:
    """What a phone reads from the page."""
    quiet, scale = 4, 4
    width = len(rows[0]) + 2 * quiet
    blank = "0" * width
    framed = [blank] * quiet + ["0" * quiet + row + "0" * quiet for row in rows] + [blank] * quiet
    lines = [bytes(0 if module == "1" else 255 for module in row for _ in range(scale)) for row in framed]
    pixels = b"".join(line for line in lines for _ in range(scale))
    (code,) = codes_in(GreyFrame(width * scale, len(framed) * scale, pixels))
    return code.text


def _go_home(kiosk: Kiosk) -> None:
    """Leave from wherever the page is, until nobody is there."""
    face = kiosk.face
    kiosk.pull()
    while face.page.name != "attract":
        page = face.page
        for action in (page.home, page.second, page.main, page.back):
            if action is not None and action.is_enabled:
                face.press(f"#{action.id}")
                break
        face.wait_moved(page.serial, 5)


VISITS: dict[str, Visit] = {
    "family card by card and PIN": family_card,
    "data sheet by NIK": data_by_nik,
    "certificate by code to the phone": certificate_by_code,
    "identity card": identity_card,
    "left at the preview": left_at_the_preview,
    "wrong PIN": wrong_pin,
    "office answers garbage": office_gone_at_the_proof,
    "printer dies in the job": printer_jam,
    "left while the office is slow": left_while_the_office_is_slow,
}
WANTS: dict[str, tuple[str, ...]] = {
    "family card by card and PIN": ("kk",),
    "certificate by code to the phone": ("akta-kelahiran",),
    "identity card": ("ktp-el",),
    "left at the preview": ("kk",),
    "printer dies in the job": ("kk",),
}
