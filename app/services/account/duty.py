"""Duties: what a member must do or wait for before the panel lets them in."""

from __future__ import annotations

import enum
from collections.abc import Collection

from models.member import Member
from models.organization import Organization, OrganizationStatus

_ADMIN, _MANAGER = "Admin", "Manager"


class Duty(enum.Enum):
    """Why a login or a token gives no access yet."""

    SUSPENDED = "suspended"
    CLOSED = "closed"
    OWN_PASSWORD = "own password"  # noqa: S105 - not a password
    SECOND_STEP = "second step"


def first_duty(member: Member, roles: Collection[str], *, in_production: bool) -> Duty | None:
    """The first duty of *member* with *roles*; None when there is none."""
    organization = member.organization
    if organization is not None and organization.status is not OrganizationStatus.ACTIVE:
        return Duty.CLOSED if organization.status is OrganizationStatus.DELETED else Duty.SUSPENDED
    if member.must_change_password:
        return Duty.OWN_PASSWORD
    if needs_totp(roles, organization, in_production=in_production) and not member.totp_secret:
        return Duty.SECOND_STEP
    return None


def needs_totp(roles: Collection[str], organization: Organization | None, *, in_production: bool) -> bool:
    """Whether a login needs a second step: platform admins in production, managers where they chose so."""
    if _ADMIN in roles and in_production:
        return True
    return bool(_MANAGER in roles and organization is not None and organization.managers_need_totp)
