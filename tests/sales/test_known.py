"""The form of a new order asks for the number first, and shows the customer whom the member knows by it."""

from __future__ import annotations

import re

import pytest

from app.lib.clock import now
from app.lib.mobile import local_mobile
from app.lib.persian import persian_digits
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, member
from tests.support.timelines import follow_up, result

ELSEWHERE = "این شماره قبلاً ثبت شده است"


@pytest.fixture
def customer(consultant):
    return CustomerFactory(first_name="مریم", last_name="احمدی", city="شیراز")


def asked(client, mobile):
    answer = client.get("/orders/known", query_string={"mobile": mobile}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.text


def test_the_number_is_the_first_field(login, consultant):
    page = login(consultant).get("/orders/add").text

    names = re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', page.partition('id="form"')[2])
    assert [name for name in names if not name.startswith(("csrf", "_"))][:4] == [
        "mobile",
        "first_name",
        "last_name",
        "product",
    ]


@pytest.mark.parametrize("spelling", ["{}", "۰{}", "+98{}", "0098 {}"])
def test_a_known_customer_is_shown_with_their_history(session, login, consultant, customer, spelling):
    result(follow_up(customer, consultant), "قول خرید داد")
    session.commit()

    page = asked(login(consultant), spelling.format(local_mobile(customer.mobile)[1:]))

    assert all(word in page for word in ("مریم احمدی", "شیراز", "قول خرید داد"))
    assert '"first_name": "مریم"' in page.replace("&#34;", '"')


def test_the_history_is_short(session, login, consultant, customer):
    for number in range(9):
        result(follow_up(customer, consultant), f"یادداشت {number}")
    session.commit()

    page = asked(login(consultant), customer.mobile)

    assert page.count('class="event"') == 4
    assert "hx-get" not in page


def test_of_a_shared_customer_only_own_events_are_shown(session, login, consultant, colleague, customer):
    result(follow_up(customer, consultant), "مال من")
    result(follow_up(customer, colleague), "مال همکار")
    session.commit()

    page = asked(login(consultant), customer.mobile)

    assert "مال من" in page
    assert "مال همکار" not in page


def test_of_a_colleagues_customer_only_that_the_number_is_registered(
    session, login, consultant, colleague, customer
):
    customer.created_by_id = colleague.id
    result(follow_up(customer, colleague), "مال همکار")
    session.commit()

    page = asked(login(consultant), customer.mobile)

    assert ELSEWHERE in page
    assert re.sub(r"<[^>]+>|\s", "", page) == ELSEWHERE.replace(" ", "") + "."


def test_deleted_and_foreign_customers_are_unknown(
    session, login, consultant, organization, stranger_organization, customer
):
    customer.deleted_at = now()
    mobile = customer.mobile
    session.commit()
    with acting_as(session, Actor(stranger_organization.id)):
        CustomerFactory(mobile="09129998877")
        session.commit()
    session.add_all([consultant, organization])
    client = login(consultant)

    assert asked(client, mobile).strip() == asked(client, "09129998877").strip() == ""


@pytest.mark.parametrize("text", ["", "0912", "سلام", "0912\0", "9" * 500, "02188776655"])
def test_half_a_number_finds_nothing(login, consultant, customer, text):
    assert asked(login(consultant), text).strip() == ""


def test_who_adds_no_orders_is_refused(login, organization, manager):
    agent = member("SupportAgent", organization)

    assert login(agent).get("/orders/known?mobile=09121234567").status_code == 403


class TestFromTheCustomer:
    def test_the_form_is_filled(self, login, consultant, session, customer):
        follow_up(customer, consultant)
        session.commit()

        page = login(consultant).get(f"/orders/add?customer={customer.id}").text

        assert f'value="{persian_digits(local_mobile(customer.mobile))}"' in page
        assert 'value="احمدی"' in page

    def test_not_with_a_colleagues_customer(self, login, consultant, colleague, session, customer):
        customer.created_by_id = colleague.id
        follow_up(customer, colleague)
        session.commit()

        page = login(consultant).get(f"/orders/add?customer={customer.id}").text

        assert local_mobile(customer.mobile) not in page

    @pytest.mark.parametrize("key", ["x", "-1", "9" * 30, "۱", "0"])
    def test_not_with_a_key_that_is_none(self, login, consultant, key):
        assert login(consultant).get("/orders/add", query_string={"customer": key}).status_code == 200

    def test_the_page_of_the_customer_leads_there(self, login, manager, organization, customer):
        address = f"/orders/add?customer={customer.id}"

        assert address in login(manager).get(f"/customers/show/{customer.id}").text
        agent = member("SupportAgent", organization)
        assert address not in login(agent).get(f"/customers/show/{customer.id}").text


def test_a_second_customer_with_the_number_is_refused_in_the_same_words(
    session, login, consultant, colleague, customer
):
    customer.created_by_id = colleague.id
    mobile = customer.mobile
    session.commit()

    answer = login(consultant).post("/customers/add", data={"mobile": mobile, "last_name": "دیگر"})

    assert answer.status_code == 422
    assert ELSEWHERE in answer.text
    assert "احمدی" not in answer.text
