"""A queue number and a complaint by the labels on the buttons, with the office and without it."""

import sqlite3
from collections.abc import Callable

import pytest

from kiosk import protocol as p
from tests.e2e.conftest import Kiosk
from tests.e2e.paper_face import PaperFace

pytestmark = pytest.mark.e2e
NEEDS_OFFICE = {f"service:{name}" for name in ("cetak-kk", "cek-data", "unduh-akta", "cetak-ktp")}


def tiles(page: p.Page) -> dict[str, p.Tile]:
    return {tile.action: tile for tile in page.body.tiles} if isinstance(page.body, p.MenuBody | p.AttractBody) else {}


def is_open(service: str) -> Callable[[p.Page], bool]:
    return lambda page: f"service:{service}" in tiles(page) and tiles(page)[f"service:{service}"].is_enabled


def begin(face: PaperFace, title: str, service: str) -> None:
    face.wait_page("attract")
    face.wait(is_open(service), "the tile")
    face.press("Sentuh layar untuk mulai")
    face.wait_page("services")
    face.press(title)
    face.wait_page("standard")
    face.press("Saya setuju, lanjut")


def take_number(face: PaperFace, queue: str = "Layanan kependudukan") -> p.TicketBody:
    """To the last page; its body."""
    begin(face, "Ambil Nomor Antrean", "antrean")
    face.wait_page("menu")
    face.press(queue)
    page = face.wait_page("number")
    assert isinstance(page.body, p.TicketBody)
    assert page.title == "Ini nomor antrean Anda"
    assert page.body.caption == queue
    assert page.body.number in page.body.number_accessible.replace(" ", "")
    assert page.back is None
    return page.body


def complain(face: PaperFace) -> p.TicketBody:
    begin(face, "Sampaikan Keluhan", "keluhan")
    face.wait_page("form")
    face.press("Diminta membayar")
    page = face.wait_page("form-confirm")
    assert isinstance(page.body, p.ConsentBody)
    assert page.body.facts[0].value == "Diminta membayar"
    face.press("Kirim keluhan")
    page = face.wait_page("number")
    assert isinstance(page.body, p.TicketBody)
    return page.body


def leave(face: PaperFace) -> None:
    face.press("Selesai")
    face.wait_page("attract")


def told(kiosk: Kiosk, table: str) -> list[tuple[object, ...]]:
    """What the office has written down."""
    connection = sqlite3.connect(f"file:{kiosk.office.data / 'office.db'}?mode=ro", uri=True)
    try:
        return connection.execute(f"select * from {table}").fetchall()
    finally:
        connection.close()


def test_numbers_and_complaints_with_the_office(kiosk: Kiosk) -> None:
    """One kiosk for all of it: starting one takes longer than using it."""
    face = kiosk.face
    face.wait(is_open("antrean"), "leased numbers", 60)
    numbers, complaints = len(told(kiosk, "ticket")), len(told(kiosk, "complaint"))

    first = take_number(face)
    assert first.notice == ""
    assert p.SceneKind.SLIP_OUT in {scene.kind for scene in first.scenes}
    assert "number-slip" in face.names
    leave(face)
    other = take_number(face, "Pengaduan dan informasi")
    leave(face)
    assert first.number[0] != other.number[0]
    assert kiosk.doubles.act("slip-printer", "slips")["count"] == 2

    # A dead slip printer keeps the number from nobody.
    kiosk.doubles.act("slip-printer", "fault", reason="paper-out")
    dead = take_number(face)
    assert "Catat atau foto nomor ini" in dead.notice
    assert dead.code.startswith("SLP-")
    assert dead.scenes == []
    assert dead.number != first.number
    assert dead.number[0] == first.number[0]
    leave(face)
    kiosk.doubles.act("slip-printer", "clear")
    kiosk.wait_until(lambda: len(told(kiosk, "ticket")) == numbers + 3, "the office's list of numbers", 60)

    # Not sent: Back with the answer marked, then no.
    begin(face, "Sampaikan Keluhan", "keluhan")
    face.wait_page("form")
    face.press("Hal lain")
    face.wait_page("form-confirm")
    face.press("Kembali")
    page = face.wait_page("form")
    assert {tile.title for tile in tiles(page).values() if tile.badge} == {"Hal lain"}
    face.press("Mesin ini bermasalah")
    face.wait_page("form-confirm")
    face.press("Jangan kirim")
    page = face.wait_page("outcome")
    assert page.lead.startswith("Tidak ada yang dikirim")
    leave(face)

    # Sent: one, with the number that stood on the screen.
    body = complain(face)
    assert body.caption == "Diminta membayar"
    leave(face)
    kiosk.wait_until(lambda: len(told(kiosk, "complaint")) == complaints + 1, "the office's list of complaints", 60)
    assert body.number.lower() in {str(row[0]) for row in told(kiosk, "complaint")}


def test_without_the_office_both_go_on_and_arrive_later(kiosk: Kiosk) -> None:
    face = kiosk.face
    numbers, complaints = len(told(kiosk, "ticket")), len(told(kiosk, "complaint"))
    face.wait(is_open("antrean"), "leased numbers", 60)
    kiosk.office.fault("gone")
    page = face.wait(lambda page: page.strip.network is p.Tone.CAUTION, "the office to be away", 60)
    grey = {action for action, tile in tiles(page).items() if not tile.is_enabled}
    assert grey == NEEDS_OFFICE
    assert all("Loket tetap melayani" in tile.reason for tile in tiles(page).values() if not tile.is_enabled)
    label = take_number(face).number
    leave(face)
    number = complain(face).number
    leave(face)

    # Whoever goes home with a number on the screen keeps it.
    begin(face, "Ambil Nomor Antrean", "antrean")
    face.wait_page("menu")
    face.press("Layanan kependudukan")
    face.wait_page("number-slip", "number")
    face.press("#home")
    kiosk.office.fault("none")
    kiosk.wait_until(lambda: len(told(kiosk, "complaint")) == complaints + 1, "the complaint", 60)
    kiosk.wait_until(lambda: len(told(kiosk, "ticket")) == numbers + 2, "the numbers", 60)
    assert number.lower() in {str(row[0]) for row in told(kiosk, "complaint")}
    assert str(int(label.partition("-")[2])) in {str(row[1]) for row in told(kiosk, "ticket")}
