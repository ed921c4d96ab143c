"""Add what the latest act on a task replaced, for its undo."""

import sqlalchemy as sa
from alembic import op

from models import types


revision = "20261130ua"
down_revision = "20261130db"
branch_labels = None
depends_on = None

_ACTED = sa.text("acted_by_id IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("acted_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("acted_at", types.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("replaced", sa.JSON(none_as_null=True), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_tasks_acted_by_id"), "ab_user", ["acted_by_id"], ["id"]
        )
        batch_op.create_index(
            "ix_tasks_acted",
            ["acted_by_id", "acted_at", "id"],
            unique=False,
            postgresql_where=_ACTED,
            sqlite_where=_ACTED,
        )


def downgrade() -> None:
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_index("ix_tasks_acted", postgresql_where=_ACTED, sqlite_where=_ACTED)
        batch_op.drop_constraint(batch_op.f("fk_tasks_acted_by_id"), type_="foreignkey")
        batch_op.drop_column("replaced")
        batch_op.drop_column("acted_at")
        batch_op.drop_column("acted_by_id")
