"""Filters: each kind reads what people type, says what it can't read, and reaches no further than the scope."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from app.lib import clock
from models.result_title import ResultScope, ResultTitle
from models.tenancy.scope import Actor, acting_as
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, ProductFactory, member
from tests.panel.lists.filter_steps import found

pytestmark = pytest.mark.usefixtures("colleagues_rows")

# 2 Azar 1405, a Monday; in Tehran 13:30.
NOON = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture
def at_noon():
    clock.start_at(NOON)
    yield NOON
    clock.reset()


class TestDays:
    @pytest.fixture
    def orders(self, session, consultant, at_noon):
        """An order of the consultant for each of these distances from now, in days."""
        return {
            days: FollowUpFactory(
                consultant_id=consultant.id, order__ordered_at=NOON + timedelta(days=days)
            ).order_id
            for days in (-40, -23, -2, -1, 0)
        }

    @pytest.mark.parametrize(
        ("asked", "days"),
        [
            ("f_ordered_at=today", {0}),
            ("f_ordered_at=yesterday", {-1}),
            ("f_ordered_at=this_week", {0, -1, -2}),
            ("f_ordered_at=this_month", {0, -1}),
            ("f_ordered_at=last_month", {-2, -23}),
            (f"f_ordered_at_from={quote('۱۴۰۵/۰۹/۰۱')}&f_ordered_at_to={quote('١٤٠٥/٠٩/٠١')}", {-1}),
            ("f_ordered_at_to=1405/08/09", {-40, -23}),
            ("f_ordered_at=someday", {-40, -23, -2, -1, 0}),
        ],
    )
    def test_are_those_of_tehran_and_of_the_jalali_calendar(self, own_browser, orders, asked, days):
        assert found(own_browser, f"/orders/?{asked}") == {orders[each] for each in days}

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("1405/13/40", "تاریخ معتبر نیست"),
            ("1404/12/30", "سال ۱۴۰۴ کبیسه نیست"),
            ("2026/11/23", "سال را شمسی"),
        ],
    )
    def test_that_do_not_exist_are_told_at_their_field(self, browser, orders, typed, sentence):
        form = browser.get(f"/orders/filters?f_ordered_at_from={typed}").text

        assert sentence in form
        assert f'value="{typed}"' in form
        assert 'aria-invalid="true"' in form

    def test_in_the_wrong_order_are_told_instead_of_finding_nothing(self, browser, orders):
        page = browser.get("/orders/?f_ordered_at_from=1405/09/02&f_ordered_at_to=1405/09/01").text

        assert "پایان بازه پیش از آغاز آن است." in page

    def test_sent_by_the_form_come_back_with_it(self, browser, orders):
        headers = {"HX-Request": "true", "HX-Source": "form#filter-of-ordered_at"}

        answer = browser.get("/orders/?f_ordered_at_from=nonsense", headers=headers)

        assert answer.status_code == 422
        assert answer.headers["HX-Retarget"] == "#filter-popover"
        assert 'value="nonsense"' in answer.text


class TestNumbers:
    @pytest.fixture
    def products(self, session, manager):
        return {tomans: ProductFactory(price=tomans * 10).id for tomans in (1_000, 250_000, 1_250_000)}

    @pytest.mark.parametrize(
        ("asked", "prices"),
        [
            ("f_price_from=250000", {250_000, 1_250_000}),
            (f"f_price_from={quote('۱٬۰۰۰')}&f_price_to={quote('۲۵۰٬۰۰۰')}", {1_000, 250_000}),
            ("f_price_to=999", set()),
        ],
    )
    def test_of_money_are_in_the_unit_that_people_read(self, browser, products, asked, prices):
        assert found(browser, f"/products/?{asked}") & set(products.values()) == {
            products[each] for each in prices
        }

    @pytest.mark.parametrize("typed", ["abc", "1.5.2", "-5", "9" * 40])
    def test_that_are_none_are_told(self, browser, products, typed):
        page = browser.get(f"/products/?f_price_from={typed}").text

        assert "data-problem" in page

    @pytest.mark.parametrize(("asked", "any_found"), [("9" * 25, False), ("-" + "9" * 25, True), ("0", True)])
    def test_beyond_what_is_stored_are_numbers_all_the_same(
        self, browser, session, manager, asked, any_found
    ):
        OrderFactory(quantity=3)

        assert bool(found(browser, f"/orders/?f_quantity_from={asked}")) is any_found
        assert "data-problem" not in browser.get(f"/orders/?f_quantity_from={asked}").text


class TestWords:
    def test_are_found_as_any_part_and_wildcards_are_letters(self, browser, session, manager):
        rows = {city: CustomerFactory(city=city).id for city in ("شیراز", "تبریز", "100%_ناب")}

        assert found(browser, f"/customers/?f_city={quote('ریز')}") == {rows["تبریز"]}
        assert found(browser, f"/customers/?f_city={quote('%_')}") == {rows["100%_ناب"]}

    def test_and_the_state_of_the_field_narrow_together(self, browser, session, manager):
        row = CustomerFactory(city="شیراز").id
        CustomerFactory(city=None), CustomerFactory(city="تبریز")
        asked = f"/customers/?f_city={quote('شیراز')}&f_city_is"

        assert found(browser, f"{asked}=filled") == {row}
        assert found(browser, f"{asked}=empty") == set()

    def test_forgive_an_arabic_letter_on_either_side(self, browser, session, manager):
        row = CustomerFactory(city="شيراز")

        assert found(browser, f"/customers/?f_city={quote('شي')}") == {row.id}

    def test_of_another_table_are_filtered_through_it(self, browser, session, manager):
        near, far = (FollowUpFactory(order__customer__city=city) for city in ("یزد", "قم"))

        assert found(browser, f"/follow-ups/?tab=all&f_customer.city={quote('یزد')}") == {near.id}
        assert found(browser, f"/follow-ups/?tab=all&f_customer.city={quote('قم')}") == {far.id}


class TestEmpty:
    def test_and_not_empty_part_the_rows(self, own_browser, session, consultant):
        without, blank, filled = (
            FollowUpFactory(consultant_id=consultant.id, order__customer__email=email).customer_id
            for email in (None, "", "a@example.ir")
        )

        assert found(own_browser, "/customers/?f_email_is=empty") == {without, blank}
        assert found(own_browser, "/customers/?f_email_is=filled") == {filled}

    def test_holds_for_relations_too(self, own_browser, session, consultant):
        fresh = FollowUpFactory(consultant_id=consultant.id)

        assert found(own_browser, "/follow-ups/?tab=all&f_last_result_is=empty") == {fresh.id}
        assert found(own_browser, "/follow-ups/?tab=all&f_last_result_is=filled") == set()

    def test_offer_a_follow_up_only_the_results_of_follow_ups(self, browser, session):
        session.add(ResultTitle(title="تعویض کالا در پشتیبانی", scope=ResultScope.SUPPORT))
        session.add(ResultTitle(title="پیگیری دوباره در پاییز", scope=ResultScope.FOLLOW_UP))
        session.commit()

        form = browser.get("/follow-ups/filters?tab=all").text

        assert "پیگیری دوباره در پاییز" in form
        assert "تعویض کالا در پشتیبانی" not in form


class TestChosen:
    def test_several_values_are_any_of_them(self, browser, session, manager):
        first, _other, third = (OrderFactory(quantity=n) for n in (1, 2, 3))
        asked = f"f_product={first.product_id}&f_product={third.product_id}"

        assert found(browser, f"/orders/?{asked}") == {first.id, third.id}

    def test_filters_of_different_columns_are_all_of_them(self, browser, session, manager):
        wanted, other = OrderFactory(quantity=7), OrderFactory(quantity=2)

        assert found(browser, f"/orders/?f_quantity_from=5&f_product={wanted.product_id}&f_status=new") == {
            wanted.id
        }
        assert found(browser, f"/orders/?f_quantity_from=5&f_product={other.product_id}") == set()

    def test_rows_of_others_have_no_name_and_find_nothing(
        self, browser, session, manager, stranger_organization
    ):
        stranger = member("Manager", stranger_organization)
        with acting_as(session, Actor(stranger_organization.id, stranger.id)):
            foreign = ProductFactory(title="راز").id
        OrderFactory()

        page = browser.get(f"/orders/?f_product={foreign}").text

        assert "data-pk" not in page
        assert "راز" not in page

    def test_a_long_relation_is_looked_up_instead_of_listed(self, browser, session, manager):
        products = [ProductFactory(title=f"محصول شماره {n}") for n in range(35)]
        chosen = products[-1]

        form = browser.get(f"/orders/filters?f_product={chosen.id}").text

        assert 'data-url="/orders/lookup/product"' in form
        assert f'<option value="{chosen.id}" selected>' in form
        assert products[0].title not in form


class TestChips:
    def test_name_the_filter_and_lead_away_from_it_alone(self, browser, session, manager):
        page = browser.get("/orders/?f_quantity_from=2&f_status=new&sort=ordered_at&after=5.1").text
        away = re.findall(r'class="filter-chip-off" href="([^"]+)"', page)

        assert "تعداد: از ۲" in page
        assert any("f_status" in url and "f_quantity" not in url and "after" not in url for url in away)
        assert "پاک کردن همه" in page

    def test_keep_the_rest_of_the_address_in_the_form(self, browser, session, manager):
        form = browser.get("/orders/filters?q=abc&sort=ordered_at&tab=waiting&f_status=new").text

        assert all(f'type="hidden" name="{name}"' in form for name in ("q", "sort", "tab"))
        assert re.search(r'name="f_status" value="new" checked', form)


def test_days_and_numbers_stand_in_persian_digits_in_the_form(login, manager):
    query = "f_created_at_from=1405/01/01&f_created_at_to=%DB%B1%DB%B4%DB%B0%DB%B5/02/31&f_attempts_from=3"
    form = login(manager).get(f"/follow-ups/filters?{query}").text

    assert re.findall(r'name="f_(?:created_at|attempts)_\w+" value="([^"]+)"', form) == [
        "۳",
        "۱۴۰۵/۰۱/۰۱",
        "۱۴۰۵/۰۲/۳۱",
    ]


def test_a_list_asks_for_no_options_until_they_are_wanted(login, manager, consultant, statements):
    FollowUpFactory(consultant_id=consultant.id)
    browser = login(manager)
    browser.get("/follow-ups/?tab=all")

    statements.clear()
    browser.get("/follow-ups/?tab=all")

    assert len(statements) <= 4


def test_a_consultant_is_offered_no_filter_by_consultant(login, consultant):
    form = login(consultant).get("/follow-ups/filters").text

    assert "f_product" in form
    assert "f_consultant" not in form


def test_a_stranger_sees_no_filters(app, session):
    assert app.test_client().get("/orders/filters").status_code == 302


def test_whoever_may_not_list_sees_no_filters(login, organization, manager):
    agent = member("SupportAgent", organization)

    assert login(agent).get("/orders/filters").status_code == 403
