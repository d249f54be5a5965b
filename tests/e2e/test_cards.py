"""The identity card from blank to settlement: each with its serial, none twice, and every fault under its name."""

import json
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from kiosk import protocol as p
from kiosk.cli import main
from tests.e2e.conftest import Kiosk
from tests.e2e.test_services import begin, rate_and_leave, sign_in

pytestmark = pytest.mark.e2e

FIRST = "DEMO000001"


def to_preview(kiosk: Kiosk) -> None:
    begin(kiosk.face, "cetak-ktp")
    sign_in(kiosk, kiosk.office.person("ktp-el"))
    page = kiosk.face.wait_page("documents", "preview")
    if isinstance(page.body, p.DocumentsBody):
        kiosk.face.press(f"#{page.body.tiles[0].action}")
        kiosk.face.wait_page("preview")


def stock(kiosk: Kiosk, *act: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """``kiosk stock`` beside the running core."""
    capsys.readouterr()
    main(["stock", *(act or ("show",)), "--json", "--config", str(kiosk.config)])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def settled(kiosk: Kiosk) -> list[dict[str, Any]]:
    """What the office wrote down of blanks, by serial."""
    (path,) = kiosk.office.data.glob("*.db")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT settlement FROM print_grant WHERE settlement IS NOT NULL").fetchall()
    found = [json.loads(row[0]) for row in rows]
    return [one["blank"] | {"print": one["end"]} for one in found if one and one.get("blank")]


def is_grey(words: str) -> Callable[[p.Page], bool]:
    """Whether the card service's tile is grey for that reason; at the start it is grey for another."""

    def holds(page: p.Page) -> bool:
        tiles = page.body.tiles if isinstance(page.body, p.AttractBody) else []
        found = (tile for tile in tiles if tile.action == "service:cetak-ktp" and not tile.is_enabled)
        return any(words in tile.reason.lower() for tile in found)

    return holds


def test_a_card_is_journaled_and_settled_with_its_serial(kiosk: Kiosk, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(settled(kiosk))
    to_preview(kiosk)
    kiosk.face.press("Cetak sekarang")
    rate_and_leave(kiosk)
    (document,) = kiosk.printed("card-printer")
    assert document["sheets"] == 2
    kiosk.wait_until(lambda: len(settled(kiosk)) > before, "the settlement")
    assert settled(kiosk)[-1] == {"serial": FIRST, "end": "used", "print": "printed"}
    now = stock(kiosk, capsys=capsys)
    assert (now["next"], now["used"], now["is_unchecked"]) == ("DEMO000002", 1, False)


def test_a_ribbon_that_ends_in_the_middle_spoils_the_card_and_says_so(
    start_kiosk: Callable[..., Kiosk], capsys: pytest.CaptureFixture[str]
) -> None:
    kiosk = start_kiosk(speed=4.0)
    to_preview(kiosk)
    kiosk.doubles.act("card-printer", "fault", reason="marker-print-ribbon-empty", at_sheet=2)
    kiosk.face.press("Cetak sekarang")
    kiosk.face.wait(
        lambda page: isinstance(page.body, p.PrintingBody) and "Pita" in page.body.notice, "the ribbon's notice", 30
    )
    page = kiosk.face.page
    stop = next((a for a in (page.second, page.back, page.home) if a is not None and a.id == "stop-waiting"), None)
    assert stop is not None
    kiosk.face.press("#stop-waiting")
    page = kiosk.face.wait_page("outcome", "survey", timeout_s=40)
    assert isinstance(page.body, p.OutcomeBody)
    now = stock(kiosk, capsys=capsys)
    assert now["damaged"] + now["unknown"] == 1
    assert now["next"] == "DEMO000002", "the spoiled blank is never used again"
    kiosk.wait_until(lambda: any(one["serial"] == FIRST and one["end"] != "used" for one in settled(kiosk)), "the end")


@pytest.mark.parametrize(
    ("reason", "words"),
    [("media-empty", "blangko"), ("reject-tray-full", "dikosongkan"), ("marker-print-ribbon-empty", "pita")],
)
def test_each_fault_greys_the_card_service_alone_and_goes(kiosk: Kiosk, reason: str, words: str) -> None:
    kiosk.face.wait_page("attract")
    kiosk.doubles.act("card-printer", "fault", reason=reason)
    kiosk.face.wait(is_grey(words), "the grey tile", 30)
    kiosk.face.wait(
        lambda page: isinstance(page.body, p.AttractBody) and sum(not one.is_enabled for one in page.body.tiles) == 1,
        "the others in service",
        30,
    )
    kiosk.doubles.act("card-printer", "clear")
    kiosk.face.wait(
        lambda page: isinstance(page.body, p.AttractBody) and all(tile.is_enabled for tile in page.body.tiles),
        "the tile back",
        30,
    )


def test_an_empty_range_greys_the_cards_until_it_is_loaded(kiosk: Kiosk, capsys: pytest.CaptureFixture[str]) -> None:
    kiosk.face.wait_page("attract")
    assert stock(kiosk, "set", "LAST1", "1", capsys=capsys)["left"] == 1
    to_preview(kiosk)
    kiosk.face.press("Cetak sekarang")
    rate_and_leave(kiosk)
    kiosk.face.wait(is_grey("blangko"), "the grey tile", 30)
    assert stock(kiosk, capsys=capsys)["left"] == 0
    assert main(["stock", "set", "LAST1", "5", "--config", str(kiosk.config)]) == 2, "a serial that was used"
    assert stock(kiosk, "set", "NEXT01", "50", capsys=capsys)["next"] == "NEXT01"
    kiosk.face.wait(
        lambda page: isinstance(page.body, p.AttractBody) and all(tile.is_enabled for tile in page.body.tiles),
        "the tile back",
        40,
    )
