"""The page of a sent message, and where it leads."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from app.services.sms.campaign.prepare import prepare_chunk
from models.result_title import ResultTitle
from models.sms.message import SmsMessage
from tests.factories import CustomerFactory, SmsTemplateFactory
from tests.sms.test_sending import messages, send
from tests.support import sms


@pytest.fixture
def rows(session, manager):
    made = [CustomerFactory() for _number in range(2)]
    session.commit()
    return made


@pytest.fixture
def single(session, login, manager, organization, template, rows):
    send(login(manager), rows[:1], template, _one="1", _step="run", _token=str(uuid4()))
    [found] = messages(session, organization)
    return found


@pytest.fixture
def one_of_many(session, manager, organization, template, rows):
    campaign = sms.campaign(rows, manager, of=template)
    assert prepare_chunk(campaign)
    session.commit()
    return session.scalars(select(SmsMessage).where(SmsMessage.campaign_id == campaign.id)).first()


def test_a_single_message_leads_to_no_campaign(login, manager, single):
    page = login(manager).get(f"/sent-sms/show/{single.id}").text

    assert single.campaign.title in page
    assert "/campaigns/show/" not in page
    assert f"/customers/show/{single.customer_id}" in page


def test_one_of_many_leads_to_its_campaign(login, manager, one_of_many):
    browser, address = login(manager), f"/campaigns/show/{one_of_many.campaign_id}"

    assert f'href="{address}"' in browser.get(f"/sent-sms/show/{one_of_many.id}").text
    assert browser.get(address).status_code == 200


def test_the_filter_offers_campaigns_of_many_alone(login, manager, single, one_of_many):
    found = login(manager).get("/sent-sms/lookup/campaign?q=&filter=1").json

    assert [each["value"] for each in found] == [str(one_of_many.campaign_id)]


def test_a_deleted_row_has_no_link(session, login, manager):
    template = SmsTemplateFactory()
    title = session.scalars(select(ResultTitle)).first()
    title.sms_template = template
    session.commit()
    browser, address = login(manager), f"/sms-templates/show/{template.id}"
    assert f'href="{address}"' in browser.get(f"/result-titles/show/{title.id}").text

    browser.post(f"/sms-templates/delete/{template.id}")

    assert browser.get(address).status_code == 404
    page = browser.get(f"/result-titles/show/{title.id}").text
    assert template.title in page
    assert f'href="{address}"' not in page


def test_a_second_quota_of_a_member_is_told_at_the_member(login, manager):
    browser, data = login(manager), {"member": str(manager.id), "pages": "5"}
    browser.post("/sms-quotas/add", data=data)

    answer = browser.post("/sms-quotas/add", data=data)

    assert answer.status_code == 422
    assert 'id="member-error"' in answer.text
