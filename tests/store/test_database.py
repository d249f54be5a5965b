import os
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from kiosk.errors import ErrorCode, StoreError
from kiosk.store import database
from kiosk.store.database import Store, load_key, open_store
from kiosk.store.schema import SCHEMA_VERSION
from kiosk.store.stored_state import StoredState

CANARY = "CANARY-0f3a9c"


def test_a_new_store_opens_and_keeps_what_it_is_told(tmp_path: Path, key: str) -> None:
    opened = open_store(tmp_path / "deep" / "kiosk.db", key)
    assert opened.set_aside is None
    assert not opened.is_fresh_after_loss
    StoredState(opened.store).set("out-of-order", {"since": 5})
    opened.store.close()
    again = open_store(tmp_path / "deep" / "kiosk.db", key)
    assert StoredState(again.store).get("out-of-order") == {"since": 5}
    again.store.close()


def test_nothing_of_it_can_be_read_without_the_key(store: Store, tmp_path: Path) -> None:
    StoredState(store).set("note", CANARY)
    files = sorted(tmp_path.iterdir())
    assert any(file.name.endswith("-wal") for file in files)
    for file in files:
        assert CANARY.encode() not in file.read_bytes()
    assert not (tmp_path / "kiosk.db").read_bytes().startswith(b"SQLite format 3")


def test_the_pragmas_that_make_it_durable_are_on(store: Store) -> None:
    with store.transaction() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in (
                "journal_mode",
                "synchronous",
                "secure_delete",
                "foreign_keys",
                "busy_timeout",
                "user_version",
                "cache_size",
            )
        }
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "cache_size": -512,
        "secure_delete": 1,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "user_version": SCHEMA_VERSION,
    }


def _another_key(path: Path) -> None:
    other = open_store(path, "ab" * 32)
    StoredState(other.store).set("note", "old")
    other.store.close()


def _plain_sqlite(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE foreign_table (x)")
    connection.commit()
    connection.close()


def _garbage(path: Path) -> None:
    path.write_bytes(os.urandom(9000))


def _foreign_under_our_key(path: Path, key: str) -> None:
    """Another program's file, though it opens: what is in it was not written by us."""
    other = open_store(path, key)
    with other.store.transaction() as connection:
        connection.exec_driver_sql("PRAGMA application_id = 1234")
    other.store.close()


def test_what_opens_and_is_not_ours_is_set_aside_too(tmp_path: Path, key: str) -> None:
    path = tmp_path / "kiosk.db"
    _foreign_under_our_key(path, key)
    before = path.read_bytes()
    opened = open_store(path, key)
    assert opened.set_aside is not None
    assert opened.set_aside.read_bytes() == before
    opened.store.close()


@pytest.mark.parametrize("spoil", [_another_key, _plain_sqlite, _garbage])
def test_a_file_that_is_not_ours_is_set_aside_and_never_lost(tmp_path: Path, key: str, spoil: object) -> None:
    path = tmp_path / "kiosk.db"
    spoil(path)  # type: ignore[operator]
    before = path.read_bytes()
    opened = open_store(path, key)
    assert opened.is_fresh_after_loss
    assert opened.set_aside is not None
    assert opened.set_aside.name.startswith("kiosk.db.set-aside-")
    assert opened.set_aside.read_bytes() == before
    StoredState(opened.store).set("note", "new")
    opened.store.close()
    assert not open_store(path, key).is_fresh_after_loss


def test_a_store_with_damaged_pages_is_set_aside(tmp_path: Path, key: str) -> None:
    path = tmp_path / "kiosk.db"
    opened = open_store(path, key)
    for number in range(50):
        StoredState(opened.store).set(f"key-{number}", "x" * 500)
    opened.store.close()
    data = bytearray(path.read_bytes())
    data[4096 * 3 + 100] ^= 0xFF
    path.write_bytes(bytes(data))
    assert open_store(path, key).is_fresh_after_loss


def test_two_losses_in_one_second_keep_both_files(tmp_path: Path, key: str) -> None:
    path = tmp_path / "kiosk.db"
    names = set()
    for _ in range(3):
        _garbage(path)
        opened = open_store(path, key)
        opened.store.close()
        names.add(opened.set_aside)
    assert len(names) == 3


def test_a_store_of_a_newer_program_is_left_alone(tmp_path: Path, key: str) -> None:
    path = tmp_path / "kiosk.db"
    opened = open_store(path, key)
    with opened.store.transaction() as connection:
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    opened.store.close()
    with pytest.raises(StoreError, match="newer") as caught:
        open_store(path, key)
    assert caught.value.code is ErrorCode.STORE_NEWER
    assert [file.name for file in tmp_path.iterdir()] == ["kiosk.db"]


def test_a_store_that_another_program_holds_is_not_set_aside(
    tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 10)
    path = tmp_path / "kiosk.db"
    open_store(path, key).store.close()
    other = sqlcipher.connect(str(path), isolation_level=None)
    other.execute(f"PRAGMA key = \"x'{key}'\"")
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="held") as caught:
        open_store(path, key)
    assert caught.value.code is ErrorCode.STORE_HELD
    other.close()
    assert not open_store(path, key).is_fresh_after_loss


