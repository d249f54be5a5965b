"""Older stores are brought up whole or stay as they were; a newer one is left alone."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from kiosk import api
from kiosk.errors import ErrorCode, StoreError
from kiosk.store.database import Store, open_store
from kiosk.store.journal import Journal
from kiosk.store.migrations.run import VERSIONS, migrate, newest
from kiosk.store.numbers import Numbers
from kiosk.store.outbox import OutboxStore
from kiosk.store.prints import Evidence, PrinterName, Verdict
from kiosk.store.schema import APPLICATION_ID, SCHEMA_VERSION, metadata
from tests.store import migration_acts
from tests.store.zygote import Zygote, calls_in

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WRITES = ("pwrite64", "fdatasync", "fsync", "ftruncate", "unlink")
REVISIONS = [
    one.revision
    for one in ScriptDirectory(VERSIONS.parent, version_locations=[VERSIONS]).walk_revisions("base", "heads")
]


def _fill(store: Store) -> None:
    """Three prints, one of them settled and not yet told."""
    journal = Journal(store)
    for number in range(3):
        journal.intend(f"p-{number:032x}", PrinterName.A4, NOW)
        journal.granted(f"p-{number:032x}", f"grant-{number}0000", NOW)
        journal.verified(f"p-{number:032x}", pages=number + 1, sha256="0" * 64, at=NOW)
    journal.settle(f"p-{0:032x}", Verdict(api.PrintEnd.FAILED, "paper-out", Evidence.NONE, 0), NOW)


def _filled(path: Path, key: str) -> None:
    store = open_store(path, key).store
    _fill(store)
    store.close()


def _at(path: Path, key: str, revision: str) -> None:
    """An empty store as the program of that revision made it."""
    store = Store(path, key)
    with store.rebuilding() as connection:
        assert migrate(connection, to=revision) == revision
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version = {int(revision)}")
    store.close()


def _tables(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every table and index with its columns as SQLite sees them."""
    with store.transaction() as connection:
        say = connection.exec_driver_sql
        names = say("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'index') ORDER BY name").all()
        return {
            name: [tuple(row) for row in say(f"PRAGMA {'table_xinfo' if kind == 'table' else 'index_xinfo'}({name})")]
            for name, kind in names
        }


def test_the_revisions_make_what_the_schema_says(tmp_path: Path, key: str) -> None:
    _at(tmp_path / "old.db", key, newest())
    migrated, fresh = Store(tmp_path / "old.db", key), open_store(tmp_path / "new.db", key).store
    for store in (migrated, fresh):
        with store.transaction() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert _tables(migrated) == _tables(fresh)
    migrated.close()
    fresh.close()


def test_a_difference_would_be_seen(tmp_path: Path, key: str) -> None:
    store = open_store(tmp_path / "kiosk.db", key).store
    with store.transaction() as connection:
        connection.exec_driver_sql("ALTER TABLE prints ADD COLUMN strange INTEGER")
        assert compare_metadata(MigrationContext.configure(connection), metadata) != []
    store.close()


def test_the_number_in_the_file_is_the_newest_revision() -> None:
    assert int(newest()) == SCHEMA_VERSION
    assert len(REVISIONS) == len(list(VERSIONS.glob("r*.py"))), "a revision stands outside of the line"


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_store_of_every_older_revision_is_brought_up(tmp_path: Path, key: str, revision: str) -> None:
    path = tmp_path / "kiosk.db"
    _at(path, key, revision)
    found = migration_acts.look(str(path), key)
    assert (found["set_aside"], found["version"], found["revision"]) == (False, SCHEMA_VERSION, newest())
    store = open_store(path, key).store
    _fill(store)
    assert len(Journal(store).open_prints()) == 2
    store.close()


def test_a_store_from_before_there_were_revisions_is_the_first(tmp_path: Path, key: str) -> None:
    path = tmp_path / "kiosk.db"
    _at(path, key, "0001")
    store = Store(path, key)
    with store.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    store.close()
    found = migration_acts.look(str(path), key)
    assert (found["set_aside"], found["revision"]) == (False, newest())
    assert migration_acts.open_later(str(path), key)["revision"] == f"{migration_acts.LATER}"


