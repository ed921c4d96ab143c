"""trash in order.

Rows that were deleted in one act share their moment; their keys put a page of them in order.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123j"
down_revision = "20261123i"
branch_labels = None
depends_on = None

TABLES = (
    "addresses",
    "attachments",
    "customers",
    "follow_ups",
    "order_sources",
    "orders",
    "products",
    "result_titles",
    "sales",
)
GONE = sa.text("deleted_at IS NOT NULL")


def upgrade() -> None:
    _index(["organization_id", "deleted_at", "id"])


def downgrade() -> None:
    _index(["organization_id", "deleted_at"])


def _index(columns: list[str]) -> None:
    for table in TABLES:
        op.drop_index(f"ix_{table}_trash", table_name=table)
        op.create_index(f"ix_{table}_trash", table, columns, postgresql_where=GONE, sqlite_where=GONE)
