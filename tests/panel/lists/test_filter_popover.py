"""The menu of fields and the values of one field, as the popover of a list loads them."""

import re

import pytest
from sqlalchemy import func, select

from app.panel.filters import choices
from models.product import Product
from tests.factories import FollowUpFactory, OrderFactory, ProductFactory, member

pytestmark = pytest.mark.usefixtures("colleagues_rows")

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(login, manager):
    return login(manager)


def popover(browser, address, **headers):
    return browser.get(address, headers=HTMX | headers).text


def links_of(html):
    return {
        text: url.replace("&amp;", "&") for url, text in re.findall(r'href="([^"]+)"[^>]*>([^<]+)</a>', html)
    }


class TestTheMenu:
    def test_names_each_field_with_its_address(self, browser):
        links = links_of(popover(browser, "/orders/filters?q=abc&f_status=new"))

        assert links["وضعیت سفارش"] == "/orders/filters?q=abc&f_status=new&field=status"
        assert len(links) == 9

    def test_marks_the_fields_that_filter_already(self, browser):
        marked = re.findall(r"data-applied>([^<]+)<", popover(browser, "/orders/filters?f_quantity_from=2"))

        assert marked == ["تعداد"]

    def test_is_narrowed_by_typing_only_where_it_is_long(self, browser):
        assert "data-narrow" in popover(browser, "/follow-ups/filters")
        assert "data-narrow " not in popover(browser, "/customers/filters")

    def test_leaves_out_the_field_that_a_consultant_may_not_filter_by(self, login, consultant):
        assert "field=consultant" not in popover(login(consultant), "/follow-ups/filters")
        # A field that is not offered opens the menu, not its values.
        values = popover(login(consultant), "/follow-ups/filters?field=consultant")
        assert "f_consultant" not in values
        assert "field=product" in values

    def test_is_closed_to_who_may_not_list(self, login, organization, manager):
        agent = login(member("SupportAgent", organization))

        assert agent.get("/orders/filters?field=status", headers=HTMX).status_code == 403


class TestTheValues:
    def test_of_a_date_are_presets_that_apply_at_once_then_its_ends(self, browser):
        html = popover(
            browser, "/orders/filters?field=ordered_at&f_status=new&f_ordered_at_from=1405/01/01&after=5.1"
        )

        assert links_of(html)["امروز"] == "/orders/?f_status=new&f_ordered_at=today"
        assert html.index("امروز") < html.index('name="f_ordered_at_from"')

    def test_of_a_date_mark_the_preset_that_was_chosen(self, browser, session, manager):
        FollowUpFactory()
        form = browser.get("/follow-ups/filters?tab=all&f_next_at=tomorrow").text

        buttons = re.findall(r'name="f_next_at" value="(\w*)"( checked)?', form)
        assert [value for value, checked in buttons if checked] == ["tomorrow"]
        assert len(buttons) > 5

    def test_of_yes_or_no_apply_at_once(self, browser):
        html = popover(browser, "/products/filters?field=is_active&f_is_active=1")

        assert links_of(html)["خیر"] == "/products/?f_is_active=0"
        assert re.search(r'aria-current="true">بله', html)
        assert "<form" not in html

    def test_of_a_choice_are_boxes_that_carry_the_other_filters(self, browser):
        html = popover(browser, "/orders/filters?field=status&f_status=new&f_quantity_from=2&tab=waiting")

        assert re.search(r'name="f_status" value="new" checked', html)
        assert re.findall(r'type="hidden" name="([^"]+)"', html) == ["f_quantity_from", "tab"]
        assert 'id="filter-of-status"' in html

    def test_of_an_empty_column_can_be_asked_for(self, browser):
        links = links_of(popover(browser, "/follow-ups/filters?field=next_at&f_next_at_is=filled"))

        assert links["خالی"] == "/follow-ups/?f_next_at_is=empty"

    def test_of_a_long_relation_are_looked_up(self, browser, session):
        products = [ProductFactory(title=f"محصول شماره {number}") for number in range(35)]

        html = popover(browser, f"/orders/filters?field=product&f_product={products[3].id}")

        assert 'data-url="/orders/lookup/product"' in html
        assert f'<option value="{products[3].id}" selected>' in html
        assert products[0].title not in html

    def test_of_a_relation_are_complete_up_to_the_limit(self, browser, session, monkeypatch):
        ProductFactory()
        count = session.scalar(select(func.count(Product.id)))
        monkeypatch.setattr(choices, "MOST_OPTIONS", count)
        complete = popover(browser, "/orders/filters?field=product")
        ProductFactory()
        cut = popover(browser, "/orders/filters?field=product")

        assert "/orders/lookup/product" not in complete
        assert "/orders/lookup/product" in cut

    def test_show_no_rows_of_others(self, browser, session, manager, stranger_organization):
        OrderFactory()

        assert "next-door" not in popover(browser, "/orders/filters?field=product")

    def test_without_scripts_all_fields_stand_on_a_page(self, browser):
        page = browser.get("/orders/filters?field=status").text

        assert "<html" in page
        assert 'name="f_status"' in page
        assert 'name="f_quantity_from"' in page
        assert 'name="field"' not in page


class TestAWrongValue:
    def test_comes_back_with_the_field(self, browser):
        OrderFactory()

        answer = browser.get(
            "/orders/?f_ordered_at_from=1404/12/30",
            headers=HTMX | {"HX-Source": "form#filter-of-ordered_at"},
        )

        assert answer.status_code == 422
        assert answer.headers["HX-Retarget"] == "#filter-popover"
        assert 'id="f_ordered_at_from-error"' in answer.text

    def test_of_another_field_does_not_stop_this_one(self, browser):
        OrderFactory()

        answer = browser.get(
            "/orders/?f_ordered_at_from=1404/12/30&f_status=new",
            headers=HTMX | {"HX-Source": "form#filter-of-status"},
        )

        assert answer.status_code == 200
        assert "data-problem" in answer.text

    def test_without_a_letter_is_told_at_its_field(self, browser):
        answer = browser.get(
            "/orders/?f_reference=%E2%80%8F", headers=HTMX | {"HX-Source": "form#filter-of-reference"}
        )

        assert answer.status_code == 422
        assert 'id="f_reference-error"' in answer.text


class TestTheLine:
    def test_is_there_only_with_filters(self, browser):
        OrderFactory()

        assert "filter-line" not in browser.get("/orders/").text
        assert "filter-line" in browser.get("/orders/?f_status=new").text

    def test_comes_below_the_tools_with_their_pages(self, browser):
        OrderFactory()
        page = browser.get("/orders/?f_status=new").text

        assert page.index('class="pages"') < page.index("filter-line") < page.index("<table")

    def test_a_chip_opens_its_own_field(self, browser):
        OrderFactory()
        page = browser.get("/orders/?f_status=new&sort=ordered_at").text

        assert (
            'id="chip-status" href="/orders/filters?f_status=new&amp;sort=ordered_at&amp;field=status"'
            in page
        )

    def test_clears_all_only_where_there_are_several(self, browser):
        OrderFactory()

        assert "پاک کردن همه" not in browser.get("/orders/?f_status=new").text
        assert "پاک کردن همه" in browser.get("/orders/?f_status=new&f_quantity_from=1").text


def test_a_filtered_list_asks_no_more_for_its_line(browser, statements):
    FollowUpFactory()
    browser.get("/follow-ups/?tab=all&f_status=open&f_attempts_from=0")
    statements.clear()

    browser.get("/follow-ups/?tab=all&f_status=open&f_attempts_from=0")

    assert len(statements) <= 6
