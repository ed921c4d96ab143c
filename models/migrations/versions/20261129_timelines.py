"""timelines: the customer of results and assignments, and an index for each order of a timeline."""

import sqlalchemy as sa
from alembic import op

from models.types import Key

revision = "20261129f"
down_revision = "20261129e"
branch_labels = None
depends_on = None

_BATCH = 50_000
# The ledgers that copy the customer: the table, the parent that has it, and the key of the parent.
_COPIES = (("follow_up_entries", "follow_ups", "follow_up_id"), ("assignments", "orders", "order_id"))
# The new indexes: name, table, columns, whether only rows with a first column are in it, and the index they replace.
_INDEXES = (
    ("ix_follow_up_entries_follow_up", "follow_up_entries", ("follow_up_id", "at", "id"), False, "follow_up_id"),
    ("ix_follow_up_entries_customer", "follow_up_entries", ("customer_id", "at", "id"), False, None),
    ("ix_assignments_order", "assignments", ("order_id", "started_at", "id"), False, "order_id"),
    ("ix_assignments_customer", "assignments", ("customer_id", "started_at", "id"), False, None),
    ("ix_sms_messages_customer", "sms_messages", ("customer_id", "created_at", "id"), True, "customer_id"),
    ("ix_sms_messages_follow_up", "sms_messages", ("follow_up_id", "created_at", "id"), True, "follow_up_id"),
    ("ix_sms_exclusions_customer", "sms_exclusions", ("customer_id", "at", "id"), True, "customer_id"),
    ("ix_sms_exclusions_follow_up", "sms_exclusions", ("follow_up_id", "at", "id"), True, "follow_up_id"),
    ("ix_sms_inbound_mobile_received_at", "sms_inbound", ("mobile", "received_at", "id"), False, "mobile"),
)  # fmt: skip


def _see(*, everything: bool) -> None:
    """Whose rows they are does not matter here; the policies would hide them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT set_config('app.unscoped', '{'on' if everything else ''}', true)")


def _fill(name: str, parent: str, key: str) -> None:
    """Copy the customers in batches."""
    connection, first = op.get_bind(), 0
    last = connection.scalar(sa.text(f"SELECT coalesce(max(id), 0) FROM {name}"))  # noqa: S608 - constants
    copy = sa.text(
        f"UPDATE {name} SET customer_id = (SELECT customer_id FROM {parent} WHERE {parent}.id = {name}.{key})"  # noqa: S608 - constants
        " WHERE id > :first AND id <= :last"
    )
    while first < last:
        connection.execute(copy, {"first": first, "last": first + _BATCH})
        first += _BATCH


def upgrade() -> None:
    _see(everything=True)
    for name, parent, key in _COPIES:
        op.add_column(name, sa.Column("customer_id", Key, nullable=True))
        _fill(name, parent, key)
        with op.batch_alter_table(name) as table:
            table.alter_column("customer_id", existing_type=Key, nullable=False)
            table.create_foreign_key(f"fk_{name}_customer_id", "customers", ["customer_id"], ["id"])
    _see(everything=False)
    for index, name, columns, is_partial, replaced in _INDEXES:
        where = sa.text(f"{columns[0]} IS NOT NULL") if is_partial else None
        op.create_index(index, name, list(columns), postgresql_where=where, sqlite_where=where)
        if replaced is not None:
            op.drop_index(f"ix_{name}_{replaced}", table_name=name)
    alive = sa.text("deleted_at IS NULL")
    columns = ["customer_id", "ordered_at", "id"]
    op.create_index("ix_orders_live_customer", "orders", columns, postgresql_where=alive, sqlite_where=alive)


def downgrade() -> None:
    op.drop_index("ix_orders_live_customer", table_name="orders")
    for index, name, _columns, _is_partial, replaced in reversed(_INDEXES):
        if replaced is not None:
            op.create_index(f"ix_{name}_{replaced}", name, [replaced])
        op.drop_index(index, table_name=name)
    for name, _parent, _key in _COPIES:
        with op.batch_alter_table(name) as table:
            table.drop_constraint(f"fk_{name}_customer_id", type_="foreignkey")
            table.drop_column("customer_id")
