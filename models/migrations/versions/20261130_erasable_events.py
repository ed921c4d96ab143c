"""Chain audit events by a salted digest of their values, so that these can be erased, and add anchors for pruned ones."""

import sqlalchemy as sa
from alembic import op

from models import types

revision = "20261130ae"
down_revision = "20261130ut"
branch_labels = None
depends_on = None

VALUES = ("before", "after")
FACTS = ("organization_id", "at", "actor_id", "action", "object_type", "object_id")
FACTS += ("request_id", "ip", "agent", "session_id")
CHAIN = ("chained_at", "previous_hash", "hash", "values_digest")
NEW = ("salt", "values_digest", "erased_at", "seal")
GUARD = """
CREATE OR REPLACE FUNCTION keep_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND ({condition}) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit events are never changed';
END $$
"""
REFUSE = "BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END"
# Values are erased once, after they were chained, and nothing else changes with it.
IS_ERASED = 'OLD.hash IS NOT NULL AND OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW."before" IS NULL AND NEW.salt IS NULL'
POLICY = (
    "CREATE POLICY organization_rows ON audit_anchors USING (organization_id = "
    "(SELECT nullif(current_setting('app.organization_id', true), '')::bigint) "
    "OR (SELECT current_setting('app.unscoped', true)) = 'on')"
)


def _same(*names: str) -> str:
    # JSON has no equality of its own.
    return " AND ".join(f'OLD."{name}"::text IS NOT DISTINCT FROM NEW."{name}"::text' for name in names)


def upgrade() -> None:
    op.add_column("audit_events", sa.Column("salt", sa.String(length=32), nullable=True))
    op.add_column("audit_events", sa.Column("values_digest", sa.String(length=64), nullable=True))
    op.add_column("audit_events", sa.Column("erased_at", types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("audit_events", sa.Column("seal", sa.String(length=64), nullable=True))
    _create_anchors()
    if op.get_bind().dialect.name == "postgresql":
        linked = f"OLD.hash IS NULL AND NEW.erased_at IS NULL AND {_same(*FACTS, *VALUES)}"
        erased = f"{IS_ERASED} AND {_same(*FACTS, *CHAIN)}"
        op.execute(GUARD.format(condition=f"({linked}) OR ({erased})"))
        op.execute("ALTER TABLE audit_anchors ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE audit_anchors FORCE ROW LEVEL SECURITY")
        op.execute(POLICY)
    else:
        _guard_sqlite()


def _create_anchors() -> None:
    op.create_table(
        "audit_anchors",
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("links", sa.BigInteger(), nullable=False),
        sa.Column("last_event_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_audit_anchors_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_anchors")),
    )
    op.create_index(
        op.f("ix_audit_anchors_organization_id"), "audit_anchors", ["organization_id"], unique=False
    )


def _guard_sqlite() -> None:
    facts = ", ".join(f'"{name}"' for name in FACTS)
    values = ", ".join(f'"{name}"' for name in (*VALUES, *NEW))
    linked = 'OLD.hash IS NULL AND NEW.erased_at IS NULL AND OLD."before" IS NEW."before" AND OLD."after" IS NEW."after"'
    erased = f"{IS_ERASED} AND OLD.values_digest IS NEW.values_digest"
    op.execute("DROP TRIGGER keep_audit_events_change")
    op.execute(f"CREATE TRIGGER keep_audit_events_change BEFORE UPDATE OF {facts} ON audit_events {REFUSE}")
    op.execute(
        f"CREATE TRIGGER keep_audit_events_values BEFORE UPDATE OF {values} ON audit_events "
        f"WHEN NOT (({linked}) OR ({erased})) {REFUSE}"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY organization_rows ON audit_anchors")
        op.execute(GUARD.format(condition=f"OLD.hash IS NULL AND {_same(*FACTS, *VALUES)}"))
    else:
        content = ", ".join(f'"{name}"' for name in (*FACTS, *VALUES))
        op.execute("DROP TRIGGER keep_audit_events_values")
        op.execute("DROP TRIGGER keep_audit_events_change")
        op.execute(
            f"CREATE TRIGGER keep_audit_events_change BEFORE UPDATE OF {content} ON audit_events {REFUSE}"
        )
    op.drop_index(op.f("ix_audit_anchors_organization_id"), table_name="audit_anchors")
    op.drop_table("audit_anchors")
    for name in reversed(NEW):
        op.drop_column("audit_events", name)
