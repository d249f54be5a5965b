"""What people and cards get wrong: each has an answer that a person can act on, and nothing is lost."""

import pytest

from kiosk import protocol as p
from tests.e2e.conftest import Kiosk
from tests.e2e.test_services import begin

pytestmark = pytest.mark.e2e


def to_nik(kiosk: Kiosk) -> None:
    begin(kiosk.face, "cek-data")
    kiosk.face.wait_page("proof")
    kiosk.face.press("Ketik NIK")
    kiosk.face.wait_page("nik")


def notice(page: p.Page) -> str:
    assert isinstance(page.body, p.PinBody | p.NikBody | p.SceneBody)
    return page.body.notice


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("990101010190000", "NIK harus enam belas angka."),
        ("99010101019000AB", "NIK hanya berisi angka."),
        ("9901013113900001", "Tanggal lahir"),
        ("9901010101900000", "Empat angka terakhir"),
        ("0001010101900001", "Enam angka pertama"),
    ],
)
def test_a_wrong_nik_says_what_is_wrong_and_keeps_what_was_typed(kiosk: Kiosk, typed: str, says: str) -> None:
    to_nik(kiosk)
    kiosk.face.submit("submit", nik=typed)
    page = kiosk.face.wait(lambda page: page.name == "nik" and notice(page) != "", "the notice")
    assert says in notice(page)
    assert isinstance(page.body, p.NikBody)
    assert page.body.value == "".join(filter(str.isdigit, typed))
    assert page.body.tone is p.Tone.STOP


def test_a_nik_that_does_not_exist_and_a_wrong_pin_look_the_same(kiosk: Kiosk) -> None:
    person = kiosk.office.person("kk")
    answers = []
    for nik, pin in ((person["nik"], "000000"), ("9901010101909999", "000000")):
        to_nik(kiosk)
        kiosk.face.submit("submit", nik=nik)
        kiosk.face.wait_page("pin")
        kiosk.face.submit("submit", pin=pin)
        page = kiosk.face.wait(lambda page: page.name == "pin" and notice(page) != "", "the notice")
        answers.append((notice(page), page.title, page.lead))
        kiosk.face.press("Keluar")
        kiosk.face.wait_page("attract")
    assert answers[0] == answers[1]


def test_wrong_pins_count_down_and_lock(kiosk: Kiosk) -> None:
    person = kiosk.office.person("kk")
    to_nik(kiosk)
    kiosk.face.submit("submit", nik=person["nik"])
    kiosk.face.wait_page("pin")
    left = []
    while kiosk.face.page.name != "locked":
        stood = kiosk.face.submit("submit", pin="000000")
        page = kiosk.face.wait(
            lambda page, last=stood.serial: page.serial > last and page.name in ("pin", "locked"),  # type: ignore[misc]
            "an answer",
        )
        if page.name == "pin":
            left.append(int("".join(filter(str.isdigit, notice(page)))))
    assert left == sorted(left, reverse=True)
    assert left[-1] == 1
    page = kiosk.face.page
    assert isinstance(page.body, p.OutcomeBody)
    assert page.body.code == "IDN-02"
    assert any("menit" in line for line in page.body.lines)


def test_letters_from_a_scanner_on_the_nik_page_are_refused_with_a_sentence(kiosk: Kiosk) -> None:
    to_nik(kiosk)
    kiosk.face.scan("SELAMAT PAGI")
    page = kiosk.face.wait(lambda page: page.name == "nik" and notice(page) != "", "the notice")
    assert "angka" in notice(page)


def test_a_card_that_is_no_ktp_is_told_apart_and_another_try_is_offered(kiosk: Kiosk) -> None:
    begin(kiosk.face, "cetak-kk")
    kiosk.face.wait_page("proof")
    kiosk.face.press("Tempelkan KTP-el")
    kiosk.face.wait_page("tap-card")
    kiosk.doubles.act("card-reader", "tap", uid="04aabbccddeeff", is_ktp=False)
    page = kiosk.face.wait(lambda page: page.name == "tap-card" and notice(page) != "", "the notice")
    assert "bukan KTP-el" in notice(page)
    kiosk.pull()
    kiosk.tap(kiosk.office.person("kk"))
    kiosk.face.wait_page("pin")


def test_two_cards_are_told_apart(kiosk: Kiosk) -> None:
    begin(kiosk.face, "cetak-kk")
    kiosk.face.wait_page("proof")
    kiosk.doubles.act("card-reader", "tap", uid="04aabbccddeeff")
    kiosk.doubles.act("card-reader", "lay-beside", uid="04112233445566")
    kiosk.face.press("Tempelkan KTP-el")
    page = kiosk.face.wait(lambda page: page.name == "tap-card" and notice(page) != "", "the notice")
    assert "lebih dari satu kartu" in notice(page)


