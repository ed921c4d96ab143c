"""Test messages of an account: through the queue, by this account alone, and tried once."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.gateways.sms.results import Trouble
from app.services.sms.consent import opt_out
from app.services.sms.delivery.claim import claim
from app.services.sms.delivery.dispatch import drain
from app.services.sms.delivery.lanes import Lane
from models.account import UserSession
from models.audit.event import AuditEvent
from models.sms.attempt import SmsAttempt
from models.sms.campaign import CampaignStatus, LeftOut, PauseReason, SmsCampaign
from models.sms.consent import OptOutSource
from models.sms.message import MessageState, SmsMessage
from models.sms.provider import ProviderStop, SmsProvider, SmsProviderHealth
from models.sms.quota import LedgerKind, SmsLedger
from models.tenancy.scope import bind
from tests.factories import CustomerFactory, member
from tests.sms.delivery.steps import get, later
from tests.support import sms

MOBILE, S = "+989121234567", MessageState
HTMX = {"HX-Request": "true"}


@pytest.fixture
def spare(session, monkeypatch, gateway):
    """A second account behind the first one, and its gateway."""
    fake = sms.FakeGateway()
    row = sms.account(monkeypatch, fake, position=9)
    session.commit()
    fake.key = row.id
    return fake


@pytest.fixture
def admin(session, login, organization):
    """A platform admin who acts in the organisation."""
    browser = login(member("Admin", None))
    opened = session.scalars(select(UserSession).order_by(UserSession.id.desc())).first()
    opened.acting_organization_id = organization.id
    session.commit()
    return browser


@pytest.fixture
def ask(session, admin, acting):
    def run(key, mobile="۰۹۱۲۱۲۳۴۵۶۷", body="آزمایش"):
        data = {"_step": "run", "mobile": mobile, "body": body}
        answer = admin.post(f"/sms-providers/action/send_test/{key}", data=data, headers=HTMX)
        bind(session, acting)
        session.expire_all()
        return answer

    return run


def test_it_is_queued_and_leaves_by_its_account_with_attempt_event_and_ledger(
    session, gateway, spare, ask, work
):
    assert ask(spare.key).status_code == 204

    [row] = session.scalars(select(SmsMessage)).all()
    assert (row.state, row.mobile, row.body) == (S.QUEUED, MOBILE, "آزمایش")
    assert gateway.sent == spare.sent == []
    work()

    assert [(each.mobile, each.text) for each in spare.sent] == [(MOBILE, "آزمایش")]
    assert gateway.sent == []
    [row] = session.scalars(select(SmsMessage)).all()
    assert (row.state, row.provider_id) == (S.ACCEPTED, spare.key)
    assert len(session.scalars(select(SmsAttempt)).all()) == 1
    kinds = [each.kind for each in session.scalars(select(SmsLedger)) if each.message_id]
    assert kinds == [LedgerKind.RESERVE, LedgerKind.CAPTURE]
    assert get(session, row.campaign_id).status is CampaignStatus.FINISHED
    events = session.scalars(select(AuditEvent.action), execution_options={"unscoped": True}).all()
    assert "send_test" in events


@pytest.mark.parametrize("trouble", [Trouble.SETUP, Trouble.BUSY, Trouble.CREDIT])
def test_it_is_tried_once(session, gateway, spare, ask, work, trouble):
    spare.script = sms.later(trouble)
    ask(spare.key)

    work()
    later(session, 3600)
    work(lambda: drain(5))

    [row] = session.scalars(select(SmsMessage)).all()
    assert (row.state, row.error_code, len(spare.calls)) == (S.FAILED, "409", 1)
    assert gateway.sent == []


def test_it_reaches_an_account_that_is_off_or_stopped_and_other_messages_wait(
    session, gateway, spare, ask, send, work
):
    for account in session.scalars(select(SmsProvider)):
        stopped = SmsProviderHealth(provider_id=account.id, stop=ProviderStop.SETUP)
        stopped.failures = stopped.recent = stopped.lease_conflicts = 0
        session.add(stopped)
    session.get(SmsProvider, spare.key).is_enabled = False
    session.commit()
    key = send(2)
    assert get(session, key).pause_reason is PauseReason.PROVIDER

    ask(spare.key)
    work()

    assert len(spare.sent) == 1
    assert gateway.sent == []
    assert sms.states(key) == {S.QUEUED: 2}


def test_other_messages_take_the_first_account_meanwhile(session, gateway, spare, ask, send, work):
    ask(spare.key)
    key = send(3)

    assert sms.states(key) == {S.ACCEPTED: 3}
    assert (len(gateway.sent), len(spare.sent)) == (3, 1)


def test_the_queue_of_single_messages_leaves_a_test_to_its_account(session, gateway, spare, ask, acting):
    ask(spare.key)
    single = sms.campaign([CustomerFactory()], acting.member_id).id
    lane = Lane(acting.organization_id, None)

    claimed = claim(lane, provider_id=spare.key, takes_new=True, limit=10)

    rows = session.scalars(select(SmsMessage).where(SmsMessage.id.in_(claimed.ids))).all()
    assert [row.campaign_id for row in rows] == [single]


def test_a_receiver_who_opted_out_gets_no_test(session, gateway, spare, ask, work):
    opt_out(MOBILE, OptOutSource.INBOUND)
    session.commit()

    ask(spare.key)
    work()

    [row] = session.scalars(select(SmsMessage)).all()
    assert (row.state, row.left_out, spare.sent) == (S.CANCELLED, LeftOut.OPTED_OUT, [])


@pytest.mark.parametrize(
    ("mobile", "body", "words"), [("0912", "آزمایش", "موبایل"), ("09121234567", "س" * 290, "۲۲ نویسه")]
)
def test_bad_input_is_refused_at_its_field(session, spare, ask, mobile, body, words):
    answer = ask(spare.key, mobile, body)

    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalars(select(SmsCampaign)).all() == []


def test_an_admin_without_an_organisation_is_asked_to_choose_one(session, login, spare, acting):
    browser = login(member("Admin", None))

    data = {"_step": "run", "mobile": "09121234567", "body": "آزمایش"}
    answer = browser.post(f"/sms-providers/action/send_test/{spare.key}", data=data, headers=HTMX)

    assert answer.status_code == 422
    assert "سازمانی را انتخاب کنید" in answer.text
    bind(session, acting)
    assert session.scalars(select(SmsCampaign)).all() == []
