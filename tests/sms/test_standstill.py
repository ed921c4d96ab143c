"""The sentence over the lists of SMS while no account takes messages, and the way back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.services.sms.provider import clear_stop
from models.sms.provider import ProviderStop, SmsProvider, SmsProviderHealth
from tests.factories import CustomerFactory
from tests.support import sms

REFUSED, CREDIT = "ارائه‌دهندهٔ پیامک این حساب را نمی‌پذیرد", "اعتبار ارائه‌دهندهٔ پیامک تمام شده"


def account(session, stop, **fields):
    row = SmsProvider(name=f"حساب {stop} {fields}", base_url="https://x", sealed_key_secret="-", **fields)
    session.add(row)
    session.flush()
    session.add(SmsProviderHealth(provider_id=row.id, stop=stop, failures=0, recent=0, lease_conflicts=0))
    session.commit()
    return row


@pytest.fixture
def written(session, consultant):
    """A waiting message and a campaign of the consultant."""
    sms.campaign([CustomerFactory()], consultant.id)
    sms.campaign([CustomerFactory() for _ in range(2)], consultant.id)


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("path", ["/sent-sms/", "/campaigns/"])
@pytest.mark.parametrize(
    ("accounts", "expected"),
    [
        ([], None),
        ([(ProviderStop.SETUP, True)], REFUSED),
        ([(ProviderStop.SENDER, True)], REFUSED),
        ([(ProviderStop.CREDIT, True), (ProviderStop.SETUP, True)], CREDIT),
        ([(ProviderStop.BUSY, True)], None),
        ([(None, True), (ProviderStop.SETUP, True)], None),
        # An account that is off neither sends nor explains.
        ([(ProviderStop.SETUP, True), (None, False)], REFUSED),
        ([(ProviderStop.SETUP, False)], None),
    ],
)
def test_the_lists_say_why_messages_wait(session, login, manager, path, accounts, expected):
    for stop, is_enabled in accounts:
        account(session, stop, is_enabled=is_enabled)

    page = login(manager).get(path).text

    assert [words for words in (REFUSED, CREDIT) if words in page] == ([expected] if expected else [])


@pytest.mark.usefixtures("written")
def test_consultants_read_it_until_the_account_is_released(session, login, consultant):
    account(session, ProviderStop.SETUP)
    browser = login(consultant)
    assert REFUSED in browser.get("/sent-sms/").text

    clear_stop(session.scalars(select(SmsProvider.id)).one())
    session.commit()

    assert REFUSED not in browser.get("/sent-sms/").text
