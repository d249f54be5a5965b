"""The desk for what kiosks bring besides prints: complaints, and queue numbers that are leased ahead and given out."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header
from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table, delete, func, insert, select
from sqlalchemy.engine import Connection

from kiosk import api
from kiosk.office import database as db
from kiosk.office.grants import fingerprint_of, keep_key, use_key
from kiosk.office.reception import Kiosk, Office
from kiosk.office.rules import Refusal

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

desk_routes = APIRouter()


@desk_routes.post("/complaints")
def complain(told: api.Complaint, office: Office, kiosk: Kiosk, key: Key) -> api.Done:
    """A complaint by topic."""
    fingerprint = fingerprint_of("complaint", told.model_dump_json())
    with office.database.writing() as connection:
        if use_key(connection, kiosk, key, fingerprint) is None:
            row = {"number": told.number, "kiosk": kiosk, "topic": told.topic.value}
            row |= {"happened_at": int(told.at.timestamp()), "at": db.now_s()}  # type: ignore[dict-item]
            connection.execute(insert(complaint), [row])
            keep_key(connection, kiosk, key, fingerprint, told.number)
    return api.Done()


@desk_routes.post("/tickets/lease")
def lease_numbers(asked: api.LeaseRequest, office: Office, kiosk: Kiosk, key: Key) -> api.Lease:
    """Numbers of one queue for today, for this kiosk alone. The same key gives the same numbers."""
    prefix = office.rules.queues.get(asked.queue)
    if prefix is None:
        raise Refusal(404, api.ProblemCode.NOT_FOUND, "queue")
    fingerprint = fingerprint_of("lease", asked.model_dump_json())
    today = datetime.now().astimezone().date()
    with office.database.writing() as connection:
        known = use_key(connection, kiosk, key, fingerprint)
        if known is None:
            taken = select(func.max(lease.c.last)).where(lease.c.queue == asked.queue, lease.c.day == today)
            first = (connection.execute(taken).scalar_one() or 0) + 1
            last = first + asked.count - 1
            if last > LAST_NUMBER:
                raise Refusal(409, api.ProblemCode.TOO_MANY, "no numbers are left today")
            known = fingerprint_of("lease", kiosk, key)[:32]
            row = {"id": known, "kiosk": kiosk, "queue": asked.queue, "day": today, "first": first, "last": last}
            connection.execute(insert(lease), [row])
            keep_key(connection, kiosk, key, fingerprint, known)
        found = connection.execute(select(lease).where(lease.c.id == known)).one()
    return api.Lease(id=found.id, queue=found.queue, prefix=prefix, day=found.day, first=found.first, last=found.last)


@desk_routes.post("/tickets")
def give_number(given: api.Ticket, office: Office, kiosk: Kiosk, key: Key) -> api.Done:
    """A leased number was given out, maybe days ago. Refused when it is not this kiosk's, or was told before."""
    fingerprint = fingerprint_of("ticket", given.model_dump_json())
    with office.database.writing() as connection:
        if use_key(connection, kiosk, key, fingerprint) is not None:
            return api.Done()
        found = connection.execute(select(lease).where(lease.c.id == given.lease)).one_or_none()
        if found is None or found.kiosk != kiosk or not found.first <= given.number <= found.last:
            raise Refusal(404, api.ProblemCode.NOT_FOUND, "lease")
        mine = (ticket.c.lease == given.lease) & (ticket.c.number == given.number)
        if connection.execute(select(ticket.c.number).where(mine)).first() is not None:
            raise Refusal(409, api.ProblemCode.KEY_REUSED, "the number was given out before")
        row = {"lease": given.lease, "number": given.number, "given_at": int(given.at.timestamp())}
        connection.execute(insert(ticket), [row])
        keep_key(connection, kiosk, key, fingerprint, f"{given.lease}-{given.number}")
    return api.Done()


def purge_keys(connection: Connection, kept_s: int) -> int:
    """Forget idempotency keys that are older; how many they were. Afterwards a repeat counts as a new message."""
    old = db.key_use.c.at < db.now_s() - kept_s
    return int(connection.execute(delete(db.key_use).where(old)).rowcount)
