"""The members who may see a report, and so receive it."""

from __future__ import annotations

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, ViewMenu, assoc_user_role
from sqlalchemy import Select, select

from models.member import Member

_SEES = "can_list"


def viewers(view_name: str, organization_id: int | None) -> Select[tuple[Member]]:
    """The active members of an organisation who may see the report with the rights of *view_name*.

    Invited members are left out, because they have not shown yet that the address is theirs.
    """
    by_role = (
        select(assoc_user_role.c.user_id)
        .join(Role, Role.id == assoc_user_role.c.role_id)
        .join(Role.permissions)
        .join(PermissionView.permission)
        .join(PermissionView.view_menu)
        .where(Permission.name == _SEES, ViewMenu.name == view_name)
    )
    here = Member.organization_id == organization_id
    return (
        select(Member)
        .where(here, Member.active.is_(True), Member.has_logged_in(), Member.id.in_(by_role))
        .order_by(Member.first_name, Member.last_name, Member.id)
    )
