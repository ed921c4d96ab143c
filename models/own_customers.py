"""Which customers are a member's own: those that they added, that they follow up, or that they sold something to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, column, exists, or_, select, table

_follow_ups = table("follow_ups", column("customer_id"), column("consultant_id"), column("deleted_at"))
_sales = table("sales", column("customer_id"), column("consultant_id"), column("deleted_at"))
_customers = table("customers", column("id"), column("created_by_id"))


def worked_with_by(member_id: int, customer_id: Any) -> ColumnElement[bool]:
    """Whether the customer has a follow-up or a sale of the member."""
    return or_(
        *(
            exists(
                select(1)
                .select_from(work)
                .where(
                    work.c.customer_id == customer_id,
                    work.c.consultant_id == member_id,
                    work.c.deleted_at.is_(None),
                )
            )
            for work in (_follow_ups, _sales)
        )
    )


def is_own(member_id: int, customer_id: Any) -> ColumnElement[bool]:
    """Whether the customer is the member's own; *customer_id* belongs to another table than customers."""
    mine = select(1).select_from(_customers)
    added = mine.where(_customers.c.id == customer_id, _customers.c.created_by_id == member_id)
    return or_(exists(added), worked_with_by(member_id, customer_id))


def own_ids(member_id: int) -> tuple[Select[Any], ...]:
    """The keys of the member's own customers, by each reason; a key may be in several."""
    return (
        select(_customers.c.id).where(_customers.c.created_by_id == member_id),
        *(
            select(work.c.customer_id).where(work.c.consultant_id == member_id, work.c.deleted_at.is_(None))
            for work in (_follow_ups, _sales)
        ),
    )
