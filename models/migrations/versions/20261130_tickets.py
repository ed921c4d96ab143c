"""Add internal notes, and show tickets of all organisations to the support."""

import sqlalchemy as sa
from alembic import op

from models import types

revision = "20261130ti"
down_revision = "20261130ww"
branch_labels = None
depends_on = None

# Subqueries are evaluated once per statement, bare functions once per row.
OWN = (
    "organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::bigint) "
    "OR (SELECT current_setting('app.unscoped', true)) = 'on'"
)
IS_SUPPORT = "(SELECT current_setting('app.tickets', true)) = 'on'"
IS_TICKET = "EXISTS (SELECT 1 FROM threads t WHERE t.id = thread_id AND t.kind = 'ticket')"
# The rows of each table that belong to tickets. A table that is read within a policy has its own policy.
TICKETS = {
    "threads": "kind = 'ticket'",
    "thread_members": IS_TICKET,
    "messages": IS_TICKET,
    "attachments": "parent_type = 'messages' AND EXISTS (SELECT 1 FROM messages m WHERE m.id = parent_id)",
    "notifications": "section = 'tickets'",
}


def upgrade() -> None:
    op.create_table(
        "ticket_notes",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["ab_user.id"], name=op.f("fk_ticket_notes_by_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_ticket_notes_organization_id")
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_ticket_notes_thread_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_notes")),
    )
    with op.batch_alter_table("ticket_notes", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_notes_thread", ["thread_id", "id"], unique=False)
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE ticket_notes ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE ticket_notes FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY organization_rows ON ticket_notes USING ({IS_SUPPORT} "
        "OR (SELECT current_setting('app.unscoped', true)) = 'on')"
    )
    for table, condition in TICKETS.items():
        shown = f"{OWN} OR ({IS_SUPPORT} AND {condition})"
        op.execute(f"ALTER POLICY organization_rows ON {table} USING ({shown})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in TICKETS:
            op.execute(f"ALTER POLICY organization_rows ON {table} USING ({OWN})")
    op.drop_table("ticket_notes")
