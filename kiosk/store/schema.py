"""Tables of the store. Grant ids, print ids, queue numbers, counters and hashes: no name, no NIK, no document."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table

SCHEMA_VERSION = 2
APPLICATION_ID = 0x416E6A67
"""``Anjg``: tells our file from any other SQLite file."""

metadata = MetaData()

prints = Table(
    "prints",
    metadata,
    Column("print_id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("printer", String, nullable=False, comment="a4 or card"),
    Column("grant_id", String, comment="None before the office granted, and for the kiosk's own sheets"),
    Column("pages", Integer, nullable=False, default=0),
    Column("sha256", String, comment="of the bytes that were verified"),
    Column("job_id", Integer, comment="the printer's"),
    Column("job_uri", String),
    Column("counter_before", Integer, comment="life counter of the printer before the job"),
    Column("end", String),
    Column("reason", String),
    Column("evidence", String),
    Column("pages_out", Integer),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    # One page a step instead of three: no second tree for the key, and no index of a state that changes each time.
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False, comment="rows of one subject are delivered in order"),
    Column("key", String, nullable=False, unique=True, comment="idempotency key"),
    Column("body", LargeBinary, nullable=False),
    Column("print_id", String, ForeignKey("prints.print_id"), comment="the print that is reported when it arrives"),
    Column("created_at", Float, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("refusals", Integer, nullable=False, default=0),
    Column("next_at", Float, nullable=False),
    Column("set_aside_at", Float, comment="refused too often: for staff, never deleted"),
    sqlite_autoincrement=True,
)
Index("outbox_by_subject", outbox.c.subject, outbox.c.id)

state = Table(
    "state",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Float, nullable=False),
    Column("event", String, nullable=False),
    Column("fields", String, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("id", String, primary_key=True, comment="the office's"),
    Column("queue", String, nullable=False),
    Column("prefix", String, nullable=False),
    Column("day", String, nullable=False, comment="the office's date, ISO"),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False, comment="below ``next`` when the rest was handed back"),
    Column("next", Integer, nullable=False, comment="the next number to be given; only ever rises"),
    Column("seen_at", Float, nullable=False, comment="the office's time at its coming, or its last number's"),
    Column("ended_at", Float, comment="its day was over: nothing of it is given any more, whatever a clock says"),
)
