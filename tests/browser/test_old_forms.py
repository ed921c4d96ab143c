"""Forms of pages that were open for too long, or whose session another window has ended."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import go, log_in

CONSULTANT = "consultant2-demo1"
LOGOUT = "document.querySelector('form[action=\"/logout/\"]').requestSubmit()"
AGE = "document.querySelectorAll('[name=csrf_token]').forEach((field) => (field.value = 'old'))"


@pytest.fixture
def window(panel, open_tab):
    """A window of a session of its own, which a test may end."""
    tab = open_tab(None)
    log_in(tab, panel.users[CONSULTANT])
    return tab


def add_task(page, title):
    page.fill("#form [name=title]", title)
    page.evaluate(AGE)
    page.locator("#form [type=submit]").first.click()


def test_a_form_with_an_old_token_is_saved_at_once(window):
    page = window.open("/tasks/add")

    add_task(page, "وظیفهٔ صفحهٔ کهنه")

    expect(page).not_to_have_url(window.base + "/tasks/add")
    expect(page.locator("body")).to_contain_text("وظیفهٔ صفحهٔ کهنه")


def test_what_was_typed_comes_back_after_a_logout_in_another_tab(panel, window):
    page = window.open("/tasks/add")
    page.fill("#form [name=title]", "وظیفهٔ نیمه‌کاره")
    other = go(page.context.new_page(), panel.url + "/tasks/")
    other.evaluate(LOGOUT)
    other.wait_for_url("**/login/")

    page.locator("#form [type=submit]").first.click()
    expect(page).to_have_url(panel.url + "/login/?next=%2Ftasks%2Fadd")
    log_in_here(page, panel.users[CONSULTANT])

    expect(page).to_have_url(panel.url + "/tasks/add")
    expect(page.locator("#form [name=title]")).to_have_value("وظیفهٔ نیمه‌کاره")


def log_in_here(page, user):
    page.fill("[name=username]", user["username"])
    page.fill("[name=password]", user["password"])
    page.locator("[type=submit]").click()


def test_a_login_page_that_was_open_for_too_long_asks_once_more(panel, open_tab):
    page = open_tab(None, width=390).open("/login/")
    page.context.clear_cookies()
    log_in_here(page, panel.users[CONSULTANT])
    expect(page.locator("[role=alert]")).to_contain_text("رمز عبور را دوباره بنویسید")
    expect(page.locator("[name=username]")).to_have_value(CONSULTANT)

    log_in_here(page, panel.users[CONSULTANT])

    expect(page).not_to_have_url(panel.url + "/login/")


def test_a_second_logout_leads_to_the_login(panel, window):
    page = window.open("/tasks/")
    other = go(page.context.new_page(), panel.url + "/tasks/")
    other.evaluate(LOGOUT)
    other.wait_for_url("**/login/")

    page.evaluate(LOGOUT)

    expect(page).to_have_url(panel.url + "/login/")
