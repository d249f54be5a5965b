"""What became of a day's queue numbers, and which complaints were filed."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, select

from kiosk.office.desk import complaint, lease, never_given, ticket


@dataclass(frozen=True, slots=True)
class Range:
    """One leased range. Its numbers were given, or given back unused; of ``no_word`` the kiosk has not told yet."""

    queue: str
    kiosk: str
    first: int
    last: int
    given: int
    never_given: tuple[int, int] | None
    no_word: int


def ranges_of(connection: Connection, day: date) -> list[Range]:
    """All ranges of a day, in the order of their numbers."""
    rows = connection.execute(select(lease).where(lease.c.day == day).order_by(lease.c.queue, lease.c.first)).all()
    ids = [row.id for row in rows]
    given = Counter(connection.execute(select(ticket.c.lease).where(ticket.c.lease.in_(ids))).scalars())
    back = {
        row.lease: (int(row.first), int(row.last))
        for row in connection.execute(select(never_given).where(never_given.c.lease.in_(ids)))
    }
    found = []
    for row in rows:
        left = row.last - row.first + 1 - given[row.id]
        last = back[row.id][1] if row.id in back else row.last
        found.append(Range(row.queue, row.kiosk, row.first, last, given[row.id], back.get(row.id), left))
    return found


def complaints_of(connection: Connection, day: date, number: str = "") -> list[dict[str, str]]:
    """Complaints that were filed on a day, or the one with a number, whenever it was."""
    begin = datetime.combine(day, time()).astimezone()
    of_day = (complaint.c.happened_at >= begin.timestamp()) & (
        complaint.c.happened_at < (begin + timedelta(days=1)).timestamp()
    )
    wanted = complaint.c.number == number.lower() if number else of_day
    rows = connection.execute(select(complaint).where(wanted).order_by(complaint.c.happened_at)).all()
    return [
        {
            "number": row.number.upper(),
            "topic": row.topic,
            "kiosk": row.kiosk,
            "hour": datetime.fromtimestamp(row.happened_at).astimezone().isoformat(timespec="minutes"),
        }
        for row in rows
    ]