def test_the_first_releases_store_keeps_its_rows_and_takes_numbers(tmp_path: Path, key: str) -> None:
    path = tmp_path / "kiosk.db"
    _at(path, key, "0001")
    old = Store(path, key)
    _fill(old)
    old.close()
    store = open_store(path, key).store
    assert len(Journal(store).open_prints()) == 2
    assert OutboxStore(store).size() == 1
    numbers = Numbers(store, OutboxStore(store))
    ask = numbers.ask("layanan", 5)
    at = NOW.astimezone()
    lease = api.Lease(id="lease-000001", queue="layanan", prefix="A", day=at.date(), first=1, last=5, at=at)
    assert numbers.keep(ask, lease, NOW.timestamp())
    assert numbers.take("layanan", NOW.timestamp()).label == "A-001"
    store.close()


def test_rows_and_references_live_through_a_rebuilt_table(tmp_path: Path, key: str) -> None:
    path = tmp_path / "kiosk.db"
    _filled(path, key)
    before = migration_acts.look(str(path), key)
    after = migration_acts.open_later(str(path), key)
    assert after["version"] == migration_acts.LATER
    for name in ("prints", "outbox"):
        assert after[name] == before[name]
    assert (after["foreign_keys"], after["broken_reference"], after["left_over"]) == (1, False, [])
    assert after["broken_link"] is None


def test_the_older_program_leaves_the_newer_store_alone(tmp_path: Path, key: str) -> None:
    path = tmp_path / "kiosk.db"
    _filled(path, key)
    migration_acts.open_later(str(path), key)
    bytes_before = path.read_bytes()
    with pytest.raises(StoreError) as caught:
        open_store(path, key)
    assert caught.value.code is ErrorCode.STORE_NEWER
    assert str(migration_acts.LATER) in caught.value.detail
    assert path.read_bytes() == bytes_before
    assert [file.name for file in tmp_path.iterdir()] == ["kiosk.db"]
    assert migration_acts.open_later(str(path), key)["version"] == migration_acts.LATER


def test_a_revision_that_this_program_lacks_is_a_newer_store(tmp_path: Path, key: str) -> None:
    store = open_store(tmp_path / "kiosk.db", key).store
    with store.rebuilding() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '7777'")
    with store.rebuilding() as connection, pytest.raises(StoreError) as caught:
        migrate(connection)
    assert caught.value.code is ErrorCode.STORE_NEWER
    store.close()


def test_alembic_is_not_loaded_for_a_store_that_is_up_to_date(tmp_path: Path, key: str) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom kiosk.store.database import open_store\n"
        f"for _ in range(2): open_store(Path({str(tmp_path / 'kiosk.db')!r}), {key!r}).store.close()\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('alembic', 'mako')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    zygote = Zygote("tests.store.migration_acts")
    yield zygote
    zygote.close()


@pytest.mark.crash
@pytest.mark.timeout(300)
def test_killed_at_every_write_of_a_migration(
    tmp_path: Path, key: str, zygote: Zygote, capsys: pytest.CaptureFixture[str]
) -> None:
    """It opens afterwards with all its rows, at the old revision or the new; nothing is set aside."""
    template = tmp_path / "template.db"
    _filled(template, key)
    before = migration_acts.look(str(template), key)

    def strike(number: int, inject: str | None) -> tuple[int, Path, str]:
        folder = tmp_path / f"run-{number}"
        folder.mkdir()
        path = folder / "kiosk.db"
        shutil.copy(template, path)
        act = "tests.store.migration_acts:open_later"
        arguments = {"path": str(path), "key": key}
        paths = [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")]
        status, _, trace = zygote.struck(act, folder, calls=",".join(WRITES), paths=paths, inject=inject, **arguments)
        return status, path, trace

    status, path, trace = strike(0, None)
    assert status == 0
    points = [(call, number) for call in WRITES for number in range(1, calls_in(trace)[call] + 1)]
    assert len(points) >= 20, points
    revisions = set()
    for number, (call, when) in enumerate(points, 1):
        status, path, _ = strike(number, f"{call}:signal=KILL:when={when}")
        assert status == -9, f"{call} {when}: {status}"
        opened = zygote.act("tests.store.migration_acts:look_either", path.parent, path=str(path), key=key)
        revisions.add(opened["found_at"])
        assert not opened["set_aside"], f"killed at {call} {when}"
        assert opened["version"] == migration_acts.LATER
        assert (opened["prints"], opened["outbox"]) == (before["prints"], before["outbox"]), f"killed at {call} {when}"
        assert (opened["broken_link"], opened["broken_reference"], opened["left_over"]) == (None, False, [])
        assert not list(path.parent.glob("*set-aside*"))
    with capsys.disabled():
        print(f"\nkill points of a migration: {len(points)}")
    assert revisions == {SCHEMA_VERSION, migration_acts.LATER}, "the kills did not reach both sides of the commit"
