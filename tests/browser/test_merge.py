"""Customers are merged and separated in a browser: from the bulk bar, by key, and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import violations


@pytest.fixture
def tab(open_tab):
    return open_tab("manager-demo1")


def test_two_ticked_customers_are_merged_and_separated_again(tab):
    page = tab.open("/customers/")
    rows = page.locator("#list tbody tr[data-pk]")
    keys = {rows.nth(number).get_attribute("data-pk") for number in (3, 4)}
    for number in (3, 4):
        rows.nth(number).locator("input[type=checkbox]").check()
    page.locator("#bulk-bar").get_by_role("button", name="ادغام").click()
    expect(page.locator("h1")).to_have_text("ادغام مشتریان")
    assert violations(page) == []

    # The mobiles always differ; that of the younger one is chosen.
    younger = page.locator("input[name=mobile]:not(:checked)")
    merged = younger.get_attribute("value")
    [survivor] = keys - {merged}
    younger.check()
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/customers/show/{survivor}")
    sheet = page.locator("#side-merges")
    expect(sheet).to_be_visible()
    expect(page.locator("#toasts .notice-undo")).to_be_visible()
    assert violations(page) == []
    page.goto(f"{tab.base}/customers/show/{merged}", wait_until="networkidle")
    assert page.url.endswith(f"/customers/show/{survivor}")

    page.locator("#side-merges button").click()
    expect(page.locator("#toasts .notice", has_text="ادغام بازگردانده شد")).to_be_visible()
    expect(page.locator("#side-merges")).to_have_count(0)
    page.goto(f"{tab.base}/customers/show/{merged}", wait_until="networkidle")
    assert page.url.endswith(f"/customers/show/{merged}")
    assert tab.errors == []


def test_one_ticked_customer_is_not_enough(tab):
    page = tab.open("/customers/")
    page.locator("#list tbody tr[data-pk] input[type=checkbox]").first.check()
    page.locator("#bulk-bar").get_by_role("button", name="ادغام").click()

    expect(page.locator("#toasts .notice", has_text="دو تا پنج")).to_be_visible()
    assert page.url.endswith("/customers/")


@pytest.mark.parametrize("path", ["duplicates", "duplicates?by=name", "merge?rowid=1&rowid=2&rowid=3"])
def test_pages_fit_a_phone(open_tab, path):
    page = open_tab("manager-demo1", width=390).open(f"/customers/{path}")

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
