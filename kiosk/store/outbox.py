"""What the office must know and has not yet heard: rows with idempotency keys, delivered in order per subject.

The pump is ``kiosk.core.outbox``; here is only what stands on the disk. What may wait how long: ``outbox_rules``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from kiosk.api import Event, MessageKind
from kiosk.errors import ErrorCode, StoreError
from kiosk.store.database import Store
from kiosk.store.outbox_rules import RULES, Bound, Keeping
from kiosk.store.prepared import Prepared, prepared_insert
from kiosk.store.prints import PrintState
from kiosk.store.schema import outbox, prints
from kiosk.store.stored_state import add_in, get_in, remove_in, set_in

FOLDED = "outbox.folded"
"""The event that tells the office how many messages of a kind were folded so far."""

_ASIDE = "outbox/aside/"
_FOLDED_SO_FAR = "outbox/folded/"

_BY_KEY = Prepared(select(outbox.c.id).where(outbox.c.key == bindparam("key")))
_BATCH = Prepared(
    select(outbox)
    .where(outbox.c.set_aside_at.is_(None), outbox.c.id > bindparam("after"))
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
    .offset(bindparam("skipped"))
)
_DELETE = Prepared(delete(outbox).where(outbox.c.id == bindparam("of_id")))


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
    """Add a row within the caller's transaction, without a bound. A key that is there already changes nothing."""
    kind = MessageKind(kind)
    if _BY_KEY(connection, key=key).first() is None:
        row: dict[str, object] = {"kind": kind, "subject": subject, "key": key, "body": body, "print_id": print_id}
        row |= {"created_at": at, "next_at": at, "attempts": 0, "refusals": 0}
        prepared_insert(outbox, tuple(row))(connection, **row)


