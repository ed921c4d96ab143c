"""SMS on a timeline: sent ones, received ones, and those that were not sent."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select

from app.lib.persian import persian_digits
from app.panel.queries.counts import inline_limit
from app.panel.timeline import Event, Record, Source
from app.services.order.phone import own_mobiles
from models.customer import Customer
from models.follow_up import FollowUp
from models.sale import Sale
from models.sms.campaign import SmsExclusion
from models.sms.consent import SmsInbound
from models.sms.message import SmsMessage


def _fold(number: int) -> str:
    return persian_digits(ngettext("%(num)s SMS", "%(num)s SMS", number))


def _sent(row: Any) -> Event:
    state = row.left_out.label if row.left_out else row.state.label
    # The campaign of another member is out of scope.
    title = row.campaign.title if row.campaign is not None else ""
    return Event(
        icon="message-up",
        title=_("SMS «%(title)s»", title=title) if title else _("SMS"),
        state=str(state),
        text=row.body,
        by=str(row.sender) if row.sender else "",
        bubble="out",
    )


SENT = Source(
    section="sent-sms",
    model=SmsMessage,
    at="created_at",
    of={
        Customer: lambda customer: SmsMessage.customer_id == customer["id"],
        FollowUp: lambda follow_up: SmsMessage.follow_up_id == follow_up["id"],
        Sale: lambda sale: SmsMessage.customer_id == sale["customer_id"],
    },
    event=_sent,
    reads=("campaign.title", "state", "left_out", "body", "sender"),
    fold=_fold,
)


def _received(row: Any) -> Event:
    return Event(icon="message-down", title=_("Received SMS"), colour="teal", text=row.text, bubble="in")


def _numbers_of(row: Any) -> list[str]:
    customer = row if isinstance(row, Customer) else row.customer
    # A member may see a sale without its customer.
    return own_mobiles(customer) if customer is not None else []


def _from_the_number(record: Record) -> ColumnElement[bool]:
    return record.each(SmsInbound.mobile)


def _answers(messages: Select[Any], record: Record) -> ColumnElement[bool]:
    """The texts to a line from which a message to the customer, of the section, has gone to the number before.

    Lines are shared by organisations, so a number alone, which a member can type, shows nothing.
    """
    answered = messages.where(
        SmsMessage.customer_id == record["id" if record.model is Customer else "customer_id"],
        SmsMessage.mobile == SmsInbound.mobile,
        SmsMessage.provider_id == SmsInbound.provider_id,
        SmsMessage.created_at <= SmsInbound.received_at,
    )
    # The last message before a text is nearly always one that it answers; EXISTS would read the oldest ones first.
    last = answered.with_only_columns(SmsMessage.id)
    last = last.order_by(SmsMessage.created_at.desc(), SmsMessage.id.desc()).limit(inline_limit(1))
    return last.scalar_subquery().is_not(None)


RECEIVED = Source(
    section="sent-sms",
    model=SmsInbound,
    at="received_at",
    of=dict.fromkeys((Customer, FollowUp, Sale), _from_the_number),
    ranges=_numbers_of,
    scope=_answers,
    event=_received,
    reads=("text",),
)


def _refused(row: Any) -> Event:
    return Event(
        icon="message-x",
        title=_("SMS not sent: %(reason)s", reason=row.reason.label),
        colour="red",
        text=row.details,
    )


def _of_follow_ups(follow_ups: Select[Any], _record: Record) -> ColumnElement[bool]:
    return follow_ups.where(FollowUp.id == SmsExclusion.follow_up_id).exists()


REFUSED = Source(
    section="follow-ups",
    model=SmsExclusion,
    at="at",
    of={
        Customer: lambda customer: SmsExclusion.customer_id == customer["id"],
        FollowUp: lambda follow_up: SmsExclusion.follow_up_id == follow_up["id"],
    },
    scope=_of_follow_ups,
    event=_refused,
    reads=("reason", "details"),
    fold=_fold,
)
