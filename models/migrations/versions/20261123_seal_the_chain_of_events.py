"""seal the chain of events."""

import sqlalchemy as sa
from alembic import op

revision = "20261123d"
down_revision = "20261123c"
branch_labels = None
depends_on = None

UNLINKED = sa.text("hash IS NULL")
CONTENT = ("organization_id", "at", "actor_id", "action", "object_type", "object_id", "before", "after")
CONTENT += ("request_id", "ip", "agent", "session_id")
GUARD = """
CREATE OR REPLACE FUNCTION keep_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND {condition} THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit events are never changed';
END $$
"""


def _same() -> str:
    # JSON has no equality of its own.
    return " AND ".join(f'OLD."{name}"::text IS NOT DISTINCT FROM NEW."{name}"::text' for name in CONTENT)


def upgrade() -> None:
    op.create_index("ix_audit_events_chain", "audit_events", ["organization_id", "chained_at", "id"])
    op.create_index(
        "ix_audit_events_unlinked",
        "audit_events",
        ["organization_id", "id"],
        postgresql_where=UNLINKED,
        sqlite_where=UNLINKED,
    )
    # A link may be added, never written again.
    if op.get_bind().dialect.name == "postgresql":
        op.execute(GUARD.format(condition=f"OLD.hash IS NULL AND {_same()}"))
    else:
        op.execute(
            "CREATE TRIGGER keep_audit_events_link BEFORE UPDATE OF chained_at, previous_hash, hash "
            "ON audit_events WHEN OLD.hash IS NOT NULL "
            "BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(GUARD.format(condition=f"({_same()})"))
    else:
        op.execute("DROP TRIGGER keep_audit_events_link")
    op.drop_index("ix_audit_events_unlinked", table_name="audit_events")
    op.drop_index("ix_audit_events_chain", table_name="audit_events")
