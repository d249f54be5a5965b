"""Queue numbers that the office leased to this kiosk: given out one after the other, each once, ever.

A lease is a range of one queue for one day of the office. Giving a number raises the lease's ``next`` and puts the
message that tells the office into the outbox, both in one transaction: a number that anybody saw is on the disk as
given. ``next`` never falls and a range is never taken twice, so no clock, no restart and no answer that comes again can
make a second of it.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import ColumnElement, Connection, Row, delete, select, update

from kiosk import api
from kiosk.errors import ErrorCode, KioskError
from kiosk.store.database import Store
from kiosk.store.outbox import OutboxStore
from kiosk.store.schema import leases
from kiosk.store.stored_state import get_in, remove_in, set_in

KEPT_DAYS = 7
"""A lease whose day is over stays so long, to be known again."""
DRIFT_S = 30.0
BACK_S = 3600.0
"""So far the clock may stand behind what was seen before: it is put right by minutes, and set back by more."""

_ASK, _CLOCK = "numbers/ask/", "numbers/clock"


class LeaseRefusedError(Exception):
    """What the office leased cannot be right: nothing of it is given out. Says why."""


class NoNumberError(KioskError):
    """Nothing is left of what the office leased for today."""

    def __init__(self) -> None:
        super().__init__(ErrorCode.NUMBERS_OUT)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request for numbers that stands on the disk until it is answered: asked again, it is the same request."""

    queue: str
    count: int
    key: str


@dataclass(frozen=True, slots=True)
class Given:
    """A number that was given; nobody else gets it. ``label`` is what is called out, such as ``B-017``."""

    queue: str
    label: str
    lease: str
    number: int


class Numbers:
    """The leased ranges. Thread-safe by the store; every method is one transaction. Raises StoreError.

    ``now`` is this machine's wall time; what day it is the office's clock says, as far as it was heard.
    """

    def __init__(self, store: Store, outbox: OutboxStore) -> None:
        self._store = store
        self._outbox = outbox

    def take(self, queue: str, now: float) -> Given:
        """The next number of a queue, durable before this returns. Raises NoNumberError, and STORE_FULL when too many
        already wait to be told; then none is used up."""
        with self._store.transaction() as connection:
            at = _moment(connection, now)
            has_some = (leases.c.queue == queue) & (leases.c.next <= leases.c.last)
            oldest = select(leases).where(_is_live(at), has_some).order_by(leases.c.first).limit(1)
            lease = connection.execute(oldest).one_or_none()
            if lease is None:
                raise NoNumberError
            number = int(lease.next)
            seen_at = max(at.timestamp(), lease.seen_at)
            connection.execute(update(leases).where(leases.c.id == lease.id).values(next=number + 1, seen_at=seen_at))
            told = api.Ticket(lease=lease.id, number=number, at=at)
            self._tell(connection, api.MessageKind.TICKET, lease.id, f"ticket-{lease.id}-{number}", told, now)
        return Given(queue, f"{lease.prefix}-{number:03d}", lease.id, number)

    def left(self, now: float) -> dict[str, int]:
        """How many numbers of each queue can be given today; queues without any lease are left out."""
        with self._store.transaction() as connection:
            rows = connection.execute(select(leases).where(_is_live(_moment(connection, now)))).all()
        found: dict[str, int] = {}
        for row in rows:
            found[row.queue] = found.get(row.queue, 0) + max(0, row.last - row.next + 1)
        return found

    # --- what the office leases

    def ask(self, queue: str, count: int) -> Ask:
        """The request for more numbers of a queue: the one that was not answered yet, or a new one."""
        with self._store.transaction() as connection:
            asked = get_in(connection, _ASK + queue)
            if asked is None:
                asked = {"count": count, "key": f"lease-{secrets.token_hex(12)}"}
                set_in(connection, _ASK + queue, asked)
        return Ask(queue, int(asked["count"]), str(asked["key"]))

    def keep(self, ask: Ask, lease: api.Lease, now: float) -> bool:
        """Take over what was leased, once; the request is answered with it, in one transaction.

        False for a lease of a day that is over: the answer to a request of yesterday. Raises LeaseRefusedError for
        what can't be right, and the request is answered all the same: asked again it would say the same.
        """
        with self._store.transaction() as connection:
            remove_in(connection, _ASK + ask.queue)
            set_in(connection, _CLOCK, [lease.at.timestamp() - now, _offset_s(lease.at)])
            why = _fault(connection, ask, lease)
            is_old = lease.day < lease.at.date()
            if not why and not is_old:
                row = {"id": lease.id, "queue": lease.queue, "prefix": lease.prefix, "day": lease.day.isoformat()}
                row |= {"first": lease.first, "last": lease.last, "next": lease.first, "seen_at": lease.at.timestamp()}  # type: ignore[dict-item]
                connection.execute(leases.insert().values(row))
        if why:
            raise LeaseRefusedError(why)
        return not is_old

    def hand_back(self, now: float, keep: tuple[str, ...] = ()) -> int:
        """Give up what nobody took, but for the queues that are kept; how many numbers. The office hears of each range
        behind the numbers that were given of it."""
        count = 0
        with self._store.transaction() as connection:
            at = _moment(connection, now)
            is_going = _is_live(at) & (leases.c.next <= leases.c.last) & leases.c.queue.not_in(keep)
            for lease in connection.execute(select(leases).where(is_going)).all():
                count += lease.last - lease.next + 1
                connection.execute(update(leases).where(leases.c.id == lease.id).values(last=lease.next - 1))
                told = api.LeaseReturn(lease=lease.id, first_unused=lease.next, at=at)
                self._tell(connection, api.MessageKind.TICKET_RETURN, lease.id, f"return-{lease.id}", told, now)
        return count

    def end_days(self, now: float) -> int:
        """End the leases whose day is over, for good, and forget those of last week; how many ended.

        So ends a lease that was seen later than now: the clock was set back while the machine was off, and which day
        it is nobody here knows.
        """
        with self._store.transaction() as connection:
            at = _moment(connection, now)
            today = at.date()
            is_ahead = leases.c.seen_at > at.timestamp() + BACK_S
            is_over = ((leases.c.day < today.isoformat()) | is_ahead) & leases.c.ended_at.is_(None)
            ids = connection.execute(select(leases.c.id).where(is_over)).scalars().all()
            if ids:
                connection.execute(update(leases).where(leases.c.id.in_(ids)).values(ended_at=now))
            oldest = (today - timedelta(days=KEPT_DAYS)).isoformat()
            is_old = (leases.c.day < oldest) & leases.c.ended_at.is_not(None)
            if connection.execute(select(leases.c.id).where(is_old).limit(1)).first() is not None:
                connection.execute(delete(leases).where(is_old))
        return len(ids)

    # --- the clock

    def office_said(self, at: datetime, now: float) -> None:
        """The office's clock; kept when it differs from what was known by more than a slow answer does."""
        with self._store.transaction() as connection:
            skew_s, zone_s = get_in(connection, _CLOCK, [0.0, None])
            if abs(at.timestamp() - now - skew_s) > DRIFT_S:
                set_in(connection, _CLOCK, [at.timestamp() - now, zone_s])

    def clock_jumped(self, by_s: float) -> None:
        """Somebody moved this machine's clock: the office's did not move."""
        with self._store.transaction() as connection:
            skew_s, zone_s = get_in(connection, _CLOCK, [0.0, None])
            set_in(connection, _CLOCK, [skew_s - by_s, zone_s])

    def _tell(
        self, connection: Connection, kind: api.MessageKind, lease: str, key: str, told: api.Model, now: float
    ) -> None:
        # One subject a lease: what was given of it is told before what is left.
        body = told.model_dump_json().encode()
        self._outbox.add_in(connection, kind=kind, subject=f"lease-{lease}", key=key, body=body, at=now)


