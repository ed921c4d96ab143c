"""counted customers: the customer that reports count an assignment or a sale for, whatever is merged later."""

import sqlalchemy as sa
from alembic import op

from models.types import Key

revision = "20261129mc"
down_revision = "20261129y"
branch_labels = None
depends_on = None

_BATCH = 50_000
_TABLES = ("assignments", "sales")


def _see(*, everything: bool) -> None:
    """Whose rows they are does not matter here; the policies would hide them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT set_config('app.unscoped', '{'on' if everything else ''}', true)")


def _fill(name: str) -> None:
    """Copy the customers in batches; no customer was merged yet."""
    connection, first = op.get_bind(), 0
    last = connection.scalar(sa.text(f"SELECT coalesce(max(id), 0) FROM {name}"))  # noqa: S608 - constants
    copy = sa.text(
        f"UPDATE {name} SET counted_customer_id = customer_id WHERE id > :first AND id <= :last"  # noqa: S608 - constants
    )
    while first < last:
        connection.execute(copy, {"first": first, "last": first + _BATCH})
        first += _BATCH


def upgrade() -> None:
    _see(everything=True)
    for name in _TABLES:
        op.add_column(name, sa.Column("counted_customer_id", Key, nullable=True))
        _fill(name)
        with op.batch_alter_table(name) as table:
            table.alter_column("counted_customer_id", existing_type=Key, nullable=False)
            table.create_foreign_key(
                f"fk_{name}_counted_customer_id", "customers", ["counted_customer_id"], ["id"]
            )
        op.create_index(f"ix_{name}_counted_customer", name, ["counted_customer_id"])
    _see(everything=False)


def downgrade() -> None:
    for name in _TABLES:
        op.drop_index(f"ix_{name}_counted_customer", table_name=name)
        with op.batch_alter_table(name) as table:
            table.drop_constraint(f"fk_{name}_counted_customer_id", type_="foreignkey")
            table.drop_column("counted_customer_id")
