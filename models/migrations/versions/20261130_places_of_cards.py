"""Let the places of cards be as long as they get."""

import sqlalchemy as sa
from alembic import op


revision = "20261130pc"
down_revision = "20261130me"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite has no limits of texts.
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("tasks", "position", type_=sa.String(collation="C"), existing_nullable=False)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("tasks", "position", type_=sa.String(200, collation="C"), existing_nullable=False)
