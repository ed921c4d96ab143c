"""Concurrent changes of one campaign or of the last quota pages: one wins, and no invariant is violated."""

from __future__ import annotations

from collections import Counter
from datetime import time
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from app.errors import Conflict
from app.extensions import db
from app.services.sms.campaign.create import cancel, create_campaign
from app.services.sms.campaign.recipients import Selection
from app.services.sms.delivery.attempt import begin_attempt
from app.services.sms.delivery.claim import claim
from app.services.sms.delivery.lanes import Lane
from app.services.sms.delivery.responses import record_results
from app.services.sms.invariants.checks import check
from app.services.sms.provider import open_channels
from app.services.sms.quota import QuotaExceeded
from app.tasks.sms import prepare, sweep
from models.member import Member
from models.organization import Organization
from models.sms.campaign import Audience, SmsCampaign
from models.sms.message import MessageState, SmsMessage
from models.sms.quota import LedgerKind, SmsLedger, SmsUsage
from models.sms.template import SmsTemplate
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory
from tests.support import sms
from tests.support.racing import at_once

pytestmark = pytest.mark.postgresql

ROUNDS = 20
S = MessageState


@pytest.fixture
def place(arena):
    """The manager of an organisation that is open all day."""
    manager = arena.member("Manager", "nasrin")
    with arena.actor(manager) as session:
        all_day = {"sending_from": time(), "sending_until": time(), "holidays": {}}
        session.execute(update(Organization).values(**all_day))
    return Actor(arena.organization_id, manager)


@pytest.fixture
def gateway(arena, monkeypatch):
    fake = sms.FakeGateway()
    sms.account(monkeypatch, fake)
    arena.session.commit()
    yield fake
    db.session.remove()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("TRUNCATE sms_providers CASCADE")


@pytest.fixture
def rows(arena, place):
    """(keys of four customers, key of a template)."""
    with arena.actor(place.member_id):
        return [CustomerFactory().id for _ in range(4)], sms.template().id


def in_context(arena, place, act):
    """Run *act* in an app context with a session of its own, and commit."""
    with arena.app.app_context(), acting_as(db.session(), place) as session:
        try:
            found = act(session)
            session.commit()
        except (Conflict, QuotaExceeded) as refusal:
            session.rollback()
            return refusal
        return found


def send(session, rows, place, token):
    keys, template = rows
    made = create_campaign(
        Selection(Audience.CUSTOMERS, keys),
        session.get(SmsTemplate, template),
        client_token=token,
        by=session.get(Member, place.member_id),
    )
    return made.campaign.id, made.is_new


def test_r01_a_form_that_is_submitted_twice_is_one_campaign(arena, place, gateway, rows):
    for _round in range(ROUNDS):
        act = partial(send, rows=rows, place=place, token=uuid4())

        answers = at_once(*[partial(in_context, arena, place, act)] * 4)

        assert len({key for key, _is_new in answers}) == 1
        assert sorted(is_new for _key, is_new in answers) == [False, False, False, True]
    assert len(arena.all(select(SmsCampaign.id))) == ROUNDS


def test_r17_a_cancelled_message_is_not_sent_and_a_sent_one_is_not_cancelled(arena, place, gateway, rows):
    outcomes = Counter()
    for number in range(ROUNDS):
        key, _is_new = in_context(arena, place, partial(send, rows=rows, place=place, token=uuid4()))
        prepare.run()
        lane, provider = Lane(place.organization_id, key), open_channels()[0].provider_id
        token = in_context(
            arena,
            place,
            lambda _s, lane=lane, at=provider: claim(lane, provider_id=at, takes_new=True, limit=4),
        )

        def hand_over(_session, token=token, at=provider):
            batch = begin_attempt(token, provider_id=at)
            if batch is not None:
                record_results(batch, gateway.send(batch.outgoing()))

        def take_back(session, key=key, number=number):
            # A delay that grows with each round moves the moment of the encounter.
            for _query in range(number):
                session.get(SmsCampaign, key, populate_existing=True)
            return cancel(session.get(SmsCampaign, key))

        acts = [partial(in_context, arena, place, act) for act in (hand_over, take_back)]
        if number < 2:
            # Each order occurs once for certain; the rounds after these race.
            acts[number](), acts[1 - number]()
        else:
            at_once(*acts)
        sweep.run()

        rows_of = select(SmsMessage.state, SmsMessage.local_id).where(SmsMessage.campaign_id == key)
        found = arena.all(rows_of)
        assert {(state is S.ACCEPTED) == (gateway.took[local] == 1) for state, local in found} == {True}
        assert {state for state, _local in found} <= {S.ACCEPTED, S.CANCELLED}
        outcomes.update(state for state, _local in found)
        assert [finding.name for finding in check() if not finding.holds] == []
    assert outcomes.total() == 4 * ROUNDS
    assert outcomes.keys() == {S.ACCEPTED, S.CANCELLED}


def test_r18_the_last_pages_are_spent_once(arena, place, gateway, rows):
    for _round in range(ROUNDS):
        used = sum(row.used for row in arena.all(select(SmsUsage.used).where(SmsUsage.member_id.is_(None))))
        with arena.actor(place.member_id) as session:
            session.execute(update(Organization).values(sms_quota=used + 6))

        answers = at_once(
            *(
                partial(in_context, arena, place, partial(send, rows=rows, place=place, token=uuid4()))
                for _campaign in range(2)
            )
        )

        assert sorted(isinstance(answer, QuotaExceeded) for answer in answers) == [False, True]
        [usage] = arena.all(select(SmsUsage.used).where(SmsUsage.member_id.is_(None)))
        assert usage.used == used + 4
    reserved = arena.all(select(SmsLedger.amount).where(SmsLedger.kind == LedgerKind.RESERVE))
    assert sum(row.amount for row in reserved) == 4 * ROUNDS
