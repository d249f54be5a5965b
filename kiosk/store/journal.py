"""The print journal: a state machine on the disk that says of every print how far it went.

    INTENDED -> GRANTED -> VERIFIED -> CREATED -> SENT -> SETTLED -> REPORTED

Every step is durable before the act that it announces: the job id stands in the journal before a byte of the document
goes out. A print may be settled from any open state; a settlement and its message to the office are one transaction.
``docs/printing.md`` says what a power cut means in each state.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from kiosk import api
from kiosk.store import audit
from kiosk.store.blanks import close_blank, reconcile_blank
from kiosk.store.database import Store
from kiosk.store.outbox import put
from kiosk.store.prepared import Prepared, prepared_insert, prepared_update
from kiosk.store.prints import (
    FOLLOWERS,
    OPEN_STATES,
    Evidence,
    Finding,
    JournalOrderError,
    PrinterName,
    PrintRecord,
    PrintState,
    Verdict,
)
from kiosk.store.schema import prints

_FIND = Prepared(select(prints).where(prints.c.print_id == bindparam("print_id")))
_WITH_GRANT = Prepared(select(prints.c.print_id).where(prints.c.grant_id == bindparam("grant_id")))


class Journal:
    """Prints on the disk. Thread-safe by the store. Every method is one durable transaction; raises StoreError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def intend(self, print_id: str, printer: PrinterName, at: datetime) -> None:
        """Begin. ``print_id`` is also the idempotency key of the grant and the name of the job at the printer."""
        moment = at.timestamp()
        row = {"print_id": print_id, "state": PrintState.INTENDED, "printer": printer, "pages": 0}
        row |= {"created_at": moment, "updated_at": moment}
        with self._store.transaction() as connection:
            prepared_insert(prints, tuple(row))(connection, **row)
            audit.append(connection, moment, "print.intended", {"print": print_id, "printer": printer})

    def granted(self, print_id: str, grant_id: str, at: datetime) -> None:
        """The office allowed it."""
        self._step(print_id, PrintState.GRANTED, at, grant_id=grant_id)

    def has_grant(self, grant_id: str) -> bool:
        """Whether a print of this store had that grant: the office gives each one once."""
        with self._store.transaction() as connection:
            return _WITH_GRANT(connection, grant_id=grant_id).first() is not None

    def verified(self, print_id: str, *, pages: int, sha256: str, at: datetime) -> None:
        """The bytes are checked (or drawn by the kiosk) and may be printed."""
        self._step(print_id, PrintState.VERIFIED, at, pages=pages, sha256=sha256)

    def created(self, print_id: str, *, job_id: int, job_uri: str, counter_before: int | None, at: datetime) -> None:
        """The printer made a job; from now on bytes may go."""
        self._step(print_id, PrintState.CREATED, at, job_id=job_id, job_uri=job_uri, counter_before=counter_before)

    def sent(self, print_id: str, at: datetime, raster_sha256: str | None = None) -> None:
        """The printer took the whole document; ``raster_sha256`` where dots made from it went in its place.

        That hash stands in the audit chain beside the one of the verified bytes.
        """
        with self._store.transaction() as connection:
            self._move(connection, print_id, PrintState.SENT, at)
            if raster_sha256 is not None:
                fields: dict[str, audit.Field] = {"print": print_id, "raster_sha256": raster_sha256}
                audit.append(connection, at.timestamp(), "print.rasterised", fields)

    def settle(self, print_id: str, verdict: Verdict, at: datetime) -> None:
        """Close the print and, where there was a grant, put its settlement into the outbox in the same transaction."""
        with self._store.transaction() as connection:
            row = self._move(connection, print_id, PrintState.SETTLED, at, **_columns(verdict))
            has_moved = _record(row).may_have_moved_paper
            is_test = row.grant_id is None
            blank = close_blank(connection, print_id, verdict, at, has_moved=has_moved, is_test=is_test)
            if row.grant_id is not None:
                self._report(connection, row, verdict, at, f"{print_id}.settled", blank)

    def close_unreported(self, print_id: str, reason: str, at: datetime) -> None:
        """Close a print that nothing was sent for and whose grant is not ours to settle (it was settled before)."""
        verdict = Verdict(api.PrintEnd.FAILED, reason, pages_out=0)
        with self._store.transaction() as connection:
            row = _find(connection, print_id)
            if row.state not in (PrintState.INTENDED, PrintState.GRANTED):
                raise JournalOrderError(f"{row.state} cannot be closed unreported")
            self._move(connection, print_id, PrintState.SETTLED, at, **_columns(verdict))

    def found(self, print_id: str, finding: Finding, by: str, at: datetime) -> None:
        """Staff says what became of an unknown print; ``by`` says how staff was known, and is no name.

        Raises JournalOrderError for a print that is not unknown, or no longer.
        """
        pages_out = 0 if finding is Finding.NOT_OUT else self.record(print_id).pages
        self.reconcile(print_id, finding.end, pages_out, at, reason=finding, by=by)

    def reconcile(
        self,
        print_id: str,
        end: api.PrintEnd,
        pages_out: int | None,
        at: datetime,
        *,
        reason: str = "reconciled",
        by: str = "",
    ) -> None:
        """Staff looked whether an unknown print came out. Once; anything else raises JournalOrderError."""
        if end is api.PrintEnd.UNKNOWN:
            raise ValueError("an attendant says printed or failed")
        verdict = Verdict(end, reason, Evidence.ATTENDANT, pages_out)
        with self._store.transaction() as connection:
            row = _find(connection, print_id)
            if row.state not in (PrintState.SETTLED, PrintState.REPORTED) or row.end != api.PrintEnd.UNKNOWN:
                raise JournalOrderError(f"{row.state} {row.end} cannot be reconciled")
            changes = {"state": PrintState.SETTLED, "updated_at": at.timestamp(), **_columns(verdict)}
            _update(connection, print_id, changes)
            fields: dict[str, audit.Field] = {"print": print_id, "end": end, "evidence": Evidence.ATTENDANT}
            fields |= {"reason": reason, "by": by}
            audit.append(connection, at.timestamp(), "print.reconciled", fields)
            blank = reconcile_blank(connection, print_id, end)
            if row.grant_id is not None:
                self._report(connection, row, verdict, at, f"{print_id}.reconciled", blank)

    def record(self, print_id: str) -> PrintRecord:
        """Raises KeyError for a print that never was."""
        with self._store.transaction() as connection:
            return _record(_find(connection, print_id))

    def open_prints(self) -> list[PrintRecord]:
        """What is not settled, oldest first: after a start, what a power cut left behind."""
        return self._select(prints.c.state.in_(OPEN_STATES))

    def unknown_prints(self) -> list[PrintRecord]:
        """The reconciliation list: settled as unknown, and no attendant has said yet."""
        return self._select(prints.c.end == api.PrintEnd.UNKNOWN)

    def settled_since(self, at: float) -> list[PrintRecord]:
        """Prints begun at or after ``at`` (seconds since 1970) that have ended: what a visit that was cut had done."""
        return self._select((prints.c.created_at >= at) & prints.c.state.not_in(OPEN_STATES))

    def unreported_prints(self) -> list[PrintRecord]:
        """Settled, and the office has not yet heard."""
        return self._select((prints.c.state == PrintState.SETTLED) & prints.c.grant_id.is_not(None))

    def _select(self, condition: Any) -> list[PrintRecord]:
        with self._store.transaction() as connection:
            rows = connection.execute(select(prints).where(condition).order_by(prints.c.created_at)).all()
        return [_record(row) for row in rows]

    def _step(self, print_id: str, state: PrintState, at: datetime, **columns: Any) -> None:
        with self._store.transaction() as connection:
            self._move(connection, print_id, state, at, **columns)

    def _move(
        self, connection: Connection, print_id: str, state: PrintState, at: datetime, **columns: Any
    ) -> Row[tuple[Any, ...]]:
        row = _find(connection, print_id)
        if state not in FOLLOWERS[PrintState(row.state)]:
            raise JournalOrderError(f"{state} may not follow {row.state}")
        changes = {"state": state, "updated_at": at.timestamp(), **columns}
        _update(connection, print_id, changes)
        audit.append(connection, at.timestamp(), f"print.{state}", {"print": print_id, **columns})
        return row

    def _report(
        self,
        connection: Connection,
        row: Row[tuple[Any, ...]],
        verdict: Verdict,
        at: datetime,
        key: str,
        blank: api.Blank | None,
    ) -> None:
        moved = _record(row).may_have_moved_paper
        settlement = api.Settlement(
            grant_id=row.grant_id,
            print_id=row.print_id,
            end=verdict.end,
            reason=verdict.reason,
            evidence=verdict.evidence,
            pages_out=verdict.pages_out,
            at=at,
            sha256=row.sha256 if moved else None,
            blank=blank,
        )
        put(
            connection,
            kind="settlement",
            subject=row.grant_id,
            key=key,
            body=settlement.model_dump_json().encode(),
            at=at.timestamp(),
            print_id=row.print_id,
        )


def _update(connection: Connection, print_id: str, changes: dict[str, Any]) -> None:
    prepared_update(prints, "print_id", tuple(changes))(connection, of_key=print_id, **changes)


def _columns(verdict: Verdict) -> dict[str, Any]:
    return {
        "end": verdict.end,
        "reason": verdict.reason,
        "evidence": verdict.evidence,
        "pages_out": verdict.pages_out,
    }


def _find(connection: Connection, print_id: str) -> Row[tuple[Any, ...]]:
    row = _FIND(connection, print_id=print_id).first()
    if row is None:
        raise KeyError(print_id)
    return row


def _record(row: Row[tuple[Any, ...]]) -> PrintRecord:
    verdict = None
    if row.end is not None:
        verdict = Verdict(api.PrintEnd(row.end), row.reason, Evidence(row.evidence), row.pages_out)
    return PrintRecord(
        print_id=row.print_id,
        state=PrintState(row.state),
        printer=PrinterName(row.printer),
        grant_id=row.grant_id,
        pages=row.pages,
        sha256=row.sha256,
        job_id=row.job_id,
        job_uri=row.job_uri,
        counter_before=row.counter_before,
        verdict=verdict,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
