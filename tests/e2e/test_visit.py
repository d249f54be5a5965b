"""A visit's life: idleness, its limit, Home, a face or a core that dies in the middle, and the wipe."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk import protocol as p
from tests.e2e.conftest import Kiosk
from tests.e2e.test_services import begin, rate_and_leave, sign_in

pytestmark = pytest.mark.e2e


def to_preview(kiosk: Kiosk, person: dict[str, Any] | None = None) -> p.Page:
    begin(kiosk.face, "cetak-kk")
    sign_in(kiosk, person or kiosk.office.person("kk"))
    page = kiosk.face.wait_page("documents", "preview")
    if isinstance(page.body, p.DocumentsBody):
        kiosk.face.press(f"#{page.body.tiles[0].action}")
    return kiosk.face.wait_page("preview")


def test_an_idle_visit_warns_counts_down_and_is_wiped_and_its_grant_is_given_back(
    start_kiosk: Callable[..., Kiosk],
) -> None:
    kiosk = start_kiosk(visit={"idle_s": 5, "warning_s": 5, "take_s": 2})
    to_preview(kiosk)
    assert kiosk.office.state()["documents"].get("taken", 0) == 1
    page = kiosk.face.wait_page("still-here")
    assert isinstance(page.body, p.CountdownBody)
    assert page.remaining_ms is not None
    assert 3_000 < page.remaining_ms <= 5_000
    kiosk.face.press("Saya masih di sini")
    kiosk.face.wait_page("preview")
    kiosk.face.wait_page("still-here")
    page = kiosk.face.wait_page("take")
    assert page.title == "Jangan lupa kartu Anda"
    kiosk.face.wait_page("attract")
    assert kiosk.face.forgets >= 1
    assert kiosk.face.pictures == {}
    kiosk.wait_until(lambda: kiosk.office.state()["documents"].get("taken", 0) == 0, "the grant to be given back")


def test_the_overall_limit_can_be_extended_once(start_kiosk: Callable[..., Kiosk]) -> None:
    kiosk = start_kiosk(visit={"idle_s": 60, "warning_s": 25, "overall_s": 30, "extension_s": 27})
    face = kiosk.face
    begin(face, "cek-data")
    face.wait_page("proof")
    page = face.wait_page("still-here")
    assert page.title == "Perlu waktu lebih lama?"
    assert page.main is not None
    face.press("Saya masih di sini")
    face.wait_page("proof")
    page = face.wait_page("still-here")
    assert page.main is None
    face.press("Saya selesai")
    face.wait_page("attract")


def test_home_wipes_language_size_and_contrast_too(kiosk: Kiosk) -> None:
    face = kiosk.face
    face.wait_page("attract")
    face.press("Bahasa Indonesia")
    face.wait_page("language")
    face.press("English")
    page = face.wait_page("services")
    assert page.title == "What do you need?"
    face.press("Large text")
    face.press("#look:contrast")
    page = face.wait(lambda page: page.look.contrast is p.Contrast.HIGH, "high contrast")
    assert page.look.text_size is p.TextSize.LARGE
    face.press("Leave")
    page = face.wait_page("attract")
    assert page.look == p.Look()
    assert page.title == "Urus surat kependudukan di sini"


def test_the_switches_stand_on_every_page_and_the_language_holds_on_paper(kiosk: Kiosk) -> None:
    to_preview(kiosk)
    for page in (page for page in kiosk.face.pages if page.name != "starting"):
        assert [control.id for control in page.strip.controls] == [
            "look:language",
            "look:size",
            "look:contrast",
            "look:sound",
            "help",
        ]


def test_back_keeps_the_typed_nik_and_never_the_pin(kiosk: Kiosk) -> None:
    face, person = kiosk.face, kiosk.office.person("kk")
    begin(face, "cek-data")
    face.wait_page("proof")
    face.press("Ketik NIK")
    face.wait_page("nik")
    face.submit("submit", nik=person["nik"])
    face.wait_page("pin")
    face.press("Kembali")
    page = face.wait_page("nik")
    assert isinstance(page.body, p.NikBody)
    assert page.body.value == person["nik"]
    assert page.direction is p.Direction.BACK


def test_help_lies_over_the_page_and_goes_away_again(kiosk: Kiosk) -> None:
    to_preview(kiosk)
    kiosk.face.press("Bantuan")
    kiosk.face.wait_page("help")
    kiosk.face.press("Kembali")
    kiosk.face.wait_page("preview")


def test_a_face_that_comes_back_finds_the_same_page_with_its_picture(kiosk: Kiosk) -> None:
    page = to_preview(kiosk)
    kiosk.face.close()
    face = kiosk.new_face()
    again = face.wait_page("preview")
    assert again.key == page.key
    assert face.pictures.keys() == {"preview-0"}
    face.press("Cetak sekarang")
    rate_and_leave(kiosk)
    assert len(kiosk.printed()) == 1


def test_a_face_that_never_paints_does_not_hold_the_step(start_kiosk: Callable[..., Kiosk]) -> None:
    kiosk = start_kiosk(visit={"painted_s": 0.3})
    kiosk.face.paints = False
    to_preview(kiosk)
    assert "PAGE_NOT_PAINTED" in {event["event"] for event in kiosk.events()}


def test_a_core_killed_at_the_preview_says_that_nothing_was_printed_and_serves_the_next(kiosk: Kiosk) -> None:
    to_preview(kiosk)
    kiosk.restart_core(kills=True)
    page = kiosk.face.wait_page("interrupted", timeout_s=30)
    assert isinstance(page.body, p.OutcomeBody)
    assert page.body.code == "SYS-01"
    assert any("tidak jadi dicetak" in line or "Tidak ada yang dicetak" in line for line in page.body.lines)
    kiosk.pull()
    kiosk.face.press("Saya mengerti")
    kiosk.wait_until(lambda: kiosk.office.state()["documents"].get("taken", 0) == 0, "the grant to be given back")
    to_preview(kiosk)
    kiosk.face.press("Cetak sekarang")
    rate_and_leave(kiosk)
    assert len(kiosk.printed()) == 1


def test_a_core_killed_while_the_sheet_moves_never_prints_twice_and_tells_the_truth(
    start_kiosk: Callable[..., Kiosk],
) -> None:
    kiosk = start_kiosk(speed=0.6)
    to_preview(kiosk)
    kiosk.face.press("Cetak sekarang")
    kiosk.wait_until(
        lambda: any(device["state"].get("running") for device in kiosk.doubles.describe()), "the sheet to move"
    )
    kiosk.restart_core(kills=True)
    page = kiosk.face.wait_page("interrupted", timeout_s=40)
    assert isinstance(page.body, p.OutcomeBody)
    text = " ".join(page.body.lines)
    printed = len(kiosk.printed())
    assert printed == 1
    assert "sudah selesai dicetak" in text or "belum tahu" in text
    kiosk.pull()
    kiosk.face.press("Saya mengerti")
    kiosk.face.wait_page("attract")
    kiosk.wait_until(lambda: kiosk.office.state()["documents"].get("taken", 0) == 0, "the settlement")
    assert len(kiosk.printed()) == 1


def test_an_orderly_stop_in_the_middle_gives_the_grant_back(kiosk: Kiosk) -> None:
    to_preview(kiosk)
    kiosk.core.terminate()
    assert kiosk.core.wait(20) == 0
    kiosk.wait_until(
        lambda: kiosk.office.state()["documents"].get("taken", 0) == 0, "the grant to be given back", timeout_s=5
    )


def test_changed_flows_come_into_force_between_visits_and_broken_ones_never(
    start_kiosk: Callable[..., Kiosk], tmp_path: Path
) -> None:
    flows = tmp_path / "flows"
    flows.mkdir()
    for path in (Path(__file__).resolve().parents[2] / "config" / "flows").glob("*.yaml"):
        (flows / path.name).write_bytes(path.read_bytes())
    kiosk = start_kiosk(flows=flows)
    face = kiosk.face
    before = face.wait_page("attract").body
    assert isinstance(before, p.AttractBody)
    text = (flows / "cetak-kk.yaml").read_text()
    title = "title: {id: Cetak Kartu Keluarga,"
    assert title in text
    (flows / "cetak-kk.yaml").write_text(text.replace(title, "title: {id: Ambil Kartu Keluarga,", 1))
    face.wait(
        lambda page: isinstance(page.body, p.AttractBody) and page.body.tiles[0].title == "Ambil Kartu Keluarga",
        "the new title",
        40,
    )
    (flows / "cek-data.yaml").write_text("format: 1\nid: cek-data\n")
    kiosk.wait_until(lambda: any(event["event"] == "FLOWS_REFUSED" for event in kiosk.events()), "the refusal", 40)
    assert isinstance(face.page.body, p.AttractBody)
    assert len(face.page.body.tiles) == len(before.tiles)
    begin(face, "cek-data")
    face.wait_page("proof")


def test_nothing_of_a_visit_is_left_on_disk_in_logs_or_in_memory_structures(kiosk: Kiosk, tmp_path: Path) -> None:
    """Canary search: the NIK, the name, the PIN, the card and the KK number of the person who was here."""
    person = kiosk.office.person("kk")
    to_preview(kiosk, person)
    kiosk.face.press("Cetak sekarang")
    rate_and_leave(kiosk)
    kiosk.wait_until(lambda: kiosk.office.state()["messages"] > 0, "the outbox to be empty")
    canaries = [person["nik"], person["name"], person["uid"], person["token"]]
    needles = [canary.encode() for canary in canaries] + [bytes.fromhex(person["uid"])]
    searched = 0
    for path in kiosk.run.rglob("*"):
        if path.is_file():
            searched += 1
            content = path.read_bytes()
            for needle in needles:
                assert needle not in content, f"{path.name} holds a canary"
    assert searched >= 3
    log = kiosk.log.read_text()
    assert person["pin"] not in log


def test_the_socket_is_for_this_user_alone(kiosk: Kiosk) -> None:
    kiosk.face.wait_page("attract")
    mode = (kiosk.run / "core.sock").stat().st_mode & 0o777
    assert mode == 0o600


def test_the_technicians_door_opens_by_code_tests_devices_and_closes(kiosk: Kiosk) -> None:
    face = kiosk.face
    face.wait_page("attract")
    face.press("#staff")
    page = face.wait_page("staff-code")
    face.submit("staff:enter", code="111111")
    page = face.wait(lambda page: isinstance(page.body, p.PinBody) and page.body.notice != "", "the refusal")
    face.submit("staff:enter", code="246810")
    face.wait_page("technician")
    page = face.wait(
        lambda page: (
            isinstance(page.body, p.TechnicianBody) and [row.tone for row in page.body.devices][:4] == [p.Tone.GOOD] * 4
        ),
        "four devices that are well",
    )
    assert isinstance(page.body, p.TechnicianBody)
    assert any(fact.value == "0.1.0" for fact in page.body.facts)
    for test, says in (("test:slip", "Struk uji dicetak"), ("test:page", "Halaman uji dicetak")):
        face.press(f"#{test}")
        face.wait(
            lambda page, says=says: isinstance(page.body, p.TechnicianBody) and says in page.body.result,  # type: ignore[misc]
            says,
        )
    face.press("#test:card")
    kiosk.tap(kiosk.office.person("kk"))
    face.wait(
        lambda page: isinstance(page.body, p.TechnicianBody) and "Kartu terbaca" in page.body.result, "the card test"
    )
    kiosk.pull()
    assert len(kiosk.printed()) == 1
    assert kiosk.doubles.act("slip-printer", "slips")["count"] == 1
    kiosk.doubles.act("document-printer", "fault", reason="media-jam")
    face.wait(
        lambda page: (
            isinstance(page.body, p.TechnicianBody) and len(page.body.issues) == 1 and page.body.issues[0].value != ""
        ),
        "the issue",
    )
    face.press("Tutup")
    face.wait_page("attract")


def test_the_door_waits_after_three_wrong_codes(kiosk: Kiosk) -> None:
    face = kiosk.face
    face.wait_page("attract")
    face.press("#staff")
    face.wait_page("staff-code")
    for _ in range(3):
        stood = face.submit("staff:enter", code="111111")
        face.wait(lambda page, last=stood: page is last or page.name == "staff-code", "the door")  # type: ignore[misc]
    kiosk.wait_until(lambda: sum(event["event"] == "STAFF_REFUSED" for event in kiosk.events()) == 3, "three refusals")
    face.submit("staff:enter", code="246810")
    face.wait(lambda page: isinstance(page.body, p.PinBody) and "Tunggu" in page.body.notice, "the waiting")


def test_the_first_page_comes_before_the_core_is_ready(kiosk: Kiosk) -> None:
    started = time.monotonic()
    page = kiosk.face.wait_page("starting", "attract")
    assert page.name in ("starting", "attract")
    kiosk.face.wait_page("attract")
    assert kiosk.face.names[0] in ("starting", "attract")
    assert time.monotonic() - started < 20


def test_a_core_killed_after_the_print_says_that_it_came_out(kiosk: Kiosk) -> None:
    to_preview(kiosk)
    kiosk.face.press("Cetak sekarang")
    kiosk.face.wait_page("survey")
    kiosk.restart_core(kills=True)
    page = kiosk.face.wait_page("interrupted", timeout_s=30)
    assert isinstance(page.body, p.OutcomeBody)
    assert any("sudah selesai dicetak" in line for line in page.body.lines)
    assert "attract" not in kiosk.face.names


def test_a_core_that_is_stopped_while_the_sheet_moves_tells_it_too(start_kiosk: Callable[..., Kiosk]) -> None:
    kiosk = start_kiosk(speed=0.6)
    to_preview(kiosk)
    kiosk.face.press("Cetak sekarang")
    kiosk.wait_until(
        lambda: any(device["state"].get("running") for device in kiosk.doubles.describe()), "the sheet to move"
    )
    kiosk.restart_core(kills=False)
    page = kiosk.face.wait_page("interrupted", timeout_s=40)
    assert isinstance(page.body, p.OutcomeBody)
    text = " ".join(page.body.lines)
    if kiosk.printed():
        assert "sudah selesai dicetak" in text or "belum tahu" in text
    else:
        assert "Tidak ada yang dicetak" in text or "tidak jadi" in text or "belum tahu" in text
    kiosk.pull()
    kiosk.face.press("Saya mengerti")
    kiosk.wait_until(lambda: kiosk.office.state()["documents"].get("taken", 0) == 0, "the settlement")


def test_nobody_has_to_wait_for_a_jam(start_kiosk: Callable[..., Kiosk]) -> None:
    kiosk = start_kiosk(speed=4.0)
    to_preview(kiosk)
    kiosk.doubles.act("document-printer", "fault", reason="media-jam", at_sheet=1)
    kiosk.face.press("Cetak sekarang")
    kiosk.face.wait(lambda page: page.title == "Pencetakan berhenti sebentar", "the pause")
    kiosk.face.press("Berhenti menunggu")
    page = kiosk.face.wait_page("outcome", "device-fault", timeout_s=30)
    assert isinstance(page.body, p.OutcomeBody)
    assert kiosk.printed() == []
    kiosk.doubles.act("document-printer", "clear")
