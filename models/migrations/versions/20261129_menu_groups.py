"""groups of the side menu that a member folded."""

import sqlalchemy as sa
from alembic import op

revision = "20261129h"
down_revision = "20261129f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ab_user", sa.Column("menu_groups", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("ab_user", "menu_groups")
