"""The office's tables and its one engine: SQLAlchemy on SQLite in WAL mode.

The SQLite inside ``sqlcipher3`` is used without a key: it carries the fix of the WAL-reset corruption that the
system's SQLite may lack. Reading and writing transactions are told apart, so that a writer takes its lock at once and
two writers queue instead of failing half-way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    event,
    insert,
    select,
)
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool

metadata = MetaData()

meta = Table("meta", metadata, Column("name", String, primary_key=True), Column("value", String, nullable=False))

family = Table(
    "family",
    metadata,
    Column("no_kk", String(16), primary_key=True),
    Column("street", String, nullable=False),
    Column("rt", String(3), nullable=False),
    Column("rw", String(3), nullable=False),
    Column("village", String, nullable=False),
    Column("district", String, nullable=False),
    Column("postal_code", String(5), nullable=False),
    Column("issued", Date, nullable=False),
)

person = Table(
    "person",
    metadata,
    Column("nik", String(16), primary_key=True),
    Column("no_kk", String(16), ForeignKey("family.no_kk"), index=True, nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", String(60), nullable=False),
    Column("sex", String, nullable=False),
    Column("birth_place", String, nullable=False),
    Column("birth_date", Date, nullable=False),
    Column("religion", String, nullable=False),
    Column("education", String, nullable=False),
    Column("occupation", String, nullable=False),
    Column("blood", String, nullable=False),
    Column("marital", String, nullable=False),
    Column("marital_date", Date),
    Column("relation", String, nullable=False),
    Column("nationality", String, nullable=False),
    Column("passport", String, nullable=False),
    Column("kitap", String, nullable=False),
    Column("father", String(60), nullable=False),
    Column("mother", String(60), nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("nik", String(16), ForeignKey("person.nik"), primary_key=True),
    Column("pin_hash", String, nullable=False),
    Column("is_closed", Boolean, nullable=False, default=False),
)

card = Table(
    "card",
    metadata,
    Column("uid", String(20), primary_key=True),
    Column("nik", String(16), ForeignKey("account.nik"), nullable=False),
)

qr_token = Table(
    "qr_token",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("nik", String(16), ForeignKey("account.nik"), nullable=False),
    Column("expires_at", Integer, nullable=False),
)

document = Table(
    "document",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject_nik", String(16), nullable=False),
    Column("subject_name", String(60), nullable=False),
    Column("no_kk", String(16), ForeignKey("family.no_kk"), nullable=False),
    Column("number", String, nullable=False),
    Column("issued", Date, nullable=False),
    Column("verify_id", String, nullable=False, unique=True),
    Column("pages", Integer, nullable=False),
    Column("details", JSON, nullable=False),
    Column("state", String, nullable=False, default="ready"),
)
"""``state``: ready, taken (a grant is out), printed, with-staff."""

document_owner = Table(
    "document_owner",
    metadata,
    Column("document_id", String, ForeignKey("document.id"), primary_key=True),
    Column("nik", String(16), primary_key=True, index=True),
)

issue = Table(
    "issue",
    metadata,
    Column("document_id", String, ForeignKey("document.id"), primary_key=True),
    Column("pdf", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", Integer, nullable=False),
)
"""The signed bytes, made once: whatever is fetched, however often, is these."""

grant = Table(
    "print_grant",
    metadata,
    Column("id", String, primary_key=True),
    Column("document_id", String, ForeignKey("document.id"), nullable=False, index=True),
    Column("kiosk", String, nullable=False, index=True),
    Column("expires_at", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("is_fetched", Boolean, nullable=False, default=False),
    Column("settlement", JSON),
)
"""``state``: open, printed, failed, unknown, expired."""

visit = Table(
    "visit",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("nik", String(16), nullable=False),
    Column("kiosk", String, nullable=False),
    Column("expires_at", Integer, nullable=False),
    Column("can_bind_card", Boolean, nullable=False),
)

attempt = Table(
    "attempt",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Integer, nullable=False),
)
"""Wrong proofs by the HMAC of what was claimed, whether it exists or not."""

biometric = Table(
    "biometric",
    metadata,
    Column("nik", String(16), ForeignKey("account.nik"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("reference", LargeBinary, nullable=False),
)
"""What a comparison needs; no invented person has any. An office keeps its own where the law lets it."""

biometric_ticket = Table(
    "biometric_ticket",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("nik", String(16), nullable=False),
    Column("kiosk", String, nullable=False),
    Column("subject", String(64), nullable=False),
    Column("expires_at", Integer, nullable=False),
)

kiosk_failure = Table(
    "kiosk_failure",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kiosk", String, nullable=False, index=True),
    Column("at", Integer, nullable=False),
)

kiosk = Table(
    "kiosk",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("name", String, nullable=False),
)

key_use = Table(
    "key_use",
    metadata,
    Column("kiosk", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("reference", String, nullable=False),
    Column("at", Integer, nullable=False),
)
"""Idempotency keys with the hash of the body and what they led to."""

hand_over = Table(
    "hand_over",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("document_id", String, ForeignKey("document.id"), nullable=False),
    Column("expires_at", Integer, nullable=False),
    Column("used_at", Integer),
)

message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kiosk", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("body", JSON, nullable=False),
    Column("at", Integer, nullable=False),
)
"""Surveys and events as they came in."""

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("kiosk", String, primary_key=True),
    Column("body", JSON, nullable=False),
    Column("at", Integer, nullable=False),
)

CACHE_KIB = 1_024
"""Of each connection, and there may be forty; the library's own is 8 MiB."""


class Database:
    """``reading()`` and ``writing()`` give a connection in a transaction that commits at the end, or rolls back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine: Engine = create_engine(
            "sqlite://",
            creator=self._connect,
            module=sqlcipher3.dbapi2,
            poolclass=QueuePool,
            pool_size=8,
            max_overflow=32,
            # A database error repeats its parameters otherwise, and those are people.
            hide_parameters=True,
        )
        event.listen(self._engine, "begin", _begin)

    def create(self) -> None:
        metadata.create_all(self._engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(is_writing=True) as connection, connection.begin():
            yield connection

    def fact(self, name: str) -> str:
        """One value of ``meta``. Raises LookupError when it is not there: the folder was not seeded."""
        with self.reading() as connection:
            value = connection.execute(select(meta.c.value).where(meta.c.name == name)).scalar_one_or_none()
        if value is None:
            raise LookupError(f"the office's data has no {name}: seed the folder first")
        return str(value)

    def keep_fact(self, name: str, value: str) -> None:
        """Set one value of ``meta``, in place of what stood there."""
        with self.writing() as connection:
            connection.execute(delete(meta).where(meta.c.name == name))
            connection.execute(insert(meta), [{"name": name, "value": value}])

    def close(self) -> None:
        self._engine.dispose()

    def _connect(self) -> Any:
        connection = sqlcipher3.dbapi2.connect(
            str(self.path), timeout=10, isolation_level=None, check_same_thread=False
        )
        cache = f"cache_size=-{CACHE_KIB}"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", cache):
            connection.execute(f"PRAGMA {pragma}")
        return connection


def _begin(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def now_s() -> int:
    """Wall time in whole seconds since 1970: what the tables' moments are."""
    return int(datetime.now(UTC).timestamp())


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
