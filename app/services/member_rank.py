"""The ranks of members: whom a member may manage, and which roles they may give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_appbuilder.security.sqla.models import Role, assoc_user_role
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.services.role.grant import lock_powers, powers_by_role, powers_of
from models.member import Member
from models.role import ExtraRole
from models.tenancy.scope import actor_of

ADMIN = "Admin"
_RANKS = {"Manager": 2, "Operator": 3, ADMIN: 4}
_PLATFORM = (ADMIN, "Operator")
_ORDINARY = ("Consultant", "SupportAgent", "Manager")


class MemberRefused(DomainError):
    """A member or role above the actor's rank, or a taken name."""


def rank_of(roles: Iterable[Any]) -> int:
    """The highest rank of *roles*; extra roles and roles without members to manage have the lowest."""
    return max((_RANKS.get(role.name, 1) for role in roles), default=1)


def roles_of(keys: Sequence[int]) -> dict[int, list[Role]]:
    """The roles of each of the members with *keys*."""
    found: dict[int, list[Role]] = {key: [] for key in keys}
    pairs = select(assoc_user_role.c.user_id, Role).join(Role, Role.id == assoc_user_role.c.role_id)
    for key, role in db.session.execute(pairs.where(assoc_user_role.c.user_id.in_(keys))):
        found[key].append(role)
    return found


def assignable_roles(by: Member) -> Sequence[tuple[Role, str | None]]:
    """The roles that *by* may grant, each with its title if it is an extra role; none has a right that *by* lacks."""
    here = actor_of(db.session()).organization_id
    names = _PLATFORM if here is None else _ORDINARY
    rank = rank_of(by.roles)
    declared = db.session.scalars(select(Role).where(Role.name.in_(names)).order_by(Role.id)).all()
    plain: list[tuple[Role, str | None]] = [(role, None) for role in declared if may_manage(rank, [role])]
    extra = db.session.scalars(select(ExtraRole).order_by(ExtraRole.title)).all()
    known = [*plain, *((each.role, each.title) for each in extra)]
    own, powers = powers_of(by), powers_by_role(role.id for role, _title in known)
    return [(role, title) for role, title in known if own.cover(powers[role.id])]


def may_manage(rank: int, roles: Sequence[Role]) -> bool:
    """Whether *rank* may manage *roles*. The highest rank manages its equals too; at the lowest, rights decide."""
    return rank > rank_of(roles) or rank == max(_RANKS.values()) or rank_of(roles) == 1


def refuse_above(member: Member, by: Member) -> None:
    """Raise `MemberRefused` unless *member* is below *by*."""
    if member.id == by.id or not may_manage(rank_of(by.roles), member.roles):
        raise MemberRefused(_("You can change only members below your own rank."))


def refuse_stronger(
    member: Member, by: Member, *, opens_account: bool = False, field: str | None = None
) -> None:
    """Raise when *member* has powers that *by* lacks, which *by* could gain through the account."""
    lock_powers([by, member])
    own, theirs = powers_of(by), powers_of(member)
    if not (own.open_account(theirs) if opens_account else own.cover(theirs)):
        raise MemberRefused(_("This member may do more than you, so you can't change this."), field=field)
