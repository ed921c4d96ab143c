"""Indexes of follow-ups by their creation: for a filter, and for the share of results of a consultant."""

import sqlalchemy as sa
from alembic import op

revision = "20261201fc"
down_revision = "20261130mk"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_live = sa.text("deleted_at IS NULL")
    for name, columns, include in (
        ("ix_follow_ups_live_created", ["organization_id", "created_at", "id"], None),
        (
            "ix_follow_ups_live_consultant_created",
            ["consultant_id", "created_at"],
            ["organization_id", "last_result_id"],
        ),
    ):
        op.create_index(
            name,
            "follow_ups",
            columns,
            postgresql_include=include,
            postgresql_where=is_live,
            sqlite_where=is_live,
        )


def downgrade() -> None:
    op.drop_index("ix_follow_ups_live_consultant_created", table_name="follow_ups")
    op.drop_index("ix_follow_ups_live_created", table_name="follow_ups")
