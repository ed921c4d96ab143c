"""The page of a sale in a browser: a payment is added, verified, taken back and rejected without leaving the page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import violations

SALE = "/sales/show/3"


@pytest.fixture
def tab(open_tab):
    return open_tab("manager-demo1")


def add_payment(tab, amount, reference):
    page = tab.open(SALE)
    page.keyboard.press("a")
    page.wait_for_url(re.compile(r"/transactions/add\?sale=3"))
    page.locator("#method").select_option("card")
    page.locator("#amount").fill(amount)
    page.locator("#reference").fill(reference)
    page.locator("[data-main-submit]").click()
    return page


def test_a_payment_is_verified_and_taken_back_on_the_page_of_its_sale(tab):
    page = add_payment(tab, "10000", "990011")
    page.wait_for_url(re.compile(SALE))
    row = page.locator(".payment", has_text="۹۹۰۰۱۱")

    row.get_by_role("button", name=re.compile("^تأیید")).click()
    expect(row.locator(".chip")).to_have_text("تأییدشده")
    assert violations(page) == []
    page.locator("#toasts .notice-undo").click()
    expect(row.locator(".chip")).to_have_text("منتظر تأیید")

    row.get_by_role("button", name=re.compile("^رد")).click()
    expect(page.locator("#dialog")).to_be_visible()
    page.locator("#dialog [type=submit]").click()
    expect(page.locator("#dialog .field-error")).to_have_text("دلیل را بنویسید.")
    page.locator("#dialog #reason").fill("رسید خوانا نیست")
    page.locator("#dialog [type=submit]").click()
    expect(row.locator(".payment-why")).to_contain_text("رسید خوانا نیست")
    expect(page.locator("#dialog")).to_be_hidden()
    assert [each for each in tab.errors if "422" not in each] == []


def test_an_unusual_payment_is_asked_about_once(tab):
    page = add_payment(tab, "9000000", "990022")

    expect(page.locator("#amount-error")).to_contain_text("بیش از مبلغ فروش")
    expect(page.locator("[data-main-submit]")).to_have_text("ذخیره با این حال")
    assert violations(page) == []
    page.locator("[data-main-submit]").click()
    page.wait_for_url(re.compile(SALE))
    expect(page.locator(".payment", has_text="۹۹۰۰۲۲")).to_be_visible()


def test_the_fields_of_a_cheque_stand_for_a_cheque_alone(tab):
    page = tab.open("/transactions/add?sale=3")
    expect(page.locator("#bank")).to_be_hidden()
    expect(page.locator("#due_on")).to_be_hidden()
    page.locator("#method").select_option("cheque")
    expect(page.locator("#bank")).to_be_visible()
    expect(page.locator("#due_on")).to_be_visible()
    page.locator("#method").select_option("cash")
    expect(page.locator("#bank")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_issued_invoice_is_printed_light_whatever_the_theme(open_tab, scheme):
    tab = open_tab("manager-demo1", scheme=scheme)
    page = tab.open("/sales/4/invoice")
    if page.locator("form button").count():
        page.locator("form button").click()
        page.wait_for_load_state("networkidle")
    expect(page.locator(".bill-head dd").first).to_have_text("۱")
    page.emulate_media(media="print")

    expect(page.locator(".paper-tools")).to_be_hidden()
    colours = page.locator(".bill h1").evaluate(
        "each => [getComputedStyle(each).color, getComputedStyle(each.closest('main')).backgroundColor]"
    )
    text, ground = [sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours]
    assert ground - text > 400
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_items_stay_a_table_on_a_phone(open_tab):
    page = open_tab("manager-demo1", width=390).open(SALE)

    expect(page.locator("table.lines thead")).to_be_visible()
    cells = page.locator("table.lines tbody tr").first.locator("td:visible")
    assert len(set(cells.evaluate_all("cells => cells.map((cell) => cell.getBoundingClientRect().y)"))) == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_delivery_is_taken_back(tab):
    page = tab.open("/sales/show/5")
    page.locator("[data-menu=record-menu]").click()
    page.locator("#record-menu [role=menuitem]", has_text="تحویل").click()
    page.locator("#dialog [type=submit]").click()
    expect(page.locator(".record-head .chip")).to_have_text("تحویل‌شده")
    page.locator("#toasts .notice-undo").click()
    expect(page.locator(".record-head .chip")).to_have_text("قطعی")
    assert tab.errors == []
