"""Pages of provider accounts: admin only, and keys are never shown."""

import pytest
from sqlalchemy import select

from app.gateways.crypto import decrypt
from app.gateways.sms import registry
from app.services.sms.provider import find_by_report_secret
from models.audit.event import AuditEvent
from models.sms.provider import ProviderStop, SmsProvider, SmsProviderHealth
from tests.factories import member
from tests.support.sms import FakeGateway, account

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


@pytest.mark.parametrize(
    ("stop", "change", "expected"),
    [
        (ProviderStop.SETUP, {"key": KEY}, None),
        (ProviderStop.SETUP, {"line": "3000"}, None),
        (ProviderStop.SENDER, {"line": "3000"}, None),
        (ProviderStop.SETUP, {"position": "4"}, ProviderStop.SETUP),
        (ProviderStop.CREDIT, {"key": KEY}, ProviderStop.CREDIT),
    ],
)
def test_a_refused_account_works_again_after_its_settings_are_set_right(
    session, login, admin, provider, stop, change, expected
):
    other = SmsProvider(name="دیگر", base_url="http://x", sealed_key_secret="-", line="9000")
    session.add(other)
    session.flush()
    for row in (provider, other):
        session.add(SmsProviderHealth(provider_id=row.id, stop=stop, failures=0, recent=0, lease_conflicts=0))
    provider.line = "1000"
    session.commit()
    url, other_id = provider.base_url, other.id
    form = FORM | {"base_url": url, "position": "0", "takes_links": "y", "is_enabled": "y"} | change

    answer = login(admin).post(f"/sms-providers/edit/{provider.id}", data=form)

    assert answer.status_code == 302
    session.expire_all()
    assert session.get(SmsProviderHealth, provider.id).stop is expected
    assert session.get(SmsProviderHealth, other_id).stop is stop


@pytest.mark.parametrize(
    ("environment", "address", "is_taken"),
    [
        ("test", "http://127.0.0.1:9/v1", True),
        ("test", "file:///etc/passwd", False),
        ("test", "http://169.254.169.254/latest", False),
        ("production", "http://127.0.0.1:6379", False),
        ("production", "gopher://127.0.0.1:6379/_", False),
        ("production", "https://10.0.0.7/v1", False),
        ("production", "http://93.184.216.34/v1", False),
        ("production", "https://93.184.216.34/v1", True),
    ],
)
def test_an_address_that_is_never_called_is_refused_at_its_field(
    session, login, admin, provider, monkeypatch, environment, address, is_taken
):
    browser = login(admin)
    before = provider.base_url
    monkeypatch.setattr(registry, "_is_public_only", lambda: environment == "production")

    answers = [
        browser.post("/sms-providers/add", data=FORM | {"key": KEY, "base_url": address}),
        browser.post(f"/sms-providers/edit/{provider.id}", data=FORM | {"name": "۲", "base_url": address}),
    ]

    assert [answer.status_code for answer in answers] == [302 if is_taken else 422] * 2
    session.expire_all()
    assert len(session.scalars(select(SmsProvider)).all()) == 1 + is_taken
    assert (provider.base_url == before) is not is_taken
    if not is_taken:
        assert all('id="base_url-error"' in answer.text and address in answer.text for answer in answers)


def test_the_list_says_why_an_account_is_stopped(session, login, admin, provider):
    health = {"failures": 0, "recent": 0, "lease_conflicts": 0}
    session.add(
        SmsProviderHealth(provider_id=provider.id, stop=ProviderStop.SETUP, stop_code="426", **health)
    )
    session.commit()

    assert "این حساب سرویس لازم برای این خط را ندارد" in login(admin).get("/sms-providers/").text


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
