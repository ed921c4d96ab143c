"""Add the summary of the ledger of assignments that reports read, and fill it."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from app.lib.jalali import TEHRAN, start_of_day
from models import types


revision = "20261130su"
down_revision = "20261130sf"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COUNTED = "undone_at IS NULL AND undoes_id IS NULL AND to_member_id IS NOT NULL"
_DAY = """INSERT INTO assigned_days (organization_id, member_id, begins_at, lines)
    SELECT organization_id, to_member_id, :begins, count(*) FROM assignments
    WHERE organization_id = :here AND started_at >= :begins AND started_at < :ends AND undone_at IS NULL AND undoes_id IS NULL
    AND to_member_id IS NOT NULL GROUP BY organization_id, to_member_id"""
_REPEATS = f"""INSERT INTO repeated_lines
    (organization_id, line_id, member_id, customer_id, at, customer_before_at, pair_before_at)
    SELECT * FROM (
        SELECT organization_id, id, to_member_id, counted_customer_id, started_at,
        lag(started_at) OVER (PARTITION BY counted_customer_id ORDER BY started_at, id) AS customer_before,
        lag(started_at) OVER (PARTITION BY counted_customer_id, to_member_id ORDER BY started_at, id) AS pair_before
        FROM assignments WHERE organization_id = :here AND {_COUNTED}
        AND counted_customer_id >= :first AND counted_customer_id < :first + 20000
    ) line WHERE customer_before IS NOT NULL"""
_AT = types.UtcDateTime(timezone=True)
_TABLES = ("assigned_days", "repeated_lines")
_POLICY = (
    "CREATE POLICY organization_rows ON {table} USING (organization_id = "
    "(SELECT nullif(current_setting('app.organization_id', true), '')::bigint) "
    "OR (SELECT current_setting('app.unscoped', true)) = 'on')"
)


def _see(*, everything: bool) -> None:
    """The rows of all organisations, which the policies would hide."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT set_config('app.unscoped', '{'on' if everything else ''}', true)")


def _fill() -> None:
    bind = op.get_bind()
    lines = sa.table("assignments", sa.column("organization_id"), sa.column("counted_customer_id", sa.BigInteger))
    lines.append_column(sa.column("started_at", _AT))
    at, customer = lines.c.started_at, lines.c.counted_customer_id
    bounds = sa.select(
        lines.c.organization_id, sa.func.min(at), sa.func.max(at), sa.func.min(customer), sa.func.max(customer)
    )
    day = sa.text(_DAY).bindparams(sa.bindparam("begins", type_=_AT), sa.bindparam("ends", type_=_AT))
    for here, begins, ends, least, most in bind.execute(bounds.group_by(lines.c.organization_id)).all():
        first, last = (moment.astimezone(TEHRAN).date() for moment in (begins, ends))
        for number in range((last - first).days + 1):
            each = first + timedelta(days=number)
            until = start_of_day(each + timedelta(days=1))
            bind.execute(day, {"here": here, "begins": start_of_day(each), "ends": until})
        for start in range(least, most + 1, 20_000):
            bind.execute(sa.text(_REPEATS), {"here": here, "first": start})


def upgrade() -> None:
    op.create_table(
        "assigned_days",
        sa.Column("organization_id", _KEY, nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("begins_at", _AT, nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["ab_user.id"], name=op.f("fk_assigned_days_member_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_assigned_days_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assigned_days")),
    )
    op.create_table(
        "repeated_lines",
        sa.Column("organization_id", _KEY, nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("customer_before_at", _AT, nullable=False),
        sa.Column("pair_before_at", _AT, nullable=True),
        sa.Column("id", _KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_repeated_lines_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repeated_lines")),
    )
    _see(everything=True)
    _fill()
    _see(everything=False)
    has_pair = sa.text("pair_before_at IS NOT NULL")
    for name, table, columns, include, only in (
        ("organization", "assigned_days", ["organization_id", "begins_at"], ["member_id", "lines"], None),
        ("member", "assigned_days", ["member_id", "begins_at"], ["organization_id", "lines"], None),
        ("pair", "repeated_lines", ["organization_id", "pair_before_at", "at"], ["member_id"], has_pair),
        ("member_pair", "repeated_lines", ["member_id", "pair_before_at", "at"], ["organization_id"], has_pair),
    ):
        op.create_index(
            f"ix_{table}_{name}",
            table,
            columns,
            postgresql_include=include,
            postgresql_where=only,
            sqlite_where=only,
        )
    op.create_index(
        "ix_repeated_lines_customer_before", "repeated_lines", ["organization_id", "customer_before_at", "at"]
    )
    op.create_index("ix_repeated_lines_customer_id", "repeated_lines", ["customer_id"])
    op.create_index("uq_repeated_lines_line_id", "repeated_lines", ["line_id"], unique=True)
    is_sale = sa.text("deleted_at IS NULL AND status NOT IN ('draft', 'cancelled')")
    op.create_index(
        "ix_sales_counted",
        "sales",
        ["organization_id", "sold_at"],
        postgresql_include=["consultant_id", "status", "amount"],
        postgresql_where=is_sale,
        sqlite_where=is_sale,
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(_POLICY.format(table=table))


def downgrade() -> None:
    op.drop_index("ix_sales_counted", table_name="sales")
    for table in _TABLES:
        op.drop_table(table)
