"""Tap to paper on programs that no one here wrote: pcscd with vpcd, and ippeveprinter."""

import hashlib
import subprocess
from collections.abc import Callable

import pytest

from kiosk import protocol as p
from tests.e2e.conftest import Kiosk
from tests.e2e.test_services import _issued, begin, rate_and_leave, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.peer]


def print_document(kiosk: Kiosk, service: str, kind: str) -> None:
    face = kiosk.face
    begin(face, service)
    sign_in(kiosk, kiosk.office.person(kind))
    page = face.wait_page("documents", "preview", timeout_s=30)
    if isinstance(page.body, p.DocumentsBody):
        face.press(f"#{page.body.tiles[0].action}")
        face.wait_page("preview", timeout_s=30)
    face.press("Cetak sekarang")
    rate_and_leave(kiosk)


def test_the_family_card_by_pcscd_and_ippeveprinter(start_kiosk: Callable[..., Kiosk]) -> None:
    kiosk = start_kiosk(is_real=True)
    print_document(kiosk, "cetak-kk", "kk")
    assert kiosk.stacks is not None
    (received,) = kiosk.stacks.paper.documents()
    signed = {hashlib.sha256(pdf).hexdigest() for pdf in _issued(kiosk, "kk")}
    assert hashlib.sha256(received).hexdigest() in signed
    path = kiosk.run / "received.pdf"
    path.write_bytes(received)
    told = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    assert "Signature Validation: Signature is Valid." in told
    assert "Total document signed" in told


def test_ippeveprinter_that_dies_at_the_first_sheet_ends_unknown(start_kiosk: Callable[..., Kiosk]) -> None:
    kiosk = start_kiosk(is_real=True)
    assert kiosk.stacks is not None
    kiosk.stacks.paper.plan(sheet_s=30)
    face = kiosk.face
    begin(face, "cetak-kk")
    sign_in(kiosk, kiosk.office.person("kk"))
    page = face.wait_page("documents", "preview", timeout_s=30)
    if isinstance(page.body, p.DocumentsBody):
        face.press(f"#{page.body.tiles[0].action}")
        face.wait_page("preview", timeout_s=30)
    face.press("Cetak sekarang")
    face.wait_page("printing")
    printer = kiosk.stacks.paper
    kiosk.wait_until(lambda: printer.documents() != [], "the document at the printer")
    printer.cut_power()
    page = face.wait_page("outcome", timeout_s=90)
    assert isinstance(page.body, p.OutcomeBody)
    assert page.body.tone is p.Tone.CAUTION
    kiosk.wait_until(lambda: kiosk.office.state()["documents"].get("with-staff", 0) == 1, "the settlement", 30)
