"""Decisions on repeated orders: attached to the open follow-up, given to the same consultant, or no repeats at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select

from app.extensions import db
from app.services.assignment.assign import assign_all
from app.services.notification import name_act
from app.services.order.first_work import FirstWork
from app.services.order.repeat import lock_customers
from models.assignment import AssignmentMethod
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order, OrderStatus, RepeatDecision


def lock_for_decision(orders: Sequence[Order]) -> None:
    """Lock what placing orders, assigning and recording results lock before the orders, in their sequence."""
    lock_customers({order.customer_id for order in orders})
    firsts = {order.repeat_of_id for order in orders} - {None}
    consultants = select(FollowUp.consultant_id).where(FollowUp.order_id.in_(firsts))
    members = select(Member.id).where(Member.id.in_(consultants)).order_by(Member.id)
    db.session.execute(members.with_for_update(key_share=True, of=Member)).all()
    follow_ups = select(FollowUp.id).where(FollowUp.order_id.in_(firsts)).order_by(FollowUp.id)
    db.session.execute(follow_ups.with_for_update(read=True, of=FollowUp)).all()


def attach(orders: Sequence[Order], *, by: Member, at: datetime) -> None:
    """Join *orders* to the open follow-ups of their first orders; none gets a follow-up of its own."""
    name_act(at)
    for order in orders:
        _decide(order, RepeatDecision.ATTACHED, OrderStatus.ATTACHED, by=by, at=at)
    db.session.flush()


def consultants_of_firsts() -> Select[int, int]:
    """A statement of (consultant of the first order, key of its repeat)."""
    firsts = FollowUp.order_id == Order.repeat_of_id
    return select(FollowUp.consultant_id, Order.id).join_from(Order, FollowUp, firsts)


def follow_up_of_first(order: Order) -> int | None:
    """The key of the follow-up that *order* is joined to."""
    return db.session.scalar(select(FollowUp.id).where(FollowUp.order_id == order.repeat_of_id))


def give_to_same_consultant(
    orders: Sequence[Order], work: dict[int, FirstWork], *, by: Member, at: datetime
) -> None:
    """Assign each of *orders* to the consultant of its first order, whose *work* is known."""
    groups: dict[int, list[Order]] = defaultdict(list)
    for order in orders:
        if order.repeat_of_id is not None:
            groups[work[order.repeat_of_id].consultant_id].append(order)
        _decide(order, RepeatDecision.SAME_CONSULTANT, OrderStatus.NEW, by=by, at=at)
    db.session.flush()
    for consultant_id, theirs in sorted(groups.items()):
        member = db.session.get_one(Member, consultant_id)
        assign_all(theirs, member, method=AssignmentMethod.STICKY, by=by, at=at)


def release(orders: Sequence[Order], *, by: Member, at: datetime) -> None:
    """Make *orders* orders of their own, which wait for a consultant in the tray like every new one."""
    for order in orders:
        _decide(order, RepeatDecision.NOT_REPEAT, OrderStatus.NEW, by=by, at=at)
        # The first order stays named: the list shows what the order was compared with.
        order.is_repeat = False
    db.session.flush()


def _decide(order: Order, decision: RepeatDecision, status: OrderStatus, *, by: Member, at: datetime) -> None:
    order.decided_from, order.status = order.status, status
    order.repeat_decision, order.decided_by_id, order.decided_at = decision, by.id, at
