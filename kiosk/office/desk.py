"""The desk for what kiosks bring besides prints: complaints, and queue numbers that are leased ahead and given out.

A lease is a range of one queue for one day of the office and one kiosk. What a kiosk gives back at the end of the line
is leased again; what lies before somebody else's range is not, for whoever came last would be called first. It stands
as *never given* then, so that the counter need not call it.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header
from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Connection

from kiosk import api
from kiosk.office import database as db
from kiosk.office.grants import fingerprint_of, keep_key, use_key
from kiosk.office.reception import Kiosk, Office
from kiosk.office.rules import Refusal, Rules

Key = Annotated[api.Key, Header(alias=api.KEY_HEADER)]
LAST_NUMBER = 9999

complaint = Table(
    "complaint",
    db.metadata,
    Column("number", String, primary_key=True),
    Column("kiosk", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("happened_at", Integer, nullable=False),
    Column("at", Integer, nullable=False),
)

lease = Table(
    "lease",
    db.metadata,
    Column("id", String, primary_key=True),
    Column("kiosk", String, nullable=False),
    Column("queue", String, nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
)

ticket = Table(
    "ticket",
    db.metadata,
    Column("lease", String, ForeignKey("lease.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("given_at", Integer, nullable=False),
)
"""A number that was given out; the key of the row is what makes a second one of it impossible."""

never_given = Table(
    "never_given",
    db.metadata,
    Column("lease", String, ForeignKey("lease.id"), primary_key=True),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("at", Integer, nullable=False),
)
"""What a kiosk gave back of a lease: nobody holds these numbers of it."""

desk_routes = APIRouter()


@desk_routes.post("/complaints")
def complain(told: api.Complaint, office: Office, kiosk: Kiosk, key: Key) -> api.Done:
    """A complaint by topic. Its number was drawn by lot: one that is taken already is refused, and staff look."""
    fingerprint = fingerprint_of("complaint", told.model_dump_json())
    with office.database.writing() as connection:
        if use_key(connection, kiosk, key, fingerprint) is None:
            same = select(complaint.c.number).where(complaint.c.number == told.number)
            if connection.execute(same).first() is not None:
                raise Refusal(409, api.ProblemCode.KEY_REUSED, "a complaint of this number is here already")
            row = {"number": told.number, "kiosk": kiosk, "topic": told.topic.value}
            # The hour, as the kiosk tells it: by the second of its coming it would lead to a visit.
            row |= {"happened_at": int(told.at.timestamp()), "at": db.now_s() // 3600 * 3600}  # type: ignore[dict-item]
            connection.execute(insert(complaint), [row])
            keep_key(connection, kiosk, key, fingerprint, told.number)
    return api.Done()


@desk_routes.post("/tickets/lease")
def lease_numbers(asked: api.LeaseRequest, office: Office, kiosk: Kiosk, key: Key) -> api.Lease:
    """Numbers of one queue for today, for this kiosk alone. The same key gives the same numbers.

    Fewer than asked for where the day's numbers, or this kiosk's share of them, come to their end.
    """
    prefix = office.rules.queues.get(asked.queue)
    if prefix is None:
        raise Refusal(404, api.ProblemCode.NOT_FOUND, "queue")
    fingerprint = fingerprint_of("lease", asked.model_dump_json())
    now = datetime.now().astimezone()
    today = now.date()
    with office.database.writing() as connection:
        known = use_key(connection, kiosk, key, fingerprint)
        if known is None:
            of_day = (lease.c.queue == asked.queue) & (lease.c.day == today)
            first = (connection.execute(select(func.max(lease.c.last)).where(of_day)).scalar_one() or 0) + 1
            left = office.rules.numbers_per_kiosk - _share(connection, of_day & (lease.c.kiosk == kiosk))
            count = min(asked.count, left, LAST_NUMBER - first + 1)
            if count < 1:
                raise Refusal(409, api.ProblemCode.TOO_MANY, "no numbers are left today")
            known = fingerprint_of("lease", kiosk, key)[:32]
            row = {"id": known, "kiosk": kiosk, "queue": asked.queue, "day": today}
            row |= {"first": first, "last": first + count - 1}
            connection.execute(insert(lease), [row])
            keep_key(connection, kiosk, key, fingerprint, known)
        found = connection.execute(select(lease).where(lease.c.id == known)).one()
        back = connection.execute(select(never_given.c.last).where(never_given.c.lease == known)).scalar_one_or_none()
    # Told as it was leased, also when it is asked for again after some of it was given back.
    last = found.last if back is None else back
    return api.Lease(id=known, queue=found.queue, prefix=prefix, day=found.day, first=found.first, last=last, at=now)


@desk_routes.post("/tickets")
def give_number(given: api.Ticket, office: Office, kiosk: Kiosk, key: Key) -> api.Done:
    """A leased number was given out, maybe weeks ago. Refused when it is not this kiosk's, or was given another time.

    Told once more, and be it after its key was forgotten, it is the same number of the same moment: nothing happens.
    """
    fingerprint = fingerprint_of("ticket", given.model_dump_json())
    given_at = int(given.at.timestamp())
    with office.database.writing() as connection:
        if use_key(connection, kiosk, key, fingerprint) is not None:
            return api.Done()
        _own_lease(connection, given.lease, kiosk, given.number)
        mine = (ticket.c.lease == given.lease) & (ticket.c.number == given.number)
        before = connection.execute(select(ticket.c.given_at).where(mine)).scalar_one_or_none()
        if before is not None and before != given_at:
            raise Refusal(409, api.ProblemCode.KEY_REUSED, "the number was given out before")
        if before is None:
            row = {"lease": given.lease, "number": given.number, "given_at": given_at}
            connection.execute(insert(ticket), [row])
        keep_key(connection, kiosk, key, fingerprint, f"{given.lease}-{given.number}")
    return api.Done()


@desk_routes.post("/tickets/return")
def take_back(told: api.LeaseReturn, office: Office, kiosk: Kiosk, key: Key) -> api.Done:
    """The rest of a lease was given to nobody. Refused when it is not this kiosk's, or a number of the rest was."""
    fingerprint = fingerprint_of("return", told.model_dump_json())
    with office.database.writing() as connection:
        if use_key(connection, kiosk, key, fingerprint) is not None:
            return api.Done()
        found = _own_lease(connection, told.lease, kiosk, told.first_unused)
        given = (ticket.c.lease == told.lease) & (ticket.c.number >= told.first_unused)
        if connection.execute(select(ticket.c.number).where(given)).first() is not None:
            raise Refusal(409, api.ProblemCode.KEY_REUSED, "a number behind it was given out")
        row = {"lease": told.lease, "first": told.first_unused, "last": found.last, "at": db.now_s()}
        connection.execute(insert(never_given), [row])
        # Whoever asks next for a number at the end of the line gets these again.
        connection.execute(update(lease).where(lease.c.id == told.lease).values(last=told.first_unused - 1))
        keep_key(connection, kiosk, key, fingerprint, told.lease)
    return api.Done()


