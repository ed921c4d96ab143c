"""Passwords: rules, changes and one-time passwords. Each change ends the sessions of the member."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.extensions import db
from app.gateways import password_hash
from app.lib.clock import now
from app.lib.passwords import PasswordError, PasswordReason, accepted_password
from app.lib.persian import persian_digits
from app.services.account.session import end_all_sessions
from app.services.mail.queue import queue_mail
from models.mail import MailKind
from models.member import Member

ONE_TIME_FOR = timedelta(hours=24)
LEAST, LEAST_OF_POWERFUL = 8, 12
_POWERFUL = {"Manager", "Admin"}

_SENTENCES: dict[PasswordReason, LazyString] = {
    PasswordReason.TOO_SHORT: _("Write at least %(least)s characters."),
    PasswordReason.TOO_LONG: _("Write at most 200 characters."),
    PasswordReason.COMMON: _("This password is too easy to guess; choose another one."),
    PasswordReason.PERSONAL: _("Your name or number is no password; choose another one."),
}


class PasswordRefused(DomainError):
    """A new password that breaks a rule, or a wrong present password."""


def change_password(member: Member, *, present: str, new: str) -> None:
    """Change the member's own password, given the present one; ends all their sessions."""
    if not password_hash.password_matches(member.password, present):
        raise PasswordRefused(_("The present password is wrong."), field="present")
    if present == new:
        raise PasswordRefused(_("This is the password that you have already."), field="password")
    set_password(member, new)


def set_password(member: Member, new: str) -> None:
    """Set a password that *member* chose; ends their sessions and notifies them by mail."""
    member.password = password_hash.hash_password(_accepted(member, new))
    member.must_change_password, member.one_time_until = False, None
    member.password_changed_at = now()
    end_all_sessions(member)
    queue_mail(member, MailKind.PASSWORD_CHANGED)
    db.session.flush()


def set_one_time_password(member: Member) -> str:
    """Set and return a password that is valid for a day and must be replaced after login. Only its hash is stored."""
    password = "-".join(secrets.token_hex(2) for _part in range(3))
    member.password = password_hash.hash_password(password)
    member.must_change_password = True
    member.one_time_until = now() + ONE_TIME_FOR
    member.password_changed_at = now()
    end_all_sessions(member)
    db.session.flush()
    return password


def _accepted(member: Member, new: str) -> str:
    least = LEAST_OF_POWERFUL if _POWERFUL & {role.name for role in member.roles} else LEAST
    organization = member.organization.name if member.organization else ""
    personal = [member.username, member.mobile or "", (member.mobile or "").replace("+98", "0"), organization]
    try:
        return accepted_password(new, least=least, personal=[*personal, member.email])
    except PasswordError as error:
        raise PasswordRefused(
            _SENTENCES[error.reason], field="password", least=persian_digits(least)
        ) from error
