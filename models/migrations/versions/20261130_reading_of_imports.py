"""Remember how the file of an import is read, and its set of headings."""

import sqlalchemy as sa
from alembic import op

revision = "20261130ri"
down_revision = "20261130su"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("import_jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("headings_key", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("reading", sa.JSON(), server_default="{}", nullable=False))
        batch_op.create_index("ix_import_jobs_headings_key", ["organization_id", "headings_key"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("import_jobs", schema=None) as batch_op:
        batch_op.drop_index("ix_import_jobs_headings_key")
        batch_op.drop_column("reading")
        batch_op.drop_column("headings_key")
