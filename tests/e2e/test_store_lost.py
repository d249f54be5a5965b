"""A store that was spoiled while the kiosk was off: put away and told, and the open grant becomes unknown."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk import protocol as p
from kiosk.store.soundness import set_aside_stores
from tests.e2e.conftest import Kiosk, start_core
from tests.e2e.test_faults import to_preview

pytestmark = [pytest.mark.e2e, pytest.mark.expects_warnings]


def _plain(path: Path) -> None:
    """Somebody's SQLite file lies where the store was."""
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE strange (x)")
    connection.commit()
    connection.close()


def _flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[5000] ^= 0x40
    path.write_bytes(bytes(data))


def _gone(path: Path) -> None:
    """Another disk: nothing to put away, and the office must hear of it all the same."""
    path.unlink()


@pytest.mark.parametrize("spoil", [_plain, _flipped, _gone])
def test_a_spoiled_store_is_put_away_and_the_open_grant_becomes_unknown(
    kiosk: Kiosk, spoil: Callable[[Path], None]
) -> None:
    assert to_preview(kiosk).name == "preview"
    assert kiosk.office.state()["documents"].get("with-staff", 0) == 0
    # An orderly stop would give the grant back.
    kiosk.core.kill()
    kiosk.core.wait(20)
    path = kiosk.run / "kiosk.db"
    spoil(path)
    for log in path.parent.glob("kiosk.db-*"):
        log.unlink()
    before = path.read_bytes() if path.exists() else b""
    kiosk.core = start_core(kiosk.run, kiosk.config, kiosk.log)
    face = kiosk.new_face()
    face.wait_page("attract", timeout_s=30)
    kiosk.wait_until(
        lambda: kiosk.office.state()["documents"].get("with-staff", 0) == 1, "the grant held by the office"
    )
    put_away = [path.with_name(name) for name in set_aside_stores(path)]
    assert [file.read_bytes() for file in put_away] == ([before] if before else [])
    face.press("#staff")
    face.wait_page("staff-code")
    face.submit("staff:enter", code="246810")
    body = face.wait_page("technician").body
    assert isinstance(body, p.TechnicianBody)
    told = [fact.value for fact in body.issues if "disisihkan" in fact.label]
    assert [file.name in told[0] for file in put_away] == ([True] if before else [])
    assert bool(told) == bool(before)
