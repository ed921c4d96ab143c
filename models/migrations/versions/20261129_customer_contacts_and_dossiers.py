"""customer contacts and dossiers: phones as rows, one default address, companies with their contacts and documents."""

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from app.lib.mobile import MobileError, canonical_phone
from models import types

revision = "20261129q"
down_revision = "20261129u"
branch_labels = None
depends_on = None


# One default address for each customer: the oldest of those that were marked, else the oldest.
_ONE_DEFAULT = (
    "UPDATE addresses SET is_default = false WHERE is_default AND deleted_at IS NULL AND EXISTS (SELECT 1 FROM addresses o"
    " WHERE o.customer_id = addresses.customer_id AND o.deleted_at IS NULL AND o.is_default AND o.id < addresses.id)",
    "UPDATE addresses SET is_default = true WHERE deleted_at IS NULL AND id IN (SELECT min(o.id) FROM addresses o"
    " WHERE o.deleted_at IS NULL GROUP BY o.customer_id HAVING count(CASE WHEN o.is_default THEN 1 END) = 0)",
)
_PHONE = sa.table(
    "customer_phones",
    *(sa.column(name) for name in ("organization_id", "customer_id", "number")),
    *(sa.column(name, types.UtcDateTime()) for name in ("created_at", "updated_at")),
)
_CUSTOMER = sa.table("customers", *map(sa.column, ("id", "search_key", "phones_key", "note")))


