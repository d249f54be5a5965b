"""A store with a history, every commit of which is known: what may stand there after damage, and what may not."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from kiosk import api
from kiosk.store import audit
from kiosk.store.database import Store, open_store
from kiosk.store.journal import Journal
from kiosk.store.prints import Evidence, PrinterName, Verdict
from kiosk.store.schema import metadata
from kiosk.store.stored_state import StoredState

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
COUNT = "commits"


def snapshot(store: Store) -> str:
    """Everything that stands in it, as text."""
    with store.transaction() as connection:
        rows = {
            table.name: [[str(value) for value in row] for row in connection.execute(select(table))]
            for table in metadata.sorted_tables
        }
    return json.dumps(rows)


def live(path: Path, key: str, *, prints: int, folded_after: int = 0) -> list[str]:
    """Prints, each step a commit; every state that was ever durable, the newest last. Left as a power cut leaves it.

    The log is folded into the file after ``folded_after`` prints, so that both hold something.
    """
    store = open_store(path, key).store
    journal, states = Journal(store), [snapshot(store)]

    def durable(work: Any) -> None:
        work()
        states.append(snapshot(store))

    for number in range(prints):
        name = f"p-{number:032x}"
        verdict = Verdict(api.PrintEnd.PRINTED, None, Evidence.IMPRESSIONS, 1)
        durable(lambda name=name: journal.intend(name, PrinterName.A4, NOW))
        durable(lambda name=name: journal.granted(name, f"grant-{name}"[:60], NOW))
        durable(lambda name=name: journal.verified(name, pages=1, sha256="0" * 64, at=NOW))
        durable(lambda name=name: journal.created(name, job_id=1, job_uri="", counter_before=None, at=NOW))
        durable(lambda name=name: journal.sent(name, NOW))
        durable(lambda name=name, verdict=verdict: journal.settle(name, verdict, NOW))
        durable(lambda number=number: StoredState(store).set(COUNT, number))
        if number + 1 == folded_after:
            with store._lock:
                raw: Any = store._engine.raw_connection()
                raw.execute("PRAGMA wal_checkpoint(PASSIVE)")
                raw.close()
    # What a power cut leaves: copied while it is open, for closing would fold the log in.
    for file in list(path.parent.glob(path.name + "*")):
        file.with_name("cut-" + file.name).write_bytes(file.read_bytes())
    store.close()
    return states


def opened(path: Path, key: str) -> tuple[bool, str, int | None]:
    """Whether it was set aside, what stands there then, and where the chain breaks."""
    found = open_store(path, key)
    try:
        return found.set_aside is not None, snapshot(found.store), audit.verify(found.store)
    finally:
        found.store.close()
