"""The kiosk's own store: one encrypted SQLite file, one connection, one writer at a time.

SQLCipher with a raw 256-bit key, WAL, ``synchronous=FULL``. A file that cannot be opened is set aside, never deleted.
Nothing personal is written here. Import on the core's side only: SQLAlchemy takes a fifth of a second to load.
"""

import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError
from sqlalchemy.pool import StaticPool

from kiosk.errors import ErrorCode, StoreError
from kiosk.store.hold import StoreHold
from kiosk.store.schema import APPLICATION_ID, SCHEMA_VERSION, metadata, state
from kiosk.store.soundness import as_store_error, is_ours, put_aside, raw_connection, refuse_wiped, set_aside_stores

OLDEST_SQLITE = (3, 51, 3)
"""Older versions can corrupt a WAL that is reset while another connection reads it (fixed in 3.51.3)."""

BUSY_TIMEOUT_MS = 5_000
CACHE_KIB = 512
"""Pages that are kept decrypted. The library's own 8 MiB filled over 4,000 visits, and looked like a leak."""

STORE_BEGUN = "store-begun"
"""State of a new store until the office was told of it: when it began, and the file that was set aside before."""

_HAS_STAMP = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"


@dataclass(frozen=True, slots=True)
class OpenedStore:
    """``set_aside`` names the file that could not be opened and was put away; the office must then be told."""

    store: "Store"
    set_aside: Path | None

    @property
    def is_fresh_after_loss(self) -> bool:
        """Whether an older store was lost: open grants of this kiosk are then unknown."""
        return self.set_aside is not None


