"""The mark of an open visit: stored while somebody stands there, so that the next core can tell them how it ended."""

import time
from collections.abc import Callable

from kiosk.store.stored_state import StoredState

MARK = "visit-open"
PROOF = "store-writes"
"""Written and taken away where it is only asked whether the store takes anything: erasing what is not there writes
nothing, and goes through on the fullest disk."""
GONE_S = 1800.0
"""A visit that began so long ago has nobody left who waits before the machine: its page would meet a stranger."""


class OpenMark:
    """All methods raise StoreError. Thread-safe by the store."""

    def __init__(self, state: StoredState, now: Callable[[], float] = time.time) -> None:
        self._state = state
        self._now = now

    def found(self) -> float | None:
        """When the visit began that the core before left in the middle (seconds since 1970); None when there is nobody
        to tell. The mark stays until they were told, so that a second crash does not cost them what came out."""
        since = self._state.get(MARK)
        if since is None or self._now() - float(since) > GONE_S:
            self.take_away()
            return None
        return float(since)

    def lay(self) -> None:
        """Durably, before anything else of a visit. One that lies there stays: that visit's end is still to be told."""
        if self._state.get(MARK) is None:
            self._state.set(MARK, self._now())

    def take_away(self) -> None:
        """Nobody's visit is open any more."""
        self._state.remove(MARK)

    def prove(self) -> None:
        """That the store takes writes; the mark goes, if one is left."""
        self._state.set(PROOF, self._now())
        self._state.remove(PROOF)
        self.take_away()
