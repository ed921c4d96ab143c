"""A provider inside the test: it does what it is told, and remembers every message that it ever took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.gateways.sms.base import LookUpFailed, Outgoing
from app.gateways.sms.kavenegar import Kavenegar
from app.gateways.sms.limits import TextLimits
from app.gateways.sms.results import DeliveryState, LookUpResult, Outcome, SendResult, Trouble
from app.services.sms import provider as sms_provider
from app.services.sms.campaign.create import create_campaign
from app.services.sms.campaign.recipients import Selection
from app.services.sms.provider import save_key
from models.member import Member
from models.sms.campaign import Audience, CampaignKind
from models.sms.message import MessageState, SmsMessage
from models.sms.provider import SmsProvider
from models.sms.template import SmsCategory, SmsTemplate

Script = Callable[[Outgoing], SendResult | None]


def accept(outgoing: Outgoing) -> SendResult:
    return SendResult(outgoing.local_id, Outcome.ACCEPTED, f"m{outgoing.local_id}", "200", cost_rials=100)


def refuse(outgoing: Outgoing) -> SendResult:
    return SendResult(outgoing.local_id, Outcome.REFUSED_FOR_GOOD, code="411")


def later(trouble: Trouble = Trouble.BUSY, **more: Any) -> Script:
    return lambda outgoing: SendResult(
        outgoing.local_id, Outcome.REFUSED_FOR_NOW, code="409", trouble=trouble, **more
    )


def silent(outgoing: Outgoing) -> SendResult:
    return SendResult(outgoing.local_id, Outcome.UNKNOWN, trouble=Trouble.TRANSPORT)


@dataclass
class FakeGateway:
    """Answers by `script`; what `took` holds stands at the provider, however it answered."""

    script: Script = accept
    max_batch: int = 200
    limits: TextLimits = Kavenegar.limits
    can_look_up: bool = True
    is_idempotent: bool = False
    credit_in_rials: bool = True
    rials: int = 1_000_000
    is_mute: bool = False
    calls: list[list[Outgoing]] = field(default_factory=list)
    took: Counter[int] = field(default_factory=Counter)
    states: dict[int, DeliveryState] = field(default_factory=dict)
    before: Callable[[], None] = lambda: None

    def send(self, batch: Sequence[Outgoing]) -> list[SendResult]:
        self.before()
        self.calls.append(list(batch))
        answers = [self.script(outgoing) for outgoing in batch]
        found = [answer for answer in answers if answer is not None]
        self.take([answer.local_id for answer in found if answer.outcome is Outcome.ACCEPTED])
        return found

    def take(self, local_ids: Sequence[int]) -> None:
        """The provider has these, whether or not anybody was told."""
        self.took.update(local_ids)

    def look_up(self, local_ids: Sequence[int]) -> list[LookUpResult]:
        if self.is_mute:
            raise LookUpFailed("mute")
        return [
            LookUpResult(each, f"m{each}", self.states.get(each, DeliveryState.ACCEPTED))
            if self.took[each]
            else LookUpResult(each, None, None)
            for each in local_ids
        ]

    def status(self, provider_message_ids: Sequence[str]) -> list[LookUpResult]:
        if self.is_mute:
            raise LookUpFailed("mute")
        return [
            LookUpResult(None, each, self.states.get(int(each[1:]), DeliveryState.ACCEPTED))
            for each in provider_message_ids
        ]

    def credit(self) -> int:
        return self.rials

    @property
    def sent(self) -> list[Outgoing]:
        return [outgoing for call in self.calls for outgoing in call]


_number = count(1)


def account(monkeypatch: Any, gateway: FakeGateway, **fields: Any) -> SmsProvider:
    """An account of ours whose provider is *gateway*."""
    gateways: dict[str, FakeGateway] = getattr(sms_provider, "_fakes", {})
    monkeypatch.setattr(sms_provider, "_fakes", gateways, raising=False)
    monkeypatch.setattr(sms_provider, "provider_for", lambda _kind, given: gateways[given.base_url])
    sms_provider._gateway.cache_clear()
    url = f"http://fake/{next(_number)}"
    gateways[url] = gateway
    row = SmsProvider(name=url, base_url=url, can_look_up=gateway.can_look_up, **fields)
    row.is_idempotent = gateway.is_idempotent
    save_key(row, "key")
    db.session.add(row)
    db.session.flush()
    return row


def template(body: str = "سلام {name}", **fields: Any) -> SmsTemplate:
    row = SmsTemplate(title=f"عنوان {next(_number)}", body=body, **{"category": SmsCategory.SERVICE} | fields)
    db.session.add(row)
    db.session.flush()
    return row


def campaign(rows: Sequence[Any], by: Any, *, of: SmsTemplate | None = None, **fields: Any) -> Any:
    """What «send» makes of customers or follow-ups; one row is a single message."""
    audience = Audience.CUSTOMERS if type(rows[0]).__name__ == "Customer" else Audience.FOLLOW_UPS
    kind = CampaignKind.SINGLE if len(rows) == 1 else CampaignKind.BULK
    by = db.session.get(Member, by if isinstance(by, int) else by.id)
    values = {"client_token": uuid4(), "by": by, "kind": kind} | fields
    made = create_campaign(Selection(audience, [row.id for row in rows]), of or template(), **values)
    db.session.commit()
    return made.campaign


def states(key: int) -> Counter[MessageState]:
    """How many messages of a campaign are in each state."""
    db.session.expire_all()
    return Counter(row.state for row in db.session.query(SmsMessage).filter(SmsMessage.campaign_id == key))


# What each of the databases raises for a move that its trigger refuses.
REFUSED = (DBAPIError,)
