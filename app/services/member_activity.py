"""Members who leave and members who return: their deactivation, and who takes their follow-ups."""

from __future__ import annotations

from collections.abc import Sequence

from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.extensions import db
from app.lib.clock import now
from app.services.account.session import end_all_sessions
from app.services.assignment.hand_over import reassign_all
from app.services.audit.record import record
from app.services.member_rank import ADMIN, MemberRefused, refuse_above, refuse_stronger
from models.follow_up import FollowUp, FollowUpStatus
from models.member import Member


def deactivate_member(member: Member, by: Member, *, hand_over_to: Member | None = None) -> int:
    """Deactivate *member* at once; returns how many of their open follow-ups went to *hand_over_to*."""
    refuse_above(member, by)
    refuse_stronger(member, by)
    require_other_admin(member)
    member.active = False
    end_all_sessions(member)
    db.session.flush()
    moved = 0 if hand_over_to is None else _hand_over(open_follow_ups(member), hand_over_to, by)
    record("deactivate", member, after={"active": False, "handed over": moved})
    return moved


def _hand_over(follow_ups: Sequence[FollowUp], to: Member, by: Member) -> int:
    return len(follow_ups) - len(reassign_all(follow_ups, to, by=by, at=now())) if follow_ups else 0


def activate_member(member: Member, by: Member) -> None:
    refuse_above(member, by)
    refuse_stronger(member, by)
    member.active = True
    db.session.flush()
    record("activate", member, after={"active": True})


def open_follow_ups(member: Member) -> Sequence[FollowUp]:
    """The open follow-ups of *member*."""
    statement = select(FollowUp).where(
        FollowUp.consultant_id == member.id,
        FollowUp.status.in_([FollowUpStatus.OPEN, FollowUpStatus.WAITING]),
    )
    return db.session.scalars(statement.order_by(FollowUp.id)).all()


def require_other_admin(member: Member) -> None:
    """Raise when *member* is the last active admin. Locks the admins, so that two can't deactivate each other."""
    if ADMIN not in {role.name for role in member.roles}:
        return
    admins = select(Member.id).join(Member.roles).where(Role.name == ADMIN, Member.active.is_(True))
    db.session.execute(admins.order_by(Member.id).with_for_update(of=Member))
    # Read again, because a statement that waited for the lock returns the roles of before.
    if set(db.session.scalars(admins)) <= {member.id}:
        raise MemberRefused(_("One active platform admin must remain."))
