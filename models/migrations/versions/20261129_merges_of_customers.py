"""merges of customers."""

import sqlalchemy as sa
from alembic import op

from app.lib.persian import fold
from models import types

revision = "20261129mg"
down_revision = "20261129mc"
branch_labels = None
depends_on = None

_BATCH = 5_000
_NUMBERS = "ix_customer_phones_live_number"
_ALIVE = sa.text("deleted_at IS NULL")


def _see(*, everything: bool) -> None:
    """Whose rows they are does not matter here; the policies would hide them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT set_config('app.unscoped', '{'on' if everything else ''}', true)")


def _fill_names() -> None:
    """Write the folded names in batches."""
    table = sa.table("customers", *map(sa.column, ("id", "first_name", "last_name", "name_key")))
    change = sa.update(table).where(table.c.id == sa.bindparam("row_id"))
    change = change.values(name_key=sa.bindparam("folded"))
    connection, last = op.get_bind(), 0
    while True:
        names = sa.select(table.c.id, table.c.first_name, table.c.last_name).where(table.c.id > last)
        rows = connection.execute(names.order_by(table.c.id).limit(_BATCH)).all()
        if not rows:
            return
        keys = [
            {"row_id": key, "folded": fold(name) if len(name.split()) > 1 else ""}
            for key, name in ((key, f"{first or ''} {family or ''}") for key, first, family in rows)
        ]
        connection.execute(change, keys)
        last = rows[-1].id


def upgrade() -> None:
    op.create_table(
        "customer_merges",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("survivor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("absorbed", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("undone_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_customer_merges_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_customer_merges_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["survivor_id"], ["customers.id"], name=op.f("fk_customer_merges_survivor_id")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["ab_user.id"], name=op.f("fk_customer_merges_undone_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_merges")),
    )
    with op.batch_alter_table("customer_merges", schema=None) as batch_op:
        batch_op.create_index(
            "ix_customer_merges_created_at", ["organization_id", "created_at", "id"], unique=False
        )
        batch_op.create_index("ix_customer_merges_survivor_id", ["survivor_id", "id"], unique=False)

    op.create_table(
        "merged_rows",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("relation", sa.String(length=60), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["merge_id"], ["customer_merges.id"], name=op.f("fk_merged_rows_merge_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_merged_rows_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merged_rows")),
    )
    with op.batch_alter_table("merged_rows", schema=None) as batch_op:
        batch_op.create_index("ix_merged_rows_merge", ["merge_id", "relation", "row_id"], unique=False)

    with op.batch_alter_table("customer_phones", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("was_mobile", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.create_index(
            "ix_customer_phones_former_mobile",
            ["organization_id", "number"],
            postgresql_where=sa.text("deleted_at IS NULL AND was_mobile"),
            sqlite_where=sa.text("deleted_at IS NULL AND was_mobile"),
        )

    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_key", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index(
            "ix_customers_live_name_city",
            ["organization_id", "name_key", "city_key", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL AND name_key <> '' AND city_key <> ''"),
            sqlite_where=sa.text("deleted_at IS NULL AND name_key <> '' AND city_key <> ''"),
        )
        batch_op.create_index(
            "ix_customers_merged_into_id",
            ["merged_into_id"],
            unique=False,
            postgresql_where=sa.text("merged_into_id IS NOT NULL"),
            sqlite_where=sa.text("merged_into_id IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_customers_merged_into_id"), "customers", ["merged_into_id"], ["id"]
        )

    _see(everything=True)
    _fill_names()
    _see(everything=False)
    # The page of duplicates reads the customers of the numbers from the index alone.
    op.drop_index(_NUMBERS, table_name="customer_phones")
    op.create_index(
        _NUMBERS,
        "customer_phones",
        ["organization_id", "number"],
        postgresql_where=_ALIVE,
        sqlite_where=_ALIVE,
        postgresql_include=["customer_id"],
    )

    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("placed_with", types.Mobile(length=13), nullable=True))

    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE customer_merges ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE customer_merges FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY organization_rows ON customer_merges USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::bigint) OR (SELECT current_setting('app.unscoped', true)) = 'on')"
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE merged_rows ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE merged_rows FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY organization_rows ON merged_rows USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::bigint) OR (SELECT current_setting('app.unscoped', true)) = 'on')"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY organization_rows ON merged_rows")
        op.execute("ALTER TABLE merged_rows NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE merged_rows DISABLE ROW LEVEL SECURITY")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY organization_rows ON customer_merges")
        op.execute("ALTER TABLE customer_merges NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE customer_merges DISABLE ROW LEVEL SECURITY")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_column("placed_with")

    op.drop_index(_NUMBERS, table_name="customer_phones")
    op.create_index(
        _NUMBERS,
        "customer_phones",
        ["organization_id", "number"],
        postgresql_where=_ALIVE,
        sqlite_where=_ALIVE,
    )
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_customers_merged_into_id"), type_="foreignkey")
        batch_op.drop_index(
            "ix_customers_merged_into_id",
            postgresql_where=sa.text("merged_into_id IS NOT NULL"),
            sqlite_where=sa.text("merged_into_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_customers_live_name_city",
            postgresql_where=sa.text("deleted_at IS NULL AND name_key <> '' AND city_key <> ''"),
            sqlite_where=sa.text("deleted_at IS NULL AND name_key <> '' AND city_key <> ''"),
        )
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("name_key")

    with op.batch_alter_table("customer_phones", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_customer_phones_former_mobile",
            postgresql_where=sa.text("deleted_at IS NULL AND was_mobile"),
            sqlite_where=sa.text("deleted_at IS NULL AND was_mobile"),
        )
        batch_op.drop_column("was_mobile")

    with op.batch_alter_table("merged_rows", schema=None) as batch_op:
        batch_op.drop_index("ix_merged_rows_merge")

    op.drop_table("merged_rows")
    with op.batch_alter_table("customer_merges", schema=None) as batch_op:
        batch_op.drop_index("ix_customer_merges_survivor_id")
        batch_op.drop_index("ix_customer_merges_created_at")

    op.drop_table("customer_merges")
