"""policies that ask once a statement."""

from alembic import op

revision = "20261123g"
down_revision = "20261123f"
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
ORGANIZATION = "nullif(current_setting('app.organization_id', true), '')::bigint"
LIFTED = "current_setting('app.unscoped', true)"


def _write(organization: str, lifted: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in TENANTS:
        op.execute(
            f"ALTER POLICY organization_rows ON {table} "
            f"USING (organization_id = {organization} OR {lifted} = 'on')"
        )


def upgrade() -> None:
    # A subquery is worked out once for a statement, a bare function once for each row.
    _write(f"(SELECT {ORGANIZATION})", f"(SELECT {LIFTED})")


def downgrade() -> None:
    _write(ORGANIZATION, LIFTED)
