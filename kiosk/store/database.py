"""The kiosk's own store: one encrypted SQLite file, one connection, one writer at a time.

SQLCipher with a raw 256-bit key, WAL, ``synchronous=FULL``. A file that cannot be opened is set aside, never deleted.
Nothing personal is written here. Import on the core's side only: SQLAlchemy takes a fifth of a second to load.
"""

import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.pool import StaticPool

from kiosk.errors import ErrorCode, StoreError
from kiosk.store.schema import APPLICATION_ID, SCHEMA_VERSION, metadata

OLDEST_SQLITE = (3, 51, 3)
"""Older versions can corrupt a WAL that is reset while another connection reads it (fixed in 3.51.3)."""

BUSY_TIMEOUT_MS = 5_000


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
        self._lock = threading.RLock()
        self._engine = create_engine(
            "sqlite://", creator=lambda: _connect(path, key), module=sqlcipher, poolclass=StaticPool
        )
        event.listen(self._engine, "begin", _begin)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One durable transaction: committed at the end, rolled back by any exception. Raises StoreError."""
        with self._lock:
            try:
                with self._engine.begin() as connection:
                    yield connection
            except (ProgrammingError, IntegrityError):
                raise  # faults of the program, not of the disk
            except DatabaseError as error:
                raise _as_store_error(error) from None

    def close(self) -> None:
        """Check the log into the file and close. Idempotent."""
        with self._lock:
            self._engine.dispose()


def open_store(path: Path, key: str, *, is_production: bool = False) -> OpenedStore:
    """Open or make the store at ``path`` with ``key`` (64 hex digits).

    A file that is corrupt, foreign or of another key is set aside as ``<name>.set-aside-<time>`` and a new one begun.
    Raises StoreError: STORE_UNENCRYPTED when the SQLite of this build is plain, or in production too old;
    STORE_UNREADABLE when the place cannot be written or a newer version of the program wrote the file.
    """
    require_build(is_production=is_production)
    set_aside: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not _is_ours(path, key):
            set_aside = _set_aside(path)
        store = Store(path, key)
        _lay_schema(store)
    except (OSError, sqlcipher.Error, DatabaseError) as error:
        raise StoreError(ErrorCode.STORE_UNREADABLE, f"{path.name}: {type(error).__name__}") from None
    return OpenedStore(store, set_aside)


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
    connection = sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False)
    try:
        # A wrong key is ours to tell, not the library's on the error stream.
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key}'\"")
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlcipher.Error:
        connection.close()
        raise
    return connection


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
        raise StoreError(ErrorCode.STORE_UNREADABLE, f"SQLite {sqlcipher.sqlite_version} is older than {oldest}")


def _is_ours(path: Path, key: str) -> bool:
    """Whether the file opens with the key, is whole and ours. Raises StoreError when a newer program wrote it."""
    connection: Any = None
    try:
        connection = _connect(path, key)
        application: int = connection.execute("PRAGMA application_id").fetchone()[0]
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if (application, version) == (0, 0):
            # Killed before the schema was laid: an empty file of ours, or of nobody.
            return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0)
        if application != APPLICATION_ID:
            return False
        if version > SCHEMA_VERSION:
            raise StoreError(ErrorCode.STORE_UNREADABLE, f"{path.name} was written by a newer version ({version})")
        return bool(connection.execute("PRAGMA quick_check").fetchone()[0] == "ok")
    except sqlcipher.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise StoreError(ErrorCode.STORE_UNREADABLE, f"{path.name} is held by another program") from None
        return False
    except sqlcipher.DatabaseError:
        return False
    finally:
        if connection is not None:
            connection.close()


def _set_aside(path: Path) -> Path:
    """Move the file and its log away under one name; a second loss in the same second gets a number."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    target = path.with_name(f"{path.name}.set-aside-{stamp}")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.name}.set-aside-{stamp}-{number}")
    path.rename(target)
    for suffix in ("-wal", "-shm"):
        log = path.with_name(path.name + suffix)
        if log.exists():
            log.rename(target.with_name(target.name + suffix))
    return target


def _lay_schema(store: Store) -> None:
    with store.transaction() as connection:
        if connection.exec_driver_sql("PRAGMA user_version").scalar_one() == SCHEMA_VERSION:
            return
        metadata.create_all(connection)
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _as_store_error(error: DatabaseError) -> StoreError:
    words = str(error.orig)
    if isinstance(error, OperationalError) and "full" in words:
        return StoreError(ErrorCode.STORE_FULL, "the disk is full")
    return StoreError(ErrorCode.STORE_UNREADABLE, type(error).__name__)
