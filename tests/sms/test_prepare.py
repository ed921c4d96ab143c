"""Creation of messages in chunks: one per number across chunks, and none repeated after a kill."""

import pytest
from sqlalchemy import func, select

from app.tasks.sms import _prepare, prepare
from models.sms.campaign import CampaignStatus, LeftOut, SmsCampaign, SmsExclusion
from models.sms.message import SmsMessage
from models.sms.quota import LedgerKind, SmsLedger
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, FollowUpFactory
from tests.support import sms

pytestmark = pytest.mark.usefixtures("colleagues_rows")


def test_one_customer_in_two_chunks_gets_one_message(session, manager, monkeypatch):
    monkeypatch.setattr("app.services.sms.campaign.recipients.CHUNK", 1)
    actor, customer = Actor(manager.organization_id, manager.id), CustomerFactory()
    rows = [FollowUpFactory(order__customer=customer) for _ in range(2)] + [FollowUpFactory()]
    repeated = rows[1].id
    key = sms.campaign(rows, actor.member_id).id

    prepare.run()
    bind(session, actor)

    campaign = session.get(SmsCampaign, key)
    assert (campaign.status, campaign.total, campaign.reserved) == (CampaignStatus.RUNNING, 2, 0)
    assert session.scalar(select(func.count(SmsMessage.id))) == 2
    [left_out] = session.scalars(select(SmsExclusion)).all()
    assert (left_out.reason, left_out.follow_up_id) == (LeftOut.REPEATED, repeated)
    reserved = select(func.count()).where(
        SmsLedger.message_id.is_not(None), SmsLedger.kind == LedgerKind.RESERVE
    )
    assert session.scalar(reserved) == 2


def test_a_killed_task_continues_with_the_next_chunk(session, manager, monkeypatch):
    monkeypatch.setattr("app.services.sms.campaign.recipients.CHUNK", 2)
    actor = Actor(manager.organization_id, manager.id)
    key = sms.campaign([CustomerFactory() for _ in range(5)], actor.member_id).id
    assert _prepare(key, actor.organization_id)

    prepare.run()
    prepare.run()
    bind(session, actor)

    assert session.get(SmsCampaign, key).total == session.scalar(select(func.count(SmsMessage.id))) == 5
