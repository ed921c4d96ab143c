"""Members: invite, change, deactivate, only within the organisation and below the actor's rank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_appbuilder.security.sqla.models import Role, assoc_user_role
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, func, select

from app.errors import DomainError
from app.extensions import db
from app.gateways import crypto
from app.services.account.password import set_one_time_password
from app.services.account.profile import refuse_taken_email
from app.services.account.session import end_all_sessions
from app.services.assignment.assign import reassign
from app.services.audit.record import record
from app.services.mail.queue import queue_mail
from app.services.role.grant import lock_powers, powers_by_role, powers_of
from models.follow_up import FollowUp, FollowUpStatus
from models.mail import MailKind
from models.member import Member
from models.role import ExtraRole
from models.tenancy.scope import actor_of

_ADMIN = "Admin"
_RANKS = {"Manager": 2, "Operator": 3, _ADMIN: 4}
_PLATFORM = (_ADMIN, "Operator")
_ORDINARY = ("Consultant", "SupportAgent", "Manager")


class MemberRefused(DomainError):
    """A member or role above the actor's rank, or a taken name."""


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


def rank_of(roles: Iterable[Any]) -> int:
    """The highest rank of *roles*; extra roles and roles without members to manage have the lowest."""
    return max((_RANKS.get(role.name, 1) for role in roles), default=1)


def members_here() -> Select[tuple[Member]]:
    """The members of the acting organisation; without one, the platform's members."""
    return select(Member).where(
        Member.organization_id.is_not_distinct_from(actor_of(db.session()).organization_id)
    )


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


def invite_member(details: MemberDetails, by: Member) -> Member:
    """Add a member to the acting organisation, who chooses a password by a mailed link. Raises `MemberRefused`."""
    _refuse_role(details.role, by)
    _refuse_taken(details)
    member = Member(
        username=details.username,
        email=details.email.strip().lower(),
        # A random password, replaced by the link or a one-time password.
        password=crypto.hash_password(crypto.new_token()),
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
    role = db.session.scalars(select(Role).where(Role.name == _ADMIN)).one()
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
    if details.role.name != _ADMIN:
        _require_other_admin(member)
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


def deactivate_member(member: Member, by: Member, *, hand_over_to: Member | None = None) -> int:
    """Deactivate *member* at once; returns how many of their open follow-ups went to *hand_over_to*."""
    refuse_above(member, by)
    refuse_stronger(member, by)
    _require_other_admin(member)
    member.active = False
    end_all_sessions(member)
    db.session.flush()
    moved = open_follow_ups(member) if hand_over_to is not None else []
    for follow_up in moved:
        reassign(follow_up, hand_over_to, by=by)  # type: ignore[arg-type]  # without a receiver, there is no row to move
    record("deactivate", member, after={"active": False, "handed over": len(moved)})
    return len(moved)


def activate_member(member: Member, by: Member) -> None:
    refuse_above(member, by)
    refuse_stronger(member, by)
    member.active = True
    db.session.flush()
    record("activate", member, after={"active": True})


def give_one_time_password(member: Member, by: Member) -> str:
    """Set a one-time password and return it; the member is notified by mail."""
    refuse_above(member, by)
    refuse_stronger(member, by, opens_account=True)
    password = set_one_time_password(member)
    queue_mail(member, MailKind.PASSWORD_CHANGED)
    record("set_password", member)
    return password


def open_follow_ups(member: Member) -> Sequence[FollowUp]:
    """The open follow-ups of *member*."""
    statement = select(FollowUp).where(
        FollowUp.consultant_id == member.id,
        FollowUp.status.in_([FollowUpStatus.OPEN, FollowUpStatus.WAITING]),
    )
    return db.session.scalars(statement.order_by(FollowUp.id)).all()


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
    taken = select(Member.id).where(func.lower(Member.username) == details.username.lower())
    owner = db.session.scalar(taken)
    if owner is not None and (member is None or owner != member.id):
        raise MemberRefused(_("This user name is taken."), field="username")
    refuse_taken_email(details.email, member)


def _require_other_admin(member: Member) -> None:
    """Raise when *member* is the last active admin. Locks the admins, so that two can't deactivate each other."""
    if _ADMIN not in {role.name for role in member.roles}:
        return
    admins = select(Member.id).join(Member.roles).where(Role.name == _ADMIN, Member.active.is_(True))
    db.session.execute(admins.order_by(Member.id).with_for_update(of=Member))
    # Read again, because a statement that waited for the lock returns the roles of before.
    if set(db.session.scalars(admins)) <= {member.id}:
        raise MemberRefused(_("One active platform admin must remain."))


def _write(member: Member, details: MemberDetails) -> None:
    member.first_name, member.last_name = details.first_name, details.last_name
    member.mobile, member.extension = details.mobile, details.extension
    member.accepts_orders, member.daily_capacity = details.accepts_orders, details.daily_capacity


def _described(member: Member) -> dict[str, Any]:
    names = ("first_name", "last_name", "email", "mobile", "extension", "accepts_orders", "daily_capacity")
    return {name: getattr(member, name) for name in names} | {"role": [role.name for role in member.roles]}
