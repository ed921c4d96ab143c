"""The palette by keys alone, whatever the keyboard writes."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import log_in
from tests.browser.test_pages import violations
from tests.support.chromium import REMOTE_NAME


@pytest.fixture
def tab(open_tab):
    return open_tab("manager-demo1")


def persian_key(page, code, letter, **modifiers):
    """A key of a Persian layout: its place is *code*, what it writes is another letter."""
    page.evaluate(
        "([code, key, more]) => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', { code, key, bubbles: true, cancelable: true, ...more }))",
        [code, letter, modifiers],
    )


def test_a_customer_is_found_by_digits_and_opened_by_enter(tab):
    page = tab.open("/products/")
    name = tab.open("/customers/").locator("#list a.row-link").first.inner_text()
    number = page.locator("#list tr[data-pk] a[href^='tel:']").first.get_attribute("href")[-7:]
    page.keyboard.press("Control+k")
    page.keyboard.type(number)
    option = page.locator("#palette [role=option]", has_text=name)

    expect(option.first).to_have_attribute("aria-selected", "true")
    expect(page.locator("#palette [role=status]")).to_have_text(re.compile("گزینه"))
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/customers/show/\d+"))
    assert tab.errors == []


def test_sections_and_acts_are_found_without_a_question_and_escape_gives_the_focus_back(tab):
    page = tab.open("/products/")
    button = page.locator("[data-palette]")
    button.click()
    page.keyboard.type("مشتري")

    expect(page.locator("#palette [role=option]").first).to_have_text("مشتریان")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(button).to_be_focused()

    button.click()
    page.keyboard.type("تنظیمات جدول")
    page.keyboard.press("Enter")
    expect(page.locator("#table-form")).to_be_visible()


def test_the_keys_of_a_persian_layout_do_the_same(tab):
    page = tab.open("/products/")

    persian_key(page, "KeyK", "ن", ctrlKey=True)
    expect(page.locator("#palette input")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    persian_key(page, "Slash", "/")
    expect(page.locator("#search")).to_be_focused()
    persian_key(page, "KeyN", "د")
    expect(page).to_have_url(re.compile("/products/$"))
    page.locator("#search").blur()
    persian_key(page, "KeyJ", "ت")
    persian_key(page, "KeyX", "ط")
    expect(page.locator("#list tr[data-pk]").first.locator("[name=rowid]")).to_be_checked()
    persian_key(page, "Slash", "؟", shiftKey=True)
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    persian_key(page, "KeyN", "د")

    expect(page).to_have_url(re.compile("/products/add"))


def test_on_a_phone_it_fills_the_screen(open_tab):
    page = open_tab("consultant1-demo1", width=390, scheme="dark").open("/follow-ups/")
    page.locator("[data-palette]").click()
    page.keyboard.type("پیگیری")

    expect(page.locator("#palette [role=option]").first).to_have_text("پیگیری‌ها")
    box = page.locator("#palette").bounding_box()
    assert (box["x"], box["width"]) == (0, 390)
    assert page.locator("#palette [role=option]").first.bounding_box()["height"] >= 44
    assert violations(page) == []


def test_an_ended_session_leads_to_the_login(tab):
    page = tab.open("/products/")
    page.context.clear_cookies()

    page.keyboard.press("Control+k")

    expect(page).to_have_url(re.compile("/login/"))


def test_keys_without_a_connection_say_so_and_work_again_later(panel, open_tab):
    tab = open_tab(None)
    tab.base = panel.url.replace("127.0.0.1", REMOTE_NAME)
    log_in(tab, panel.users["manager-demo1"])
    page = tab.open("/follow-ups/?tab=all")
    page.context.set_offline(True)

    # The pointer moves, which is when a list asks for the modules of its side panel.
    page.mouse.move(300, 300)
    page.keyboard.press("Control+k")
    expect(page.locator("#toasts")).to_contain_text("اینترنت")
    expect(page.locator("dialog[open]")).to_have_count(0)

    page.context.set_offline(False)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#list a.row-link").first.click()
    expect(page.locator("#panel j-date:defined").first).to_be_attached()


def test_a_computer_without_a_network_has_all_keys_on_a_panel_of_its_own(tab):
    tab.page.add_init_script("Object.defineProperty(navigator, 'onLine', { get: () => false })")
    page = tab.open("/products/")
    page.keyboard.press("Control+k")

    expect(page.locator("#palette [role=option]").first).to_be_visible()
