"""Orders whose follow-ups are deleted or restored: without a consultant they wait in the tray."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select, update

from app.extensions import db
from app.lib.clock import now
from app.services.assignment.give_back import change_rows, parts
from app.services.assignment.ledger import add_lines
from app.services.audit.record import note
from models.assignment import Assignment, AssignmentMethod
from models.follow_up import FollowUp, FollowUpStatus
from models.order import Order, OrderStatus
from models.tenancy.scope import actor_of
from models.trash import on_trash_change

# The states of orders that no consultant works on.
_WITHOUT_WORK = (OrderStatus.NEW, OrderStatus.HELD, OrderStatus.ATTACHED)
_GIVEN = {"status": OrderStatus.ASSIGNED}
_UNDECIDED = {"repeat_decision": None, "decided_by_id": None, "decided_at": None, "decided_from": None}


@on_trash_change(FollowUp)
def follow_follow_ups(keys: Sequence[int], restored: bool) -> None:  # noqa: FBT001 - the signature of listeners
    """Return the orders of deleted follow-ups to the tray, and take those of restored ones out of it."""
    for part in parts(keys):
        if restored:
            _take_out(part)
        else:
            orders = select(FollowUp.order_id).where(FollowUp.id.in_(part))
            _return(db.session.scalars(orders, execution_options={"with_deleted": True}).all())


def _return(order_ids: Sequence[int]) -> None:
    """Return those of the orders that are not closed to the tray."""
    statement = (
        update(Order)
        .where(Order.id.in_(order_ids), Order.status == OrderStatus.ASSIGNED)
        .values(status=OrderStatus.NEW)
        .returning(Order.id)
    )
    returned = db.session.scalars(statement.execution_options(synchronize_session=False)).all()
    _end_lines(returned)
    for key in returned:
        note("edit", Order, key, before=_GIVEN, after={"status": OrderStatus.NEW})


def _take_out(keys: Sequence[int]) -> None:
    """Give the orders of the restored follow-ups *keys* to their consultants again; a sold one closes its follow-up."""
    statement = (
        select(FollowUp.id, FollowUp.order_id, FollowUp.consultant_id, Order.customer_id, Order.status)
        .join(Order, Order.id == FollowUp.order_id)
        .where(FollowUp.id.in_(keys))
    )
    found = db.session.execute(statement).all()
    waiting = [each.order_id for each in found if each.status in _WITHOUT_WORK]
    joined = [each.order_id for each in found if each.status in _WITHOUT_WORK[1:]]
    change_rows(Order, joined, **_UNDECIDED)
    change_rows(Order, waiting, status=OrderStatus.ASSIGNED)
    for each in found:
        if each.status in _WITHOUT_WORK:
            note("edit", Order, each.order_id, before={"status": each.status}, after=_GIVEN)
    _close_sold([each.id for each in found if each.status is OrderStatus.WON])
    _continue_lines(found, set(waiting))


def _close_sold(keys: Sequence[int]) -> None:
    """Close those of the follow-ups that are open; their orders were sold while they were deleted."""
    statement = update(FollowUp).where(FollowUp.id.in_(keys), FollowUp.not_closed())
    values = {"status": FollowUpStatus.WON, "closed_at": now(), "next_at": None}
    db.session.execute(statement.values(values).execution_options(synchronize_session=False))


def _continue_lines(found: Sequence[Any], waiting: Collection[int]) -> None:
    """Continue the last line of each order where it is the consultant's; orders that waited get one otherwise."""
    statement = select(Assignment).where(Assignment.order_id.in_([each.order_id for each in found]))
    latest = {line.order_id: line for line in db.session.scalars(statement.order_by(Assignment.id))}
    again, new = [], []
    for each in found:
        line = latest.get(each.order_id)
        if line is not None and line.to_member_id == each.consultant_id:
            again.append(line.id)
        elif each.order_id in waiting:
            new.append(each)
    change_rows(Assignment, again, ended_at=None)
    _end_lines([each.order_id for each in new])
    given = {
        "method": AssignmentMethod.MANUAL,
        "by_id": actor_of(db.session()).member_id,
        "started_at": now(),
    }
    add_lines(
        [
            {"order_id": each.order_id, "customer_id": each.customer_id, "to_member_id": each.consultant_id}
            | given
            for each in new
        ]
    )


def _end_lines(order_ids: Sequence[int]) -> None:
    statement = update(Assignment).where(Assignment.order_id.in_(order_ids), Assignment.ended_at.is_(None))
    db.session.execute(statement.values(ended_at=now()).execution_options(synchronize_session=False))
