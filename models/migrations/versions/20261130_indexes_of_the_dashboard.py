"""Add the indexes of the dashboard's figures."""

import sqlalchemy as sa
from alembic import op


revision = "20261130db"
down_revision = "20261130rp"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counted = sa.text("undone_at IS NULL AND undoes_id IS NULL")
    op.create_index(
        "ix_assignments_counted",
        "assignments",
        ["organization_id", "started_at"],
        postgresql_where=counted,
        sqlite_where=counted,
        postgresql_include=["to_member_id", "counted_customer_id"],
    )
    op.create_index(
        "ix_follow_up_entries_at",
        "follow_up_entries",
        ["organization_id", "at"],
        postgresql_include=["by_id", "result_title_id", "is_undone"],
    )
    has_author = sa.text("created_by_id IS NOT NULL")
    op.create_index(
        "ix_sms_messages_created_by_at",
        "sms_messages",
        ["created_by_id", "created_at"],
        postgresql_where=has_author,
        sqlite_where=has_author,
    )


def downgrade() -> None:
    op.drop_index("ix_sms_messages_created_by_at", table_name="sms_messages")
    op.drop_index("ix_follow_up_entries_at", table_name="follow_up_entries")
    op.drop_index("ix_assignments_counted", table_name="assignments")
