"""Password reset by a mailed link: valid once, for half an hour, and only while the account is unchanged.

The link of an invited member, who may start to work days later, is valid for a week.
"""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select, update

from app.errors import DomainError
from app.extensions import db
from app.gateways import crypto
from app.lib.clock import now
from app.services.account.login import Source
from app.services.account.password import set_password
from app.services.account.rate_limit import Limit, locked_until
from app.services.mail.queue import queue_mail
from models.account import PasswordReset
from models.mail import MailKind
from models.member import Member

VALID_FOR = timedelta(minutes=30)
INVITATION_VALID_FOR = timedelta(days=7)
HOURLY = Limit(2, timedelta(hours=1), timedelta(hours=1))
DAILY = Limit(5, timedelta(days=1), timedelta(days=1), timedelta(days=1))
ADDRESS = Limit(20, timedelta(days=1), timedelta(days=1), timedelta(days=1))


class ResetRefused(DomainError):
    """A link that has expired, was used, or was invalidated by a change of the account."""


def ask_for_link(email: str, source: Source) -> None:
    """Queue a mail when a member has the address. The caller can't tell whether one has."""
    email = email.strip().lower()[:320]
    key = crypto.digest(email)[:40]
    tried = [locked_until(f"reset-hour:{key}", HOURLY), locked_until(f"reset-day:{key}", DAILY)]
    tried.append(locked_until(f"reset-from:{source.ip}", ADDRESS))
    member = db.session.scalar(select(Member).where(func.lower(Member.email) == email))
    if member is not None and member.active and not any(tried):
        queue_mail(member, MailKind.PASSWORD_RESET)


def make_link_token(member: Member) -> str:
    """A new token, valid from now; older links become invalid."""
    token = crypto.new_token()
    db.session.execute(
        update(PasswordReset)
        .where(PasswordReset.member_id == member.id, PasswordReset.used_at.is_(None))
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )
    db.session.add(
        PasswordReset(token_hash=crypto.digest(token), member_id=member.id, bound_to=_state_of(member))
    )
    db.session.flush()
    return token


def find_link(token: str) -> Member:
    """The member of a valid link; does not use the link up, since mail scanners open links. Raises `ResetRefused`."""
    reset = db.session.scalar(select(PasswordReset).where(PasswordReset.token_hash == crypto.digest(token)))
    member = db.session.get(Member, reset.member_id) if reset else None
    if (
        reset is None
        or member is None
        or reset.used_at is not None
        or now() - reset.created_at > (INVITATION_VALID_FOR if member.is_invited else VALID_FOR)
        or reset.bound_to != _state_of(member)
        or not member.active
    ):
        raise ResetRefused(_("This link has expired or was used already."))
    return member


def use_link(token: str, new: str) -> Member:
    """Set the password and use the link up, once. Raises `ResetRefused` or `PasswordRefused`."""
    member = find_link(token)
    set_password(member, new)
    taken = db.session.scalars(
        update(PasswordReset)
        .where(PasswordReset.token_hash == crypto.digest(token), PasswordReset.used_at.is_(None))
        .values(used_at=now())
        .returning(PasswordReset.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not taken:
        raise ResetRefused(_("This link has expired or was used already."))
    return member


def _state_of(member: Member) -> str:
    """A digest of the account's state: another state invalidates the link."""
    return crypto.digest(f"{member.id}|{member.password}|{member.last_login}|{member.email.lower()}")