def test_a_card_pulled_at_the_pin_goes_back_to_the_tap(kiosk: Kiosk) -> None:
    begin(kiosk.face, "cetak-kk")
    kiosk.face.wait_page("proof")
    kiosk.face.press("Tempelkan KTP-el")
    kiosk.face.wait_page("tap-card")
    kiosk.tap(kiosk.office.person("kk"))
    kiosk.face.wait_page("pin")
    kiosk.pull()
    page = kiosk.face.wait_page("tap-card")
    assert "terangkat" in notice(page)


def test_a_card_swapped_before_the_pin_opens_nothing(kiosk: Kiosk) -> None:
    person, other = kiosk.office.person("kk"), kiosk.office.person("ktp-el")
    begin(kiosk.face, "cetak-kk")
    kiosk.face.wait_page("proof")
    kiosk.face.press("Tempelkan KTP-el")
    kiosk.face.wait_page("tap-card")
    kiosk.tap(person)
    kiosk.face.wait_page("pin")
    uid = other["uid"] if other["uid"] != person["uid"] else "04010203040506"
    kiosk.doubles.act("card-reader", "swap", uid=uid, type="A", is_ktp=True, is_seen=False)
    kiosk.face.submit("submit", pin=person["pin"])
    page = kiosk.face.wait_page("tap-card")
    assert "berganti" in notice(page)


def test_an_unknown_card_leads_on_to_nik_and_pin_and_is_offered_to_be_remembered(kiosk: Kiosk) -> None:
    person = kiosk.office.person("kk")
    begin(kiosk.face, "cek-data")
    kiosk.face.wait_page("proof")
    kiosk.face.press("Tempelkan KTP-el")
    kiosk.face.wait_page("tap-card")
    kiosk.doubles.act("card-reader", "tap", uid="04fedcba987654", type="A", is_ktp=True)
    page = kiosk.face.wait_page("nik")
    assert "belum dikenal" in notice(page)
    kiosk.face.submit("submit", nik=person["nik"])
    kiosk.face.wait_page("pin")
    kiosk.face.submit("submit", pin=person["pin"])
    page = kiosk.face.wait_page("bind", "review")
    assert page.name == "bind"
    kiosk.face.press("Ya, ingat kartu ini")
    kiosk.face.wait_page("review")
    kiosk.face.press("Keluar")
    kiosk.face.wait_page("take")
    kiosk.pull()
    # The next time the card alone finds the account.
    begin(kiosk.face, "cek-data")
    kiosk.face.wait_page("proof")
    kiosk.face.press("Tempelkan KTP-el")
    kiosk.face.wait_page("tap-card")
    kiosk.doubles.act("card-reader", "tap", uid="04fedcba987654", type="A", is_ktp=True)
    kiosk.face.wait_page("pin")


def test_a_card_whose_identifier_changes_is_never_offered_to_be_remembered(kiosk: Kiosk) -> None:
    person = kiosk.office.person("kk")
    begin(kiosk.face, "cek-data")
    kiosk.face.wait_page("proof")
    kiosk.face.press("Tempelkan KTP-el")
    kiosk.face.wait_page("tap-card")
    kiosk.doubles.act("card-reader", "tap", uid="08a1b2c3", type="A", is_ktp=True)
    kiosk.face.wait_page("nik")
    kiosk.face.submit("submit", nik=person["nik"])
    kiosk.face.wait_page("pin")
    kiosk.face.submit("submit", pin=person["pin"])
    kiosk.face.wait_page("review")


def test_a_worn_out_qr_says_where_to_get_a_new_one(kiosk: Kiosk) -> None:
    begin(kiosk.face, "cek-data")
    kiosk.face.wait_page("proof")
    kiosk.face.press("Pindai kode QR")
    kiosk.face.wait_page("scan-code")
    kiosk.face.scan("A" * 24)
    page = kiosk.face.wait(lambda page: page.name == "scan-code" and notice(page) != "", "the notice")
    assert notice(page)


def test_a_double_tap_and_a_stale_page_have_one_effect(kiosk: Kiosk) -> None:
    face = kiosk.face
    page = face.wait_page("attract")
    face.send(p.Pressed("one", page.serial, "start"))
    face.send(p.Pressed("one", page.serial, "start"))
    face.send(p.Pressed("two", page.serial, "help"))
    face.wait_page("services")
    face.press("#service:cetak-kk")
    face.wait_page("standard")
    assert "help" not in face.names
