"""The session, member and organisation of a request for news, as plain values: loading the rows takes twice as long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from app.extensions import db
from models.account import UserSession
from models.member import Member
from models.organization import Organization, OrganizationStatus


class _Brief:
    """Some values of a row of `_row`; any other attribute is read from the row, with one statement."""

    _row: type[Any]
    id: int

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(db.session.get_one(self._row, self.id), name)


@dataclass(frozen=True)
class BriefOrganization(_Brief):
    _row = Organization
    id: int
    status: OrganizationStatus
    managers_need_totp: bool


@dataclass(frozen=True)
class BriefMember(_Brief):
    """A member whose session is valid, so they may log in and have done so."""

    # What Flask-Login asks of a user.
    is_authenticated: ClassVar = True
    is_active: ClassVar = True
    is_anonymous: ClassVar = False
    _row = Member
    id: int
    organization_id: int | None
    must_change_password: bool
    totp_secret: str | None
    organization: BriefOrganization | None


@dataclass(frozen=True)
class BriefSession(_Brief):
    _row = UserSession
    id: int
    acting_organization_id: int | None
    member: BriefMember

    @property
    def member_id(self) -> int:
        return self.member.id


BRIEF_COLUMNS = (
    UserSession.id,
    UserSession.acting_organization_id,
    Member.id,
    Member.must_change_password,
    Member.totp_secret,
    Organization.id,
    Organization.status,
    Organization.managers_need_totp,
)


def brief_session(values: Any) -> BriefSession:
    """The session of a row that begins with `BRIEF_COLUMNS`; platform members have no organisation."""
    key, acting_id, member_id, must_change, secret, own_id, *of_own = values[: len(BRIEF_COLUMNS)]
    own = None if own_id is None else BriefOrganization(own_id, *of_own)
    return BriefSession(key, acting_id, BriefMember(member_id, own_id, must_change, secret, own))
