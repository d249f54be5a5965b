"""The print journal as a table in memory: the same promises without a disk, some hundred times as fast.

``test_model_journal`` holds it against the real journal, step by step; only for that may the visits trust it.
"""

from dataclasses import dataclass
from datetime import datetime

from kiosk import api
from kiosk.store.prints import (
    FOLLOWERS,
    OPEN_STATES,
    Evidence,
    JournalOrderError,
    PrinterName,
    PrintRecord,
    PrintState,
    Verdict,
)


@dataclass(slots=True)
class Row:
    print_id: str
    printer: PrinterName
    created_at: float
    updated_at: float
    state: PrintState = PrintState.INTENDED
    grant_id: str | None = None
    pages: int = 0
    sha256: str | None = None
    job_id: int | None = None
    job_uri: str | None = None
    counter_before: int | None = None
    verdict: Verdict | None = None

    def record(self) -> PrintRecord:
        return PrintRecord(
            self.print_id,
            self.state,
            self.printer,
            self.grant_id,
            self.pages,
            self.sha256,
            self.job_id,
            self.job_uri,
            self.counter_before,
            self.verdict,
            self.created_at,
            self.updated_at,
        )


class ModelJournal:
    """``messages`` are the settlements that the office has not yet heard, by their idempotency keys, oldest first."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.messages: dict[str, api.Settlement] = {}
        self._grants: set[str] = set()

    def intend(self, print_id: str, printer: PrinterName, at: datetime) -> None:
        assert print_id not in self.rows
        self.rows[print_id] = Row(print_id, printer, at.timestamp(), at.timestamp())

    def granted(self, print_id: str, grant_id: str, at: datetime) -> None:
        self._move(print_id, PrintState.GRANTED, at).grant_id = grant_id
        self._grants.add(grant_id)

    def has_grant(self, grant_id: str) -> bool:
        return grant_id in self._grants

    def verified(self, print_id: str, *, pages: int, sha256: str, at: datetime) -> None:
        row = self._move(print_id, PrintState.VERIFIED, at)
        row.pages, row.sha256 = pages, sha256

    def created(self, print_id: str, *, job_id: int, job_uri: str, counter_before: int | None, at: datetime) -> None:
        row = self._move(print_id, PrintState.CREATED, at)
        row.job_id, row.job_uri, row.counter_before = job_id, job_uri, counter_before

    def sent(self, print_id: str, at: datetime, raster_sha256: str | None = None) -> None:
        self._move(print_id, PrintState.SENT, at)

    def settle(self, print_id: str, verdict: Verdict, at: datetime) -> None:
        has_moved = self.rows[print_id].record().may_have_moved_paper
        row = self._move(print_id, PrintState.SETTLED, at)
        row.verdict = verdict
        self._report(row, at, f"{print_id}.settled", has_moved=has_moved)

    def close_unreported(self, print_id: str, reason: str, at: datetime) -> None:
        row = self.rows[print_id]
        if row.state not in (PrintState.INTENDED, PrintState.GRANTED):
            raise JournalOrderError(row.state)
        self._move(print_id, PrintState.SETTLED, at).verdict = Verdict(api.PrintEnd.FAILED, reason, pages_out=0)

    def record(self, print_id: str) -> PrintRecord:
        return self.rows[print_id].record()

    def open_prints(self) -> list[PrintRecord]:
        return [row.record() for row in self._sorted() if row.state in OPEN_STATES]

    def unknown_prints(self) -> list[PrintRecord]:
        return [r.record() for r in self._sorted() if r.verdict is not None and r.verdict.end is api.PrintEnd.UNKNOWN]

    def unreported_prints(self) -> list[PrintRecord]:
        return [r.record() for r in self._sorted() if r.state is PrintState.SETTLED and r.grant_id is not None]

    def delivered(self, key: str) -> None:
        """The office has it."""
        settlement = self.messages.pop(key)
        row = self.rows[settlement.print_id]
        if row.state is PrintState.SETTLED:
            row.state = PrintState.REPORTED

    def _sorted(self) -> list[Row]:
        return sorted(self.rows.values(), key=lambda row: row.created_at)

    def _move(self, print_id: str, state: PrintState, at: datetime) -> Row:
        row = self.rows[print_id]
        if state not in FOLLOWERS[row.state]:
            raise JournalOrderError(f"{state} may not follow {row.state}")
        row.state, row.updated_at = state, at.timestamp()
        return row

    def _report(self, row: Row, at: datetime, key: str, *, has_moved: bool) -> None:
        verdict = row.verdict
        if row.grant_id is None or verdict is None:
            return
        self.messages[key] = api.Settlement.model_construct(
            grant_id=row.grant_id,
            print_id=row.print_id,
            end=verdict.end,
            reason=verdict.reason,
            evidence=str(Evidence(verdict.evidence)),
            pages_out=verdict.pages_out,
            at=at,
            sha256=row.sha256 if has_moved else None,
            blank=None,
        )
