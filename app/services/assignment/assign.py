"""Assigns orders to consultants, by hand or round robin, and writes the append-only ledger of assignments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from flask_babel import lazy_gettext as _
from sqlalchemy import select, update

from app.errors import Conflict, DomainError
from app.extensions import db
from app.lib.clock import now
from app.services.assignment.ledger import add_lines
from app.services.assignment.round_robin import present_members, take_turns, within_capacity
from app.services.audit.record import note
from app.services.bulk import insert_keyed
from app.services.notification import name_act, report
from models.assignment import Assignment, AssignmentMethod
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order, OrderStatus
from models.tenancy.scope import actor_of, whole_organization


class AlreadyAssigned(Conflict):
    """Another member was assigned first; the message names them."""


class NotAssignable(DomainError):
    """The order's status does not allow an assignment."""


class UnfitMember(DomainError):
    """The member can't be assigned work."""


class Work(Protocol):
    """The attributes of an order that an assignment needs."""

    @property
    def id(self) -> int: ...
    @property
    def customer_id(self) -> int: ...
    @property
    def product_id(self) -> int: ...


def assign(
    order: Order,
    member: Member,
    *,
    method: AssignmentMethod = AssignmentMethod.MANUAL,
    by: Member | None,
    at: datetime | None = None,
) -> FollowUp:
    """Assign a new order to *member*; returns its follow-up."""
    if not assign_all([order], member, method=method, by=by, at=at):
        raise _refusal(order)
    with whole_organization(db.session()):
        return db.session.scalars(select(FollowUp).where(FollowUp.order_id == order.id)).one()


def assign_all(
    orders: Iterable[Work],
    member: Member,
    *,
    method: AssignmentMethod = AssignmentMethod.MANUAL,
    by: Member | None,
    at: datetime | None = None,
) -> set[int]:
    """Assign those of *orders* that are new to *member*; returns their ids.

    *at* is the moment of the act in the ledger, by which it can be undone.
    """
    lock_assignee(member)
    return set(_hand_out([(order, member) for order in orders], method=method, by=by, at=at))


def assign_in_turn(
    orders: Sequence[Work],
    *,
    by: Member | None,
    method: AssignmentMethod = AssignmentMethod.ROUND_ROBIN,
    at: datetime | None = None,
) -> dict[int, Member]:
    """Assign *orders* round robin to the present consultants; returns the consultant by order id.

    Orders that no consultant has room for stay new.
    """
    if not orders:
        return {}
    with whole_organization(db.session()):
        pairs = take_turns(orders, present_members(), seed=min(order.id for order in orders))
    return _hand_out(pairs, method=method, by=by, at=at)


def assign_repeats(repeats: Sequence[tuple[Work, int]]) -> set[int]:
    """Assign repeated orders, given as (order, id of the original), to the present consultants of their originals.

    Orders whose consultant has no room left today stay new.
    """
    present = {member.id: member for member in present_members()} if repeats else {}
    statement = select(FollowUp.order_id, FollowUp.consultant_id).where(
        FollowUp.order_id.in_([earlier_id for _work, earlier_id in repeats]),
        FollowUp.consultant_id.in_(present),
    )
    consultants = {
        order_id: present[consultant_id] for order_id, consultant_id in db.session.execute(statement)
    }
    wanted = [(work, consultants[earlier_id]) for work, earlier_id in repeats if earlier_id in consultants]
    return set(_hand_out(within_capacity(wanted), method=AssignmentMethod.STICKY, by=None))


def _hand_out(
    pairs: Sequence[tuple[Work, Member]],
    *,
    method: AssignmentMethod,
    by: Member | None,
    at: datetime | None = None,
) -> dict[int, Member]:
    """Write the assignments in bulk, without the orders that were taken meanwhile."""
    if not pairs:
        return {}
    moment = now()
    if at is not None:
        name_act(at)
    with whole_organization(db.session()):
        claimed = _claim([work for work, _member in pairs])
        given = [(work, member) for work, member in pairs if work.id in claimed]
        report(FollowUp, "consultant_id", insert_keyed(FollowUp, [_follow_up(*each) for each in given]))
        ledger = {"method": method, "by_id": by and by.id, "started_at": at or moment}
        add_lines(
            [
                {"order_id": work.id, "customer_id": work.customer_id, "to_member_id": member.id} | ledger
                for work, member in given
            ]
        )
        for place, (_work, member) in enumerate(given):
            # The offset keeps the order of the batch, so the next batch continues where this one ended.
            member.last_assigned_at = moment + timedelta(microseconds=place)
        _record(given)
    return {work.id: member for work, member in given}


def _record(given: Sequence[tuple[Work, Member]]) -> None:
    before, after = {"status": OrderStatus.NEW}, {"status": OrderStatus.ASSIGNED}
    for work, member in given:
        row = work if isinstance(work, Order) else None
        note("assign", Order, work.id, before=before, after=after, row=row)
        note("add", Assignment, None, after={"order_id": work.id, "to_member_id": member.id})


def _claim(orders: Sequence[Work]) -> set[int]:
    """Mark new orders as assigned; returns the ids. Of concurrent transactions, one gets each order."""
    claimed = set(
        db.session.scalars(
            update(Order)
            .where(Order.id.in_([order.id for order in orders]), Order.status == OrderStatus.NEW)
            .values(status=OrderStatus.ASSIGNED)
            .returning(Order.id)
            .execution_options(synchronize_session=False)
        )
    )
    for order in orders:
        if isinstance(order, Order):
            db.session.expire(order, ["status", "updated_at", "row_version"])
    return claimed


def _follow_up(work: Work, member: Member) -> dict[str, Any]:
    return {
        "order_id": work.id,
        "customer_id": work.customer_id,
        "product_id": work.product_id,
        "consultant_id": member.id,
    }


def lock_assignee(member: Member) -> None:
    """Lock *member* and raise `UnfitMember` when they can't be assigned work."""
    # Lock order: member, then orders, as in the round robin (avoids deadlocks).
    db.session.refresh(member, with_for_update={"key_share": True, "of": Member})
    if member.organization_id != actor_of(db.session()).organization_id or not member.active:
        raise UnfitMember(_("%(who)s can't be given work."), field="member", who=member.full_name)
    if member.is_invited:
        words = _("%(who)s is invited and has not logged in yet; work can be given after the first login.")
        raise UnfitMember(words, field="member", who=member.full_name)


def _refusal(order: Order) -> DomainError:
    with whole_organization(db.session()):
        follow_up = db.session.scalar(select(FollowUp).where(FollowUp.order_id == order.id))
    if follow_up is not None:
        words = _("This order was assigned to %(who)s at the same time.")
        return AlreadyAssigned(words, who=follow_up.consultant.full_name)
    return NotAssignable(_("An order that is «%(status)s» can't be assigned."), status=order.status.label)


def already_with(follow_up: FollowUp) -> AlreadyAssigned:
    return AlreadyAssigned(_("%(who)s has this already."), who=follow_up.consultant.full_name)
