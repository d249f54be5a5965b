"""Four services that ask who one is, from the first touch to the wipe, by button labels, on the socket doubles."""

import base64
import hashlib
from typing import Any

import pytest

from kiosk import api
from kiosk import protocol as p
from kiosk.office.reception import open_services
from tests.e2e.conftest import Kiosk
from tests.e2e.paper_face import PaperFace

pytestmark = pytest.mark.e2e


def begin(face: PaperFace, service: str) -> None:
    """From the attract page to the proofs."""
    face.wait_page("attract")
    face.press("Sentuh layar untuk mulai")
    face.wait(
        lambda page: (
            isinstance(page.body, p.MenuBody)
            and any(tile.action == f"service:{service}" and tile.is_enabled for tile in page.body.tiles)
        ),
        "the service's tile",
    )
    face.press(f"#service:{service}")
    face.wait_page("standard")
    face.press("Saya setuju, lanjut")


def sign_in(kiosk: Kiosk, person: dict[str, Any]) -> None:
    """By card and PIN."""
    face = kiosk.face
    face.wait_page("proof")
    face.press("Tempelkan KTP-el")
    face.wait_page("tap-card")
    kiosk.tap(person)
    face.wait_page("pin")
    face.submit("submit", pin=person["pin"])


def rate_and_leave(kiosk: Kiosk) -> None:
    face = kiosk.face
    face.wait_page("survey")
    face.press("Sangat baik")
    page = face.wait_page("take")
    assert isinstance(page.body, p.TakeBody)
    kiosk.pull()
    face.press("#main")
    face.wait_page("attract")
    assert face.forgets >= 1
    assert face.pictures == {}


def _submit_code(face: PaperFace, code: str) -> p.Page:
    """The page that answers."""
    serial = face.page.serial
    face.submit("submit", code=code)
    return face.wait(lambda page: page.serial != serial and page.name != "busy", "the answer")


def test_a_print_code_of_the_counter_prints_its_document_once(kiosk: Kiosk) -> None:
    """For who has neither card nor PIN: typed digits, the one document, and nothing of anything else."""
    face, person = kiosk.face, kiosk.office.person("kk")
    office = open_services(kiosk.office.data)
    code = office.proofs.print_codes.make(person["nik"], api.DocumentKind.KK).code
    office.database.close()
    begin(face, "cetak-kk")
    for typed in ("0000000000", code):
        face.wait_page("proof", "print-code")
        if face.page.name == "proof":
            face.press("Ketik kode cetak")
            face.wait_page("print-code")
        _submit_code(face, typed)
        if typed != code:
            assert isinstance(face.page.body, p.NikBody)
            assert face.page.body.notice.startswith("Kode ini tidak berlaku")
    face.wait_page("preview")
    face.press("Cetak sekarang")
    rate_and_leave(kiosk)
    assert len(kiosk.printed()) == 1
    assert code not in kiosk.log.read_text()
    begin(face, "cetak-kk")
    face.wait_page("proof")
    face.press("Ketik kode cetak")
    face.wait_page("print-code")
    assert _submit_code(face, code).name == "print-code", "spent"


def test_the_family_card_comes_out_byte_for_byte_as_the_office_signed_it(kiosk: Kiosk) -> None:
    face, person = kiosk.face, kiosk.office.person("kk")
    begin(face, "cetak-kk")
    sign_in(kiosk, person)
    face.wait_page("documents", "preview")
    if face.page.name == "documents":
        assert isinstance(face.page.body, p.DocumentsBody)
        face.press(f"#{face.page.body.tiles[0].action}")
    page = face.wait_page("preview")
    assert isinstance(page.body, p.PreviewBody)
    assert face.pictures[page.body.picture].startswith(b"\x89PNG")
    face.press("Cetak sekarang")
    rate_and_leave(kiosk)

    assert "printing" in face.names
    assert "slip" in face.names
    (document,) = kiosk.printed()
    received = base64.b64decode(document["base64"])
    signed = _issued(kiosk, "kk")
    assert hashlib.sha256(received).digest() in {hashlib.sha256(pdf).digest() for pdf in signed}
    assert kiosk.doubles.act("slip-printer", "slips")["count"] == 1
    kiosk.wait_until(lambda: kiosk.office.state()["documents"].get("printed", 0) == 1, "the settlement")


def test_the_data_are_checked_and_the_sheet_is_printed(kiosk: Kiosk) -> None:
    face, person = kiosk.face, kiosk.office.person()
    begin(face, "cek-data")
    face.wait_page("proof")
    face.press("Ketik NIK")
    face.wait_page("nik")
    face.submit("submit", nik=person["nik"])
    face.wait_page("pin")
    face.submit("submit", pin=person["pin"])
    page = face.wait_page("review")
    assert isinstance(page.body, p.ReviewBody)
    shown = str(page)
    assert person["nik"] not in shown
    assert person["name"] in shown
    face.press("#main")
    page = face.wait_page("menu", "preview")
    if page.name == "menu":
        face.press("#choose:print")
        page = face.wait_page("preview")
    face.press("Cetak sekarang")
    rate_and_leave(kiosk)
    (document,) = kiosk.printed()
    assert b"/ByteRange" not in base64.b64decode(document["base64"])


def test_a_certificate_goes_to_the_phone(kiosk: Kiosk) -> None:
    face, person = kiosk.face, kiosk.office.person("akta-kelahiran")
    begin(face, "unduh-akta")
    face.wait_page("proof")
    face.press("Pindai kode QR")
    face.wait_page("scan-code")
    face.scan(person["token"])
    page = face.wait_page("documents")
    assert isinstance(page.body, p.DocumentsBody)
    face.press(f"#{page.body.tiles[0].action}")
    face.wait_page("menu")
    face.press("Simpan di ponsel")
    page = face.wait_page("hand-over")
    assert isinstance(page.body, p.HandOverBody)
    assert len(page.body.rows) == len(page.body.rows[0])
    assert page.remaining_ms is not None
    assert page.remaining_ms > 30_000
    face.press("Sudah tersimpan")
    face.wait_page("survey")
    face.press("Lewati")
    face.wait_page("take")
    face.press("#main")
    face.wait_page("attract")
    assert kiosk.printed() == []


def test_the_identity_card_comes_out_of_the_card_printer(kiosk: Kiosk) -> None:
    face, person = kiosk.face, kiosk.office.person("ktp-el")
    begin(face, "cetak-ktp")
    sign_in(kiosk, person)
    page = face.wait_page("documents", "preview")
    if isinstance(page.body, p.DocumentsBody):
        face.press(f"#{page.body.tiles[0].action}")
        face.wait_page("preview")
    face.press("Cetak sekarang")
    rate_and_leave(kiosk)
    assert kiosk.printed() == []
    (document,) = kiosk.printed("card-printer")
    assert base64.b64decode(document["base64"]) in _issued(kiosk, "ktp-el")


def _issued(kiosk: Kiosk, kind: str) -> list[bytes]:
    import requests

    answer = requests.get(f"{kiosk.office.url}/demo/issued", timeout=5).json()
    return [base64.b64decode(document["base64"]) for document in answer["documents"] if document["kind"] == kind]
