"""S18, F09, F10: inbound keywords opt their sender out or in, in the order in which they were sent."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import func, select, update

from app.gateways.sms.base import Inbound
from app.gateways.sms.kavenegar import Kavenegar
from app.gateways.sms.sms_ir import SmsIr
from app.lib.clock import now
from app.services.sms import inbound
from app.services.sms.consent import find_opt_out, opt_out
from app.services.sms.inbound import receive_inbound
from app.services.sms.provider import renew_report_secret
from models.customer import Customer
from models.sms.consent import OptOutSource, SmsInbound
from models.sms.message import SmsMessage
from models.sms.provider import SmsProvider
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import CustomerFactory, member
from tests.support.sms import FakeGateway, account, campaign

MOBILE = "+989121234567"
EPOCH = int((now() - timedelta(hours=5)).timestamp())


class InboundGateway(FakeGateway):
    """A fake gateway that parses inbound texts like `provider_class`."""

    provider_class = Kavenegar

    def read_inbound(self, fields, body):
        return self.provider_class.read_inbound(self, fields, body)


@pytest.fixture
def write(app, session, monkeypatch, manager, organization):
    """Posts a text of a customer who was sent a message; returns whether the customer is opted out."""
    person = CustomerFactory(mobile=MOBILE)
    row = account(monkeypatch, InboundGateway())
    secret = renew_report_secret(row)
    campaign([person], manager)
    session.execute(update(SmsMessage).values(provider_id=row.id))
    session.commit()
    key, owner = person.id, organization.id

    def post(text, **fields):
        form = {"from": "09121234567", "to": "1000", "message": text, **fields}
        assert app.test_client().post(f"/sms/inbound/kavenegar/{secret}", data=form).status_code == 200
        bind(session, Actor(owner))
        session.expire_all()
        marked = session.get(Customer, key).opted_out
        assert marked is (find_opt_out(MOBILE) is not None)
        return marked

    return post


def count(session):
    return session.scalar(select(func.count(SmsInbound.id)))


@pytest.mark.parametrize("text", ["ساعت ۱۱ زنگ بزنید", "سلام، پلاک 11 واحد شرقی", "۱۱ صبح تماس بگیرید"])
def test_f09_a_number_within_a_text_is_no_keyword(write, text):
    assert not write(text, messageid="7")


@pytest.mark.parametrize("text", ["چرا ساعت 12 شب پیام می‌دهید؟", "۱۲", "لغو"])
def test_f09b_a_complaint_does_not_opt_in(write, text):
    assert write("۱۱", messageid="7")

    assert write(text, messageid="8") is (text != "۱۲")


def test_f10_texts_without_an_id_are_all_new(session, write):
    assert [write(text) for text in ("11", "12", "11")] == [True, False, True]
    assert [write(text) for text in ("12", "لغو", "12", "stop")] == [False, True, False, True]
    assert count(session) == 7


def test_f10_a_repeated_post_with_the_same_time_is_one_text(session, write):
    assert write("11", date=str(EPOCH))
    assert not write("12", date=str(EPOCH + 60))

    assert not write("11", date=str(EPOCH))
    assert count(session) == 2
    assert write("11", date=str(EPOCH + 120))


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize(("texts", "ends"), [(("11", "12", "11"), True), (("12", "11", "12"), False)])
def test_f10_the_latest_keyword_wins_in_any_order_of_arrival(write, order, texts, ends):
    marks = [write(texts[place], messageid=str(place + 1), date=str(EPOCH + 60 * place)) for place in order]

    assert marks[-1] is ends


@pytest.mark.parametrize("texts", list(permutations(["11", "12"])))
def test_f10_of_two_keywords_at_the_same_time_the_opt_out_wins(write, texts):
    assert [write(text, date=str(EPOCH)) for text in texts][-1]


def test_f10_an_old_opt_in_does_not_revoke_a_newer_entry(session, write, organization):
    with acting_as(session, Actor(organization.id)):
        opt_out(MOBILE, OptOutSource.MEMBER)
        session.commit()

    assert write("12", date=str(EPOCH))
    assert not write("12")


def test_f10_a_timestamp_in_the_future_does_not_override_later_texts(write):
    assert write("11", date=str(EPOCH + 10**6))

    assert not write("12", date=str(EPOCH + 10**6 + 1))


def test_s18_an_opt_out_applies_to_organisations_that_sent_messages(session, stranger_organization, write):
    strange = Actor(stranger_organization.id)
    with acting_as(session, strange):
        stranger = CustomerFactory(mobile=MOBILE).id
        session.commit()

    assert write("لغو 11")

    with acting_as(session, strange):
        assert not session.get(Customer, stranger, populate_existing=True).opted_out


@pytest.mark.parametrize(
    ("line", "other_line", "is_out"), [("1000", "1000", True), ("1000", "2000", False), ("", "", False)]
)
def test_s18_an_opt_out_applies_to_messages_of_an_earlier_account_of_the_line(
    session, write, monkeypatch, line, other_line, is_out
):
    receiving = session.scalars(select(SmsProvider)).one()
    earlier = account(monkeypatch, FakeGateway(), line=other_line, is_enabled=False)
    receiving.line = line
    session.execute(update(SmsMessage).values(provider_id=earlier.id))
    session.commit()

    assert write("لغو 11") is is_out


@pytest.mark.parametrize("ends_after", [0, 1])
def test_a_keyword_is_applied_when_the_provider_repeats_a_text_whose_request_was_ended(
    app, session, stranger_organization, write, monkeypatch, ends_after
):
    """Of two organisations that write to the number, none or one had the opt-out by then."""
    row = session.scalars(select(SmsProvider)).one()
    there = Actor(stranger_organization.id)
    with acting_as(session, there):
        person, manager = CustomerFactory(mobile=MOBILE), member("Manager", stranger_organization, "theirs")
        session.flush()
        key, manager_id = person.id, manager.id
    with acting_as(session, Actor(stranger_organization.id, manager_id)):
        campaign([session.get(Customer, key)], manager_id)
        session.execute(update(SmsMessage).values(provider_id=row.id))
        session.commit()
    calls, apply = [], inbound._apply_keyword

    def applied(*given):
        calls.append(given)
        if len(calls) > ends_after:
            raise KeyboardInterrupt
        apply(*given)

    text = Inbound(MOBILE, "1000", "11", provider_message_id="7")
    with monkeypatch.context() as broken:
        broken.setattr(inbound, "_apply_keyword", applied)
        with pytest.raises(KeyboardInterrupt):
            receive_inbound(session.get(SmsProvider, row.id), text)
        session.rollback()
    assert count(session) == 0

    assert write("11", messageid="7")

    with acting_as(session, there):
        assert session.get(Customer, key, populate_existing=True).opted_out
    assert count(session) == 1
    # A further repeat is none.
    assert not receive_inbound(session.get(SmsProvider, row.id), text)
    assert count(session) == 1


@pytest.mark.parametrize(
    ("fields", "hour"),
    [
        ({"date": "1799829000"}, 8),
        ({"date": "1799829000000"}, 8),
        ({"date": "2027-01-13 11:30:00"}, 8),
        ({"date": "2027-01-13T08:00:00Z"}, 8),
        ({"date": "۱۴۰۵/۱۰/۲۳", "time": "۱۱:۳۰"}, 8),
        ({"date": "1405/10/23 11:30"}, 8),
        ({"date": "yesterday"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("provider", [Kavenegar, SmsIr])
def test_f10_timestamps_of_providers_are_parsed(provider, fields, hour):
    row = {"from": "09121234567", "to": "1000", "message": "11", **fields}

    found = provider.read_inbound(InboundGateway(), row, b"")

    assert bool(found.stamp) is bool(fields)
    assert (found.sent_at and found.sent_at.timestamp() % 86_400 // 3_600) == hour
