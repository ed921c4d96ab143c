"""Undoes the decisions of one act on repeated orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.services.assignment.undo import Undone, undo_assignments
from app.services.notification import withdraw
from app.services.order.originals import decide_originals
from app.services.order.repeat import lock_customers
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order, OrderStatus, RepeatDecision
from models.tenancy.scope import whole_organization

# A message names at most this many orders.
_MOST_NAMED = 3
_STATUS_AFTER = {
    RepeatDecision.ATTACHED: OrderStatus.ATTACHED,
    RepeatDecision.SAME_CONSULTANT: OrderStatus.NEW,  # once its assignment is undone
    RepeatDecision.NOT_REPEAT: OrderStatus.NEW,
}


def undo_decisions(at: datetime, *, by: Member) -> Undone:
    """Undo what *by* decided at *at*, except orders that were worked on, changed or deleted since."""
    of_act = Order.decided_by_id == by.id, Order.decided_at == at
    with whole_organization(db.session()):
        lock_customers(set(db.session.scalars(select(Order.customer_id).where(*of_act))))
        undo_assignments(at, by=by)
        statement = select(Order).where(*of_act).order_by(Order.id).with_for_update(of=Order)
        orders = db.session.scalars(statement.execution_options(populate_existing=True)).all()
        firsts = _living({order.repeat_of_id for order in orders if order.repeat_of_id is not None})
        undone, left, attached = [], [], []
        for order in orders:
            reason = _reason(order, firsts)
            if reason is None:
                if order.repeat_decision is RepeatDecision.ATTACHED and order.repeat_of_id is not None:
                    attached.append(order.repeat_of_id)
                _restore(order)
                undone.append(order.id)
            else:
                left.append((str(order.customer), reason))
        db.session.flush()
        _withdraw(at, attached)
        # Orders that came since may repeat an order that is a repeat itself again.
        decide_originals(undone, False)
    return Undone(len(undone), len(left), left[:_MOST_NAMED])


def _withdraw(at: datetime, firsts: Iterable[int]) -> None:
    """Take the orders off the notifications of the consultants of *firsts*, the first order of each."""
    numbers = Counter(firsts)
    statement = select(FollowUp.order_id, FollowUp.consultant_id).where(FollowUp.order_id.in_(numbers))
    undone = Counter[int]()
    for order_id, consultant_id in db.session.execute(statement):
        undone[consultant_id] += numbers[order_id]
    withdraw(Order, "repeat_decision", at, undone)


def _living(keys: set[int]) -> set[int]:
    return set(db.session.scalars(select(Order.id).where(Order.id.in_(keys))))


def _reason(order: Order, firsts: set[int]) -> str | None:
    """Why the decision stays; None where it can be undone."""
    if order.repeat_decision is None or order.decided_from is None:
        return _("it was changed since")
    if order.repeat_of_id not in firsts:
        return _("its first order was deleted since")
    if order.status is not _STATUS_AFTER[order.repeat_decision]:
        return _("it was worked on since")
    return None


def _restore(order: Order) -> None:
    former = order.decided_from
    order.status, order.is_repeat = former or OrderStatus.HELD, True
    order.repeat_decision = RepeatDecision.ATTACHED if former is OrderStatus.ATTACHED else None
    order.decided_by_id = order.decided_at = order.decided_from = None
