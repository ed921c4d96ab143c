"""Extra roles of an organisation. Their rights are FAB's pairs, and each editor must have all of them."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu, assoc_user_role
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm.attributes import flag_modified

from app.errors import DomainError
from app.extensions import db
from app.services.audit.record import record
from app.services.role.grant import Pair, lock_roles
from models.role import ExtraRole
from models.tenancy.scope import actor_of


class RoleRefused(DomainError):
    """A role with more rights than its editor, with a taken title, or with members."""


def make_role(
    title: str, pairs: AbstractSet[Pair], *, own_rows: bool, own_pairs: AbstractSet[Pair]
) -> ExtraRole:
    """Make a role with *pairs*, a subset of the maker's *own_pairs*; raises `RoleRefused`."""
    extra = ExtraRole(title=title, own_rows=own_rows)
    extra.role = Role(name=_name_of(title, own_rows=own_rows))
    _refuse(extra, pairs, own_pairs)
    extra.role.permissions = _find_pairs(pairs)
    db.session.add_all([extra.role, extra])
    db.session.flush()
    record("add", extra, after={"title": title, "own_rows": own_rows, "rights": _sorted(pairs)})
    return extra


def change_role(
    extra: ExtraRole, title: str, pairs: AbstractSet[Pair], *, own_rows: bool, own_pairs: AbstractSet[Pair]
) -> None:
    """Change title and rights of a role; its members have the new rights from their next request."""
    _refuse_stronger(extra, own_pairs)
    before = {"title": extra.title, "own_rows": extra.own_rows, "rights": _sorted(pairs_of(extra.role))}
    extra.title, extra.own_rows = title, own_rows
    # Rights belong to FAB's role. Marking the row counts them in its version, so a concurrent edit is refused.
    flag_modified(extra, "title")
    _refuse(extra, pairs, own_pairs)
    db.session.flush()
    # After the extra role's own row, as in a deletion (avoids deadlocks).
    lock_roles([extra.role_id], for_edit=True)
    extra.role.name = _name_of(title, own_rows=own_rows)
    extra.role.permissions = _find_pairs(pairs)
    db.session.flush()
    after = {"title": title, "own_rows": own_rows, "rights": _sorted(pairs)}
    record("edit", extra, before=before, after=after)


def delete_role(extra: ExtraRole) -> None:
    """Delete a role without members; raises `RoleRefused`."""
    holders = select(func.count()).where(assoc_user_role.c.role_id == extra.role_id)
    if db.session.scalar(holders):
        raise RoleRefused(_("Members still have this role; give them another one first."))
    record("delete", extra, before={"title": extra.title, "rights": _sorted(pairs_of(extra.role))})
    role = extra.role
    role.permissions = []
    db.session.delete(extra)
    db.session.flush()
    db.session.delete(role)
    db.session.flush()


def pairs_of(role: Role) -> set[Pair]:
    """The rights of *role*."""
    return {(pair.permission.name, pair.view_menu.name) for pair in role.permissions}


def extra_titles() -> Mapping[int, str]:
    """The titles of the organisation's extra roles by FAB's role id."""
    rows = db.session.execute(select(ExtraRole.role_id, ExtraRole.title))
    return {row.role_id: row.title for row in rows}


def _refuse_stronger(extra: ExtraRole, own_pairs: AbstractSet[Pair]) -> None:
    """Raise when the role has rights that its editor lacks, even if the edit leaves them as they are."""
    sees_more = actor_of(db.session()).own and not extra.own_rows
    if sees_more or not pairs_of(extra.role) <= own_pairs:
        raise RoleRefused(_("This role allows more than you may do, so you can't change it."))


def _refuse(extra: ExtraRole, pairs: AbstractSet[Pair], own_pairs: AbstractSet[Pair]) -> None:
    if not pairs <= own_pairs:
        raise RoleRefused(_("A role can't hold a right that you don't have."))
    if actor_of(db.session()).own and not extra.own_rows:
        raise RoleRefused(_("You see only your own rows, so the role can't show more."), field="own_rows")
    same = select(ExtraRole.id).where(func.lower(ExtraRole.title) == extra.title.lower())
    with db.session.no_autoflush:
        owner = db.session.scalar(same.where(ExtraRole.id != (extra.id or 0)))
    if owner is not None:
        raise RoleRefused(_("There is a role of this title already."), field="title")


def _find_pairs(pairs: AbstractSet[Pair]) -> list[PermissionView]:
    statement = select(PermissionView).join(PermissionView.permission).join(PermissionView.view_menu)
    names = {permission for permission, _view in pairs}
    views = {view for _permission, view in pairs}
    found = db.session.scalars(statement.where(Permission.name.in_(names), ViewMenu.name.in_(views)))
    return [pair for pair in found if (pair.permission.name, pair.view_menu.name) in pairs]


def _name_of(title: str, *, own_rows: bool) -> str:
    """The name of FAB's role: which rows it shows, its organisation and its title."""
    return f"{'own' if own_rows else 'all'}:{actor_of(db.session()).organization_id}:{title}"[:64]


def _sorted(pairs: AbstractSet[Pair]) -> list[str]:
    return sorted(f"{view} {permission}" for permission, view in pairs)
