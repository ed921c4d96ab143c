"""A campaign's messages, made in chunks: nobody twice, whatever chunk he stands in, and nothing again after a kill."""

import pytest
from sqlalchemy import func, select

from app.services import sms_selection
from app.tasks.sms import _prepare, prepare
from models.scope import Acting, bind
from models.sms import SmsMessage
from models.sms_campaign import CampaignStatus, LeftOut, SmsCampaign, SmsExclusion
from models.sms_quota import LedgerKind, SmsLedger
from tests.factories import CustomerFactory, FollowUpFactory
from tests.support import sms

pytestmark = pytest.mark.usefixtures("colleagues_rows")


def test_one_customer_in_two_chunks_gets_one_message(session, manager, monkeypatch):
    monkeypatch.setattr(sms_selection, "CHUNK", 1)
    acting, customer = Acting(manager.organization_id, manager.id), CustomerFactory()
    rows = [FollowUpFactory(order__customer=customer) for _ in range(2)] + [FollowUpFactory()]
    repeated = rows[1].id
    key = sms.campaign(rows, acting.member_id).id

    prepare.run()
    bind(session, acting)

    campaign = session.get(SmsCampaign, key)
    assert (campaign.status, campaign.total, campaign.reserved) == (CampaignStatus.RUNNING, 2, 0)
    assert session.scalar(select(func.count(SmsMessage.id))) == 2
    [left_out] = session.scalars(select(SmsExclusion)).all()
    assert (left_out.reason, left_out.follow_up_id) == (LeftOut.REPEATED, repeated)
    held = select(func.count()).where(SmsLedger.message_id.is_not(None), SmsLedger.kind == LedgerKind.RESERVE)
    assert session.scalar(held) == 2


def test_a_job_that_was_killed_goes_on_with_the_next_chunk(session, manager, monkeypatch):
    monkeypatch.setattr(sms_selection, "CHUNK", 2)
    acting = Acting(manager.organization_id, manager.id)
    key = sms.campaign([CustomerFactory() for _ in range(5)], acting.member_id).id
    assert _prepare(key, acting.organization_id)

    prepare.run()
    prepare.run()
    bind(session, acting)

    assert session.get(SmsCampaign, key).total == session.scalar(select(func.count(SmsMessage.id))) == 5
