"""imports of every section, and the rows they have written."""

import sqlalchemy as sa
from alembic import op

revision = "20261129e"
down_revision = "20261129d"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORGANIZATION = "(SELECT nullif(current_setting('app.organization_id', true), '')::bigint)"
_LIFTED = "(SELECT current_setting('app.unscoped', true))"
_TAKEN_IN = "status IN ('queued', 'running', 'done')"


def upgrade() -> None:
    op.add_column("import_jobs", sa.Column("section", sa.String(60), nullable=False, server_default="orders"))
    op.add_column("import_jobs", sa.Column("headings", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("import_jobs", sa.Column("changed", sa.Integer(), nullable=False, server_default="0"))
    _index_files(f"section = 'orders' AND {_TAKEN_IN}")
    op.create_table(
        "imported_rows",
        sa.Column("job_id", _KEY, nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("id", _KEY, nullable=False),
        sa.Column("organization_id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["import_jobs.id"], name=op.f("fk_imported_rows_job_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_imported_rows_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_rows")),
    )
    op.create_index("uq_imported_rows_job_id", "imported_rows", ["job_id", "row_id"], unique=True)
    op.create_index(op.f("ix_imported_rows_organization_id"), "imported_rows", ["organization_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE imported_rows ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE imported_rows FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY organization_rows ON imported_rows "
            f"USING (organization_id = {_ORGANIZATION} OR {_LIFTED} = 'on')"
        )


def downgrade() -> None:
    op.drop_table("imported_rows")
    _index_files(_TAKEN_IN)
    with op.batch_alter_table("import_jobs") as batch:
        batch.drop_column("changed")
        batch.drop_column("headings")
        batch.drop_column("section")


def _index_files(condition: str) -> None:
    """The files that are taken in once."""
    op.drop_index("uq_import_jobs_sha256", table_name="import_jobs")
    op.create_index(
        "uq_import_jobs_sha256",
        "import_jobs",
        ["organization_id", "sha256"],
        unique=True,
        postgresql_where=sa.text(condition),
        sqlite_where=sa.text(condition),
    )
