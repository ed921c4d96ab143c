"""Texts from the former mobiles and the other phones of a customer, on their timeline."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.lib.clock import now
from app.services.order.phone import write_phones_key
from models.customer import CustomerPhone
from models.sms.consent import SmsInbound
from models.sms.provider import SmsProvider
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, SaleFactory, member
from tests.sales.merge_steps import merged
from tests.support.timelines import follow_up, provider, received, sent

OLD, NEW = "+989121110000", "+989121112222"


@pytest.fixture
def line(session):
    return provider()


@pytest.fixture
def customer(consultant):
    return CustomerFactory(mobile=OLD, last_name="احمدی")


@pytest.fixture
def mine(session, customer, consultant, line):
    """A follow-up of the customer whose message has been answered."""
    row = follow_up(customer, consultant)
    sent(row, "سرفصل‌ها", consultant, line)
    received(customer, "پاسخ از شمارهٔ قدیم", line)
    session.commit()
    return row


@pytest.fixture
def change(login, consultant, customer):
    """Writes another mobile into the form of the customer."""

    def send(mobile):
        data = {"mobile": mobile, "last_name": "احمدی", "row_version": customer.row_version}
        return login(consultant).post(f"/customers/edit/{customer.id}", data=data)

    return send


def texts_of(session, customer, line, number, text):
    session.add(SmsInbound(provider_id=line.id, provider_message_id=text, mobile=number, text=text))
    session.commit()


def add_phone(session, customer, number):
    session.add(CustomerPhone(customer_id=customer.id, number=number))
    session.flush()
    write_phones_key(customer.id)
    session.commit()


class TestChangedNumber:
    def test_leaves_the_texts_on_the_timeline(self, login, consultant, mine, customer, change):
        assert change(NEW).status_code == 302
        client = login(consultant)

        for path in (f"/customers/show/{customer.id}", f"/follow-ups/show/{mine.id}"):
            assert client.get(path).text.count("پاسخ از شمارهٔ قدیم") == 1

    def test_becomes_a_phone_that_finds_no_customer_of_an_order(self, session, mine, customer, change):
        change(NEW)

        phone = session.scalars(select(CustomerPhone)).one()
        assert (phone.customer_id, phone.number, phone.was_mobile) == (customer.id, OLD, False)
        session.refresh(customer)
        assert customer.phones_key == "|9121110000"

    def test_that_was_mistyped_becomes_no_phone(self, session, consultant, customer, change):
        follow_up(customer, consultant)
        session.commit()

        assert change(NEW).status_code == 302

        assert session.scalars(select(CustomerPhone)).all() == []

    def test_is_one_phone_however_often_it_changes(self, session, mine, customer, change):
        for mobile in (NEW, OLD, NEW):
            change(mobile)
            session.refresh(customer)

        assert [each.number for each in session.scalars(select(CustomerPhone))] == [OLD]

    def test_that_is_refused_leaves_no_phone(self, session, mine, customer, change):
        CustomerFactory(mobile=NEW)
        session.commit()

        assert change(NEW).status_code == 422

        assert session.scalars(select(CustomerPhone)).all() == []

    def test_by_rest_is_the_same(self, session, call_as, manager, mine, customer):
        call = call_as(manager)

        answer = call("PUT", f"customers/{customer.id}", {"mobile": NEW}, **{"If-Match": "*"})

        assert answer.status_code == 200
        assert [each.number for each in session.scalars(select(CustomerPhone))] == [OLD]


class TestMergedNumber:
    @pytest.fixture
    def survivor(self, session, consultant, manager, customer, mine):
        other = CustomerFactory(mobile=NEW)
        merged(customer, other, mobile=other)
        session.commit()
        return customer.id

    def test_has_its_texts_on_the_timeline_of_the_survivor(self, login, consultant, mine, survivor):
        page = login(consultant).get(f"/customers/show/{survivor}").text

        assert page.count("پاسخ از شمارهٔ قدیم") == 1
        assert page.count("سرفصل‌ها") == 1

    def test_stands_on_the_page_of_a_sale(self, session, login, manager, mine, survivor):
        sale = SaleFactory(order=mine.order, consultant_id=mine.consultant_id)
        session.commit()

        assert "پاسخ از شمارهٔ قدیم" in login(manager).get(f"/sales/show/{sale.id}").text


class TestOtherPhone:
    def test_of_another_customer_is_not_shown_twice(
        self, session, login, manager, consultant, colleague, mine, customer, line, change
    ):
        change(NEW)
        other = CustomerFactory(mobile=OLD)
        sent(follow_up(other, colleague), "پیامک به دیگری", colleague, line)
        texts_of(session, other, line, OLD, "پاسخ دیگری")

        pages = {
            person: login(person).get(f"/customers/show/{customer.id}").text
            for person in (manager, consultant)
        }
        assert "پاسخ" not in pages[manager]
        # The consultant does not see the other customer.
        assert "پاسخ" not in pages[consultant]
        assert "پاسخ دیگری" in login(manager).get(f"/customers/show/{other.id}").text

    def test_of_a_deleted_customer_is_shown(self, session, login, manager, mine, customer, line, change):
        change(NEW)
        CustomerFactory(mobile=OLD, deleted_at=now())
        session.commit()

        assert "پاسخ از شمارهٔ قدیم" in login(manager).get(f"/customers/show/{customer.id}").text

    def test_to_which_no_message_has_gone_has_no_texts(self, session, login, manager, mine, customer, line):
        """A member can type any number, and other organisations use the same line."""
        add_phone(session, customer, NEW)
        texts_of(session, customer, line, NEW, "پاسخ به سازمان دیگر")

        assert "سازمان دیگر" not in login(manager).get(f"/customers/show/{customer.id}").text

    def test_of_the_same_number_elsewhere_shows_nothing(
        self, session, login, manager, mine, customer, line, stranger_organization
    ):
        session.flush()
        key = session.scalars(select(SmsProvider.id)).one()
        with acting_as(session, Actor(stranger_organization.id)):
            line = session.get_one(SmsProvider, key)
            stranger = member("Consultant", stranger_organization, "abroad")
            sent(follow_up(CustomerFactory(mobile=NEW), stranger), "پیامک بیگانه", stranger, line)
            session.commit()
        session.add_all([manager, customer])
        line = session.get_one(SmsProvider, key)
        add_phone(session, customer, NEW)
        texts_of(session, customer, line, NEW, "پاسخ به بیگانه")

        assert "بیگانه" not in login(manager).get(f"/customers/show/{customer.id}").text

    def test_shows_a_consultant_the_texts_to_their_own_messages(
        self, session, login, consultant, colleague, manager, mine, customer, change
    ):
        theirs = follow_up(customer, colleague)
        line = provider("خط دیگر")
        sent(theirs, "پیامک همکار", colleague, line)
        texts_of(session, customer, line, OLD, "پاسخ به همکار")
        change(NEW)

        url = f"/customers/show/{customer.id}"
        assert "پاسخ به همکار" not in login(consultant).get(url).text
        assert "پاسخ به همکار" in login(manager).get(url).text

    def test_is_no_text_of_somebody_without_the_right(self, session, login, organization, mine, customer):
        agent = member("SupportAgent", organization)
        session.commit()

        assert "پاسخ" not in login(agent).get(f"/customers/show/{customer.id}").text

    def test_that_is_deleted_takes_its_texts_along(self, session, login, manager, mine, customer, change):
        change(NEW)
        phone = session.scalars(select(CustomerPhone)).one()
        client = login(manager)
        url = f"/customers/show/{customer.id}"
        assert "پاسخ از شمارهٔ قدیم" in client.get(url).text

        client.post(f"/customer-phones/delete/{phone.id}", data={"row_version": phone.row_version})

        assert "پاسخ از شمارهٔ قدیم" not in client.get(url).text


def test_texts_of_several_numbers_stand_in_one_order(session, login, manager, consultant, mine, customer):
    """Pages go on over texts of all numbers, each text once."""
    line = session.scalars(select(SmsInbound)).one().provider
    seen, numbers = [], [OLD, *(f"+98912111000{last}" for last in range(1, 5))]
    for number in numbers[1:]:
        message = sent(mine, "سلام", consultant, line, at=now() - timedelta(days=9))
        message.mobile = number
        add_phone(session, customer, number)
    for count in range(60):
        at = now() - timedelta(hours=count + 1)
        text = {"mobile": numbers[count % 5], "text": f"متن {count:02}.", "received_at": at}
        session.add(SmsInbound(provider_id=line.id, provider_message_id=f"n{count}", **text))
    first = session.scalars(select(SmsInbound.text).order_by(SmsInbound.id)).first()
    session.commit()
    client, url = login(manager), f"/customers/{customer.id}/timeline"
    while url:
        page = client.get(url, headers={"HX-Request": "true"}).text
        seen += [part.split(".")[0] for part in page.split("متن ")[1:]]
        older = page.split('hx-get="')
        url = older[1].split('"')[0] if len(older) > 1 else None

    assert first == "پاسخ از شمارهٔ قدیم"
    # Texts before the message of the day, to a number of an hour ago, are no answers.
    expected = [f"{count:02}" for count in range(60) if count % 5 or count == 0]
    assert sorted(set(expected) - set(seen)) == []
    assert seen == sorted(set(seen))


def test_costs_one_statement_for_any_number_of_phones(
    session, login, manager, consultant, mine, customer, line, statements
):
    client, url = login(manager), f"/customers/show/{customer.id}"

    def cost():
        session.expire_all()
        client.get(url)
        session.expire_all()
        statements.clear()
        assert client.get(url).status_code == 200
        return len(statements)

    add_phone(session, customer, NEW)
    one = cost()
    for number in range(9):
        add_phone(session, customer, f"+9891211133{number:02}")
    for number in range(60):
        texts_of(session, customer, line, OLD, f"متن {number}")

    assert cost() == one <= 10
