"""Messages from a list: the dialog says what would happen, «send» does it once, and nobody writes to others' people."""

import re
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.lib.clock import now
from app.services.sms.consent import opt_out
from models.sms.campaign import CampaignKind, CampaignStatus, SmsCampaign
from models.sms.consent import OptOutSource
from models.sms.message import MessageState, SmsMessage
from models.sms.template import SmsCategory
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, FollowUpFactory, SmsTemplateFactory, member

HTMX = {"HX-Request": "true"}


@pytest.fixture
def template(session, manager):
    row = SmsTemplateFactory(body="سلام {نام}", category=SmsCategory.SERVICE)
    session.commit()
    return row


def people(number, **more):
    return [
        CustomerFactory(first_name=f"علی{n}", mobile=f"0912000{n:04}", **more) for n in range(1, number + 1)
    ]


def send(browser, rows, template=None, slug="customers", **fields):
    data = {"rowid": [str(row.id) for row in rows]} | fields
    if template is not None:
        data["template"] = str(template.id)
    return browser.post(f"/campaigns/send/{slug}", data=data, headers=HTMX)


def campaigns(session, organization):
    bind(session, Actor(organization.id))
    session.expire_all()
    return session.scalars(select(SmsCampaign).order_by(SmsCampaign.id)).all()


def messages(session, organization):
    bind(session, Actor(organization.id))
    session.expire_all()
    return session.scalars(select(SmsMessage).order_by(SmsMessage.id)).all()


class TestOne:
    def test_is_stored_with_its_text_in_the_queue(self, session, login, manager, organization, template):
        [person] = people(1)
        session.commit()

        answer = send(login(manager), [person], template, _one="1", _step="run", _token=str(uuid4()))

        assert answer.status_code == 204
        [sent] = messages(session, organization)
        assert (sent.state, sent.body, sent.mobile) == (
            MessageState.QUEUED,
            "سلام علی1\nلغو۱۱",
            "+989120000001",
        )
        assert sent.campaign.kind is CampaignKind.SINGLE

    def test_sent_twice_is_sent_once(self, session, login, manager, organization, template):
        [person] = people(1)
        session.commit()
        browser, token = login(manager), str(uuid4())

        for _again in range(2):
            assert send(browser, [person], template, _one="1", _step="run", _token=token).status_code == 204

        assert len(messages(session, organization)) == 1

    def test_shows_its_text_before_it_is_sent(self, session, login, manager, template):
        [person] = people(1)
        session.commit()

        page = send(login(manager), [person], template, _one="1").text

        assert "سلام علی1" in page
        assert 'value="run"' in page

    def test_to_somebody_who_wants_none_can_not_be_sent(
        self, session, login, manager, organization, template
    ):
        [person] = people(1, opted_out=True)
        session.commit()
        browser = login(manager)

        assert 'value="run"' not in send(browser, [person], template, _one="1").text
        send(browser, [person], template, _one="1", _step="run", _token=str(uuid4()))

        assert messages(session, organization) == []

    def test_with_an_empty_variable_names_it_and_sends_nothing(self, session, login, manager, organization):
        template = SmsTemplateFactory(body="سلام {نام} از {شهر}")
        [person] = people(1)
        session.commit()

        answer = send(login(manager), [person], template, _one="1", _step="run", _token=str(uuid4()))

        assert answer.status_code == 422
        assert "شهر" in answer.text
        assert messages(session, organization) == []

    def test_of_a_name_that_is_an_address_leaks_no_link(
        self, session, login, manager, organization, template
    ):
        person = CustomerFactory(first_name="http://evil.ir/09120000000", mobile="09120000001")
        session.commit()

        send(login(manager), [person], template, _one="1", _step="run", _token=str(uuid4()))

        [sent] = messages(session, organization)
        assert not re.search(r"http:|\.ir|\d{5}", sent.body)


