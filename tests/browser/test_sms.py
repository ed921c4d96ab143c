"""Messages as a manager sends them: the text as it is written, one person, many people."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import violations

FAMILY = "پیامک‌گیر"
ADDRESS = "نشانی شعبه"


@pytest.fixture
def tab(open_tab):
    return open_tab("manager-demo1")


@pytest.fixture
def family(tab):
    """Two customers whom no other test touches, in their list."""
    for number in ("09130000001", "09130000002"):
        page = tab.open("/customers/add")
        page.fill("#mobile", number)
        page.fill("#first_name", "نگار")
        page.fill("#last_name", FAMILY)
        page.click("[data-main-submit]")
        page.wait_for_url(lambda url: "/add" not in url)
    tab.errors.clear()
    page = tab.open(f"/customers/?q={FAMILY}")
    expect(page.locator("#list tr[data-pk]")).to_have_count(2)
    return page


def choose(page, title):
    page.locator("#dialog .sms-title", has_text=title).locator("input").check()


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


def test_one_is_read_before_it_is_sent_and_many_are_counted_first(family):
    page = family
    page.locator("[data-row-menu]").first.click()
    page.get_by_role("menuitem", name="ارسال پیامک", exact=True).click()
    choose(page, ADDRESS)
    expect(page.locator("#dialog .sms-bubble")).to_contain_text("نگار عزیز")
    assert violations(page) == []
    page.locator("#dialog [data-main-submit]").click()
    expect(page.locator("#toasts")).to_contain_text("در صف ارسال")
    expect(page.locator("#dialog")).to_be_hidden()

    page.locator("thead [type=checkbox]").check()
    page.locator("#bulk-bar button[value=sms]").click()
    choose(page, "جشنواره")
    expect(page.locator("#dialog")).to_contain_text("به ۰ نفر از ۲ نفر")
    choose(page, ADDRESS)
    expect(page.locator("#dialog")).to_contain_text("به ۲ نفر از ۲ نفر")
    page.locator("#dialog [data-main-submit]").click()

    expect(page).to_have_url(re.compile(r"/campaigns/show/\d+"))
    assert violations(page) == []
    page.get_by_role("button", name="لغو ارسال").click()
    expect(page.locator("#campaign-progress")).to_contain_text("لغو شد")


def test_the_preview_stands_below_the_titles_on_a_telephone(open_tab):
    page = open_tab("manager-demo1", width=390).open("/follow-ups/?tab=all")
    page.locator("[data-row-menu]").first.click()  # a phone shows the checkboxes on demand
    page.locator("[data-choose]").click()
    for row in range(1, 3):
        page.locator("#list [name=rowid]").nth(row).check()
    page.locator("#bulk-bar button[value=sms]").click()
    choose(page, "جشنواره")
    expect(page.locator("#dialog .sms-samples")).to_be_visible()

    last, preview = page.locator("#dialog .sms-titles"), page.locator("#dialog section[role=status]")
    end = last.evaluate("each => each.getBoundingClientRect().top + Math.min(each.scrollHeight, 260)")
    assert preview.bounding_box()["y"] >= end
