"""What ``test_wipe`` has done in a process of its own: a wipe, and the start of a core."""

from pathlib import Path
from typing import Any

from kiosk import api
from kiosk.backend import client
from kiosk.backend.simulated import SimulatedOffice
from kiosk.core import decommission, opening
from kiosk.core.decommission import wipe
from kiosk.errors import StoreError
from kiosk.settings import OfficeTable, Settings, StoreTable
from kiosk.store.numbers import Numbers
from kiosk.store.outbox import OutboxStore


class _Office(SimulatedOffice):
    """The office, without a wire; it writes down what it was told, as another machine would."""

    def __init__(self, table: OfficeTable) -> None:
        super().__init__([], lambda document: b"")
        client._read_token(table)  # who has none any more is told nothing


def settings_in(folder: Path) -> Settings:
    office = OfficeTable(token_file=folder / "etc" / "kiosk.token", audit_key=folder / "etc" / "audit.key")
    store = StoreTable(path=folder / "var" / "kiosk.db", key_file=folder / "etc" / "store.key")
    return Settings(office=office, store=store, run_dir=folder / "run")


def lay(folder: str) -> dict[str, Any]:
    """A machine that served: store, credentials, queue numbers ahead, an older store set aside."""
    settings = settings_in(Path(folder))
    for name in ("etc", "var", "run"):
        (Path(folder) / name).mkdir()
    for name in ("kiosk.token", "audit.key"):
        (Path(folder) / "etc" / name).write_text("secret of this machine")
    store = opening.opened_store(settings).store
    numbers = Numbers(store, OutboxStore(store))
    ask, office = numbers.ask("layanan", 5), SimulatedOffice([], lambda document: b"")
    now = office.now()
    numbers.keep(ask, office.lease(api.LeaseRequest(queue="layanan", count=5), ask.key), now.timestamp())
    numbers.take("layanan", now.timestamp())
    store.close()
    (Path(folder) / "var" / "kiosk.db.set-aside-20261101T000000Z").write_bytes(b"an older life" * 500)
    return {}


def run(folder: str, *, has_mark: bool = True) -> dict[str, Any]:
    """``kiosk wipe --yes``; ``has_mark``: whether it sets its mark, as it does outside of this test."""
    if not has_mark:
        decommission._set_mark = lambda mark: 0
    client.OfficeClient = _Office  # type: ignore[assignment,misc]
    wiped = wipe(settings_in(Path(folder)), Path(folder) / "etc")
    return {"left": wiped.left, "erased": wiped.erased, "returned": wiped.returned, "undelivered": wiped.undelivered}


def start(folder: str) -> dict[str, Any]:
    """What a core says that starts now, outside of production: a code, or how many numbers it still has ahead."""
    try:
        opened = opening.opened_store(settings_in(Path(folder)))
    except StoreError as error:
        return {"code": error.code}
    left = Numbers(opened.store, OutboxStore(opened.store)).left(SimulatedOffice([], lambda d: b"").now().timestamp())
    waiting = [row.kind for row in OutboxStore(opened.store).batch(0)]
    opened.store.close()
    return {"code": "", "was_set_aside": opened.set_aside is not None, "left": left, "waiting": waiting}
