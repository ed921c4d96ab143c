"""sales and transactions: payments, what is paid of a sale, numbers of invoices and pro-formas."""

import sqlalchemy as sa
from alembic import op

from models import types

revision = "20261129s"
down_revision = "20261129r"
branch_labels = None
depends_on = None


def _see(*, everything: bool) -> None:
    """Whose rows they are does not matter here; the policies would hide them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT set_config('app.unscoped', '{'on' if everything else ''}', true)")


def upgrade() -> None:
    op.create_table(
        "number_series",
        sa.Column(
            "kind",
            sa.Enum("invoice", "proforma", name="series", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_number_series_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_series")),
    )
    with op.batch_alter_table("number_series") as batch_op:
        batch_op.create_index("uq_number_series_kind", ["organization_id", "kind"], unique=True)

    op.create_table(
        "transactions",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "card",
                "gateway",
                "cash",
                "cheque",
                "on_delivery",
                name="paymentmethod",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("amount", types.Money(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=True),
        sa.Column("bank", sa.String(length=60), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "verified",
                "rejected",
                "refunded",
                name="transactionstatus",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("delete_batch", sa.Uuid(), nullable=True),
        sa.Column("deleted_by_id", sa.Integer(), nullable=True),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("reference_key", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_transactions_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["ab_user.id"], name=op.f("fk_transactions_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by_id"], ["ab_user.id"], name=op.f("fk_transactions_deleted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_transactions_organization_id")
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_transactions_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transactions")),
    )
    with op.batch_alter_table("transactions") as batch_op:
        batch_op.create_index(
            "ix_transactions_delete_batch",
            ["delete_batch"],
            postgresql_where=sa.text("delete_batch IS NOT NULL"),
            sqlite_where=sa.text("delete_batch IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_transactions_live_amount",
            ["organization_id", "amount", "id"],
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_transactions_live_at",
            ["organization_id", "at", "id"],
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_transactions_live_status",
            ["organization_id", "status", "at", "id"],
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_transactions_reference", ["organization_id", "method", "reference"]
        )
        batch_op.create_index(
            "ix_transactions_reference_key",
            ["reference_key"],
            postgresql_using="gin",
            postgresql_ops={"reference_key": "gin_trgm_ops"},
        )
        batch_op.create_index("ix_transactions_sale", ["sale_id", "at", "id"])
        batch_op.create_index(
            "ix_transactions_trash",
            ["organization_id", "deleted_at", "id"],
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
            sqlite_where=sa.text("deleted_at IS NOT NULL"),
        )

    with op.batch_alter_table("sales") as batch_op:
        batch_op.add_column(sa.Column("paid", types.Money(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("balance", types.Money(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("invoice_number", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("invoice_at", types.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("proforma_number", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("proforma_at", types.UtcDateTime(timezone=True), nullable=True))
        batch_op.drop_index(batch_op.f("ix_sales_customer_id"))
        batch_op.drop_index(batch_op.f("ix_sales_organization_id"))
        batch_op.drop_index(batch_op.f("ix_sales_consultant_sold_at"))
        batch_op.create_index("ix_sales_consultant_sold_at", ["consultant_id", "sold_at", "id"])
        batch_op.create_index("ix_sales_customer_sold_at", ["customer_id", "sold_at", "id"])
        batch_op.create_index(
            "ix_sales_live_amount",
            ["organization_id", "amount", "id"],
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_sales_live_balance",
            ["organization_id", "balance", "id"],
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_sales_live_status",
            ["organization_id", "status", "sold_at", "id"],
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index("uq_sales_invoice_number", ["organization_id", "invoice_number"], unique=True)
        batch_op.create_index("uq_sales_proforma_number", ["organization_id", "proforma_number"], unique=True)

    _see(everything=True)
    op.execute("UPDATE sales SET balance = amount")
    _see(everything=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE number_series ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE number_series FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY organization_rows ON number_series USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::bigint) OR (SELECT current_setting('app.unscoped', true)) = 'on')"
        )
        op.execute("ALTER TABLE transactions ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE transactions FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY organization_rows ON transactions USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::bigint) OR (SELECT current_setting('app.unscoped', true)) = 'on')"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY organization_rows ON transactions")
        op.execute("ALTER TABLE transactions NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE transactions DISABLE ROW LEVEL SECURITY")
        op.execute("DROP POLICY organization_rows ON number_series")
        op.execute("ALTER TABLE number_series NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE number_series DISABLE ROW LEVEL SECURITY")
    with op.batch_alter_table("sales") as batch_op:
        batch_op.drop_index("uq_sales_proforma_number")
        batch_op.drop_index("uq_sales_invoice_number")
        batch_op.drop_index(
            "ix_sales_live_status",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_sales_live_balance",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_sales_live_amount",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index("ix_sales_customer_sold_at")
        batch_op.drop_index("ix_sales_consultant_sold_at")
        batch_op.create_index(
            batch_op.f("ix_sales_consultant_sold_at"), ["consultant_id", "sold_at"]
        )
        batch_op.create_index(batch_op.f("ix_sales_organization_id"), ["organization_id"])
        batch_op.create_index(batch_op.f("ix_sales_customer_id"), ["customer_id"])
        batch_op.drop_column("proforma_at")
        batch_op.drop_column("proforma_number")
        batch_op.drop_column("invoice_at")
        batch_op.drop_column("invoice_number")
        batch_op.drop_column("reason")
        batch_op.drop_column("balance")
        batch_op.drop_column("paid")

    op.drop_table("transactions")
    op.drop_table("number_series")
