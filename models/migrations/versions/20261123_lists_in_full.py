"""lists in full."""

import sqlalchemy as sa
from alembic import op

from models import types

revision = "20261123h"
down_revision = "20261123g"
branch_labels = None
depends_on = None

DELETABLE = (
    "addresses",
    "attachments",
    "customers",
    "follow_ups",
    "order_sources",
    "orders",
    "products",
    "result_titles",
    "sales",
)
TENANTS = ("bulk_failures", "bulk_jobs", "export_jobs", "table_views")
# Worked out once for a statement, not once for each row.
ORGANIZATION = "(SELECT nullif(current_setting('app.organization_id', true), '')::bigint)"
LIFTED = "(SELECT current_setting('app.unscoped', true))"


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "scope", sa.Enum("read", "write", name="tokenscope", native_enum=False, length=20), nullable=False
        ),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["ab_user.id"], name=op.f("fk_api_tokens_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_index(op.f("ix_api_tokens_member_id"), "api_tokens", ["member_id"], unique=False)
    op.create_table(
        "bulk_jobs",
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("most_key", sa.BigInteger(), nullable=False),
        sa.Column("last_key", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.Uuid(), nullable=True),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_token", sa.Uuid(), nullable=False),
        sa.Column("section", sa.String(length=60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "done",
                "failed",
                "cancelled",
                "undone",
                name="jobstatus",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("lease_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("started_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("finished_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_bulk_jobs_created_by_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_bulk_jobs_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_jobs")),
        sa.UniqueConstraint("client_token", name=op.f("uq_bulk_jobs_client_token")),
    )
    op.create_index(op.f("ix_bulk_jobs_batch"), "bulk_jobs", ["batch"], unique=False)
    op.create_index(op.f("ix_bulk_jobs_organization_id"), "bulk_jobs", ["organization_id"], unique=False)
    op.create_table(
        "export_jobs",
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column(
            "file_format",
            sa.Enum("xlsx", "csv", name="exportformat", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("original_name", sa.String(length=255), nullable=False),
        sa.Column("stored_name", sa.String(length=80), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("masked", sa.Boolean(), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_token", sa.Uuid(), nullable=False),
        sa.Column("section", sa.String(length=60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "done",
                "failed",
                "cancelled",
                "undone",
                name="jobstatus",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("lease_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("started_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("finished_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_export_jobs_created_by_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_export_jobs_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_jobs")),
        sa.UniqueConstraint("client_token", name=op.f("uq_export_jobs_client_token")),
    )
    op.create_index(op.f("ix_export_jobs_expires_at"), "export_jobs", ["expires_at"], unique=False)
    op.create_index(op.f("ix_export_jobs_organization_id"), "export_jobs", ["organization_id"], unique=False)
    op.create_table(
        "table_settings",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=60), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column(
            "density",
            sa.Enum("comfortable", "compact", name="density", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("page_size", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["ab_user.id"], name=op.f("fk_table_settings_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_settings")),
    )
    op.create_index(
        "uq_table_settings_member_id_section", "table_settings", ["member_id", "section"], unique=True
    )
    op.create_table(
        "table_views",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_table_views_created_by_id")),
        sa.ForeignKeyConstraint(["member_id"], ["ab_user.id"], name=op.f("fk_table_views_member_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_table_views_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_views")),
    )
    op.create_index(op.f("ix_table_views_organization_id"), "table_views", ["organization_id"], unique=False)
    op.create_index(
        "uq_table_views_default",
        "table_views",
        ["member_id", "section"],
        unique=True,
        postgresql_where=sa.text("is_default"),
        sqlite_where=sa.text("is_default"),
    )
    op.create_index(
        "uq_table_views_name", "table_views", ["organization_id", "member_id", "section", "name"], unique=True
    )
    op.create_table(
        "bulk_failures",
        sa.Column("job_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["bulk_jobs.id"], name=op.f("fk_bulk_failures_job_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_bulk_failures_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_failures")),
    )
    op.create_index(op.f("ix_bulk_failures_job_id"), "bulk_failures", ["job_id"], unique=False)
    op.create_index(
        op.f("ix_bulk_failures_organization_id"), "bulk_failures", ["organization_id"], unique=False
    )
    op.add_column("attachments", sa.Column("parent_type", sa.String(length=60), nullable=True))
    op.add_column("attachments", sa.Column("parent_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_attachments_parent", "attachments", ["organization_id", "parent_type", "parent_id"], unique=False
    )
    gone = sa.text("deleted_at IS NOT NULL")
    for table in DELETABLE:
        op.create_index(
            f"ix_{table}_trash",
            table,
            ["organization_id", "deleted_at"],
            postgresql_where=gone,
            sqlite_where=gone,
        )
    if op.get_bind().dialect.name == "postgresql":
        for table in TENANTS:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(
                f"CREATE POLICY organization_rows ON {table} "
                f"USING (organization_id = {ORGANIZATION} OR {LIFTED} = 'on')"
            )


def downgrade() -> None:
    for table in DELETABLE:
        op.drop_index(f"ix_{table}_trash", table_name=table)
    op.drop_index("ix_attachments_parent", table_name="attachments")
    op.drop_column("attachments", "parent_id")
    op.drop_column("attachments", "parent_type")
    op.drop_index(op.f("ix_bulk_failures_organization_id"), table_name="bulk_failures")
    op.drop_index(op.f("ix_bulk_failures_job_id"), table_name="bulk_failures")
    op.drop_table("bulk_failures")
    op.drop_index("uq_table_views_name", table_name="table_views")
    op.drop_index("uq_table_views_default", table_name="table_views")
    op.drop_index(op.f("ix_table_views_organization_id"), table_name="table_views")
    op.drop_table("table_views")
    op.drop_index("uq_table_settings_member_id_section", table_name="table_settings")
    op.drop_table("table_settings")
    op.drop_index(op.f("ix_export_jobs_organization_id"), table_name="export_jobs")
    op.drop_index(op.f("ix_export_jobs_expires_at"), table_name="export_jobs")
    op.drop_table("export_jobs")
    op.drop_index(op.f("ix_bulk_jobs_organization_id"), table_name="bulk_jobs")
    op.drop_index(op.f("ix_bulk_jobs_batch"), table_name="bulk_jobs")
    op.drop_table("bulk_jobs")
    op.drop_index(op.f("ix_api_tokens_member_id"), table_name="api_tokens")
    op.drop_table("api_tokens")
