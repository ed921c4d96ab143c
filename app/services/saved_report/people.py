"""The owner and the receivers of a saved report."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.extensions import db
from models.member import Member
from models.role import SHARES_VIEWS
from models.schedule.viewers import viewers
from models.tenancy.scope import actor_of


def viewers_among(keys: Collection[int], view_name: str) -> Mapping[int, Member]:
    """Those of the members *keys* who may see the report with the rights of *view_name*, by key."""
    statement = viewers(view_name, actor_of(db.session()).organization_id)
    found = db.session.scalars(statement.where(Member.id.in_(keys)))
    return {member.id: member for member in found}


def may_send_to_others(member: Member) -> bool:
    """Whether the member may share reports, and so send them to others."""
    return not SHARES_VIEWS.isdisjoint(role.name for role in member.roles)


def names_of(keys: Collection[int]) -> str:
    """The names of members in the order of *keys*, also of those who have left the organisation."""
    found = db.session.scalars(select(Member).where(Member.id.in_(keys)))
    names = {member.id: member.full_name for member in found}
    return "، ".join(names[key] for key in keys if key in names)