class Store:
    """The open store. Thread-safe: a lock makes transactions follow one another."""

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        self.hold: StoreHold | None = None
        """What keeps a second core out; let go when the store is closed."""
        self._lock = threading.RLock()
        self._is_closed = False
        self._engine = create_engine(
            "sqlite://",
            creator=lambda: _connect(path, key),
            module=sqlcipher,
            poolclass=StaticPool,
            # Every transaction here ends by itself; a rollback after it is a call for nothing.
            pool_reset_on_return=None,
        )
        event.listen(self._engine, "begin", _begin)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One durable transaction: committed at the end, rolled back by any exception. Raises StoreError."""
        with self._lock:
            try:
                with self._engine.begin() as connection:
                    yield connection
            except (ProgrammingError, IntegrityError, sqlcipher.ProgrammingError, sqlcipher.IntegrityError):
                raise  # faults of the program, not of the disk
            except (DatabaseError, sqlcipher.DatabaseError) as error:
                raise as_store_error(self.path, error) from None

    @contextmanager
    def rebuilding(self) -> Iterator[Connection]:
        """A transaction in which tables may be rebuilt: references are checked at its end, not at each step."""
        with self._lock:
            raw: Any = self._engine.raw_connection()
            raw.execute("PRAGMA foreign_keys = OFF")
            try:
                with self.transaction() as connection:
                    yield connection
                    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                        raise StoreError(ErrorCode.STORE_UNREADABLE, "a migration broke a reference")
            finally:
                raw.execute("PRAGMA foreign_keys = ON")
                raw.close()

    def fold(self) -> None:
        """Write the log into the file, so that no commit need do it while somebody waits; for a worker. Never raises.

        SQLite does it by itself at a thousand pages, in the middle of whatever commit comes to that.
        """
        with self._lock, suppress(sqlcipher.DatabaseError):
            if self._is_closed:
                return
            raw: Any = self._engine.raw_connection()
            try:
                raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            finally:
                raw.close()

    def close(self) -> None:
        """Check the log into the file and close. Idempotent."""
        with self._lock:
            self._is_closed = True
            self._engine.dispose()
            if self.hold is not None:
                self.hold.release()


def open_store(path: Path, key: str, *, is_production: bool = False, is_owner: bool = True) -> OpenedStore:
    """Open or make the store at ``path`` with ``key`` (64 hex digits).

    A file that is corrupt, foreign or of another key is set aside as ``<name>.set-aside-<time>`` and a new one begun;
    who is not the ``is_owner`` of the store (a command beside the core) gets STORE_UNREADABLE for it instead. Older
    revisions of the schema are brought up to this program's, in one transaction. Raises StoreError, and leaves the file
    as it is: STORE_UNENCRYPTED when the SQLite of this build is plain, STORE_OLD_SQLITE when in production it is
    too old, STORE_NEWER when a newer program wrote the file, STORE_HELD when another program has it, STORE_WIPED when
    this machine's wipe was begun, STORE_FULL, and STORE_UNREADABLE when the place cannot be read or written.
    """
    refuse_wiped(path)
    require_build(is_production=is_production)
    set_aside: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if is_owner:
            put_away: list[Path] = []
            is_ours(path, lambda raw: _prepare(raw, key), lambda: put_away.append(put_aside(path)))
            set_aside = put_away[0] if put_away else None
        else:
            check_store(path, key, is_production=is_production)
        store = Store(path, key)
        try:
            _bring_up(store)
        except BaseException:
            store.close()
            raise
    except StoreError:
        raise
    except (OSError, sqlcipher.Error, DatabaseError) as error:
        raise as_store_error(path, error) from None
    return OpenedStore(store, set_aside)


def check_store(path: Path, key: str, *, is_production: bool) -> None:
    """Raises StoreError with what ``open_store`` would say of the file, or set it aside for. Changes nothing in it."""
    refuse_wiped(path)
    require_build(is_production=is_production)
    try:
        is_sound = is_ours(path, lambda raw: _prepare(raw, key))
    except (OSError, sqlcipher.Error) as error:
        raise as_store_error(path, error) from None
    if not is_sound:
        raise StoreError(ErrorCode.STORE_UNREADABLE, f"{path.name} is damaged or not ours")


def load_key(key_file: Path | None, *, is_production: bool = False) -> str:
    """The key from ``key_file``, else ``$CREDENTIALS_DIRECTORY/store.key``; made there only outside production.

    Raises StoreError (STORE_UNREADABLE) without a key, with a malformed one, or with one that others can read.
    """
    path = key_file
    if path is None:
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        if not folder:
            raise StoreError(ErrorCode.STORE_UNREADABLE, "no key: neither key_file nor CREDENTIALS_DIRECTORY is set")
        path = Path(folder) / "store.key"
    try:
        if not path.exists() and not is_production:
            _make_key(path)
        if path.stat().st_mode & 0o077:
            raise StoreError(ErrorCode.STORE_UNREADABLE, f"{path.name} can be read by others: chmod 600")
        key = path.read_text(encoding="ascii").strip().lower()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(ErrorCode.STORE_UNREADABLE, f"{path.name}: {type(error).__name__}") from None
    if len(key) != 64 or set(key) - set("0123456789abcdef"):
        raise StoreError(ErrorCode.STORE_UNREADABLE, f"{path.name} does not hold 64 hex digits")
    return key


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())


def _connect(path: Path, key: str) -> Any:
    # Transactions are begun by _begin alone, so that a write lock is taken at once and not in the middle.
    connection = raw_connection(path)
    try:
        _prepare(connection, key)
    except sqlcipher.Error:
        connection.close()
        raise
    return connection


def _prepare(connection: Any, key: str) -> None:
    # A wrong key is ours to tell, not the library's on the error stream.
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key}'\"")
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def require_build(*, is_production: bool) -> None:
    """Raises StoreError when the SQLite of this build can't encrypt, or in production is older than it may be."""
    probe = sqlcipher.connect(":memory:")
    try:
        cipher = probe.execute("PRAGMA cipher_version").fetchone()
    finally:
        probe.close()
    if cipher is None or not cipher[0]:
        raise StoreError(ErrorCode.STORE_UNENCRYPTED, "this SQLite cannot encrypt")
    if is_production and sqlcipher.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise StoreError(ErrorCode.STORE_OLD_SQLITE, f"SQLite {sqlcipher.sqlite_version} is older than {oldest}")


def _bring_up(store: Store) -> None:
    """Lay the tables of a new store, or carry out what revisions an older one lacks."""
    with store.transaction() as connection:
        version: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version == 0:
            _lay(connection, store.path)
            return
        if connection.exec_driver_sql(_HAS_STAMP).first() is None:
            # Made before there were revisions: it is the first.
            _stamp(connection, version)
        # A write, though it changes nothing: SQLite opens what it may not write for reading, and says so only then.
        connection.exec_driver_sql(f"PRAGMA user_version = {version}")
    if version < SCHEMA_VERSION:
        from kiosk.store.migrations.run import migrate

        with store.rebuilding() as connection:
            migrate(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _lay(connection: Connection, path: Path) -> None:
    """A new store knows nothing of grants that an older one of this machine may have held: it says so until told."""
    metadata.create_all(connection)
    _stamp(connection, SCHEMA_VERSION)
    lost = set_aside_stores(path)
    begun = {"at": time.time(), "set_aside": lost[-1] if lost else None}
    connection.execute(state.insert().values(key=STORE_BEGUN, value=json.dumps(begun)))
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _stamp(connection: Connection, version: int) -> None:
    """As Alembic writes it, which takes too long to load for this."""
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
        " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (f"{version:04}",))
