"""A list by hand and by keys: search, rows, ticks, the dialog of an act, its undo, and a session that ended."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def products(open_tab):
    """The manager's list of products, freshly opened."""
    return open_tab("manager-demo1").open("/products/")


def test_keys_move_tick_and_open_the_menu_of_a_row(products):
    first = products.locator("#list tr[data-pk]").first

    products.keyboard.press("KeyJ")
    products.keyboard.press("KeyX")
    products.keyboard.press("Period")

    expect(first.locator("[name=rowid]")).to_be_checked()
    expect(products.locator("#list [role=menuitem]").first).to_be_focused()
    products.keyboard.press("Escape")
    expect(first.locator("[data-row-menu]")).to_be_focused()


def test_the_menu_of_a_row_lies_above_the_rows_below_it(products):
    products.locator("[data-row-menu]").first.click()
    items = products.locator("#list [role=menuitem]")

    # A click that something else would take fails here.
    items.last.click(trial=True)
    items.first.click()

    expect(products).to_have_url(re.compile(r"/products/show/\d+"))


def test_the_slash_key_searches_and_the_address_keeps_the_words(products):
    products.keyboard.press("Slash")
    products.keyboard.type("زبان")

    expect(products.locator("#list tr[data-pk]")).to_have_count(1)
    expect(products.locator("#search")).to_be_focused()
    expect(products).to_have_url(re.compile("q="))


def test_shift_ticks_the_rows_between(products):
    ticks = products.locator("#list [name=rowid]")

    ticks.nth(0).click()
    ticks.nth(2).click(modifiers=["Shift"])

    expect(products.locator("[data-ticked]")).to_have_text("۳ محصول انتخاب شد")


@pytest.mark.smoke
def test_a_bulk_act_asks_with_the_name_and_can_be_taken_back(products):
    rows = products.locator("#list tr[data-pk]")
    before = rows.count()
    products.locator("#list [name=rowid]").nth(1).check()

    products.locator("#bulk-bar button[value=remove]").click()
    expect(products.locator("#dialog-title")).to_have_text(re.compile("^حذف محصول «.+»؟$"))
    products.locator("#dialog [type=submit]").click()
    expect(rows).to_have_count(before - 1)
    products.get_by_role("button", name="بازگردانی").click()

    expect(rows).to_have_count(before)
    expect(products.locator("#dialog")).to_be_hidden()


def test_columns_are_put_in_order_by_keys_and_the_view_is_kept(open_tab):
    tab = open_tab("manager-demo1")
    page = tab.open("/result-titles/")
    before = page.locator("#list th:not(.cell-tick, .cell-menu)").all_inner_texts()
    page.get_by_role("link", name="تنظیمات جدول").click()
    page.locator("[data-ordered] [data-move='1']").first.press("Enter")
    page.locator("#table-form [data-main-submit]").click()

    expect(page.locator("#list th:not(.cell-tick, .cell-menu)").first).to_have_text(before[1])
    page.get_by_role("link", name="نماهای ذخیره‌شده").click()
    page.fill("#view-name", "چیدمان من")
    page.locator("[form=view-form]").click()
    expect(page).to_have_url(re.compile(r"view=\d+"))
    expect(page.get_by_role("link", name="چیدمان من")).to_be_visible()


def test_a_value_is_edited_in_its_cell_and_escape_leaves_it(products):
    row = products.locator("#list tr[data-pk]").first
    edit = row.locator("[data-inline*=price]")
    edit.click()
    expect(row.locator("[name=price]")).to_be_focused()
    products.keyboard.press("Escape")
    expect(edit).to_be_focused()

    edit.press("Enter")
    row.locator("[name=price]").fill("۷۷۷۰۰۰")
    products.keyboard.press("Enter")

    expect(row.locator(".cell-money").first).to_contain_text("۷۷۷٬۰۰۰")
    expect(row.locator(".inline-form")).to_have_count(0)


def test_all_that_match_are_ticked_beyond_the_page_and_come_back_from_the_trash(open_tab):
    tab = open_tab("manager-demo1")
    before = tab.open("/trash/?tab=customers").locator("#list tr[data-pk]").count()
    page = tab.open("/customers/")
    number = re.search("از ([۰-۹]+)", page.locator(".pages").first.inner_text())[1]
    page.locator("#list [name=rowid]").first.check()

    page.locator("[data-tick-matching]").click()
    expect(page.locator("[data-ticked]")).to_have_text(f"هر {number} نتیجه انتخاب شد")
    page.locator("#bulk-bar button[value=remove]").click()
    expect(page.locator("#dialog [type=submit]")).to_contain_text(number)
    page.locator("#dialog [type=submit]").click()
    expect(page.locator("#list tr[data-pk]")).to_have_count(0)

    page = tab.open("/trash/?tab=customers")
    page.locator("[data-row-menu]").first.click()
    page.locator("#list [role=menuitem]").last.click()
    expect(page.locator("#list tr[data-pk]")).to_have_count(before)
    page = tab.open("/customers/")
    expect(page.locator(".pages").first).to_contain_text(f"از {number}")


def test_what_was_typed_is_not_left_silently(open_tab):
    page = open_tab("manager-demo1").open("/products/add")
    page.fill("#title", "دوره تازه")

    page.locator(".sidebar .nav-entry").first.click()

    expect(page.locator("dialog[open]")).to_contain_text("ثبت نشده")
    page.get_by_role("button", name="انصراف").last.click()
    expect(page.locator("#title")).to_have_value("دوره تازه")


def test_a_refused_form_puts_the_focus_on_the_first_error(open_tab):
    page = open_tab("manager-demo1").open("/products/add")
    page.fill("#title", "دوره تازه")

    page.keyboard.press("Control+Enter")

    expect(page.locator("#code")).to_be_focused()
    expect(page.locator(".error-summary")).to_be_visible()


def test_an_ended_session_leads_to_the_login_and_back(products):
    products.context.clear_cookies()

    products.locator("#search").fill("زبان")

    expect(products).to_have_url(re.compile(r"/login/\?next=%2Fproducts%2F"))


def test_the_chosen_theme_stays(products):
    products.locator(".user-button").click()
    products.locator("[data-theme=dark]").click()

    products.reload()

    expect(products.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_open_tab_is_in_sight_on_a_narrow_screen(open_tab):
    page = open_tab("manager-demo1", width=390).open("/trash/?tab=sms-templates")
    open_one, strip = page.locator(".tabs [aria-current=page]"), page.locator(".tabs")

    expect(open_one).to_be_in_viewport(ratio=1)
    assert strip.evaluate("strip => strip.scrollWidth > strip.clientWidth")
    inner, outer = open_one.bounding_box(), strip.bounding_box()
    assert outer["x"] <= inner["x"]
    assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]


def test_deletion_comes_last_in_the_menu_of_a_row_after_a_line(open_tab):
    page = open_tab("manager-demo1").open("/products/")
    page.locator("[data-row-menu]").first.click()
    entries = page.locator("#list [role=menu]:visible > *")
    expect(entries.last).to_have_attribute("data-danger", "")

    assert entries.evaluate_all("(all) => all.map((each) => each.tagName)")[-2:] == ["HR", "BUTTON"]
    assert page.locator("#list [role=menu]:visible hr").count() == 1
