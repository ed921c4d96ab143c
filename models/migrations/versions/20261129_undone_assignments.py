"""undo of assignments by a line of the ledger."""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "20261129k"
down_revision = "20261129p"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("assignments") as table:
        table.alter_column("to_member_id", existing_type=sa.Integer(), nullable=True)
        table.add_column(sa.Column("undone_at", models.types.UtcDateTime(), nullable=True))
        table.add_column(sa.Column("undoes_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        table.create_foreign_key("fk_assignments_undoes_id", "assignments", ["undoes_id"], ["id"])
        table.create_index(
            "ix_assignments_by_started_at",
            ["by_id", "started_at"],
            postgresql_where=sa.text("by_id IS NOT NULL"),
            sqlite_where=sa.text("by_id IS NOT NULL"),
        )
        table.create_index(
            "uq_assignments_undoes",
            ["undoes_id"],
            unique=True,
            postgresql_where=sa.text("undoes_id IS NOT NULL"),
            sqlite_where=sa.text("undoes_id IS NOT NULL"),
        )


def downgrade() -> None:
    # A line without a member only exists since this migration.
    op.execute("DELETE FROM assignments WHERE to_member_id IS NULL")
    with op.batch_alter_table("assignments") as table:
        table.drop_index("uq_assignments_undoes")
        table.drop_index("ix_assignments_by_started_at")
        table.drop_constraint("fk_assignments_undoes_id", type_="foreignkey")
        table.drop_column("undoes_id")
        table.drop_column("undone_at")
        table.alter_column("to_member_id", existing_type=sa.Integer(), nullable=False)
