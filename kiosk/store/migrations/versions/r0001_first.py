"""The first schema: prints, outbox, state, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "prints",
        sa.Column("print_id", sa.String, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("printer", sa.String, nullable=False),
        sa.Column("grant_id", sa.String),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String),
        sa.Column("job_id", sa.Integer),
        sa.Column("job_uri", sa.String),
        sa.Column("counter_before", sa.Integer),
        sa.Column("end", sa.String),
        sa.Column("reason", sa.String),
        sa.Column("evidence", sa.String),
        sa.Column("pages_out", sa.Integer),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("updated_at", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False, unique=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("print_id", sa.String, sa.ForeignKey("prints.print_id")),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("refusals", sa.Integer, nullable=False),
        sa.Column("next_at", sa.Float, nullable=False),
        sa.Column("set_aside_at", sa.Float),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_by_subject", "outbox", ["subject", "id"])
    op.create_table(
        "state",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("fields", sa.String, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
