"""Add whether an account takes links in texts, and the account of a test message."""

import sqlalchemy as sa
from alembic import op


revision = "20261130lp"
down_revision = "20261130ri"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sms_providers", sa.Column("takes_links", sa.Boolean(), server_default="1", nullable=False))
    with op.batch_alter_table("sms_campaigns", schema=None) as batch_op:
        batch_op.add_column(sa.Column("provider_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_sms_campaigns_provider_id"), "sms_providers", ["provider_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_sms_campaigns_provider_id"), ["provider_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("sms_campaigns", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sms_campaigns_provider_id"))
        batch_op.drop_constraint(batch_op.f("fk_sms_campaigns_provider_id"), type_="foreignkey")
        batch_op.drop_column("provider_id")
    with op.batch_alter_table("sms_providers", schema=None) as batch_op:
        batch_op.drop_column("takes_links")
