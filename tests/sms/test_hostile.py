"""Hostile inputs: texts of group S, and delivery reports of group E."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.gateways.sms.results import DeliveryReport, DeliveryState
from app.lib import clock
from app.lib.sms_text.size import size_of
from app.services.sms.delivery.dispatch import drain
from app.services.sms.delivery.reports import apply_reports, receive_reports
from app.services.sms.text.footer import with_footer
from app.services.sms.text.limits import current_limits
from app.services.sms.text.render import render
from app.tasks.sms import prepare
from models.organization import Organization
from models.sms.attempt import SmsDeliveryEvent
from models.sms.message import MessageState, SmsMessage
from models.sms.provider import SmsProvider
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory
from tests.support import sms

CASES = json.loads((Path(__file__).parents[1] / "data/hostile_inputs.json").read_text("utf-8"))
TEXTS = {case["id"]: case for case in CASES if case["id"].startswith("S")}
SIZED = {
    key: int(found[1]) for key, case in TEXTS.items() if (found := re.match(r"OK (\d) seg", case["expect"]))
}
# Unknown variables, unclosed braces and template injections.
REFUSED = {
    "S16": "nam",
    "S17": "{name",
    "S18": "name.__class__.__mro__",
    "S22": "cycler.__init__.__globals__",
}
AS_THEY_ARE = ("S12", "S20", "S26")


def test_every_input_of_the_group_is_tried():
    assert TEXTS.keys() == {*SIZED, *REFUSED, *AS_THEY_ARE, "S23"}


@pytest.mark.parametrize("key", SIZED)
def test_pages_are_counted_as_expected(key):
    assert size_of(TEXTS[key]["value"]).pages == SIZED[key]


@pytest.fixture
def rendered(session, manager):
    """The text of a template for one customer."""
    organization = session.get(Organization, manager.organization_id)

    def fill(body, **customer):
        return render(
            sms.template(body), CustomerFactory(**customer), organization, manager, current_limits()
        )

    return fill


@pytest.mark.parametrize("key", REFUSED)
def test_a_missing_variable_is_named_and_the_text_is_empty(rendered, key):
    found = rendered(TEXTS[key]["value"])

    assert found.text == ""
    assert REFUSED[key] in found.missing


@pytest.mark.parametrize("key", AS_THEY_ARE)
def test_text_without_variables_is_unchanged(rendered, key):
    value = TEXTS[key]["value"]

    assert rendered(value).text == with_footer(value, "off11")


def test_s12_an_emoji_counts_twice():
    assert size_of("سلام 😀")[:2] == (1, 70 - 7)


def test_s23_a_value_is_not_rendered_again(rendered):
    text = rendered("سلام {name}", first_name="{mobile}", last_name="رضایی").text

    assert text.splitlines()[0] == "سلام mobile رضایی"


class TestHostileReports:
    @pytest.fixture
    def gateway(self, session, monkeypatch):
        # Noon in Tehran, within the sending hours.
        clock.start_at(datetime.combine(datetime.now(UTC).date(), time(8, 30), UTC))
        fake = sms.FakeGateway()
        sms.account(monkeypatch, fake)
        return fake

    @pytest.fixture
    def message(self, session, manager, gateway):
        """An accepted message."""
        actor = Actor(manager.organization_id, manager.id)
        sms.campaign([CustomerFactory(), CustomerFactory()], actor.member_id)
        prepare.run()
        drain(5)
        bind(session, actor)
        return session.scalars(select(SmsMessage).order_by(SmsMessage.id)).first()

    def report(self, session, number, *states, local_id=None, times=1):
        account = session.scalars(select(SmsProvider)).one()
        new = sum(
            receive_reports(account, [DeliveryReport(number, local_id, state)])
            for state in states
            for _ in range(times)
        )
        session.commit()
        apply_reports()
        return new

    def state(self, session, key):
        statement = select(SmsMessage.state).where(SmsMessage.id == key)
        return session.scalar(statement, execution_options={"unscoped": True})

    def test_e15_a_repeated_report_has_one_effect(self, session, gateway, message):
        key, number = message.id, message.provider_message_id
        gateway.states[message.local_id] = DeliveryState.DELIVERED

        assert self.report(session, number, DeliveryState.DELIVERED, times=10) == 1
        assert self.state(session, key) is MessageState.DELIVERED

    def test_e17_a_report_of_an_unknown_message_is_stored_and_changes_nothing(
        self, session, gateway, message
    ):
        key = message.id

        assert self.report(session, "m999999", DeliveryState.DELIVERED) == 1

        assert self.state(session, key) is MessageState.ACCEPTED
        assert session.scalar(select(func.count()).where(SmsDeliveryEvent.applied_at.is_(None))) == 1

    def test_e18_a_late_report_does_not_lower_the_state(self, session, gateway, message):
        key, number, local_id = message.id, message.provider_message_id, message.local_id
        gateway.states[local_id] = DeliveryState.DELIVERED
        self.report(session, number, DeliveryState.DELIVERED)
        gateway.states[local_id] = DeliveryState.SENT

        self.report(session, number, DeliveryState.SENT)

        assert self.state(session, key) is MessageState.DELIVERED

    def test_a_report_is_only_a_hint(self, session, gateway, message):
        key, number = message.id, message.provider_message_id

        self.report(session, number, DeliveryState.DELIVERED)

        assert self.state(session, key) is MessageState.ACCEPTED