def _offset_s(at: datetime) -> float:
    offset = at.utcoffset()
    return offset.total_seconds() if offset is not None else 0.0


def _moment(connection: Connection, now: float) -> datetime:
    """This moment on the office's clock, in its zone; in the machine's zone before the office said anything."""
    skew_s, zone_s = get_in(connection, _CLOCK, [0.0, None])
    at = datetime.fromtimestamp(now + skew_s, UTC)
    return at.astimezone() if zone_s is None else at.astimezone(timezone(timedelta(seconds=zone_s)))


def _is_live(at: datetime) -> ColumnElement[bool]:
    """Of this day, not ended, and not from a time that is yet to come."""
    is_of_day = (leases.c.day == at.date().isoformat()) & leases.c.ended_at.is_(None)
    return is_of_day & (leases.c.seen_at <= at.timestamp() + BACK_S)


def _fault(connection: Connection, ask: Ask, lease: api.Lease) -> str:
    """Why a lease can't be right; empty when it can."""
    if lease.queue != ask.queue:
        return "another queue"
    if not 0 <= lease.last - lease.first < ask.count:
        return "more numbers than were asked for, or none"
    if lease.day > lease.at.date():
        return "a day that has not begun"
    if connection.execute(select(leases.c.id).where(leases.c.id == lease.id)).first() is not None:
        return "this lease was here before"
    same = select(leases).where(leases.c.prefix == lease.prefix, leases.c.day == lease.day.isoformat())
    if any(_overlap(row, lease) for row in connection.execute(same).all()):
        return "some of these numbers were leased before"
    return ""


def _overlap(row: Row[tuple[object, ...]], lease: api.Lease) -> bool:
    return bool(row.first <= row.last and row.first <= lease.last and lease.first <= row.last)
