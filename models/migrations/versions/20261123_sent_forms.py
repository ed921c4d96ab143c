"""forms that were sent."""

import sqlalchemy as sa
from alembic import op

from models import types

revision = "20261123e"
down_revision = "20261123d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sent_forms",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sent_forms")),
    )
    op.create_index(op.f("ix_sent_forms_at"), "sent_forms", ["at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_sent_forms_at"), table_name="sent_forms")
    op.drop_table("sent_forms")