class OutboxStore:
    """Rows on the disk. Thread-safe by the store. Raises StoreError. ``rules`` are changed by tests alone."""

    def __init__(self, store: Store, rules: Mapping[MessageKind, Keeping] = RULES) -> None:
        self._store = store
        self._rules = rules

    def add(self, *, kind: str, subject: str, key: str, body: bytes, at: float) -> None:
        """Add one message in a transaction of its own; the same key twice is one message.

        Raises StoreError (STORE_FULL) for a kind that takes no more: whoever brought it must be told.
        """
        with self._store.transaction() as connection:
            self.add_in(connection, kind=kind, subject=subject, key=key, body=body, at=at)

    def add_in(self, connection: Connection, *, kind: str, subject: str, key: str, body: bytes, at: float) -> None:
        """The same within the caller's transaction."""
        keeping = self._rules[MessageKind(kind)]
        if keeping.bound is Bound.REFUSE and self._count(connection, kind) >= keeping.most:
            raise StoreError(ErrorCode.STORE_FULL, f"{keeping.most} messages of the kind {kind} wait already")
        if keeping.bound is Bound.NEWEST:
            waiting = (outbox.c.kind == kind) & (outbox.c.subject == subject) & outbox.c.set_aside_at.is_(None)
            connection.execute(delete(outbox).where(waiting))
        put(connection, kind=kind, subject=subject, key=key, body=body, at=at)
        if keeping.bound is Bound.FOLD:
            self._fold(connection, MessageKind(kind), keeping, at)

    def fold(self, now: float) -> int:
        """Fold what waits too long; how many went. Their number stands in the store and goes to the office."""
        went = 0
        with self._store.transaction() as connection:
            for kind, keeping in self._rules.items():
                if keeping.bound is Bound.FOLD:
                    went += self._fold(connection, kind, keeping, now)
        return went

    def batch(self, after: int, most: int = 20) -> list[OutboxRow]:
        """The next waiting rows behind row ``after``, oldest first."""
        with self._store.transaction() as connection:
            rows = _BATCH(connection, after=after, most=most, skipped=0).all()
        return [_row(row) for row in rows]

    def heads(self) -> list[OutboxRow]:
        """The oldest waiting row of every subject, oldest first: what may be delivered next."""
        with self._store.transaction() as connection:
            oldest = (
                select(func.min(outbox.c.id)).where(outbox.c.set_aside_at.is_(None)).group_by(outbox.c.subject)
            ).scalar_subquery()
            rows = connection.execute(select(outbox).where(outbox.c.id.in_(oldest)).order_by(outbox.c.id)).all()
        return [_row(row) for row in rows]

    def of(self, subject: str) -> list[OutboxRow]:
        """The waiting rows of one subject, oldest first."""
        waiting = select(outbox).where(outbox.c.set_aside_at.is_(None), outbox.c.subject == subject)
        with self._store.transaction() as connection:
            rows = connection.execute(waiting.order_by(outbox.c.id)).all()
        return [_row(row) for row in rows]

    def delivered(self, row: OutboxRow) -> None:
        """The office has it: drop the row and mark its print as reported, in one transaction."""
        with self._store.transaction() as connection:
            _DELETE(connection, of_id=row.id)
            if row.print_id is not None:
                _mark_reported(connection, row.print_id)

    def postpone(self, row: OutboxRow, next_at: float, *, was_refused: bool) -> None:
        """Count an attempt in vain and try again not before ``next_at``."""
        counted = {"attempts": row.attempts + 1, "refusals": row.refusals + int(was_refused), "next_at": next_at}
        with self._store.transaction() as connection:
            connection.execute(update(outbox).where(outbox.c.id == row.id).values(**counted))

    def set_aside(self, row: OutboxRow, at: float, reason: str = "") -> None:
        """Take a row that the office refuses out of the way; it stays for staff, with the reason."""
        counted = {"set_aside_at": at, "attempts": row.attempts + 1, "refusals": row.refusals + 1}
        with self._store.transaction() as connection:
            connection.execute(update(outbox).where(outbox.c.id == row.id).values(**counted))
            set_in(connection, f"{_ASIDE}{row.id}", reason)

    def set_aside_rows(self) -> list[OutboxRow]:
        with self._store.transaction() as connection:
            rows = connection.execute(select(outbox).where(outbox.c.set_aside_at.is_not(None))).all()
        return [_row(row) for row in rows]

    def reason(self, row: OutboxRow) -> str:
        """Why a row was set aside."""
        with self._store.transaction() as connection:
            return str(get_in(connection, f"{_ASIDE}{row.id}", ""))

    def take_back(self, row: OutboxRow, at: float) -> None:
        """Put a row that was set aside back into the queue, after staff cured the cause."""
        with self._store.transaction() as connection:
            connection.execute(
                update(outbox).where(outbox.c.id == row.id).values(set_aside_at=None, refusals=0, next_at=at)
            )
            remove_in(connection, f"{_ASIDE}{row.id}")

    def take_all_back(self, at: float) -> int:
        """The same for every row that was set aside; how many they were."""
        rows = self.set_aside_rows()
        for row in rows:
            self.take_back(row, at)
        return len(rows)

    def make_due(self, at: float) -> None:
        """Let every waiting row be tried at once: the office is back."""
        with self._store.transaction() as connection:
            connection.execute(update(outbox).where(outbox.c.set_aside_at.is_(None)).values(next_at=at))

    def size(self) -> int:
        """Rows that wait, without those set aside."""
        with self._store.transaction() as connection:
            waiting = select(func.count()).select_from(outbox).where(outbox.c.set_aside_at.is_(None))
            return int(connection.execute(waiting).scalar_one())

    def oldest_at(self) -> float | None:
        """When the oldest waiting message was written; None when nothing waits."""
        with self._store.transaction() as connection:
            oldest = select(func.min(outbox.c.created_at)).where(outbox.c.set_aside_at.is_(None))
            found = connection.execute(oldest).scalar_one()
        return None if found is None else float(found)

    def folded(self) -> dict[MessageKind, int]:
        """How many messages of each kind were folded since the store was made; kinds without any are left out."""
        with self._store.transaction() as connection:
            counts = {kind: int(get_in(connection, _FOLDED_SO_FAR + kind, 0)) for kind in self._rules}
        return {kind: count for kind, count in counts.items() if count}

    def untold_folds(self) -> int:
        """Messages that were folded and of which the office has not heard."""
        told = select(outbox.c.body).where(outbox.c.subject.like("folded-%"))
        with self._store.transaction() as connection:
            bodies = connection.execute(told).scalars().all()
        return sum(int(json.loads(body)["fields"]["total"]) for body in bodies)

    # --- inside

    def _count(self, connection: Connection, kind: str) -> int:
        waiting = select(func.count()).select_from(outbox).where(outbox.c.kind == kind)
        return int(connection.execute(waiting).scalar_one())

    def _fold(self, connection: Connection, kind: MessageKind, keeping: Keeping, now: float) -> int:
        """Folds are never folded themselves: one row a kind, which always tells the whole total."""
        foldable = (outbox.c.kind == kind) & outbox.c.subject.not_like("folded-%")
        ids = connection.execute(select(outbox.c.id).where(foldable).order_by(outbox.c.id.desc())).scalars().all()
        too_many = ids[keeping.most :]
        is_old = foldable & (outbox.c.created_at < now - keeping.oldest_s)
        old = connection.execute(select(outbox.c.id).where(is_old)).scalars().all()
        going = set(too_many) | set(old)
        if not going:
            return 0
        for one in going:
            connection.execute(delete(outbox).where(outbox.c.id == one))
            remove_in(connection, f"{_ASIDE}{one}")
        total = add_in(connection, _FOLDED_SO_FAR + kind, len(going))
        connection.execute(delete(outbox).where(outbox.c.subject == f"folded-{kind}"))
        # The total since the store was made, and a key of its own: whichever of these arrives, no count is doubled.
        told = Event(name=FOLDED, at=datetime.fromtimestamp(now, UTC), fields={"kind": kind.value, "total": total})
        body = told.model_dump_json().encode()
        put(connection, kind="event", subject=f"folded-{kind}", key=f"folded-{kind}-{total:08d}", body=body, at=now)
        return len(going)


def _mark_reported(connection: Connection, print_id: str) -> None:
    """Unless another message of the same print still waits: then that one closes it."""
    if connection.execute(select(outbox.c.id).where(outbox.c.print_id == print_id)).first() is None:
        closing = update(prints).where(prints.c.print_id == print_id, prints.c.state == PrintState.SETTLED)
        connection.execute(closing.values(state=PrintState.REPORTED))


def _row(row: Row[tuple[object, ...]]) -> OutboxRow:
    return OutboxRow(**row._mapping)
