"""Index the follow-ups of an order, deleted ones too, for the calls of a number in reports."""

from alembic import op

revision = "20261130fo"
down_revision = "20261130sr"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("follow_ups", schema=None) as batch_op:
        batch_op.create_index("ix_follow_ups_order", ["order_id", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("follow_ups", schema=None) as batch_op:
        batch_op.drop_index("ix_follow_ups_order")
