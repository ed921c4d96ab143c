"""indexes of own rows."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "20261129b"
down_revision = "20261129a"
branch_labels = None
depends_on = None

LIVE = "deleted_at IS NULL"
SOFT_DELETED = (
    "addresses",
    "attachments",
    "customers",
    "follow_ups",
    "order_sources",
    "orders",
    "products",
    "result_titles",
    "sales",
    "sms_templates",
    "sms_variables",
)
# name, table, columns, of which rows (all where there is no condition), columns included on PostgreSQL
Indexed = tuple[str, str, list[str], str | None, list[str] | None]
OF = ["organization_id"]
ADDED: Sequence[Indexed] = (
    ("ix_customers_created_by_id", "customers", ["created_by_id", "id"], "created_by_id IS NOT NULL", None),
    ("ix_orders_created_by_id", "orders", ["created_by_id", "id"], "created_by_id IS NOT NULL", None),
    ("ix_orders_product", "orders", ["product_id", "id"], None, None),
    (
        "ix_sms_messages_created_by_id",
        "sms_messages",
        ["created_by_id", "id"],
        "created_by_id IS NOT NULL",
        None,
    ),
    ("ix_follow_ups_live_consultant_customer", "follow_ups", ["consultant_id", "customer_id"], LIVE, OF),
    ("ix_follow_ups_live_consultant_order", "follow_ups", ["consultant_id", "order_id"], LIVE, OF),
    (
        "ix_follow_ups_live_consultant_attempts",
        "follow_ups",
        ["consultant_id", "attempts", "id"],
        LIVE,
        OF,
    ),
    (
        "ix_follow_ups_live_result",
        "follow_ups",
        ["organization_id", "last_result_id", "created_at", "id"],
        LIVE,
        None,
    ),
    (
        "ix_follow_ups_live_result_next_at",
        "follow_ups",
        ["organization_id", "last_result_id", "next_at", "id"],
        LIVE,
        None,
    ),
    ("ix_follow_ups_product", "follow_ups", ["product_id", "id"], None, None),
)
DROPPED: Sequence[Indexed] = (
    ("ix_customers_organization_id", "customers", ["organization_id"], None, None),
    ("ix_orders_organization_id", "orders", ["organization_id"], None, None),
    ("ix_orders_product_id", "orders", ["product_id"], None, None),
    ("ix_assignments_organization_id", "assignments", ["organization_id"], None, None),
    ("ix_follow_up_entries_organization_id", "follow_up_entries", ["organization_id"], None, None),
    ("ix_follow_ups_organization_id", "follow_ups", ["organization_id"], None, None),
    ("ix_follow_ups_last_result_id", "follow_ups", ["last_result_id"], None, None),
    ("ix_follow_ups_product_id", "follow_ups", ["product_id"], None, None),
)
# Most rows have no value in these columns.
NARROWED: Sequence[tuple[str, str, str]] = (
    ("ix_orders_import_job_id", "orders", "import_job_id"),
    *((f"ix_{table}_delete_batch", table, "delete_batch") for table in SOFT_DELETED),
)


def _create(indexes: Sequence[Indexed]) -> None:
    for name, table, columns, which, include in indexes:
        where = None if which is None else sa.text(which)
        op.create_index(
            name, table, columns, postgresql_where=where, sqlite_where=where, postgresql_include=include
        )


def _drop(indexes: Sequence[Indexed]) -> None:
    for name, table, *_rest in indexes:
        op.drop_index(name, table_name=table)


def upgrade() -> None:
    _create(ADDED)
    _drop(DROPPED)
    for name, table, column in NARROWED:
        op.drop_index(name, table_name=table)
        _create([(name, table, [column], f"{column} IS NOT NULL", None)])


def downgrade() -> None:
    for name, table, column in NARROWED:
        op.drop_index(name, table_name=table)
        _create([(name, table, [column], None, None)])
    _create(DROPPED)
    _drop(ADDED)
