"""Reassigns a follow-up to another consultant and continues its ledger."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CursorResult, update

from app.extensions import db
from app.lib.clock import now
from app.services.assignment.assign import already_with, lock_assignee
from app.services.audit.record import note
from app.services.notification import report
from models.assignment import Assignment, AssignmentMethod
from models.follow_up import FollowUp
from models.member import Member


def reassign(follow_up: FollowUp, member: Member, *, by: Member | None) -> FollowUp:
    """Reassign *follow_up*; raises `AlreadyAssigned` when its consultant has changed since it was loaded."""
    session = db.session()
    seen = follow_up.consultant_id
    lock_assignee(member)
    moved: CursorResult[Any] = session.execute(
        update(FollowUp)
        .where(
            FollowUp.id == follow_up.id, FollowUp.consultant_id == seen, FollowUp.consultant_id != member.id
        )
        .values(consultant_id=member.id)
        .execution_options(synchronize_session=False)
    )
    session.refresh(follow_up)
    if not moved.rowcount:
        raise already_with(follow_up)
    whose = {"consultant_id": seen}, {"consultant_id": member.id}
    note("reassign", FollowUp, follow_up.id, before=whose[0], after=whose[1], row=follow_up)
    report(FollowUp, "consultant_id", [follow_up.id])
    _continue_ledger(follow_up, from_member_id=seen, by=by)
    return follow_up


def _continue_ledger(follow_up: FollowUp, *, from_member_id: int, by: Member | None) -> None:
    moment = now()
    session = db.session()
    session.execute(
        update(Assignment)
        .where(Assignment.order_id == follow_up.order_id, Assignment.ended_at.is_(None))
        .values(ended_at=moment)
        .execution_options(synchronize_session=False)
    )
    session.add(
        Assignment(
            order_id=follow_up.order_id,
            customer_id=follow_up.customer_id,
            from_member_id=from_member_id,
            to_member_id=follow_up.consultant_id,
            started_at=moment,
            method=AssignmentMethod.MANUAL,
            by_id=by and by.id,
        )
    )
    session.flush()
