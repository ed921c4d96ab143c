"""Orders that are sold without a result: the order and its open follow-ups become won."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from models.follow_up import FollowUp, FollowUpStatus
from models.order import Order, OrderStatus
from models.tenancy.scope import whole_organization


def lock_order(key: int) -> tuple[Order | None, Sequence[FollowUp]]:
    """The order *key* and its open follow-ups, locked; None for an order that is deleted."""
    session = db.session()
    with whole_organization(session):
        # Lock order: follow-up, then order, as results do (avoids deadlocks).
        statement = select(FollowUp).where(FollowUp.order_id == key, FollowUp.not_closed())
        locked = statement.order_by(FollowUp.id).with_for_update(of=FollowUp)
        follow_ups = session.scalars(locked.execution_options(populate_existing=True)).all()
        order = select(Order).where(Order.id == key).with_for_update(of=Order)
        return session.scalar(order.execution_options(populate_existing=True)), follow_ups


def win_order(key: int) -> None:
    """Set the order *key* and its open follow-ups to won; a deleted order stays what it is."""
    order, follow_ups = lock_order(key)
    if order is None:
        return
    order.status = OrderStatus.WON
    for each in follow_ups:
        each.status, each.closed_at, each.next_at = FollowUpStatus.WON, now(), None
    db.session.flush()
