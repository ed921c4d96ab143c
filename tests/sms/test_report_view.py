"""Webhooks of providers: they need the secret, are stored once and survive invalid input; hostile templates."""

import pytest
from sqlalchemy import select

from app.gateways.sms.base import Inbound
from app.gateways.sms.results import DeliveryReport, DeliveryState
from app.services.sms.provider import renew_report_secret
from models.sms.attempt import SmsDeliveryEvent
from models.sms.consent import SmsInbound
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, member
from tests.support.sms import FakeGateway, account


class WebhookGateway(FakeGateway):
    """A fake gateway that parses reports and inbound texts in Kavenegar's format."""

    def read_reports(self, fields, body):
        number = fields.get("messageid")
        return [DeliveryReport(number, None, DeliveryState.DELIVERED)] if number else []

    def read_inbound(self, fields, body):
        text = fields.get("message")
        return Inbound("+989121234567", "1000", text, fields.get("messageid")) if text else None


@pytest.fixture
def secret(session, monkeypatch):
    row = account(monkeypatch, WebhookGateway())
    secret = renew_report_secret(row)
    session.commit()
    return secret


@pytest.fixture
def provider(app, session):
    return app.test_client()


def events(session):
    return session.scalars(select(SmsDeliveryEvent)).all()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_repeated_report_is_stored_once(session, provider, secret, method):
    for _again in range(10):
        url = f"/sms/report/kavenegar/{secret}"
        if method == "get":
            answer = provider.get(url, query_string={"messageid": "77", "status": "10"})
        else:
            answer = provider.post(url, data={"messageid": "77", "status": "10"})
        assert answer.status_code == 200

    assert [event.provider_message_id for event in events(session)] == ["77"]


def test_a_report_of_an_unknown_message_is_stored(session, provider, secret):
    assert provider.post(f"/sms/report/kavenegar/{secret}", data={"messageid": "0"}).status_code == 200


@pytest.mark.parametrize("kind", ["report", "inbound"])
@pytest.mark.parametrize("wrong", ["nonsense", "x" * 3000, "%00", "۱۲۳"])
def test_a_wrong_secret_is_not_found(session, provider, secret, kind, wrong):
    answer = provider.post(f"/sms/{kind}/kavenegar/{wrong}", data={"messageid": "77", "message": "11"})

    assert answer.status_code == 404
    assert events(session) == []


def test_a_secret_is_valid_for_its_provider_only(session, provider, secret):
    assert provider.post(f"/sms/report/smsir/{secret}", data={"messageid": "77"}).status_code == 404


@pytest.mark.parametrize("body", [b"", b"\x00\xff", b"{", b"[" * 2000, b"a=" + b"b" * 5000])
def test_an_unreadable_body_changes_nothing(session, provider, secret, body):
    for kind in ("report", "inbound"):
        assert provider.post(f"/sms/{kind}/kavenegar/{secret}", data=body).status_code == 200

    assert events(session) == []


def test_a_body_that_is_too_large_is_refused(provider, secret):
    assert provider.post(f"/sms/report/kavenegar/{secret}", data=b"x" * 300_000).status_code == 413


def test_a_repeated_inbound_text_is_stored_once(session, provider, secret):
    for _again in range(3):
        answer = provider.post(
            f"/sms/inbound/kavenegar/{secret}", data={"from": "0912", "message": "سلام", "messageid": "5"}
        )
        assert answer.status_code == 200

    assert [row.text for row in session.scalars(select(SmsInbound))] == ["سلام"]


def test_the_webhook_needs_no_csrf_token(app, session, provider, secret, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)

    assert provider.post(f"/sms/report/kavenegar/{secret}", data={"messageid": "9"}).status_code == 200


class TestTemplates:
    """Hostile and unusual template texts."""

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ("سلام {nam}", "nam"),
            ("سلام {name", "آکولاد"),
            ("سلام name}", "آکولاد"),
            ("{name.__class__.__mro__}", "__mro__"),
            ("{{ cycler.__init__.__globals__ }}", "cycler"),
            ("س" * 1801, "بلند"),
        ],
    )
    def test_an_invalid_text_is_refused_at_its_field(self, login, manager, body, expected):
        form = {"title": "تازه", "category": "service", "body": body}

        answer = login(manager).post("/sms-templates/add", data=form)

        assert answer.status_code == 422
        assert 'id="body-error"' in answer.text
        assert expected in answer.text

    @pytest.mark.parametrize("body", ["%(name)s %s %d", "لغو۱۱", "سلام 😀", "<script>alert(1)</script>"])
    def test_unusual_text_is_accepted(self, login, manager, body):
        form = {"title": "تازه", "category": "service", "body": body}

        assert login(manager).post("/sms-templates/add", data=form).status_code == 302

    def test_the_preview_counts_as_the_law_and_the_provider_do(self, login, manager):
        answer = login(manager).post("/sms-templates/preview", data={"body": "س" * 65, "category": "service"})

        assert "لغو۱۱" in answer.text
        assert "۲ صفحه" in answer.text

    def test_a_preview_shows_no_customer_of_another_organisation(
        self, session, login, stranger_organization, organization, manager
    ):
        key = CustomerFactory(first_name="محرمانه").id
        bind(session, Actor(stranger_organization.id))
        stranger = member("Manager", stranger_organization)
        session.commit()

        answer = login(stranger).post(
            "/sms-templates/preview", data={"body": "سلام {نام}", "preview_customer": str(key)}
        )

        assert "محرمانه" not in answer.text
        assert "محرمانه" not in login(stranger).get("/sms-templates/customers?q=محرمانه").text
