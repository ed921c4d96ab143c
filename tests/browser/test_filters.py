"""Filters by hand: two clicks, or keys alone; seen as chips, refused beside their field, and left with «back»."""

import re

import pytest
from playwright.sync_api import expect

MANAGER = "manager-demo1"
SHEET = "#filter-popover"


@pytest.fixture
def orders(open_tab):
    return open_tab(MANAGER).open("/orders/")


def opened(page, label):
    """The popover with the values of the field *label*."""
    page.locator("#filter-button").click()
    page.locator(SHEET).get_by_role("link", name=label, exact=True).click()
    expect(page.locator(f"{SHEET} [data-field]")).to_be_visible()
    return page.locator(SHEET)


def box(page, selector):
    return page.locator(selector).first.bounding_box()


class TestTwoClicks:
    def test_choose_a_day_and_back_takes_it_away(self, orders):
        popover = opened(orders, "تاریخ سفارش")
        popover.get_by_role("link", name="امروز", exact=True).click()

        expect(popover).to_be_hidden()
        expect(orders.locator(".filter-chip")).to_contain_text("امروز")
        expect(orders).to_have_url(re.compile(r"f_ordered_at=today"))
        expect(orders.locator("#chip-ordered_at")).to_be_focused()
        orders.go_back()
        expect(orders.locator(".filter-chip")).to_have_count(0)

    def test_choose_a_value_by_its_words(self, orders):
        popover = opened(orders, "وضعیت سفارش")
        popover.get_by_text("انتساب‌یافته", exact=True).click()

        expect(popover).to_be_hidden()
        expect(orders).to_have_url(re.compile("f_status=assigned"))

    def test_choose_a_row_of_a_relation(self, orders):
        opened(orders, "محصول").locator(".check span").first.click()

        expect(orders).to_have_url(re.compile(r"f_product=\d+"))


class TestSeveralValues:
    def test_apply_when_the_popover_closes(self, orders):
        popover = opened(orders, "وضعیت سفارش")
        popover.locator("[value=assigned]").check()
        popover.locator("[value=won]").check()
        expect(orders.locator(".filter-chip")).to_have_count(0)
        orders.mouse.click(5, 500)

        expect(popover).to_be_hidden()
        expect(orders).to_have_url(re.compile("f_status=assigned&f_status=won"))
        expect(orders.locator(".filter-chip")).to_have_count(1)

    def test_stay_as_they_were_after_escape(self, orders):
        popover = opened(orders, "وضعیت سفارش")
        popover.locator("[value=assigned]").check()
        orders.keyboard.press("Escape")

        expect(popover).to_be_hidden()
        expect(orders.locator("#filter-button")).to_be_focused()
        expect(orders).not_to_have_url(re.compile("f_status"))

    def test_are_changed_from_their_chip(self, open_tab):
        page = open_tab(MANAGER).open("/orders/?f_status=assigned&f_status=won")
        page.locator("#chip-status").click()
        expect(page.locator(f"{SHEET} [value=won]")).to_be_checked()
        page.locator(f"{SHEET} [value=won]").uncheck()
        page.locator(SHEET).get_by_role("button", name="اعمال").click()

        expect(page).to_have_url(re.compile(r"\?f_status=assigned$"))
        expect(page.locator("#chip-status")).to_be_focused()


class TestByKeys:
    def test_a_field_and_a_value_are_reached_with_arrows(self, orders):
        orders.keyboard.press("f")
        expect(orders.locator(f"{SHEET} [data-narrow]")).to_be_focused()
        orders.keyboard.press("ArrowDown")
        expect(orders.locator(f"{SHEET} .menu-item").first).to_be_focused()
        orders.keyboard.press("Enter")
        expect(orders.locator(f"{SHEET} [type=checkbox]").first).to_be_focused()
        orders.keyboard.press("ArrowDown")
        orders.keyboard.press("Enter")

        expect(orders.locator("#chip-status")).to_be_focused()
        expect(orders).to_have_url(re.compile("f_status=assigned"))

    def test_a_long_menu_is_narrowed_by_typing(self, open_tab):
        page = open_tab(MANAGER).open("/follow-ups/?tab=all")
        page.keyboard.press("f")
        expect(page.locator(f"{SHEET} [data-narrow]")).to_be_focused()
        page.keyboard.type("شهر")
        expect(page.locator(f"{SHEET} .filter-links li:visible")).to_have_count(1)
        page.keyboard.press("Enter")
        page.locator(f"{SHEET} [name='f_customer.city']").fill("تهران")
        page.keyboard.press("Enter")

        expect(page.locator(".filter-chip")).to_contain_text("تهران")

    def test_what_was_found_is_announced(self, open_tab):
        page = open_tab(MANAGER).open("/orders/?f_reference=nothing-is-called-so")

        expect(page.locator("[role=status]", has_text="چیزی پیدا نشد")).to_have_count(1)


class TestTheLine:
    def test_moves_neither_the_tools_nor_the_pages(self, orders):
        before = [box(orders, each) for each in (".pages", "#filter-button", "#search")]
        opened(orders, "وضعیت سفارش").get_by_text("انتساب‌یافته", exact=True).click()
        expect(orders.locator(".filter-chip")).to_have_count(1)

        after = [box(orders, each) for each in (".pages", "#filter-button", "#search")]
        assert [(round(each["x"]), round(each["y"])) for each in after[1:]] == [
            (round(each["x"]), round(each["y"])) for each in before[1:]
        ]
        assert round(after[0]["y"]) == round(before[0]["y"])

    def test_a_chip_is_taken_away_alone(self, open_tab):
        page = open_tab(MANAGER).open("/orders/?f_status=assigned&f_quantity_from=1")
        page.locator(".filter-chip-off").first.click()

        expect(page.locator(".filter-chip")).to_have_count(1)

    def test_all_are_cleared_together(self, open_tab):
        page = open_tab(MANAGER).open("/orders/?f_status=assigned&f_quantity_from=1")
        page.get_by_role("link", name="پاک کردن همه").click()

        expect(page.locator(".filter-line")).to_have_count(0)


class TestAWrongValue:
    def test_stays_in_the_popover_with_its_error(self, orders):
        popover = opened(orders, "تاریخ سفارش")
        popover.locator("[name=f_ordered_at_from]").fill("1404/12/30")
        popover.get_by_role("button", name="اعمال").click()

        expect(popover.locator(".field-error").first).to_contain_text("کبیسه نیست")
        expect(popover.locator("[name=f_ordered_at_from]")).to_have_value(re.compile("30|۳۰"))
        expect(orders).not_to_have_url(re.compile("f_ordered_at"))


def test_on_a_phone_it_is_a_sheet_at_the_bottom(open_tab):
    tab = open_tab(MANAGER, width=390)
    page = tab.open("/orders/")
    popover = opened(page, "وضعیت سفارش")

    place = popover.bounding_box()
    assert round(place["width"]) == 390
    assert round(place["y"] + place["height"]) == 850
    popover.get_by_text("انتساب‌یافته", exact=True).click()
    expect(page.locator(".filter-chip")).to_have_count(1)
    assert tab.errors == []