class TestMany:
    def test_the_dialog_counts_who_gets_it_and_who_does_not(self, session, login, manager, template):
        rows = [*people(3), CustomerFactory(first_name="مریم", mobile="09350000000", opted_out=True)]
        session.commit()

        page = send(login(manager), rows, template).text

        assert "به ۳ نفر از ۴ نفر" in page
        assert "ارسال ۳ پیامک" in page
        assert "مریم" in page

    def test_becomes_a_campaign_that_is_prepared_in_the_background(
        self, session, login, manager, organization, template
    ):
        rows = people(3)
        session.commit()

        answer = send(login(manager), rows, template, _step="run", _token=str(uuid4()))

        [campaign] = campaigns(session, organization)
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith(f"/campaigns/show/{campaign.id}")
        assert (campaign.status, campaign.selected) == (CampaignStatus.PREPARING, 3)
        assert messages(session, organization) == []

    def test_sent_twice_is_one_campaign_and_says_so(self, session, login, manager, organization, template):
        rows, browser, token = people(2), login(manager), str(uuid4())
        session.commit()

        answers = [send(browser, rows, template, _step="run", _token=token) for _again in range(2)]

        assert len(campaigns(session, organization)) == 1
        assert answers[1].status_code == 303
        assert "قبلاً ثبت شده است" in browser.get(answers[1].headers["Location"]).text

    def test_all_that_match_the_filter(self, session, login, manager, organization, template):
        people(3)
        CustomerFactory(first_name="زهرا", mobile="09350000000")
        session.commit()

        form = {
            "_all": "1",
            "_query": "q=علی",
            "template": str(template.id),
            "_step": "run",
            "_token": str(uuid4()),
        }
        login(manager).post("/campaigns/send/customers", data=form, headers=HTMX)

        assert campaigns(session, organization)[0].selected == 3

    def test_above_a_thousand_the_number_is_typed(
        self, session, login, manager, organization, template, monkeypatch
    ):
        monkeypatch.setattr("app.services.sms.campaign.preview.TYPED_ABOVE", 2)
        monkeypatch.setattr("views.sms.campaign.send.TYPED_ABOVE", 2)
        rows, browser = people(3), login(manager)
        session.commit()

        run = {"_step": "run", "_receivers": "3"}
        refused = send(browser, rows, template, typed_count="2", _token=str(uuid4()), **run)
        unseen = send(browser, rows, template, _step="run", _token=str(uuid4()))
        taken = send(browser, rows, template, typed_count="۳", _token=str(uuid4()), **run)

        assert (refused.status_code, unseen.status_code, taken.status_code) == (422, 422, 303)
        assert 'id="typed-count-error"' in refused.text
        assert len(campaigns(session, organization)) == 1

    def test_a_time_that_is_over_is_refused_at_its_field(
        self, session, login, manager, organization, template
    ):
        rows = people(2)
        session.commit()

        answer = send(
            login(manager), rows, template, _step="run", scheduled_at="1400/01/01 10:00", _token=str(uuid4())
        )

        assert answer.status_code == 422
        assert 'id="scheduled_at-error"' in answer.text
        assert campaigns(session, organization) == []


class TestWhoMayNot:
    def test_others_people_are_not_there(
        self, session, login, consultant, colleague, stranger_organization, template
    ):
        theirs = FollowUpFactory(consultant_id=colleague.id)
        session.commit()
        stranger = member("Manager", stranger_organization)
        session.commit()

        assert send(login(consultant), [theirs], template, slug="follow-ups").status_code == 404
        assert send(login(stranger), [theirs], template, slug="follow-ups").status_code == 404

    def test_a_foreign_text_is_no_text(self, session, login, manager, organization, stranger_organization):
        bind(session, Actor(stranger_organization.id))
        foreign = SimpleNamespace(id=SmsTemplateFactory(body="متن بیگانه").id)
        bind(session, Actor(organization.id, manager.id))
        [person] = people(1)
        session.commit()

        answer = send(login(manager), [person], foreign, _one="1", _step="run", _token=str(uuid4()))

        assert "بیگانه" not in answer.text
        assert messages(session, organization) == []

    def test_support_agents_and_strangers(self, app, session, login, manager, organization, template):
        [person] = people(1)
        agent = member("SupportAgent", organization)
        session.commit()

        assert send(login(agent), [person], template).status_code == 403
        assert send(app.test_client(), [person], template).status_code == 401
        assert "campaigns/send" not in login(agent).get("/customers/").text

    @pytest.mark.parametrize("slug", ["products", "nothing", "imports"])
    def test_no_other_list_sends(self, session, login, manager, template, slug):
        [person] = people(1)
        session.commit()

        assert send(login(manager), [person], template, slug=slug).status_code == 404


class TestTheCampaign:
    @pytest.fixture
    def campaign(self, session, login, manager, organization, template):
        rows = people(2)
        session.commit()
        send(login(manager), rows, template, _step="run", _token=str(uuid4()))
        return campaigns(session, organization)[0]

    def test_is_cancelled_and_says_what_became_of_it(self, session, login, manager, organization, campaign):
        browser = login(manager)

        browser.post(f"/campaigns/steer/{campaign.id}/cancel")

        assert campaigns(session, organization)[0].status is CampaignStatus.CANCELLED
        assert "لغو شد" in browser.get(f"/campaigns/show/{campaign.id}").text

    def test_what_can_not_be_done_now_is_told(self, login, manager, campaign):
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


def test_who_opts_out_is_left_out_from_then_on(session, login, manager, organization, template):
    [person] = people(1)
    opt_out(person.mobile, OptOutSource.INBOUND)
    session.commit()

    assert "به ۰ نفر از ۱ نفر" in send(login(manager), [person], template).text


def test_a_running_campaign_tells_its_pace(session, login, manager, organization, template):
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
