"""The audit chain: each entry's hash covers the one before, so that none can be changed or taken out unseen.

``h[n] = SHA-256(h[n-1] || canonical JSON of the entry)``. The end of the chain is witnessed elsewhere.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from kiosk.store.database import Store
from kiosk.store.prepared import Prepared, prepared_insert
from kiosk.store.schema import audit

GENESIS = b"\0" * 32

_HEAD = Prepared(select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()))
_INSERT = prepared_insert(audit, ("number", "at", "event", "fields", "hash"))

Field = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain."""

    number: int
    hash: bytes


def append(connection: Connection, at: float, event: str, fields: Mapping[str, Field]) -> Head:
    """Add an entry within the caller's transaction, so that the deed and its trace are one."""
    head = _head(connection)
    number = head.number + 1
    written = json.dumps(dict(fields), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    digest = follow(head.hash, entry_text(number, at, event, written))
    _INSERT(connection, number=number, at=at, event=event, fields=written, hash=digest)
    return Head(number, digest)


def head(store: Store) -> Head:
    """The last entry; number 0 when there is none."""
    with store.transaction() as connection:
        return _head(connection)


def verify(store: Store) -> int | None:
    """The number of the first entry that does not fit, or None when the whole chain holds."""
    previous, expected = GENESIS, 1
    with store.transaction() as connection:
        for row in connection.execute(select(audit).order_by(audit.c.number)):
            entry = entry_text(row.number, row.at, row.event, row.fields)
            if row.number != expected or row.hash != follow(previous, entry):
                return expected
            previous, expected = row.hash, expected + 1
    return None


def hash_of(store: Store, number: int) -> bytes | None:
    """The hash of one entry; None where there is none."""
    with store.transaction() as connection:
        found = connection.execute(select(audit.c.hash).where(audit.c.number == number)).scalar_one_or_none()
    return None if found is None else bytes(found)


def entries(store: Store) -> list[str]:
    """The canonical texts of all entries, oldest first."""
    with store.transaction() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.number)).all()
    return [entry_text(row.number, row.at, row.event, row.fields) for row in rows]


def _head(connection: Connection) -> Head:
    row = _HEAD(connection).first()
    return Head(row.number, row.hash) if row else Head(0, GENESIS)


def entry_text(number: int, at: float, event: str, fields: str) -> str:
    """The canonical text of an entry: what the chain hashes. ``fields`` is the JSON of its fields."""
    return json.dumps([number, at, event, fields], separators=(",", ":"), ensure_ascii=True)


def follow(previous: bytes, entry: str) -> bytes:
    """The hash of an entry that stands after ``previous``."""
    return hashlib.sha256(previous + entry.encode("ascii")).digest()
