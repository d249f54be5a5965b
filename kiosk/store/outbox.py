"""What the office must know and has not yet heard: rows with idempotency keys, delivered in order per subject.

The pump is ``kiosk.core.outbox``; here is only what stands on the disk.
"""

from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from kiosk.store.database import Store
from kiosk.store.prepared import Prepared, prepared_insert
from kiosk.store.prints import PrintState
from kiosk.store.schema import outbox, prints

_BY_KEY = Prepared(select(outbox.c.id).where(outbox.c.key == bindparam("key")))


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message. ``body`` is the JSON of a model of ``kiosk.api``; times are seconds since 1970."""

    id: int
    kind: str
    subject: str
    key: str
    body: bytes = field(repr=False)
    print_id: str | None
    created_at: float
    attempts: int
    refusals: int
    next_at: float
    set_aside_at: float | None


def put(
    connection: Connection, *, kind: str, subject: str, key: str, body: bytes, at: float, print_id: str | None = None
) -> None:
    """Add a row within the caller's transaction. A key that is there already changes nothing."""
    if _BY_KEY(connection, key=key).first() is None:
        row: dict[str, object] = {"kind": kind, "subject": subject, "key": key, "body": body, "print_id": print_id}
        row |= {"created_at": at, "next_at": at, "attempts": 0, "refusals": 0}
        prepared_insert(outbox, tuple(row))(connection, **row)


class OutboxStore:
    """Rows on the disk. Thread-safe by the store. Raises StoreError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, *, kind: str, subject: str, key: str, body: bytes, at: float) -> None:
        """Add one message in a transaction of its own; the same key twice is one message."""
        with self._store.transaction() as connection:
            put(connection, kind=kind, subject=subject, key=key, body=body, at=at)

    def heads(self) -> list[OutboxRow]:
        """The oldest waiting row of every subject, oldest first: what may be delivered next."""
        with self._store.transaction() as connection:
            oldest = (
                select(func.min(outbox.c.id)).where(outbox.c.set_aside_at.is_(None)).group_by(outbox.c.subject)
            ).scalar_subquery()
            rows = connection.execute(select(outbox).where(outbox.c.id.in_(oldest)).order_by(outbox.c.id)).all()
        return [_row(row) for row in rows]

    def delivered(self, row: OutboxRow) -> None:
        """The office has it: drop the row and mark its print as reported, in one transaction."""
        with self._store.transaction() as connection:
            connection.execute(delete(outbox).where(outbox.c.id == row.id))
            if row.print_id is not None:
                _mark_reported(connection, row.print_id)

    def postpone(self, row: OutboxRow, next_at: float, *, was_refused: bool) -> None:
        """Count an attempt in vain and try again not before ``next_at``."""
        counted = {"attempts": row.attempts + 1, "refusals": row.refusals + int(was_refused), "next_at": next_at}
        with self._store.transaction() as connection:
            connection.execute(update(outbox).where(outbox.c.id == row.id).values(**counted))

    def set_aside(self, row: OutboxRow, at: float) -> None:
        """Take a row that the office refuses out of the way; it stays for staff."""
        with self._store.transaction() as connection:
            connection.execute(
                update(outbox)
                .where(outbox.c.id == row.id)
                .values(set_aside_at=at, attempts=row.attempts + 1, refusals=row.refusals + 1)
            )

    def set_aside_rows(self) -> list[OutboxRow]:
        with self._store.transaction() as connection:
            rows = connection.execute(select(outbox).where(outbox.c.set_aside_at.is_not(None))).all()
        return [_row(row) for row in rows]

    def take_back(self, row: OutboxRow, at: float) -> None:
        """Put a row that was set aside back into the queue, after staff cured the cause."""
        with self._store.transaction() as connection:
            connection.execute(
                update(outbox).where(outbox.c.id == row.id).values(set_aside_at=None, refusals=0, next_at=at)
            )

    def make_due(self, at: float) -> None:
        """Let every waiting row be tried at once: the office is back."""
        with self._store.transaction() as connection:
            connection.execute(update(outbox).where(outbox.c.set_aside_at.is_(None)).values(next_at=at))

    def size(self) -> int:
        """Rows that wait, without those set aside."""
        with self._store.transaction() as connection:
            waiting = select(func.count()).select_from(outbox).where(outbox.c.set_aside_at.is_(None))
            return int(connection.execute(waiting).scalar_one())


def _mark_reported(connection: Connection, print_id: str) -> None:
    """Unless another message of the same print still waits: then that one closes it."""
    if connection.execute(select(outbox.c.id).where(outbox.c.print_id == print_id)).first() is None:
        closing = update(prints).where(prints.c.print_id == print_id, prints.c.state == PrintState.SETTLED)
        connection.execute(closing.values(state=PrintState.REPORTED))


def _row(row: Row[tuple[object, ...]]) -> OutboxRow:
    return OutboxRow(**row._mapping)
