"""decisions on repeated orders; a sale that ends a repeat is a setting."""

import sqlalchemy as sa
from alembic import op

from models import types

revision = "20261129r"
down_revision = "20261129k"
branch_labels = None
depends_on = None


# Repeats that the policies attached or gave to the same consultant.
_ATTACHED = """UPDATE orders SET status = 'attached', repeat_decision = 'attached', decided_at = created_at
    WHERE is_repeat AND status = 'assigned'
    AND NOT EXISTS (SELECT 1 FROM follow_ups f WHERE f.order_id = orders.id)"""
_GIVEN_BACK = """UPDATE orders SET repeat_decision = 'same_consultant', decided_at = created_at
    WHERE is_repeat AND repeat_decision IS NULL AND EXISTS (
        SELECT 1 FROM assignments a
        WHERE a.order_id = orders.id AND a.method = 'sticky' AND a.undone_at IS NULL AND a.undoes_id IS NULL
    )"""


def _see(*, everything: bool) -> None:
    """The rows of all organisations, which the policies would hide."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT set_config('app.unscoped', '{'on' if everything else ''}', true)")


def upgrade() -> None:
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "repeat_decision",
                sa.Enum(
                    "attached",
                    "same_consultant",
                    "not_repeat",
                    name="repeatdecision",
                    native_enum=False,
                    length=20,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("decided_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("decided_at", types.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column(
                "decided_from",
                sa.Enum(
                    "new",
                    "assigned",
                    "won",
                    "lost",
                    "invalid",
                    "held",
                    "attached",
                    name="orderstatus",
                    native_enum=False,
                    length=20,
                ),
                nullable=True,
            )
        )
        batch_op.create_index(
            "ix_orders_decided",
            ["decided_by_id", "decided_at"],
            unique=False,
            postgresql_where=sa.text("decided_by_id IS NOT NULL"),
            sqlite_where=sa.text("decided_by_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_orders_live_decisions",
            ["organization_id", "repeat_decision", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL AND repeat_of_id IS NOT NULL"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL AND repeat_of_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_orders_live_joined",
            ["id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL AND status IN ('held', 'attached')"),
            postgresql_include=["repeat_of_id"],
            sqlite_where=sa.text("deleted_at IS NULL AND status IN ('held', 'attached')"),
        )
        batch_op.create_index(
            "ix_orders_live_repeats",
            ["organization_id", "id"],
            unique=False,
            postgresql_where=sa.text("deleted_at IS NULL AND repeat_of_id IS NOT NULL"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL AND repeat_of_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_orders_repeat_of_id",
            ["repeat_of_id", "ordered_at", "id"],
            unique=False,
            postgresql_where=sa.text("repeat_of_id IS NOT NULL"),
            sqlite_where=sa.text("repeat_of_id IS NOT NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_orders_decided_by_id"), "ab_user", ["decided_by_id"], ["id"]
        )

    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sale_ends_repeat", sa.Boolean(), server_default="1", nullable=False))
    _see(everything=True)
    op.execute(_ATTACHED)
    op.execute(_GIVEN_BACK)
    _see(everything=False)


def downgrade() -> None:
    _see(everything=True)
    op.execute("UPDATE orders SET status = 'assigned' WHERE status = 'attached'")
    _see(everything=False)
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.drop_column("sale_ends_repeat")

    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_orders_decided_by_id"), type_="foreignkey")
        batch_op.drop_index(
            "ix_orders_repeat_of_id",
            postgresql_where=sa.text("repeat_of_id IS NOT NULL"),
            sqlite_where=sa.text("repeat_of_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_orders_live_repeats",
            postgresql_where=sa.text("deleted_at IS NULL AND repeat_of_id IS NOT NULL"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL AND repeat_of_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_orders_live_joined",
            postgresql_where=sa.text("deleted_at IS NULL AND status IN ('held', 'attached')"),
            postgresql_include=["repeat_of_id"],
            sqlite_where=sa.text("deleted_at IS NULL AND status IN ('held', 'attached')"),
        )
        batch_op.drop_index(
            "ix_orders_live_decisions",
            postgresql_where=sa.text("deleted_at IS NULL AND repeat_of_id IS NOT NULL"),
            postgresql_include=None,
            sqlite_where=sa.text("deleted_at IS NULL AND repeat_of_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_orders_decided",
            postgresql_where=sa.text("decided_by_id IS NOT NULL"),
            sqlite_where=sa.text("decided_by_id IS NOT NULL"),
        )
        batch_op.drop_column("decided_from")
        batch_op.drop_column("decided_at")
        batch_op.drop_column("decided_by_id")
        batch_op.drop_column("repeat_decision")
