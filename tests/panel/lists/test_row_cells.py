"""What the cells of a list say: times in words, exceptions alone, people without a name, and what a card shows of them."""

import re
from datetime import timedelta

import pytest

from app.lib import clock
from app.lib.jalali import parse_datetime
from app.lib.money import Currency
from app.panel.columns import describe
from app.panel.export.values import exporter_of
from models.follow_up import FollowUp, FollowUpStatus
from models.sms.template import SmsTemplate
from tests.factories import (
    CustomerFactory,
    FollowUpFactory,
    OrderFactory,
    ProductFactory,
    ResultTitleFactory,
)
from views.day.follow_up.section import FollowUps

pytestmark = pytest.mark.usefixtures("colleagues_rows")

NOON = parse_datetime("1405/09/08 12:00")


@pytest.fixture
def at_noon():
    clock.start_at(NOON)
    yield
    clock.reset()


def row_of(page: str, key: int) -> str:
    return re.search(rf'<tr id="row-{key}".*?</tr>', page)[0]


HEADING = re.compile(r'<th scope="col" class="([^"]*)" id="h-([^"]+)"')


def headings(page: str) -> list[str]:
    return [name for _classes, name in HEADING.findall(page)]


class TestTimes:
    def next_contact(self, session, login, consultant, next_at, **fields) -> str:
        row = FollowUpFactory(consultant_id=consultant.id, next_at=next_at, **fields)
        session.commit()
        page = login(consultant).get("/follow-ups/?tab=all").text
        return re.search(r"<time.*?</time>", row_of(page, row.id))[0]

    def test_are_said_with_the_moment_from_which_the_tooltip_is_made(
        self, session, login, consultant, at_noon
    ):
        said = self.next_contact(session, login, consultant, parse_datetime("1405/09/09 09:00"))

        assert said == "<time datetime=2026-11-30T05:30Z>فردا ۹:۰۰</time>"

    def test_that_are_past_say_how_late_the_work_is(self, session, login, consultant, at_noon):
        said = self.next_contact(session, login, consultant, NOON - timedelta(hours=3))

        assert said.startswith("<time class=is-late")
        assert ">۳ ساعت عقب‌افتاده<" in said

    def test_of_work_that_is_closed_are_not_late(self, session, login, consultant, at_noon):
        early, lost = NOON - timedelta(hours=3), FollowUpStatus.LOST

        said = self.next_contact(session, login, consultant, early, status=lost)

        assert "is-late" not in said
        assert ">امروز ۹:۰۰<" in said

    def test_change_at_midnight_in_the_same_process(self, session, login, consultant, at_noon):
        before = self.next_contact(session, login, consultant, NOON + timedelta(hours=30))

        clock.start_at(parse_datetime("1405/09/09 00:00"))
        after = re.search(r"<time.*?</time>", login(consultant).get("/follow-ups/?tab=all").text)[0]

        assert (">فردا ۱۸:۰۰<" in before, ">امروز ۱۸:۰۰<" in after) == (True, True)

    def test_are_printed_and_exported_as_numbers(self, session, login, manager, at_noon):
        FollowUpFactory(next_at=NOON + timedelta(hours=3))
        session.commit()

        page = login(manager).get("/follow-ups/print?tab=all").text

        assert "۱۴۰۵/۰۹/۰۸ ۱۵:۰۰" in page
        assert "امروز ۱۵" not in page

    def test_stand_on_the_page_of_a_row_too(self, session, login, manager, at_noon):
        row = FollowUpFactory(next_at=NOON + timedelta(hours=3))
        session.commit()

        assert ">امروز ۱۵:۰۰</time>" in login(manager).get(f"/follow-ups/show/{row.id}").text


class TestExceptions:
    def test_of_yes_and_no_alone_are_shown(self, session, login, manager):
        on, off = ProductFactory(is_active=True), ProductFactory(is_active=False)
        session.commit()

        page = login(manager).get("/products/").text

        assert "is-flag" not in row_of(page, on.id)
        assert re.search(r'<span class="chip is-flag"[^>]*>خیر</span>', row_of(page, off.id))

    def test_that_are_edited_in_the_list_are_not_missing_where_they_are_none(self, session, login, manager):
        on = ProductFactory(is_active=True, price=None)
        session.commit()

        row = row_of(login(manager).get("/products/").text, on.id)

        assert re.search(r'<span></span><button data-inline="is_active"', row)
        assert re.search(r'—</span><button data-inline="price"', row)

    def test_are_what_the_column_is_not_by_default(self, session, login, manager):
        plain, strict = ResultTitleFactory(), ResultTitleFactory(requires_note=True)
        session.commit()

        page = login(manager).get("/result-titles/").text

        assert "is-flag" not in row_of(page, plain.id)
        assert row_of(page, strict.id).count(">بله</span>") == 1

    def test_have_words_of_their_own_where_the_section_declares_them(self, session, login, manager):
        other, opted_out = CustomerFactory(), CustomerFactory(opted_out=True)
        session.commit()

        page = login(manager).get("/customers/").text

        assert 'data-colour="red">پیامک نمی‌خواهد<' in row_of(page, opted_out.id)
        assert "پیامک" not in row_of(page, other.id)

    def test_are_yes_or_no_on_the_page_of_the_row(self, session, login, manager):
        other = CustomerFactory()
        session.commit()

        page = login(manager).get(f"/customers/show/{other.id}").text

        assert re.search(r"<dt>پیامک نمی‌خواهد</dt><dd>خیر</dd>", page)


