"""What the enabled provider accounts take as a text, and the refusal of what they do not take."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.gateways.sms.limits import TextLimits, strictest
from app.gateways.sms.registry import limits_of
from app.lib.persian import group_number
from app.lib.sms_text.size import has_link, size_of
from models.sms.provider import ProviderKind, SmsProvider


class TextRefused(DomainError):
    """The provider would refuse the text."""


def current_limits() -> TextLimits:
    """What all enabled accounts take, because any of them may send a message.

    Without an account, what all providers take: the account that will send the message is not known.
    """
    statement = (
        select(SmsProvider.kind, SmsProvider.takes_links)
        .where(SmsProvider.is_enabled)
        .order_by(SmsProvider.position, SmsProvider.id)
    )
    accounts = [replace(limits_of(kind), takes_links=links) for kind, links in db.session.execute(statement)]
    return strictest(accounts or [limits_of(kind) for kind in ProviderKind])


def refusal_of(text: str, limits: TextLimits, *, field: str | None = None) -> TextRefused | None:
    """The reason why *text*, as a receiver would get it, is refused; None when it is taken."""
    size = size_of(text)
    most = limits.most(size)
    if size.length > most:
        words = _("The text is too long by %(excess)s characters; the provider takes %(most)s.")
        excess = group_number(size.length - most)
        return TextRefused(words, field=field, excess=excess, most=group_number(most))
    if not limits.takes_links and has_link(text):
        return TextRefused(_("The provider takes no link in a text."), field=field)
    return None


def check_text(text: str, limits: TextLimits, *, field: str) -> None:
    """Raise the refusal of *text*, if there is one."""
    if (refusal := refusal_of(text, limits, field=field)) is not None:
        raise refusal
