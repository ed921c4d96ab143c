"""Members: invite and change, only within the organisation and below the actor's rank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select

from app.extensions import db
from app.gateways import crypto, password_hash
from app.services.account.login import is_name_of_another
from app.services.account.password import set_one_time_password
from app.services.account.profile import refuse_taken_email
from app.services.account.session import end_all_sessions
from app.services.audit.record import record
from app.services.mail.queue import queue_mail
from app.services.member_activity import require_other_admin
from app.services.member_rank import ADMIN, MemberRefused, assignable_roles, refuse_above, refuse_stronger
from app.services.role.grant import lock_powers
from models.mail import MailKind
from models.member import Member
from models.tenancy.scope import actor_of


@dataclass(frozen=True)
class MemberDetails:
    username: str
    first_name: str
    last_name: str
    email: str
    role: Role
    mobile: str | None = None
    extension: str | None = None
    accepts_orders: bool = True
    daily_capacity: int | None = None


def members_here() -> Select[tuple[Member]]:
    """The members of the acting organisation; without one, the platform's members."""
    return select(Member).where(
        Member.organization_id.is_not_distinct_from(actor_of(db.session()).organization_id)
    )


def invite_member(details: MemberDetails, by: Member) -> Member:
    """Add a member to the acting organisation, who chooses a password by a mailed link. Raises `MemberRefused`."""
    _refuse_role(details.role, by)
    _refuse_taken(details)
    member = Member(
        username=details.username,
        email=details.email.strip().lower(),
        # A random password, replaced by the link or a one-time password.
        password=password_hash.hash_password(crypto.new_token()),
        active=True,
        organization_id=actor_of(db.session()).organization_id,
        roles=[details.role],
        created_by_fk=by.id,
    )
    _write(member, details)
    db.session.add(member)
    db.session.flush()
    queue_mail(member, MailKind.INVITATION)
    record("add", member, after={"username": member.username, "role": details.role.name})
    return member


def create_admin(username: str, email: str) -> str:
    """Add a platform admin; returns the one-time password."""
    role = db.session.scalars(select(Role).where(Role.name == ADMIN)).one()
    _refuse_taken(MemberDetails(username, username, "", email, role))
    admin = Member(
        username=username,
        first_name=username,
        last_name="",
        email=email.strip().lower(),
        password="",
        active=True,
        accepts_orders=False,
        roles=[role],
    )
    db.session.add(admin)
    db.session.flush()
    return set_one_time_password(admin)


def change_member(member: Member, details: MemberDetails, by: Member) -> None:
    """Change a member; a change of role ends their sessions. Raises `MemberRefused`."""
    refuse_above(member, by)
    _refuse_handing_on(member, details, by)
    _refuse_taken(details, member)
    if details.role.name != ADMIN:
        require_other_admin(member)
    before = _described(member)
    if [role.id for role in member.roles] != [details.role.id]:
        member.roles = [details.role]
        end_all_sessions(member)
    member.email = details.email.strip().lower()
    member.row_version = Member.row_version + 1
    _write(member, details)
    db.session.flush()
    after = _described(member)
    record(
        "edit",
        member,
        before={key: value for key, value in before.items() if value != after[key]},
        after={key: value for key, value in after.items() if value != before[key]},
    )


def give_one_time_password(member: Member, by: Member) -> str:
    """Set a one-time password and return it; the member is notified by mail."""
    refuse_above(member, by)
    refuse_stronger(member, by, opens_account=True)
    password = set_one_time_password(member)
    queue_mail(member, MailKind.PASSWORD_CHANGED)
    record("set_password", member)
    return password


def _refuse_handing_on(member: Member, details: MemberDetails, by: Member) -> None:
    """Raise when the change grants a right that *by* lacks."""
    if details.role not in member.roles:
        _refuse_role(details.role, by)
    if [role.id for role in member.roles] != [details.role.id]:
        refuse_stronger(member, by, field="role")
    # Links for a new password go to this address.
    if details.email.strip().lower() != member.email.lower():
        refuse_stronger(member, by, opens_account=True, field="email")


def _refuse_role(role: Role, by: Member) -> None:
    lock_powers([by], [role])
    if role.id not in {each.id for each, _title in assignable_roles(by)}:
        raise MemberRefused(_("Choose one of the roles that you may give."), field="role")


def _refuse_taken(details: MemberDetails, member: Member | None = None) -> None:
    if member is None and is_name_of_another(details.username):
        raise MemberRefused(_("This user name is taken."), field="username")
    refuse_taken_email(details.email, member)


def _write(member: Member, details: MemberDetails) -> None:
    member.first_name, member.last_name = details.first_name, details.last_name
    member.mobile, member.extension = details.mobile, details.extension
    member.accepts_orders, member.daily_capacity = details.accepts_orders, details.daily_capacity


def _described(member: Member) -> dict[str, Any]:
    names = ("first_name", "last_name", "email", "mobile", "extension", "accepts_orders", "daily_capacity")
    return {name: getattr(member, name) for name in names} | {"role": [role.name for role in member.roles]}
