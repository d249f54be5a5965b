"""The phone's way: one token, one page, one download, and kind words afterwards."""

from dataclasses import replace

import pytest
import requests

from kiosk import api
from kiosk.office import database as db
from kiosk.office.rules import Rules
from tests.office.desk import Desk


def handed(desk: Desk, visit: dict[str, str], kind: str = "kk", key: str = "hand-0000001") -> requests.Response:
    body = {"document_id": desk.document(visit, kind)["id"]}
    return desk.post("/v1/hand-overs", json=body, headers=visit | {api.KEY_HEADER: key})


def phone(method: str, url: str, language: str = "id") -> requests.Response:
    """A stranger's request: no kiosk token."""
    return requests.request(method, url, headers={"Accept-Language": language}, timeout=20)


def test_page_offers_the_document_and_names_nobody(desk: Desk) -> None:
    answer = handed(desk, desk.visit()).json()
    assert 0 < answer["expires_in_s"] <= Rules().hand_over_s
    page = phone("GET", answer["url"])
    assert page.status_code == 200
    assert "Kartu Keluarga" in page.text
    assert "<button type=submit>Unduh PDF</button>" in page.text
    assert desk.people["everything"]["name"] not in page.text
    assert desk.people["everything"]["nik"] not in page.text
    assert page.headers["Cache-Control"].startswith("no-store")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "script" not in page.text


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [("en-GB,en;q=0.9", "en"), ("id-ID,en;q=0.5", "id"), ("fr,de", "id"), ("", "id"), ("de,en;q=0.3,id;q=0.2", "en")],
)
def test_page_speaks_the_phones_language(desk: Desk, accepted: str, expected: str) -> None:
    url = handed(desk, desk.visit()).json()["url"]
    assert f'<html lang="{expected}">' in phone("GET", url, accepted).text
    assert '<html lang="en">' in phone("GET", url + "?lang=en", accepted).text
    assert '<html lang="id">' in phone("GET", url + "?lang=id", accepted).text


def test_looking_uses_nothing_up_and_downloading_does(desk: Desk) -> None:
    visit = desk.visit()
    url = handed(desk, visit).json()["url"]
    assert [phone("GET", url).status_code for _ in range(3)] == [200, 200, 200]
    first = phone("POST", url + "?lang=id")
    assert first.status_code == 200
    assert first.content.startswith(b"%PDF-")
    assert first.headers["Content-Disposition"] == 'attachment; filename="kk.pdf"'
    assert first.headers["Cache-Control"].startswith("no-store")
    grant = desk.grant(visit, desk.document(visit)["id"]).json()
    assert desk.get(f"/v1/grants/{grant['id']}/document", headers=visit).content == first.content
    second = phone("POST", url + "?lang=id")
    assert second.status_code == 410
    assert "sudah diunduh" in second.text
    assert "has been downloaded" in phone("GET", url, "en").text


def test_two_phones_that_looked_at_once_get_one_download(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    url = handed(desk, desk.visit()).json()["url"]
    looked = desk.services.hand_overs.waiting(url.rsplit("/", 1)[1])
    monkeypatch.setattr(desk.services.hand_overs, "waiting", lambda _: looked)
    assert [phone("POST", url).status_code for _ in range(2)] == [200, 410]


def test_same_key_gives_the_same_address(desk: Desk) -> None:
    visit = desk.visit()
    assert handed(desk, visit).json()["url"] == handed(desk, visit).json()["url"]
    assert handed(desk, visit, key="hand-0000002").json()["url"] != handed(desk, visit).json()["url"]
    assert handed(desk, visit, kind="akta-kelahiran").status_code == 422


def test_expired_token_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    url = handed(desk, desk.visit()).json()["url"]
    later = db.now_s() + Rules().hand_over_s
    monkeypatch.setattr(db, "now_s", lambda: later)
    page = phone("GET", url)
    assert page.status_code == 410
    assert "Waktu unduh sudah berakhir" in page.text
    assert phone("POST", url).status_code == 410


def test_unknown_token_says_so(desk: Desk) -> None:
    page = phone("GET", f"{desk.url}/h/nobody-made-this", "en")
    assert page.status_code == 404
    assert "do not know this code" in page.text


def test_identity_card_is_not_handed_over(desk: Desk) -> None:
    visit = desk.visit()
    assert desk.document(visit, "ktp-el")["can_hand_over"] is False
    assert handed(desk, visit, kind="ktp-el").status_code == 409


def test_strangers_document_is_not_handed_over(desk: Desk) -> None:
    body = {"document_id": desk.document(desk.visit())["id"]}
    answer = desk.post("/v1/hand-overs", json=body, headers=desk.visit("nik-only") | {api.KEY_HEADER: "hand-0000001"})
    assert answer.status_code == 404


@pytest.mark.parametrize("rules", [replace(Rules(), hand_over_s=61)], ids=["a minute"])
def test_page_tells_how_long_it_lasts(desk: Desk) -> None:
    assert "dalam 1 menit" in phone("GET", handed(desk, desk.visit()).json()["url"]).text


def test_tables_do_not_hold_the_token(desk: Desk) -> None:
    token = handed(desk, desk.visit()).json()["url"].rsplit("/", 1)[1]
    with desk.services.database.reading() as connection:
        rows = [str(row) for table in (db.hand_over, db.key_use) for row in connection.execute(table.select())]
    assert rows
    assert token not in "\n".join(rows)
