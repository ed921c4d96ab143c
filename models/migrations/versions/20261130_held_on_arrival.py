"""Held on arrival: when an order was held as a repeat, and for whom, whatever is decided later."""

import sqlalchemy as sa
from alembic import op

from models import types

revision = "20261130rp"
down_revision = "20261130ti"
branch_labels = None
depends_on = None

# Orders that were held, by their present state; the member who had the first order at that moment, by the ledger.
_FILL = """UPDATE orders SET held_at = created_at, held_for_id = (
        SELECT a.to_member_id FROM assignments a
        WHERE a.order_id = orders.repeat_of_id AND a.started_at <= orders.created_at
        AND a.undone_at IS NULL AND a.undoes_id IS NULL
        ORDER BY a.started_at DESC, a.id DESC LIMIT 1
    )
    WHERE repeat_of_id IS NOT NULL AND (status = 'held' OR decided_from = 'held')"""


def _see(*, everything: bool) -> None:
    """The rows of all organisations, which the policies would hide."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT set_config('app.unscoped', '{'on' if everything else ''}', true)")


def upgrade() -> None:
    with op.batch_alter_table("orders") as table:
        table.add_column(sa.Column("held_at", types.UtcDateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("held_for_id", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_orders_held_for_id_ab_user", "ab_user", ["held_for_id"], ["id"])
    _see(everything=True)
    op.execute(_FILL)
    _see(everything=False)
    op.create_index(
        "ix_orders_held_at",
        "orders",
        ["organization_id", "held_at"],
        postgresql_where=sa.text("held_at IS NOT NULL"),
        sqlite_where=sa.text("held_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_orders_held_at", table_name="orders")
    with op.batch_alter_table("orders") as table:
        table.drop_constraint("fk_orders_held_for_id_ab_user", type_="foreignkey")
        table.drop_column("held_for_id")
        table.drop_column("held_at")
