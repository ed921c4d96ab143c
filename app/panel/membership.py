"""The rights of who acts, asked for again inside the transaction that writes."""

from __future__ import annotations

from flask import abort
from flask_login import current_user
from sqlalchemy import select

from app.extensions import db
from models.member import Member
from models.organization import Organization, OrganizationStatus
from models.tenancy.scope import actor_of


def hold_membership() -> None:
    """Refuse who has lost his place since the request began; until the commit nobody can take it from him.

    Members come before rows in every transaction that locks both, lest two wait crosswise.
    """
    statement = (
        select(Member.active, Member.organization_id, Organization.status)
        .outerjoin(Organization, Member.organization_id == Organization.id)
        .where(Member.id == actor_of(db.session()).member_id)
        .with_for_update(read=True, of=Member)
    )
    found = db.session.execute(statement).one_or_none()
    # What stands in `current_user` is what the request began with, and what its scope was made of.
    if found is None or not found.active or found.organization_id != current_user.organization_id:
        abort(403)
    if found.status not in {None, OrganizationStatus.ACTIVE}:
        abort(403)
