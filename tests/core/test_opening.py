"""A store that refuses at the start: the screen says why, and service comes by itself."""

import os
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.core import opening
from kiosk.core.opening import opened_store, store_loss, until_taken
from kiosk.errors import ErrorCode, StoreError
from kiosk.settings import Settings
from kiosk.store.database import STORE_BEGUN, load_key, open_store
from kiosk.store.journal import Journal
from kiosk.store.prints import PrinterName
from kiosk.store.stored_state import StoredState


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "AGAIN_S", 0.001)


class Disk:
    """Refuses with these codes, one a try, then takes."""

    def __init__(self, *codes: ErrorCode) -> None:
        self.codes = list(codes)
        self.told: list[ErrorCode | None] = []

    def work(self) -> str:
        if self.codes:
            raise StoreError(self.codes.pop(0), "the disk is full")
        return "done"

    def tell(self, code: ErrorCode | None, detail: str) -> None:
        self.told.append(code)


def test_each_new_reason_is_told_once_and_then_that_it_is_over() -> None:
    disk = Disk(ErrorCode.STORE_FULL, ErrorCode.STORE_FULL, ErrorCode.STORE_UNREADABLE, ErrorCode.STORE_FULL)
    assert until_taken(disk.work, threading.Event(), disk.tell) == "done"
    assert disk.told == [ErrorCode.STORE_FULL, ErrorCode.STORE_UNREADABLE, ErrorCode.STORE_FULL, None]


def test_where_nothing_refuses_nothing_is_told() -> None:
    disk = Disk()
    assert until_taken(disk.work, threading.Event(), disk.tell) == "done"
    assert disk.told == []


def test_a_core_that_ends_does_not_wait_for_the_disk() -> None:
    disk, stopping = Disk(*[ErrorCode.STORE_FULL] * 5), threading.Event()
    stopping.set()
    with pytest.raises(StoreError):
        until_taken(disk.work, stopping, disk.tell)
    assert len(disk.codes) == 4


def test_a_new_store_is_a_loss_until_the_office_was_told(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "store": {"path": tmp_path / "kiosk.db", "key_file": tmp_path / "store.key"},
            "kiosk": {"is_production": False},
        }
    )
    store = opened_store(settings).store
    loss = store_loss(store)
    assert loss is not None
    assert loss.at == StoredState(store).get(STORE_BEGUN)["at"]
    store.close()
    store = opened_store(settings).store
    again = store_loss(store)
    assert again is not None, "the core ended before the office heard"
    again.on_told()
    assert store_loss(store) is None
    store.close()
    store = opened_store(settings).store
    assert store_loss(store) is None
    store.close()


def _settings(folder: Path) -> Settings:
    return Settings.model_validate({"store": {"path": folder / "kiosk.db", "key_file": folder / "store.key"}})


def test_a_second_core_is_kept_out_until_the_first_has_ended(tmp_path: Path) -> None:
    """SQLite lets both in; the second would settle the open print of the first, and free its grant."""
    settings = _settings(tmp_path)
    first = opened_store(settings).store
    Journal(first).intend("p-1", PrinterName.A4, datetime.now(UTC))
    with pytest.raises(StoreError) as refusal:
        opened_store(settings)
    assert refusal.value.code is ErrorCode.STORE_HELD
    beside = open_store(settings.store.path, load_key(settings.store.key_file), is_owner=False).store
    assert [one.print_id for one in Journal(beside).open_prints()] == ["p-1"], "a command beside the core works on"
    beside.close()
    first.close()
    second = opened_store(settings).store
    assert [one.print_id for one in Journal(second).open_prints()] == ["p-1"]
    second.close()


def test_a_core_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    opened_store(settings).store.close()
    pid = os.fork()
    if pid == 0:
        opened_store(settings)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    opened_store(settings).store.close()


def test_a_store_that_does_not_open_is_not_held(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    settings.store.path.mkdir()
    for _ in range(2):
        with pytest.raises(StoreError) as refusal:
            opened_store(settings)
        assert refusal.value.code is not ErrorCode.STORE_HELD
