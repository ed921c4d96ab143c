"""Gives undone assignments back: to the tray or to the consultants before, with a line in the ledger for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import func, select, update

from app.extensions import db
from app.lib.clock import now
from app.services.assignment.ledger import add_lines, discount_lines
from app.services.audit.record import note
from app.services.notification import report
from models.assignment import Assignment, AssignmentMethod
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order, OrderStatus
from models.tenancy.scope import actor_of

_PART = 1_000


class Assigned(NamedTuple):
    """A line of the ledger with the present follow-up and order, all of them locked."""

    line: Assignment
    follow_up: FollowUp | None
    order: Order
    has_messages: bool


def return_to_tray(undone: Sequence[Assigned]) -> None:
    """Delete the follow-ups, so that the orders wait for a consultant again."""
    marks = {"deleted_at": now(), "deleted_by_id": actor_of(db.session()).member_id, "delete_batch": uuid4()}
    change_rows(FollowUp, [each.follow_up.id for each in undone if each.follow_up], **marks)
    change_rows(Order, [each.order.id for each in undone], status=OrderStatus.NEW)
    status = {"status": OrderStatus.ASSIGNED}, {"status": OrderStatus.NEW}
    for each in undone:
        note("undo assignment", Order, each.order.id, before=status[0], after=status[1], row=each.order)
        note("delete", FollowUp, each.follow_up.id if each.follow_up else None)


def return_to_members(undone: Sequence[Assigned]) -> None:
    """Give the follow-ups back to their former consultants."""
    groups: dict[int, list[FollowUp]] = {}
    for line, follow_up, _order, _has_messages in undone:
        if follow_up is not None and line.from_member_id is not None:
            groups.setdefault(line.from_member_id, []).append(follow_up)
    for former, follow_ups in groups.items():
        keys = [each.id for each in follow_ups]
        change_rows(FollowUp, keys, consultant_id=former)
        report(FollowUp, "consultant_id", keys)
        for each in follow_ups:
            whose = {"consultant_id": each.consultant_id}, {"consultant_id": former}
            note("undo assignment", FollowUp, each.id, before=whose[0], after=whose[1], row=each)


def write_ledger(undone: Sequence[Assigned], by: Member) -> None:
    """Mark the lines as undone, and add the lines that give the orders back."""
    moment = now()
    change_rows(Assignment, [each.line.id for each in undone], ended_at=moment, undone_at=moment)
    lines = [
        {
            "order_id": line.order_id,
            "from_member_id": line.to_member_id,
            "to_member_id": line.from_member_id,
            "started_at": moment,
            "ended_at": moment if line.from_member_id is None else None,
            "method": AssignmentMethod.MANUAL,
            "by_id": by.id,
            "undoes_id": line.id,
        }
        for line in (each.line for each in undone)
    ]
    add_lines(lines)
    discount_lines([each.line for each in undone])
    for each in undone:
        db.session.expire(each.line)
        db.session.expire(each.order)
        db.session.expire(each.follow_up)


def restore_turns(undone: Sequence[Assigned], at: datetime, members: dict[int, Member]) -> None:
    """Let the next turn begin where it would have without the act, unless members were given orders since."""
    keys = {each.line.to_member_id for each in undone if each.line.from_member_id is None}
    statement = (
        select(Assignment.to_member_id, func.max(Assignment.started_at))
        .where(Assignment.to_member_id.in_(keys), Assignment.from_member_id.is_(None), Assignment.counts())
        .group_by(Assignment.to_member_id)
    )
    latest = {key: moment for key, moment in db.session.execute(statement)}  # noqa: C416 - rows are no pairs to a type checker
    for key in keys:
        moment = latest.get(key)
        if key is not None and (moment is None or moment < at):
            members[key].last_assigned_at = moment


def change_rows(model: Any, keys: Sequence[int], **values: Any) -> None:
    for part in parts(keys):
        statement = update(model).where(model.id.in_(part)).values(**values)
        db.session.execute(statement.execution_options(synchronize_session=False))


def parts(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + _PART] for start in range(0, len(items), _PART))