class TestTabs:
    def test_hide_the_column_that_is_the_same_in_all_their_rows(self, session, login, manager):
        OrderFactory()
        session.commit()
        client = login(manager)

        assert "status" not in headings(client.get("/orders/?tab=waiting").text)
        assert "status" in headings(client.get("/orders/?tab=all").text)

    def test_hide_it_when_they_open_by_themselves(self, login, manager):
        client = login(manager)

        assert "active" not in headings(client.get("/members/?tab=invited").text)
        assert "active" in headings(client.get("/members/").text)

    def test_show_it_to_members_who_chose_it(self, session, login, manager):
        OrderFactory()
        session.commit()

        assert "status" in headings(login(manager).get("/orders/?tab=waiting&cols=customer,status").text)

    def test_of_the_page_of_a_row_hide_nothing(self, session, login, manager):
        order = OrderFactory()
        session.commit()

        page = login(manager).get(f"/customers/show/{order.customer_id}?tab=orders").text

        assert "status" in headings(page)


class TestNamelessCustomers:
    @pytest.fixture
    def nameless(self, session, consultant):
        customer = CustomerFactory(first_name=None, last_name=None, mobile="09391234567")
        row = FollowUpFactory(consultant_id=consultant.id, customer=customer, order__customer=customer)
        session.commit()
        return row

    def test_are_called_by_their_formatted_number(self, nameless):
        assert str(nameless.customer).replace("\u00a0", " ") == "۰۹۳۹ ۱۲۳ ۴۵۶۷"

    def test_say_so_where_the_number_stands_beside_them(self, login, consultant, nameless):
        named = FollowUpFactory(consultant_id=consultant.id)

        page = login(consultant).get("/follow-ups/?tab=all").text

        assert re.search(r"<a class=is-nameless[^>]*>بدون نام</a>", row_of(page, nameless.id))
        assert "+98939" not in row_of(page, nameless.id).replace("tel:+98939", "")
        assert "is-nameless" not in row_of(page, named.id)

    def test_are_nameless_in_their_own_list_too(self, login, manager, nameless):
        page = login(manager).get("/customers/").text

        assert "بدون نام" in row_of(page, nameless.customer_id)

    def test_are_exported_with_the_number_as_it_is_masked(self, nameless):
        section, column = object.__new__(FollowUps), describe(FollowUp, "customer")
        exported = [
            exporter_of(section, column, Currency.TOMAN, masked=masked)(nameless) for masked in (False, True)
        ]

        assert exported == ["09391234567", "0939***4567"]


class TestCards:
    def places(self, page: str) -> dict[str, str]:
        return {name: classes.split()[-1] for classes, name in HEADING.findall(page) if "card-" in classes}

    def test_show_what_the_section_declares(self, session, login, consultant):
        FollowUpFactory(consultant_id=consultant.id)
        session.commit()

        assert self.places(login(consultant).get("/follow-ups/?tab=all").text) == {
            "customer.mobile": "card-call",
            "last_result": "card-chip",
            "product": "card-line",
            "next_at": "card-time",
        }

    def test_of_other_sections_are_chosen_by_the_kinds_of_their_columns(self, session, login, manager):
        session.add(SmsTemplate(title="خوش‌آمد", body="سلام"))
        session.commit()
        client = login(manager)

        assert self.places(client.get("/products/").text) == {"code": "card-line", "price": "card-line"}
        assert "body" not in self.places(client.get("/sms-templates/").text)

    def test_have_no_place_for_a_column_that_the_member_hides(self, session, login, consultant):
        FollowUpFactory(consultant_id=consultant.id)
        session.commit()

        page = login(consultant).get("/follow-ups/?tab=all&cols=customer,next_at").text

        assert self.places(page) == {"next_at": "card-time"}

    def test_offer_to_tick_rows_only_where_rows_can_be_ticked(self, session, login, manager, consultant):
        ProductFactory()
        session.commit()

        assert "data-choose" in login(manager).get("/products/").text
        assert "data-choose" not in login(consultant).get("/products/").text


def test_amounts_have_the_unit_of_the_organisation_in_their_heading(session, login, manager, organization):
    ProductFactory(price=50_000)
    session.commit()
    client = login(manager)

    assert 'قیمت <span class="unit">(تومان)</span>' in client.get("/products/").text
    organization.currency = "rial"
    session.commit()
    assert 'قیمت <span class="unit">(ریال)</span>' in client.get("/products/").text


def test_long_texts_are_shortened_in_the_list_alone(session, login, manager):
    body = "سلام " * 60
    template = SmsTemplate(title="خوش‌آمد", body=body.strip())
    session.add(template)
    session.commit()
    client = login(manager)

    assert body.strip() not in client.get("/sms-templates/").text
    assert "…" in row_of(client.get("/sms-templates/").text, template.id)
    assert body.strip() in client.get(f"/sms-templates/show/{template.id}").text
