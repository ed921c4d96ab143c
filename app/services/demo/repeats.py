"""Repeated orders of the demo: some wait for a decision, others were decided by the manager or the policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.services.demo.draw import Draw
from app.services.demo.insert import insert_rows
from app.services.demo.names import ORDER_NOTES
from app.services.demo.plan import Planner
from app.services.demo.rows import write_work
from models.follow_up import FollowUp
from models.order import Order, OrderStatus, RepeatDecision, RepeatReason
from models.tenancy.scope import actor_of

# One in so many orders is repeated, at least so many of a demo that has them.
_ONE_IN, _LEAST, _MOST = 25, 8, 500
_APART = 3
# Only a large demo has repeats with follow-ups of their own.
_ONE_IN_GIVEN_BACK = 100
_DECIDED = (OrderStatus.HELD, OrderStatus.HELD, OrderStatus.HELD, OrderStatus.ATTACHED)


def repeat(draw: Draw, follow_ups: int) -> None:
    """Add orders that repeat the newest orders that somebody works on."""
    firsts = _firsts(min(max(_LEAST, follow_ups // _ONE_IN), follow_ups, _MOST))
    sources = [first.source_id for first, _consultant in firsts]
    rows = [
        _repeat(draw, first, sources[number - 1], _DECIDED[number % len(_DECIDED)], consultant)
        for number, (first, consultant) in enumerate(firsts)
    ]
    insert_rows(Order, rows, at=draw.start)
    given_back = firsts[: min(follow_ups // _ONE_IN_GIVEN_BACK, len(firsts))]
    _give_back(draw, given_back)


def _firsts(amount: int) -> Sequence[tuple[Any, int]]:
    """Every third of the newest orders with an open follow-up, and their consultants."""
    newest = select(FollowUp.order_id, FollowUp.consultant_id).where(FollowUp.not_closed())
    found = db.session.execute(newest.order_by(FollowUp.id.desc()).limit(amount * _APART)).all()[::_APART]
    columns = (Order.id, Order.customer_id, Order.product_id, Order.source_id, Order.ordered_at)
    orders = db.session.execute(select(*columns).where(Order.id.in_([row.order_id for row in found])))
    by_key = {order.id: order for order in orders}
    return [(by_key[row.order_id], row.consultant_id) for row in found]


def _repeat(
    draw: Draw, first: Any, source_id: int | None, status: OrderStatus, consultant_id: int
) -> dict[str, Any]:
    at = draw.calendar.order_after(first.ordered_at, most_days=25)
    is_decided = status is not OrderStatus.HELD
    return {
        "customer_id": first.customer_id,
        "product_id": first.product_id,
        "quantity": 1,
        "source_id": source_id,
        "ordered_at": at,
        "created_at": at,
        "note": ORDER_NOTES.pick(draw.random),
        "status": status,
        "is_repeat": True,
        "repeat_of_id": first.id,
        "repeat_reason": RepeatReason.WITHIN_WINDOW,
        "repeat_decision": RepeatDecision.ATTACHED if is_decided else None,
        "decided_by_id": actor_of(db.session()).member_id if is_decided else None,
        "decided_at": at + timedelta(minutes=30) if is_decided else None,
        "decided_from": OrderStatus.HELD if is_decided else None,
        "held_at": at,
        "held_for_id": consultant_id,
    }


def _give_back(draw: Draw, firsts: Sequence[tuple[Any, int]]) -> None:
    """Repeats that went to the same consultants, with follow-ups of their own."""
    rows = [
        _repeat(draw, first, first.source_id, OrderStatus.ASSIGNED, consultant)
        | {"repeat_decision": RepeatDecision.SAME_CONSULTANT}
        for first, consultant in firsts
    ]
    planner = Planner(draw.random, draw.calendar)
    plans = [
        planner.plan(row["ordered_at"], consultant)
        for row, (_first, consultant) in zip(rows, firsts, strict=True)
    ]
    if rows:
        write_work(draw, insert_rows(Order, rows, at=draw.start), plans)
