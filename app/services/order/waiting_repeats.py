"""Repeats that arrived before their first orders had a consultant."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from app.extensions import db
from app.lib.clock import now
from app.services.assignment.assign import assign_repeats
from app.services.bulk import among
from app.services.notification import report
from app.services.order.new_order import PlacedOrder
from app.services.order.repeat import mark_same_consultant, orders_worked_on
from models.order import Order, OrderStatus, RepeatDecision
from models.organization import Organization, RepeatPolicy
from models.tenancy.scope import actor_of, whole_organization


def settle_repeats(placed: Sequence[PlacedOrder]) -> None:
    """Apply the policy to those of *placed* whose first orders were given to consultants after they were placed."""
    repeats = {each.id: each for each in placed if each.status is OrderStatus.NEW and each.repeats}
    if not repeats:
        return
    session = db.session()
    with whole_organization(session):
        organization = session.get_one(Organization, actor_of(session).organization_id)
        new = select(Order.id).where(among(Order.id, repeats), Order.status == OrderStatus.NEW)
        waiting = [repeats[key] for key in session.scalars(new.order_by(Order.id))]
        firsts = [(each, each.repeats.id) for each in waiting if each.repeats and each.repeats.id]
        if organization.repeat_policy is RepeatPolicy.STICKY:
            mark_same_consultant(assign_repeats(firsts))
        elif organization.repeat_policy is RepeatPolicy.ATTACH:
            worked_on = orders_worked_on({each.customer_id for each in waiting})
            _attach([each.id for each, first_id in firsts if first_id in worked_on])


def _attach(keys: Sequence[int]) -> None:
    if not keys:
        return
    values = {"status": OrderStatus.ATTACHED, "repeat_decision": RepeatDecision.ATTACHED, "decided_at": now()}
    statement = update(Order).where(among(Order.id, keys)).values(**values)
    db.session.execute(statement.execution_options(synchronize_session=False))
    report(Order, "repeat_decision", keys)
