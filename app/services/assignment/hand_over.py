"""Reassigns many follow-ups at once, with a line in the ledger of assignments for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update

from app.extensions import db
from app.services.assignment.assign import already_with, lock_assignee
from app.services.assignment.ledger import add_lines
from app.services.audit.record import note
from app.services.notification import name_act, report
from models.assignment import Assignment, AssignmentMethod
from models.follow_up import FollowUp
from models.member import Member


def reassign_all(
    follow_ups: Sequence[FollowUp], member: Member, *, by: Member | None, at: datetime
) -> dict[int, str]:
    """Reassign *follow_ups* at the moment *at*; returns the refusals by follow-up id.

    Raises `AlreadyAssigned` when all are refused.
    """
    lock_assignee(member)
    name_act(at)
    seen: dict[int, list[int]] = {}
    for follow_up in follow_ups:
        seen.setdefault(follow_up.consultant_id, []).append(follow_up.id)
    moved: set[int] = set()
    for consultant_id, keys in seen.items():
        moved |= _move(keys, consultant_id, member, by=by, at=at)
    stayed = [follow_up for follow_up in follow_ups if follow_up.id not in moved]
    for follow_up in stayed:
        db.session.refresh(follow_up, ["consultant_id"])
    if stayed and not moved:
        raise already_with(stayed[0])
    return {follow_up.id: str(already_with(follow_up)) for follow_up in stayed}


def _move(keys: Sequence[int], seen: int, member: Member, *, by: Member | None, at: datetime) -> set[int]:
    """Reassign those of *keys* that still belong to the consultant *seen*; returns their ids."""
    if seen == member.id:
        return set()
    moved: dict[int, int] = {}
    for part in (keys[start : start + 1000] for start in range(0, len(keys), 1000)):
        statement = (
            update(FollowUp)
            .where(FollowUp.id.in_(part), FollowUp.consultant_id == seen)
            .values(consultant_id=member.id)
            .returning(FollowUp.id, FollowUp.order_id, FollowUp.customer_id)
        )
        found = db.session.execute(statement.execution_options(synchronize_session=False)).all()
        orders = [{"order_id": row.order_id, "customer_id": row.customer_id} for row in found]
        _continue_ledger(orders, seen, member, by=by, at=at)
        moved |= {row.id: row.order_id for row in found}
    report(FollowUp, "consultant_id", moved)
    whose: tuple[dict[str, Any], ...] = {"consultant_id": seen}, {"consultant_id": member.id}
    for key in moved:
        row = db.session.get(FollowUp, key) if len(moved) == 1 else None
        note("reassign", FollowUp, key, before=whose[0], after=whose[1], row=row)
    return set(moved)


def _continue_ledger(
    orders: Sequence[dict[str, Any]], seen: int, member: Member, *, by: Member | None, at: datetime
) -> None:
    order_ids = [each["order_id"] for each in orders]
    ending = update(Assignment).where(Assignment.order_id.in_(order_ids), Assignment.ended_at.is_(None))
    db.session.execute(ending.values(ended_at=at).execution_options(synchronize_session=False))
    line = {
        "from_member_id": seen,
        "to_member_id": member.id,
        "started_at": at,
        "method": AssignmentMethod.MANUAL,
        "by_id": by and by.id,
    }
    add_lines([each | line for each in orders])
