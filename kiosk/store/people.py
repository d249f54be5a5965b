"""People as the store may know them: an HMAC under a key of this store, and how often a proof of theirs went wrong.

The key is made with the store and never leaves it. Without it a hash leads to nobody; with it somebody who holds the
machine could still try all NIK of a region, and that is why the store is encrypted.
"""

import hmac
import json
import secrets
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from kiosk.store.database import Store
from kiosk.store.schema import state

_KEY, _LOCK = "site-key", "lock/"
_LENGTH = 32

TRIES = 5
"""Wrong answers in a row after which this kiosk asks the office no more for a while, whatever the office says."""
LOCK_S = 900.0
LONGEST_LOCK_S = 86_400.0
LOCKS_S = (LOCK_S, 3_600.0, LONGEST_LOCK_S)
"""This kiosk's own first lock of a claim, the second in a row, and every one after that."""
QUIET_S = 7 * 86_400.0
"""So long after a lock the next one is the first again."""


class People:
    """Thread-safe by the store. ``claim`` is what was shown: ``nik:…``, ``card:…``. Raises StoreError."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._key = b""

    def subject(self, claim: str) -> str:
        """How a claim stands in the audit chain: 32 hex digits of a keyed HMAC."""
        return hmac.new(self._site_key(), claim.encode(), "sha256").hexdigest()[:_LENGTH]

    def locked_for(self, claim: str, now: float) -> float:
        """Seconds that this claim must wait; 0 when it need not. ``now`` is wall time."""
        key = _LOCK + self.subject(claim)
        with self._store.transaction() as connection:
            held = _read(connection, key)
        if held is None or held["until"] <= now:
            return 0.0
        # A clock that was set back must not lock somebody out for longer than was meant.
        return float(min(held["until"] - now, held["for_s"]))

    def went_wrong(self, claim: str, now: float, *, is_growing: bool = True) -> float:
        """Count one wrong answer; seconds of lock that follow from it, mostly 0.

        ``is_growing`` is False for the machine's own staff: a vandal must not keep them out for a day.
        """
        key = _LOCK + self.subject(claim)
        with self._store.transaction() as connection:
            held = _read(connection, key)
            is_stale = held is None or now - held["at"] > LOCK_S or now < held["at"] - LOCK_S or held["until"] > 0
            count = 1 if is_stale else int(held["count"]) + 1
            locks = _locks(held, now)
            for_s = 0.0
            if count >= TRIES:
                for_s = LOCKS_S[min(locks, len(LOCKS_S) - 1)] if is_growing else LOCK_S
                locks += 1
            _write(connection, key, count, now, for_s, locks)
        return for_s

    def lock(self, claim: str, for_s: float, now: float) -> None:
        """The office said that this claim is locked: hold it here too, over a restart."""
        for_s = min(max(0.0, for_s), LONGEST_LOCK_S)
        key = _LOCK + self.subject(claim)
        with self._store.transaction() as connection:
            _write(connection, key, TRIES, now, for_s, _locks(_read(connection, key), now))

    def forgive(self, claim: str) -> None:
        """A right answer."""
        key = _LOCK + self.subject(claim)
        with self._store.transaction() as connection:
            connection.execute(delete(state).where(state.c.key == key))

    def sweep(self, now: float) -> int:
        """Forget counts and locks that are over; how many went."""
        gone = 0
        with self._store.transaction() as connection:
            rows = connection.execute(select(state).where(state.c.key.startswith(_LOCK, autoescape=True))).all()
            for row in rows:
                held = json.loads(row.value)
                if now > held["at"] + (QUIET_S if _locks(held, now) else max(held["for_s"], LOCK_S)) or (
                    now < held["at"] - LONGEST_LOCK_S
                ):
                    connection.execute(delete(state).where(state.c.key == row.key))
                    gone += 1
        return gone

    def _site_key(self) -> bytes:
        if not self._key:
            with self._store.transaction() as connection:
                found = _read(connection, _KEY)
                if found is None:
                    found = secrets.token_hex(32)
                    connection.execute(insert(state).values(key=_KEY, value=json.dumps(found)))
            self._key = bytes.fromhex(found)
        return self._key


def _read(connection: Connection, key: str) -> Any:
    text = connection.execute(select(state.c.value).where(state.c.key == key)).scalar_one_or_none()
    return None if text is None else json.loads(text)


def _locks(held: Any, now: float) -> int:
    """How many locks of this kiosk's own a claim had in a row."""
    return int(held.get("locks", 0)) if held is not None and now - held["at"] <= QUIET_S else 0


def _write(connection: Connection, key: str, count: int, now: float, for_s: float, locks: int) -> None:
    until = now + for_s if for_s else 0.0
    value = json.dumps({"count": count, "at": now, "until": until, "for_s": for_s, "locks": locks})
    row = insert(state).values(key=key, value=value)
    connection.execute(row.on_conflict_do_update(index_elements=[state.c.key], set_={"value": value}))