def _see(*, everything: bool) -> None:
    """Whose rows they are does not matter here; the policies would hide them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT set_config('app.unscoped', '{'on' if everything else ''}', true)")


def _move_phones() -> None:
    """Make a row of each number; a text that is no number goes into the note of the customer."""
    connection = op.get_bind()
    listed = "SELECT id, organization_id, CAST(other_phones AS TEXT) FROM customers WHERE CAST(other_phones AS TEXT) NOT IN ('[]', 'null')"
    for customer_id, organization_id, texts in connection.execute(sa.text(listed)).all():
        numbers, words = {}, []
        for text in json.loads(texts):
            try:
                numbers[canonical_phone(text)] = None
            except MobileError:
                words.append(str(text))
        moment = datetime.now(UTC)
        common = {"organization_id": organization_id, "customer_id": customer_id}
        for number in numbers:
            values = {**common, "number": number, "created_at": moment, "updated_at": moment}
            connection.execute(sa.insert(_PHONE).values(values))
        key = "".join(f"|{number.removeprefix('+98')}" for number in numbers)
        note = sa.func.coalesce(_CUSTOMER.c.note + "\n", "") + "، ".join(words) if words else _CUSTOMER.c.note
        changed = {"phones_key": key, "search_key": _CUSTOMER.c.search_key + key, "note": note}
        connection.execute(sa.update(_CUSTOMER).where(_CUSTOMER.c.id == customer_id).values(changed))


def upgrade() -> None:
    op.create_table(
        "dossiers",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("legal_name", sa.String(length=160), nullable=False),
        sa.Column("national_id", types.LegalId(length=11), nullable=True),
        sa.Column("economic_code", types.EconomicCode(length=14), nullable=True),
        sa.Column("registration_number", sa.String(length=20), nullable=True),
        sa.Column("industry", sa.String(length=80), nullable=True),
        sa.Column("phone", types.Phone(length=13), nullable=True),
        sa.Column("website", types.Website(length=200), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("delete_batch", sa.Uuid(), nullable=True),
        sa.Column("deleted_by_id", sa.Integer(), nullable=True),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("sort_key", types.SortKey(), nullable=False),
        sa.Column("industry_key", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_dossiers_created_by_id")),
        sa.ForeignKeyConstraint(["deleted_by_id"], ["ab_user.id"], name=op.f("fk_dossiers_deleted_by_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_dossiers_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossiers")),
    )
    with op.batch_alter_table("dossiers") as table:
        table.create_index(
            "ix_dossiers_created_by_id",
            ["created_by_id", "id"],
            unique=False,
            postgresql_where=sa.text("created_by_id IS NOT NULL"),
            sqlite_where=sa.text("created_by_id IS NOT NULL"),
        )
        table.create_index(
            "ix_dossiers_delete_batch",
            ["delete_batch"],
            unique=False,
            postgresql_where=sa.text("delete_batch IS NOT NULL"),
            sqlite_where=sa.text("delete_batch IS NOT NULL"),
        )
        table.create_index(
            "ix_dossiers_industry_key",
            ["industry_key"],
            unique=False,
            postgresql_using="gin",
            postgresql_ops={"industry_key": "gin_trgm_ops"},
        )
        table.create_index(
            "ix_dossiers_live",
            ["organization_id", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        table.create_index(
            "ix_dossiers_live_created_at",
            ["organization_id", "created_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        table.create_index(
            "ix_dossiers_live_sort_key",
            ["organization_id", "sort_key", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        table.create_index(
            "ix_dossiers_search_key",
            ["search_key"],
            unique=False,
            postgresql_using="gin",
            postgresql_ops={"search_key": "gin_trgm_ops"},
        )
        table.create_index(
            "ix_dossiers_trash",
            ["organization_id", "deleted_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
            sqlite_where=sa.text("deleted_at IS NOT NULL"),
        )
        table.create_index(
            "uq_dossiers_national_id",
            ["organization_id", "national_id"],
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "dossier_contacts",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("position", sa.String(length=80), nullable=True),
        sa.Column("mobile", types.Mobile(length=13), nullable=True),
        sa.Column("is_liaison", sa.Boolean(), nullable=False),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("delete_batch", sa.Uuid(), nullable=True),
        sa.Column("deleted_by_id", sa.Integer(), nullable=True),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_dossier_contacts_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by_id"], ["ab_user.id"], name=op.f("fk_dossier_contacts_deleted_by_id")
        ),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossiers.id"], name=op.f("fk_dossier_contacts_dossier_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_dossier_contacts_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_contacts")),
    )
    with op.batch_alter_table("dossier_contacts") as table:
        table.create_index(
            "ix_dossier_contacts_delete_batch",
            ["delete_batch"],
            unique=False,
            postgresql_where=sa.text("delete_batch IS NOT NULL"),
            sqlite_where=sa.text("delete_batch IS NOT NULL"),
        )
        table.create_index(table.f("ix_dossier_contacts_dossier_id"), ["dossier_id"], unique=False)
        table.create_index(table.f("ix_dossier_contacts_organization_id"), ["organization_id"], unique=False)
        table.create_index(
            "ix_dossier_contacts_trash",
            ["organization_id", "deleted_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
            sqlite_where=sa.text("deleted_at IS NOT NULL"),
        )
        table.create_index(
            "uq_dossier_contacts_liaison",
            ["dossier_id"],
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL AND is_liaison"),
            sqlite_where=sa.text("deleted_at IS NULL AND is_liaison"),
        )

    op.create_table(
        "dossier_documents",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "contract",
                "tax_certificate",
                "registration",
                "licence",
                "guarantee",
                "other",
                name="documentkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("reminded_at_days", sa.Integer(), nullable=True),
        sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("delete_batch", sa.Uuid(), nullable=True),
        sa.Column("deleted_by_id", sa.Integer(), nullable=True),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_dossier_documents_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by_id"], ["ab_user.id"], name=op.f("fk_dossier_documents_deleted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossiers.id"], name=op.f("fk_dossier_documents_dossier_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_dossier_documents_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_documents")),
    )
    with op.batch_alter_table("dossier_documents") as table:
        table.create_index(
            "ix_dossier_documents_delete_batch",
            ["delete_batch"],
            unique=False,
            postgresql_where=sa.text("delete_batch IS NOT NULL"),
            sqlite_where=sa.text("delete_batch IS NOT NULL"),
        )
        table.create_index(table.f("ix_dossier_documents_dossier_id"), ["dossier_id"], unique=False)
        table.create_index(
            "ix_dossier_documents_live_expires_on",
            ["organization_id", "expires_on", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        table.create_index(
            "ix_dossier_documents_trash",
            ["organization_id", "deleted_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
            sqlite_where=sa.text("deleted_at IS NOT NULL"),
        )

    op.create_table(
        "customer_phones",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=True),
        sa.Column("number", types.Phone(length=13), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("delete_batch", sa.Uuid(), nullable=True),
        sa.Column("deleted_by_id", sa.Integer(), nullable=True),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_customer_phones_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_phones_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by_id"], ["ab_user.id"], name=op.f("fk_customer_phones_deleted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_customer_phones_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_phones")),
    )
    with op.batch_alter_table("customer_phones") as table:
        table.create_index(table.f("ix_customer_phones_customer_id"), ["customer_id"], unique=False)
        table.create_index(
            "ix_customer_phones_delete_batch",
            ["delete_batch"],
            unique=False,
            postgresql_where=sa.text("delete_batch IS NOT NULL"),
            sqlite_where=sa.text("delete_batch IS NOT NULL"),
        )
        table.create_index(
            "ix_customer_phones_live_number",
            ["organization_id", "number"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        table.create_index(
            "ix_customer_phones_trash",
            ["organization_id", "deleted_at", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
            sqlite_where=sa.text("deleted_at IS NOT NULL"),
        )
        table.create_index(
            "uq_customer_phones_number",
            ["customer_id", "number"],
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    _see(everything=True)
    for statement in _ONE_DEFAULT:
        op.execute(statement)
    with op.batch_alter_table("addresses") as table:
        table.add_column(sa.Column("row_version", sa.Integer(), server_default="1", nullable=False))
        table.create_index(
            "uq_addresses_default",
            ["customer_id"],
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL AND is_default"),
            sqlite_where=sa.text("deleted_at IS NULL AND is_default"),
        )

    with op.batch_alter_table("customers") as table:
        table.add_column(
            sa.Column("dossier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        table.add_column(sa.Column("phones_key", sa.Text(), server_default="", nullable=False))
        table.create_index(
            "ix_customers_dossier_id",
            ["dossier_id", "id"],
            unique=False,
            postgresql_where=sa.text("dossier_id IS NOT NULL"),
            sqlite_where=sa.text("dossier_id IS NOT NULL"),
        )
        table.create_foreign_key(table.f("fk_customers_dossier_id"), "dossiers", ["dossier_id"], ["id"])
    _move_phones()
    _see(everything=False)
    with op.batch_alter_table("customers") as table:
        table.drop_column("other_phones")

    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE dossiers ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE dossiers FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY organization_rows ON dossiers USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::bigint) OR (SELECT current_setting('app.unscoped', true)) = 'on')"
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE dossier_contacts ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE dossier_contacts FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY organization_rows ON dossier_contacts USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::bigint) OR (SELECT current_setting('app.unscoped', true)) = 'on')"
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE dossier_documents ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE dossier_documents FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY organization_rows ON dossier_documents USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::bigint) OR (SELECT current_setting('app.unscoped', true)) = 'on')"
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE customer_phones ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE customer_phones FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY organization_rows ON customer_phones USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::bigint) OR (SELECT current_setting('app.unscoped', true)) = 'on')"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY organization_rows ON customer_phones")
        op.execute("ALTER TABLE customer_phones NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE customer_phones DISABLE ROW LEVEL SECURITY")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY organization_rows ON dossier_documents")
        op.execute("ALTER TABLE dossier_documents NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE dossier_documents DISABLE ROW LEVEL SECURITY")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY organization_rows ON dossier_contacts")
        op.execute("ALTER TABLE dossier_contacts NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE dossier_contacts DISABLE ROW LEVEL SECURITY")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY organization_rows ON dossiers")
        op.execute("ALTER TABLE dossiers NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE dossiers DISABLE ROW LEVEL SECURITY")
    with op.batch_alter_table("customers") as table:
        table.add_column(sa.Column("other_phones", sa.JSON(), nullable=False, server_default="[]"))
        table.drop_constraint(table.f("fk_customers_dossier_id"), type_="foreignkey")
        table.drop_index(
            "ix_customers_dossier_id",
            postgresql_where=sa.text("dossier_id IS NOT NULL"),
            sqlite_where=sa.text("dossier_id IS NOT NULL"),
        )
        table.drop_column("phones_key")
        table.drop_column("dossier_id")

    with op.batch_alter_table("addresses") as table:
        table.drop_index(
            "uq_addresses_default",
            postgresql_where=sa.text("deleted_at IS NULL AND is_default"),
            sqlite_where=sa.text("deleted_at IS NULL AND is_default"),
        )
        table.drop_column("row_version")

    with op.batch_alter_table("customer_phones") as table:
        table.drop_index(
            "uq_customer_phones_number",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        table.drop_index(
            "ix_customer_phones_trash",
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
            sqlite_where=sa.text("deleted_at IS NOT NULL"),
        )
        table.drop_index(
            "ix_customer_phones_live_number",
            postgresql_where=sa.text("deleted_at IS NULL"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        table.drop_index(
            "ix_customer_phones_delete_batch",
            postgresql_where=sa.text("delete_batch IS NOT NULL"),
            sqlite_where=sa.text("delete_batch IS NOT NULL"),
        )
        table.drop_index(table.f("ix_customer_phones_customer_id"))

    op.drop_table("customer_phones")
    with op.batch_alter_table("dossier_documents") as table:
        table.drop_index(
            "ix_dossier_documents_trash",
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
            sqlite_where=sa.text("deleted_at IS NOT NULL"),
        )
        table.drop_index(
            "ix_dossier_documents_live_expires_on",
            postgresql_where=sa.text("deleted_at IS NULL"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        table.drop_index(table.f("ix_dossier_documents_dossier_id"))
        table.drop_index(
            "ix_dossier_documents_delete_batch",
            postgresql_where=sa.text("delete_batch IS NOT NULL"),
            sqlite_where=sa.text("delete_batch IS NOT NULL"),
        )

    op.drop_table("dossier_documents")
    with op.batch_alter_table("dossier_contacts") as table:
        table.drop_index(
            "uq_dossier_contacts_liaison",
            postgresql_where=sa.text("deleted_at IS NULL AND is_liaison"),
            sqlite_where=sa.text("deleted_at IS NULL AND is_liaison"),
        )
        table.drop_index(
            "ix_dossier_contacts_trash",
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
            sqlite_where=sa.text("deleted_at IS NOT NULL"),
        )
        table.drop_index(table.f("ix_dossier_contacts_organization_id"))
        table.drop_index(table.f("ix_dossier_contacts_dossier_id"))
        table.drop_index(
            "ix_dossier_contacts_delete_batch",
            postgresql_where=sa.text("delete_batch IS NOT NULL"),
            sqlite_where=sa.text("delete_batch IS NOT NULL"),
        )

    op.drop_table("dossier_contacts")
    with op.batch_alter_table("dossiers") as table:
        table.drop_index(
            "uq_dossiers_national_id",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        table.drop_index(
            "ix_dossiers_trash",
            postgresql_where=sa.text("deleted_at IS NOT NULL"),
            sqlite_where=sa.text("deleted_at IS NOT NULL"),
        )
        table.drop_index(
            "ix_dossiers_search_key", postgresql_using="gin", postgresql_ops={"search_key": "gin_trgm_ops"}
        )
        table.drop_index(
            "ix_dossiers_live_sort_key",
            postgresql_where=sa.text("deleted_at IS NULL"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        table.drop_index(
            "ix_dossiers_live_created_at",
            postgresql_where=sa.text("deleted_at IS NULL"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        table.drop_index(
            "ix_dossiers_live",
            postgresql_where=sa.text("deleted_at IS NULL"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        table.drop_index(
            "ix_dossiers_industry_key",
            postgresql_using="gin",
            postgresql_ops={"industry_key": "gin_trgm_ops"},
        )
        table.drop_index(
            "ix_dossiers_delete_batch",
            postgresql_where=sa.text("delete_batch IS NOT NULL"),
            sqlite_where=sa.text("delete_batch IS NOT NULL"),
        )
        table.drop_index(
            "ix_dossiers_created_by_id",
            postgresql_where=sa.text("created_by_id IS NOT NULL"),
            sqlite_where=sa.text("created_by_id IS NOT NULL"),
        )

    op.drop_table("dossiers")
