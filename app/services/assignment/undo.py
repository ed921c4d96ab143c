"""Undoes the assignments of one act. Each of its lines in the ledger gets a line that gives the order back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.services.assignment.give_back import (
    Assigned,
    parts,
    restore_turns,
    return_to_members,
    return_to_tray,
    write_ledger,
)
from app.services.notification import withdraw
from models.assignment import Assignment
from models.follow_up import FollowUp
from models.member import Member
from models.order import Order, OrderStatus
from models.sms.message import SmsMessage
from models.tenancy.scope import actor_of, whole_organization

# A message names at most this many customers.
_MOST_NAMED = 3


@dataclass(frozen=True)
class Undone:
    """How many assignments were undone and how many stayed, with (customer, reason) of the first of these."""

    count: int
    left: int = 0
    examples: Sequence[tuple[str, str]] = ()

    @property
    def named(self) -> str:
        """The examples, in words."""
        return "؛ ".join(f"{name}: {reason}" for name, reason in self.examples)


def undo_assignments(at: datetime, *, by: Member) -> Undone:
    """Undo what *by* assigned at *at*, except what was changed since."""
    with whole_organization(db.session()):
        members = _locked_members(at, by)
        found = _locked(at, by)
        reasons = [(each, _reason(each, at, members)) for each in found]
        undone = [each for each, reason in reasons if reason is None]
        left = [(each, reason) for each, reason in reasons if reason is not None]
        return_to_tray([each for each in undone if each.line.from_member_id is None])
        return_to_members([each for each in undone if each.line.from_member_id is not None])
        write_ledger(undone, by)
        restore_turns(undone, at, members)
        given = Counter(each.line.to_member_id for each in undone if each.line.to_member_id is not None)
        withdraw(FollowUp, "consultant_id", at, given)
        examples = [(str(each.order.customer), reason) for each, reason in left[:_MOST_NAMED]]
    return Undone(len(undone), len(left), examples)


def _of_act(at: datetime, by: Member) -> tuple[Any, ...]:
    return Assignment.started_at == at, Assignment.by_id == by.id, Assignment.counts()


def _locked_members(at: datetime, by: Member) -> dict[int, Member]:
    """The members whom the act concerns, by id."""
    # Lock order: members, then follow-ups, then orders, as where results and assignments are written.
    lines = select(Assignment.from_member_id, Assignment.to_member_id).where(*_of_act(at, by)).distinct()
    keys = {key for pair in db.session.execute(lines) for key in pair if key is not None}
    statement = select(Member).where(Member.id.in_(keys)).order_by(Member.id)
    locked = statement.with_for_update(key_share=True, of=Member).execution_options(populate_existing=True)
    return {member.id: member for member in db.session.scalars(locked).unique()}


def _locked(at: datetime, by: Member) -> list[Assigned]:
    keys = db.session.scalars(select(Assignment.order_id).where(*_of_act(at, by))).all()
    found: list[Assigned] = []
    for part in parts(keys):
        follow_ups = {each.order_id: each for each in _for_update(FollowUp, FollowUp.order_id.in_(part))}
        orders = {each.id: each for each in _for_update(Order, Order.id.in_(part), with_deleted=True)}
        # Read after the locks: another undo of the same act has marked its lines by now.
        lines = _for_update(Assignment, Assignment.order_id.in_(part), *_of_act(at, by))
        keys_of_work = [each.id for each in follow_ups.values()]
        written = select(SmsMessage.follow_up_id).where(SmsMessage.follow_up_id.in_(keys_of_work)).distinct()
        has_messages = set(db.session.scalars(written))
        for line in lines:
            follow_up = follow_ups.get(line.order_id)
            is_written = follow_up is not None and follow_up.id in has_messages
            found.append(Assigned(line, follow_up, orders[line.order_id], is_written))
    return found


def _for_update(model: Any, *conditions: Any, with_deleted: bool = False) -> Sequence[Any]:
    statement = select(model).where(*conditions).order_by(model.id).with_for_update(of=model)
    options = {"populate_existing": True, "with_deleted": with_deleted}
    return db.session.scalars(statement, execution_options=options).all()


def _reason(each: Assigned, at: datetime, members: dict[int, Member]) -> str | None:
    """Why the assignment stays; None where it can be undone."""
    line, follow_up, reason = each.line, each.follow_up, None
    former = members.get(line.from_member_id) if line.from_member_id is not None else None
    if follow_up is None or each.order.deleted_at is not None:
        reason = _("it was deleted since")
    elif line.ended_at is not None or follow_up.consultant_id != line.to_member_id:
        reason = _("it was assigned again since")
    elif follow_up.last_entry_at is not None and follow_up.last_entry_at >= at:
        reason = _("a result was recorded since")
    elif line.from_member_id is None and (each.has_messages or _is_touched(follow_up, each.order)):
        reason = _("it was changed since")
    elif line.from_member_id is not None and not _can_be_given_work(former):
        reason = _("its former consultant can't be given work")
    return reason


def _can_be_given_work(member: Member | None) -> bool:
    here = actor_of(db.session()).organization_id
    return member is not None and member.organization_id == here and member.active and not member.is_invited


def _is_touched(follow_up: FollowUp, order: Order) -> bool:
    """Whether the follow-up, which the undo deletes, was edited."""
    return follow_up.row_version > 1 or order.status is not OrderStatus.ASSIGNED
