"""Events of every kind on the pages of one customer, for tests of timelines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from app.extensions import db
from app.lib.clock import now
from models.assignment import Assignment, AssignmentMethod
from models.customer import Customer
from models.follow_up import FollowUp, FollowUpEntry
from models.member import Member
from models.result_title import ResultTitle
from models.sms.campaign import LeftOut, SmsCampaign, SmsExclusion
from models.sms.consent import SmsInbound
from models.sms.message import MessageState, SmsMessage
from models.sms.provider import ProviderKind, SmsProvider
from tests.factories import FollowUpFactory, OrderFactory, ResultTitleFactory

_number = count(5_000_000)


def provider(name: str = "درگاه") -> SmsProvider:
    row = SmsProvider(name=name, kind=ProviderKind.KAVENEGAR, base_url="http://x", sealed_key_secret="")
    db.session.add(row)
    db.session.flush()
    return row


def follow_up(customer: Customer, consultant: Member, **fields: Any) -> FollowUp:
    """A follow-up of *customer* by *consultant*, with its order, in the acting organisation."""
    order = OrderFactory(customer=customer, note=None, created_by_id=None)
    row: FollowUp = FollowUpFactory(order=order, consultant_id=consultant.id, **fields)
    return row


def result(of: FollowUp, note: str, *, at: datetime | None = None, title: ResultTitle | None = None) -> None:
    title = title or ResultTitleFactory(title=f"نتیجهٔ {next(_number)}")
    entry = {"result_title_id": title.id, "by_id": of.consultant_id, "note": note, "at": at or now()}
    db.session.add(FollowUpEntry(follow_up_id=of.id, **entry))
    db.session.flush()


def sent(
    of: FollowUp, body: str, by: Member, account: SmsProvider, *, at: datetime | None = None
) -> SmsMessage:
    moment = at or now() - timedelta(hours=1)
    campaign = SmsCampaign(
        client_token=uuid4(),
        title="یادآوری",
        body=body,
        expires_at=moment,
        confirmed_at=moment,
        created_by_id=by.id,
    )
    db.session.add(campaign)
    db.session.flush()
    message = SmsMessage(
        campaign_id=campaign.id,
        customer_id=of.customer_id,
        follow_up_id=of.id,
        mobile=of.customer.mobile,
        body=body,
        segments=1,
        local_id=next(_number),
        state=MessageState.DELIVERED,
        not_before=moment,
        expires_at=moment,
        provider_id=account.id,
        created_at=moment,
        created_by_id=by.id,
    )
    db.session.add(message)
    db.session.flush()
    return message


def received(customer: Customer, text: str, account: SmsProvider) -> None:
    row = SmsInbound(
        provider_id=account.id, provider_message_id=uuid4().hex, mobile=customer.mobile, text=text
    )
    db.session.add(row)
    db.session.flush()


def refused(of: FollowUp, details: str) -> None:
    campaign = SmsCampaign(client_token=uuid4(), body="…", expires_at=now(), confirmed_at=now())
    db.session.add(campaign)
    db.session.flush()
    link = {"follow_up_id": of.id, "customer_id": of.customer_id}
    db.session.add(
        SmsExclusion(campaign_id=campaign.id, reason=LeftOut.OPTED_OUT, details=details, at=now(), **link)
    )
    db.session.flush()


def reassigned(of: FollowUp, before: Member, after: Member, by: Member) -> None:
    line = {"from_member_id": before.id, "to_member_id": after.id, "by_id": by.id}
    db.session.add(Assignment(order_id=of.order_id, method=AssignmentMethod.MANUAL, **line))
    db.session.flush()


def places(page: str, words: Sequence[str]) -> list[int]:
    """The places of *words* in the page; -1 for one that is missing."""
    return [page.find(word) for word in words]
