"""The opt-out list and the blacklist: their pages and their effect on campaigns."""

from sqlalchemy import func, select

from models.sms.consent import SmsBlock, SmsOptOut
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, SmsTemplateFactory, member


def number(session, organization, model):
    bind(session, Actor(organization.id))
    return session.scalar(select(func.count()).select_from(model))


def test_an_opt_out_is_entered_once_and_marks_the_customer(session, login, manager, organization):
    person = CustomerFactory(mobile="09121234567")
    session.commit()
    browser = login(manager)

    codes = [
        browser.post("/sms-opt-outs/add", data={"mobile": written}).status_code
        for written in ("۰۹۱۲ ۱۲۳ ۴۵۶۷", "+989121234567")
    ]

    assert codes == [302, 422]
    assert number(session, organization, SmsOptOut) == 1
    session.refresh(person)
    assert person.opted_out


def test_a_member_can_not_delete_an_opt_out(session, login, manager, organization):
    browser = login(manager)
    browser.post("/sms-opt-outs/add", data={"mobile": "09121234567"})
    bind(session, Actor(organization.id))
    row = session.scalars(select(SmsOptOut)).one()

    assert browser.post(f"/sms-opt-outs/delete/{row.id}").status_code == 404
    assert (
        browser.post("/sms-opt-outs/action_post", data={"action": "remove", "rowid": row.id}).status_code
        == 404
    )


def test_the_blacklist_is_applied_and_editable(session, login, manager, organization):
    person, template = CustomerFactory(mobile="09121234567"), SmsTemplateFactory()
    session.commit()
    browser = login(manager)
    form = {"mobile": "09121234567", "reason": "شاکی"}
    ask = {"rowid": [str(person.id)], "template": str(template.id)}

    assert browser.post("/sms-blocks/add", data=form).status_code == 302
    assert "به ۰ نفر از ۱ نفر" in browser.post("/campaigns/send/customers", data=ask).text
    assert browser.post("/sms-blocks/add", data=form).status_code == 422
    bind(session, Actor(organization.id))
    row = session.scalars(select(SmsBlock)).one()
    assert browser.post(f"/sms-blocks/delete/{row.id}").status_code == 302

    assert number(session, organization, SmsBlock) == 0
    assert "به ۱ نفر از ۱ نفر" in browser.post("/campaigns/send/customers", data=ask).text


def test_others_see_and_change_nothing(
    session, app, login, manager, organization, stranger_organization, consultant
):
    login(manager).post("/sms-blocks/add", data={"mobile": "09121234567", "reason": "شاکی"})
    bind(session, Actor(organization.id))
    key = session.scalars(select(SmsBlock.id)).one()
    stranger = member("Manager", stranger_organization)

    assert "شاکی" not in login(stranger).get("/sms-blocks/").text
    assert login(stranger).post(f"/sms-blocks/delete/{key}").status_code == 404
    assert login(consultant).get("/sms-blocks/").status_code == 403
    assert app.test_client().get("/sms-blocks/").status_code == 302
