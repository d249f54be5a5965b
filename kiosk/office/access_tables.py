"""Tables of who a kiosk is and what it did: enrolment, the audit chain's witness, alarms, one-time codes' use.

Tables of their own, so that a folder that was seeded before there were any gets them when it is opened.
"""

from sqlalchemy import Column, Integer, String, Table, Text

from kiosk.office.database import metadata

enrol_code = Table(
    "enrol_code",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("kiosk", String, nullable=False),
    Column("expires_at", Integer, nullable=False),
    Column("used_at", Integer),
)

enrolment = Table(
    "enrolment",
    metadata,
    Column("kiosk", String, primary_key=True),
    Column("certificate_sha256", String(64), nullable=False, comment="empty: by token alone, as in the demo"),
    Column("audit_key", String(64), nullable=False),
    Column("enrolled_at", Integer, nullable=False),
    Column("revoked_at", Integer),
)
"""One row a kiosk: enrolling again replaces its certificate, its token and its audit key."""

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kiosk", String, nullable=False, index=True),
    Column("chain", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
    Column("at", String, nullable=False, comment="as signed"),
    Column("received_at", Integer, nullable=False),
    Column("entries", Text, nullable=False, comment="JSON list of the canonical texts since the one before"),
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kiosk", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("chain", String, nullable=False),
    Column("detail", String, nullable=False),
    Column("at", Integer, nullable=False),
    Column("settled_at", Integer),
    Column("is_rebase_allowed", Integer, nullable=False, default=0),
)
"""``is_rebase_allowed``: the administrator settled it, and the next checkpoint of the chain is taken as it claims."""

token_use = Table(
    "token_use",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("used_at", Integer, nullable=False),
)
"""Log-in tokens that opened their one visit."""

print_code = Table(
    "print_code",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("document_id", String, nullable=False, index=True),
    Column("nik", String(16), nullable=False),
    Column("expires_at", Integer, nullable=False),
    Column("used_at", Integer),
)

visit_scope = Table(
    "visit_scope",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("document_id", String, nullable=False),
)
"""Beside ``visit``: the one document that a visit is for, where a print code opened it."""

attempt_history = Table(
    "attempt_history",
    metadata,
    Column("subject", String(64), primary_key=True),
    Column("locks", Integer, nullable=False),
    Column("at", Integer, nullable=False),
)
"""Beside ``attempt``: how many locks a claim had in a row, and when it went wrong last, or its last lock ends."""
