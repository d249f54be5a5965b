"""Erases what has served its purpose: prints that are settled, told to the office and old.

What the office has not heard, and what staff has still to look at, is never erased, however old. The audit chain is
never cut: its entries name nobody, and a chain with a gap proves nothing.
"""

import threading
import time

from sqlalchemy import delete, exists, select

from kiosk import api
from kiosk.errors import StoreError
from kiosk.events import LogEvent, log
from kiosk.store.database import Store
from kiosk.store.prints import PrintState
from kiosk.store.schema import outbox, prints

AT_MOST = 500
"""Rows in one go: the next go is not far."""
EVERY_S = 900.0
DAY_S = 86_400.0


def erase_old_prints(store: Store, keep_s: float, now: float) -> int:
    """Erase prints that ended ``keep_s`` seconds ago or earlier; how many. ``now`` is wall time. Raises StoreError.

    A print of the kiosk's own sheets is never reported and counts as told when it is settled.
    """
    waits = exists(select(outbox.c.id).where(outbox.c.print_id == prints.c.print_id))
    is_told = (prints.c.state == PrintState.REPORTED) | (
        (prints.c.state == PrintState.SETTLED) & prints.c.grant_id.is_(None)
    )
    old = (
        select(prints.c.print_id)
        .where(is_told, prints.c.end != api.PrintEnd.UNKNOWN, prints.c.updated_at <= now - keep_s, ~waits)
        .order_by(prints.c.updated_at)
        .limit(AT_MOST)
    )
    with store.transaction() as connection:
        ids = list(connection.execute(old).scalars())
        if ids:
            connection.execute(delete(prints).where(prints.c.print_id.in_(ids)))
    return len(ids)


class Retention:
    """``look`` is called between visits, as often as one likes; it works every quarter of an hour. Never raises."""

    def __init__(self, store: Store, keep_days: float) -> None:
        self._store = store
        self._keep_s = keep_days * DAY_S
        self._due = float("-inf")
        self._lock = threading.Lock()

    def look(self, clock: float, now: float) -> int:
        """``clock`` is monotonic, ``now`` wall time; how many prints were erased."""
        if not self._lock.acquire(blocking=False):
            return 0
        try:
            if clock < self._due:
                return 0
            count = erase_old_prints(self._store, self._keep_s, now)
            self._due = clock if count == AT_MOST else clock + EVERY_S
            if count:
                log(LogEvent.RETENTION_RAN, count=count)
            return count
        except StoreError:
            self._due = clock + EVERY_S
            return 0
        finally:
            self._lock.release()

    def look_now(self) -> int:
        """The same with the machine's own clocks."""
        return self.look(time.monotonic(), time.time())
