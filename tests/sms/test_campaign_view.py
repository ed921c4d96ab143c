"""The page of a campaign: cancellation, decisions and progress."""

from uuid import uuid4

import pytest

from app.lib.clock import now
from app.services.sms.consent import opt_out
from models.sms.campaign import CampaignStatus
from models.sms.consent import OptOutSource
from models.sms.message import MessageState, SmsMessage
from tests.sms.test_sending import campaigns, messages, people, send


class TestTheCampaign:
    @pytest.fixture
    def campaign(self, session, login, manager, organization, template):
        rows = people(2)
        session.commit()
        send(login(manager), rows, template, _step="run", _token=str(uuid4()))
        return campaigns(session, organization)[0]

    def test_is_cancelled_and_shows_its_status(self, session, login, manager, organization, campaign):
        browser = login(manager)

        browser.post(f"/campaigns/steer/{campaign.id}/cancel")

        assert campaigns(session, organization)[0].status is CampaignStatus.CANCELLED
        assert "لغو شد" in browser.get(f"/campaigns/show/{campaign.id}").text

    def test_an_impossible_change_is_explained(self, login, manager, campaign):
        browser = login(manager)

        browser.post(f"/campaigns/steer/{campaign.id}/resume")

        assert "متوقف" in browser.get(f"/campaigns/show/{campaign.id}").text

    def test_a_colleague_neither_sees_nor_steers_it(self, session, login, colleague, organization, campaign):
        browser = login(colleague)

        assert browser.get(f"/campaigns/show/{campaign.id}").status_code == 404
        assert browser.post(f"/campaigns/steer/{campaign.id}/cancel").status_code == 404
        assert campaigns(session, organization)[0].status is CampaignStatus.PREPARING

    def test_a_decision_needs_its_reason(self, session, login, manager, organization, campaign):
        key = campaign.id
        row = SmsMessage(campaign_id=key, mobile="+989120000009", body="متن", segments=1, local_id=99_001)
        row.state, row.not_before, row.expires_at = (
            MessageState.NEEDS_REVIEW,
            campaign.confirmed_at,
            campaign.expires_at,
        )
        session.add(row)
        session.commit()
        browser = login(manager)

        assert "بی‌پاسخ" in browser.get(f"/campaigns/show/{key}").text
        browser.post(f"/campaigns/review/{key}", data={"decision": "send_again", "reason": " "})
        assert messages(session, organization)[0].state is MessageState.NEEDS_REVIEW
        browser.post(f"/campaigns/review/{key}", data={"decision": "send_again", "reason": "در پنل نبود"})

        assert messages(session, organization)[0].state is MessageState.QUEUED


def test_an_opted_out_customer_is_excluded(session, login, manager, organization, template):
    [person] = people(1)
    opt_out(person.mobile, OptOutSource.INBOUND)
    session.commit()

    assert "به ۰ نفر از ۱ نفر" in send(login(manager), [person], template).text


def test_a_running_campaign_shows_its_pace(session, login, manager, organization, template):
    rows = people(2)
    session.commit()
    browser = login(manager)
    send(browser, rows, template, _step="run", _token=str(uuid4()))
    campaign = campaigns(session, organization)[0]
    campaign.status = CampaignStatus.RUNNING
    for number, accepted_at in ((1, now()), (2, None)):
        row = SmsMessage(campaign_id=campaign.id, mobile=f"+98912000000{number}", body="متن", segments=1)
        row.local_id, row.not_before, row.expires_at = 99_100 + number, now(), campaign.expires_at
        row.accepted_at = accepted_at
        session.add(row)
    session.commit()

    assert "۱ در دقیقه، حدود ۲ دقیقه مانده" in browser.get(f"/campaigns/progress/{campaign.id}").text
