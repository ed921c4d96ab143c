"""Children in a browser: added, edited and deleted in dialogs on the page of their parent, by mouse, key and phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import violations


@pytest.fixture
def tab(open_tab):
    return open_tab("manager-demo1")


def test_an_address_is_added_edited_and_deleted_without_leaving_the_page(tab):
    page = tab.open("/customers/show/7")
    sheet = page.locator("#addresses")
    rows = sheet.locator("tbody tr")
    before = rows.count()
    sheet.get_by_role("link", name="افزودن").click()
    dialog = page.locator("#dialog")
    expect(dialog.locator("h2")).to_have_text("افزودن آدرس")
    dialog.locator("#postal_code").fill("۱۲")
    page.keyboard.press("Control+Enter")
    expect(dialog.locator("#line-error")).to_be_visible()
    expect(dialog.locator("#postal_code-error")).to_be_visible()
    dialog.locator("#line").fill("خیابان آزمون، پلاک ۱")
    dialog.locator("#postal_code").fill("۷۱۹۴۶-۸۳۲۱۵")
    dialog.locator("#is_default").check()
    page.keyboard.press("Control+Enter")
    expect(dialog).not_to_be_visible()
    expect(rows).to_have_count(before + 1)
    # The one with the flag stands first.
    expect(rows.first).to_contain_text("خیابان آزمون، پلاک ۱")
    expect(rows.first.locator(".chip")).to_have_text("پیش‌فرض")
    expect(rows.first).to_contain_text("۷۱۹۴۶۸۳۲۱۵")
    assert violations(page) == []

    rows.first.locator("[data-menu]").click()
    page.locator("#addresses [role=menu]:visible [role=menuitem]", has_text="ویرایش").click()
    dialog.locator("#line").fill("خیابان آزمون، پلاک ۲")
    dialog.locator("[data-main-submit]").click()
    expect(rows.first).to_contain_text("پلاک ۲")

    rows.first.locator("[data-menu]").click()
    page.locator("#addresses [role=menu]:visible [role=menuitem]", has_text="حذف").click()
    expect(rows).to_have_count(before)
    page.locator("#toasts .notice-undo").click()
    expect(rows).to_have_count(before + 1)
    expect(rows.first).to_contain_text("پلاک ۲")
    # The browser writes the refused form down as an error.
    assert [error for error in tab.errors if "422" not in error] == []


def test_an_address_is_copied(tab, panel):
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=panel.url)
    page = tab.open("/customers/show/8")
    page.locator("#addresses").get_by_role("link", name="افزودن").click()
    page.locator("#dialog #line").fill("کوچهٔ رونوشت")
    page.locator("#dialog #receiver").fill("مینا")
    page.locator("#dialog #is_default").check()
    page.locator("#dialog [data-main-submit]").click()
    expect(page.locator("#addresses tbody tr").first).to_contain_text("کوچهٔ رونوشت")

    page.locator("#addresses tbody tr").first.locator("[data-copy]").click()

    expect(page.locator("#toasts .notice", has_text="کپی شد.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "مینا\nکوچهٔ رونوشت"


def test_the_liaison_is_changed_on_a_phone(open_tab):
    tab = open_tab("manager-demo1", width=390)
    page = tab.open("/dossiers/show/1")
    rows = page.locator("#dossier-contacts tbody tr")
    second = rows.nth(1).locator("td").first.inner_text()
    rows.nth(1).locator("[data-menu]").click()
    page.locator("#dossier-contacts [role=menu]:visible [role=menuitem]", has_text="رابط").click()

    expect(rows.first).to_contain_text(second)
    expect(page.locator("#dossier-contacts .chip")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert tab.errors == []


def test_a_customer_is_connected_and_disconnected(tab):
    page = tab.open("/dossiers/show/3")
    lines = page.locator("#side-customers li")
    before = lines.count()
    page.locator("#side-customers a[data-dialog]").click()
    page.locator("#dialog .relation input").first.fill("م")
    page.locator(".ts-dropdown .option").last.click()
    name = page.locator("#dialog .relation .item").inner_text()
    page.locator("#dialog [data-main-submit]").click()
    expect(lines).to_have_count(before + 1)
    line = lines.filter(has_text=name).last

    line.locator("[data-post]").click()
    expect(lines).to_have_count(before)
    page.locator("#toasts .notice-undo").click()
    expect(lines).to_have_count(before + 1)
    assert tab.errors == []


def test_a_known_number_is_shown_while_a_customer_is_typed(tab):
    page = tab.open("/customers/show/1")
    number = page.locator(".record-acts a[href^='tel:']").get_attribute("href").removeprefix("tel:+98")
    name = page.locator("h1").inner_text()
    page = tab.open("/customers/add")
    page.locator("#mobile").focus()
    page.keyboard.type(f"0{number}")

    expect(page.locator("#mobile-known")).to_contain_text(name)
    expect(page.locator("#mobile-known")).to_contain_text("قبلاً ثبت شده است.")
    # The form is for another customer: nothing is filled in.
    expect(page.locator("#first_name")).to_have_value("")
    assert tab.errors == []