def test_an_old_sqlite_is_refused_in_production_only(tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database.sqlcipher, "sqlite_version_info", (3, 51, 2))
    with pytest.raises(StoreError, match=r"older than 3\.51\.3") as caught:
        open_store(tmp_path / "kiosk.db", key, is_production=True)
    assert caught.value.code is ErrorCode.STORE_OLD_SQLITE
    open_store(tmp_path / "kiosk.db", key).store.close()


def test_a_sqlite_that_cannot_encrypt_is_refused(tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database.sqlcipher, "connect", sqlite3.connect)
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path / "kiosk.db", key)
    assert caught.value.code is ErrorCode.STORE_UNENCRYPTED


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, key: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as caught:
        open_store(tmp_path / "file" / "kiosk.db", key)
    assert caught.value.code is ErrorCode.STORE_UNREADABLE


def test_a_full_disk_has_its_own_code(store: Store) -> None:
    with store.transaction() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    state = StoredState(store)
    with pytest.raises(StoreError) as caught:
        state.set("big", "x" * 100_000)
    assert caught.value.code is ErrorCode.STORE_FULL
    assert state.get("big") is None


def test_the_log_is_folded_into_the_file_and_not_after_the_end(store: Store, tmp_path: Path) -> None:
    for number in range(20):
        StoredState(store).set(f"key-{number}", "x" * 300)
    size = (tmp_path / "kiosk.db").stat().st_size
    store.fold()
    assert (tmp_path / "kiosk.db").stat().st_size > size
    assert StoredState(store).get("key-19") == "x" * 300
    store.close()
    store.fold()
    assert not list(tmp_path.glob("kiosk.db-*")), "it was opened again"


def test_a_broken_transaction_leaves_nothing(store: Store) -> None:
    def break_off() -> None:
        with store.transaction() as connection:
            connection.exec_driver_sql("INSERT INTO state VALUES ('half', '1')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert StoredState(store).get("half") is None


def test_threads_follow_one_another(store: Store) -> None:
    state = StoredState(store)
    threads = [threading.Thread(target=lambda: [state.add("count", 1) for _ in range(25)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state.get("count") == 100


def test_a_transaction_has_the_pen_before_it_reads(store: Store, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else two programs could read the same state, and the one that writes later would fail in its middle."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 10)
    beside = open_store(store.path, key, is_owner=False).store
    with store.transaction() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM state")
        with pytest.raises(StoreError) as caught, beside.transaction():
            pass
    assert caught.value.code is ErrorCode.STORE_HELD
    beside.close()


def test_state_can_be_taken_away(store: Store) -> None:
    state = StoredState(store)
    state.set("issue", ["a"])
    state.remove("issue")
    assert state.get("issue", "none") == "none"


class TestKey:
    def test_it_is_made_once_for_the_owner_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "keys" / "store.key"
        key = load_key(path)
        assert len(bytes.fromhex(key)) == 32
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert load_key(path) == key

    def test_production_never_makes_one(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError):
            load_key(tmp_path / "store.key", is_production=True)
        assert list(tmp_path.iterdir()) == []

    def test_it_comes_from_the_credentials(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "store.key"
        path.write_text("AB" * 32 + "\n")
        path.chmod(0o400)
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
        assert load_key(None, is_production=True) == "ab" * 32

    def test_without_a_place_it_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
        with pytest.raises(StoreError, match="no key"):
            load_key(None)

    @pytest.mark.parametrize("text", ["", "abc", "g" * 64, "a" * 63, "a" * 65])
    def test_a_malformed_one_is_refused_and_not_repeated(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "store.key"
        path.write_text(text)
        path.chmod(0o600)
        with pytest.raises(StoreError) as caught:
            load_key(path)
        assert not text or text not in str(caught.value)

    def test_one_that_others_can_read_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "store.key"
        path.write_text("a" * 64)
        path.chmod(0o644)
        with pytest.raises(StoreError, match="chmod"):
            load_key(path)
