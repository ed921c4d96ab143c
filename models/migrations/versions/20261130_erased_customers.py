"""Mark customers whose personal data were erased."""

import sqlalchemy as sa
from alembic import op

from models import types

revision = "20261130ec"
down_revision = "20261130ae"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("erased_at", types.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("customers", "erased_at")
