"""row security and a trail that only grows."""

from alembic import op

revision = "20261123c"
down_revision = "20261123b"
branch_labels = None
depends_on = None

TENANTS = (
    "addresses",
    "assignments",
    "attachments",
    "audit_events",
    "customers",
    "extra_roles",
    "follow_up_entries",
    "follow_ups",
    "import_jobs",
    "import_rejections",
    "order_sources",
    "orders",
    "products",
    "result_titles",
    "sale_items",
    "sales",
)
# The owner of the tables is bound too; a migration that touches rows sets app.unscoped for itself.
POLICY = """
CREATE POLICY organization_rows ON {table} USING (
    organization_id = nullif(current_setting('app.organization_id', true), '')::bigint
    OR current_setting('app.unscoped', true) = 'on'
)
"""
# The chain is linked afterwards, by a job: its three columns alone may be written later.
CONTENT = ("organization_id", "at", "actor_id", "action", "object_type", "object_id", "before", "after")
CONTENT += ("request_id", "ip", "agent", "session_id")
GUARD = """
CREATE FUNCTION keep_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND ({same}) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit events are never changed';
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _upgrade_postgresql()
    else:
        _upgrade_sqlite()


def _upgrade_postgresql() -> None:
    for table in TENANTS:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(POLICY.format(table=table))
    same = " AND ".join(f'OLD."{name}"::text IS NOT DISTINCT FROM NEW."{name}"::text' for name in CONTENT)
    op.execute(GUARD.format(same=same))
    op.execute(
        "CREATE TRIGGER keep_audit_events BEFORE UPDATE OR DELETE ON audit_events "
        "FOR EACH ROW EXECUTE FUNCTION keep_audit_events()"
    )


def _upgrade_sqlite() -> None:
    columns = ", ".join(f'"{name}"' for name in CONTENT)
    for name, what in (("change", f"UPDATE OF {columns}"), ("delete", "DELETE")):
        op.execute(
            f"CREATE TRIGGER keep_audit_events_{name} BEFORE {what} ON audit_events "
            "BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        op.execute("DROP TRIGGER keep_audit_events_change")
        op.execute("DROP TRIGGER keep_audit_events_delete")
        return
    op.execute("DROP TRIGGER keep_audit_events ON audit_events")
    op.execute("DROP FUNCTION keep_audit_events")
    for table in TENANTS:
        op.execute(f"DROP POLICY organization_rows ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
