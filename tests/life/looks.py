"""What a life's kiosk shows: its tiles, that it serves, that it is out of order."""

from kiosk import protocol as p
from kiosk.texts import Texts
from tests.e2e.test_services import rate_and_leave
from tests.e2e.test_visit import to_preview
from tests.life.machine import Life

T = Texts("id")
SERVICES = ("cetak-kk", "cek-data", "unduh-akta", "cetak-ktp")
OFFICE_AWAY = dict.fromkeys(SERVICES, T("tile.office-away"))


def out_of_order(life: Life, code: str) -> None:
    page = life.face.wait_page("out-of-order", timeout_s=40)
    assert code in str(page), page


def serves(life: Life) -> None:
    """A whole visit that ends with paper, and with an office that heard of it."""
    life.face.wait_page("attract", timeout_s=40)
    person = life.office.someone()
    paper, settled = len(life.printed()), life.office.count("printed")
    to_preview(life, person)
    life.face.press("Cetak sekarang")
    rate_and_leave(life)
    assert len(life.printed()) == paper + 1
    life.wait_until(lambda: life.office.count("printed") == settled + 1, "the settlement at the office")


def tiles(page: p.Page) -> dict[str, p.Tile]:
    body = page.body
    found = body.tiles if isinstance(body, p.AttractBody | p.MenuBody) else []
    return {tile.action.partition(":")[2]: tile for tile in found}


def wait_tiles(life: Life, grey: dict[str, str], what: str) -> None:
    """Exactly these tiles are grey, for these reasons."""
    life.face.wait(
        lambda page: (
            bool(tiles(page))
            and {name: tile.reason for name, tile in tiles(page).items() if not tile.is_enabled} == grey
        ),
        what,
        40,
    )
