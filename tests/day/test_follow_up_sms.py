"""A result may take an SMS along: stored with it, told on the timeline, refused in words."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from models.follow_up import FollowUpEntry
from models.sms.message import SmsMessage
from models.sms.template import SmsCategory
from models.tenancy.scope import Actor, bind
from tests.factories import FollowUpFactory, ResultTitleFactory, SmsTemplateFactory

pytestmark = pytest.mark.usefixtures("colleagues_rows")


@pytest.fixture
def title(session, manager):
    template = SmsTemplateFactory(title="یادآوری", body="سلام {نام}", category=SmsCategory.PATTERN)
    row = ResultTitleFactory(title="پاسخ نداد، پیامک", sms_template_id=template.id)
    session.commit()
    return row


@pytest.fixture
def follow_up(session, manager, consultant):
    row = FollowUpFactory(consultant_id=consultant.id, order__customer__first_name="علی")
    session.commit()
    return row


def record(browser, follow_up, title, **fields):
    data = {"result_title": title.id, "token": str(uuid4())} | fields
    return browser.post(f"/follow-ups/{follow_up.id}/result", data=data, headers={"HX-Request": "true"})


def events_of(browser, follow_up):
    """The timeline that the panel loads when its history is opened."""
    assert (
        f'hx-get="/follow-ups/{follow_up.id}/timeline"'
        in browser.get(f"/follow-ups/{follow_up.id}/panel").text
    )
    return browser.get(f"/follow-ups/{follow_up.id}/timeline", headers={"HX-Request": "true"}).text


def stored(session, organization):
    bind(session, Actor(organization.id))
    session.expire_all()
    return session.scalars(select(SmsMessage.body)).all(), len(session.scalars(select(FollowUpEntry)).all())


def test_the_panel_offers_the_message_of_a_title(login, consultant, follow_up, title):
    assert 'data-sms="یادآوری"' in login(consultant).get(f"/follow-ups/{follow_up.id}/panel").text


def test_it_is_stored_with_the_result_and_stands_on_the_timeline(
    session, login, consultant, organization, follow_up, title
):
    browser = login(consultant)

    assert record(browser, follow_up, title, send_sms="y").status_code == 204

    assert stored(session, organization) == (["سلام علی"], 1)
    assert "در صف" in events_of(browser, follow_up)


def test_a_form_sent_twice_sends_once(session, login, consultant, organization, follow_up, title):
    browser, token = login(consultant), str(uuid4())

    for _again in range(2):
        record(browser, follow_up, title, send_sms="y", token=token)

    assert stored(session, organization) == (["سلام علی"], 1)


def test_without_the_tick_nothing_is_sent(session, login, consultant, organization, follow_up, title):
    record(login(consultant), follow_up, title)

    assert stored(session, organization) == ([], 1)


def test_who_wants_none_gets_none_and_the_timeline_says_why(
    session, login, consultant, organization, follow_up, title
):
    follow_up.customer.opted_out = True
    session.commit()
    browser = login(consultant)

    assert record(browser, follow_up, title, send_sms="y").status_code == 204

    assert stored(session, organization) == ([], 1)
    assert "پیامک ارسال نشد" in events_of(browser, follow_up)


def test_an_empty_variable_is_named_and_nothing_is_half_saved(
    session, login, consultant, organization, follow_up, title
):
    title.sms_template.body = "سلام {نام} از {شهر}"
    follow_up.customer.city = None
    session.commit()

    answer = record(login(consultant), follow_up, title, send_sms="y")

    assert answer.status_code == 422
    assert "شهر" in answer.text
    assert stored(session, organization) == ([], 0)


def test_a_text_that_the_provider_would_refuse_is_refused_with_its_result(
    session, login, consultant, organization, follow_up, title
):
    title.sms_template.body = "سلام {نام} " + "س" * 270
    session.commit()

    answer = record(login(consultant), follow_up, title, send_sms="y")

    assert answer.status_code == 422
    assert "بلندتر از اندازهٔ مجاز" in answer.text
    assert stored(session, organization) == ([], 0)
