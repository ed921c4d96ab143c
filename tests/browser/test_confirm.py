"""The password once more, in the dialog and on a page: what was chosen is still there when it was given."""

import re
import sqlite3

import pytest
from playwright.sync_api import expect

MANAGER = "manager-demo2"
ASK = "#dialog [name=sudo_password]"


@pytest.fixture
def page(panel, open_tab):
    """A browser in which the manager gave his password long ago."""
    opened = open_tab(MANAGER).open("/members/")
    _given(panel, "2020-01-01 00:00:00.000000")
    yield opened
    _given(panel, "2099-01-01 00:00:00.000000")


def _given(panel, moment):
    """Write down when the manager's browsers gave the password last."""
    person = "member_id = (SELECT id FROM ab_user WHERE username = ?)"
    with sqlite3.connect(panel.database) as connection:
        connection.execute(f"UPDATE user_sessions SET confirmed_at = ? WHERE {person}", (moment, MANAGER))
    connection.close()


def _submit(page, password):
    page.fill(ASK, password)
    page.locator("#dialog [type=submit]").click()


def test_a_dialog_asks_says_what_is_wrong_and_goes_on(panel, page):
    row = page.locator("#list tr[data-pk]", has_text="consultant1")
    row.locator("[data-row-menu]").click()
    page.get_by_role("menuitem", name="رمز موقت").click()
    page.locator("#dialog [type=submit]").click()

    _submit(page, "نادرست")
    expect(page.locator("#sudo_password-error")).to_have_text("این رمز نادرست است.")
    _submit(page, panel.users[MANAGER]["password"])

    expect(page.locator("#dialog .one-time")).to_have_text(
        re.compile(r"^\s*[0-9a-f]{4}(-[0-9a-f]{4}){2}\s*$")
    )


def test_a_page_keeps_what_was_typed_and_ticked(panel, page):
    _given(panel, "2099-01-01 00:00:00.000000")
    page.goto(f"{panel.url}/roles/add")
    page.fill("[name=title]", "بازبین")
    page.check("[value='Products can_list']")
    _given(panel, "2020-01-01 00:00:00.000000")
    page.click("#form [type=submit]")

    page.fill("[name=sudo_password]", panel.users[MANAGER]["password"])
    page.click("#form [type=submit]")

    expect(page).to_have_url(re.compile("/roles/$"))
    expect(page.locator("main")).to_contain_text("بازبین")
