"""A face in the place of the PIN, by the labels on the buttons: agreed, refused, unsure, away, and never alone."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert

from kiosk import protocol as p
from kiosk.demo.stage import ROOT
from kiosk.office import database as db
from tests.e2e.conftest import Kiosk, Office
from tests.e2e.test_services import begin

pytestmark = pytest.mark.e2e

REFERENCE = b"CANARY-REFERENCE-of-nobody"
UNSURE = {"end": "not-sure", "doubt": "too-dark"}
AGREE = "Setuju, pakai wajah"
PIN_INSTEAD = "Pakai PIN saja"


@pytest.fixture
def person(office: Office) -> dict[str, Any]:
    """Somebody of whom the office holds a reference."""
    somebody = office.person("kk")
    database = db.Database(office.data / "office.db")
    with database.writing() as connection:
        connection.execute(delete(db.biometric))
        connection.execute(insert(db.biometric), [{"nik": somebody["nik"], "kind": "face", "reference": REFERENCE}])
    database.close()
    return somebody


@pytest.fixture
def kiosk(start_kiosk: Callable[..., Kiosk], tmp_path: Path, person: dict[str, Any]) -> Kiosk:
    """A kiosk with a camera, whose service takes a face."""
    flows = tmp_path / "flows"
    shutil.copytree(ROOT / "config" / "flows", flows)
    file = flows / "cek-data.yaml"
    text = file.read_text()
    assert "    proofs: [card, nik, qr]\n" in text
    file.write_text(
        text.replace("    proofs: [card, nik, qr]\n", "    proofs: [card, nik, qr]\n    biometrics: [face]\n")
    )
    kiosk = start_kiosk(flows=flows, matchers=("face",))
    kiosk.face.wait_page("attract")
    kiosk.wait_until(lambda: any(e.get("device") == "face" and e.get("band") == "ok" for e in kiosk.events()), "camera")
    return kiosk


def to_consent(kiosk: Kiosk, person: dict[str, Any]) -> p.Page:
    begin(kiosk.face, "cek-data")
    kiosk.face.wait_page("proof")
    kiosk.face.press("Tempelkan KTP-el")
    kiosk.face.wait_page("tap-card")
    kiosk.tap(person)
    return kiosk.face.wait_page("consent")


def asked(kiosk: Kiosk) -> int:
    state = next(one for one in kiosk.doubles.describe() if one["device"] == "face")["state"]
    return int(state["asked"])


def test_a_face_that_matches_opens_the_account_after_consent(kiosk: Kiosk, person: dict[str, Any]) -> None:
    page = to_consent(kiosk, person)
    assert isinstance(page.body, p.ConsentBody)
    assert [tile.title for tile in page.body.tiles] == [AGREE, PIN_INSTEAD]
    assert any("disimpan" in line.label for line in page.body.facts)
    assert asked(kiosk) == 0, "nobody was looked at before the consent"
    kiosk.doubles.act("face", "stand", seconds=0.4)
    kiosk.face.press(AGREE)
    capture = kiosk.face.wait_page("capture")
    assert isinstance(capture.body, p.CaptureBody)
    assert 0 < (capture.remaining_ms or 0) <= capture.body.total_ms
    kiosk.face.wait_page("review")
    assert "pin" not in kiosk.face.names
    assert asked(kiosk) == 1
    log = kiosk.log.read_text()
    assert {"BIOMETRIC_ASKED", "BIOMETRIC_ENDED"} <= {event["event"] for event in kiosk.events()}
    assert "CANARY" not in log
    assert person["nik"] not in log


@pytest.mark.parametrize("answers", [[{"end": "no-match"}], [UNSURE, UNSURE], [{"end": "no-device"}]])
def test_everything_but_a_match_ends_at_the_pin_which_opens_it(
    kiosk: Kiosk, person: dict[str, Any], answers: list[dict[str, str]]
) -> None:
    kiosk.doubles.act("face", "say", answers=answers)
    to_consent(kiosk, person)
    for number in range(len(answers)):
        stood = kiosk.face.press(AGREE)
        page = kiosk.face.wait(
            lambda page, last=stood.serial: page.serial > last and page.name in ("consent", "pin"),  # type: ignore[misc]
            "an answer",
        )
        if number + 1 < len(answers):
            assert isinstance(page.body, p.ConsentBody)
            assert "gelap" in page.body.notice
    page = kiosk.face.wait_page("pin")
    assert isinstance(page.body, p.PinBody)
    assert "Silakan pakai PIN." in page.body.notice
    assert page.body.tone is p.Tone.CAUTION
    kiosk.face.submit("submit", pin=person["pin"])
    kiosk.face.wait_page("review")


def test_refusing_leads_to_the_pin_and_no_camera_is_asked(kiosk: Kiosk, person: dict[str, Any]) -> None:
    to_consent(kiosk, person)
    kiosk.face.press(PIN_INSTEAD)
    page = kiosk.face.wait_page("pin")
    assert isinstance(page.body, p.PinBody)
    assert page.body.notice == ""
    assert asked(kiosk) == 0
    kiosk.face.submit("submit", pin=person["pin"])
    kiosk.face.wait_page("review")


def test_the_pin_stays_one_touch_away_while_a_silent_camera_looks(kiosk: Kiosk, person: dict[str, Any]) -> None:
    to_consent(kiosk, person)
    kiosk.doubles.act("face", "silent")
    kiosk.face.press(AGREE)
    kiosk.face.wait_page("capture")
    kiosk.face.press(PIN_INSTEAD)
    kiosk.face.wait_page("pin")


def test_a_camera_that_goes_while_people_read_turns_grey_and_the_pin_stays(
    kiosk: Kiosk, person: dict[str, Any]
) -> None:
    to_consent(kiosk, person)
    kiosk.doubles.act("face", "off")
    page = kiosk.face.wait(
        lambda page: isinstance(page.body, p.ConsentBody) and not page.body.tiles[0].is_enabled, "a grey answer"
    )
    assert isinstance(page.body, p.ConsentBody)
    assert page.body.tiles[0].reason == "Kamera tidak siap."
    kiosk.face.press(PIN_INSTEAD)
    kiosk.face.wait_page("pin")
    kiosk.face.submit("submit", pin=person["pin"])
    kiosk.face.wait_page("review")


def test_a_nik_of_nobody_looks_like_a_face_that_does_not_match(kiosk: Kiosk, person: dict[str, Any]) -> None:
    kiosk.doubles.act("face", "say", answers=[{"end": "no-match"}])
    seen = []
    for nik in (person["nik"], "9901010101909999"):
        begin(kiosk.face, "cek-data")
        kiosk.face.wait_page("proof")
        kiosk.face.press("Ketik NIK")
        kiosk.face.wait_page("nik")
        first = kiosk.face.submit("submit", nik=nik).serial
        kiosk.face.wait_page("consent")
        kiosk.face.press(AGREE)
        kiosk.face.wait_page("pin")
        pages = [page for page in kiosk.face.pages if page.serial > first]
        seen.append([(page.name, page.title, page.body) for page in pages if page.name != "capture"])
        kiosk.face.press("Keluar")
        kiosk.face.wait_page("attract")
    assert seen[0] == seen[1]
