"""A manager sells without a follow-up, by keyboard; two change the items of a sale; support on its page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import violations


@pytest.fixture
def tab(open_tab):
    return open_tab("manager-demo1")


def choose(page, name, text):
    """Type *text* into the look-up *name*, which has the focus, and take the first row by Enter."""
    place = page.locator(f".relation:has([name='{name}'])")
    expect(place.locator(".ts-control input")).to_be_focused()
    page.keyboard.type(text)
    expect(place.locator(".ts-dropdown .option").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(place.locator(".ts-control .item")).to_have_count(1)


def test_a_sale_is_added_by_keyboard_alone(tab):
    page = tab.open("/sales/")
    page.keyboard.press("n")
    page.wait_for_url(re.compile("/sales/add$"))
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
    expect(page.locator("#mobile")).to_be_visible()
    expect(page.locator("#first_name")).to_be_hidden()

    page.locator(".relation:has(#customer) .ts-control input").focus()
    choose(page, "customer", "رضا")
    # A known customer needs no number.
    expect(page.locator("#mobile")).to_be_hidden()
    page.locator(".relation:has(#consultant) .ts-control input").focus()
    choose(page, "consultant", "سا")
    page.locator(".relation:has([name='items-0-product']) .ts-control input").focus()
    choose(page, "items-0-product", "دوره")
    expect(page.locator("[name=items-0-price]")).not_to_have_value("")
    page.locator("[name=items-0-quantity]").fill("2")
    page.locator("[name=items-0-price]").fill("1000")
    page.locator("[name=items-0-price]").press("Enter")
    expect(page.locator("[data-line]")).to_have_count(2)
    choose(page, "items-1-product", "دوره")
    page.locator("[name=items-1-price]").fill("70")
    page.locator("#discount").fill("100")
    expect(page.locator("[data-total=amount]")).to_have_text("۱٬۹۷۰")
    page.keyboard.press("Control+Enter")

    page.wait_for_url(re.compile(r"/sales/show/\d+"))
    expect(page.locator(".lines tbody tr")).to_have_count(2)
    expect(page.locator(".lines tfoot")).to_contain_text("۱٬۹۷۰")
    expect(page.locator(".record-head .chip")).to_have_text("قطعی")
    assert tab.errors == []


def test_a_number_that_is_typed_shows_its_customer(tab):
    page = tab.open("/sales/add")
    page.locator("#mobile").fill("0912")
    expect(page.locator("#mobile-known .known")).to_have_count(0)
    shown = page.request.get(f"{tab.base}/customers/").text()
    mobile = re.search(r'href="?tel:\+98(\d{10})', shown)[1]
    page.locator("#mobile").fill(f"0{mobile}")
    expect(page.locator("#mobile-known .known")).to_be_visible()
    expect(page.locator("#last_name")).to_be_visible()
    expect(page.locator("#last_name")).not_to_have_value("")


def first_key(tab, path):
    """The key of the first row of a list: the states of the demo's sales depend on the hour."""
    return tab.open(path).locator("tr[data-pk]").first.get_attribute("data-pk")


def test_two_managers_meet_at_the_items_of_a_sale(tab):
    # A closed sale has no items to change.
    key = first_key(tab, "/sales/?f_status=confirmed")
    page = tab.open(f"/sales/edit/{key}")
    other = page.context.new_page()
    other.goto(f"{tab.base}/sales/edit/{key}", wait_until="networkidle")
    other.locator("[name=items-0-quantity]").fill("5")
    other.locator("[data-main-submit]").click()
    other.wait_for_url(re.compile(f"/sales/show/{key}"))

    page.locator("[name=items-0-quantity]").fill("4")
    page.locator("[data-main-submit]").click()
    expect(page.locator(".conflict")).to_have_count(1)
    expect(page.locator(".conflict")).to_contain_text("۵")
    expect(page.locator(".conflict")).to_contain_text("۴")
    assert violations(page) == []
    page.locator("#form [type=submit]").first.click()
    page.wait_for_url(re.compile(f"/sales/show/{key}"))
    expect(page.locator(".lines tbody .cell-count").first).to_have_text("۴")


def test_support_is_registered_on_the_page_of_a_sale(tab):
    page = tab.open(f"/sales/show/{first_key(tab, '/support/?tab=all')}")
    before = page.locator("section:has(#support-title) .event").count()
    page.keyboard.press("r")
    panel = page.locator("#panel")
    expect(panel).to_be_visible()
    panel.locator("label", has_text="پاسخ نداد").first.click()
    page.keyboard.press("Control+Enter")

    expect(page.locator("#toasts")).to_contain_text("ثبت شد")
    events = page.locator("section:has(#support-title) .event")
    expect(events).to_have_count(before + 1)
    expect(events.first).to_contain_text("پاسخ نداد")
    page.locator("#toasts").get_by_role("button", name="بازگردانی").click()
    expect(events.first).to_contain_text("بازگردانیِ")
    assert tab.errors == []


def test_the_form_stands_on_a_phone(open_tab):
    tab = open_tab("manager-demo1", width=390)
    page = tab.open("/sales/add")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page = tab.open(f"/sales/show/{first_key(tab, '/support/?tab=all')}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
