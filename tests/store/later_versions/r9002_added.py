"""A column that is filled from what stands there."""

import sqlalchemy as sa
from alembic import op

revision = "9002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("prints", sa.Column("twice", sa.Integer))
    op.execute("UPDATE prints SET twice = 2 * pages")
    op.create_index("prints_by_grant", "prints", ["grant_id"])
