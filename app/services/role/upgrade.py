"""What `upgrade` mends in extra roles: rights that are allowed no longer, and missing editions."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app.extensions import db
from app.services.role.grant import Pair
from models.role import ExtraRole, RoleEdition, new_token


def prune_roles(allowed: AbstractSet[Pair]) -> int:
    """Remove rights outside of *allowed* from all extra roles; returns how many roles changed."""
    pruned = 0
    # All organisations, because `upgrade` runs this without an actor.
    for extra in db.session.scalars(select(ExtraRole), execution_options={"unscoped": True}):
        allowed_pairs = [
            pair for pair in extra.role.permissions if (pair.permission.name, pair.view_menu.name) in allowed
        ]
        pruned += len(allowed_pairs) != len(extra.role.permissions)
        extra.role.permissions = allowed_pairs
    return pruned


def begin_editions() -> None:
    """Add the missing editions of roles that are older than editions."""
    without = select(Role.id).outerjoin(RoleEdition, RoleEdition.role_id == Role.id)
    keys = db.session.scalars(without.where(RoleEdition.role_id.is_(None))).all()
    db.session.add_all(RoleEdition(role_id=key, token=new_token()) for key in keys)
    db.session.flush()
