"""Audit events of the demo: prices and customers that were changed, and what was deleted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import null, select

from app.extensions import db
from app.services.demo.draw import Draw
from models.audit.changes import LABEL
from models.audit.event import AuditEvent
from models.audit.values import Values
from models.customer import Customer
from models.product import Product

_PRODUCTS, _CUSTOMERS = 3, 3
# The share by which prices have risen.
_RISE = 8


def write_history(draw: Draw, manager_id: int, consultant_id: int) -> None:
    """Add events of the last weeks, the oldest first."""
    products = db.session.scalars(select(Product).order_by(Product.id).limit(_PRODUCTS)).all()
    customers = db.session.scalars(select(Customer).order_by(Customer.id).limit(_CUSTOMERS)).all()
    deleted = select(Customer).where(Customer.deleted_at.is_not(None)).order_by(Customer.deleted_at)
    first, later = draw.calendar.working_day(20, hour=9), draw.calendar.working_day(10, hour=15)
    events = [
        *(_priced(row, first, manager_id) for row in products if row.price),
        *(_placed(row, later, consultant_id) for row in customers),
        *(
            _event(row, "delete", at=row.deleted_at, actor_id=manager_id)
            for row in db.session.scalars(deleted, execution_options={"with_deleted": True})
        ),
    ]
    for number, event in enumerate(sorted(events, key=lambda each: each.at)):
        event.at += timedelta(minutes=number)
        db.session.add(event)
        db.session.flush()


def _priced(row: Product, at: datetime, actor_id: int) -> AuditEvent:
    price = row.price or 0
    before = {"price": price * 100 // (100 + _RISE)}
    return _event(row, "edit", before=before, after={"price": price}, at=at, actor_id=actor_id)


def _placed(row: Customer, at: datetime, actor_id: int) -> AuditEvent:
    return _event(row, "edit", before={"city": None}, after={"city": row.city}, at=at, actor_id=actor_id)


def _event(
    row: Any, action: str, *, before: Values | None = None, after: Values | None = None, **about: Any
) -> AuditEvent:
    return AuditEvent(
        action=action,
        object_type=type(row).__name__,
        object_id=row.id,
        before=before or null(),
        after={**(after or {}), LABEL: str(row)},
        **about,
    )
