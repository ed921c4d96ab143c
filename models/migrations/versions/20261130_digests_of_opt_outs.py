"""Store the digests of numbers that opted out in place of the numbers."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.lib.number_digest import digest_number, key_name

revision = "20261130do"
down_revision = "20261130lp"
branch_labels = None
depends_on = None

_BATCH = 5_000
_ENDING = 4
_COLUMNS = ("id", "organization_id", "mobile", "number_digest", "ending", "key_name")
_TABLE = sa.table("sms_opt_outs", *map(sa.column, _COLUMNS))
_CUSTOMERS = sa.table("customers", *map(sa.column, ("id", "organization_id", "mobile", "opted_out")))
_BY_NUMBER, _BY_DIGEST = (
    "uq_sms_opt_outs_organization_id_mobile",
    "uq_sms_opt_outs_organization_id_number_digest",
)


def _see(*, everything: bool) -> None:
    """Whose rows they are does not matter here; the policies would hide them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT set_config('app.unscoped', '{'on' if everything else ''}', true)")


def _batches(
    table: sa.TableClause, columns: Sequence[Any], condition: Any
) -> Iterator[Sequence[sa.Row[Any]]]:
    """The rows of *table* that meet the *condition*, in batches by their keys."""
    last = 0
    while True:
        rows = sa.select(table.c.id, *columns).where(table.c.id > last, condition).order_by(table.c.id)
        found = op.get_bind().execute(rows.limit(_BATCH)).all()
        if not found:
            return
        yield found
        last = found[-1].id


def upgrade() -> None:
    with op.batch_alter_table("sms_opt_outs") as table:
        table.add_column(sa.Column("number_digest", sa.String(64), nullable=True))
        table.add_column(sa.Column("ending", sa.String(4), server_default="", nullable=False))
        table.add_column(sa.Column("key_name", sa.String(8), nullable=True))
    _see(everything=True)
    change = (
        sa.update(_TABLE)
        .where(_TABLE.c.id == sa.bindparam("row_id"))
        .values(number_digest=sa.bindparam("digest"), ending=sa.bindparam("digits"), key_name=key_name())
    )
    for rows in _batches(_TABLE, [_TABLE.c.mobile], sa.true()):
        values = [
            {"row_id": row.id, "digest": digest_number(row.mobile), "digits": row.mobile[-_ENDING:]}
            for row in rows
        ]
        op.get_bind().execute(change, values)
    _see(everything=False)
    with op.batch_alter_table("sms_opt_outs") as table:
        table.drop_constraint(_BY_NUMBER, type_="unique")
        table.drop_column("mobile")
        table.alter_column("number_digest", existing_type=sa.String(64), nullable=False)
        table.alter_column("key_name", existing_type=sa.String(8), nullable=False)
        table.create_unique_constraint(_BY_DIGEST, ["organization_id", "number_digest"])


def downgrade() -> None:
    """The numbers come from the customers; an opt-out without one would be lost, so it stops the downgrade."""
    with op.batch_alter_table("sms_opt_outs") as table:
        table.add_column(sa.Column("mobile", sa.String(13), nullable=True))
    _see(everything=True)
    change = (
        sa.update(_TABLE)
        .where(
            _TABLE.c.organization_id == sa.bindparam("organization"),
            _TABLE.c.number_digest == sa.bindparam("digest"),
        )
        .values(mobile=sa.bindparam("number"))
    )
    columns = [_CUSTOMERS.c.organization_id, _CUSTOMERS.c.mobile]
    for rows in _batches(_CUSTOMERS, columns, _CUSTOMERS.c.opted_out.is_(sa.true())):
        values = [
            {"organization": row.organization_id, "digest": digest_number(row.mobile), "number": row.mobile}
            for row in rows
        ]
        op.get_bind().execute(change, values)
    lost = op.get_bind().scalar(
        sa.select(sa.func.count()).select_from(_TABLE).where(_TABLE.c.mobile.is_(None))
    )
    _see(everything=False)
    if lost:
        raise RuntimeError(f"{lost} opt-outs have no customer, so their numbers are not known any more.")
    with op.batch_alter_table("sms_opt_outs") as table:
        table.drop_constraint(_BY_DIGEST, type_="unique")
        for name in ("number_digest", "ending", "key_name"):
            table.drop_column(name)
        table.alter_column("mobile", existing_type=sa.String(13), nullable=False)
        table.create_unique_constraint(_BY_NUMBER, ["organization_id", "mobile"])
