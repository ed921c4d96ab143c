"""The page of a row in a browser: keys, the timeline as one scrolls, and fields that open by their names."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.lib.persian import persian_digits
from tests.browser.test_pages import violations
from tests.support.accessibility import turn

# Records a number of results in the page; returns how many were stored.
RECORD = """async ([url, title, number]) => {
  let stored = 0;
  const headers = {"HX-Request": "true", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content};
  for (let each = 0; each < number; each++) {
    const body = new URLSearchParams({result_title: title, note: `یادداشت ${each}`});
    stored += (await fetch(url, {method: "POST", headers, body})).status === 204;
  }
  return stored;
}"""


@pytest.fixture
def tab(open_tab):
    return open_tab("manager-demo1")


@pytest.fixture
def customer(tab):
    """The address of a customer with an open follow-up, and their number."""
    page = tab.open("/customers/show/1")
    number = page.locator(".record-acts a[href^='tel:']").get_attribute("href").removeprefix("tel:+98")
    return "/customers/show/1", f"0{number}"


def test_typed_number_shows_the_customer_and_fills_the_form(tab, customer):
    address, number = customer
    name = tab.open(address).locator("h1").inner_text()
    page = tab.open("/orders/add")
    page.locator("#mobile").focus()
    page.keyboard.type(number)

    expect(page.locator("#mobile-known")).to_contain_text(name)
    expect(page.locator("#mobile-known .event").first).to_be_visible()
    expect(page.locator("#first_name")).to_have_value(name.split()[0])
    assert violations(page) == []
    # Another number takes back what was filled; a name of one's own stays.
    page.locator("#last_name").fill("دیگر")
    page.locator("#mobile").fill("09990000000")
    expect(page.locator("#first_name")).to_have_value("")
    expect(page.locator("#last_name")).to_have_value("دیگر")
    expect(page.locator("#mobile-known")).to_be_empty()
    assert tab.errors == []


def test_the_form_from_the_page_of_a_customer_shows_them_at_once(tab, customer):
    address, number = customer
    page = tab.open(address)
    page.locator(".record-acts a", has_text="سفارش").click()

    expect(page.locator("#mobile")).to_have_value(persian_digits(number))
    expect(page.locator("#mobile-known .known")).to_be_visible()


def test_the_keys_of_the_page(tab, customer):
    page = tab.open(customer[0])
    page.keyboard.press("s")
    expect(page.locator("#dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator("#panel form[data-result]")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.wait_for_url("**/customers/edit/1")
    assert tab.errors == []


def test_an_empty_value_opens_its_field(tab, customer):
    page = tab.open(customer[0])
    page.locator(".empty-details summary").click()
    page.locator(".empty-details a", has_text="ایمیل").click()

    page.wait_for_url(re.compile("/customers/edit/1"))
    expect(page.locator("#email")).to_be_focused()


def test_the_menu_has_the_deletion_last(tab, customer):
    page = tab.open(customer[0])
    page.locator("[data-menu=record-menu]").click()

    expect(page.locator("#record-menu [role=menuitem]").last).to_have_text("حذف")
    assert violations(page) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_older_events_come_as_one_scrolls(open_tab, width):
    tab = open_tab("manager-demo1", width=width)
    page = tab.open("/customers/show/1")
    panel = page.locator(".ahead a[data-panel]").get_attribute("href")
    page = tab.open(panel)
    demands = "[data-needs-note], [data-needs-next], [data-needs-file], [data-closes]"
    title = page.locator(f"[name=result_title]:not({demands})").first.get_attribute("value")
    assert page.evaluate(RECORD, [panel.replace("/panel", "/result"), title, 45]) == 45
    page = tab.open("/customers/show/1")
    events = page.locator(".record-main .event")
    expect(events).to_have_count(30)

    older = page.locator(".events-older a")
    while older.count():
        address = older.get_attribute("href")
        page.locator(".events-older").scroll_into_view_if_needed()
        expect(page.locator(f".events-older a[href='{address}']")).to_have_count(0)

    assert events.count() >= 45
    headings = page.locator(".events-day").all_inner_texts()
    assert len(headings) == len(set(headings))
    assert tab.errors == []


@pytest.mark.parametrize(
    "path", ["/customers/show/1", "/orders/show/1", "/follow-ups/show/1", "/products/show/1"]
)
def test_the_pages_are_accessible(open_tab, path):
    page = open_tab("manager-demo1").open(path)

    found = {}
    for scheme in ("light", "dark"):
        turn(page, 1280, scheme)
        found[scheme] = violations(page)

    assert found == {"light": [], "dark": []}


def test_no_page_scrolls_sideways(open_tab):
    tab = open_tab("manager-demo1")

    wide = []
    for width in (360, 390, 768, 1024, 1280):
        turn(tab.page, width, "light")
        page = tab.open("/customers/show/1")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(width)

    assert wide == []
