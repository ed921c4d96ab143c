"""The powers of roles and members, compared by every action that grants rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu, assoc_user_role
from sqlalchemy import select

from app.extensions import db
from models.member import Member
from models.role import shows_own_rows

Pair = tuple[str, str]


@dataclass(frozen=True)
class Powers:
    """The rights of one or more roles, and whether they show all rows of the organisation."""

    pairs: frozenset[Pair]
    all_rows: bool

    def cover(self, other: Powers) -> bool:
        """Whether a member with these powers may grant *other*."""
        return other.pairs <= self.pairs and (self.all_rows or not other.all_rows)

    def open_account(self, other: Powers) -> bool:
        """Whether a member with these powers gains nothing from an account with *other*."""
        # The other account may see rows that a member who sees only own rows can't.
        return self.all_rows and self.cover(other)


def powers_by_role(role_ids: Iterable[int]) -> Mapping[int, Powers]:
    """The present powers of roles by role id."""
    statement = (
        select(Role.id, Role.name, Permission.name, ViewMenu.name)
        .outerjoin(Role.permissions)
        .outerjoin(PermissionView.permission)
        .outerjoin(PermissionView.view_menu)
        .where(Role.id.in_(set(role_ids)))
    )
    pairs: dict[int, set[Pair]] = {}
    names: dict[int, str] = {}
    for key, name, permission, view in db.session.execute(statement):
        names[key] = name
        pairs.setdefault(key, set()).update([(permission, view)] if permission else [])
    return {key: Powers(frozenset(pairs[key]), not shows_own_rows(name)) for key, name in names.items()}


def joined(powers: Iterable[Powers]) -> Powers:
    """The union of *powers*."""
    each = list(powers)
    return Powers(frozenset().union(*(one.pairs for one in each)), any(one.all_rows for one in each))


def powers_of(member: Member) -> Powers:
    """The present powers of *member*."""
    return joined(powers_by_role(_roles_of([member])).values())


def lock_powers(people: Iterable[Member], roles: Iterable[Role] = ()) -> None:
    """Lock the roles of *people* and *roles* against edits until the commit."""
    lock_roles([*_roles_of(people), *(role.id for role in roles)])


def lock_roles(role_ids: Iterable[int], *, for_edit: bool = False) -> None:
    """Lock roles, shared for grants, exclusively for an edit."""
    statement = select(Role.id).where(Role.id.in_(set(role_ids))).order_by(Role.id)
    db.session.execute(statement.with_for_update(read=not for_edit))


def _roles_of(people: Iterable[Member]) -> Sequence[int]:
    wanted = [member.id for member in people]
    return db.session.scalars(
        select(assoc_user_role.c.role_id).where(assoc_user_role.c.user_id.in_(wanted))
    ).all()
