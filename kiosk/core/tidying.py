"""What is tidied between visits: memory goes back to the system, the store's log is folded, old prints are erased."""

import threading

from kiosk.core.memory import give_back, keep_for_good
from kiosk.store.database import Store
from kiosk.store.retention import Retention

TIDY_S = 0.3
"""After a visit; a moment when the last frames are out and nobody has begun yet."""


class Tidying:
    """On the loop alone."""

    def __init__(self, store: Store, keep_prints_days: float) -> None:
        self._store = store
        self._retention = Retention(store, keep_prints_days)

    def after_visit(self) -> None:
        """Some milliseconds; what waits for the disk goes to a thread of its own."""
        give_back()
        threading.Thread(target=self._store.fold, name="fold", daemon=True).start()

    def look(self) -> None:
        """Nobody is there; called often, works seldom."""
        self._retention.look_now()


def begin_tidying(store: Store, keep_prints_days: float) -> Tidying:
    """Called when all parts stand, before the first visit: what is there then is not looked through after each."""
    keep_for_good()
    return Tidying(store, keep_prints_days)
