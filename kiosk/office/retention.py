"""Erases at the office what has served its purpose. Called with each heartbeat, in its transaction."""

from sqlalchemy import Connection, delete, select

from kiosk.office import access_tables as at
from kiosk.office import database as db
from kiosk.office.desk import erase_old_desk
from kiosk.office.rules import Rules

DAY_S = 86_400


def erase_old(connection: Connection, rules: Rules, now: int) -> int:
    """How many rows went. ``now`` is seconds since 1970.

    What still has to be answered the same when it is asked again (grants, idempotency keys) is not touched here, nor
    are audit checkpoints and alarms, which are the office's proof.
    """
    gone = 0
    for table, condition in (
        (db.visit, db.visit.c.expires_at <= now),
        (db.hand_over, db.hand_over.c.expires_at <= now - DAY_S),
        (db.qr_token, db.qr_token.c.expires_at <= now - DAY_S),
        (db.biometric_ticket, db.biometric_ticket.c.expires_at <= now),
        (db.kiosk_failure, db.kiosk_failure.c.at <= now - max(window_s for window_s, _ in rules.kiosk_windows)),
        (at.attempt_history, at.attempt_history.c.at <= now - rules.quiet_s),
        # A lock that is over goes, and a count without a lock once nothing tells any more when it was.
        (db.attempt, (db.attempt.c.locked_until > 0) & (db.attempt.c.locked_until <= now)),
        (
            db.attempt,
            (db.attempt.c.locked_until == 0) & db.attempt.c.subject.not_in(select(at.attempt_history.c.subject)),
        ),
        (db.message, db.message.c.at <= now - rules.message_s),
        (at.print_code, at.print_code.c.expires_at <= now - DAY_S),
        (at.visit_scope, at.visit_scope.c.token_hash.not_in(select(db.visit.c.token_hash))),
        (at.enrol_code, at.enrol_code.c.expires_at <= now - DAY_S),
        # A used token is forgotten only after the token itself is: else it would open a second visit.
        (
            at.token_use,
            (at.token_use.c.used_at <= now - DAY_S) & at.token_use.c.hash.not_in(select(db.qr_token.c.hash)),
        ),
    ):
        gone += int(connection.execute(delete(table).where(condition)).rowcount)
    return gone + erase_old_desk(connection, rules, now)
