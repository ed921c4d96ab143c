"""Campaigns that are paused, scheduled or expired."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.lib import clock
from app.services.sms.campaign.create import pause, resume
from app.services.sms.delivery.dispatch import drain
from app.tasks.sms import prepare, sweep
from models.sms.campaign import CampaignStatus
from models.sms.message import MessageState, SmsMessage
from tests.factories import CustomerFactory
from tests.sms.delivery.steps import get
from tests.support import sms

S = MessageState


class TestCampaignStatus:
    def test_a_paused_one_sends_nothing_until_it_is_resumed(self, session, gateway, acting, work):
        key = sms.campaign([CustomerFactory() for _ in range(3)], acting.member_id).id
        work(prepare.run)
        pause(get(session, key))
        session.commit()
        work(lambda: drain(5))
        assert gateway.calls == []

        resume(get(session, key))
        session.commit()
        work(lambda: drain(5))

        assert sms.states(key) == {S.ACCEPTED: 3}

    def test_a_scheduled_one_waits(self, session, gateway, acting, work):
        when = clock.now() + timedelta(hours=2)
        key = sms.campaign([CustomerFactory(), CustomerFactory()], acting.member_id, scheduled_at=when).id
        work()
        assert get(session, key).status is CampaignStatus.SCHEDULED

        clock.start_at(when)
        work(sweep.run, lambda: drain(5))

        assert sms.states(key) == {S.ACCEPTED: 2}

    def test_an_expired_message_releases_its_pages(self, session, gateway, acting, work):
        key = sms.campaign([CustomerFactory(), CustomerFactory()], acting.member_id).id
        work(prepare.run)

        clock.start_at(clock.now() + timedelta(hours=49))
        work(sweep.run)

        assert sms.states(key) == {S.EXPIRED: 2}

    def test_the_database_refuses_an_invalid_move(self, session, gateway, send):
        send(1)

        with pytest.raises(sms.REFUSED, match="never goes"), session.begin_nested():
            session.execute(update(SmsMessage).values(state=S.QUEUED))
