"""A member's monthly pages: set by a manager, enforced for every campaign."""

from uuid import uuid4

from sqlalchemy import func, select

from models.sms.campaign import SmsCampaign
from models.sms.quota import SmsQuota
from models.tenancy.scope import Actor, bind
from tests.factories import FollowUpFactory, SmsTemplateFactory, member


def test_a_members_remaining_pages_limit_a_campaign(session, login, manager, organization, consultant):
    rows = [FollowUpFactory(consultant_id=consultant.id) for _ in range(3)]
    template = SmsTemplateFactory(body="سلام")
    session.commit()
    ask = {"rowid": [str(row.id) for row in rows], "template": str(template.id), "_token": str(uuid4())}

    assert (
        login(manager).post("/sms-quotas/add", data={"member": consultant.id, "pages": "۲"}).status_code
        == 302
    )
    browser = login(consultant)
    page = browser.post("/campaigns/send/follow-ups", data=ask).text
    refused = browser.post("/campaigns/send/follow-ups", data=ask | {"_step": "run"})

    assert "۲ صفحه برای این ماه مانده است" in page
    assert 'value="run"' not in page
    assert refused.status_code == 422
    bind(session, Actor(organization.id))
    assert session.scalar(select(func.count()).select_from(SmsCampaign)) == 0


def test_a_member_has_one_limit_and_it_can_be_taken_away(session, login, manager, organization, consultant):
    browser, form = login(manager), {"member": consultant.id, "pages": "10"}

    codes = [browser.post("/sms-quotas/add", data=form).status_code for _again in range(2)]
    bind(session, Actor(organization.id))
    key = session.scalars(select(SmsQuota.id)).one()
    gone = browser.post(f"/sms-quotas/delete/{key}").status_code

    assert (codes, gone) == ([302, 422], 302)
    bind(session, Actor(organization.id))
    assert session.scalar(select(func.count()).select_from(SmsQuota)) == 0


def test_other_roles_neither_see_nor_set_it(app, session, login, manager, consultant, stranger_organization):
    login(manager).post("/sms-quotas/add", data={"member": consultant.id, "pages": "10"})
    stranger = member("Manager", stranger_organization)

    assert login(consultant).get("/sms-quotas/").status_code == 403
    assert consultant.full_name not in login(stranger).get("/sms-quotas/").text
    assert (
        login(stranger).post("/sms-quotas/add", data={"member": consultant.id, "pages": "1"}).status_code
        == 422
    )
    assert app.test_client().get("/sms-quotas/").status_code == 302
