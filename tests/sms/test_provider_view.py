"""Pages of provider accounts: admin only, and keys are never shown."""

import pytest
from sqlalchemy import select

from app.gateways.crypto import decrypt
from app.services.sms.provider import find_by_report_secret
from models.audit.event import AuditEvent
from models.sms.provider import SmsProvider, SmsProviderHealth
from tests.factories import member
from tests.support.sms import FakeGateway, account, later, refuse, silent

KEY = "0123456789abcdef-a-secret-key"
FORM = {"name": "پشتیبان", "kind": "kavenegar", "base_url": "http://127.0.0.1:9/v1", "line": "1000"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def admin(session):
    person = member("Admin", None)
    session.commit()
    return person


@pytest.fixture
def gateway():
    return FakeGateway()


@pytest.fixture
def provider(session, monkeypatch, gateway):
    row = account(monkeypatch, gateway)
    session.commit()
    return row


def act(browser, provider, name, **fields):
    data = {"_step": "run"} | fields
    return browser.post(f"/sms-providers/action/{name}/{provider.id}", data=data, headers=HTMX)


def test_the_key_is_stored_encrypted_and_never_shown(session, login, admin):
    browser = login(admin)

    assert browser.post("/sms-providers/add", data=FORM | {"key": KEY, "is_enabled": "y"}).status_code == 302

    row = session.scalars(select(SmsProvider).where(SmsProvider.name == FORM["name"])).one()
    assert KEY not in row.sealed_key_secret
    assert decrypt(row.sealed_key_secret) == KEY
    pages = [f"/sms-providers/{rest}" for rest in ("", f"show/{row.id}", f"edit/{row.id}", f"trail/{row.id}")]
    assert [path for path in pages if KEY in browser.get(path).text] == []
    audit = session.scalars(select(AuditEvent), execution_options={"unscoped": True}).all()
    assert KEY not in str([(event.before, event.after) for event in audit])


def test_a_new_account_needs_a_key_and_an_edit_without_one_keeps_it(session, login, admin, provider):
    browser = login(admin)

    assert 'id="key-error"' in browser.post("/sms-providers/add", data=FORM).text
    assert browser.post(f"/sms-providers/edit/{provider.id}", data=FORM | {"line": "2000"}).status_code == 302
    session.expire_all()

    assert (decrypt(provider.sealed_key_secret), provider.line) == ("key", "2000")


def test_the_credit_is_fetched_and_stored(session, login, admin, provider, gateway):
    gateway.rials = 7_000

    answer = act(login(admin), provider, "ask_credit")

    assert answer.status_code == 204
    assert session.scalars(select(SmsProviderHealth.credit_rials)).all() == [7_000]


def test_a_test_message_uses_the_accounts_gateway(login, admin, provider, gateway):
    assert act(login(admin), provider, "send_test", mobile="۰۹۱۲۱۲۳۴۵۶۷", body="آزمایش").status_code == 204

    assert [(each.mobile, each.text) for each in gateway.sent] == [("+989121234567", "آزمایش")]


@pytest.mark.parametrize(
    ("script", "expected"), [(refuse, "شماره درست نیست"), (silent, "پاسخی نداد"), (later(), "کد 409")]
)
def test_a_failed_test_message_shows_the_reason(login, admin, provider, gateway, script, expected):
    gateway.script = script

    answer = act(login(admin), provider, "send_test", mobile="09121234567", body="آزمایش")

    assert answer.status_code == 422
    assert expected in answer.text


def test_the_addresses_for_reports_are_shown_once(session, login, admin, provider):
    page = login(admin).post(f"/sms-providers/renew/{provider.id}", headers=HTMX).text

    secret = page.split("/sms/report/kavenegar/")[1].split("<")[0]
    session.expire_all()
    assert find_by_report_secret("kavenegar", secret) is not None
    assert secret not in str(provider.report_hash)


def test_an_account_is_switched_off_and_never_deleted(login, admin, provider):
    browser = login(admin)

    assert browser.post(f"/sms-providers/delete/{provider.id}").status_code == 404
    assert act(browser, provider, "remove").status_code == 404


@pytest.mark.parametrize("role", ["Manager", "Consultant", "Operator"])
def test_other_roles_have_no_access(login, organization, manager, provider, role):
    person = member(role, None if role == "Operator" else organization, f"other-{role}")
    browser = login(person)

    assert browser.get("/sms-providers/").status_code == 403
    assert act(browser, provider, "ask_credit").status_code == 403
    assert browser.post(f"/sms-providers/renew/{provider.id}").status_code == 403
