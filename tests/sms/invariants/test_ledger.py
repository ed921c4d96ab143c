"""Invariants that compare the tables with the provider's ledger, and the command `sms-audit`."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from sqlalchemy import select

from app.gateways.sms.sandbox_ledger import AcceptedMessage
from app.lib import clock
from app.services.sms.invariants.ledger import check_ledger
from models.organization import Organization
from models.sms.attempt import Decision, SmsAttempt, SmsDecision
from models.sms.campaign import SmsCampaign
from models.sms.consent import SmsOptOut
from models.sms.message import MessageState, SmsMessage
from tests.sms.invariants.violations import (
    HOUR,
    alter,
    drop_trigger,
    first_message,
)
from tests.support import sms
from tests.support.sandbox import running_sandbox


class TestProviderLedger:
    @pytest.fixture
    def accepts(self, session, sent):
        rows = session.scalars(select(SmsMessage).order_by(SmsMessage.id))
        return [AcceptedMessage(row.local_id, row.mobile, row.body, datetime.now(UTC)) for row in rows]

    def broken(self, accepts):
        return {finding.name for finding in check_ledger(accepts) if not finding.holds}

    def test_tables_and_ledger_agree(self, accepts):
        assert self.broken(accepts) == set()

    def test_i01_i17_a_message_accepted_twice(self, session, accepts):
        twice = [*accepts, accepts[0]]
        assert self.broken(twice) == {"I-1", "I-17"}

        decided = {"message_id": first_message(session).id, "attempt_no": 1, "reason": "x"}
        session.add(SmsDecision(decision=Decision.SEND_AGAIN, **decided))
        session.flush()

        assert self.broken(twice) == set()

    def test_i03_accepted_without_a_recorded_attempt(self, session, accepts):
        unknown = replace(accepts[0], local_id=10**9)
        assert self.broken([*accepts, unknown]) == {"I-3"}

        alter(session, SmsAttempt, started_at=datetime.now(UTC) + HOUR)
        assert self.broken(accepts) == {"I-3"}

    def test_i03_a_sent_message_that_the_provider_lacks(self, session, accepts):
        assert self.broken(accepts[1:]) == {"I-3"}

        decided = {"message_id": first_message(session).id, "attempt_no": 1, "reason": "x"}
        session.add(SmsDecision(decision=Decision.ASSUME_SENT, **decided))
        session.flush()

        assert self.broken(accepts[1:]) == set()

    def test_i03_an_unsent_message_that_the_provider_has(self, session, accepts):
        drop_trigger(session)
        alter(session, SmsMessage, state=MessageState.FAILED)

        assert self.broken(accepts) == {"I-3"}

    def test_i08_accepted_while_closed_or_cancelled(self, session, accepts):
        alter(session, SmsCampaign, cancelled_at=clock.now() - HOUR)
        assert self.broken(accepts) == {"I-8"}

        alter(session, SmsCampaign, cancelled_at=None)
        alter(session, Organization, sending_from=time(20), sending_until=time(21))
        assert self.broken(accepts) == {"I-8"}

    def test_i09_accepted_after_an_opt_out(self, session, accepts):
        session.add(SmsOptOut.of_number(accepts[0].mobile, at=clock.now() - HOUR))
        session.flush()

        assert self.broken(accepts) == {"I-9"}

    @pytest.mark.parametrize(
        "change", [{"text": "متن دیگری"}, {"mobile": "+989350000000"}], ids=["text", "mobile"]
    )
    def test_i14_accepted_with_another_text_or_number(self, accepts, change):
        assert self.broken([replace(accepts[0], **change), *accepts[1:]]) == {"I-14"}


class TestAuditCommand:
    @pytest.fixture
    def run(self, app):
        return lambda *given: app.test_cli_runner().invoke(args=["sms-audit", *given])

    def test_it_exits_with_zero_without_violations(self, sent, run):
        done = run("--json")

        assert done.exit_code == 0
        assert {each["name"] for each in json.loads(done.output)} >= {"I-1", "I-18"}

    def test_it_exits_with_one_for_a_violation(self, session, sent, run):
        alter(session, SmsCampaign, total=4)

        done = run()

        assert done.exit_code == 1
        assert "I-5" in done.output

    def test_it_compares_with_the_sandboxs_ledger(self, session, sent, run, tmp_path):
        with running_sandbox(tmp_path) as sandbox:
            ledger = f"http://{sandbox.host}/sandbox/ledger"
            assert run("--ledger", ledger).exit_code == 1

            rows = session.scalars(select(SmsMessage)).all()
            sandbox.provider().send([sms.Outgoing(row.local_id, row.mobile, row.body) for row in rows])

            assert run("--ledger", ledger).exit_code == 0

    @pytest.mark.parametrize("address", ["http://127.0.0.1:9/sandbox/ledger", "ledger"])
    def test_it_names_a_ledger_that_does_not_answer(self, sent, run, address):
        failed = run("--json", "--ledger", address)

        assert (failed.exit_code, failed.stdout) == (1, "")
        assert failed.stderr.startswith("Error: ")
