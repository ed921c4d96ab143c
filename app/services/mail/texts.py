"""Subjects and texts of mails."""

from __future__ import annotations

from flask_babel import gettext as _

from app.lib.jalali import format_datetime
from app.lib.persian import persian_digits
from app.services.account.reset import INVITATION_VALID_FOR, VALID_FOR
from models.mail import MailKind, OutgoingMail


def text_of(mail: OutgoingMail, *, link: str = "") -> tuple[str, str]:
    """(subject, text) of *mail*; *link* is for resets and invitations."""
    return _TEXTS[mail.kind](mail, link)


def _reset(mail: OutgoingMail, link: str) -> tuple[str, str]:
    minutes = persian_digits(int(VALID_FOR.total_seconds() // 60))
    return _("A new password for Ava"), _(
        "Hello %(name)s,\n\nopen this link within %(minutes)s minutes to choose a new password:\n\n%(link)s\n\n"
        "If you did not ask for it, do nothing: your password stays as it is.",
        name=mail.member.full_name,
        minutes=minutes,
        link=link,
    )


def _changed(mail: OutgoingMail, _link: str) -> tuple[str, str]:
    return _("Your password for Ava was changed"), _(
        "Hello %(name)s,\n\nyour password was changed on %(when)s and all your sessions have ended.\n\n"
        "If it was not you, tell your manager at once.",
        name=mail.member.full_name,
        when=format_datetime(mail.created_at),
    )


def _invitation(mail: OutgoingMail, link: str) -> tuple[str, str]:
    return _("Your account in Ava"), _(
        "Hello %(name)s,\n\n%(organization)s has made an account for you. Your user name is %(username)s.\n\n"
        "Choose your password here within %(days)s days:\n\n%(link)s",
        name=mail.member.full_name,
        organization=mail.member.organization.name if mail.member.organization else _("Ava"),
        username=mail.member.username,
        days=persian_digits(INVITATION_VALID_FOR.days),
        link=link,
    )


_TEXTS = {
    MailKind.PASSWORD_RESET: _reset,
    MailKind.PASSWORD_CHANGED: _changed,
    MailKind.INVITATION: _invitation,
}
