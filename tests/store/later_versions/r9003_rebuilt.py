"""A table that others refer to is made anew, row by row."""

import sqlalchemy as sa
from alembic import op

revision = "9003"
down_revision = "9002"


def upgrade() -> None:
    with op.batch_alter_table("prints", recreate="always") as prints:
        prints.alter_column("pages", existing_type=sa.Integer, new_column_name="sheets")
        prints.drop_column("twice")
