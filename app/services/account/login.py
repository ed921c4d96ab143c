"""Login: finds the member by name, mobile or e-mail, checks the password, limits the tries."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import func, or_, select

from app.errors import DomainError
from app.extensions import db
from app.gateways import crypto, password_hash
from app.lib.clock import now
from app.lib.mobile import MobileError, canonical_mobile
from app.lib.persian import persian_digits
from app.services.account.rate_limit import SITE, Limit, locked_until, reset, uncount
from models.account import LoginEvent, LoginOutcome
from models.member import Member

ACCOUNT = Limit(10, timedelta(minutes=5), timedelta(minutes=10))
# A whole office shares one address.
ADDRESS = Limit(100, timedelta(minutes=5), timedelta(minutes=5))
_LONGEST = 320


class LoginRefused(DomainError):
    """A failed login. The message does not say whether the name or the password is wrong."""


class LoginLocked(LoginRefused):
    """Too many tries."""


@dataclass(frozen=True)
class Source:
    """IP address and user agent of a request."""

    ip: str = ""
    agent: str = ""


def admit(name: str, source: Source) -> Member | None:
    """Count the try before any check; raises `LoginLocked`. The caller commits in both cases."""
    member = find_by_name(name)
    until = locked_until(_key_of(member, name), ACCOUNT)
    if source.ip:
        until = locked_until(f"address:{source.ip}", ADDRESS) or until
    if until is not None:
        note_login(member, LoginOutcome.LOCKED, source)
        raise locked(until)
    return member


def check_password(member: Member | None, name: str, password: str, source: Source) -> Member:
    """Check the password; returns the member or raises `LoginRefused`."""
    matches = password_hash.password_matches(member.password if member else None, password[:_LONGEST])
    if member is None or not matches or not member.active or _is_over(member):
        note_login(member, LoginOutcome.WRONG, source)
        raise LoginRefused(_("The user name or the password is wrong."))
    reset_tries(member, source)
    if password_hash.is_outdated(member.password or ""):
        member.password = password_hash.hash_password(password)
    return member


def reset_tries(member: Member, source: Source) -> None:
    """Take the tries back after a right password."""
    # Same order as when they are counted (avoids deadlocks).
    reset(_key_of(member, member.username))
    uncount(f"address:{source.ip}")
    uncount(SITE)


def find_by_name(name: str) -> Member | None:
    """The member with this user name, else e-mail, else mobile, where exactly one has it."""
    name = name.strip()[:_LONGEST]
    if not name or "\x00" in name:
        return None
    for column in (Member.username, Member.email):
        found = db.session.scalars(select(Member).where(func.lower(column) == name.lower()).limit(2)).all()
        if len(found) == 1:
            return found[0]
    return _find_by_mobile(name)


def _find_by_mobile(name: str) -> Member | None:
    try:
        mobile = canonical_mobile(name)
    except MobileError:
        return None
    found = db.session.scalars(select(Member).where(Member.mobile == mobile).limit(2)).all()
    return found[0] if len(found) == 1 else None


def is_name_of_another(name: str, member: Member | None = None) -> bool:
    """Whether someone but *member* logs in with *name*: as user name, e-mail or mobile, in any organisation."""
    name = name.strip()
    same = [func.lower(Member.username) == name.lower(), func.lower(Member.email) == name.lower()]
    with suppress(MobileError):
        same.append(Member.mobile == canonical_mobile(name))
    found = select(Member.id).where(or_(*same), Member.id != (member.id if member else 0))
    return db.session.scalar(found.limit(1)) is not None


def note_login(member: Member | None, outcome: LoginOutcome, source: Source) -> None:
    """Add a login event, which the member can read."""
    db.session.add(
        LoginEvent(
            member_id=member.id if member else None,
            outcome=outcome,
            ip=source.ip[:45],
            agent=source.agent[:300],
        )
    )


def logins_of(member_id: int, most: int = 20) -> Sequence[LoginEvent]:
    """The last tries to log in as this member, the newest first."""
    statement = select(LoginEvent).where(LoginEvent.member_id == member_id)
    return db.session.scalars(statement.order_by(LoginEvent.id.desc()).limit(most)).all()


def locked(until: datetime) -> LoginLocked:
    """The refusal that says how long the lock lasts."""
    minutes = max(1, -int((now() - until).total_seconds() // 60))
    return LoginLocked(
        _("After too many failed tries, you can log in again in %(minutes)s minutes."),
        minutes=persian_digits(minutes),
    )


def _is_over(member: Member) -> bool:
    """Whether a one-time password has expired."""
    return member.must_change_password and member.one_time_until is not None and member.one_time_until < now()


def _key_of(member: Member | None, name: str) -> str:
    return f"login:{member.id}" if member else f"login:{crypto.digest(name.lower())[:40]}"
