"""Fixtures of the SMS tests: a fake provider, the manager's scope, and a template."""

import pytest

from models.sms.template import SmsCategory
from models.tenancy.scope import Actor
from tests.factories import SmsTemplateFactory
from tests.support import sms


@pytest.fixture
def gateway(session, monkeypatch):
    fake = sms.FakeGateway()
    sms.account(monkeypatch, fake)
    return fake


@pytest.fixture
def acting(manager):
    return Actor(manager.organization_id, manager.id)


@pytest.fixture
def template(session, manager):
    row = SmsTemplateFactory(body="سلام {نام}", category=SmsCategory.SERVICE)
    session.commit()
    return row
