"""Drafts: what forms, cells, panels and dialogs store of what was typed, and when it is erased."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.browser.typed_steps import (
    MANAGER,
    NAME,
    RESTORED,
    UNREACHED,
    drafts,
    expect_back,
    fill,
    save,
    stored,
)


@pytest.fixture
def page(panel, open_tab) -> Page:
    """A browser in which the manager has a session of their own, with the form of a product open."""
    tab = open_tab(None)
    log_in(tab, panel.users[MANAGER])
    return tab.open("/products/add")


@pytest.fixture
def code() -> str:
    return f"T-{uuid4().hex[:8]}"


def test_a_form_with_a_mistake(panel, page, code):
    fill(page, code)
    page.fill("[name=price]", "گران")

    save(page)

    expect(page.locator("[name=price]")).to_be_focused()
    expect(page.locator("[name=title]")).to_have_value(NAME)
    expect(page.locator(RESTORED)).to_have_count(0)
    page.fill("[name=price]", "2000")
    save(page)
    page.wait_for_url(re.compile(r"/products/(\?.*)?$"))
    assert stored(panel, code) == 1


def test_a_draft_can_be_discarded(page, code):
    fill(page, code)
    page.goto("about:blank")
    page.go_back()
    page.reload()
    expect_back(page, code)

    page.get_by_role("button", name="دور انداختن").click()

    expect(page.locator("[name=title]")).to_have_value("")
    expect(page.locator("[name=title]")).to_be_focused()
    assert drafts(page) == []


def test_a_cell_of_a_list_keeps_what_was_typed(panel, page):
    page.goto(f"{panel.url}/products/")
    page.locator("[data-inline*=price]").first.click()
    page.fill(".inline-form [name=price]", "4321")
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator(f".inline-form {UNREACHED}")).to_be_visible()
    page.context.set_offline(False)

    page.goto(f"{panel.url}/products/")
    page.locator("[data-inline*=price]").first.click()

    expect(page.locator(f".inline-form {RESTORED}")).to_be_visible()
    expect(page.locator(".inline-form [name=price]")).to_have_value("۴٬۳۲۱")
    page.get_by_role("button", name="دور انداختن").click()
    assert drafts(page) == []


def test_the_side_panel_of_a_row_keeps_what_was_typed(panel, page):
    def opened(row):
        page.goto(f"{panel.url}/follow-ups/?tab=all")
        page.locator("#list a.row-link").nth(row).click()
        page.locator("form[data-result]").wait_for()

    opened(0)
    page.fill("#panel [name=note]", NAME)
    page.goto("about:blank")

    opened(1)
    expect(page.locator("#panel [name=note]")).to_have_value("")
    opened(0)
    expect(page.locator(f"#panel {RESTORED}")).to_be_visible()
    expect(page.locator("#panel [name=note]")).to_have_value(NAME)
    page.get_by_role("button", name="دور انداختن").click()
    assert drafts(page) == []


def test_a_dialog_keeps_what_was_typed(panel, page):
    def opened():
        page.goto(f"{panel.url}/customers/")
        page.locator("#list [name=rowid]").first.check()
        page.locator("#bulk-bar button[value=change]").click()
        page.locator("#dialog form").wait_for()

    opened()
    page.locator("#dialog input:not([type=hidden])").first.fill(NAME)
    page.goto("about:blank")

    opened()
    expect(page.locator(f"#dialog {RESTORED}")).to_be_visible()
    expect(page.locator("#dialog input:not([type=hidden])").first).to_have_value(NAME)
    page.get_by_role("button", name="دور انداختن").click()
    assert drafts(page) == []


def test_drafts_end_with_the_logout_with_the_member_and_after_a_day(panel, page, code):
    fill(page, code)
    [key] = drafts(page)
    page.evaluate(
        "(key) => sessionStorage.setItem(key.replace(/draft:\\d+/, 'draft:999999'), sessionStorage[key])", key
    )
    page.goto("about:blank")
    page.goto(f"{panel.url}/products/add")
    assert drafts(page) == [key]

    page.evaluate(
        "(key) => sessionStorage.setItem(key, JSON.stringify({...JSON.parse(sessionStorage[key]), at: Date.now() - 86_400_001}))",
        key,
    )
    page.goto("about:blank")
    page.goto(f"{panel.url}/products/add")
    assert drafts(page) == []

    fill(page, code)
    page.evaluate("document.querySelector('form[action$=\"/logout/\"]').requestSubmit()")
    page.wait_for_url(re.compile("/login/"))
    assert drafts(page) == []


def test_passwords_and_files_are_not_stored(panel, page):
    page.goto(f"{panel.url}/account/password/")
    page.fill("#main [name=present]", "رمز ذخیره‌نشدنی")
    page.goto(f"{panel.url}/imports/add")
    page.set_input_files(
        "[type=file]", files=[{"name": "a.csv", "mimeType": "text/csv", "buffer": b"secret-of-a-file"}]
    )

    everything = page.evaluate("JSON.stringify(sessionStorage)")
    assert "رمز ذخیره‌نشدنی" not in everything
    assert "secret-of-a-file" not in everything
    assert "a.csv" not in everything
