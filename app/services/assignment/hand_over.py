"""Reassigns many follow-ups at once, and undoes that. Both append to the ledger of assignments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from app.extensions import db
from app.lib.clock import now
from app.services.assignment.assign import AlreadyAssigned, UnfitMember, already_with, lock_assignee
from app.services.audit.record import note
from app.services.bulk import insert_all
from models.assignment import Assignment, AssignmentMethod
from models.follow_up import FollowUp
from models.member import Member
from models.tenancy.scope import whole_organization


def reassign_all(
    follow_ups: Sequence[FollowUp], member: Member, *, by: Member | None, at: datetime
) -> dict[int, str]:
    """Reassign *follow_ups* at the moment *at*; returns the refusals by follow-up id.

    Raises `AlreadyAssigned` when all are refused.
    """
    lock_assignee(member)
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


def hand_back(at: datetime, *, by: Member) -> int:
    """Undo the reassignment that *by* made at *at*; returns how many follow-ups went back."""
    with whole_organization(db.session()):
        statement = (
            select(FollowUp, Assignment.from_member_id)
            .join(Assignment, Assignment.order_id == FollowUp.order_id)
            .where(
                Assignment.started_at == at,
                Assignment.by_id == by.id,
                Assignment.from_member_id.is_not(None),
                Assignment.ended_at.is_(None),
                Assignment.to_member_id == FollowUp.consultant_id,
            )
        )
        groups: dict[int, list[FollowUp]] = {}
        for follow_up, earlier in db.session.execute(statement):
            groups.setdefault(earlier, []).append(follow_up)
        return sum(_return(rows, earlier, by=by) for earlier, rows in groups.items())


def _return(follow_ups: Sequence[FollowUp], earlier: int, *, by: Member) -> int:
    """Reassign *follow_ups* to the member *earlier*, unless that member can't be assigned work any more."""
    try:
        member = db.session.get_one(Member, earlier)
        return len(follow_ups) - len(reassign_all(follow_ups, member, by=by, at=now()))
    except (UnfitMember, AlreadyAssigned):
        return 0


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
            .returning(FollowUp.id, FollowUp.order_id)
        )
        found = db.session.execute(statement.execution_options(synchronize_session=False)).all()
        gone = {key: order_id for key, order_id in found}  # noqa: C416 - rows are no pairs to a type checker
        _continue_ledger(list(gone.values()), seen, member, by=by, at=at)
        moved |= gone
    whose: tuple[dict[str, Any], ...] = {"consultant_id": seen}, {"consultant_id": member.id}
    for key in moved:
        row = db.session.get(FollowUp, key) if len(moved) == 1 else None
        note("reassign", FollowUp, key, before=whose[0], after=whose[1], row=row)
    return set(moved)


def _continue_ledger(
    order_ids: Sequence[int], seen: int, member: Member, *, by: Member | None, at: datetime
) -> None:
    ending = update(Assignment).where(Assignment.order_id.in_(order_ids), Assignment.ended_at.is_(None))
    db.session.execute(ending.values(ended_at=at).execution_options(synchronize_session=False))
    line = {
        "from_member_id": seen,
        "to_member_id": member.id,
        "started_at": at,
        "method": AssignmentMethod.MANUAL,
        "by_id": by and by.id,
    }
    insert_all(Assignment, [{"order_id": order_id} | line for order_id in order_ids])
