"""indexes of live rows."""

import sqlalchemy as sa
from alembic import op

revision = "20261123i"
down_revision = "20261123h"
branch_labels = None
depends_on = None

LIVE = "deleted_at IS NULL"
ALIVE = f"{LIVE} AND status IN ('open', 'waiting')"
NEW = f"{ALIVE} AND last_entry_at IS NULL"
# name, table, columns, of which rows
ADDED = (
    ("ix_customers_live", "customers", ["organization_id", "id"], LIVE),
    ("ix_customers_live_created_at", "customers", ["organization_id", "created_at", "id"], LIVE),
    ("ix_customers_live_city", "customers", ["organization_id", "city", "id"], LIVE),
    ("ix_orders_live", "orders", ["organization_id", "id"], LIVE),
    ("ix_orders_live_ordered_at", "orders", ["organization_id", "ordered_at", "id"], LIVE),
    ("ix_orders_live_status", "orders", ["organization_id", "status", "id"], LIVE),
    ("ix_follow_ups_live", "follow_ups", ["organization_id", "id"], LIVE),
    ("ix_follow_ups_live_next_at", "follow_ups", ["organization_id", "next_at", "id"], LIVE),
    ("ix_follow_ups_live_attempts", "follow_ups", ["organization_id", "attempts", "id"], LIVE),
    ("ix_follow_ups_alive", "follow_ups", ["organization_id", "next_at", "id"], ALIVE),
    ("ix_follow_ups_new", "follow_ups", ["organization_id", "id"], NEW),
    ("ix_follow_ups_live_consultant", "follow_ups", ["consultant_id", "id"], LIVE),
    ("ix_follow_ups_live_consultant_next_at", "follow_ups", ["consultant_id", "next_at", "id"], LIVE),
    ("ix_follow_ups_alive_consultant", "follow_ups", ["consultant_id", "next_at", "id"], ALIVE),
    ("ix_follow_ups_new_consultant", "follow_ups", ["consultant_id", "id"], NEW),
)
DROPPED = (
    ("ix_orders_organization_ordered_at", "orders", ["organization_id", "ordered_at", "id"]),
    ("ix_orders_organization_status", "orders", ["organization_id", "status", "id"]),
    ("ix_follow_ups_consultant_next_at", "follow_ups", ["consultant_id", "next_at", "id"]),
    ("ix_follow_ups_organization_next_at", "follow_ups", ["organization_id", "next_at", "id"]),
    ("ix_follow_ups_consultant_id_id", "follow_ups", ["consultant_id", "id"]),
    ("ix_follow_ups_organization_id_id", "follow_ups", ["organization_id", "id"]),
)


def upgrade() -> None:
    for name, table, columns, which in ADDED:
        where = sa.text(which)
        include = ["organization_id"] if columns[0] == "consultant_id" else None
        op.create_index(
            name, table, columns, postgresql_where=where, sqlite_where=where, postgresql_include=include
        )
    for name, table, _columns in DROPPED:
        op.drop_index(name, table_name=table)


def downgrade() -> None:
    for name, table, columns in DROPPED:
        op.create_index(name, table, columns)
    for name, table, *_rest in ADDED:
        op.drop_index(name, table_name=table)
