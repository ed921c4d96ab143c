"""What the provider accounts take: refused on saving, in previews and when a message is created."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.gateways.sms.kavenegar import Kavenegar
from app.gateways.sms.limits import strictest
from app.gateways.sms.sms_ir import SmsIr
from app.services.account.token import make_token
from app.services.sms.consent import opt_out
from app.services.sms.text.limits import current_limits
from app.tasks.sms import prepare
from models.account import TokenScope
from models.sms.campaign import LeftOut, SmsCampaign, SmsExclusion
from models.sms.consent import OptOutSource, SmsBlock
from models.sms.message import SmsMessage
from models.sms.provider import ProviderKind, SmsProvider
from models.sms.quota import SmsLedger
from models.sms.template import SmsCategory, SmsTemplate
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, SmsTemplateFactory
from tests.sms.test_sending import send

KAVENEGAR, SMS_IR = ProviderKind.KAVENEGAR, ProviderKind.SMSIR


def account(session, kind=KAVENEGAR, **fields):
    row = SmsProvider(
        name=f"حساب {uuid4()}", kind=kind, base_url="https://x", sealed_key_secret="-", **fields
    )
    session.add(row)
    session.commit()
    return row


def save(browser, body, **fields):
    form = {"title": "متن تازه", "category": "advertising", "body": body, "is_active": "y"} | fields
    return browser.post("/sms-templates/add", data=form)


def stored(session, organization):
    """How many campaigns, messages and entries of the ledger the organisation has."""
    bind(session, Actor(organization.id))
    session.expire_all()
    return tuple(
        session.scalar(select(func.count()).select_from(each))
        for each in (SmsCampaign, SmsMessage, SmsLedger)
    )


@pytest.fixture
def bearer(session, manager):
    _row, secret = make_token(manager, name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    return {"Authorization": f"Bearer {secret}"}


class TestSaving:
    # The footer and its newline have six characters, in Latin too.
    @pytest.mark.parametrize(
        ("kind", "body", "excess"),
        [
            (KAVENEGAR, "س" * 262, None),
            (KAVENEGAR, "س" * 263, "۱"),
            (KAVENEGAR, "a" * 606, None),
            (KAVENEGAR, "a" * 612, "۶"),
            (KAVENEGAR, "a" * 604 + "€", None),
            (KAVENEGAR, "a" * 605 + "€", "۱"),
            # One Persian character makes the text as long as one of Persian characters.
            (KAVENEGAR, "a" * 400 + "س", "۱۳۹"),
            (SMS_IR, "س" * 1794, None),
            (SMS_IR, "س" * 1800, "۶"),
        ],
    )
    def test_the_limit_is_that_of_the_account(
        self, session, login, manager, organization, kind, body, excess
    ):
        account(session, kind)

        answer = save(login(manager), body)

        assert answer.status_code == (302 if excess is None else 422)
        found = session.scalars(select(SmsTemplate.body).where(SmsTemplate.title == "متن تازه")).all()
        assert len(found) == (excess is None)
        if excess is not None:
            assert 'id="body-error"' in answer.text
            assert f"متن {excess} نویسه بلندتر" in answer.text
            assert body in answer.text

    def test_an_account_that_is_off_limits_nothing(self, session, login, manager):
        account(session, SMS_IR)
        account(session, KAVENEGAR, is_enabled=False)

        assert save(login(manager), "س" * 900).status_code == 302

    def test_every_enabled_account_limits_and_without_one_every_provider(self, session, manager):
        assert current_limits().persian == 268
        account(session, SMS_IR)
        assert current_limits().persian == 1800
        account(session, KAVENEGAR, position=5)
        assert (current_limits().persian, current_limits().latin) == (268, 612)

    def test_rest_refuses_the_same(self, app, session, bearer, manager):
        account(session)

        values = {"title": "متن", "category": "service", "body": "س" * 300}
        answer = app.test_client().post("/api/v1/sms-templates/", json=values, headers=bearer)

        assert answer.status_code == 409
        assert "۳۸ نویسه" in str(answer.json["errors"]["body"])

    @pytest.mark.parametrize(("takes", "status"), [(True, 302), (False, 422)])
    def test_a_link_needs_an_account_that_takes_it(self, session, login, manager, takes, status):
        account(session)
        account(session, SMS_IR, takes_links=takes)

        answer = save(login(manager), "ببینید: ava.ir/sale")

        assert answer.status_code == status
        assert ("پیوند در متن نمی‌پذیرد" in answer.text) is not takes

    @pytest.mark.parametrize(
        ("kind", "code", "body", "field"),
        [
            (KAVENEGAR, "verify-1", "سلام {نام}", None),
            (KAVENEGAR, "123:Code", "سلام {نام}", "pattern_code"),
            (KAVENEGAR, "verify", "{نام}{شهر}{استان}{محصول}{نام}{شهر}", "body"),
            (SMS_IR, "123:Code", "سلام {نام}", None),
            (SMS_IR, "verify-1", "سلام {نام}", "pattern_code"),
            (KAVENEGAR, "", "سلام", "pattern_code"),
        ],
    )
    def test_a_pattern_has_the_form_of_its_provider(self, session, login, manager, kind, code, body, field):
        account(session, kind)

        answer = save(login(manager), body, category="pattern", pattern_code=code)

        assert answer.status_code == (302 if field is None else 422)
        assert field is None or f'id="{field}-error"' in answer.text


class TestPreviewAndSending:
    @pytest.fixture
    def long_name(self, session, manager, organization):
        """A text that fits with a short name of the customer, and not with a long one."""
        account(session)
        row = SmsTemplateFactory(body="{نام} " + "س" * 250, category=SmsCategory.SERVICE)
        session.commit()
        return row

    def people(self, session, *names):
        rows = [CustomerFactory(first_name=name, mobile=f"0912001{n:04}") for n, name in enumerate(names)]
        session.commit()
        return rows

    def test_the_preview_of_a_template_says_how_much_is_too_long(self, session, login, manager):
        account(session)

        page = login(manager).post("/sms-templates/preview", data={"body": "س" * 270, "category": "service"})

        assert "متن ۸ نویسه بلندتر از اندازهٔ مجاز است؛ ارائه‌دهنده حداکثر ۲۶۸" in page.text

    def test_one_receiver_too_long_is_refused_and_nothing_is_stored(
        self, session, login, manager, organization, long_name
    ):
        [person] = self.people(session, "عبدالحسین‌میرزایی‌پور")
        browser = login(manager)

        assert "نویسه بیش از اندازه" in send(browser, [person], long_name, _one="1").text
        answer = send(browser, [person], long_name, _one="1", _step="run", _token=str(uuid4()))

        assert answer.status_code == 422
        assert "هیچ‌کس این پیامک را دریافت نمی‌کند" in answer.text
        assert stored(session, organization) == (0, 0, 0)

    def test_of_many_only_those_who_fit_get_it(self, session, login, manager, organization, long_name):
        rows = self.people(session, "عبدالحسین‌میرزایی‌پور", "علی")

        answer = send(login(manager), rows, long_name, _step="run", _token=str(uuid4()))
        assert answer.status_code == 204
        key = organization.id
        prepare.run()

        bind(session, Actor(key))
        assert [row.body[:3] for row in session.scalars(select(SmsMessage))] == ["علی"]
        [left_out] = session.scalars(select(SmsExclusion)).all()
        assert (left_out.reason, left_out.details) == (LeftOut.TOO_LONG, "۱۰ نویسه بیش از اندازه")

    def test_a_text_that_became_too_long_is_refused_for_all(self, session, login, manager, organization):
        row = SmsTemplateFactory(body="س" * 300, category=SmsCategory.SERVICE)
        rows = self.people(session, "علی", "رضا")
        account(session)
        browser = login(manager)

        page = send(browser, rows, row).text
        answer = send(browser, rows, row, _step="run", _token=str(uuid4()))

        assert "متن ۳۸ نویسه بلندتر" in page
        assert "data-main-submit" not in page
        assert answer.status_code == 422
        assert stored(session, organization) == (0, 0, 0)

    def test_a_campaign_without_a_possible_receiver_is_refused_with_its_reasons(
        self, session, login, manager, organization, template
    ):
        rows = self.people(session, "علی", "رضا", "حسن", "")
        opt_out(rows[0].mobile, OptOutSource.INBOUND)
        opt_out(rows[1].mobile, OptOutSource.MEMBER)
        session.add(SmsBlock(mobile=rows[2].mobile, reason=""))
        session.commit()

        answer = send(login(manager), rows, template, _step="run", _token=str(uuid4()))

        assert answer.status_code == 422
        for words in ("لغو", "(۲)", "فهرست سیاه", "نام (۱)"):
            assert words in answer.text
        assert stored(session, organization) == (0, 0, 0)

    def test_one_who_can_get_it_is_enough(self, session, login, manager, organization, template):
        rows = self.people(session, "علی", "رضا")
        opt_out(rows[0].mobile, OptOutSource.INBOUND)
        session.commit()

        assert send(login(manager), rows, template, _step="run", _token=str(uuid4())).status_code == 204
        assert stored(session, organization)[0] == 1


def test_limits_of_several_providers_together():
    both = strictest([SmsIr.limits, Kavenegar.limits])

    assert (both.persian, both.latin, both.latin_footer) == (268, 612, "off11")
    assert [both.takes_pattern(code, 5) for code in ("1:a,b", "verify", "1:", "a b")] == [
        True,
        True,
        False,
        False,
    ]
    assert not both.takes_pattern("verify", 6)
