"""Each invariant is violated on purpose; `sms-audit` and the nightly task must report it."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from sqlalchemy import delete

from app.lib import clock
from app.services.sms.delivery.claim import claim
from app.services.sms.delivery.dispatch import drain
from app.services.sms.delivery.lanes import Lane
from app.services.sms.invariants.checks import INVARIANTS
from app.services.sms.invariants.ledger import COMPARISONS
from app.services.sms.provider import open_channels
from app.tasks.sms import audit
from models.organization import Organization
from models.sms.attempt import AttemptOutcome, Decision, SmsAttempt, SmsDecision
from models.sms.campaign import CampaignStatus, SmsCampaign, SmsSelection
from models.sms.consent import SmsOptOut
from models.sms.message import SmsMessage
from models.sms.quota import LedgerKind, SmsLedger
from models.tenancy.scope import bind
from tests.sms.invariants.violations import (
    DAY,
    HOUR,
    alter,
    attempt_again,
    broken,
    drop_trigger,
    execute,
    first_message,
)
from tests.support import sms


def test_every_invariant_is_checked():
    names = {name for name, *_rest in INVARIANTS}

    assert names == {f"I-{number}" for number in range(1, 19)}
    assert {name for name, *_rest in COMPARISONS} == {"I-1", "I-3", "I-8", "I-9", "I-14", "I-17"}


def test_i01_an_attempt_without_a_row(session, sent):
    alter(session, SmsMessage, attempt_no=2)

    assert "I-1" in broken()


def test_i02_two_open_attempts(session, sent):
    execute(session, "DROP INDEX uq_sms_attempts_open")
    alter(session, SmsAttempt, finished_at=None)
    attempt_again(session)

    assert "I-2" in broken()


def test_i03_accepted_and_never_attempted(session, sent):
    session.execute(delete(SmsAttempt))

    assert "I-3" in broken()


def test_i04_sent_again_without_proof(session, sent):
    alter(session, SmsAttempt, outcome=AttemptOutcome.UNKNOWN)
    attempt_again(session, outcome=AttemptOutcome.ACCEPTED, finished_at=datetime.now(UTC))
    assert "I-4" in broken()

    decided = {
        "message_id": first_message(session).id,
        "attempt_no": 1,
        "decision": Decision.SEND_AGAIN,
        "reason": "x",
    }
    session.add(SmsDecision(**decided))
    session.flush()

    assert "I-4" not in broken()


def test_i05_a_total_that_does_not_add_up(session, sent):
    alter(session, SmsCampaign, total=4)

    assert broken() == {"I-5"}


def test_i06_an_overdue_message(session, queued):
    alter(session, SmsMessage, expires_at=datetime.now(UTC) - DAY - HOUR)

    assert broken() == {"I-6"}


def test_i07_accepted_without_the_providers_number(session, sent):
    alter(session, SmsMessage, provider_message_id=None)

    assert broken() == {"I-7"}


def test_i08_a_call_while_the_organisation_was_closed(session, sent):
    alter(session, Organization, sending_from=time(20), sending_until=time(21))

    assert broken() == {"I-8"}


def test_i08_a_call_after_the_cancellation(session, sent):
    alter(session, SmsCampaign, cancelled_at=datetime.now(UTC) - HOUR)

    assert broken() == {"I-8"}


def test_i09_a_call_after_an_opt_out(session, sent):
    session.add(SmsOptOut.of_number(first_message(session).mobile, at=datetime.now(UTC) - HOUR))
    session.flush()

    assert broken() == {"I-9"}


def test_i10_a_call_for_a_campaign_that_does_not_run_yet(session, sent):
    alter(session, SmsCampaign, status=CampaignStatus.SCHEDULED)

    assert broken() == {"I-10"}


def test_i11_pages_that_were_not_released(session, sent):
    session.execute(delete(SmsLedger).where(SmsLedger.kind == LedgerKind.CAPTURE))

    assert broken() == {"I-11"}


def test_i12_a_message_outside_the_selection(session, sent):
    alter(session, SmsSelection, keys=[])

    assert broken() == {"I-12"}


def test_i13_a_message_of_two_organisations(session, sent, stranger_organization):
    if session.connection().dialect.name == "postgresql":
        execute(session, "SELECT set_config('app.unscoped', 'on', true)")
    execute(session, f"UPDATE sms_messages SET organization_id = {stranger_organization.id}")

    assert "I-13" in broken()


def test_i14_a_text_with_more_pages_than_stored(session, sent):
    alter(session, SmsMessage, body="س" * 300)

    assert broken() == {"I-14"}


def test_i15_a_state_that_no_attempt_leads_to(session, gateway, queued, acting):
    gateway.script = sms.refuse
    drain(5)
    bind(session, acting)
    alter(session, SmsAttempt, outcome=AttemptOutcome.ACCEPTED)

    assert broken() == {"I-15"}


def test_i16_a_missing_trigger(session, sent):
    drop_trigger(session)

    assert broken() == {"I-16"}


def test_i16_a_final_time_without_a_final_state(session, sent):
    alter(session, SmsMessage, final_at=clock.now())

    assert broken() == {"I-16"}


@pytest.mark.postgresql
def test_i17_two_messages_for_one_number(session, sent):
    execute(session, "ALTER TABLE sms_messages DROP CONSTRAINT uq_sms_messages_campaign_id_mobile")
    alter(session, SmsMessage, mobile=first_message(session).mobile)

    assert "I-17" in broken()


def test_i18_an_expired_lease(session, queued, acting):
    lane = Lane(acting.organization_id, queued)
    claim(lane, provider_id=open_channels()[0].provider_id, takes_new=True, limit=3)
    alter(session, SmsMessage, lease_until=datetime.now(UTC) - HOUR)

    assert broken() == {"I-18"}


def test_the_nightly_task_logs_violations(session, sent, caplog):
    audit.run()
    assert not caplog.records

    alter(session, SmsCampaign, total=4)
    audit.run()

    assert "I-5" in caplog.text
