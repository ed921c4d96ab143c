"""Sending from a list: the preview dialog, idempotent submission and permissions."""

import re
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import select

from models.sms.campaign import CampaignKind, CampaignStatus, SmsCampaign
from models.sms.message import MessageState, SmsMessage
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, FollowUpFactory, SmsTemplateFactory, member

HTMX = {"HX-Request": "true"}


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
    def test_is_queued_with_its_text(self, session, login, manager, organization, template):
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

    def test_to_an_opted_out_customer_can_not_be_sent(self, session, login, manager, organization, template):
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

    def test_of_a_name_with_a_link_contains_no_link(self, session, login, manager, organization, template):
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
        assert answer.status_code == 204
        assert answer.headers["HX-Redirect"].endswith(f"/campaigns/show/{campaign.id}")
        assert (campaign.status, campaign.selected) == (CampaignStatus.PREPARING, 3)
        assert messages(session, organization) == []

    def test_sent_twice_is_one_campaign_and_says_so(self, session, login, manager, organization, template):
        rows, browser, token = people(2), login(manager), str(uuid4())
        session.commit()

        answers = [send(browser, rows, template, _step="run", _token=token) for _again in range(2)]

        assert len(campaigns(session, organization)) == 1
        assert answers[1].status_code == 204
        assert "قبلاً ثبت شده است" in browser.get(answers[1].headers["HX-Redirect"]).text

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

        assert (refused.status_code, unseen.status_code, taken.status_code) == (422, 422, 204)
        assert 'id="typed-count-error"' in refused.text
        assert len(campaigns(session, organization)) == 1

    def test_a_time_in_the_past_is_refused_at_its_field(
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


class TestSendingPermissions:
    def test_other_members_rows_are_not_found(
        self, session, login, consultant, colleague, stranger_organization, template
    ):
        theirs = FollowUpFactory(consultant_id=colleague.id)
        session.commit()
        stranger = member("Manager", stranger_organization)
        session.commit()

        assert send(login(consultant), [theirs], template, slug="follow-ups").status_code == 404
        assert send(login(stranger), [theirs], template, slug="follow-ups").status_code == 404

    def test_a_foreign_template_is_not_used(
        self, session, login, manager, organization, stranger_organization
    ):
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
