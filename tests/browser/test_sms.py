"""Messages as a manager sends them: the text as it is written, one person, many people."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import violations


@pytest.fixture
def tab(open_tab):
    return open_tab("manager-demo1")


def test_a_variable_is_put_where_the_text_is_written_and_the_preview_follows(tab):
    page = tab.open("/sms-templates/add")
    page.fill("#body", "سلام ")
    page.locator("[data-insert]", has_text="نام کامل").click()
    page.keyboard.type("، خوش آمدید")

    expect(page.locator("#body")).to_have_value("سلام {نام کامل}، خوش آمدید")
    expect(page.locator("#sms-example .sms-bubble")).to_contain_text("خوش آمدید")
    expect(page.locator("#sms-example .sms-bubble")).not_to_contain_text("{")
    expect(page.locator("#sms-example .sms-counter")).to_contain_text("۱ صفحه")
    assert tab.errors == []


def test_one_message_is_read_before_it_is_sent(tab):
    page = tab.open("/follow-ups/?tab=all")
    page.locator("[data-row-menu]").first.click()
    page.get_by_role("menuitem", name="ارسال پیامک", exact=True).click()
    page.locator("#dialog [name=template]").first.check()

    expect(page.locator("#dialog .sms-bubble")).to_be_visible()
    assert violations(page) == []
    page.locator("#dialog [data-main-submit]").click()
    expect(page.locator("#toasts")).to_contain_text("در صف ارسال")
    expect(page.locator("#dialog")).to_be_hidden()


def test_many_are_counted_and_become_a_campaign_that_can_be_cancelled(tab):
    page = tab.open("/customers/")
    page.locator("thead [type=checkbox]").check()
    page.locator("#bulk-bar button[value=sms]").click()
    page.locator("#dialog .sms-title", has_text="جشنواره").locator("input").check()
    expect(page.locator("#dialog")).to_contain_text("به ۰ نفر از ۲۵ نفر")
    page.locator("#dialog .sms-title", has_text="نشانی شعبه").locator("input").check()
    expect(page.locator("#dialog")).to_contain_text("به ۲۵ نفر از ۲۵ نفر")
    assert violations(page) == []

    page.locator("#dialog [data-main-submit]").click()

    expect(page).to_have_url(re.compile(r"/campaigns/show/\d+"))
    page.get_by_role("button", name="لغو ارسال").click()
    expect(page.locator("#campaign-progress")).to_contain_text("لغو شد")