def _share(connection: Connection, of_kiosk: ColumnElement[bool]) -> int:
    """How many numbers were leased, those that came back too."""
    held = select(func.sum(lease.c.last - lease.c.first + 1)).where(of_kiosk)
    back = select(func.sum(never_given.c.last - never_given.c.first + 1)).join(lease).where(of_kiosk)
    return sum(int(connection.execute(query).scalar_one() or 0) for query in (held, back))


def _own_lease(connection: Connection, lease_id: str, kiosk: str, number: int) -> Row[tuple[object, ...]]:
    """The lease, when it is this kiosk's and has the number. Raises Refusal."""
    found = connection.execute(select(lease).where(lease.c.id == lease_id)).one_or_none()
    if found is None or found.kiosk != kiosk or not found.first <= number <= found.last:
        raise Refusal(404, api.ProblemCode.NOT_FOUND, "lease")
    return found


def erase_old_desk(connection: Connection, rules: Rules, now: int) -> int:
    """Forget complaints, and days of numbers, that are older than the year's report; how many rows went."""
    before = now - rules.message_s
    day = datetime.fromtimestamp(before).astimezone().date()
    old = select(lease.c.id).where(lease.c.day < day)
    gone = 0
    for table, condition in (
        (complaint, complaint.c.at <= before),
        (ticket, ticket.c.lease.in_(old)),
        (never_given, never_given.c.lease.in_(old)),
        (lease, lease.c.day < day),
    ):
        gone += int(connection.execute(delete(table).where(condition)).rowcount)
    return gone


def purge_keys(connection: Connection, kept_s: int) -> int:
    """Forget idempotency keys that are older; how many they were. Afterwards a repeat counts as a new message."""
    old = db.key_use.c.at < db.now_s() - kept_s
    return int(connection.execute(delete(db.key_use).where(old)).rowcount)
