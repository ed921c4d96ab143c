"""Filters: indexes, and filters that mean nothing."""

import re

import pytest
from sqlalchemy import text

from app.panel.filters.base import most_of
from models.follow_up import FollowUp
from models.sale import Sale
from tests.factories import FollowUpFactory, ProductFactory, SmsTemplateFactory
from tests.panel.lists.filter_steps import found, plans_of

pytestmark = pytest.mark.usefixtures("colleagues_rows")

MANY = """
INSERT INTO customers (organization_id, mobile, opted_out, search_key, sort_key, created_at, updated_at, row_version)
SELECT :here, '+98911' || lpad(n::text, 7, '0'), false, md5(n::text), '', now(), now(), 1 FROM generate_series(1, 20000) n;
INSERT INTO orders (organization_id, customer_id, product_id, quantity, ordered_at, status, is_repeat, created_at, updated_at, row_version)
SELECT :here, id, :product, 1, now(), 'assigned', false, now(), now(), 1 FROM customers
WHERE organization_id = :here AND deleted_at IS NULL;
INSERT INTO follow_ups (organization_id, order_id, customer_id, product_id, consultant_id, status, attempts, created_at, updated_at, row_version)
SELECT :here, id, customer_id, :product, :who, 'open', 0, now(), now(), 1 FROM orders
WHERE organization_id = :here AND product_id = :product AND deleted_at IS NULL;
SELECT gin_clean_pending_list('ix_customers_search_key');
ANALYZE customers, follow_ups
"""


@pytest.mark.postgresql
class TestIndexes:
    @pytest.fixture
    def many(self, session, organization, manager):
        values = {"here": organization.id, "product": ProductFactory().id, "who": manager.id}
        for statement in MANY.split(";"):
            session.execute(text(statement), values, execution_options={"unscoped": True})

    @pytest.mark.parametrize("address", ["/customers/?q=abcde", "/follow-ups/?tab=all&q=abcde"])
    def test_serve_the_search_by_any_part_of_a_name(self, browser, many, address):
        plans = plans_of(lambda: browser.get(address))

        assert plans
        assert [plan for plan in plans if "ix_customers_search_key" not in plan] == []


class TestNumbersBeyondTheColumn:
    """PostgreSQL compares no column with a number that does not fit into it."""

    @pytest.mark.parametrize("argument", ["f_attempts_from", "f_attempts_to"])
    @pytest.mark.parametrize("distance", [0, 1, 2])
    def test_match_like_the_largest_one(self, browser, argument, distance):
        key = FollowUpFactory(attempts=2).id
        largest = most_of(FollowUp.attempts)
        keys = found(browser, f"/follow-ups/?tab=all&{argument}={largest + distance}")

        assert (key in keys) == argument.endswith("_to")

    @pytest.mark.parametrize(("distance", "is_found"), [(0, True), (1, False)])
    def test_the_largest_one_is_found_by_itself_alone(self, browser, distance, is_found):
        largest = most_of(FollowUp.attempts)
        key, other = FollowUpFactory(attempts=largest).id, FollowUpFactory(attempts=2).id

        above = found(browser, f"/follow-ups/?tab=all&f_attempts_from={largest + distance}")
        below = found(browser, f"/follow-ups/?tab=all&f_attempts_to={-largest - distance}")

        assert (key in above, other in above) == (is_found, False)
        assert not {key, other}.intersection(below)

    def test_the_largest_one_is_that_of_the_type(self):
        assert most_of(FollowUp.attempts) == 2_147_483_647
        assert most_of(Sale.amount) == 9_223_372_036_854_775_807


class TestWhatMeansNothing:
    """It narrows nothing, says so as a chip and at its field, and no act reaches all rows by it (test_bulk.py)."""

    @pytest.mark.parametrize(
        ("asked", "chip"),
        [
            ("f_next_at=someday", "تماس بعدی"),
            ("f_status=junk", "وضعیت"),
            ("f_product=junk", "محصول"),
            ("f_next_at_is=odd", "تماس بعدی"),
        ],
    )
    def test_is_told(self, browser, asked, chip):
        key = FollowUpFactory().id
        page = browser.get(f"/follow-ups/?tab=all&{asked}").text
        form = browser.get(f"/follow-ups/filters?{asked}").text

        assert f'data-pk="{key}"' in page
        assert re.search(rf"data-problem>.*?{chip}: یکی از فهرست را", page, re.DOTALL)
        name = asked.partition("=")[0]
        assert f'id="{name}-error"' in form

    def test_is_told_of_a_filter_that_is_not_there(self, browser):
        FollowUpFactory()
        page = browser.get("/follow-ups/?tab=all&f_moon=full&f_sun=1").text

        assert "چنین فیلتری نیست" in page
        off = re.search(r'data-problem>.*?class="filter-chip-off" href="([^"]+)"', page, re.DOTALL)[1]
        assert "f_" not in off

    @pytest.mark.parametrize("asked", ["f_next_at=", "f_status=", "f_moon=", "f_next_at_is=&f_product="])
    def test_is_not_what_was_left_empty(self, browser, asked):
        FollowUpFactory()
        assert "data-problem" not in browser.get(f"/follow-ups/?tab=all&{asked}").text

    def test_of_several_values_those_that_exist_count(self, own_browser, consultant):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        asked = f"f_status=junk&f_status={follow_up.status.value}"

        assert found(own_browser, f"/follow-ups/?tab=all&{asked}") == {follow_up.id}
        assert not found(own_browser, "/follow-ups/?tab=all&f_status=junk&f_status=lost")


class TestFiltersBeyondTheirLimit:
    """A part of a filter would match more rows, or fewer, than the address says."""

    def test_a_long_text_is_refused_and_not_cut(self, session, browser):
        wanted, other = "ن" * 100 + "پ", "ن" * 100 + "ت"
        key = SmsTemplateFactory(body=other).id
        page = browser.get("/sms-templates/", query_string={"f_body": wanted}).text
        all_of_them = {"action": "remove", "_step": "run", "_all": "1", "_query": f"f_body={wanted}"}
        browser.post("/sms-templates/action_post", data=all_of_them)

        assert "حداکثر ۱۰۰ نویسه بنویسید." in page
        assert found(browser, "/sms-templates/?tab=all") == {key}

    def test_too_many_values_are_refused_and_not_left_out(self, browser):
        keys = "&".join(f"f_product={FollowUpFactory().product_id}" for _each in range(51))
        page = browser.get(f"/follow-ups/?tab=all&{keys}").text

        assert "تعداد مقدارها زیاد است." in page
