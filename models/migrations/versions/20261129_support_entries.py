"""support entries."""

import sqlalchemy as sa
from alembic import op

from models import types  # noqa: F401 - not every revision has a column of ours


revision = "20261129u"
down_revision = "20261129s"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "support_entries",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("result_title_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("next_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("client_token", sa.Uuid(), nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("undoes_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_undone", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["ab_user.id"], name=op.f("fk_support_entries_by_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_support_entries_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_support_entries_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["result_title_id"], ["result_titles.id"], name=op.f("fk_support_entries_result_title_id")
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_support_entries_sale_id")),
        sa.ForeignKeyConstraint(
            ["undoes_id"], ["support_entries.id"], name=op.f("fk_support_entries_undoes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_entries")),
        sa.UniqueConstraint("client_token", name=op.f("uq_support_entries_client_token")),
    )
    with op.batch_alter_table("support_entries", schema=None) as batch_op:
        batch_op.create_index("ix_support_entries_customer", ["customer_id", "at", "id"], unique=False)
        batch_op.create_index("ix_support_entries_sale", ["sale_id", "at", "id"], unique=False)
        batch_op.create_index(
            "uq_support_entries_undoes",
            ["undoes_id"],
            unique=True,
            postgresql_where=sa.text("undoes_id IS NOT NULL"),
            sqlite_where=sa.text("undoes_id IS NOT NULL"),
        )

    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("support_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index(
            "ix_attachments_support_entry",
            ["support_entry_id"],
            unique=False,
            postgresql_where=sa.text("support_entry_id IS NOT NULL"),
            sqlite_where=sa.text("support_entry_id IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_attachments_support_entry_id"), "support_entries", ["support_entry_id"], ["id"]
        )

    with op.batch_alter_table("sales", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "last_support_result_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(sa.Column("support_next_at", types.UtcDateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_sales_support",
            ["organization_id", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
        )
        batch_op.create_index(
            "ix_sales_support_consultant",
            ["consultant_id", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
            postgresql_include=["organization_id"],
            sqlite_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
        )
        batch_op.create_index(
            "ix_sales_support_consultant_fresh",
            ["consultant_id", "id"],
            unique=False,
            postgresql_where=sa.text(
                "deleted_at IS NULL AND status NOT IN ('draft', 'cancelled') AND last_support_result_id IS NULL"
            ),
            postgresql_include=["organization_id"],
            sqlite_where=sa.text(
                "deleted_at IS NULL AND status NOT IN ('draft', 'cancelled') AND last_support_result_id IS NULL"
            ),
        )
        batch_op.create_index(
            "ix_sales_support_consultant_next_at",
            ["consultant_id", "support_next_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
            postgresql_include=["organization_id"],
            sqlite_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
        )
        batch_op.create_index(
            "ix_sales_support_fresh",
            ["organization_id", "id"],
            unique=False,
            postgresql_where=sa.text(
                "deleted_at IS NULL AND status NOT IN ('draft', 'cancelled') AND last_support_result_id IS NULL"
            ),
            postgresql_include=None,
            sqlite_where=sa.text(
                "deleted_at IS NULL AND status NOT IN ('draft', 'cancelled') AND last_support_result_id IS NULL"
            ),
        )
        batch_op.create_index(
            "ix_sales_support_next_at",
            ["organization_id", "support_next_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
        )
        batch_op.create_index(
            "ix_sales_support_result",
            ["organization_id", "last_support_result_id", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_sales_last_support_result_id"), "result_titles", ["last_support_result_id"], ["id"]
        )

    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE support_entries ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE support_entries FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY organization_rows ON support_entries USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::bigint) OR (SELECT current_setting('app.unscoped', true)) = 'on')"
        )
    # Other kinds say how an order ends.
    op.execute(
        "UPDATE result_titles SET kind = 'open'"
        " WHERE scope = 'support' AND kind NOT IN ('open', 'callback', 'unreachable')"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY organization_rows ON support_entries")
        op.execute("ALTER TABLE support_entries NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE support_entries DISABLE ROW LEVEL SECURITY")
    with op.batch_alter_table("sales", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_sales_last_support_result_id"), type_="foreignkey")
        batch_op.drop_index(
            "ix_sales_support_result",
            postgresql_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
        )
        batch_op.drop_index(
            "ix_sales_support_next_at",
            postgresql_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
        )
        batch_op.drop_index(
            "ix_sales_support_fresh",
            postgresql_where=sa.text(
                "deleted_at IS NULL AND status NOT IN ('draft', 'cancelled') AND last_support_result_id IS NULL"
            ),
            postgresql_include=None,
            sqlite_where=sa.text(
                "deleted_at IS NULL AND status NOT IN ('draft', 'cancelled') AND last_support_result_id IS NULL"
            ),
        )
        batch_op.drop_index(
            "ix_sales_support_consultant_next_at",
            postgresql_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
            postgresql_include=["organization_id"],
            sqlite_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
        )
        batch_op.drop_index(
            "ix_sales_support_consultant_fresh",
            postgresql_where=sa.text(
                "deleted_at IS NULL AND status NOT IN ('draft', 'cancelled') AND last_support_result_id IS NULL"
            ),
            postgresql_include=["organization_id"],
            sqlite_where=sa.text(
                "deleted_at IS NULL AND status NOT IN ('draft', 'cancelled') AND last_support_result_id IS NULL"
            ),
        )
        batch_op.drop_index(
            "ix_sales_support_consultant",
            postgresql_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
            postgresql_include=["organization_id"],
            sqlite_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
        )
        batch_op.drop_index(
            "ix_sales_support",
            postgresql_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')"),
        )
        batch_op.drop_column("support_next_at")
        batch_op.drop_column("last_support_result_id")

    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_attachments_support_entry_id"), type_="foreignkey")
        batch_op.drop_index(
            "ix_attachments_support_entry",
            postgresql_where=sa.text("support_entry_id IS NOT NULL"),
            sqlite_where=sa.text("support_entry_id IS NOT NULL"),
        )
        batch_op.drop_column("support_entry_id")

    with op.batch_alter_table("support_entries", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_support_entries_undoes",
            postgresql_where=sa.text("undoes_id IS NOT NULL"),
            sqlite_where=sa.text("undoes_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_support_entries_sale")
        batch_op.drop_index("ix_support_entries_customer")

    op.drop_table("support_entries")
