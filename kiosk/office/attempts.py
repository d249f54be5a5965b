"""How often proofs went wrong: tries and locks of a claim, pauses of a kiosk. All of it outlives the office's process.

A claim is an HMAC, whether anybody stands behind it or not, and nothing here asks which: a NIK that nobody has is
counted, locked and forgotten like everybody's.
"""

import hmac
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.engine import Connection

from kiosk.office import database as db
from kiosk.office.access_tables import attempt_history as history
from kiosk.office.rules import Refusal, Rules


@dataclass(frozen=True, slots=True)
class Attempt:
    """``wait_s``: seconds of a lock that was there already; then nothing was counted.

    ``failures`` are the tries used up with this one; ``lock_s`` is the lock that follows if it is wrong, 0 for none.
    """

    wait_s: int
    failures: int
    lock_s: int


class Attempts:
    """Every method works in the caller's transaction, so that parallel guesses are counted one after the other."""

    def __init__(self, rules: Rules, secret: bytes) -> None:
        self._rules = rules
        self._secret = secret

    def subject(self, nik: str) -> str:
        """How a claim stands in the tables."""
        return hmac.new(self._secret, f"nik:{nik}".encode(), "sha256").hexdigest()

    def take(self, connection: Connection, subject: str, limit: int = 0) -> Attempt:
        """Count one try before it is looked at. Each lock in a row is longer than the one before."""
        now = db.now_s()
        row = connection.execute(select(db.attempt).where(db.attempt.c.subject == subject)).one_or_none()
        if row and row.locked_until > now:
            return Attempt(row.locked_until - now, row.failures, 0)
        past = connection.execute(select(history).where(history.c.subject == subject)).one_or_none()
        is_forgotten = past is None or past.at <= now - self._rules.quiet_s
        locks = 0 if is_forgotten else past.locks  # type: ignore[union-attr]
        is_fresh = row is None or row.locked_until > 0 or is_forgotten
        failures = 1 if is_fresh else row.failures + 1  # type: ignore[union-attr]
        is_last = failures >= (limit or self._rules.attempts)
        lock_s = self._rules.lock_after(locks) if is_last else 0
        values = {"failures": failures, "locked_until": now + lock_s if is_last else 0}
        connection.execute(
            upsert(db.attempt).values(subject=subject, **values).on_conflict_do_update(["subject"], set_=values)
        )
        then = {"locks": locks + is_last, "at": now + lock_s}
        connection.execute(
            upsert(history).values(subject=subject, **then).on_conflict_do_update(["subject"], set_=then)
        )
        return Attempt(0, failures, lock_s)

    def forgive(self, connection: Connection, subject: str) -> None:
        """It was right: all tries are back. Locks that were served before still count, until quiet days have passed."""
        row = connection.execute(select(db.attempt).where(db.attempt.c.subject == subject)).one_or_none()
        if row is not None and row.locked_until > 0:
            # The lock that this very try would have led to.
            connection.execute(update(history).where(history.c.subject == subject).values(locks=history.c.locks - 1))
        connection.execute(delete(db.attempt).where(db.attempt.c.subject == subject))
        connection.execute(delete(history).where(history.c.subject == subject, history.c.locks <= 0))

    def is_locked(self, connection: Connection, subject: str) -> bool:
        row = connection.execute(select(db.attempt).where(db.attempt.c.subject == subject)).one_or_none()
        return row is not None and row.locked_until > db.now_s()

    # --- one kiosk, whoever is claimed -----------------------------------------------------------------------------

    def throttled_for(self, connection: Connection, kiosk: str) -> int:
        """Seconds that this kiosk must wait after too many failures; 0 when it need not."""
        now, failures = db.now_s(), db.kiosk_failure.c
        wait = 0
        for window_s, most in self._rules.kiosk_windows:
            # The one that must grow old enough before there is room for another.
            decisive = connection.execute(
                select(failures.at)
                .where(failures.kiosk == kiosk, failures.at > now - window_s)
                .order_by(failures.at.desc(), failures.id.desc())
                .offset(most - 1)
                .limit(1)
            ).scalar_one_or_none()
            if decisive is not None:
                wait = max(wait, int(decisive) + window_s - now, 1)
        return wait

    def refuse_throttled(self, connection: Connection, kiosk: str) -> None:
        """Raises Refusal (429)."""
        wait = self.throttled_for(connection, kiosk)
        if wait:
            raise Refusal(429, "too-many", retry_after_s=wait)

    def count_failure(self, connection: Connection, kiosk: str) -> None:
        """One more failure of this kiosk."""
        connection.execute(insert(db.kiosk_failure), [{"kiosk": kiosk, "at": db.now_s()}])

    def forgive_failure(self, connection: Connection, kiosk: str) -> None:
        """The newest failure of this kiosk was none."""
        newest = select(func.max(db.kiosk_failure.c.id)).where(db.kiosk_failure.c.kiosk == kiosk).scalar_subquery()
        connection.execute(delete(db.kiosk_failure).where(db.kiosk_failure.c.id == newest))
