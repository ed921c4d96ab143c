"""Support in use: two clicks from a chip, digits, undo, the panel with a chosen title, phones."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def open_list(open_tab):
    tabs = []

    def opened(path="/support/?tab=all", user="support-demo1", **kind):
        tab = open_tab(user, **kind)
        tabs.append(tab)
        return tab.open(path)

    yield opened
    assert [line for tab in tabs for line in tab.errors if not re.search("4(09|22|29)", line)] == []


def rows(page):
    return page.locator("#list tr[data-pk]")


def chip(page, number=0):
    return rows(page).nth(number).locator("button.chip")


def menu(page):
    return page.locator(".menu.choices")


def test_two_clicks_register_and_the_toast_takes_back(open_list):
    page = open_list()
    before = chip(page).inner_text()

    chip(page).click()  # The first click.
    menu(page).get_by_role("menuitem", name="پاسخ نداد").click()  # The second.

    expect(page.locator("#toasts")).to_contain_text("«پاسخ نداد» ثبت شد")
    expect(chip(page)).to_have_text("پاسخ نداد")
    expect(page.locator("#panel")).to_be_hidden()
    page.locator("#toasts").get_by_role("button", name="بازگردانی").click()
    expect(chip(page)).to_have_text(before)


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({"Retry-After": "12"}, "تعداد درخواست‌ها زیاد است؛ ۱۲ ثانیه دیگر تلاش کنید"),
        ({}, "تعداد درخواست‌ها زیاد بود. کمی بعد دوباره بکوشید."),
    ],
)
def test_above_a_limit_the_toast_says_how_long_to_wait(open_list, headers, sentence):
    page = open_list()
    address = page.locator("[data-choices-at]").first.get_attribute("data-choices-at")
    page.route(f"**{address}", lambda route: route.fulfill(status=429, headers=headers))

    chip(page).click()

    expect(page.locator("#toasts .notice[data-level=danger]")).to_have_text(sentence)
    expect(menu(page)).to_have_count(0)
    page.unroute(f"**{address}")


def test_a_digit_chooses_and_escape_leaves_the_row_as_it_was(open_list):
    page = open_list()
    page.keyboard.press("j")
    page.keyboard.press("j")
    before = chip(page, 1).inner_text()
    page.keyboard.press("r")
    expect(menu(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu(page)).to_have_count(0)
    expect(chip(page, 1)).to_be_focused()
    expect(chip(page, 1)).to_have_text(before)

    page.keyboard.press("r")
    expect(menu(page).get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Digit1")

    expect(page.locator("#toasts")).to_contain_text("«راهنمایی شد» ثبت شد")
    expect(chip(page, 1)).to_have_text("راهنمایی شد")


def test_a_second_click_closes_the_menu(open_list):
    page = open_list()
    chip(page).click()
    expect(menu(page)).to_be_visible()
    chip(page).click()
    expect(menu(page)).to_have_count(0)
    expect(page.locator("#panel")).to_be_hidden()


def test_a_title_that_needs_a_note_opens_the_panel_with_it(open_list):
    page = open_list()
    name = rows(page).nth(2).locator("a.row-link").inner_text()
    chip(page, 2).click()

    menu(page).get_by_role("menuitem", name="شکایت").click()

    expect(page.locator("#panel-title")).to_have_text(name)
    expect(page.locator("#panel [name=result_title]:checked")).to_have_attribute("data-title", "شکایت")
    expect(page.locator("#panel [data-place]")).to_have_text(re.compile("^۳ از "))
    expect(rows(page).nth(2)).to_have_class(re.compile("is-open"))
    page.locator("#panel [name=note]").fill("بسته نرسیده است")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("ثبت شد")
    expect(chip(page, 2)).to_have_text("شکایت")


def test_the_panel_goes_on_in_fresh_sales(open_list):
    page = open_list("/support/")
    second = rows(page).nth(1).locator("a.row-link").inner_text()
    rows(page).first.locator("a.row-link").click()
    expect(page.locator("#panel [data-main-submit]")).to_have_text("ثبت و بعدی")
    page.keyboard.press("Digit1")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#panel-title")).to_have_text(second)
    expect(rows(page).first.locator("a.row-link")).to_have_text(second)


def test_the_same_menu_is_on_follow_ups_where_a_sale_needs_the_panel(open_list):
    page = open_list("/follow-ups/?tab=all&f_status=waiting", user="consultant2-demo1")
    chip(page, 1).click()
    expect(menu(page).get_by_role("menuitem", name="خرید کرد …")).to_be_visible()
    menu(page).get_by_role("menuitem", name="خرید کرد …").click()

    expect(page.locator("#panel [name=result_title]:checked")).to_have_attribute("data-title", "خرید کرد")
    expect(page.locator("#panel [data-when=won]")).to_be_visible()


def test_on_a_phone_the_chip_is_large_enough_for_a_finger(open_list):
    page = open_list(width=390)

    assert chip(page).bounding_box()["height"] >= 44
    chip(page).click()
    expect(menu(page)).to_be_visible()
    items = (
        menu(page)
        .get_by_role("menuitem")
        .evaluate_all("items => items.map(item => item.getBoundingClientRect().height)")
    )
    assert min(items) >= 44
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
